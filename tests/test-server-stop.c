/* test-server-stop.c: a server that is stopped loses no request
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#ifdef __linux__
#include <linux/filter.h>
#endif
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/server-fixture.h"
#include "common/tls-fixture.h"

#define SERVER(fixture) QNET_SERVER ((fixture)->base.server)

typedef struct
{
  ServerFixture  base;
  GPtrArray     *sockets;      /* (owned): QnetTcpSocket, those that were served */
  GString       *log;          /* (owned): "ready", "stopping", one letter each */
  GAsyncResult  *result;       /* (owned) (nullable) */
  GCancellable  *cancellable;  /* (owned) */
  guint          n_stopping;   /* notifications of the property */
  guint          n_signals;    /* emissions of the signal */
  guint          n_answered;   /* requests */
  guint          n_late;       /* ... while the server was stopping */
  pid_t          child;        /* -1: none yet */
} Fixture;

/* The served protocol: a request is "q\n", and its answer "a\n"; "bye\n" asks the client to end. */

static void
ready_read_cb (QnetTcpSocket *socket,
               Fixture       *fixture)
{
  g_string_append_c (fixture->log, 'r');
  while (qnet_io_device_can_read_line (DEVICE (socket)))
    {
      g_autofree char *line = qnet_io_device_read_line_utf8 (DEVICE (socket), 0, NULL);

      g_assert_cmpstr (line, ==, "q");
      qnet_io_device_write (DEVICE (socket), "a\n", 2, NULL);
      fixture->n_answered++;
      fixture->n_late += qnet_server_is_stopping (SERVER (fixture));
    }
}

static void
stopping_cb (QnetTcpSocket *socket,
             Fixture       *fixture)
{
  g_string_append_c (fixture->log, 's');
  fixture->n_signals++;
  qnet_io_device_write (DEVICE (socket), "bye\n", 4, NULL);
}

static void
serve_cb (Fixture *fixture)
{
  QnetTcpSocket *socket = qnet_tcp_server_next_pending_connection (fixture->base.server);

  g_ptr_array_add (fixture->sockets, socket);
  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), fixture);
  g_signal_connect (socket, "stopping", G_CALLBACK (stopping_cb), fixture);
}

static void
stopping_changed_cb (Fixture *fixture)
{
  fixture->n_stopping++;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  server_fixture_set_up (&fixture->base, data);
  fixture->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->log = g_string_new (NULL);
  fixture->cancellable = g_cancellable_new ();
  fixture->child = -1;
  g_signal_connect_swapped (fixture->base.server, "notify::stopping",
                            G_CALLBACK (stopping_changed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_ptr_array_unref (fixture->sockets);
  g_string_free (fixture->log, TRUE);
  g_clear_object (&fixture->result);
  server_fixture_settle (&fixture->base);
  g_assert_finalize_object (fixture->cancellable);
  server_fixture_tear_down (&fixture->base, data);
}

static void
listen_and_serve (Fixture *fixture)
{
  server_fixture_listen (&fixture->base);
  g_signal_connect_swapped (fixture->base.server, "new-connection", G_CALLBACK (serve_cb), fixture);
}

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->base.context, TRUE); \
  } G_STMT_END

/* Calls */

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_assert_null (fixture->result);
  fixture->result = g_object_ref (result);
}

static void
stop (Fixture *fixture,
      int      grace)
{
  qnet_server_stop_async (SERVER (fixture), grace, G_PRIORITY_DEFAULT, fixture->cancellable,
                          keep_result_cb, fixture);
  g_assert_null (fixture->result);
}

static int
finish (Fixture  *fixture,
        GError  **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  await (fixture, fixture->result != NULL);
  result = g_steal_pointer (&fixture->result);

  return qnet_server_stop_finish (SERVER (fixture), result, error);
}

static void
assert_stops (Fixture *fixture,
              int      n_aborted)
{
  g_autoptr(GError) error = NULL;
  int n = finish (fixture, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, n_aborted);
  g_assert_false (qnet_server_is_stopping (SERVER (fixture)));
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
}

/* Clients */

