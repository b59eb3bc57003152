/* application-proxy.h: the application without a proxy, as it was before a test
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet.h"

static inline void
clear_application_proxy (void)
{
  g_autoptr(QnetNetworkProxy) none = qnet_network_proxy_new (QNET_PROXY_TYPE_NONE, NULL, 0, NULL,
                                                             NULL);

  qnet_set_application_proxy (none);
}
