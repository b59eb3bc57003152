/* qnet-dns-order-private.h: the order in which to try the records of a reply
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "dns/qnet-dns-record-private.h"

G_BEGIN_DECLS

/* Returns a random number from 0 to @most, inclusive. Tests replace it. */
typedef guint32 (*QnetDnsRandomFunc) (guint32 most);

guint32 qnet_dns_random         (guint32        most);

/* RFC 2782: sorts by priority, and randomly by weight within the same priority. */
void    qnet_dns_order_services (GPtrArray     *records,  /* (element-type QnetDnsRecord) */
                                 QnetDnsRandomFunc  random_number);

/* RFC 5321, section 5.1: sorts by preference, and randomly within the same preference. */
void    qnet_dns_order_mail     (GPtrArray     *records,  /* (element-type QnetDnsRecord) */
                                 QnetDnsRandomFunc  random_number);

/* RFC 9460, section 2.4.1: sorts by type, by priority, and randomly within the same priority. */
void    qnet_dns_order_bindings (GPtrArray     *records,  /* (element-type QnetDnsRecord) */
                                 QnetDnsRandomFunc  random_number);

/* RFC 3403, section 4.1: sorts by order, and by preference within the same order. */
void    qnet_dns_order_naming   (GPtrArray     *records); /* (element-type QnetDnsRecord) */

G_END_DECLS
