/* dtls-fixture.c: encrypted datagrams between two sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/dtls-fixture.h"

#include <string.h>

/* Connections and sockets */

void
dtls_trust (QnetDtls   *dtls,
            const char *name)
{
  GError *error = NULL;
  g_autoptr(GTlsDatabase) database = g_tls_file_database_new (get_certificate_path (name), &error);

  g_assert_no_error (error);
  qnet_dtls_set_database (dtls, database);
}

QnetDtls *
dtls_server_new (QnetHostAddress *address,
                 guint16          port)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  QnetDtls *dtls = qnet_dtls_new (QNET_SSL_MODE_SERVER);

  qnet_dtls_set_peer (dtls, address, port, NULL);
  qnet_dtls_set_certificate (dtls, certificate, NULL);

  return dtls;
}

QnetUdpSocket *
dtls_socket_new (void)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  QnetUdpSocket *socket = qnet_udp_socket_new ();
  GError *error = NULL;

  qnet_abstract_socket_bind (ABSTRACT (socket), address, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM,
                             &error);
  g_assert_no_error (error);

  return socket;
}

/* Datagrams */

static void
note (DtlsSide *side,
      GError   *error)  /* (transfer full) (nullable) */
{
  g_clear_error (&side->error);
  side->error = error;
}

static void
handle (DtlsSide *side,
        GBytes   *datagram)
{
  g_autoptr(GBytes) text = NULL;
  GError *error = NULL;

  if (!qnet_dtls_is_encrypted (side->dtls))
    qnet_dtls_do_handshake (side->dtls, side->socket, datagram, &error);
  else
    text = qnet_dtls_decrypt_datagram (side->dtls, side->socket, datagram, &error);

  if (error != NULL)
    note (side, error);
  if (text != NULL)
    g_ptr_array_add (side->received, g_steal_pointer (&text));
}

static void
meet_client (DtlsFixture     *fixture,
             GBytes          *datagram,
             QnetHostAddress *address,
             guint16          port)
{
  GError *error = NULL;

  if (!qnet_dtls_client_verifier_verify_client (fixture->verifier, fixture->server.socket,
                                                datagram, address, port, &error))
    {
      fixture->n_cookies += g_error_matches (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
      note (&fixture->server, error);
      return;
    }

  fixture->server.dtls = dtls_server_new (address, port);
  handle (&fixture->server, datagram);
}

static void
read_side (DtlsFixture *fixture,
           DtlsSide    *side)
{
  while (qnet_udp_socket_has_pending_datagrams (side->socket))
    {
      g_autoptr(QnetNetworkDatagram) datagram =
        qnet_udp_socket_receive_datagram (side->socket, 0, NULL);
      GBytes *bytes = qnet_network_datagram_get_bytes (datagram);

      side->n_arrived++;
      if (side->n_lost > 0)
        side->n_lost--;
      else if (side->dtls != NULL)
        handle (side, bytes);
      else if (side == &fixture->server)
        meet_client (fixture, bytes, qnet_network_datagram_get_sender_address (datagram),
                     (guint16) qnet_network_datagram_get_sender_port (datagram));
    }
}

static void
client_ready_cb (QnetIODevice *socket,
                 DtlsFixture  *fixture)
{
  read_side (fixture, &fixture->client);
}

static void
server_ready_cb (QnetIODevice *socket,
                 DtlsFixture  *fixture)
{
  read_side (fixture, &fixture->server);
}

void
dtls_side_send (DtlsSide   *side,
                const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  GError *error = NULL;
  gssize n = qnet_dtls_write_datagram_encrypted (side->dtls, side->socket, bytes, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, strlen (text));
}

void
dtls_fixture_assert_received (DtlsFixture *fixture,
                              DtlsSide    *side,
                              const char  *text)
{
  gconstpointer data;
  gsize size;

  dtls_fixture_await (fixture, side->received->len > 0);
  data = g_bytes_get_data (side->received->pdata[0], &size);
  g_assert_cmpmem (data, size, text, strlen (text));
  g_ptr_array_remove_index (side->received, 0);
}

/* The fixture */

static void
open_side (DtlsSide *side)
{
  side->socket = dtls_socket_new ();
  side->received = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
timeout_cb (QnetDtls    *dtls,
            DtlsFixture *fixture)
{
  fixture->n_timeouts++;
}

static void
set_up (DtlsFixture   *fixture,
        gconstpointer  data)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  if (!has_tls ())
    return;

  open_side (&fixture->client);
  open_side (&fixture->server);
  fixture->verifier = qnet_dtls_client_verifier_new ();
  g_signal_connect (fixture->client.socket, "ready-read", G_CALLBACK (client_ready_cb), fixture);
  g_signal_connect (fixture->server.socket, "ready-read", G_CALLBACK (server_ready_cb), fixture);

  fixture->client.dtls = qnet_dtls_new (QNET_SSL_MODE_CLIENT);
  dtls_trust (fixture->client.dtls, "ca");
  qnet_dtls_set_peer (fixture->client.dtls, address,
                      qnet_abstract_socket_get_local_port (ABSTRACT (fixture->server.socket)),
                      "localhost");
  g_signal_connect (fixture->client.dtls, "handshake-timeout", G_CALLBACK (timeout_cb), fixture);
}

static void
close_side (DtlsSide *side)
{
  if (side->dtls != NULL)
    g_assert_finalize_object (side->dtls);
  g_clear_pointer (&side->received, g_ptr_array_unref);
  g_clear_error (&side->error);
  g_clear_object (&side->socket);
}

static void
tear_down (DtlsFixture   *fixture,
           gconstpointer  data)
{
  close_side (&fixture->client);
  close_side (&fixture->server);
  g_clear_object (&fixture->verifier);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

typedef struct
{
  void         (*func) (DtlsFixture *, gconstpointer);
  gconstpointer  data;
} Test;

static void
run (DtlsFixture   *fixture,
     gconstpointer  data)
{
  const Test *test = data;

  if (fixture->verifier != NULL)
    test->func (fixture, test->data);
}

void
dtls_fixture_add (const char    *path,
                  void         (*func) (DtlsFixture *, gconstpointer),
                  gconstpointer  data)
{
  static Test tests[32];
  static guint n_tests = 0;

  g_assert_cmpuint (n_tests, <, G_N_ELEMENTS (tests));
  tests[n_tests] = (Test) { func, data };
  g_test_add (path, DtlsFixture, &tests[n_tests++], set_up, run, tear_down);
}

/* The handshake */

void
dtls_fixture_begin (DtlsFixture *fixture)
{
  GError *error = NULL;

  qnet_dtls_do_handshake (fixture->client.dtls, fixture->client.socket, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_dtls_get_handshake_state (fixture->client.dtls), ==,
                   QNET_DTLS_HANDSHAKE_IN_PROGRESS);
}

gboolean
dtls_fixture_is_encrypted (DtlsFixture *fixture)
{
  return fixture->server.dtls != NULL && qnet_dtls_is_encrypted (fixture->client.dtls)
         && qnet_dtls_is_encrypted (fixture->server.dtls);
}

void
dtls_fixture_encrypt (DtlsFixture *fixture)
{
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, dtls_fixture_is_encrypted (fixture));
}
