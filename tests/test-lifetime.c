/* test-lifetime.c: once the last reference was dropped nothing is emitted, and all is delivered
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/socket-fixture.h"
#include "common/temp-folder.h"

/* More than the kernel stores for a peer that does not read */
#define LARGE (8 * 1024 * 1024)
#define SMALL 1000

/* The rows: a state, where the last reference is dropped, and whether bytes were written */

typedef enum
{
  IN_LOOKUP,
  IN_CONNECTING,
  IN_CONNECTED,
  IN_CLOSING,       /* disconnect_from_peer() */
  IN_CLOSED         /* g_io_stream_close() */
} When;

typedef struct
{
  const char *name;
  When        when;
  gboolean    is_local;
  gboolean    in_handler;  /* of state-changed, or of about-to-close */
  gboolean    writes;
} Row;

typedef struct
{
  GMainContext *context;   /* (owned) */
  QnetSocket   *socket;    /* (owned) (nullable) */
  char         *folder;    /* (owned): of a local server */
  char         *path;      /* (owned) */
  guint16       port;
  int           listener;  /* (owned) */
  gsize         size;      /* of what is written */
  const Row    *row;
  guint         n_late;    /* emissions after the last reference was dropped */
  guint         n_descriptors;
} Fixture;

static int
listen_locally (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 4));

  return fd;
}

/* The reactor, and what GLib keeps, has its descriptors before they are counted. */
static void
warm_up (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "localhost", find_closed_port ());
  qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, NULL);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  row)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->row = row;
  fixture->folder = temp_folder_make ();
  fixture->path = g_build_filename (fixture->folder, "socket", NULL);
  fixture->listener = fixture->row->is_local ? listen_locally (fixture->path)
                                             : open_listener (&fixture->port, 4);
  g_unix_set_fd_nonblocking (fixture->listener, TRUE, NULL);
  warm_up ();
  fixture->n_descriptors = count_descriptors ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_no_errno (close (fixture->listener));
  temp_folder_remove (fixture->folder);
  g_free (fixture->path);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

/* Any signal of the object: an emission hook sees them without being connected to it. */
static gboolean
emitted_cb (GSignalInvocationHint *hint,
            guint                  n_values,
            const GValue          *values,
            gpointer               data)
{
  Fixture *fixture = data;

  if (fixture->socket == NULL)
    fixture->n_late++;

  return TRUE;
}

static const char *const hooked[] = {
  "state-changed", "connected", "disconnected", "error-occurred", "ready-read", "bytes-written",
  "about-to-close", "read-channel-finished", "write-buffer-filled", "write-buffer-drained",
};

static guint
look_up_signal (gsize i)
{
  return g_signal_lookup (hooked[i], QNET_TYPE_TCP_SOCKET);
}

static void
add_hooks (Fixture *fixture,
           gulong   hooks[G_N_ELEMENTS (hooked)])
{
  for (gsize i = 0; i < G_N_ELEMENTS (hooked); i++)
    hooks[i] = g_signal_add_emission_hook (look_up_signal (i), 0, emitted_cb, fixture, NULL);
}

static void
remove_hooks (gulong hooks[G_N_ELEMENTS (hooked)])
{
  for (gsize i = 0; i < G_N_ELEMENTS (hooked); i++)
    g_signal_remove_emission_hook (look_up_signal (i), hooks[i]);
}

/* What the socket does */

static void
write_bytes (Fixture *fixture)
{
  g_autofree char *text = g_strnfill (fixture->size, 'x');
  GError *error = NULL;

  if (fixture->size == 0)
    return;

  qnet_io_device_write_string (DEVICE (fixture->socket), text, &error);
  g_assert_no_error (error);
}

static void
drop (Fixture *fixture)
{
  gpointer weak = fixture->socket;

  g_object_add_weak_pointer (weak, &weak);
  g_clear_object (&fixture->socket);
  if (weak != NULL)  /* inside an emission, which has a reference */
    g_object_remove_weak_pointer (weak, &weak);
  else
    g_assert_false (fixture->row->in_handler);
}

