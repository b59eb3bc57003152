/* test-foreign-threads.c: the last reference is dropped in a thread that is not the owner
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/isolated.h"
#include "common/pair.h"
#include "common/temp-folder.h"
#include "common/tls-fixture.h"

#ifdef __SANITIZE_THREAD__
#define N_SHORT 5
#else
#define N_SHORT 50
#endif
#define N_LONG  10000
#define LIMIT   30  /* seconds */

/* More than the kernel takes where the peer does not read, after restrict_buffer() */
#define UNSENT 400000

/* One round: an object of the owner, which is the main thread, and its peers */
typedef struct
{
  guint    round;
  int      peer;      /* (owned), or -1: the other end, non-blocking */
  int      clients[3];  /* (owned), or -1: of a server */
  gssize   expected;  /* bytes that the peer must receive before the end, or -1 */
  GObject *other;     /* (owned) (nullable): stays with the owner until the end of the round */
} Scene;

typedef GObject *(*Maker) (Scene *scene);  /* (transfer full) */

static gint n_finalized;  /* atomic */
static char *folder;

static void
finalized_cb (gpointer data,
              GObject *object)
{
  g_atomic_int_inc (&n_finalized);
}

static gboolean
iterate_once (void)
{
  return g_main_context_iteration (NULL, FALSE);
}

/* Objects in each state */

static void
adopt (gpointer socket,
       int      fd)
{
  GError *error = NULL;

  qnet_socket_set_fd (socket, fd, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);
}

static void
restrict_buffer (int fd)
{
  int size = 4096;

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
}

static void
write_bytes (gpointer device,
             gsize    size,
             Scene   *scene)
{
  g_autofree char *data = g_strnfill (size, 'x');
  GError *error = NULL;

  g_assert_cmpint (qnet_io_device_write (device, data, size, &error), ==, size);
  g_assert_no_error (error);
  scene->expected = (gssize) size;
}

static QnetTcpSocket *
connect_tcp (Scene *scene)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  int near;

  pair_open_tcp (&near, &scene->peer);
  restrict_buffer (near);
  adopt (socket, near);
  scene->expected = 0;

  return socket;
}

static GObject *
make_tcp (Scene *scene)
{
  return G_OBJECT (qnet_tcp_socket_new ());
}

static GObject *
make_tcp_connected (Scene *scene)
{
  return G_OBJECT (connect_tcp (scene));
}

static GObject *
make_tcp_written (Scene *scene)
{
  QnetTcpSocket *socket = connect_tcp (scene);

  write_bytes (socket, 10, scene);

  return G_OBJECT (socket);
}

static GObject *
make_tcp_unsent (Scene *scene)
{
  QnetTcpSocket *socket = connect_tcp (scene);

  write_bytes (socket, UNSENT, scene);
  iterate_once ();
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (QNET_IO_DEVICE (socket)), >, 0);

  return G_OBJECT (socket);
}

static GObject *
make_tcp_unread (Scene *scene)
{
  QnetTcpSocket *socket = connect_tcp (scene);

  pair_send (scene->peer, "unread");
  while (qnet_io_device_get_bytes_available (QNET_IO_DEVICE (socket)) < 6)
    g_main_context_iteration (NULL, TRUE);
  scene->expected = -1;  /* the kernel may reset the connection */

  return G_OBJECT (socket);
}

static GObject *
make_tcp_closing (Scene *scene)
{
  QnetTcpSocket *socket = connect_tcp (scene);

  write_bytes (socket, UNSENT, scene);
  qnet_socket_disconnect_from_peer (QNET_SOCKET (socket));

  return G_OBJECT (socket);
}

static GObject *
make_tcp_with_streams (Scene *scene)
{
  QnetTcpSocket *socket = connect_tcp (scene);

  g_io_stream_get_input_stream (G_IO_STREAM (socket));
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (socket)), "12345", 5, NULL,
                             NULL, NULL);
  scene->expected = 5;

  return G_OBJECT (socket);
}

/* The stream has the last reference to its device. */
static GObject *
make_output_stream (Scene *scene)
{
  g_autoptr(GObject) socket = make_tcp_with_streams (scene);

  return G_OBJECT (g_object_ref (g_io_stream_get_output_stream (G_IO_STREAM (socket))));
}

static void
ignore_cb (void)
{
}

