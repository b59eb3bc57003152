/* played-proxy.h: a SOCKS5 proxy in a thread of a test
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

typedef struct
{
  const char *method;         /* the reply to the offer of methods */
  gsize       method_length;
  const char *reply;          /* (nullable): the reply to the request; NULL: it does not read one */
  gsize       reply_length;
  gboolean    closes_after;   /* closes the connection after the reply */
} PlayedPart;

typedef struct
{
  int         listener;     /* (owned) */
  guint16     port;
  GThread    *thread;       /* (owned) (nullable): while a part is in progress */
  GMainContext *context;    /* (owned): woken up at the end of a part */
  int         is_over;      /* atomic */
  PlayedPart  part;
  int         control;      /* (owned): the last connection to the proxy, or -1; blocking */
  guint8      request[10];  /* the last request, if the part had one */
} PlayedProxy;

void              played_proxy_start (PlayedProxy       *proxy);
void              played_proxy_stop  (PlayedProxy       *proxy);

/* Plays one part for the next client; join() waits for its end, await() runs the loop until
 * then. */
void              played_proxy_play  (PlayedProxy       *proxy,
                                      const PlayedPart  *part);
void              played_proxy_join  (PlayedProxy       *proxy);
void              played_proxy_await (PlayedProxy       *proxy);

/* A successful part: no password, and @code with 127.0.0.1 and @port as the reply. */
void              played_proxy_answer (PlayedProxy      *proxy,
                                      guint8             code,
                                      guint16            port);
/* Sends another reply over the last connection. */
void              played_proxy_reply (PlayedProxy       *proxy,
                                      guint8             code,
                                      guint16            port);
void              played_proxy_disconnect (PlayedProxy  *proxy);

/* (transfer full): the proxy, for a socket or server */
QnetNetworkProxy *played_proxy_get   (PlayedProxy       *proxy);

guint16           played_proxy_get_requested_port (PlayedProxy *proxy);
