/* qnet-dns-record-private.h: a DNS record of any type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* The type determines which fields are set. Names have no final dot. */
typedef struct
{
  guint16          type;          /* any DNS type, not only a QnetDnsRecordType */
  char            *name;          /* (owned): the name that the record belongs to */
  guint32          time_to_live;  /* seconds */
  gboolean         is_malformed;  /* none is left in a message that was parsed */

  char            *value;         /* (owned): the name in CNAME, NS, SOA, PTR, MX, SRV, NAPTR, SVCB
                                   * and HTTPS */
  QnetHostAddress *address;       /* (owned): A and AAAA */
  char            *texts[3];      /* (owned): the mailbox in SOA; flags, services and regular
                                   * expression in NAPTR; the tag in CAA */
  GPtrArray       *strings;       /* (owned) (element-type GBytes): TXT */
  GArray          *parameters;    /* (owned) (element-type QnetDnsParameter): SVCB and HTTPS */
  GPtrArray       *hints;         /* (owned) (element-type QnetHostAddress): among the parameters */
  GBytes          *data;          /* (owned): TLSA, CAA and types without fields */

  union
  {
    struct
    {
      guint32 serial;
      guint32 refresh;
      guint32 retry;
      guint32 expire;
      guint32 minimum;
    } soa;

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
      guint16 order;
      guint16 preference;
    } naptr;

    struct
    {
      guint8 usage;
      guint8 selector;
      guint8 matching_type;
    } tlsa;

    struct
    {
      guint16 priority;
    } svcb;

    struct
    {
      guint8 flags;
    } caa;
  };
} QnetDnsRecord;

QnetDnsRecord *qnet_dns_record_new   (guint16        type,
                                      char          *name,  /* (transfer full) */
                                      guint32        time_to_live);
QnetDnsRecord *qnet_dns_record_ref   (QnetDnsRecord *self);
void           qnet_dns_record_unref (QnetDnsRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetDnsRecord, qnet_dns_record_unref)

G_END_DECLS
