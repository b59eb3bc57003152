/* test-anomaly-local.c: a scenario of local sockets, with each of its system calls failing in turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-syscall-private.h"

#include <gio/gunixfdlist.h>
#include <qnet/qnet.h>

#include "common/temp-folder.h"

/* A call fails after so many that went well; the largest number of calls of one kind in the scenario is far below this. */
#define MAX_CALLS 200

typedef struct
{
  const char  *name;
  QnetSyscall  call;
  int          outcomes[8];  /* errno values; < 0: lets that many bytes through */
} Anomaly;

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

/* What fails; for the fault function, which takes no data */
static QnetSyscall failing_call;
static int         failing_outcome;
static guint       n_until_failure;
static gboolean    has_failed;

static int
fail_once (QnetSyscall call)
{
  if (call != failing_call || has_failed || n_until_failure-- > 0)
    return 0;

  has_failed = TRUE;

  return failing_outcome;
}

/* The scenario: a client says "ping" and passes a descriptor, the server says it back, the client goes */

typedef struct
{
  GMainContext  *context;     /* (owned) */
  QnetLocalServer *server;    /* (owned) */
  QnetLocalSocket *client;    /* (owned) */
  char          *folder;      /* (owned) */
  char          *path;        /* (owned) */
  GString       *answer;      /* (owned) */
  gboolean       is_reported; /* somebody was told what went wrong */
} Scenario;

static void
note_error_cb (gpointer      emitter,
               const GError *error,
               Scenario     *scenario)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == QNET_SOCKET_ERROR);
  g_assert_cmpuint (strlen (error->message), >, 0);

  /* Once the answer has come, the client's going is no anomaly. */
  if (scenario->answer->len < 4)
    scenario->is_reported = TRUE;
}

static void
echo_cb (QnetIODevice *connection)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (connection);
  G_GNUC_UNUSED g_autoptr(GUnixFDList) fds = qnet_local_socket_receive_fds (QNET_LOCAL_SOCKET (connection));

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
is_over (Scenario *scenario)
{
  GListModel *connections = qnet_server_get_connections (QNET_SERVER (scenario->server));

  return qnet_local_socket_get_state (scenario->client) == QNET_LOCAL_SOCKET_STATE_UNCONNECTED
         && g_list_model_get_n_items (connections) == 0;
}

static gboolean
hung_cb (gpointer scenario)
{
  g_assert_not_reached ();

  return G_SOURCE_REMOVE;
}

static void
watch_for_hanging (Scenario *scenario)
{
  g_autoptr(GSource) source = g_timeout_source_new_seconds (20);

  g_source_set_callback (source, hung_cb, NULL, NULL);
  g_source_attach (source, scenario->context);
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
  qnet_local_server_set_socket_options (scenario->server, QNET_LOCAL_SERVER_OPTIONS_WORLD_ACCESS);
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

  watch_for_hanging (scenario);
  qnet_local_socket_connect_to_server (scenario->client, scenario->path);
  while (!is_over (scenario))
    g_main_context_iteration (scenario->context, TRUE);
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

/* Returns whether the call was made often enough to fail. */
static gboolean
run_with_failure (QnetSyscall call,
                  int         outcome,
                  guint       n_before)
{
  guint n_descriptors = count_descriptors ();
  Scenario scenario;

  failing_call = call;
  failing_outcome = outcome;
  n_until_failure = n_before;
  has_failed = FALSE;
  qnet_syscall_fault = fail_once;

  scenario_init (&scenario);
  scenario_run (&scenario);
  qnet_syscall_fault = NULL;

  if (!scenario.is_reported)
    g_assert_cmpstr (scenario.answer->str, ==, "ping");
  if (!has_failed)
    g_assert_false (scenario.is_reported);

  scenario_clear (&scenario);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);

  return has_failed;
}

static void
test_anomaly (gconstpointer data)
{
  const Anomaly *anomaly = data;
  guint n_rounds = 0;

  g_test_summary ("Each call of this kind fails in turn, in each way: the bytes arrive all the same, or somebody is told.");

  for (const int *outcome = anomaly->outcomes; *outcome != 0; outcome++)
    for (guint n = 0; n < MAX_CALLS && run_with_failure (anomaly->call, *outcome, n); n++)
      n_rounds++;

  g_test_message ("%u rounds", n_rounds);

  /* The portable reactor has no epoll to fail. */
  if (n_rounds == 0)
    g_test_skip ("the scenario does not make that call here");
}

int
main (int    argc,
      char **argv)
{
  Scenario once;

  g_test_init (&argc, &argv, NULL);
  g_type_ensure (G_TYPE_TASK);  /* has a descriptor, which a server makes when there are no others */

  /* One round without a failure makes what stays for good, such as a descriptor of GLib's own. */
  scenario_init (&once);
  scenario_run (&once);
  scenario_clear (&once);

  for (guint i = 0; i < G_N_ELEMENTS (anomalies); i++)
    {
      g_autofree char *path = g_strconcat ("/anomaly/local/", anomalies[i].name, NULL);

      g_test_add_data_func (path, &anomalies[i], test_anomaly);
    }

  return g_test_run ();
}
