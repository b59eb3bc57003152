/* test-socket-options.c: options that are remembered until there is a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include <glib.h>

#include "base/qnet-syscall-private.h"
#include "connection/qnet-socket-options-private.h"

/* Helpers */

static int
new_descriptor (int family,
                int type)
{
  int fd = qnet_sys_socket (family, type, 0);

  if (fd < 0 && errno == EAFNOSUPPORT)
    g_test_skip ("no IPv6 here");
  else
    g_assert_no_errno (fd);

  return fd;
}

static int
read_option (int fd,
             int level,
             int name)
{
  int value = 0;
  socklen_t size = sizeof value;

  g_assert_no_errno (getsockopt (fd, level, name, &value, &size));

  return value;
}

static void
remember (QnetSocketOptions **options,
          int                 option,
          int                 value)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (qnet_socket_options_set (options, -1, option, value, &error));
  g_assert_no_error (error);
}

static int
get (QnetSocketOptions *options,
     int                fd,
     int                option)
{
  g_autoptr(GError) error = NULL;
  int value = -1;

  g_assert_true (qnet_socket_options_get (options, fd, option, &value, &error));
  g_assert_no_error (error);

  return value;
}

static void
apply (QnetSocketOptions *options,
       int                fd,
       int                family,
       QnetSocketType     type)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (qnet_socket_options_apply (options, fd, family, type, &error));
  g_assert_no_error (error);
}

static void
assert_set_fails (QnetSocketOptions **options,
                  int                 fd,
                  int                 option,
                  int                 value,
                  QnetSocketError     code,
                  const char         *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_socket_options_set (options, fd, option, value, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, message));
}

static QnetSyscall fault_call;
static int         fault_errno;
static guint       fault_after;  /* number of calls that succeed first */

static int
fault_cb (QnetSyscall call)
{
  if (call != fault_call)
    return 0;

  return fault_after-- == 0 ? fault_errno : 0;
}

static void
fail (QnetSyscall call,
      int         error_number,
      guint       after)
{
  fault_call = call;
  fault_errno = error_number;
  fault_after = after;
  qnet_syscall_fault = fault_cb;
}

/* Tests */

static void
test_defaults (void)
{
  g_test_summary ("Without a set option, get() returns the defaults, and nothing is allocated.");

  g_assert_cmpint (get (NULL, -1, QNET_SOCKET_OPTION_LOW_DELAY), ==, 1);
  g_assert_cmpint (get (NULL, -1, QNET_SOCKET_OPTION_KEEP_ALIVE), ==, 0);
  g_assert_cmpint (get (NULL, -1, QNET_SOCKET_OPTION_MULTICAST_TTL), ==, 1);
  g_assert_cmpint (get (NULL, -1, QNET_SOCKET_OPTION_MULTICAST_LOOPBACK), ==, 1);
  g_assert_cmpint (get (NULL, -1, QNET_SOCKET_OPTION_SEND_BUFFER_SIZE), ==, 0);
  g_assert_cmpint (get (NULL, -1, QNET_SOCKET_OPTION_USER_TIMEOUT), ==, 0);
  qnet_socket_options_free (NULL);
}

static void
test_remembered (void)
{
  QnetSocketOptions *options = NULL;

  g_test_summary ("What is set before there is a descriptor is remembered.");

  remember (&options, QNET_SOCKET_OPTION_LOW_DELAY, 0);
  remember (&options, QNET_SOCKET_OPTION_KEEP_ALIVE, 1);
  remember (&options, QNET_SOCKET_OPTION_KEEP_ALIVE, 0);
  remember (&options, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE, 33);

  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_LOW_DELAY), ==, 0);
  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_KEEP_ALIVE), ==, 0);
  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE), ==, 33);
  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_TYPE_OF_SERVICE), ==, 0);

  qnet_socket_options_free (options);
}

