/* qnet-host-cache-private.h: answers that are a minute old at most
 *
 * There is one cache per process, and any thread may use it.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "qnet-host-info.h"

G_BEGIN_DECLS

#define QNET_HOST_CACHE_SIZE     128                    /* names; the oldest makes room */
#define QNET_HOST_CACHE_LIFETIME (60 * G_USEC_PER_SEC)  /* microseconds */
#define QNET_HOST_CACHE_NO_LIMIT G_MAXUINT              /* the source says nothing */

/* @name is as qnet_host_name_canonicalize() makes it. An answer that came from another resolver
 * than @resolver, or from before the configuration of names has changed, is none. (transfer
 * full) (nullable) */
QnetHostInfo *qnet_host_cache_find        (GResolver    *resolver,
                                           const char   *name);

/* @generation is what get_generation() gave before the question was asked: what was asked before
 * the cache was cleared does not enter it afterwards. */
guint         qnet_host_cache_get_generation (void);
void          qnet_host_cache_add         (GResolver    *resolver,
                                           const char   *name,
                                           QnetHostInfo *info,
                                           guint         generation,
                                           guint         time_to_live);  /* seconds, or NO_LIMIT */

/* What was found is not where @host, in any form, is now. Asked meanwhile, it may be remembered
 * again. */
void          qnet_host_cache_forget      (const char   *host);
void          qnet_host_cache_clear       (void);

gboolean      qnet_host_cache_is_enabled  (void);
void          qnet_host_cache_set_enabled (gboolean      is_enabled);

G_END_DECLS