static int
request (Fixture *fixture)
{
  int client = server_fixture_connect (&fixture->base);

  g_assert_cmpint (send (client, "q\n", 2, MSG_NOSIGNAL), ==, 2);

  return client;
}

static void
assert_receives (int         client,
                 const char *expected)
{
  char buffer[64] = { 0 };
  gsize size = strlen (expected);

  g_assert_cmpint (recv (client, buffer, size, MSG_WAITALL), ==, size);
  g_assert_cmpstr (buffer, ==, expected);
}

/* Runs the loop until so many have been answered, and both sides have ended. */
static void
end_after (Fixture *fixture,
           guint    n_answered)
{
  await (fixture, fixture->n_answered >= n_answered && fixture->n_signals >= n_answered);

  for (guint i = 0; i < fixture->base.clients->len; i++)
    {
      int client = g_array_index (fixture->base.clients, int, i);

      assert_receives (client, "a\nbye\n");
      shutdown (client, SHUT_WR);
    }
}

/* Clients in threads */

typedef struct
{
  guint16  port;
  gboolean is_persistent;
  guint    n_requests;
  guint    n_answers;
} Client;

static int
connect_client (const Client *client)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (client->port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;

  g_assert_cmpint (errno, ==, ECONNREFUSED);
  close (fd);

  return -1;
}

/* Without connections */

static void
test_idle (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("A server without connections stops, in a later iteration, and can listen "
                  "again.");

  server_fixture_listen (&fixture->base);
  stop (fixture, -1);
  g_assert_true (qnet_server_is_stopping (SERVER (fixture)));
  g_assert_cmpuint (fixture->n_stopping, ==, 1);
  assert_stops (fixture, 0);
  g_assert_cmpuint (fixture->n_stopping, ==, 2);
  g_assert_cmpuint (fixture->base.n_listening, ==, 2);

  server_fixture_listen (&fixture->base);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
}

static void
test_never_listened (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("A server that does not listen stops as well.");

  stop (fixture, 0);
  assert_stops (fixture, 0);
  g_assert_cmpuint (fixture->base.n_listening, ==, 0);
}

static void
test_listen_meanwhile (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A server cannot listen while it is being stopped.");

  stop (fixture, -1);
  g_assert_false (qnet_tcp_server_listen_port (fixture->base.server, 0, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  assert_stops (fixture, 0);
}

static void
second_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_assert_cmpint (qnet_server_stop_finish (QNET_SERVER (source), result, user_data), ==, -1);
}

static void
test_second (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) connection = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A second call fails, and the first one continues.");

  server_fixture_listen (&fixture->base);
  connection = server_fixture_accept_one (&fixture->base, NULL);
  stop (fixture, -1);
  qnet_server_stop_async (SERVER (fixture), 0, G_PRIORITY_DEFAULT, NULL, second_cb, &error);
  await (fixture, error != NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_assert_cmpuint (fixture->n_stopping, ==, 1);
  qnet_socket_abort (QNET_SOCKET (connection));
  assert_stops (fixture, 0);
}

/* The backlog */

static void
test_backlog (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("Clients that wait when a server is stopped are accepted and served.");

  listen_and_serve (fixture);
  for (int i = 0; i < 100; i++)
    request (fixture);

  stop (fixture, -1);
  end_after (fixture, 100);
  assert_stops (fixture, 0);
  g_assert_cmpuint (fixture->n_late, ==, 100);
}

/* Blocks until it is refused, or has ended. */
static gpointer
come_late (gpointer data)
{
  int fd = connect_client (data);

  if (fd < 0)
    return NULL;

  close (fd);

  return data;
}

/* A system may keep that from users without privileges. */
static gboolean
can_filter (void)
{
#ifdef __linux__
  struct sock_filter code[] = { BPF_STMT (BPF_RET | BPF_K, G_MAXUINT32) };
  const struct sock_fprog program = { .len = G_N_ELEMENTS (code), .filter = code };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean result = setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;

  close (fd);

  return result;
#else
  return FALSE;
#endif
}

static void
test_late (Fixture       *fixture,
           gconstpointer  data)
{
  Client client = { 0 };
  GThread *thread;

  g_test_summary ("A client that comes after the call is refused, and not accepted and reset.");

  if (!can_filter ())
    {
      g_test_skip ("This user cannot filter the segments of a socket here");
      return;
    }

  listen_and_serve (fixture);
  client.port = qnet_tcp_server_get_server_port (fixture->base.server);
  stop (fixture, -1);
  thread = g_thread_new ("client", come_late, &client);
  assert_stops (fixture, 0);
  g_assert_null (g_thread_join (thread));
  g_assert_cmpuint (fixture->base.n_new, ==, 0);
}

static void
test_backlog_paused (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("Stopping a server that is paused ends the pause.");

  listen_and_serve (fixture);
  qnet_server_pause_accepting (SERVER (fixture));
  request (fixture);
  server_fixture_settle (&fixture->base);
  g_assert_cmpuint (fixture->base.n_new, ==, 0);

  stop (fixture, -1);
  end_after (fixture, 1);
  assert_stops (fixture, 0);
}

static void
test_backlog_full (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A server at its limit of connections accepts those that wait, one after the "
                  "other, as there is room.");

  listen_and_serve (fixture);
  qnet_server_set_max_connections (SERVER (fixture), 1);
  for (int i = 0; i < 3; i++)
    request (fixture);

  stop (fixture, -1);
  for (guint i = 0; i < 3; i++)
    {
      int client = g_array_index (fixture->base.clients, int, i);

      await (fixture, fixture->n_answered == i + 1 && fixture->n_signals == i + 1);
      g_assert_true (qnet_server_is_listening (SERVER (fixture)));
      g_assert_cmpuint (fixture->base.n_new, ==, i + 1);
      assert_receives (client, "a\nbye\n");
      shutdown (client, SHUT_WR);
    }

  assert_stops (fixture, 0);
}

