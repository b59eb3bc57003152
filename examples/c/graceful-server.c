/* graceful-server.c: answers lines; restarts and stops without losing a client
 *
 *     kill -HUP PID    starts the program again, passes the listening sockets to it, and ends
 *     kill -TERM PID   fails the health checks, continues to serve for a while, and ends
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <gio/gunixfdmessage.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <qnet/qnet.h>

/* The environment variable with the descriptor on which a new process receives the sockets. */
#define TAKE_OVER "GRACEFUL_SERVER_TAKE_OVER"

typedef enum { SERVING, RESTARTING, DRAINING, STOPPING } State;

typedef struct
{
  GMainLoop       *loop;
  char           **command;    /* that has started this process */
  int              port, health_port;
  int              notice;     /* seconds in which the health checks fail and clients are served */
  int              grace;      /* seconds in which connections may end */

  State            state;
  QnetTcpServer   *requests, *health;
  GSubprocess     *successor;  /* (nullable): the new process */
  QnetLocalSocket *handover;   /* (nullable): the connection to it */
} Service;

/* The service manager: sd_notify(3) without its library */

static void
notify_manager (const char *state,
                int         fd)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  GOutputVector vector = { state, strlen (state) };
  g_autoptr(GSocketControlMessage) message = g_unix_fd_message_new ();
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) socket = NULL;

  if (path == NULL)
    return;

  address = path[0] == '@' ? g_unix_socket_address_new_with_type (path + 1, -1,
                                                                  G_UNIX_SOCKET_ADDRESS_ABSTRACT)
                           : g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT,
                         NULL);
  if (fd >= 0)
    g_unix_fd_message_append_fd (G_UNIX_FD_MESSAGE (message), fd, NULL);
  if (socket != NULL)
    g_socket_send_message (socket, address, &vector, 1, &message, fd >= 0, 0, NULL, NULL);
}

/* A process that is started after a crash gets the socket from the manager, under its name. */
static void
store (QnetTcpServer *server,
       const char    *name)
{
  g_autofree char *state = g_strdup_printf ("FDSTORE=1\nFDNAME=%s", name);

  if (g_getenv ("NOTIFY_SOCKET") != NULL)
    notify_manager (state, qnet_server_get_fd (QNET_SERVER (server)));
}

/* Serving */

static void
ready_read_cb (QnetIODevice *connection)
{
  while (qnet_io_device_can_read_line (connection))
    {
      g_autofree char *line = qnet_io_device_read_line_utf8 (connection, 0, NULL);
      g_autofree char *answer = g_strdup_printf ("%d: %s\n", (int) getpid (),
                                                 line != NULL ? line : "not UTF-8");

      qnet_io_device_write_string (connection, answer, NULL);
    }
}

/* The client ends the connection when it has its answer, so that no request is lost. */
static void
stopping_cb (QnetIODevice *connection)
{
  qnet_io_device_write_string (connection, "bye\n", NULL);
}

static void
serve_cb (QnetTcpServer *server)
{
  g_autoptr(QnetTcpSocket) connection = qnet_tcp_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (ready_read_cb), NULL);
  g_signal_connect (connection, "stopping", G_CALLBACK (stopping_cb), NULL);
}

static void
report_health_cb (QnetTcpServer *server,
                  Service       *service)
{
  g_autoptr(QnetTcpSocket) connection = qnet_tcp_server_next_pending_connection (server);
  gboolean is_well = service->state == SERVING || service->state == RESTARTING;

  qnet_io_device_write_string (QNET_IO_DEVICE (connection), is_well ? "ok\n" : "draining\n", NULL);
  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (connection));
}

/* Stopping */

static void
health_stopped_cb (GObject      *health,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Service *service = user_data;

  g_main_loop_quit (service->loop);
}

static void
requests_stopped_cb (GObject      *requests,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  Service *service = user_data;

  g_print ("Process %d has stopped, and aborted %d connections\n", (int) getpid (),
           qnet_server_stop_finish (QNET_SERVER (requests), result, NULL));
  qnet_server_stop_async (QNET_SERVER (service->health), 1000, G_PRIORITY_DEFAULT, NULL,
                          health_stopped_cb, service);
}

static void
stop (Service *service)
{
  service->state = STOPPING;
  qnet_server_stop_async (QNET_SERVER (service->requests), service->grace * 1000,
                          G_PRIORITY_DEFAULT, NULL, requests_stopped_cb, service);
}

