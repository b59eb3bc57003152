/* test-local-passing.c: descriptors that are sent with the bytes of a QnetLocalSocket
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>
#include <qnet/qnet.h>

#include "common/local-fixture.h"
#include "common/temp-folder.h"

static GUnixFDList *
new_list (int n)
{
  GUnixFDList *fds = g_unix_fd_list_new ();
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  for (int i = 0; i < n; i++)
    g_assert_cmpint (g_unix_fd_list_append (fds, fd, NULL), ==, i);
  close (fd);

  return fds;
}

static void
send_fds (QnetLocalSocket *socket,
          int              n,
          const char      *text)
{
  g_autoptr(GUnixFDList) fds = new_list (n);
  GError *error = NULL;

  qnet_local_socket_send_fds (socket, fds, &error);
  g_assert_no_error (error);
  write_text (socket, text);
}

static int
take_fds (QnetLocalSocket *socket)
{
  g_autoptr(GUnixFDList) fds = qnet_local_socket_receive_fds (socket);
  int n;
  const int *array = g_unix_fd_list_peek_fds (fds, &n);

  for (int i = 0; i < n; i++)
    g_assert_cmpint (fcntl (array[i], F_GETFD), ==, FD_CLOEXEC);

  return n;
}

static void
test_order (LocalFixture  *fixture,
            gconstpointer  data)
{
  guint n_descriptors;

  g_test_summary ("Descriptors arrive with the byte that is written next, not before; none is lost "
                  "or leaked.");

  qnet_local_server_set_fd_limit (fixture->server, 10);
  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();
  g_assert_cmpint (take_fds (fixture->accepted), ==, 0);

  write_text (fixture->client, "before ");
  send_fds (fixture->client, 2, "with ");
  write_text (fixture->client, "after ");
  send_fds (fixture->client, 3, "more");
  local_fixture_assert_gets (fixture, fixture->accepted, "before with after more");
  g_assert_cmpuint (qnet_local_socket_get_fds_available (fixture->accepted), ==, 5);
  g_assert_cmpint (take_fds (fixture->accepted), ==, 5);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_while_connecting (LocalFixture  *fixture,
                       gconstpointer  data)
{
  g_test_summary ("They can be sent while the connection is being established, in several calls; "
                  "unconnected it is refused.");

  g_autoptr(GUnixFDList) fds = new_list (1);
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_local_socket_send_fds (fixture->client, fds, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  qnet_local_server_set_fd_limit (fixture->server, 10);
  local_fixture_listen (fixture);
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  g_assert_true (qnet_local_socket_send_fds (fixture->client, fds, NULL));
  send_fds (fixture->client, 1, "x");
  local_fixture_await (fixture, qnet_server_has_pending_connections (SERVER (fixture->server)));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  local_fixture_assert_gets (fixture, fixture->accepted, "x");
  g_assert_cmpint (take_fds (fixture->accepted), ==, 2);
}

static void
test_wait_full (LocalFixture  *fixture,
                gconstpointer  data)
{
  g_test_summary ("Descriptors that are not taken do not prevent the peer's end of stream from "
                  "being noticed, and are not lost.");

  qnet_local_server_set_fd_limit (fixture->server, 1);
  local_fixture_connect (fixture);
  send_fds (fixture->client, 1, "x");
  local_fixture_assert_gets (fixture, fixture->accepted, "x");
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  local_fixture_settle (fixture);

  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (fixture->accepted)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (take_fds (fixture->accepted), ==, 1);
}

static void
test_parcels_and_limit (LocalFixture  *fixture,
                        gconstpointer  data)
{
  const int n_each = 8, n_parcels = 3;
  guint n_descriptors;

  g_test_summary ("Of messages whose descriptors exceed the limit together one is received at a "
                  "time, none is lost, and bytes keep their order.");

  qnet_local_server_set_fd_limit (fixture->server, 10);
  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();

  for (int i = 0; i < n_parcels; i++)
    {
      write_text (fixture->client, "bytes ");
      send_fds (fixture->client, n_each, "parcel ");
    }

  for (int i = 0; i < n_parcels; i++)
    {
      local_fixture_await (fixture, qnet_local_socket_get_fds_available (fixture->accepted) > 0);
      local_fixture_settle (fixture);
      g_assert_cmpint (take_fds (fixture->accepted), ==, n_each);
    }

  local_fixture_assert_gets (fixture, fixture->accepted, "bytes parcel bytes parcel bytes parcel ");
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);

  for (int i = 0; i < n_parcels; i++)
    send_fds (fixture->client, n_each, "parcel ");
  qnet_local_socket_disconnect_from_server (fixture->client);
  local_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->accepted))
                                  == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->accepted)), ==,
                   QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpint (take_fds (fixture->accepted), ==, n_each);
}

static void
test_full_and_write_fails (LocalFixture  *fixture,
                           gconstpointer  data)
{
  g_test_summary ("A write that fails while descriptors wait for room loses none of those within "
                  "the limit.");

  qnet_local_server_set_fd_limit (fixture->server, 10);
  local_fixture_connect (fixture);
  send_fds (fixture->client, 8, "first ");
  send_fds (fixture->client, 8, "second ");
  local_fixture_settle (fixture);
  qnet_socket_abort (QNET_SOCKET (fixture->client));
  write_text (fixture->accepted, "not taken");
  local_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->accepted))
                                  == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->accepted)), ==,
                   QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpint (take_fds (fixture->accepted), ==, 8);
}

static void
fds_cb (QnetLocalSocket *socket,
        GParamSpec      *pspec,
        GString         *log)
{
  g_string_append_printf (log, "%d;", qnet_local_socket_get_fds_available (socket));
}

static void
read_cb (QnetIODevice *device)
{
  g_bytes_unref (qnet_io_device_read_all_bytes (device));
}

static void
test_available_notifies (LocalFixture  *fixture,
                         gconstpointer  data)
{
  g_autoptr(GString) log = g_string_new (NULL);

  g_test_summary ("The number of available descriptors notifies, also when the bytes with them are "
                  "read at once.");

  qnet_local_server_set_fd_limit (fixture->server, 10);
  local_fixture_connect (fixture);
  g_signal_connect (fixture->accepted, "notify::fds-available", G_CALLBACK (fds_cb), log);
  g_signal_connect (fixture->accepted, "ready-read", G_CALLBACK (read_cb), NULL);

  send_fds (fixture->client, 2, "x");
  local_fixture_await (fixture, log->len > 0);
  send_fds (fixture->client, 1, "y");
  local_fixture_await (fixture, log->len > 2);
  g_assert_cmpint (take_fds (fixture->accepted), ==, 3);
  g_assert_cmpstr (log->str, ==, "2;3;0;");

  write_text (fixture->client, "z");
  local_fixture_settle (fixture);
  g_assert_cmpstr (log->str, ==, "2;3;0;");

  send_fds (fixture->client, 1, "!");
  local_fixture_await (fixture, log->len > 6);
  qnet_socket_abort (QNET_SOCKET (fixture->accepted));
  g_assert_cmpstr (log->str, ==, "2;3;0;1;0;");
  g_signal_handlers_disconnect_by_data (fixture->accepted, log);
}

static void
test_untaken (LocalFixture  *fixture,
              gconstpointer  data)
{
  const guint limit = 4;
  guint n_descriptors;

  g_test_summary ("Where a peer sends descriptors without end, none are taken, and the peer ends, "
                  "no more are kept than the limit.");

  qnet_local_server_set_fd_limit (fixture->server, limit);
  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();

  for (int i = 0; i < 100; i++)
    send_fds (fixture->client, 1, "x");
  local_fixture_settle (fixture);
  g_assert_cmpuint (qnet_local_socket_get_fds_available (fixture->accepted), ==, limit);

  qnet_local_socket_disconnect_from_server (fixture->client);
  local_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->accepted))
                                  == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->accepted)), ==,
                   QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpint (take_fds (fixture->accepted), ==, limit);
  g_assert_cmpuint (count_descriptors (), <=, n_descriptors);
}

static void
test_unasked (LocalFixture  *fixture,
              gconstpointer  data)
{
  guint n_descriptors;

  g_test_summary ("Descriptors that were not asked for are dropped by the kernel, and the bytes "
                  "arrive.");

  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();
  send_fds (fixture->client, 5, "bytes");
  local_fixture_assert_gets (fixture, fixture->accepted, "bytes");
  g_assert_cmpint (take_fds (fixture->accepted), ==, 0);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_surplus (LocalFixture  *fixture,
              gconstpointer  data)
{
  guint n_descriptors = 0;

  g_test_summary ("More descriptors than were asked for end the connection, and all of them are "
                  "closed.");

  for (int i = 0; i < 2; i++)
    {
      qnet_local_socket_set_fd_limit (fixture->client, 2);
      local_fixture_connect (fixture);
      if (i == 0)
        n_descriptors = count_descriptors ();

      send_fds (fixture->accepted, 1, "a");
      send_fds (fixture->accepted, 3, "b");
      local_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->client))
                                      == QNET_SOCKET_STATE_UNCONNECTED);
      g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->client)), ==,
                       QNET_SOCKET_ERROR_SOCKET_RESOURCE);
      g_assert_cmpuint (qnet_local_socket_get_fds_available (fixture->client), ==, 0);
      g_clear_object (&fixture->accepted);
      local_fixture_settle (fixture);
    }

  g_assert_cmpuint (count_descriptors (), ==, n_descriptors - 2);  /* the two ends */
}

