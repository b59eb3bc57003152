/* test-tls-chains.c: our verdict on many chains of certificates, beside that of OpenSSL
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <gnutls/ocsp.h>
#include <gnutls/x509.h>
#include <qnet/qnet.h>

#include "common/session-pair.h"
#include "tls/qnet-tls-gnutls-private.h"

#define MAX_LENGTH 16

/* At least so many have to be accepted, and refused, by both. */
#define MIN_ACCEPTED 40
#define MIN_REFUSED  60

/* A line of the file "chains": see tools/make-chains. */
enum { NAME, AUTHORITY, TARGET, OCSP, CRL, N_WORDS };

/* Where we differ, and why */
static const struct
{
  const char *name;
  gboolean    accepted;  /* by us */
  const char *reason;
} differences[] = {
  { "name-common-name-and-address", FALSE,
    "the common name counts only if no other name is there (RFC 6125, section 6.4.4)" },
  { "name-wildcard-at-end", FALSE,
    "an asterisk matches a whole label (RFC 9525, section 6.3)" },
  { "purpose-any", TRUE,
    "any purpose includes that of a server (RFC 5280, section 4.2.1.12)" },
  { "usage-encipherment-only", FALSE,
    "a key that must not sign cannot authenticate a server with ECDSA (RFC 8446, 4.4.2.2)" },
  { "path-length-and-self-issued", FALSE,
    "GnuTLS counts an authority that has issued itself: stricter than RFC 5280, 4.2.1.9" },
  { "trusted-intermediate", TRUE,
    "what the application trusts is trusted, also if it is no root (X509_V_FLAG_PARTIAL_CHAIN)" },
  { "version-1-root", TRUE,
    "OpenSSL 3.2 makes one of version 3 without basic constraints of it; it is trusted as well" },
  { "pinned", TRUE,
    "what the application trusts is trusted, also if it is no authority" },
  { "weak-key-p224", FALSE,
    "the policy of the system does not include the curve" },
  { "crossed-expired-first", FALSE,
    "GnuTLS follows the first of two certificates of one authority, and that has expired" },
  { "crossed-root-included", TRUE,
    "OpenSSL follows the first of two certificates of one authority, and that is not trusted" },
  { "stapled-must-and-nothing", FALSE,
    "a certificate can demand a stapled answer (RFC 7633); the command of OpenSSL ignores that" },
  { "listed-revoked", TRUE,
    "a client has no lists of revoked certificates: a database of the application can have some" },
};

/* What a server presents */
typedef struct
{
  gnutls_pcert_st     certificates[MAX_LENGTH];
  unsigned int        length;
  gnutls_privkey_t    key;
  gnutls_ocsp_data_st ocsp;
} Chain;

static Chain chain;

static char *
get_path (const char *name,
          const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);

  return g_build_filename (g_getenv ("QNET_TEST_CHAINS"), file, NULL);
}

static void
load_file (const char     *path,
           gnutls_datum_t *datum)
{
  GError *error = NULL;
  char *contents;
  gsize size;

  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  *datum = (gnutls_datum_t) { (guint8 *) contents, (unsigned int) size };
}

static void
load_ocsp (const char *name)
{
  g_autofree char *path = get_path (name, "");
  gnutls_datum_t der;

  load_file (path, &der);
  chain.ocsp.response.data = gnutls_malloc (der.size);
  chain.ocsp.response.size = der.size;
  memcpy (chain.ocsp.response.data, der.data, der.size);
  g_free (der.data);
}

static void
load_chain (char **words)
{
  g_autofree char *path = get_path (words[NAME], ".pem");
  gnutls_datum_t pem;

  chain = (Chain) { .length = MAX_LENGTH };
  load_file (path, &pem);
  g_assert_cmpint (gnutls_pcert_list_import_x509_raw (chain.certificates, &chain.length, &pem,
                                                      GNUTLS_X509_FMT_PEM, 0), ==, 0);
  gnutls_privkey_init (&chain.key);
  g_assert_cmpint (gnutls_privkey_import_x509_raw (chain.key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0),
                   ==, 0);
  g_free (pem.data);

  if (!g_str_equal (words[OCSP], "-"))
    load_ocsp (words[OCSP]);
}

static void
unload_chain (void)
{
  for (unsigned int i = 0; i < chain.length; i++)
    gnutls_pcert_deinit (&chain.certificates[i]);

  gnutls_privkey_deinit (chain.key);
  gnutls_free (chain.ocsp.response.data);
}

static int
retrieve (gnutls_session_t                   gnutls,
          const struct gnutls_cert_retr_st  *info,
          gnutls_pcert_st                  **out_chain,
          unsigned int                      *out_length,
          gnutls_ocsp_data_st              **out_ocsp,
          unsigned int                      *out_ocsp_length,
          gnutls_privkey_t                  *out_key,
          unsigned int                      *out_flags)
{
  *out_chain = chain.certificates;
  *out_length = chain.length;
  *out_key = chain.key;
  *out_ocsp = &chain.ocsp;
  *out_ocsp_length = chain.ocsp.response.size > 0;

  return 0;
}

/* Ours */

/* (transfer full) */
static QnetTlsTrust *
load_authority (const char *name)
{
  g_autofree char *path = get_path (name, ".pem");
  GError *error = NULL;
  g_autoptr(GTlsDatabase) database = g_tls_file_database_new (path, &error);

  g_assert_no_error (error);

  return qnet_tls_trust_new_of_database (database);
}

