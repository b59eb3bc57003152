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
#include "qnet-io-device.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

#define QNET_TYPE_ABSTRACT_SOCKET (qnet_abstract_socket_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetAbstractSocket, qnet_abstract_socket, QNET, ABSTRACT_SOCKET, QnetIODevice)

struct _QnetAbstractSocketClass
{
  QnetIODeviceClass parent_class;

  /*< private >*/
  gpointer padding[12];
};

QNET_AVAILABLE_IN_1_0
QnetSocketType     qnet_abstract_socket_get_socket_type              (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
QnetSocketState    qnet_abstract_socket_get_state                    (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_is_valid                     (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress   *qnet_abstract_socket_get_local_address            (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
guint16            qnet_abstract_socket_get_local_port               (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress   *qnet_abstract_socket_get_peer_address             (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
guint16            qnet_abstract_socket_get_peer_port                (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
const char        *qnet_abstract_socket_get_peer_name                (QnetAbstractSocket        *self);

QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_bind                         (QnetAbstractSocket        *self,
                                                                      QnetHostAddress           *address,
                                                                      guint16                    port,
                                                                      QnetBindFlags              flags,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_bind_port                    (QnetAbstractSocket        *self,
                                                                      guint16                    port,
                                                                      QnetBindFlags              flags,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
QnetNetworkProxy  *qnet_abstract_socket_get_proxy                    (QnetAbstractSocket        *self) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_proxy                    (QnetAbstractSocket        *self,
                                                                      QnetNetworkProxy          *proxy);
QNET_AVAILABLE_IN_1_0
const char        *qnet_abstract_socket_get_protocol_tag             (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_protocol_tag             (QnetAbstractSocket        *self,
                                                                      const char                *tag);

QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_connect_to_host              (QnetAbstractSocket        *self,
                                                                      const char                *host,
                                                                      guint16                    port);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_connect_to_host_full         (QnetAbstractSocket        *self,
                                                                      const char                *host,
                                                                      guint16                    port,
                                                                      QnetOpenMode               open_mode,
                                                                      QnetNetworkLayerProtocol   protocol);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_connect_to_address           (QnetAbstractSocket        *self,
                                                                      QnetHostAddress           *address,
                                                                      guint16                    port);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_connect_to_address_full      (QnetAbstractSocket        *self,
                                                                      QnetHostAddress           *address,
                                                                      guint16                    port,
                                                                      QnetOpenMode               open_mode);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_disconnect_from_host         (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_abort                        (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_shutdown_write               (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_pause_reading                (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_resume_reading               (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_is_reading_paused            (QnetAbstractSocket        *self);

QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_socket_descriptor        (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_set_socket_descriptor        (QnetAbstractSocket        *self,
                                                                      int                        fd,
                                                                      QnetSocketState            state,
                                                                      QnetOpenMode               open_mode,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
GSocket           *qnet_abstract_socket_get_socket                   (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
GSocketConnection *qnet_abstract_socket_steal_connection             (QnetAbstractSocket        *self,
                                                                      GError                   **error) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_set_socket_option            (QnetAbstractSocket        *self,
                                                                      QnetSocketOption           option,
                                                                      int                        value,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_get_socket_option            (QnetAbstractSocket        *self,
                                                                      QnetSocketOption           option,
                                                                      int                       *value,
                                                                      GError                   **error);

QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_get_allow_half_open          (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_allow_half_open          (QnetAbstractSocket        *self,
                                                                      gboolean                   allow_half_open);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_lookup_timeout           (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_lookup_timeout           (QnetAbstractSocket        *self,
                                                                      int                        msecs);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_connect_timeout          (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_connect_timeout          (QnetAbstractSocket        *self,
                                                                      int                        msecs);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_idle_timeout             (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_idle_timeout             (QnetAbstractSocket        *self,
                                                                      int                        msecs);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_close_timeout            (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_close_timeout            (QnetAbstractSocket        *self,
                                                                      int                        msecs);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_connection_attempt_delay (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_connection_attempt_delay (QnetAbstractSocket        *self,
                                                                      int                        msecs);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_keep_alive_idle          (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_keep_alive_idle          (QnetAbstractSocket        *self,
                                                                      int                        seconds);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_keep_alive_interval      (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_keep_alive_interval      (QnetAbstractSocket        *self,
                                                                      int                        seconds);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_keep_alive_count         (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_keep_alive_count         (QnetAbstractSocket        *self,
                                                                      int                        probes);
QNET_AVAILABLE_IN_1_0
int                qnet_abstract_socket_get_user_timeout             (QnetAbstractSocket        *self);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_set_user_timeout             (QnetAbstractSocket        *self,
                                                                      int                        msecs);
QNET_AVAILABLE_IN_1_0
gint64             qnet_abstract_socket_get_round_trip_time          (QnetAbstractSocket        *self);

QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_wait_for_connected           (QnetAbstractSocket        *self,
                                                                      int                        msecs,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_wait_for_disconnected        (QnetAbstractSocket        *self,
                                                                      int                        msecs,
                                                                      GError                   **error);

QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_connect_to_host_async        (QnetAbstractSocket        *self,
                                                                      const char                *host,
                                                                      guint16                    port,
                                                                      int                        io_priority,
                                                                      GCancellable              *cancellable,
                                                                      GAsyncReadyCallback        callback,
                                                                      gpointer                   user_data);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_connect_to_host_finish       (QnetAbstractSocket        *self,
                                                                      GAsyncResult              *result,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_connect_to_address_async     (QnetAbstractSocket        *self,
                                                                      QnetHostAddress           *address,
                                                                      guint16                    port,
                                                                      int                        io_priority,
                                                                      GCancellable              *cancellable,
                                                                      GAsyncReadyCallback        callback,
                                                                      gpointer                   user_data);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_connect_to_address_finish    (QnetAbstractSocket        *self,
                                                                      GAsyncResult              *result,
                                                                      GError                   **error);
QNET_AVAILABLE_IN_1_0
void               qnet_abstract_socket_disconnect_from_host_async   (QnetAbstractSocket        *self,
                                                                      int                        io_priority,
                                                                      GCancellable              *cancellable,
                                                                      GAsyncReadyCallback        callback,
                                                                      gpointer                   user_data);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_abstract_socket_disconnect_from_host_finish  (QnetAbstractSocket        *self,
                                                                      GAsyncResult              *result,
                                                                      GError                   **error);

G_END_DECLS
