/* test-foreign-calls.c: a call from a thread that does not own the object is noticed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <gio/gunixfdlist.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/isolated.h"
#include "common/pair.h"
#include "common/stream-rig.h"
#include "common/temp-folder.h"

#define N_SHORT 20
#define N_LONG  1000
#define LIMIT   20  /* seconds */

/* What the owner, which is the main thread, has. One of each kind, all in use. */
typedef struct
{
  QnetTcpSocket   *tcp;
  QnetIODevice    *device;    /* tcp */
  QnetSocket      *socket;    /* tcp */
  QnetAbstractSocket *abstract;  /* tcp */
  int              peer;      /* its other end, non-blocking */
  QnetTcpServer   *tcp_server;
  QnetServer      *server;    /* tcp_server, with a pending connection */
  int              client;    /* its client */
  QnetUdpSocket   *udp;
  QnetLocalSocket *local;
  int              local_peer;
  QnetLocalServer *local_server;
  QnetDnsLookup   *lookup;    /* pending */
  QnetUdpSocket   *name_server;  /* never answers */
  QnetHostAddress *address;
  GError          *error;     /* of the call */
  gint             is_done;   /* atomic */
} Scene;

/* Returns whether it has failed, as its documentation says; set @scene->error, if it has one. */
typedef gboolean (*Call) (Scene *scene);

/* Criticals */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  /* ThreadSanitizer sees it */
static guint n_criticals;
static char *last_critical;

static GLogWriterOutput
count_critical (GLogLevelFlags   level,
                const GLogField *fields,
                gsize            n_fields,
                gpointer         user_data)
{
  if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
    return G_LOG_WRITER_HANDLED;

  pthread_mutex_lock (&lock);
  n_criticals++;
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      {
        g_free (last_critical);
        last_critical = g_strdup (fields[i].value);
      }
  pthread_mutex_unlock (&lock);

  return G_LOG_WRITER_HANDLED;
}

static void
count_criticals (void)
{
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_log_set_writer_func (count_critical, NULL, NULL);
}

/* Exactly one, that names the function */
static void
assert_noticed (const char *name)
{
  pthread_mutex_lock (&lock);
  if (n_criticals != 1)
    g_printerr ("# %s: %u criticals instead of 1%s%s\n", name, n_criticals,
                last_critical != NULL ? ", the last: " : "",
                last_critical != NULL ? last_critical : "");
  g_assert_cmpuint (n_criticals, ==, 1);
  if (strstr (last_critical, name) == NULL)
    g_printerr ("# %s is not in: %s\n", name, last_critical);
  g_assert_nonnull (strstr (last_critical, name));
  n_criticals = 0;
  pthread_mutex_unlock (&lock);
}

static void
assert_not_noticed (void)
{
  pthread_mutex_lock (&lock);
  if (n_criticals > 0)
    g_printerr ("# %u criticals, the last: %s\n", n_criticals, last_critical);
  g_assert_cmpuint (n_criticals, ==, 0);
  pthread_mutex_unlock (&lock);
}

/* The objects */

static void
adopt (gpointer socket,
       int      fd)
{
  GError *error = NULL;

  qnet_socket_set_fd (socket, fd, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
}

static QnetUdpSocket *
bind_udp (Scene *scene)
{
  QnetUdpSocket *socket = qnet_udp_socket_new ();
  GError *error = NULL;

  qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (socket), scene->address, 0,
                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  g_assert_no_error (error);

  return socket;
}

static guint16
get_udp_port (QnetUdpSocket *socket)
{
  return qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (socket));
}

static int
connect_client (Scene *scene)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
    .sin_port = htons (qnet_tcp_server_get_server_port (scene->tcp_server)),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));

  return fd;
}

static void
open_tcp (Scene *scene)
{
  int near;

  scene->tcp = qnet_tcp_socket_new ();
  scene->device = QNET_IO_DEVICE (scene->tcp);
  scene->socket = QNET_SOCKET (scene->tcp);
  scene->abstract = QNET_ABSTRACT_SOCKET (scene->tcp);
  pair_open_tcp (&near, &scene->peer);
  adopt (scene->tcp, near);

  pair_send (scene->peer, "line\n");
  while (qnet_io_device_get_bytes_available (scene->device) < 5)
    g_main_context_iteration (NULL, TRUE);
}

