/* test-tls-session.c: TLS as bytes in and bytes out
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <qnet/qnet.h>

#include "channel/qnet-transport-private.h"
#include "common/session-pair.h"
#include "tls/qnet-tls-gnutls-private.h"

#define LARGE     200000   /* more than ten records */
#define MUCH      10485760 /* of a handshake message */
#define LONG      400000   /* a chain that GnuTLS is able to send */
#define MAX_TAKEN 300000   /* of either, until the session fails */
#define N_ROUNDS  40

static const char *const versions[] = { "1.2", "1.3" };

/* What arrives */

static void
assert_both_complete (SessionPair *pair)
{
  g_assert_no_error (pair->client.error);
  g_assert_no_error (pair->server.error);
  g_assert_cmpint (pair->client.progress, ==, QNET_TLS_IS_COMPLETE);
  g_assert_cmpint (pair->server.progress, ==, QNET_TLS_IS_COMPLETE);
}

static void
write_all (SessionEnd   *end,
           const guint8 *data,
           gsize         size)
{
  GError *error = NULL;
  gsize done = 0;

  while (done < size)
    {
      gssize n = qnet_tls_session_write (end->session, data + done, size - done, &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      done += (gsize) n;
    }
}

/* Appends what is there to @all; returns the last result. */
static gssize
read_all (SessionEnd  *end,
          GByteArray  *all,
          GError     **error)
{
  guint8 buffer[5000];
  gssize n;

  while ((n = qnet_tls_session_read (end->session, buffer, sizeof buffer, error)) > 0)
    g_byte_array_append (all, buffer, (guint) n);

  return n;
}

static void
assert_sends (SessionEnd *from,
              SessionEnd *to,
              gsize       size,
              gsize       piece)
{
  g_autofree guint8 *data = g_malloc (size);
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_test_rand_int ();

  write_all (from, data, size);
  while (session_end_carry (from, to, piece) > 0)
    {
      g_assert_cmpint (read_all (to, all, &error), ==, QNET_TRANSPORT_WOULD_BLOCK);
      g_assert_no_error (error);
    }

  g_assert_cmpmem (all->data, all->len, data, size);
}

/* Whole, byte by byte, in pieces */

static void
test_whole (gconstpointer version)
{
  SessionPair pair;
  g_autofree char *expected = g_strdup_printf ("TLSv%s", (const char *) version);

  g_test_summary ("All bytes at once: the handshake, and data in both directions.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  assert_both_complete (&pair);
  g_assert_cmpstr (qnet_tls_session_get_version (pair.client.session), ==, expected);
  g_assert_cmpstr (qnet_tls_session_get_version (pair.server.session), ==, expected);
  assert_sends (&pair.client, &pair.server, 1000, G_MAXSIZE);
  assert_sends (&pair.server, &pair.client, 1000, G_MAXSIZE);
  session_pair_clear (&pair);
}

static void
test_bytes (gconstpointer version)
{
  SessionPair pair;

  g_test_summary ("Byte by byte it is the same.");

  session_pair_init (&pair, version, TRUE);
  session_pair_run (&pair, 1);
  assert_both_complete (&pair);
  assert_sends (&pair.client, &pair.server, 100, 1);
  assert_sends (&pair.server, &pair.client, 20000, 1);
  session_pair_clear (&pair);
}

static void
test_pieces (gconstpointer version)
{
  g_test_summary ("In pieces of any size it is the same.");

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      SessionPair pair;

      session_pair_init (&pair, version, round % 2 == 0);
      session_pair_run (&pair, G_MAXSIZE);
      assert_both_complete (&pair);
      assert_sends (&pair.client, &pair.server, 30000,
                    (gsize) g_test_rand_int_range (1, 20000));
      session_pair_clear (&pair);
    }
}

static void
test_large (gconstpointer version)
{
  SessionPair pair;

  g_test_summary ("What is larger than a record is sent as several.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  assert_sends (&pair.client, &pair.server, LARGE, G_MAXSIZE);
  assert_sends (&pair.server, &pair.client, LARGE, 16384);
  session_pair_clear (&pair);
}

static void
test_half_record (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;
  gsize length;

  g_test_summary ("A record is read when it is complete, not before.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  write_all (&pair.client, (const guint8 *) "word", 4);
  length = qnet_tls_session_get_output (pair.client.session)->length;

  session_end_carry (&pair.client, &pair.server, length - 1);
  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_WOULD_BLOCK);
  g_assert_cmpuint (all->len, ==, 0);
  session_end_carry (&pair.client, &pair.server, 1);
  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_WOULD_BLOCK);
  g_assert_cmpmem (all->data, all->len, "word", 4);
  g_assert_no_error (error);
  session_pair_clear (&pair);
}

/* The verdict */

static const struct
{
  GTlsCertificateFlags  errors;
  const char           *alert;
} alerts[] = {
  { G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown_ca" },
  { G_TLS_CERTIFICATE_EXPIRED, "certificate_expired" },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, "certificate_expired" },
  { G_TLS_CERTIFICATE_REVOKED, "certificate_revoked" },
  { G_TLS_CERTIFICATE_BAD_IDENTITY, "bad_certificate" },
  { G_TLS_CERTIFICATE_INSECURE, "bad_certificate" },
  { G_TLS_CERTIFICATE_GENERIC_ERROR, "bad_certificate" },
};

static void
assert_alert (const GError *error,
              const char   *alert)
{
  g_autofree char *quoted = g_strdup_printf ("“%s”", alert);

  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (error->message, quoted));
}

