/* qnet-ssl-socket-properties.c: the properties of QnetSslSocket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-socket-private.h"

#include "qnet-enum-types.h"

enum
{
  PROP_0,
  PROP_MODE,
  PROP_ENCRYPTED,
  PROP_SSL_CONFIGURATION,
  PROP_PEER_VERIFY_MODE,
  PROP_PEER_VERIFY_NAME,
  PROP_CERTIFICATE,
  PROP_DATABASE,
  PROP_INTERACTION,
  PROP_ADVERTISED_PROTOCOLS,
  PROP_HANDSHAKE_TIMEOUT,
  PROP_PEER_CERTIFICATE,
  PROP_PEER_CERTIFICATE_ERRORS,
  PROP_OCSP_RESPONSE,
  PROP_SESSION_PROTOCOL,
  PROP_SESSION_CIPHER,
  PROP_SESSION_GROUP,
  PROP_NEGOTIATED_PROTOCOL,
  PROP_REQUESTED_SERVER_NAME,
  PROP_SESSION_REUSED,
  PROP_SESSION_TICKET,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* For the other parts */

void
qnet_ssl_socket_set_mode (QnetSslSocket *self,
                          QnetSslMode    mode)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->mode == mode)
    return;

  priv->mode = mode;
  qnet_io_device_notify (self, props[PROP_MODE]);
}

static void
notify_unless_default (GObject    *object,
                       GParamSpec *pspec)
{
  g_auto(GValue) value = G_VALUE_INIT;

  g_object_get_property (object, pspec->name, &value);
  if (!g_param_value_defaults (pspec, &value))
    qnet_io_device_notify (object, pspec);
}

void
qnet_ssl_socket_notify_session (QnetSslSocket *self)
{
  GObject *object = G_OBJECT (self);

  qnet_io_device_freeze_notify (object);

  for (guint i = PROP_PEER_CERTIFICATE; i < N_PROPS; i++)
    notify_unless_default (object, props[i]);

  qnet_io_device_thaw_notify (object);
}

/* GObject */

