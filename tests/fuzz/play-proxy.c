/* play-proxy.c: a dialogue with a proxy that sends anything
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "play-proxy.h"

#include "proxy/qnet-proxy-dialogue-private.h"

/* The bits of the first byte */
#define COMMAND   0x03
#define HAS_USER  0x04
#define CAN_ASK   0x08
#define ANSWERS   0x10

#define MAX_STEPS 64  /* AGAIN and ASKING together; none of them repeats for ever */

static QnetProxyDialogue *
new_dialogue (QnetProxyType type,
              guint8        flags)
{
  const char *user = flags & HAS_USER ? "user" : NULL;
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (type, "gate", 1, user, "sesame");
  const QnetProxyRequest request = {
    .command = type == QNET_PROXY_TYPE_SOCKS5 ? (QnetProxyCommand) ((flags & COMMAND) % 3)
                                              : QNET_PROXY_COMMAND_CONNECT,
    .host    = "example.org",
    .port    = 80,
    .can_ask = (flags & CAN_ASK) != 0,
  };
  QnetProxyDialogue *dialogue = qnet_proxy_dialogue_new (proxy, &request, NULL);

  g_assert_nonnull (dialogue);

  return dialogue;
}

/* Does what the phase requires of the caller. FALSE if the dialogue has ended. */
static gboolean
continue_dialogue (QnetProxyDialogue *dialogue,
                   guint8             flags)
{
  switch (dialogue->phase)
    {
    case QNET_PROXY_PHASE_ACTIVE:
    case QNET_PROXY_PHASE_BOUND:
      return TRUE;

    case QNET_PROXY_PHASE_CREDENTIALS:
      qnet_proxy_dialogue_set_credentials (dialogue, flags & ANSWERS ? "other" : NULL, "word");
      return TRUE;

    case QNET_PROXY_PHASE_RECONNECT:
      qnet_proxy_dialogue_restart (dialogue);
      return TRUE;

    case QNET_PROXY_PHASE_DONE:
    case QNET_PROXY_PHASE_FAILED:
      return FALSE;
    }

  g_assert_not_reached ();
}

static gsize
feed_pieces (QnetProxyDialogue *dialogue,
             guint8             flags,
             const guint8      *data,
             gsize              size,
             gsize              piece)
{
  gsize taken = 0;

  while (continue_dialogue (dialogue, flags) && taken < size)
    {
      gsize offered = MIN (piece, size - taken);
      gsize n = qnet_proxy_dialogue_feed (dialogue, data + taken, offered);

      g_assert_cmpuint (n, <=, offered);
      taken += n;
    }

  return taken;
}

/* The proxy closes each connection. */
static void
close_connections (QnetProxyDialogue *dialogue,
                   guint8             flags)
{
  guint n_steps = 0;

  while (continue_dialogue (dialogue, flags))
    {
      g_assert_cmpuint (n_steps++, <, MAX_STEPS);
      qnet_proxy_dialogue_end (dialogue);
    }
}

static void
check_end (QnetProxyDialogue *dialogue)
{
  g_assert_true ((dialogue->phase == QNET_PROXY_PHASE_FAILED) == (dialogue->error != NULL));

  if (dialogue->error != NULL)
    {
      g_assert_cmpuint (dialogue->error->domain, ==, QNET_SOCKET_ERROR);
      g_assert_null (strstr (dialogue->error->message, "sesame"));
    }
}

void
play_proxy (QnetProxyType  type,
            const guint8  *data,
            gsize          size)
{
  guint8 flags = size > 0 ? data[0] : 0;
  QnetProxyDialogue *whole = new_dialogue (type, flags);
  QnetProxyDialogue *pieces = new_dialogue (type, flags);
  const guint8 *rest = size > 0 ? data + 1 : data;
  gsize rest_size = size > 0 ? size - 1 : 0;
  gsize taken_whole = feed_pieces (whole, flags, rest, rest_size, rest_size);
  gsize taken_in_pieces = feed_pieces (pieces, flags, rest, rest_size, 1);

  g_assert_cmpint (whole->phase, ==, pieces->phase);
  if (whole->phase != QNET_PROXY_PHASE_FAILED)  /* after a failure the rest is not consumed */
    g_assert_cmpuint (taken_whole, ==, taken_in_pieces);

  close_connections (whole, flags);
  close_connections (pieces, flags);
  g_assert_cmpint (whole->phase, ==, pieces->phase);
  check_end (whole);
  check_end (pieces);

  qnet_proxy_dialogue_free (whole);
  qnet_proxy_dialogue_free (pieces);
}