static void
test_refused_server (gconstpointer version)
{
  g_test_summary ("A server that is refused receives the alert for the reason.");

  for (guint i = 0; i < G_N_ELEMENTS (alerts); i++)
    {
      SessionPair pair;

      session_pair_init (&pair, version, FALSE);
      pair.client.verdict = alerts[i].errors;
      session_pair_run (&pair, 0);
      g_assert_cmpint (pair.client.progress, ==, QNET_TLS_HAS_FAILED);
      g_assert_true (qnet_tls_session_has_failed (pair.client.session));
      g_assert_cmpint (pair.server.progress, ==, QNET_TLS_HAS_FAILED);
      assert_alert (pair.server.error, alerts[i].alert);
      session_pair_clear (&pair);
    }
}

/* In TLS 1.3 the client has completed its handshake. */
static void
test_refused_client (gconstpointer version)
{
  g_test_summary ("A client that is refused receives the alert, at the latest when it reads.");

  for (guint i = 0; i < G_N_ELEMENTS (alerts); i++)
    {
      SessionPair pair;
      g_autoptr(GByteArray) all = g_byte_array_new ();

      session_pair_init (&pair, version, TRUE);
      pair.server.verdict = alerts[i].errors;
      session_pair_run (&pair, 0);
      g_assert_cmpint (pair.server.progress, ==, QNET_TLS_HAS_FAILED);
      if (pair.client.error == NULL)
        g_assert_cmpint (read_all (&pair.client, all, &pair.client.error), ==,
                         QNET_TRANSPORT_FAILED);
      assert_alert (pair.client.error, alerts[i].alert);
      g_assert_cmpuint (all->len, ==, 0);
      session_pair_clear (&pair);
    }
}

static void
test_no_certificate (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(QnetTlsTrust) trust = qnet_tls_trust_new_none ();

  g_test_summary ("A client without the demanded certificate fails, and learns why.");

  session_pair_init (&pair, version, TRUE);
  qnet_tls_session_unref (pair.client.session);
  pair.client.session = qnet_tls_session_new_client (trust, NULL);
  session_pair_run (&pair, 0);
  g_assert_error (pair.server.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (pair.server.error->message, "no certificate"));
  session_pair_clear (&pair);
}

/* The end */

