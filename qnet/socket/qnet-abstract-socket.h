/* qnet-abstract-socket.h: what TCP and UDP sockets have in common
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-host-address.h"
#include "qnet-network-proxy.h"
#include "qnet-proxy-header.h"
#include "qnet-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_ABSTRACT_SOCKET (qnet_abstract_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetAbstractSocket, qnet_abstract_socket,
                          QNET, ABSTRACT_SOCKET, QnetSocket)

struct _QnetAbstractSocketClass
{
  QnetSocketClass parent_class;

  /**
   * QnetAbstractSocketClass::connect_to_host_full:
   * @self: a socket
   * @host: the name of a host, or an address
   * @port: the port
   * @open_mode: for reading, writing, or both
   * @protocol: which addresses of @host to use
   *
   * Begins to connect to @port of @host.
   *
   * A subclass that brings its own transport changes the state by [method@Socket.set_state].
   *
   * Since: 1.0
   */
  void (*connect_to_host_full) (QnetAbstractSocket       *self,
                                const char               *host,
                                guint16                   port,
                                QnetOpenMode              open_mode,
                                QnetNetworkLayerProtocol  protocol);

  /*< private >*/
  gpointer padding[12];
};

QNET_AVAILABLE_IN_1_0
QnetSocketType   qnet_abstract_socket_get_socket_type   (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_abstract_socket_get_local_address (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
guint16          qnet_abstract_socket_get_local_port    (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_abstract_socket_get_peer_address  (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
guint16          qnet_abstract_socket_get_peer_port     (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
const char      *qnet_abstract_socket_get_peer_name     (QnetAbstractSocket *self);

QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_set_local_address (QnetAbstractSocket *self,
                                             QnetHostAddress    *address);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_set_local_port    (QnetAbstractSocket *self,
                                             guint16             port);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_set_peer_address  (QnetAbstractSocket *self,
                                             QnetHostAddress    *address);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_set_peer_port     (QnetAbstractSocket *self,
                                             guint16             port);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_set_peer_name     (QnetAbstractSocket *self,
                                             const char         *name);

QNET_AVAILABLE_IN_1_0
gboolean          qnet_abstract_socket_bind             (QnetAbstractSocket  *self,
                                                         QnetHostAddress     *address,
                                                         guint16              port,
                                                         QnetBindFlags        flags,
                                                         GError             **error);
QNET_AVAILABLE_IN_1_0
void              qnet_abstract_socket_bind_async       (QnetAbstractSocket  *self,
                                                         QnetHostAddress     *address,
                                                         guint16              port,
                                                         QnetBindFlags        flags,
                                                         int                  io_priority,
                                                         GCancellable        *cancellable,
                                                         GAsyncReadyCallback  callback,
                                                         gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean          qnet_abstract_socket_bind_finish      (QnetAbstractSocket  *self,
                                                         GAsyncResult        *result,
                                                         GError             **error);
QNET_AVAILABLE_IN_1_0
gboolean          qnet_abstract_socket_bind_port        (QnetAbstractSocket  *self,
                                                         guint16              port,
                                                         QnetBindFlags        flags,
                                                         GError             **error);
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy *qnet_abstract_socket_get_proxy        (QnetAbstractSocket  *self)
                                                        G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void              qnet_abstract_socket_set_proxy        (QnetAbstractSocket  *self,
                                                         QnetNetworkProxy    *proxy);
QNET_AVAILABLE_IN_1_0
const char       *qnet_abstract_socket_get_protocol_tag (QnetAbstractSocket  *self);
QNET_AVAILABLE_IN_1_0
void              qnet_abstract_socket_set_protocol_tag (QnetAbstractSocket  *self,
                                                         const char          *tag);

QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_connect_to_host         (QnetAbstractSocket       *self,
                                                   const char               *host,
                                                   guint16                   port);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_connect_to_host_full    (QnetAbstractSocket       *self,
                                                   const char               *host,
                                                   guint16                   port,
                                                   QnetOpenMode              open_mode,
                                                   QnetNetworkLayerProtocol  protocol);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_connect_to_address      (QnetAbstractSocket       *self,
                                                   QnetHostAddress          *address,
                                                   guint16                   port);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_connect_to_address_full (QnetAbstractSocket       *self,
                                                   QnetHostAddress          *address,
                                                   guint16                   port,
                                                   QnetOpenMode              open_mode);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_connect_to_connectable  (QnetAbstractSocket       *self,
                                                   GSocketConnectable       *connectable);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_connect_to_service      (QnetAbstractSocket       *self,
                                                   const char               *service,
                                                   const char               *domain);
QNET_AVAILABLE_IN_1_0
void qnet_abstract_socket_disconnect_from_host    (QnetAbstractSocket       *self);

QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_set_socket_option (QnetAbstractSocket  *self,
                                                 QnetSocketOption     option,
                                                 int                  value,
                                                 GError             **error);
QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_get_socket_option (QnetAbstractSocket  *self,
                                                 QnetSocketOption     option,
                                                 int                 *value,
                                                 GError             **error);

QNET_AVAILABLE_IN_1_0
int    qnet_abstract_socket_get_lookup_timeout           (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
void   qnet_abstract_socket_set_lookup_timeout           (QnetAbstractSocket *self,
                                                          int                 msecs);
QNET_AVAILABLE_IN_1_0
int    qnet_abstract_socket_get_connection_attempt_delay (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
void   qnet_abstract_socket_set_connection_attempt_delay (QnetAbstractSocket *self,
                                                          int                 msecs);
QNET_AVAILABLE_IN_1_0
int    qnet_abstract_socket_get_keep_alive_idle          (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
void   qnet_abstract_socket_set_keep_alive_idle          (QnetAbstractSocket *self,
                                                          int                 seconds);
QNET_AVAILABLE_IN_1_0
int    qnet_abstract_socket_get_keep_alive_interval      (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
void   qnet_abstract_socket_set_keep_alive_interval      (QnetAbstractSocket *self,
                                                          int                 seconds);
QNET_AVAILABLE_IN_1_0
int    qnet_abstract_socket_get_keep_alive_count         (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
void   qnet_abstract_socket_set_keep_alive_count         (QnetAbstractSocket *self,
                                                          int                 probes);
QNET_AVAILABLE_IN_1_0
int    qnet_abstract_socket_get_user_timeout             (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
void   qnet_abstract_socket_set_user_timeout             (QnetAbstractSocket *self,
                                                          int                 msecs);
QNET_AVAILABLE_IN_1_0
gint64 qnet_abstract_socket_get_round_trip_time          (QnetAbstractSocket *self);

QNET_AVAILABLE_IN_1_0
void     qnet_abstract_socket_connect_to_host_async       (QnetAbstractSocket   *self,
                                                           const char           *host,
                                                           guint16               port,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_connect_to_host_finish      (QnetAbstractSocket   *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
void     qnet_abstract_socket_connect_to_address_async    (QnetAbstractSocket   *self,
                                                           QnetHostAddress      *address,
                                                           guint16               port,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_connect_to_address_finish   (QnetAbstractSocket   *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
void     qnet_abstract_socket_connect_to_connectable_async  (QnetAbstractSocket  *self,
                                                             GSocketConnectable  *connectable,
                                                             int                  io_priority,
                                                             GCancellable        *cancellable,
                                                             GAsyncReadyCallback  callback,
                                                             gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_connect_to_connectable_finish (QnetAbstractSocket  *self,
                                                             GAsyncResult        *result,
                                                             GError             **error);
QNET_AVAILABLE_IN_1_0
void     qnet_abstract_socket_connect_to_service_async      (QnetAbstractSocket  *self,
                                                             const char          *service,
                                                             const char          *domain,
                                                             int                  io_priority,
                                                             GCancellable        *cancellable,
                                                             GAsyncReadyCallback  callback,
                                                             gpointer             user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_connect_to_service_finish     (QnetAbstractSocket  *self,
                                                             GAsyncResult        *result,
                                                             GError             **error);
QNET_AVAILABLE_IN_1_0
void     qnet_abstract_socket_disconnect_from_host_async  (QnetAbstractSocket   *self,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_abstract_socket_disconnect_from_host_finish (QnetAbstractSocket   *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);

QNET_AVAILABLE_IN_1_0
QnetProxyHeader *qnet_abstract_socket_get_proxy_header (QnetAbstractSocket *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_abstract_socket_get_proxied_by (QnetAbstractSocket *self)
                 G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
