/* test-tls-disabled.c: qnet built without TLS: all is there, and what needs TLS fails
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <unistd.h>

#include <qnet/qnet.h>

#include "common/pair.h"

#define DEVICE(socket) QNET_IO_DEVICE (socket)

/* A certificate of a kind that needs no module of GIO */

typedef GTlsCertificate TestCertificate;
typedef GTlsCertificateClass TestCertificateClass;

static GType test_certificate_get_type (void);

G_DEFINE_TYPE (TestCertificate, test_certificate, G_TYPE_TLS_CERTIFICATE)

enum { PROP_CERTIFICATE = 1, PROP_CERTIFICATE_PEM, PROP_KEY, PROP_KEY_PEM, PROP_ISSUER };

static void
test_certificate_get_property (GObject    *object,
                               guint       id,
                               GValue     *value,
                               GParamSpec *pspec)
{
}

static void
test_certificate_set_property (GObject      *object,
                               guint         id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
}

static void
test_certificate_class_init (TestCertificateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_certificate_get_property;
  object_class->set_property = test_certificate_set_property;

  g_object_class_override_property (object_class, PROP_CERTIFICATE, "certificate");
  g_object_class_override_property (object_class, PROP_CERTIFICATE_PEM, "certificate-pem");
  g_object_class_override_property (object_class, PROP_KEY, "private-key");
  g_object_class_override_property (object_class, PROP_KEY_PEM, "private-key-pem");
  g_object_class_override_property (object_class, PROP_ISSUER, "issuer");
}

static void
test_certificate_init (TestCertificate *self)
{
}

/* The one error; cleared */
static void
assert_no_tls (GError **error)
{
  g_assert_error (*error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INTERNAL);
  g_test_message ("%s", (*error)->message);
  g_assert_true (g_str_has_suffix ((*error)->message, ": qnet was built without TLS"));
  g_clear_error (error);
}

static void
test_supported (void)
{
  g_test_summary ("A program can ask whether there is TLS, and none is an answer.");

  g_assert_false (qnet_ssl_socket_supports_ssl ());
}

/* Connecting */

static void
store_error_cb (QnetSslSocket  *socket,
                const GError   *error,
                GError        **out_error)
{
  g_assert_null (*out_error);
  *out_error = g_error_copy (error);
}

static void
forbidden_cb (void)
{
  g_assert_not_reached ();
}

static void
test_connect (void)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autoptr(QnetHostAddress) here =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  GError *error = NULL;

  g_test_summary ("A request for an encrypted connection fails before anything is sent.");

  g_assert_true (qnet_tcp_server_listen (server, here, 0, &error));
  g_signal_connect (server, "new-connection", G_CALLBACK (forbidden_cb), NULL);
  g_signal_connect (socket, "state-changed", G_CALLBACK (forbidden_cb), NULL);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (store_error_cb), &error);

  qnet_ssl_socket_connect_to_host_encrypted (socket, "localhost",
                                             qnet_tcp_server_get_server_port (server));
  g_assert_no_error (error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);

  assert_no_tls (&error);
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_cmpint (qnet_ssl_socket_get_mode (socket), ==, QNET_SSL_MODE_UNENCRYPTED);
}

static void
test_connect_and_wait (void)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  g_test_summary ("A program that waits for the encryption gets the reason.");

  qnet_ssl_socket_connect_to_host_encrypted (socket, "localhost", 1);
  g_assert_false (qnet_ssl_socket_wait_for_encrypted (socket, -1, &error));

  assert_no_tls (&error);
}

static void
store_result_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      data)
{
  GAsyncResult **out_result = data;

  *out_result = g_object_ref (result);
}

static void
test_connect_async (void)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  g_test_summary ("The asynchronous function fails, too.");

  qnet_ssl_socket_connect_to_host_encrypted_async (socket, "localhost", 1, G_PRIORITY_DEFAULT,
                                                   NULL, store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_assert_false (qnet_ssl_socket_connect_to_host_encrypted_finish (socket, result, &error));
  assert_no_tls (&error);
}

/* An established connection */

/* (transfer full): @out_far is the descriptor of the peer. */
static QnetSslSocket *
new_connected (int *out_far)
{
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  GError *error = NULL;
  int near;

  pair_open_tcp (&near, out_far);
  qnet_socket_set_fd (QNET_SOCKET (socket), near, QNET_SOCKET_STATE_CONNECTED,
                      QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return socket;
}

static void
assert_ended (QnetSslSocket *socket,
              int            far)
{
  g_assert_cmpint (qnet_socket_get_state (QNET_SOCKET (socket)), ==,
                   QNET_SOCKET_STATE_UNCONNECTED);
  pair_assert_gets (far, "");
  close (far);
}

static void
test_plain (void)
{
  int far;
  g_autoptr(QnetSslSocket) socket = new_connected (&far);

  g_test_summary ("Without encryption such a socket works.");

  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), "plain", NULL), ==, 5);
  g_assert_true (qnet_io_device_flush (DEVICE (socket)));
  pair_assert_gets (far, "plain");
  close (far);
}

