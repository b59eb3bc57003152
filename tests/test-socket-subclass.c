/* test-socket-subclass.c: a socket that brings its own transport, a pair of queues in memory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>
#include <string.h>

#define TYPE_QUEUE_SOCKET (queue_socket_get_type ())
G_DECLARE_FINAL_TYPE (QueueSocket, queue_socket, QUEUE, SOCKET, QnetAbstractSocket)

struct _QueueSocket
{
  QnetAbstractSocket  parent_instance;

  QueueSocket        *peer;      /* (nullable): the other end; NULL: nothing listens */
  GByteArray         *arrived;   /* (owned): what the peer has written */
  gboolean            is_stuck;  /* nothing that it begins ends */
  guint               n_aborts;
};

G_DEFINE_TYPE (QueueSocket, queue_socket, QNET_TYPE_ABSTRACT_SOCKET)

static gboolean
accept_cb (gpointer user_data)
{
  QueueSocket *self = user_data;

  qnet_socket_set_state (QNET_SOCKET (self), QNET_SOCKET_STATE_CONNECTED);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (self), QNET_OPEN_MODE_READ_WRITE);

  return G_SOURCE_REMOVE;
}

static gboolean
connect_cb (gpointer user_data)
{
  QueueSocket *self = user_data;
  g_autoptr(QnetHostAddress)
    address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GError) error = NULL;

  if (self->peer == NULL)
    {
      error =
        g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED, "refused");
      qnet_io_device_report_error (QNET_IO_DEVICE (self), error);
      return G_SOURCE_REMOVE;
    }

  qnet_abstract_socket_set_peer_address (QNET_ABSTRACT_SOCKET (self), address);
  qnet_abstract_socket_set_local_address (QNET_ABSTRACT_SOCKET (self), address);
  qnet_abstract_socket_set_local_port (QNET_ABSTRACT_SOCKET (self), 40000);
  g_idle_add (accept_cb, self->peer);
  qnet_socket_set_state (QNET_SOCKET (self), QNET_SOCKET_STATE_CONNECTED);

  return G_SOURCE_REMOVE;
}

static void
queue_socket_connect_to_host_full (QnetAbstractSocket       *socket,
                                   const char               *host,
                                   guint16                   port,
                                   QnetOpenMode              open_mode,
                                   QnetNetworkLayerProtocol  protocol)
{
  qnet_socket_set_state (QNET_SOCKET (socket), QNET_SOCKET_STATE_CONNECTING);
  qnet_abstract_socket_set_peer_name (socket, host);
  qnet_abstract_socket_set_peer_port (socket, port);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (socket), open_mode);
  if (!QUEUE_SOCKET (socket)->is_stuck)
    g_idle_add (connect_cb, socket);
}

static gboolean
end_cb (gpointer user_data)
{
  g_autoptr(GError)
    error = g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, "closed");

  qnet_io_device_report_error (user_data, error);

  return G_SOURCE_REMOVE;
}

static void
queue_socket_disconnect_from_peer (QnetSocket *socket)
{
  QueueSocket *peer = QUEUE_SOCKET (socket)->peer;

  qnet_socket_set_state (socket, QNET_SOCKET_STATE_CLOSING);
  if (QUEUE_SOCKET (socket)->is_stuck)
    return;

  qnet_socket_set_state (socket, QNET_SOCKET_STATE_UNCONNECTED);
  g_idle_add (end_cb, peer);
}

static void
queue_socket_abort (QnetSocket *socket)
{
  QUEUE_SOCKET (socket)->n_aborts++;

  QNET_SOCKET_CLASS (queue_socket_parent_class)->abort (socket);
}

static gboolean
queue_socket_write_data (QnetIODevice  *device,
                         const guint8  *data,
                         gsize          size,
                         GError       **error)
{
  QueueSocket *peer = QUEUE_SOCKET (device)->peer;

  if (QUEUE_SOCKET (device)->is_stuck)
    return TRUE;

  g_byte_array_append (peer->arrived, data, (guint) size);
  qnet_io_device_report_ready_read (QNET_IO_DEVICE (peer));
  qnet_io_device_report_bytes_written (device, size);

  return TRUE;
}

static GBytes *
queue_socket_read_data (QnetIODevice *device,
                        gsize         max_size)
{
  QueueSocket *self = QUEUE_SOCKET (device);
  guint n = (guint) MIN (max_size, self->arrived->len);
  GBytes *bytes = g_bytes_new (self->arrived->data, n);

  g_byte_array_remove_range (self->arrived, 0, n);

  return bytes;
}

