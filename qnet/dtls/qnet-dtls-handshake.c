/* qnet-dtls-handshake.c: the handshake of encrypted datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dtls/qnet-dtls-private.h"

#include "address/qnet-host-address-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "tls/qnet-dtls-cookie-private.h"
#include "tls/qnet-tls-support-private.h"
#include "tls/qnet-tls-verification-private.h"

/* The state */

#define TO(state) QNET_TO (QNET_DTLS_HANDSHAKE_##state)

static const QnetEdges edges[] = {
  [QNET_DTLS_HANDSHAKE_NOT_STARTED] = TO (IN_PROGRESS),
  [QNET_DTLS_HANDSHAKE_IN_PROGRESS] = TO (PEER_VERIFICATION_FAILED) | TO (COMPLETE)
                                      | TO (NOT_STARTED),
  [QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED] = TO (IN_PROGRESS) | TO (NOT_STARTED),
  [QNET_DTLS_HANDSHAKE_COMPLETE] = TO (NOT_STARTED),
};

#undef TO

/* The only writer of the state. */
static void
set_state (QnetDtls               *self,
           QnetDtlsHandshakeState  state)
{
  QNET_CHECK_EDGE (edges, self->state, state);

  self->state = state;
}

/* Errors */

/* (transfer full): "example.org", "192.0.2.1 port 443" */
static char *
describe_peer (QnetDtls *self)
{
  return self->mode == QNET_SSL_MODE_SERVER
         ? qnet_host_address_to_display (self->peer_address, self->peer_port)
         : g_strdup (self->verify_name);
}

/* (transfer full): @reason is a sentence. */
static GError *
new_error (QnetDtls   *self,
           int         code,
           const char *reason)
{
  g_autofree char *peer = describe_peer (self);

  return g_error_new (QNET_SOCKET_ERROR, code,
                      /* Translators: the name or the address of the peer, and the reason, which is
                       * a sentence */
                      _("Could not encrypt the connection to %s: %s"), peer, reason);
}

static gboolean
fail_operation (const char  *message,
                GError     **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_OPERATION, "%s", message);

  return FALSE;
}

/* Sending */

/* GnuTLS calls it: a handler of the socket must not run before GnuTLS has returned. */
static void
send_cb (gpointer            owner,
         const struct iovec *vectors,
         int                 n_vectors)
{
  QnetDtls *self = owner;
  GByteArray *datagram = g_byte_array_new ();

  for (int i = 0; i < n_vectors; i++)
    g_byte_array_append (datagram, vectors[i].iov_base, (guint) vectors[i].iov_len);

  if (self->unsent == NULL)
    self->unsent = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  g_ptr_array_add (self->unsent, datagram);
}

/* A datagram for which the kernel has no room is lost, as others are in the network. */
static void
send_datagram (QnetDtls      *self,
               QnetUdpSocket *socket,
               GByteArray    *datagram)
{
  g_autoptr(GError) error = NULL;

  if (qnet_udp_socket_write_datagram_to (socket, datagram->data, datagram->len,
                                         self->peer_address, self->peer_port, &error) < 0
      && !g_error_matches (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY)
      && self->send_error == NULL)
    self->send_error = g_steal_pointer (&error);
}

/* Sends what GnuTLS has made, until a handler of the socket ends the session. */
void
qnet_dtls_flush (QnetDtls *self)
{
  g_autoptr(GPtrArray) unsent = g_steal_pointer (&self->unsent);
  g_autoptr(QnetUdpSocket) socket = self->socket != NULL ? g_object_ref (self->socket) : NULL;
  g_autoptr(QnetTlsSession) session = self->session != NULL ? qnet_tls_session_ref (self->session)
                                                            : NULL;
  guint n_datagrams = socket != NULL && unsent != NULL ? unsent->len : 0;

  for (guint i = 0; i < n_datagrams && self->session == session; i++)
    send_datagram (self, socket, g_ptr_array_index (unsent, i));
}

/* The socket sends during a call, and what is sent again until the handshake is complete. */
gboolean
qnet_dtls_use_socket (QnetDtls       *self,
                      QnetUdpSocket  *socket,
                      const char     *function,
                      GError        **error)
{
  if (self->session != NULL && !qnet_reactor_check_caller (self->set.reactor, self, function))
    {
      qnet_set_thread_error (error);
      return FALSE;
    }

  g_set_object (&self->socket, socket);
  g_clear_error (&self->send_error);

  return TRUE;
}

/* FALSE with the error of the socket, if there was one. */
static gboolean
check_sent (QnetDtls  *self,
            GError   **error)
{
  if (self->send_error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&self->send_error));

  return FALSE;
}

/* The session */

