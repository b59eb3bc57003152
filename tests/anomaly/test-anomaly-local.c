/* test-anomaly-local.c: a scenario of local sockets, with each of its system calls failing in turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixfdlist.h>
#include <qnet/qnet.h>

#include "anomaly.h"
#include "common/temp-folder.h"

static const Anomaly anomalies[] = {
  { "socket",       QNET_SYSCALL_SOCKET,       { EMFILE, ENOBUFS, EAFNOSUPPORT, EINTR } },
  { "bind",         QNET_SYSCALL_BIND,         { EADDRINUSE, EACCES, ENOENT, EROFS, ENOSPC } },
  { "listen",       QNET_SYSCALL_LISTEN,       { EADDRINUSE } },
  { "open",         QNET_SYSCALL_OPEN,         { EMFILE, ENOENT, ELOOP } },
  { "connect",      QNET_SYSCALL_CONNECT,      { ECONNREFUSED, ENOENT, EACCES, EAGAIN, EINTR } },
  { "accept",       QNET_SYSCALL_ACCEPT,       { EMFILE, ENFILE, ECONNABORTED, EAGAIN, EINTR } },
  { "recv",         QNET_SYSCALL_RECV,         { ECONNRESET, ENOMEM, EAGAIN, EINTR, -1 } },
  { "recvmsg",      QNET_SYSCALL_RECVMSG,      { ECONNRESET, ENOMEM, EAGAIN, EINTR } },
  { "send",         QNET_SYSCALL_SEND,         { EPIPE, ENOBUFS, EAGAIN, EINTR, -1 } },
  { "sendmsg",      QNET_SYSCALL_SENDMSG,      { EPIPE, ETOOMANYREFS, EAGAIN, EINTR } },
  { "shutdown",     QNET_SYSCALL_SHUTDOWN,     { ENOTCONN } },
  { "epoll-create", QNET_SYSCALL_EPOLL_CREATE, { EMFILE, ENOMEM } },
  { "epoll-ctl",    QNET_SYSCALL_EPOLL_CTL,    { ENOMEM, ENOSPC } },
};

/* The scenario: a client sends "ping" and a descriptor, the server echoes "ping", the client
 * disconnects */

typedef struct
{
  GMainContext  *context;     /* (owned) */
  QnetLocalServer *server;    /* (owned) */
  QnetLocalSocket *client;    /* (owned) */
  char          *folder;      /* (owned) */
  char          *path;        /* (owned) */
  GString       *answer;      /* (owned) */
  gboolean       is_reported; /* an error was reported */
} Scenario;

static void
note_error_cb (gpointer      emitter,
               const GError *error,
               Scenario     *scenario)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == QNET_SOCKET_ERROR);
  g_assert_cmpuint (strlen (error->message), >, 0);

  /* Once the answer has arrived, the end of the client is no error. */
  if (scenario->answer->len < 4)
    scenario->is_reported = TRUE;
}

static void
echo_cb (QnetIODevice *connection)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (connection);
  G_GNUC_UNUSED g_autoptr(GUnixFDList)
    fds = qnet_local_socket_receive_fds (QNET_LOCAL_SOCKET (connection));

  qnet_io_device_write_bytes (connection, bytes, NULL);
}

static void
new_connection_cb (QnetLocalServer *server,
                   Scenario        *scenario)
{
  g_autoptr(QnetLocalSocket) connection = qnet_local_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (echo_cb), NULL);
  g_signal_connect (connection, "error-occurred", G_CALLBACK (note_error_cb), scenario);
}

static void
connected_cb (QnetIODevice *client)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();

  g_unix_fd_list_append (fds, 0, NULL);
  qnet_io_device_write_string (client, "pi", NULL);
  qnet_local_socket_send_fds (QNET_LOCAL_SOCKET (client), fds, NULL);
  qnet_io_device_write_string (client, "ng", NULL);
}