static void
queue_socket_finalize (GObject *object)
{
  g_byte_array_unref (QUEUE_SOCKET (object)->arrived);

  G_OBJECT_CLASS (queue_socket_parent_class)->finalize (object);
}

static void
queue_socket_class_init (QueueSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = queue_socket_finalize;
  QNET_IO_DEVICE_CLASS (klass)->read_data = queue_socket_read_data;
  QNET_IO_DEVICE_CLASS (klass)->write_data = queue_socket_write_data;
  QNET_SOCKET_CLASS (klass)->disconnect_from_peer = queue_socket_disconnect_from_peer;
  QNET_SOCKET_CLASS (klass)->abort = queue_socket_abort;
  QNET_ABSTRACT_SOCKET_CLASS (klass)->connect_to_host_full = queue_socket_connect_to_host_full;
}

static void
queue_socket_init (QueueSocket *self)
{
  self->arrived = g_byte_array_new ();
}

/* One that can shut down its write side */

typedef QueueSocket      ShutSocket;
typedef QueueSocketClass ShutSocketClass;

GType shut_socket_get_type (void);

G_DEFINE_TYPE (ShutSocket, shut_socket, TYPE_QUEUE_SOCKET)

static void
shut_socket_shutdown_write (QnetSocket *socket)
{
  qnet_io_device_report_read_finished (QNET_IO_DEVICE (QUEUE_SOCKET (socket)->peer));
}

static void
shut_socket_class_init (ShutSocketClass *klass)
{
  QNET_SOCKET_CLASS (klass)->shutdown_write = shut_socket_shutdown_write;
}

static void
shut_socket_init (ShutSocket *self)
{
}

/* The tests */

typedef struct
{
  QueueSocket *ours;    /* (owned) */
  QueueSocket *far;     /* (owned) */
  GString     *events;  /* (owned): the signals of @ours */
} Fixture;

static void
state_changed_cb (QnetSocket      *socket,
                  QnetSocketState  state,
                  GString         *events)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_SOCKET_STATE);

  g_assert_cmpint (qnet_socket_get_state (socket), ==, state);
  g_string_append_printf (events, "%s ", g_enum_get_value (states, (int) state)->value_nick);
}

static void
connected_cb (QnetSocket *socket,
              GString    *events)
{
  g_string_append (events, "<connected> ");
}

static void
disconnected_cb (QnetSocket *socket,
                 GString    *events)
{
  g_string_append (events, "<disconnected> ");
}

static void
error_occurred_cb (QnetSocket *socket,
                   GError     *error,
                   GString    *events)
{
  g_string_append_printf (events, "<%s> ", error->message);
}

static void
ready_read_cb (QnetIODevice *device,
               GString      *events)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (device);

  g_string_append_printf (events, "%.*s ", (int) g_bytes_get_size (bytes),
                          (const char *) g_bytes_get_data (bytes, NULL));
}

static void
bytes_written_cb (QnetIODevice *device,
                  gint64        size,
                  GString      *events)
{
  g_string_append_printf (events, "%d ", (int) size);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->ours = g_object_new (data != NULL ? shut_socket_get_type () : TYPE_QUEUE_SOCKET, NULL);
  fixture->far = g_object_new (TYPE_QUEUE_SOCKET, NULL);
  fixture->ours->peer = fixture->far;
  fixture->far->peer = fixture->ours;
  fixture->events = g_string_new (NULL);

  g_signal_connect (fixture->ours, "state-changed", G_CALLBACK (state_changed_cb), fixture->events);
  g_signal_connect (fixture->ours, "connected", G_CALLBACK (connected_cb), fixture->events);
  g_signal_connect (fixture->ours, "disconnected", G_CALLBACK (disconnected_cb), fixture->events);
  g_signal_connect (fixture->ours, "error-occurred", G_CALLBACK (error_occurred_cb),
                    fixture->events);
  g_signal_connect (fixture->ours, "ready-read", G_CALLBACK (ready_read_cb), fixture->events);
  g_signal_connect (fixture->ours, "bytes-written", G_CALLBACK (bytes_written_cb), fixture->events);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (g_steal_pointer (&fixture->ours));
  g_assert_finalize_object (g_steal_pointer (&fixture->far));
  g_string_free (fixture->events, TRUE);
}

