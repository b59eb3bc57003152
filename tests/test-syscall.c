/* test-syscall.c: the system calls, and how tests make them fail
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "base/qnet-syscall-private.h"

static QnetSyscall fault_call;   /* which call ... */
static int         fault_value;  /* ... ends how ... */
static guint       n_faults;     /* ... so many times more */

static int
fault_cb (QnetSyscall call)
{
  if (call != fault_call || n_faults == 0)
    return 0;

  n_faults--;
  return fault_value;
}

static void
fail (QnetSyscall call,
      int         value,
      guint       n)
{
  fault_call = call;
  fault_value = value;
  n_faults = n;
  qnet_syscall_fault = fault_cb;
}

static void
set_up (int           *fds,
        gconstpointer  data)
{
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
}

static void
tear_down (int           *fds,
           gconstpointer  data)
{
  qnet_syscall_fault = NULL;
  qnet_clear_fd (&fds[0]);
  qnet_clear_fd (&fds[1]);
}

static gssize
send_string (int         fd,
             const char *string)
{
  struct iovec vector = { (char *) string, strlen (string) };

  return qnet_sys_send (fd, &vector, 1);
}

static void
assert_receives (int         fd,
                 const char *expected)
{
  char buffer[100] = { 0, };

  g_assert_cmpint (qnet_sys_recv (fd, buffer, sizeof buffer), ==, strlen (expected));
  g_assert_cmpstr (buffer, ==, expected);
}

static void
test_vectors (int           *fds,
              gconstpointer  data)
{
  struct iovec vectors[] = {
    { (char *) "one ", 4 },
    { (char *) "two ", 4 },
    { (char *) "three", 5 },
  };

  g_test_summary ("Several runs of bytes go out by one call.");

  g_assert_cmpint (qnet_sys_send (fds[0], vectors, 3), ==, 13);
  assert_receives (fds[1], "one two three");
}

static void
test_interrupted (int           *fds,
                  gconstpointer  data)
{
  g_test_summary ("A call that a signal interrupts is made again.");

  fail (QNET_SYSCALL_SEND, EINTR, 3);
  g_assert_cmpint (send_string (fds[0], "abc"), ==, 3);
  g_assert_cmpuint (n_faults, ==, 0);

  fail (QNET_SYSCALL_RECV, EINTR, 3);
  assert_receives (fds[1], "abc");
  g_assert_cmpuint (n_faults, ==, 0);
}

