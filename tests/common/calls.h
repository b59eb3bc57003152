/* calls.h: how many system calls a socket has made
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "device/qnet-io-device-private.h"

/* The calls that have read from the connection, or have tried to. */
static inline guint
get_receive_calls (gpointer device)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (device))->channel.n_receive_calls;
}

/* The calls that have sent to it, or have tried to. */
static inline guint
get_send_calls (gpointer device)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (device))->channel.n_send_calls;
}
