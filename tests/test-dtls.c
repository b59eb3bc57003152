/* test-dtls.c: encrypted datagrams between two sockets, with losses and forgeries
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "common/dtls-fixture.h"

#define RECORD_HEADER 13  /* bytes */

static void
test_encrypts (DtlsFixture   *fixture,
               gconstpointer  data)
{
  g_test_summary ("Client and server perform a handshake and exchange encrypted datagrams.");

  dtls_fixture_encrypt (fixture);
  dtls_side_send (&fixture->client, "question");
  dtls_fixture_assert_received (fixture, &fixture->server, "question");
  dtls_side_send (&fixture->server, "answer");
  dtls_fixture_assert_received (fixture, &fixture->client, "answer");

  g_assert_cmpstr (qnet_dtls_get_session_protocol (fixture->client.dtls), ==, "DTLSv1.2");
  g_assert_nonnull (qnet_dtls_get_session_cipher (fixture->client.dtls));
  g_assert_nonnull (qnet_dtls_get_peer_certificate (fixture->client.dtls));
  g_assert_cmpint (qnet_dtls_get_peer_certificate_errors (fixture->client.dtls), ==, 0);
  g_assert_cmpuint (fixture->n_cookies, ==, 1);
  g_assert_cmpuint (fixture->n_timeouts, ==, 0);
}

static void
test_information (DtlsFixture   *fixture,
                  gconstpointer  data)
{
  const GTlsChannelBindingType type = G_TLS_CHANNEL_BINDING_TLS_EXPORTER;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) ours = NULL;
  g_autoptr(GBytes) theirs = NULL;
  g_autoptr(GPtrArray) chain = NULL;

  g_test_summary ("Both sides know the group, the chain of the peer and the channel binding, once "
                  "the handshake is complete.");

  g_assert_null (qnet_dtls_get_channel_binding (fixture->client.dtls, type, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  dtls_fixture_encrypt (fixture);

  ours = qnet_dtls_get_channel_binding (fixture->client.dtls, type, NULL);
  theirs = qnet_dtls_get_channel_binding (fixture->server.dtls, type, NULL);
  g_assert_nonnull (ours);
  g_assert_true (g_bytes_equal (ours, theirs));
  chain = qnet_dtls_get_peer_certificate_chain (fixture->client.dtls);
  g_assert_cmpuint (chain->len, ==, 1);
  g_assert_nonnull (qnet_dtls_get_session_group (fixture->client.dtls));
  g_assert_cmpstr (qnet_dtls_get_session_group (fixture->client.dtls), ==,
                   qnet_dtls_get_session_group (fixture->server.dtls));
}

static void
test_cookie (DtlsFixture   *fixture,
             gconstpointer  data)
{
  g_test_summary ("The first datagram of a client is answered with a cookie, which is not longer "
                  "than the datagram, and a server begins nothing without it.");

  fixture->client.n_lost = 1;
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, fixture->client.n_arrived == 1);
  g_assert_cmpuint (fixture->n_cookies, ==, 1);
  g_assert_null (fixture->server.dtls);
  g_assert_error (fixture->server.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
}

/* (transfer full): the next one of the client, which it has not read */
static GByteArray *
take_datagram (DtlsFixture *fixture)
{
  GByteArray *copy = g_byte_array_new ();
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  gconstpointer bytes;
  gsize size;

  dtls_fixture_await (fixture, qnet_udp_socket_has_pending_datagrams (fixture->client.socket));
  datagram = qnet_udp_socket_receive_datagram (fixture->client.socket, 0, NULL);
  bytes = g_bytes_get_data (qnet_network_datagram_get_bytes (datagram), &size);

  return g_byte_array_append (copy, bytes, (guint) size);
}

/* (transfer full): the first datagram of the client, which is lost otherwise */
static GByteArray *
take_client_hello (DtlsFixture *fixture)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GByteArray *hello = g_byte_array_new ();
  gconstpointer bytes;
  gsize size;

  g_signal_handlers_disconnect_by_data (fixture->client.socket, fixture);
  g_signal_handlers_disconnect_by_data (fixture->server.socket, fixture);
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, qnet_udp_socket_has_pending_datagrams (fixture->server.socket));
  datagram = qnet_udp_socket_receive_datagram (fixture->server.socket, 0, NULL);
  bytes = g_bytes_get_data (qnet_network_datagram_get_bytes (datagram), &size);

  return g_byte_array_append (hello, bytes, (guint) size);
}