static void
test_short (int           *fds,
            gconstpointer  data)
{
  struct iovec vectors[] = { { (char *) "ab", 2 }, { (char *) "cd", 2 } };
  char byte;

  g_test_summary ("A test can make writes and reads short.");

  fail (QNET_SYSCALL_SEND, -1, 1);
  g_assert_cmpint (send_string (fds[0], "abc"), ==, 1);
  assert_receives (fds[1], "a");

  fail (QNET_SYSCALL_SEND, -3, 1);
  g_assert_cmpint (qnet_sys_send (fds[0], vectors, 2), ==, 2);

  fail (QNET_SYSCALL_RECV, -1, 1);
  g_assert_cmpint (qnet_sys_recv (fds[1], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'a');
  assert_receives (fds[1], "b");
}

static void
test_failing (int           *fds,
              gconstpointer  data)
{
  g_test_summary ("A test can make a call fail with the errno it wants.");

  fail (QNET_SYSCALL_SEND, ECONNRESET, 1);
  g_assert_cmpint (send_string (fds[0], "abc"), ==, -1);
  g_assert_cmpint (errno, ==, ECONNRESET);

  fail (QNET_SYSCALL_SHUTDOWN, ENOTCONN, 1);
  g_assert_cmpint (qnet_sys_shutdown (fds[0], SHUT_WR), ==, -1);
  g_assert_cmpint (errno, ==, ENOTCONN);
  g_assert_cmpint (qnet_sys_shutdown (fds[0], SHUT_WR), ==, 0);
  assert_receives (fds[1], "");
}

static void
test_names (int           *fds,
            gconstpointer  data)
{
  struct sockaddr_storage name = { .ss_family = AF_UNSPEC };
  socklen_t size = sizeof name;

  g_test_summary ("Asking for a name is repeated after a signal, and a test can make it fail.");

  fail (QNET_SYSCALL_GETSOCKNAME, EINTR, 2);
  g_assert_cmpint (qnet_sys_getsockname (fds[0], (struct sockaddr *) &name, &size), ==, 0);
  g_assert_cmpint (name.ss_family, ==, AF_UNIX);
  g_assert_cmpuint (n_faults, ==, 0);

  fail (QNET_SYSCALL_GETSOCKNAME, ENOBUFS, 1);
  g_assert_cmpint (qnet_sys_get_family (fds[0]), ==, AF_UNSPEC);
  g_assert_cmpint (qnet_sys_get_family (fds[0]), ==, AF_UNIX);

  size = sizeof name;
  fail (QNET_SYSCALL_GETPEERNAME, ENOTCONN, 1);
  g_assert_cmpint (qnet_sys_getpeername (fds[0], (struct sockaddr *) &name, &size), ==, -1);
  g_assert_cmpint (errno, ==, ENOTCONN);
  g_assert_cmpint (qnet_sys_getpeername (fds[0], (struct sockaddr *) &name, &size), ==, 0);
}

static void
test_amounts (int           *fds,
              gconstpointer  data)
{
  g_test_summary ("What can be received is reported; nothing where the kernel cannot be asked.");

  g_assert_cmpuint (qnet_sys_get_readable (fds[1]), ==, 0);
  g_assert_cmpint (send_string (fds[0], "abc"), ==, 3);
  g_assert_cmpuint (qnet_sys_get_readable (fds[1]), ==, 3);

  fail (QNET_SYSCALL_IOCTL, ENOTTY, 1);
  g_assert_cmpuint (qnet_sys_get_readable (fds[1]), ==, 0);
}

static void
test_no_signal (int           *fds,
                gconstpointer  data)
{
  struct iovec vectors[] = { { (char *) "ab", 2 }, { (char *) "cd", 2 } };

  g_test_summary ("Sending to a peer that has closed is an error, never SIGPIPE.");

  qnet_clear_fd (&fds[1]);

  g_assert_cmpint (send_string (fds[0], "abc"), ==, -1);
  g_assert_cmpint (errno, ==, EPIPE);
  g_assert_cmpint (qnet_sys_send (fds[0], vectors, 2), ==, -1);
  g_assert_cmpint (errno, ==, EPIPE);
}

static void
test_clear_fd (int           *fds,
               gconstpointer  data)
{
  int fd = fds[0];

  g_test_summary ("Closing makes a descriptor -1, keeps errno, and may be done twice.");

  errno = EAGAIN;
  qnet_clear_fd (&fds[0]);
  g_assert_cmpint (fds[0], ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
  g_assert_cmpint (errno, ==, EBADF);

  errno = EAGAIN;
  qnet_clear_fd (&fds[0]);
  qnet_sys_close (fd);
  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
assert_is_ours (int fd)
{
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
}

static int
listen_on_loopback (struct sockaddr_in *address)
{
  socklen_t size = sizeof *address;
  int fd = qnet_sys_socket (AF_INET, SOCK_STREAM, 0);

  *address = (struct sockaddr_in) {
    .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };

  assert_is_ours (fd);
  g_assert_no_errno (qnet_sys_bind (fd, (struct sockaddr *) address, size));
  g_assert_no_errno (qnet_sys_listen (fd, 5));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) address, &size));

  return fd;
}

static void
wait_for (int   fd,
          short events)
{
  struct pollfd pollfd = { fd, events, 0 };

  while (poll (&pollfd, 1, -1) != 1)
    continue;
}

