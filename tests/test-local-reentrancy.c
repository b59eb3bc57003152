/* test-local-reentrancy.c: any handler of any signal of a local socket, or of its server, may do anything
 *
 * As test-socket-reentrancy.c: one story, the whole life of a connection and of the descriptors that go along, is told again for
 * each triple of one who speaks, a signal, and something that its handler does, once, when it first hears it.
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
  QnetLocalSocket *client;     /* (not owned) (nullable): to see it go */
  QnetLocalSocket *accepted;   /* (not owned) (nullable): the first one */
  const char      *signal;
  void           (*act) (gpointer story);
  gpointer         speaker;    /* (not owned) (nullable) */
  guint            n_heard;
} Story;

/* What a handler may do */

static QnetLocalSocket *
get_actor (Story *story)
{
  return story->speaker == story->accepted ? story->accepted : story->client;
}

static void
drop (Story *story)
{
  g_clear_object (&story->fixture.client);
  g_clear_object (&story->fixture.accepted);
  g_clear_object (&story->fixture.server);
}

static void
act_abort (Story *story)
{
  if (get_actor (story) != NULL)
    qnet_local_socket_abort (get_actor (story));
}

static void
act_disconnect (Story *story)
{
  if (get_actor (story) != NULL)
    qnet_local_socket_disconnect_from_server (get_actor (story));
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
ask_again (Story *story)
{
  if (story->client == NULL)
    return;

  qnet_local_socket_abort (story->client);
  qnet_local_socket_connect_to_server (story->client, story->fixture.path);
  send_some (story->client, "again.");
}

static void
act_close (Story *story)
{
  if (get_actor (story) != NULL)
    g_io_stream_close (G_IO_STREAM (get_actor (story)), NULL, NULL);
}

static void
close_server (Story *story)
{
  if (story->fixture.server != NULL)
    qnet_server_close (SERVER (story->fixture.server));
}

static void
nest (Story *story)
{
  for (guint i = 0; i < QUIET_TURNS; i++)
    if (g_main_context_iteration (story->fixture.context, FALSE))
      i = 0;
}

static void
wait_a_little (Story *story)
{
  if (get_actor (story) == NULL)
    return;

  qnet_io_device_wait_for_ready_read (DEVICE (get_actor (story)), 0, NULL);
  if (get_actor (story) != NULL)
    qnet_local_socket_wait_for_connected (get_actor (story), 0, NULL);
}

/* The class is not to be confused by it, whoever it is that forces it. */
static void
dispose (Story *story)
{
  g_object_run_dispose (story->speaker);
}

static void
steal (Story *story)
{
  g_autoptr(GSocketConnection) connection = NULL;

  if (get_actor (story) != NULL)
    connection = qnet_local_socket_steal_connection (get_actor (story), NULL);
}

static void
do_all (Story *story)
{
  nest (story);
  ask_again (story);
  nest (story);
  act_abort (story);
  act_close (story);
  drop (story);
}

#define ACTION(name, function) { name, (void (*) (gpointer)) (GCallback) function }

static const struct
{
  const char *name;
  void      (*act) (gpointer story);
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
} Speaker;

/* A state after a colon: the handler waits for that one. */
static const struct
{
  Speaker     speaker;
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

/* The story */

static gboolean
is_awaited (Story *story)
{
  const char *colon = strrchr (story->signal, ':');

  return colon == NULL || !g_ascii_isdigit (colon[1])
         || (get_actor (story) != NULL
             && g_ascii_digit_value (colon[1]) == (int) qnet_local_socket_get_state (get_actor (story)));
}

static void
heard_cb (Story *story)
{
  if (story->n_heard > 0 || !is_awaited (story))
    return;

  story->n_heard++;
  story->act (story);
}

static void
listen_to (Story    *story,
           gpointer  speaker)
{
  g_autofree char *signal = g_strdup (story->signal);
  gsize length = strlen (signal);

  if (g_ascii_isdigit (signal[length - 1]))
    signal[length - 2] = '\0';

  story->speaker = speaker;
  g_signal_connect_swapped (speaker, signal, G_CALLBACK (heard_cb), story);
}

/* The question ends with a dot. */
static void
answer_cb (QnetLocalSocket *accepted,
           gpointer         is_speaker)
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
                   Story           *story)
{
  QnetLocalSocket *accepted = qnet_local_server_next_pending_connection (server);

  if (accepted == NULL)
    return;

  if (story->speaker == NULL && story->n_heard == 0)
    listen_to (story, accepted);

  g_signal_connect (accepted, "ready-read", G_CALLBACK (answer_cb), NULL);

  if (story->accepted == NULL)
    g_set_weak_pointer (&story->accepted, accepted);

  if (story->fixture.accepted == NULL)
    story->fixture.accepted = accepted;
  else
    g_object_unref (accepted);
}

static void
begin (Story   *story,
       Speaker  speaker)
{
  local_fixture_set_up (&story->fixture, NULL);
  g_set_weak_pointer (&story->client, story->fixture.client);
  qnet_local_socket_set_fd_limit (story->client, 4);
  qnet_local_server_set_fd_limit (story->fixture.server, 4);
  qnet_io_device_set_write_buffer_high_water (DEVICE (story->client), 1000);

  if (speaker == CLIENT)
    listen_to (story, story->client);
  else if (speaker == SERVER_ITSELF)
    listen_to (story, story->fixture.server);
  else if (speaker == CONNECTIONS)
    listen_to (story, qnet_server_get_connections (SERVER (story->fixture.server)));

  g_signal_connect (story->fixture.server, "new-connection", G_CALLBACK (new_connection_cb), story);
}

static void
ask (Story *story)
{
  g_autofree char *question = g_strnfill (QUESTION_SIZE, 'x');

  question[QUESTION_SIZE - 1] = '.';
  qnet_local_server_listen (story->fixture.server, story->fixture.path, NULL);

  if (story->fixture.client != NULL)
    qnet_local_socket_connect_to_server (story->fixture.client, story->fixture.path);
  if (story->fixture.client != NULL)
    send_some (story->fixture.client, question);
}

/* Whatever the handler did, nothing may be left half-done, and an end is an end. */
static void
end (Story *story)
{
  if (story->fixture.client != NULL)
    {
      g_assert_cmpint (qnet_local_socket_get_state (story->fixture.client), ==, QNET_LOCAL_SOCKET_STATE_UNCONNECTED);
      g_assert_cmpint (qnet_local_socket_get_socket_descriptor (story->fixture.client), ==, -1);
    }

  drop (story);
  local_fixture_settle (&story->fixture);
  g_assert_null (story->client);
  g_assert_null (story->accepted);
  local_fixture_tear_down (&story->fixture, NULL);
}

static guint
tell (gsize index)
{
  Story story = { .signal = signals[index / G_N_ELEMENTS (actions)].signal,
                  .act = actions[index % G_N_ELEMENTS (actions)].act };

  begin (&story, signals[index / G_N_ELEMENTS (actions)].speaker);
  ask (&story);
  nest (&story);
  end (&story);

  return story.n_heard;
}

static void
test_triple (gconstpointer data)
{
  guint n_descriptors = count_descriptors ();

  g_test_summary ("A handler may do that, and the story still comes to a clean end, without a descriptor left.");

  g_assert_cmpuint (tell (GPOINTER_TO_SIZE (data)), ==, 1);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

int
main (int    argc,
      char **argv)
{
  static const char *const speakers[] = { "client", "accepted", "server", "connections" };

  g_test_init (&argc, &argv, NULL);
  tell (0);  /* what the libraries open once is open then */

  for (gsize i = 0; i < G_N_ELEMENTS (signals) * G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/local-reentrancy/%s/%s/%s",
                                               speakers[signals[i / G_N_ELEMENTS (actions)].speaker],
                                               signals[i / G_N_ELEMENTS (actions)].signal,
                                               actions[i % G_N_ELEMENTS (actions)].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_triple);
    }

  return g_test_run ();
}
