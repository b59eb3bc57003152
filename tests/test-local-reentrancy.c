/* test-local-reentrancy.c: any handler of a local socket, or of its server, may do anything
 *
 * As test-socket-reentrancy.c: the same scenario, from connecting to the end of the connection,
 * with descriptors sent in both directions, runs for each triple of an object, one of its signals,
 * and an action of the handler, which acts once, at the first emission.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <qnet/qnet.h>

#include "common/local-fixture.h"
#include "common/temp-folder.h"

#define QUESTION_SIZE (1024 * 1024)  /* more than the kernel takes at once */
#define ANSWER        "answer"
#define QUIET_TURNS   20

typedef struct
{
  LocalFixture     fixture;
  QnetLocalSocket *client;     /* (not owned) (nullable): NULL once it is finalized */
  QnetLocalSocket *accepted;   /* (not owned) (nullable): the first one */
  const char      *signal;
  void           (*act) (gpointer scenario);
  gpointer         emitter;    /* (not owned) (nullable) */
  guint            n_calls;
} Scenario;

/* What a handler may do */

static QnetLocalSocket *
get_actor (Scenario *scenario)
{
  return scenario->emitter == scenario->accepted ? scenario->accepted : scenario->client;
}

static void
drop (Scenario *scenario)
{
  g_clear_object (&scenario->fixture.client);
  g_clear_object (&scenario->fixture.accepted);
  g_clear_object (&scenario->fixture.server);
}

static void
act_abort (Scenario *scenario)
{
  if (get_actor (scenario) != NULL)
    qnet_socket_abort (QNET_SOCKET (get_actor (scenario)));
}

static void
act_disconnect (Scenario *scenario)
{
  if (get_actor (scenario) != NULL)
    qnet_local_socket_disconnect_from_server (get_actor (scenario));
}

static void
send_some (QnetLocalSocket *socket,
           const char      *text)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();

  g_unix_fd_list_append (fds, STDERR_FILENO, NULL);
  qnet_local_socket_send_fds (socket, fds, NULL);
  qnet_io_device_write_string (DEVICE (socket), text, NULL);
}

static void
ask_again (Scenario *scenario)
{
  if (scenario->client == NULL)
    return;

  qnet_socket_abort (QNET_SOCKET (scenario->client));
  qnet_local_socket_connect_to_server (scenario->client, scenario->fixture.path);
  send_some (scenario->client, "again.");
}

static void
act_close (Scenario *scenario)
{
  if (get_actor (scenario) != NULL)
    g_io_stream_close (G_IO_STREAM (get_actor (scenario)), NULL, NULL);
}

static void
close_server (Scenario *scenario)
{
  if (scenario->fixture.server != NULL)
    qnet_server_close (SERVER (scenario->fixture.server));
}

static void
nest (Scenario *scenario)
{
  for (guint i = 0; i < QUIET_TURNS; i++)
    if (g_main_context_iteration (scenario->fixture.context, FALSE))
      i = 0;
}

static void
wait_a_little (Scenario *scenario)
{
  if (get_actor (scenario) == NULL)
    return;

  qnet_io_device_wait_for_ready_read (DEVICE (get_actor (scenario)), 0, NULL);
  if (get_actor (scenario) != NULL)
    qnet_socket_wait_for_connected (QNET_SOCKET (get_actor (scenario)), 0, NULL);
}

/* As a garbage collector does. */
static void
dispose (Scenario *scenario)
{
  g_object_run_dispose (scenario->emitter);
}

static void
steal (Scenario *scenario)
{
  g_autoptr(GSocketConnection) connection = NULL;

  if (get_actor (scenario) != NULL)
    connection = qnet_socket_steal_connection (QNET_SOCKET (get_actor (scenario)), NULL);
}

static void
do_all (Scenario *scenario)
{
  nest (scenario);
  ask_again (scenario);
  nest (scenario);
  act_abort (scenario);
  act_close (scenario);
  drop (scenario);
}

#define ACTION(name, function) { name, (void (*) (gpointer)) (GCallback) function }