static void
await_events (Fixture    *fixture,
              const char *expected)
{
  while (fixture->events->len < strlen (expected))
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    continue;

  g_assert_cmpstr (fixture->events->str, ==, expected);
  g_string_truncate (fixture->events, 0);
}

static void
connect_pair (Fixture *fixture)
{
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->ours), "far", 7);
  await_events (fixture, "connecting connected <connected> ");
}

static void
test_connects (Fixture       *fixture,
               gconstpointer  data)
{
  QnetAbstractSocket *ours = QNET_ABSTRACT_SOCKET (fixture->ours);
  g_autoptr(QnetHostAddress) address = NULL;

  g_test_summary (
    "A subclass with its own transport connects by connect_to_host(), with the signals "
    "of a socket, and says who its peer is.");

  connect_pair (fixture);
  address = qnet_abstract_socket_get_peer_address (ours);
  g_assert_true (qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_LOCAL_HOST));
  g_assert_cmpstr (qnet_abstract_socket_get_peer_name (ours), ==, "far");
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (ours), ==, 7);
  g_assert_cmpuint (qnet_abstract_socket_get_local_port (ours), ==, 40000);
  g_assert_true (qnet_host_address_is_loopback (qnet_abstract_socket_get_local_address (ours)));
  g_assert_cmpint (qnet_socket_get_fd (QNET_SOCKET (ours)), ==, -1);
}

static void
test_exchanges (Fixture       *fixture,
                gconstpointer  data)
{
  char buffer[8] = "";

  g_test_summary ("It sends and receives by its own write_data and read_data.");

  connect_pair (fixture);
  g_assert_cmpint (qnet_io_device_write_string (QNET_IO_DEVICE (fixture->ours), "ping", NULL), ==,
                   4);
  await_events (fixture, "4 ");
  g_assert_cmpint (qnet_io_device_read (QNET_IO_DEVICE (fixture->far), buffer, 7, NULL), ==, 4);
  g_assert_cmpstr (buffer, ==, "ping");

  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "pong", NULL);
  await_events (fixture, "pong ");
}

static void
test_disconnects (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("It disconnects by closing, and forgets its peer; it can connect again.");

  connect_pair (fixture);
  qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (fixture->ours));
  await_events (fixture, "closing unconnected <disconnected> ");
  g_assert_cmpuint (qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (fixture->ours)), ==,
                    0);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->far)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);

  connect_pair (fixture);
  qnet_socket_disconnect_from_peer (QNET_SOCKET (fixture->far));
  await_events (fixture, "<closed> closing unconnected <disconnected> ");
  g_assert_error (qnet_io_device_get_error (QNET_IO_DEVICE (fixture->ours)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
}

static void
test_keeps_unread (Fixture       *fixture,
                   gconstpointer  data)
{
  char buffer[8] = "";

  g_test_summary (
    "What has arrived before the end can be read after it; and the end is graceful by "
    "default.");

  connect_pair (fixture);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->ours), "last", NULL);
  await_events (fixture, "4 ");
  qnet_socket_disconnect_from_peer (QNET_SOCKET (fixture->ours));
  await_events (fixture, "closing unconnected <disconnected> ");
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->far)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_read (QNET_IO_DEVICE (fixture->far), buffer, 7, NULL), ==, 4);
  g_assert_cmpstr (buffer, ==, "last");
}

static void
test_aborts (Fixture       *fixture,
             gconstpointer  data)
{
  g_test_summary ("abort() ends it at once, without a transport of QnetSocket's.");

  connect_pair (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->ours));
  await_events (fixture, "unconnected <disconnected> ");
  g_assert_cmpint (qnet_io_device_get_open_mode (QNET_IO_DEVICE (fixture->ours)), ==,
                   QNET_OPEN_MODE_NOT_OPEN);
}

static void
test_fails (Fixture       *fixture,
            gconstpointer  data)
{
  g_test_summary ("A failure that is reported while connecting ends the attempt.");

  fixture->ours->peer = NULL;
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->ours), "nowhere", 7);
  await_events (fixture, "connecting unconnected <refused> ");
  g_assert_error (qnet_io_device_get_error (QNET_IO_DEVICE (fixture->ours)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_CONNECTION_REFUSED);
}