static void
open_servers (Scene *scene)
{
  GError *error = NULL;
  g_autofree char *name = g_strdup_printf ("qnet-foreign-calls-%d", (int) getpid ());

  scene->tcp_server = qnet_tcp_server_new ();
  scene->server = QNET_SERVER (scene->tcp_server);
  qnet_tcp_server_listen (scene->tcp_server, scene->address, 0, &error);
  g_assert_no_error (error);
  scene->client = connect_client (scene);
  while (!qnet_server_has_pending_connections (scene->server))
    g_main_context_iteration (NULL, TRUE);

  scene->local_server = qnet_local_server_new ();
  qnet_local_server_listen (scene->local_server, name, &error);
  g_assert_no_error (error);
}

static void
open_scene (Scene *scene)
{
  int near;

  *scene = (Scene) { .peer = -1 };
  scene->address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  open_tcp (scene);
  open_servers (scene);

  scene->local = qnet_local_socket_new ();
  pair_open (&near, &scene->local_peer);
  adopt (scene->local, near);

  scene->udp = bind_udp (scene);
  scene->name_server = bind_udp (scene);
  scene->lookup = qnet_dns_lookup_new_with_nameserver (QNET_DNS_RECORD_TYPE_A, "example.org",
                                                       scene->address,
                                                       get_udp_port (scene->name_server));
  qnet_dns_lookup_lookup (scene->lookup);
}

static void
close_scene (Scene *scene)
{
  qnet_socket_abort (scene->socket);
  g_clear_object (&scene->tcp);
  g_clear_object (&scene->tcp_server);
  g_clear_object (&scene->udp);
  g_clear_object (&scene->local);
  g_clear_object (&scene->local_server);
  g_clear_object (&scene->lookup);
  g_clear_object (&scene->name_server);
  qnet_host_address_unref (scene->address);
  close (scene->peer);
  close (scene->client);
  close (scene->local_peer);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Everything works as before. */

static void
assert_device_works (QnetIODevice *device,
                     int           peer)
{
  gint64 n_before = qnet_io_device_get_bytes_available (device);
  GError *error = NULL;
  char buffer[5] = "";
  gssize n;

  pair_send (peer, "ping");
  while (qnet_io_device_get_bytes_available (device) < n_before + 4)
    g_main_context_iteration (NULL, TRUE);

  qnet_io_device_write_string (device, "pong", &error);
  g_assert_no_error (error);
  while ((n = recv (peer, buffer, 4, 0)) < 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (n, ==, 4);
  g_assert_cmpstr (buffer, ==, "pong");
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (device)), ==, QNET_SOCKET_STATE_CONNECTED);
}

static void
assert_tcp_works (Scene *scene)
{
  g_autofree char *line = NULL;

  isolated_step ("using the TCP socket after the call", 0);
  assert_device_works (scene->device, scene->peer);
  line = qnet_io_device_read_line_utf8 (scene->device, 0, NULL);
  g_assert_cmpstr (line, ==, "line");
}

static void
assert_server_works (Scene *scene)
{
  g_autoptr(QnetTcpSocket) pending = NULL;
  g_autoptr(QnetTcpSocket) accepted = NULL;
  int client;

  isolated_step ("using the server after the call", 0);
  pending = qnet_tcp_server_next_pending_connection (scene->tcp_server);
  g_assert_nonnull (pending);
  client = connect_client (scene);
  while (!qnet_server_has_pending_connections (scene->server))
    g_main_context_iteration (NULL, TRUE);
  accepted = qnet_tcp_server_next_pending_connection (scene->tcp_server);
  g_assert_nonnull (accepted);
  close (client);
}

