/* qnet-dns-record-private.h: a record of DNS, of any kind
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-dns-record.h"

G_BEGIN_DECLS

/* Which fields are set is for the type to say; names are without the final dot. */
typedef struct
{
  guint16          type;          /* of DNS, not only of QnetDnsRecordType */
  char            *name;          /* (owned): whose record it is */
  guint32          time_to_live;  /* seconds */

  char            *value;         /* (owned): the name in CNAME, NS, PTR, MX and SRV */
  QnetHostAddress *address;       /* (owned): A and AAAA */
  GPtrArray       *texts;         /* (owned) (element-type GBytes): TXT */
  GBytes          *data;          /* (owned): TLSA */

  union
  {
    struct
    {
      guint16 preference;
    } mx;

    struct
    {
      guint16 priority;
      guint16 weight;
      guint16 port;
    } srv;

    struct
    {
      guint8 usage;
      guint8 selector;
      guint8 matching_type;
    } tlsa;
  };
} QnetDnsRecord;

QnetDnsRecord *qnet_dns_record_new   (guint16        type,
                                      char          *name,  /* (transfer full) */
                                      guint32        time_to_live);
QnetDnsRecord *qnet_dns_record_ref   (QnetDnsRecord *self);
void           qnet_dns_record_unref (QnetDnsRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsRecord, qnet_dns_record_unref)

G_END_DECLS
