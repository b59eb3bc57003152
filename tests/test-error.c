/* test-error.c: errors of the system and of GIO as errors of qnet
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <errno.h>
#include <string.h>

#include "base/qnet-error-private.h"

typedef struct
{
  int             foreign;
  QnetSocketError code;
} Row;

static const Row errno_rows[] = {
  { ECONNREFUSED,    QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { ECONNRESET,      QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { EPIPE,           QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { EACCES,          QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { EPERM,           QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { EMFILE,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENFILE,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOBUFS,         QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOMEM,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ETOOMANYREFS,    QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { EMSGSIZE,        QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE },
  { ETIMEDOUT,       QNET_SOCKET_ERROR_NETWORK },
  { ENETDOWN,        QNET_SOCKET_ERROR_NETWORK },
  { ENETUNREACH,     QNET_SOCKET_ERROR_NETWORK },
  { EHOSTUNREACH,    QNET_SOCKET_ERROR_NETWORK },
  { EADDRINUSE,      QNET_SOCKET_ERROR_ADDRESS_IN_USE },
  { EADDRNOTAVAIL,   QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE },
  { EAFNOSUPPORT,    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EPROTONOSUPPORT, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EOPNOTSUPP,      QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ENOTSOCK,        QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EBADF,           QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ENOTCONN,        QNET_SOCKET_ERROR_OPERATION },
  { EISCONN,         QNET_SOCKET_ERROR_OPERATION },
  { EALREADY,        QNET_SOCKET_ERROR_OPERATION },
  { EAGAIN,          QNET_SOCKET_ERROR_TEMPORARY },
  { EWOULDBLOCK,     QNET_SOCKET_ERROR_TEMPORARY },
  { ENOENT,          QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { ENOTDIR,         QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { ELOOP,           QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { ENAMETOOLONG,    QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { EROFS,           QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { EDOM,            QNET_SOCKET_ERROR_UNKNOWN },
  { 0,               QNET_SOCKET_ERROR_UNKNOWN },
};

static const Row gio_rows[] = {
  { G_IO_ERROR_CONNECTION_REFUSED,  QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { G_IO_ERROR_CONNECTION_CLOSED,   QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { G_IO_ERROR_BROKEN_PIPE,         QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { G_IO_ERROR_PERMISSION_DENIED,   QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { G_IO_ERROR_TOO_MANY_OPEN_FILES, QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { G_IO_ERROR_NO_SPACE,            QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { G_IO_ERROR_TIMED_OUT,           QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { G_IO_ERROR_MESSAGE_TOO_LARGE,   QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE },
  { G_IO_ERROR_NETWORK_UNREACHABLE, QNET_SOCKET_ERROR_NETWORK },
  { G_IO_ERROR_HOST_UNREACHABLE,    QNET_SOCKET_ERROR_NETWORK },
  { G_IO_ERROR_ADDRESS_IN_USE,      QNET_SOCKET_ERROR_ADDRESS_IN_USE },
  { G_IO_ERROR_NOT_SUPPORTED,       QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { G_IO_ERROR_PENDING,             QNET_SOCKET_ERROR_OPERATION },
  { G_IO_ERROR_NOT_CONNECTED,       QNET_SOCKET_ERROR_OPERATION },
  { G_IO_ERROR_PROXY_FAILED,        QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { G_IO_ERROR_PROXY_AUTH_FAILED,   QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { G_IO_ERROR_PROXY_NEED_AUTH,     QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { G_IO_ERROR_PROXY_NOT_ALLOWED,   QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { G_IO_ERROR_WOULD_BLOCK,         QNET_SOCKET_ERROR_TEMPORARY },
  { G_IO_ERROR_FAILED,              QNET_SOCKET_ERROR_UNKNOWN },
};

static const Row tls_rows[] = {
  { G_TLS_ERROR_NOT_TLS,              QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED },
  { G_TLS_ERROR_HANDSHAKE,            QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED },
  { G_TLS_ERROR_BAD_CERTIFICATE,      QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED },
  { G_TLS_ERROR_CERTIFICATE_REQUIRED, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED },
  { G_TLS_ERROR_MISC,                 QNET_SOCKET_ERROR_SSL_INTERNAL },
};

static const Row resolver_rows[] = {
  { G_RESOLVER_ERROR_NOT_FOUND,         QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { G_RESOLVER_ERROR_TEMPORARY_FAILURE, QNET_SOCKET_ERROR_TEMPORARY },
  { G_RESOLVER_ERROR_INTERNAL,          QNET_SOCKET_ERROR_NETWORK },
};

static int
code_of (GQuark domain,
         int    code)
{
  g_autoptr(GError) error = g_error_new_literal (domain, code, "reason");

  return qnet_socket_error_code_from_gerror (error);
}

static void
check_rows (GQuark     domain,
            const Row *rows,
            gsize      n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_test_message ("%s %d", g_quark_to_string (domain), rows[i].foreign);
      g_assert_cmpint (code_of (domain, rows[i].foreign), ==, rows[i].code);
    }
}

static void
test_code_errno (void)
{
  g_test_summary ("Each errno that a socket can fail with has the code that the manual says.");

  for (gsize i = 0; i < G_N_ELEMENTS (errno_rows); i++)
    {
      g_test_message ("%s", g_strerror (errno_rows[i].foreign));
      g_assert_cmpint (qnet_socket_error_code_from_errno (errno_rows[i].foreign), ==,
                       errno_rows[i].code);
    }
}

static void
test_code_gerror (void)
{
  g_test_summary ("Errors of GIO, of its resolver and of TLS get the codes that the manual says.");

  check_rows (G_IO_ERROR, gio_rows, G_N_ELEMENTS (gio_rows));
  check_rows (G_TLS_ERROR, tls_rows, G_N_ELEMENTS (tls_rows));
  check_rows (G_RESOLVER_ERROR, resolver_rows, G_N_ELEMENTS (resolver_rows));
}

static void
test_code_own (void)
{
  g_test_summary ("A code of qnet is unchanged, and an unknown domain is UNKNOWN.");

  g_assert_cmpint (code_of (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED), ==,
                   QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_assert_cmpint (code_of (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNKNOWN), ==,
                   QNET_SOCKET_ERROR_UNKNOWN);
  g_assert_cmpint (code_of (G_FILE_ERROR, G_FILE_ERROR_ACCES), ==, QNET_SOCKET_ERROR_UNKNOWN);
}

/* In the order of Qt's QAbstractSocket::SocketError */
static const char *const nicks[] = {
  "connection-refused", "remote-host-closed", "host-not-found", "socket-access", "socket-resource",
  "socket-timeout", "datagram-too-large", "network", "address-in-use",
  "socket-address-not-available", "unsupported-socket-operation", NULL,
  "proxy-authentication-required", "ssl-handshake-failed", "proxy-connection-refused",
  "proxy-connection-closed", "proxy-connection-timeout", "proxy-not-found", "proxy-protocol",
  "operation", "ssl-internal", "ssl-invalid-user-data", "temporary",
};

