/* test-ssl-forgery.c: peers that send certificates and OCSP responses which they have forged
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <qnet/qnet.h>
#include <unistd.h>

#include "common/tls-fixture.h"

#define MAX_CERTIFICATES 4

/* What the peer sends: "!name" is a certificate whose algorithm of the signature is unknown. It has
 * the key of the first one. */
typedef struct
{
  const char *certificates[MAX_CERTIFICATES];
  const char *response;                        /* (nullable) */
  gboolean    is_accepted;
} Case;

/* A peer that sends anything, as GnuTLS lets its users do */
typedef struct
{
  gnutls_session_t                  session;      /* (owned) */
  gnutls_certificate_credentials_t  credentials;  /* (owned) */
  gnutls_pcert_st                   chain[MAX_CERTIFICATES];
  unsigned int                      n_certificates;
  gnutls_privkey_t                  key;          /* (owned) */
  gnutls_ocsp_data_st               response;     /* (owned): its bytes */
  int                               fd;           /* (owned) */
  gboolean                          has_ended;
} Peer;

/* The forged certificates */

/* ecdsa-with-SHA256 (RFC 5758, section 3.2) */
#define ALGORITHM "\x2a\x86\x48\xce\x3d\x04\x03\x02"

static void
forget_algorithm (GByteArray *der)
{
  const guint size = strlen (ALGORITHM);
  guint n_places = 0;

  for (guint i = 0; i + size <= der->len; i++)
    if (memcmp (&der->data[i], ALGORITHM, size) == 0)
      {
        der->data[i + size - 1] = 0x7b;
        n_places++;
      }

  g_assert_cmpuint (n_places, ==, 2);  /* inside of what is signed, and after it */
}

static void
add_certificate (Peer       *peer,
                 const char *name)
{
  gboolean is_forged = name[0] == '!';
  g_autoptr(GTlsCertificate) certificate = load_certificate (is_forged ? &name[1] : name);
  g_autoptr(GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  if (is_forged)
    forget_algorithm (der);

  g_assert_cmpint (gnutls_pcert_import_x509_raw
                     (&peer->chain[peer->n_certificates++],
                      &(gnutls_datum_t) { der->data, der->len }, GNUTLS_X509_FMT_DER, 0), ==, 0);
}

static void
load_key (Peer       *peer,
          const char *name)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate (name[0] == '!' ? &name[1] : name);
  g_autoptr(GByteArray) der = NULL;

  g_object_get (certificate, "private-key", &der, NULL);
  gnutls_privkey_init (&peer->key);
  g_assert_cmpint (gnutls_privkey_import_x509_raw
                     (peer->key, &(gnutls_datum_t) { der->data, der->len }, GNUTLS_X509_FMT_DER,
                      NULL, 0), ==, 0);
}

static void
load_response (Peer       *peer,
               const char *name)
{
  g_autofree char *path =
    g_strdup_printf ("%s/%s.ocsp", g_getenv ("QNET_TEST_CERTIFICATES"), name);

  g_assert_cmpint (gnutls_load_file (path, &peer->response.response), ==, 0);
}

/* The peer */

static int
retrieve_cb (gnutls_session_t                          session,
             const struct gnutls_cert_retr_st         *request,
             gnutls_pcert_st                         **certificates,
             unsigned int                             *n_certificates,
             gnutls_ocsp_data_st                     **responses,
             unsigned int                             *n_responses,
             gnutls_privkey_t                         *key,
             unsigned int                             *flags)
{
  Peer *peer = gnutls_session_get_ptr (session);

  *certificates = peer->chain;
  *n_certificates = peer->n_certificates;
  *responses = &peer->response;
  *n_responses = peer->response.response.data != NULL ? 1 : 0;
  *key = peer->key;
  *flags = 0;

  return 0;
}

