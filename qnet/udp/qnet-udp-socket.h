/* qnet-udp-socket.h: datagrams over UDP
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-abstract-socket.h"
#include "qnet-network-datagram.h"

G_BEGIN_DECLS

#define QNET_TYPE_UDP_SOCKET (qnet_udp_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetUdpSocket, qnet_udp_socket, QNET, UDP_SOCKET, QnetAbstractSocket)

struct _QnetUdpSocketClass
{
  QnetAbstractSocketClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetUdpSocket       *qnet_udp_socket_new                       (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetUdpSocket       *qnet_udp_socket_new_from_socket           (GSocket              *socket,
                                                                GError              **error)
                                                               G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GDatagramBased      *qnet_udp_socket_get_datagram_based        (QnetUdpSocket        *self);

QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_get_reuse_port            (QnetUdpSocket        *self);
QNET_AVAILABLE_IN_1_0
void                 qnet_udp_socket_set_reuse_port            (QnetUdpSocket        *self,
                                                                gboolean              reuse_port);

QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_has_pending_datagrams     (QnetUdpSocket        *self);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_get_pending_datagram_size (QnetUdpSocket        *self);
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_udp_socket_receive_datagram          (QnetUdpSocket        *self,
                                                                gsize                 max_size,
                                                                GError              **error)
                                                               G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GPtrArray           *qnet_udp_socket_receive_datagrams         (QnetUdpSocket        *self,
                                                                guint                 max,
                                                                GError              **error)
                                                               G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_read_datagram             (QnetUdpSocket        *self,
                                                                void                 *buffer,
                                                                gsize                 size,
                                                                QnetHostAddress     **address,
                                                                guint16              *port,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_read_datagram_full        (QnetUdpSocket        *self,
                                                                void                 *buffer,
                                                                gsize                 size,
                                                                QnetHostAddress     **address,
                                                                guint16              *port,
                                                                gsize                *whole_size,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
guint8              *qnet_udp_socket_read_datagram_array       (QnetUdpSocket        *self,
                                                                gsize                 max_size,
                                                                gsize                *length,
                                                                QnetHostAddress     **address,
                                                                guint16              *port,
                                                                GError              **error)
                                                               G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_write_datagram            (QnetUdpSocket        *self,
                                                                QnetNetworkDatagram  *datagram,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_write_datagram_to         (QnetUdpSocket        *self,
                                                                const guint8         *data,
                                                                gsize                 size,
                                                                QnetHostAddress      *address,
                                                                guint16               port,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_write_datagram_bytes_to   (QnetUdpSocket        *self,
                                                                GBytes               *data,
                                                                QnetHostAddress      *address,
                                                                guint16               port,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_write_datagrams           (QnetUdpSocket        *self,
                                                                GPtrArray            *datagrams,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_write_datagram_list       (QnetUdpSocket        *self,
                                                                GList                *datagrams,
                                                                GError              **error);

QNET_AVAILABLE_IN_1_0
void                 qnet_udp_socket_receive_datagram_async    (QnetUdpSocket        *self,
                                                                gsize                 max_size,
                                                                int                   io_priority,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);
QNET_AVAILABLE_IN_1_0
QnetNetworkDatagram *qnet_udp_socket_receive_datagram_finish   (QnetUdpSocket        *self,
                                                                GAsyncResult         *result,
                                                                GError              **error)
                                                               G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void                 qnet_udp_socket_write_datagram_async      (QnetUdpSocket        *self,
                                                                QnetNetworkDatagram  *datagram,
                                                                int                   io_priority,
                                                                GCancellable         *cancellable,
                                                                GAsyncReadyCallback   callback,
                                                                gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gssize               qnet_udp_socket_write_datagram_finish     (QnetUdpSocket        *self,
                                                                GAsyncResult         *result,
                                                                GError              **error);

QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_join_multicast_group      (QnetUdpSocket        *self,
                                                                QnetHostAddress      *group,
                                                                const char           *iface,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_leave_multicast_group     (QnetUdpSocket        *self,
                                                                QnetHostAddress      *group,
                                                                const char           *iface,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_join_source_group         (QnetUdpSocket        *self,
                                                                QnetHostAddress      *group,
                                                                QnetHostAddress      *source,
                                                                const char           *iface,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_leave_source_group        (QnetUdpSocket        *self,
                                                                QnetHostAddress      *group,
                                                                QnetHostAddress      *source,
                                                                const char           *iface,
                                                                GError              **error);
QNET_AVAILABLE_IN_1_0
const char          *qnet_udp_socket_get_multicast_interface   (QnetUdpSocket        *self);
QNET_AVAILABLE_IN_1_0
gboolean             qnet_udp_socket_set_multicast_interface   (QnetUdpSocket        *self,
                                                                const char           *iface,
                                                                GError              **error);

G_END_DECLS
