/* qnet-tls-identity.c: a certificate with its private key, as GnuTLS needs it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-identity-private.h"

#include <gnutls/ocsp.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "tls/qnet-tls-gnutls-private.h"

/* The most certificates of a chain that is sent. */
#define MAX_LENGTH 16

struct _QnetTlsIdentity
{
  gatomicrefcount   ref_count;
  gnutls_pcert_st   chain[MAX_LENGTH];
  unsigned int      length;
  gnutls_privkey_t  key;         /* (owned) (nullable) */
  char             *key_uri;     /* (owned) (nullable): the key is in a token */
  gint64            not_before;  /* seconds since 1970: the chain is valid from then ... */
  gint64            not_after;   /* ... until then */
  GData            *staples;     /* one QnetTlsStaple at most: the list locks itself */
};

struct _QnetTlsStaple
{
  gnutls_ocsp_data_st  data;
  GBytes              *response;  /* (owned) */
};

static G_DEFINE_QUARK (qnet-tls-identity, quark)
static G_DEFINE_QUARK (qnet-tls-staple, staple)

QnetTlsIdentity *
qnet_tls_identity_ref (QnetTlsIdentity *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
qnet_tls_identity_unref (QnetTlsIdentity *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (unsigned int i = 0; i < self->length; i++)
    gnutls_pcert_deinit (&self->chain[i]);

  g_clear_pointer (&self->key, gnutls_privkey_deinit);
  g_datalist_clear (&self->staples);
  g_free (self->key_uri);
  g_free (self);
}

/* Loading */

static int
append (QnetTlsIdentity *self,
        GTlsCertificate *certificate)
{
  g_autoptr(GByteArray) der = NULL;
  gnutls_datum_t datum;
  int result;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return GNUTLS_E_NO_CERTIFICATE_FOUND;

  datum = (gnutls_datum_t) { der->data, der->len };
  result = gnutls_pcert_import_x509_raw (&self->chain[self->length], &datum, GNUTLS_X509_FMT_DER,
                                         0);
  if (result == GNUTLS_E_SUCCESS)
    self->length++;

  return result;
}

static gboolean
load_chain (QnetTlsIdentity *self,
            GTlsCertificate *certificate,
            GError         **error)
{
  for (; certificate != NULL && self->length < MAX_LENGTH;
       certificate = g_tls_certificate_get_issuer (certificate))
    {
      int result = append (self, certificate);

      if (result != GNUTLS_E_SUCCESS)
        {
          qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                          /* Translators: the reason in the words of GnuTLS */
                          _("The certificate cannot be used: %s"), gnutls_strerror (result));
          return FALSE;
        }
    }

  return TRUE;
}

/* (transfer full) (nullable): without a URI of its own, the key is where the certificate is. */
static char *
dup_key_uri (GTlsCertificate *certificate)
{
  char *uri = NULL;

  g_object_get (certificate, "private-key-pkcs11-uri", &uri, NULL);
  if (uri == NULL)
    g_object_get (certificate, "pkcs11-uri", &uri, NULL);

  return uri;
}

static gboolean
load_key (QnetTlsIdentity *self,
          GTlsCertificate *certificate,
          GError         **error)
{
  g_autoptr(GByteArray) der = NULL;
  gnutls_datum_t datum;
  int result;

  g_object_get (certificate, "private-key", &der, NULL);
  if (der == NULL || der->len == 0)
    self->key_uri = dup_key_uri (certificate);
  if (self->key_uri != NULL)
    return TRUE;

  if (der == NULL || der->len == 0)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                      _("The certificate has no private key"));
      return FALSE;
    }

  datum = (gnutls_datum_t) { der->data, der->len };
  gnutls_privkey_init (&self->key);
  result = gnutls_privkey_import_x509_raw (self->key, &datum, GNUTLS_X509_FMT_DER, NULL, 0);

  if (result == GNUTLS_E_SUCCESS)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  /* Translators: the reason in the words of GnuTLS */
                  _("The private key cannot be used: %s"), gnutls_strerror (result));

  return FALSE;
}

/* Checks: what could only fail in each handshake */

