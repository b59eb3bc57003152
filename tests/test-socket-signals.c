/* test-socket-signals.c: which signals follow which, and that properties notify
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "common/pair.h"
#include "common/socket-fixture.h"

static void
assert_last_is_disconnected (SocketFixture *fixture)
{
  const char *end = strstr (fixture->log->str, "disconnected");

  socket_fixture_settle (fixture);
  g_assert_nonnull (end);
  g_assert_cmpstr (end, ==, "disconnected");
}

/* `disconnected` is the last signal of a connection */

static void
run_until_disconnected (SocketFixture *fixture)
{
  while (socket_fixture_get_state (fixture) != QNET_SOCKET_STATE_UNCONNECTED)
    socket_fixture_turn (fixture);
}

static void
wait_until_disconnected (SocketFixture *fixture)
{
  qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, NULL);
}

static void (*end_in_handler) (SocketFixture *fixture);

static void
end_in_ready_read_cb (QnetIODevice  *device,
                      SocketFixture *fixture)
{
  if (!strstr (fixture->log->str, "more"))
    {
      g_string_append (fixture->log, " more");
      socket_fixture_peer_sends (fixture, "more");
      socket_fixture_peer_ends (fixture);
      end_in_handler (fixture);
    }
}

static void
test_ready_read (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("A handler of ready-read in which more arrives and the connection ends: "
                  "nothing follows `disconnected`, where the rest can be read.");

  end_in_handler = data != NULL ? wait_until_disconnected : run_until_disconnected;
  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (end_in_ready_read_cb), fixture);
  socket_fixture_peer_sends (fixture, "some");
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  assert_last_is_disconnected (fixture);
  socket_fixture_assert_reads (fixture, "somemore");
}

static void
end_in_bytes_written_cb (QnetIODevice  *device,
                         gint64         size,
                         SocketFixture *fixture)
{
  if (strstr (fixture->log->str, "more"))
    return;

  g_string_append (fixture->log, " more");
  socket_fixture_write (fixture, "second");
  qnet_io_device_flush (device);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (device));
  end_in_handler (fixture);
}

static void
count_bytes_cb (QnetIODevice *device,
                gint64        size,
                gint64       *total)
{
  *total += size;
}

static void
test_bytes_written (SocketFixture *fixture,
                    gconstpointer  data)
{
  gint64 total = 0;

  g_test_summary ("A handler of bytes-written in which more is sent and the connection ends: all "
                  "is reported, and before `disconnected`.");

  end_in_handler = data != NULL ? wait_until_disconnected : run_until_disconnected;
  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "bytes-written", G_CALLBACK (count_bytes_cb), &total);
  g_signal_connect (fixture->socket, "bytes-written", G_CALLBACK (end_in_bytes_written_cb),
                    fixture);
  socket_fixture_write (fixture, "first");
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  assert_last_is_disconnected (fixture);
  g_assert_cmpint (total, ==, strlen ("first" "second"));
}

static void
abort_cb (QnetAbstractSocket *socket)
{
  qnet_socket_abort (QNET_SOCKET (socket));
}

static void
test_aborted_in (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_autofree char *text = g_strnfill (100000, 'x');

  g_test_summary ("A handler that aborts ends it: the signals that were to follow are not "
                  "emitted.");

  socket_fixture_connect (fixture);
  qnet_io_device_set_write_buffer_high_water (DEVICE (fixture->socket), 1000);
  g_signal_connect (fixture->socket, data, G_CALLBACK (abort_cb), NULL);
  socket_fixture_write (fixture, text);
  socket_fixture_peer_sends (fixture, "hello");
  socket_fixture_peer_ends (fixture);
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  assert_last_is_disconnected (fixture);
}

static void
count_handler_cb (guint *count)
{
  ++*count;
}

