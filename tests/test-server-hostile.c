/* test-server-hostile.c: how much a client can cost a server, and what limits it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/server-fixture.h"

#define SERVER(fixture) QNET_SERVER ((fixture)->server)
#define DEVICE(socket)  QNET_IO_DEVICE (socket)

#define MIB (1024 * 1024)

static gsize
count_descriptors (void)
{
  DIR *folder = opendir ("/proc/self/fd");
  gsize n = 0;

  while (readdir (folder) != NULL)
    n++;

  closedir (folder);

  return n;
}

static void
iterate_until_unconnected (ServerFixture *fixture,
                           QnetTcpSocket *socket)
{
  while (qnet_socket_get_state (QNET_SOCKET (socket))
         != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (fixture->context, TRUE);
}

/* Sends without blocking as much as the kernel accepts. */
static gsize
pour (int client)
{
  static char piece[65536];
  gsize total = 0;
  gssize n;

  memset (piece, 'x', sizeof piece);
  while ((n = send (client, piece, sizeof piece, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
    total += n;

  return total;
}

static void
reset (ServerFixture *fixture,
       int            client)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  g_assert_no_errno (setsockopt (client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  server_fixture_disconnect (fixture, client);
}

/* Limits */

static void
test_defaults (ServerFixture *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  g_autoptr(QnetTcpSocket) own = qnet_tcp_socket_new ();
  gint64 read_buffer_size, unsent_limit;

  g_test_summary ("Accepted connections have limits of 1 MiB unless they are set; other sockets "
                  "have none.");

  g_object_get (fixture->server, "read-buffer-size", &read_buffer_size, "unsent-limit",
                &unsent_limit, NULL);
  g_assert_cmpint (read_buffer_size, ==, MIB);
  g_assert_cmpint (unsent_limit, ==, MIB);

  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, NULL);
  g_assert_cmpint (qnet_io_device_get_read_buffer_size (DEVICE (accepted)), ==, MIB);
  g_assert_cmpint (qnet_io_device_get_unsent_limit (DEVICE (accepted)), ==, MIB);
  g_assert_cmpint (qnet_io_device_get_read_buffer_size (DEVICE (own)), ==, 0);
  g_assert_cmpint (qnet_io_device_get_unsent_limit (DEVICE (own)), ==, 0);
}

static void
test_no_limits (ServerFixture *fixture,
                gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;

  g_test_summary ("Both limits can be set, and switched off.");

  g_object_set (fixture->server, "read-buffer-size", (gint64) 0, "unsent-limit", (gint64) 77, NULL);
  g_assert_cmpint (qnet_server_get_unsent_limit (SERVER (fixture)), ==, 77);
  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, NULL);
  g_assert_cmpint (qnet_io_device_get_read_buffer_size (DEVICE (accepted)), ==, 0);
  g_assert_cmpint (qnet_io_device_get_unsent_limit (DEVICE (accepted)), ==, 77);

  g_object_set (accepted, "unsent-limit", (gint64) 0, NULL);
  g_assert_cmpint (qnet_io_device_get_unsent_limit (DEVICE (accepted)), ==, 0);
}

static void
test_flooded (ServerFixture *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  int client;

  g_test_summary ("A client that floods a handler that reads nothing fills 1 MiB; its end of "
                  "stream is noticed.");

  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, &client);

  for (guint i = 0; i < 1000; i++)
    {
      pour (client);
      g_main_context_iteration (fixture->context, FALSE);
      g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), <=, MIB);
    }

  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), ==, MIB);
  reset (fixture, client);
  iterate_until_unconnected (fixture, accepted);
}

static void
echo_cb (QnetIODevice *device)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (device);

  qnet_io_device_write_bytes (device, bytes, NULL);
}

static void
test_unread_echo (ServerFixture *fixture,
                  gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  gsize sent = 0, received = 0;
  static char piece[65536];
  gint64 most = 0;
  gssize n;
  int client;

  g_test_summary ("Echoes that a client does not read do not accumulate; once it reads, it "
                  "receives all of them.");

  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, &client);
  g_signal_connect (accepted, "ready-read", G_CALLBACK (echo_cb), NULL);

  for (guint i = 0; i < 1000; i++)
    {
      sent += pour (client);
      g_main_context_iteration (fixture->context, FALSE);
      most = MAX (most, qnet_io_device_get_bytes_to_write (DEVICE (accepted)));
    }

  g_assert_cmpint (most, >=, MIB);
  g_assert_cmpint (most, <=, 2 * MIB);

  while (received < sent)
    {
      g_main_context_iteration (fixture->context, FALSE);
      n = recv (client, piece, sizeof piece, MSG_DONTWAIT);
      if (n > 0)
        received += n;
    }
}