static void
test_connection (void)
{
  struct sockaddr_storage peer;
  socklen_t peer_size;
  struct sockaddr_in address;
  int listener = listen_on_loopback (&address);
  int client = qnet_sys_socket (AF_INET, SOCK_STREAM, 0);
  int accepted, value = 1;
  socklen_t size = sizeof value;

  g_test_summary ("New descriptors are non-blocking and closed by exec.");

  g_assert_cmpint (qnet_sys_accept (listener, &peer, &peer_size), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);

  if (qnet_sys_connect (client, (struct sockaddr *) &address, sizeof address) != 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);

  g_assert_no_errno (qnet_sys_setsockopt (client, SOL_SOCKET, SO_KEEPALIVE, &value, size));
  value = 0;
  g_assert_no_errno (qnet_sys_getsockopt (client, SOL_SOCKET, SO_KEEPALIVE, &value, &size));
  g_assert_cmpint (value, ==, 1);

  wait_for (listener, POLLIN);
  accepted = qnet_sys_accept (listener, &peer, &peer_size);
  assert_is_ours (accepted);

  qnet_clear_fd (&accepted);
  qnet_clear_fd (&client);
  qnet_clear_fd (&listener);
}

static void
test_connect_interrupted (void)
{
  struct sockaddr_in address;
  int listener = listen_on_loopback (&address);
  int client = qnet_sys_socket (AF_INET, SOCK_STREAM, 0);

  g_test_summary ("An interrupted connect() continues; only a second one fails.");

  fail (QNET_SYSCALL_CONNECT, EINTR, 2);
  if (qnet_sys_connect (client, (struct sockaddr *) &address, sizeof address) != 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);
  g_assert_cmpuint (n_faults, ==, 0);

  /* As if a signal had come right after the call began: the kernel finds it done by now. */
  wait_for (client, POLLOUT);
  fail (QNET_SYSCALL_CONNECT, EINTR, 1);
  g_assert_no_errno (qnet_sys_connect (client, (struct sockaddr *) &address, sizeof address));

  /* Called twice more, which is wrong. The first result may be that of the interrupted call. */
  qnet_syscall_fault = NULL;
  qnet_sys_connect (client, (struct sockaddr *) &address, sizeof address);
  g_assert_cmpint (qnet_sys_connect (client, (struct sockaddr *) &address, sizeof address), ==, -1);
  g_assert_cmpint (errno, ==, EISCONN);

  qnet_clear_fd (&client);
  qnet_clear_fd (&listener);
}

static int
connect_under_way_fault_cb (QnetSyscall call)
{
  return n_faults-- == 2 ? EINTR : EALREADY;
}

static void
test_connect_under_way (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };

  g_test_summary ("An interrupted connect() that is still under way is in progress.");

  n_faults = 2;
  qnet_syscall_fault = connect_under_way_fault_cb;
  g_assert_cmpint (qnet_sys_connect (-1, (struct sockaddr *) &address, sizeof address), ==, -1);
  g_assert_cmpint (errno, ==, EINPROGRESS);
  qnet_syscall_fault = NULL;
}

static void
test_fork_epoch (void)
{
  guint epoch = qnet_fork_epoch ();
  pid_t child;
  int status;

  g_test_summary ("A forked child can detect that what it has inherited belongs to its parent.");

  child = fork ();
  if (child == 0)
    _exit (qnet_fork_epoch () != epoch ? 0 : 1);

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpuint (qnet_fork_epoch (), ==, epoch);
}

typedef int Pair[2];

#define add(path, function) \
  g_test_add_vtable (path, sizeof (Pair), NULL, (GTestFixtureFunc) set_up, \
                     (GTestFixtureFunc) function, (GTestFixtureFunc) tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/syscall/vectors", test_vectors);
  add ("/syscall/interrupted", test_interrupted);
  add ("/syscall/short", test_short);
  add ("/syscall/failing", test_failing);
  add ("/syscall/names", test_names);
  add ("/syscall/amounts", test_amounts);
  add ("/syscall/no-signal", test_no_signal);
  add ("/syscall/clear-fd", test_clear_fd);
  g_test_add_func ("/syscall/connection", test_connection);
  g_test_add_func ("/syscall/connect/interrupted", test_connect_interrupted);
  g_test_add_func ("/syscall/connect/under-way", test_connect_under_way);
  g_test_add_func ("/syscall/fork-epoch", test_fork_epoch);

  return g_test_run ();
}
