/* fuzz.h: what each target offers
 *
 * A target is a file fuzz-<name>.c with these functions, and a folder <name>/ with inputs to begin with. In each build these
 * inputs are played to it (replay.c); with -Dfuzzing=true libFuzzer makes up others from them.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* The name and the result are libFuzzer's. Whatever the bytes are, it returns 0, or aborts at a fault. */
int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);
