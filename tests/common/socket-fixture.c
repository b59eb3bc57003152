/* socket-fixture.c: a socket, its context, a log of its signals, and a plain descriptor as peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/socket-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/pair.h"

/* The log */

static void
note (SocketFixture *fixture,
      const char    *word)
{
  if (fixture->log->len > 0)
    g_string_append_c (fixture->log, ' ');

  g_string_append (fixture->log, word);
}

static void
plain_cb (GClosure     *closure,
          GValue       *result,
          guint         n_values,
          const GValue *values,
          gpointer      hint,
          gpointer      marshal_data)
{
  GSignalInvocationHint *invocation = hint;

  note (closure->data, g_signal_name (invocation->signal_id));
}

static void
log_plain_signal (SocketFixture *fixture,
                  const char    *name)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), fixture);

  g_closure_set_marshal (closure, plain_cb);
  g_signal_connect_closure (fixture->socket, name, closure, FALSE);
}

static void
state_changed_cb (QnetAbstractSocket *socket,
                  QnetSocketState     state,
                  SocketFixture      *fixture)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_SOCKET_STATE);

  note (fixture, g_enum_get_value (states, state)->value_nick);
}

static void
error_occurred_cb (QnetAbstractSocket *socket,
                   const GError       *error,
                   SocketFixture      *fixture)
{
  g_autofree char *word = g_strdup_printf ("error:%d", error->code);

  g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);
  note (fixture, word);
}

static void
bytes_written_cb (QnetIODevice  *socket,
                  gint64         size,
                  SocketFixture *fixture)
{
  g_autofree char *word = g_strdup_printf ("written:%" G_GINT64_FORMAT, size);

  note (fixture, word);
}

static void
log_signals (SocketFixture *fixture)
{
  static const char *const plain_signals[] = {
    "host-found", "connected", "disconnected", "ready-read", "about-to-close",
    "read-channel-finished", "write-buffer-filled", "write-buffer-drained",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (plain_signals); i++)
    log_plain_signal (fixture, plain_signals[i]);

  g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (state_changed_cb), fixture);
  g_signal_connect (fixture->socket, "error-occurred", G_CALLBACK (error_occurred_cb), fixture);
  g_signal_connect (fixture->socket, "bytes-written", G_CALLBACK (bytes_written_cb), fixture);
}

void
socket_fixture_assert_log (SocketFixture *fixture,
                           const char    *expected)
{
  g_assert_cmpstr (fixture->log->str, ==, expected);
  socket_fixture_forget_log (fixture);
}

void
socket_fixture_forget_log (SocketFixture *fixture)
{
  g_string_truncate (fixture->log, 0);
}

/* The fixture */

void
socket_fixture_set_up (SocketFixture *fixture,
                       gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  fixture->listener = open_listener (&fixture->port, 16);
  fixture->peer = -1;
  fixture->log = g_string_new (NULL);
  fixture->socket = qnet_tcp_socket_new ();
  log_signals (fixture);
}

static void
close_if_open (int fd)
{
  if (fd >= 0)
    g_assert_no_errno (close (fd));
}

/* Bytes that are still being sent end with the peer. */
void
socket_fixture_tear_down (SocketFixture *fixture,
                          gconstpointer  data)
{
  if (fixture->socket != NULL)
    {
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
      socket_fixture_settle (fixture);
      g_assert_finalize_object (g_steal_pointer (&fixture->socket));
    }

  close_if_open (fixture->peer);
  close_if_open (fixture->listener);
  socket_fixture_settle (fixture);

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_string_free (fixture->log, TRUE);
}

void
socket_fixture_add (const char  *path,
                    void       (*func) (SocketFixture *, gconstpointer))
{
  g_test_add (path, SocketFixture, NULL, socket_fixture_set_up, func, socket_fixture_tear_down);
}