static GObject *
make_tcp_with_handlers (Scene *scene)
{
  QnetTcpSocket *socket = connect_tcp (scene);

  g_signal_connect (socket, "ready-read", G_CALLBACK (ignore_cb), NULL);
  g_signal_connect (socket, "state-changed", G_CALLBACK (ignore_cb), NULL);
  g_signal_connect (socket, "notify", G_CALLBACK (ignore_cb), NULL);
  qnet_socket_set_idle_timeout (QNET_SOCKET (socket), 1);
  pair_send (scene->peer, "to be read");
  scene->expected = -1;

  return G_OBJECT (socket);
}

static int
listen_plainly (guint16 *out_port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, size));
  g_assert_no_errno (listen (fd, 10));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &address, &size));
  *out_port = ntohs (address.sin_port);

  return fd;
}

static GObject *
connect_to (const char *host,
            Scene      *scene)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  guint16 port;

  scene->clients[0] = listen_plainly (&port);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), host, port);

  return G_OBJECT (socket);
}

static GObject *
make_tcp_connecting (Scene *scene)
{
  return connect_to ("127.0.0.1", scene);
}

static GObject *
make_tcp_looking_up (Scene *scene)
{
  return connect_to ("localhost", scene);
}

static int
connect_plainly (guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                 .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));

  return fd;
}

static QnetTcpServer *
listen_tcp (GType type)
{
  QnetTcpServer *server = g_object_new (type, NULL);
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (
    QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  if (QNET_IS_SSL_SERVER (server))
    qnet_ssl_server_set_certificate_files (QNET_SSL_SERVER (server),
                                           get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (server, address, 0, &error);
  g_assert_no_error (error);

  return server;
}

static GObject *
make_server (Scene *scene)
{
  return G_OBJECT (listen_tcp (QNET_TYPE_TCP_SERVER));
}

static void
connect_clients (QnetTcpServer *server,
                 Scene         *scene)
{
  for (gsize i = 0; i < G_N_ELEMENTS (scene->clients); i++)
    scene->clients[i] = connect_plainly (qnet_tcp_server_get_server_port (server));
}

/* The loop has not accepted the connections. */
static GObject *
make_server_called (Scene *scene)
{
  QnetTcpServer *server = listen_tcp (QNET_TYPE_TCP_SERVER);

  connect_clients (server, scene);

  return G_OBJECT (server);
}

static GObject *
make_server_pending (Scene *scene)
{
  QnetTcpServer *server = listen_tcp (QNET_TYPE_TCP_SERVER);

  connect_clients (server, scene);
  while (!qnet_server_has_pending_connections (QNET_SERVER (server)))
    g_main_context_iteration (NULL, TRUE);

  return G_OBJECT (server);
}

static GObject *
make_server_with_connection (Scene *scene)
{
  GObject *server = make_server_pending (scene);

  scene->other = G_OBJECT (qnet_server_next_pending_connection (QNET_SERVER (server)));

  return server;
}

/* What a server has accepted is dropped elsewhere; the server stays. */
static GObject *
make_accepted (Scene *scene)
{
  scene->other = make_server_pending (scene);

  return G_OBJECT (qnet_server_next_pending_connection (QNET_SERVER (scene->other)));
}

static GObject *
make_connection_list (Scene *scene)
{
  g_autoptr(GObject) server = make_server_pending (scene);

  return G_OBJECT (g_object_ref (qnet_server_get_connections (QNET_SERVER (server))));
}

static QnetUdpSocket *
bind_udp (void)
{
  QnetUdpSocket *socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (
    QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (socket), address, 0,
                             QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error);
  g_assert_no_error (error);

  return socket;
}

static GObject *
make_udp (Scene *scene)
{
  return G_OBJECT (bind_udp ());
}

static GObject *
make_udp_receiving (Scene *scene)
{
  g_autoptr(QnetUdpSocket) sender = bind_udp ();
  QnetUdpSocket *socket = bind_udp ();
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (
    QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  g_signal_connect (socket, "ready-read", G_CALLBACK (ignore_cb), NULL);
  for (guint i = 0; i < 3; i++)
    qnet_udp_socket_write_datagram_to (
      sender, (const guint8 *) "datagram", 8, address,
      qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (socket)), &error);
  g_assert_no_error (error);

  return G_OBJECT (socket);
}

static GObject *
make_udp_connected (Scene *scene)
{
  QnetUdpSocket *socket = qnet_udp_socket_new ();

  scene->other = G_OBJECT (bind_udp ());
  qnet_abstract_socket_connect_to_host (
    QNET_ABSTRACT_SOCKET (socket), "127.0.0.1",
    qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (scene->other)));

  return G_OBJECT (socket);
}

static GObject *
make_local_unsent (Scene *scene)
{
  QnetLocalSocket *socket = qnet_local_socket_new ();
  int near;

  pair_open (&near, &scene->peer);
  restrict_buffer (near);
  adopt (socket, near);
  write_bytes (socket, UNSENT, scene);

  return G_OBJECT (socket);
}

static GObject *
make_local_server (Scene *scene)
{
  QnetLocalServer *server = qnet_local_server_new ();
  g_autofree char *path = g_strdup_printf ("%s/%u", folder, scene->round);
  GError *error = NULL;

  qnet_local_server_listen (server, path, &error);
  g_assert_no_error (error);

  return G_OBJECT (server);
}

static GObject *
make_local_connecting (Scene *scene)
{
  QnetLocalSocket *socket = qnet_local_socket_new ();

  scene->other = make_local_server (scene);
  qnet_local_socket_connect_to_server (
    socket, qnet_local_server_get_full_server_name (QNET_LOCAL_SERVER (scene->other)));

  return G_OBJECT (socket);
}

/* The server never answers: its socket is never read. */
static GObject *
make_dns_lookup (Scene *scene)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_new_special (
    QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  QnetDnsLookup *lookup;

  scene->other = G_OBJECT (bind_udp ());
  lookup = qnet_dns_lookup_new_with_nameserver (
    QNET_DNS_RECORD_TYPE_A, "example.org", address,
    qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (scene->other)));
  qnet_dns_lookup_lookup (lookup);

  return G_OBJECT (lookup);
}