static void
assert_udp_works (Scene *scene)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GError *error = NULL;

  isolated_step ("using the UDP socket after the call", 0);
  qnet_udp_socket_write_datagram_to (scene->udp, (const guint8 *) "me", 2, scene->address,
                                     get_udp_port (scene->udp), &error);
  g_assert_no_error (error);
  while (!qnet_udp_socket_has_pending_datagrams (scene->udp))
    g_main_context_iteration (NULL, TRUE);
  datagram = qnet_udp_socket_receive_datagram (scene->udp, 100, &error);
  g_assert_no_error (error);
  g_assert_nonnull (datagram);
}

static void
assert_local_works (Scene *scene)
{
  isolated_step ("using the local socket after the call", 0);
  assert_device_works (QNET_IO_DEVICE (scene->local), scene->local_peer);
  g_assert_true (qnet_server_is_listening (QNET_SERVER (scene->local_server)));
}

static void
assert_all_work (Scene *scene)
{
  assert_tcp_works (scene);
  assert_server_works (scene);
  assert_udp_works (scene);
  assert_local_works (scene);
  g_assert_false (qnet_dns_lookup_is_finished (scene->lookup));
}

/* The calls */

#define CALL(name, expression) \
  static gboolean \
  call_##name (Scene *scene) \
  { \
    return (expression); \
  }

/* Without a result that could show a failure */
#define CALL_VOID(name, statement) \
  static gboolean \
  call_##name (Scene *scene) \
  { \
    statement; \
    return TRUE; \
  }

#define DEVICE scene->device
#define ERROR &scene->error
#define BYTES (const guint8 *) "x", 1

static gboolean
is_empty (GBytes *bytes)
{
  gboolean empty = bytes == NULL || g_bytes_get_size (bytes) == 0;

  g_clear_pointer (&bytes, g_bytes_unref);

  return empty;
}

static gboolean
call_write_bytes (Scene *scene)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);

  return qnet_io_device_write_bytes (scene->device, bytes, ERROR) < 0;
}

static gboolean
call_read (Scene *scene)
{
  char byte;

  return qnet_io_device_read (scene->device, &byte, 1, ERROR) < 0;
}

static gboolean
call_read_line (Scene *scene)
{
  char buffer[10];

  return qnet_io_device_read_line (scene->device, buffer, sizeof buffer, ERROR) < 0;
}

static gboolean
call_peek (Scene *scene)
{
  char byte;

  return qnet_io_device_peek (scene->device, &byte, 1, ERROR) < 0;
}

static gboolean
call_get_char (Scene *scene)
{
  guint8 byte;

  return !qnet_io_device_get_char (scene->device, &byte, ERROR);
}

CALL (write, qnet_io_device_write (DEVICE, "x", 1, ERROR) < 0)
CALL (write_string, qnet_io_device_write_string (DEVICE, "x", ERROR) < 0)
CALL (put_char, !qnet_io_device_put_char (DEVICE, 'x', ERROR))
CALL (flush, !qnet_io_device_flush (DEVICE))
CALL (skip, qnet_io_device_skip (DEVICE, 1, ERROR) < 0)
CALL (read_bytes, is_empty (qnet_io_device_read_bytes (DEVICE, 3)))
CALL (read_all_bytes, is_empty (qnet_io_device_read_all_bytes (DEVICE)))
CALL (read_line_bytes, is_empty (qnet_io_device_read_line_bytes (DEVICE, 0)))
CALL (peek_bytes, is_empty (qnet_io_device_peek_bytes (DEVICE, 3)))
CALL (read_line_utf8, qnet_io_device_read_line_utf8 (DEVICE, 0, ERROR) == NULL)
CALL_VOID (set_callbacks, qnet_io_device_set_callbacks (DEVICE, NULL, NULL, NULL))
CALL_VOID (unget_char, qnet_io_device_unget_char (DEVICE, 'x'))
CALL_VOID (start_transaction, qnet_io_device_start_transaction (DEVICE))
CALL_VOID (set_read_buffer_size, qnet_io_device_set_read_buffer_size (DEVICE, 1))
CALL_VOID (set_unsent_limit, qnet_io_device_set_unsent_limit (DEVICE, 1))
CALL_VOID (set_high_water, qnet_io_device_set_write_buffer_high_water (DEVICE, 1))
CALL (wait_for_ready_read, !qnet_io_device_wait_for_ready_read (DEVICE, 1000, ERROR))
CALL (wait_for_bytes_written, !qnet_io_device_wait_for_bytes_written (DEVICE, 1000, ERROR))