static const struct
{
  const char *name;
  void      (*act) (gpointer scenario);
} actions[] = {
  ACTION ("drop", drop),
  ACTION ("abort", act_abort),
  ACTION ("disconnect", act_disconnect),
  ACTION ("reconnect", ask_again),
  ACTION ("close", act_close),
  ACTION ("close-server", close_server),
  ACTION ("nested-loop", nest),
  ACTION ("wait", wait_a_little),
  ACTION ("dispose", dispose),
  ACTION ("steal", steal),
  ACTION ("all", do_all),
};

typedef enum
{
  CLIENT,
  ACCEPTED,
  SERVER_ITSELF,
  CONNECTIONS
} Emitter;

/* A state after a colon: the handler waits for that one. */
static const struct
{
  Emitter     emitter;
  const char *signal;
} signals[] = {
  { CLIENT, "state-changed:2" },
  { CLIENT, "state-changed:3" },
  { CLIENT, "state-changed:6" },
  { CLIENT, "state-changed:0" },
  { CLIENT, "notify::state:2" },
  { CLIENT, "notify::state:3" },
  { CLIENT, "notify::state:0" },
  { CLIENT, "notify::server-name" },
  { CLIENT, "notify::server-name:0" },
  { CLIENT, "notify::full-server-name" },
  { CLIENT, "notify::full-server-name:0" },
  { CLIENT, "connected" },
  { CLIENT, "ready-read" },
  { CLIENT, "bytes-written" },
  { CLIENT, "read-channel-finished" },
  { CLIENT, "error-occurred" },
  { CLIENT, "disconnected" },
  { CLIENT, "write-buffer-filled" },
  { CLIENT, "write-buffer-drained" },
  { CLIENT, "notify::open-mode" },
  { CLIENT, "notify::error" },
  { CLIENT, "notify::bytes-available" },
  { CLIENT, "notify::bytes-to-write" },
  { ACCEPTED, "state-changed:6" },
  { ACCEPTED, "state-changed:0" },
  { ACCEPTED, "notify::state" },
  { ACCEPTED, "ready-read" },
  { ACCEPTED, "bytes-written" },
  { ACCEPTED, "disconnected" },
  { ACCEPTED, "notify::bytes-received" },
  { SERVER_ITSELF, "new-connection" },
  { SERVER_ITSELF, "pending-connection-available" },
  { SERVER_ITSELF, "notify::listening" },
  { SERVER_ITSELF, "notify::server-name" },
  { CONNECTIONS, "items-changed" },
};

/* The scenario */

static gboolean
is_awaited (Scenario *scenario)
{
  const char *colon = strrchr (scenario->signal, ':');
  QnetLocalSocket *actor = get_actor (scenario);

  if (colon == NULL || !g_ascii_isdigit (colon[1]))
    return TRUE;

  return actor != NULL
         && g_ascii_digit_value (colon[1]) == (int) qnet_socket_get_state (QNET_SOCKET (actor));
}

static void
act_cb (Scenario *scenario)
{
  if (scenario->n_calls > 0 || !is_awaited (scenario))
    return;

  scenario->n_calls++;
  scenario->act (scenario);
}

static void
connect_handler (Scenario *scenario,
                 gpointer  emitter)
{
  g_autofree char *signal = g_strdup (scenario->signal);
  gsize length = strlen (signal);

  if (g_ascii_isdigit (signal[length - 1]))
    signal[length - 2] = '\0';

  scenario->emitter = emitter;
  g_signal_connect_swapped (emitter, signal, G_CALLBACK (act_cb), scenario);
}

/* The question ends with a dot. */
static void
answer_cb (QnetLocalSocket *accepted,
           gpointer         user_data)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (DEVICE (accepted));
  G_GNUC_UNUSED g_autoptr(GUnixFDList) fds = qnet_local_socket_receive_fds (accepted);
  gsize size = g_bytes_get_size (bytes);

  if (size == 0 || ((const char *) g_bytes_get_data (bytes, NULL))[size - 1] != '.')
    return;

  send_some (accepted, ANSWER);
  qnet_local_socket_disconnect_from_server (accepted);
}

