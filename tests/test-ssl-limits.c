/* test-ssl-limits.c: how much a TLS server keeps, and how long, whatever its clients do
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/tls-fixture.h"

#define N_CLIENTS 15
#define N_PENDING 5

typedef struct
{
  GMainContext  *context;    /* (owned) */
  QnetSslServer *server;     /* (owned) */
  QnetSslSocket *clients[N_CLIENTS];  /* (owned) (nullable) */
  guint          n_started;
  guint          n_new;      /* emissions of new-connection */
  GError        *error;      /* (owned) (nullable): of the last handshake that has failed */
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

static void
settle (Fixture *fixture)
{
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;
}

/* The server */

static void
started_cb (QnetSslServer *server,
            QnetSslSocket *socket,
            Fixture       *fixture)
{
  fixture->n_started++;
}

static void
new_connection_cb (QnetServer *server,
                   Fixture    *fixture)
{
  fixture->n_new++;
}

static void
handshake_failed_cb (QnetSslServer *server,
                     QnetSslSocket *socket,
                     const GError  *error,
                     Fixture       *fixture)
{
  g_clear_error (&fixture->error);
  fixture->error = g_error_copy (error);
}

static void
serve (Fixture *fixture)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (fixture->server, get_certificate_path ("server"), NULL,
                                         &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (QNET_TCP_SERVER (fixture->server), address, 0, &error);
  g_assert_no_error (error);
}

static guint16
get_port (Fixture *fixture)
{
  return qnet_tcp_server_get_server_port (QNET_TCP_SERVER (fixture->server));
}

static void
take_connection (Fixture *fixture)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_server_next_pending_connection (fixture->server);

  g_assert_nonnull (socket);
  g_assert_true (qnet_ssl_socket_is_encrypted (socket));
  qnet_socket_abort (QNET_SOCKET (socket));
}

/* Clients */

static void
connect_client (Fixture *fixture,
                guint    i)
{
  GError *error = NULL;

  fixture->clients[i] = qnet_ssl_socket_new ();
  qnet_ssl_socket_set_database_file (fixture->clients[i], get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  qnet_ssl_socket_connect_to_host_encrypted (fixture->clients[i], "127.0.0.1",
                                             get_port (fixture));
}

static gboolean
are_encrypted (Fixture *fixture)
{
  for (guint i = 0; i < N_CLIENTS; i++)
    if (!qnet_ssl_socket_is_encrypted (fixture->clients[i]))
      return FALSE;

  return TRUE;
}

/* All handshakes begin before the first one ends. */
static void
connect_all (Fixture *fixture)
{
  qnet_server_set_max_pending_connections (QNET_SERVER (fixture->server), N_PENDING);
  serve (fixture);
  for (guint i = 0; i < N_CLIENTS; i++)
    connect_client (fixture, i);

  await (fixture, fixture->n_started == N_CLIENTS);
  await (fixture, are_encrypted (fixture));
  await (fixture, fixture->n_new >= N_PENDING);
  settle (fixture);
}

/* Pending connections */

static void
test_pending (Fixture *fixture)
{
  g_test_summary ("Handshakes that end while the queue is full wait for room: no more connections "
                  "than the limit are pending, and none is lost.");

  connect_all (fixture);
  g_assert_cmpuint (fixture->n_new, ==, N_PENDING);

  for (guint i = N_PENDING; i < N_CLIENTS; i++)
    {
      take_connection (fixture);
      g_assert_cmpuint (fixture->n_new, ==, i);  /* the signal is not emitted within the call */
      await (fixture, fixture->n_new == i + 1);
      settle (fixture);
      g_assert_cmpuint (fixture->n_new, ==, i + 1);
    }

  for (guint i = 0; i < N_PENDING; i++)
    take_connection (fixture);
  g_assert_false (qnet_server_has_pending_connections (QNET_SERVER (fixture->server)));
}

static void
test_raised (Fixture *fixture)
{
  g_test_summary ("A higher limit admits those that wait.");

  connect_all (fixture);
  qnet_server_set_max_pending_connections (QNET_SERVER (fixture->server), N_CLIENTS);
  await (fixture, fixture->n_new == N_CLIENTS);
}

static void
test_closed (Fixture *fixture)
{
  g_test_summary ("A server that is closed drops those that wait, too.");

  connect_all (fixture);
  qnet_server_close (QNET_SERVER (fixture->server));
  for (guint i = 0; i < N_CLIENTS; i++)
    await (fixture, (qnet_socket_get_state (QNET_SOCKET (fixture->clients[i]))
                     == QNET_SOCKET_STATE_UNCONNECTED));
  g_assert_cmpuint (fixture->n_new, ==, N_PENDING);
}

static void
test_wait (Fixture *fixture)
{
  guint n = 0;

  g_test_summary ("A blocking wait admits those that wait, one after the other.");

  connect_all (fixture);
  while (n < N_CLIENTS)
    {
      g_assert_true (qnet_server_wait_for_new_connection (QNET_SERVER (fixture->server), -1,
                                                          NULL));
      while (qnet_server_has_pending_connections (QNET_SERVER (fixture->server)))
        {
          take_connection (fixture);
          n++;
        }
    }
  g_assert_cmpuint (n, ==, N_CLIENTS);
}

/* A client that trickles */

static int
connect_plainly (Fixture *fixture)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (get_port (fixture)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);

  return fd;
}

static gboolean
trickle_cb (gpointer user_data)
{
  int *fd = user_data;

  return send (*fd, "", 1, MSG_NOSIGNAL) == 1;
}