static void
test_out_of_range (void)
{
  QnetSocketOptions *options = NULL;

  g_test_summary ("A value that no socket accepts is refused at once, and not remembered.");

  assert_set_fails (&options, -1, QNET_SOCKET_OPTION_LOW_DELAY, 2,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    "The value is not between 0 and 1");
  assert_set_fails (&options, -1, QNET_SOCKET_OPTION_TYPE_OF_SERVICE, -1,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "type-of-service");
  assert_set_fails (&options, -1, QNET_SOCKET_OPTION_SEND_BUFFER_SIZE, 0,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "send-buffer-size");
  assert_set_fails (&options, -1, QNET_SOCKET_OPTION_PATH_MTU, 1500,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "read-only");
  assert_set_fails (&options, -1, QNET_N_SOCKET_OPTIONS, 1,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "There is no such option");
  assert_set_fails (&options, -1, -1, 1,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "There is no such option");

  g_assert_null (options);
}

static void
test_get_fails (void)
{
  g_autoptr(GError) not_connected = NULL;
  g_autoptr(GError) unknown = NULL;
  int fd = new_descriptor (AF_INET, SOCK_STREAM);
  int value = 77;

  g_test_summary ("A value that cannot be read is an error, and the result is unchanged.");

  g_assert_false (qnet_socket_options_get (NULL, -1, QNET_SOCKET_OPTION_PATH_MTU,
                                           &value, &not_connected));
  g_assert_error (not_connected, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&not_connected);

  g_assert_false (qnet_socket_options_get (NULL, fd, QNET_SOCKET_OPTION_PATH_MTU,
                                           &value, &not_connected));
  g_assert_error (not_connected, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  g_assert_false (qnet_socket_options_get (NULL, fd, 99, &value, &unknown));
  g_assert_error (unknown, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);

  g_assert_cmpint (value, ==, 77);
  qnet_clear_fd (&fd);
}

static void
remember_tcp_options (QnetSocketOptions **options)
{
  remember (options, QNET_SOCKET_OPTION_KEEP_ALIVE, 1);
  remember (options, QNET_SOCKET_OPTION_TYPE_OF_SERVICE, 0x10);
  remember (options, QNET_SOCKET_OPTION_SEND_BUFFER_SIZE, 40000);
  remember (options, QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE, 50000);
  remember (options, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE, 61);
  remember (options, QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL, 62);
  remember (options, QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT, 63);
  remember (options, QNET_SOCKET_OPTION_USER_TIMEOUT, 6400);
}

static void
assert_tcp_options (int fd)
{
  g_assert_cmpint (read_option (fd, SOL_SOCKET, SO_KEEPALIVE), !=, 0);
  g_assert_cmpint (read_option (fd, SOL_SOCKET, SO_SNDBUF), >=, 40000);
  g_assert_cmpint (read_option (fd, SOL_SOCKET, SO_RCVBUF), >=, 50000);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_NODELAY), !=, 0);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, 61);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_KEEPINTVL), ==, 62);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_KEEPCNT), ==, 63);
#ifdef TCP_USER_TIMEOUT
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_USER_TIMEOUT), ==, 6400);
#endif
}

static void
test_apply_ipv4 (void)
{
  QnetSocketOptions *options = NULL;
  int fd = new_descriptor (AF_INET, SOCK_STREAM);

  g_test_summary ("Remembered options are set on a new IPv4 descriptor.");

  remember_tcp_options (&options);
  apply (options, fd, AF_INET, QNET_SOCKET_TYPE_TCP);

  assert_tcp_options (fd);
  g_assert_cmpint (read_option (fd, IPPROTO_IP, IP_TOS), ==, 0x10);
  g_assert_cmpint (get (options, fd, QNET_SOCKET_OPTION_TYPE_OF_SERVICE), ==, 0x10);

  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}

