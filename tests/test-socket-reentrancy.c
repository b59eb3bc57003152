/* test-socket-reentrancy.c: any handler of any signal may do anything
 *
 * One story, the whole life of a connection, is told again for each pair of a signal and something
 * that its handler does, once, when it first hears it.
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

typedef struct _Story Story;

struct _Story
{
  SocketFixture  fixture;
  QnetTcpSocket *socket;         /* (not owned): to see it go */
  const char    *signal;
  void         (*act) (Story *story);
  GArray        *peers;          /* (owned): descriptors; all that connected */
  guint          n_heard;
  guint          n_disconnected;
  guint          n_ended;        /* read-channel-finished */
  gboolean       has_closed;
  gboolean       ends_by_itself; /* the socket is closed, instead of its peer */
};

/* The far end: reads what comes, answers the first bytes, and says its last word */

static void
take_peers (Story *story)
{
  int fd;

  while ((fd = accept4 (story->fixture.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    g_array_append_val (story->peers, fd);

  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
answer (Story *story,
        int    peer)
{
  send (peer, ANSWER, strlen (ANSWER), MSG_NOSIGNAL);
  if (!story->ends_by_itself)
    shutdown (peer, SHUT_WR);
}

/* Whether anything moved. */
static gboolean
serve_peer (Story *story,
            int    peer)
{
  static char buffer[256 * 1024];
  gssize n = recv (peer, buffer, sizeof buffer, 0);

  /* The question ends with a dot. */
  if (n > 0 && buffer[n - 1] == '.')
    answer (story, peer);

  return n > 0;
}

static gboolean
serve_peers (Story *story)
{
  gboolean has_moved = FALSE;

  take_peers (story);
  for (guint i = 0; i < story->peers->len; i++)
    has_moved |= serve_peer (story, g_array_index (story->peers, int, i));

  return has_moved;
}

/* What a handler may do */

static void
drop (Story *story)
{
  g_clear_object (&story->fixture.socket);
}

static void
act_abort (Story *story)
{
  qnet_abstract_socket_abort (ABSTRACT (story->socket));
}

static void
act_disconnect (Story *story)
{
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (story->socket));
}

static void
ask_again (Story *story)
{
  qnet_abstract_socket_abort (ABSTRACT (story->socket));
  qnet_abstract_socket_connect_to_host (ABSTRACT (story->socket), "127.0.0.1", story->fixture.port);
  qnet_io_device_write_string (DEVICE (story->socket), "again.", NULL);
}

/* As ask_again(), but the new connection stands at once. Where the socket is closed for good it is
 * refused. */
static void
adopt (Story *story)
{
  int near, far;

  pair_open (&near, &far);
  g_array_append_val (story->peers, far);

  qnet_abstract_socket_abort (ABSTRACT (story->socket));
  if (qnet_abstract_socket_set_socket_descriptor (ABSTRACT (story->socket), near,
                                                  QNET_SOCKET_STATE_CONNECTED,
                                                  QNET_OPEN_MODE_READ_WRITE, NULL))
    qnet_io_device_write_string (DEVICE (story->socket), "again.", NULL);
  else
    close (near);
}

/* It is refused while it is being closed already. */
static void
act_close (Story *story)
{
  story->has_closed = TRUE;
  g_io_stream_close (G_IO_STREAM (story->socket), NULL, NULL);
}

/* As garbage collectors do, so that it is disposed of twice. */
static void
dispose (Story *story)
{
  g_object_run_dispose (G_OBJECT (story->socket));
  drop (story);
}

static void
nest (Story *story)
{
  for (guint i = 0; i < QUIET_TURNS; i++)
    if (g_main_context_iteration (story->fixture.context, FALSE) || serve_peers (story))
      i = 0;
}

static void
wait_a_little (Story *story)
{
  qnet_io_device_wait_for_ready_read (DEVICE (story->socket), 0, NULL);
  qnet_io_device_wait_for_bytes_written (DEVICE (story->socket), 0, NULL);
  qnet_abstract_socket_wait_for_connected (ABSTRACT (story->socket), 0, NULL);
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

static const struct
{
  const char *name;
  void      (*act) (Story *story);
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

/* The story */

static gboolean
is_awaited (Story *story)
{
  const char *colon = strrchr (story->signal, ':');
  QnetSocketState state = qnet_abstract_socket_get_state (ABSTRACT (story->socket));

  return colon == NULL || !g_ascii_isdigit (colon[1])
         || g_ascii_digit_value (colon[1]) == (int) state;
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
count_cb (guint *count)
{
  (*count)++;
}

static void
listen_to (Story *story)
{
  g_autofree char *signal = g_strdup (story->signal);
  gsize length = strlen (signal);

  if (g_ascii_isdigit (signal[length - 1]))
    signal[length - 2] = '\0';

  g_signal_connect_swapped (story->socket, signal, G_CALLBACK (heard_cb), story);
  g_signal_connect_swapped (story->socket, "disconnected", G_CALLBACK (count_cb),
                            &story->n_disconnected);
  g_signal_connect_swapped (story->socket, "read-channel-finished", G_CALLBACK (count_cb),
                            &story->n_ended);
}

static void
ask (Story *story)
{
  g_autofree char *question = g_strnfill (QUESTION_SIZE, 'x');

  question[QUESTION_SIZE - 1] = '.';
  qnet_io_device_set_write_buffer_high_water (DEVICE (story->socket), 1000);
  qnet_abstract_socket_connect_to_host (ABSTRACT (story->socket), "127.0.0.1", story->fixture.port);

  if (story->fixture.socket != NULL)
    qnet_io_device_write_string (DEVICE (story->socket), question, NULL);
}

static void
go_on (Story *story)
{
  for (guint i = 0; i < QUIET_TURNS; i++)
    {
      if (g_main_context_iteration (story->fixture.context, FALSE) || serve_peers (story))
        i = 0;

      if (story->ends_by_itself && !story->has_closed && story->fixture.socket != NULL
          && qnet_io_device_get_bytes_available (DEVICE (story->socket)) == strlen (ANSWER))
        act_close (story);
    }
}

/* Whatever the handler did, nothing may be left half-done. */
static void
check_end (Story *story)
{
  QnetAbstractSocket *socket = ABSTRACT (story->fixture.socket);

  if (socket == NULL)
    return;

  g_assert_cmpint (qnet_abstract_socket_get_state (socket), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_abstract_socket_get_socket_descriptor (socket), ==, -1);
  g_assert_cmpuint (qnet_io_device_get_bytes_to_write (DEVICE (socket)), ==, 0);
  g_assert_cmpuint (story->n_ended, <=, story->n_disconnected);

  /* Of the new connection everything is heard. */
  if ((story->act == ask_again || story->act == adopt) && story->n_heard > 0
      && !story->has_closed)
    {
      g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, strlen (ANSWER));
      g_assert_cmpuint (story->n_disconnected, >=, 1);
      g_assert_cmpuint (story->n_ended, >=, 1);
    }
}

static void
weak_notify_cb (gpointer  story,
                GObject  *where)
{
  ((Story *) story)->socket = NULL;
}

static guint
tell (const char *signal,
      void      (*act) (Story *story),
      gboolean    ends_by_itself)
{
  Story story = { .signal = signal, .act = act, .ends_by_itself = ends_by_itself };

  socket_fixture_set_up (&story.fixture, NULL);
  g_unix_set_fd_nonblocking (story.fixture.listener, TRUE, NULL);
  story.peers = g_array_new (FALSE, FALSE, sizeof (int));
  story.socket = story.fixture.socket;
  g_object_weak_ref (G_OBJECT (story.socket), weak_notify_cb, &story);
  listen_to (&story);

  ask (&story);
  go_on (&story);
  check_end (&story);

  g_clear_object (&story.fixture.socket);
  socket_fixture_settle (&story.fixture);
  g_assert_null (story.socket);

  for (guint i = 0; i < story.peers->len; i++)
    close (g_array_index (story.peers, int, i));
  g_array_unref (story.peers);
  socket_fixture_tear_down (&story.fixture, NULL);

  return story.n_heard;
}

static void
test_pair (gconstpointer data)
{
  gsize index = GPOINTER_TO_SIZE (data);
  const char *signal = signals[index / G_N_ELEMENTS (actions)];
  void (*act) (Story *story) = actions[index % G_N_ELEMENTS (actions)].act;
  guint n_heard;

  g_test_summary ("A handler may do that, and the story still comes to a clean end.");

  n_heard = tell (signal, act, FALSE);
  n_heard += tell (signal, act, TRUE);
  g_assert_cmpuint (n_heard, >=, 1);
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
