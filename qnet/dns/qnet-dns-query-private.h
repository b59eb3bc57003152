/* qnet-dns-query-private.h: sends a query to one name server after the other
 *
 * Queries are sent over UDP, and over TCP if the reply is truncated. Each has its own socket, port
 * and ID; only a reply from the server's address to that port, with that ID and that question, is
 * accepted (RFC 5452).
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "dns/qnet-dns-message-private.h"
#include "dns/qnet-resolv-conf-private.h"
#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetDnsQuery QnetDnsQuery;

/* The maximum size of a reply over UDP. It fits into an IPv6 packet on any network without
 * fragmentation. */
#define QNET_DNS_UDP_SIZE 1232

/* Called once, from the reactor or from a wait. It may free the query. That a name does not exist
 * is an error with a reply. */
typedef void (*QnetDnsQueryFunc) (gpointer        owner,
                                  QnetDnsMessage *reply,   /* (transfer full) (nullable) */
                                  GError         *error);  /* (transfer full) (nullable) */

/* Creates a query, which starts in the next iteration of the main loop. @conf (transfer full)
 * contains the name servers. If the context of @set is destroyed, the query stops without calling
 * @func. */
QnetDnsQuery *qnet_dns_query_new  (QnetWaitSet      *set,
                                   QnetResolvConf   *conf,
                                   const char       *name,
                                   guint16           type,
                                   QnetDnsQueryFunc  func,
                                   gpointer          owner);
void          qnet_dns_query_free (QnetDnsQuery     *self);

/* To another wait set. */
void          qnet_dns_query_move (QnetDnsQuery     *self,
                                   QnetWaitSet      *set);

G_END_DECLS
