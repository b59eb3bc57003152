/* play-proxy.h: a dialogue with a proxy that says anything
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "qnet-enums.h"

/* The first byte of @data says what is wanted and what is known; the rest is what the proxy says. Where
 * it is cut into pieces makes no difference, and the end is either an error or what was wanted. */
void play_proxy (QnetProxyType  type,
                 const guint8  *data,
                 gsize          size);