CALL_VOID (abort, qnet_socket_abort (scene->socket))
CALL_VOID (disconnect, qnet_socket_disconnect_from_peer (scene->socket))
CALL_VOID (shutdown_write, qnet_socket_shutdown_write (scene->socket))
CALL_VOID (pause_reading, qnet_socket_pause_reading (scene->socket))
CALL_VOID (set_idle_timeout, qnet_socket_set_idle_timeout (scene->socket, 1))
CALL_VOID (set_close_timeout, qnet_socket_set_close_timeout (scene->socket, 1))
CALL_VOID (set_allow_half_open, qnet_socket_set_allow_half_open (scene->socket, TRUE))
CALL (steal, qnet_socket_steal_connection (scene->socket, ERROR) == NULL)
CALL (wait_for_disconnected, !qnet_socket_wait_for_disconnected (scene->socket, 1000, ERROR))
CALL_VOID (connect_to_host,
           qnet_abstract_socket_connect_to_host (scene->abstract, "127.0.0.1", 1))
CALL (bind, !qnet_abstract_socket_bind (scene->abstract, scene->address, 0,
                                        QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, ERROR))
CALL (set_option, !qnet_abstract_socket_set_socket_option (scene->abstract,
                                                           QNET_SOCKET_OPTION_LOW_DELAY, 1, ERROR))

static gboolean
call_set_fd (Scene *scene)
{
  gboolean failed;
  int near, far;

  pair_open_tcp (&near, &far);
  failed = !qnet_socket_set_fd (scene->socket, near, QNET_SOCKET_STATE_CONNECTED,
                                QNET_OPEN_MODE_READ_WRITE, ERROR);
  close (far);
  if (failed)
    close (near);  /* it is still ours */

  return failed;
}

CALL (listen, !qnet_tcp_server_listen (scene->tcp_server, scene->address, 0, ERROR))
CALL_VOID (server_close, qnet_server_close (scene->server))
CALL_VOID (pause_accepting, qnet_server_pause_accepting (scene->server))
CALL_VOID (set_max_connections, qnet_server_set_max_connections (scene->server, 1))
CALL_VOID (set_max_pending, qnet_server_set_max_pending_connections (scene->server, 1))
CALL (next_pending, qnet_server_next_pending_connection (scene->server) == NULL)
CALL (wait_for_new_connection, !qnet_server_wait_for_new_connection (scene->server, 1000, ERROR))

CALL (udp_bind, !qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (scene->udp), scene->address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, ERROR))
CALL (write_datagram, qnet_udp_socket_write_datagram_to (scene->udp, BYTES, scene->address, 1,
                                                         ERROR) < 0)
CALL (read_datagram, qnet_udp_socket_read_datagram (scene->udp, NULL, 0, NULL, NULL, ERROR) < 0)
CALL (read_datagram_full, qnet_udp_socket_read_datagram_full (scene->udp, NULL, 0, NULL, NULL, NULL,
                                                              ERROR) < 0)

static gboolean
call_write_datagrams (Scene *scene)
{
  g_autoptr(GPtrArray) datagrams = g_ptr_array_new ();

  return qnet_udp_socket_write_datagrams (scene->udp, datagrams, ERROR) < 0;
}

CALL (receive_datagram, qnet_udp_socket_receive_datagram (scene->udp, 10, ERROR) == NULL)
CALL_VOID (udp_abort, qnet_socket_abort (QNET_SOCKET (scene->udp)))

CALL_VOID (connect_to_server, qnet_local_socket_connect_to_server (scene->local, "none"))
CALL_VOID (disconnect_from_server, qnet_local_socket_disconnect_from_server (scene->local))
CALL (local_listen, !qnet_local_server_listen (scene->local_server, "other", ERROR))
CALL_VOID (local_server_close, qnet_server_close (QNET_SERVER (scene->local_server)))

