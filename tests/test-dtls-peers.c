/* test-dtls-peers.c: encrypted datagrams with the programs of OpenSSL and GnuTLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "common/program.h"
#include "common/tls-fixture.h"

typedef struct
{
  GMainContext           *context;   /* (owned) */
  QnetUdpSocket          *socket;    /* (owned) */
  QnetDtlsClientVerifier *verifier;  /* (owned) */
  QnetDtls               *dtls;      /* (owned) (nullable) */
  Program                *program;   /* (owned) (nullable) */
  GString                *received;  /* (owned): decrypted */
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

/* Our side */

static void
handle (Fixture *fixture,
        GBytes  *datagram)
{
  g_autoptr(GBytes) text = NULL;
  gconstpointer data;
  gsize size;

  if (!qnet_dtls_is_encrypted (fixture->dtls))
    qnet_dtls_do_handshake (fixture->dtls, fixture->socket, datagram, NULL);
  else
    text = qnet_dtls_decrypt_datagram (fixture->dtls, fixture->socket, datagram, NULL);
  if (text == NULL)
    return;

  data = g_bytes_get_data (text, &size);
  g_string_append_len (fixture->received, data, (gssize) size);
}

static void
meet_client (Fixture         *fixture,
             GBytes          *datagram,
             QnetHostAddress *address,
             guint16          port)
{
  g_autoptr(GTlsCertificate) certificate = NULL;

  if (!qnet_dtls_client_verifier_verify_client (fixture->verifier, fixture->socket, datagram,
                                                address, port, NULL))
    return;

  certificate = load_certificate ("server");
  fixture->dtls = qnet_dtls_new (QNET_SSL_MODE_SERVER);
  qnet_dtls_set_peer (fixture->dtls, address, port, NULL);
  qnet_dtls_set_certificate (fixture->dtls, certificate, NULL);
  handle (fixture, datagram);
}

static void
ready_read_cb (QnetUdpSocket *socket,
               Fixture       *fixture)
{
  while (qnet_udp_socket_has_pending_datagrams (socket))
    {
      g_autoptr(QnetNetworkDatagram) datagram =
        qnet_udp_socket_receive_datagram (socket, 0, NULL);
      GBytes *bytes;

      if (datagram == NULL)
        continue;

      bytes = qnet_network_datagram_get_bytes (datagram);
      if (fixture->dtls != NULL)
        handle (fixture, bytes);
      else
        meet_client (fixture, bytes, qnet_network_datagram_get_sender_address (datagram),
                     (guint16) qnet_network_datagram_get_sender_port (datagram));
    }
}

static void
send_text (Fixture    *fixture,
           const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  GError *error = NULL;

  qnet_dtls_write_datagram_encrypted (fixture->dtls, fixture->socket, bytes, &error);
  g_assert_no_error (error);
}

/* The fixture */

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->received = g_string_new (NULL);
  fixture->socket = qnet_udp_socket_new ();
  fixture->verifier = qnet_dtls_client_verifier_new ();
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (ready_read_cb), fixture);
  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (fixture->socket), address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  program_stop (fixture->program);
  g_clear_object (&fixture->dtls);
  g_clear_object (&fixture->verifier);
  g_clear_object (&fixture->socket);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_string_free (fixture->received, TRUE);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

/* Both directions, once the handshake is complete */
static void
assert_talks (Fixture *fixture)
{
  await (fixture, fixture->dtls != NULL && qnet_dtls_is_encrypted (fixture->dtls));
  g_assert_cmpstr (qnet_dtls_get_session_protocol (fixture->dtls), ==, "DTLSv1.2");
  send_text (fixture, "from qnet\n");
  program_await (fixture->program, "from qnet");
  program_write (fixture->program, "from the program\n");
  await (fixture, strstr (fixture->received->str, "from the program") != NULL);
}

/* Foreign clients */

static void
serve (Fixture            *fixture,
       const char * const *words)
{
  fixture->program = program_start (words);
  assert_talks (fixture);
}

