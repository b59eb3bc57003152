/* fault-servers.c: scenarios of TCP servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault-run.h"

#define N_CLIENTS 8
#define WAIT 3000

/* A question that failed is asked again. */
static guint16
get_port (Run        *run,
          QnetServer *server)
{
  guint16 port = qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server));

  if (port == 0)
    port = qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server));
  if (port == 0 && run->is_lasting)
    g_string_append (run->reports, "no port\n");
  else if (port == 0)
    run_add_fault (run, "a listening server does not know its port");

  return port;
}

/* As many clients at once */

static void
clients_init (Client          *clients,
              guint            n,
              Run             *run,
              QnetHostAddress *address,
              guint16          port)
{
  for (guint i = 0; i < n; i++)
    {
      QnetTcpSocket *socket = qnet_tcp_socket_new ();

      qnet_socket_set_connect_timeout (QNET_SOCKET (socket), 2000);
      qnet_socket_set_close_timeout (QNET_SOCKET (socket), 1000);
      client_init (&clients[i], run, DEVICE (socket), 500 * (i + 1));
      qnet_abstract_socket_connect_to_address (ABSTRACT (socket), address, port);
    }
}

static gboolean
clients_are_over (Client *clients,
                  guint   n)
{
  for (guint i = 0; i < n; i++)
    if (!client_is_over (&clients[i]))
      return FALSE;

  return TRUE;
}

static gboolean
clients_clear (Client *clients,
               guint   n)
{
  guint n_echoed = 0;

  for (guint i = 0; i < n; i++)
    {
      n_echoed += clients[i].is_echoed;
      client_clear (&clients[i]);
    }

  return n_echoed == n;
}

static void
serve (Run *run,
       guint n)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Client clients[N_CLIENTS];
  EchoServer echo;
  GError *error = NULL;

  echo_server_init (&echo, run, SERVER (qnet_tcp_server_new ()));
  if (run_check (run, qnet_tcp_server_listen (QNET_TCP_SERVER (echo.server), address, 0, &error),
                 &error))
    {
      clients_init (clients, n, run, address, get_port (run, echo.server));
      run_until (run, clients_are_over (clients, n) && echo_server_is_idle (&echo));
      if (clients_clear (clients, n))
        run_succeed (run);
    }

  echo_server_clear (&echo);
}

static void
one_client (Run *run)
{
  serve (run, 1);
}

static void
many_clients (Run *run)
{
  serve (run, N_CLIENTS);
}

