/* test-stream-first.c: other threads are the first to ask for the streams of a socket, while its
 * owner uses it
 *
 * Each round has a new socket. Its owner writes, reads and asks for properties without a pause, and
 * iterates its main context; meanwhile several threads ask for the streams, for which no thread has
 * asked before, and use them. No byte may get lost.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/isolated.h"
#include "common/pair.h"
#include "common/stream-rig.h"

#define N_ASKERS  3
#define N_PIECES  20
#define PIECE     "0123456789"
#define FAR_SIZE  20000  /* bytes from the other end */
#define FIRST     100    /* of these are read by a thread */

#define N_THREADS (N_ASKERS + 2)

typedef struct
{
  QnetSocket *socket;     /* (owned) */
  int         far_fd;     /* (owned) */
  gint        n_ready;    /* atomic */
  gint        n_done;     /* atomic */
  gint        has_ended;  /* atomic: the other end */
  gsize       n_written;  /* by the owner */
  gsize       n_read;     /* by the owner */
  gsize       n_arrived;  /* at the other end, from the owner */
  gsize       n_digits;   /* and from threads */
  guint       seed;
} Round;

/* So that they begin at the same time, and somewhere in a call of the owner */
static void
await_start (Round *round)
{
  g_atomic_int_inc (&round->n_ready);
  while (g_atomic_int_get (&round->n_ready) < N_THREADS + 1)
    continue;
}

static gpointer
ask_in_thread (gpointer data)
{
  Round *round = data;
  GIOStream *stream = G_IO_STREAM (round->socket);

  await_start (round);
  g_assert_false (g_input_stream_is_closed (g_io_stream_get_input_stream (stream)));
  g_assert_false (g_output_stream_is_closed (g_io_stream_get_output_stream (stream)));
  g_atomic_int_inc (&round->n_done);

  return NULL;
}

static gpointer
write_in_thread (gpointer data)
{
  Round *round = data;
  GOutputStream *output;
  GError *error = NULL;

  await_start (round);
  output = g_io_stream_get_output_stream (G_IO_STREAM (round->socket));
  for (guint i = 0; i < N_PIECES; i++)
    {
      g_output_stream_write_all (output, PIECE, strlen (PIECE), NULL, NULL, &error);
      g_assert_no_error (error);
    }
  g_atomic_int_inc (&round->n_done);

  return NULL;
}

static gpointer
read_in_thread (gpointer data)
{
  Round *round = data;
  char buffer[FIRST];
  GError *error = NULL;
  GInputStream *input;
  gsize n;

  await_start (round);
  input = g_io_stream_get_input_stream (G_IO_STREAM (round->socket));
  g_input_stream_read_all (input, buffer, sizeof buffer, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, sizeof buffer);
  g_atomic_int_inc (&round->n_done);

  return NULL;
}

/* The other end */

