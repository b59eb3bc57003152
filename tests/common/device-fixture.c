/* device-fixture.c: a connected QnetTcpSocket, and the plain descriptor at its other end
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/device-fixture.h"

#include <string.h>
#include <sys/socket.h>

#include "base/qnet-syscall-private.h"
#include "common/pair.h"

static GThread *test_thread;

QnetTcpSocket *
device_fixture_wrap (int fd)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  GError *error = NULL;

  qnet_socket_set_fd (QNET_SOCKET (socket), fd,
                                              QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return socket;
}

void
device_fixture_set_up (DeviceFixture *fixture,
                       gconstpointer  data)
{
  int near;

  test_thread = g_thread_self ();
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  pair_open_tcp (&near, &fixture->far);
  fixture->socket = device_fixture_wrap (near);
  fixture->device = QNET_IO_DEVICE (fixture->socket);
  fixture->stream = G_IO_STREAM (fixture->socket);
}

void
device_fixture_drop (DeviceFixture *fixture)
{
  fixture->device = NULL;
  fixture->stream = NULL;
  g_clear_object (&fixture->socket);
}

void
device_fixture_tear_down (DeviceFixture *fixture,
                          gconstpointer  data)
{
  if (fixture->socket != NULL)
    {
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
      device_fixture_settle (fixture);
      g_assert_finalize_object (g_steal_pointer (&fixture->socket));
    }

  qnet_clear_fd (&fixture->far);
  device_fixture_settle (fixture);

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
}

void
device_fixture_settle (DeviceFixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    ;
}

void
device_fixture_send (DeviceFixture *fixture,
                     const char    *text)
{
  gint64 wanted = qnet_io_device_get_bytes_available (fixture->device) + (gint64) strlen (text);

  pair_send (fixture->far, text);
  while (qnet_io_device_get_bytes_available (fixture->device) < wanted)
    g_main_context_iteration (fixture->context, TRUE);
}

void
device_fixture_drain (DeviceFixture *fixture,
                      gsize          size)
{
  char buffer[65536];

  while (size > 0)
    {
      gssize n = recv (fixture->far, buffer, MIN (size, sizeof buffer), 0);

      g_assert_cmpint (n, !=, 0);
      if (n > 0)
        size -= (gsize) n;
      else
        g_main_context_iteration (fixture->context, FALSE);
    }
}

gsize
device_fixture_clog (DeviceFixture *fixture)
{
  g_autofree char *data = g_malloc0 (65536);
  gsize size = 0;

  while (qnet_io_device_get_bytes_to_write (fixture->device) == 0)
    {
      g_assert_cmpint (qnet_io_device_write (fixture->device, data, 65536, NULL), ==, 65536);
      size += 65536;
      qnet_io_device_flush (fixture->device);
    }

  device_fixture_settle (fixture);

  return size;
}

void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **place = user_data;

  g_assert_true (g_thread_self () == test_thread);
  g_assert_null (*place);

  *place = g_object_ref (result);
}

GAsyncResult *
await_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);

  return g_steal_pointer (result);
}

static gpointer
cancel_in_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);

  return NULL;
}

void
cancel_elsewhere (GCancellable *cancellable)
{
  g_thread_join (g_thread_new ("canceller", cancel_in_thread, cancellable));
}