static void
test_code_numbers (void)
{
  g_autoptr(GEnumClass) klass = g_type_class_ref (QNET_TYPE_SOCKET_ERROR);

  g_test_summary ("The codes have Qt's numbers.");

  g_assert_cmpint (QNET_SOCKET_ERROR_UNKNOWN, ==, -1);
  g_assert_cmpuint (klass->n_values, ==, G_N_ELEMENTS (nicks));  /* UNKNOWN, and without 11 */

  for (gsize i = 0; i < G_N_ELEMENTS (nicks); i++)
    {
      const GEnumValue *value = g_enum_get_value (klass, (int) i);

      g_assert_cmpstr (value != NULL ? value->value_nick : NULL, ==, nicks[i]);
    }
}

static void
test_domain (void)
{
  g_test_summary ("The domain has the name that bindings look for.");

  g_assert_cmpstr (g_quark_to_string (QNET_SOCKET_ERROR), ==, "qnet-socket-error-quark");
  g_assert_true (QNET_SOCKET_ERROR == qnet_socket_error_quark ());
}

static void
test_text_errno (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *expected = g_strdup_printf ("Could not listen on 127.0.0.1 port 80: %s",
                                               g_strerror (EACCES));

  g_test_summary ("An error says what failed and gives the system's reason.");

  qnet_set_error_from_errno (&error, EACCES, "Could not listen on %s port %d", "127.0.0.1", 80);

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
check_taken (GQuark domain,
             int    code,
             GQuark expected_domain,
             int    expected_code)
{
  g_autoptr(GError) error = NULL;

  qnet_take_error_from_gerror (&error, g_error_new_literal (domain, code, "100 %s sure"),
                               "Could not look up %s", "a name");

  g_assert_error (error, expected_domain, expected_code);
  g_assert_cmpstr (error->message, ==, "Could not look up a name: 100 %s sure");
}

static void
test_text_gerror (void)
{
  g_test_summary ("An error of GIO's becomes ours, with its reason; cancelled stays cancelled.");

  check_taken (G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
               QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  check_taken (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_NETWORK,
               QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_NETWORK);
  check_taken (G_IO_ERROR, G_IO_ERROR_CANCELLED, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_text_plain (void)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A message of qnet is not changed.");

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION, "%d%% is too much", 101);

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpstr (error->message, ==, "101% is too much");
}

static void
test_prefix (void)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("What failed comes before the reason.");

  qnet_prefix_error (&error, "Could not send to %s", "x");
  g_assert_no_error (error);

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION, "The socket is in use");
  qnet_prefix_error (&error, "Could not send to %s port %d", "/caf\xe9", 7);

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_cmpstr (error->message, ==,
                   "Could not send to /caf\xef\xbf\xbd port 7: The socket is in use");
}

