/* qnet-address-filter.h: which addresses are allowed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-host-address.h"

G_BEGIN_DECLS

#define QNET_TYPE_ADDRESS_FILTER (qnet_address_filter_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetAddressFilter, qnet_address_filter, QNET, ADDRESS_FILTER, GObject)

QNET_AVAILABLE_IN_1_0
QnetAddressFilter *qnet_address_filter_new                 (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean           qnet_address_filter_get_default_allowed (QnetAddressFilter      *self);
QNET_AVAILABLE_IN_1_0
void               qnet_address_filter_set_default_allowed (QnetAddressFilter      *self,
                                                            gboolean                allowed);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_address_filter_add_allow           (QnetAddressFilter      *self,
                                                            const char             *network,
                                                            GError                **error);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_address_filter_add_deny            (QnetAddressFilter      *self,
                                                            const char             *network,
                                                            GError                **error);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_address_filter_remove              (QnetAddressFilter      *self,
                                                            const char             *network,
                                                            GError                **error);
QNET_AVAILABLE_IN_1_0
void               qnet_address_filter_clear               (QnetAddressFilter      *self);
QNET_AVAILABLE_IN_1_0
gboolean           qnet_address_filter_is_allowed          (QnetAddressFilter      *self,
                                                            const QnetHostAddress  *address);

G_END_DECLS
