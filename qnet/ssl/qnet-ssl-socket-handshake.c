/* qnet-ssl-socket-handshake.c: the handshake of a socket, and what follows from its outcome
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-socket-private.h"

#include "address/qnet-host-address-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "connection/qnet-connector-lookup-private.h"
#include "tls/qnet-tls-verification-private.h"

/* Receives in a row: then others are served. */
#define MAX_RECEIVES 16

/* A step that can block: one of the session, or the verification of its peer */
typedef struct
{
  QnetTlsSession       *session;      /* (owned) */
  GTlsDatabase         *database;     /* (owned) (nullable): verifies the peer; NULL: a step */
  GTlsInteraction      *interaction;  /* (owned) (nullable) */
  char                 *name;         /* (owned) (nullable) */
  gboolean              is_client;
  unsigned int          max_depth;
  QnetTlsProgress       progress;     /* the result of a step ... */
  GError               *error;        /* (owned) (nullable) */
  GTlsCertificateFlags  errors;       /* ... or of a verification */
} Step;

static QnetTransport *
get_transport (QnetSslSocket *self)
{
  return &qnet_socket_get_device (QNET_SOCKET (self))->channel.transport;
}

static QnetTlsSession *
get_session (QnetSslSocket *self)
{
  return qnet_transport_tls_get_session (get_transport (self));
}

/* Waiting for the peer */

/* When nothing is left the kernel has what was written before the handshake, too: other threads do
 * not wait for more. */
static void
wait_for_peer (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetReadiness interest = QNET_READINESS_READ;

  if (qnet_tls_session_get_output (get_session (self))->length > 0)
    interest |= QNET_READINESS_WRITE;
  else
    qnet_socket_get_channel (QNET_SOCKET (self))->has_moved = FALSE;

  if (priv->watch.fd >= 0)
    {
      qnet_watch_set_interest (&priv->watch, interest);
      return;
    }

  qnet_watch_start (&priv->watch, get_transport (self)->fd, interest);
  qnet_transport_tls_set_watch (get_transport (self), &priv->watch);
}

static void
stop_waiting (QnetSslSocket *self)
{
  qnet_watch_stop (&qnet_ssl_socket_get_private (self)->watch);
  qnet_transport_tls_set_watch (get_transport (self), NULL);
}

/* Errors */

/* "example.org", "192.0.2.1 port 443" */
static char *
describe_peer (QnetSslSocket *self)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  const char *name = qnet_ssl_socket_get_name (self);
  g_autoptr(QnetHostAddress) address = NULL;

  if (name != NULL)
    return g_strdup (name);

  address = qnet_abstract_socket_get_peer_address (socket);

  return qnet_host_address_to_display (address, qnet_abstract_socket_get_peer_port (socket));
}

/* If the host has moved, its former address may belong to another host, with another
 * certificate. */
static void
forget_addresses (QnetSslSocket *self)
{
  const char *name = qnet_abstract_socket_get_peer_name (QNET_ABSTRACT_SOCKET (self));

  if (name != NULL && *name != '\0'
      && qnet_ssl_socket_get_private (self)->mode == QNET_SSL_MODE_CLIENT)
    qnet_connector_lookup_forget (name);
}

void
qnet_ssl_socket_fail (QnetSslSocket *self,
                      GError        *error)  /* (transfer full) */
{
  forget_addresses (self);
  qnet_socket_break (QNET_SOCKET (self), error);
}

/* The properties of the session outlive the connection. */
static void
record_session (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetTlsSession *session = get_session (self);

  priv->is_reused = qnet_tls_session_is_resumed (session);
  priv->version = qnet_tls_session_get_version (session);
  priv->negotiated = qnet_tls_session_dup_protocol (session);
  priv->cipher = qnet_tls_session_dup_cipher (session);
  priv->group = qnet_tls_session_get_group (session);
}

/* Emits the errors. A handler may do anything: FALSE if the connection has ended. */
static gboolean
emit_errors (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autoptr(GTlsCertificate) certificate = g_object_ref (priv->peer_certificate);
  guint serial = qnet_socket_get_private (QNET_SOCKET (self))->serial;

  qnet_ssl_socket_emit_errors (self, priv->peer_errors, certificate);

  return qnet_socket_get_private (QNET_SOCKET (self))->serial == serial;
}

static GError *
new_certificate_error (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autofree char *peer = describe_peer (self);

  return qnet_ssl_new_certificate_error (peer, priv->peer_certificate, priv->peer_errors,
                                         qnet_tls_session_get_problem (get_session (self)));
}

