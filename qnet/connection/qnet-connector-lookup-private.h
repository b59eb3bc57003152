/* qnet-connector-lookup-private.h: the lookup of a host by a connector or a tunnel
 *
 * The families are asked for apart, so that the answer for one does not wait for the other one
 * (RFC 8305, section 3). A resolver of the application that cannot do that is asked once.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

#include "qnet-enums.h"
#include "qnet-host-address.h"

G_BEGIN_DECLS

/* How many milliseconds addresses that were found first wait for those of the preferred family. */
#define QNET_RESOLUTION_DELAY 50

typedef struct _QnetConnectorLookup QnetConnectorLookup;

/* Begins a lookup of the addresses of @protocol. @watch must outlive it and is deferred whenever an
 * answer has arrived. */
QnetConnectorLookup *
           qnet_connector_lookup_new              (const char               *host,
                                                   QnetNetworkLayerProtocol  protocol,
                                                   QnetWatch                *watch)
                                                  G_GNUC_WARN_UNUSED_RESULT;
void       qnet_connector_lookup_free             (QnetConnectorLookup      *self);

/* Whether every answer has arrived. */
gboolean   qnet_connector_lookup_is_complete      (QnetConnectorLookup      *self);
/* Whether it is complete, or addresses of the preferred family are known. */
gboolean   qnet_connector_lookup_is_decided       (QnetConnectorLookup      *self);

/* The addresses that have arrived since the last call, in the order in which to try them.
 * (transfer full) (element-type QnetHostAddress) */
GPtrArray *qnet_connector_lookup_take_addresses   (QnetConnectorLookup      *self);

/* Why there are no addresses, once it is complete. (transfer full) (nullable): NULL if there were
 * some */
GError    *qnet_connector_lookup_take_error       (QnetConnectorLookup      *self);

/* Removes the addresses of @host from the cache: none of them could be used. */
void       qnet_connector_lookup_forget           (const char               *host);
/* @address of @host was connected to: it comes first the next time. */
void       qnet_connector_lookup_remember         (const char               *host,
                                                   QnetHostAddress          *address);

/* The errors (transfer full) that its users share */
GError    *qnet_connector_lookup_new_timeout_error
                                                  (const char               *host,
                                                   int                       msecs);
GError    *qnet_connector_lookup_new_no_address_error
                                                  (const char               *host,
                                                   QnetNetworkLayerProtocol  protocol);

G_END_DECLS
