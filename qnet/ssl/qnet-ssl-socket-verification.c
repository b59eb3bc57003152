/* qnet-ssl-socket-verification.c: which certificates of the peer a socket accepts
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-socket-private.h"

/* What ignore_ssl_errors() was called for. */
typedef struct
{
  GTlsCertificateFlags  errors;
  GTlsCertificate      *certificate;  /* (owned) (nullable): NULL: any */
} Ignored;

static gboolean
applies_to (const Ignored   *ignored,
            GTlsCertificate *certificate)  /* (nullable) */
{
  return ignored->certificate == NULL
         || (certificate != NULL && g_tls_certificate_is_same (ignored->certificate, certificate));
}

/* What several calls ignore adds up. */
static gboolean
is_ignored (QnetSslSocket        *self,
            GTlsCertificateFlags  errors,
            GTlsCertificate      *certificate)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  for (guint i = 0; priv->ignored != NULL && i < priv->ignored->len; i++)
    {
      const Ignored *ignored = &g_array_index (priv->ignored, Ignored, i);

      if (applies_to (ignored, certificate))
        errors &= ~ignored->errors;
    }

  return errors == 0;
}

void
qnet_ssl_socket_forget_ignored (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autoptr(GArray) ignored = g_steal_pointer (&priv->ignored);

  for (guint i = 0; ignored != NULL && i < ignored->len; i++)
    qnet_io_device_clear_object (self, &g_array_index (ignored, Ignored, i).certificate);
}

QnetSslPeerVerifyMode
qnet_ssl_socket_get_effective_mode (QnetSslSocketPrivate *priv)
{
  return qnet_ssl_configuration_resolve_mode (priv->used, priv->mode);
}

gboolean
qnet_ssl_socket_accepts (QnetSslSocket        *self,
                         GTlsCertificateFlags  errors,
                         GTlsCertificate      *certificate)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  return errors == 0
         || qnet_ssl_socket_get_effective_mode (priv) != QNET_SSL_PEER_VERIFY_MODE_VERIFY
         || is_ignored (self, errors, certificate);
}

/* ssl-errors is emitted when the handshake is over: a handler may do anything, and the thread of
 * GIO cannot wait for it. Nothing is sent until then. */
gboolean
qnet_ssl_socket_may_continue (QnetSslSocket        *self,
                              GTlsCertificateFlags  errors,
                              GTlsCertificate      *certificate)
{
  return qnet_ssl_socket_accepts (self, errors, certificate)
         || qnet_ssl_socket_has_errors_handler (self);
}

/* Public API */

static void
ignore (QnetSslSocket        *self,
        GTlsCertificateFlags  errors,
        GTlsCertificate      *certificate)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  Ignored ignored = { errors, NULL };

  if (priv->ignored == NULL)
    priv->ignored = g_array_new (FALSE, FALSE, sizeof (Ignored));

  g_set_object (&ignored.certificate, certificate);
  g_array_append_val (priv->ignored, ignored);
}

/**
 * qnet_ssl_socket_ignore_ssl_errors:
 * @self: a socket
 *
 * Accepts **any** certificate of the peer, on this connection.
 *
 * The connection is encrypted, but the peer is not authenticated: an attacker on the network path
 * can read and change everything. Use it only for tests. To accept one certificate that is known to
 * be good, use [method@SslSocket.ignore_ssl_errors_full].
 *
 * Call this before the handshake, or in a handler of [signal@SslSocket::ssl-errors]. It has an
 * effect until the connection ends.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_ignore_ssl_errors (QnetSslSocket *self)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_STAY (self);

  ignore (self, ~(GTlsCertificateFlags) 0, NULL);
}

/**
 * qnet_ssl_socket_ignore_ssl_errors_full:
 * @self: a socket
 * @errors: the errors to ignore
 * @certificate: the certificate to accept
 *
 * Accepts one certificate of the peer despite @errors, on this connection.
 *
 * Errors that are not in @errors still end the connection. Several calls add up.
 *
 * Call this before the handshake, or in a handler of [signal@SslSocket::ssl-errors]. It has an
 * effect until the connection ends.
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
  QNET_IO_STAY (self);

  ignore (self, errors, certificate);
}

/**
 * qnet_ssl_socket_ignore_ssl_errors_of_any:
 * @self: a socket
 * @errors: the errors to ignore
 *
 * Accepts **any** certificate of the peer that has no other errors, on this connection.
 *
 * This is as dangerous as @errors are. To accept one certificate that is known to be good, use
 * [method@SslSocket.ignore_ssl_errors_full].
 *
 * Call this before the handshake, or in a handler of [signal@SslSocket::ssl-errors]. It has an
 * effect until the connection ends.
 *
 * Since: 1.0
 */
void
qnet_ssl_socket_ignore_ssl_errors_of_any (QnetSslSocket        *self,
                                          GTlsCertificateFlags  errors)
{
  g_return_if_fail (QNET_IS_SSL_SOCKET (self));
  QNET_IO_STAY (self);

  ignore (self, errors, NULL);
}
