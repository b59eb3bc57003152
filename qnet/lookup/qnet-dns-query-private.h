/* qnet-dns-query-private.h: one question, put to one name server after the other
 *
 * Over UDP, and over TCP where the reply does not fit. Each question has a socket, a port and a number
 * of its own, and only a reply from where it was sent to, to that port, with that number and that
 * question is looked at (RFC 5452).
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"
#include "lookup/qnet-dns-message-private.h"
#include "lookup/qnet-resolv-conf-private.h"

G_BEGIN_DECLS

typedef struct _QnetDnsQuery QnetDnsQuery;

/* What a datagram may hold: fits into an IPv6 packet of any network, so it is never taken apart on
 * the way. */
#define QNET_DNS_UDP_SIZE 1232

/* Called once, from the reactor or from a wait. It may free the query. */
typedef void (*QnetDnsQueryFunc) (gpointer        owner,
                                  QnetDnsMessage *reply,   /* (transfer full) (nullable) */
                                  GError         *error);  /* (transfer full) (nullable) */

/* Asks from the next turn on; @conf (transfer full) says whom. Does nothing more once @set's
 * context has gone. */
QnetDnsQuery *qnet_dns_query_new  (QnetWaitSet      *set,
                                   QnetResolvConf   *conf,
                                   const char       *name,
                                   guint16           type,
                                   QnetDnsQueryFunc  func,
                                   gpointer          owner);
void          qnet_dns_query_free (QnetDnsQuery     *self);

G_END_DECLS
