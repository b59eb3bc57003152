/* qnet-local-socket.h: a connection between two programs on one machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_LOCAL_SOCKET (qnet_local_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetLocalSocket, qnet_local_socket, QNET, LOCAL_SOCKET, QnetSocket)

struct _QnetLocalSocketClass
{
  QnetSocketClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetLocalSocket *qnet_local_socket_new                  (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetLocalSocket *qnet_local_socket_new_from_connection  (GSocketConnection  *connection,
                                                         GError            **error)
                                                        G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
const char      *qnet_local_socket_get_server_name      (QnetLocalSocket    *self);
QNET_AVAILABLE_IN_1_0
void             qnet_local_socket_set_server_name      (QnetLocalSocket    *self,
                                                         const char         *name);
QNET_AVAILABLE_IN_1_0
const char      *qnet_local_socket_get_full_server_name (QnetLocalSocket    *self);
QNET_AVAILABLE_IN_1_0
QnetLocalAccess  qnet_local_socket_get_access           (QnetLocalSocket    *self);
QNET_AVAILABLE_IN_1_0
void             qnet_local_socket_set_access           (QnetLocalSocket    *self,
                                                         QnetLocalAccess     access);

QNET_AVAILABLE_IN_1_0
void qnet_local_socket_connect_to_server      (QnetLocalSocket *self,
                                               const char      *name);
QNET_AVAILABLE_IN_1_0
void qnet_local_socket_connect_to_server_full (QnetLocalSocket *self,
                                               const char      *name,
                                               QnetOpenMode     open_mode);
QNET_AVAILABLE_IN_1_0
void qnet_local_socket_connect_to_connectable (QnetLocalSocket    *self,
                                               GSocketConnectable *connectable);
QNET_AVAILABLE_IN_1_0
void qnet_local_socket_disconnect_from_server (QnetLocalSocket *self);

QNET_AVAILABLE_IN_1_0
GCredentials *qnet_local_socket_get_peer_credentials (QnetLocalSocket  *self);
QNET_AVAILABLE_IN_1_0
int           qnet_local_socket_get_fd_limit         (QnetLocalSocket  *self);
QNET_AVAILABLE_IN_1_0
void          qnet_local_socket_set_fd_limit         (QnetLocalSocket  *self,
                                                      int               limit);
QNET_AVAILABLE_IN_1_0
int           qnet_local_socket_get_fds_available    (QnetLocalSocket  *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_local_socket_send_fds             (QnetLocalSocket  *self,
                                                      GUnixFDList      *fds,
                                                      GError          **error);
QNET_AVAILABLE_IN_1_0
GUnixFDList  *qnet_local_socket_receive_fds          (QnetLocalSocket  *self)
                                                     G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
void     qnet_local_socket_connect_to_server_async       (QnetLocalSocket      *self,
                                                          const char           *name,
                                                          int                   io_priority,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_local_socket_connect_to_server_finish      (QnetLocalSocket      *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);
QNET_AVAILABLE_IN_1_0
void     qnet_local_socket_connect_to_connectable_async  (QnetLocalSocket      *self,
                                                          GSocketConnectable   *connectable,
                                                          int                   io_priority,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_local_socket_connect_to_connectable_finish (QnetLocalSocket      *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);
QNET_AVAILABLE_IN_1_0
void     qnet_local_socket_disconnect_from_server_async  (QnetLocalSocket      *self,
                                                          int                   io_priority,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_local_socket_disconnect_from_server_finish (QnetLocalSocket      *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);

G_END_DECLS
