/* qnet-dns-message-private.h: messages of DNS (RFC 1035), there and back
 *
 * It knows no socket: bytes in, values out. Whatever the bytes are, reading them takes no longer
 * than their number says, and never goes beyond them.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "lookup/qnet-dns-record-private.h"

G_BEGIN_DECLS

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
  QNET_DNS_MATCH_NONE,         /* it is no reply */
  QNET_DNS_MATCH_NO_QUESTION,  /* our number, an error, and no question: no reply, but a hint */
  QNET_DNS_MATCH_OTHER_CASE,   /* the question is ours but for the case of letters */
  QNET_DNS_MATCH_EXACT
} QnetDnsMatch;

typedef struct
{
  guint      rcode;         /* QnetDnsRcode, or one that we do not know */
  gboolean   is_truncated;  /* it did not fit: there are no records then, ask by TCP */
  GPtrArray *records;       /* (owned) (element-type QnetDnsRecord): answers, and aliases on the way */
} QnetDnsMessage;

/* A question. Names are ASCII, "\." and "\DDD" stand for bytes that are special, a final dot does
 * not count. With a @udp_size of 0 there is no word of EDNS. NULL when @name cannot be a name.
 * (transfer full) (nullable) */
GByteArray     *qnet_dns_message_new_query   (const char    *name,
                                              guint16        type,
                                              guint16        id,
                                              guint16        udp_size);

/* Changes the case of the letters in the name of a query of ours, as @bits say, which are used
 * again when there are more than 64 letters (draft-vixie-dnsext-dns0x20): a reply repeats the
 * name, and a forger has to guess it. */
void            qnet_dns_message_mix_case    (GByteArray    *query,
                                              guint64        bits);

/* Gives the name in the question of a reply that matches the letters that it has in @query. */
void            qnet_dns_message_restore_case (guint8       *data,
                                               const guint8 *query);

/* Whether it is a reply to the message @query (RFC 5452). Nothing is said of what else it
 * contains. */
QnetDnsMatch    qnet_dns_message_match       (const guint8  *data,
                                              gsize          size,
                                              const guint8  *query,
                                              gsize          query_size);

/* Reads a reply; a malformed one is QNET_DNS_LOOKUP_ERROR_INVALID_REPLY. */
QnetDnsMessage *qnet_dns_message_parse       (const guint8  *data,
                                              gsize          size,
                                              GError       **error);
void            qnet_dns_message_free        (QnetDnsMessage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsMessage, qnet_dns_message_free)

G_END_DECLS