static const QnetSocketState states[] = {
  [IN_LOOKUP]     = QNET_SOCKET_STATE_HOST_LOOKUP,
  [IN_CONNECTING] = QNET_SOCKET_STATE_CONNECTING,
  [IN_CONNECTED]  = QNET_SOCKET_STATE_CONNECTED,
  [IN_CLOSING]    = QNET_SOCKET_STATE_CLOSING,
  [IN_CLOSED]     = QNET_SOCKET_STATE_CLOSING,
};

static void
state_changed_cb (QnetSocket      *socket,
                  QnetSocketState  state,
                  Fixture         *fixture)
{
  g_assert_nonnull (fixture->socket);

  if (state != states[fixture->row->when])
    return;

  if (fixture->row->when < IN_CLOSING)
    write_bytes (fixture);
  drop (fixture);
}

static void
about_to_close_cb (QnetIODevice *device,
                   Fixture      *fixture)
{
  drop (fixture);
}

static void
begin (Fixture *fixture)
{
  fixture->socket = fixture->row->is_local ? QNET_SOCKET (qnet_local_socket_new ())
                                           : QNET_SOCKET (qnet_tcp_socket_new ());

  if (fixture->row->in_handler && fixture->row->when == IN_CLOSED)
    g_signal_connect (fixture->socket, "about-to-close", G_CALLBACK (about_to_close_cb), fixture);
  else if (fixture->row->in_handler)
    g_signal_connect (fixture->socket, "state-changed", G_CALLBACK (state_changed_cb), fixture);

  if (fixture->row->is_local)
    qnet_local_socket_connect_to_server (QNET_LOCAL_SOCKET (fixture->socket), fixture->path);
  else
    qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket),
                                          fixture->row->when == IN_LOOKUP ? "localhost"
                                                                          : "127.0.0.1",
                                          fixture->port);
}

