/* test-reconnector-network.c: a reconnector over a link that is set down and up
 *
 * The test is in a network namespace of its own. A child in another one has the server, and a pair
 * of virtual interfaces connects them. The monitor is that of GIO, which asks the kernel.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/socket-fixture.h"

#define N_ROUNDS 3

static const char *reason = NULL;  /* (nullable): why the link cannot be made */
static pid_t server = -1;
static guint16 port;

/* The two systems */

static gboolean
run (const char *format,
     ...) G_GNUC_PRINTF (1, 2);

static gboolean
run (const char *format,
     ...)
{
  g_autofree char *command = NULL;
  g_autofree char *messages = NULL;
  g_autoptr(GError) error = NULL;
  int status = -1;
  va_list args;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);

  if (g_spawn_command_line_sync (command, NULL, &messages, &status, &error)
      && g_spawn_check_wait_status (status, &error))
    return TRUE;

  g_printerr ("# %s: %s %s\n", command, error->message, messages != NULL ? messages : "");
  return FALSE;
}

/* In the child: the listener is on all addresses, so that the link may follow. It accepts for
 * ever, and keeps what it accepts. */
static void
serve (int pipe_end)
{
  int fd;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (unshare (CLONE_NEWNET) != 0)
    _exit (1);

  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listen (fd, 20) != 0)
    _exit (1);
  else
    {
      struct sockaddr_in address;
      socklen_t size = sizeof address;

      getsockname (fd, (struct sockaddr *) &address, &size);
      port = g_ntohs (address.sin_port);
    }

  if (write (pipe_end, &port, sizeof port) != sizeof port)
    _exit (1);

  while (accept (fd, NULL, NULL) >= 0)
    continue;

  _exit (1);
}

static gboolean
start_server (void)
{
  int ends[2];
  gboolean has_port;

  if (pipe (ends) != 0)
    return FALSE;

  server = fork ();
  if (server == 0)
    serve (ends[1]);

  close (ends[1]);
  has_port = read (ends[0], &port, sizeof port) == sizeof port;
  close (ends[0]);

  return has_port;
}

static gboolean
make_link (void)
{
  return run ("ip link add near type veth peer name far netns %d", (int) server)
         && run ("nsenter --net=/proc/%d/ns/net ip addr add 10.77.0.2/24 dev far", (int) server)
         && run ("nsenter --net=/proc/%d/ns/net ip link set far up", (int) server)
         && run ("ip addr add 10.77.0.1/24 dev near");
}

static gboolean
set_link_up (void)
{
  return run ("ip link set near up") && run ("ip route add default via 10.77.0.2");
}

static gboolean
set_link_down (void)
{
  return run ("ip link set near down");
}

/* Called before there are threads: each thread inherits its namespace. */
static void
make_systems (void)
{
  g_autofree char *ip = g_find_program_in_path ("ip");
  g_autofree char *nsenter = g_find_program_in_path ("nsenter");

  if (ip == NULL || nsenter == NULL)
    reason = "ip and nsenter are not installed";
  else if (unshare (CLONE_NEWNET) != 0)
    reason = "it may not make a network namespace";
  else if (!start_server ())
    reason = "it cannot make a second network namespace";
  else if (!make_link () || !set_link_up ())
    reason = "it cannot make a link with ip";
}

/* The test */

static void
state_cb (QnetReconnector *reconnector,
          GParamSpec      *pspec,
          guint           *n_attempts)
{
  if (qnet_reconnector_get_state (reconnector) == QNET_RECONNECTOR_CONNECTING)
    ++*n_attempts;
}

static void
await (QnetReconnector      *reconnector,
       QnetReconnectorState  state)
{
  while (qnet_reconnector_get_state (reconnector) != state)
    g_main_context_iteration (NULL, TRUE);
}

/* The kernel gives up a connection whose bytes are not acknowledged. */
static void
lose (QnetReconnector *reconnector)
{
  QnetIODevice *device = QNET_IO_DEVICE (qnet_reconnector_get_socket (reconnector));

  g_assert_true (set_link_down ());
  qnet_io_device_write (device, "x", 1, NULL);
  await (reconnector, QNET_RECONNECTOR_WAITING);
  while (qnet_reconnector_get_time_left (reconnector) != -1)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_link (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(GSocketConnectable) address = g_network_address_new ("10.77.0.2", port);
  g_autoptr(QnetReconnector) reconnector = qnet_reconnector_new (QNET_SOCKET (socket), address);
  guint n_attempts = 0;

  g_test_summary ("While the link is down nothing is tried; when it is up, at once.");
  if (reason != NULL)
    {
      g_test_skip (reason);
      return;
    }

  qnet_abstract_socket_set_user_timeout (ABSTRACT (socket), 200);
  qnet_reconnector_set_min_delay (reconnector, G_MAXINT);
  qnet_reconnector_set_max_delay (reconnector, G_MAXINT);
  g_signal_connect (reconnector, "notify::state", G_CALLBACK (state_cb), &n_attempts);

  qnet_reconnector_start (reconnector);
  await (reconnector, QNET_RECONNECTOR_CONNECTED);
  g_assert_cmpuint (n_attempts, ==, 1);

  for (guint i = 1; i <= N_ROUNDS; i++)
    {
      lose (reconnector);
      g_assert_cmpuint (n_attempts, ==, i);
      g_assert_true (set_link_up ());
      await (reconnector, QNET_RECONNECTOR_CONNECTED);
      g_assert_cmpuint (n_attempts, ==, i + 1);
    }
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_setenv ("GIO_USE_NETWORK_MONITOR", "netlink", TRUE);
  make_systems ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reconnector-network/link", test_link);
  status = g_test_run ();

  if (server > 0)
    {
      kill (server, SIGKILL);
      waitpid (server, NULL, 0);
    }

  return status;
}
