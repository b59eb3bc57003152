/* qnet-network-datagram.h: a datagram with its source and destination
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_NETWORK_DATAGRAM (qnet_network_datagram_get_type ())

typedef struct _QnetNetworkDatagram QnetNetworkDatagram;

QNET_AVAILABLE_IN_1_0
GType                qnet_network_datagram_get_type (void);

QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_new (gconstpointer    data,
                                                gsize            size,
                                                QnetHostAddress *destination,
                                                guint16          port)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_new_from_bytes (GBytes          *bytes,
                                                           QnetHostAddress *destination,
                                                           guint16          port)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_new_full (gconstpointer    data,
                                                     gsize            size,
                                                     QnetHostAddress *sender,
                                                     int              sender_port,
                                                     QnetHostAddress *destination,
                                                     int              destination_port,
                                                     guint            interface_index,
                                                     int              hop_limit)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_new_from_message (gconstpointer    data,
                                                             gsize            size,
                                                             GSocketAddress  *sender,
                                                             GSocketAddress  *destination,
                                                             GError         **error)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_make_reply (const QnetNetworkDatagram *self,
                                                       gconstpointer              data,
                                                       gsize                      size)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_make_reply_bytes (const QnetNetworkDatagram *self,
                                                             GBytes                    *bytes)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_with_data (const QnetNetworkDatagram *self,
                                                      gconstpointer              data,
                                                      gsize                      size)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_with_bytes (const QnetNetworkDatagram *self,
                                                       GBytes                    *bytes)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_with_sender (const QnetNetworkDatagram *self,
                                                        QnetHostAddress           *address,
                                                        int                        port)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_with_destination (const QnetNetworkDatagram *self,
                                                             QnetHostAddress           *address,
                                                             int                        port)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_with_interface_index
                                                   (const QnetNetworkDatagram *self,
                                                    guint                      interface_index)
                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_with_hop_limit (const QnetNetworkDatagram *self,
                                                           int                        hop_limit)
                     G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_network_datagram_ref (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
void                 qnet_network_datagram_unref (QnetNetworkDatagram *self);

QNET_AVAILABLE_IN_1_0
gboolean             qnet_network_datagram_is_valid (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
gconstpointer        qnet_network_datagram_get_data (const QnetNetworkDatagram *self,
                                                     gsize                     *size);
QNET_AVAILABLE_IN_1_0
GBytes              *qnet_network_datagram_get_bytes (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
gboolean             qnet_network_datagram_is_truncated (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress     *qnet_network_datagram_get_sender_address (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
int                  qnet_network_datagram_get_sender_port (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_network_datagram_get_destination_address (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
int                  qnet_network_datagram_get_destination_port (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
guint                qnet_network_datagram_get_interface_index (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
int                  qnet_network_datagram_get_hop_limit (const QnetNetworkDatagram *self);
QNET_AVAILABLE_IN_1_0
void qnet_network_datagram_get_socket_addresses (const QnetNetworkDatagram  *self,
                                                 GSocketAddress            **sender,
                                                 GSocketAddress            **destination);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetNetworkDatagram, qnet_network_datagram_unref)

G_END_DECLS
