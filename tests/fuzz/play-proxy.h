/* play-proxy.h: a dialogue with a proxy that sends anything
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "qnet-enums.h"

/* The first byte of @data selects the request and what is known; the rest is what the proxy sends.
 * Asserts that the result does not depend on how the data is divided, and that it is either an
 * error or a success. */
void play_proxy (QnetProxyType  type,
                 const guint8  *data,
                 gsize          size);
