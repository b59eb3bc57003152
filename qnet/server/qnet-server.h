/* qnet-server.h: all of accepting, for TCP and local servers
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
   * Takes a connection that was just accepted.
   *
   * The class makes a socket of its kind of it and calls [method@Server.add_pending_connection]. An override owns @fd: it
   * may hand it to another thread, make a socket of its own type, chain up, or call [method@Server.refuse_connection].
   *
   * Since: 1.0
   */
  void          (*incoming_connection)     (QnetServer   *self,
                                            int           fd);

  /**
   * QnetServerClass::has_pending_connections:
   * @self: a server
   *
   * Returns: whether there is a connection that nobody has taken yet
   *
   * Since: 1.0
   */
  gboolean      (*has_pending_connections) (QnetServer   *self);

  /**
   * QnetServerClass::next_pending_connection:
   * @self: a server
   *
   * Returns: (transfer full) (nullable): the connection that waits longest
   *
   * Since: 1.0
   */
  QnetIODevice *(*next_pending_connection) (QnetServer   *self);

  /*< private >*/
  const struct _QnetServerHooks *hooks;
  gpointer padding[11];
};

QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_is_listening                  (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_close                         (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_pause_accepting               (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
void          qnet_server_resume_accepting              (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_has_pending_connections       (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
QnetIODevice *qnet_server_next_pending_connection       (QnetServer           *self) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void          qnet_server_add_pending_connection        (QnetServer           *self,
                                                         QnetIODevice         *connection);
QNET_AVAILABLE_IN_1_0
void          qnet_server_refuse_connection             (QnetServer           *self,
                                                         int                   fd);
QNET_AVAILABLE_IN_1_0
GListModel   *qnet_server_get_connections               (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
GPtrArray    *qnet_server_list_connections              (QnetServer           *self) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
int           qnet_server_get_socket_descriptor         (QnetServer           *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_set_socket_descriptor         (QnetServer           *self,
                                                         int                   fd,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_listen_on_activation_fds      (QnetServer           *self,
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
gboolean      qnet_server_wait_for_new_connection       (QnetServer           *self,
                                                         int                   msecs,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_server_wait_for_new_connection_full  (QnetServer           *self,
                                                         int                   msecs,
                                                         gboolean             *timed_out,
                                                         GError              **error);
QNET_AVAILABLE_IN_1_0
void          qnet_server_accept_async                  (QnetServer           *self,
                                                         int                   io_priority,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
QNET_AVAILABLE_IN_1_0
QnetIODevice *qnet_server_accept_finish                 (QnetServer           *self,
                                                         GAsyncResult         *result,
                                                         GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
