/* test-gsocket.c: descriptors for GIO, also when GIO cannot take them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "base/qnet-gsocket-private.h"
#include "common/pair.h"
#include "tls/qnet-tls-support-private.h"

/* The system's calls, which GIO finds here first: getsockname() fails while that is wanted, and
 * each close() of what is not open is counted. */

static gboolean fails_getsockname;
static int      n_bad_closes;

#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

__attribute__ ((visibility ("default"))) int
getsockname (int                       fd,
             struct sockaddr *restrict address,
             socklen_t *restrict       size)
{
  if (!fails_getsockname)
    return REAL (getsockname) (fd, address, size);

  errno = ENOBUFS;
  return -1;
}

__attribute__ ((visibility ("default"))) int
close (int fd)
{
  int result = REAL (close) (fd);

  if (result != 0 && errno == EBADF)
    g_atomic_int_inc (&n_bad_closes);

  return result;
}

static void
begin_failing (void)
{
  fails_getsockname = TRUE;
  g_atomic_int_set (&n_bad_closes, 0);
}

static void
end_failing (void)
{
  fails_getsockname = FALSE;
  g_assert_cmpint (g_atomic_int_get (&n_bad_closes), ==, 0);
}

/* The helper */

static void
test_owns (void)
{
  g_autoptr(GError) error = NULL;
  GSocket *socket;
  int near;
  int far;

  g_test_summary ("A GSocket that could be made owns the descriptor.");

  pair_open_tcp (&near, &far);
  socket = qnet_gsocket_new (near, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_socket_get_fd (socket), ==, near);
  g_assert_finalize_object (socket);
  g_assert_false (pair_is_open (near));
  close (far);
}

static void
test_failure_leaves_descriptor (void)
{
  g_autoptr(GError) error = NULL;
  int near;
  int far;

  g_test_summary ("When GIO fails, the descriptor is open, and its caller's.");

  pair_open_tcp (&near, &far);
  begin_failing ();
  g_assert_null (qnet_gsocket_new (near, &error));
  end_failing ();

  g_assert_nonnull (error);
  g_assert_true (pair_is_open (near));
  close (near);
  close (far);
}

static void
test_no_socket (void)
{
  g_autoptr(GError) error = NULL;
  int file = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_test_summary ("A descriptor that is no socket is an error, and stays open.");

  g_assert_null (qnet_gsocket_new (file, &error));
  g_assert_nonnull (error);
  g_assert_true (pair_is_open (file));
  close (file);
}

/* Who uses it */

static void
test_server (void)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  g_test_summary ("A server whose GSocket cannot be made closes nothing twice, and makes it "
                  "later.");

  g_assert_true (qnet_tcp_server_listen (server, address, 0, NULL));
  begin_failing ();
  g_assert_null (qnet_server_get_socket (QNET_SERVER (server)));
  end_failing ();
  g_assert_nonnull (qnet_server_get_socket (QNET_SERVER (server)));
}

/* Takes @near over. */
static QnetAbstractSocket *
adopt (QnetAbstractSocket *socket,
       int                 near)
{
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, NULL));

  return socket;
}

static void
test_socket (void)
{
  g_autoptr(QnetAbstractSocket) socket = QNET_ABSTRACT_SOCKET (qnet_tcp_socket_new ());
  g_autoptr(GSocketConnection) stolen = NULL;
  g_autoptr(GError) error = NULL;
  int near;
  int far;

  g_test_summary ("A socket whose descriptor cannot be duplicated keeps it.");

  pair_open_tcp (&near, &far);
  adopt (socket, near);

  begin_failing ();
  g_assert_null (qnet_socket_get_socket (QNET_SOCKET (socket)));
  g_assert_null (qnet_socket_steal_connection (QNET_SOCKET (socket), &error));
  end_failing ();

  g_assert_nonnull (error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==, QNET_SOCKET_STATE_CONNECTED);
  pair_send (far, "still there");
  g_assert_true (qnet_io_device_wait_for_ready_read (QNET_IO_DEVICE (socket), -1, NULL));

  stolen = qnet_socket_steal_connection (QNET_SOCKET (socket), NULL);
  g_assert_nonnull (stolen);
  close (far);
}

static void
test_tls (void)
{
  g_autoptr(QnetAbstractSocket) socket = QNET_ABSTRACT_SOCKET (qnet_ssl_socket_new ());
  g_autoptr(GError) error = NULL;
  int near;
  int far;

  g_test_summary ("Encryption needs no GSocket, and closes the descriptor once.");

  if (!qnet_tls_is_supported ())
    {
      g_test_skip ("qnet was built without TLS");
      return;
    }

  pair_open_tcp (&near, &far);
  adopt (socket, near);

  begin_failing ();
  g_assert_true (qnet_ssl_socket_start_client_encryption (QNET_SSL_SOCKET (socket), &error));
  g_assert_no_error (error);
  g_clear_object (&socket);
  end_failing ();

  close (far);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gsocket/owns-the-descriptor", test_owns);
  g_test_add_func ("/gsocket/failure-leaves-the-descriptor", test_failure_leaves_descriptor);
  g_test_add_func ("/gsocket/no-socket-is-an-error", test_no_socket);
  g_test_add_func ("/gsocket/server-closes-once", test_server);
  g_test_add_func ("/gsocket/socket-keeps-its-descriptor", test_socket);
  g_test_add_func ("/gsocket/tls-closes-once", test_tls);

  return g_test_run ();
}
