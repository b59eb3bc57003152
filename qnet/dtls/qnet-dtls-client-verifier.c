/* qnet-dtls-client-verifier.c: whether a client of DTLS receives at its address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-dtls-client-verifier.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "tls/qnet-dtls-cookie-private.h"
#include "tls/qnet-tls-support-private.h"

/**
 * QnetDtlsClientVerifier:
 *
 * Finds out whether a client of DTLS receives at the address from which it seems to send.
 *
 * The sender of a datagram can be forged. A server that answered with its certificates would send
 * them to the victim of an attacker, and would keep memory for clients that do not exist. Instead,
 * the first message of a client is answered with a cookie, a datagram that is not longer than the
 * message, and nothing is kept. A client that sends the cookie back is verified, and a [class@Dtls]
 * continues with that datagram (RFC 6347, section 4.2.1):
 *
 * ```c
 * static QnetDtls *
 * meet_client (QnetDtlsClientVerifier *verifier,
 *              QnetUdpSocket          *socket,
 *              QnetNetworkDatagram    *datagram,
 *              GTlsCertificate        *certificate)
 * {
 *   GBytes *bytes = qnet_network_datagram_get_bytes (datagram);
 *   QnetHostAddress *address = qnet_network_datagram_get_sender_address (datagram);
 *   guint16 port = (guint16) qnet_network_datagram_get_sender_port (datagram);
 *   QnetDtls *dtls;
 *
 *   if (!qnet_dtls_client_verifier_verify_client (verifier, socket, bytes, address, port, NULL))
 *     return NULL;
 *
 *   dtls = qnet_dtls_new (QNET_SSL_MODE_SERVER);
 *   qnet_dtls_set_peer (dtls, address, port, NULL);
 *   qnet_dtls_set_certificate (dtls, certificate, NULL);
 *   qnet_dtls_do_handshake (dtls, socket, bytes, NULL);
 *
 *   return dtls;
 * }
 * ```
 *
 * Since: 1.0
 */
struct _QnetDtlsClientVerifier
{
  GObject  parent_instance;

  GBytes  *secret;  /* (owned) (nullable): NULL: that of the process */
};

