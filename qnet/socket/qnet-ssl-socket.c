/* qnet-ssl-socket.c: a TCP connection that can be encrypted by TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "qnet-enum-types.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-reserve-private.h"
#include "socket/qnet-ssl-socket-private.h"

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
 * All that [class@AbstractSocket] and [class@IODevice] do it does as well, with the bytes in the clear: they are encrypted and
 * decrypted on the way. What is written before [signal@SslSocket::encrypted] waits for it; nothing of it is ever sent in the clear.
 *
 * ## Who the peer is
 *
 * A client connects to nobody but the one it asked for: the certificate has to be signed by somebody whom the system trusts (or
 * [property@SslSocket:database]), to be valid now, and to be for the name of the host (or [property@SslSocket:peer-verify-name]).
 * If not, [signal@SslSocket::ssl-errors] is emitted, then [signal@AbstractSocket::error-occurred] with
 * [QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED][error@SocketError], and the connection ends. There are
 * two ways to take another certificate, and nothing falls back to either:
 * [method@SslSocket.ignore_ssl_errors_full] lets one certificate pass, which is what a program that
 * asks its user needs; [method@SslSocket.ignore_ssl_errors] and a
 * [property@SslSocket:peer-verify-mode] other than
 * [QNET_SSL_PEER_VERIFY_MODE_VERIFY][enum@SslPeerVerifyMode] **let everybody pass**, so that
 * anybody on the way can read and write what goes over the connection.
 *
 * ## In the middle of a connection
 *
 * Protocols with a `STARTTLS` of their own begin in the clear: connect by [method@AbstractSocket.connect_to_host], talk, and call
 * [method@SslSocket.start_client_encryption] or [method@SslSocket.start_server_encryption]. Bytes that came in the clear and were
 * not read before are refused, and the connection with them: whoever could put them there wants to have them taken for encrypted
 * ones.
 *
 * ## How a connection ends
 *
 * The end of a TLS connection is announced by the peer; a connection that ends without may have been cut off by anybody. Both are
 * [QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED][error@SocketError] by
 * [signal@AbstractSocket::error-occurred], in different words. Who reads by
 * [method@Gio.IOStream.get_input_stream] gets 0 bytes for an announced end, and an error for the
 * other one.
 *
 * What TLS does is GIO's ([class@Gio.TlsConnection]); which versions and ciphers it takes is decided by the system's policy. Sessions
 * are resumed by it, too. [method@SslSocket.get_tls_connection] gives what is not told here.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (QnetSslSocket, qnet_ssl_socket, QNET_TYPE_TCP_SOCKET)

enum
{
  PROP_0,
  PROP_MODE,
  PROP_IS_ENCRYPTED,
  PROP_PEER_VERIFY_MODE,
  PROP_PEER_VERIFY_NAME,
  PROP_CERTIFICATE,
  PROP_DATABASE,
  PROP_INTERACTION,
  PROP_ADVERTISED_PROTOCOLS,
  PROP_HANDSHAKE_TIMEOUT,
  PROP_PEER_CERTIFICATE,
  PROP_PEER_CERTIFICATE_ERRORS,
  PROP_SESSION_PROTOCOL,
  PROP_SESSION_CIPHER,
  PROP_NEGOTIATED_PROTOCOL,
  PROP_REQUESTED_SERVER_NAME,
  N_PROPS
};

enum
{
  SIGNAL_ENCRYPTED,
  SIGNAL_SSL_ERRORS,
  SIGNAL_PEER_VERIFY_ERROR,
  SIGNAL_ENCRYPTED_BYTES_WRITTEN,
  SIGNAL_MODE_CHANGED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint       signals[N_SIGNALS];

/* What ignore_ssl_errors() has let pass. */
typedef struct
{
  GTlsCertificateFlags  errors;
  GTlsCertificate      *certificate;  /* (owned) (nullable): NULL: whichever */
} Ignored;

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

