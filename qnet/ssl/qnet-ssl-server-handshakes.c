/* qnet-ssl-server-handshakes.c: the connections of a server whose handshake is in progress
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-server-private.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "server/qnet-tcp-server-private.h"
#include "tls/qnet-tls-support-private.h"

/* Microseconds for which a wait serves one connection, before the next one and the listener. */
#define SLICE (20 * 1000)

static void
count_handshaking (QnetSslServer *self)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);

  qnet_server_get_private (QNET_SERVER (self))->n_preparing =
    (int) (priv->handshaking.length + priv->waiting.length);
  qnet_server_update_limits (QNET_SERVER (self));
}

/* (transfer full): the reference of the server, which no longer receives the signals of @socket. */
static QnetSslSocket *
take_handshaking (QnetSslServer *self,
                  QnetSslSocket *socket)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);

  if (!g_queue_remove (&priv->handshaking, socket) && !g_queue_remove (&priv->waiting, socket))
    return NULL;

  g_signal_handlers_disconnect_by_data (socket, self);
  qnet_ssl_socket_get_private (socket)->choose = NULL;
  count_handshaking (self);

  return socket;
}

/* A handler may do anything: FALSE if the server has been stopped. */
static gboolean
admit (QnetSslServer *server,
       QnetSslSocket *socket)
{
  QnetServer *self = QNET_SERVER (server);
  g_autoptr(QnetSslSocket) taken = take_handshaking (server, socket);
  guint n_stops = qnet_server_get_private (self)->n_stops;

  qnet_server_add_pending_connection (self, QNET_SOCKET (taken));
  if (qnet_server_get_private (self)->n_stops == n_stops)
    qnet_server_emit_new_connection (self);

  return qnet_server_get_private (self)->n_stops == n_stops;
}

/* Waiting for room: the handshakes that are in progress when the queue becomes full are not
 * interrupted. They count as handshakes until the application has taken others. */

static void
admission_cb (QnetWatch     *watch,
              QnetReadiness  readiness)
{
  QnetSslServerPrivate *priv = CONTAINER_OF (watch, QnetSslServerPrivate, admission);
  QnetSslServer *self = qnet_ssl_server_from_private (priv);
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (QNET_SERVER (self));

  while (priv->waiting.head != NULL && !qnet_server_is_full (QNET_SERVER (self)))
    if (!admit (self, priv->waiting.head->data))
      return;
}

static const QnetWatchFuncs admission_funcs = { .ready = admission_cb };

static void
keep_waiting (QnetSslServer *self,
              QnetSslSocket *socket)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);
  QnetWaitSet *set = &qnet_server_get_private (QNET_SERVER (self))->listener.set;

  g_queue_remove (&priv->handshaking, socket);
  g_queue_push_tail (&priv->waiting, socket);

  if (priv->admission.set == NULL)
    qnet_watch_init (&priv->admission, &admission_funcs, set);
}

static void
has_room (QnetServer *server)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (QNET_SSL_SERVER (server));

  if (priv->waiting.head != NULL)
    qnet_watch_defer (&priv->admission);
}

static void
encrypted_cb (QnetSslSocket *socket,
              QnetSslServer *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (QNET_SERVER (self));

  if (qnet_server_is_full (QNET_SERVER (self))
      || qnet_ssl_server_get_private (self)->waiting.head != NULL)
    keep_waiting (self, socket);
  else
    admit (self, socket);
}

static void
error_occurred_cb (QnetSslSocket *socket,
                   const GError  *error,
                   QnetSslServer *self)
{
  qnet_ssl_server_emit_error (self, socket, error);
}

static void
disconnected_cb (QnetSslSocket *socket,
                 QnetSslServer *server)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldServer) hold = qnet_server_hold (QNET_SERVER (server));
  G_GNUC_UNUSED g_autoptr(QnetSslSocket) taken = take_handshaking (server, socket);

  qnet_server_uncount_connection (QNET_SERVER (server), QNET_SOCKET (socket));
}

static void
ssl_errors_cb (QnetSslSocket        *socket,
               GTlsCertificateFlags  errors,
               GTlsCertificate      *certificate,
               QnetSslServer        *self)
{
  qnet_ssl_server_emit_errors (self, socket, errors, certificate);
}

static void
peer_verify_error_cb (QnetSslSocket        *socket,
                      GTlsCertificateFlags  error,
                      GTlsCertificate      *certificate,
                      QnetSslServer        *self)
{
  qnet_ssl_server_emit_peer_verify_error (self, socket, error, certificate);
}

/* A handler for ssl-errors lets the handshake continue despite errors, so it is connected only if
 * the application has a handler as well. */