enum
{
  PROP_COOKIE_SECRET = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (QnetDtlsClientVerifier, qnet_dtls_client_verifier, G_TYPE_OBJECT)

/* Sending */

static gboolean
send_request (QnetUdpSocket    *socket,
              GBytes           *request,
              QnetHostAddress  *address,
              guint16           port,
              GError          **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (request, &size);

  return qnet_udp_socket_write_datagram_to (socket, data, size, address, port, error) >= 0;
}

/* GObject */

static void
qnet_dtls_client_verifier_get_property (GObject    *object,
                                        guint       id,
                                        GValue     *value,
                                        GParamSpec *pspec)
{
  QnetDtlsClientVerifier *self = QNET_DTLS_CLIENT_VERIFIER (object);

  switch (id)
    {
    case PROP_COOKIE_SECRET:
      g_value_set_boxed (value, self->secret);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_dtls_client_verifier_set_property (GObject      *object,
                                        guint         id,
                                        const GValue *value,
                                        GParamSpec   *pspec)
{
  QnetDtlsClientVerifier *self = QNET_DTLS_CLIENT_VERIFIER (object);

  switch (id)
    {
    case PROP_COOKIE_SECRET:
      qnet_dtls_client_verifier_set_cookie_secret (self, g_value_get_boxed (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_dtls_client_verifier_finalize (GObject *object)
{
  QnetDtlsClientVerifier *self = QNET_DTLS_CLIENT_VERIFIER (object);

  g_clear_pointer (&self->secret, g_bytes_unref);

  G_OBJECT_CLASS (qnet_dtls_client_verifier_parent_class)->finalize (object);
}

static void
qnet_dtls_client_verifier_class_init (QnetDtlsClientVerifierClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = qnet_dtls_client_verifier_get_property;
  object_class->set_property = qnet_dtls_client_verifier_set_property;
  object_class->finalize = qnet_dtls_client_verifier_finalize;

  /**
   * QnetDtlsClientVerifier:cookie-secret:
   *
   * The secret of which cookies are made, or %NULL, the default, for one of this process.
   *
   * Servers that share an address need the same one.
   *
   * Since: 1.0
   */
  properties[PROP_COOKIE_SECRET] =
    g_param_spec_boxed ("cookie-secret", NULL, NULL, G_TYPE_BYTES,
                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
qnet_dtls_client_verifier_init (QnetDtlsClientVerifier *self)
{
}

/* Public API */

/**
 * qnet_dtls_client_verifier_new:
 *
 * Creates a verifier.
 *
 * Returns: (transfer full): a new verifier
 *
 * Since: 1.0
 */
QnetDtlsClientVerifier *
qnet_dtls_client_verifier_new (void)
{
  return g_object_new (QNET_TYPE_DTLS_CLIENT_VERIFIER, NULL);
}

/**
 * qnet_dtls_client_verifier_get_cookie_secret:
 * @self: a verifier
 *
 * Gets the secret of which cookies are made.
 *
 * Returns: (transfer none) (nullable): the secret, or %NULL for that of the process
 *
 * Since: 1.0
 */
GBytes *
qnet_dtls_client_verifier_get_cookie_secret (QnetDtlsClientVerifier *self)
{
  g_return_val_if_fail (QNET_IS_DTLS_CLIENT_VERIFIER (self), NULL);

  return self->secret;
}

/**
 * qnet_dtls_client_verifier_set_cookie_secret:
 * @self: a verifier
 * @secret: (nullable): a secret of any size, or %NULL for that of the process
 *
 * Sets the secret of which cookies are made. [property@Dtls:cookie-secret] has to be the same.
 *
 * Since: 1.0
 */
void
qnet_dtls_client_verifier_set_cookie_secret (QnetDtlsClientVerifier *self,
                                             GBytes                 *secret)
{
  g_return_if_fail (QNET_IS_DTLS_CLIENT_VERIFIER (self));

  if (self->secret == secret)
    return;

  g_clear_pointer (&self->secret, g_bytes_unref);
  self->secret = secret != NULL ? g_bytes_ref (secret) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COOKIE_SECRET]);
}

/**
 * qnet_dtls_client_verifier_verify_client:
 * @self: a verifier
 * @socket: the socket on which the datagram has arrived
 * @datagram: a datagram of a client that has no [class@Dtls] yet
 * @address: the address of the client
 * @port: the port of the client
 * @error: return location for an error
 *
 * Finds out whether @datagram has the cookie of the client.
 *
 * Otherwise it sends the cookie, and fails with [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError]:
 * the client will send another datagram. It fails with
 * [QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED][error@SocketError] for a datagram that does not begin a
 * handshake, which is not answered; and as [method@UdpSocket.write_datagram_to] does.
 *
 * Returns: whether the client is verified: pass @datagram to [method@Dtls.do_handshake]
 *
 * Since: 1.0
 */
gboolean
qnet_dtls_client_verifier_verify_client (QnetDtlsClientVerifier  *self,
                                         QnetUdpSocket           *socket,
                                         GBytes                  *datagram,
                                         QnetHostAddress         *address,
                                         guint16                  port,
                                         GError                 **error)
{
  QnetDtlsPrestate state;
  g_autoptr(GBytes) request = NULL;
  GBytes *secret;

  g_return_val_if_fail (QNET_IS_DTLS_CLIENT_VERIFIER (self), FALSE);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), FALSE);
  g_return_val_if_fail (datagram != NULL, FALSE);
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!qnet_tls_check_supported (_("Could not verify the client"), error))
    return FALSE;

  if (!qnet_dtls_is_client_hello (datagram))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                      _("The datagram does not begin a DTLS handshake"));
      return FALSE;
    }

  secret = self->secret != NULL ? self->secret : qnet_dtls_cookie_get_secret ();
  if (qnet_dtls_cookie_verify (secret, datagram, address, port, &state))
    return TRUE;

  request = qnet_dtls_cookie_make_request (&state, secret, address, port);
  if (request == NULL || send_request (socket, request, address, port, error))
    qnet_set_error (error, QNET_SOCKET_ERROR_TEMPORARY,
                    _("The client has been asked to send a cookie back"));

  return FALSE;
}
