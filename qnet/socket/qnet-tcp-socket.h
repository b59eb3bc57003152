/* qnet-tcp-socket.h: a TCP connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-abstract-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_TCP_SOCKET (qnet_tcp_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetTcpSocket, qnet_tcp_socket, QNET, TCP_SOCKET, QnetAbstractSocket)

struct _QnetTcpSocketClass
{
  QnetAbstractSocketClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetTcpSocket *qnet_tcp_socket_new                 (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetTcpSocket *qnet_tcp_socket_new_from_connection (GSocketConnection  *connection,
                                                    GError            **error)
                                                   G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