static gboolean
call_send_fds (Scene *scene)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();

  g_assert_cmpint (g_unix_fd_list_append (fds, 0, NULL), ==, 0);

  return !qnet_local_socket_send_fds (scene->local, fds, ERROR);
}

CALL_VOID (lookup, qnet_dns_lookup_lookup (scene->lookup))
CALL_VOID (lookup_abort, qnet_dns_lookup_abort (scene->lookup))
CALL (lookup_wait, !qnet_dns_lookup_wait_for_finished (scene->lookup, 1000, ERROR))

/* Asynchronous ones: the callback comes, with the error, in the context of the caller. */

#define CALL_ASYNC(name, begin, end) \
  static gboolean \
  call_##name (Scene *scene) \
  { \
    g_autoptr(GAsyncResult) result = NULL; \
    GAsyncResult *place = NULL; \
    begin; \
    result = place_await (&place); \
    return (end); \
  }

#define PLACE G_PRIORITY_DEFAULT, NULL, place_result_cb, &place

CALL_ASYNC (read_bytes_async, qnet_io_device_read_bytes_async (DEVICE, 1, PLACE),
            qnet_io_device_read_bytes_finish (DEVICE, result, ERROR) == NULL)
CALL_ASYNC (read_line_async, qnet_io_device_read_line_async (DEVICE, 0, PLACE),
            qnet_io_device_read_line_finish (DEVICE, result, &(gsize) { 0 }, ERROR) == NULL)
CALL_ASYNC (write_all_async, qnet_io_device_write_all_async (DEVICE, BYTES, PLACE),
            !qnet_io_device_write_all_finish (DEVICE, result, ERROR))
CALL_ASYNC (flush_async, qnet_io_device_flush_async (DEVICE, PLACE),
            !qnet_io_device_flush_finish (DEVICE, result, ERROR))
CALL_ASYNC (disconnect_async, qnet_socket_disconnect_from_peer_async (scene->socket, PLACE),
            !qnet_socket_disconnect_from_peer_finish (scene->socket, result, ERROR))
CALL_ASYNC (connect_async,
            qnet_abstract_socket_connect_to_host_async (scene->abstract, "127.0.0.1", 1, PLACE),
            !qnet_abstract_socket_connect_to_host_finish (scene->abstract, result, ERROR))
CALL_ASYNC (accept_async, qnet_server_accept_async (scene->server, PLACE),
            qnet_server_accept_finish (scene->server, result, ERROR) == NULL)
CALL_ASYNC (receive_datagram_async, qnet_udp_socket_receive_datagram_async (scene->udp, 9, PLACE),
            qnet_udp_socket_receive_datagram_finish (scene->udp, result, ERROR) == NULL)
CALL_ASYNC (lookup_async, qnet_dns_lookup_lookup_async (scene->lookup, PLACE),
            !qnet_dns_lookup_lookup_finish (scene->lookup, result, ERROR))

/* A round */

typedef struct
{
  const char *name;       /* of the function */
  Call        call;
  gboolean    has_error;
} Point;

typedef struct
{
  Scene        scene;
  const Point *point;
} Round;

