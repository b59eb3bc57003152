/* client.h: what every client that is measured asks, and expects
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <string.h>

#include "common/meter.h"

#define CLIENT_REQUEST_SIZE 64

static const char client_request[CLIENT_REQUEST_SIZE] =
  "Sixty-four bytes that go to an echo server, and come back again";

/* Of an answer that has arrived in pieces: @missing is how much of it was missing before these
 * @size bytes came. Returns how much is missing now; 0: it is whole, and counted. */
static inline size_t
client_take (const char *data,
             size_t      size,
             size_t      missing)
{
  if (size > missing || memcmp (data, &client_request[CLIENT_REQUEST_SIZE - missing], size) != 0)
    meter_fail ("client: a wrong answer");

  if (size == missing)
    meter_count ();

  return missing - size;
}