static void
test_trickle (Fixture *fixture)
{
  static const guint8 header[] = { 0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0x3f, 0xfc };
  g_autoptr(GSource) source = g_timeout_source_new (1);
  int fd;

  g_test_summary ("Bytes that arrive do not extend the timeout of a handshake, and good clients "
                  "are served meanwhile.");

  qnet_ssl_server_set_handshake_timeout (fixture->server, 300);
  serve (fixture);
  fd = connect_plainly (fixture);
  g_assert_cmpint (send (fd, header, sizeof header, 0), ==, sizeof header);
  g_source_set_callback (source, trickle_cb, &fd, NULL);
  g_source_attach (source, fixture->context);
  await (fixture, fixture->n_started == 1);

  connect_client (fixture, 0);
  await (fixture, fixture->n_new == 1);
  g_assert_no_error (fixture->error);
  await (fixture, fixture->error != NULL);
  g_assert_error (fixture->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_source_destroy (source);
  close (fd);
}

/* A chain of 10 MB */

#define CHAIN_SIZE (10 * 1000 * 1000)

/* ServerHello of TLS 1.2 (RFC 5246), with ECDHE and ECDSA, and an empty renegotiation_info */
static GByteArray *
make_server_hello (void)
{
  static const guint8 begin[] = {
    0x16, 0x03, 0x03, 0x00, 0x31, 0x02, 0x00, 0x00, 0x2d, 0x03, 0x03
  };
  static const guint8 random[32] = { 1 };
  static const guint8 end[] = {
    0x00, 0xc0, 0x2b, 0x00, 0x00, 0x05, 0xff, 0x01, 0x00, 0x01, 0x00
  };
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, begin, sizeof begin);
  g_byte_array_append (bytes, random, sizeof random);
  g_byte_array_append (bytes, end, sizeof end);

  return bytes;
}

/* The message says that certificates of CHAIN_SIZE follow, and they do, in zeros. */
static GByteArray *
make_record_of_chain (gboolean is_first)
{
  static const guint8 header[] = { 0x16, 0x03, 0x03, 0x40, 0x00 };
  const guint8 message[] = {
    0x0b, (CHAIN_SIZE + 3) >> 16, ((CHAIN_SIZE + 3) >> 8) & 0xff, (CHAIN_SIZE + 3) & 0xff,
    CHAIN_SIZE >> 16, (CHAIN_SIZE >> 8) & 0xff, CHAIN_SIZE & 0xff
  };
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, header, sizeof header);
  if (is_first)
    g_byte_array_append (bytes, message, sizeof message);
  while (bytes->len < sizeof header + 16384)
    g_byte_array_append (bytes, (const guint8 *) "", 1);

  return bytes;
}

/* Returns what the kernel has accepted until the client has ended. */
static gsize
send_chain (TlsFixture *fixture,
            int         fd)
{
  g_autoptr(GByteArray) all = make_server_hello ();
  gsize sent = 0;

  for (gsize size = 0; size < CHAIN_SIZE; size += 16384)
    {
      g_autoptr(GByteArray) record = make_record_of_chain (size == 0);

      g_byte_array_append (all, record->data, record->len);
    }

  while (sent < all->len
         && (qnet_socket_get_state (QNET_SOCKET (fixture->client))
             != QNET_SOCKET_STATE_UNCONNECTED))
    {
      gssize n = send (fd, all->data + sent, all->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

      if (n > 0)
        sent += (gsize) n;
      tls_fixture_settle (fixture);
    }

  return sent;
}

static void
test_huge_chain (TlsFixture    *fixture,
                 gconstpointer  data)
{
  int fd = tls_fixture_replace (fixture, &fixture->server);
  const int small = 65536;

  g_test_summary ("A chain of 10 MB fails at its beginning: it is neither stored nor received.");

  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  g_assert_cmpuint (send_chain (fixture, fd), <, CHAIN_SIZE);
  tls_fixture_assert_error (fixture->client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*");
  close (fd);
}

/* The tests */

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->server = qnet_ssl_server_new ();
  qnet_ssl_server_set_handshake_timeout (fixture->server, 60000);  /* for slow machines */
  g_signal_connect (fixture->server, "started-encryption-handshake", G_CALLBACK (started_cb),
                    fixture);
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (new_connection_cb), fixture);
  g_signal_connect (fixture->server, "handshake-failed", G_CALLBACK (handshake_failed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      if (fixture->clients[i] != NULL)
        qnet_socket_abort (QNET_SOCKET (fixture->clients[i]));
      g_clear_object (&fixture->clients[i]);
    }

  settle (fixture);
  g_assert_finalize_object (g_steal_pointer (&fixture->server));
  g_clear_error (&fixture->error);
  settle (fixture);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

static void
run (Fixture       *fixture,
     gconstpointer  data)
{
  void (*const *func) (Fixture *) = data;

  if (has_tls ())
    (*func) (fixture);
}

static void
add (const char  *path,
     void       (*func) (Fixture *))
{
  static void (*funcs[8]) (Fixture *);
  static guint n_funcs = 0;

  g_assert_cmpuint (n_funcs, <, G_N_ELEMENTS (funcs));
  funcs[n_funcs] = func;
  g_test_add (path, Fixture, &funcs[n_funcs++], set_up, run, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/ssl-limits/pending/waits", test_pending);
  add ("/ssl-limits/pending/raised", test_raised);
  add ("/ssl-limits/pending/closed", test_closed);
  add ("/ssl-limits/pending/blocking", test_wait);
  add ("/ssl-limits/trickle", test_trickle);
  tls_fixture_add ("/ssl-limits/huge-chain", test_huge_chain, NULL);

  return g_test_run ();
}