static void
test_shut_reads_on (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (16 * MIB), 16 * MIB);
  int client;

  g_test_summary ("After shutdown_write() no answer can be added, so unsent-limit does not pause "
                  "reading.");

  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, &client);
  qnet_io_device_write_bytes (DEVICE (accepted), bytes, NULL);
  server_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_to_write (DEVICE (accepted)), >, MIB);

  qnet_socket_shutdown_write (QNET_SOCKET (accepted));
  g_assert_cmpint (send (client, "x", 1, MSG_NOSIGNAL), ==, 1);
  server_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), ==, 1);
}

static void
test_wait_reads_on (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (16 * MIB), 16 * MIB);
  g_autoptr(GError) error = NULL;
  int client;

  g_test_summary ("A wait for bytes to be sent receives as well, whatever unsent-limit is: the "
                  "client may send before it reads.");

  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, &client);
  qnet_io_device_write_bytes (DEVICE (accepted), bytes, NULL);
  server_fixture_settle (fixture);
  g_assert_cmpint (send (client, "x", 1, MSG_NOSIGNAL), ==, 1);
  server_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), ==, 0);

  g_assert_false (qnet_io_device_wait_for_bytes_written (DEVICE (accepted), 20, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), ==, 1);

  g_assert_cmpint (send (client, "y", 1, MSG_NOSIGNAL), ==, 1);
  server_fixture_settle (fixture);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), ==, 1);
}

static void
test_unread_echo_ends (ServerFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  int client;

  g_test_summary ("The end of a client that does not read its echoes is noticed.");

  server_fixture_listen (fixture);
  accepted = server_fixture_accept_one (fixture, &client);
  g_signal_connect (accepted, "ready-read", G_CALLBACK (echo_cb), NULL);

  for (guint i = 0; i < 1000; i++)
    {
      pour (client);
      g_main_context_iteration (fixture->context, FALSE);
    }

  server_fixture_disconnect (fixture, client);
  iterate_until_unconnected (fixture, accepted);
}

/* Clients that close early */

static guint16
get_local_port (int client)
{
  struct sockaddr_in address = { 0, };
  socklen_t size = sizeof address;

  g_assert_no_errno (getsockname (client, (struct sockaddr *) &address, &size));

  return ntohs (address.sin_port);
}

static void
test_reset_before_accept (ServerFixture *fixture,
                          gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(QnetTcpSocket) accepted = NULL;
  g_autofree char *text = NULL;
  guint16 port;
  int client;

  g_test_summary ("The address of a client that resets before it is accepted is known all the "
                  "same.");

  server_fixture_listen (fixture);
  client = server_fixture_connect (fixture);
  port = get_local_port (client);
  reset (fixture, client);

  server_fixture_await_new (fixture, 1);
  accepted = qnet_tcp_server_next_pending_connection (fixture->server);
  address = qnet_abstract_socket_get_peer_address (QNET_ABSTRACT_SOCKET (accepted));
  text = qnet_host_address_to_string (address);
  g_assert_cmpstr (text, ==, "127.0.0.1");
  g_assert_cmpint (qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (accepted)), ==, port);
  iterate_until_unconnected (fixture, accepted);
}

static void
test_gone_while_pending (ServerFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  int client;

  g_test_summary ("A client that closes while it is pending is returned connected, with its bytes, "
                  "and then ends.");

  server_fixture_listen (fixture);
  client = server_fixture_connect (fixture);
  g_assert_cmpint (send (client, "last", 4, 0), ==, 4);
  server_fixture_disconnect (fixture, client);
  server_fixture_await_new (fixture, 1);
  server_fixture_settle (fixture);

  accepted = qnet_tcp_server_next_pending_connection (fixture->server);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (accepted)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  iterate_until_unconnected (fixture, accepted);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (accepted)), ==, 4);
}

/* Pausing */

