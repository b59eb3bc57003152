/* test-monitor.h: a network monitor that says what a test wants
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

/* (transfer full): there is a network */
GNetworkMonitor *test_monitor_new (void);

/* Emits network-changed. */
void             test_monitor_set (GNetworkMonitor *monitor,
                                   gboolean         is_available);
