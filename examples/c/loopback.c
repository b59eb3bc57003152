/* loopback.c: sends many bytes to itself, and shows how far they have come
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <qnet/qnet.h>

#define MEGABYTE (1024 * 1024)
#define PIECE    (64 * 1024)
#define WIDTH    40

typedef struct
{
  GMainLoop *loop;
  gint64     total;
  gint64     sent;
  gint64     received;
  int        percent;  /* as shown, -1 before */
  int        status;
} Loopback;

/* The bar */

static void
show_progress (Loopback *self)
{
  static const char full[] = "########################################";
  int percent = (int) (100 * self->received / self->total);
  int width = WIDTH * percent / 100;

  if (percent == self->percent)
    return;

  self->percent = percent;
  if (isatty (STDOUT_FILENO))
    g_print ("\r[%.*s%*s] %3d %%", width, full, WIDTH - width, "", percent);
}

static void
finish (Loopback *self,
        int       status)
{
  self->status = status;
  g_main_loop_quit (self->loop);
}

static void
error_occurred_cb (QnetAbstractSocket *socket,
                   const GError       *error,
                   Loopback           *self)
{
  if (self->received == self->total)
    return;

  g_printerr ("%s\n", error->message);
  finish (self, EXIT_FAILURE);
}

/* The receiving end */

static void
ready_read_cb (QnetIODevice *connection,
               Loopback     *self)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (connection);

  self->received += g_bytes_get_size (bytes);
  show_progress (self);

  if (self->received == self->total)
    finish (self, EXIT_SUCCESS);
}

static void
new_connection_cb (QnetTcpServer *server,
                   Loopback      *self)
{
  g_autoptr(QnetTcpSocket) connection = qnet_tcp_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (ready_read_cb), self);
  g_signal_connect (connection, "error-occurred", G_CALLBACK (error_occurred_cb), self);
  qnet_server_close (QNET_SERVER (server));
}

/* The sending end: sends one piece, and the next when that was sent, to limit the use of memory */

static void
send_piece (QnetIODevice *socket,
            Loopback     *self)
{
  static const guint8 piece[PIECE];
  gint64 size = MIN (self->total - self->sent, PIECE);

  if (size == 0)
    return;

  self->sent += size;
  qnet_io_device_write (socket, piece, size, NULL);
}

static void
connected_cb (QnetIODevice *socket,
              Loopback     *self)
{
  send_piece (socket, self);
}

static void
bytes_written_cb (QnetIODevice *socket,
                  gint64        size,
                  Loopback     *self)
{
  if (qnet_io_device_get_bytes_to_write (socket) == 0)
    send_piece (socket, self);
}

static gboolean
start (Loopback       *self,
       QnetTcpServer  *server,
       QnetTcpSocket  *client,
       GError        **error)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  if (!qnet_tcp_server_listen (server, address, 0, error))
    return FALSE;

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), self);
  g_signal_connect (client, "connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (client, "bytes-written", G_CALLBACK (bytes_written_cb), self);
  g_signal_connect (client, "error-occurred", G_CALLBACK (error_occurred_cb), self);
  qnet_abstract_socket_connect_to_address (QNET_ABSTRACT_SOCKET (client), address,
                                           qnet_tcp_server_get_server_port (server));

  return TRUE;
}

static void
report (Loopback *self,
        gint64    started)
{
  double seconds = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;

  g_print ("%s%" G_GINT64_FORMAT " bytes went round in %.2f seconds.\n",
           isatty (STDOUT_FILENO) ? "\n" : "", self->received, seconds);
}

static gboolean
check_arguments (int      argc,
                 int      megabytes,
                 GError **error)
{
  if (argc == 1 && megabytes > 0)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       argc > 1 ? "There are too many arguments" : "At least one megabyte is sent");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  int megabytes = 50;
  const GOptionEntry entries[] = {
    { "size", 's', 0, G_OPTION_ARG_INT, &megabytes, "How much to send (50)", "MEGABYTES" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("- send bytes round");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetTcpSocket) client = qnet_tcp_socket_new ();
  g_autoptr(GError) error = NULL;
  Loopback self = { .loop = loop, .percent = -1 };
  gint64 started = g_get_monotonic_time ();

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) ||
      !check_arguments (argc, megabytes, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  self.total = (gint64) megabytes * MEGABYTE;
  start (&self, server, client, &error);

  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_main_loop_run (loop);
  report (&self, started);

  return self.status;
}