static void
peer_init (Peer         *peer,
           const Case   *what,
           unsigned int  side,
           int           fd)
{
  *peer = (Peer) { .fd = fd };

  for (guint i = 0; i < MAX_CERTIFICATES && what->certificates[i] != NULL; i++)
    add_certificate (peer, what->certificates[i]);
  load_key (peer, what->certificates[0]);
  if (what->response != NULL)
    load_response (peer, what->response);

  gnutls_certificate_allocate_credentials (&peer->credentials);
  gnutls_certificate_set_retrieve_function3 (peer->credentials, retrieve_cb);
  gnutls_init (&peer->session, side | GNUTLS_NONBLOCK);
  gnutls_session_set_ptr (peer->session, peer);
  gnutls_set_default_priority (peer->session);
  gnutls_credentials_set (peer->session, GNUTLS_CRD_CERTIFICATE, peer->credentials);
  gnutls_transport_set_int (peer->session, fd);
}

/* As far as the bytes that have arrived allow */
static void
peer_step (Peer *peer)
{
  int result;

  if (peer->has_ended)
    return;

  result = gnutls_handshake (peer->session);
  peer->has_ended = result == GNUTLS_E_SUCCESS || gnutls_error_is_fatal (result);
}

static void
peer_clear (Peer *peer)
{
  gnutls_deinit (peer->session);
  gnutls_certificate_free_credentials (peer->credentials);
  for (guint i = 0; i < peer->n_certificates; i++)
    gnutls_pcert_deinit (&peer->chain[i]);
  gnutls_privkey_deinit (peer->key);
  gnutls_free (peer->response.response.data);
  close (peer->fd);
}

/* Until the socket is encrypted, or has refused the peer */
static void
run_handshake (TlsFixture    *fixture,
               QnetSslSocket *socket,
               Peer          *peer)
{
  while (!qnet_ssl_socket_is_encrypted (socket)
         && qnet_socket_get_state (QNET_SOCKET (socket)) != QNET_SOCKET_STATE_UNCONNECTED)
    {
      peer_step (peer);
      g_main_context_iteration (fixture->context, FALSE);
    }
}

static void
assert_verdict (QnetSslSocket *socket,
                const Case    *what)
{
  GTlsCertificateFlags errors = qnet_ssl_socket_get_peer_certificate_errors (socket);

  g_assert_cmpint (qnet_ssl_socket_is_encrypted (socket), ==, what->is_accepted);

  if (what->is_accepted)
    g_assert_cmpint (errors, ==, 0);
  else
    {
      g_assert_cmpint (errors & G_TLS_CERTIFICATE_GENERIC_ERROR, !=, 0);
      tls_fixture_assert_error (socket, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED, "*");
    }
}

/* A database of the application, which accepts each chain and knows no issuer */

#define TEST_TYPE_DATABASE (test_database_get_type ())
G_DECLARE_FINAL_TYPE (TestDatabase, test_database, TEST, DATABASE, GTlsDatabase)

struct _TestDatabase
{
  GTlsDatabase parent_instance;
};

G_DEFINE_TYPE (TestDatabase, test_database, G_TYPE_TLS_DATABASE)

static GTlsCertificateFlags
verify_chain (GTlsDatabase             *database,
              GTlsCertificate          *chain,
              const char               *purpose,
              GSocketConnectable       *identity,
              GTlsInteraction          *interaction,
              GTlsDatabaseVerifyFlags   flags,
              GCancellable             *cancellable,
              GError                  **error)
{
  return 0;
}

static GTlsCertificate *
lookup_certificate_issuer (GTlsDatabase             *database,
                           GTlsCertificate          *certificate,
                           GTlsInteraction          *interaction,
                           GTlsDatabaseLookupFlags   flags,
                           GCancellable             *cancellable,
                           GError                  **error)
{
  return NULL;
}

static void
test_database_class_init (TestDatabaseClass *klass)
{
  GTlsDatabaseClass *database_class = G_TLS_DATABASE_CLASS (klass);

  database_class->verify_chain = verify_chain;
  database_class->lookup_certificate_issuer = lookup_certificate_issuer;
}

static void
test_database_init (TestDatabase *self)
{
}

/* The tests */

static void
connect_client (TlsFixture *fixture,
                const Case *what)
{
  Peer peer;

  peer_init (&peer, what, GNUTLS_SERVER, tls_fixture_replace (fixture, &fixture->server));
  g_assert_true (qnet_ssl_socket_start_client_encryption (fixture->client, NULL));
  run_handshake (fixture, fixture->client, &peer);
  assert_verdict (fixture->client, what);
  peer_clear (&peer);
}