static void
accepted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Fixture *fixture = user_data;
  g_autoptr(GError) error = NULL;
  QnetSocket *socket = qnet_server_accept_finish (QNET_SERVER (source), result, &error);

  if (socket == NULL)
    {
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
      g_string_append_c (fixture->log, 'e');
      return;
    }

  g_ptr_array_add (fixture->sockets, socket);
  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), fixture);
  g_signal_connect (socket, "stopping", G_CALLBACK (stopping_cb), fixture);
  qnet_server_accept_async (QNET_SERVER (source), G_PRIORITY_LOW, NULL, accepted_cb, fixture);
}

static void
test_backlog_async (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("accept_async() returns the clients that wait, with both signals still to come, "
                  "and fails after the last one.");

  server_fixture_listen (&fixture->base);
  qnet_server_accept_async (SERVER (fixture), G_PRIORITY_LOW, NULL, accepted_cb, fixture);
  request (fixture);
  request (fixture);

  stop (fixture, -1);
  end_after (fixture, 2);
  assert_stops (fixture, 0);
  await (fixture, strchr (fixture->log->str, 'e') != NULL);
  g_assert_cmpuint (fixture->n_answered, ==, 2);
}

static void
test_shared (Fixture       *fixture,
             gconstpointer  data)
{
  int fd, client;

  g_test_summary ("A listening descriptor that another process may have continues to listen "
                  "there.");

  listen_and_serve (fixture);
  fd = fcntl (qnet_server_get_fd (SERVER (fixture)), F_DUPFD_CLOEXEC, 0);
  request (fixture);
  stop (fixture, -1);
  client = server_fixture_connect (&fixture->base);
  g_assert_cmpint (send (client, "q\n", 2, MSG_NOSIGNAL), ==, 2);
  end_after (fixture, 2);
  assert_stops (fixture, 0);

  g_assert_true (qnet_server_set_fd (SERVER (fixture), fd, NULL));
  server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 3);
}

static void
test_shared_batch (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("As many clients as one dispatch accepts are not followed by an event that ends "
                  "the stop.");

  listen_and_serve (fixture);
  qnet_server_get_fd (SERVER (fixture));
  for (int i = 0; i < 128; i++)
    request (fixture);

  stop (fixture, -1);
  end_after (fixture, 128);
  assert_stops (fixture, 0);
}

