/* qnet-host-cache-private.h: a cache for the results of lookups
 *
 * There is one cache per process. All functions may be called from any thread.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "qnet-host-info.h"

G_BEGIN_DECLS

#define QNET_HOST_CACHE_SIZE     128                    /* names; the least recently used one is
                                                         * removed */
#define QNET_HOST_CACHE_LIFETIME (60 * G_USEC_PER_SEC)  /* microseconds */
#define QNET_HOST_CACHE_MEMORY   (600 * G_USEC_PER_SEC) /* microseconds: of the last success */
#define QNET_HOST_CACHE_NO_LIMIT G_MAXUINT              /* the time to live is unknown */

/* Finds the result for @name, in the form of qnet_host_name_canonicalize(): that of a lookup for
 * one family, or with ANY_IP that for both. Results of another resolver are discarded, and those
 * from before a change of the system's configuration. (transfer full) (nullable) */
QnetHostInfo *qnet_host_cache_find        (GResolver    *resolver,
                                           const char   *name,
                                           QnetNetworkLayerProtocol protocol);

/* Adds a result. @generation is the generation of the cache when the lookup started: a result of a
 * lookup from before the cache was cleared is not added. */
guint         qnet_host_cache_get_generation (void);
void          qnet_host_cache_add         (GResolver    *resolver,
                                           const char   *name,
                                           QnetNetworkLayerProtocol protocol,
                                           QnetHostInfo *info,
                                           guint         generation,
                                           guint         time_to_live);  /* seconds, or NO_LIMIT */

/* The address of @host, in any form, that was last connected to. It is forgotten with the results.
 * (transfer full) (nullable) */
QnetHostAddress *qnet_host_cache_recall   (const char   *host);
void          qnet_host_cache_remember    (const char   *host,
                                           QnetHostAddress *address);

/* Removes the results for @host, in any form, and what it remembers. A lookup that is running may
 * add a result again. */
void          qnet_host_cache_remove      (const char   *host);
void          qnet_host_cache_clear       (void);

gboolean      qnet_host_cache_is_enabled  (void);
void          qnet_host_cache_set_enabled (gboolean      is_enabled);

G_END_DECLS