static void
test_later_handlers (SocketFixture *fixture,
                     gconstpointer  data)
{
  guint n_later = 0;

  g_test_summary ("Handlers that come after one that aborts are called all the same, as with any "
                  "object.");

  socket_fixture_connect (fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (abort_cb), NULL);
  g_signal_connect_swapped (fixture->socket, "ready-read", G_CALLBACK (count_handler_cb), &n_later);
  socket_fixture_peer_sends (fixture, "hello");
  socket_fixture_await (fixture, strstr (fixture->log->str, "disconnected"));
  g_assert_cmpuint (n_later, ==, 1);
  g_assert_cmpint (socket_fixture_get_state (fixture), ==, QNET_SOCKET_STATE_UNCONNECTED);
}

static void
test_never_open (SocketFixture *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Closing a socket that was never open emits no about-to-close.");

  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
}

static void
test_open (SocketFixture *fixture,
           gconstpointer  data)
{
  g_test_summary ("Closing one that is open does.");

  socket_fixture_connect (fixture);
  g_assert_true (g_io_stream_close (G_IO_STREAM (fixture->socket), NULL, NULL));
  g_assert_true (g_str_has_prefix (fixture->log->str, "about-to-close"));
  socket_fixture_settle (fixture);
}

/* Refused calls */

static void
test_each_refused_call (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_test_summary ("Each refused call without a GError of its own is reported once, in the next "
                  "turn.");

  socket_fixture_connect (fixture);
  for (guint i = 0; i < 3; i++)
    qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);

  socket_fixture_assert_log (fixture, "");
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "error:19 error:19 error:19");
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_OPERATION);
}

static void
refused_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GError **error = user_data;

  g_assert_false (qnet_abstract_socket_connect_to_host_finish (QNET_ABSTRACT_SOCKET (source),
                                                               result, error));
}

static void
test_refused_pair (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A refused call that has a GError returns that, sets the property, and emits "
                  "nothing.");

  socket_fixture_connect (fixture);
  qnet_abstract_socket_connect_to_host_async (ABSTRACT (fixture->socket), "example.test", 80,
                                              G_PRIORITY_DEFAULT, NULL, refused_cb, &error);
  socket_fixture_await (fixture, error != NULL);
  socket_fixture_settle (fixture);
  socket_fixture_assert_log (fixture, "");
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_nonnull (strstr (error->message, "example.test port 80"));
  g_assert_error (qnet_io_device_get_error (DEVICE (fixture->socket)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_OPERATION);
}

static void
test_idle (SocketFixture *fixture,
           gconstpointer  data)
{
  g_autofree char *peer = NULL;

  g_test_summary ("The error of idle-timeout names the peer.");

  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->socket), 20);
  socket_fixture_connect (fixture);
  peer = g_strdup_printf ("127.0.0.1 port %u", fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_nonnull (strstr (qnet_io_device_get_error (DEVICE (fixture->socket))->message, peer));
}

static void
test_no_name (SocketFixture *fixture,
              gconstpointer  data)
{
  const char *const texts[] = { "", ".", "..", "a b", "a..b", "host.test:80", "http://host.test",
                                " " };

  g_test_summary ("The state is HOST_LOOKUP while something is looked up, and not for what "
                  "cannot be a name.");

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), texts[i], 80);
      socket_fixture_settle (fixture);
      socket_fixture_assert_log (fixture, "connecting unconnected error:2");
    }
}

/* Properties */

typedef struct
{
  char *last;      /* (owned) (nullable): the value, as text */
  guint n_notes;
} Seen;

static char *
get_text (GObject    *object,
          const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);
  g_auto(GValue) value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, name, &value);

  if (pspec->value_type == QNET_TYPE_HOST_ADDRESS)
    return qnet_host_address_to_string (g_value_get_boxed (&value));
  if (G_VALUE_HOLDS_OBJECT (&value))
    return g_strdup_printf ("%p", g_value_get_object (&value));

  return g_strdup_value_contents (&value);
}

/* Each notification is of a new value. */
static void
note_cb (GObject    *object,
         GParamSpec *pspec,
         gpointer    user_data)
{
  Seen *seen = user_data;
  char *text = get_text (object, pspec->name);

  g_assert_cmpstr (text, !=, seen->last);
  g_free (seen->last);
  seen->last = text;
  seen->n_notes++;
}