/* Takes all descriptors but @n_free. Returns the limit before. */
static struct rlimit
limit_descriptors (int n_free)
{
  struct rlimit old_limit, limit;
  int next = dup (STDERR_FILENO);

  close (next);
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &old_limit));
  limit = old_limit;
  limit.rlim_cur = (rlim_t) (next + n_free);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));

  return old_limit;
}

static void
test_no_descriptors (Fixture       *fixture,
                     gconstpointer  data)
{
  struct rlimit old_limit;

  g_test_summary ("A server without clients stops while the process has no descriptor left.");

  server_fixture_listen (&fixture->base);
  if (data != NULL)
    qnet_server_get_fd (SERVER (fixture));

  stop (fixture, -1);
  old_limit = limit_descriptors (0);
  assert_stops (fixture, 0);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &old_limit));
  g_assert_cmpuint (fixture->base.n_accept_errors, ==, 0);
}

/* Load */

#define N_CLIENTS 16

/* FALSE if the connection has ended. */
static gboolean
read_line (FILE *stream,
           char *line)
{
  return fgets (line, 8, stream) != NULL;
}

/* Returns whether the server has asked for the end. */
static gboolean
ask (Client *client,
     FILE   *stream)
{
  gboolean is_last = FALSE;
  char line[8];

  if (send (fileno (stream), "q\n", 2, MSG_NOSIGNAL) != 2)
    return TRUE;

  client->n_requests++;
  while (read_line (stream, line))
    if (strcmp (line, "a\n") == 0)
      {
        client->n_answers++;
        return is_last;
      }
    else
      is_last = TRUE;

  return TRUE;
}

static gpointer
run_client (gpointer data)
{
  Client *client = data;
  int fd;

  while ((fd = connect_client (client)) >= 0)
    {
      FILE *stream = fdopen (fd, "r");

      while (!ask (client, stream) && client->is_persistent)
        continue;

      fclose (stream);
    }

  return NULL;
}

static void
test_load (Fixture       *fixture,
           gconstpointer  data)
{
  Client clients[N_CLIENTS] = { 0 };
  GThread *threads[N_CLIENTS];
  guint n_requests = 0, n_answers = 0;

  g_test_summary ("While clients connect and ask all the time, a server that is stopped answers "
                  "each request of each connection; afterwards clients are refused.");

  listen_and_serve (fixture);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i].port = qnet_tcp_server_get_server_port (fixture->base.server);
      clients[i].is_persistent = i % 2 == 0;
      threads[i] = g_thread_new ("client", run_client, &clients[i]);
    }

  await (fixture, fixture->n_answered > 2000);
  stop (fixture, -1);
  assert_stops (fixture, 0);

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      g_thread_join (threads[i]);
      n_requests += clients[i].n_requests;
      n_answers += clients[i].n_answers;
    }

  g_test_message ("%u requests, %u answers, %u while stopping", n_requests, n_answers,
                  fixture->n_late);
  g_assert_cmpuint (n_requests, ==, n_answers);
  g_assert_cmpuint (n_answers, ==, fixture->n_answered);
  g_assert_cmpuint (fixture->n_late, >, 0);
}

/* The signal */

static void
test_signal_order (Fixture       *fixture,
                   gconstpointer  data)
{
  int client;

  g_test_summary ("A request that has arrived is reported before the connection is notified.");

  listen_and_serve (fixture);
  client = server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  server_fixture_settle (&fixture->base);
  g_assert_cmpint (send (client, "q\n", 2, MSG_NOSIGNAL), ==, 2);

  stop (fixture, -1);
  g_assert_cmpstr (fixture->log->str, ==, "");
  end_after (fixture, 1);
  g_assert_cmpstr (fixture->log->str, ==, "rs");
  assert_stops (fixture, 0);
}

static void
end_cb (QnetTcpSocket *socket)
{
  qnet_socket_disconnect_from_peer (QNET_SOCKET (socket));
}

