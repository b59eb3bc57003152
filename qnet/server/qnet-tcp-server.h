/* qnet-tcp-server.h: accepts TCP connections
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-address-filter.h"
#include "qnet-host-address.h"
#include "qnet-server.h"
#include "qnet-tcp-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_TCP_SERVER (qnet_tcp_server_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetTcpServer, qnet_tcp_server, QNET, TCP_SERVER, QnetServer)

struct _QnetTcpServerClass
{
  QnetServerClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetTcpServer   *qnet_tcp_server_new                     (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_listen                  (QnetTcpServer    *self,
                                                          QnetHostAddress  *address,
                                                          guint16           port,
                                                          GError          **error);
QNET_AVAILABLE_IN_1_0
void             qnet_tcp_server_listen_async            (QnetTcpServer    *self,
                                                          QnetHostAddress  *address,
                                                          guint16           port,
                                                          int               io_priority,
                                                          GCancellable     *cancellable,
                                                          GAsyncReadyCallback callback,
                                                          gpointer          user_data);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_listen_finish           (QnetTcpServer    *self,
                                                          GAsyncResult     *result,
                                                          GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_listen_port             (QnetTcpServer    *self,
                                                          guint16           port,
                                                          GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_listen_socket           (QnetTcpServer    *self,
                                                          GSocket          *socket,
                                                          GError          **error);
QNET_AVAILABLE_IN_1_0
guint16          qnet_tcp_server_get_server_port         (QnetTcpServer    *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_tcp_server_get_server_address      (QnetTcpServer    *self)
                                                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_get_reuse_port          (QnetTcpServer    *self);
QNET_AVAILABLE_IN_1_0
void             qnet_tcp_server_set_reuse_port          (QnetTcpServer    *self,
                                                          gboolean          reuse_port);
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy *qnet_tcp_server_get_proxy              (QnetTcpServer    *self)
                                                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void             qnet_tcp_server_set_proxy               (QnetTcpServer    *self,
                                                          QnetNetworkProxy *proxy);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_get_keep_alive          (QnetTcpServer    *self);
QNET_AVAILABLE_IN_1_0
void             qnet_tcp_server_set_keep_alive          (QnetTcpServer    *self,
                                                          gboolean          keep_alive);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_tcp_server_get_low_delay           (QnetTcpServer    *self);
QNET_AVAILABLE_IN_1_0
void             qnet_tcp_server_set_low_delay           (QnetTcpServer    *self,
                                                          gboolean          low_delay);
QNET_AVAILABLE_IN_1_0
QnetTcpSocket   *qnet_tcp_server_next_pending_connection (QnetTcpServer    *self)
                                                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void             qnet_tcp_server_add_pending_connection  (QnetTcpServer    *self,
                                                          QnetTcpSocket    *connection);

QNET_AVAILABLE_IN_1_0
QnetAddressFilter *qnet_tcp_server_get_trusted_proxies (QnetTcpServer *self);
QNET_AVAILABLE_IN_1_0
void               qnet_tcp_server_set_trusted_proxies (QnetTcpServer     *self,
                                                        QnetAddressFilter *proxies);
QNET_AVAILABLE_IN_1_0
int                qnet_tcp_server_get_proxy_header_timeout (QnetTcpServer *self);
QNET_AVAILABLE_IN_1_0
void               qnet_tcp_server_set_proxy_header_timeout (QnetTcpServer *self,
                                                             int            msecs);

G_END_DECLS