static void
test_close_notify (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("After close_notify a read returns the data, then 0, and so again.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  write_all (&pair.client, (const guint8 *) "last", 4);
  qnet_tls_session_close (pair.client.session);
  session_end_carry (&pair.client, &pair.server, G_MAXSIZE);
  qnet_tls_session_end_input (pair.server.session);

  g_assert_cmpint (read_all (&pair.server, all, &error), ==, 0);
  g_assert_cmpint (read_all (&pair.server, all, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpmem (all->data, all->len, "last", 4);
  assert_sends (&pair.server, &pair.client, 1000, G_MAXSIZE);
  session_pair_clear (&pair);
}

static void
test_cut_off (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("An end without close_notify is an error, after the data.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  write_all (&pair.client, (const guint8 *) "last", 4);
  session_end_carry (&pair.client, &pair.server, G_MAXSIZE);
  qnet_tls_session_end_input (pair.server.session);

  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_nonnull (strstr (error->message, "close_notify"));
  g_assert_cmpmem (all->data, all->len, "last", 4);
  g_clear_error (&error);
  session_pair_clear (&pair);
}

static void
test_cut_off_in_record (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("An end in the middle of a record is the same error, and half a word is none.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  write_all (&pair.client, (const guint8 *) "last", 4);
  session_end_carry (&pair.client, &pair.server,
                     qnet_tls_session_get_output (pair.client.session)->length - 1);
  qnet_tls_session_end_input (pair.server.session);

  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
  g_assert_cmpuint (all->len, ==, 0);
  g_clear_error (&error);
  session_pair_clear (&pair);
}

static void
test_alert (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("An alert after the handshake is an error that names it.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  gnutls_alert_send (qnet_tls_session_get_gnutls (pair.client.session), GNUTLS_AL_FATAL,
                     GNUTLS_A_INTERNAL_ERROR);
  session_end_carry (&pair.client, &pair.server, G_MAXSIZE);
  qnet_tls_session_end_input (pair.server.session);

  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INTERNAL);
  g_assert_nonnull (strstr (error->message, "“internal_error”"));
  g_clear_error (&error);
  session_pair_clear (&pair);
}

static void
test_changed_record (gconstpointer version)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  QnetByteQueue *output;
  GError *error = NULL;
  guint8 byte;

  g_test_summary ("A record that was changed on the way is an error, and its sender learns it.");

  session_pair_init (&pair, version, FALSE);
  session_pair_run (&pair, 0);
  write_all (&pair.client, (const guint8 *) "last", 4);
  output = qnet_tls_session_get_output (pair.client.session);
  session_end_carry (&pair.client, &pair.server, output->length - 1);
  qnet_byte_queue_take (output, &byte, 1);
  byte ^= 1;
  qnet_byte_queue_append (qnet_tls_session_get_input (pair.server.session), &byte, 1);

  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INTERNAL);
  g_assert_cmpuint (all->len, ==, 0);
  g_clear_error (&error);

  session_end_carry (&pair.server, &pair.client, G_MAXSIZE);
  g_assert_cmpint (read_all (&pair.client, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_nonnull (strstr (error->message, "“bad_record_mac”"));
  g_clear_error (&error);
  session_pair_clear (&pair);
}

/* More handshake */

static void
test_renegotiation_of_client (void)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("A client that requests a second handshake in TLS 1.2 is refused.");

  session_pair_init (&pair, "1.2", FALSE);
  session_pair_run (&pair, 0);
  g_assert_cmpint (gnutls_handshake (qnet_tls_session_get_gnutls (pair.client.session)), ==,
                   GNUTLS_E_AGAIN);
  session_end_carry (&pair.client, &pair.server, G_MAXSIZE);
  g_assert_cmpint (read_all (&pair.server, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (error->message, "second handshake"));
  g_clear_error (&error);
  session_pair_clear (&pair);
}

static void
test_renegotiation_of_server (void)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("A server that requests a second handshake in TLS 1.2 is refused.");

  session_pair_init (&pair, "1.2", FALSE);
  session_pair_run (&pair, 0);
  g_assert_cmpint (gnutls_rehandshake (qnet_tls_session_get_gnutls (pair.server.session)), ==, 0);
  session_end_carry (&pair.server, &pair.client, G_MAXSIZE);
  g_assert_cmpint (read_all (&pair.client, all, &error), ==, QNET_TRANSPORT_FAILED);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (error->message, "second handshake"));
  g_clear_error (&error);
  session_pair_clear (&pair);
}

static void
test_key_update (void)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;

  g_test_summary ("A key update of TLS 1.3 changes the keys of both, and no data.");

  session_pair_init (&pair, "1.3", FALSE);
  session_pair_run (&pair, 0);
  for (guint round = 0; round < 5; round++)
    {
      g_assert_cmpint (gnutls_session_key_update (qnet_tls_session_get_gnutls (pair.client.session),
                                                  GNUTLS_KU_PEER), ==, 0);
      assert_sends (&pair.client, &pair.server, 1000, 7);
      assert_sends (&pair.server, &pair.client, 1000, 7);
    }

  g_assert_cmpint (read_all (&pair.client, all, &error), ==, QNET_TRANSPORT_WOULD_BLOCK);
  g_assert_no_error (error);
  session_pair_clear (&pair);
}

static void
assert_protocol (const char *const *of_client,
                 const char *const *of_server,
                 const char        *expected)
{
  SessionPair pair;
  g_autofree char *at_client = NULL;
  g_autofree char *at_server = NULL;

  session_pair_init (&pair, NULL, FALSE);
  qnet_tls_session_set_protocols (pair.client.session, of_client);
  qnet_tls_session_set_protocols (pair.server.session, of_server);
  session_pair_run (&pair, 0);
  assert_both_complete (&pair);
  at_client = qnet_tls_session_dup_protocol (pair.client.session);
  at_server = qnet_tls_session_dup_protocol (pair.server.session);
  g_assert_cmpstr (at_client, ==, expected);
  g_assert_cmpstr (at_server, ==, expected);
  session_pair_clear (&pair);
}

static void
test_alpn (void)
{
  const char *const one_two[] = { "one", "two", NULL };
  const char *const two_one[] = { "two", "one", NULL };
  const char *const three[] = { "three", NULL };

  g_test_summary ("The order of the server decides; without a common protocol there is none.");

  assert_protocol (one_two, two_one, "two");
  assert_protocol (two_one, one_two, "one");
  assert_protocol (one_two, three, NULL);
}

static QnetTlsIdentity *
choose (gpointer    owner,
        const char *name)
{
  GString *log = owner;

  g_string_append_printf (log, "%s;", name != NULL ? name : "none");

  return session_pair_make_identity ();
}

static void
assert_server_name (const char *name,
                    const char *expected)
{
  SessionPair pair;
  g_autoptr(QnetTlsTrust) trust = qnet_tls_trust_new_none ();
  g_autoptr(GString) log = g_string_new (NULL);

  session_pair_init (&pair, NULL, FALSE);
  qnet_tls_session_unref (pair.client.session);
  pair.client.session = qnet_tls_session_new_client (trust, name);
  qnet_tls_session_set_chooser (pair.server.session, choose, log);
  session_pair_run (&pair, 0);
  assert_both_complete (&pair);
  g_assert_cmpstr (log->str, ==, expected);
  session_pair_clear (&pair);
}

static void
test_server_name (void)
{
  g_test_summary ("The server chooses its certificate once, by the name, in lower case.");

  assert_server_name ("one.example", "one.example;");
  assert_server_name ("ONE.example", "one.example;");
  assert_server_name (NULL, "none;");
}

static QnetTlsIdentity *
choose_none (gpointer    owner,
             const char *name)
{
  return NULL;
}

static void
test_no_identity (gconstpointer version)
{
  SessionPair pair;

  g_test_summary ("A server without a certificate for the name fails, and sends an alert.");

  session_pair_init (&pair, version, FALSE);
  qnet_tls_session_set_chooser (pair.server.session, choose_none, NULL);
  session_pair_run (&pair, 0);
  g_assert_cmpint (pair.server.progress, ==, QNET_TLS_HAS_FAILED);
  g_assert_error (pair.client.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (pair.client.error->message, "alert"));
  session_pair_clear (&pair);
}

/* Hostile peers */

/* Carries @size bytes of the handshake, in turns. Returns FALSE if it has less. */
static gboolean
run_until (SessionPair *pair,
           gsize        size)
{
  gsize n_carried = 1;

  session_end_advance (&pair->client);
  while (size > 0 && n_carried > 0)
    {
      n_carried = session_end_carry (&pair->client, &pair->server, size);
      size -= n_carried;
      session_end_advance (&pair->server);
      if (size > 0)
        n_carried += session_end_carry (&pair->server, &pair->client, size);
      size -= MIN (size, n_carried);
      session_end_advance (&pair->client);
    }

  return size == 0;
}

static void
throw_garbage (SessionEnd *end)
{
  guint8 garbage[400];
  guint size = (guint) g_test_rand_int_range (1, sizeof garbage);

  for (guint i = 0; i < size; i++)
    garbage[i] = (guint8) g_test_rand_int ();
  if (g_test_rand_bit ())
    garbage[0] = (guint8) g_test_rand_int_range (20, 24);  /* a type of record */

  qnet_byte_queue_append (qnet_tls_session_get_input (end->session), garbage, size);
  qnet_tls_session_end_input (end->session);
}

/* Before the handshake has ended it fails; after it, reading does. */
static void
assert_fails (SessionEnd *end)
{
  g_autoptr(GByteArray) all = g_byte_array_new ();

  session_end_advance (end);
  if (end->progress == QNET_TLS_IS_COMPLETE)
    g_assert_cmpint (read_all (end, all, &end->error), ==, QNET_TRANSPORT_FAILED);

  g_assert_nonnull (end->error);
  g_assert_cmpuint (end->error->domain, ==, QNET_SOCKET_ERROR);
  g_assert_cmpuint (all->len, ==, 0);
}

static void
test_garbage (gconstpointer version)
{
  gsize at = 0;
  gboolean is_within = TRUE;

  g_test_summary ("Garbage after any part of the handshake ends it with an error, on either side.");

  while (is_within)
    {
      for (guint side = 0; side < 2; side++)
        {
          SessionPair pair;
          SessionEnd *end = side == 0 ? &pair.client : &pair.server;

          session_pair_init (&pair, version, FALSE);
          is_within = run_until (&pair, at);
          throw_garbage (end);
          assert_fails (end);
          session_pair_clear (&pair);
        }

      at += (gsize) g_test_rand_int_range (1, 20);
    }
}

static void
test_ends_early (gconstpointer version)
{
  gsize at = 0;
  gboolean is_within = TRUE;

  g_test_summary ("An end after any part of the handshake is reported as one.");

  while (is_within)
    {
      SessionPair pair;
      SessionEnd *ends[2] = { &pair.client, &pair.server };

      session_pair_init (&pair, version, FALSE);
      is_within = run_until (&pair, at);

      for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
        {
          qnet_tls_session_end_input (ends[i]->session);
          assert_fails (ends[i]);
          g_assert_error (ends[i]->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED);
        }

      session_pair_clear (&pair);
      at += (gsize) g_test_rand_int_range (1, 20);
    }
}

static void
assert_foreign (SessionEnd *end,
                const char *text)
{
  qnet_byte_queue_append (qnet_tls_session_get_input (end->session), text, strlen (text));
  session_end_advance (end);
  g_assert_error (end->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_nonnull (strstr (end->error->message, "does not speak TLS"));
}

static void
test_foreign (void)
{
  static const char *const texts[] = {
    "GET / HTTP/1.1\r\n\r\n", "\r", "SSH-2.0-x\r\n", "220 ready\r\n", "\x80", "\x05\x01",
  };

  g_test_summary ("Another protocol is recognized at its first byte.");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SessionPair pair;

      session_pair_init (&pair, NULL, FALSE);
      session_end_advance (&pair.client);
      assert_foreign (&pair.server, texts[i]);
      assert_foreign (&pair.client, texts[i]);
      session_pair_clear (&pair);
    }
}

/* Records of one handshake message that promises MUCH. Returns how much of it is taken. */
static gsize
send_endless (SessionEnd *end,
              guint8      type)
{
  static const guint8 header[] = { 22, 3, 3, 0x40, 0 };
  guint8 body[0x4000] = { type, (guint8) (MUCH >> 16), (guint8) (MUCH >> 8 & 255), MUCH & 255 };
  QnetByteQueue *input = qnet_tls_session_get_input (end->session);
  gsize n_sent = 0;

  while (n_sent < MUCH && !session_end_has_ended (end))
    {
      qnet_byte_queue_append (input, header, sizeof header);
      qnet_byte_queue_append (input, body, sizeof body);
      n_sent += sizeof body;
      memset (body, 0, 4);
      session_end_advance (end);
    }

  return n_sent;
}

static void
test_huge_message (gconstpointer version)
{
  SessionPair pair;

  g_test_summary ("A handshake message of 10 MiB fails before it is stored.");

  session_pair_init (&pair, version, FALSE);
  g_assert_cmpuint (send_endless (&pair.server, 1), <, MAX_TAKEN);
  g_assert_error (pair.server.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);

  session_end_advance (&pair.client);
  g_assert_cmpuint (send_endless (&pair.client, 2), <, MAX_TAKEN);
  g_assert_error (pair.client.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  session_pair_clear (&pair);
}

static void
test_huge_later (void)
{
  SessionPair pair;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  GError *error = NULL;
  gsize n_taken = 0;

  g_test_summary ("Messages of TLS after the handshake, without any data, end it before long.");

  session_pair_init (&pair, "1.3", FALSE);
  session_pair_run (&pair, 0);
  while (error == NULL && n_taken < MUCH)
    {
      gnutls_session_key_update (qnet_tls_session_get_gnutls (pair.client.session), 0);
      n_taken += session_end_carry (&pair.client, &pair.server, G_MAXSIZE);
      read_all (&pair.server, all, &error);
    }

  g_assert_cmpuint (n_taken, <, MAX_TAKEN);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_INTERNAL);
  g_clear_error (&error);
  session_pair_clear (&pair);
}

/* A chain that no identity of ours can have */
typedef struct
{
  QnetTlsIdentity *identity;
  gnutls_pcert_st *chain;
  guint            length;
} Huge;

static Huge huge;

static int
retrieve_huge (gnutls_session_t                   gnutls,
               const struct gnutls_cert_retr_st  *info,
               gnutls_pcert_st                  **out_chain,
               unsigned int                      *out_length,
               gnutls_ocsp_data_st              **out_ocsp,
               unsigned int                      *out_ocsp_length,
               gnutls_privkey_t                  *out_key,
               unsigned int                      *out_flags)
{
  *out_chain = huge.chain;
  *out_length = huge.length;
  *out_ocsp_length = 0;
  *out_key = qnet_tls_identity_get_key (huge.identity);

  return 0;
}

static gnutls_certificate_credentials_t
new_huge_credentials (void)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_pcert_st *one;
  unsigned int length;

  huge.identity = session_pair_make_identity ();
  one = qnet_tls_identity_get_chain (huge.identity, &length);
  huge.length = LONG / one->cert.size;
  huge.chain = g_new (gnutls_pcert_st, huge.length);
  for (guint i = 0; i < huge.length; i++)
    huge.chain[i] = *one;

  gnutls_certificate_allocate_credentials (&credentials);
  gnutls_certificate_set_retrieve_function3 (credentials, retrieve_huge);

  return credentials;
}