static void
test_signal_many (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("Each of many connections is notified once, and ends in its handler.");

  listen_and_serve (fixture);
  for (guint i = 0; i < 200; i++)
    server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 200);
  for (guint i = 0; i < 200; i++)
    g_signal_connect (fixture->sockets->pdata[i], "stopping", G_CALLBACK (end_cb), NULL);

  stop (fixture, -1);
  assert_stops (fixture, 0);
  g_assert_cmpuint (fixture->n_signals, ==, 200);
}

static void
test_signal_untaken (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) socket = NULL;

  g_test_summary ("A connection that is taken while the server stops is notified after that.");

  server_fixture_listen (&fixture->base);
  server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  stop (fixture, -1);
  await (fixture, !qnet_server_is_listening (SERVER (fixture)));

  socket = qnet_tcp_server_next_pending_connection (fixture->base.server);
  g_signal_connect (socket, "stopping", G_CALLBACK (stopping_cb), fixture);
  await (fixture, fixture->n_signals == 1);
  qnet_socket_abort (QNET_SOCKET (socket));
  assert_stops (fixture, 0);
}

static void
abort_all_cb (QnetTcpSocket *socket,
              Fixture       *fixture)
{
  for (guint i = 0; i < fixture->sockets->len; i++)
    qnet_socket_abort (fixture->sockets->pdata[i]);
}

static void
test_signal_aborts (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A handler that aborts the other connections is the last one that is called.");

  listen_and_serve (fixture);
  for (guint i = 0; i < 3; i++)
    server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 3);
  for (guint i = 0; i < 3; i++)
    g_signal_connect (fixture->sockets->pdata[i], "stopping", G_CALLBACK (abort_all_cb), fixture);

  stop (fixture, -1);
  assert_stops (fixture, 0);
  g_assert_cmpuint (fixture->n_signals, ==, 1);
}

static void
dispose_cb (QnetTcpSocket *socket,
            Fixture       *fixture)
{
  g_object_run_dispose (G_OBJECT (fixture->base.server));
}

static void
test_signal_disposes (Fixture       *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A handler may dispose of the server, which ends the call.");

  listen_and_serve (fixture);
  server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  g_signal_connect (fixture->sockets->pdata[0], "stopping", G_CALLBACK (dispose_cb), fixture);

  stop (fixture, -1);
  g_assert_cmpint (finish (fixture, NULL), ==, 0);
  g_assert_cmpuint (fixture->n_signals, ==, 1);
}

static void
fork_cb (QnetTcpSocket *socket,
         Fixture       *fixture)
{
  qnet_socket_abort (QNET_SOCKET (socket));
  fixture->child = fork ();
}

static void
changed_cb (GListModel *list,
            guint       position,
            guint       n_removed,
            guint       n_added,
            Fixture    *fixture)
{
  g_string_append_c (fixture->log, n_added > 0 ? '+' : '-');
}

static void
test_signal_forks (Fixture       *fixture,
                   gconstpointer  data)
{
  int status;

  g_test_summary ("A handler may fork; in the child the server does not stop any more.");

  listen_and_serve (fixture);
  server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  g_signal_connect (fixture->sockets->pdata[0], "stopping", G_CALLBACK (fork_cb), fixture);

  stop (fixture, -1);
  await (fixture, fixture->child != -1);
  if (fixture->child == 0)
    _exit (qnet_server_is_stopping (SERVER (fixture)) ? 1 : 0);

  g_assert_cmpint (waitpid (fixture->child, &status, 0), ==, fixture->child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  assert_stops (fixture, 0);
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  int client;

  g_test_summary ("A blocking wait accepts a client, and leaves the stop to the main loop.");

  server_fixture_listen (&fixture->base);
  g_object_unref (server_fixture_accept_one (&fixture->base, &client));
  g_signal_connect_swapped (fixture->base.server, "new-connection", G_CALLBACK (serve_cb), fixture);
  g_signal_connect (qnet_server_get_connections (SERVER (fixture)), "items-changed",
                    G_CALLBACK (changed_cb), fixture);
  request (fixture);
  stop (fixture, 0);
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture), 5000, NULL));
  g_assert_cmpstr (fixture->log->str, ==, "+");
  g_assert_true (qnet_server_is_stopping (SERVER (fixture)));

  assert_stops (fixture, 2);
  assert_disconnected (client);
}

