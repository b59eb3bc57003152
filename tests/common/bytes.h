/* bytes.h: the two arguments that a GBytes is where a pointer and a size are wanted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#define DATA(bytes) g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)
