/* qnet-dtls.c: encrypted datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dtls/qnet-dtls-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "channel/qnet-transport-private.h"

/**
 * QnetDtls:
 *
 * Encrypts and decrypts the datagrams to and from one peer (DTLS, RFC 6347).
 *
 * It has no socket of its own: it sends by the [class@UdpSocket] that is passed to each method, and
 * the application passes the datagrams of the peer to it. So a server uses one socket for all its
 * clients, with one QnetDtls for each.
 *
 * A client begins with [method@Dtls.set_peer], and [method@Dtls.do_handshake] without a datagram.
 * Then each datagram of the peer belongs to the handshake, or is an encrypted one:
 *
 * ```c
 * static GBytes *
 * handle_datagram (QnetDtls       *dtls,
 *                  QnetUdpSocket  *socket,
 *                  GBytes         *datagram,
 *                  GError        **error)
 * {
 *   if (qnet_dtls_is_encrypted (dtls))
 *     return qnet_dtls_decrypt_datagram (dtls, socket, datagram, error);
 *
 *   qnet_dtls_do_handshake (dtls, socket, datagram, error);
 *
 *   return NULL;
 * }
 * ```
 *
 * A server verifies by [class@DtlsClientVerifier] that a client receives at its address before it
 * creates a QnetDtls for it.
 *
 * Datagrams can be lost, duplicated and reordered as without encryption; only the messages of the
 * handshake are sent again. A forged or duplicated datagram is ignored.
 *
 * A certificate is verified as [class@SslSocket] does it.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (QnetDtls, qnet_dtls, G_TYPE_OBJECT)

enum
{
  SIGNAL_HANDSHAKE_TIMEOUT,
  SIGNAL_ERROR_OCCURRED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
qnet_dtls_emit_timeout (QnetDtls *self)
{
  if (!g_atomic_int_get (&self->is_disposed))
    g_signal_emit (self, signals[SIGNAL_HANDSHAKE_TIMEOUT], 0);
}

void
qnet_dtls_emit_error (QnetDtls     *self,
                      const GError *error)
{
  if (!g_atomic_int_get (&self->is_disposed))
    g_signal_emit (self, signals[SIGNAL_ERROR_OCCURRED], 0, error);
}

/* GObject */

static void
qnet_dtls_dispose (GObject *object)
{
  QnetDtls *self = QNET_DTLS (object);

  if (self->session != NULL && qnet_reactor_is_elsewhere (self->set.reactor)
      && qnet_reactor_moves_disposal (self->set.reactor, self, &self->is_disposed, TRUE))
    return;

  g_atomic_int_set (&self->is_disposed, TRUE);
  qnet_dtls_end_session (self);

  G_OBJECT_CLASS (qnet_dtls_parent_class)->dispose (object);
}

static void
qnet_dtls_finalize (GObject *object)
{
  QnetDtls *self = QNET_DTLS (object);

  g_clear_pointer (&self->peer_address, qnet_host_address_unref);
  g_free (self->verify_name);
  g_free (self->host);
  qnet_ssl_configuration_unref (self->configuration);
  g_clear_pointer (&self->used, qnet_ssl_configuration_unref);
  g_clear_pointer (&self->cookie_secret, g_bytes_unref);
  g_clear_object (&self->peer_certificate);
  g_clear_error (&self->send_error);
  g_free (self->cipher);

  G_OBJECT_CLASS (qnet_dtls_parent_class)->finalize (object);
}

static void
qnet_dtls_class_init (QnetDtlsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_reactor_prepare ();

  object_class->dispose = qnet_dtls_dispose;
  object_class->finalize = qnet_dtls_finalize;
  qnet_dtls_class_install_properties (object_class);

  /**
   * QnetDtls::handshake-timeout:
   * @self: a DTLS connection
   *
   * Emitted when the peer has not answered in time, before the last messages are sent again.
   *
   * Since: 1.0
   */
  signals[SIGNAL_HANDSHAKE_TIMEOUT] =
    g_signal_new ("handshake-timeout", QNET_TYPE_DTLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * QnetDtls::error-occurred:
   * @self: a DTLS connection
   * @error: the error
   *
   * Emitted when the handshake has failed while messages were sent again. Other errors are those of
   * the methods.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ERROR_OCCURRED] =
    g_signal_new ("error-occurred", QNET_TYPE_DTLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
qnet_dtls_init (QnetDtls *self)
{
  self->mode = QNET_SSL_MODE_CLIENT;
  self->configuration = qnet_ssl_configuration_get_default ();
}

/* Public API */

/**
 * qnet_dtls_new:
 * @mode: client or server
 *
 * Creates a DTLS connection.
 *
 * Returns: (transfer full): a new connection, whose handshake has not started
 *
 * Since: 1.0
 */
QnetDtls *
qnet_dtls_new (QnetSslMode mode)
{
  g_return_val_if_fail (mode == QNET_SSL_MODE_CLIENT || mode == QNET_SSL_MODE_SERVER, NULL);

  return g_object_new (QNET_TYPE_DTLS, "mode", mode, NULL);
}

/* Encrypted datagrams */

static gboolean
check_encrypted (QnetDtls  *self,
                 GError   **error)
{
  if (self->state == QNET_DTLS_HANDSHAKE_COMPLETE)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION,
                  _("The DTLS handshake is not complete"));

  return FALSE;
}

/* (nullable): the error of the socket */
static GError *
take_send_error (QnetDtls *self)
{
  g_clear_object (&self->socket);

  return g_steal_pointer (&self->send_error);
}

/**
 * qnet_dtls_write_datagram_encrypted:
 * @self: a DTLS connection
 * @socket: the socket that sends
 * @data: the bytes of one datagram
 * @error: return location for an error
 *
 * Encrypts a datagram and sends it to the peer, without blocking.
 *
 * It fails with [QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE][error@SocketError] for more bytes than fit
 * into a datagram of [property@Dtls:mtu-hint], with
 * [QNET_SOCKET_ERROR_OPERATION][error@SocketError] before the handshake is complete, and as
 * [method@UdpSocket.write_datagram_to] does. If the kernel has no room now, the datagram is lost.
 *
 * Returns: the size of @data, or -1 with @error set
 *
 * Since: 1.0
 */
gssize
qnet_dtls_write_datagram_encrypted (QnetDtls       *self,
                                    QnetUdpSocket  *socket,
                                    GBytes         *data,
                                    GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetDtls) hold = NULL;
  g_autoptr(QnetTlsSession) session = NULL;
  GError *reason = NULL;
  GError *failure;
  gconstpointer bytes;
  gsize size;
  gssize n;

  g_return_val_if_fail (QNET_IS_DTLS (self), -1);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), -1);
  g_return_val_if_fail (data != NULL, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  if (!check_encrypted (self, error)
      || !qnet_dtls_use_socket (self, socket, G_STRFUNC, error))
    return -1;

  bytes = g_bytes_get_data (data, &size);
  hold = g_object_ref (self);
  session = qnet_tls_session_ref (self->session);
  n = qnet_tls_session_write (session, bytes, size, &reason);
  qnet_dtls_flush (self);
  failure = take_send_error (self);

  if (reason == NULL && failure == NULL)
    return n;

  if (failure != NULL)
    g_clear_error (&reason);
  g_propagate_error (error, failure != NULL ? failure : reason);

  return -1;
}

