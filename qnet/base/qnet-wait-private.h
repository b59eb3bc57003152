/* qnet-wait-private.h: the interruption of blocking waits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-wait.h"

G_BEGIN_DECLS

/* Whether the descriptor of this thread is readable. Without a descriptor it makes no system
 * call. */
gboolean qnet_wait_is_interrupted (void);

G_END_DECLS
