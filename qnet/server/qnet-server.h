/* qnet-server.h: the base class of TCP and local servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-address-filter.h"
#include "qnet-socket.h"

G_BEGIN_DECLS

#define QNET_TYPE_SERVER (qnet_server_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetServer, qnet_server, QNET, SERVER, GObject)

struct _QnetServerClass
{
  GObjectClass parent_class;

  /**
   * QnetServerClass::incoming_connection:
   * @self: a server
   * @fd: the descriptor of a new connection
   *
   * Called for each connection that was just accepted.
   *
   * The default creates a socket of the server's class and calls
   * [method@Server.add_pending_connection]. An override owns @fd: it can pass it to another thread,
   * create a socket of its own class, chain up, or call [method@Server.refuse_connection].
   *
   * Since: 1.0
   */
  void          (*incoming_connection)     (QnetServer   *self,
                                            int           fd);

  /**
   * QnetServerClass::has_pending_connections:
   * @self: a server
   *
   * Returns: whether there is a pending connection
   *
   * Since: 1.0
   */
  gboolean      (*has_pending_connections) (QnetServer   *self);

  /**
   * QnetServerClass::next_pending_connection:
   * @self: a server
   *
   * Returns: (transfer full) (nullable): the connection that has been pending longest
   *
   * Since: 1.0
   */
  QnetSocket   *(*next_pending_connection) (QnetServer   *self);

  /*< private >*/
  struct _QnetServerClassPrivate *priv;
  gpointer padding[11];
};

QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_is_listening                  (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_close                         (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_stop_async                    (QnetServer           *self,
                                                         int                   grace,
                                                         int                   io_priority,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
QNET_AVAILABLE_IN_1_0
int           qnet_server_stop_finish                   (QnetServer           *self,
                                                         GAsyncResult         *result,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_is_stopping                   (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_pause_accepting               (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_resume_accepting              (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_has_pending_connections       (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
QnetSocket   *qnet_server_next_pending_connection       (QnetServer           *self)
                                                        G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void          qnet_server_add_pending_connection        (QnetServer           *self,
                                                         QnetSocket           *connection);
QNET_AVAILABLE_IN_1_0
void          qnet_server_refuse_connection             (QnetServer           *self,
                                                         int                   fd);
QNET_AVAILABLE_IN_1_0
GListModel   *qnet_server_get_connections               (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
GPtrArray    *qnet_server_list_connections              (QnetServer           *self)
                                                        G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_fd                        (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_set_fd                        (QnetServer           *self,
                                                         int                   fd,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_listen_activation_fds         (QnetServer           *self,
                                                         const char           *name,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
GSocket      *qnet_server_get_socket                    (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
const GError *qnet_server_get_error                     (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_error_code                (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_max_pending_connections   (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_max_pending_connections   (QnetServer           *self,
                                                         int                   max);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_max_connections           (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_max_connections           (QnetServer           *self,
                                                         int                   max);
QNET_AVAILABLE_IN_1_0
QnetAddressFilter *
              qnet_server_get_address_filter            (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_address_filter            (QnetServer           *self,
                                                         QnetAddressFilter    *filter);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_max_connections_per_address (QnetServer         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_max_connections_per_address (QnetServer         *self,
                                                         int                   max);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_ipv4_prefix_length        (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_ipv4_prefix_length        (QnetServer           *self,
                                                         int                   length);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_ipv6_prefix_length        (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_ipv6_prefix_length        (QnetServer           *self,
                                                         int                   length);
QNET_AVAILABLE_IN_1_0
gint64        qnet_server_get_refused_connections       (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_listen_backlog_size       (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_listen_backlog_size       (QnetServer           *self,
                                                         int                   size);
QNET_AVAILABLE_IN_1_0
gint64        qnet_server_get_read_buffer_size          (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_read_buffer_size          (QnetServer           *self,
                                                         gint64                size);
QNET_AVAILABLE_IN_1_0
gint64        qnet_server_get_unsent_limit              (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_unsent_limit              (QnetServer           *self,
                                                         gint64                limit);
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_idle_timeout              (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_idle_timeout              (QnetServer           *self,
                                                         int                   msecs);
QNET_AVAILABLE_IN_1_0
gint64        qnet_server_get_write_buffer_high_water   (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_write_buffer_high_water   (QnetServer           *self,
                                                         gint64                size);
QNET_AVAILABLE_IN_1_0
gint64        qnet_server_get_write_buffer_low_water    (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_set_write_buffer_low_water    (QnetServer           *self,
                                                         gint64                size);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_wait_for_new_connection       (QnetServer           *self,
                                                         int                   msecs,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_wait_for_new_connection_full  (QnetServer           *self,
                                                         int                   msecs,
                                                         gboolean             *timed_out,
                                                         GCancellable         *cancellable,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
void          qnet_server_accept_async                  (QnetServer           *self,
                                                         int                   io_priority,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
QNET_AVAILABLE_IN_1_0
QnetSocket   *qnet_server_accept_finish                 (QnetServer           *self,
                                                         GAsyncResult         *result,
                                                         GError              **error)
                                                        G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