static void
test_backpressure (LocalFixture  *fixture,
                   gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("While as many descriptors as the limit wait to be taken, nothing more is read.");

  qnet_local_socket_set_fd_limit (fixture->client, 1);
  local_fixture_connect (fixture);
  send_fds (fixture->accepted, 1, "a");
  qnet_io_device_flush (DEVICE (fixture->accepted));
  send_fds (fixture->accepted, 1, "b");
  local_fixture_settle (fixture);
  local_fixture_assert_gets (fixture, fixture->client, "a");
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->client), 1000, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);

  g_assert_cmpint (take_fds (fixture->client), ==, 1);
  local_fixture_assert_gets (fixture, fixture->client, "b");
  g_assert_cmpint (take_fds (fixture->client), ==, 1);
}

static void
test_forgotten (LocalFixture  *fixture,
                gconstpointer  data)
{
  guint n_descriptors;

  g_test_summary ("Descriptors that were not taken, and those that were never sent, are closed "
                  "with the socket at the latest.");

  local_fixture_settle (fixture);
  local_fixture_listen (fixture);
  n_descriptors = count_descriptors ();
  qnet_local_socket_set_fd_limit (fixture->client, 3);
  local_fixture_connect (fixture);
  send_fds (fixture->accepted, 3, "x");
  local_fixture_assert_gets (fixture, fixture->client, "x");
  g_autoptr(GUnixFDList) fds = new_list (2);
  g_assert_true (qnet_local_socket_send_fds (fixture->client, fds, NULL));

  qnet_socket_abort (QNET_SOCKET (fixture->client));
  g_assert_cmpuint (qnet_local_socket_get_fds_available (fixture->client), ==, 0);
  local_fixture_await (fixture,
                       g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture
                                                                                        ->server)))
                         == 0);
  g_clear_object (&fixture->accepted);
  g_clear_object (&fds);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_too_many (LocalFixture  *fixture,
               gconstpointer  data)
{
  g_autoptr(GUnixFDList) fds = new_list (200);
  g_autoptr(GError) error = NULL;

  g_test_summary ("253 can be sent with one byte; more are refused at once.");

  qnet_local_server_set_fd_limit (fixture->server, 253);
  local_fixture_connect (fixture);
  g_assert_true (qnet_local_socket_send_fds (fixture->client, fds, NULL));
  g_assert_false (qnet_local_socket_send_fds (fixture->client, fds, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  send_fds (fixture->client, 53, "x");
  local_fixture_assert_gets (fixture, fixture->accepted, "x");
  g_assert_cmpint (take_fds (fixture->accepted), ==, 253);
}

/* Leaves room for so many further descriptors; returns the previous limit. */
static struct rlimit
leave_room_for (guint n)
{
  struct rlimit before, now;
  int next = dup (0);

  close (next);
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  now = before;
  now.rlim_cur = (rlim_t) next + n;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &now));

  return before;
}

