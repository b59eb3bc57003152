/* qnet-ssl-socket.c: a TCP connection that can be encrypted by TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-socket-private.h"

#include "base/qnet-reserve-private.h"
#include "device/qnet-io-lock-private.h"
#include "qnet-enum-types.h"
#include "tls/qnet-tls-support-private.h"

/**
 * QnetSslSocket:
 *
 * A TCP connection that can be encrypted by TLS.
 *
 * ```c
 * g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
 *
 * g_signal_connect (socket, "encrypted", G_CALLBACK (encrypted_cb), NULL);
 * g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
 * g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), NULL);
 * qnet_ssl_socket_connect_to_host_encrypted (socket, "example.org", 443);
 * ```
 *
 * It provides everything that [class@AbstractSocket] and [class@IODevice] provide. Applications
 * read and write plain bytes, which are encrypted and decrypted internally. What is written
 * before [signal@SslSocket::encrypted] is queued until then and never sent unencrypted.
 *
 * ## Verification of the peer
 *
 * A client accepts only the server that it was asked to connect to. The certificate must be
 * signed by an authority that the system trusts (or [property@SslSocket:database]), it must be
 * valid now, and it must be for the name of the host (or [property@SslSocket:peer-verify-name]).
 * Otherwise [signal@SslSocket::ssl-errors] is emitted, then
 * [signal@Socket::error-occurred] with
 * [QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED][error@SocketError], and the connection ends. There are
 * two ways to accept another certificate, neither of which is ever used by default:
 * [method@SslSocket.ignore_ssl_errors_full] accepts one certificate, for applications that ask
 * their user; [method@SslSocket.ignore_ssl_errors] and a [property@SslSocket:peer-verify-mode]
 * other than [QNET_SSL_PEER_VERIFY_MODE_VERIFY][enum@SslPeerVerifyMode] **accept every
 * certificate**, so that an attacker on the network path can read and change everything.
 *
 * ## Encryption of an established connection
 *
 * Protocols with a `STARTTLS` command begin unencrypted: connect with
 * [method@AbstractSocket.connect_to_host], exchange the first messages, and call
 * [method@SslSocket.start_client_encryption] or [method@SslSocket.start_server_encryption]. If
 * unencrypted bytes have been received that are unread then, these fail and the connection is
 * aborted: an attacker could have injected such bytes to have them taken for encrypted ones.
 *
 * ## The end of a connection
 *
 * A peer ends a TLS connection by close_notify. Without it, an attacker may have cut the connection
 * off. Both ends are reported as [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError] by
 * [signal@Socket::error-occurred], with different messages. Reading from
 * [method@Gio.IOStream.get_input_stream] returns 0 bytes for the first one, and an error for the
 * other one.
 *
 * GnuTLS implements the protocol. The policy of the system determines versions and ciphers;
 * sessions are resumed.
 *
 * Since: 1.0
 */

#define DEFAULT_TIMEOUT 30000  /* milliseconds */

G_DEFINE_TYPE_WITH_PRIVATE (QnetSslSocket, qnet_ssl_socket, QNET_TYPE_TCP_SOCKET)

enum
{
  SIGNAL_ENCRYPTED,
  SIGNAL_SSL_ERRORS,
  SIGNAL_PEER_VERIFY_ERROR,
  SIGNAL_ENCRYPTED_BYTES_WRITTEN,
  SIGNAL_MODE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

QnetSslSocketPrivate *
qnet_ssl_socket_get_private (QnetSslSocket *self)
{
  return qnet_ssl_socket_get_instance_private (self);
}

QnetSslSocket *
qnet_ssl_socket_from_private (QnetSslSocketPrivate *priv)
{
  return G_STRUCT_MEMBER_P (priv, -QnetSslSocket_private_offset);
}

/* For the other parts */

gboolean
qnet_ssl_socket_has_errors_handler (QnetSslSocket *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_SSL_ERRORS], 0, TRUE);
}