static GObject *
make_dns_lookup_asked (Scene *scene)
{
  GObject *lookup = make_dns_lookup (scene);

  iterate_once ();

  return lookup;
}

static QnetSslSocket *
begin_tls (Scene *scene)
{
  QnetSslSocket *server = qnet_ssl_socket_new ();
  QnetSslSocket *client = qnet_ssl_socket_new ();
  GError *error = NULL;
  int near, far;

  pair_open_tcp (&near, &far);
  adopt (client, near);
  adopt (server, far);
  scene->other = G_OBJECT (server);

  qnet_ssl_socket_set_peer_verify_mode (client, QNET_SSL_PEER_VERIFY_MODE_NONE);
  qnet_ssl_socket_set_certificate_files (server, get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_start_server_encryption (server, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_start_client_encryption (client, &error);
  g_assert_no_error (error);

  return client;
}

static GObject *
make_ssl_in_handshake (Scene *scene)
{
  QnetSslSocket *client = begin_tls (scene);

  for (guint i = 0; i < scene->round % 8; i++)
    iterate_once ();

  return G_OBJECT (client);
}

static GObject *
make_ssl_encrypted (Scene *scene)
{
  QnetSslSocket *client = begin_tls (scene);

  while (!qnet_ssl_socket_is_encrypted (client)
         || !qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (scene->other)))
    g_main_context_iteration (NULL, TRUE);
  qnet_io_device_write_string (QNET_IO_DEVICE (client), "secret", NULL);

  return G_OBJECT (client);
}

static GObject *
make_ssl_server (Scene *scene)
{
  QnetTcpServer *server = listen_tcp (QNET_TYPE_SSL_SERVER);

  connect_clients (server, scene);
  iterate_once ();
  iterate_once ();

  return G_OBJECT (server);
}

/* Ways to drop a reference. Each returns at once, and counts in n_dropped when it was dropped. */

static gint n_dropped;  /* atomic */

static void
note_dropped (void)
{
  g_atomic_int_inc (&n_dropped);
}

/* By the owner itself: this is what must not be worse in another thread. */
static void
drop_here (GObject *object)
{
  g_object_unref (object);
  note_dropped ();
}

static gpointer
drop_in_thread (gpointer object)
{
  g_object_unref (object);
  note_dropped ();

  return NULL;
}

static void
drop_by_thread (GObject *object)
{
  g_thread_unref (g_thread_new ("dropper", drop_in_thread, object));
}

/* While the owner is blocked */
static void
drop_and_join (GObject *object)
{
  g_thread_join (g_thread_new ("dropper", drop_in_thread, object));
}

static gpointer
drop_in_own_context (gpointer object)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  drop_in_thread (object);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
drop_by_loop_thread (GObject *object)
{
  g_thread_unref (g_thread_new ("dropper", drop_in_own_context, object));
}

/* Orders the two threads for ThreadSanitizer, which does not see that GTask does. */
static pthread_mutex_t place_mutex = PTHREAD_MUTEX_INITIALIZER;

static void
drop_in_task (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  GObject **place = data;
  GObject *object;

  pthread_mutex_lock (&place_mutex);
  object = g_steal_pointer (place);
  pthread_mutex_unlock (&place_mutex);

  g_object_unref (object);
  note_dropped ();
  g_task_return_boolean (task, TRUE);
}

static void
drop_by_task (GObject *object)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  GObject **place = g_new (GObject *, 1);

  pthread_mutex_lock (&place_mutex);
  *place = object;
  pthread_mutex_unlock (&place_mutex);
  g_task_set_task_data (task, place, g_free);
  g_task_run_in_thread (task, drop_in_task);
}

