/* qnet-dns-message-private.h: writes and parses DNS messages (RFC 1035)
 *
 * This is pure logic without sockets. The input is untrusted: parsing never reads past its end, and
 * takes linear time.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "dns/qnet-dns-record-private.h"

G_BEGIN_DECLS

#define QNET_DNS_MAX_LABEL  63
#define QNET_DNS_MAX_NAME   255   /* bytes in a message, the empty label at the end included */
#define QNET_DNS_CLASS_IN   1
#define QNET_DNS_RCODE_MASK 0x0f  /* in the fourth byte of the header */

typedef enum
{
  QNET_DNS_RCODE_NO_ERROR        = 0,
  QNET_DNS_RCODE_FORMAT_ERROR    = 1,
  QNET_DNS_RCODE_SERVER_FAILURE  = 2,
  QNET_DNS_RCODE_NAME_ERROR      = 3,
  QNET_DNS_RCODE_NOT_IMPLEMENTED = 4,
  QNET_DNS_RCODE_REFUSED         = 5
} QnetDnsRcode;

typedef enum
{
  QNET_DNS_MATCH_NONE,         /* not a reply to the query */
  QNET_DNS_MATCH_NO_QUESTION,  /* the ID of the query, an error and no question: not a reply, but a
                                * hint */
  QNET_DNS_MATCH_OTHER_CASE,   /* the question differs only in the case of letters */
  QNET_DNS_MATCH_EXACT
} QnetDnsMatch;

typedef struct
{
  guint      rcode;         /* QnetDnsRcode, or an unknown code */
  gboolean   is_truncated;  /* there are no records: query again over TCP */
  gboolean   is_authentic;  /* the name server says that it has validated the records (AD) */
  GPtrArray *records;       /* (owned) (element-type QnetDnsRecord): answers and aliases */
} QnetDnsMessage;

/* Creates a query. @name is ASCII; "\." and "\DDD" stand for special bytes, and a final dot is
 * ignored. If @udp_size is not 0, the query has an EDNS record with it. @asks_for_authentic: the
 * reply has to say whether its records were validated (RFC 6840, section 5.7). NULL if @name is
 * invalid.
 * (transfer full) (nullable) */
GByteArray     *qnet_dns_message_new_query   (const char    *name,
                                              guint16        type,
                                              guint16        id,
                                              guint16        udp_size,
                                              gboolean       asks_for_authentic);

/* Changes the case of the letters in the name of a query where @bits are set
 * (draft-vixie-dnsext-dns0x20). Beyond 64 letters the bits repeat. A reply repeats the name, so a
 * forger has to guess the bits. */
void            qnet_dns_message_mix_case    (GByteArray    *query,
                                              guint64        bits);

/* Replaces the name in the question of a matching reply by that of @query. */
void            qnet_dns_message_restore_case (guint8       *data,
                                               const guint8 *query);

/* Returns whether @data is a reply to @query (RFC 5452). Only the header and the question are
 * checked. */
QnetDnsMatch    qnet_dns_message_match       (const guint8  *data,
                                              gsize          size,
                                              const guint8  *query,
                                              gsize          query_size);

/* Parses a reply. If it is malformed, the error is QNET_DNS_LOOKUP_ERROR_INVALID_REPLY. */
QnetDnsMessage *qnet_dns_message_parse       (const guint8  *data,
                                              gsize          size,
                                              GError       **error);
void            qnet_dns_message_free        (QnetDnsMessage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsMessage, qnet_dns_message_free)

G_END_DECLS