GError *
qnet_ssl_socket_new_handshake_error (QnetSslSocket *self,
                                     int            code,
                                     const char    *reason)
{
  g_autofree char *peer = describe_peer (self);

  return g_error_new (QNET_SOCKET_ERROR, code,
                      /* Translators: the name or the address of the peer, and the reason, which is
                       * a sentence */
                      _("Could not encrypt the connection to %s: %s"), peer, reason);
}

/* @reason (transfer full) does not name the peer. */
static GError *
wrap_error (QnetSslSocket *self,
            GError        *reason)
{
  G_GNUC_UNUSED g_autoptr(GError) owned = reason;
  int failure = qnet_transport_tls_get_failure (get_transport (self));

  if (reason->code == QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED && failure != 0)
    return qnet_ssl_socket_new_handshake_error (self, qnet_socket_error_code_from_errno (failure),
                                                g_strerror (failure));

  return qnet_ssl_socket_new_handshake_error (self, reason->code, reason->message);
}

/* The outcome */

/* A handler may do anything: FALSE if it has ended the connection, which emits nothing more. */
static gboolean
report_success (QnetSslSocket *self)
{
  QnetSocketPrivate *socket = qnet_socket_get_private (QNET_SOCKET (self));
  guint serial = socket->serial;

  qnet_io_device_freeze_notify (self);
  qnet_ssl_socket_notify_session (self);
  qnet_io_device_notify_name (self, "encrypted");
  qnet_io_device_thaw_notify (self);
  if (socket->serial == serial)
    qnet_ssl_socket_emit_encrypted (self);
  if (socket->serial == serial)
    qnet_ssl_socket_report_encrypted_bytes (self);

  return socket->serial == serial;
}

static void
become_encrypted (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetChannel *channel = &qnet_socket_get_device (QNET_SOCKET (self))->channel;
  g_autoptr(GTask) task = g_steal_pointer (&priv->task);

  qnet_ssl_socket_set_phase (self, QNET_SSL_PHASE_ENCRYPTED);

  qnet_transport_tls_establish (&channel->transport);
  qnet_channel_set_suspended (channel, FALSE);
  if (priv->starts_reading)
    qnet_channel_start_reading (channel);

  if (report_success (self))
    qnet_socket_end_task (&task, NULL);
  else
    qnet_socket_end_task (&task, qnet_socket_new_abort_error (NULL));
}

/* What is known about the peer is notified although the handshake fails. A handler of that may have
 * ended the connection. */
static void
refuse_certificate (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  guint serial = qnet_socket_get_private (QNET_SOCKET (self))->serial;

  if (!qnet_tls_session_has_failed (get_session (self)))
    qnet_tls_session_refuse_peer (get_session (self), priv->peer_errors);
  qnet_transport_tls_flush (get_transport (self));

  qnet_ssl_socket_notify_session (self);
  if (qnet_socket_get_private (QNET_SOCKET (self))->serial == serial)
    qnet_ssl_socket_fail (self, new_certificate_error (self));
}

/* A resumed session brings its certificate along; without one the peer is unknown. */
static gboolean
lacks_certificate (QnetSslSocketPrivate *priv)
{
  return priv->peer_certificate == NULL
         && qnet_ssl_socket_get_effective_mode (priv) == QNET_SSL_PEER_VERIFY_MODE_VERIFY;
}

static gboolean
has_errors (QnetSslSocketPrivate *priv)
{
  return priv->peer_errors != 0
         && priv->peer_certificate != NULL
         && qnet_ssl_socket_get_effective_mode (priv) != QNET_SSL_PEER_VERIFY_MODE_NONE;
}

/* A handler may run a loop, and take its time: the session is left alone meanwhile. */
static void
handle_success (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  stop_waiting (self);
  qnet_deadline_stop (&priv->deadline);

  record_session (self);

  if (lacks_certificate (priv))
    {
      qnet_ssl_socket_fail (self, qnet_ssl_socket_new_handshake_error (self,
                                    QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                                    _("The peer presented no certificate")));
      return;
    }

  if (has_errors (priv) && !emit_errors (self))
    return;

  if (qnet_ssl_socket_accepts (self, priv->peer_errors, priv->peer_certificate))
    become_encrypted (self);
  else
    refuse_certificate (self);
}

/* The peer is refused within the handshake, and is notified of it. As above, a handler may run a
 * loop. */
static void
handle_refusal (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  stop_waiting (self);
  qnet_deadline_stop (&priv->deadline);

  qnet_tls_session_refuse_peer (get_session (self), priv->peer_errors);
  qnet_transport_tls_flush (get_transport (self));

  if (priv->peer_certificate == NULL || emit_errors (self))
    refuse_certificate (self);
}

