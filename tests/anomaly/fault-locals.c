/* fault-locals.c: scenarios of local sockets and servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "common/temp-folder.h"
#include "fault-run.h"

typedef struct
{
  Run        *run;
  char       *folder;  /* (owned) */
  char       *path;    /* (owned) */
  EchoServer  echo;
} Place;

static void
place_init (Place *place,
            Run   *run)
{
  place->run = run;
  fault_exempt_begin ();
  place->folder = temp_folder_make ();
  fault_exempt_end ();
  place->path = g_build_filename (place->folder, "socket", NULL);
  echo_server_init (&place->echo, run, SERVER (qnet_local_server_new ()));
}

static void
place_clear (Place *place)
{
  echo_server_clear (&place->echo);
  fault_exempt_begin ();
  temp_folder_remove (place->folder);
  fault_exempt_end ();
  g_free (place->path);
}

static gboolean
listen_there (Place                  *place,
              QnetLocalAccess  options)
{
  GError *error = NULL;

  qnet_local_server_set_access (QNET_LOCAL_SERVER (place->echo.server), options);

  return run_check (place->run,
                    qnet_local_server_listen (QNET_LOCAL_SERVER (place->echo.server), place->path,
                                              &error),
                    &error);
}

static QnetIODevice *
new_client (void)
{
  QnetLocalSocket *socket = qnet_local_socket_new ();

  qnet_socket_set_connect_timeout (QNET_SOCKET (socket), 1000);
  qnet_socket_set_close_timeout (QNET_SOCKET (socket), 1000);

  return DEVICE (socket);
}

static gboolean
talk (Place *place,
      gsize  size)
{
  Run *run = place->run;
  Client client;
  gboolean is_echoed;

  client_init (&client, run, new_client (), size);
  qnet_local_socket_connect_to_server (QNET_LOCAL_SOCKET (client.device), place->path);
  run_until (run, client_is_over (&client) && echo_server_is_idle (&place->echo));
  is_echoed = client.is_echoed;
  client_clear (&client);

  return is_echoed;
}

static void
echo (Run *run)
{
  Place place;

  place_init (&place, run);
  if (listen_there (&place, QNET_LOCAL_ACCESS_DEFAULT) && talk (&place, 300000))
    run_succeed (run);

  place_clear (&place);
}

static void
restricted (Run *run)
{
  Place place;

  place_init (&place, run);
  if (listen_there (&place, QNET_LOCAL_ACCESS_USER) && talk (&place, 100))
    run_succeed (run);

  qnet_server_close (place.echo.server);
  place_clear (&place);
}

static void
leave_file (const char *path)
{
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  int fd;

  fault_exempt_begin ();
  g_strlcpy (name.sun_path, path, sizeof name.sun_path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &name, sizeof name));
  close (fd);
  fault_exempt_end ();
}

/* The file of a server that has died; then again by the same server */
static void
replace (Run *run)
{
  Place place;
  GError *error = NULL;
  guint n_echoed = 0;

  place_init (&place, run);
  leave_file (place.path);

  if (run_check (run, qnet_local_server_remove_server (place.path, &error), &error))
    for (int i = 0; i < 2; i++)
      {
        if (listen_there (&place, QNET_LOCAL_ACCESS_DEFAULT))
          n_echoed += talk (&place, 100);

        qnet_server_close (place.echo.server);
      }

  if (n_echoed == 2)
    run_succeed (run);

  place_clear (&place);
}

/* Descriptors with the bytes */

typedef struct
{
  Run             *run;
  QnetLocalSocket *connection;  /* (owned) (nullable) */
  int              n_received;
  gsize            n_bytes;
} Taker;

static void
take_cb (QnetLocalSocket *connection,
         Taker           *taker)
{
  g_autoptr(GBytes) bytes = NULL;
  GUnixFDList *list;

  while ((list = qnet_local_socket_receive_fds (connection)) != NULL)
    {
      if (g_unix_fd_list_get_length (list) == 0)
        {
          g_object_unref (list);
          break;
        }

      taker->n_received += g_unix_fd_list_get_length (list);
      g_object_unref (list);
    }

  bytes = qnet_io_device_read_all_bytes (DEVICE (connection));
  taker->n_bytes += g_bytes_get_size (bytes);
}

static void
taker_error_cb (QnetLocalSocket *connection,
                const GError    *error,
                Taker           *taker)
{
  if (error == NULL || error->code != QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED)
    run_report (taker->run, error);
}

static void
taker_new_connection_cb (QnetLocalServer *server,
                         Taker           *taker)
{
  taker->connection = qnet_local_server_next_pending_connection (server);
  if (taker->connection == NULL)
    return;

  run_watch (taker->run, taker->connection);
  g_signal_connect (taker->connection, "ready-read", G_CALLBACK (take_cb), taker);
  g_signal_connect (taker->connection, "error-occurred", G_CALLBACK (taker_error_cb), taker);
  take_cb (taker->connection, taker);
}

static void
server_error_cb (QnetServer   *server,
                 const GError *error,
                 Taker        *taker)
{
  run_report (taker->run, error);
}