static void
finished_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (
    qnet_abstract_socket_connect_to_host_finish (QNET_ABSTRACT_SOCKET (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
test_async (Fixture       *fixture,
            gconstpointer  data)
{
  gboolean is_finished = FALSE;

  g_test_summary ("The asynchronous pairs work on it.");

  qnet_abstract_socket_connect_to_host_async (QNET_ABSTRACT_SOCKET (fixture->ours), "far", 7,
                                              G_PRIORITY_DEFAULT, NULL, finished_cb, &is_finished);
  await_events (fixture, "connecting connected <connected> ");
  while (!is_finished)
    g_main_context_iteration (NULL, TRUE);
}

static void
assert_refused (QnetSocket      *socket,
                QnetSocketState  state,
                const char      *complaint)
{
  QnetSocketState before = qnet_socket_get_state (socket);

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, complaint);
  qnet_socket_set_state (socket, state);
  g_test_assert_expected_messages ();
  g_assert_cmpint (qnet_socket_get_state (socket), ==, before);
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) tcp = qnet_tcp_socket_new ();
  g_autoptr(QnetUdpSocket) udp = qnet_udp_socket_new ();
  g_autoptr(QnetLocalSocket) local = qnet_local_socket_new ();
  g_autoptr(QnetHostAddress)
    address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  gpointer plain[] = { tcp, udp, local };

  g_test_summary ("The state of a socket without a transport of its own cannot be set, and neither "
                  "can that of a connection of the library.");

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      assert_refused (plain[i], QNET_SOCKET_STATE_CONNECTING, "*brings_transport*");
      assert_refused (plain[i], QNET_SOCKET_STATE_CONNECTED, "*brings_transport*");
    }

  g_assert_true (qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (fixture->far), address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  assert_refused (QNET_SOCKET (fixture->far), QNET_SOCKET_STATE_CONNECTING,
                  "*is_in_use_by_class*");
}

static void
test_connect_timeout (Fixture       *fixture,
                      gconstpointer  data)
{
  QnetSocket *ours = QNET_SOCKET (fixture->ours);

  g_test_summary ("The timeouts of a lookup and of connecting hold, and abort the transport.");

  qnet_abstract_socket_set_lookup_timeout (QNET_ABSTRACT_SOCKET (ours), 10);
  qnet_socket_set_state (ours, QNET_SOCKET_STATE_HOST_LOOKUP);
  await_events (fixture, "host-lookup unconnected <Could not connect: No connection was "
                         "established within 0.01 s> ");
  g_assert_cmpuint (fixture->ours->n_aborts, ==, 1);

  fixture->ours->is_stuck = TRUE;
  qnet_socket_set_connect_timeout (ours, 20);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (ours), "far", 7);
  await_events (fixture, "connecting unconnected <Could not connect to far port 7: No connection "
                         "was established within 0.02 s> ");
  g_assert_cmpuint (fixture->ours->n_aborts, ==, 2);
  g_assert_error (qnet_io_device_get_error (QNET_IO_DEVICE (ours)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
}

/* A local socket with a transport of its own, which never connects */

#define TYPE_STALLED_SOCKET (stalled_socket_get_type ())
G_DECLARE_FINAL_TYPE (StalledSocket, stalled_socket, STALLED, SOCKET, QnetLocalSocket)

struct _StalledSocket
{
  QnetLocalSocket parent_instance;
};

G_DEFINE_FINAL_TYPE (StalledSocket, stalled_socket, QNET_TYPE_LOCAL_SOCKET)

static gboolean
stalled_socket_write_data (QnetIODevice  *device,
                        const guint8  *data,
                        gsize          size,
                        GError       **error)
{
  return TRUE;
}

static void
stalled_socket_class_init (StalledSocketClass *klass)
{
  QNET_IO_DEVICE_CLASS (klass)->write_data = stalled_socket_write_data;
}

static void
stalled_socket_init (StalledSocket *self)
{
}

static void
test_local_connect_timeout (void)
{
  g_autoptr(QnetSocket) socket = g_object_new (TYPE_STALLED_SOCKET, NULL);

  g_test_summary ("The timeout of connecting holds for a local socket with its own transport.");

  qnet_socket_set_connect_timeout (socket, 10);
  qnet_socket_set_state (socket, QNET_SOCKET_STATE_CONNECTING);
  while (qnet_socket_get_state (socket) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpstr (qnet_io_device_get_error (QNET_IO_DEVICE (socket))->message, ==,
                   "Could not connect: No connection was established within 0.01 s");
}

static gboolean
write_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "late", NULL);

  return G_SOURCE_REMOVE;
}

static void
test_idle_timeout (Fixture       *fixture,
                   gconstpointer  data)
{
  gint64 last;

  g_test_summary ("An idle connection ends, gracefully; a byte in either direction counts.");

  connect_pair (fixture);
  qnet_socket_set_idle_timeout (QNET_SOCKET (fixture->ours), 60);
  g_timeout_add (40, write_cb, fixture);
  await_events (fixture, "late ");
  last = g_get_monotonic_time ();
  await_events (fixture, "<Closed the connection to 127.0.0.1 port 7: No byte was received or sent "
                         "for 0.06 s> closing unconnected <disconnected> ");
  g_assert_cmpint (g_get_monotonic_time () - last, >=, 50 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (fixture->ours->n_aborts, ==, 0);
}

static gboolean
set_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
test_idle_paused (Fixture       *fixture,
                  gconstpointer  data)
{
  QnetSocket *ours = QNET_SOCKET (fixture->ours);
  gboolean is_over = FALSE;

  g_test_summary ("A peer whose bytes are not read is not idle.");

  connect_pair (fixture);
  qnet_socket_set_idle_timeout (ours, 10);
  qnet_socket_pause_reading (ours);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "wait", NULL);
  g_timeout_add (60, set_cb, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpint (qnet_socket_get_state (ours), ==, QNET_SOCKET_STATE_CONNECTED);
  qnet_socket_resume_reading (ours);
  await_events (fixture, "wait <Closed the connection to 127.0.0.1 port 7: No byte was received or "
                         "sent for 0.01 s> closing unconnected <disconnected> ");
}

static void
check_close_timeout (Fixture    *fixture,
                     const char *written,
                     const char *lost)
{
  QnetSocket *ours = QNET_SOCKET (fixture->ours);
  g_autofree char *expected = g_strdup_printf (
    "closing <Could not close the connection to 127.0.0.1 port 7 within 0.02 s: %s could not be "
    "sent> unconnected <disconnected> ", lost);

  connect_pair (fixture);
  fixture->ours->is_stuck = TRUE;
  qnet_socket_set_close_timeout (ours, 20);
  qnet_io_device_write_string (QNET_IO_DEVICE (ours), written, NULL);
  qnet_socket_disconnect_from_peer (ours);
  await_events (fixture, expected);
  g_assert_cmpuint (fixture->ours->n_aborts, ==, 1);
}

static void
test_close_timeout (Fixture       *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A transport that does not close in time is dropped.");

  check_close_timeout (fixture, "lost", "4 bytes");
}

static void
test_close_timeout_one_byte (Fixture       *fixture,
                             gconstpointer  data)
{
  g_test_summary ("One byte is not “1 bytes”.");

  check_close_timeout (fixture, "l", "1 byte");
}

static void
test_waits (Fixture       *fixture,
            gconstpointer  data)
{
  QnetSocket *ours = QNET_SOCKET (fixture->ours);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A blocking wait succeeds if something was reported before; otherwise it fails "
                  "at once, whatever the timeouts are.");

  fixture->ours->is_stuck = TRUE;
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (ours), "far", 7);
  g_assert_false (qnet_socket_wait_for_connected (ours, -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  qnet_socket_abort (ours);
  await_events (fixture, "connecting unconnected ");

  fixture->ours->is_stuck = FALSE;
  connect_pair (fixture);
  qnet_socket_set_idle_timeout (ours, 60000);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "now", NULL);
  g_assert_true (qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (ours), -1, &error));
  await_events (fixture, "now ");
  g_assert_false (qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (ours), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *n)
{
  (*n)++;
}

static void
test_pauses (Fixture       *fixture,
             gconstpointer  data)
{
  QnetSocket *ours = QNET_SOCKET (fixture->ours);
  guint n = 0;

  g_test_summary ("While reading is paused, the transport keeps its bytes; an end is noticed all "
                  "the same, after them.");

  g_signal_connect (ours, "notify::reading-paused", G_CALLBACK (count_cb), &n);
  connect_pair (fixture);
  qnet_socket_pause_reading (ours);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "one", NULL);
  await_events (fixture, "");
  g_assert_cmpint (qnet_io_device_get_bytes_available (QNET_IO_DEVICE (ours)), ==, 0);
  g_assert_cmpuint (fixture->ours->arrived->len, ==, 3);
  qnet_socket_resume_reading (ours);
  await_events (fixture, "one ");
  g_assert_cmpuint (n, ==, 2);

  qnet_socket_pause_reading (ours);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "two", NULL);
  qnet_socket_disconnect_from_peer (QNET_SOCKET (fixture->far));
  await_events (fixture, "two <closed> closing unconnected <disconnected> ");
  g_assert_false (qnet_socket_is_reading_paused (ours));
  g_assert_cmpuint (n, ==, 4);
}