static void
new_connection_cb (QnetLocalServer *server,
                   Scenario        *scenario)
{
  QnetLocalSocket *accepted = qnet_local_server_next_pending_connection (server);

  if (accepted == NULL)
    return;

  if (scenario->emitter == NULL && scenario->n_calls == 0)
    connect_handler (scenario, accepted);

  g_signal_connect (accepted, "ready-read", G_CALLBACK (answer_cb), NULL);

  if (scenario->accepted == NULL)
    g_set_weak_pointer (&scenario->accepted, accepted);

  if (scenario->fixture.accepted == NULL)
    scenario->fixture.accepted = accepted;
  else
    g_object_unref (accepted);
}

static void
begin (Scenario *scenario,
       Emitter   emitter)
{
  local_fixture_set_up (&scenario->fixture, NULL);
  g_set_weak_pointer (&scenario->client, scenario->fixture.client);
  qnet_local_socket_set_fd_limit (scenario->client, 4);
  qnet_local_server_set_fd_limit (scenario->fixture.server, 4);
  qnet_io_device_set_write_buffer_high_water (DEVICE (scenario->client), 1000);

  if (emitter == CLIENT)
    connect_handler (scenario, scenario->client);
  else if (emitter == SERVER_ITSELF)
    connect_handler (scenario, scenario->fixture.server);
  else if (emitter == CONNECTIONS)
    connect_handler (scenario, qnet_server_get_connections (SERVER (scenario->fixture.server)));

  g_signal_connect (scenario->fixture.server, "new-connection", G_CALLBACK (new_connection_cb),
                    scenario);
}

static void
ask (Scenario *scenario)
{
  g_autofree char *question = g_strnfill (QUESTION_SIZE, 'x');

  question[QUESTION_SIZE - 1] = '.';
  qnet_local_server_listen (scenario->fixture.server, scenario->fixture.path, NULL);

  if (scenario->fixture.client != NULL)
    qnet_local_socket_connect_to_server (scenario->fixture.client, scenario->fixture.path);
  if (scenario->fixture.client != NULL)
    send_some (scenario->fixture.client, question);
}

/* Whatever the handler did, the connection has ended, and all objects are finalized. */
static void
end (Scenario *scenario)
{
  if (scenario->fixture.client != NULL)
    {
      g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (scenario->fixture.client)), ==,
                       QNET_SOCKET_STATE_UNCONNECTED);
      g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (scenario->fixture.client)), ==, -1);
    }

  drop (scenario);
  local_fixture_settle (&scenario->fixture);
  g_assert_null (scenario->client);
  g_assert_null (scenario->accepted);
  local_fixture_tear_down (&scenario->fixture, NULL);
}

static guint
run_scenario (gsize index)
{
  Scenario scenario = { .signal = signals[index / G_N_ELEMENTS (actions)].signal,
                  .act = actions[index % G_N_ELEMENTS (actions)].act };

  begin (&scenario, signals[index / G_N_ELEMENTS (actions)].emitter);
  ask (&scenario);
  nest (&scenario);
  end (&scenario);

  return scenario.n_calls;
}

static void
test_triple (gconstpointer data)
{
  guint n_descriptors = count_descriptors ();

  g_test_summary ("A handler may do that, and the scenario still ends without a leak, also of "
                  "descriptors.");

  g_assert_cmpuint (run_scenario (GPOINTER_TO_SIZE (data)), ==, 1);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

int
main (int    argc,
      char **argv)
{
  static const char *const emitters[] = { "client", "accepted", "server", "connections" };

  g_test_init (&argc, &argv, NULL);
  run_scenario (0);  /* what the libraries open once is open then */

  for (gsize i = 0; i < G_N_ELEMENTS (signals) * G_N_ELEMENTS (actions); i++)
    {
      gsize signal = i / G_N_ELEMENTS (actions);
      g_autofree char *path = g_strdup_printf ("/local-reentrancy/%s/%s/%s",
                                               emitters[signals[signal].emitter],
                                               signals[signal].signal,
                                               actions[i % G_N_ELEMENTS (actions)].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_triple);
    }

  return g_test_run ();
}