static gboolean
passed_cb (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

/* Until descriptors that were short are there again */
static void
pause_for (Run   *run,
           guint  msecs)
{
  GSource *source = g_timeout_source_new (msecs);
  gboolean has_passed = FALSE;

  g_source_set_callback (source, passed_cb, &has_passed, NULL);
  g_source_attach (source, run->context);
  run_until (run, has_passed);
  g_source_destroy (source);
  g_source_unref (source);
}

/* The server continues to accept, whatever happened to the first connections. */
static void
restart (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Client client;
  EchoServer echo;
  GError *error = NULL;
  guint16 port = 0;
  guint n_echoed = 0;

  echo_server_init (&echo, run, SERVER (qnet_tcp_server_new ()));
  for (int i = 0; i < 3; i++)
    {
      if (run->reports->len > 0)
        pause_for (run, 50);

      if (!run_check (run,
                      qnet_tcp_server_listen (QNET_TCP_SERVER (echo.server), address, port, &error),
                      &error))
        continue;

      port = get_port (run, echo.server);
      clients_init (&client, 1, run, address, port);
      run_until (run, client_is_over (&client) && echo_server_is_idle (&echo));
      n_echoed += clients_clear (&client, 1);
      qnet_server_close (echo.server);
    }

  if (n_echoed == 3)
    run_succeed (run);
  else if (n_echoed == 0 && !run->is_lasting)
    run_add_fault (run, "one fault, and the server serves none of three");

  echo_server_clear (&echo);
}

/* The connections come with waits, without a loop. */
static void
waits (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetTcpServer *server = run_watch (run, qnet_tcp_server_new ());
  int fds[2] = { -1, -1 };
  guint16 port;
  GError *error = NULL;
  guint n_served = 0;

  if (run_check (run, qnet_tcp_server_listen (server, address, 0, &error), &error)
      && (port = get_port (run, SERVER (server))) != 0)
    {
      for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
        {
          fds[i] = connect_plain (port);
          fault_exempt_begin ();
          g_assert_cmpint (send (fds[i], get_payload (), 100, 0), ==, 100);
          fault_exempt_end ();
        }

      for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
        {
          g_autoptr(QnetTcpSocket) connection = NULL;
          Sink sink = { run, 0, 100 };

          if (!run_check (run, qnet_server_wait_for_new_connection (SERVER (server), WAIT, &error),
                          &error))
            continue;

          connection = qnet_tcp_server_next_pending_connection (server);
          if (connection == NULL)
            {
              run_add_fault (run, "a wait succeeded, and there is no connection");
              break;
            }

          run_watch (run, connection);
          for (sink_drain (&sink, DEVICE (connection)); sink.n_received < 100;
               sink_drain (&sink, DEVICE (connection)))
            if (!run_check (run,
                            qnet_io_device_wait_for_ready_read (DEVICE (connection), WAIT, &error),
                            &error))
              break;

          n_served += sink.n_received == 100;
        }
    }

  if (n_served == G_N_ELEMENTS (fds))
    run_succeed (run);

  g_object_unref (server);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close_plain (fds[i]);
}

/* By asynchronous calls */

static void
accepted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static void
accept_async (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetTcpServer *server = run_watch (run, qnet_tcp_server_new ());
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(QnetSocket) connection = NULL;
  GError *error = NULL;
  guint16 port;
  int fd = -1;

  if (run_check (run, qnet_tcp_server_listen (server, address, 0, &error), &error)
      && (port = get_port (run, SERVER (server))) != 0)
    {
      qnet_server_accept_async (SERVER (server), 0, NULL, accepted_cb, &result);
      fd = connect_plain (port);
      run_until (run, result != NULL);
    }

  if (result != NULL)
    {
      connection = qnet_server_accept_finish (SERVER (server), result, &error);
      if (run_check (run, connection != NULL, &error))
        {
          run_watch (run, connection);
          run_succeed (run);
        }
    }

  g_clear_object (&result);
  g_clear_object (&connection);
  g_object_unref (server);
  if (fd >= 0)
    close_plain (fd);
}

/* What a service manager passes: each run has a socket of its own, at the next number. */

#define MAX_PASSED 4000

static void
activation (Run *run)
{
  static int n_passed = 0;
  g_autoptr(QnetHostAddress) address = new_loopback ();
  EchoServer echo;
  Client client;
  GError *error = NULL;
  guint16 port;
  int fd;

  if (n_passed == 0)
    {
      g_autofree char *pid = g_strdup_printf ("%d", getpid ());

      g_setenv ("LISTEN_PID", pid, TRUE);
      g_setenv ("LISTEN_FDS", G_STRINGIFY (MAX_PASSED), TRUE);
    }

  fd = open_plain (SOCK_STREAM, &port);
  g_assert_cmpint (dup2 (fd, 3 + n_passed), ==, 3 + n_passed);
  close_plain (fd);
  fd = 3 + n_passed++;

  echo_server_init (&echo, run, SERVER (qnet_tcp_server_new ()));
  if (run_check (run, qnet_server_listen_activation_fds (echo.server, NULL, &error), &error))
    {
      clients_init (&client, 1, run, address, port);
      run_until (run, client_is_over (&client) && echo_server_is_idle (&echo));
      if (clients_clear (&client, 1))
        run_succeed (run);
    }
  else
    {
      /* It is there for the next attempt. */
      fault_end ();
      if (!qnet_server_listen_activation_fds (echo.server, NULL, NULL))
        run_add_fault (run, "a socket that was passed is lost");
    }

  echo_server_clear (&echo);
  fault_exempt_begin ();
  if (fcntl (fd, F_GETFD) >= 0)
    run_add_fault (run, "a socket that was passed is left open");
  fault_exempt_end ();
}

/* A GSocket of the application's */
static void
adopt (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  EchoServer echo;
  Client client;
  GError *error = NULL;
  guint16 port;
  int fd = open_plain (SOCK_STREAM, &port);

  echo_server_init (&echo, run, SERVER (qnet_tcp_server_new ()));
  fault_give (fd);
  if (run_check (run, qnet_server_set_fd (echo.server, fd, &error), &error))
    {
      clients_init (&client, 1, run, address, port);
      run_until (run, client_is_over (&client) && echo_server_is_idle (&echo));
      if (clients_clear (&client, 1))
        run_succeed (run);
    }
  else
    {
      fault_take (fd);
      close_plain (fd);
    }

  echo_server_clear (&echo);
}

const Scenario server_scenarios[] = {
  { "server-one", one_client },
  { "server-many", many_clients },
  { "server-restart", restart },
  { "server-waits", waits },
  { "server-async", accept_async },
  { "server-activation", activation },
  { "server-adopt", adopt },
  { NULL },
};