static void
use_chain (SessionPair                      *pair,
           gnutls_certificate_credentials_t  credentials)
{
  gnutls_session_t gnutls = qnet_tls_session_get_gnutls (pair->server.session);

  gnutls_certificate_set_retrieve_function3 (credentials, retrieve);
  gnutls_credentials_set (gnutls, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_priority_set_direct (gnutls, "NORMAL:%PROFILE_VERY_WEAK", NULL);
}

static gboolean
do_we_accept (char **words)
{
  g_autoptr(QnetTlsTrust) trust = load_authority (words[AUTHORITY]);
  QnetTlsVerification verification = { NULL, NULL, NULL, words[TARGET], TRUE };
  gnutls_certificate_credentials_t credentials;
  SessionPair pair;
  gboolean is_complete;

  session_pair_init (&pair, NULL, FALSE);
  qnet_tls_session_unref (pair.client.session);
  pair.client.session = qnet_tls_session_new_client (trust, NULL);
  verification.session = pair.client.session;
  pair.client.verification = &verification;
  gnutls_certificate_allocate_credentials (&credentials);
  load_chain (words);
  use_chain (&pair, credentials);

  session_pair_run (&pair, 0);
  is_complete = pair.client.progress == QNET_TLS_IS_COMPLETE
                && pair.server.progress == QNET_TLS_IS_COMPLETE;
  g_test_message ("%s: we: %s, errors %u %s%s", words[NAME], is_complete ? "accepted" : "refused",
                  pair.client.verdict,
                  pair.client.error != NULL ? pair.client.error->message : "",
                  pair.server.error != NULL ? pair.server.error->message : "");

  session_pair_clear (&pair);
  gnutls_certificate_free_credentials (credentials);
  unload_chain ();

  return is_complete;
}

/* OpenSSL */

/* @argv: NULL-terminated; the words are freed. (transfer full): what it prints */
static char *
run_openssl (GPtrArray *argv,
             gboolean  *out_success)
{
  GError *error = NULL;
  char *output;
  int status;

  g_ptr_array_add (argv, NULL);
  g_spawn_sync (g_getenv ("QNET_TEST_CHAINS"), (char **) argv->pdata, NULL,
                G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  *out_success = status == 0;

  return output;
}

static void
append_words (GPtrArray  *argv,
              const char *first,
              ...)
{
  va_list list;

  va_start (list, first);
  for (const char *word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (argv, g_strdup (word));
  va_end (list);
}

static gboolean
does_openssl_verify (char **words)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *file = g_strconcat (words[NAME], ".pem", NULL);
  g_autofree char *authority = g_strconcat (words[AUTHORITY], ".pem", NULL);
  g_autofree char *target = g_hostname_to_ascii (words[TARGET]);
  g_autofree char *output = NULL;
  gboolean success;

  append_words (argv, "openssl", "verify", "-purpose", "sslserver", "-auth_level", "1",
                "-no-CApath", "-no-CAstore", "-CAfile", authority, "-untrusted", file,
                g_hostname_is_ip_address (target) ? "-verify_ip" : "-verify_hostname", target,
                NULL);
  if (!g_str_equal (words[CRL], "-"))
    append_words (argv, "-crl_check", "-CRLfile", words[CRL], NULL);
  append_words (argv, file, NULL);
  output = run_openssl (argv, &success);

  return success;
}

/* The answer has to be one of the authority, and about this certificate. */
static gboolean
does_openssl_accept_answer (char **words)
{
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *file = g_strconcat (words[NAME], ".pem", NULL);
  g_autofree char *authority = g_strconcat (words[AUTHORITY], ".pem", NULL);
  g_autofree char *output = NULL;
  gboolean success;

  append_words (argv, "openssl", "ocsp", "-no_nonce", "-respin", words[OCSP], "-CAfile", authority,
                "-issuer", authority, "-cert", file, NULL);
  output = run_openssl (argv, &success);

  return success && strstr (output, ": good") != NULL;
}

static gboolean
does_openssl_accept (char **words)
{
  return does_openssl_verify (words)
         && (g_str_equal (words[OCSP], "-") || does_openssl_accept_answer (words));
}

/* Both */

/* (nullable): why we accept it, or not, other than OpenSSL */
static const char *
get_reason (const char *name,
            gboolean    accepted)
{
  for (gsize i = 0; i < G_N_ELEMENTS (differences); i++)
    if (g_strcmp0 (differences[i].name, name) == 0 && differences[i].accepted == accepted)
      return differences[i].reason;

  return NULL;
}

static void
test_verdicts (void)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  GError *error = NULL;
  guint counts[2] = { 0, 0 };

  g_test_summary ("On each chain our verdict is that of OpenSSL, or the difference is explained.");

  if (g_getenv ("QNET_TEST_CHAINS") == NULL)
    {
      g_test_skip ("openssl, which makes the chains, is not installed");
      return;
    }

  path = get_path ("chains", "");
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strchomp (text), "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) words = g_strsplit (lines[i], "\t", -1);
      gboolean ours, theirs;

      g_assert_cmpuint (g_strv_length (words), ==, N_WORDS);
      ours = do_we_accept (words);
      theirs = does_openssl_accept (words);
      if (ours == theirs)
        counts[ours]++;
      else if (get_reason (words[NAME], ours) == NULL)
        {
          g_test_message ("%s: we have %s it, OpenSSL not", words[NAME],
                          ours ? "accepted" : "refused");
          g_test_fail ();
        }
    }

  g_test_message ("both accept %u and refuse %u", counts[TRUE], counts[FALSE]);
  g_assert_cmpuint (counts[TRUE], >=, MIN_ACCEPTED);
  g_assert_cmpuint (counts[FALSE], >=, MIN_REFUSED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tls-chains/verdicts", test_verdicts);

  return g_test_run ();
}
