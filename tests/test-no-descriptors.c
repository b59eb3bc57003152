/* test-no-descriptors.c: the first thing that a program does, while it has no descriptor left
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qnet.h"

#define LIMIT 64

static const char *const variables[] = {
  "all_proxy", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
  "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
};

static void
take_all_descriptors (void)
{
  while (dup (STDERR_FILENO) >= 0)
    continue;
}

/* One of take_all_descriptors() */
static gboolean
is_duplicate (int fd)
{
  struct stat one, other;

  return fstat (fd, &one) == 0 && fstat (STDERR_FILENO, &other) == 0
         && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

/* What a program does first */

static void
look_up (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(QnetHostInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  take_all_descriptors ();
  qnet_host_info_lookup_host_async ("localhost", G_PRIORITY_DEFAULT, NULL, ended_cb, &result);
  info = qnet_host_info_lookup_host_finish (wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_nonnull (info);
}

static void
look_up_text (void)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(QnetHostInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  take_all_descriptors ();
  qnet_host_info_lookup_host_async ("127.0.0.1", G_PRIORITY_DEFAULT, NULL, ended_cb, &result);
  info = qnet_host_info_lookup_host_finish (wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_nonnull (info);
}

static void
look_up_address (void)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(QnetHostInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  take_all_descriptors ();
  qnet_host_info_lookup_address_async (address, G_PRIORITY_DEFAULT, NULL, ended_cb, &result);
  info = qnet_host_info_lookup_address_finish (wait_for (&result), &error);
  g_assert_true (info != NULL || error->domain == QNET_SOCKET_ERROR);
}

/* GIO makes a GTask of its own before it calls us. */
static void
read_from_stream (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  GInputStream *stream;

  take_all_descriptors ();
  stream = g_io_stream_get_input_stream (G_IO_STREAM (socket));
  g_input_stream_read_bytes_async (stream, 1, G_PRIORITY_DEFAULT, NULL, ended_cb, &result);
  bytes = g_input_stream_read_bytes_finish (stream, wait_for (&result), &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
}

static void
failed_cb (QnetServer *server,
           GError     *failure,
           gpointer    user_data)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();

  g_assert_error (failure, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_io_stream_close_async (G_IO_STREAM (socket), G_PRIORITY_DEFAULT, NULL, ended_cb, user_data);
}

/* A server that clients have left no descriptor closes its connections. */
static void
close_when_accepting_fails (void)
{
  g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetTcpSocket) client = qnet_tcp_socket_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (qnet_tcp_server_listen (server, loopback, 0, &error));
  g_signal_connect (server, "accept-error", G_CALLBACK (failed_cb), &result);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (client), "127.0.0.1",
                                        qnet_tcp_server_get_server_port (server));
  take_all_descriptors ();
  wait_for (&result);
}

/* GIO loads modules for that, and ends the process where one cannot be loaded a second time. */
static void
use_system_proxies (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);

  take_all_descriptors ();
  qnet_network_proxy_factory_set_use_system_configuration (TRUE);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "192.0.2.1", 1);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (socket), -1, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_nonnull (strstr (error->message, "proxy"));
}

/* GIO looks for the monitor of the system once. If that cannot be opened then, it takes one for
 * which there is always a network, for the rest of the program. */
static void
keep_connected (void)
{
  GNetworkMonitor *monitor;
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(QnetReconnector) reconnector = qnet_reconnector_new (QNET_SOCKET (socket), NULL);

  qnet_reconnector_add_host (reconnector, "127.0.0.1", 9);
  qnet_reconnector_set_max_attempts (reconnector, 2);
  qnet_reconnector_set_min_delay (reconnector, 1);
  take_all_descriptors ();
  qnet_reconnector_start (reconnector);
  monitor = qnet_reconnector_get_network_monitor (reconnector);
  g_assert_true (monitor == NULL
                 || !g_str_equal (G_OBJECT_TYPE_NAME (monitor), "GNetworkMonitorBase"));
  while (qnet_reconnector_get_state (reconnector) != QNET_RECONNECTOR_FAILED)
    g_main_context_iteration (NULL, TRUE);

  g_assert_nonnull (qnet_reconnector_get_error (reconnector));
}

/* That of the system, which is asked for meanwhile, may know of no network: the run that has begun
 * without it does not wait for that. */
static void
ask_for_monitor_later (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(QnetReconnector) reconnector = qnet_reconnector_new (QNET_SOCKET (socket), NULL);

  qnet_reconnector_add_host (reconnector, "127.0.0.1", 9);
  take_all_descriptors ();
  qnet_reconnector_start (reconnector);
  for (int fd = STDERR_FILENO + 1; fd < LIMIT; fd++)
    if (is_duplicate (fd))
      close (fd);

  g_assert_null (qnet_reconnector_get_network_monitor (reconnector));
  qnet_reconnector_stop (reconnector);
  g_assert_nonnull (qnet_reconnector_get_network_monitor (reconnector));
}

static const struct
{
  const char *path;
  void      (*deed) (void);
} deeds[] = {
  { "/no-descriptors/lookup", look_up },
  { "/no-descriptors/lookup-of-text", look_up_text },
  { "/no-descriptors/lookup-of-address", look_up_address },
  { "/no-descriptors/stream", read_from_stream },
  { "/no-descriptors/close-when-accepting-fails", close_when_accepting_fails },
  { "/no-descriptors/proxies-of-the-system", use_system_proxies },
  { "/no-descriptors/keep-connected", keep_connected },
  { "/no-descriptors/monitor-later", ask_for_monitor_later },
};

static void
test_deed (gconstpointer data)
{
  const struct rlimit limit = { LIMIT, LIMIT };
  gsize i = GPOINTER_TO_SIZE (data);

  if (!g_test_subprocess ())
    {
      g_test_summary ("What a program does first, while others hold all descriptors, does not "
                      "end the process.");
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  setrlimit (RLIMIT_NOFILE, &limit);
  deeds[i].deed ();
  _exit (0);  /* a search for leaks would need descriptors */
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (deeds); i++)
    g_test_add_data_func (deeds[i].path, GSIZE_TO_POINTER (i), test_deed);

  return g_test_run ();
}
