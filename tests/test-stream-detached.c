/* test-stream-detached.c: a socket without a main loop, whose streams other threads use
 *
 * The owner is a thread without a main context, so that its sockets are detached: each connection
 * has a reactor of its own.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <sys/socket.h>
#include <unistd.h>

#include "common/isolated.h"
#include "common/pair.h"

#define N_USERS 3

typedef struct
{
  QnetSocket *socket;  /* (owned) */
  gboolean    pushes;  /* each connection belongs to another main context, instead of to none */
  gint        has_ended;  /* atomic: the users stop */
} Reuse;

static int
adopt (QnetSocket *socket)
{
  int near, far;
  GError *error = NULL;

  pair_open (&near, &far);
  qnet_socket_set_fd (socket, near, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return far;
}

/* Nothing of this waits: the connection may be over at any time. */
static gpointer
use_in_thread (gpointer data)
{
  Reuse *reuse = data;
  GIOStream *stream = G_IO_STREAM (reuse->socket);
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  char buffer[16];

  while (!g_atomic_int_get (&reuse->has_ended))
    {
      g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer,
                                                sizeof buffer, NULL, NULL);
      g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), "user", 4,
                                                  NULL, NULL);
      g_assert_true (g_io_stream_get_input_stream (stream) == input);
      g_output_stream_flush (output, NULL, NULL);
    }

  return NULL;
}

static void
connect_once (Reuse *reuse)
{
  g_autoptr(GMainContext) context = reuse->pushes ? g_main_context_new () : NULL;
  QnetIODevice *device = QNET_IO_DEVICE (reuse->socket);
  int far;

  if (context != NULL)
    g_main_context_push_thread_default (context);

  far = adopt (reuse->socket);
  pair_send (far, "far");
  qnet_io_device_write_string (device, "owner", NULL);
  qnet_io_device_wait_for_bytes_written (device, 1, NULL);
  qnet_socket_abort (reuse->socket);
  close (far);

  if (context != NULL)
    g_main_context_pop_thread_default (context);
}

static gpointer
reuse_in_thread (gpointer data)
{
  Reuse *reuse = data;
  guint n_rounds = isolated_rounds (2000, 100000);

  for (guint i = 0; i < n_rounds; i++)
    {
      isolated_step ("reusing the socket, round", i);
      isolated_count_round ();
      connect_once (reuse);
    }

  g_atomic_int_set (&reuse->has_ended, TRUE);

  return NULL;
}

static void
test_reused (gconstpointer data)
{
  Reuse reuse = { .socket = QNET_SOCKET (qnet_local_socket_new ()),
                  .pushes = GPOINTER_TO_INT (data) };
  GThread *users[N_USERS];
  GThread *owner;

  g_test_summary ("The owner uses a socket for one connection after the other, while other threads "
                  "use its streams.");

  for (guint i = 0; i < N_USERS; i++)
    {
      isolated_count_thread ();
      users[i] = g_thread_new ("user", use_in_thread, &reuse);
    }
  isolated_count_thread ();
  owner = g_thread_new ("owner", reuse_in_thread, &reuse);

  g_thread_join (owner);
  for (guint i = 0; i < N_USERS; i++)
    g_thread_join (users[i]);
  g_assert_finalize_object (reuse.socket);
}

/* Closing in another thread: the owner does nothing meanwhile, and perhaps enters later */

typedef struct
{
  QnetSocket *socket;   /* (owned) */
  int         near;     /* the socket's */
  int         far;
  guint       n_about;  /* signals */
  guint       n_disconnected;
  gboolean    enters;
  gint        is_ready;   /* atomic: the owner */
  gint        is_closed;  /* atomic */
} Closing;

static void
make (Closing *closing)
{
  GError *error = NULL;

  closing->socket = QNET_SOCKET (qnet_tcp_socket_new ());
  pair_open_tcp (&closing->near, &closing->far);
  qnet_socket_set_fd (closing->socket, closing->near, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
}

static gpointer
close_in_thread (gpointer data)
{
  Closing *closing = data;
  GIOStream *stream = G_IO_STREAM (closing->socket);
  GError *error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), "the rest", 8, NULL, NULL,
                             &error);
  g_assert_no_error (error);
  g_io_stream_close (stream, NULL, &error);
  g_assert_no_error (error);

  return NULL;
}

static void
count_cb (QnetSocket *socket,
          guint      *count)
{
  ++*count;
}