static void
watch_property (gpointer    object,
                const char *name,
                Seen       *seen)
{
  g_autofree char *detail = g_strconcat ("notify::", name, NULL);

  *seen = (Seen) { .last = get_text (object, name) };
  g_signal_connect (object, detail, G_CALLBACK (note_cb), seen);
}

static void
assert_seen (gpointer    object,
             const char *name,
             Seen       *seen,
             guint       n_notes)
{
  g_autofree char *now = get_text (object, name);

  g_assert_cmpstr (now, ==, seen->last);
  g_assert_cmpuint (seen->n_notes, ==, n_notes);
}

static void
stop_watching (gpointer  object,
               Seen     *seen,
               gsize     n_seen)
{
  for (gsize i = 0; i < n_seen; i++)
    {
      g_signal_handlers_disconnect_by_data (object, &seen[i]);
      g_free (seen[i].last);
    }
}

static const char *const addresses[] = { "local-address", "local-port", "peer-address", "peer-port",
                                         "peer-name" };

static void
test_addresses_notify (SocketFixture *fixture,
                       gconstpointer  data)
{
  Seen seen[G_N_ELEMENTS (addresses)];

  g_test_summary ("Each address, port and name notifies when it is known and when it is "
                  "forgotten, and at no other time.");

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    watch_property (fixture->socket, addresses[i], &seen[i]);

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ABSTRACT (fixture->socket)), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    assert_seen (fixture->socket, addresses[i], &seen[i], i == 4 ? 1 : 0);

  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    assert_seen (fixture->socket, addresses[i], &seen[i], 1);

  socket_fixture_accept (fixture);
  socket_fixture_end (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    assert_seen (fixture->socket, addresses[i], &seen[i], i == 4 ? 1 : 2);

  stop_watching (fixture->socket, seen, G_N_ELEMENTS (seen));
}

static void
test_bound_notifies (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  Seen seen[2];

  g_test_summary ("Binding notifies of the local address alone; connecting from there changes "
                  "nothing of it.");

  watch_property (fixture->socket, "local-address", &seen[0]);
  watch_property (fixture->socket, "local-port", &seen[1]);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), address, 0, 0, NULL));
  assert_seen (fixture->socket, "local-address", &seen[0], 1);
  assert_seen (fixture->socket, "local-port", &seen[1], 1);

  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1", fixture->port);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_CONNECTED);
  assert_seen (fixture->socket, "local-address", &seen[0], 1);
  assert_seen (fixture->socket, "local-port", &seen[1], 1);

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  assert_seen (fixture->socket, "local-address", &seen[0], 2);
  assert_seen (fixture->socket, "local-port", &seen[1], 2);
  stop_watching (fixture->socket, seen, G_N_ELEMENTS (seen));
}

static void
test_descriptor_notifies (SocketFixture *fixture,
                          gconstpointer  data)
{
  Seen seen[4];
  int fd = open_client (fixture->port);

  g_test_summary ("Taking over a descriptor notifies of both ends, and so does stealing it again.");

  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    watch_property (fixture->socket, addresses[i], &seen[i]);

  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (fixture->socket), fd, QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    assert_seen (fixture->socket, addresses[i], &seen[i], 1);

  g_object_unref (qnet_socket_steal_connection (QNET_SOCKET (fixture->socket), NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    assert_seen (fixture->socket, addresses[i], &seen[i], 2);

  stop_watching (fixture->socket, seen, G_N_ELEMENTS (seen));
}

static void
test_udp_notifies (SocketFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  Seen seen[4];

  g_test_summary ("Datagram sockets notify, too.");

  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    watch_property (socket, addresses[i], &seen[i]);

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), address, 0, 0, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    assert_seen (socket, addresses[i], &seen[i], i < 2 ? 1 : 0);

  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1", 9);
  while (qnet_socket_get_state (QNET_SOCKET (socket)) != QNET_SOCKET_STATE_CONNECTED)
    socket_fixture_turn (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    assert_seen (socket, addresses[i], &seen[i], 1);

  qnet_socket_abort (QNET_SOCKET (socket));
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    assert_seen (socket, addresses[i], &seen[i], 2);

  stop_watching (socket, seen, G_N_ELEMENTS (seen));
}

static void
test_bound_udp_ends (SocketFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  Seen seen;

  g_test_summary ("read-finished of a socket that was bound, and never connected, notifies at "
                  "its end and at the next beginning.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), address, 0, 0, NULL));
  watch_property (socket, "read-finished", &seen);
  qnet_socket_abort (QNET_SOCKET (socket));
  assert_seen (socket, "read-finished", &seen, 1);

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), address, 0, 0, NULL));
  assert_seen (socket, "read-finished", &seen, 2);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (socket));
  assert_seen (socket, "read-finished", &seen, 3);

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), address, 0, 0, NULL));
  g_assert_true (g_io_stream_close (G_IO_STREAM (socket), NULL, NULL));
  socket_fixture_settle (fixture);
  assert_seen (socket, "read-finished", &seen, 5);

  stop_watching (socket, &seen, 1);
}