static gboolean
notice_over_cb (gpointer user_data)
{
  Service *service = user_data;

  if (service->state == DRAINING)
    stop (service);

  return G_SOURCE_REMOVE;
}

/* The load balancer sees the health check fail, and sends new clients elsewhere. */
static void
drain (Service *service)
{
  service->state = DRAINING;
  notify_manager ("STOPPING=1", -1);
  g_print ("Process %d serves for %d more seconds\n", (int) getpid (), service->notice);
  g_timeout_add (service->notice * 1000, notice_over_cb, service);
}

/* Restarting: the old process */

static void
abandon_successor (Service *service)
{
  service->state = SERVING;
  if (service->successor != NULL)
    g_subprocess_force_exit (service->successor);
  g_clear_object (&service->successor);
  g_clear_object (&service->handover);
}

/* Before the new process was ready: it has failed, or takes too long. */
static void
handover_ended_cb (Service *service)
{
  if (service->state != RESTARTING)
    return;

  abandon_successor (service);
  g_printerr ("The new process has not started: process %d continues\n", (int) getpid ());
}

/* The new process accepts clients, and answers the health checks. */
static void
successor_ready_cb (Service *service)
{
  g_autofree char *state = NULL;

  if (service->state != RESTARTING
      || !qnet_io_device_can_read_line (QNET_IO_DEVICE (service->handover)))
    return;

  state = g_strdup_printf ("MAINPID=%s", g_subprocess_get_identifier (service->successor));
  notify_manager (state, -1);
  qnet_server_close (QNET_SERVER (service->health));
  stop (service);
}

static gboolean
send_sockets (Service  *service,
              GError  **error)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  int requests = qnet_server_get_fd (QNET_SERVER (service->requests));
  int health = qnet_server_get_fd (QNET_SERVER (service->health));

  /* The descriptors are sent with the next byte. */
  return g_unix_fd_list_append (fds, requests, error) >= 0
         && g_unix_fd_list_append (fds, health, error) >= 0
         && qnet_local_socket_send_fds (service->handover, fds, error)
         && qnet_io_device_write_string (QNET_IO_DEVICE (service->handover), "sockets\n",
                                         error) > 0;
}

static QnetLocalSocket *
wrap (int fd)
{
  QnetLocalSocket *socket = qnet_local_socket_new ();

  qnet_socket_set_fd (QNET_SOCKET (socket), fd, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, NULL);

  return socket;
}

static gboolean
start_successor (Service  *service,
                 GError  **error)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return FALSE;
    }

  service->handover = wrap (ends[0]);
  qnet_socket_set_idle_timeout (QNET_SOCKET (service->handover), 60 * 1000);
  g_signal_connect_swapped (service->handover, "ready-read", G_CALLBACK (successor_ready_cb),
                            service);
  g_signal_connect_swapped (service->handover, "disconnected", G_CALLBACK (handover_ended_cb),
                            service);

  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  g_subprocess_launcher_setenv (launcher, TAKE_OVER, "3", TRUE);
  service->successor = g_subprocess_launcher_spawnv (launcher,
                                                     (const char *const *) service->command, error);

  return service->successor != NULL && send_sockets (service, error);
}

static gboolean
restart_cb (gpointer user_data)
{
  Service *service = user_data;
  g_autoptr(GError) error = NULL;

  if (service->state != SERVING)
    return G_SOURCE_CONTINUE;

  service->state = RESTARTING;
  if (!start_successor (service, &error))
    {
      g_printerr ("%s\n", error->message);
      handover_ended_cb (service);
    }

  return G_SOURCE_CONTINUE;
}

/* The first signal drains, the second one stops at once; a third one has its usual effect. */
static gboolean
terminate_cb (gpointer user_data)
{
  Service *service = user_data;

  if (service->state == RESTARTING)
    abandon_successor (service);

  if (service->state == SERVING)
    {
      drain (service);
      return G_SOURCE_CONTINUE;
    }

  if (service->state == DRAINING)
    stop (service);

  return G_SOURCE_REMOVE;
}

/* Restarting: the new process */

static gboolean
listen_on_received (Service      *service,
                    GUnixFDList  *fds,
                    GError      **error)
{
  const int *sockets;
  int n;

  sockets = g_unix_fd_list_peek_fds (fds, &n);
  if (n != 2)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Two sockets are needed");
      return FALSE;
    }

  if (!qnet_server_set_fd (QNET_SERVER (service->requests), sockets[0], error)
      || !qnet_server_set_fd (QNET_SERVER (service->health), sockets[1], error))
    return FALSE;

  g_free (g_unix_fd_list_steal_fds (fds, NULL));  /* the servers own them now */

  return TRUE;
}

