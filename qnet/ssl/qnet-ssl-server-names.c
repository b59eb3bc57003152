/* qnet-ssl-server-names.c: the certificates of a server that has several names
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "ssl/qnet-ssl-server-private.h"

/* The certificate for a client */

static QnetTlsIdentity *
look_up_name (QnetSslServerPrivate *priv,
              const char           *name)
{
  const char *rest = strchr (name, '.');
  g_autofree char *wildcard = rest != NULL ? g_strconcat ("*", rest, NULL) : NULL;
  QnetTlsIdentity *identity = g_hash_table_lookup (priv->names, name);

  if (identity == NULL && wildcard != NULL)
    identity = g_hash_table_lookup (priv->names, wildcard);

  return identity;
}

QnetTlsIdentity *
qnet_ssl_server_choose_identity (gpointer    owner,
                                 const char *name)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (QNET_SSL_SERVER (owner));
  QnetTlsIdentity *identity = NULL;

  if (priv->names != NULL && name != NULL)
    identity = look_up_name (priv, name);

  return identity != NULL ? identity : priv->configuration->identity;
}

/* Takes @name (transfer full) and @identity (transfer full) (nullable). */
static void
set_identity (QnetSslServer   *self,
              char            *name,
              QnetTlsIdentity *identity)
{
  QnetSslServerPrivate *priv = qnet_ssl_server_get_private (self);

  if (priv->names == NULL)
    priv->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) qnet_tls_identity_unref);

  if (identity != NULL)
    g_hash_table_insert (priv->names, name, identity);
  else
    {
      g_hash_table_remove (priv->names, name);
      g_free (name);
    }

  qnet_ssl_server_forget_tickets (self);
}

/* Public API */

/**
 * qnet_ssl_server_set_certificate_for_name:
 * @self: a server
 * @name: the name of a host, or `*.` and a domain for the names directly in it
 * @certificate: (nullable): the certificate with its private key, or %NULL for
 *   [property@SslServer:certificate]
 * @error: return location for an error
 *
 * Sets the certificate for clients that request a name (SNI, RFC 6066), for handshakes that begin
 * from now on.
 *
 * As in certificates, `*` is one label: `*.example.org` matches `www.example.org`, but neither
 * `a.b.example.org` nor `example.org`.
 *
 * All forms of a name are one: `bücher.example`, `Xn--Bcher-kva.Example` and
 * `xn--bcher-kva.example.` are the same, as they are for clients.
 *
 * The certificate is checked as [method@SslConfiguration.with_certificate] does it. On failure, the
 * error is [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and the previous
 * certificate remains set.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_certificate_for_name (QnetSslServer    *self,
                                          const char       *name,
                                          GTlsCertificate  *certificate,
                                          GError          **error)
{
  QnetTlsIdentity *identity = NULL;
  g_autofree char *key = NULL;
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate), FALSE);
  QNET_SERVER_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  key = qnet_host_name_to_pattern (name);
  if (key == NULL)
    {
      qnet_set_error (&reason, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                      _("Could not set the certificate for “%s”: The name is not a valid host "
                        "name"), name);
      return qnet_server_fail (QNET_SERVER (self), reason, error);
    }

  if (certificate != NULL)
    identity = qnet_tls_identity_new (certificate, &reason);
  if (reason != NULL)
    return qnet_server_fail (QNET_SERVER (self), reason, error);

  set_identity (self, g_steal_pointer (&key), identity);

  return TRUE;
}