/* By the destructor of a thread-local: the thread has ended, nearly. */
static void
unref_private (gpointer object)
{
  drop_in_thread (object);
}

static GPrivate private_object = G_PRIVATE_INIT (unref_private);

static gpointer
keep_in_thread (gpointer object)
{
  g_private_set (&private_object, object);

  return NULL;
}

static void
drop_by_private (GObject *object)
{
  g_thread_unref (g_thread_new ("private", keep_in_thread, object));
}

/* Several threads have a reference, and none knows which is the last. */
static void
drop_by_many (GObject *object)
{
  static const guint n_threads = 4;
  GThread *threads[4];

  for (guint i = 1; i < n_threads; i++)
    g_object_ref (object);
  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("dropper", drop_in_thread, object);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  g_atomic_int_add (&n_dropped, -3);
}

/* Rounds */

static void
drain (Scene *scene)
{
  gssize size = 0;
  char buffer[65536];

  for (;;)
    {
      gssize n = recv (scene->peer, buffer, sizeof buffer, 0);
      struct pollfd pollfd = { scene->peer, POLLIN, 0 };

      if (n == 0 || (n < 0 && errno != EAGAIN))
        break;
      size += MAX (n, 0);
      if (!iterate_once () && n < 0)
        poll (&pollfd, 1, 1);
    }

  if (scene->expected >= 0)
    g_assert_cmpint (size, ==, scene->expected);
}

/* With a reset, so that the other end does not occupy a port in TIME_WAIT */
static void
close_fd (int *fd)
{
  static const struct linger no_linger = { .l_onoff = 1 };

  if (*fd >= 0)
    setsockopt (*fd, SOL_SOCKET, SO_LINGER, &no_linger, sizeof no_linger);
  if (*fd >= 0)
    g_assert_no_errno (close (*fd));

  *fd = -1;
}

static void
end_scene (Scene *scene)
{
  if (scene->peer >= 0)
    drain (scene);

  close_fd (&scene->peer);
  for (gsize i = 0; i < G_N_ELEMENTS (scene->clients); i++)
    close_fd (&scene->clients[i]);
  g_clear_object (&scene->other);
}

typedef struct
{
  Maker make;
  void (*drop) (GObject *object);
} Point;