/* Whether the verifier answers the first @size bytes of @hello */
static gboolean
is_answered (DtlsFixture *fixture,
             GByteArray  *hello,
             gsize        size)
{
  g_autoptr(GBytes) datagram = g_bytes_new (hello->data, size);
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_dtls_client_verifier_verify_client
                    (fixture->verifier, fixture->server.socket, datagram,
                     qnet_dtls_get_peer_address (fixture->client.dtls),
                     qnet_abstract_socket_get_local_port (ABSTRACT (fixture->client.socket)),
                     &error));

  return g_error_matches (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
}

static void
test_short_hello (DtlsFixture   *fixture,
                  gconstpointer  data)
{
  g_autoptr(GByteArray) hello = NULL;
  guint n_answers = 0;

  g_test_summary ("No datagram, however short, is answered with a longer one: a sender with a "
                  "forged address gains nothing.");

  hello = take_client_hello (fixture);

  for (guint size = 0; size <= hello->len; size++)
    if (is_answered (fixture, hello, size))
      {
        g_autoptr(GByteArray) answer = take_datagram (fixture);

        g_assert_cmpuint (answer->len, <=, size);
        n_answers++;
      }

  g_assert_cmpuint (n_answers, >, 0);
  g_assert_true (is_answered (fixture, hello, hello->len));
}

static void
test_other_secret (DtlsFixture   *fixture,
                   gconstpointer  data)
{
  g_autoptr(GBytes) secret = g_bytes_new_static ("another one", 11);

  g_test_summary ("A server with another secret than its verifier refuses the cookie.");

  qnet_dtls_client_verifier_set_cookie_secret (fixture->verifier, secret);
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, fixture->server.dtls != NULL);
  g_assert_error (fixture->server.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_cmpint (qnet_dtls_get_handshake_state (fixture->server.dtls), ==,
                   QNET_DTLS_HANDSHAKE_NOT_STARTED);
}