static void
test_forked (Fixture       *fixture,
             gconstpointer  data)
{
  pid_t child;
  int status;

  g_test_summary ("In the child of a fork the call fails, and nothing is aborted there.");

  listen_and_serve (fixture);
  server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  stop (fixture, -1);

  child = fork ();
  if (child == 0)
    {
      g_autoptr(GError) error = NULL;
      int n = finish (fixture, &error);

      _exit (n == -1 && g_error_matches (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION)
             ? 0 : 1);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  await (fixture, fixture->n_signals == 1);
  qnet_socket_abort (fixture->sockets->pdata[0]);
  assert_stops (fixture, 0);
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_test_summary ("The call keeps the server alive until it ends.");

  listen_and_serve (fixture);
  request (fixture);
  stop (fixture, -1);
  g_object_add_weak_pointer (G_OBJECT (fixture->base.server), (gpointer *) &fixture->base.server);
  g_object_unref (fixture->base.server);
  end_after (fixture, 1);
  g_assert_nonnull (fixture->base.server);
  await (fixture, fixture->result != NULL);
  g_clear_object (&fixture->result);
  server_fixture_settle (&fixture->base);
  g_assert_null (fixture->base.server);
}

/* The grace */

static void
test_grace (Fixture       *fixture,
            gconstpointer  data)
{
  int taken, pending;

  g_test_summary ("After the grace what is left is aborted and counted, taken or not; connections "
                  "that have ended do not count.");

  listen_and_serve (fixture);
  request (fixture);
  request (fixture);
  server_fixture_await_new (&fixture->base, 2);
  taken = g_array_index (fixture->base.clients, int, 0);
  await (fixture, fixture->n_answered == 2);
  assert_receives (taken, "a\n");
  assert_receives (g_array_index (fixture->base.clients, int, 1), "a\n");
  g_signal_handlers_disconnect_by_func (fixture->base.server, serve_cb, fixture);
  pending = server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 3);
  g_signal_connect (fixture->sockets->pdata[1], "stopping", G_CALLBACK (end_cb), NULL);

  stop (fixture, 400);
  assert_stops (fixture, 2);
  g_assert_cmpuint (fixture->n_signals, ==, 2);
  assert_receives (taken, "bye\n");
  assert_disconnected (taken);
  assert_disconnected (pending);
}

static void
test_grace_zero (Fixture       *fixture,
                 gconstpointer  data)
{
  int client, waiting;

  g_test_summary ("Without a grace all connections are aborted in the next iteration, and those "
                  "that wait are not accepted.");

  listen_and_serve (fixture);
  client = server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  qnet_server_pause_accepting (SERVER (fixture));
  waiting = server_fixture_connect (&fixture->base);

  stop (fixture, 0);
  g_assert_cmpint (qnet_socket_get_state (fixture->sockets->pdata[0]), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpint (finish (fixture, NULL), <=, 2);
  g_assert_cmpuint (g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture))), ==,
                    0);
  assert_disconnected (client);
  assert_disconnected (waiting);
}

static void
iterate_cb (GListModel *list,
            guint       position,
            guint       n_removed,
            guint       n_added,
            Fixture    *fixture)
{
  qnet_server_set_max_connections (SERVER (fixture), 1);
  await (fixture, fixture->result != NULL);
}

static void
test_grace_reentrant (Fixture       *fixture,
                      gconstpointer  data)
{
  GListModel *list;
  int client;

  g_test_summary ("A handler of the list of connections may run the loop, which ends the call, "
                  "while they are aborted.");

  listen_and_serve (fixture);
  client = server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  list = qnet_server_get_connections (SERVER (fixture));
  g_signal_connect (list, "items-changed", G_CALLBACK (iterate_cb), fixture);

  stop (fixture, 0);
  assert_stops (fixture, 1);
  assert_receives (client, "bye\n");
  assert_disconnected (client);
}