static void
await_connected (Fixture *fixture)
{
  while (fixture->socket != NULL
         && qnet_socket_get_state (fixture->socket) != QNET_SOCKET_STATE_CONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
}

static void
end (Fixture *fixture)
{
  write_bytes (fixture);

  if (fixture->row->when == IN_CLOSING)
    qnet_socket_disconnect_from_peer (fixture->socket);
  else if (fixture->row->when == IN_CLOSED)
    g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
}

static void
reach_state (Fixture *fixture)
{
  begin (fixture);

  if (fixture->row->when >= IN_CONNECTED)
    await_connected (fixture);
  if (fixture->socket != NULL)
    end (fixture);
  while (fixture->row->in_handler && fixture->socket != NULL)
    g_main_context_iteration (fixture->context, TRUE);
  if (fixture->socket != NULL)
    drop (fixture);
}

/* The peer */

static gsize
read_to_end (Fixture *fixture,
             int      peer)
{
  static char buffer[65536];
  gsize total = 0;
  gssize n;

  while ((n = recv (peer, buffer, sizeof buffer, MSG_DONTWAIT)) != 0)
    {
      if (n < 0)
        g_assert_cmpint (errno, ==, EAGAIN);

      total += MAX (n, 0);
      g_main_context_iteration (fixture->context, FALSE);
    }

  return total;
}

static void
assert_all_arrives (Fixture *fixture)
{
  int peer;

  while ((peer = accept4 (fixture->listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
    g_main_context_iteration (fixture->context, FALSE);

  g_assert_cmpuint (read_to_end (fixture, peer), ==, fixture->size);
  g_assert_no_errno (close (peer));
}

static void
test_row (Fixture       *fixture,
          gconstpointer  data)
{
  gulong hooks[G_N_ELEMENTS (hooked)];

  g_test_summary ("After the last reference was dropped nothing is emitted, what was written "
                  "arrives, followed by an orderly end, and no descriptor is left.");

  if (fixture->row->writes)
    fixture->size = fixture->row->when >= IN_CLOSING ? LARGE : SMALL;

  add_hooks (fixture, hooks);
  reach_state (fixture);
  if (fixture->size > 0)
    assert_all_arrives (fixture);
  while (count_descriptors () > fixture->n_descriptors)
    g_main_context_iteration (fixture->context, TRUE);
  remove_hooks (hooks);

  g_assert_cmpuint (fixture->n_late, ==, 0);
}

/* A test refers to its row until the end of the program. */
static const Row *
keep_row (const Row *row)
{
  static GSList *rows = NULL;

  rows = g_slist_prepend (rows, g_memdup2 (row, sizeof *row));

  return rows->data;
}

static void
add_row (Row *row)
{
  g_autofree char *path = NULL;

  if (row->is_local && row->when == IN_LOOKUP)
    return;
  if (!row->writes && row->when == IN_CLOSING && !row->in_handler)
    return;  /* it has ended inside the call */

  path = g_strdup_printf ("/lifetime/%s/%s/%s/%s", row->is_local ? "local" : "tcp", row->name,
                          row->in_handler ? "in-handler" : "outside",
                          row->writes ? "unsent" : "empty");
  g_test_add (path, Fixture, keep_row (row), set_up, test_row, tear_down);
}

static void
add_rows (void)
{
  static const char *const names[] = { "lookup", "connecting", "connected", "closing", "closed" };

  for (guint i = 0; i < 2 * 2 * 2 * G_N_ELEMENTS (names); i++)
    add_row (&(Row) {
      .is_local = (i & 1) != 0, .in_handler = (i & 2) != 0, .writes = (i & 4) != 0,
      .when = i / 8, .name = names[i / 8]
    });
}

/* Without a loop: no context is iterated, and nothing waits */

static void
set_up_without_loop (Fixture       *fixture,
                     gconstpointer  row)
{
  set_up (fixture, row);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  g_object_unref (qnet_tcp_socket_new ());
}

static void
go (Fixture *fixture)
{
  switch (fixture->row->when)
    {
    case IN_CLOSED:
      g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
      g_assert_cmpint (qnet_socket_get_state (fixture->socket), ==, QNET_SOCKET_STATE_UNCONNECTED);
      g_assert_cmpint (qnet_socket_get_fd (fixture->socket), ==, -1);
      break;
    case IN_CLOSING:
      qnet_socket_disconnect_from_peer (fixture->socket);
      drop (fixture);
      break;
    default:
      drop (fixture);
      break;
    }
}

static void
assert_arrived (Fixture *fixture)
{
  char buffer[2 * SMALL];
  int peer = accept4 (fixture->listener, NULL, NULL, SOCK_CLOEXEC);
  gsize total = 0;
  gssize n;

  g_assert_cmpint (peer, >=, 0);
  while ((n = recv (peer, buffer, sizeof buffer, 0)) > 0)
    total += n;

  g_assert_cmpint (n, ==, 0);
  g_assert_cmpuint (total, ==, SMALL);
  g_assert_no_errno (close (peer));
}

static void
test_without_loop (Fixture       *fixture,
                   gconstpointer  data)
{
  guint n_rounds = g_test_slow () ? 10000 : 300;
  guint n_descriptors = 0;

  g_test_summary ("Without a loop, what was written is sent and the descriptor is closed inside "
                  "the call.");

  fixture->size = SMALL;
  for (guint i = 0; i < n_rounds; i++)
    {
      begin (fixture);
      if (fixture->row->when >= IN_CONNECTED)
        g_assert_true (qnet_socket_wait_for_connected (fixture->socket, -1, NULL));
      write_bytes (fixture);
      go (fixture);
      assert_arrived (fixture);
      if (i == 0)
        n_descriptors = count_descriptors ();
      g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
      g_clear_object (&fixture->socket);
    }
}

static void
add_without_loop (const char *name,
                  When        when,
                  gboolean    is_local)
{
  const Row row = { .name = name, .when = when, .is_local = is_local, .writes = TRUE };
  g_autofree char *path = g_strdup_printf ("/lifetime/no-loop/%s/%s", is_local ? "local" : "tcp",
                                           name);

  g_test_add (path, Fixture, keep_row (&row), set_up_without_loop, test_without_loop, tear_down);
}

static void
add_all_without_loop (void)
{
  for (int is_local = FALSE; is_local <= TRUE; is_local++)
    {
      add_without_loop ("dropped", IN_CONNECTED, is_local);
      add_without_loop ("dropped-while-connecting", IN_CONNECTING, is_local);
      add_without_loop ("disconnected", IN_CLOSING, is_local);
      add_without_loop ("closed", IN_CLOSED, is_local);
    }
}

/* After g_io_stream_close() the getters are up to date */

static void
test_closed_udp (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(QnetUdpSocket) first = qnet_udp_socket_new ();
  g_autoptr(QnetUdpSocket) second = qnet_udp_socket_new ();
  GString *log = fixture->log;
  guint16 port;
  GError *error = NULL;

  g_test_summary ("A UDP socket that was closed is unconnected in the same turn, sends nothing, "
                  "and another can be bound to its port.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (first), loopback, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  port = qnet_abstract_socket_get_local_port (ABSTRACT (first));
  g_signal_connect_swapped (first, "state-changed", G_CALLBACK (g_string_append_unichar), log);
  g_assert_true (g_io_stream_close (G_IO_STREAM (first), NULL, NULL));

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (first)), ==, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (first)), ==, -1);
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (ABSTRACT (first)), ==, 0);
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (first, (const guint8 *) "x", 1, loopback,
                                                      port, &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (second), loopback, port,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (log->len, ==, 0);
  socket_fixture_settle (fixture);
  g_assert_cmpuint (log->len, ==, 1);
}

static void
test_closed_wait (SocketFixture *fixture,
                  gconstpointer  data)
{
  g_test_summary ("After g_io_stream_close() wait_for_disconnected() emits the signals, and "
                  "succeeds.");

  socket_fixture_connect (fixture);
  socket_fixture_write (fixture, "text");
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  g_assert_true (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL));
  socket_fixture_assert_log (fixture, "about-to-close closing written:4 unconnected "
                                      "read-channel-finished disconnected");
}

/* Many */

#define N_SOCKETS 1000
#define N_AT_ONCE 250

static void
count_cb (QnetSocket *socket,
          gpointer    unused,
          guint      *n_emissions)
{
  (*n_emissions)++;
}

static void
connect_and_drop (guint16   port,
                  gboolean  writes,
                  guint    *n_emissions)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1", port);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (count_cb), n_emissions);
  g_signal_connect (socket, "state-changed", G_CALLBACK (count_cb), n_emissions);
  if (writes)
    qnet_io_device_write_string (DEVICE (socket), "text", NULL);
}