static void
run_round (const Point *point,
           guint        round)
{
  Scene scene = { .round = round, .peer = -1, .clients = { -1, -1, -1 }, .expected = -1 };
  GObject *object = point->make (&scene);

  isolated_step ("dropping the last reference, round", round);
  g_object_weak_ref (object, finalized_cb, NULL);
  point->drop (g_steal_pointer (&object));
  while ((guint) g_atomic_int_get (&n_dropped) <= round)
    iterate_once ();

  isolated_step ("receiving what was written before, round", round);
  end_scene (&scene);
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* A TLS handshake takes as long as ten other rounds. */
static guint
get_n_rounds (const Point *point)
{
  gboolean is_slow = point->make == make_ssl_encrypted || point->make == make_ssl_in_handshake;
  guint n_rounds = isolated_rounds (N_SHORT, N_LONG);

  return is_slow ? MAX (1, n_rounds / 10) : n_rounds;
}

/* One round first, so that what is opened once in a program is open. */
static void
run_point (gconstpointer data)
{
  const Point *point = data;
  guint n_rounds = get_n_rounds (point);
  guint n_before = 0;
  guint timer;

  if ((point->make == make_ssl_encrypted || point->make == make_ssl_in_handshake
       || point->make == make_ssl_server) && !has_tls ())
    return;

  folder = temp_folder_make ();
  timer = g_timeout_add (2, tick_cb, NULL);
  for (guint round = 0; round <= n_rounds; round++)
    {
      run_round (point, round);
      if (round == 0)
        {
          while ((guint) g_atomic_int_get (&n_finalized) == 0)
            g_main_context_iteration (NULL, TRUE);
          for (guint i = 0; i < 20; i++)
            g_main_context_iteration (NULL, TRUE);
          n_before = count_descriptors ();
        }
    }

  isolated_step ("waiting until the objects are finalized, of them", n_rounds);
  while ((guint) g_atomic_int_get (&n_finalized) <= n_rounds)
    g_main_context_iteration (NULL, TRUE);
  isolated_step ("waiting until the descriptors are closed, before there were", n_before);
  while (count_descriptors () > n_before)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  temp_folder_remove (folder);
}

/* An object whose context is freed already */

typedef struct
{
  Maker  make;
  Scene *scene;
} Creation;

static gpointer
create_in_thread (gpointer data)
{
  const Creation *creation = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  GObject *object;

  g_main_context_push_thread_default (context);
  object = creation->make (creation->scene);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  return object;
}

/* The makers that iterate the default context, or leave an object with the owner, are not among
 * them. */
static void
run_context_gone (gconstpointer data)
{
  const Point *point = data;
  guint n_rounds = isolated_rounds (N_SHORT, N_LONG);
  guint n_before = 0;

  folder = temp_folder_make ();
  for (guint round = 0; round <= n_rounds; round++)
    {
      Scene scene = { .round = round, .peer = -1, .clients = { -1, -1, -1 }, .expected = -1 };
      Creation creation = { point->make, &scene };
      g_autoptr(GObject) object = g_thread_join (g_thread_new ("owner", create_in_thread,
                                                               &creation));

      isolated_step ("dropping an object after its context, round", round);
      g_assert_finalize_object (g_steal_pointer (&object));
      end_scene (&scene);
      if (round == 0)
        n_before = count_descriptors ();
    }

  g_assert_cmpuint (count_descriptors (), ==, n_before);
  temp_folder_remove (folder);
}

/* Without a loop: a blocking call of the owner disposes what was dropped before. */
static void
test_wait (gconstpointer data)
{
  for (guint round = 0; round < isolated_rounds (N_SHORT, N_LONG); round++)
    {
      Scene dropped = { .peer = -1 };
      Scene waiting = { .peer = -1 };
      g_autoptr(QnetTcpSocket) socket = connect_tcp (&waiting);
      GObject *object = G_OBJECT (connect_tcp (&dropped));
      GError *error = NULL;

      isolated_step ("waiting after another thread has dropped a socket, round", round);
      g_object_weak_ref (object, finalized_cb, NULL);
      drop_and_join (object);
      g_assert_cmpint (g_atomic_int_get (&n_finalized), ==, round);
      pair_send (waiting.peer, "x");
      g_assert_true (qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (socket), -1, &error));
      g_assert_no_error (error);
      g_assert_cmpint (g_atomic_int_get (&n_finalized), ==, round + 1);
      pair_assert_gets (dropped.peer, "");
      qnet_socket_abort (QNET_SOCKET (socket));
      close_fd (&dropped.peer);
      close_fd (&waiting.peer);
    }
}

/* A lookup whose context is freed, or that another thread cancels, while it is pending */

static void
count_lookup_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      n_ended)
{
  G_GNUC_UNUSED g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, NULL);

  (*(guint *) n_ended)++;
}

static gpointer
cancel_in_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);

  return NULL;
}

static void
test_host_info (gconstpointer data)
{
  guint n_rounds = isolated_rounds (N_SHORT, N_LONG);
  guint n_ended = 0;

  for (guint round = 0; round < n_rounds; round++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();

      isolated_step ("looking up, round", round);
      qnet_host_info_lookup_host_async ("localhost", G_PRIORITY_DEFAULT, cancellable,
                                        count_lookup_cb, &n_ended);
      g_thread_unref (g_thread_new ("canceller", cancel_in_thread, g_object_ref (cancellable)));
      while (n_ended <= round)
        g_main_context_iteration (NULL, TRUE);
    }
}

