/* fuzz-socks5-client.c: what a SOCKS5 proxy says, and its datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fuzz.h"
#include "play-proxy.h"
#include "proxy/qnet-socks5-wire-private.h"

static void
check_datagram (const guint8 *data,
                gsize         size)
{
  g_autoptr(QnetHostAddress) sender = NULL;
  guint16 port;
  gsize header = qnet_socks5_read_datagram (data, size, &sender, &port);

  g_assert_cmpuint (header, <=, MIN (size, QNET_SOCKS5_MAX_HEADER));
  g_assert_true (header > 0 || sender == NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  play_proxy (QNET_PROXY_TYPE_SOCKS5, data, size);
  check_datagram (data, size);

  return 0;
}