static void
test_close_ends_pause (ServerFixture *fixture,
                       gconstpointer  data)
{
  g_test_summary ("close() ends the pause, whether the server listens or not.");

  qnet_server_pause_accepting (SERVER (fixture));
  qnet_server_close (SERVER (fixture));
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);

  qnet_server_pause_accepting (SERVER (fixture));
  qnet_server_close (SERVER (fixture));
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 2);
}

static void
test_paused_before (ServerFixture *fixture,
                    gconstpointer  data)
{
  g_test_summary ("A server that is paused before it listens accepts once it is resumed.");

  qnet_server_pause_accepting (SERVER (fixture));
  server_fixture_listen (fixture);
  server_fixture_connect (fixture);
  server_fixture_settle (fixture);
  g_assert_cmpuint (fixture->n_new, ==, 0);

  qnet_server_resume_accepting (SERVER (fixture));
  server_fixture_await_new (fixture, 1);
}

/* Iterating over the connections */

static void
test_list (ServerFixture *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) first = NULL;
  g_autoptr(QnetTcpSocket) second = NULL;
  g_autoptr(GPtrArray) all = NULL;

  g_test_summary ("The list of the connections is a snapshot, in the order in which they arrived.");

  server_fixture_listen (fixture);
  first = server_fixture_accept_one (fixture, NULL);
  second = server_fixture_accept_one (fixture, NULL);
  all = qnet_server_list_connections (SERVER (fixture));

  for (guint i = 0; i < all->len; i++)
    qnet_socket_abort (QNET_SOCKET (g_ptr_array_index (all, i)));

  g_assert_cmpuint (all->len, ==, 2);
  g_assert_true (g_ptr_array_index (all, 0) == first);
  g_assert_true (g_ptr_array_index (all, 1) == second);
  g_assert_cmpuint (g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture))), ==,
                    0);
  g_assert_true (QNET_IS_CONNECTION_LIST (qnet_server_get_connections (SERVER (fixture))));
}

/* Refusing */

typedef QnetTcpServer      PickyServer;
typedef QnetTcpServerClass PickyServerClass;

static GType picky_server_get_type (void);

G_DEFINE_TYPE (PickyServer, picky_server, QNET_TYPE_TCP_SERVER)

/* What the override does before it refuses the connection. */
static void (*prepare) (QnetServer *server, int fd);

static void
picky_server_incoming_connection (QnetServer *server,
                                  int         fd)
{
  if (prepare != NULL)
    prepare (server, fd);

  qnet_server_refuse_connection (server, fd);
}

static void
picky_server_class_init (PickyServerClass *klass)
{
  QNET_SERVER_CLASS (klass)->incoming_connection = picky_server_incoming_connection;
}

static void
picky_server_init (PickyServer *self)
{
}

static void
make_picky (ServerFixture *fixture,
            void         (*func) (QnetServer *, int))
{
  prepare = func;
  g_assert_finalize_object (fixture->server);
  fixture->server = g_object_new (picky_server_get_type (), NULL);
  server_fixture_count (fixture);
  server_fixture_listen (fixture);
}

static void
test_refuse (ServerFixture *fixture,
             gconstpointer  data)
{
  gsize n_descriptors;
  int client;

  g_test_summary ("A connection that is refused is closed, and not reported.");

  make_picky (fixture, NULL);
  client = server_fixture_connect (fixture);
  n_descriptors = count_descriptors ();
  server_fixture_settle (fixture);
  assert_disconnected (client);
  g_assert_cmpuint (fixture->n_new, ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
take (QnetServer *server,
      int         fd)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), fd,
                                                             QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));
  qnet_server_add_pending_connection (server, QNET_SOCKET (socket));
}

static void
test_refuse_taken (ServerFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;

  g_test_summary ("A descriptor that a socket has taken is not closed.");

  make_picky (fixture, take);
  accepted = server_fixture_accept_one (fixture, NULL);
  server_fixture_settle (fixture);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (accepted)), ==,
                   QNET_SOCKET_STATE_CONNECTED);
  g_assert_cmpuint (fixture->n_new, ==, 1);
}

static int other = -1;

static void
replace (QnetServer *server,
         int         fd)
{
  int copy = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (dup2 (copy, fd), ==, fd);  /* closes it: its number is now another file's */
  close (copy);
  other = fd;
}

