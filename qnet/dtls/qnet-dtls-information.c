/* qnet-dtls-information.c: what is known about an encrypted connection of datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dtls/qnet-dtls-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* Public API */

/**
 * qnet_dtls_get_peer_certificate_chain:
 * @self: a DTLS connection
 *
 * Gets the certificates that the peer has sent: its own, and those of its issuers, in that order.
 *
 * They are what the peer claims. Whether they are valid is
 * [property@Dtls:peer-certificate-errors].
 *
 * Returns: (transfer container) (element-type GTlsCertificate): the certificates, none before a
 *   handshake, or if the peer presented none
 *
 * Since: 1.0
 */
GPtrArray *
qnet_dtls_get_peer_certificate_chain (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return qnet_ssl_list_chain (self->peer_certificate);
}

/**
 * qnet_dtls_get_session_group:
 * @self: a DTLS connection
 *
 * Gets the group of the key exchange, such as `X25519` or `SECP256R1`.
 *
 * Returns: (nullable): its name, as given by the TLS library, or %NULL before a handshake
 *
 * Since: 1.0
 */
const char *
qnet_dtls_get_session_group (QnetDtls *self)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);

  return self->group;
}

/**
 * qnet_dtls_get_channel_binding:
 * @self: an encrypted DTLS connection
 * @type: the type of the channel binding
 * @error: return location for an error
 *
 * Gets the bytes that identify this connection for a protocol above it (RFC 5056).
 *
 * The types and the errors are those of [method@SslSocket.get_channel_binding], as for TLS 1.2.
 *
 * Returns: (transfer full): the bytes, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
qnet_dtls_get_channel_binding (QnetDtls                *self,
                               GTlsChannelBindingType   type,
                               GError                 **error)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (qnet_dtls_is_encrypted (self))
    return qnet_tls_session_new_channel_binding (self->session, type, error);

  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, _("The connection is not encrypted"));

  return NULL;
}