static void
enter (Closing *closing)
{
  g_signal_connect (closing->socket, "about-to-close", G_CALLBACK (count_cb), &closing->n_about);
  g_signal_connect (closing->socket, "disconnected", G_CALLBACK (count_cb),
                    &closing->n_disconnected);
  g_assert_cmpint (qnet_socket_get_state (closing->socket), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpuint (closing->n_about, ==, 1);
  g_assert_cmpuint (closing->n_disconnected, ==, 1);
  g_assert_cmpint (qnet_socket_get_fd (closing->socket), ==, -1);
}

static gpointer
own_in_thread (gpointer data)
{
  Closing *closing = data;

  make (closing);
  g_atomic_int_set (&closing->is_ready, TRUE);
  while (!g_atomic_int_get (&closing->is_closed))
    g_thread_yield ();
  if (closing->enters)
    enter (closing);

  return NULL;
}

static void
await_owner (Closing *closing)
{
  while (!g_atomic_int_get (&closing->is_ready))
    g_thread_yield ();
}

static void
test_closed (gconstpointer data)
{
  g_test_summary ("g_io_stream_close() of another thread sends the rest and closes the descriptor; "
                  "the owner reports it when it enters.");

  for (guint i = 0; i < isolated_rounds (50, 2000); i++)
    {
      Closing closing = { .enters = i % 2 == 0 };
      GThread *owner = g_thread_new ("owner", own_in_thread, &closing);

      isolated_count_round ();
      await_owner (&closing);
      g_thread_join (g_thread_new ("close", close_in_thread, &closing));
      pair_assert_gets (closing.far, "the rest");
      pair_assert_gets (closing.far, "");
      g_assert_false (pair_is_open (closing.near));

      g_atomic_int_set (&closing.is_closed, TRUE);
      g_thread_join (owner);
      g_assert_finalize_object (closing.socket);
      close (closing.far);
    }
}

/* ... or the owner waits meanwhile */

static void
ready_cb (Closing *closing)
{
  g_atomic_int_set (&closing->is_ready, TRUE);
}

static gpointer
wait_in_thread (gpointer data)
{
  Closing *closing = data;

  make (closing);
  g_signal_connect_swapped (closing->socket, "bytes-written", G_CALLBACK (ready_cb), closing);
  qnet_io_device_write_string (QNET_IO_DEVICE (closing->socket), "x", NULL);
  qnet_socket_wait_for_disconnected (closing->socket, -1, NULL);
  g_assert_cmpint (qnet_socket_get_state (closing->socket), ==, QNET_SOCKET_STATE_UNCONNECTED);

  return NULL;
}

static void
test_closed_in_wait (gconstpointer data)
{
  g_test_summary ("g_io_stream_close() of another thread, while the owner waits: the wait ends "
                  "when the peer has ended, and the socket is closed.");

  for (guint i = 0; i < isolated_rounds (50, 2000); i++)
    {
      Closing closing = { NULL, };
      GThread *owner = g_thread_new ("owner", wait_in_thread, &closing);

      isolated_count_round ();
      await_owner (&closing);
      g_thread_join (g_thread_new ("close", close_in_thread, &closing));
      pair_assert_gets (closing.far, "xthe rest");
      pair_assert_gets (closing.far, "");
      close (closing.far);
      g_thread_join (owner);
      g_assert_false (pair_is_open (closing.near));
      g_assert_finalize_object (closing.socket);
    }
}

/* The output stream keeps the connection half-open until another thread drops it */

typedef struct
{
  QnetSocket    *socket;
  GOutputStream *output;   /* (owned) */
  gint           is_held;  /* atomic */
  gint           has_ended;  /* atomic: the peer */
  gint           is_dropped;  /* atomic */
} HalfOpen;

static gpointer
hold_in_thread (gpointer data)
{
  HalfOpen *half = data;

  half->output = g_object_ref (g_io_stream_get_output_stream (G_IO_STREAM (half->socket)));
  g_atomic_int_set (&half->is_held, TRUE);
  while (!g_atomic_int_get (&half->has_ended))
    g_thread_yield ();
  g_clear_object (&half->output);
  g_atomic_int_set (&half->is_dropped, TRUE);

  return NULL;
}

static gpointer
use_half_open (gpointer data)
{
  QnetSocket *socket = QNET_SOCKET (qnet_local_socket_new ());
  QnetIODevice *device = QNET_IO_DEVICE (socket);
  HalfOpen half = { .socket = socket };
  GThread *holder;
  int far = adopt (socket);

  holder = g_thread_new ("holder", hold_in_thread, &half);
  while (!g_atomic_int_get (&half.is_held))
    g_thread_yield ();
  g_assert_no_errno (shutdown (far, SHUT_WR));
  while (!qnet_io_device_is_read_finished (device))
    qnet_io_device_wait_for_ready_read (device, -1, NULL);

  g_atomic_int_set (&half.has_ended, TRUE);
  while (!g_atomic_int_get (&half.is_dropped))
    {
      g_assert_true (qnet_io_device_is_open (device));
      g_assert_cmpint (qnet_io_device_get_bytes_to_write (device), ==, 0);
    }
  g_thread_join (holder);

  qnet_socket_wait_for_disconnected (socket, -1, NULL);
  g_assert_cmpint (qnet_socket_get_state (socket), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_finalize_object (socket);
  close (far);

  return NULL;
}

static void
test_half_open (gconstpointer data)
{
  g_test_summary ("A thread drops the stream that keeps a connection half-open, while its owner is "
                  "inside.");

  for (guint i = 0; i < isolated_rounds (200, 10000); i++)
    {
      isolated_count_round ();
      isolated_step ("dropping the stream, round", i);
      g_thread_join (g_thread_new ("owner", use_half_open, NULL));
    }
}

/* The owner sends the rest, and blocks for that */

#define LARGE (8 * 1024 * 1024)

typedef struct
{
  QnetSocket *socket;  /* (owned) */
  int         far;
  gint        has_failed;  /* atomic: the owner sends the rest from now on */
  gint        may_read;    /* atomic: the other end */
  gsize       n_read;
} Lingering;

static gpointer
read_in_thread (gpointer data)
{
  Lingering *lingering = data;
  g_autofree char *buffer = g_malloc (LARGE);
  gssize n;

  while (!g_atomic_int_get (&lingering->may_read))
    g_usleep (1000);
  while ((n = recv (lingering->far, buffer, LARGE, 0)) > 0)
    lingering->n_read += (gsize) n;

  return NULL;
}

static void
failed_cb (QnetSocket   *socket,
           const GError *error,
           Lingering    *lingering)
{
  g_atomic_int_set (&lingering->has_failed, TRUE);
}

static gpointer
linger_in_thread (gpointer data)
{
  Lingering *lingering = data;
  g_autofree char *text = g_strnfill (LARGE, 'x');
  int near;

  lingering->socket = QNET_SOCKET (qnet_tcp_socket_new ());
  pair_open_tcp (&near, &lingering->far);
  pair_make_blocking (lingering->far);
  qnet_socket_set_fd (lingering->socket, near, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, NULL);
  g_io_stream_get_input_stream (G_IO_STREAM (lingering->socket));
  qnet_socket_set_idle_timeout (lingering->socket, 100);
  g_signal_connect (lingering->socket, "error-occurred", G_CALLBACK (failed_cb), lingering);
  qnet_io_device_write (QNET_IO_DEVICE (lingering->socket), text, LARGE, NULL);
  qnet_socket_wait_for_disconnected (lingering->socket, -1, NULL);

  return NULL;
}

static void
test_lingering (gconstpointer data)
{
  Lingering lingering = { NULL, };
  GThread *owner, *reader;
  GInputStream *input;

  g_test_summary ("While the owner blocks to send the rest of a connection that has timed out, "
                  "other threads can use the streams.");

  owner = g_thread_new ("owner", linger_in_thread, &lingering);
  reader = g_thread_new ("reader", read_in_thread, &lingering);
  while (!g_atomic_int_get (&lingering.has_failed))
    g_usleep (1000);

  input = g_io_stream_get_input_stream (G_IO_STREAM (lingering.socket));
  for (guint i = 0; i < 20000; i++)
    g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (input));
  g_atomic_int_set (&lingering.may_read, TRUE);

  g_thread_join (owner);
  g_thread_join (reader);
  g_assert_cmpuint (lingering.n_read, ==, LARGE);
  g_assert_finalize_object (lingering.socket);
  close (lingering.far);
}

/* ... and is asked for a stream for the first time, and given bytes, meanwhile */

static gpointer
linger_unshared (gpointer data)
{
  Lingering *lingering = data;
  g_autofree char *text = g_strnfill (LARGE, 'x');
  int near;

  lingering->socket = QNET_SOCKET (qnet_tcp_socket_new ());
  pair_open_tcp (&near, &lingering->far);
  pair_make_blocking (lingering->far);
  qnet_socket_set_fd (lingering->socket, near, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, NULL);
  qnet_socket_set_idle_timeout (lingering->socket, 100);
  g_signal_connect (lingering->socket, "error-occurred", G_CALLBACK (failed_cb), lingering);
  qnet_io_device_write (QNET_IO_DEVICE (lingering->socket), text, LARGE, NULL);
  qnet_socket_wait_for_disconnected (lingering->socket, -1, NULL);

  return NULL;
}

static gpointer
write_late (gpointer data)
{
  Lingering *lingering = data;
  GIOStream *stream = G_IO_STREAM (lingering->socket);
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  g_autoptr(GError) error = NULL;
  gssize n;

  g_usleep (20000);  /* it blocks now */
  n = g_pollable_output_stream_write_nonblocking (output, "late", 4, NULL, &error);
  g_assert_cmpint (n, ==, -1);
  g_assert_nonnull (error);

  return NULL;
}

static void
test_lingering_first (gconstpointer data)
{
  Lingering lingering = { NULL, };
  GThread *owner, *reader;

  g_test_summary ("While the owner blocks to send the rest, another thread is the first to ask for "
                  "a stream, and bytes that would not be sent are refused.");

  owner = g_thread_new ("owner", linger_unshared, &lingering);
  reader = g_thread_new ("reader", read_in_thread, &lingering);
  while (!g_atomic_int_get (&lingering.has_failed))
    g_usleep (1000);

  g_thread_join (g_thread_new ("late", write_late, &lingering));
  g_atomic_int_set (&lingering.may_read, TRUE);

  g_thread_join (owner);
  g_thread_join (reader);
  g_assert_cmpuint (lingering.n_read, ==, LARGE);
  g_assert_finalize_object (lingering.socket);
  close (lingering.far);
}

/* Closing while the owner waits for a peer that does nothing */

static void
test_closed_with_silent_peer (gconstpointer data)
{
  g_test_summary ("g_io_stream_close() of another thread ends a wait of the owner, also with a "
                  "peer that sends nothing and does not close.");

  for (guint i = 0; i < isolated_rounds (50, 2000); i++)
    {
      Closing closing = { NULL, };
      GThread *owner = g_thread_new ("owner", wait_in_thread, &closing);

      isolated_count_round ();
      await_owner (&closing);
      g_thread_join (g_thread_new ("close", close_in_thread, &closing));
      g_thread_join (owner);
      pair_assert_gets (closing.far, "xthe rest");
      pair_assert_gets (closing.far, "");
      close (closing.far);
      g_assert_finalize_object (closing.socket);
    }
}

/* Closing with a peer that reads nothing */

static gpointer
close_unread (gpointer data)
{
  Closing *closing = data;
  GIOStream *stream = G_IO_STREAM (closing->socket);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  g_autofree char *text = g_strnfill (LARGE, 'x');
  g_autoptr(GCancellable) cancellable = closing->enters ? g_cancellable_new () : NULL;
  g_autoptr(GError) error = NULL;

  while (g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), text, LARGE,
                                                     NULL, NULL) > 0)
    continue;

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
  g_assert_false (g_io_stream_close (stream, cancellable, &error));
  if (closing->enters)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  return NULL;
}