static void
test_forged (DtlsFixture   *fixture,
             gconstpointer  data)
{
  static const char *const forged[] = { "", "x", "hello, this is no DTLS at all" };

  g_test_summary ("Datagrams of another protocol are not answered before the handshake, and "
                  "ignored during and after it.");

  for (gsize i = 0; i < G_N_ELEMENTS (forged); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (forged[i], strlen (forged[i]));
      g_autoptr(QnetHostAddress) address =
        qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
      g_autoptr(GError) error = NULL;

      g_assert_false (qnet_dtls_client_verifier_verify_client (fixture->verifier,
                                                               fixture->server.socket, bytes,
                                                               address, 9, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
    }

  dtls_fixture_begin (fixture);
  for (gsize i = 1; i < G_N_ELEMENTS (forged); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (forged[i], strlen (forged[i]));
      GError *error = NULL;

      qnet_dtls_do_handshake (fixture->client.dtls, fixture->client.socket, bytes, &error);
      g_assert_no_error (error);
    }
  dtls_fixture_await (fixture, dtls_fixture_is_encrypted (fixture));

  for (gsize i = 0; i < G_N_ELEMENTS (forged); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (forged[i], strlen (forged[i]));
      g_autoptr(GError) error = NULL;

      g_assert_null (qnet_dtls_decrypt_datagram (fixture->client.dtls, fixture->client.socket,
                                                 bytes, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
    }

  dtls_side_send (&fixture->server, "still there");
  dtls_fixture_assert_received (fixture, &fixture->client, "still there");
}

static void
test_replayed (DtlsFixture   *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GBytes *bytes;
  g_autoptr(GBytes) text = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("A datagram that arrives twice is decrypted once.");

  dtls_fixture_encrypt (fixture);
  g_signal_handlers_disconnect_by_data (fixture->client.socket, fixture);
  dtls_side_send (&fixture->server, "once");
  dtls_fixture_await (fixture, qnet_udp_socket_has_pending_datagrams (fixture->client.socket));
  datagram = qnet_udp_socket_receive_datagram (fixture->client.socket, 0, NULL);
  bytes = qnet_network_datagram_get_bytes (datagram);

  text = qnet_dtls_decrypt_datagram (fixture->client.dtls, fixture->client.socket, bytes, NULL);
  g_assert_nonnull (text);
  g_assert_null (qnet_dtls_decrypt_datagram (fixture->client.dtls, fixture->client.socket, bytes,
                                             &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
}

/* (transfer full): what the server sends for @texts */
static GByteArray *
take_datagrams (DtlsFixture        *fixture,
                const char * const *texts)
{
  GByteArray *all = g_byte_array_new ();

  for (; *texts != NULL; texts++)
    {
      g_autoptr(GByteArray) datagram = NULL;

      dtls_side_send (&fixture->server, *texts);
      datagram = take_datagram (fixture);
      g_byte_array_append (all, datagram->data, datagram->len);
    }

  return all;
}

static void
assert_decrypts (DtlsFixture *fixture,
                 GByteArray  *datagram,
                 const char  *expected)
{
  g_autoptr(GBytes) bytes = g_bytes_new (datagram->data, datagram->len);
  g_autoptr(GBytes) text = NULL;
  GError *error = NULL;

  text = qnet_dtls_decrypt_datagram (fixture->client.dtls, fixture->client.socket, bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (text, NULL), g_bytes_get_size (text),
                   expected, strlen (expected));
}

static void
test_several_records (DtlsFixture   *fixture,
                      gconstpointer  data)
{
  static const char *const texts[] = { "one ", "two ", "three", NULL };
  static const char *const later[] = { "later", NULL };
  g_autoptr(GByteArray) together = NULL;
  g_autoptr(GByteArray) alone = NULL;

  g_test_summary ("A datagram with several records is decrypted at once, and nothing of it remains "
                  "for the next one.");

  dtls_fixture_encrypt (fixture);
  g_signal_handlers_disconnect_by_data (fixture->client.socket, fixture);
  together = take_datagrams (fixture, texts);
  alone = take_datagrams (fixture, later);
  assert_decrypts (fixture, together, "one two three");
  assert_decrypts (fixture, alone, "later");
}

static void
test_forged_record (DtlsFixture   *fixture,
                    gconstpointer  data)
{
  static const char *const texts[] = { "forged", "genuine", NULL };
  static const char *const later[] = { "later", NULL };
  g_autoptr(GByteArray) together = NULL;
  g_autoptr(GByteArray) alone = NULL;

  g_test_summary ("A forged record in front of a genuine one is ignored, and nothing remains for "
                  "the next datagram.");

  dtls_fixture_encrypt (fixture);
  g_signal_handlers_disconnect_by_data (fixture->client.socket, fixture);
  together = take_datagrams (fixture, texts);
  together->data[RECORD_HEADER + 10] ^= 1;
  alone = take_datagrams (fixture, later);
  assert_decrypts (fixture, together, "genuine");
  assert_decrypts (fixture, alone, "later");
}

static void
test_lost (DtlsFixture   *fixture,
           gconstpointer  data)
{
  gboolean of_server = GPOINTER_TO_INT (data);

  g_test_summary ("Messages of the handshake that are lost are sent again.");

  if (of_server)
    fixture->client.n_lost = 2;
  else
    fixture->server.n_lost = 1;

  dtls_fixture_encrypt (fixture);
  g_assert_cmpuint (fixture->n_timeouts, >=, 1);
  dtls_side_send (&fixture->client, "question");
  dtls_fixture_assert_received (fixture, &fixture->server, "question");
}

static void
test_refused (DtlsFixture   *fixture,
              gconstpointer  data)
{
  g_test_summary ("A server that is not trusted is reported to the application, which may end the "
                  "handshake; the server receives an alert then.");

  dtls_trust (fixture->client.dtls, "other-ca");
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, qnet_dtls_get_handshake_state (fixture->client.dtls)
                               == QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED);
  g_assert_error (fixture->client.error, QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_cmpint (qnet_dtls_get_peer_certificate_errors (fixture->client.dtls), ==,
                   G_TLS_CERTIFICATE_UNKNOWN_CA);

  qnet_dtls_abort_handshake (fixture->client.dtls);
  g_assert_cmpint (qnet_dtls_get_handshake_state (fixture->client.dtls), ==,
                   QNET_DTLS_HANDSHAKE_NOT_STARTED);
  dtls_fixture_await (fixture, qnet_dtls_get_handshake_state (fixture->server.dtls)
                               == QNET_DTLS_HANDSHAKE_NOT_STARTED);
  g_assert_error (fixture->server.error, QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (fixture->server.error->message, "unknown_ca"));
}

static void
test_mode_too_late (DtlsFixture   *fixture,
                    gconstpointer  data)
{
  g_test_summary ("The verification mode that is set during a handshake is that of the next one.");

  dtls_trust (fixture->client.dtls, "other-ca");
  dtls_fixture_begin (fixture);
  qnet_dtls_set_peer_verify_mode (fixture->client.dtls, QNET_SSL_PEER_VERIFY_MODE_NONE);
  dtls_fixture_await (fixture, qnet_dtls_get_handshake_state (fixture->client.dtls)
                               == QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED);
  qnet_dtls_abort_handshake (fixture->client.dtls);

  g_clear_object (&fixture->server.dtls);
  dtls_fixture_encrypt (fixture);
}

static void
test_resumed (DtlsFixture   *fixture,
              gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("The application may ignore all errors of a certificate, and continue.");

  qnet_dtls_set_peer (fixture->client.dtls, qnet_dtls_get_peer_address (fixture->client.dtls),
                      qnet_dtls_get_peer_port (fixture->client.dtls), "other.example");
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, qnet_dtls_get_handshake_state (fixture->client.dtls)
                               == QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED);

  qnet_dtls_ignore_verification_errors (fixture->client.dtls, G_TLS_CERTIFICATE_EXPIRED);
  g_assert_false (qnet_dtls_resume_handshake (fixture->client.dtls, fixture->client.socket,
                                              &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_clear_error (&error);

  qnet_dtls_ignore_verification_errors (fixture->client.dtls, G_TLS_CERTIFICATE_BAD_IDENTITY);
  g_assert_true (qnet_dtls_resume_handshake (fixture->client.dtls, fixture->client.socket, &error));
  g_assert_no_error (error);
  dtls_fixture_await (fixture, dtls_fixture_is_encrypted (fixture));
}

static void
test_shutdown (DtlsFixture   *fixture,
               gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("The end of one side is an error of the other one, and both can begin again.");

  dtls_fixture_encrypt (fixture);
  g_assert_true (qnet_dtls_shutdown (fixture->client.dtls, fixture->client.socket, &error));
  g_assert_no_error (error);
  dtls_fixture_await (fixture, !qnet_dtls_is_encrypted (fixture->server.dtls));
  g_assert_error (fixture->server.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_clear_object (&fixture->server.dtls);
  dtls_fixture_encrypt (fixture);
}

static void
test_too_large (DtlsFixture   *fixture,
                gconstpointer  data)
{
  g_autofree char *text = g_strnfill (2000, 'x');
  g_autoptr(GBytes) bytes = g_bytes_new (text, 2000);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A datagram that does not fit is refused, and the connection continues.");

  dtls_fixture_encrypt (fixture);
  g_assert_cmpint (qnet_dtls_write_datagram_encrypted (fixture->client.dtls,
                                                       fixture->client.socket, bytes, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE);
  dtls_side_send (&fixture->client, "a small one");
  dtls_fixture_assert_received (fixture, &fixture->server, "a small one");
}

static void
test_mtu (DtlsFixture   *fixture,
          gconstpointer  data)
{
  g_autofree char *text = g_strnfill (5000, 'x');

  g_test_summary ("With a larger MTU larger datagrams are sent.");

  qnet_dtls_set_mtu_hint (fixture->client.dtls, 8000);
  dtls_fixture_encrypt (fixture);
  dtls_side_send (&fixture->client, text);
  dtls_fixture_assert_received (fixture, &fixture->server, text);
}

static void
test_order (DtlsFixture   *fixture,
            gconstpointer  data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr(QnetDtls) other = qnet_dtls_new (QNET_SSL_MODE_SERVER);
  g_autoptr(GError) error = NULL;

  g_test_summary ("What is called too early, or without a peer, is an error.");

  g_assert_false (qnet_dtls_do_handshake (other, fixture->server.socket, NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_cmpint (qnet_dtls_write_datagram_encrypted (fixture->client.dtls,
                                                       fixture->client.socket, bytes, &error),
                   ==, -1);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_false (qnet_dtls_resume_handshake (fixture->client.dtls, fixture->client.socket,
                                              &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);
  g_assert_false (qnet_dtls_handle_timeout (fixture->client.dtls, fixture->client.socket, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
}

static int n_criticals = 0;  /* (atomic) */

static GLogWriterOutput
count_critical_cb (GLogLevelFlags   level,
                   const GLogField *fields,
                   gsize            n_fields,
                   gpointer         user_data)
{
  if ((level & G_LOG_LEVEL_CRITICAL) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);

  g_atomic_int_inc (&n_criticals);

  return G_LOG_WRITER_HANDLED;
}

static gpointer
write_in_thread (gpointer data)
{
  DtlsFixture *fixture = data;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);

  qnet_dtls_write_datagram_encrypted (fixture->client.dtls, fixture->client.socket, bytes,
                                      &fixture->client.error);

  return NULL;
}

static void
test_other_thread (DtlsFixture   *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A call from another thread is noticed and refused, and the connection "
                  "continues.");

  dtls_fixture_encrypt (fixture);
  g_clear_error (&fixture->client.error);
  g_log_set_writer_func (count_critical_cb, NULL, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_thread_join (g_thread_new ("other", write_in_thread, fixture));
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  g_assert_cmpint (g_atomic_int_get (&n_criticals), ==, 1);
  g_assert_error (fixture->client.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  dtls_side_send (&fixture->client, "question");
  dtls_fixture_assert_received (fixture, &fixture->server, "question");
}

static void
test_mode (DtlsFixture   *fixture,
           gconstpointer  data)
{
  g_autoptr(QnetDtls) dtls = NULL;

  g_test_summary ("A connection is that of a client or of a server.");

  g_test_expect_message ("Qnet", G_LOG_LEVEL_CRITICAL, "*mode != QNET_SSL_MODE_UNENCRYPTED*");
  dtls = g_object_new (QNET_TYPE_DTLS, "mode", QNET_SSL_MODE_UNENCRYPTED, NULL);
  g_test_assert_expected_messages ();
  g_assert_cmpint (qnet_dtls_get_mode (dtls), ==, QNET_SSL_MODE_CLIENT);
}

/* Many clients on one socket of the server */

#define N_CLIENTS 20

typedef struct
{
  QnetUdpSocket *socket;
  QnetDtls      *dtls;
  guint          n_received;
} Client;

static void
one_ready_cb (QnetUdpSocket *socket,
              Client        *client)
{
  while (qnet_udp_socket_has_pending_datagrams (socket))
    {
      g_autoptr(QnetNetworkDatagram) datagram =
        qnet_udp_socket_receive_datagram (socket, 0, NULL);
      GBytes *bytes = qnet_network_datagram_get_bytes (datagram);
      g_autoptr(GBytes) text = NULL;

      if (!qnet_dtls_is_encrypted (client->dtls))
        qnet_dtls_do_handshake (client->dtls, socket, bytes, NULL);
      else
        text = qnet_dtls_decrypt_datagram (client->dtls, socket, bytes, NULL);
      client->n_received += text != NULL;
    }
}

/* Echoes, by the port of the sender. */
static void
all_ready_cb (QnetUdpSocket *socket,
              GHashTable    *sessions)
{
  while (qnet_udp_socket_has_pending_datagrams (socket))
    {
      g_autoptr(QnetNetworkDatagram) datagram =
        qnet_udp_socket_receive_datagram (socket, 0, NULL);
      GBytes *bytes = qnet_network_datagram_get_bytes (datagram);
      g_autoptr(GBytes) text = NULL;
      QnetHostAddress *address = qnet_network_datagram_get_sender_address (datagram);
      guint port = (guint) qnet_network_datagram_get_sender_port (datagram);
      QnetDtls *dtls = g_hash_table_lookup (sessions, GUINT_TO_POINTER (port));
      g_autoptr(QnetDtlsClientVerifier) verifier = qnet_dtls_client_verifier_new ();

      if (dtls == NULL)
        {
          if (!qnet_dtls_client_verifier_verify_client (verifier, socket, bytes, address,
                                                        (guint16) port, NULL))
            continue;
          dtls = dtls_server_new (address, (guint16) port);
          g_hash_table_insert (sessions, GUINT_TO_POINTER (port), dtls);
        }

      if (!qnet_dtls_is_encrypted (dtls))
        qnet_dtls_do_handshake (dtls, socket, bytes, NULL);
      else
        text = qnet_dtls_decrypt_datagram (dtls, socket, bytes, NULL);
      if (text != NULL)
        qnet_dtls_write_datagram_encrypted (dtls, socket, text, NULL);
    }
}

static void
open_client (DtlsFixture *fixture,
             Client  *client)
{
  client->socket = dtls_socket_new ();
  client->n_received = 0;
  client->dtls = qnet_dtls_new (QNET_SSL_MODE_CLIENT);
  dtls_trust (client->dtls, "ca");
  qnet_dtls_set_peer (client->dtls, qnet_dtls_get_peer_address (fixture->client.dtls),
                      qnet_dtls_get_peer_port (fixture->client.dtls), "localhost");
  g_signal_connect (client->socket, "ready-read", G_CALLBACK (one_ready_cb), client);
  g_assert_true (qnet_dtls_do_handshake (client->dtls, client->socket, NULL, NULL));
}

static void
test_several (DtlsFixture   *fixture,
              gconstpointer  data)
{
  g_autoptr(GHashTable) sessions = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("question", 8);
  Client clients[N_CLIENTS];

  g_test_summary ("A server has many clients on one socket.");

  g_signal_handlers_disconnect_by_data (fixture->server.socket, fixture);
  g_signal_connect (fixture->server.socket, "ready-read", G_CALLBACK (all_ready_cb), sessions);

  for (guint i = 0; i < N_CLIENTS; i++)
    open_client (fixture, &clients[i]);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      dtls_fixture_await (fixture, qnet_dtls_is_encrypted (clients[i].dtls));
      qnet_dtls_write_datagram_encrypted (clients[i].dtls, clients[i].socket, bytes, NULL);
    }
  for (guint i = 0; i < N_CLIENTS; i++)
    dtls_fixture_await (fixture, clients[i].n_received == 1);

  g_assert_cmpuint (g_hash_table_size (sessions), ==, N_CLIENTS);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      g_object_unref (clients[i].dtls);
      g_object_unref (clients[i].socket);
    }
}

static void
drop_cb (QnetDtls    *dtls,
         DtlsFixture *fixture)
{
  g_clear_object (&fixture->client.dtls);
}

static void
test_dropped (DtlsFixture   *fixture,
              gconstpointer  data)
{
  g_test_summary ("A handler of handshake-timeout may drop the object.");

  g_signal_connect (fixture->client.dtls, "handshake-timeout", G_CALLBACK (drop_cb), fixture);
  fixture->server.n_lost = 100;
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, fixture->client.dtls == NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  dtls_fixture_add ("/dtls/encrypts", test_encrypts, NULL);
  dtls_fixture_add ("/dtls/information", test_information, NULL);
  dtls_fixture_add ("/dtls/cookie", test_cookie, NULL);
  dtls_fixture_add ("/dtls/cookie/short-hello", test_short_hello, NULL);
  dtls_fixture_add ("/dtls/other-secret", test_other_secret, NULL);
  dtls_fixture_add ("/dtls/forged", test_forged, NULL);
  dtls_fixture_add ("/dtls/replayed", test_replayed, NULL);
  dtls_fixture_add ("/dtls/several-records", test_several_records, NULL);
  dtls_fixture_add ("/dtls/several-records/forged", test_forged_record, NULL);
  dtls_fixture_add ("/dtls/lost/of-client", test_lost, GINT_TO_POINTER (FALSE));
  dtls_fixture_add ("/dtls/lost/of-server", test_lost, GINT_TO_POINTER (TRUE));
  dtls_fixture_add ("/dtls/refused", test_refused, NULL);
  dtls_fixture_add ("/dtls/mode/too-late", test_mode_too_late, NULL);
  dtls_fixture_add ("/dtls/resumed", test_resumed, NULL);
  dtls_fixture_add ("/dtls/shutdown", test_shutdown, NULL);
  dtls_fixture_add ("/dtls/too-large", test_too_large, NULL);
  dtls_fixture_add ("/dtls/mtu", test_mtu, NULL);
  dtls_fixture_add ("/dtls/order", test_order, NULL);
  dtls_fixture_add ("/dtls/mode", test_mode, NULL);
  dtls_fixture_add ("/dtls/several", test_several, NULL);
  dtls_fixture_add ("/dtls/dropped", test_dropped, NULL);

  dtls_fixture_add ("/dtls/other-thread", test_other_thread, NULL);

  return g_test_run ();
}
