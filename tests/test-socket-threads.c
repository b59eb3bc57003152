/* test-socket-threads.c: blocking clients in threads, while the main thread runs its loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#define N_THREADS 4
#define N_TALKS   5
#define N_LINES   20

typedef struct
{
  GMainLoop *loop;
  guint16    port;
  gint       n_running;  /* atomic */
} Party;

/* The server, in the main thread's loop, echoes lines */

static void
echo_cb (QnetIODevice *device)
{
  g_autoptr(GBytes) line = NULL;

  while ((line = qnet_io_device_read_line_bytes (device, 0)) != NULL && g_bytes_get_size (line) > 0)
    {
      qnet_io_device_write_bytes (device, line, NULL);
      g_clear_pointer (&line, g_bytes_unref);
    }
}

static void
welcome_cb (QnetTcpServer *server)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_server_next_pending_connection (server);

  g_signal_connect (socket, "ready-read", G_CALLBACK (echo_cb), NULL);
}

/* A client, that has no loop */

static gboolean
send_string (QnetIODevice *device,
             const char   *text)
{
  GError *error = NULL;

  qnet_io_device_write_string (device, text, &error);
  g_assert_no_error (error);

  while (!qnet_io_device_can_read_line (device))
    {
      qnet_io_device_wait_for_ready_read (device, -1, &error);
      g_assert_no_error (error);
    }

  return TRUE;
}

static void
connect_and_talk (Party      *party,
                  const char *host)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  QnetIODevice *device = QNET_IO_DEVICE (socket);
  GError *error = NULL;

  qnet_abstract_socket_connect_to_host_full (QNET_ABSTRACT_SOCKET (socket), host, party->port,
                                             QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_IPV4);
  qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *line = g_strdup_printf ("line %u\n", i);
      g_autofree char *echo = NULL;

      send_string (device, line);
      echo = qnet_io_device_read_line_utf8 (device, 0, &error);
      g_assert_no_error (error);
      g_assert_cmpint (strlen (echo), ==, strlen (line) - 1);
      g_assert_true (g_str_has_prefix (line, echo));
    }

  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (socket));
  if (qnet_socket_get_state (QNET_SOCKET (socket))
      != QNET_SOCKET_STATE_UNCONNECTED)
    g_assert_true (
      qnet_socket_wait_for_disconnected (QNET_SOCKET (socket), -1, NULL));
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

static gpointer
client_thread (gpointer data)
{
  Party *party = data;

  for (guint i = 0; i < N_TALKS; i++)
    connect_and_talk (party, i % 2 == 0 ? "127.0.0.1" : "localhost");

  if (g_atomic_int_dec_and_test (&party->n_running))
    g_idle_add (quit_cb, party->loop);

  return NULL;
}

static void
test_blocking_clients (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress)
    address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  Party party = { .loop = loop, .n_running = N_THREADS };
  GThread *threads[N_THREADS];

  g_test_summary (
    "Blocking clients in four threads talk to a server in the main thread's default loop.");

  g_signal_connect (server, "new-connection", G_CALLBACK (welcome_cb), NULL);
  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));
  party.port = qnet_tcp_server_get_server_port (server);

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("client", client_thread, &party);

  g_main_loop_run (loop);

  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

/* A loop of one's own in each thread */

static void
got_echo_cb (QnetIODevice *device,
             GMainLoop    *loop)
{
  if (qnet_io_device_can_read_line (device))
    g_main_loop_quit (loop);
}

static gpointer
loop_thread (gpointer data)
{
  Party *party = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  g_main_context_push_thread_default (context);
  g_signal_connect (socket, "ready-read", G_CALLBACK (got_echo_cb), loop);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "127.0.0.1", party->port);
  qnet_io_device_write_string (QNET_IO_DEVICE (socket), "hello\n", NULL);
  g_main_loop_run (loop);
  qnet_socket_abort (QNET_SOCKET (socket));
  g_main_context_pop_thread_default (context);

  if (g_atomic_int_dec_and_test (&party->n_running))
    g_idle_add (quit_cb, party->loop);

  return NULL;
}

static void
test_loops (void)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress)
    address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  Party party = { .loop = loop, .n_running = N_THREADS };
  GThread *threads[N_THREADS];

  g_test_summary (
    "So do sockets in threads that run loops of their own; each is called in its own thread.");

  g_signal_connect (server, "new-connection", G_CALLBACK (welcome_cb), NULL);
  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));
  party.port = qnet_tcp_server_get_server_port (server);

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("loop", loop_thread, &party);

  g_main_loop_run (loop);

  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

/* Asynchronous pairs without a loop */

static void
count_refusal_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  guint *n_refusals = user_data;

  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  (*n_refusals)++;
}

static gpointer
pair_thread (gpointer n_refusals)
{
  g_autoptr(QnetTcpSocket) tcp_socket = qnet_tcp_socket_new ();
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (tcp_socket);

  qnet_abstract_socket_connect_to_host_async (socket, "127.0.0.1", 1, G_PRIORITY_DEFAULT, NULL,
                                              count_refusal_cb, n_refusals);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_UNCONNECTED);
  qnet_abstract_socket_disconnect_from_host_async (socket, G_PRIORITY_DEFAULT, NULL,
                                                   count_refusal_cb, n_refusals);

  return NULL;
}

static void
test_pairs (void)
{
  GThread *thread;
  guint n_refusals = 0;

  g_test_summary ("Without a loop in the thread the asynchronous pairs are refused, lest another "
                  "thread be called back.");

  thread = g_thread_new ("pairs", pair_thread, &n_refusals);
  g_thread_join (thread);
  while (n_refusals < 2)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/socket-threads/blocking-clients", test_blocking_clients);
  g_test_add_func ("/socket-threads/loops", test_loops);
  g_test_add_func ("/socket-threads/pairs", test_pairs);

  return g_test_run ();
}
