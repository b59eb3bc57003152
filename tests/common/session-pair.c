/* session-pair.c: two TLS sessions whose bytes are carried in memory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/session-pair.h"

#include <time.h>

#include <gnutls/x509.h>

#include "tls/qnet-tls-gnutls-private.h"

#define MAX_PIECE 3000
#define YEAR      (365 * 24 * 3600)

/* The identity */

/* (transfer full): PEM of a certificate and its key */
static char *
make_pem (void)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
  gnutls_datum_t texts[2];
  char *pem;

  gnutls_x509_privkey_init (&key);
  gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA,
                                GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
  gnutls_x509_crt_init (&certificate);
  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, "\001", 1);
  gnutls_x509_crt_set_activation_time (certificate, time (NULL) - YEAR);
  gnutls_x509_crt_set_expiration_time (certificate, time (NULL) + YEAR);
  gnutls_x509_crt_set_dn (certificate, "CN=localhost", NULL);
  gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, "localhost", 9,
                                        GNUTLS_FSAN_SET);
  gnutls_x509_crt_set_key (certificate, key);
  g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==,
                   0);

  gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &texts[0]);
  gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &texts[1]);
  pem = g_strdup_printf ("%.*s%.*s", (int) texts[0].size, texts[0].data,
                         (int) texts[1].size, texts[1].data);

  gnutls_free (texts[0].data);
  gnutls_free (texts[1].data);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);

  return pem;
}

QnetTlsIdentity *
session_pair_make_identity (void)
{
  static GTlsCertificate *certificate = NULL;
  g_autofree char *pem = NULL;
  GError *error = NULL;
  QnetTlsIdentity *identity;

  if (certificate == NULL)
    {
      pem = make_pem ();
      certificate = g_tls_certificate_new_from_pem (pem, -1, &error);
      g_assert_no_error (error);
    }

  identity = qnet_tls_identity_new (certificate, &error);
  g_assert_no_error (error);

  return identity;
}

/* The pair */

static void
set_version (SessionEnd *end,
             const char *version)
{
  g_autofree char *priority = g_strdup_printf ("NORMAL:-VERS-ALL:+VERS-TLS%s", version);

  g_assert_cmpint (gnutls_priority_set_direct (qnet_tls_session_get_gnutls (end->session),
                                               priority, NULL), ==, 0);
}

void
session_pair_init (SessionPair *pair,
                   const char  *version,
                   gboolean     demands_certificate)
{
  g_autoptr(QnetTlsTrust) trust = qnet_tls_trust_new_none ();
  g_autoptr(QnetTlsIdentity) identity = session_pair_make_identity ();

  *pair = (SessionPair) {
    .client = { .session = qnet_tls_session_new_client (trust, "localhost") },
    .server = {
      .session = qnet_tls_session_new_server (trust, demands_certificate
                                                       ? QNET_TLS_REQUEST_REQUIRED
                                                       : QNET_TLS_REQUEST_NONE),
    },
  };

  qnet_tls_session_set_identity (pair->server.session, identity);
  if (demands_certificate)
    qnet_tls_session_set_identity (pair->client.session, identity);

  if (version != NULL)
    {
      set_version (&pair->client, version);
      set_version (&pair->server, version);
    }
}

void
session_pair_clear (SessionPair *pair)
{
  g_clear_pointer (&pair->client.session, qnet_tls_session_unref);
  g_clear_pointer (&pair->server.session, qnet_tls_session_unref);
  g_clear_error (&pair->client.error);
  g_clear_error (&pair->server.error);
}

/* The handshake */

gboolean
session_end_has_ended (SessionEnd *end)
{
  return end->progress == QNET_TLS_IS_COMPLETE || end->progress == QNET_TLS_HAS_FAILED;
}

static void
give_verdict (SessionEnd *end)
{
  if (end->verification != NULL)
    end->verdict = qnet_tls_verify (end->verification);

  if (end->verdict == 0)
    {
      qnet_tls_session_accept_peer (end->session);
      session_end_advance (end);
      return;
    }

  qnet_tls_session_refuse_peer (end->session, end->verdict);
  end->progress = QNET_TLS_HAS_FAILED;
}

void
session_end_advance (SessionEnd *end)
{
  gsize before;

  if (session_end_has_ended (end))
    return;

  do
    {
      before = qnet_tls_session_get_input (end->session)->length;
      end->progress = qnet_tls_session_do_handshake (end->session, FALSE, &end->error);
    }
  while (end->progress == QNET_TLS_WANTS_INPUT
         && qnet_tls_session_get_input (end->session)->length != before);

  g_assert_cmpint (end->error != NULL, ==, end->progress == QNET_TLS_HAS_FAILED);
  if (end->progress == QNET_TLS_WANTS_VERDICT)
    give_verdict (end);
}

gsize
session_end_carry (SessionEnd *from,
                   SessionEnd *to,
                   gsize       max_size)
{
  QnetByteQueue *output = qnet_tls_session_get_output (from->session);
  gsize size = MIN (max_size, output->length);

  qnet_byte_queue_move (output, size, qnet_tls_session_get_input (to->session));

  return size;
}

static gsize
choose_size (gsize size)
{
  if (size == G_MAXSIZE)
    return (gsize) g_test_rand_int_range (1, MAX_PIECE);

  return size == 0 ? G_MAXSIZE : size;
}

void
session_pair_run (SessionPair *pair,
                  gsize        size)
{
  gsize n_carried;

  session_end_advance (&pair->client);

  do
    {
      n_carried = session_end_carry (&pair->client, &pair->server, choose_size (size));
      session_end_advance (&pair->server);
      n_carried += session_end_carry (&pair->server, &pair->client, choose_size (size));
      session_end_advance (&pair->client);
    }
  while (n_carried > 0);
}