static void
test_exhausted (LocalFixture  *fixture,
                gconstpointer  data)
{
  g_autoptr(GUnixFDList) fds = new_list (10);
  g_autoptr(GError) error = NULL;
  struct rlimit limit;
  guint n_descriptors;

  g_test_summary ("When the process runs out of descriptors none of the list is sent, and the "
                  "connection continues.");

  qnet_local_server_set_fd_limit (fixture->server, 10);
  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();
  limit = leave_room_for (5);
  g_assert_false (qnet_local_socket_send_fds (fixture->client, fds, &error));
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  write_text (fixture->client, "none");
  send_fds (fixture->client, 10, "all");
  local_fixture_assert_gets (fixture, fixture->accepted, "noneall");
  g_assert_cmpint (take_fds (fixture->accepted), ==, 10);
}

static gboolean
skip_under_valgrind (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  if (preloaded == NULL || strstr (preloaded, "vgpreload") == NULL)
    return FALSE;

  g_test_skip ("valgrind has a way of its own to run out of descriptors");
  return TRUE;
}

static void
test_exhausted_receiver (LocalFixture  *fixture,
                         gconstpointer  data)
{
  struct rlimit limit;
  guint n_descriptors;

  g_test_summary ("When there is no room for all that arrive, the connection ends, and those that "
                  "arrived are closed.");

  if (skip_under_valgrind ())
    return;

  qnet_local_socket_set_fd_limit (fixture->client, 10);
  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();
  send_fds (fixture->accepted, 5, "x");
  limit = leave_room_for (2);
  local_fixture_await (fixture, qnet_socket_get_state (QNET_SOCKET (fixture->client))
                                  == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));

  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->client)), ==,
                   QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  local_fixture_await (fixture, !qnet_socket_is_valid (QNET_SOCKET (fixture->accepted)));
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors - 2);  /* the two ends */
}

