/* qnet-destination-order-private.h: which family of a host comes first, by RFC 6724
 *
 * The system sorts the addresses of each family. This decides between the first of each.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* A row of the policy table, RFC 6724, section 2.1. */
typedef struct
{
  guint8 prefix[16];     /* IPv4 as v4-mapped IPv6 */
  guint  prefix_length;  /* in bits */
  guint  value;          /* a precedence or a label */
} QnetPolicy;

/* The tables of the system: those of gai.conf(5), and where that has none the default ones. */
typedef struct
{
  GArray *precedences;  /* (owned) (element-type QnetPolicy) */
  GArray *labels;       /* (owned) (element-type QnetPolicy) */
} QnetPolicyTable;

/* @gai_conf (nullable): the text of the file. */
void     qnet_policy_table_init   (QnetPolicyTable       *self,
                                   const char            *gai_conf);
void     qnet_policy_table_clear  (QnetPolicyTable       *self);

/* Compares two destinations of different families, of which each has the source (nullable: there is
 * no route) that the kernel would choose. Returns < 0 if @a comes first. RFC 6724, section 6. */
int      qnet_policy_table_compare (const QnetPolicyTable *self,
                                    QnetHostAddress       *a,
                                    QnetHostAddress       *source_of_a,
                                    QnetHostAddress       *b,
                                    QnetHostAddress       *source_of_b);

/* Asks the kernel for the sources, and the system for its table. Sends nothing. */
gboolean qnet_destination_prefers_ipv6 (QnetHostAddress   *ipv6,
                                        QnetHostAddress   *ipv4);

G_END_DECLS
