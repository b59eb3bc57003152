/* qnet-tls-session-handshake.c: the handshake of a session
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-session-parts-private.h"

#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "tls/qnet-tls-errors-private.h"

#define MAX_NAME 256

/* The first byte of a record of the handshake, and of an alert (RFC 8446, section 5.1) */
#define RECORD_ALERT     21
#define RECORD_HANDSHAKE 22

/* The stage */

#define TO(stage) QNET_TO (QNET_TLS_STAGE_##stage)

static const QnetEdges edges[] = {
  [QNET_TLS_STAGE_HANDSHAKE]   = TO (VERDICT) | TO (ESTABLISHED) | TO (FAILED),
  [QNET_TLS_STAGE_VERDICT]     = TO (ACCEPTED) | TO (FAILED),
  [QNET_TLS_STAGE_ACCEPTED]    = TO (ESTABLISHED) | TO (FAILED),
  [QNET_TLS_STAGE_ESTABLISHED] = TO (FAILED),
  [QNET_TLS_STAGE_FAILED]      = 0,
};

#undef TO

/* The only writer of the stage. */
static void
set_stage (QnetTlsSession *self,
           QnetTlsStage    stage)
{
  QNET_CHECK_EDGE (edges, self->stage, stage);

  self->stage = stage;
}

/* What GnuTLS calls */

/* A certificate for the peer, whatever authorities it names: it may know ours. */
int
qnet_tls_session_retrieve (gnutls_session_t                   gnutls,
                           const struct gnutls_cert_retr_st  *info,
                           gnutls_pcert_st                  **out_chain,
                           unsigned int                      *out_length,
                           gnutls_ocsp_data_st              **out_ocsp,
                           unsigned int                      *out_ocsp_length,
                           gnutls_privkey_t                  *out_key,
                           unsigned int                      *out_flags)
{
  QnetTlsSession *self = gnutls_session_get_ptr (gnutls);

  *out_length = 0;
  *out_ocsp_length = 0;
  if (self->identity == NULL)
    return 0;

  *out_chain = qnet_tls_identity_get_chain (self->identity, out_length);
  g_clear_pointer (&self->staple, qnet_tls_staple_unref);
  self->staple = qnet_tls_identity_dup_staple (self->identity);
  if (self->staple != NULL)
    {
      *out_ocsp = qnet_tls_staple_get_data (self->staple);
      *out_ocsp_length = 1;
    }

  *out_key = qnet_tls_identity_get_key (self->identity);
  if (*out_key != NULL)
    return 0;

  g_clear_pointer (&self->token_key, gnutls_privkey_deinit);
  self->token_key = qnet_tls_identity_open_token (self->identity, self->interaction);
  *out_key = self->token_key;

  return *out_key != NULL ? 0 : -1;
}

static int
verify_cb (gnutls_session_t gnutls)
{
  QnetTlsSession *self = gnutls_session_get_ptr (gnutls);
  unsigned int n_certificates = 0;

  if (gnutls_certificate_get_peers (gnutls, &n_certificates) == NULL || n_certificates == 0)
    return 0;

  if (self->stage == QNET_TLS_STAGE_ACCEPTED)
    return 0;

  if (self->stage == QNET_TLS_STAGE_HANDSHAKE)
    set_stage (self, QNET_TLS_STAGE_VERDICT);

  return GNUTLS_E_AGAIN;
}

/* (transfer full) (nullable) */
static char *
dup_requested_name (gnutls_session_t gnutls)
{
  char name[MAX_NAME];
  size_t size = sizeof name - 1;
  unsigned int type;

  if (gnutls_server_name_get (gnutls, name, &size, &type, 0) != GNUTLS_E_SUCCESS
      || type != GNUTLS_NAME_DNS)
    return NULL;

  name[MIN (size, sizeof name - 1)] = '\0';

  return qnet_host_name_to_identity (name);
}

