/* tls-fixture.c: two connected TLS sockets, their signals, and temporary certificates
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/tls-fixture.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/pair.h"
#include "tls/qnet-tls-support-private.h"

/* Certificates */

gboolean
has_tls (void)
{
  if (!qnet_tls_is_supported ())
    g_test_skip ("qnet was built without TLS");
  else if (g_getenv ("QNET_TEST_CERTIFICATES") == NULL)
    g_test_skip ("openssl, which makes the certificates, is not installed");
  else if (!qnet_ssl_socket_supports_ssl ())
    g_test_skip ("GIO has no TLS here");
  else
    return TRUE;

  return FALSE;
}

const char *
get_certificate_path (const char *name)
{
  static char paths[4][4096];
  static guint next = 0;
  char *path = paths[next++ % G_N_ELEMENTS (paths)];

  g_snprintf (path, sizeof paths[0], "%s/%s.pem", g_getenv ("QNET_TEST_CERTIFICATES"), name);

  return path;
}

GTlsCertificate *
load_certificate (const char *name)
{
  GError *error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (get_certificate_path (name),
                                                                  &error);

  g_assert_no_error (error);

  return certificate;
}

/* Logs */

static void
note (GString    *log,
      const char *word)
{
  if (log->len > 0)
    g_string_append_c (log, ' ');

  g_string_append (log, word);
}

static void
encrypted_cb (QnetSslSocket *socket,
              GString       *log)
{
  note (log, "encrypted");
}

static void
disconnected_cb (QnetSslSocket *socket,
                 GString       *log)
{
  note (log, "disconnected");
}

static void
peer_verify_error_cb (QnetSslSocket        *socket,
                      GTlsCertificateFlags  error,
                      GTlsCertificate      *certificate,
                      GString              *log)
{
  g_autofree char *word = g_strdup_printf ("verify:%u", error);

  g_assert_true (G_IS_TLS_CERTIFICATE (certificate));
  note (log, word);
}

static void
error_occurred_cb (QnetSslSocket *socket,
                   const GError  *error,
                   GString       *log)
{
  g_autofree char *word = g_strdup_printf ("error:%d", error->code);

  g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);
  note (log, word);
}

static void
log_signals (QnetSslSocket *socket,
             GString       *log)
{
  g_signal_connect (socket, "encrypted", G_CALLBACK (encrypted_cb), log);
  g_signal_connect (socket, "disconnected", G_CALLBACK (disconnected_cb), log);
  g_signal_connect (socket, "peer-verify-error", G_CALLBACK (peer_verify_error_cb), log);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), log);
}

/* The fixture */

