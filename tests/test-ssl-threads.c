/* test-ssl-threads.c: the streams of a TLS socket in another thread, around the handshake
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/tls-fixture.h"

/* More than the buffers of the kernel */
#define LARGE (8 * 1024 * 1024)
#define BUFFERS (1024 * 1024)  /* the most that the kernel has, which doubles what is asked */

/* What was written before the handshake */

typedef struct
{
  GMainContext  *context;    /* (not owned) */
  QnetSslSocket *client;     /* (owned) */
  int            far;
  gboolean       flushes;
  gint           may_read;   /* atomic: the far end */
  gint           n_read;     /* atomic: by it */
  gint           n_seen;     /* what it had read when the writer was done */
  gint           is_done;    /* atomic */
} Upgrade;

static gpointer
write_in_thread (gpointer data)
{
  Upgrade *upgrade = data;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (upgrade->client));
  g_autofree char *text = g_strnfill (LARGE, 'x');

  if (upgrade->flushes)
    {
      GPollableOutputStream *pollable = G_POLLABLE_OUTPUT_STREAM (output);

      g_assert_cmpint (g_pollable_output_stream_write_nonblocking (pollable, text, LARGE, NULL,
                                                                   NULL),
                       ==, LARGE);
      g_output_stream_flush (output, NULL, NULL);
    }
  else
    g_assert_cmpint (g_output_stream_write (output, text, LARGE, NULL, NULL), ==, LARGE);
  upgrade->n_seen = g_atomic_int_get (&upgrade->n_read);
  g_atomic_int_set (&upgrade->is_done, TRUE);
  g_main_context_wakeup (upgrade->context);

  return NULL;
}

/* It ends the connection after the first bytes of the handshake. */
static gpointer
read_in_thread (gpointer data)
{
  Upgrade *upgrade = data;
  char buffer[16384];
  gssize n;

  while (!g_atomic_int_get (&upgrade->may_read))
    g_usleep (1000);
  do
    {
      n = recv (upgrade->far, buffer, sizeof buffer, 0);
      g_assert_cmpint (n, >, 0);
      g_atomic_int_add (&upgrade->n_read, (gint) n);
    }
  while (g_atomic_int_get (&upgrade->n_read) <= LARGE);
  close (upgrade->far);

  return NULL;
}

static void
open_upgrade (Upgrade *upgrade)
{
  const int size = BUFFERS / 8;
  int near;
  GError *error = NULL;

  upgrade->client = qnet_ssl_socket_new ();
  pair_open_tcp (&near, &upgrade->far);
  pair_make_blocking (upgrade->far);
  g_assert_no_errno (setsockopt (near, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  g_assert_no_errno (setsockopt (upgrade->far, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  qnet_socket_set_fd (QNET_SOCKET (upgrade->client), near, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
  qnet_io_device_set_write_buffer_high_water (DEVICE (upgrade->client), 2 * LARGE);
}

static void
test_upgrade (TlsFixture    *fixture,
              gconstpointer  data)
{
  Upgrade upgrade = { .context = fixture->context, .flushes = GPOINTER_TO_INT (data) };
  GThread *reader, *writer;

  g_test_summary ("What another thread has written before the handshake is sent when its write, or "
                  "its flush, has ended.");

  open_upgrade (&upgrade);
  writer = g_thread_new ("writer", write_in_thread, &upgrade);
  reader = g_thread_new ("reader", read_in_thread, &upgrade);
  while (qnet_io_device_get_bytes_to_write (DEVICE (upgrade.client)) == 0)
    g_thread_yield ();

  g_assert_true (qnet_ssl_socket_start_client_encryption (upgrade.client, NULL));
  g_atomic_int_set (&upgrade.may_read, TRUE);
  while (!g_atomic_int_get (&upgrade.is_done)
         || qnet_socket_get_state (QNET_SOCKET (upgrade.client)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (fixture->context, TRUE);

  g_thread_join (writer);
  g_thread_join (reader);
  g_assert_cmpint (upgrade.n_seen, >=, LARGE - BUFFERS);
  g_object_unref (upgrade.client);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  tls_fixture_add ("/ssl-threads/upgrade/write", test_upgrade, GINT_TO_POINTER (FALSE));
  tls_fixture_add ("/ssl-threads/upgrade/flush", test_upgrade, GINT_TO_POINTER (TRUE));

  return g_test_run ();
}
