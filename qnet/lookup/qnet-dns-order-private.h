/* qnet-dns-order-private.h: whom to try first
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "lookup/qnet-dns-record-private.h"

G_BEGIN_DECLS

/* A number from 0 to @most, itself included; tests have one that is no chance. */
typedef guint32 (*QnetDnsChance) (guint32 most);

guint32 qnet_dns_chance         (guint32        most);

/* RFC 2782: by priority, and by chance within one, where a larger weight makes an early place
 * likelier. */
void    qnet_dns_order_services (GPtrArray     *records,  /* (element-type QnetDnsRecord) */
                                 QnetDnsChance  chance);

/* RFC 5321, section 5.1: by preference, and by chance within one. */
void    qnet_dns_order_mail     (GPtrArray     *records,  /* (element-type QnetDnsRecord) */
                                 QnetDnsChance  chance);

G_END_DECLS