static QnetTlsSession *
new_session (QnetDtls *self)
{
  GTlsDatabase *judge;
  g_autoptr(QnetTlsTrust) trust =
    qnet_ssl_configuration_new_trust (self->configuration, self->mode, &judge);

  g_set_object (&self->judge, judge);

  if (self->mode == QNET_SSL_MODE_SERVER)
    return qnet_tls_session_new_dtls_server
      (trust, qnet_ssl_configuration_get_request (self->configuration), send_cb, self);

  return qnet_tls_session_new_dtls_client (trust, self->host, send_cb, self);
}

/* Nothing is kept for a client that has not sent its cookie back. */
static gboolean
check_cookie (QnetDtls          *self,
              GBytes            *datagram,  /* (nullable) */
              QnetDtlsPrestate  *out_state,
              GError           **error)
{
  GBytes *secret = self->cookie_secret != NULL ? self->cookie_secret
                                               : qnet_dtls_cookie_get_secret ();

  if (datagram != NULL && qnet_dtls_is_client_hello (datagram)
      && qnet_dtls_cookie_verify (secret, datagram, self->peer_address, self->peer_port, out_state))
    return TRUE;

  g_propagate_error (error, new_error (self, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                                       _("The client is not verified")));

  return FALSE;
}

static void timed_out_cb (QnetDeadline *deadline);

static void
forget_session (QnetDtls *self)
{
  g_clear_object (&self->peer_certificate);
  self->peer_errors = 0;
  self->version = NULL;
  g_clear_pointer (&self->cipher, g_free);
  self->group = NULL;
}

static gboolean
begin (QnetDtls  *self,
       GBytes    *datagram,
       GError   **error)
{
  QnetReactor *reactor;
  QnetDtlsPrestate state;

  if (!qnet_tls_check_supported (_("Could not start the DTLS handshake"), error))
    return FALSE;
  if (self->peer_address == NULL)
    return fail_operation (_("Could not start the DTLS handshake: The peer is not known"), error);
  if (self->mode == QNET_SSL_MODE_SERVER && self->configuration->certificate == NULL)
    return fail_operation (_("Could not start the DTLS handshake: A server needs a certificate"),
                           error);
  if (self->mode == QNET_SSL_MODE_SERVER && !check_cookie (self, datagram, &state, error))
    return FALSE;

  reactor = qnet_reactor_get ();
  qnet_wait_set_init (&self->set, reactor);
  qnet_reactor_unref (reactor);
  qnet_deadline_init (&self->deadline, timed_out_cb, &self->set);

  forget_session (self);
  g_clear_pointer (&self->used, qnet_ssl_configuration_unref);
  self->used = qnet_ssl_configuration_ref (self->configuration);
  self->session = new_session (self);
  qnet_ssl_configuration_apply (self->configuration, self->session);
  if (self->configuration->identity != NULL)
    qnet_tls_session_set_identity (self->session, self->configuration->identity);
  if (self->mode == QNET_SSL_MODE_SERVER)
    qnet_dtls_cookie_apply (&state, self->session);
  if (self->mtu_hint > 0)
    qnet_tls_session_set_mtu (self->session, self->mtu_hint);
  set_state (self, QNET_DTLS_HANDSHAKE_IN_PROGRESS);

  return TRUE;
}

void
qnet_dtls_end_session (QnetDtls *self)
{
  if (self->session == NULL)
    return;

  g_clear_pointer (&self->session, qnet_tls_session_unref);
  g_clear_pointer (&self->unsent, g_ptr_array_unref);
  g_clear_object (&self->judge);
  g_clear_object (&self->socket);
  g_clear_error (&self->send_error);
  qnet_wait_set_clear (&self->set);
  self->ignored = 0;
  set_state (self, QNET_DTLS_HANDSHAKE_NOT_STARTED);
}

void
qnet_dtls_report_end (QnetDtls       *self,
                      QnetTlsSession *session)
{
  if (self->session != session)
    return;

  qnet_dtls_end_session (self);
  qnet_dtls_notify_state (self);
}

/* Steps */

static void
add_input (QnetDtls *self,
           GBytes   *datagram)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (datagram, &size);

  qnet_byte_queue_append (qnet_tls_session_get_input (self->session), data, size);
}

static GTlsCertificateFlags
verify (QnetDtls *self)
{
  QnetTlsVerification verification = {
    self->session, self->judge, NULL, self->host, self->mode == QNET_SSL_MODE_CLIENT,
    (unsigned int) self->used->verify_depth
  };

  return qnet_tls_verify (&verification);
}

static gboolean
is_acceptable (QnetDtls *self)
{
  return (self->peer_errors & ~self->ignored) == 0
         || qnet_ssl_configuration_resolve_mode (self->used, self->mode)
              != QNET_SSL_PEER_VERIFY_MODE_VERIFY;
}