static void
get_setting (QnetSslSocket *self,
             guint          prop_id,
             GValue        *value)
{
  switch (prop_id)
    {
    case PROP_SSL_CONFIGURATION:
      g_value_set_boxed (value, qnet_ssl_socket_get_ssl_configuration (self));
      break;
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
    case PROP_SSL_CONFIGURATION:
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
    case PROP_ENCRYPTED:
      g_value_set_boolean (value, qnet_ssl_socket_is_encrypted (self));
      break;
    case PROP_PEER_CERTIFICATE:
      g_value_set_object (value, qnet_ssl_socket_get_peer_certificate (self));
      break;
    case PROP_PEER_CERTIFICATE_ERRORS:
      g_value_set_flags (value, qnet_ssl_socket_get_peer_certificate_errors (self));
      break;
    case PROP_OCSP_RESPONSE:
      g_value_set_boxed (value, qnet_ssl_socket_get_ocsp_response (self));
      break;
    case PROP_SESSION_PROTOCOL:
      g_value_set_string (value, qnet_ssl_socket_get_session_protocol (self));
      break;
    case PROP_SESSION_CIPHER:
      g_value_set_string (value, qnet_ssl_socket_get_session_cipher (self));
      break;
    case PROP_SESSION_GROUP:
      g_value_set_string (value, qnet_ssl_socket_get_session_group (self));
      break;
    case PROP_NEGOTIATED_PROTOCOL:
      g_value_set_string (value, qnet_ssl_socket_get_negotiated_protocol (self));
      break;
    case PROP_REQUESTED_SERVER_NAME:
      g_value_set_string (value, qnet_ssl_socket_get_requested_server_name (self));
      break;
    case PROP_SESSION_REUSED:
      g_value_set_boolean (value, qnet_ssl_socket_is_session_reused (self));
      break;
    case PROP_SESSION_TICKET:
      g_value_set_boxed (value, qnet_ssl_socket_get_session_ticket (self));
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
    case PROP_SSL_CONFIGURATION:
      qnet_ssl_socket_set_ssl_configuration (self, g_value_get_boxed (value));
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
   * Whether the connection is encrypted or will be, and as which side of the handshake.
   *
   * It is set when the encryption is requested, and keeps its value after the end of the connection
   * until the next one begins.
   *
   * Since: 1.0
   */
  props[PROP_MODE] =
    g_param_spec_enum ("mode", NULL, NULL, QNET_TYPE_SSL_MODE, QNET_SSL_MODE_UNENCRYPTED, READABLE);

  /**
   * QnetSslSocket:encrypted: (getter is_encrypted)
   *
   * Whether there is a connection and it is encrypted.
   *
   * Since: 1.0
   */
  props[PROP_ENCRYPTED] =
    g_param_spec_boolean ("encrypted", NULL, NULL, FALSE, READABLE);
}

static void
install_verification (void)
{
  /**
   * QnetSslSocket:peer-verify-mode:
   *
   * How the certificate of the peer is verified, from the next handshake on.
   *
   * A client with [QNET_SSL_PEER_VERIFY_MODE_NONE][enum@SslPeerVerifyMode] or
   * [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode] **accepts every certificate**.
   *
   * Since: 1.0
   */
  props[PROP_PEER_VERIFY_MODE] =
    g_param_spec_enum ("peer-verify-mode", NULL, NULL, QNET_TYPE_SSL_PEER_VERIFY_MODE,
                       QNET_SSL_PEER_VERIFY_MODE_AUTO, READWRITE);

  /**
   * QnetSslSocket:peer-verify-name:
   *
   * The name that the certificate of the server must be for, and that is sent to the server (SNI);
   * %NULL for [property@AbstractSocket:peer-name]. All forms of a name are the same, such as
   * `bücher.example` and `xn--bcher-kva.example.`, and so are those of an address.
   *
   * A connection that was created from a descriptor has no peer name: unless this property is set,
   * a client refuses every certificate then.
   *
   * Since: 1.0
   */
  props[PROP_PEER_VERIFY_NAME] =
    g_param_spec_string ("peer-verify-name", NULL, NULL, NULL, READWRITE);
}

static void
install_identity (void)
{
  /**
   * QnetSslSocket:ssl-configuration:
   *
   * The settings of TLS, for the next handshake.
   *
   * The default is that of the program: see [method@SslConfiguration.set_default]. The sockets of a
   * [class@SslServer] have that of the server.
   *
   * Since: 1.0
   */
  props[PROP_SSL_CONFIGURATION] =
    g_param_spec_boxed ("ssl-configuration", NULL, NULL, QNET_TYPE_SSL_CONFIGURATION, READWRITE);

  /**
   * QnetSslSocket:certificate:
   *
   * The certificate of this side, with its private key: see [method@SslSocket.set_certificate].
   *
   * A server needs one. A client presents it to a server that requests it.
   *
   * Since: 1.0
   */
  props[PROP_CERTIFICATE] =
    g_param_spec_object ("certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READABLE);

  /**
   * QnetSslSocket:database:
   *
   * The authorities whose signatures are trusted; %NULL, the default, for those of the system.
   *
   * It cannot be set to %NULL, so that a database that could not be loaded does not widen the
   * trust.
   *
   * Since: 1.0
   */
  props[PROP_DATABASE] =
    g_param_spec_object ("database", NULL, NULL, G_TYPE_TLS_DATABASE, READWRITE);

  /**
   * QnetSslSocket:interaction:
   *
   * The object that is asked for the PIN of a token.
   *
   * It is called during the handshake, in the main context in which it was created.
   *
   * Since: 1.0
   */
  props[PROP_INTERACTION] =
    g_param_spec_object ("interaction", NULL, NULL, G_TYPE_TLS_INTERACTION, READWRITE);
}

static void
install_negotiation (void)
{
  /**
   * QnetSslSocket:advertised-protocols:
   *
   * The application protocols to offer, such as `h2` and `http/1.1`, in the order of preference
   * (ALPN, RFC 7301).
   *
   * The server chooses: it takes the first of its own protocols that the client offers.
   * [property@SslSocket:negotiated-protocol] is the result.
   *
   * Since: 1.0
   */
  props[PROP_ADVERTISED_PROTOCOLS] =
    g_param_spec_boxed ("advertised-protocols", NULL, NULL, G_TYPE_STRV, READWRITE);

  /**
   * QnetSslSocket:handshake-timeout:
   *
   * The timeout of a handshake in milliseconds, or 0 for none.
   *
   * When it expires, the connection ends with
   * [QNET_SOCKET_ERROR_SOCKET_TIMEOUT][error@SocketError].
   *
   * Since: 1.0
   */
  props[PROP_HANDSHAKE_TIMEOUT] =
    g_param_spec_int ("handshake-timeout", NULL, NULL, 0, G_MAXINT, 30000, READWRITE);
}

static void
install_peer (void)
{
  /**
   * QnetSslSocket:peer-certificate:
   *
   * The certificate of the peer, with its chain of issuers; %NULL before a handshake, or if the
   * peer presented none.
   *
   * It is available in handlers of [signal@SslSocket::ssl-errors], and after the end of the
   * connection.
   *
   * Since: 1.0
   */
  props[PROP_PEER_CERTIFICATE] =
    g_param_spec_object ("peer-certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READABLE);

  /**
   * QnetSslSocket:peer-certificate-errors:
   *
   * The errors of [property@SslSocket:peer-certificate], including ignored ones.
   *
   * Since: 1.0
   */
  props[PROP_PEER_CERTIFICATE_ERRORS] =
    g_param_spec_flags ("peer-certificate-errors", NULL, NULL,
                        G_TYPE_TLS_CERTIFICATE_FLAGS, 0, READABLE);

  /**
   * QnetSslSocket:ocsp-response:
   *
   * What the server has sent about the revocation of its certificate: see
   * [method@SslSocket.get_ocsp_response].
   *
   * Since: 1.0
   */
  props[PROP_OCSP_RESPONSE] =
    g_param_spec_boxed ("ocsp-response", NULL, NULL, G_TYPE_BYTES, READABLE);
}

static void
install_session (void)
{
  /**
   * QnetSslSocket:session-protocol:
   *
   * The version of TLS, such as `TLSv1.3`; %NULL before a handshake.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_PROTOCOL] =
    g_param_spec_string ("session-protocol", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:session-cipher:
   *
   * The name of the cipher suite, as given by the TLS library; %NULL before a handshake.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_CIPHER] =
    g_param_spec_string ("session-cipher", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:session-group:
   *
   * The group of the key exchange, such as `X25519`, as given by the TLS library; %NULL before a
   * handshake.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_GROUP] =
    g_param_spec_string ("session-group", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:negotiated-protocol:
   *
   * The one of [property@SslSocket:advertised-protocols] that was negotiated; %NULL for none.
   *
   * Since: 1.0
   */
  props[PROP_NEGOTIATED_PROTOCOL] =
    g_param_spec_string ("negotiated-protocol", NULL, NULL, NULL, READABLE);

  /**
   * QnetSslSocket:requested-server-name:
   *
   * On the server side, the name of the host that the client requested (SNI, RFC 6066), in its
   * canonical form: in ASCII and lower case, without a final dot; %NULL for none.
   *
   * Since: 1.0
   */
  props[PROP_REQUESTED_SERVER_NAME] =
    g_param_spec_string ("requested-server-name", NULL, NULL, NULL, READABLE);
}

static void
install_resumption (void)
{
  /**
   * QnetSslSocket:session-reused: (getter is_session_reused)
   *
   * Whether the handshake has resumed the session of an earlier connection.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_REUSED] =
    g_param_spec_boolean ("session-reused", NULL, NULL, FALSE, READABLE);

  /**
   * QnetSslSocket:session-ticket:
   *
   * The last ticket that the server has sent, with which a later connection can resume the session;
   * %NULL for none.
   *
   * It is notified when the connection ends.
   *
   * Since: 1.0
   */
  props[PROP_SESSION_TICKET] =
    g_param_spec_boxed ("session-ticket", NULL, NULL, G_TYPE_BYTES, READABLE);
}

void
qnet_ssl_socket_class_install_properties (GObjectClass *klass)
{
  klass->get_property = qnet_ssl_socket_get_property;
  klass->set_property = qnet_ssl_socket_set_property;

  install_states ();
  install_verification ();
  install_identity ();
  install_negotiation ();
  install_peer ();
  install_session ();
  install_resumption ();
  g_object_class_install_properties (klass, N_PROPS, props);
}
