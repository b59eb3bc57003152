/* qnet-dns-query-parts-private.h: what the parts of a query share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "dns/qnet-dns-query-private.h"

G_BEGIN_DECLS

/* How far the query is. The edges are in qnet-dns-query.c. */
typedef enum /*< skip >*/
{
  QNET_DNS_STEP_NEW,       /* starts in the next iteration of the main loop */
  QNET_DNS_STEP_UDP,       /* waiting for a datagram */
  QNET_DNS_STEP_TCP_SEND,  /* connecting or sending the query */
  QNET_DNS_STEP_TCP_READ,  /* waiting for the reply */
  QNET_DNS_STEP_ENDED      /* finished or orphaned */
} QnetDnsStep;

/* The case of the letters in the name, in a query to the current server. */
typedef enum /*< skip >*/
{
  QNET_DNS_CASE_MIXED,           /* random; a reply has to have the same case */
  QNET_DNS_CASE_MIXED_OVER_TCP,  /* a reply over UDP had another case: it is forged, or the server
                                  * does not preserve the case */
  QNET_DNS_CASE_PLAIN            /* as given; the case in a reply does not matter */
} QnetDnsCasing;

struct _QnetDnsQuery
{
  QnetDnsQueryFunc  func;
  gpointer          owner;
  QnetDnsStep       step;

  char             *name;                 /* (owned) */
  guint16           type;
  gboolean          has_edns;             /* until a server rejects it */
  QnetDnsCasing     casing;
  GByteArray       *plain;                /* (owned) (nullable): the query in the case that was
                                           * given */
  GByteArray       *message;              /* (owned) (nullable): the query as it was sent last */

  QnetResolvConf   *conf;                 /* (owned): failed servers are removed */
  guint             server;               /* index of the current server */
  int               attempt;              /* number of times that all of them were tried */

  QnetWatch         watch;
  QnetDeadline      timeout;              /* of the current server */
  int               fd;                   /* (owned): -1: none */
  GByteArray       *buffer;               /* (owned): what was received over TCP, including the
                                           * length */
  gsize             n_sent;               /* bytes sent over TCP, including the length */

  gboolean          has_unrelated_reply;  /* a datagram was not a reply to the query */
  GError           *error;                /* (owned) (nullable): the error if no server succeeds */
};

/* qnet-dns-query.c: the steps, and what follows from a reply or a failure */

void     qnet_dns_query_set_step             (QnetDnsQuery *self,
                                              QnetDnsStep   step);
/* The current server cannot be reached. */
void     qnet_dns_query_try_next_after_errno (QnetDnsQuery *self,
                                              int           error_number);
/* The connection was closed before the reply was complete. */
void     qnet_dns_query_lose_connection      (QnetDnsQuery *self);
void     qnet_dns_query_handle_datagram      (QnetDnsQuery *self,
                                              guint8       *data,
                                              gsize         size);
void     qnet_dns_query_handle_tcp_message   (QnetDnsQuery *self,
                                              guint8       *data,
                                              gsize         size);

/* qnet-dns-query-sockets.c: the socket to the current server */

void     qnet_dns_query_close_socket         (QnetDnsQuery *self);
/* FALSE: the name is invalid. */
gboolean qnet_dns_query_make_message         (QnetDnsQuery *self);
void     qnet_dns_query_use_udp              (QnetDnsQuery *self);
void     qnet_dns_query_use_tcp              (QnetDnsQuery *self);
void     qnet_dns_query_read_datagram        (QnetDnsQuery *self);
void     qnet_dns_query_continue_sending     (QnetDnsQuery *self);
void     qnet_dns_query_continue_reading     (QnetDnsQuery *self);

G_END_DECLS