static void
test_refused (SocketFixture *fixture,
              gconstpointer  data)
{
  guint16 port = find_closed_port ();
  guint n_emissions = 0;

  g_test_summary ("1000 sockets are dropped while they connect, half of them with bytes: not one "
                  "emits error-occurred.");

  for (guint i = 0; i < N_SOCKETS; i++)
    {
      connect_and_drop (port, i % 2 == 0, &n_emissions);
      if (i % N_AT_ONCE == 0)
        socket_fixture_settle (fixture);
    }

  socket_fixture_settle (fixture);
  g_assert_cmpuint (n_emissions, ==, 0);
}

/* Servers */

typedef struct
{
  GObject *object;  /* (owned) (nullable) */
  guint    n_emissions;
} Dropping;

static void
drop_object (Dropping *dropping)
{
  dropping->n_emissions++;
  g_clear_object (&dropping->object);
}

static void
test_server (SocketFixture *fixture,
             gconstpointer  signal)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  QnetTcpServer *server = qnet_tcp_server_new ();
  Dropping dropping = { .object = G_OBJECT (server) };
  guint16 port;
  int clients[4];

  g_test_summary ("A handler of a server drops the last reference while four clients wait: it is "
                  "called once.");

  g_assert_true (qnet_tcp_server_listen (server, loopback, 0, NULL));
  port = qnet_tcp_server_get_server_port (server);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = open_client (port);

  g_signal_connect_swapped (server, signal, G_CALLBACK (drop_object), &dropping);
  socket_fixture_await (fixture, dropping.object == NULL);
  socket_fixture_settle (fixture);
  g_assert_cmpuint (dropping.n_emissions, ==, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    g_assert_no_errno (close (clients[i]));
}

/* UDP */