/* Carries until the client fails. Returns how much it has taken. */
static gsize
run_huge (SessionPair *pair)
{
  gsize n_taken = 0;

  session_end_advance (&pair->client);
  session_end_carry (&pair->client, &pair->server, G_MAXSIZE);
  session_end_advance (&pair->server);
  g_assert_no_error (pair->server.error);
  g_assert_cmpuint (qnet_tls_session_get_output (pair->server.session)->length, >, LONG);

  while (!session_end_has_ended (&pair->client))
    {
      n_taken += session_end_carry (&pair->server, &pair->client, 16384);
      session_end_advance (&pair->client);
      g_assert_cmpuint (qnet_tls_session_get_input (pair->client.session)->length, <, 40000);
    }

  return n_taken;
}

static void
test_huge_chain (gconstpointer version)
{
  SessionPair pair;
  gnutls_certificate_credentials_t credentials = new_huge_credentials ();

  g_test_summary ("A chain of thousands of certificates fails before it is stored.");

  session_pair_init (&pair, version, FALSE);
  gnutls_handshake_set_max_packet_length (qnet_tls_session_get_gnutls (pair.server.session),
                                          2 * MUCH);
  gnutls_credentials_set (qnet_tls_session_get_gnutls (pair.server.session),
                          GNUTLS_CRD_CERTIFICATE, credentials);
  g_assert_cmpuint (run_huge (&pair), <, MAX_TAKEN);
  g_assert_error (pair.client.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);

  session_pair_clear (&pair);
  gnutls_certificate_free_credentials (credentials);
  qnet_tls_identity_unref (huge.identity);
  g_free (huge.chain);
}

