/* qnet-ssl-socket-session.c: from the configuration of a socket to its session
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-name-private.h"
#include "ssl/qnet-ssl-socket-private.h"

/* The setting, or what the application has connected to */
const char *
qnet_ssl_socket_get_name (QnetSslSocket *self)
{
  const char *name = qnet_ssl_socket_get_private (self)->verify_name;

  return name != NULL ? name : qnet_abstract_socket_get_peer_name (QNET_ABSTRACT_SOCKET (self));
}

static QnetTlsTrust *
new_trust (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  GTlsDatabase *judge;
  QnetTlsTrust *trust = qnet_ssl_configuration_new_trust (priv->configuration, priv->mode,
                                                          &judge);

  g_set_object (&priv->judge, judge);

  return trust;
}

/* What is sent, verified, and has to be equal to resume a session, is one value. */
static void
set_host (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  const char *name = qnet_ssl_socket_get_name (self);

  g_free (priv->host);
  priv->host = name != NULL ? qnet_host_name_to_identity (name) : NULL;
}

static QnetTlsSession *
new_client (QnetSslSocket *self)
{
  g_autoptr(QnetTlsTrust) trust = new_trust (self);

  set_host (self);

  return qnet_tls_session_new_client (trust, qnet_ssl_socket_get_private (self)->host);
}

static QnetTlsSession *
new_server (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autoptr(QnetTlsTrust) trust = new_trust (self);
  QnetTlsSession *session = qnet_tls_session_new_server
    (trust, qnet_ssl_configuration_get_request (priv->configuration));

  qnet_tls_session_set_chooser (session, qnet_ssl_socket_choose_identity, self);
  if (priv->ticket_key != NULL)
    qnet_tls_session_set_tickets (session, priv->ticket_key);

  return session;
}

/* (nullable): that of the configuration, once: an observer could link two connections by it. */
static GBytes *
take_ticket (QnetSslSocketPrivate *priv)
{
  GBytes *ticket = priv->configuration->session_ticket;

  if (ticket == NULL || (priv->offered != NULL && g_bytes_equal (priv->offered, ticket)))
    return NULL;

  g_clear_pointer (&priv->offered, g_bytes_unref);
  priv->offered = g_bytes_ref (ticket);

  return ticket;
}

/* What was learned from other connections to the same host. */
static void
set_origin (QnetSslSocket  *self,
            QnetTlsSession *session)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  const QnetSslConfiguration *configuration = priv->configuration;
  guint16 port = qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (self));
  QnetTlsOrigin *origin;

  if (!configuration->session_tickets || priv->host == NULL)
    return;

  qnet_io_device_drop_full (self, qnet_tls_take_surplus (), qnet_tls_surplus_free);
  origin = qnet_tls_origin_new (priv->host, port,
                                (const char * const *) configuration->advertised_protocols,
                                qnet_tls_session_get_trust (session), priv->judge,
                                configuration->identity,
                                qnet_ssl_socket_get_effective_mode (priv),
                                configuration->minimum_version, configuration->priority);
  qnet_tls_session_set_origin (session, origin, take_ticket (priv));
}

/* A server chooses its identity when it knows the name that the client requests. */
static void
set_identity (QnetSslSocket  *self,
              QnetTlsSession *session)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->mode == QNET_SSL_MODE_SERVER)
    return;

  if (priv->configuration->identity != NULL)
    qnet_tls_session_set_identity (session, priv->configuration->identity);
  set_origin (self, session);
}

QnetTlsSession *
qnet_ssl_socket_new_session (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetTlsSession *session;

  qnet_io_device_clear_pointer (self, &priv->used, qnet_ssl_configuration_unref);
  priv->used = qnet_ssl_configuration_ref (priv->configuration);

  session = priv->mode == QNET_SSL_MODE_CLIENT ? new_client (self) : new_server (self);
  qnet_ssl_configuration_apply (priv->configuration, session);
  if (priv->interaction != NULL)
    qnet_tls_session_set_interaction (session, priv->interaction);
  set_identity (self, session);

  return session;
}