static void
test_refuses_shutdown (Fixture       *fixture,
                       gconstpointer  data)
{
  g_test_summary ("A transport that cannot shut down its write side reports that, and continues.");

  connect_pair (fixture);
  qnet_socket_shutdown_write (QNET_SOCKET (fixture->ours));
  await_events (fixture, "<Could not shut down the write side: The transport of the socket does "
                         "not support it> ");
  g_assert_error (qnet_io_device_get_error (QNET_IO_DEVICE (fixture->ours)), QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->ours), "still", NULL);
  await_events (fixture, "5 ");
}

static void
test_shuts_down (Fixture       *fixture,
                 gconstpointer  data)
{
  QnetIODevice *ours = QNET_IO_DEVICE (fixture->ours);
  QnetIODevice *far = QNET_IO_DEVICE (fixture->far);
  g_autoptr(GError) error = NULL;
  char buffer[8];

  g_test_summary ("One that can is called, once: writing fails from then on, and reading is still "
                  "possible.");

  qnet_socket_set_allow_half_open (QNET_SOCKET (far), TRUE);
  connect_pair (fixture);
  qnet_io_device_write_string (ours, "bye", NULL);
  qnet_socket_shutdown_write (QNET_SOCKET (ours));
  qnet_socket_shutdown_write (QNET_SOCKET (ours));
  g_assert_cmpint (qnet_io_device_write_string (ours, "more", &error), ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  await_events (fixture, "3 ");
  g_assert_cmpint (qnet_io_device_read (far, buffer, sizeof buffer, NULL), ==, 3);
  g_assert_true (qnet_io_device_is_read_finished (far));

  qnet_io_device_write_string (far, "answer", NULL);
  await_events (fixture, "answer ");
  qnet_socket_disconnect_from_peer (QNET_SOCKET (ours));
  await_events (fixture, "closing unconnected <disconnected> ");

  connect_pair (fixture);
  g_assert_cmpint (qnet_io_device_write_string (ours, "again", NULL), ==, 5);
}

static void
test_context_gone (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_test_summary ("Its connection ends with the main context, and it can connect again in another "
                  "one.");

  g_main_context_push_thread_default (context);
  fixture->ours->is_stuck = TRUE;
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->ours), "far", 7);
  qnet_socket_set_state (QNET_SOCKET (fixture->ours), QNET_SOCKET_STATE_CONNECTED);
  g_main_context_pop_thread_default (context);
  g_clear_pointer (&context, g_main_context_unref);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->ours)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);

  fixture->ours->is_stuck = FALSE;
  g_string_truncate (fixture->events, 0);
  connect_pair (fixture);
  qnet_io_device_write_string (QNET_IO_DEVICE (fixture->far), "pong", NULL);
  await_events (fixture, "pong ");
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/socket/subclass/connects", test_connects);
  ADD ("/socket/subclass/exchanges", test_exchanges);
  ADD ("/socket/subclass/disconnects", test_disconnects);
  ADD ("/socket/subclass/keeps-unread", test_keeps_unread);
  ADD ("/socket/subclass/aborts", test_aborts);
  ADD ("/socket/subclass/fails", test_fails);
  ADD ("/socket/subclass/async", test_async);
  ADD ("/socket/subclass/refused", test_refused);
  ADD ("/socket/subclass/timeouts/connect", test_connect_timeout);
  g_test_add_func ("/socket/subclass/timeouts/connect/local", test_local_connect_timeout);
  ADD ("/socket/subclass/timeouts/idle", test_idle_timeout);
  ADD ("/socket/subclass/timeouts/idle/paused", test_idle_paused);
  ADD ("/socket/subclass/timeouts/close", test_close_timeout);
  ADD ("/socket/subclass/timeouts/close/one-byte", test_close_timeout_one_byte);
  ADD ("/socket/subclass/waits", test_waits);
  ADD ("/socket/subclass/pauses", test_pauses);
  ADD ("/socket/subclass/context-gone", test_context_gone);
  ADD ("/socket/subclass/shutdown/refused", test_refuses_shutdown);
  g_test_add ("/socket/subclass/shutdown", Fixture, "shut", set_up, test_shuts_down, tear_down);

  return g_test_run ();
}