static gpointer
own_unread (gpointer data)
{
  Closing *closing = data;

  const int size = 4096;

  make (closing);
  g_assert_no_errno (setsockopt (closing->near, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  g_assert_no_errno (setsockopt (closing->far, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  qnet_socket_set_close_timeout (closing->socket, 200);
  g_atomic_int_set (&closing->is_ready, TRUE);
  while (!g_atomic_int_get (&closing->is_closed))
    g_thread_yield ();

  return NULL;
}

static void
test_closed_unread (gconstpointer data)
{
  Closing closing = { .enters = GPOINTER_TO_INT (data) };
  GThread *owner = g_thread_new ("owner", own_unread, &closing);

  g_test_summary ("g_io_stream_close() of another thread, with a peer that reads nothing, can be "
                  "cancelled, and blocks for the close timeout at most.");

  await_owner (&closing);
  g_thread_join (g_thread_new ("close", close_unread, &closing));
  g_atomic_int_set (&closing.is_closed, TRUE);
  g_thread_join (owner);
  g_assert_finalize_object (closing.socket);
  close (closing.far);
}

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);
  isolated_add ("/stream-detached/reused", 60, test_reused, GINT_TO_POINTER (FALSE));
  isolated_add ("/stream-detached/reused/other-contexts", 60, test_reused, GINT_TO_POINTER (TRUE));
  isolated_add ("/stream-detached/closed", 60, test_closed, NULL);
  isolated_add ("/stream-detached/closed/owner-waits", 60, test_closed_in_wait, NULL);
  isolated_add ("/stream-detached/half-open", 60, test_half_open, NULL);
  isolated_add ("/stream-detached/lingering", 20, test_lingering, NULL);
  isolated_add ("/stream-detached/lingering/first", 20, test_lingering_first, NULL);
  isolated_add ("/stream-detached/closed/silent-peer", 20, test_closed_with_silent_peer, NULL);
  isolated_add ("/stream-detached/closed/unread", 20, test_closed_unread, GINT_TO_POINTER (FALSE));
  isolated_add ("/stream-detached/closed/unread/cancelled", 20, test_closed_unread,
                GINT_TO_POINTER (TRUE));

  return isolated_run ();
}