/* FALSE with an error: the application decides whether the handshake continues. */
static gboolean
judge (QnetDtls  *self,
       GError   **error)
{
  g_autofree char *peer = NULL;

  g_clear_object (&self->peer_certificate);
  self->peer_certificate = qnet_tls_session_dup_peer (self->session);
  self->peer_errors = verify (self);

  if (is_acceptable (self))
    {
      qnet_tls_session_accept_peer (self->session);
      return TRUE;
    }

  qnet_deadline_stop (&self->deadline);
  set_state (self, QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED);
  peer = describe_peer (self);
  g_propagate_error (error, qnet_ssl_new_certificate_error (peer, self->peer_certificate,
                                                            self->peer_errors,
                                                            qnet_tls_session_get_problem
                                                              (self->session)));

  return FALSE;
}

static void
complete (QnetDtls *self)
{
  qnet_deadline_stop (&self->deadline);
  self->version = qnet_tls_session_get_version (self->session);
  self->cipher = qnet_tls_session_dup_cipher (self->session);
  self->group = qnet_tls_session_get_group (self->session);
  set_state (self, QNET_DTLS_HANDSHAKE_COMPLETE);
}

/* The error is that of @session, whatever has followed it. */
static gboolean
fail (QnetDtls        *self,
      QnetTlsSession  *session,
      GError          *reason,  /* (transfer full) */
      GError         **error)
{
  g_propagate_error (error, new_error (self, reason->code, reason->message));
  g_error_free (reason);
  if (self->session == session)
    qnet_dtls_end_session (self);

  return FALSE;
}

/* The messages that were sent last are sent again, unless the peer has answered until then. */
static void
wait_for_peer (QnetDtls *self)
{
  int timeout = qnet_tls_session_get_resend_timeout (self->session);

  qnet_deadline_start (&self->deadline, qnet_clock_until (timeout));
}

static gboolean
advance (QnetDtls  *self,
         GError   **error)
{
  g_autoptr(QnetTlsSession) session = qnet_tls_session_ref (self->session);
  QnetTlsProgress progress;
  GError *reason = NULL;

  while ((progress = qnet_tls_session_do_handshake (session, TRUE, &reason))
         == QNET_TLS_WANTS_VERDICT)
    if (!judge (self, error))
      return FALSE;

  if (progress == QNET_TLS_IS_COMPLETE)
    complete (self);
  else if (progress != QNET_TLS_HAS_FAILED)
    wait_for_peer (self);

  qnet_dtls_flush (self);

  if (progress == QNET_TLS_HAS_FAILED)
    return fail (self, session, reason, error);

  return progress == QNET_TLS_IS_COMPLETE || check_sent (self, error);
}

/* Everything that a call has changed is notified at its end, unless a handler of the socket has
 * called a function that has notified it. */
static gboolean
step (QnetDtls  *self,
      GBytes    *datagram,  /* (nullable) */
      GError   **error)
{
  G_GNUC_UNUSED g_autoptr(QnetDtls) hold = g_object_ref (self);
  QnetDtlsHandshakeState before = self->state;
  guint n_notified = self->n_notified;
  gboolean is_done;

  is_done = self->state != QNET_DTLS_HANDSHAKE_NOT_STARTED || begin (self, datagram, error);

  if (is_done)
    {
      if (datagram != NULL)
        add_input (self, datagram);
      is_done = advance (self, error);
    }
  else
    qnet_dtls_end_session (self);

  if (self->session == NULL || self->state == QNET_DTLS_HANDSHAKE_COMPLETE)
    g_clear_object (&self->socket);

  if (self->state != before && self->n_notified == n_notified)
    qnet_dtls_notify_state (self);

  return is_done;
}

/* A handler has dropped the last reference: that of the timer is the only one, and nothing is
 * emitted any more. */
static gboolean
is_dropped (QnetDtls *self)
{
  return g_atomic_int_get (&G_OBJECT (self)->ref_count) == 1;
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  g_autoptr(QnetDtls) self = g_object_ref (CONTAINER_OF (deadline, QnetDtls, deadline));
  g_autoptr(GError) error = NULL;

  qnet_dtls_emit_timeout (self);

  if (is_dropped (self) || self->state != QNET_DTLS_HANDSHAKE_IN_PROGRESS
      || step (self, NULL, &error))
    return;

  if (!is_dropped (self))
    qnet_dtls_emit_error (self, error);
}

/* Public API */

