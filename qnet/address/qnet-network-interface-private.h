/* qnet-network-interface-private.h: interfaces and addresses as the system reports them
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
  gint                ref_count;        /* (atomic): a gint, for ThreadSanitizer */

  QnetHostAddress    *ip;               /* (owned) */
  QnetHostAddress    *netmask;          /* (owned): Null: unknown */
  QnetHostAddress    *broadcast;        /* (owned): Null: unknown, or none */
  int                 prefix_length;    /* -1: unknown */
  QnetDnsEligibility  dns_eligibility;
  gboolean            lifetime_known;
  gint64              preferred_until;  /* monotonic microseconds, -1: forever */
  gint64              valid_until;      /* likewise */
};

struct _QnetNetworkInterface
{
  gint                ref_count;        /* (atomic): likewise */

  guint               index;
  char               *name;             /* (owned) */
  char               *hardware_address; /* (owned): "" for none */
  QnetInterfaceFlags  flags;
  QnetInterfaceType   type;
  guint               mtu;              /* bytes, 0: unknown */
  GPtrArray          *entries;          /* (owned) (element-type QnetNetworkAddressEntry) */
};

/* The lifetime of an address, and what getifaddrs() does not report reliably, read from the
 * kernel. */
typedef struct
{
  gint64   preferred_until;  /* monotonic microseconds, -1: forever */
  gint64   valid_until;      /* likewise */
  gboolean is_temporary;     /* generated for privacy */
  gboolean is_deprecated;    /* no longer preferred */
  gboolean has_peer;         /* of a point-to-point link */
  gboolean has_broadcast;    /* a broadcast address was set */
} QnetAddressLifetime;

/* All interfaces, sorted by index; empty if the system cannot list them. (transfer full) */
GPtrArray                 *qnet_network_interface_read_all (void);

/* A table of the lifetimes of all addresses; NULL if the system does not report them. */
GHashTable                *qnet_address_lifetimes_read (void);
const QnetAddressLifetime *qnet_address_lifetimes_find (GHashTable            *lifetimes,
                                                        guint                  interface_index,
                                                        const QnetHostAddress *ip,
                                                        int                    prefix_length);

G_END_DECLS