/* A datagram may contain several records (RFC 6347, section 4.1.1): nothing of it remains. The data
 * is shorter than the datagram, which has @size bytes. */
static gssize
read_all (QnetTlsSession  *session,
          guint8          *buffer,
          gsize            size,
          GError         **error)
{
  gssize n = qnet_tls_session_read (session, buffer, size, error);
  gssize total = n;

  while (n > 0 && (gsize) total < size)
    {
      n = qnet_tls_session_read (session, buffer + total, size - (gsize) total, NULL);
      total += MAX (n, 0);
    }

  return total;
}

static GBytes *
fail_to_decrypt (QnetDtls        *self,
                 QnetTlsSession  *session,
                 gssize           n,
                 GError          *reason,  /* (transfer full) (nullable) */
                 GError         **error)
{
  if (n == QNET_TRANSPORT_WOULD_BLOCK)
    qnet_set_error (error, QNET_SOCKET_ERROR_TEMPORARY,
                    _("The datagram has no data: it is forged, a duplicate, or a message of DTLS"));
  else if (n == 0)
    qnet_set_error (error, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                    _("The peer closed the connection"));
  else
    g_propagate_error (error, reason);

  if (n != QNET_TRANSPORT_WOULD_BLOCK)
    qnet_dtls_report_end (self, session);

  return NULL;
}

/**
 * qnet_dtls_decrypt_datagram:
 * @self: a DTLS connection
 * @socket: the socket that has received the datagram
 * @datagram: a datagram of the peer
 * @error: return location for an error
 *
 * Decrypts a datagram.
 *
 * It fails with [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError] for a datagram without data of the
 * application, with [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError] if the peer has ended
 * the connection, and with [QNET_SOCKET_ERROR_OPERATION][error@SocketError] before the handshake is
 * complete.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
qnet_dtls_decrypt_datagram (QnetDtls       *self,
                            QnetUdpSocket  *socket,
                            GBytes         *datagram,
                            GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetDtls) hold = NULL;
  g_autoptr(QnetTlsSession) session = NULL;
  g_autofree guint8 *buffer = NULL;
  GError *reason = NULL;
  GError *failure;
  gconstpointer bytes;
  gsize size;
  gssize n;

  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), NULL);
  g_return_val_if_fail (datagram != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_encrypted (self, error)
      || !qnet_dtls_use_socket (self, socket, G_STRFUNC, error))
    return NULL;

  bytes = g_bytes_get_data (datagram, &size);
  hold = g_object_ref (self);
  session = qnet_tls_session_ref (self->session);
  qnet_byte_queue_append (qnet_tls_session_get_input (session), bytes, size);
  buffer = g_malloc (size + 1);
  n = read_all (session, buffer, size + 1, &reason);
  qnet_dtls_flush (self);
  failure = take_send_error (self);
  g_clear_error (&failure);

  return n > 0 ? g_bytes_new_take (g_steal_pointer (&buffer), (gsize) n)
               : fail_to_decrypt (self, session, n, reason, error);
}

/**
 * qnet_dtls_shutdown:
 * @self: a DTLS connection
 * @socket: the socket that sends
 * @error: return location for an error
 *
 * Sends close_notify, and ends the connection.
 *
 * Returns: whether it was sent
 *
 * Since: 1.0
 */
gboolean
qnet_dtls_shutdown (QnetDtls       *self,
                    QnetUdpSocket  *socket,
                    GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetDtls) hold = NULL;
  g_autoptr(QnetTlsSession) session = NULL;
  GError *failure;

  g_return_val_if_fail (QNET_IS_DTLS (self), FALSE);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_encrypted (self, error)
      || !qnet_dtls_use_socket (self, socket, G_STRFUNC, error))
    return FALSE;

  hold = g_object_ref (self);
  session = qnet_tls_session_ref (self->session);
  qnet_tls_session_close (session);
  qnet_dtls_flush (self);
  failure = take_send_error (self);
  qnet_dtls_report_end (self, session);

  if (failure != NULL)
    g_propagate_error (error, failure);

  return failure == NULL;
}