/**
 * qnet_dtls_do_handshake:
 * @self: a DTLS connection
 * @socket: the socket that sends, and has received @datagram
 * @datagram: (nullable): a datagram of the peer; %NULL to begin as a client
 * @error: return location for an error
 *
 * Begins or continues the handshake.
 *
 * A client calls it without a datagram first, and then, as a server always does, with each datagram
 * of the peer, until [property@Dtls:handshake-state] is
 * [QNET_DTLS_HANDSHAKE_COMPLETE][enum@DtlsHandshakeState]. The first datagram of a server is one
 * that [method@DtlsClientVerifier.verify_client] has accepted. Messages that are lost are sent
 * again, by a timer of the thread-default main context.
 *
 * If it fails because the certificate of the peer has errors, the state is
 * [QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED][enum@DtlsHandshakeState]; see
 * [method@Dtls.resume_handshake]. If the socket cannot send, the handshake continues, and sends
 * again later. After any other error the handshake has to be begun again.
 *
 * Returns: whether the datagram was processed
 *
 * Since: 1.0
 */
gboolean
qnet_dtls_do_handshake (QnetDtls       *self,
                        QnetUdpSocket  *socket,
                        GBytes         *datagram,
                        GError        **error)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), FALSE);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->state == QNET_DTLS_HANDSHAKE_COMPLETE
      || self->state == QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED)
    return fail_operation (_("Could not continue the DTLS handshake: None is in progress"), error);

  return qnet_dtls_use_socket (self, socket, G_STRFUNC, error) && step (self, datagram, error);
}

/**
 * qnet_dtls_handle_timeout:
 * @self: a DTLS connection
 * @socket: the socket that sends
 * @error: return location for an error
 *
 * Sends the last messages of the handshake again, if it is time.
 *
 * In a main loop this happens by itself. A program without one calls it after a second without an
 * answer.
 *
 * Returns: whether the handshake continues
 *
 * Since: 1.0
 */
gboolean
qnet_dtls_handle_timeout (QnetDtls       *self,
                          QnetUdpSocket  *socket,
                          GError        **error)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), FALSE);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->state != QNET_DTLS_HANDSHAKE_IN_PROGRESS)
    return fail_operation (_("Could not continue the DTLS handshake: None is in progress"), error);

  return qnet_dtls_use_socket (self, socket, G_STRFUNC, error) && step (self, NULL, error);
}

/**
 * qnet_dtls_ignore_verification_errors:
 * @self: a DTLS connection
 * @errors: errors of the certificate of the peer
 *
 * Accepts a certificate despite @errors, in this handshake. Several calls add up.
 *
 * Since: 1.0
 */
void
qnet_dtls_ignore_verification_errors (QnetDtls             *self,
                                      GTlsCertificateFlags  errors)
{
  g_return_if_fail (QNET_IS_DTLS (self));

  self->ignored |= errors;
}

/**
 * qnet_dtls_resume_handshake:
 * @self: a DTLS connection
 * @socket: the socket that sends
 * @error: return location for an error
 *
 * Continues a handshake whose peer could not be verified, if all errors of its certificate are
 * ignored now.
 *
 * Returns: whether the handshake continues
 *
 * Since: 1.0
 */
gboolean
qnet_dtls_resume_handshake (QnetDtls       *self,
                            QnetUdpSocket  *socket,
                            GError        **error)
{
  g_return_val_if_fail (QNET_IS_DTLS (self), FALSE);
  g_return_val_if_fail (QNET_IS_UDP_SOCKET (socket), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->state != QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED)
    return fail_operation (_("Could not continue the DTLS handshake: None is in progress"), error);

  if (!qnet_dtls_use_socket (self, socket, G_STRFUNC, error))
    return FALSE;

  set_state (self, QNET_DTLS_HANDSHAKE_IN_PROGRESS);

  return step (self, NULL, error);
}

/**
 * qnet_dtls_abort_handshake:
 * @self: a DTLS connection
 *
 * Ends a handshake that is in progress. A peer that could not be verified receives an alert.
 *
 * Since: 1.0
 */
void
qnet_dtls_abort_handshake (QnetDtls *self)
{
  G_GNUC_UNUSED g_autoptr(QnetDtls) hold = NULL;
  g_autoptr(QnetTlsSession) session = NULL;

  g_return_if_fail (QNET_IS_DTLS (self));

  if (self->session == NULL || self->state == QNET_DTLS_HANDSHAKE_COMPLETE)
    return;
  if (!qnet_reactor_check_caller (self->set.reactor, self, G_STRFUNC))
    return;

  hold = g_object_ref (self);
  session = qnet_tls_session_ref (self->session);
  if (self->state == QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED
      && !qnet_tls_session_has_failed (session))
    qnet_tls_session_refuse_peer (session, self->peer_errors);

  qnet_dtls_flush (self);
  qnet_dtls_report_end (self, session);
}
