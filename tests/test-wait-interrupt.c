/* test-wait-interrupt.c: a descriptor that ends blocking waits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib-unix.h>
#include <unistd.h>

#include "common/device-fixture.h"
#include "common/pair.h"
#include "common/tls-fixture.h"

static int ends[2];

/* As a signal does, while the test is blocked in a wait. */
static gpointer
write_soon (gpointer data)
{
  g_usleep (20 * 1000);
  g_assert_cmpint (write (ends[1], "\2", 1), ==, 1);

  return NULL;
}

static GThread *
interrupt_soon (void)
{
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  qnet_set_wait_interrupt_fd (ends[0]);
  g_assert_cmpint (qnet_get_wait_interrupt_fd (), ==, ends[0]);

  return g_thread_new ("interrupt", write_soon, NULL);
}

static void
end_interrupt (GThread *thread)
{
  g_thread_join (thread);
  qnet_set_wait_interrupt_fd (-1);
  close (ends[0]);
  close (ends[1]);
}

static void
test_device (DeviceFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  GThread *thread = interrupt_soon ();

  g_test_summary ("A wait without a limit ends, without an error, and leaves none; the next one "
                  "does as well.");

  g_assert_false (qnet_io_device_wait_for_ready_read (fixture->device, -1, &error));
  g_assert_no_error (error);
  g_assert_false (qnet_socket_wait_for_disconnected (QNET_SOCKET (fixture->socket), -1, &error));
  g_assert_no_error (error);
  g_assert_null (qnet_io_device_get_error (fixture->device));
  end_interrupt (thread);

  pair_send (fixture->far, "x");
  g_assert_true (qnet_io_device_wait_for_ready_read (fixture->device, -1, &error));
}

static void
test_what_has_come (DeviceFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  GThread *thread = interrupt_soon ();

  g_test_summary ("What has come before counts for more than the interruption.");

  pair_send (fixture->far, "x");
  g_assert_true (qnet_io_device_wait_for_ready_read (fixture->device, -1, &error));
  end_interrupt (thread);
}

static void
test_server (DeviceFixture *fixture,
             gconstpointer  data)
{
  g_autoptr(QnetTcpServer) server = QNET_TCP_SERVER (g_object_new (GPOINTER_TO_SIZE (data), NULL));
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GError) error = NULL;
  gboolean timed_out = TRUE;
  GThread *thread;

  g_test_summary ("A server's wait ends as well, and does not report that its time is over.");

  if (QNET_IS_SSL_SERVER (server) && !has_tls ())
    return;

  if (QNET_IS_SSL_SERVER (server))
    qnet_ssl_server_set_certificate_files (QNET_SSL_SERVER (server),
                                           get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (server, address, 0, &error);
  g_assert_no_error (error);
  thread = interrupt_soon ();
  g_assert_false (qnet_server_wait_for_new_connection_full (QNET_SERVER (server), -1, &timed_out,
                                                            NULL, &error));
  g_assert_no_error (error);
  g_assert_false (timed_out);
  end_interrupt (thread);
}

#define ADD(path, data, test) \
  g_test_add ("/wait/interrupt/" path, DeviceFixture, data, device_fixture_set_up, test, \
              device_fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("device", NULL, test_device);
  ADD ("what-has-come", NULL, test_what_has_come);
  ADD ("tcp-server", GSIZE_TO_POINTER (QNET_TYPE_TCP_SERVER), test_server);
  ADD ("ssl-server", GSIZE_TO_POINTER (QNET_TYPE_SSL_SERVER), test_server);

  return g_test_run ();
}