static char *
get_own_port (Fixture *fixture)
{
  return g_strdup_printf ("%u", qnet_abstract_socket_get_local_port (ABSTRACT (fixture->socket)));
}

static void
test_s_client (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *port = get_own_port (fixture);
  const char *const words[] = {
    "openssl", "s_client", "-dtls1_2", "-connect", "127.0.0.1", "-port", port, "-CAfile",
    get_certificate_path ("ca"), "-verify_return_error", "-verify_hostname", "localhost", "-quiet",
    NULL
  };

  g_test_summary ("openssl s_client exchanges datagrams with our server.");

  if (has_tls () && program_is_installed ("openssl"))
    serve (fixture, words);
}

static void
test_gnutls_cli (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *port = get_own_port (fixture);
  const char *const words[] = {
    "gnutls-cli", "--udp", "--port", port, "--x509cafile", get_certificate_path ("ca"),
    "--verify-hostname", "localhost", "127.0.0.1", NULL
  };

  g_test_summary ("gnutls-cli exchanges datagrams with our server.");

  if (has_tls () && program_is_installed ("gnutls-cli"))
    serve (fixture, words);
}

/* Foreign servers */

/* The program binds the port of a socket that was closed just before. */
static guint16
find_port (void)
{
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  guint16 port;

  g_assert_true (qnet_abstract_socket_bind (ABSTRACT (socket), address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, NULL));
  port = qnet_abstract_socket_get_local_port (ABSTRACT (socket));
  qnet_socket_abort (QNET_SOCKET (socket));

  return port;
}

static void
connect_to (Fixture *fixture,
            guint16  port)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GTlsDatabase) database = g_tls_file_database_new (get_certificate_path ("ca"), NULL);
  GError *error = NULL;

  fixture->dtls = qnet_dtls_new (QNET_SSL_MODE_CLIENT);
  qnet_dtls_set_peer (fixture->dtls, address, port, "localhost");
  qnet_dtls_set_database (fixture->dtls, database);
  qnet_dtls_do_handshake (fixture->dtls, fixture->socket, NULL, &error);
  g_assert_no_error (error);
}

static void
test_s_server (Fixture       *fixture,
               gconstpointer  data)
{
  guint16 port = find_port ();
  g_autofree char *accept = g_strdup_printf ("127.0.0.1:%u", port);
  const char *const words[] = {
    "openssl", "s_server", "-dtls1_2", "-listen", "-accept", accept, "-cert",
    get_certificate_path ("server"), "-quiet", NULL
  };

  g_test_summary ("Our client exchanges datagrams with openssl s_server.");

  if (!has_tls () || !program_is_installed ("openssl"))
    return;

  fixture->program = program_start (words);
  connect_to (fixture, port);
  assert_talks (fixture);
}

static void
test_gnutls_serv (Fixture       *fixture,
                  gconstpointer  data)
{
  guint16 port = find_port ();
  g_autofree char *text = g_strdup_printf ("%u", port);
  const char *const words[] = {
    "gnutls-serv", "--udp", "--echo", "--port", text, "--disable-client-cert", "--x509certfile",
    get_certificate_path ("server"), "--x509keyfile", get_certificate_path ("server"), NULL
  };

  g_test_summary ("Our client exchanges datagrams with gnutls-serv.");

  if (!has_tls () || !program_is_installed ("gnutls-serv"))
    return;

  fixture->program = program_start (words);
  program_await (fixture->program, "done");
  connect_to (fixture, port);
  await (fixture, qnet_dtls_is_encrypted (fixture->dtls));
  send_text (fixture, "question\n");
  await (fixture, strstr (fixture->received->str, "question") != NULL);
}

#define add(path, func) \
  g_test_add ("/dtls-peers/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("s-client", test_s_client);
  add ("gnutls-cli", test_gnutls_cli);
  add ("s-server", test_s_server);
  add ("gnutls-serv", test_gnutls_serv);

  return g_test_run ();
}