static gboolean
fail_check (const char  *message,
            GError     **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA, "%s", message);

  return FALSE;
}

/* As GnuTLS does it: parameters would not be comparable, such as those of RSA and RSA-PSS. */
static gboolean
verifies (gnutls_pubkey_t  certified,
          gnutls_privkey_t key)
{
  static const guint8 text[] = "qnet";
  const gnutls_datum_t data = { (guint8 *) text, sizeof text };
  gnutls_datum_t signature = { NULL, 0 };
  gnutls_digest_algorithm_t hash = GNUTLS_DIG_SHA256;
  gnutls_sign_algorithm_t algorithm;
  gboolean result;

  gnutls_pubkey_get_preferred_hash_algorithm (certified, &hash, NULL);
  algorithm = gnutls_pk_to_sign (gnutls_pubkey_get_pk_algorithm (certified, NULL), hash);

  result = gnutls_privkey_sign_data2 (key, algorithm, 0, &data, &signature) == GNUTLS_E_SUCCESS
           && gnutls_pubkey_verify_data2 (certified, algorithm, GNUTLS_VERIFY_ALLOW_BROKEN, &data,
                                          &signature) >= 0;
  gnutls_free (signature.data);

  return result;
}

/* A key in a token is not used before a handshake, since that can ask for a PIN. */
static gboolean
check_key (QnetTlsIdentity  *self,
           GError          **error)
{
  return self->key == NULL || verifies (self->chain[0].pubkey, self->key)
         || fail_check (_("The private key belongs to another certificate"), error);
}

static void
note_validity (QnetTlsIdentity   *self,
               gnutls_x509_crt_t  certificate)
{
  self->not_before = MAX (self->not_before, gnutls_x509_crt_get_activation_time (certificate));
  self->not_after = MIN (self->not_after, gnutls_x509_crt_get_expiration_time (certificate));
}

/* Whether number @i is issued by the next one, if there is one. */
static gboolean
check_link (QnetTlsIdentity *self,
            unsigned int     i)
{
  gnutls_x509_crt_t certificate, issuer;
  gboolean result = TRUE;

  if (gnutls_pcert_export_x509 (&self->chain[i], &certificate) != GNUTLS_E_SUCCESS)
    return FALSE;

  note_validity (self, certificate);
  if (i + 1 < self->length
      && gnutls_pcert_export_x509 (&self->chain[i + 1], &issuer) == GNUTLS_E_SUCCESS)
    {
      result = gnutls_x509_crt_check_issuer (certificate, issuer) != 0;
      gnutls_x509_crt_deinit (issuer);
    }
  gnutls_x509_crt_deinit (certificate);

  return result;
}

static gboolean
check_chain (QnetTlsIdentity  *self,
             GError          **error)
{
  self->not_after = G_MAXINT64;

  for (unsigned int i = 0; i < self->length; i++)
    if (!check_link (self, i))
      return fail_check (_("The chain is broken: A certificate is not issued by the next one"),
                         error);

  return TRUE;
}