static void
enable_tickets (QnetTlsSession *self)
{
  g_autoptr(GBytes) key = qnet_tls_ticket_key_derive (self->ticket_key, self->server_name);
  gconstpointer bytes;
  gsize size;

  if (key == NULL)
    return;

  bytes = g_bytes_get_data (key, &size);
  gnutls_session_ticket_enable_server (self->gnutls,
                                       &(gnutls_datum_t) { (guint8 *) bytes, (unsigned int) size });
}

/* The client has named the host that it wants. Its tickets are read after this. */
static int
hello_cb (gnutls_session_t gnutls)
{
  QnetTlsSession *self = gnutls_session_get_ptr (gnutls);

  /* A second one follows a HelloRetryRequest (RFC 8446, section 4.1.4), perhaps in the thread of
   * steps that block. What was chosen for the first one remains. */
  if (self->has_hello)
    return 0;

  self->has_hello = TRUE;
  g_free (self->server_name);
  self->server_name = dup_requested_name (gnutls);

  if (self->ticket_key != NULL)
    enable_tickets (self);

  if (self->choose != NULL)
    {
      g_clear_pointer (&self->identity, qnet_tls_identity_unref);
      self->identity = self->choose (self->chooser, self->server_name);
    }

  if (self->identity == NULL)
    return GNUTLS_E_INTERNAL_ERROR;

  /* One that was set before the handshake is used in the right thread already. */
  return self->choose != NULL && qnet_tls_identity_may_block (self->identity) ? GNUTLS_E_AGAIN : 0;
}

/* Resumption */

static void
store (QnetTlsSession *self)
{
  gnutls_datum_t datum = { NULL, 0 };

  if (self->is_dubious)
    return;

  if (gnutls_session_get_data2 (self->gnutls, &datum) != GNUTLS_E_SUCCESS)
    return;

  g_clear_pointer (&self->ticket, g_bytes_unref);
  self->ticket = g_bytes_new (datum.data, datum.size);
  gnutls_free (datum.data);
  qnet_tls_origin_store (self->origin, self->ticket);
}

/* A ticket of TLS 1.3 comes after the handshake; that of TLS 1.2 is stored at its end. */
static int
ticket_cb (gnutls_session_t       gnutls,
           unsigned int           type,
           unsigned int           when,
           unsigned int           is_incoming,
           const gnutls_datum_t  *message)
{
  QnetTlsSession *self = gnutls_session_get_ptr (gnutls);

  if (is_incoming && self->origin != NULL && self->stage == QNET_TLS_STAGE_ESTABLISHED)
    store (self);

  return 0;
}

void
qnet_tls_session_install_handshake (QnetTlsSession *self)
{
  gnutls_session_set_verify_function (self->gnutls, verify_cb);

  if (self->is_server)
    gnutls_handshake_set_post_client_hello_function (self->gnutls, hello_cb);
  else
    gnutls_handshake_set_hook_function (self->gnutls, GNUTLS_HANDSHAKE_NEW_SESSION_TICKET,
                                        GNUTLS_HOOK_POST, ticket_cb);
}

/* The handshake */

/* An alert is not answered (RFC 8446, section 6.2). */
void
qnet_tls_session_fail (QnetTlsSession *self,
                       int             code)
{
  if (self->stage == QNET_TLS_STAGE_FAILED)
    return;

  self->has_sent_alert = code != GNUTLS_E_FATAL_ALERT_RECEIVED
                         && gnutls_alert_send_appropriate (self->gnutls, code) == GNUTLS_E_SUCCESS;
  set_stage (self, QNET_TLS_STAGE_FAILED);
}

static QnetTlsProgress
fail (QnetTlsSession *self,
      int             code,
      GError        **error)
{
  qnet_tls_session_fail (self, code);
  qnet_tls_set_handshake_error (self->gnutls, code, self->input_has_ended, error);

  return QNET_TLS_HAS_FAILED;
}

/* GnuTLS would wait for the rest of a record whose length is two letters of the other protocol.
 * Datagrams of another protocol are ignored (RFC 6347, section 4.1.2.7). */
