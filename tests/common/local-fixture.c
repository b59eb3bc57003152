/* local-fixture.c: a local server and a local socket, in a folder of their own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/local-fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/temp-folder.h"

static void
note (LocalFixture *fixture,
      const char   *word)
{
  g_string_append_printf (fixture->log, "%s%s", fixture->log->len > 0 ? " " : "", word);
}

static void
state_changed_cb (QnetLocalSocket      *socket,
                  QnetSocketState  state,
                  LocalFixture         *fixture)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (QNET_TYPE_SOCKET_STATE);

  note (fixture, g_enum_get_value (states, state)->value_nick);
}

static void
error_occurred_cb (QnetLocalSocket *socket,
                   const GError    *error,
                   LocalFixture    *fixture)
{
  g_autofree char *word = g_strdup_printf ("error:%d", error->code);

  g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);
  note (fixture, word);
}

static void
connected_cb (QnetLocalSocket *socket,
              LocalFixture    *fixture)
{
  note (fixture, "connected!");
}

static void
disconnected_cb (QnetLocalSocket *socket,
                 LocalFixture    *fixture)
{
  note (fixture, "disconnected!");
}

void
local_fixture_set_up (LocalFixture  *fixture,
                      gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->folder = temp_folder_make ();
  fixture->path = g_build_filename (fixture->folder, "socket", NULL);
  fixture->server = qnet_local_server_new ();
  fixture->client = qnet_local_socket_new ();
  fixture->log = g_string_new (NULL);

  g_signal_connect (fixture->client, "state-changed", G_CALLBACK (state_changed_cb), fixture);
  g_signal_connect (fixture->client, "error-occurred", G_CALLBACK (error_occurred_cb), fixture);
  g_signal_connect (fixture->client, "connected", G_CALLBACK (connected_cb), fixture);
  g_signal_connect (fixture->client, "disconnected", G_CALLBACK (disconnected_cb), fixture);
}

void
local_fixture_tear_down (LocalFixture  *fixture,
                         gconstpointer  data)
{
  if (fixture->client != NULL)
    {
      qnet_socket_abort (QNET_SOCKET (fixture->client));
      local_fixture_settle (fixture);
      g_assert_finalize_object (g_steal_pointer (&fixture->client));
    }

  g_clear_object (&fixture->server);
  if (fixture->accepted != NULL)
    {
      qnet_socket_abort (QNET_SOCKET (fixture->accepted));
      g_assert_finalize_object (g_steal_pointer (&fixture->accepted));
    }

  local_fixture_settle (fixture);
  g_string_free (fixture->log, TRUE);
  g_free (fixture->path);
  temp_folder_remove (fixture->folder);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

void
local_fixture_add (const char *path,
                   void      (*func) (LocalFixture *, gconstpointer))
{
  g_test_add (path, LocalFixture, NULL, local_fixture_set_up, func, local_fixture_tear_down);
}

void
local_fixture_listen (LocalFixture *fixture)
{
  GError *error = NULL;

  qnet_local_server_listen (fixture->server, fixture->path, &error);
  g_assert_no_error (error);
}

void
local_fixture_connect (LocalFixture *fixture)
{
  if (!qnet_server_is_listening (SERVER (fixture->server)))
    local_fixture_listen (fixture);

  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  local_fixture_await (fixture, qnet_server_has_pending_connections (SERVER (fixture->server)) &&
                                  qnet_socket_get_state (QNET_SOCKET (fixture->client)) ==
                                    QNET_SOCKET_STATE_CONNECTED);
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  g_assert_true (QNET_IS_LOCAL_SOCKET (fixture->accepted));
  g_string_truncate (fixture->log, 0);
}

void
local_fixture_settle (LocalFixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

void
local_fixture_assert_log (LocalFixture *fixture,
                          const char   *expected)
{
  g_assert_cmpstr (fixture->log->str, ==, expected);
  g_string_truncate (fixture->log, 0);
}

int
local_fixture_open_peer (LocalFixture *fixture)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, fixture->path, sizeof address.sun_path);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &address, sizeof address));

  return fd;
}

void
local_fixture_assert_gets (LocalFixture    *fixture,
                           QnetLocalSocket *socket,
                           const char      *expected)
{
  g_autoptr(GBytes) bytes = NULL;

  local_fixture_await (fixture, qnet_io_device_get_bytes_available (DEVICE (socket))
                                  >= (gint64) strlen (expected));
  bytes = qnet_io_device_read_all_bytes (DEVICE (socket));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
}

void
write_text (QnetLocalSocket *socket,
            const char      *text)
{
  GError *error = NULL;

  qnet_io_device_write_string (DEVICE (socket), text, &error);
  g_assert_no_error (error);
}
