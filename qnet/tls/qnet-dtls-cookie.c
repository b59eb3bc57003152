/* qnet-dtls-cookie.c: cookies, by which a client proves that it receives at its address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-dtls-cookie-private.h"

#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <string.h>

#include "tls/qnet-tls-gnutls-private.h"

#define DIGEST_SIZE 32  /* SHA-256 */

/* RFC 6347, sections 4.1 and 4.2.2 */
#define RECORD_HEADER    13  /* bytes */
#define RECORD_HANDSHAKE 22
#define CLIENT_HELLO     1
/* Both headers, and the fields of a message without extensions: the answer is not longer. */
#define MIN_CLIENT_HELLO 67

static GBytes *
secret_new (void)
{
  gnutls_datum_t key;
  GBytes *secret;

  if (gnutls_key_generate (&key, GNUTLS_COOKIE_KEY_SIZE) != GNUTLS_E_SUCCESS)
    return NULL;

  secret = g_bytes_new (key.data, key.size);
  gnutls_free (key.data);

  return secret;
}

GBytes *
qnet_dtls_cookie_get_secret (void)
{
  static GBytes *secret = NULL;  /* (atomic) (nullable) */
  GBytes *made;

  if (g_atomic_pointer_get (&secret) != NULL)
    return g_atomic_pointer_get (&secret);

  made = secret_new ();
  if (made != NULL && !g_atomic_pointer_compare_and_exchange (&secret, NULL, made))
    g_bytes_unref (made);

  return g_atomic_pointer_get (&secret);
}

/* A secret of an application may have any size; the key has one. */
static gnutls_datum_t
make_key (GBytes *secret,
          guint8  digest[DIGEST_SIZE])
{
  gsize size;
  gconstpointer data = g_bytes_get_data (secret, &size);

  gnutls_hash_fast (GNUTLS_DIG_SHA256, data, size, digest);

  return (gnutls_datum_t) { digest, GNUTLS_COOKIE_KEY_SIZE };
}

/* (transfer full) */
static char *
describe_client (QnetHostAddress *address,
                 guint16          port)
{
  g_autofree char *text = qnet_host_address_to_string (address);

  return g_strdup_printf ("%s %u", text, port);
}

gboolean
qnet_dtls_is_client_hello (GBytes *datagram)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (datagram, &size);

  return size >= MIN_CLIENT_HELLO
         && data[0] == RECORD_HANDSHAKE && data[RECORD_HEADER] == CLIENT_HELLO;
}

gboolean
qnet_dtls_cookie_verify (GBytes           *secret,
                         GBytes           *datagram,
                         QnetHostAddress  *address,
                         guint16           port,
                         QnetDtlsPrestate *out_state)
{
  g_autofree char *client = describe_client (address, port);
  guint8 digest[DIGEST_SIZE];
  gnutls_datum_t key = make_key (secret, digest);
  gnutls_dtls_prestate_st state = { 0 };
  gsize size;
  gconstpointer data = g_bytes_get_data (datagram, &size);
  int result = gnutls_dtls_cookie_verify (&key, client, strlen (client), (gpointer) data, size,
                                          &state);

  *out_state = (QnetDtlsPrestate) { state.record_seq, state.hsk_read_seq, state.hsk_write_seq };

  return result >= 0;
}

static gnutls_dtls_prestate_st
get_prestate (const QnetDtlsPrestate *state)
{
  return (gnutls_dtls_prestate_st) {
    .record_seq = state->record, .hsk_read_seq = state->received, .hsk_write_seq = state->sent
  };
}

void
qnet_dtls_cookie_apply (const QnetDtlsPrestate *state,
                        QnetTlsSession         *session)
{
  gnutls_dtls_prestate_st prestate = get_prestate (state);

  gnutls_dtls_prestate_set (qnet_tls_session_get_gnutls (session), &prestate);
}

static ssize_t
push_cb (gnutls_transport_ptr_t  data,
         const void             *bytes,
         size_t                  size)
{
  GBytes **datagram = data;

  *datagram = g_bytes_new (bytes, size);

  return (ssize_t) size;
}

/* GnuTLS makes one datagram of it. */
GBytes *
qnet_dtls_cookie_make_request (const QnetDtlsPrestate *state,
                               GBytes                 *secret,
                               QnetHostAddress        *address,
                               guint16                 port)
{
  g_autofree char *client = describe_client (address, port);
  guint8 digest[DIGEST_SIZE];
  gnutls_datum_t key = make_key (secret, digest);
  gnutls_dtls_prestate_st prestate = get_prestate (state);
  GBytes *datagram = NULL;

  gnutls_dtls_cookie_send (&key, client, strlen (client), &prestate, &datagram, push_cb);

  return datagram;
}