void
qnet_ssl_socket_emit_encrypted (QnetSslSocket *self)
{
  if (!qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
    {
      qnet_ssl_socket_get_private (self)->n_encrypted++;
      qnet_io_device_emit (self, signals[SIGNAL_ENCRYPTED], 0);
    }
}

/* Each error, then all of them. */
void
qnet_ssl_socket_emit_errors (QnetSslSocket        *self,
                             GTlsCertificateFlags  errors,
                             GTlsCertificate      *certificate)
{
  QnetSocketPrivate *socket = qnet_socket_get_private (QNET_SOCKET (self));
  guint serial = socket->serial;

  for (guint flag = 1; flag <= (guint) errors; flag <<= 1)
    {
      if ((errors & flag) != 0
          && !qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
        qnet_io_device_emit (self, signals[SIGNAL_PEER_VERIFY_ERROR], 0, flag, certificate);
      if (!qnet_socket_is_still (QNET_SOCKET (self), serial, socket->state))
        return;
    }

  if (!qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
    qnet_io_device_emit (self, signals[SIGNAL_SSL_ERRORS], 0, errors, certificate);
}

/* Another thread may be sending. */
static gsize
take_encrypted_bytes (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);
  gsize sent =
    qnet_transport_tls_get_n_sent (&qnet_socket_get_channel (QNET_SOCKET (self))->transport)
    - priv->encrypted_reported;

  priv->encrypted_reported += sent;

  return sent;
}

/* Another thread may have closed the descriptor; the phase changes when the owner has served
 * that. */
gboolean
qnet_ssl_socket_has_session (QnetSslSocket *self)
{
  return qnet_ssl_socket_get_private (self)->phase == QNET_SSL_PHASE_ENCRYPTED
         && qnet_socket_get_channel (QNET_SOCKET (self))->transport.fd != -1;
}

void
qnet_ssl_socket_report_encrypted_bytes (QnetSslSocket *self)
{
  gsize sent;

  if (!qnet_ssl_socket_has_session (self)
      || qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
    return;

  sent = take_encrypted_bytes (self);
  if (sent > 0)
    qnet_io_device_emit (self, signals[SIGNAL_ENCRYPTED_BYTES_WRITTEN], 0, (gint64) sent);
}

/* The mode may change together with other properties, and is reported together with them. If a
 * handler of the notification changes it again, that change has been reported already. */
static void
qnet_ssl_socket_dispatch_properties_changed (GObject     *object,
                                             guint        n_pspecs,
                                             GParamSpec **pspecs)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (object);
  QnetSslMode mode;

  if (qnet_io_device_is_disposed (qnet_socket_get_device (QNET_SOCKET (self))))
    return;  /* perhaps in another thread, which has dropped it */

  mode = qnet_ssl_socket_get_mode (self);
  G_OBJECT_CLASS (qnet_ssl_socket_parent_class)
    ->dispatch_properties_changed (object, n_pspecs, pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    if (g_strcmp0 (pspecs[i]->name, "mode") == 0 && qnet_ssl_socket_get_mode (self) == mode
        && !qnet_io_device_is_silent (qnet_socket_get_device (QNET_SOCKET (self))))
      qnet_io_device_emit (self, signals[SIGNAL_MODE_CHANGED], 0, mode);
}

/* Runs after the handlers of bytes-written. */
static void
qnet_ssl_socket_bytes_written (QnetIODevice *device,
                               gint64        size)
{
  qnet_ssl_socket_report_encrypted_bytes (QNET_SSL_SOCKET (device));
}

/* GObject */

static void
qnet_ssl_socket_finalize (GObject *object)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (object);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  qnet_ssl_configuration_unref (priv->configuration);
  g_clear_pointer (&priv->used, qnet_ssl_configuration_unref);
  g_clear_pointer (&priv->offered, g_bytes_unref);
  g_clear_object (&priv->interaction);
  g_clear_pointer (&priv->ticket_key, g_bytes_unref);
  g_clear_pointer (&priv->session_ticket, g_bytes_unref);
  qnet_ssl_socket_forget_ignored (self);
  g_clear_object (&priv->peer_certificate);
  g_clear_pointer (&priv->ocsp_response, g_bytes_unref);
  g_free (priv->verify_name);
  g_free (priv->host);
  g_free (priv->server_name);
  g_free (priv->negotiated);
  g_free (priv->cipher);

  G_OBJECT_CLASS (qnet_ssl_socket_parent_class)->finalize (object);
}

static void
install_handshake_signals (void)
{
  /**
   * QnetSslSocket::encrypted:
   * @self: the socket
   *
   * Emitted when the handshake is complete and the peer is verified.
   *
   * What was written before is sent now.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ENCRYPTED] =
    g_signal_new ("encrypted", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
install_verification_signals (void)
{
  /**
   * QnetSslSocket::ssl-errors:
   * @self: the socket
   * @errors: the errors of @certificate
   * @certificate: the certificate of the peer
   *
   * Emitted when the certificate of the peer has errors.
   *
   * The handshake is complete, but nothing of the application was sent or read yet. The connection
   * ends when all handlers have returned, unless one of them calls
   * [method@SslSocket.ignore_ssl_errors_full] or a related function, or the mode is
   * [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode].
   *
   * Since: 1.0
   */
  signals[SIGNAL_SSL_ERRORS] =
    g_signal_new ("ssl-errors", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);

  /**
   * QnetSslSocket::peer-verify-error:
   * @self: the socket
   * @error: one of the errors
   * @certificate: the certificate of the peer
   *
   * Emitted for each error of the certificate of the peer, before [signal@SslSocket::ssl-errors].
   *
   * Since: 1.0
   */
  signals[SIGNAL_PEER_VERIFY_ERROR] =
    g_signal_new ("peer-verify-error", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);
}

static void
install_transfer_signals (void)
{
  /**
   * QnetSslSocket::encrypted-bytes-written:
   * @self: the socket
   * @size: a number of bytes
   *
   * Emitted when encrypted bytes were passed to the kernel.
   *
   * These are more than the bytes that were written, since they include the overhead of TLS; the
   * first emission includes the handshake. It follows [signal@IODevice::bytes-written].
   *
   * Since: 1.0
   */
  signals[SIGNAL_ENCRYPTED_BYTES_WRITTEN] =
    g_signal_new ("encrypted-bytes-written", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);

  /**
   * QnetSslSocket::mode-changed:
   * @self: the socket
   * @mode: the new mode
   *
   * Emitted when [property@SslSocket:mode] has changed, after the notification of the property.
   *
   * Since: 1.0
   */
  signals[SIGNAL_MODE_CHANGED] =
    g_signal_new ("mode-changed", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, QNET_TYPE_SSL_MODE);
}

static void
qnet_ssl_socket_class_init (QnetSslSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  int error_number;

  /* GIO looks for the module once; if it cannot be opened then, it is never found. */
  qnet_reserve_can_load_modules (&error_number);
  g_tls_backend_get_default ();

  object_class->finalize = qnet_ssl_socket_finalize;
  object_class->dispatch_properties_changed = qnet_ssl_socket_dispatch_properties_changed;

  qnet_ssl_socket_class_install_securing (QNET_IO_DEVICE_CLASS (klass));
  qnet_ssl_socket_class_install_successor (QNET_SOCKET_CLASS (klass));

  qnet_ssl_socket_class_install_properties (object_class);
  install_handshake_signals ();
  install_verification_signals ();
  install_transfer_signals ();
  g_signal_override_class_handler ("bytes-written", QNET_TYPE_SSL_SOCKET,
                                   G_CALLBACK (qnet_ssl_socket_bytes_written));
}

static void
qnet_ssl_socket_init (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  priv->configuration = qnet_ssl_configuration_get_default ();
  priv->handshake_timeout = DEFAULT_TIMEOUT;
}

/* Public API */

/**
 * qnet_ssl_socket_new:
 *
 * Creates an unconnected socket.
 *
 * Returns: (transfer full): a new socket
 *
 * Since: 1.0
 */
QnetSslSocket *
qnet_ssl_socket_new (void)
{
  return g_object_new (QNET_TYPE_SSL_SOCKET, NULL);
}

/**
 * qnet_ssl_socket_supports_ssl:
 *
 * Gets whether qnet was built with TLS (GnuTLS), and TLS for GIO is installed, which is in a
 * separate package (glib-networking): it has the types of certificates and databases.
 *
 * If qnet was built without TLS, everything that needs it fails with
 * [QNET_SOCKET_ERROR_SSL_INTERNAL][error@SocketError].
 *
 * Returns: whether connections can be encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_supports_ssl (void)
{
  return qnet_tls_is_supported () && g_tls_backend_supports_tls (g_tls_backend_get_default ());
}