static QnetTlsIdentity *
load (GTlsCertificate *certificate,
      GError         **error)
{
  g_autoptr(QnetTlsIdentity) self = g_new0 (QnetTlsIdentity, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_datalist_init (&self->staples);

  if (!load_chain (self, certificate, error) || !load_key (self, certificate, error)
      || !check_key (self, error) || !check_chain (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static gpointer
dup_identity (gpointer data,
              gpointer user_data)
{
  return data != NULL ? qnet_tls_identity_ref (data) : NULL;
}

/* (nullable) (transfer full): that of @certificate */
static QnetTlsIdentity *
find (GTlsCertificate *certificate)
{
  return g_object_dup_qdata (G_OBJECT (certificate), quark_quark (), dup_identity, NULL);
}

/* Two threads may load the same one: the first to finish keeps it, since what is stapled to it has
 * to apply to both. */
QnetTlsIdentity *
qnet_tls_identity_new (GTlsCertificate *certificate,
                       GError         **error)
{
  QnetTlsIdentity *self = find (certificate);

  if (self != NULL)
    return self;

  self = load (certificate, error);
  if (self == NULL
      || g_object_replace_qdata (G_OBJECT (certificate), quark_quark (), NULL,
                                 qnet_tls_identity_ref (self),
                                 (GDestroyNotify) qnet_tls_identity_unref, NULL))
    return self;

  qnet_tls_identity_unref (self);
  qnet_tls_identity_unref (self);

  return find (certificate);
}

gboolean
qnet_tls_identity_may_block (QnetTlsIdentity *self)
{
  return self->key_uri != NULL;
}

GTlsCertificateFlags
qnet_tls_identity_get_errors (QnetTlsIdentity *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  GTlsCertificateFlags errors = 0;

  if (now < self->not_before)
    errors |= G_TLS_CERTIFICATE_NOT_ACTIVATED;
  if (now > self->not_after)
    errors |= G_TLS_CERTIFICATE_EXPIRED;

  return errors;
}

unsigned int
qnet_tls_identity_get_length (QnetTlsIdentity *self)
{
  return self->length;
}

/* Tokens */

static GTlsPasswordFlags
convert_flags (unsigned int flags)
{
  GTlsPasswordFlags result = G_TLS_PASSWORD_NONE;

  if ((flags & GNUTLS_PIN_WRONG) != 0)
    result |= G_TLS_PASSWORD_RETRY;
  if ((flags & GNUTLS_PIN_COUNT_LOW) != 0)
    result |= G_TLS_PASSWORD_MANY_TRIES;
  if ((flags & GNUTLS_PIN_FINAL_TRY) != 0)
    result |= G_TLS_PASSWORD_FINAL_TRY;

  return result;
}

/* The interaction runs in the context that created it; this thread waits for it. */
static int
ask_for_pin (void         *data,
             int           attempt,
             const char   *token_uri,
             const char   *token_label,
             unsigned int  flags,
             char         *pin,
             size_t        max_size)
{
  GTlsInteraction *interaction = data;
  g_autoptr(GTlsPassword) password = g_tls_password_new (convert_flags (flags), token_label);
  const guint8 *value;
  gsize size;

  if (g_tls_interaction_invoke_ask_password (interaction, password, NULL, NULL)
      != G_TLS_INTERACTION_HANDLED)
    return GNUTLS_E_PKCS11_PIN_ERROR;

  value = g_tls_password_get_value (password, &size);
  if (size >= max_size)
    return GNUTLS_E_PKCS11_PIN_ERROR;

  memcpy (pin, value, size);
  pin[size] = '\0';

  return GNUTLS_E_SUCCESS;
}

gnutls_pcert_st *
qnet_tls_identity_get_chain (QnetTlsIdentity *self,
                             unsigned int    *out_length)
{
  *out_length = self->length;

  return self->chain;
}

gnutls_privkey_t
qnet_tls_identity_get_key (QnetTlsIdentity *self)
{
  return self->key;
}

gnutls_privkey_t
qnet_tls_identity_open_token (QnetTlsIdentity *self,
                              GTlsInteraction *interaction)
{
  gnutls_privkey_t key;

  gnutls_privkey_init (&key);
  if (interaction != NULL)
    gnutls_privkey_set_pin_function (key, ask_for_pin, interaction);

  if (gnutls_privkey_import_url (key, self->key_uri, 0) == GNUTLS_E_SUCCESS)
    return key;

  gnutls_privkey_deinit (key);

  return NULL;
}

/* Stapling */

static void
staple_clear (gpointer data)
{
  g_bytes_unref (((QnetTlsStaple *) data)->response);
}

void
qnet_tls_staple_unref (QnetTlsStaple *staple)
{
  g_atomic_rc_box_release_full (staple, staple_clear);
}

/* @expiry: when it is not to be sent any more, 0: never */
static QnetTlsStaple *
staple_new (GBytes *response,
            time_t  expiry)
{
  QnetTlsStaple *staple = g_atomic_rc_box_new0 (QnetTlsStaple);
  gsize size;

  staple->response = g_bytes_ref (response);
  staple->data.response.data = (guint8 *) g_bytes_get_data (response, &size);  /* not written to */
  staple->data.response.size = (unsigned int) size;
  staple->data.exptime = expiry;

  return staple;
}

int
qnet_tls_staple_find_answer (gnutls_ocsp_resp_const_t response,
                             gnutls_x509_crt_t        certificate)
{
  unsigned int index = 0;
  int result;

  do
    result = gnutls_ocsp_resp_check_crt (response, index++, certificate);
  while (result != GNUTLS_E_SUCCESS && result != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);

  return result == GNUTLS_E_SUCCESS ? (int) index - 1 : -1;
}

/* As above, for the certificate of @self */
static int
find_answer (QnetTlsIdentity          *self,
             gnutls_ocsp_resp_const_t  response)
{
  gnutls_x509_crt_t certificate;
  int index;

  if (gnutls_pcert_export_x509 (&self->chain[0], &certificate) != GNUTLS_E_SUCCESS)
    return -1;

  index = qnet_tls_staple_find_answer (response, certificate);
  gnutls_x509_crt_deinit (certificate);

  return index;
}

/* 0: never */
static time_t
get_expiry (gnutls_ocsp_resp_const_t response,
            int                      answer)
{
  time_t next = -1;

  gnutls_ocsp_resp_get_single (response, (unsigned int) answer, NULL, NULL, NULL, NULL, NULL, NULL,
                               &next, NULL, NULL);

  return next == -1 ? 0 : next;
}

/* (nullable): what is wrong with it */
static const char *
find_fault (gnutls_ocsp_resp_const_t  response,
            int                       answer)
{
  time_t expiry;

  if (gnutls_ocsp_resp_get_status (response) != GNUTLS_OCSP_RESP_SUCCESSFUL)
    return N_("The OCSP response cannot be used: The authority has not answered");
  if (answer < 0)
    return N_("The OCSP response cannot be used: It is about another certificate");

  expiry = get_expiry (response, answer);
  if (expiry != 0 && expiry <= time (NULL))
    return N_("The OCSP response cannot be used: It has expired");

  return NULL;
}

/* Returns NULL with an error unless it is about the certificate. */
static QnetTlsStaple *
parse_staple (QnetTlsIdentity  *self,
              GBytes           *bytes,
              GError          **error)
{
  QnetTlsStaple *staple = NULL;
  gnutls_ocsp_resp_t response;
  gnutls_datum_t datum;
  gsize size;
  const char *fault = N_("The OCSP response cannot be used: It is invalid");

  datum.data = (guint8 *) g_bytes_get_data (bytes, &size);  /* not written to */
  datum.size = (unsigned int) size;
  gnutls_ocsp_resp_init (&response);

  if (gnutls_ocsp_resp_import (response, &datum) == GNUTLS_E_SUCCESS)
    {
      int answer = find_answer (self, response);

      fault = find_fault (response, answer);
      if (fault == NULL)
        staple = staple_new (bytes, get_expiry (response, answer));
    }

  gnutls_ocsp_resp_deinit (response);
  if (fault != NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA, "%s", _(fault));

  return staple;
}

gboolean
qnet_tls_identity_set_staple (QnetTlsIdentity  *self,
                              GBytes           *response,
                              GError          **error)
{
  QnetTlsStaple *staple = NULL;

  if (response != NULL)
    staple = parse_staple (self, response, error);
  if (response != NULL && staple == NULL)
    return FALSE;

  g_datalist_id_set_data_full (&self->staples, staple_quark (), staple,
                               staple != NULL ? (GDestroyNotify) qnet_tls_staple_unref : NULL);

  return TRUE;
}

static gpointer
dup_staple (gpointer data,
            gpointer user_data)
{
  return data != NULL ? g_atomic_rc_box_acquire (data) : NULL;
}

QnetTlsStaple *
qnet_tls_identity_dup_staple (QnetTlsIdentity *self)
{
  return g_datalist_id_dup_data (&self->staples, staple_quark (), dup_staple, NULL);
}

gnutls_ocsp_data_st *
qnet_tls_staple_get_data (QnetTlsStaple *staple)
{
  return &staple->data;
}
