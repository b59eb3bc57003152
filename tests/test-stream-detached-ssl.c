/* test-stream-detached-ssl.c: an encrypted socket without a main loop, whose streams other threads
 * use
 *
 * The owner is a thread without a main context. The other end belongs to the main thread.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <sys/socket.h>
#include <unistd.h>

#include "common/isolated.h"
#include "common/pair.h"
#include "common/tls-fixture.h"
#include "common/tls-relay.h"

typedef struct
{
  QnetSocket *client;    /* (owned): the owner's */
  QnetSocket *server;    /* (owned): the main thread's */
  int         near;      /* the client's */
  gint        is_ready;  /* atomic: the other thread may close */
  gint        is_closed; /* atomic: it has closed */
  gint        has_ended; /* atomic: the owner */
} Pair;

static QnetSocket *
wrap (int fd)
{
  QnetSocket *socket = QNET_SOCKET (qnet_ssl_socket_new ());
  GError *error = NULL;

  qnet_socket_set_fd (socket, fd, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return socket;
}

static void
await (gint *flag)
{
  while (!g_atomic_int_get (flag))
    g_usleep (100);
}

static gpointer
close_in_thread (gpointer data)
{
  Pair *pair = data;
  GIOStream *stream = G_IO_STREAM (pair->client);
  GError *error = NULL;

  g_io_stream_get_output_stream (stream);
  g_io_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
  g_atomic_int_set (&pair->is_closed, TRUE);

  return NULL;
}

/* Until the owner has ended; what it does not read is of no interest. */
static void
serve (Pair    *pair,
       GThread *owner)
{
  while (!g_atomic_int_get (&pair->has_ended))
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
    }
  g_thread_join (owner);

  qnet_socket_abort (pair->server);
  g_assert_finalize_object (pair->server);
  g_assert_finalize_object (pair->client);
}

static void
open_pair (Pair *pair)
{
  int far;

  pair_open_tcp (&pair->near, &far);
  pair->server = wrap (far);
  tls_relay_start_server (QNET_SSL_SOCKET (pair->server));
}

/* During the handshake */

static gpointer
wait_in_handshake (gpointer data)
{
  Pair *pair = data;

  pair->client = wrap (pair->near);
  tls_relay_start_client (QNET_SSL_SOCKET (pair->client));
  g_atomic_int_set (&pair->is_ready, TRUE);
  qnet_ssl_socket_wait_for_encrypted (QNET_SSL_SOCKET (pair->client), -1, NULL);
  g_assert_cmpint (qnet_socket_get_state (pair->client), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_atomic_int_set (&pair->has_ended, TRUE);

  return NULL;
}

static void
test_handshake (gconstpointer data)
{
  g_test_summary ("Another thread closes during a wait for the encryption: the wait ends with the "
                  "next bytes of the peer.");

  for (guint i = 0; i < isolated_rounds (20, 1000); i++)
    {
      Pair pair = { NULL, };
      GThread *owner;

      isolated_count_round ();
      open_pair (&pair);
      owner = g_thread_new ("owner", wait_in_handshake, &pair);
      await (&pair.is_ready);
      if (i % 2 == 0)
        g_usleep (1000);  /* it waits already */
      g_thread_join (g_thread_new ("close", close_in_thread, &pair));
      serve (&pair, owner);
    }
}

/* After it */

static void
about_to_close_cb (QnetSslSocket *socket,
                   guint         *count)
{
  g_autoptr(GError) error = NULL;

  ++*count;
  g_assert_null (qnet_ssl_socket_get_channel_binding (socket, G_TLS_CHANNEL_BINDING_TLS_EXPORTER,
                                                      &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static gpointer
own_encrypted (gpointer data)
{
  Pair *pair = data;
  GError *error = NULL;
  guint n_about = 0;

  pair->client = wrap (pair->near);
  tls_relay_start_client (QNET_SSL_SOCKET (pair->client));
  g_signal_connect (pair->client, "about-to-close", G_CALLBACK (about_to_close_cb), &n_about);
  qnet_ssl_socket_wait_for_encrypted (QNET_SSL_SOCKET (pair->client), -1, &error);
  g_assert_no_error (error);
  qnet_io_device_write_string (QNET_IO_DEVICE (pair->client), "the owner", NULL);
  g_atomic_int_set (&pair->is_ready, TRUE);
  await (&pair->is_closed);

  g_assert_cmpint (qnet_socket_get_state (pair->client), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpuint (n_about, ==, 1);
  g_assert_false (qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (pair->client)));
  g_atomic_int_set (&pair->has_ended, TRUE);

  return NULL;
}

static void
test_encrypted (gconstpointer data)
{
  g_test_summary ("Another thread closes an encrypted connection, whose owner does nothing and "
                  "enters later.");

  for (guint i = 0; i < isolated_rounds (20, 1000); i++)
    {
      Pair pair = { NULL, };
      GThread *owner, *closer;

      isolated_count_round ();
      open_pair (&pair);
      owner = g_thread_new ("owner", own_encrypted, &pair);
      while (!g_atomic_int_get (&pair.is_ready))
        g_main_context_iteration (NULL, FALSE);
      closer = g_thread_new ("close", close_in_thread, &pair);
      serve (&pair, owner);
      g_thread_join (closer);
    }
}

/* What was written before the handshake: here the owner has a main loop, and the other end is not
 * qnet's, reads everything, and does not answer. */

#define LARGE (16 * 1024 * 1024)

static gpointer
read_in_thread (gpointer data)
{
  int *far = data;
  g_autofree char *buffer = g_malloc (LARGE);

  while (recv (*far, buffer, LARGE, 0) > 0)
    continue;

  return NULL;
}

static void
test_written_before (gconstpointer data)
{
  Pair pair = { NULL, };
  g_autofree char *text = g_strnfill (LARGE, 'x');
  GThread *reader, *closer;
  int far;

  g_test_summary ("Bytes that were written before the handshake are waited for by a close of "
                  "another thread, but not the end of the handshake.");

  pair_open_tcp (&pair.near, &far);
  pair_make_blocking (far);

  pair.client = wrap (pair.near);
  qnet_socket_set_close_timeout (pair.client, 0);
  qnet_io_device_write (QNET_IO_DEVICE (pair.client), text, LARGE, NULL);
  tls_relay_start_client (QNET_SSL_SOCKET (pair.client));

  closer = g_thread_new ("close", close_in_thread, &pair);
  reader = g_thread_new ("reader", read_in_thread, &far);
  while (!g_atomic_int_get (&pair.is_closed))
    g_main_context_iteration (NULL, FALSE);

  g_thread_join (closer);
  qnet_socket_abort (pair.client);  /* its close waits for the handshake */
  g_thread_join (reader);
  close (far);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (pair.client);
}

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);
  isolated_add ("/stream-detached-ssl/handshake", 20, test_handshake, NULL);
  isolated_add ("/stream-detached-ssl/encrypted", 20, test_encrypted, NULL);
  isolated_add ("/stream-detached-ssl/written-before", 10, test_written_before, NULL);

  return isolated_run ();
}