/* Once for each version */
static void
add (const char *name,
     void      (*func) (gconstpointer))
{
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/tls-session/%s/%s", name, versions[i]);

      g_test_add_data_func (path, versions[i], func);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("whole", test_whole);
  add ("bytes", test_bytes);
  add ("pieces", test_pieces);
  add ("large", test_large);
  add ("half-record", test_half_record);
  add ("refused-server", test_refused_server);
  add ("refused-client", test_refused_client);
  add ("no-certificate", test_no_certificate);
  add ("no-identity", test_no_identity);
  add ("end/close-notify", test_close_notify);
  add ("end/cut-off", test_cut_off);
  add ("end/cut-off-in-record", test_cut_off_in_record);
  add ("end/alert", test_alert);
  add ("end/changed-record", test_changed_record);
  add ("hostile/garbage", test_garbage);
  add ("hostile/ends-early", test_ends_early);
  add ("hostile/huge-message", test_huge_message);
  add ("hostile/huge-chain", test_huge_chain);
  g_test_add_func ("/tls-session/hostile/huge-later", test_huge_later);
  g_test_add_func ("/tls-session/hostile/foreign", test_foreign);
  g_test_add_func ("/tls-session/renegotiation/of-client", test_renegotiation_of_client);
  g_test_add_func ("/tls-session/renegotiation/of-server", test_renegotiation_of_server);
  g_test_add_func ("/tls-session/key-update", test_key_update);
  g_test_add_func ("/tls-session/alpn", test_alpn);
  g_test_add_func ("/tls-session/server-name", test_server_name);

  return g_test_run ();
}
