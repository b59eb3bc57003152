/* played-proxy.h: a SOCKS5 proxy that a test plays, in a thread, while the library waits for its answers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

typedef struct
{
  const char *method;         /* what it answers to the offer of methods */
  gsize       method_length;
  const char *reply;          /* (nullable): what it answers to the request; NULL: it does not listen for one */
  gsize       reply_length;
  gboolean    hangs_up;       /* afterwards */
} PlayedPart;

typedef struct
{
  int         listener;     /* (owned) */
  guint16     port;
  GThread    *thread;       /* (owned) (nullable): while a part is played */
  GMainContext *context;    /* (owned): woken up when a part is over */
  int         is_over;      /* atomic */
  PlayedPart  part;
  int         control;      /* (owned): the last connection to the proxy, or -1; blocking */
  guint8      request[10];  /* the last request, where the part had one */
} PlayedProxy;

void              played_proxy_start (PlayedProxy       *proxy);
void              played_proxy_stop  (PlayedProxy       *proxy);

/* Plays one part for the next who comes; join() waits for its end, and await() runs the loop until then. */
void              played_proxy_play  (PlayedProxy       *proxy,
                                      const PlayedPart  *part);
void              played_proxy_join  (PlayedProxy       *proxy);
void              played_proxy_await (PlayedProxy       *proxy);

/* A part that goes well: no password, and @code with 127.0.0.1 and @port as the reply. */
void              played_proxy_answer (PlayedProxy      *proxy,
                                      guint8             code,
                                      guint16            port);
/* Now, over the last connection: another reply. */
void              played_proxy_reply (PlayedProxy       *proxy,
                                      guint8             code,
                                      guint16            port);
void              played_proxy_hang_up (PlayedProxy     *proxy);

/* (transfer full): what a socket or server needs to know of it */
QnetNetworkProxy *played_proxy_get   (PlayedProxy       *proxy);

guint16           played_proxy_get_requested_port (PlayedProxy *proxy);