static QnetIODevicePrivate *
get_device (QnetSslSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

/* For the other parts */

static gboolean
covers (const Ignored        *ignored,
        GTlsCertificateFlags  errors,
        GTlsCertificate      *certificate)
{
  if ((errors & ~ignored->errors) != 0)
    return FALSE;

  return ignored->certificate == NULL
         || (certificate != NULL && g_tls_certificate_is_same (ignored->certificate, certificate));
}

gboolean
qnet_ssl_socket_ignores (QnetSslSocket        *self,
                         GTlsCertificateFlags  errors,
                         GTlsCertificate      *certificate)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  for (guint i = 0; priv->ignored != NULL && i < priv->ignored->len; i++)
    if (covers (&g_array_index (priv->ignored, Ignored, i), errors, certificate))
      return TRUE;

  return FALSE;
}

void
qnet_ssl_socket_forget_ignored (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  g_clear_pointer (&priv->ignored, g_array_unref);
}

gboolean
qnet_ssl_socket_errors_are_heard (QnetSslSocket *self)
{
  return g_signal_has_handler_pending (self, signals[SIGNAL_SSL_ERRORS], 0, TRUE);
}

void
qnet_ssl_socket_set_mode (QnetSslSocket *self,
                          QnetSslMode    mode)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  if (priv->mode == mode)
    return;

  priv->mode = mode;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MODE]);
}

static void
notify_unless_default (GObject    *object,
                       GParamSpec *pspec)
{
  g_auto(GValue) value = G_VALUE_INIT;

  g_object_get_property (object, pspec->name, &value);
  if (!g_param_value_defaults (pspec, &value))
    g_object_notify_by_pspec (object, pspec);
}

void
qnet_ssl_socket_notify_session (QnetSslSocket *self)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);

  for (guint i = PROP_PEER_CERTIFICATE; i < N_PROPS; i++)
    notify_unless_default (object, props[i]);

  g_object_thaw_notify (object);
}

void
qnet_ssl_socket_emit_encrypted (QnetSslSocket *self)
{
  if (!get_device (self)->torn_down)
    {
      qnet_ssl_socket_get_private (self)->n_encrypted++;
      g_signal_emit (self, signals[SIGNAL_ENCRYPTED], 0);
    }
}

/* One by one, then all of them. */
void
qnet_ssl_socket_emit_errors (QnetSslSocket        *self,
                             GTlsCertificateFlags  errors,
                             GTlsCertificate      *certificate)
{
  guint serial = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->connection.serial;

  for (guint flag = 1; flag <= (guint) errors; flag <<= 1)
    {
      if ((errors & flag) != 0)
        g_signal_emit (self, signals[SIGNAL_PEER_VERIFY_ERROR], 0, flag, certificate);
      if (serial != qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->connection.serial)
        return;
    }

  g_signal_emit (self, signals[SIGNAL_SSL_ERRORS], 0, errors, certificate);
}

void
qnet_ssl_socket_tell_encrypted_bytes (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);
  guint64 sent;

  if (priv->phase != QNET_SSL_PHASE_ENCRYPTED || get_device (self)->torn_down)
    return;

  sent = qnet_raw_connection_get_n_sent (priv->raw) - priv->encrypted_told;
  priv->encrypted_told += sent;

  if (sent > 0)
    g_signal_emit (self, signals[SIGNAL_ENCRYPTED_BYTES_WRITTEN], 0, (gint64) sent);
}

/* The mode changes together with other things, and is told with them. */
static void
qnet_ssl_socket_dispatch_properties_changed (GObject     *object,
                                             guint        n_pspecs,
                                             GParamSpec **pspecs)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (object);

  G_OBJECT_CLASS (qnet_ssl_socket_parent_class)->dispatch_properties_changed (object, n_pspecs, pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    if (pspecs[i] == props[PROP_MODE])
      g_signal_emit (self, signals[SIGNAL_MODE_CHANGED], 0, qnet_ssl_socket_get_mode (self));
}

/* After the handlers of bytes-written. */
static void
qnet_ssl_socket_bytes_written (QnetIODevice *device,
                               gint64        size)
{
  qnet_ssl_socket_tell_encrypted_bytes (QNET_SSL_SOCKET (device));
}