/* No client is accepted before the main loop runs, so the old process can still continue alone. */
static gboolean
take_over (Service     *service,
           const char  *fd,
           GError     **error)
{
  g_autoptr(QnetLocalSocket) handover = wrap (atoi (fd));
  QnetIODevice *device = QNET_IO_DEVICE (handover);
  g_autoptr(GUnixFDList) fds = NULL;
  g_autofree char *line = NULL;

  qnet_local_socket_set_fd_limit (handover, 2);
  while (!qnet_io_device_can_read_line (device))
    if (!qnet_io_device_wait_for_ready_read (device, -1, error))
      return FALSE;

  line = qnet_io_device_read_line_utf8 (device, 0, NULL);
  fds = qnet_local_socket_receive_fds (handover);

  return listen_on_received (service, fds, error)
         && qnet_io_device_write_string (device, "ready\n", error) > 0
         && qnet_io_device_wait_for_bytes_written (device, -1, error);
}

/* Starting */

/* On the socket of the service manager, or on one of its own. */
static gboolean
listen_on (QnetTcpServer  *server,
           const char     *name,
           int             port,
           GError        **error)
{
  g_autoptr(QnetHostAddress) here = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  if (!qnet_server_listen_activation_fds (QNET_SERVER (server), name, NULL)
      && !qnet_tcp_server_listen (server, here, port, error))
    return FALSE;

  store (server, name);

  return TRUE;
}

static gboolean
start (Service  *service,
       GError  **error)
{
  const char *fd = g_getenv (TAKE_OVER);

  if (fd != NULL)
    return take_over (service, fd, error);

  if (!listen_on (service->requests, "requests", service->port, error)
      || !listen_on (service->health, "health", service->health_port, error))
    return FALSE;

  notify_manager ("READY=1", -1);

  return TRUE;
}

static gboolean
is_port (int port)
{
  return port >= 0 && port <= G_MAXUINT16;
}

static gboolean
is_time (int seconds)
{
  return seconds >= 0 && seconds <= 24 * 60 * 60;
}

static gboolean
parse (Service   *service,
       int       *argc,
       char    ***argv)
{
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &service->port, "answer lines on PORT", "PORT" },
    { "health-port", 0, 0, G_OPTION_ARG_INT, &service->health_port,
      "answer health checks on PORT", "PORT" },
    { "notice", 0, 0, G_OPTION_ARG_INT, &service->notice,
      "serve for so long while the health checks fail", "SECONDS" },
    { "grace", 0, 0, G_OPTION_ARG_INT, &service->grace,
      "abort connections that have not ended after that", "SECONDS" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options =
    g_option_context_new ("- answer lines, and restart and stop without losing a client");
  g_autoptr(GError) error = NULL;
  g_autofree char *help = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (g_option_context_parse (options, argc, argv, &error)
      && (*argc != 1 || !is_port (service->port) || !is_port (service->health_port)
          || !is_time (service->notice) || !is_time (service->grace)))
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         "Ports are from 0 to 65535, times from 0 to a day, and nothing else");
  if (error == NULL)
    return TRUE;

  help = g_option_context_get_help (options, TRUE, NULL);
  g_printerr ("%s\n\n%s", error->message, help);

  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) requests = qnet_tcp_server_new ();
  g_autoptr(QnetTcpServer) health = qnet_tcp_server_new ();
  g_auto(GStrv) command = g_strdupv (argv);
  g_autoptr(GError) error = NULL;
  Service service = {
    .loop = loop, .command = command, .notice = 5, .grace = 30,
    .state = SERVING, .requests = requests, .health = health,
  };

  setlocale (LC_ALL, "");

  if (!parse (&service, &argc, &argv))
    return EXIT_FAILURE;

  g_signal_connect (requests, "new-connection", G_CALLBACK (serve_cb), NULL);
  g_signal_connect (health, "new-connection", G_CALLBACK (report_health_cb), &service);
  g_unix_signal_add (SIGHUP, restart_cb, &service);
  g_unix_signal_add (SIGTERM, terminate_cb, &service);

  if (!start (&service, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_print ("Process %d is running on port %u, with health checks on port %u\n", (int) getpid (),
           qnet_tcp_server_get_server_port (requests), qnet_tcp_server_get_server_port (health));
  g_main_loop_run (loop);

  g_clear_object (&service.successor);
  g_clear_object (&service.handover);

  return EXIT_SUCCESS;
}
