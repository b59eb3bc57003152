/* qnet-network-address-entry.h: an address of a network interface
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-enums.h"
#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_NETWORK_ADDRESS_ENTRY (qnet_network_address_entry_get_type ())

typedef struct _QnetNetworkAddressEntry QnetNetworkAddressEntry;

QNET_AVAILABLE_IN_1_0
GType                    qnet_network_address_entry_get_type (void);

QNET_AVAILABLE_IN_1_0
QnetNetworkAddressEntry *qnet_network_address_entry_new (QnetHostAddress *ip,
                                                         int              prefix_length,
                                                         QnetHostAddress *broadcast)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkAddressEntry *qnet_network_address_entry_new_for_netmask (QnetHostAddress *ip,
                                                                     QnetHostAddress *netmask,
                                                                     QnetHostAddress *broadcast)
                         G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkAddressEntry *qnet_network_address_entry_ref (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
void                     qnet_network_address_entry_unref (QnetNetworkAddressEntry *self);

QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_network_address_entry_get_ip (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_network_address_entry_get_netmask (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
int qnet_network_address_entry_get_prefix_length (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_network_address_entry_get_broadcast (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
QnetDnsEligibility qnet_network_address_entry_get_dns_eligibility (QnetNetworkAddressEntry *self);

QNET_AVAILABLE_IN_1_0
gboolean qnet_network_address_entry_is_lifetime_known (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
gint64 qnet_network_address_entry_get_preferred_lifetime (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
gint64 qnet_network_address_entry_get_validity_lifetime (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_network_address_entry_is_permanent (QnetNetworkAddressEntry *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_network_address_entry_is_temporary (QnetNetworkAddressEntry *self);

QNET_AVAILABLE_IN_1_0
gboolean                 qnet_network_address_entry_equal (QnetNetworkAddressEntry *self,
                                                           QnetNetworkAddressEntry *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetNetworkAddressEntry, qnet_network_address_entry_unref)

G_END_DECLS