static void
connect_signals (QnetSslServer *self,
                 QnetSslSocket *socket)
{
  g_signal_connect (socket, "encrypted", G_CALLBACK (encrypted_cb), self);
  g_signal_connect (socket, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), self);
  g_signal_connect (socket, "peer-verify-error", G_CALLBACK (peer_verify_error_cb), self);

  if (qnet_ssl_server_has_errors_handler (self))
    g_signal_connect (socket, "ssl-errors", G_CALLBACK (ssl_errors_cb), self);
}

static void
fail_to_adopt (QnetSslServer *self,
               QnetSslSocket *socket,
               GError        *error)  /* (transfer full) */
{
  qnet_ssl_server_emit_error (self, socket, error);
  qnet_socket_abort (QNET_SOCKET (socket));
  g_error_free (error);
}

/* The key of the tickets is made for the first connection after a change. */
static void
apply_settings (QnetSslServer        *self,
                QnetSslSocketPrivate *socket)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);

  if (priv->ticket_key == NULL && priv->configuration->session_tickets)
    priv->ticket_key = qnet_tls_ticket_key_new ();

  qnet_ssl_configuration_unref (socket->configuration);
  socket->configuration = qnet_ssl_configuration_ref (priv->configuration);
  socket->ticket_key = priv->ticket_key != NULL ? g_bytes_ref (priv->ticket_key) : NULL;
  socket->handshake_timeout = priv->handshake_timeout;
}

static void
qnet_ssl_server_incoming_connection (QnetServer *server,
                                     int         fd)
{
  QnetSslServer *self = QNET_SSL_SERVER (server);
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  apply_settings (self, qnet_ssl_socket_get_private (socket));
  g_queue_push_tail (&priv->handshaking, g_object_ref (socket));
  connect_signals (self, socket);
  count_handshaking (self);
  qnet_server_set_peer_of (server, QNET_ABSTRACT_SOCKET (socket), fd);

  if (!qnet_ssl_socket_adopt_accepted (socket, qnet_server_get_reactor (server), fd,
                                       qnet_ssl_server_choose_identity, self, &error))
    fail_to_adopt (self, socket, error);
  else
    qnet_ssl_server_emit_started (self, socket);
}

/* A wait iterates the wait set of one object, so the connections alternate. */
static gboolean
advance (QnetServer *server,
         gint64      until)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (QNET_SSL_SERVER (server));
  g_autoptr(QnetSslSocket) socket = NULL;
  gint64 slice = qnet_clock_now () + SLICE;

  if (priv->handshaking.head == NULL)
    return FALSE;

  socket = g_object_ref (priv->handshaking.head->data);
  g_queue_push_tail_link (&priv->handshaking, g_queue_pop_head_link (&priv->handshaking));
  qnet_wait_set_iterate (&qnet_io_device_get_private (QNET_IO_DEVICE (socket))->wait_set,
                         MIN (until, slice));

  return TRUE;
}

static void
drop_all (QnetSslServer *self,
          GQueue        *queue)
{
  QnetSslSocket *first;

  while ((first = g_queue_peek_head (queue)) != NULL)
    {
      g_autoptr(QnetSslSocket) socket = take_handshaking (self, first);

      qnet_server_uncount_connection (QNET_SERVER (self), QNET_SOCKET (socket));
      qnet_socket_abort (QNET_SOCKET (socket));
    }
}

static void
drop (QnetServer *server)
{
  QnetSslServer *self = QNET_SSL_SERVER (server);
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);

  drop_all (self, &priv->handshaking);
  drop_all (self, &priv->waiting);

  if (priv->admission.set != NULL)
    qnet_watch_clear (&priv->admission);

  qnet_tcp_server_drop_headers (server);
}

/* A class that overrides incoming_connection() may have certificates of its own. */
static gboolean
check (QnetServer  *server,
       GError     **error)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (QNET_SSL_SERVER (server));

  if (!qnet_tls_check_supported (_("Could not listen"), error))
    return FALSE;

  if (priv->configuration->identity != NULL
      || (priv->names != NULL && g_hash_table_size (priv->names) > 0)
      || QNET_SERVER_GET_CLASS (server)->incoming_connection != qnet_ssl_server_incoming_connection)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not listen: The server has no certificate"));

  return FALSE;
}

void
qnet_ssl_server_class_install_handshakes (QnetServerClass *klass)
{
  QnetServerClassPrivate *functions = qnet_server_class_get_private (klass);

  functions->connection_type = QNET_TYPE_SSL_SOCKET;
  functions->check = check;
  functions->incoming = qnet_ssl_server_incoming_connection;
  functions->advance = advance;
  functions->drop = drop;
  functions->has_room = has_room;
  klass->incoming_connection = qnet_ssl_server_incoming_connection;
}