static gboolean
is_foreign (QnetTlsSession *self)
{
  guint8 type;

  if (self->has_begun || self->send != NULL || qnet_byte_queue_peek (&self->input, &type, 1) == 0)
    return FALSE;

  self->has_begun = type == RECORD_HANDSHAKE || type == RECORD_ALERT;

  return !self->has_begun;
}

static gboolean
wants_thread (QnetTlsSession *self)
{
  return self->identity != NULL && qnet_tls_identity_may_block (self->identity);
}

static QnetTlsProgress
establish (QnetTlsSession *self)
{
  set_stage (self, QNET_TLS_STAGE_ESTABLISHED);
  self->n_fruitless = 0;

  if (self->origin != NULL && gnutls_protocol_get_version (self->gnutls) == GNUTLS_TLS1_2
      && !qnet_tls_session_is_resumed (self))
    store (self);

  return QNET_TLS_IS_COMPLETE;
}

/* The certificate of a resumed session is verified again: the trust may have changed. */
static QnetTlsProgress
finish (QnetTlsSession *self)
{
  unsigned int n_certificates = 0;

  self->is_finished = TRUE;

  if (self->stage == QNET_TLS_STAGE_HANDSHAKE
      && gnutls_certificate_get_peers (self->gnutls, &n_certificates) != NULL && n_certificates > 0)
    {
      set_stage (self, QNET_TLS_STAGE_VERDICT);
      return QNET_TLS_WANTS_VERDICT;
    }

  return establish (self);
}

static int
step (QnetTlsSession *self)
{
  int result;

  do
    result = gnutls_handshake (self->gnutls);
  while (result == GNUTLS_E_WARNING_ALERT_RECEIVED);

  return result;
}

QnetTlsProgress
qnet_tls_session_do_handshake (QnetTlsSession *self,
                               gboolean        may_block,
                               GError        **error)
{
  int result;

  if (self->stage == QNET_TLS_STAGE_VERDICT)
    return QNET_TLS_WANTS_VERDICT;
  if (self->stage == QNET_TLS_STAGE_ESTABLISHED)
    return QNET_TLS_IS_COMPLETE;  /* asked again by the successor of a socket */
  if (self->is_finished)
    return establish (self);
  if (is_foreign (self))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                      _("The peer does not speak TLS"));
      return QNET_TLS_HAS_FAILED;
    }
  if (wants_thread (self) && !may_block)
    return QNET_TLS_WANTS_THREAD;

  result = step (self);

  if (result == GNUTLS_E_SUCCESS)
    return finish (self);
  if (!qnet_tls_is_retry (result))
    return fail (self, result, error);
  if (self->stage == QNET_TLS_STAGE_VERDICT)
    return QNET_TLS_WANTS_VERDICT;
  if (qnet_tls_session_has_too_much (self))
    return fail (self, GNUTLS_E_HANDSHAKE_TOO_LARGE, error);

  return wants_thread (self) && !may_block ? QNET_TLS_WANTS_THREAD : QNET_TLS_WANTS_INPUT;
}

void
qnet_tls_session_accept_peer (QnetTlsSession *self)
{
  set_stage (self, QNET_TLS_STAGE_ACCEPTED);
}

void
qnet_tls_session_refuse_peer (QnetTlsSession       *self,
                              GTlsCertificateFlags  errors)
{
  gnutls_alert_send (self->gnutls, GNUTLS_AL_FATAL, qnet_tls_get_alert (errors));
  self->has_sent_alert = TRUE;
  set_stage (self, QNET_TLS_STAGE_FAILED);
}

/* What a server staples is not part of a resumed session: an error that only the staple reports
 * would be forgotten, if it is ignored in this connection. */
void
qnet_tls_session_set_findings (QnetTlsSession       *self,
                               GTlsCertificateFlags  errors,
                               const char           *problem)
{
  const GTlsCertificateFlags of_staple = G_TLS_CERTIFICATE_REVOKED
                                         | G_TLS_CERTIFICATE_GENERIC_ERROR;

  self->problem = problem;
  self->is_dubious = (errors & of_staple) != 0;
}