static gpointer
receive_in_thread (gpointer data)
{
  Round *round = data;
  char buffer[4096];
  gssize n;

  while ((n = recv (round->far_fd, buffer, sizeof buffer, 0)) > 0)
    for (gssize i = 0; i < n; i++)
      {
        round->n_arrived += buffer[i] == 'o';
        round->n_digits += g_ascii_isdigit (buffer[i]);
      }

  g_atomic_int_set (&round->has_ended, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static gpointer
send_in_thread (gpointer data)
{
  Round *round = data;
  char piece[37];

  memset (piece, 'f', sizeof piece);
  for (gsize sent = 0; sent < FAR_SIZE;)
    {
      gssize n = send (round->far_fd, piece, MIN (sizeof piece, FAR_SIZE - sent), MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      sent += (gsize) n;
    }

  return NULL;
}

/* The owner */

static void
use_socket (Round *round)
{
  QnetIODevice *device = QNET_IO_DEVICE (round->socket);
  char buffer[64];
  gsize wanted = MIN (sizeof buffer, FAR_SIZE - FIRST - round->n_read);
  GError *error = NULL;
  gssize n;

  if (round->n_written < FAR_SIZE)
    round->n_written += (gsize) qnet_io_device_write (device, "oo", 2, &error);
  g_assert_no_error (error);

  /* What the thread waits for is left to it. */
  n = qnet_io_device_read (device, buffer, wanted, &error);
  g_assert_no_error (error);
  round->n_read += (gsize) n;

  g_assert_true (qnet_io_device_is_open (device));
  qnet_io_device_get_bytes_to_write (device);
  qnet_io_device_flush (device);
}

static void
use_until_done (Round *round)
{
  for (guint i = 0; i < round->seed % 7; i++)
    use_socket (round);
  g_atomic_int_inc (&round->n_ready);

  while (g_atomic_int_get (&round->n_done) < N_THREADS || round->n_read + FIRST < FAR_SIZE)
    {
      use_socket (round);
      if (g_random_boolean ())
        g_main_context_iteration (NULL, FALSE);
    }
}

/* The loop sends what was written, and then the end. */
static void
drop_socket (Round *round)
{
  GError *error = NULL;

  g_io_stream_close (G_IO_STREAM (round->socket), NULL, &error);
  g_assert_no_error (error);
  while (!g_atomic_int_get (&round->has_ended))
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&round->socket);
}

static void
run_round (StreamKind kind,
           guint      seed)
{
  Round round = { .seed = seed };
  GThread *threads[N_THREADS];
  GThread *sender, *receiver;
  int fd;

  isolated_count_round ();
  stream_kind_open (kind, &fd, &round.far_fd);
  pair_make_blocking (round.far_fd);
  round.socket = QNET_SOCKET (stream_kind_wrap (kind, fd));
  sender = g_thread_new ("sender", send_in_thread, &round);
  receiver = g_thread_new ("receiver", receive_in_thread, &round);
  for (guint i = 0; i < N_ASKERS; i++)
    threads[i] = g_thread_new ("asker", ask_in_thread, &round);
  threads[N_ASKERS] = g_thread_new ("writer", write_in_thread, &round);
  threads[N_ASKERS + 1] = g_thread_new ("reader", read_in_thread, &round);

  isolated_step ("using the socket, round", seed);
  use_until_done (&round);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_thread_join (sender);

  isolated_step ("closing the socket, round", seed);
  drop_socket (&round);
  g_thread_join (receiver);
  close (round.far_fd);
  g_assert_cmpuint (round.n_arrived, ==, round.n_written);
  g_assert_cmpuint (round.n_digits, ==, N_PIECES * strlen (PIECE));
}

static void
test_first (gconstpointer data)
{
  guint n_rounds = isolated_rounds (30, 1000);

  for (guint i = 0; i < n_rounds; i++)
    {
      for (guint j = 0; j < N_THREADS + 2; j++)
        isolated_count_thread ();
      run_round ((StreamKind) GPOINTER_TO_INT (data), i);
    }
}

/* Threads that take the output stream, close it, and drop it, so that it is replaced */

#define N_DROPPERS 3
#define N_DROPS    20000

typedef struct
{
  GIOStream *stream;
  gint       n_done;  /* atomic */
} Dropping;

static gpointer
drop_in_thread (gpointer data)
{
  static GMutex getting;  /* a getter returns no reference */
  Dropping *dropping = data;

  for (guint i = 0; i < N_DROPS; i++)
    {
      g_autoptr(GOutputStream) output = NULL;

      g_mutex_lock (&getting);
      output = g_object_ref (g_io_stream_get_output_stream (dropping->stream));
      g_mutex_unlock (&getting);

      if (i % 4 == 0)
        g_output_stream_close (output, NULL, NULL);
    }

  g_atomic_int_inc (&dropping->n_done);
  g_main_context_wakeup (NULL);

  return NULL;
}

static QnetSocket *
new_socket (int *out_far)
{
  QnetSocket *socket = QNET_SOCKET (qnet_local_socket_new ());
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
  qnet_socket_set_fd (socket, ends[0], QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE,
                      NULL);
  *out_far = ends[1];

  return socket;
}

static void
test_replaced (gconstpointer data)
{
  QnetSocket *socket;
  Dropping dropping = { NULL, };
  GThread *threads[N_DROPPERS];
  int far;

  g_test_summary ("Streams that threads close and drop are replaced, and nothing remains of them.");

  socket = new_socket (&far);
  dropping.stream = G_IO_STREAM (socket);
  for (guint i = 0; i < N_DROPPERS; i++)
    threads[i] = g_thread_new ("drop", drop_in_thread, &dropping);
  while (g_atomic_int_get (&dropping.n_done) < N_DROPPERS)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N_DROPPERS; i++)
    g_thread_join (threads[i]);

  g_assert_finalize_object (socket);
  close (far);
}

static void
finalized_cb (gpointer  count,
              GObject  *stream)
{
  ++*(guint *) count;
}

static void
test_replaced_freed (gconstpointer data)
{
  g_autoptr(QnetSocket) socket = NULL;
  guint n_finalized = 0;
  int far;

  g_test_summary ("Streams that were closed, replaced and dropped are freed, all but a few.");

  socket = new_socket (&far);
  for (guint i = 0; i < 1000; i++)
    {
      GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (socket));
      GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (socket));

      g_object_weak_ref (G_OBJECT (input), finalized_cb, &n_finalized);
      g_object_weak_ref (G_OBJECT (output), finalized_cb, &n_finalized);
      g_input_stream_close (input, NULL, NULL);
      g_output_stream_close (output, NULL, NULL);
    }
  g_assert_cmpuint (n_finalized, >=, 1990);
  close (far);

  g_clear_object (&socket);
  g_assert_cmpuint (n_finalized, ==, 2000);
}

