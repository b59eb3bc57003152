/* qnet-tls-session.c: one TLS connection, its settings, its bytes, and what is known about it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-session-parts-private.h"

#include <gnutls/dtls.h>
#include <gnutls/ocsp.h>
#include <string.h>

#include "tls/qnet-tls-support-private.h"

gboolean
qnet_tls_is_supported (void)
{
  return TRUE;
}

/* What GnuTLS calls */

static ssize_t
pull_cb (gnutls_transport_ptr_t  data,
         void                   *buffer,
         size_t                  size)
{
  QnetTlsSession *self = data;
  gsize n;

  if (self->input.length > 0 && !qnet_tls_session_has_too_much (self))
    {
      n = qnet_byte_queue_take (&self->input, buffer, size);
      if (self->send == NULL)
        self->n_fruitless += n;
      else
        qnet_byte_queue_clear (&self->input);  /* forged datagrams do not count */

      return (ssize_t) n;
    }

  if (self->input.length == 0 && self->input_has_ended)
    return 0;

  gnutls_transport_set_errno (self->gnutls, EAGAIN);

  return -1;
}

static ssize_t
send_datagram (QnetTlsSession     *self,
               const struct iovec *vectors,
               int                 n_vectors)
{
  ssize_t size = 0;

  for (int i = 0; i < n_vectors; i++)
    size += (ssize_t) vectors[i].iov_len;

  self->send (self->sender, vectors, n_vectors);

  return size;
}

static ssize_t
push_cb (gnutls_transport_ptr_t  data,
         const giovec_t         *vectors,
         int                     n_vectors)
{
  QnetTlsSession *self = data;
  gsize before = self->output.length;

  if (self->send != NULL)
    return send_datagram (self, vectors, n_vectors);

  for (int i = 0; i < n_vectors; i++)
    qnet_byte_queue_append (&self->output, vectors[i].iov_base, vectors[i].iov_len);

  return (ssize_t) (self->output.length - before);
}

/* There is always something to read or nothing: no function of GnuTLS waits. */
static int
pull_timeout_cb (gnutls_transport_ptr_t data,
                 unsigned int           msecs)
{
  QnetTlsSession *self = data;

  return self->input.length > 0 || self->input_has_ended;
}

/* Creation */

static void
install_transport (QnetTlsSession *self)
{
  gnutls_session_set_ptr (self->gnutls, self);
  gnutls_transport_set_ptr (self->gnutls, self);
  gnutls_transport_set_pull_function (self->gnutls, pull_cb);
  gnutls_transport_set_vec_push_function (self->gnutls, push_cb);
  gnutls_transport_set_pull_timeout_function (self->gnutls, pull_timeout_cb);
}

