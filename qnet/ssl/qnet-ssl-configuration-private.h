/* qnet-ssl-configuration-private.h: what the parts of QnetSslConfiguration share, and its owners
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tls/qnet-tls-session-private.h"

#include "qnet-ssl-configuration.h"

G_BEGIN_DECLS

struct _QnetSslConfiguration
{
  gint                    ref_count;             /* (atomic): a gint, for ThreadSanitizer */

  GTlsCertificate        *certificate;           /* (owned) (nullable) */
  QnetTlsIdentity        *identity;              /* (owned) (nullable): of the certificate */
  GTlsDatabase           *database;              /* (owned) (nullable): NULL: that of the system */
  QnetSslPeerVerifyMode   verify_mode;
  int                     verify_depth;          /* certificates, 0: no limit */
  gboolean                authority_names;       /* a server sends them */
  GTlsProtocolVersion     minimum_version;
  char                   *priority;              /* (owned) (nullable) */
  QnetTlsPolicy          *policy;                /* (owned) (nullable): of the version and the
                                                  * priority; NULL: that of the system */
  char                  **advertised_protocols;  /* (owned) (nullable) */
  gboolean                session_tickets;
  GBytes                 *session_ticket;        /* (owned) (nullable): of a client */
};

/* A copy that the caller may still change. */
QnetSslConfiguration        *qnet_ssl_configuration_copy    (const QnetSslConfiguration  *self);

/* A property with that name has changed. */
typedef void (*QnetSslNotify) (gpointer    object,
                               const char *property);

/* For the owner of a configuration, an object: replaces it by @next, and notifies the properties
 * that differ, by @notify (nullable): NULL: g_object_notify(). */
void                         qnet_ssl_configuration_replace (QnetSslConfiguration       **current,
                                                             const QnetSslConfiguration  *next,
                                                             QnetSslNotify                notify,
                                                             gpointer                     object);

static inline gboolean
qnet_ssl_is_verify_mode (QnetSslPeerVerifyMode mode)
{
  return (guint) mode <= QNET_SSL_PEER_VERIFY_MODE_AUTO;
}

/* What it means for a session */

/* Without AUTO */
QnetSslPeerVerifyMode        qnet_ssl_configuration_resolve_mode
                             (const QnetSslConfiguration  *self,
                              QnetSslMode                  mode);
QnetTlsRequest               qnet_ssl_configuration_get_request
                             (const QnetSslConfiguration  *self);
/* (transfer full). *@out_judge (not owned): a database that decides about the peer by itself. */
QnetTlsTrust                *qnet_ssl_configuration_new_trust
                             (const QnetSslConfiguration  *self,
                              QnetSslMode                  mode,
                              GTlsDatabase               **out_judge);
/* What TLS and DTLS have in common */
void                         qnet_ssl_configuration_apply
                             (const QnetSslConfiguration  *self,
                              QnetTlsSession              *session);

/* qnet-ssl-configuration-changes.c: for setters without an error: NULL, with a critical of
 * @function, if @protocols (nullable) cannot be used. (transfer full) (nullable) */
QnetSslConfiguration        *qnet_ssl_configuration_offer
                             (const QnetSslConfiguration  *self,
                              const char * const          *protocols,
                              const char                  *function);

G_END_DECLS