static void
test_accepted_notifies (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetTcpSocket) accepted = NULL;
  Seen seen[4];

  g_test_summary ("What a server has accepted notifies at its end, of what it is asked for then.");

  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));
  qnet_abstract_socket_connect_to_host (ABSTRACT (fixture->socket), "127.0.0.1",
                                        qnet_tcp_server_get_server_port (server));
  g_assert_true (qnet_server_wait_for_new_connection (QNET_SERVER (server), -1, NULL));
  accepted = qnet_tcp_server_next_pending_connection (server);
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    watch_property (accepted, addresses[i], &seen[i]);

  qnet_socket_abort (QNET_SOCKET (accepted));
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    assert_seen (accepted, addresses[i], &seen[i], 1);

  stop_watching (accepted, seen, G_N_ELEMENTS (seen));
}

static void
test_binding (SocketFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) other = qnet_tcp_socket_new ();

  g_test_summary ("A property that is bound to peer-port follows it.");

  g_object_bind_property (fixture->socket, "peer-port", other, "idle-timeout", G_BINDING_DEFAULT);
  socket_fixture_connect (fixture);
  g_assert_cmpint (qnet_socket_get_idle_timeout (QNET_SOCKET (other)), ==, fixture->port);
  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  g_assert_cmpint (qnet_socket_get_idle_timeout (QNET_SOCKET (other)), ==, 0);
}

static void
note_counter (SocketFixture *fixture)
{
  g_string_append (fixture->log, " counter");
}

static void
test_counters_before_own_end (SocketFixture *fixture,
                              gconstpointer  data)
{
  g_test_summary ("... also where we end the connection ourselves.");

  socket_fixture_connect (fixture);
  g_signal_connect_swapped (fixture->socket, "notify::bytes-sent", G_CALLBACK (note_counter),
                            fixture);
  socket_fixture_write (fixture, "bye");
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (fixture->socket));
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_nonnull (strstr (fixture->log->str, "counter"));
  assert_last_is_disconnected (fixture);
}

static void
test_counters_before_abort (SocketFixture *fixture,
                            gconstpointer  data)
{
  g_test_summary ("... and where a handler aborts the connection whose bytes were just received.");

  socket_fixture_connect (fixture);
  g_signal_connect_swapped (fixture->socket, "notify::bytes-received", G_CALLBACK (note_counter),
                            fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (qnet_socket_abort), NULL);
  socket_fixture_peer_sends (fixture, "hi");
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  socket_fixture_settle (fixture);
  g_assert_nonnull (strstr (fixture->log->str, "counter"));
  assert_last_is_disconnected (fixture);
}

static void
watch_all (GObject *object,
           GArray  *seen)  /* (element-type Seen) */
{
  guint n;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  g_array_set_size (seen, n);
  for (guint i = 0; i < n; i++)
    if (pspecs[i]->owner_type != G_TYPE_IO_STREAM)  /* asking for its streams makes them */
      watch_property (object, pspecs[i]->name, &g_array_index (seen, Seen, i));
}