static void
test_refuse_closed (ServerFixture *fixture,
                    gconstpointer  data)
{
  int client;

  g_test_summary ("A descriptor that was closed already, and whose number is another file's, is "
                  "not closed.");

  make_picky (fixture, replace);
  client = server_fixture_connect (fixture);
  server_fixture_await_new (fixture, 1);
  assert_disconnected (client);
  g_assert_cmpint (fcntl (other, F_GETFD), >=, 0);
  close (other);
}

static void
test_refuse_outside (ServerFixture *fixture,
                     gconstpointer  data)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_test_summary ("Outside of incoming_connection() nothing is closed.");

  qnet_server_refuse_connection (SERVER (fixture), fd);
  g_assert_cmpint (fcntl (fd, F_GETFD), >=, 0);
  close (fd);
}

static void
take_reset (QnetServer *server,
            int         fd)
{
  take (server, fd);
}

static void
test_take_reset (ServerFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetTcpSocket) accepted = NULL;
  guint16 port;
  int client;

  g_test_summary ("An override may take a client that has reset already; its address is known, "
                  "too.");

  make_picky (fixture, take_reset);
  client = server_fixture_connect (fixture);
  port = get_local_port (client);
  reset (fixture, client);
  server_fixture_await_new (fixture, 1);
  accepted = qnet_tcp_server_next_pending_connection (fixture->server);
  g_assert_cmpint (qnet_abstract_socket_get_peer_port (QNET_ABSTRACT_SOCKET (accepted)), ==, port);
  iterate_until_unconnected (fixture, accepted);
}

/* Messages */

static void
keep_error_cb (QnetServer   *server,
               const GError *error,
               GError      **out_error)
{
  *out_error = g_error_copy (error);
}

static void
test_accept_error_says_where (ServerFixture *fixture,
                              gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *place = NULL;
  GArray *copies = g_array_new (FALSE, FALSE, sizeof (int));
  int copy;

  g_test_summary ("The message of accept-error contains where the server listens.");

  server_fixture_listen (fixture);
  g_signal_connect (fixture->server, "accept-error", G_CALLBACK (keep_error_cb), &error);
  server_fixture_connect (fixture);
  g_main_context_iteration (fixture->context,
                            FALSE); /* opens all descriptors that the loop needs */
  server_fixture_settle (fixture);
  server_fixture_connect (fixture);
  while ((copy = dup (0)) >= 0)
    g_array_append_val (copies, copy);

  while (error == NULL)
    g_main_context_iteration (fixture->context, TRUE);

  for (guint i = 0; i < copies->len; i++)
    close (g_array_index (copies, int, i));
  g_array_unref (copies);

  place = g_strdup_printf ("Could not accept a connection on 127.0.0.1 port %u: ",
                           qnet_tcp_server_get_server_port (fixture->server));
  g_assert_true (g_str_has_prefix (error->message, place));
}

#define add(path, func) \
  g_test_add (path, ServerFixture, NULL, server_fixture_set_up, func, server_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/server-hostile/limits/defaults", test_defaults);
  add ("/server-hostile/limits/set", test_no_limits);
  add ("/server-hostile/limits/flood", test_flooded);
  add ("/server-hostile/limits/unread-echoes", test_unread_echo);
  add ("/server-hostile/limits/unread-echoes-and-gone", test_unread_echo_ends);
  add ("/server-hostile/limits/unread-bytes-and-shut-down-reads-on", test_shut_reads_on);
  add ("/server-hostile/limits/unread-bytes-and-wait-reads-on", test_wait_reads_on);
  add ("/server-hostile/closed-early/reset-before-accept-has-an-address", test_reset_before_accept);
  add ("/server-hostile/closed-early/while-pending", test_gone_while_pending);
  add ("/server-hostile/pause/close-ends-it", test_close_ends_pause);
  add ("/server-hostile/pause/before-listening", test_paused_before);
  add ("/server-hostile/connections/list-is-a-snapshot", test_list);
  add ("/server-hostile/refuse/closes-and-does-not-emit", test_refuse);
  add ("/server-hostile/refuse/taken-is-not-closed", test_refuse_taken);
  add ("/server-hostile/refuse/closed-number-is-not-closed-again", test_refuse_closed);
  add ("/server-hostile/refuse/outside-does-nothing", test_refuse_outside);
  add ("/server-hostile/refuse/reset-client-can-be-taken", test_take_reset);
  add ("/server-hostile/messages/accept-error-names-the-address", test_accept_error_says_where);

  return g_test_run ();
}
