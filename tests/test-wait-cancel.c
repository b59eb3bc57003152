/* test-wait-cancel.c: blocking waits that a GCancellable ends
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "qnet.h"
#include "tls/qnet-tls-support-private.h"

/* Something to wait for, which does not happen by itself. */
typedef struct
{
  GObject          *object;      /* (owned): with the wait */
  QnetTcpServer    *server;      /* (owned) (nullable): listens, and accepts nothing */
  QnetUdpSocket    *silent;      /* (owned) (nullable): a name server that answers nothing */
  QnetHostAddress  *loopback;    /* (owned) */
} Fixture;

typedef struct
{
  const char *path;
  void      (*make) (Fixture *fixture);
  gboolean  (*wait) (GObject       *object,
                     int            msecs,
                     GCancellable  *cancellable,
                     GError       **error);
  GQuark    (*domain) (void);
  int         timed_out;  /* the code of a wait that took too long */
} Row;

/* Waits */

static gboolean
wait_for_new_connection (GObject       *object,
                         int            msecs,
                         GCancellable  *cancellable,
                         GError       **error)
{
  gboolean timed_out = TRUE;
  gboolean has_come = qnet_server_wait_for_new_connection_full (QNET_SERVER (object), msecs,
                                                                &timed_out,
                                                                cancellable, error);

  g_assert_cmpint (timed_out, ==, msecs == 0);

  return has_come;
}

static gboolean
wait_for_finished (GObject       *object,
                   int            msecs,
                   GCancellable  *cancellable,
                   GError       **error)
{
  return qnet_dns_lookup_wait_for_finished_full (QNET_DNS_LOOKUP (object), msecs, cancellable,
                                                 error);
}

static gboolean
wait_for_encrypted (GObject       *object,
                    int            msecs,
                    GCancellable  *cancellable,
                    GError       **error)
{
  return qnet_ssl_socket_wait_for_encrypted_full (QNET_SSL_SOCKET (object), msecs, cancellable,
                                                  error);
}

static gboolean
wait_for_ready_read (GObject       *object,
                     int            msecs,
                     GCancellable  *cancellable,
                     GError       **error)
{
  return qnet_io_device_wait_for_ready_read_full (QNET_IO_DEVICE (object), msecs, cancellable,
                                                  error);
}

static gboolean
wait_for_bytes_written (GObject       *object,
                        int            msecs,
                        GCancellable  *cancellable,
                        GError       **error)
{
  return qnet_io_device_wait_for_bytes_written_full (QNET_IO_DEVICE (object), msecs, cancellable,
                                                     error);
}

static gboolean
wait_for_connected (GObject       *object,
                    int            msecs,
                    GCancellable  *cancellable,
                    GError       **error)
{
  return qnet_socket_wait_for_connected_full (QNET_SOCKET (object), msecs, cancellable, error);
}

static gboolean
wait_for_disconnected (GObject       *object,
                       int            msecs,
                       GCancellable  *cancellable,
                       GError       **error)
{
  return qnet_socket_wait_for_disconnected_full (QNET_SOCKET (object), msecs, cancellable, error);
}

/* Objects */

static void
make_server (Fixture *fixture)
{
  fixture->server = qnet_tcp_server_new ();
  g_assert_true (qnet_tcp_server_listen (fixture->server, fixture->loopback, 0, NULL));
  fixture->object = G_OBJECT (g_object_ref (fixture->server));
}

static void
make_ssl_server (Fixture *fixture)
{
  const char *folder = g_getenv ("QNET_TEST_CERTIFICATES");
  g_autofree char *file = NULL;

  if (folder == NULL)
    {
      make_server (fixture);  /* without a certificate it would not listen */
      return;
    }

  file = g_build_filename (folder, "server.pem", NULL);
  fixture->server = QNET_TCP_SERVER (qnet_ssl_server_new ());
  g_assert_true (qnet_ssl_server_set_certificate_files (QNET_SSL_SERVER (fixture->server), file,
                                                        NULL, NULL));
  g_assert_true (qnet_tcp_server_listen (fixture->server, fixture->loopback, 0, NULL));
  fixture->object = G_OBJECT (g_object_ref (fixture->server));
}

static void
make_ssl_socket (Fixture *fixture)
{
  fixture->server = qnet_tcp_server_new ();
  g_assert_true (qnet_tcp_server_listen (fixture->server, fixture->loopback, 0, NULL));
  fixture->object = G_OBJECT (qnet_ssl_socket_new ());
  qnet_ssl_socket_connect_to_host_encrypted (QNET_SSL_SOCKET (fixture->object), "127.0.0.1",
                                             qnet_tcp_server_get_server_port (fixture->server));
}

/* It connects through a proxy that answers nothing. */
static void
make_connecting_socket (Fixture *fixture)
{
  g_autoptr(QnetNetworkProxy) proxy = NULL;

  fixture->server = qnet_tcp_server_new ();
  g_assert_true (qnet_tcp_server_listen (fixture->server, fixture->loopback, 0, NULL));
  proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                  qnet_tcp_server_get_server_port (fixture->server), NULL, NULL);
  fixture->object = G_OBJECT (qnet_tcp_socket_new ());
  qnet_abstract_socket_set_proxy (QNET_ABSTRACT_SOCKET (fixture->object), proxy);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->object), "192.0.2.1", 80);
}

