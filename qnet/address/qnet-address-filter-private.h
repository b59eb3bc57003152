/* qnet-address-filter-private.h: asking a filter without an allocation
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "address/qnet-network-key-private.h"

#include "qnet-address-filter.h"

G_BEGIN_DECLS

/* @address is a whole one; NULL: it is not known. */
gboolean qnet_address_filter_allows (QnetAddressFilter    *self,
                                     const QnetNetworkKey *address);

/* Whether a network that contains @address is allowed: the default does not count. */
gboolean qnet_address_filter_names  (QnetAddressFilter    *self,
                                     const QnetNetworkKey *address);

G_END_DECLS