static gboolean
send_descriptors (Run             *run,
                  QnetLocalSocket *client)
{
  g_autoptr(GUnixFDList) list = g_unix_fd_list_new ();
  GError *error = NULL;
  int fds[2];
  gboolean is_sent;

  fault_exempt_begin ();
  g_assert_no_errno (pipe2 (fds, O_CLOEXEC));
  fault_exempt_end ();
  is_sent = run_check (run, g_unix_fd_list_append (list, fds[0], &error) >= 0, &error)
            && run_check (run, g_unix_fd_list_append (list, fds[1], &error) >= 0, &error)
            && run_check (run, qnet_local_socket_send_fds (client, list, &error), &error)
            && run_check (run, qnet_io_device_write (DEVICE (client), "x", 1, &error) == 1, &error);
  close_plain (fds[0]);
  close_plain (fds[1]);

  return is_sent;
}

static void
descriptors (Run *run)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  QnetLocalServer *server = run_watch (run, qnet_local_server_new ());
  QnetLocalSocket *client = run_watch (run, QNET_LOCAL_SOCKET (new_client ()));
  Taker taker = { .run = run };
  GError *error = NULL;

  fault_exempt_begin ();
  folder = temp_folder_make ();
  fault_exempt_end ();
  path = g_build_filename (folder, "socket", NULL);
  qnet_local_server_set_fd_limit (server, 16);
  g_signal_connect (server, "new-connection", G_CALLBACK (taker_new_connection_cb), &taker);
  g_signal_connect (server, "accept-error", G_CALLBACK (server_error_cb), &taker);
  g_signal_connect (client, "error-occurred", G_CALLBACK (server_error_cb), &taker);

  if (run_check (run, qnet_local_server_listen (server, path, &error), &error))
    {
      qnet_local_socket_connect_to_server (client, path);
      if (run_check (run, qnet_socket_wait_for_connected (QNET_SOCKET (client), 2000, &error),
                     &error)
          && send_descriptors (run, client) && send_descriptors (run, client))
        {
          run_until (run, taker.n_bytes == 2 || run->reports->len > 0);
          run_settle (run);
          if (taker.n_bytes == 2 && taker.n_received == 4)
            run_succeed (run);
          else if (run->reports->len == 0)
            run_add_fault (run, "%d of 4 descriptors came, with %" G_GSIZE_FORMAT " bytes",
                           taker.n_received, taker.n_bytes);
        }
    }

  g_signal_handlers_disconnect_by_data (client, &taker);
  if (taker.connection != NULL)
    g_signal_handlers_disconnect_by_data (taker.connection, &taker);
  g_clear_object (&taker.connection);
  g_object_unref (client);
  g_object_unref (server);
  fault_exempt_begin ();
  temp_folder_remove (g_steal_pointer (&folder));
  fault_exempt_end ();
}

static gboolean
send_by_waiting (Run             *run,
                 QnetLocalSocket *client)
{
  GError *error = NULL;

  if (!run_check (run, qnet_socket_wait_for_connected (QNET_SOCKET (client), 2000, &error), &error)
      || !run_check (run,
                     qnet_io_device_write (DEVICE (client), get_payload (), 100, &error) == 100,
                     &error))
    return FALSE;

  while (qnet_io_device_get_bytes_to_write (DEVICE (client)) > 0)
    if (!run_check (run, qnet_io_device_wait_for_bytes_written (DEVICE (client), 2000, &error),
                    &error))
      return FALSE;

  return TRUE;
}

/* Both ends by waits */
static void
waits (Run *run)
{
  g_autoptr(QnetLocalSocket) client = run_watch (run, QNET_LOCAL_SOCKET (new_client ()));
  g_autoptr(QnetIODevice) connection = NULL;
  Place place;
  Sink sink = { run, 0, 100 };
  GError *error = NULL;

  place_init (&place, run);
  g_signal_handlers_disconnect_by_data (place.echo.server, &place.echo);
  if (listen_there (&place, QNET_LOCAL_ACCESS_DEFAULT))
    {
      qnet_local_socket_connect_to_server (client, place.path);
      if (send_by_waiting (run, client)
          && run_check (run, qnet_server_wait_for_new_connection (place.echo.server, 2000, &error),
                        &error))
        connection = QNET_IO_DEVICE (qnet_server_next_pending_connection (place.echo.server));
    }

  if (connection != NULL)
    {
      run_watch (run, connection);
      for (sink_drain (&sink, connection); sink.n_received < 100; sink_drain (&sink, connection))
        if (!run_check (run, qnet_io_device_wait_for_ready_read (connection, 2000, &error), &error))
          break;

      if (sink.n_received == 100)
        run_succeed (run);
    }

  g_clear_object (&connection);
  g_clear_object (&client);
  place_clear (&place);
}

const Scenario local_scenarios[] = {
  { "local-echo", echo },
  { "local-restricted", restricted },
  { "local-replace", replace },
  { "local-descriptors", descriptors },
  { "local-waits", waits },
  { NULL },
};