static gboolean
start_client (QnetSslSocket  *socket,
              GError        **error)
{
  return qnet_ssl_socket_start_client_encryption (socket, error);
}

static gboolean
start_server (QnetSslSocket  *socket,
              GError        **error)
{
  return qnet_ssl_socket_start_server_encryption (socket, error);
}

static gboolean
start_with_input (QnetSslSocket  *socket,
                  GError        **error)
{
  g_autoptr(GBytes) input = g_bytes_new_static ("input", 5);

  return qnet_ssl_socket_start_server_encryption_with_input (socket, input, error);
}

static void
test_start (gconstpointer data)
{
  gboolean (*start) (QnetSslSocket *, GError **) = data;
  int far;
  g_autoptr(QnetSslSocket) socket = new_connected (&far);
  GError *error = NULL;

  g_test_summary ("A connection that cannot be encrypted is aborted: it does not continue "
                  "unencrypted.");

  g_assert_false (start (socket, &error));
  assert_no_tls (&error);
  g_assert_cmpint (qnet_io_device_write_string (DEVICE (socket), "a secret", NULL), ==, -1);

  assert_ended (socket, far);
}

static void
test_start_async (void)
{
  int far;
  g_autoptr(QnetSslSocket) socket = new_connected (&far);
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  g_test_summary ("So it is with the asynchronous function.");

  qnet_ssl_socket_start_client_encryption_async (socket, G_PRIORITY_DEFAULT, NULL,
                                                 store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_assert_false (qnet_ssl_socket_start_client_encryption_finish (socket, result, &error));
  assert_no_tls (&error);
  assert_ended (socket, far);
}

/* Servers */

static void
test_listen (void)
{
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(QnetHostAddress) here =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  g_test_summary ("A server whose connections are encrypted does not listen.");

  g_assert_false (qnet_tcp_server_listen (QNET_TCP_SERVER (server), here, 0, &error));
  assert_no_tls (&error);
  g_assert_false (qnet_server_is_listening (QNET_SERVER (server)));
}

static void
store_failure_cb (QnetSslServer  *server,
                  QnetSslSocket  *socket,
                  const GError   *error,
                  GError        **out_error)
{
  *out_error = g_error_copy (error);
}

static void
test_incoming (void)
{
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  GError *error = NULL;
  int near, far;

  g_test_summary ("A connection that a subclass passes to it is refused.");

  g_signal_connect (server, "handshake-failed", G_CALLBACK (store_failure_cb), &error);
  pair_open_tcp (&near, &far);
  QNET_SERVER_GET_CLASS (server)->incoming_connection (QNET_SERVER (server), near);

  assert_no_tls (&error);
  pair_assert_gets (far, "");
  close (far);
}

/* Certificates and settings */

static void
assert_refused (QnetSslConfiguration  *configuration,
                GError               **error)
{
  g_assert_null (configuration);
  assert_no_tls (error);
}

static void
test_configuration (void)
{
  g_autoptr(QnetSslConfiguration) own = qnet_ssl_configuration_new ();
  g_autoptr(GTlsCertificate) certificate = g_object_new (test_certificate_get_type (), NULL);
  GError *error = NULL;

  g_test_summary ("What only GnuTLS could check is refused.");

  assert_refused (qnet_ssl_configuration_with_certificate (own, certificate, &error), &error);
  assert_refused (qnet_ssl_configuration_with_certificate_files (own, "/none", NULL, &error),
                  &error);
  assert_refused (qnet_ssl_configuration_with_certificate_uris (own, "pkcs11:a", NULL, &error),
                  &error);
  assert_refused (qnet_ssl_configuration_with_database_file (own, "/none", &error), &error);
  assert_refused (qnet_ssl_configuration_with_priority (own, "NORMAL", &error), &error);
  assert_refused (qnet_ssl_configuration_with_minimum_version (own, G_TLS_PROTOCOL_VERSION_TLS_1_3,
                                                               &error), &error);
}

static void
test_settings (void)
{
  const char *protocols[] = { "h2", NULL };
  g_autoptr(QnetSslConfiguration) own = qnet_ssl_configuration_new ();
  g_autoptr(QnetSslConfiguration) strict =
    qnet_ssl_configuration_with_peer_verify_mode (own, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  g_autoptr(QnetSslConfiguration) all =
    qnet_ssl_configuration_with_advertised_protocols (strict, protocols, NULL);
  g_autoptr(QnetSslConfiguration) again = qnet_ssl_configuration_with_certificate (all, NULL, NULL);
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();

  g_test_summary ("Other settings keep their values.");

  g_assert_true (qnet_ssl_configuration_equal (all, again));
  qnet_ssl_socket_set_ssl_configuration (socket, all);
  g_assert_cmpint (qnet_ssl_socket_get_peer_verify_mode (socket), ==,
                   QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  g_assert_cmpstr (qnet_ssl_socket_get_advertised_protocols (socket)[0], ==, "h2");
  g_assert_null (qnet_ssl_socket_get_certificate (socket));
  g_assert_cmpint (qnet_ssl_socket_get_encrypted_bytes_to_write (socket), ==, 0);
}

static void
test_certificates (void)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(QnetDtls) dtls = qnet_dtls_new (QNET_SSL_MODE_SERVER);
  g_autoptr(GTlsCertificate) certificate = g_object_new (test_certificate_get_type (), NULL);
  GError *error = NULL;

  g_test_summary ("No class takes a certificate; none is one that each of them takes.");

  g_assert_false (qnet_ssl_socket_set_certificate (socket, certificate, &error));
  assert_no_tls (&error);
  g_assert_false (qnet_ssl_server_set_certificate (server, certificate, &error));
  assert_no_tls (&error);
  g_assert_false (qnet_ssl_server_set_certificate_for_name (server, "a.example", certificate,
                                                            &error));
  assert_no_tls (&error);
  g_assert_false (qnet_dtls_set_certificate (dtls, certificate, &error));
  assert_no_tls (&error);

  g_assert_true (qnet_ssl_socket_set_certificate (socket, NULL, NULL));
  g_assert_true (qnet_ssl_server_set_certificate_for_name (server, "a.example", NULL, NULL));
}

static void
test_stapling (void)
{
  g_autoptr(GTlsCertificate) certificate = g_object_new (test_certificate_get_type (), NULL);
  GError *error = NULL;

  g_test_summary ("No response is stapled.");

  g_assert_false (qnet_ssl_set_ocsp_response (certificate, NULL, &error));
  assert_no_tls (&error);
}

static void
test_key_log (void)
{
  GError *error = NULL;

  g_test_summary ("There are no keys to log, and nothing to stop.");

  g_assert_false (qnet_ssl_socket_set_key_log_file ("/none/keys", &error));
  assert_no_tls (&error);
  g_assert_true (qnet_ssl_socket_set_key_log_file (NULL, NULL));
}

/* Datagrams */

static void
test_dtls (gconstpointer data)
{
  g_autoptr(QnetDtls) dtls = qnet_dtls_new (GPOINTER_TO_INT (data));
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) here =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  g_test_summary ("No handshake of DTLS begins, and none has begun.");

  qnet_dtls_set_peer (dtls, here, 4433, "localhost");
  g_assert_false (qnet_dtls_do_handshake (dtls, socket, NULL, &error));
  assert_no_tls (&error);

  g_assert_cmpint (qnet_dtls_get_handshake_state (dtls), ==, QNET_DTLS_HANDSHAKE_NOT_STARTED);
  g_assert_false (qnet_dtls_shutdown (dtls, socket, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  qnet_dtls_abort_handshake (dtls);
}

static void
test_verifier (void)
{
  g_autoptr(QnetDtlsClientVerifier) verifier = qnet_dtls_client_verifier_new ();
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) here =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GBytes) datagram = g_bytes_new_static ("hello", 5);
  GError *error = NULL;

  g_test_summary ("No client is asked for a cookie.");

  g_assert_false (qnet_dtls_client_verifier_verify_client (verifier, socket, datagram, here, 4433,
                                                           &error));
  assert_no_tls (&error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tls-disabled/supported", test_supported);
  g_test_add_func ("/tls-disabled/connect", test_connect);
  g_test_add_func ("/tls-disabled/connect/wait", test_connect_and_wait);
  g_test_add_func ("/tls-disabled/connect/async", test_connect_async);
  g_test_add_func ("/tls-disabled/plain", test_plain);
  g_test_add_data_func ("/tls-disabled/start/client", start_client, test_start);
  g_test_add_data_func ("/tls-disabled/start/server", start_server, test_start);
  g_test_add_data_func ("/tls-disabled/start/server-with-input", start_with_input, test_start);
  g_test_add_func ("/tls-disabled/start/async", test_start_async);
  g_test_add_func ("/tls-disabled/listen", test_listen);
  g_test_add_func ("/tls-disabled/incoming", test_incoming);
  g_test_add_func ("/tls-disabled/configuration", test_configuration);
  g_test_add_func ("/tls-disabled/settings", test_settings);
  g_test_add_func ("/tls-disabled/certificates", test_certificates);
  g_test_add_func ("/tls-disabled/stapling", test_stapling);
  g_test_add_func ("/tls-disabled/key-log", test_key_log);
  g_test_add_data_func ("/tls-disabled/dtls/client", GINT_TO_POINTER (QNET_SSL_MODE_CLIENT),
                        test_dtls);
  g_test_add_data_func ("/tls-disabled/dtls/server", GINT_TO_POINTER (QNET_SSL_MODE_SERVER),
                        test_dtls);
  g_test_add_func ("/tls-disabled/dtls/verifier", test_verifier);

  return g_test_run ();
}
