/* dialogue.c: a dialogue with a proxy that the test replaces
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/dialogue.h"

#include <string.h>

QnetProxyDialogue *
dialogue_new (QnetProxyType     type,
              QnetProxyCommand  command,
              const char       *host,
              const char       *user,
              const char       *password,
              gboolean          can_ask)
{
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (type, "proxy.example", 1080,
                                                              user, password);
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (host);
  const QnetProxyRequest request = {
    .command = command,
    .host    = host,
    .address = address,
    .port    = 80,
    .can_ask = can_ask,
  };
  g_autoptr(GError) error = NULL;
  QnetProxyDialogue *dialogue = qnet_proxy_dialogue_new (proxy, &request, &error);

  g_assert_no_error (error);
  g_assert_nonnull (dialogue);

  return dialogue;
}

/* Also byte by byte: the size of the pieces must not matter. */
static gsize
feed_bytes (QnetProxyDialogue *dialogue,
            const guint8      *data,
            gsize              length)
{
  gsize taken = 0;

  while (taken < length && qnet_proxy_dialogue_feed (dialogue, data + taken, 1) == 1)
    taken++;

  return taken;
}

gsize
dialogue_receives (QnetProxyDialogue *dialogue,
                   Pieces             pieces,
                   gconstpointer      data,
                   gsize              length)
{
  if (pieces == BYTE_BY_BYTE)
    return feed_bytes (dialogue, data, length);

  return qnet_proxy_dialogue_feed (dialogue, data, length);
}

void
dialogue_assert_sends (QnetProxyDialogue *dialogue,
                       gconstpointer      data,
                       gsize              length)
{
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_ACTIVE);
  g_assert_cmpmem (dialogue->output->data, dialogue->output->len, data, length);

  qnet_proxy_dialogue_sent (dialogue, length);
}

void
dialogue_assert_failed (QnetProxyDialogue *dialogue,
                        QnetSocketError    code)
{
  g_assert_cmpint (dialogue->phase, ==, QNET_PROXY_PHASE_FAILED);
  g_assert_error (dialogue->error, QNET_SOCKET_ERROR, (int) code);
  g_assert_cmpuint (dialogue->output->len, ==, 0);
  g_assert_nonnull (strstr (dialogue->error->message, "proxy.example port 1080"));
  g_assert_null (strstr (dialogue->error->message, "sesame"));
}