static void
test_client (TlsFixture    *fixture,
             gconstpointer  what)
{
  g_test_summary ("A client refuses a server whose certificate has an invalid signature, or "
                  "whose response is signed with a key other than that of the issuer.");

  connect_client (fixture, what);
}

static void
test_database (TlsFixture    *fixture,
               gconstpointer  what)
{
  g_autoptr(TestDatabase) database = g_object_new (TEST_TYPE_DATABASE, NULL);

  g_test_summary ("The same holds for responses if a database of the application verifies chains.");

  qnet_ssl_socket_set_database (fixture->client, G_TLS_DATABASE (database));
  connect_client (fixture, what);
}

static void
test_server (TlsFixture    *fixture,
             gconstpointer  what)
{
  Peer peer;

  g_test_summary ("A server that verifies clients refuses such a certificate, and responses of "
                  "clients do not count.");

  qnet_ssl_socket_set_peer_verify_mode (fixture->server, QNET_SSL_PEER_VERIFY_MODE_VERIFY);
  g_assert_true (qnet_ssl_socket_set_database_file (fixture->server, get_certificate_path ("ca"),
                                                    NULL));
  peer_init (&peer, what, GNUTLS_CLIENT, tls_fixture_replace (fixture, &fixture->client));
  g_assert_true (qnet_ssl_socket_start_server_encryption (fixture->server, NULL));
  run_handshake (fixture, fixture->server, &peer);
  assert_verdict (fixture->server, what);
  peer_clear (&peer);
}

/* The first one is accepted: what is wrong with the others is only what they say. */
static const Case valid = {
  { "by-intermediate", "intermediate" }, "by-intermediate", TRUE
};
static const Case unordered = {
  { "by-intermediate", "other-ca", "intermediate" }, "by-intermediate", TRUE
};
static const Case signature = {
  { "!by-intermediate", "!by-intermediate", "intermediate" }, "by-intermediate-itself", FALSE
};
static const Case signature_without_response = {
  { "!by-intermediate", "!by-intermediate", "intermediate" }, NULL, FALSE
};
static const Case by_another = {
  { "by-intermediate", "intermediate", "other-ca" }, "by-intermediate-other", FALSE
};
static const Case by_itself = {
  { "by-intermediate", "by-intermediate", "intermediate" }, "by-intermediate-itself", FALSE
};
static const Case required_by_itself = {
  { "must-staple", "must-staple" }, "must-staple-itself", FALSE
};
static const Case of_client = {
  { "by-intermediate", "intermediate" }, "by-intermediate-other", TRUE
};

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  tls_fixture_add ("/ssl-forgery/client/valid", test_client, &valid);
  tls_fixture_add ("/ssl-forgery/client/unordered", test_client, &unordered);
  tls_fixture_add ("/ssl-forgery/client/signature", test_client, &signature);
  tls_fixture_add ("/ssl-forgery/client/signature/alone", test_client,
                   &signature_without_response);
  tls_fixture_add ("/ssl-forgery/client/response/another", test_client, &by_another);
  tls_fixture_add ("/ssl-forgery/client/response/itself", test_client, &by_itself);
  tls_fixture_add ("/ssl-forgery/client/response/required", test_client, &required_by_itself);

  tls_fixture_add ("/ssl-forgery/database/valid", test_database, &valid);
  tls_fixture_add ("/ssl-forgery/database/response/another", test_database, &by_another);
  tls_fixture_add ("/ssl-forgery/database/response/itself", test_database, &by_itself);
  tls_fixture_add ("/ssl-forgery/database/response/required", test_database, &required_by_itself);

  tls_fixture_add ("/ssl-forgery/server/valid", test_server, &valid);
  tls_fixture_add ("/ssl-forgery/server/signature", test_server, &signature);
  tls_fixture_add ("/ssl-forgery/server/signature/alone", test_server,
                   &signature_without_response);
  tls_fixture_add ("/ssl-forgery/server/response", test_server, &of_client);

  return g_test_run ();
}