/* A thread writes in one connection: the next one knows nothing of it */

static gpointer
write_x_in_thread (gpointer data)
{
  GOutputStream *output = g_io_stream_get_output_stream (data);

  g_assert_true (g_output_stream_write_all (output, "x", 1, NULL, NULL, NULL));

  return NULL;
}

static void
test_next_connection (gconstpointer data)
{
  g_autoptr(QnetSocket) socket = NULL;
  int far;
  int ends[2];

  g_test_summary ("What a thread has written does not keep the next connection half-open.");

  socket = new_socket (&far);
  g_thread_join (g_thread_new ("write", write_x_in_thread, socket));
  qnet_socket_abort (socket);
  close (far);

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
  qnet_socket_set_fd (socket, ends[0], QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE,
                      NULL);
  g_assert_no_errno (shutdown (ends[1], SHUT_WR));
  while (qnet_socket_get_state (socket) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (NULL, TRUE);
  close (ends[1]);
}

/* Code of the application that waits for another thread, which uses a stream */

static gpointer
look_in_thread (gpointer stream)
{
  g_pollable_input_stream_is_readable (stream);

  return NULL;
}

static void
dropped_cb (gpointer input)
{
  g_thread_join (g_thread_new ("look", look_in_thread, input));
  g_object_unref (input);
}

/* The peer ends the connection, which drops the GSocket in a dispatch. */
static void
test_dropped (gconstpointer data)
{
  g_autoptr(QnetSocket) socket = NULL;
  GInputStream *input;
  int far;

  g_test_summary ("What is dropped at the end of a connection calls code of the application "
                  "without the lock of the streams.");

  socket = new_socket (&far);
  input = g_io_stream_get_input_stream (G_IO_STREAM (socket));
  qnet_socket_set_allow_half_open (socket, TRUE);
  g_object_set_data_full (G_OBJECT (qnet_socket_get_socket (socket)), "stream",
                          g_object_ref (input), dropped_cb);
  qnet_socket_disconnect_from_peer (socket);
  while (qnet_socket_get_state (socket) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (NULL, TRUE);
  close (far);
}

static int
connect_to_port (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));

  return fd;
}

static void
removed_cb (GInputStream *input,
            guint         position,
            guint         n_removed)
{
  g_assert_cmpuint (n_removed, ==, 1);
  g_thread_join (g_thread_new ("look", look_in_thread, input));
}

static void
test_list (gconstpointer data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetTcpSocket) connection = NULL;
  GError *error = NULL;
  int client;

  g_test_summary ("A handler of the list of connections waits for a thread that uses the one that "
                  "has ended.");

  qnet_tcp_server_listen_port (server, 0, &error);
  g_assert_no_error (error);
  client = connect_to_port (qnet_tcp_server_get_server_port (server));
  while ((connection = qnet_tcp_server_next_pending_connection (server)) == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_signal_connect_swapped (qnet_server_get_connections (QNET_SERVER (server)), "items-changed",
                            G_CALLBACK (removed_cb),
                            g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  close (client);
  while (qnet_socket_get_state (QNET_SOCKET (connection)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (NULL, TRUE);
}

typedef struct
{
  int      listener;
  gboolean is_done;
} Connecting;

static gpointer
read_x_in_thread (gpointer input)
{
  GError *error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, &error), ==, 1);
  g_assert_no_error (error);

  return NULL;
}

static void
connected_cb (GObject      *socket,
              GAsyncResult *result,
              gpointer      user_data)
{
  Connecting *connecting = user_data;
  int far = accept (connecting->listener, NULL, NULL);
  GError *error = NULL;

  qnet_abstract_socket_connect_to_host_finish (QNET_ABSTRACT_SOCKET (socket), result, &error);
  g_assert_no_error (error);

  g_assert_cmpint (send (far, "x", 1, 0), ==, 1);
  g_thread_join (g_thread_new ("read", read_x_in_thread,
                               g_io_stream_get_input_stream (G_IO_STREAM (socket))));
  close (far);
  connecting->is_done = TRUE;
}

static int
listen_anywhere (guint16 *out_port)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (listener, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (listener, 1));
  g_assert_no_errno (getsockname (listener, (struct sockaddr *) &address, &size));
  *out_port = ntohs (address.sin_port);

  return listener;
}

