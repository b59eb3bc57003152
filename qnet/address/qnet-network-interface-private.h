/* qnet-network-interface-private.h: what the system says about its interfaces
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-network-address-entry.h"
#include "qnet-network-interface.h"

G_BEGIN_DECLS

struct _QnetNetworkAddressEntry
{
  gint                ref_count;        /* (atomic): a gint, for ThreadSanitizer's eyes */

  QnetHostAddress    *ip;               /* (owned) */
  QnetHostAddress    *netmask;          /* (owned): Null: unknown */
  QnetHostAddress    *broadcast;        /* (owned): Null: unknown, or none */
  int                 prefix_length;    /* -1: unknown */
  QnetDnsEligibility  dns_eligibility;
  gboolean            lifetime_known;
  gint64              preferred_until;  /* monotonic microseconds, -1: for ever */
  gint64              valid_until;      /* likewise */
};

struct _QnetNetworkInterface
{
  gint                ref_count;        /* (atomic): likewise */

  guint               index;
  char               *name;             /* (owned) */
  char               *hardware_address; /* (owned): "" where there is none */
  QnetInterfaceFlags  flags;
  QnetInterfaceType   type;
  guint               mtu;              /* bytes, 0: unknown */
  GPtrArray          *entries;          /* (owned) (element-type QnetNetworkAddressEntry) */
};

/* How long an address lives, and what getifaddrs() confuses, as the kernel has it. */
typedef struct
{
  gint64   preferred_until;  /* monotonic microseconds, -1: for ever */
  gint64   valid_until;      /* likewise */
  gboolean is_temporary;     /* made up for privacy */
  gboolean is_deprecated;    /* no longer preferred */
  gboolean has_peer;         /* it is for a line with one other end */
  gboolean has_broadcast;    /* a broadcast address was set */
} QnetAddressLifetime;

/* All of them, by index; (transfer full). Empty when the system does not say. */
GPtrArray                 *qnet_network_interface_read_all   (void);

/* A table from key() to the lifetimes of all addresses; NULL where the system does not say. */
GHashTable                *qnet_address_lifetimes_read       (void);
const QnetAddressLifetime *qnet_address_lifetimes_find       (GHashTable            *lifetimes,
                                                              guint                  interface_index,
                                                              const QnetHostAddress *ip,
                                                              int                    prefix_length);

G_END_DECLS
