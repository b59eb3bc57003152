/* qnet-dtls-properties.c: the properties of encrypted datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dtls/qnet-dtls-private.h"

#include "qnet-enum-types.h"

static GParamSpec *properties[QNET_DTLS_N_PROPS];

void
qnet_dtls_notify (QnetDtls         *self,
                  QnetDtlsProperty  id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

void
qnet_dtls_notify_state (QnetDtls *self)
{
  GObject *object = G_OBJECT (self);

  if (g_atomic_int_get (&self->is_disposed))
    return;

  self->n_notified++;
  g_object_ref (object);
  g_object_freeze_notify (object);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_HANDSHAKE_STATE]);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_ENCRYPTED]);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_PEER_CERTIFICATE]);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_PEER_CERTIFICATE_ERRORS]);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_SESSION_PROTOCOL]);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_SESSION_CIPHER]);
  g_object_notify_by_pspec (object, properties[QNET_DTLS_PROP_SESSION_GROUP]);
  g_object_thaw_notify (object);
  g_object_unref (object);
}

static void
get_setting (QnetDtls *self,
             guint     id,
             GValue   *value)
{
  switch (id)
    {
    case QNET_DTLS_PROP_MODE:
      g_value_set_enum (value, qnet_dtls_get_mode (self));
      break;
    case QNET_DTLS_PROP_PEER_ADDRESS:
      g_value_set_boxed (value, qnet_dtls_get_peer_address (self));
      break;
    case QNET_DTLS_PROP_PEER_PORT:
      g_value_set_uint (value, qnet_dtls_get_peer_port (self));
      break;
    case QNET_DTLS_PROP_PEER_VERIFY_NAME:
      g_value_set_string (value, qnet_dtls_get_peer_verify_name (self));
      break;
    case QNET_DTLS_PROP_SSL_CONFIGURATION:
      g_value_set_boxed (value, qnet_dtls_get_ssl_configuration (self));
      break;
    case QNET_DTLS_PROP_CERTIFICATE:
      g_value_set_object (value, qnet_dtls_get_certificate (self));
      break;
    case QNET_DTLS_PROP_DATABASE:
      g_value_set_object (value, qnet_dtls_get_database (self));
      break;
    case QNET_DTLS_PROP_PEER_VERIFY_MODE:
      g_value_set_enum (value, qnet_dtls_get_peer_verify_mode (self));
      break;
    case QNET_DTLS_PROP_COOKIE_SECRET:
      g_value_set_boxed (value, qnet_dtls_get_cookie_secret (self));
      break;
    case QNET_DTLS_PROP_MTU_HINT:
      g_value_set_int (value, qnet_dtls_get_mtu_hint (self));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
qnet_dtls_get_property (GObject    *object,
                        guint       id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  QnetDtls *self = QNET_DTLS (object);

  if (id < QNET_DTLS_PROP_HANDSHAKE_STATE)
    {
      get_setting (self, id, value);
      return;
    }

  switch (id)
    {
    case QNET_DTLS_PROP_HANDSHAKE_STATE:
      g_value_set_enum (value, qnet_dtls_get_handshake_state (self));
      break;
    case QNET_DTLS_PROP_ENCRYPTED:
      g_value_set_boolean (value, qnet_dtls_is_encrypted (self));
      break;
    case QNET_DTLS_PROP_PEER_CERTIFICATE:
      g_value_set_object (value, qnet_dtls_get_peer_certificate (self));
      break;
    case QNET_DTLS_PROP_PEER_CERTIFICATE_ERRORS:
      g_value_set_flags (value, qnet_dtls_get_peer_certificate_errors (self));
      break;
    case QNET_DTLS_PROP_SESSION_PROTOCOL:
      g_value_set_string (value, qnet_dtls_get_session_protocol (self));
      break;
    case QNET_DTLS_PROP_SESSION_CIPHER:
      g_value_set_string (value, qnet_dtls_get_session_cipher (self));
      break;
    case QNET_DTLS_PROP_SESSION_GROUP:
      g_value_set_string (value, qnet_dtls_get_session_group (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* Neither side would mean a client that verifies nothing. */
static void
set_mode (QnetDtls    *self,
          QnetSslMode  mode)
{
  g_return_if_fail (mode != QNET_SSL_MODE_UNENCRYPTED);

  self->mode = mode;
}

