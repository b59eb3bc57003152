/* qnet-service-lookup-private.h: the hosts of a service, from its SRV records (RFC 2782)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetServiceLookup QnetServiceLookup;

/* Begins a lookup, of "imap", "tcp" and "example.org" for instance. @watch must outlive it and is
 * deferred when the answer has arrived. */
QnetServiceLookup *qnet_service_lookup_new    (const char         *service,
                                               const char         *protocol,
                                               const char         *domain,
                                               QnetWatch          *watch)
                                               G_GNUC_WARN_UNUSED_RESULT;
void               qnet_service_lookup_free   (QnetServiceLookup  *self);
gboolean           qnet_service_lookup_is_complete (QnetServiceLookup *self);

/* The hosts in the order in which to try them; there is at least one. A domain that has no such
 * service, or that states that it has none, is an error. (transfer full) (element-type GSrvTarget)
 * (nullable) */
GList             *qnet_service_lookup_finish (QnetServiceLookup  *self,
                                               GError            **error);

/* After its watch was moved to another wait set. */
void               qnet_service_lookup_move   (QnetServiceLookup  *self);

G_END_DECLS
