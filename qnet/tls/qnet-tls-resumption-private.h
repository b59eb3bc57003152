/* qnet-tls-resumption-private.h: the sessions that a client can resume, and the keys of a server
 *
 * A client resumes a session only for the same name and port, with the same trust, verify mode,
 * certificate, protocols, versions and ciphers. Each thread has its own sessions, of which it keeps
 * the latest. A ticket may arrive while another thread reads the connection.
 *
 * A server stores nothing: a session is in the ticket that the client keeps (RFC 8446, section
 * 4.6.1, and RFC 5077), encrypted with a key of the server. GnuTLS derives from it the key of the
 * day. A server whose settings change makes another key, so that nothing is resumed that was judged
 * by other rules.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tls/qnet-tls-identity-private.h"
#include "tls/qnet-tls-trust-private.h"

G_BEGIN_DECLS

/* The sessions of a thread */
typedef struct _QnetTlsSessionCache QnetTlsSessionCache;

/* What has to be equal */
typedef struct
{
  char            *name;       /* (owned): with the port */
  char            *protocols;  /* (owned) */
  QnetTlsTrust    *trust;      /* (owned) */
  GTlsDatabase    *database;   /* (owned) (nullable) */
  QnetTlsIdentity *identity;   /* (owned) (nullable) */
  guint            mode;       /* QnetSslPeerVerifyMode */
  char            *policy;     /* (owned): the lowest version and the priority string */

  QnetTlsSessionCache *cache;  /* (owned) (nullable): of the thread that has made it */
} QnetTlsOrigin;

QnetTlsOrigin *qnet_tls_origin_new     (const char          *name,
                                        guint16              port,
                                        const char * const  *protocols,  /* (nullable) */
                                        QnetTlsTrust        *trust,
                                        GTlsDatabase        *database,   /* (nullable) */
                                        QnetTlsIdentity     *identity,   /* (nullable) */
                                        guint                mode,
                                        GTlsProtocolVersion  minimum,
                                        const char          *priority);  /* (nullable) */
void           qnet_tls_origin_free    (QnetTlsOrigin       *self);

/* A session is used once (RFC 8446, appendix C.4). (transfer full) (nullable) */
GBytes        *qnet_tls_origin_take    (const QnetTlsOrigin *self);
void           qnet_tls_origin_store   (const QnetTlsOrigin *self,
                                        GBytes              *data);

/* The sessions of the calling thread that others have displaced: where they are freed the last
 * references of objects of the application may be dropped. (transfer full) (nullable) */
GSList        *qnet_tls_take_surplus   (void);
void           qnet_tls_surplus_free   (gpointer             surplus);

/* Tickets (transfer full) (nullable) */
GBytes        *qnet_tls_ticket_key_new     (void);
/* The tickets of one name are none of another one. */
GBytes        *qnet_tls_ticket_key_derive  (GBytes              *key,
                                            const char          *name);  /* (nullable) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTlsOrigin, qnet_tls_origin_free)

G_END_DECLS