static QnetTlsSession *
session_new (QnetTlsTrust *trust,
             unsigned int  flags)
{
  QnetTlsSession *self = g_new0 (QnetTlsSession, 1);
  gnutls_certificate_credentials_t credentials = qnet_tls_trust_get_credentials (trust);

  g_atomic_ref_count_init (&self->ref_count);
  qnet_byte_queue_init (&self->input, NULL);
  qnet_byte_queue_init (&self->output, NULL);
  self->trust = qnet_tls_trust_ref (trust);
  self->is_server = (flags & GNUTLS_SERVER) != 0;

  gnutls_init (&self->gnutls, flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if ((flags & GNUTLS_DATAGRAM) == 0)  /* where it limits when messages are sent again */
    gnutls_handshake_set_timeout (self->gnutls, GNUTLS_INDEFINITE_TIMEOUT);
  install_transport (self);
  qnet_tls_session_install_key_log (self);
  qnet_tls_session_install_handshake (self);

  qnet_tls_policy_apply (NULL, self->gnutls);
  gnutls_credentials_set (self->gnutls, GNUTLS_CRD_CERTIFICATE, credentials);

  return self;
}

static QnetTlsSession *
client_new (QnetTlsTrust *trust,
            const char   *name,
            unsigned int  flags)
{
  QnetTlsSession *self = session_new (trust, GNUTLS_CLIENT | flags);

  /* An address is not sent as a name (RFC 6066, section 3). */
  if (name != NULL && !g_hostname_is_ip_address (name))
    gnutls_server_name_set (self->gnutls, GNUTLS_NAME_DNS, name, strlen (name));

  return self;
}

static QnetTlsSession *
server_new (QnetTlsTrust   *trust,
            QnetTlsRequest  request,
            unsigned int    flags)
{
  static const gnutls_certificate_request_t requests[] = {
    [QNET_TLS_REQUEST_NONE]     = GNUTLS_CERT_IGNORE,
    [QNET_TLS_REQUEST_OPTIONAL] = GNUTLS_CERT_REQUEST,
    [QNET_TLS_REQUEST_REQUIRED] = GNUTLS_CERT_REQUIRE,
  };
  QnetTlsSession *self = session_new (trust, GNUTLS_SERVER | flags);

  gnutls_certificate_server_set_request (self->gnutls, requests[request]);

  return self;
}

QnetTlsSession *
qnet_tls_session_new_client (QnetTlsTrust *trust,
                             const char   *name)
{
  return client_new (trust, name, 0);
}

static void
set_sender (QnetTlsSession *self,
            QnetTlsSender   send,
            gpointer        owner)
{
  self->send = send;
  self->sender = owner;
}

QnetTlsSession *
qnet_tls_session_new_dtls_client (QnetTlsTrust  *trust,
                                  const char    *name,
                                  QnetTlsSender  send,
                                  gpointer       owner)
{
  QnetTlsSession *self = client_new (trust, name, GNUTLS_DATAGRAM);

  set_sender (self, send, owner);

  return self;
}

QnetTlsSession *
qnet_tls_session_new_dtls_server (QnetTlsTrust   *trust,
                                  QnetTlsRequest  request,
                                  QnetTlsSender   send,
                                  gpointer        owner)
{
  QnetTlsSession *self = server_new (trust, request, GNUTLS_DATAGRAM);

  set_sender (self, send, owner);

  return self;
}

QnetTlsSession *
qnet_tls_session_new_server (QnetTlsTrust   *trust,
                             QnetTlsRequest  request)
{
  return server_new (trust, request, 0);
}

QnetTlsSession *
qnet_tls_session_ref (QnetTlsSession *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
qnet_tls_session_unref (QnetTlsSession *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  gnutls_deinit (self->gnutls);
  qnet_byte_queue_clear (&self->input);
  qnet_byte_queue_clear (&self->output);
  qnet_tls_trust_unref (self->trust);
  g_clear_pointer (&self->token_key, gnutls_privkey_deinit);
  g_clear_pointer (&self->staple, qnet_tls_staple_unref);
  g_clear_pointer (&self->identity, qnet_tls_identity_unref);
  g_clear_pointer (&self->origin, qnet_tls_origin_free);
  g_clear_pointer (&self->ticket_key, g_bytes_unref);
  g_clear_pointer (&self->ticket, g_bytes_unref);
  g_clear_object (&self->interaction);
  g_free (self->server_name);
  g_free (self);
}

/* Datagrams */

void
qnet_tls_session_set_mtu (QnetTlsSession *self,
                          int             mtu)
{
  gnutls_dtls_set_mtu (self->gnutls, (unsigned int) mtu);
}

int
qnet_tls_session_get_resend_timeout (QnetTlsSession *self)
{
  return (int) gnutls_dtls_get_timeout (self->gnutls);
}

/* Before the handshake */

void
qnet_tls_session_set_policy (QnetTlsSession *self,
                             QnetTlsPolicy  *policy)
{
  qnet_tls_policy_apply (policy, self->gnutls);
}

void
qnet_tls_session_hide_authorities (QnetTlsSession *self)
{
  gnutls_certificate_send_x509_rdn_sequence (self->gnutls, 1);
}

void
qnet_tls_session_set_identity (QnetTlsSession  *self,
                               QnetTlsIdentity *identity)
{
  g_clear_pointer (&self->identity, qnet_tls_identity_unref);
  self->identity = qnet_tls_identity_ref (identity);
}

void
qnet_tls_session_set_interaction (QnetTlsSession  *self,
                                  GTlsInteraction *interaction)
{
  g_set_object (&self->interaction, interaction);
}

/* The order of the server decides; a client without a common protocol gets none. */
void
qnet_tls_session_set_protocols (QnetTlsSession     *self,
                                const char * const *protocols)
{
  gnutls_datum_t list[QNET_TLS_MAX_PROTOCOLS];
  unsigned int n = 0;

  for (; protocols[n] != NULL && n < QNET_TLS_MAX_PROTOCOLS; n++)
    list[n] = (gnutls_datum_t) { (guint8 *) protocols[n], (unsigned int) strlen (protocols[n]) };

  gnutls_alpn_set_protocols (self->gnutls, list, n,
                             self->is_server ? GNUTLS_ALPN_SERVER_PRECEDENCE : 0);
}

void
qnet_tls_session_set_tickets (QnetTlsSession *self,
                              GBytes         *key)
{
  self->ticket_key = g_bytes_ref (key);
}

/* Data that GnuTLS cannot use is ignored: the handshake is a whole one then. */
void
qnet_tls_session_set_origin (QnetTlsSession *self,
                             QnetTlsOrigin  *origin,
                             GBytes         *ticket)
{
  g_autoptr(GBytes) data = ticket != NULL ? g_bytes_ref (ticket) : qnet_tls_origin_take (origin);
  gconstpointer bytes;
  gsize size;

  self->origin = origin;
  if (data == NULL)
    return;

  bytes = g_bytes_get_data (data, &size);
  gnutls_session_set_data (self->gnutls, bytes, size);
}

void
qnet_tls_session_set_chooser (QnetTlsSession *self,
                              QnetTlsChooser  choose,
                              gpointer        owner)
{
  self->choose = choose;
  self->chooser = owner;
}

/* Bytes */

QnetByteQueue *
qnet_tls_session_get_input (QnetTlsSession *self)
{
  return &self->input;
}

QnetByteQueue *
qnet_tls_session_get_output (QnetTlsSession *self)
{
  return &self->output;
}

void
qnet_tls_session_end_input (QnetTlsSession *self)
{
  self->input_has_ended = TRUE;
}

gboolean
qnet_tls_session_input_has_ended (QnetTlsSession *self)
{
  return self->input_has_ended;
}

/* What is known about it */

gnutls_session_t
qnet_tls_session_get_gnutls (QnetTlsSession *self)
{
  return self->gnutls;
}

QnetTlsTrust *
qnet_tls_session_get_trust (QnetTlsSession *self)
{
  return self->trust;
}

GTlsCertificate *
qnet_tls_session_dup_peer (QnetTlsSession *self)
{
  unsigned int n_certificates = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (self->gnutls, &n_certificates);

  return chain != NULL ? qnet_tls_certificate_new_from_chain (chain, n_certificates) : NULL;
}

GBytes *
qnet_tls_session_dup_staple (QnetTlsSession *self)
{
  gnutls_datum_t response;

  if (gnutls_ocsp_status_request_get (self->gnutls, &response) != GNUTLS_E_SUCCESS)
    return NULL;

  return g_bytes_new (response.data, response.size);
}

/* As OpenSSL and Qt write it. */
const char *
qnet_tls_session_get_version (QnetTlsSession *self)
{
  switch (gnutls_protocol_get_version (self->gnutls))
    {
    case GNUTLS_TLS1_3:
      return "TLSv1.3";
    case GNUTLS_TLS1_2:
      return "TLSv1.2";
    case GNUTLS_DTLS1_2:
      return "DTLSv1.2";
    default:
      return NULL;
    }
}

char *
qnet_tls_session_dup_cipher (QnetTlsSession *self)
{
  return g_strdup (gnutls_ciphersuite_get (self->gnutls));
}

const char *
qnet_tls_session_get_group (QnetTlsSession *self)
{
  return gnutls_group_get_name (gnutls_group_get (self->gnutls));
}

char *
qnet_tls_session_dup_protocol (QnetTlsSession *self)
{
  gnutls_datum_t protocol;

  if (gnutls_alpn_get_selected_protocol (self->gnutls, &protocol) != GNUTLS_E_SUCCESS)
    return NULL;

  return g_strndup ((const char *) protocol.data, protocol.size);
}

const char *
qnet_tls_session_get_problem (QnetTlsSession *self)
{
  return self->problem;
}

gboolean
qnet_tls_session_has_failed (QnetTlsSession *self)
{
  return self->stage == QNET_TLS_STAGE_FAILED;
}

gboolean
qnet_tls_session_has_sent_alert (QnetTlsSession *self)
{
  return self->has_sent_alert;
}

gboolean
qnet_tls_session_is_resumed (QnetTlsSession *self)
{
  return gnutls_session_is_resumed (self->gnutls) != 0;
}

GBytes *
qnet_tls_session_get_ticket (QnetTlsSession *self)
{
  return self->ticket;
}
