/* qnet-network-interface.h: the network interfaces of this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-enums.h"
#include "qnet-network-address-entry.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_NETWORK_INTERFACE (qnet_network_interface_get_type ())

typedef struct _QnetNetworkInterface QnetNetworkInterface;

QNET_AVAILABLE_IN_1_0
GType                 qnet_network_interface_get_type (void);

QNET_AVAILABLE_IN_1_0
GPtrArray            *qnet_network_interface_list_all (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GPtrArray            *qnet_network_interface_list_all_addresses (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkInterface *qnet_network_interface_from_name (const char *name)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetNetworkInterface *qnet_network_interface_from_index (guint index)
                      G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
guint                 qnet_network_interface_interface_index_from_name (const char *name);
QNET_AVAILABLE_IN_1_0
char                 *qnet_network_interface_interface_name_from_index (guint index)
                      G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetNetworkInterface *qnet_network_interface_ref (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_network_interface_unref (QnetNetworkInterface *self);

QNET_AVAILABLE_IN_1_0
guint                 qnet_network_interface_get_index (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_interface_get_name (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_interface_get_human_readable_name (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
QnetInterfaceFlags    qnet_network_interface_get_flags (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
QnetInterfaceType     qnet_network_interface_get_interface_type (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
const char           *qnet_network_interface_get_hardware_address (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
guint qnet_network_interface_get_maximum_transmission_unit (QnetNetworkInterface *self);
QNET_AVAILABLE_IN_1_0
GPtrArray            *qnet_network_interface_get_address_entries (QnetNetworkInterface *self);

QNET_AVAILABLE_IN_1_0
gboolean              qnet_network_interface_equal (QnetNetworkInterface *self,
                                                    QnetNetworkInterface *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetNetworkInterface, qnet_network_interface_unref)

G_END_DECLS