static void
live_twice (SocketFixture      *fixture,
            QnetAbstractSocket *socket)
{
  for (guint i = 0; i < 2; i++)
    {
      qnet_abstract_socket_connect_to_host (socket, "127.0.0.1", fixture->port);
      socket_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (socket))
                                       == QNET_SOCKET_STATE_CONNECTED);
      socket_fixture_accept (fixture);
      qnet_io_device_write (DEVICE (socket), "question", 8, NULL);
      g_free (socket_fixture_peer_reads (fixture, 8));
      socket_fixture_peer_sends (fixture, "answer");
      socket_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket)) == 6);
      g_bytes_unref (qnet_io_device_read_all_bytes (DEVICE (socket)));
      if (i == 0)
        socket_fixture_drop_peer (fixture);
      else
        qnet_socket_abort (QNET_SOCKET (socket));
      socket_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (socket))
                                       == QNET_SOCKET_STATE_UNCONNECTED);
    }
}

static void
test_changes_alone (SocketFixture *fixture,
                    gconstpointer  data)
{
  const GType *type = data;
  g_autoptr(QnetAbstractSocket) socket = g_object_new (*type, NULL);
  g_autoptr(GArray) seen = g_array_new (FALSE, TRUE, sizeof (Seen));
  g_autoptr(QnetHostAddress) null = qnet_host_address_new_null ();

  g_test_summary ("No property notifies unless it has changed.");

  watch_all (G_OBJECT (socket), seen);
  qnet_abstract_socket_connect_to_address (socket, null, 1);
  socket_fixture_settle (fixture);
  live_twice (fixture, socket);
  stop_watching (socket, (gpointer) seen->data, seen->len);
}

static const char *const counters[] = { "bytes-received", "bytes-sent" };

static void
test_datagrams_counted (SocketFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  Seen seen[G_N_ELEMENTS (counters)];
  char buffer[16];
  guint16 port;

  g_test_summary ("Datagrams count, too, and are notified of when they are taken in no handler.");

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), address, 0, 0, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    watch_property (socket, counters[i], &seen[i]);

  port = qnet_abstract_socket_get_local_port (ABSTRACT (socket));
  g_assert_cmpint (qnet_udp_socket_write_datagram_to (socket, (const guint8 *) "hello", 5, address,
                                                      port, NULL),
                   ==, 5);
  while (!qnet_udp_socket_has_pending_datagrams (socket))
    socket_fixture_turn (fixture);
  socket_fixture_settle (fixture);
  assert_seen (socket, "bytes-sent", &seen[1], 1);
  assert_seen (socket, "bytes-received", &seen[0], 0);

  g_assert_cmpint (qnet_udp_socket_read_datagram (socket, buffer, sizeof buffer, NULL, NULL, NULL),
                   ==, 5);
  socket_fixture_settle (fixture);
  assert_seen (socket, "bytes-received", &seen[0], 1);
  stop_watching (socket, seen, G_N_ELEMENTS (seen));
}

static void
test_counters_notify (SocketFixture *fixture,
                      gconstpointer  data)
{
  Seen seen[G_N_ELEMENTS (counters)];
  guint notes;

  g_test_summary ("The counters notify while a handler is connected, from the first byte on, and "
                  "start at 0 with a connection.");

  socket_fixture_connect (fixture);
  socket_fixture_receive (fixture, "before");
  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    watch_property (fixture->socket, counters[i], &seen[i]);

  socket_fixture_receive (fixture, "hello");
  socket_fixture_settle (fixture);
  assert_seen (fixture->socket, "bytes-received", &seen[0], 1);
  g_assert_cmpstr (seen[0].last, ==, "11");
  assert_seen (fixture->socket, "bytes-sent", &seen[1], 0);

  socket_fixture_write (fixture, "answer");
  g_free (socket_fixture_peer_reads (fixture, 6));
  socket_fixture_settle (fixture);
  assert_seen (fixture->socket, "bytes-sent", &seen[1], 1);
  g_assert_cmpstr (seen[1].last, ==, "6");

  qnet_socket_abort (QNET_SOCKET (fixture->socket));
  notes = seen[0].n_notes;
  socket_fixture_drop_peer (fixture);
  socket_fixture_connect (fixture);
  assert_seen (fixture->socket, "bytes-received", &seen[0], notes + 1);
  stop_watching (fixture->socket, seen, G_N_ELEMENTS (seen));
}