static void
handle_failure (QnetSslSocket *self,
                GError        *reason)  /* (transfer full) */
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->failure != NULL)
    {
      g_error_free (reason);
      qnet_ssl_socket_fail (self, g_steal_pointer (&priv->failure));
    }
  else
    qnet_ssl_socket_fail (self, wrap_error (self, reason));
}

/* Steps that can block */

static void
step_free (gpointer data)
{
  Step *step = data;

  qnet_tls_session_unref (step->session);
  g_clear_object (&step->database);
  g_clear_object (&step->interaction);
  g_free (step->name);
  g_clear_error (&step->error);
  g_free (step);
}

static void
step_run (gpointer data)
{
  Step *step = data;
  QnetTlsVerification verification = {
    step->session, step->database, step->interaction, step->name, step->is_client, step->max_depth
  };

  if (step->database != NULL)
    step->errors = qnet_tls_verify (&verification);
  else
    step->progress = qnet_tls_session_do_handshake (step->session, TRUE, &step->error);
}

static void
step_done_cb (gpointer owner)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (owner);
  G_GNUC_UNUSED g_auto(QnetIOStay) stay = qnet_io_stay_begin (QNET_IO_DEVICE (owner), G_STRFUNC);

  qnet_io_device_defer (QNET_IO_DEVICE (owner));
}

static gboolean
start_work (QnetSslSocket  *self,
            GTlsDatabase   *database,  /* (nullable) */
            GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetReactor *reactor = qnet_socket_get_device (QNET_SOCKET (self))->wait_set.reactor;
  g_autofree char *peer = NULL;
  int error_number = EAGAIN;
  Step *step = g_new0 (Step, 1);

  step->session = qnet_tls_session_ref (get_session (self));
  g_set_object (&step->database, database);
  g_set_object (&step->interaction, priv->interaction);
  step->name = g_strdup (priv->host);
  step->is_client = priv->mode == QNET_SSL_MODE_CLIENT;
  step->max_depth = (unsigned int) priv->used->verify_depth;

  stop_waiting (self);
  if (qnet_reactor_make_embedded_context (reactor, &error_number))
    priv->work = qnet_tls_work_start (reactor, step_run, step, step_free, step_done_cb, self);
  if (priv->work != NULL)
    {
      qnet_transport_tls_set_busy (get_transport (self), TRUE);
      return TRUE;
    }

  step_free (step);
  peer = describe_peer (self);
  qnet_set_error_from_errno (error, error_number, _("Could not encrypt the connection to %s"),
                             peer);

  return FALSE;
}

/* The verdict on the certificate of the peer. FALSE if the connection has ended. */
static gboolean
judge (QnetSslSocket        *self,
       GTlsCertificateFlags  errors)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  qnet_io_device_clear_object (self, &priv->peer_certificate);
  g_clear_pointer (&priv->ocsp_response, g_bytes_unref);
  priv->peer_certificate = qnet_tls_session_dup_peer (get_session (self));
  priv->ocsp_response = qnet_tls_session_dup_staple (get_session (self));
  priv->peer_errors = errors;

  if (qnet_ssl_socket_may_continue (self, errors, priv->peer_certificate))
    {
      qnet_tls_session_accept_peer (get_session (self));
      return TRUE;
    }

  handle_refusal (self);

  return FALSE;
}

/* FALSE if the connection has ended, or has to wait. */
static gboolean
verify (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetTlsVerification verification = {
    get_session (self), NULL, NULL, priv->host,
    priv->mode == QNET_SSL_MODE_CLIENT, (unsigned int) priv->used->verify_depth
  };
  GError *error = NULL;

  if (priv->judge == NULL)
    return judge (self, qnet_tls_verify (&verification));

  if (!start_work (self, priv->judge, &error))
    qnet_ssl_socket_fail (self, error);

  return FALSE;
}

/* The handshake */

/* FALSE: the peer has sent nothing more. Its end counts as more. What the peer has sent is read
 * before a failure to send is reported: it may be an alert. */
static gboolean
receive_more (QnetSslSocket *self)
{
  QnetTransport *transport = get_transport (self);

  if (qnet_transport_tls_receive (transport) >= 0 || errno != EAGAIN)
    return TRUE;

  if (qnet_transport_tls_get_failure (transport) == 0)
    {
      wait_for_peer (self);
      return FALSE;
    }

  qnet_tls_session_end_input (get_session (self));

  return TRUE;
}

