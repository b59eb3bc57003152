/* qnet-wait.h: the interruption of blocking waits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <glib.h>

#include "qnet-version.h"

G_BEGIN_DECLS

QNET_AVAILABLE_IN_1_0
int  qnet_get_wait_interrupt_fd (void);

QNET_AVAILABLE_IN_1_0
void qnet_set_wait_interrupt_fd (int fd);

G_END_DECLS