static void
test_counters_before_end (SocketFixture *fixture,
                          gconstpointer  data)
{
  g_test_summary ("What the counters and the buffer say last is notified before `disconnected`.");

  socket_fixture_connect (fixture);
  g_signal_connect_swapped (fixture->socket, "notify::bytes-received", G_CALLBACK (note_counter),
                            fixture);
  g_signal_connect_swapped (fixture->socket, "notify::bytes-available", G_CALLBACK (note_counter),
                            fixture);
  socket_fixture_peer_sends (fixture, "bye");
  socket_fixture_peer_ends (fixture);
  socket_fixture_await_state (fixture, QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_nonnull (strstr (fixture->log->str, "counter"));
  assert_last_is_disconnected (fixture);
}

static void
add_with (const char   *path,
          gconstpointer data,
          void        (*func) (SocketFixture *, gconstpointer))
{
  g_test_add (path, SocketFixture, data, socket_fixture_set_up, func, socket_fixture_tear_down);
}

static void
add_order_tests (void)
{
  add_with ("/socket-signals/last/ready-read/loop", NULL, test_ready_read);
  add_with ("/socket-signals/last/ready-read/wait", "wait", test_ready_read);
  add_with ("/socket-signals/last/bytes-written/loop", NULL, test_bytes_written);
  add_with ("/socket-signals/last/bytes-written/wait", "wait", test_bytes_written);
  add_with ("/socket-signals/last/aborted-in/bytes-written", "bytes-written", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/ready-read", "ready-read", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/write-buffer-filled", "write-buffer-filled",
            test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/write-buffer-drained", "write-buffer-drained",
            test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/notify-error", "notify::error", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/error-occurred", "error-occurred", test_aborted_in);
  add_with ("/socket-signals/last/aborted-in/notify-state", "notify::state", test_aborted_in);
  socket_fixture_add ("/socket-signals/later-handlers-are-called", test_later_handlers);
  socket_fixture_add ("/socket-signals/about-to-close/never-open", test_never_open);
  socket_fixture_add ("/socket-signals/about-to-close/open", test_open);
  socket_fixture_add ("/socket-signals/refused/each-call", test_each_refused_call);
  socket_fixture_add ("/socket-signals/refused/pair", test_refused_pair);
  socket_fixture_add ("/socket-signals/idle", test_idle);
  socket_fixture_add ("/socket-signals/state/no-name", test_no_name);
}

static void
add_property_tests (void)
{
  static GType tcp_type, ssl_type;

  tcp_type = QNET_TYPE_TCP_SOCKET;
  ssl_type = QNET_TYPE_SSL_SOCKET;
  socket_fixture_add ("/socket-signals/notify/addresses", test_addresses_notify);
  socket_fixture_add ("/socket-signals/notify/bound", test_bound_notifies);
  socket_fixture_add ("/socket-signals/notify/descriptor", test_descriptor_notifies);
  socket_fixture_add ("/socket-signals/notify/udp", test_udp_notifies);
  socket_fixture_add ("/socket-signals/notify/udp/bound-ends", test_bound_udp_ends);
  socket_fixture_add ("/socket-signals/notify/accepted", test_accepted_notifies);
  socket_fixture_add ("/socket-signals/notify/binding", test_binding);
  add_with ("/socket-signals/notify/changes-alone/tcp", &tcp_type, test_changes_alone);
  add_with ("/socket-signals/notify/changes-alone/ssl", &ssl_type, test_changes_alone);
  socket_fixture_add ("/socket-signals/notify/counters", test_counters_notify);
  socket_fixture_add ("/socket-signals/notify/counters/datagrams", test_datagrams_counted);
  socket_fixture_add ("/socket-signals/notify/counters/before-the-end", test_counters_before_end);
  socket_fixture_add ("/socket-signals/notify/counters/before-our-end",
                      test_counters_before_own_end);
  socket_fixture_add ("/socket-signals/notify/counters/before-abort-in-a-handler",
                      test_counters_before_abort);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_order_tests ();
  add_property_tests ();

  return g_test_run ();
}
