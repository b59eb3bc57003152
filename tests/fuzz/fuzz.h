/* fuzz.h: what each target offers
 *
 * A target is a file fuzz-<name>.c with this function, and a folder <name>/ with initial inputs.
 * Each test run replays these inputs (replay.c); with -Dfuzzing=true libFuzzer derives others from
 * them.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* The interface of libFuzzer: it returns 0 for any bytes, and aborts if it finds an error. */
int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);