void
socket_fixture_accept (SocketFixture *fixture)
{
  fixture->peer = accept4 (fixture->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  g_assert_cmpint (fixture->peer, >=, 0);
}

void
socket_fixture_connect (SocketFixture *fixture)
{
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  socket_fixture_accept (fixture);
  socket_fixture_settle (fixture);
  socket_fixture_forget_log (fixture);
}

/* The loop */

void
socket_fixture_turn (SocketFixture *fixture)
{
  g_main_context_iteration (fixture->context, TRUE);
}

void
socket_fixture_settle (SocketFixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

QnetSocketState
socket_fixture_get_state (SocketFixture *fixture)
{
  return qnet_socket_get_state (QNET_SOCKET (fixture->socket));
}

void
socket_fixture_await_state (SocketFixture   *fixture,
                            QnetSocketState  state)
{
  socket_fixture_await (fixture, socket_fixture_get_state (fixture) == state);
}

void
socket_fixture_await_bytes (SocketFixture *fixture,
                            gint64         size)
{
  socket_fixture_await (fixture,
                        qnet_io_device_get_bytes_available (DEVICE (fixture->socket)) >= size);
}

/* The far end */

void
socket_fixture_peer_sends (SocketFixture *fixture,
                           const char    *text)
{
  pair_send (fixture->peer, text);
}

void
socket_fixture_peer_ends (SocketFixture *fixture)
{
  g_assert_no_errno (shutdown (fixture->peer, SHUT_WR));
}

void
socket_fixture_peer_resets (SocketFixture *fixture)
{
  pair_reset (&fixture->peer);
}

void
socket_fixture_drop_peer (SocketFixture *fixture)
{
  close_if_open (fixture->peer);
  fixture->peer = -1;
}

char *
socket_fixture_peer_reads (SocketFixture *fixture,
                           gsize          size)
{
  char *buffer = g_malloc0 (size + 1);
  gsize length = 0;

  while (length < size)
    {
      gssize n = recv (fixture->peer, buffer + length, size - length, 0);

      if (n < 0)
        g_assert_cmpint (errno, ==, EAGAIN);
      else
        g_assert_cmpint (n, >, 0);

      length += MAX (n, 0);
      g_main_context_iteration (fixture->context, FALSE);
    }

  return buffer;
}

void
socket_fixture_peer_sees_end (SocketFixture *fixture)
{
  char byte;
  gssize n;

  do
    {
      n = recv (fixture->peer, &byte, 1, 0);
      if (n < 0)
        g_assert_cmpint (errno, ==, EAGAIN);

      g_main_context_iteration (fixture->context, FALSE);
    }
  while (n != 0);
}

/* The near end */

void
socket_fixture_write (SocketFixture *fixture,
                      const char    *text)
{
  GError *error = NULL;

  g_assert_cmpint (qnet_io_device_write_string (DEVICE (fixture->socket), text, &error), ==,
                   strlen (text));
  g_assert_no_error (error);
}

void
socket_fixture_assert_reads (SocketFixture *fixture,
                             const char    *expected)
{
  gsize length;
  g_autofree guint8 *bytes = qnet_io_device_read_all (DEVICE (fixture->socket), &length);

  g_assert_cmpmem (bytes, length, expected, strlen (expected));
}

/* Both ends */

void
socket_fixture_receive (SocketFixture *fixture,
                        const char    *text)
{
  gint64 before = qnet_io_device_get_bytes_available (DEVICE (fixture->socket));

  socket_fixture_peer_sends (fixture, text);
  socket_fixture_await_bytes (fixture, before + strlen (text));
}

QnetIODevice *
socket_fixture_connect_and_receive (SocketFixture *fixture,
                                    const char    *text)
{
  socket_fixture_connect (fixture);
  socket_fixture_receive (fixture, text);
  socket_fixture_forget_log (fixture);

  return DEVICE (fixture->socket);
}

void
socket_fixture_end (SocketFixture *fixture)
{
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
}

void
assert_bytes (GBytes     *bytes,
              const char *expected)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  g_assert_cmpmem (data, size, expected, strlen (expected));
  g_bytes_unref (bytes);
}

/* Plain descriptors */

static struct sockaddr_in
loopback (guint16 port)
{
  return (struct sockaddr_in) {
    .sin_family = AF_INET,
    .sin_port = htons (port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
}

int
open_listener (guint16 *out_port,
               int      backlog)
{
  struct sockaddr_in address = loopback (0);
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, size));
  g_assert_no_errno (listen (fd, backlog));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  *out_port = ntohs (address.sin_port);

  return fd;
}

int
open_client (guint16 port)
{
  struct sockaddr_in address = loopback (port);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));

  return fd;
}

/* No socket listens there: the system has just chosen the port, and does not choose it again at
 * once. */
guint16
find_closed_port (void)
{
  guint16 port;

  g_assert_no_errno (close (open_listener (&port, 1)));

  return port;
}

int
get_int_option (int fd,
                int level,
                int name)
{
  int value = -1;
  socklen_t size = sizeof value;

  g_assert_no_errno (getsockopt (fd, level, name, &value, &size));

  return value;
}

void
set_int_option (int fd,
                int level,
                int name,
                int value)
{
  g_assert_no_errno (setsockopt (fd, level, name, &value, sizeof value));
}