static void
answer_cb (QnetIODevice *client,
           Scenario     *scenario)
{
  gsize length;
  g_autofree guint8 *data = qnet_io_device_read_all (client, &length);

  g_string_append_len (scenario->answer, (const char *) data, (gssize) length);
  if (scenario->answer->len == 4)
    qnet_local_socket_disconnect_from_server (QNET_LOCAL_SOCKET (client));
}

static gboolean
is_over (gpointer data)
{
  Scenario *scenario = data;
  GListModel *connections = qnet_server_get_connections (QNET_SERVER (scenario->server));

  return qnet_socket_get_state (QNET_SOCKET (scenario->client)) == QNET_SOCKET_STATE_UNCONNECTED
         && g_list_model_get_n_items (connections) == 0;
}

static void
scenario_init (Scenario *scenario)
{
  scenario->context = g_main_context_new ();
  g_main_context_push_thread_default (scenario->context);
  scenario->folder = temp_folder_make ();
  scenario->path = g_build_filename (scenario->folder, "socket", NULL);
  scenario->server = qnet_local_server_new ();
  scenario->client = qnet_local_socket_new ();
  qnet_local_server_set_fd_limit (scenario->server, 1);
  qnet_local_server_set_access (scenario->server, QNET_LOCAL_ACCESS_WORLD);
  scenario->answer = g_string_new (NULL);
  scenario->is_reported = FALSE;

  g_signal_connect (scenario->server, "new-connection", G_CALLBACK (new_connection_cb), scenario);
  g_signal_connect (scenario->server, "accept-error", G_CALLBACK (note_error_cb), scenario);
  g_signal_connect (scenario->client, "connected", G_CALLBACK (connected_cb), NULL);
  g_signal_connect (scenario->client, "ready-read", G_CALLBACK (answer_cb), scenario);
  g_signal_connect (scenario->client, "error-occurred", G_CALLBACK (note_error_cb), scenario);
}

static void
scenario_run (Scenario *scenario)
{
  g_autoptr(GError) error = NULL;

  if (!qnet_local_server_listen (scenario->server, scenario->path, &error))
    {
      note_error_cb (scenario->server, error, scenario);
      return;
    }

  qnet_local_socket_connect_to_server (scenario->client, scenario->path);
  anomaly_iterate_until (scenario->context, is_over, scenario);
}

static void
scenario_clear (Scenario *scenario)
{
  g_assert_finalize_object (g_steal_pointer (&scenario->client));
  g_assert_finalize_object (g_steal_pointer (&scenario->server));
  g_string_free (scenario->answer, TRUE);
  g_free (scenario->path);
  g_assert_cmpuint (count_files (scenario->folder), ==, 0);
  temp_folder_remove (scenario->folder);
  g_main_context_pop_thread_default (scenario->context);
  g_main_context_unref (scenario->context);
}

static void
run_round (gconstpointer data)
{
  guint n_descriptors = count_descriptors ();
  Scenario scenario;

  scenario_init (&scenario);
  scenario_run (&scenario);

  if (!anomaly_end ())
    g_assert_false (scenario.is_reported);
  if (!scenario.is_reported)
    g_assert_cmpstr (scenario.answer->str, ==, "ping");

  scenario_clear (&scenario);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_anomaly (gconstpointer anomaly)
{
  g_test_summary ("Each call of this kind fails in turn, in each way: the bytes arrive all the "
                  "same, or an error is reported.");

  anomaly_run (anomaly, run_round, NULL);
}

int
main (int    argc,
      char **argv)
{
  Scenario once;

  g_test_init (&argc, &argv, NULL);
  g_type_ensure (G_TYPE_TASK);  /* opens a descriptor, which a server would do when none is left */

  /* One round without a failure opens what is never closed, such as a descriptor of GLib's. */
  scenario_init (&once);
  scenario_run (&once);
  scenario_clear (&once);

  anomaly_add_tests ("/anomaly/local", anomalies, G_N_ELEMENTS (anomalies), test_anomaly);

  return g_test_run ();
}