static void
test_udp (SocketFixture *fixture,
          gconstpointer  signal)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(QnetUdpSocket) sender = qnet_udp_socket_new ();
  QnetUdpSocket *receiver = qnet_udp_socket_new ();
  Dropping dropping = { .object = G_OBJECT (receiver) };
  guint16 port;

  g_test_summary ("A handler of a UDP socket drops the last reference while datagrams wait: it is "
                  "called once.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (receiver), loopback, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  port = qnet_abstract_socket_get_local_port (ABSTRACT (receiver));
  g_signal_connect_swapped (receiver, signal, G_CALLBACK (drop_object), &dropping);
  for (guint i = 0; i < 4; i++)
    qnet_udp_socket_write_datagram_to (sender, (const guint8 *) "text", 4, loopback, port, NULL);

  if (g_str_equal (signal, "about-to-close"))
    g_io_stream_close (G_IO_STREAM (receiver), NULL, NULL);
  socket_fixture_await (fixture, dropping.object == NULL);
  socket_fixture_settle (fixture);
  g_assert_cmpuint (dropping.n_emissions, ==, 1);
}

/* Lookups */

static QnetDnsLookup *
start_lookup (Dropping *dropping)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  QnetDnsLookup *lookup =
    qnet_dns_lookup_new_with_nameserver (QNET_DNS_RECORD_TYPE_A, "name.example", loopback,
                                         find_closed_port ());

  g_object_set (lookup, "timeout", 50, NULL);
  dropping->object = G_OBJECT (lookup);
  g_signal_connect_swapped (lookup, "notify::error", G_CALLBACK (drop_object), dropping);
  g_signal_connect_swapped (lookup, "notify::finished", G_CALLBACK (drop_object), dropping);
  g_signal_connect_swapped (lookup, "finished", G_CALLBACK (drop_object), dropping);
  qnet_dns_lookup_lookup (lookup);

  return lookup;
}

static void
test_dns_in_handler (SocketFixture *fixture,
                     gconstpointer  data)
{
  Dropping dropping = { 0 };

  g_test_summary ("A handler for the first notification of a finished DNS lookup drops the last "
                  "reference: no other handler is called.");

  start_lookup (&dropping);
  socket_fixture_await (fixture, dropping.object == NULL);
  socket_fixture_settle (fixture);
  g_assert_cmpuint (dropping.n_emissions, ==, 1);
}

static void
test_dns_outside (SocketFixture *fixture,
                  gconstpointer  data)
{
  Dropping dropping = { 0 };
  Dropping other = { 0 };

  g_test_summary ("A DNS lookup that is dropped while it runs does not finish.");

  start_lookup (&dropping);
  g_clear_object (&dropping.object);
  start_lookup (&other);
  socket_fixture_await (fixture, other.object == NULL);
  g_assert_cmpuint (dropping.n_emissions, ==, 0);
}

/* Notifications */

static void
drop_cb (GObject       *object,
         GParamSpec    *pspec,
         SocketFixture *fixture)
{
  g_assert_nonnull (fixture->socket);  /* once */
  socket_fixture_forget_log (fixture);
  g_clear_object (&fixture->socket);
}

static void
test_notification (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A handler of a notification drops the last reference: the notifications of the "
                  "same change do not follow.");

  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "notify", G_CALLBACK (drop_cb), fixture);
  socket_fixture_peer_resets (fixture);
  socket_fixture_await (fixture, fixture->socket == NULL);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
}

static void
add_for_signal (const char *kind,
                const char *signal,
                void      (*func) (SocketFixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/lifetime/%s/%s", kind, signal);

  g_test_add (path, SocketFixture, signal, socket_fixture_set_up, func, socket_fixture_tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_rows ();
  add_all_without_loop ();
  socket_fixture_add ("/lifetime/closed/udp", test_closed_udp);
  socket_fixture_add ("/lifetime/closed/wait", test_closed_wait);
  socket_fixture_add ("/lifetime/refused/1000", test_refused);
  socket_fixture_add ("/lifetime/notification", test_notification);

  add_for_signal ("server", "new-connection", test_server);
  add_for_signal ("server", "pending-connection-available", test_server);
  add_for_signal ("udp", "ready-read", test_udp);
  add_for_signal ("udp", "about-to-close", test_udp);

  socket_fixture_add ("/lifetime/dns-lookup/in-handler", test_dns_in_handler);
  socket_fixture_add ("/lifetime/dns-lookup/outside", test_dns_outside);

  return g_test_run ();
}