static void
qnet_dtls_set_property (GObject      *object,
                        guint         id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  QnetDtls *self = QNET_DTLS (object);

  switch (id)
    {
    case QNET_DTLS_PROP_MODE:
      set_mode (self, g_value_get_enum (value));
      break;
    case QNET_DTLS_PROP_SSL_CONFIGURATION:
      qnet_dtls_set_ssl_configuration (self, g_value_get_boxed (value));
      break;
    case QNET_DTLS_PROP_DATABASE:
      qnet_dtls_set_database (self, g_value_get_object (value));
      break;
    case QNET_DTLS_PROP_PEER_VERIFY_MODE:
      qnet_dtls_set_peer_verify_mode (self, g_value_get_enum (value));
      break;
    case QNET_DTLS_PROP_COOKIE_SECRET:
      qnet_dtls_set_cookie_secret (self, g_value_get_boxed (value));
      break;
    case QNET_DTLS_PROP_MTU_HINT:
      qnet_dtls_set_mtu_hint (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

#define READABLE  (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define READWRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define CONSTRUCT (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS)

static void
install_peer (void)
{
  /**
   * QnetDtls:mode:
   *
   * Whether this is the client or the server of the connection.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_MODE] =
    g_param_spec_enum ("mode", NULL, NULL, QNET_TYPE_SSL_MODE, QNET_SSL_MODE_CLIENT, CONSTRUCT);

  /**
   * QnetDtls:peer-address:
   *
   * The address of the peer; see [method@Dtls.set_peer].
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_PEER_ADDRESS] =
    g_param_spec_boxed ("peer-address", NULL, NULL, QNET_TYPE_HOST_ADDRESS, READABLE);

  /**
   * QnetDtls:peer-port:
   *
   * The port of the peer.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_PEER_PORT] =
    g_param_spec_uint ("peer-port", NULL, NULL, 0, G_MAXUINT16, 0, READABLE);

  /**
   * QnetDtls:peer-verify-name:
   *
   * The name for which the certificate of a server has to be, and which it is sent (SNI).
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_PEER_VERIFY_NAME] =
    g_param_spec_string ("peer-verify-name", NULL, NULL, NULL, READABLE);
}

static void
install_identity (void)
{
  /**
   * QnetDtls:ssl-configuration:
   *
   * The settings of TLS, for handshakes that begin from now on.
   *
   * The default is that of the program: see [method@SslConfiguration.set_default].
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_SSL_CONFIGURATION] =
    g_param_spec_boxed ("ssl-configuration", NULL, NULL, QNET_TYPE_SSL_CONFIGURATION, READWRITE);

  /**
   * QnetDtls:certificate:
   *
   * The own certificate, with its private key: see [method@Dtls.set_certificate]. A server needs
   * one.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_CERTIFICATE] =
    g_param_spec_object ("certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READABLE);
}

static void
install_verification (void)
{
  /**
   * QnetDtls:database:
   *
   * The authorities that are trusted; %NULL, the default, for those of the system.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_DATABASE] =
    g_param_spec_object ("database", NULL, NULL, G_TYPE_TLS_DATABASE, READWRITE);

  /**
   * QnetDtls:peer-verify-mode:
   *
   * Whether the peer is verified; by default a client verifies its server, and a server requests
   * no certificate.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_PEER_VERIFY_MODE] =
    g_param_spec_enum ("peer-verify-mode", NULL, NULL,
                       QNET_TYPE_SSL_PEER_VERIFY_MODE, QNET_SSL_PEER_VERIFY_MODE_AUTO,
                       READWRITE);
}

static void
install_datagrams (void)
{
  /**
   * QnetDtls:cookie-secret:
   *
   * The secret of [property@DtlsClientVerifier:cookie-secret], or %NULL for that of the process.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_COOKIE_SECRET] =
    g_param_spec_boxed ("cookie-secret", NULL, NULL, G_TYPE_BYTES, READWRITE);

  /**
   * QnetDtls:mtu-hint:
   *
   * The largest datagram to send, in bytes, without the headers of UDP and IP; 0, the default,
   * for 1200.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_MTU_HINT] =
    g_param_spec_int ("mtu-hint", NULL, NULL, 0, 65535, 0, READWRITE);
}

static void
install_results (void)
{
  /**
   * QnetDtls:handshake-state:
   *
   * How far the handshake is.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_HANDSHAKE_STATE] =
    g_param_spec_enum ("handshake-state", NULL, NULL,
                       QNET_TYPE_DTLS_HANDSHAKE_STATE, QNET_DTLS_HANDSHAKE_NOT_STARTED,
                       READABLE);

  /**
   * QnetDtls:encrypted: (getter is_encrypted)
   *
   * Whether the handshake is complete.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_ENCRYPTED] =
    g_param_spec_boolean ("encrypted", NULL, NULL, FALSE, READABLE);

  /**
   * QnetDtls:peer-certificate:
   *
   * The certificate of the peer.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_PEER_CERTIFICATE] =
    g_param_spec_object ("peer-certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, READABLE);

  /**
   * QnetDtls:peer-certificate-errors:
   *
   * The errors of the certificate of the peer.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_PEER_CERTIFICATE_ERRORS] =
    g_param_spec_flags ("peer-certificate-errors", NULL, NULL, G_TYPE_TLS_CERTIFICATE_FLAGS, 0,
                        READABLE);
}

static void
install_session (void)
{
  /**
   * QnetDtls:session-protocol:
   *
   * The version of DTLS, such as `DTLSv1.2`.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_SESSION_PROTOCOL] =
    g_param_spec_string ("session-protocol", NULL, NULL, NULL, READABLE);

  /**
   * QnetDtls:session-cipher:
   *
   * The cipher suite.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_SESSION_CIPHER] =
    g_param_spec_string ("session-cipher", NULL, NULL, NULL, READABLE);

  /**
   * QnetDtls:session-group:
   *
   * The group of the key exchange, such as `X25519`.
   *
   * Since: 1.0
   */
  properties[QNET_DTLS_PROP_SESSION_GROUP] =
    g_param_spec_string ("session-group", NULL, NULL, NULL, READABLE);
}

void
qnet_dtls_class_install_properties (GObjectClass *klass)
{
  klass->get_property = qnet_dtls_get_property;
  klass->set_property = qnet_dtls_set_property;

  install_peer ();
  install_identity ();
  install_verification ();
  install_datagrams ();
  install_results ();
  install_session ();
  g_object_class_install_properties (klass, QNET_DTLS_N_PROPS, properties);
}