static gpointer
look_up_and_leave (gpointer data)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  qnet_host_info_lookup_host_async ("localhost", G_PRIORITY_DEFAULT, NULL, count_lookup_cb, data);
  if (g_random_boolean ())
    g_main_context_iteration (context, FALSE);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_host_info_context_gone (gconstpointer data)
{
  guint n_rounds = isolated_rounds (N_SHORT, N_LONG);
  guint n_ended = 0;

  for (guint round = 0; round < n_rounds; round++)
    {
      isolated_step ("looking up in a context that is freed, round", round);
      g_thread_join (g_thread_new ("caller", look_up_and_leave, &n_ended));
    }
}

/* All of them */

static void
add_point (const char *path,
           Maker       make,
           void      (*drop) (GObject *),
           GTestDataFunc func)
{
  Point *point = g_new (Point, 1);

  *point = (Point) { make, drop };
  isolated_add (path, LIMIT, func, point);
}

static const struct
{
  const char *name;
  Maker       make;
  gboolean    context_may_go;
} makers[] = {
  { "tcp/unconnected", make_tcp, TRUE },
  { "tcp/connected", make_tcp_connected, TRUE },
  { "tcp/written", make_tcp_written, TRUE },
  { "tcp/unsent", make_tcp_unsent, FALSE },
  { "tcp/unread", make_tcp_unread, FALSE },
  { "tcp/closing", make_tcp_closing, FALSE },
  { "tcp/with-streams", make_tcp_with_streams, TRUE },
  { "tcp/output-stream", make_output_stream, TRUE },
  { "tcp/with-handlers", make_tcp_with_handlers, TRUE },
  { "tcp/connecting", make_tcp_connecting, TRUE },
  { "tcp/looking-up", make_tcp_looking_up, TRUE },
  { "tcp/accepted", make_accepted, FALSE },
  { "server/listening", make_server, TRUE },
  { "server/called", make_server_called, TRUE },
  { "server/pending", make_server_pending, FALSE },
  { "server/with-connection", make_server_with_connection, FALSE },
  { "server/connection-list", make_connection_list, FALSE },
  { "udp/bound", make_udp, TRUE },
  { "udp/receiving", make_udp_receiving, TRUE },
  { "udp/connected", make_udp_connected, FALSE },
  { "local/unsent", make_local_unsent, FALSE },
  { "local/connecting", make_local_connecting, FALSE },
  { "local-server/listening", make_local_server, TRUE },
  { "dns-lookup/begun", make_dns_lookup, FALSE },
  { "dns-lookup/asked", make_dns_lookup_asked, FALSE },
  { "ssl/in-handshake", make_ssl_in_handshake, FALSE },
  { "ssl/encrypted", make_ssl_encrypted, FALSE },
  { "ssl-server/called", make_ssl_server, FALSE },
};

static const struct
{
  const char *name;
  void      (*drop) (GObject *object);
} droppers[] = {
  { "own", drop_here },
  { "thread", drop_by_thread },
  { "thread-with-loop", drop_by_loop_thread },
  { "while-blocked", drop_and_join },
  { "task", drop_by_task },
  { "private", drop_by_private },
  { "many", drop_by_many },
};

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);

  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autofree char *gone = g_strdup_printf ("/foreign-threads/context-gone/%s", makers[i].name);

      for (gsize j = 0; j < G_N_ELEMENTS (droppers); j++)
        {
          g_autofree char *path = g_strdup_printf ("/foreign-threads/%s/%s", droppers[j].name,
                                                   makers[i].name);

          add_point (path, makers[i].make, droppers[j].drop, run_point);
        }
      if (makers[i].context_may_go)
        add_point (gone, makers[i].make, NULL, run_context_gone);
    }

  isolated_add ("/foreign-threads/wait", LIMIT, test_wait, NULL);
  isolated_add ("/foreign-threads/host-info/cancelled", LIMIT, test_host_info, NULL);
  isolated_add ("/foreign-threads/host-info/context-gone", LIMIT, test_host_info_context_gone,
                NULL);

  return g_test_run ();
}