static void
test_without_error (void)
{
  g_test_summary ("Without a GError nothing happens, and nothing leaks.");

  qnet_set_error (NULL, QNET_SOCKET_ERROR_OPERATION, "%s", "x");
  qnet_set_error_from_errno (NULL, EACCES, "%s", "x");
  qnet_prefix_error (NULL, "%s", "x");
  qnet_take_error_from_gerror (NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "y"),
                               "%s", "x");
}

static void
assert_valid (GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_nonnull (strstr (error->message, "/caf\xef\xbf\xbd"));
  g_error_free (error);
}

static void
test_text_valid (void)
{
  GError *error = NULL;

  g_test_summary ("A message is UTF-8 although the name of a file in it is not.");

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION, "%s", "/caf\xe9");
  assert_valid (g_steal_pointer (&error));
  qnet_set_error_from_errno (&error, EACCES, "%s", "/caf\xe9");
  assert_valid (g_steal_pointer (&error));
  qnet_take_error_from_gerror (&error, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "\xff"),
                               "%s", "/caf\xe9");
  assert_valid (g_steal_pointer (&error));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/error/domain", test_domain);
  g_test_add_func ("/error/code/numbers", test_code_numbers);
  g_test_add_func ("/error/code/errno", test_code_errno);
  g_test_add_func ("/error/code/gerror", test_code_gerror);
  g_test_add_func ("/error/code/own", test_code_own);
  g_test_add_func ("/error/text/errno", test_text_errno);
  g_test_add_func ("/error/text/gerror", test_text_gerror);
  g_test_add_func ("/error/text/plain", test_text_plain);
  g_test_add_func ("/error/text/prefix", test_prefix);
  g_test_add_func ("/error/text/valid", test_text_valid);
  g_test_add_func ("/error/without-a-gerror", test_without_error);

  return g_test_run ();
}
