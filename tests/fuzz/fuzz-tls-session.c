/* fuzz-tls-session.c: a hostile peer, or one in the middle, on either side of a TLS session
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "channel/qnet-transport-private.h"
#include "common/session-pair.h"
#include "fuzz.h"

/* The first byte of an input chooses what is attacked:
 *
 *     1  the server, else the client
 *     2  TLS 1.3, else TLS 1.2
 *     4  the rest of the input follows the beginning of a true handshake, whose size in units of 16
 *        bytes is the second byte
 *     8  the rest follows a complete handshake
 *    12  the rest changes what the true peer sends: three bytes each, the position and what it is
 *        combined with (XOR)
 *    16  the server demands a certificate
 *    32  all arrives byte by byte
 *
 * Keys and random numbers differ in each run.
 */
#define ATTACKS_SERVER  1
#define USES_TLS_1_3    2
#define STAGES          12
#define STAGE_WITHIN    4
#define STAGE_AFTER     8
#define STAGE_CHANGES   12
#define WITH_CLIENT     16
#define BYTE_BY_BYTE    32

#define WORD "what the true peer has written"

typedef struct
{
  SessionPair   pair;
  SessionEnd   *victim;
  SessionEnd   *peer;      /* the true one */
  guint8        flags;
  const guint8 *data;      /* the rest of the input */
  gsize         size;
  gsize         position;  /* in what the victim has received */
  gsize         n_read;    /* plain bytes */
} Attack;

/* What the victim does */

static void
read_some (Attack *attack)
{
  char buffer[64];
  gssize n;
  g_autoptr(GError) error = NULL;

  while ((n = qnet_tls_session_read (attack->victim->session, buffer, sizeof buffer, &error)) > 0)
    {
      g_assert_cmpuint (attack->n_read + (gsize) n, <=, strlen (WORD));
      g_assert_cmpmem (buffer, (gsize) n, &WORD[attack->n_read], (gsize) n);
      attack->n_read += (gsize) n;
    }

  g_assert_cmpint (error != NULL, ==, n == QNET_TRANSPORT_FAILED);
  g_assert_true (n == 0 || n == QNET_TRANSPORT_WOULD_BLOCK || n == QNET_TRANSPORT_FAILED);
}

static void
advance (Attack *attack)
{
  session_end_advance (attack->victim);

  if (attack->victim->progress == QNET_TLS_IS_COMPLETE)
    read_some (attack);
}

static void
receive (Attack       *attack,
         const guint8 *data,
         gsize         size)
{
  QnetByteQueue *input = qnet_tls_session_get_input (attack->victim->session);
  gsize piece = (attack->flags & BYTE_BY_BYTE) != 0 ? 1 : MAX (size, 1);

  for (gsize i = 0; i < size; i += piece)
    {
      qnet_byte_queue_append (input, data + i, piece);
      advance (attack);
    }
}

/* What the true peer sends */

static void
change (Attack *attack,
        guint8 *data,
        gsize   size)
{
  if ((attack->flags & STAGES) != STAGE_CHANGES)
    return;

  for (gsize i = 0; i + 2 < attack->size; i += 3)
    {
      gsize at = (gsize) attack->data[i] << 8 | attack->data[i + 1];

      if (at >= attack->position && at < attack->position + size)
        data[at - attack->position] ^= attack->data[i + 2];
    }
}

static gsize
carry_to_victim (Attack *attack,
                 gsize   max_size)
{
  QnetByteQueue *output = qnet_tls_session_get_output (attack->peer->session);
  gsize size = MIN (output->length, max_size);
  g_autofree guint8 *data = g_malloc (size + 1);

  qnet_byte_queue_take (output, data, size);
  change (attack, data, size);
  attack->position += size;
  receive (attack, data, size);

  return size;
}

/* The handshake, until the victim has received @max_size bytes */
static void
run_handshake (Attack *attack,
               gsize   max_size)
{
  gsize n_carried;

  session_end_advance (&attack->pair.client);

  do
    {
      n_carried = session_end_carry (attack->victim, attack->peer, G_MAXSIZE);
      session_end_advance (attack->peer);
      n_carried += carry_to_victim (attack, max_size - attack->position);
      advance (attack);
    }
  while (n_carried > 0 && attack->position < max_size);
}

static gsize
get_true_size (Attack *attack)
{
  gsize units;

  if ((attack->flags & STAGES) != STAGE_WITHIN)
    return G_MAXSIZE;

  units = attack->size > 0 ? attack->data[0] : 0;
  attack->data += MIN (attack->size, 1);
  attack->size -= MIN (attack->size, 1);

  return units * 16;
}

static void
write_word (Attack *attack)
{
  if (attack->peer->progress == QNET_TLS_IS_COMPLETE)
    qnet_tls_session_write (attack->peer->session, WORD, strlen (WORD), NULL);
}

/* Without a change, all arrives. */
static void
check_unchanged (Attack *attack)
{
  if ((attack->flags & STAGES) != STAGE_CHANGES || attack->size >= 3)
    return;

  g_assert_cmpint (attack->victim->progress, ==, QNET_TLS_IS_COMPLETE);
  g_assert_cmpuint (attack->n_read, ==, strlen (WORD));
}

static void
end (Attack *attack)
{
  check_unchanged (attack);
  qnet_tls_session_end_input (attack->victim->session);
  advance (attack);
  g_assert_true (session_end_has_ended (attack->victim));

  if (attack->victim->progress == QNET_TLS_IS_COMPLETE)
    {
      g_autoptr(GError) error = NULL;

      read_some (attack);
      qnet_tls_session_write (attack->victim->session, "answer", 6, &error);
      qnet_tls_session_close (attack->victim->session);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  Attack attack = { .data = data + 1, .size = size - 1 };

  if (size == 0)
    return 0;

  attack.flags = data[0];
  attack.victim = (data[0] & ATTACKS_SERVER) != 0 ? &attack.pair.server : &attack.pair.client;
  attack.peer = (data[0] & ATTACKS_SERVER) != 0 ? &attack.pair.client : &attack.pair.server;
  session_pair_init (&attack.pair, (data[0] & USES_TLS_1_3) != 0 ? "1.3" : "1.2",
                     (data[0] & WITH_CLIENT) != 0);
  session_end_advance (&attack.pair.client);

  if ((attack.flags & STAGES) != 0)
    run_handshake (&attack, get_true_size (&attack));
  write_word (&attack);

  if ((attack.flags & STAGES) == STAGE_CHANGES)
    carry_to_victim (&attack, G_MAXSIZE);
  else
    receive (&attack, attack.data, attack.size);

  end (&attack);
  session_pair_clear (&attack.pair);

  return 0;
}
