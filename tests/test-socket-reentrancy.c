/* test-socket-reentrancy.c: any handler of any signal may do anything
 *
 * The same scenario, from connecting to the end of the connection, runs for each pair of a signal
 * and an action of its handler, which acts once, at the first emission.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/pair.h"
#include "common/socket-fixture.h"

#define QUESTION_SIZE (8 * 1024 * 1024)  /* more than the kernel takes at once */
#define ANSWER        "answer"
#define QUIET_TURNS   50

typedef struct _Scenario Scenario;

struct _Scenario
{
  SocketFixture  fixture;
  QnetTcpSocket *socket;         /* (not owned) (nullable): NULL once it is finalized */
  const char    *signal;
  void         (*act) (Scenario *scenario);
  GArray        *peers;          /* (owned): descriptors; all that connected */
  guint          n_calls;
  guint          n_disconnected;
  guint          n_ended;        /* read-channel-finished */
  gboolean       has_closed;
  gboolean       ends_by_itself; /* the socket is closed, instead of its peer */
};

/* The peer: reads what arrives, answers the first bytes, and shuts down its write side */

static void
take_peers (Scenario *scenario)
{
  int fd;

  while ((fd = accept4 (scenario->fixture.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    g_array_append_val (scenario->peers, fd);

  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
answer (Scenario *scenario,
        int       peer)
{
  send (peer, ANSWER, strlen (ANSWER), MSG_NOSIGNAL);
  if (!scenario->ends_by_itself)
    shutdown (peer, SHUT_WR);
}

/* Whether anything moved. */
static gboolean
serve_peer (Scenario *scenario,
            int       peer)
{
  static char buffer[256 * 1024];
  gssize n = recv (peer, buffer, sizeof buffer, 0);

  /* The question ends with a dot. */
  if (n > 0 && buffer[n - 1] == '.')
    answer (scenario, peer);

  return n > 0;
}

static gboolean
serve_peers (Scenario *scenario)
{
  gboolean has_moved = FALSE;

  take_peers (scenario);
  for (guint i = 0; i < scenario->peers->len; i++)
    has_moved |= serve_peer (scenario, g_array_index (scenario->peers, int, i));

  return has_moved;
}

/* What a handler may do */

static void
drop (Scenario *scenario)
{
  g_clear_object (&scenario->fixture.socket);
}

static void
act_abort (Scenario *scenario)
{
  qnet_socket_abort (QNET_SOCKET (scenario->socket));
}

static void
act_disconnect (Scenario *scenario)
{
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (scenario->socket));
}

static void
ask_again (Scenario *scenario)
{
  qnet_socket_abort (QNET_SOCKET (scenario->socket));
  qnet_abstract_socket_connect_to_host (ABSTRACT (scenario->socket), "127.0.0.1",
                                        scenario->fixture.port);
  qnet_io_device_write_string (DEVICE (scenario->socket), "again.", NULL);
}

/* As ask_again(), but the new connection is established at once. If the socket is permanently
 * closed it is refused. */
static void
adopt (Scenario *scenario)
{
  int near, far;

  pair_open (&near, &far);
  g_array_append_val (scenario->peers, far);

  qnet_socket_abort (QNET_SOCKET (scenario->socket));
  if (qnet_socket_set_fd (QNET_SOCKET (scenario->socket), near, QNET_SOCKET_STATE_CONNECTED,
                          QNET_OPEN_MODE_READ_WRITE, NULL))
    qnet_io_device_write_string (DEVICE (scenario->socket), "again.", NULL);
  else
    close (near);
}

/* It is refused while it is being closed already. */
static void
act_close (Scenario *scenario)
{
  scenario->has_closed = TRUE;
  g_io_stream_close (G_IO_STREAM (scenario->socket), NULL, NULL);
}

/* As garbage collectors do, so that it is disposed of twice. */
static void
dispose (Scenario *scenario)
{
  g_object_run_dispose (G_OBJECT (scenario->socket));
  drop (scenario);
}

static void
nest (Scenario *scenario)
{
  for (guint i = 0; i < QUIET_TURNS; i++)
    if (g_main_context_iteration (scenario->fixture.context, FALSE) || serve_peers (scenario))
      i = 0;
}

static void
wait_a_little (Scenario *scenario)
{
  qnet_io_device_wait_for_ready_read (DEVICE (scenario->socket), 0, NULL);
  qnet_io_device_wait_for_bytes_written (DEVICE (scenario->socket), 0, NULL);
  qnet_socket_wait_for_connected (QNET_SOCKET (scenario->socket), 0, NULL);
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

static const struct
{
  const char *name;
  void      (*act) (Scenario *scenario);
} actions[] = {
  { "drop", drop },
  { "abort", act_abort },
  { "disconnect", act_disconnect },
  { "reconnect", ask_again },
  { "adopt", adopt },
  { "close", act_close },
  { "nested-loop", nest },
  { "wait", wait_a_little },
  { "dispose", dispose },
  { "all", do_all },
};

/* A state after a colon: the handler waits for that one. */
static const char *const signals[] = {
  "state-changed:2",
  "state-changed:3",
  "state-changed:6",
  "state-changed:0",
  "notify::state:2",
  "notify::state:3",
  "notify::state:0",
  "host-found",
  "connected",
  "ready-read",
  "bytes-written",
  "read-channel-finished",
  "error-occurred",
  "disconnected",
  "about-to-close",
  "write-buffer-filled",
  "write-buffer-drained",
  "notify::open-mode",
  "notify::error",
  "notify::read-finished",
  "notify::bytes-available",
  "notify::bytes-to-write",
};

/* The scenario */

static gboolean
is_awaited (Scenario *scenario)
{
  const char *colon = strrchr (scenario->signal, ':');
  QnetSocketState state = qnet_socket_get_state (QNET_SOCKET (scenario->socket));

  return colon == NULL || !g_ascii_isdigit (colon[1])
         || g_ascii_digit_value (colon[1]) == (int) state;
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
count_cb (guint *count)
{
  (*count)++;
}

static void
connect_handler (Scenario *scenario)
{
  g_autofree char *signal = g_strdup (scenario->signal);
  gsize length = strlen (signal);

  if (g_ascii_isdigit (signal[length - 1]))
    signal[length - 2] = '\0';

  g_signal_connect_swapped (scenario->socket, signal, G_CALLBACK (act_cb), scenario);
  g_signal_connect_swapped (scenario->socket, "disconnected", G_CALLBACK (count_cb),
                            &scenario->n_disconnected);
  g_signal_connect_swapped (scenario->socket, "read-channel-finished", G_CALLBACK (count_cb),
                            &scenario->n_ended);
}

static void
ask (Scenario *scenario)
{
  g_autofree char *question = g_strnfill (QUESTION_SIZE, 'x');

  question[QUESTION_SIZE - 1] = '.';
  qnet_io_device_set_write_buffer_high_water (DEVICE (scenario->socket), 1000);
  qnet_abstract_socket_connect_to_host (ABSTRACT (scenario->socket), "127.0.0.1",
                                        scenario->fixture.port);

  if (scenario->fixture.socket != NULL)
    qnet_io_device_write_string (DEVICE (scenario->socket), question, NULL);
}

static void
iterate_until_quiet (Scenario *scenario)
{
  for (guint i = 0; i < QUIET_TURNS; i++)
    {
      if (g_main_context_iteration (scenario->fixture.context, FALSE) || serve_peers (scenario))
        i = 0;

      if (scenario->ends_by_itself && !scenario->has_closed && scenario->fixture.socket != NULL
          && qnet_io_device_get_bytes_available (DEVICE (scenario->socket)) == strlen (ANSWER))
        act_close (scenario);
    }
}

/* Whatever the handler did, nothing may be left half-done. */
static void
check_end (Scenario *scenario)
{
  QnetAbstractSocket *socket = ABSTRACT (scenario->fixture.socket);

  if (socket == NULL)
    return;

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (socket)), ==, -1);
  g_assert_cmpuint (qnet_io_device_get_bytes_to_write (DEVICE (socket)), ==, 0);
  g_assert_cmpuint (scenario->n_ended, <=, scenario->n_disconnected);

  /* All signals of the new connection are emitted. */
  if ((scenario->act == ask_again || scenario->act == adopt) && scenario->n_calls > 0
      && !scenario->has_closed)
    {
      g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, strlen (ANSWER));
      g_assert_cmpuint (scenario->n_disconnected, >=, 1);
      g_assert_cmpuint (scenario->n_ended, >=, 1);
    }
}

static void
weak_notify_cb (gpointer  scenario,
                GObject  *where)
{
  ((Scenario *) scenario)->socket = NULL;
}

static guint
run_scenario (const char *signal,
              void      (*act) (Scenario *scenario),
              gboolean    ends_by_itself)
{
  Scenario scenario = { .signal = signal, .act = act, .ends_by_itself = ends_by_itself };

  socket_fixture_set_up (&scenario.fixture, NULL);
  g_unix_set_fd_nonblocking (scenario.fixture.listener, TRUE, NULL);
  scenario.peers = g_array_new (FALSE, FALSE, sizeof (int));
  scenario.socket = scenario.fixture.socket;
  g_object_weak_ref (G_OBJECT (scenario.socket), weak_notify_cb, &scenario);
  connect_handler (&scenario);

  ask (&scenario);
  iterate_until_quiet (&scenario);
  check_end (&scenario);

  g_clear_object (&scenario.fixture.socket);
  socket_fixture_settle (&scenario.fixture);
  g_assert_null (scenario.socket);

  for (guint i = 0; i < scenario.peers->len; i++)
    close (g_array_index (scenario.peers, int, i));
  g_array_unref (scenario.peers);
  socket_fixture_tear_down (&scenario.fixture, NULL);

  return scenario.n_calls;
}

static void
test_pair (gconstpointer data)
{
  gsize index = GPOINTER_TO_SIZE (data);
  const char *signal = signals[index / G_N_ELEMENTS (actions)];
  void (*act) (Scenario *scenario) = actions[index % G_N_ELEMENTS (actions)].act;
  guint n_calls;

  g_test_summary ("A handler may do that, and the scenario still ends without a leak.");

  n_calls = run_scenario (signal, act, FALSE);
  n_calls += run_scenario (signal, act, TRUE);
  g_assert_cmpuint (n_calls, >=, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (signals) * G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/socket-reentrancy/%s/%s",
                                               signals[i / G_N_ELEMENTS (actions)],
                                               actions[i % G_N_ELEMENTS (actions)].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_pair);
    }

  return g_test_run ();
}