static QnetSslSocket *
take_descriptor (int fd)
{
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_socket_set_fd (QNET_SOCKET (socket), fd, QNET_SOCKET_STATE_CONNECTED,
                                              QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return socket;
}

static void
tls_fixture_set_up (TlsFixture    *fixture,
                    gconstpointer  data)
{
  GError *error = NULL;
  int near, far;

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->client_log = g_string_new (NULL);
  fixture->server_log = g_string_new (NULL);

  if (!has_tls ())
    return;

  pair_open_tcp (&near, &far);
  fixture->client = take_descriptor (far);
  fixture->server = take_descriptor (near);
  log_signals (fixture->client, fixture->client_log);
  log_signals (fixture->server, fixture->server_log);

  qnet_ssl_socket_set_peer_verify_name (fixture->client, "localhost");
  qnet_ssl_socket_set_database_file (fixture->client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  qnet_ssl_socket_set_certificate_files (fixture->server, get_certificate_path ("server"), NULL,
                                         &error);
  g_assert_no_error (error);
}

static void
drop (TlsFixture     *fixture,
      QnetSslSocket **socket)
{
  if (*socket == NULL)
    return;

  qnet_socket_abort (QNET_SOCKET (*socket));
  tls_fixture_settle (fixture);
  g_assert_finalize_object (g_steal_pointer (socket));
}

typedef struct
{
  void        (*func) (TlsFixture *, gconstpointer);
  gconstpointer data;
} Test;

static void
run_test (TlsFixture *fixture,
          Test       *test)
{
  if (fixture->client != NULL)
    test->func (fixture, test->data);
}

static void
tls_fixture_tear_down (TlsFixture *fixture,
                       Test       *test)
{
  drop (fixture, &fixture->client);
  drop (fixture, &fixture->server);
  tls_fixture_settle (fixture);

  g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_string_free (fixture->client_log, TRUE);
  g_string_free (fixture->server_log, TRUE);
}

void
tls_fixture_add (const char     *path,
                 void          (*func) (TlsFixture *, gconstpointer),
                 gconstpointer   data)
{
  static Test tests[128];
  static guint n_tests = 0;
  Test *test = &tests[n_tests++];

  g_assert_cmpuint (n_tests, <=, G_N_ELEMENTS (tests));
  *test = (Test) { func, data };
  g_test_add_vtable (path, sizeof (TlsFixture), test,
                     (GTestFixtureFunc) tls_fixture_set_up,
                     (GTestFixtureFunc) run_test,
                     (GTestFixtureFunc) tls_fixture_tear_down);
}

/* The loop */

void
tls_fixture_settle (TlsFixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

void
tls_fixture_start (TlsFixture *fixture)
{
  GError *error = NULL;

  qnet_ssl_socket_start_server_encryption (fixture->server, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_start_client_encryption (fixture->client, &error);
  g_assert_no_error (error);
}

gboolean
tls_fixture_is_encrypted (TlsFixture *fixture)
{
  return qnet_ssl_socket_is_encrypted (fixture->client)
         && qnet_ssl_socket_is_encrypted (fixture->server);
}

void
tls_fixture_encrypt (TlsFixture *fixture)
{
  tls_fixture_start (fixture);
  tls_fixture_await (fixture, tls_fixture_is_encrypted (fixture));
}

static gboolean
has_ended (QnetSslSocket *socket)
{
  return socket == NULL
         || qnet_socket_get_state (QNET_SOCKET (socket)) == QNET_SOCKET_STATE_UNCONNECTED;
}

void
tls_fixture_await_end (TlsFixture *fixture)
{
  tls_fixture_await (fixture, has_ended (fixture->client) && has_ended (fixture->server));
}

int
tls_fixture_replace (TlsFixture     *fixture,
                     QnetSslSocket **socket)
{
  GError *error = NULL;
  g_autoptr(GSocketConnection) stolen = qnet_socket_steal_connection (QNET_SOCKET (*socket),
                                                                               &error);
  int fd;

  g_assert_no_error (error);
  fd = fcntl (g_socket_get_fd (g_socket_connection_get_socket (stolen)), F_DUPFD_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  drop (fixture, socket);

  return fd;
}

/* Bytes */

void
tls_fixture_write (QnetSslSocket *socket,
                   const char    *text)
{
  GError *error = NULL;

  qnet_io_device_write_string (DEVICE (socket), text, &error);
  g_assert_no_error (error);
}

void
tls_fixture_assert_gets (TlsFixture    *fixture,
                         QnetSslSocket *socket,
                         const char    *text)
{
  gsize size = strlen (text);
  g_autofree char *read = g_malloc0 (size + 1);

  tls_fixture_await (fixture,
                     qnet_io_device_get_bytes_available (DEVICE (socket)) >= (gint64) size);
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (socket)), ==, size);
  g_assert_cmpint (qnet_io_device_read (DEVICE (socket), read, size, NULL), ==, size);
  g_assert_cmpstr (read, ==, text);
}

void
tls_fixture_assert_error (QnetSslSocket *socket,
                          int            code,
                          const char    *pattern)
{
  const GError *error = qnet_io_device_get_error (DEVICE (socket));

  g_assert_nonnull (error);
  g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);
  g_test_message ("%d %s", error->code, error->message);
  g_assert_cmpint (error->code, ==, code);
  g_assert_true (g_pattern_match_simple (pattern, error->message));
}
