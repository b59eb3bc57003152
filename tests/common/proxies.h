/* proxies.h: proxies of other projects, started for a test
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

typedef enum
{
  PROXY_DANTE,
  PROXY_DANTE_PASSWORD,
  PROXY_MICROSOCKS,
  PROXY_MICROSOCKS_PASSWORD,
  PROXY_TINYPROXY,
  PROXY_TINYPROXY_PASSWORD,
  PROXY_SQUID,
  PROXY_SQUID_BASIC,
  PROXY_SQUID_DIGEST,
  N_PROXIES
} ProxyKind;

typedef struct
{
  GSubprocess *program;  /* (owned) */
  int          group;    /* of its processes */
  char        *folder;   /* (owned): its files */
  guint16      port;     /* on 127.0.0.1 */
} Proxy;

const char *proxy_get_name      (ProxyKind  kind);
gboolean    proxy_is_http       (ProxyKind  kind);

/* Accepts only "user" with the password "sesame". */
gboolean    proxy_wants_password (ProxyKind kind);

/* Starts it and waits until it listens. FALSE, with the test skipped, if it is not installed. */
gboolean    proxy_start         (Proxy     *proxy,
                                 ProxyKind  kind);
void        proxy_stop          (Proxy     *proxy);

/* Kills it and its children. proxy_stop() has to follow. */
void        proxy_kill          (Proxy     *proxy);
