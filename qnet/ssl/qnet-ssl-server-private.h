/* qnet-ssl-server-private.h: what the parts of QnetSslServer share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "server/qnet-server-private.h"
#include "ssl/qnet-ssl-socket-private.h"

#include "qnet-ssl-server.h"

G_BEGIN_DECLS

#define QNET_SSL_SERVER_DEFAULT_TIMEOUT        5000  /* milliseconds */
#define QNET_SSL_SERVER_DEFAULT_MAX_HANDSHAKES 2048

typedef struct _QnetSslServerPrivate QnetSslServerPrivate;

struct _QnetSslServerPrivate
{
  QnetSslConfiguration *configuration;      /* (owned) */
  GHashTable           *names;              /* (owned) (nullable): name, canonical ->
                                             * QnetTlsIdentity */
  GBytes               *ticket_key;         /* (owned) (nullable): made when it is needed */
  int                   handshake_timeout;  /* milliseconds, 0: no limit */
  GQueue                handshaking;        /* QnetSslSocket (owned): those whose handshake is in
                                             * progress */
  GQueue                waiting;            /* QnetSslSocket (owned): those that are encrypted, and
                                             * for which the queue has no room */
  QnetWatch             admission;          /* without a descriptor: defers their admission */
};

QnetSslServerPrivate *qnet_ssl_server_get_private  (QnetSslServer        *self);
QnetSslServer        *qnet_ssl_server_from_private (QnetSslServerPrivate *priv);

/* qnet-ssl-server.c: these emit the signals */
void     qnet_ssl_server_emit_started           (QnetSslServer        *self,
                                                 QnetSslSocket        *socket);
void     qnet_ssl_server_emit_errors            (QnetSslServer        *self,
                                                 QnetSslSocket        *socket,
                                                 GTlsCertificateFlags  errors,
                                                 GTlsCertificate      *certificate);
gboolean qnet_ssl_server_has_errors_handler     (QnetSslServer        *self);
void     qnet_ssl_server_emit_peer_verify_error (QnetSslServer        *self,
                                                 QnetSslSocket        *socket,
                                                 GTlsCertificateFlags  error,
                                                 GTlsCertificate      *certificate);
void     qnet_ssl_server_emit_error             (QnetSslServer        *self,
                                                 QnetSslSocket        *socket,
                                                 const GError         *error);

/* qnet-ssl-server-names.c: for QnetSslChooser */
QnetTlsIdentity *qnet_ssl_server_choose_identity          (gpointer         owner,
                                                           const char      *name);  /* (nullable) */

/* qnet-ssl-server-settings.c: the configuration and the limits of a server, as properties */
/* What was judged by other rules is not resumed. */
void             qnet_ssl_server_forget_tickets           (QnetSslServer   *self);
void             qnet_ssl_server_class_install_properties (GObjectClass    *klass);

/* qnet-ssl-server-handshakes.c: the connections whose handshake is in progress */
void             qnet_ssl_server_class_install_handshakes (QnetServerClass *klass);

G_END_DECLS