static void
make_socket (Fixture *fixture)
{
  fixture->server = qnet_tcp_server_new ();
  g_assert_true (qnet_tcp_server_listen (fixture->server, fixture->loopback, 0, NULL));
  fixture->object = G_OBJECT (qnet_tcp_socket_new ());
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (fixture->object), "127.0.0.1",
                                        qnet_tcp_server_get_server_port (fixture->server));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->object), 5000, NULL));
}

/* Its peer reads nothing, and the buffers of the kernel are full. */
static void
make_full_socket (Fixture *fixture)
{
  const gsize size = 32 * 1024 * 1024;
  g_autofree guint8 *bytes = g_malloc0 (size);
  QnetIODevice *device;

  make_socket (fixture);
  device = QNET_IO_DEVICE (fixture->object);
  g_assert_cmpint (qnet_io_device_write (device, bytes, size, NULL), ==, size);

  while (qnet_io_device_wait_for_bytes_written (device, 200, NULL))
    continue;
}

static void
make_lookup (Fixture *fixture)
{
  fixture->silent = qnet_udp_socket_new ();
  g_assert_true (qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (fixture->silent),
                                            fixture->loopback, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  fixture->object = G_OBJECT (qnet_dns_lookup_new_with_nameserver (
    QNET_DNS_RECORD_TYPE_A, "host.test", fixture->loopback,
    qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (fixture->silent))));
  qnet_dns_lookup_lookup (QNET_DNS_LOOKUP (fixture->object));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  const Row *row = data;

  fixture->loopback = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  row->make (fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->object);
  g_clear_object (&fixture->server);
  g_clear_object (&fixture->silent);
  qnet_host_address_unref (fixture->loopback);
}

/* What is promised */

static void
assert_continues (Fixture   *fixture,
                  const Row *row)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (row->wait (fixture->object, 0, NULL, &error));
  g_assert_error (error, row->domain (), row->timed_out);
}

static void
assert_cancelled (Fixture      *fixture,
                  const Row    *row,
                  GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) before = NULL;
  g_autoptr(GError) property = NULL;

  g_object_get (fixture->object, "error", &before, NULL);
  g_assert_false (row->wait (fixture->object, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_object_get (fixture->object, "error", &property, NULL);
  g_assert_cmpstr (property != NULL ? property->message : NULL, ==,
                   before != NULL ? before->message : NULL);
}

static void
test_before (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  g_test_summary ("A wait that is cancelled before it begins fails at once, and what is waited "
                  "for continues.");

  g_cancellable_cancel (cancellable);
  assert_cancelled (fixture, data, cancellable);
  assert_continues (fixture, data);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (20 * 1000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_meanwhile (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  g_test_summary ("Another thread may cancel while the wait blocks, and what is waited for "
                  "continues.");

  assert_cancelled (fixture, data, cancellable);
  g_thread_join (thread);
  assert_continues (fixture, data);
}

static void
take_all_descriptors (void)
{
  while (dup (STDERR_FILENO) >= 0)
    continue;
}

static void
test_no_descriptors (Fixture       *fixture,
                     gconstpointer  data)
{
  g_test_summary ("It ends where there is no descriptor to be woken up by, too.");

  if (g_test_subprocess ())
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

      take_all_descriptors ();
      assert_cancelled (fixture, data, cancellable);
      g_thread_join (thread);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static const Row rows[] = {
  { "tcp-server/new-connection", make_server, wait_for_new_connection,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "ssl-server/new-connection", make_ssl_server, wait_for_new_connection,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "ssl-socket/encrypted", make_ssl_socket, wait_for_encrypted,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "tcp-socket/connected", make_connecting_socket, wait_for_connected,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "tcp-socket/disconnected", make_socket, wait_for_disconnected,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "tcp-socket/ready-read", make_socket, wait_for_ready_read,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "tcp-socket/bytes-written", make_full_socket, wait_for_bytes_written,
    qnet_socket_error_quark, QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { "dns-lookup/finished", make_lookup, wait_for_finished,
    qnet_dns_lookup_error_quark, QNET_DNS_LOOKUP_ERROR_TIMEOUT },
};

static void
test_nothing (void)
{
  g_test_skip ("qnet was built without TLS");
}

static void
add (const Row  *row,
     const char *promise,
     void      (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strdup_printf ("/wait/cancel/%s/%s", row->path, promise);

  if (g_str_has_prefix (row->path, "ssl-") && !qnet_tls_is_supported ())
    g_test_add_func (path, test_nothing);
  else
    g_test_add (path, Fixture, row, set_up, test, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      add (&rows[i], "before", test_before);
      add (&rows[i], "meanwhile", test_meanwhile);
      add (&rows[i], "no-descriptors", test_no_descriptors);
    }

  return g_test_run ();
}
