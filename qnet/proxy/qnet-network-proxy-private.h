/* qnet-network-proxy-private.h: what the files of QnetNetworkProxy share, and invalid proxies
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-proxy.h"

G_BEGIN_DECLS

struct _QnetNetworkProxy
{
  gint                   ref_count;            /* (atomic): a gint, for ThreadSanitizer */

  QnetProxyType          type;
  QnetProxyCapabilities  capabilities;
  gboolean               chosen_capabilities;  /* set by the user: a change of the type keeps
                                                * them */
  char                  *host;                 /* (owned): "" for none */
  guint16                port;
  char                  *user;                 /* (owned): "" for none */
  char                  *password;             /* (owned): "" for none */
  GPtrArray             *raw_headers;          /* (owned) (element-type RawHeader): in the order of
                                                * sending */
  char                  *problem;              /* (owned) (nullable): why it cannot be used */
};

/* Creates a copy that the caller may still modify. */
QnetNetworkProxy *qnet_network_proxy_copy         (const QnetNetworkProxy *self);

/* Creates a proxy for an invalid setting. It has no capabilities, so connections fail instead of
 * being direct. @problem is the reason, a translated sentence. */
QnetNetworkProxy *qnet_network_proxy_new_unusable (const char             *problem);
/* Returns NULL for a usable proxy. */
const char       *qnet_network_proxy_get_problem  (const QnetNetworkProxy *self);

/* Frees a list of proxies. */
void              qnet_network_proxy_list_free    (GList                  *proxies);

/* qnet-network-proxy-uri.c */

/* Like qnet_network_proxy_new_from_uri(). If it returns NULL, @out_problem (transfer full) is the
 * reason, a translated sentence. It never contains a part of @uri that could be a user name or a
 * password. */
QnetNetworkProxy *qnet_network_proxy_parse        (const char             *uri,
                                                   char                  **out_problem);

/* Returns whether the host is an address or a valid host name. */
gboolean          qnet_network_proxy_has_host     (const QnetNetworkProxy *self);

/* "proxy.example port 1080", for messages. An invalid host is not shown, because it may be a URI
 * with a password. (transfer full) */
char             *qnet_network_proxy_to_display   (const QnetNetworkProxy *self);

/* qnet-network-proxy-headers.c: arrays of RawHeader */
GPtrArray        *qnet_raw_headers_new            (void);
GPtrArray        *qnet_raw_headers_copy           (GPtrArray              *headers);
gboolean          qnet_raw_headers_equal          (GPtrArray              *headers,
                                                   GPtrArray              *others);

G_END_DECLS