/* FALSE if the handshake has ended, or has to wait. */
static gboolean
handle_progress (QnetSslSocket   *self,
                 QnetTlsProgress  progress,
                 GError          *reason)  /* (transfer full) (nullable) */
{
  GError *error = NULL;

  qnet_transport_tls_flush (get_transport (self));

  switch (progress)
    {
    case QNET_TLS_WANTS_INPUT:
      return receive_more (self);
    case QNET_TLS_WANTS_VERDICT:
      return verify (self);
    case QNET_TLS_WANTS_THREAD:
      if (!start_work (self, NULL, &error))
        qnet_ssl_socket_fail (self, error);
      return FALSE;
    case QNET_TLS_IS_COMPLETE:
      handle_success (self);
      return FALSE;
    case QNET_TLS_HAS_FAILED:
      handle_failure (self, reason);
      return FALSE;
    }

  g_assert_not_reached ();
}

static gboolean
take_step (QnetSslSocket *self)
{
  GError *error = NULL;
  QnetTlsProgress progress = qnet_tls_session_do_handshake (get_session (self), FALSE, &error);

  return handle_progress (self, progress, error);
}

static void
advance (QnetSslSocket *self)
{
  for (guint i = 0; i < MAX_RECEIVES; i++)
    if (!take_step (self))
      return;

  wait_for_peer (self);
  qnet_watch_defer (&qnet_ssl_socket_get_private (self)->watch);
}

void
qnet_ssl_socket_handle_work (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetTlsWork *work = g_steal_pointer (&priv->work);
  Step *step = qnet_tls_work_get_data (work);

  qnet_transport_tls_set_busy (get_transport (self), FALSE);

  if (step->database != NULL)
    {
      if (judge (self, step->errors))
        advance (self);
    }
  else if (handle_progress (self, step->progress, g_steal_pointer (&step->error)))
    advance (self);

  qnet_io_device_clear_pointer (self, &work, qnet_tls_work_free);
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetSslSocketPrivate *priv = CONTAINER_OF (watch, QnetSslSocketPrivate, watch);
  QnetSslSocket *self = qnet_ssl_socket_from_private (priv);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (self), G_STRFUNC);

  if (!qnet_socket_get_channel (QNET_SOCKET (self))->is_marked)
    advance (self);
}

/* No orphaned(): the channel is orphaned as well and notifies the socket. */
const QnetWatchFuncs qnet_ssl_socket_watch_funcs = { .ready = ready_cb };

/* Called by the session of a server, within a step of this thread. */
QnetTlsIdentity *
qnet_ssl_socket_choose_identity (gpointer    owner,
                                 const char *name)
{
  QnetSslSocket *self = owner;
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetTlsIdentity *identity = priv->used->identity;

  g_free (priv->server_name);
  priv->server_name = g_strdup (name);

  if (priv->choose != NULL)
    identity = priv->choose (priv->chooser, name);

  return identity != NULL ? qnet_tls_identity_ref (identity) : NULL;
}

/* The first step sends the first message of a client; a server waits for it. Nothing is emitted
 * here. */
gboolean
qnet_ssl_socket_start_handshake (QnetSslSocket  *self,
                                 GError        **error)
{
  GError *reason = NULL;
  QnetTlsProgress progress = QNET_TLS_WANTS_INPUT;

  qnet_ssl_socket_set_phase (self, QNET_SSL_PHASE_HANDSHAKE);

  if (qnet_ssl_socket_get_private (self)->mode == QNET_SSL_MODE_CLIENT)
    progress = qnet_tls_session_do_handshake (get_session (self), FALSE, &reason);
  qnet_transport_tls_flush (get_transport (self));

  switch (progress)
    {
    case QNET_TLS_WANTS_THREAD:
      return start_work (self, NULL, error);
    case QNET_TLS_HAS_FAILED:
      g_propagate_error (error, wrap_error (self, reason));
      return FALSE;
    default:
      wait_for_peer (self);
      return TRUE;
    }
}

/* The next iteration handles it, as if it had just arrived. */
void
qnet_ssl_socket_add_input (QnetSslSocket *self,
                           GBytes        *input)
{
  qnet_byte_queue_append_bytes (qnet_tls_session_get_input (get_session (self)), input);
  qnet_watch_defer (&qnet_ssl_socket_get_private (self)->watch);
}

void
qnet_ssl_socket_continue_handshake (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  qnet_ssl_socket_set_phase (self, QNET_SSL_PHASE_HANDSHAKE);
  if (priv->mode == QNET_SSL_MODE_SERVER)
    qnet_tls_session_set_chooser (get_session (self), qnet_ssl_socket_choose_identity, self);

  if (priv->work != NULL)
    {
      qnet_tls_work_move (priv->work, self);
      return;
    }

  wait_for_peer (self);
  qnet_watch_defer (&priv->watch);  /* the peer may have sent all that it will send */
}