static void
test_callback (gconstpointer data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  Connecting connecting = { -1, FALSE };
  guint16 port;

  g_test_summary ("A callback of the call that has connected waits for a thread that reads.");

  connecting.listener = listen_anywhere (&port);
  qnet_abstract_socket_connect_to_host_async (QNET_ABSTRACT_SOCKET (socket), "127.0.0.1", port,
                                              G_PRIORITY_DEFAULT, NULL, connected_cb, &connecting);
  while (!connecting.is_done)
    g_main_context_iteration (NULL, TRUE);
  close (connecting.listener);
}

/* A class that asks in its own functions, which run inside of a call of the socket. That was never
 * connected, and so has no owner yet. */

#define TYPE_ASKING_SOCKET (asking_socket_get_type ())
G_DECLARE_FINAL_TYPE (AskingSocket, asking_socket, ASKING, SOCKET, QnetTcpSocket)

struct _AskingSocket
{
  QnetTcpSocket parent_instance;

  guint         n_asked;
};

G_DEFINE_TYPE (AskingSocket, asking_socket, QNET_TYPE_TCP_SOCKET)

static void
ask (gpointer socket)
{
  g_io_stream_get_input_stream (socket);
  g_io_stream_get_output_stream (socket);
  ASKING_SOCKET (socket)->n_asked++;
}

static void
asking_socket_connect_to_host_full (QnetAbstractSocket       *socket,
                                    const char               *host,
                                    guint16                   port,
                                    QnetOpenMode              open_mode,
                                    QnetNetworkLayerProtocol  protocol)
{
  ask (socket);
  QNET_ABSTRACT_SOCKET_CLASS (asking_socket_parent_class)
    ->connect_to_host_full (socket, host, port, open_mode, protocol);
}

static void
asking_socket_abort (QnetSocket *socket)
{
  ask (socket);
  QNET_SOCKET_CLASS (asking_socket_parent_class)->abort (socket);
}

static void
asking_socket_disconnect_from_peer (QnetSocket *socket)
{
  ask (socket);
  QNET_SOCKET_CLASS (asking_socket_parent_class)->disconnect_from_peer (socket);
}

static void
asking_socket_class_init (AskingSocketClass *klass)
{
  QNET_ABSTRACT_SOCKET_CLASS (klass)->connect_to_host_full = asking_socket_connect_to_host_full;
  QNET_SOCKET_CLASS (klass)->abort = asking_socket_abort;
  QNET_SOCKET_CLASS (klass)->disconnect_from_peer = asking_socket_disconnect_from_peer;
}

static void
asking_socket_init (AskingSocket *self)
{
}

static void
connect_to_host (QnetSocket *socket)
{
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "127.0.0.1", 9);
}

static void
test_override (gconstpointer data)
{
  void (*call) (QnetSocket *socket) = data;
  QnetSocket *socket = g_object_new (TYPE_ASKING_SOCKET, NULL);

  g_test_summary ("An override of a socket that was never connected asks for its streams.");

  call (socket);
  g_assert_cmpuint (ASKING_SOCKET (socket)->n_asked, >=, 1);
  qnet_socket_abort (socket);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (socket);
}

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);
  isolated_add ("/stream-first/tcp/owner-keeps-bytes", 60, test_first,
                GINT_TO_POINTER (STREAM_QNET_TCP));
  isolated_add ("/stream-first/local/owner-keeps-bytes", 60, test_first,
                GINT_TO_POINTER (STREAM_QNET_LOCAL));
  isolated_add ("/stream-first/replaced", 60, test_replaced, NULL);
  isolated_add ("/stream-first/replaced/freed", 20, test_replaced_freed, NULL);
  isolated_add ("/stream-first/next-connection", 60, test_next_connection, NULL);
  isolated_add ("/stream-first/dropped", 20, test_dropped, NULL);
  isolated_add ("/stream-first/list", 20, test_list, NULL);
  isolated_add ("/stream-first/callback", 20, test_callback, NULL);
  isolated_add ("/stream-first/override/connect", 20, test_override, connect_to_host);
  isolated_add ("/stream-first/override/abort", 20, test_override, qnet_socket_abort);
  isolated_add ("/stream-first/override/disconnect", 20, test_override,
                qnet_socket_disconnect_from_peer);

  return isolated_run ();
}