static void
test_apply_ipv6 (void)
{
  QnetSocketOptions *options = NULL;
  int fd = new_descriptor (AF_INET6, SOCK_STREAM);

  g_test_summary ("On an IPv6 descriptor they are set for IPv4 as well.");

  if (fd < 0)
    return;

  remember_tcp_options (&options);
  apply (options, fd, AF_INET6, QNET_SOCKET_TYPE_TCP);

  assert_tcp_options (fd);
  g_assert_cmpint (read_option (fd, IPPROTO_IPV6, IPV6_TCLASS), ==, 0x10);
  g_assert_cmpint (get (options, fd, QNET_SOCKET_OPTION_TYPE_OF_SERVICE), ==, 0x10);
#ifdef __linux__
  g_assert_cmpint (read_option (fd, IPPROTO_IP, IP_TOS), ==, 0x10);
#endif

  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}

static void
test_apply_defaults (void)
{
  QnetSocketOptions *options = NULL;
  int by_default = new_descriptor (AF_INET, SOCK_STREAM);
  int as_wanted = new_descriptor (AF_INET, SOCK_STREAM);

  g_test_summary ("LOW_DELAY is on by default, unless it was switched off.");

  apply (NULL, by_default, AF_INET, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (get (NULL, by_default, QNET_SOCKET_OPTION_LOW_DELAY), ==, 1);

  remember (&options, QNET_SOCKET_OPTION_LOW_DELAY, 0);
  apply (options, as_wanted, AF_INET, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (get (options, as_wanted, QNET_SOCKET_OPTION_LOW_DELAY), ==, 0);

  qnet_clear_fd (&by_default);
  qnet_clear_fd (&as_wanted);
  qnet_socket_options_free (options);
}

static void
test_apply_misfits (void)
{
  QnetSocketOptions *options = NULL;
  int tcp = new_descriptor (AF_INET, SOCK_STREAM);
  int udp = new_descriptor (AF_INET, SOCK_DGRAM);
  int local = new_descriptor (AF_UNIX, SOCK_STREAM);

  g_test_summary ("Options that do not fit the type of a descriptor are skipped.");

  remember_tcp_options (&options);
  remember (&options, QNET_SOCKET_OPTION_MULTICAST_TTL, 5);
  remember (&options, QNET_SOCKET_OPTION_MULTICAST_LOOPBACK, 0);

  apply (options, tcp, AF_INET, QNET_SOCKET_TYPE_TCP);
  assert_tcp_options (tcp);

  apply (options, udp, AF_INET, QNET_SOCKET_TYPE_UDP);
  g_assert_cmpint (get (options, udp, QNET_SOCKET_OPTION_MULTICAST_TTL), ==, 5);
  g_assert_cmpint (get (options, udp, QNET_SOCKET_OPTION_MULTICAST_LOOPBACK), ==, 0);
  g_assert_cmpint (get (options, udp, QNET_SOCKET_OPTION_TYPE_OF_SERVICE), ==, 0x10);

  apply (options, local, AF_UNIX, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (read_option (local, SOL_SOCKET, SO_SNDBUF), >=, 40000);

  qnet_clear_fd (&tcp);
  qnet_clear_fd (&udp);
  qnet_clear_fd (&local);
  qnet_socket_options_free (options);
}

static void
test_apply_fails (void)
{
  g_autoptr(GError) error = NULL;
  QnetSocketOptions *options = NULL;
  int fd = new_descriptor (AF_INET, SOCK_STREAM);

  g_test_summary ("An option that was set must succeed; a default may fail.");

  fail (QNET_SYSCALL_SETSOCKOPT, ENOBUFS, 0);
  apply (NULL, fd, AF_INET, QNET_SOCKET_TYPE_TCP);

  remember (&options, QNET_SOCKET_OPTION_KEEP_ALIVE, 1);
  fail (QNET_SYSCALL_SETSOCKOPT, ENOBUFS, 1);
  g_assert_false (qnet_socket_options_apply (options, fd, AF_INET, QNET_SOCKET_TYPE_TCP, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_nonnull (strstr (error->message, "keep-alive"));

  qnet_syscall_fault = NULL;
  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}

static void
test_set_live (void)
{
  g_autoptr(GError) error = NULL;
  QnetSocketOptions *options = NULL;
  int fd = new_descriptor (AF_INET, SOCK_STREAM);

  g_test_summary ("With a descriptor, an option is set on it and remembered for the next one.");

  g_assert_true (qnet_socket_options_set (&options, fd, QNET_SOCKET_OPTION_KEEP_ALIVE, 1, &error));
  g_assert_no_error (error);
  g_assert_cmpint (read_option (fd, SOL_SOCKET, SO_KEEPALIVE), !=, 0);
  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_KEEP_ALIVE), ==, 1);

  assert_set_fails (&options, fd, QNET_SOCKET_OPTION_MULTICAST_TTL, 9,
                    QNET_SOCKET_ERROR_UNKNOWN, "multicast-ttl");
  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_MULTICAST_TTL), ==, 1);

  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}

static void
test_set_back (void)
{
  g_autoptr(GError) error = NULL;
  QnetSocketOptions *options = NULL;
  int fd = new_descriptor (AF_INET, SOCK_STREAM);
  int usual = read_option (fd, IPPROTO_TCP, TCP_KEEPIDLE);

  g_test_summary ("0 resets a keep-alive option to the default of the system.");

  remember (&options, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE, usual + 1);
  apply (options, fd, AF_INET, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, usual + 1);

  g_assert_true (qnet_socket_options_set (&options, fd, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE, 0,
                                          &error));
  g_assert_no_error (error);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, usual);
  g_assert_cmpint (get (options, -1, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE), ==, 0);

  apply (options, fd, AF_INET, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (read_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), ==, usual);

  fail (QNET_SYSCALL_SOCKET, EMFILE, 0);
  assert_set_fails (&options, fd, QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT, 0,
                    QNET_SOCKET_ERROR_SOCKET_RESOURCE, "keep-alive-count");
  qnet_syscall_fault = NULL;

  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}