/* Ending it early */

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  int client;

  g_test_summary ("A call that is cancelled ends no connection; the next one notifies them "
                  "again.");

  listen_and_serve (fixture);
  client = request (fixture);
  stop (fixture, -1);
  await (fixture, fixture->n_signals == 1);
  g_cancellable_cancel (fixture->cancellable);
  g_assert_cmpint (finish (fixture, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_false (qnet_server_is_stopping (SERVER (fixture)));
  g_assert_cmpint (qnet_socket_get_state (fixture->sockets->pdata[0]), ==,
                   QNET_SOCKET_STATE_CONNECTED);

  g_cancellable_reset (fixture->cancellable);
  stop (fixture, -1);
  await (fixture, fixture->n_signals == 2);
  assert_receives (client, "a\nbye\nbye\n");
  shutdown (client, SHUT_WR);
  assert_stops (fixture, 0);
}

static void
test_cancelled_before (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A call that is cancelled from the start leaves the server as it is.");

  server_fixture_listen (&fixture->base);
  g_cancellable_cancel (fixture->cancellable);
  stop (fixture, -1);
  g_assert_cmpint (finish (fixture, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (qnet_server_is_listening (SERVER (fixture)));
  g_assert_cmpuint (fixture->n_stopping, ==, 0);
}

static void
test_closed (Fixture       *fixture,
             gconstpointer  data)
{
  int client;

  g_test_summary ("close() ends listening at once, also while a server stops; what was taken is "
                  "waited for.");

  listen_and_serve (fixture);
  client = server_fixture_connect (&fixture->base);
  server_fixture_await_new (&fixture->base, 1);
  stop (fixture, -1);
  qnet_server_close (SERVER (fixture));
  g_assert_false (qnet_server_is_listening (SERVER (fixture)));
  g_assert_true (qnet_server_is_stopping (SERVER (fixture)));
  await (fixture, fixture->n_signals == 1);
  assert_receives (client, "bye\n");
  shutdown (client, SHUT_WR);
  assert_stops (fixture, 0);
}

static void
ignore_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
}

static void
test_disposed_at_start (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY);
  g_autoptr(QnetTcpServer) silent = qnet_tcp_server_new ();
  g_autoptr(QnetNetworkProxy) proxy = NULL;

  g_test_summary ("A server that waits for its proxy may be disposed of by a handler while it is "
                  "stopped.");

  g_assert_true (qnet_tcp_server_listen_port (silent, 0, NULL));
  proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                  qnet_tcp_server_get_server_port (silent), NULL, NULL);
  qnet_tcp_server_set_proxy (fixture->base.server, proxy);
  qnet_tcp_server_listen_async (fixture->base.server, address, 0, G_PRIORITY_DEFAULT, NULL,
                                ignore_cb, NULL);
  g_signal_connect (fixture->base.server, "notify::error", G_CALLBACK (g_object_run_dispose), NULL);

  stop (fixture, -1);
  g_assert_cmpint (finish (fixture, NULL), ==, 0);
}

/* Other servers */

static void
take_cb (QnetServer *server,
         GPtrArray  *sockets)
{
  QnetSocket *socket = qnet_server_next_pending_connection (server);

  g_ptr_array_add (sockets, socket);
  g_signal_connect (socket, "stopping", G_CALLBACK (end_cb), NULL);
}

static void
stop_other (Fixture    *fixture,
            QnetServer *server)
{
  qnet_server_stop_async (server, -1, G_PRIORITY_DEFAULT, NULL, keep_result_cb, fixture);
}

static void
assert_other_stops (Fixture    *fixture,
                    QnetServer *server)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  await (fixture, fixture->result != NULL);
  result = g_steal_pointer (&fixture->result);
  g_assert_cmpint (qnet_server_stop_finish (server, result, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->sockets->len, ==, 1);
}

