/* qnet-socket.h: the base class of TCP, UDP and local sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-io-device.h"

G_BEGIN_DECLS

#define QNET_TYPE_SOCKET (qnet_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetSocket, qnet_socket, QNET, SOCKET, QnetIODevice)

struct _QnetSocketClass
{
  QnetIODeviceClass parent_class;

  /**
   * QnetSocketClass::disconnect_from_peer:
   * @self: a socket
   *
   * Ends the connection once all that was written has been sent.
   *
   * The class sends what is in the write buffer of the device. A subclass that brings its own
   * transport sends what that has accepted, and changes the state to
   * [QNET_SOCKET_STATE_CLOSING][enum@SocketState] and then to
   * [QNET_SOCKET_STATE_UNCONNECTED][enum@SocketState] by [method@Socket.set_state].
   *
   * Since: 1.0
   */
  void (*disconnect_from_peer) (QnetSocket *self);

  /**
   * QnetSocketClass::abort:
   * @self: a socket
   *
   * Ends the connection, or the attempt to establish one, at once.
   *
   * A subclass drops its transport and chains up. A timeout calls it, too.
   *
   * Since: 1.0
   */
  void (*abort)                (QnetSocket *self);

  /**
   * QnetSocketClass::shutdown_write:
   * @self: a socket
   *
   * Shuts down the write side of the connection once all that was written has been sent.
   *
   * A subclass that brings its own transport overrides it if the transport can do that. It is
   * called once for a connection, and nothing is written after it.
   *
   * Since: 1.0
   */
  void (*shutdown_write)       (QnetSocket *self);

  /*< private >*/
  struct _QnetSocketClassPrivate *priv;
  gpointer padding[11];
};

QNET_AVAILABLE_IN_1_0
QnetSocketState qnet_socket_get_state (QnetSocket *self);
QNET_AVAILABLE_IN_1_0
gboolean        qnet_socket_is_valid  (QnetSocket *self);

QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_get_allow_half_open (QnetSocket *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_set_allow_half_open (QnetSocket *self,
                                          gboolean    allow_half_open);
QNET_AVAILABLE_IN_1_0
int      qnet_socket_get_connect_timeout (QnetSocket *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_set_connect_timeout (QnetSocket *self,
                                          int         msecs);
QNET_AVAILABLE_IN_1_0
int      qnet_socket_get_idle_timeout    (QnetSocket *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_set_idle_timeout    (QnetSocket *self,
                                          int         msecs);
QNET_AVAILABLE_IN_1_0
int      qnet_socket_get_close_timeout   (QnetSocket *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_set_close_timeout   (QnetSocket *self,
                                          int         msecs);

QNET_AVAILABLE_IN_1_0
void     qnet_socket_disconnect_from_peer        (QnetSocket           *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_disconnect_from_peer_async  (QnetSocket           *self,
                                                  int                   io_priority,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_disconnect_from_peer_finish (QnetSocket           *self,
                                                  GAsyncResult         *result,
                                                  GError              **error);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_abort                       (QnetSocket           *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_shutdown_write              (QnetSocket           *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_pause_reading               (QnetSocket           *self);
QNET_AVAILABLE_IN_1_0
void     qnet_socket_resume_reading              (QnetSocket           *self);
QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_is_reading_paused           (QnetSocket           *self);

QNET_AVAILABLE_IN_1_0
int                qnet_socket_get_fd           (QnetSocket       *self);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_socket_set_fd           (QnetSocket       *self,
                                                 int               fd,
                                                 QnetSocketState   state,
                                                 QnetOpenMode      open_mode,
                                                 GError          **error);
QNET_AVAILABLE_IN_1_0
GSocket           *qnet_socket_get_socket       (QnetSocket       *self);
QNET_AVAILABLE_IN_1_0
GSocketConnection *qnet_socket_steal_connection (QnetSocket       *self,
                                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
void               qnet_socket_set_state        (QnetSocket       *self,
                                                 QnetSocketState   state);

QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_wait_for_connected         (QnetSocket    *self,
                                                 int            msecs,
                                                 GError       **error);
QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_wait_for_connected_full    (QnetSocket    *self,
                                                 int            msecs,
                                                 GCancellable  *cancellable,
                                                 GError       **error);
QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_wait_for_disconnected      (QnetSocket    *self,
                                                 int            msecs,
                                                 GError       **error);
QNET_AVAILABLE_IN_1_0
gboolean qnet_socket_wait_for_disconnected_full (QnetSocket    *self,
                                                 int            msecs,
                                                 GCancellable  *cancellable,
                                                 GError       **error);

G_END_DECLS