/* GObject */

static void
qnet_ssl_socket_finalize (GObject *object)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (object);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  qnet_ssl_settings_clear (&priv->settings);
  qnet_ssl_socket_forget_ignored (self);
  g_clear_object (&priv->tls);
  g_clear_object (&priv->peer_certificate);
  g_free (priv->verify_name);
  g_free (priv->server_name);
  g_free (priv->protocol);
  g_free (priv->negotiated);
  g_free (priv->cipher);

  G_OBJECT_CLASS (qnet_ssl_socket_parent_class)->finalize (object);
}

static void
get_setting (QnetSslSocket *self,
             guint          prop_id,
             GValue        *value)
{
  switch (prop_id)
    {
    case PROP_PEER_VERIFY_MODE:
      g_value_set_enum (value, qnet_ssl_socket_get_peer_verify_mode (self));
      break;
    case PROP_PEER_VERIFY_NAME:
      g_value_set_string (value, qnet_ssl_socket_get_peer_verify_name (self));
      break;
    case PROP_CERTIFICATE:
      g_value_set_object (value, qnet_ssl_socket_get_certificate (self));
      break;
    case PROP_DATABASE:
      g_value_set_object (value, qnet_ssl_socket_get_database (self));
      break;
    case PROP_INTERACTION:
      g_value_set_object (value, qnet_ssl_socket_get_interaction (self));
      break;
    case PROP_ADVERTISED_PROTOCOLS:
      g_value_set_boxed (value, qnet_ssl_socket_get_advertised_protocols (self));
      break;
    case PROP_HANDSHAKE_TIMEOUT:
      g_value_set_int (value, qnet_ssl_socket_get_handshake_timeout (self));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
qnet_ssl_socket_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (object);

  switch (prop_id)
    {
    case PROP_PEER_VERIFY_MODE:
    case PROP_PEER_VERIFY_NAME:
    case PROP_CERTIFICATE:
    case PROP_DATABASE:
    case PROP_INTERACTION:
    case PROP_ADVERTISED_PROTOCOLS:
    case PROP_HANDSHAKE_TIMEOUT:
      get_setting (self, prop_id, value);
      break;
    case PROP_MODE:
      g_value_set_enum (value, qnet_ssl_socket_get_mode (self));
      break;
    case PROP_IS_ENCRYPTED:
      g_value_set_boolean (value, qnet_ssl_socket_get_is_encrypted (self));
      break;
    case PROP_PEER_CERTIFICATE:
      g_value_set_object (value, qnet_ssl_socket_get_peer_certificate (self));
      break;
    case PROP_PEER_CERTIFICATE_ERRORS:
      g_value_set_flags (value, qnet_ssl_socket_get_peer_certificate_errors (self));
      break;
    case PROP_SESSION_PROTOCOL:
      g_value_set_string (value, qnet_ssl_socket_get_session_protocol (self));
      break;
    case PROP_SESSION_CIPHER:
      g_value_set_string (value, qnet_ssl_socket_get_session_cipher (self));
      break;
    case PROP_NEGOTIATED_PROTOCOL:
      g_value_set_string (value, qnet_ssl_socket_get_negotiated_protocol (self));
      break;
    case PROP_REQUESTED_SERVER_NAME:
      g_value_set_string (value, qnet_ssl_socket_get_requested_server_name (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_ssl_socket_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (object);

  switch (prop_id)
    {
    case PROP_PEER_VERIFY_MODE:
      qnet_ssl_socket_set_peer_verify_mode (self, g_value_get_enum (value));
      break;
    case PROP_PEER_VERIFY_NAME:
      qnet_ssl_socket_set_peer_verify_name (self, g_value_get_string (value));
      break;
    case PROP_CERTIFICATE:
      qnet_ssl_socket_set_certificate (self, g_value_get_object (value));
      break;
    case PROP_DATABASE:
      qnet_ssl_socket_set_database (self, g_value_get_object (value));
      break;
    case PROP_INTERACTION:
      qnet_ssl_socket_set_interaction (self, g_value_get_object (value));
      break;
    case PROP_ADVERTISED_PROTOCOLS:
      qnet_ssl_socket_set_advertised_protocols (self, g_value_get_boxed (value));
      break;
    case PROP_HANDSHAKE_TIMEOUT:
      qnet_ssl_socket_set_handshake_timeout (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
install_states (void)
{
  /**
   * QnetSslSocket:mode:
   *
   * Whether the connection is encrypted or about to be, and as which side.
   *
   * It is set when an encryption is asked for, and stays after the end of the connection until the next one begins.
   *
   * Since: 1.0
   */
  props[PROP_MODE] =
    g_param_spec_enum ("mode", NULL, NULL, QNET_TYPE_SSL_MODE, QNET_SSL_MODE_UNENCRYPTED, READABLE);

  /**
   * QnetSslSocket:is-encrypted:
   *
   * Whether there is a connection, and all that goes over it is encrypted.
   *
   * Since: 1.0
   */
  props[PROP_IS_ENCRYPTED] =
    g_param_spec_boolean ("is-encrypted", NULL, NULL, FALSE, READABLE);
}

static void
install_settings (void)
{
  /**
   * QnetSslSocket:peer-verify-mode:
   *
   * What is asked of the certificate of the peer.
   *
   * A client with [QNET_SSL_PEER_VERIFY_MODE_NONE][enum@SslPeerVerifyMode] or
   * [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode] **takes any certificate**. It counts
   * for the next handshake.
   *
   * Since: 1.0
   */
  props[PROP_PEER_VERIFY_MODE] =
    g_param_spec_enum ("peer-verify-mode", NULL, NULL, QNET_TYPE_SSL_PEER_VERIFY_MODE,
                       QNET_SSL_PEER_VERIFY_MODE_AUTO, READWRITE);

  /**
   * QnetSslSocket:peer-verify-name:
   *
   * The name that the certificate of the server has to be for, and that the server is told; %NULL for that of
   * [property@AbstractSocket:peer-name].
   *
   * A connection that was made from a descriptor has no name of its own: without this one a client refuses every certificate.
   *
   * Since: 1.0
   */
  props[PROP_PEER_VERIFY_NAME] =
    g_param_spec_string ("peer-verify-name", NULL, NULL, NULL, READWRITE);

  /**
   * QnetSslSocket:certificate:
   *
   * Our own certificate, with its private key.
   *
   * A server needs one. A client shows it to a server that asks for it.
   *
   * Since: 1.0
   */
  props[PROP_CERTIFICATE] =
    g_param_spec_object ("certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READWRITE);

  /**
   * QnetSslSocket:database:
   *
   * Whose signatures are trusted. %NULL, for those whom the system trusts, until it is set; it cannot be set to %NULL, which is what
   * a database is that could not be loaded.
   *
   * Since: 1.0
   */
  props[PROP_DATABASE] =
    g_param_spec_object ("database", NULL, NULL, G_TYPE_TLS_DATABASE, READWRITE);

  /**
   * QnetSslSocket:interaction:
   *
   * Who is asked for the PIN of a token, and for a certificate when a server wants one and there is none.
   *
   * It is asked in the middle of the handshake, by the thread of the socket or by another one.
   *
   * Since: 1.0
   */
  props[PROP_INTERACTION] =
    g_param_spec_object ("interaction", NULL, NULL, G_TYPE_TLS_INTERACTION, READWRITE);

  /**
   * QnetSslSocket:advertised-protocols:
   *
   * The protocols that we offer to speak over the connection, the best one first (ALPN, RFC 7301); `h2` and `http/1.1` are such.
   *
   * The server chooses: as a server we take the first of ours that the client offers, too. [property@SslSocket:negotiated-protocol]
   * says which of them was chosen.
   *
   * Since: 1.0
   */
  props[PROP_ADVERTISED_PROTOCOLS] =
    g_param_spec_boxed ("advertised-protocols", NULL, NULL, G_TYPE_STRV, READWRITE);

  /**
   * QnetSslSocket:handshake-timeout:
   *
   * How many milliseconds a handshake may take, 30000 unless it is set; 0 for no limit.
   *
   * Then the connection ends with [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError].
   *
   * Since: 1.0
   */
  props[PROP_HANDSHAKE_TIMEOUT] =
    g_param_spec_int ("handshake-timeout", NULL, NULL, 0, G_MAXINT, 30000, READWRITE);
}

static void
install_session (void)
{
  /**
   * QnetSslSocket:peer-certificate:
   *
   * The certificate of the peer, with those who signed it as its issuers; %NULL before a handshake, or when it has shown none.
   *
   * It is there in handlers of [signal@SslSocket::ssl-errors], and after the end of the connection.
   *
   * Since: 1.0
   */
  props[PROP_PEER_CERTIFICATE] =
    g_param_spec_object ("peer-certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READABLE);

  /**
   * QnetSslSocket:peer-certificate-errors:
   *
   * What is wrong with [property@SslSocket:peer-certificate], ignored or not.
   *
   * Since: 1.0
   */
  props[PROP_PEER_CERTIFICATE_ERRORS] =
    g_param_spec_flags ("peer-certificate-errors", NULL, NULL, G_TYPE_TLS_CERTIFICATE_FLAGS, 0, READABLE);

  /**
   * QnetSslSocket:session-protocol:
   *
   * The version of TLS that is spoken, `TLSv1.3` for example; %NULL before a handshake.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_PROTOCOL] =
    g_param_spec_string ("session-protocol", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:session-cipher:
   *
   * The cipher suite in use, by the name that the TLS library gives it; %NULL before a handshake.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_CIPHER] =
    g_param_spec_string ("session-cipher", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:negotiated-protocol:
   *
   * Which of the [property@SslSocket:advertised-protocols] both sides speak; %NULL when there is none.
   *
   * Since: 1.0
   */
  props[PROP_NEGOTIATED_PROTOCOL] =
    g_param_spec_string ("negotiated-protocol", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:requested-server-name:
   *
   * On the side of the server: the name of the host that the client wants (SNI, RFC 6066), in lower case; %NULL when it gave none.
   *
   * Since: 1.0
   */
  props[PROP_REQUESTED_SERVER_NAME] =
    g_param_spec_string ("requested-server-name", NULL, NULL, NULL, READABLE);
}

static void
install_signals (void)
{
  /**
   * QnetSslSocket::encrypted:
   * @self: the socket
   *
   * The handshake is over, and the peer is who it should be. What was written before is sent now.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ENCRYPTED] =
    g_signal_new ("encrypted", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * QnetSslSocket::ssl-errors:
   * @self: the socket
   * @errors: what is wrong with it
   * @certificate: the certificate of the peer
   *
   * The certificate of the peer is not as it should be.
   *
   * The handshake is over, and no byte of the program was sent or read yet. Unless a handler calls
   * [method@SslSocket.ignore_ssl_errors_full], or the other one, the connection ends when all handlers have returned, except with
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
   * One thing is wrong with the certificate of the peer; [signal@SslSocket::ssl-errors] follows when each was told.
   *
   * Since: 1.0
   */
  signals[SIGNAL_PEER_VERIFY_ERROR] =
    g_signal_new ("peer-verify-error", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);

  /**
   * QnetSslSocket::encrypted-bytes-written:
   * @self: the socket
   * @size: how many bytes
   *
   * So many encrypted bytes were handed to the kernel: more than were written, and those of the handshake at first.
   *
   * It follows [signal@IODevice::bytes-written].
   *
   * Since: 1.0
   */
  signals[SIGNAL_ENCRYPTED_BYTES_WRITTEN] =
    g_signal_new ("encrypted-bytes-written", QNET_TYPE_SSL_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_INT64);

  /**
   * QnetSslSocket::mode-changed:
   * @self: the socket
   * @mode: the new mode
   *
   * [property@SslSocket:mode] has changed. It follows the notification of the property.
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

  /* A module: looked for once, and where there is no descriptor for it then, never found. */
  qnet_reserve_can_load_modules (&error_number);
  g_tls_backend_get_default ();

  object_class->finalize     = qnet_ssl_socket_finalize;
  object_class->get_property = qnet_ssl_socket_get_property;
  object_class->set_property = qnet_ssl_socket_set_property;
  object_class->dispatch_properties_changed = qnet_ssl_socket_dispatch_properties_changed;

  qnet_ssl_socket_class_install_securing (QNET_IO_DEVICE_CLASS (klass));

  install_states ();
  install_settings ();
  install_session ();
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals ();
  g_signal_override_class_handler ("bytes-written", QNET_TYPE_SSL_SOCKET,
                                   G_CALLBACK (qnet_ssl_socket_bytes_written));
}

static void
qnet_ssl_socket_init (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);

  qnet_ssl_settings_init (&priv->settings);
}

/* Public API */

/**
 * qnet_ssl_socket_new:
 *
 * Makes an unconnected socket.
 *
 * Returns: (transfer full): the socket
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
 * Tells whether this system has TLS for GIO, which is a package of its own (glib-networking).
 *
 * Returns: whether connections can be encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_supports_ssl (void)
{
  return g_tls_backend_supports_tls (g_tls_backend_get_default ());
}

static void
clear_ignored (gpointer data)
{
  g_clear_object (&((Ignored *) data)->certificate);
}

static void
ignore (QnetSslSocket        *self,
        GTlsCertificateFlags  errors,
        GTlsCertificate      *certificate)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_instance_private (self);
  Ignored ignored = { errors, NULL };

  if (priv->ignored == NULL)
    {
      priv->ignored = g_array_new (FALSE, FALSE, sizeof (Ignored));
      g_array_set_clear_func (priv->ignored, clear_ignored);
    }

  g_set_object (&ignored.certificate, certificate);
  g_array_append_val (priv->ignored, ignored);
}

/**
 * qnet_ssl_socket_ignore_ssl_errors:
 * @self: a socket
 *
 * Lets **any** certificate of the peer pass, on this connection.
 *
 * The connection is encrypted, but nobody knows to whom: whoever is on the way can read and change everything. It is for tests.
 * Where a certificate is known to be good, [method@SslSocket.ignore_ssl_errors_full] lets pass that one alone.
 *
 * Call it before the handshake, or in a handler of [signal@SslSocket::ssl-errors]. It is forgotten when the connection ends.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_ignore_ssl_errors (QnetSslSocket *self)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));

  ignore (self, ~(GTlsCertificateFlags) 0, NULL);
}

/**
 * qnet_ssl_socket_ignore_ssl_errors_full:
 * @self: a socket
 * @errors: what may be wrong
 * @certificate: with which certificate
 *
 * Lets one certificate of the peer pass although these things are wrong with it, on this connection.
 *
 * Errors that are not among @errors still end the connection. Each call adds to those before.
 *
 * Call it before the handshake, or in a handler of [signal@SslSocket::ssl-errors]. It is forgotten when the connection ends.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_ignore_ssl_errors_full (QnetSslSocket        *self,
                                        GTlsCertificateFlags  errors,
                                        GTlsCertificate      *certificate)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  g_return_if_fail (G_IS_TLS_CERTIFICATE (certificate));

  ignore (self, errors, certificate);
}

/**
 * qnet_ssl_socket_ignore_ssl_errors_of_any:
 * @self: a socket
 * @errors: what may be wrong
 *
 * Lets **any** certificate of the peer pass if nothing else is wrong with it, on this connection.
 *
 * It is as dangerous as @errors are; [method@SslSocket.ignore_ssl_errors_full] is for a certificate that is known.
 *
 * Call it before the handshake, or in a handler of [signal@SslSocket::ssl-errors]. It is forgotten when the connection ends.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_ignore_ssl_errors_of_any (QnetSslSocket        *self,
                                          GTlsCertificateFlags  errors)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));

  ignore (self, errors, NULL);
}