static gpointer
call_in_thread (gpointer data)
{
  Round *round = data;
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  g_assert_true (round->point->call (&round->scene));
  g_main_context_pop_thread_default (context);

  g_atomic_int_set (&round->scene.is_done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
run_round (const Point *point,
           guint        number)
{
  Round round = { .point = point };
  GThread *thread;

  isolated_step ("preparing, round", number);
  open_scene (&round.scene);
  isolated_step ("calling from another thread, round", number);
  thread = g_thread_new ("foreign", call_in_thread, &round);
  while (!g_atomic_int_get (&round.scene.is_done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);

  assert_noticed (point->name);
  if (point->has_error)
    g_assert_nonnull (round.scene.error);
  g_clear_error (&round.scene.error);

  assert_all_work (&round.scene);
  close_scene (&round.scene);
  assert_not_noticed ();
}

static void
run_point (gconstpointer data)
{
  guint n_rounds = isolated_rounds (N_SHORT, N_LONG);

  count_criticals ();
  for (guint i = 0; i < n_rounds; i++)
    run_round (data, i);
}

/* What is no call from the wrong thread */

static void
test_scene (gconstpointer data)
{
  count_criticals ();
  for (guint i = 0; i < isolated_rounds (N_SHORT, N_LONG); i++)
    {
      Scene scene;

      open_scene (&scene);
      assert_all_work (&scene);
      close_scene (&scene);
      assert_not_noticed ();
    }
}

/* An object that no engine drives yet may be prepared anywhere. */
static gpointer
prepare_in_thread (gpointer data)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();

  qnet_socket_set_idle_timeout (QNET_SOCKET (socket), 10000);
  qnet_io_device_set_read_buffer_size (QNET_IO_DEVICE (socket), 1000);

  return socket;
}

static void
test_prepared_elsewhere (gconstpointer data)
{
  count_criticals ();
  for (guint i = 0; i < isolated_rounds (N_SHORT, N_LONG); i++)
    {
      g_autoptr(QnetTcpSocket) socket = g_thread_join (g_thread_new ("other", prepare_in_thread,
                                                                     NULL));
      int near, far;

      pair_open_tcp (&near, &far);
      adopt (socket, near);
      assert_device_works (QNET_IO_DEVICE (socket), far);
      qnet_socket_abort (QNET_SOCKET (socket));
      close (far);
      assert_not_noticed ();
    }
}

/* Detached: made in a thread without a context, and used by one thread after the other */

static gpointer
use_detached (gpointer data)
{
  QnetIODevice *device = data;
  GError *error = NULL;

  qnet_io_device_write_string (device, "more", &error);
  g_assert_no_error (error);
  if (qnet_io_device_get_bytes_to_write (device) > 0)
    qnet_io_device_wait_for_bytes_written (device, -1, &error);
  g_assert_no_error (error);

  return NULL;
}

static gpointer
make_detached (gpointer fd)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();

  adopt (socket, GPOINTER_TO_INT (fd));
  use_detached (socket);

  return socket;
}

static void
test_detached (gconstpointer data)
{
  count_criticals ();
  for (guint i = 0; i < isolated_rounds (N_SHORT, N_LONG); i++)
    {
      g_autoptr(QnetTcpSocket) socket = NULL;
      int near, far;

      isolated_step ("using a detached socket, round", i);
      pair_open_tcp (&near, &far);
      socket = g_thread_join (g_thread_new ("first", make_detached, GINT_TO_POINTER (near)));
      g_thread_join (g_thread_new ("second", use_detached, socket));
      pair_assert_gets (far, "moremore");
      close (far);
      assert_not_noticed ();
    }
}

/* ... but not by two at the same time: one is inside a wait, in a handler there */

static gpointer
call_detached (gpointer socket)
{
  GError *error = NULL;

  g_assert_cmpint (qnet_io_device_write_string (socket, "x", &error), <, 0);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  return NULL;
}

static void
call_from_second_cb (QnetIODevice *device)
{
  g_thread_join (g_thread_new ("second", call_detached, device));
}

static gpointer
wait_detached (gpointer socket)
{
  GError *error = NULL;

  g_signal_connect (socket, "ready-read", G_CALLBACK (call_from_second_cb), NULL);
  g_assert_true (qnet_io_device_wait_for_ready_read (socket, -1, &error));
  g_assert_no_error (error);

  return NULL;
}

static void
test_detached_twice (gconstpointer data)
{
  count_criticals ();
  for (guint i = 0; i < isolated_rounds (N_SHORT, N_LONG); i++)
    {
      g_autoptr(QnetTcpSocket) socket = NULL;
      int near, far;

      isolated_step ("using a detached socket twice, round", i);
      pair_open_tcp (&near, &far);
      socket = g_thread_join (g_thread_new ("first", make_detached, GINT_TO_POINTER (near)));
      pair_send (far, "x");
      g_thread_join (g_thread_new ("waiting", wait_detached, socket));
      assert_noticed ("qnet_io_device_write_string");
      close (far);
    }
}

/* Streams that another thread asks for first */

static gpointer
use_first_streams (gpointer socket)
{
  GInputStream *input = g_io_stream_get_input_stream (socket);
  GOutputStream *output = g_io_stream_get_output_stream (socket);
  GError *error = NULL;
  char buffer[6] = "";

  g_assert_true (g_input_stream_read_all (input, buffer, 5, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (buffer, ==, "first");
  g_assert_true (g_output_stream_write_all (output, "answer", 6, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_output_stream_flush (output, NULL, &error));
  g_assert_no_error (error);
  g_main_context_wakeup (NULL);

  return socket;
}

static QnetTcpSocket *
open_unused (int *out_far)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  int near;

  pair_open_tcp (&near, out_far);
  adopt (socket, near);
  pair_send (*out_far, "first");

  return socket;
}

static void
close_used (QnetTcpSocket *socket,
            int            far)
{
  pair_assert_gets (far, "answer");
  qnet_socket_abort (QNET_SOCKET (socket));
  g_object_unref (socket);
  close (far);
}

/* No loop has run: the thread may use the socket. */
static void
test_first_stream_blocked (gconstpointer data)
{
  count_criticals ();
  for (guint i = 0; i < isolated_rounds (N_SHORT, N_LONG); i++)
    {
      QnetTcpSocket *socket;
      int far;

      isolated_step ("asking for the streams while the owner is blocked, round", i);
      socket = open_unused (&far);
      g_thread_join (g_thread_new ("first", use_first_streams, socket));
      close_used (socket, far);
      assert_not_noticed ();
    }
}

/* A thread that has iterated the context has ended: the next one may use the objects. */

static gpointer
iterate_in_thread (gpointer context)
{
  g_main_context_iteration (context, FALSE);

  return NULL;
}

static void
test_after_owner (gconstpointer data)
{
  count_criticals ();
  for (guint i = 0; i < isolated_rounds (N_SHORT, N_LONG); i++)
    {
      g_autoptr(QnetTcpSocket) socket = NULL;
      int far;

      isolated_step ("using a socket after its thread, round", i);
      socket = open_unused (&far);
      g_thread_join (g_thread_new ("loop", iterate_in_thread, NULL));
      assert_device_works (QNET_IO_DEVICE (socket), far);
      qnet_socket_abort (QNET_SOCKET (socket));
      close (far);
      assert_not_noticed ();
    }
}

/* All of them */

#define DEVICE_CALL(name) { "qnet_io_device_" #name, call_##name, FALSE }
#define DEVICE_ERROR(name) { "qnet_io_device_" #name, call_##name, TRUE }

static const Point points[] = {
  DEVICE_ERROR (write),
  DEVICE_ERROR (write_bytes),
  DEVICE_ERROR (write_string),
  DEVICE_ERROR (put_char),
  DEVICE_CALL (flush),
  DEVICE_ERROR (read),
  DEVICE_ERROR (read_line),
  DEVICE_ERROR (read_line_utf8),
  DEVICE_ERROR (peek),
  DEVICE_ERROR (get_char),
  DEVICE_ERROR (skip),
  DEVICE_CALL (read_bytes),
  DEVICE_CALL (read_all_bytes),
  DEVICE_CALL (read_line_bytes),
  DEVICE_CALL (peek_bytes),
  DEVICE_CALL (unget_char),
  DEVICE_CALL (set_callbacks),
  DEVICE_CALL (start_transaction),
  DEVICE_CALL (set_read_buffer_size),
  DEVICE_CALL (set_unsent_limit),
  { "qnet_io_device_set_write_buffer_high_water", call_set_high_water, FALSE },
  DEVICE_ERROR (wait_for_ready_read),
  DEVICE_ERROR (wait_for_bytes_written),
  DEVICE_ERROR (read_bytes_async),
  DEVICE_ERROR (read_line_async),
  DEVICE_ERROR (write_all_async),
  DEVICE_ERROR (flush_async),
  { "qnet_socket_abort", call_abort, FALSE },
  { "qnet_socket_disconnect_from_peer", call_disconnect, FALSE },
  { "qnet_socket_disconnect_from_peer_async", call_disconnect_async, TRUE },
  { "qnet_socket_shutdown_write", call_shutdown_write, FALSE },
  { "qnet_socket_pause_reading", call_pause_reading, FALSE },
  { "qnet_socket_set_idle_timeout", call_set_idle_timeout, FALSE },
  { "qnet_socket_set_close_timeout", call_set_close_timeout, FALSE },
  { "qnet_socket_set_allow_half_open", call_set_allow_half_open, FALSE },
  { "qnet_socket_set_fd", call_set_fd, TRUE },
  { "qnet_socket_steal_connection", call_steal, TRUE },
  { "qnet_socket_wait_for_disconnected", call_wait_for_disconnected, TRUE },
  { "qnet_abstract_socket_connect_to_host", call_connect_to_host, FALSE },
  { "qnet_abstract_socket_connect_to_host_async", call_connect_async, TRUE },
  { "qnet_abstract_socket_bind", call_bind, TRUE },
  { "qnet_abstract_socket_set_socket_option", call_set_option, TRUE },
  { "qnet_tcp_server_listen", call_listen, TRUE },
  { "qnet_server_close", call_server_close, FALSE },
  { "qnet_server_pause_accepting", call_pause_accepting, FALSE },
  { "qnet_server_set_max_connections", call_set_max_connections, FALSE },
  { "qnet_server_set_max_pending_connections", call_set_max_pending, FALSE },
  { "qnet_server_next_pending_connection", call_next_pending, FALSE },
  { "qnet_server_wait_for_new_connection", call_wait_for_new_connection, TRUE },
  { "qnet_server_accept_async", call_accept_async, TRUE },
  { "qnet_udp_socket_write_datagram_to", call_write_datagram, TRUE },
  { "qnet_udp_socket_write_datagrams", call_write_datagrams, TRUE },
  { "qnet_udp_socket_read_datagram", call_read_datagram, TRUE },
  { "qnet_udp_socket_read_datagram_full", call_read_datagram_full, TRUE },
  { "qnet_udp_socket_receive_datagram", call_receive_datagram, TRUE },
  { "qnet_udp_socket_receive_datagram_async", call_receive_datagram_async, TRUE },
  { "qnet_local_socket_connect_to_server", call_connect_to_server, FALSE },
  { "qnet_local_socket_disconnect_from_server", call_disconnect_from_server, FALSE },
  { "qnet_local_socket_send_fds", call_send_fds, TRUE },
  { "qnet_local_server_listen", call_local_listen, TRUE },
  { "qnet_dns_lookup_lookup", call_lookup, FALSE },
  { "qnet_dns_lookup_lookup_async", call_lookup_async, TRUE },
  { "qnet_dns_lookup_abort", call_lookup_abort, FALSE },
  { "qnet_dns_lookup_wait_for_finished", call_lookup_wait, TRUE },
};

/* The same functions, of other objects */
static const struct
{
  const char *path;
  Point       point;
} others[] = {
  { "udp/bind", { "qnet_abstract_socket_bind", call_udp_bind, TRUE } },
  { "udp/abort", { "qnet_socket_abort", call_udp_abort, FALSE } },
  { "local-server/close", { "qnet_server_close", call_local_server_close, FALSE } },
};

static void
add_call (const char  *name,
          const Point *point)
{
  g_autofree char *path = g_strdup_printf ("/foreign-calls/noticed/%s", name);

  isolated_add (path, LIMIT, run_point, (gpointer) point);
}

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);

  isolated_add ("/foreign-calls/none-from-elsewhere", LIMIT, test_scene, NULL);
  isolated_add ("/foreign-calls/prepared-elsewhere", LIMIT, test_prepared_elsewhere, NULL);
  isolated_add ("/foreign-calls/detached/one-after-the-other", LIMIT, test_detached, NULL);
  isolated_add ("/foreign-calls/after-the-owner", LIMIT, test_after_owner, NULL);
  isolated_add ("/foreign-calls/first-stream/owner-is-blocked", LIMIT, test_first_stream_blocked,
                NULL);
  isolated_add ("/foreign-calls/detached/two-at-a-time", LIMIT, test_detached_twice, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    add_call (points[i].name + strlen ("qnet_"), &points[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    add_call (others[i].path, &others[i].point);

  return g_test_run ();
}