static QnetLocalSocket *
connect_local (const char *name)
{
  QnetLocalSocket *client = qnet_local_socket_new ();

  qnet_local_socket_set_access (client, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  qnet_local_socket_connect_to_server (client, name);

  return client;
}

static void
test_local (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-server-stop-%d", (int) getpid ());
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  g_autoptr(QnetLocalSocket) waiting = NULL;
  g_autoptr(QnetLocalSocket) late = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A local server refuses new clients at once, and serves those that wait.");

  qnet_local_server_set_access (server, QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  qnet_local_server_listen (server, name, &error);
  g_assert_no_error (error);
  g_signal_connect (server, "new-connection", G_CALLBACK (take_cb), fixture->sockets);
  waiting = connect_local (name);

  stop_other (fixture, QNET_SERVER (server));
  late = connect_local (name);
  await (fixture, qnet_socket_get_state (QNET_SOCKET (late)) == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (late)), ==,
                   QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  assert_other_stops (fixture, QNET_SERVER (server));
}

static QnetSslServer *
new_ssl_server (void)
{
  QnetSslServer *server = qnet_ssl_server_new ();
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (QNET_TCP_SERVER (server), address, 0, &error);
  g_assert_no_error (error);

  return server;
}

static void
started_cb (QnetSslServer *server,
            QnetSslSocket *socket,
            gboolean      *is_started)
{
  *is_started = TRUE;
}

static void
test_handshake (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetSslServer) server = NULL;
  g_autoptr(QnetSslSocket) client = NULL;
  gboolean is_started = FALSE;

  g_test_summary ("A handshake of TLS that is in progress is completed, and its connection is "
                  "served.");

  if (!has_tls ())
    {
      g_test_skip ("no TLS");
      return;
    }

  server = new_ssl_server ();
  client = qnet_ssl_socket_new ();
  g_signal_connect (server, "new-connection", G_CALLBACK (take_cb), fixture->sockets);
  g_signal_connect (server, "started-encryption-handshake", G_CALLBACK (started_cb), &is_started);
  g_assert_true (qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), NULL));
  qnet_ssl_socket_connect_to_host_encrypted (
    client, "localhost", qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)));
  await (fixture, is_started);
  g_assert_cmpuint (fixture->sockets->len, ==, 0);

  stop_other (fixture, QNET_SERVER (server));
  assert_other_stops (fixture, QNET_SERVER (server));
  g_assert_true (qnet_ssl_socket_is_encrypted (fixture->sockets->pdata[0])
                 || qnet_socket_get_state (fixture->sockets->pdata[0])
                    == QNET_SOCKET_STATE_UNCONNECTED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/server-stop/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("idle", test_idle);
  ADD ("never-listened", test_never_listened);
  ADD ("listen-meanwhile", test_listen_meanwhile);
  ADD ("second", test_second);
  ADD ("backlog/served", test_backlog);
  ADD ("backlog/paused", test_backlog_paused);
  ADD ("backlog/at-limit", test_backlog_full);
  ADD ("backlog/accept-async", test_backlog_async);
  ADD ("late", test_late);
  ADD ("shared", test_shared);
  ADD ("shared/batch", test_shared_batch);
  ADD ("no-descriptors", test_no_descriptors);
  g_test_add ("/server-stop/no-descriptors/shared", Fixture, "shared", set_up, test_no_descriptors,
              tear_down);
  ADD ("load", test_load);
  ADD ("signal/after-requests", test_signal_order);
  ADD ("signal/many", test_signal_many);
  ADD ("signal/taken-meanwhile", test_signal_untaken);
  ADD ("signal/aborts-others", test_signal_aborts);
  ADD ("signal/disposes", test_signal_disposes);
  ADD ("signal/forks", test_signal_forks);
  ADD ("forked", test_forked);
  ADD ("wait", test_wait);
  ADD ("dropped", test_dropped);
  ADD ("grace/aborts", test_grace);
  ADD ("grace/zero", test_grace_zero);
  ADD ("grace/reentrant", test_grace_reentrant);
  ADD ("cancelled", test_cancelled);
  ADD ("cancelled/before", test_cancelled_before);
  ADD ("closed", test_closed);
  ADD ("disposed-at-start", test_disposed_at_start);
  ADD ("local", test_local);
  ADD ("handshake", test_handshake);
#undef ADD

  return g_test_run ();
}