static void
test_set_fails_ipv6 (void)
{
  QnetSocketOptions *options = NULL;
  int fd = new_descriptor (AF_INET6, SOCK_STREAM);

  g_test_summary ("On IPv6, the option of IPv6 must succeed; that of IPv4 may fail.");

  if (fd < 0)
    return;

  fail (QNET_SYSCALL_SETSOCKOPT, ENOPROTOOPT, 0);
  assert_set_fails (&options, fd, QNET_SOCKET_OPTION_TYPE_OF_SERVICE, 8,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, "type-of-service");
  g_assert_null (options);

  fail (QNET_SYSCALL_SETSOCKOPT, ENOPROTOOPT, 1);
  g_assert_true (qnet_socket_options_set (&options, fd, QNET_SOCKET_OPTION_TYPE_OF_SERVICE, 8,
                                          NULL));
  g_assert_cmpint (get (options, fd, QNET_SOCKET_OPTION_TYPE_OF_SERVICE), ==, 8);

  qnet_syscall_fault = NULL;
  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}

static void
test_path_mtu (void)
{
  struct sockaddr_in address =
    { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK), .sin_port = htons (9) };
  int fd = new_descriptor (AF_INET, SOCK_DGRAM);

  g_test_summary ("The path MTU can be read from a connected socket.");

  g_assert_no_errno (qnet_sys_connect (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_cmpint (get (NULL, fd, QNET_SOCKET_OPTION_PATH_MTU), >=, 576);

  qnet_clear_fd (&fd);
}

static void
test_ttl (void)
{
  int ipv4 = new_descriptor (AF_INET, SOCK_STREAM);
  int ipv6 = new_descriptor (AF_INET6, SOCK_STREAM);
  QnetSocketOptions *options = NULL;

  g_test_summary ("The hops of a stream are set for both families, and 0 hops are refused.");

  remember (&options, QNET_SOCKET_OPTION_TTL, 7);
  apply (options, ipv4, AF_INET, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (read_option (ipv4, IPPROTO_IP, IP_TTL), ==, 7);
  g_assert_cmpint (get (options, ipv4, QNET_SOCKET_OPTION_TTL), ==, 7);

  if (ipv6 >= 0)
    {
      apply (options, ipv6, AF_INET6, QNET_SOCKET_TYPE_TCP);
      g_assert_cmpint (read_option (ipv6, IPPROTO_IPV6, IPV6_UNICAST_HOPS), ==, 7);
#ifdef __linux__
      g_assert_cmpint (read_option (ipv6, IPPROTO_IP, IP_TTL), ==, 7);
#endif
    }

  assert_set_fails (&options, ipv4, QNET_SOCKET_OPTION_TTL, 0,
                    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    "The value is not between 1 and 255");
  g_assert_cmpint (get (options, ipv4, QNET_SOCKET_OPTION_TTL), ==, 7);

  qnet_clear_fd (&ipv4);
  qnet_clear_fd (&ipv6);
  qnet_socket_options_free (options);
}

#ifdef SO_BINDTOIFINDEX
static void
test_interface (void)
{
  int fd = new_descriptor (AF_INET, SOCK_STREAM);
  int lo = (int) if_nametoindex ("lo");
  QnetSocketOptions *options = NULL;

  g_test_summary ("A socket can be limited to one network interface, which has to exist.");

  remember (&options, QNET_SOCKET_OPTION_INTERFACE, lo);
  apply (options, fd, AF_INET, QNET_SOCKET_TYPE_TCP);
  g_assert_cmpint (read_option (fd, SOL_SOCKET, SO_BINDTOIFINDEX), ==, lo);
  g_assert_cmpint (get (options, fd, QNET_SOCKET_OPTION_INTERFACE), ==, lo);
  qnet_clear_fd (&fd);

  fd = new_descriptor (AF_INET, SOCK_STREAM);
  assert_set_fails (&options, fd, QNET_SOCKET_OPTION_INTERFACE, 987654,
                    QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    "Could not set the socket option interface to 987654: "
                    "There is no such network interface");

  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}
#endif

#ifdef SO_MARK
static void
test_mark (void)
{
  int fd = new_descriptor (AF_INET, SOCK_STREAM);
  QnetSocketOptions *options = NULL;
  GError *error = NULL;

  g_test_summary ("Where it is permitted, the mark is set; else that is an error of access.");

  if (qnet_socket_options_set (&options, fd, QNET_SOCKET_OPTION_MARK, 51, &error))
    g_assert_cmpint (read_option (fd, SOL_SOCKET, SO_MARK), ==, 51);
  else
    g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);

  g_clear_error (&error);
  fail (QNET_SYSCALL_SETSOCKOPT, EPERM, 0);
  assert_set_fails (&options, fd, QNET_SOCKET_OPTION_MARK, 52, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                    "Could not set the socket option mark to 52");
  qnet_syscall_fault = NULL;

  qnet_clear_fd (&fd);
  qnet_socket_options_free (options);
}
#endif

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/socket-options/defaults", test_defaults);
  g_test_add_func ("/socket-options/remembered", test_remembered);
  g_test_add_func ("/socket-options/out-of-range", test_out_of_range);
  g_test_add_func ("/socket-options/get/fails", test_get_fails);
  g_test_add_func ("/socket-options/get/path-mtu", test_path_mtu);
  g_test_add_func ("/socket-options/apply/ipv4", test_apply_ipv4);
  g_test_add_func ("/socket-options/apply/ipv6", test_apply_ipv6);
  g_test_add_func ("/socket-options/apply/defaults", test_apply_defaults);
  g_test_add_func ("/socket-options/apply/misfits", test_apply_misfits);
  g_test_add_func ("/socket-options/apply/fails", test_apply_fails);
  g_test_add_func ("/socket-options/set/live", test_set_live);
  g_test_add_func ("/socket-options/set/back", test_set_back);
  g_test_add_func ("/socket-options/ttl", test_ttl);
#ifdef SO_BINDTOIFINDEX
  g_test_add_func ("/socket-options/interface", test_interface);
#endif
#ifdef SO_MARK
  g_test_add_func ("/socket-options/mark", test_mark);
#endif
  g_test_add_func ("/socket-options/set/fails-ipv6", test_set_fails_ipv6);

  return g_test_run ();
}