/* Many descriptors, with many bytes */

#define N_PARCELS 100

typedef struct
{
  guint64 positions[N_PARCELS];  /* of the bytes that they are sent with */
  guint   n_parcels;             /* that have arrived */
  guint64 n_bytes;               /* that have arrived */
} Freight;

/* The content of each descriptor is the position of the byte that it is sent with. */
static void
send_parcel (QnetLocalSocket *socket,
             guint64          position)
{
  g_autoptr(GUnixFDList) fds = g_unix_fd_list_new ();
  int ends[2];

  g_assert_no_errno (pipe (ends));
  g_assert_cmpint (write (ends[1], &position, sizeof position), ==, sizeof position);
  g_assert_cmpint (g_unix_fd_list_append (fds, ends[0], NULL), ==, 0);
  g_assert_true (qnet_local_socket_send_fds (socket, fds, NULL));
  close (ends[0]);
  close (ends[1]);
}

static void
send_freight (QnetLocalSocket *socket,
              Freight         *freight)
{
  guint64 position = 0;

  for (gsize i = 0; i < N_PARCELS; i++)
    {
      gsize size = 1 + i * 7919 % 20000;
      g_autoptr(GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);

      freight->positions[i] = position;
      send_parcel (socket, position);
      g_assert_cmpint (qnet_io_device_write_bytes (DEVICE (socket), bytes, NULL), ==,
                       (gssize) size);
      position += size;
    }
}

static void
receive_cb (QnetLocalSocket *socket,
            Freight         *freight)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (DEVICE (socket));
  g_autoptr(GUnixFDList) fds = qnet_local_socket_receive_fds (socket);
  int n;
  const int *array = g_unix_fd_list_peek_fds (fds, &n);

  for (int i = 0; i < n; i++)
    {
      guint64 position;

      g_assert_cmpint (read (array[i], &position, sizeof position), ==, sizeof position);
      g_assert_cmpuint (position, ==, freight->positions[freight->n_parcels++]);
    }

  freight->n_bytes += g_bytes_get_size (bytes);
  if (freight->n_parcels < N_PARCELS)
    g_assert_cmpuint (freight->n_bytes, <=, freight->positions[freight->n_parcels]);
}

static void
test_many (LocalFixture  *fixture,
           gconstpointer  data)
{
  Freight freight = { { 0, }, };
  guint n_descriptors;

  g_test_summary ("Many descriptors in a megabyte arrive in order, and none later than its byte.");

  qnet_local_socket_set_fd_limit (fixture->client, 4);
  local_fixture_connect (fixture);
  n_descriptors = count_descriptors ();
  g_signal_connect (fixture->client, "ready-read", G_CALLBACK (receive_cb), &freight);
  send_freight (fixture->accepted, &freight);
  local_fixture_await (fixture,
                       freight.n_parcels == N_PARCELS
                         && qnet_io_device_get_bytes_to_write (DEVICE (fixture->accepted)) == 0);

  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  g_signal_handlers_disconnect_by_func (fixture->client, receive_cb, &freight);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  local_fixture_add ("/local-passing/order", test_order);
  local_fixture_add ("/local-passing/while-connecting", test_while_connecting);
  local_fixture_add ("/local-passing/wait-full", test_wait_full);
  local_fixture_add ("/local-passing/available-notifies", test_available_notifies);
  local_fixture_add ("/local-passing/write-fails-while-there-is-no-room",
                     test_full_and_write_fails);
  local_fixture_add ("/local-passing/limit-holds-for-parcels-together", test_parcels_and_limit);
  local_fixture_add ("/local-passing/end-is-noticed-while-descriptors-are-not-taken", test_untaken);
  local_fixture_add ("/local-passing/not-asked-for-are-dropped", test_unasked);
  local_fixture_add ("/local-passing/more-than-asked-for-ends-the-connection", test_surplus);
  local_fixture_add ("/local-passing/backpressure", test_backpressure);
  local_fixture_add ("/local-passing/closed-with-the-socket", test_forgotten);
  local_fixture_add ("/local-passing/too-many", test_too_many);
  local_fixture_add ("/local-passing/exhausted", test_exhausted);
  local_fixture_add ("/local-passing/exhausted/receiver", test_exhausted_receiver);
  local_fixture_add ("/local-passing/many", test_many);

  return g_test_run ();
}
