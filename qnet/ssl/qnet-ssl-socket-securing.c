/* qnet-ssl-socket-securing.c: from a plain connection to an encrypted one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "ssl/qnet-ssl-socket-private.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "tls/qnet-tls-support-private.h"

static QnetIODeviceClass            *parent_class;
static const QnetSocketClassPrivate *parent_functions;

/* The phase */

#define TO(phase) QNET_TO (QNET_SSL_PHASE_##phase)

static const QnetEdges edges[] = {
  [QNET_SSL_PHASE_PLAIN]     = TO (PLAIN) | TO (REQUESTED) | TO (HANDSHAKE),
  [QNET_SSL_PHASE_REQUESTED] = TO (REQUESTED) | TO (HANDSHAKE) | TO (PLAIN),
  [QNET_SSL_PHASE_HANDSHAKE] = TO (ENCRYPTED) | TO (PLAIN),
  [QNET_SSL_PHASE_ENCRYPTED] = TO (PLAIN),
};

#undef TO

/* The only writer of the phase. */
void
qnet_ssl_socket_set_phase (QnetSslSocket *self,
                           QnetSslPhase   phase)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  QNET_CHECK_EDGE (edges, priv->phase, phase);

  priv->phase = phase;
}

static QnetReactor *
get_reactor (QnetSslSocket *self)
{
  return qnet_socket_get_device (QNET_SOCKET (self))->wait_set.reactor;
}

/* Beginning */

static void
deadline_cb (QnetDeadline *deadline)
{
  QnetSslSocketPrivate *priv = CONTAINER_OF (deadline, QnetSslSocketPrivate, deadline);
  QnetSslSocket *self = qnet_ssl_socket_from_private (priv);
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  g_autofree char *reason = NULL;
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (self), G_STRFUNC);

  /* Translators: a number of seconds */
  reason = g_strdup_printf (_("The TLS handshake took longer than %g s"),
                            priv->handshake_timeout / 1000.0);
  qnet_ssl_socket_fail (self, qnet_ssl_socket_new_handshake_error (self,
                                QNET_SOCKET_ERROR_SOCKET_TIMEOUT, reason));
}

static void
init_deadline (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetWaitSet *set = &qnet_socket_get_device (QNET_SOCKET (self))->wait_set;

  qnet_watch_init (&priv->watch, &qnet_ssl_socket_watch_funcs, set);
  qnet_deadline_init (&priv->deadline, deadline_cb, set);
  priv->has_deadline = TRUE;
}

static void
start_deadline (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  init_deadline (self);
  if (priv->handshake_timeout > 0)
    qnet_deadline_start (&priv->deadline, qnet_clock_until (priv->handshake_timeout));
}

/* The kernel forgets the addresses when the peer resets the connection. */
static gboolean
check_peer (QnetSslSocket  *self,
            GError        **error)
{
  int fd = qnet_socket_get_channel (QNET_SOCKET (self))->transport.fd;
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  int error_number;

  if (qnet_sys_getpeername (fd, (struct sockaddr *) &address, &size) == 0)
    return TRUE;

  error_number = qnet_sys_take_error (fd);
  if (error_number == 0)
    error_number = ENOTCONN;

  g_propagate_error (error, qnet_ssl_socket_new_handshake_error (self,
                              qnet_socket_error_code_from_errno (error_number),
                              g_strerror (error_number)));

  return FALSE;
}

static void
swap_transport (QnetSslSocket  *self,
                QnetTlsSession *session)  /* (transfer full) */
{
  QnetIODevicePrivate *device = qnet_socket_get_device (QNET_SOCKET (self));
  QnetTransport transport;

  qnet_transport_init_tls (&transport, session, device->channel.transport.fd,
                           device->wait_set.reactor);
  qnet_channel_set_suspended (&device->channel, TRUE);
  qnet_channel_swap_transport (&device->channel, &transport);
}

static void
begin_session (QnetSslSocket *self,
               gboolean       sends_plain)
{
  QnetChannel *channel = qnet_socket_get_channel (QNET_SOCKET (self));
  QnetTlsSession *session = qnet_ssl_socket_new_session (self);

  qnet_ssl_socket_get_private (self)->session = qnet_tls_session_ref (session);
  if (sends_plain)
    qnet_channel_flush (channel);
  if (sends_plain)
    qnet_channel_move_unsent (channel, qnet_tls_session_get_output (session));

  swap_transport (self, session);
  start_deadline (self);
}

gboolean
qnet_ssl_socket_begin (QnetSslSocket  *self,
                       QnetSslMode     mode,
                       gboolean        sends_plain,
                       GError        **error)
{
  qnet_abstract_socket_remember_addresses (QNET_ABSTRACT_SOCKET (self));
  qnet_ssl_socket_set_mode (self, mode);

  if (mode == QNET_SSL_MODE_CLIENT && !check_peer (self, error))
    return FALSE;

  begin_session (self, sends_plain);

  return qnet_ssl_socket_start_handshake (self, error);
}

/* The latest ticket outlives the connection. The session may get another one in another thread, so
 * the application never has that of the session. */
GBytes *
qnet_ssl_socket_keep_ticket (QnetSslSocketPrivate *priv)
{
  GBytes *latest = priv->phase == QNET_SSL_PHASE_ENCRYPTED
                   ? qnet_tls_session_get_ticket (priv->session)
                   : NULL;

  if (latest == NULL || latest == priv->session_ticket)
    return priv->session_ticket;

  g_clear_pointer (&priv->session_ticket, g_bytes_unref);
  priv->session_ticket = g_bytes_ref (latest);

  return priv->session_ticket;
}

static void
forget_session (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  qnet_ssl_socket_keep_ticket (priv);
  qnet_io_device_clear_pointer (self, &priv->session, qnet_tls_session_unref);
}

static void
report_end (QnetSslSocket *self)
{
  qnet_io_device_freeze_notify (self);
  if (qnet_ssl_socket_get_private (self)->session_ticket != NULL)
    qnet_io_device_notify_name (self, "session-ticket");
  qnet_io_device_notify_name (self, "encrypted");
  qnet_io_device_thaw_notify (self);
}

/* The channel is closed already, which has interrupted the handshake. */
static void
end_encryption (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  gboolean was_encrypted = priv->phase == QNET_SSL_PHASE_ENCRYPTED;

  if (priv->watch.set != NULL)
    qnet_watch_clear (&priv->watch);
  if (priv->has_deadline)
    qnet_deadline_stop (&priv->deadline);

  forget_session (self);
  qnet_ssl_socket_set_phase (self, QNET_SSL_PHASE_PLAIN);
  priv->has_deadline = FALSE;
  priv->starts_reading = FALSE;
  if (priv->work != NULL)
    qnet_tls_work_abandon (priv->work);
  qnet_io_device_clear_pointer (self, &priv->work, qnet_tls_work_free);
  qnet_io_device_clear_object (self, &priv->judge);
  g_clear_error (&priv->failure);
  qnet_ssl_socket_forget_ignored (self);

  if (was_encrypted && !qnet_io_device_is_disposed (qnet_socket_get_device (QNET_SOCKET (self))))
    report_end (self);
}

/* The virtual functions of the device */

static void
began (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  qnet_io_device_freeze_notify (self);
  qnet_ssl_socket_notify_session (self);

  g_clear_pointer (&priv->session_ticket, g_bytes_unref);
  qnet_io_device_clear_object (self, &priv->peer_certificate);
  g_clear_pointer (&priv->ocsp_response, g_bytes_unref);
  g_clear_pointer (&priv->server_name, g_free);
  g_clear_pointer (&priv->negotiated, g_free);
  g_clear_pointer (&priv->cipher, g_free);
  priv->version = NULL;
  priv->group = NULL;
  priv->is_reused = FALSE;
  priv->peer_errors = 0;
  priv->encrypted_reported = 0;

  qnet_io_device_thaw_notify (self);
  qnet_ssl_socket_set_mode (self, priv->phase == QNET_SSL_PHASE_REQUESTED
                                    ? QNET_SSL_MODE_CLIENT
                                    : QNET_SSL_MODE_UNENCRYPTED);
}

/* A failure is reported in the next iteration, since the signals of the connection are being
 * emitted. */
static gboolean
opened (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->phase != QNET_SSL_PHASE_REQUESTED)
    return FALSE;

  priv->starts_reading = TRUE;

  if (!qnet_ssl_socket_begin (self, QNET_SSL_MODE_CLIENT, FALSE, &priv->failure))
    {
      qnet_channel_set_suspended (&qnet_socket_get_device (QNET_SOCKET (self))->channel, TRUE);
      qnet_io_device_defer (device);
    }

  return TRUE;
}

/* A task that waits for the encryption returns after the signals. */
static void
unlinked (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  end_encryption (self);

  if (priv->task != NULL && !qnet_reactor_is_orphan (get_reactor (self)))
    qnet_io_device_defer (device);
}

static void
fail_task (QnetSslSocket *self)
{
  const GError *last = qnet_io_device_get_error (QNET_IO_DEVICE (self));
  GError *error = last != NULL ? g_error_copy (last) : qnet_socket_new_abort_error (NULL);

  qnet_socket_end_task (&qnet_ssl_socket_get_private (self)->task, error);
}

static void
deferred (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->failure != NULL)
    qnet_ssl_socket_fail (self, g_steal_pointer (&priv->failure));

  if (priv->work != NULL && qnet_tls_work_is_done (priv->work))
    qnet_ssl_socket_handle_work (self);

  if (priv->task != NULL && qnet_socket_get_device (QNET_SOCKET (self))->link == QNET_LINK_NONE)
    fail_task (self);

  parent_class->priv->deferred (device);
}

void
qnet_ssl_socket_class_install_securing (QnetIODeviceClass *klass)
{
  QnetIODeviceClassPrivate *functions = qnet_io_device_class_get_private (klass);

  parent_class = g_type_class_peek_parent (klass);

  functions->began    = began;
  functions->opened   = opened;
  functions->unlinked = unlinked;
  functions->deferred = deferred;
}

/* The successor of a disposed socket: see qnet-socket-beginning.c */

/* A failure that is not reported yet ends the connection, and so does a peer that was refused. */
static GType
get_successor (QnetSocket *socket)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (QNET_SSL_SOCKET (socket));
  gboolean is_refused = priv->session != NULL && priv->work == NULL
                        && qnet_tls_session_has_failed (priv->session);

  return priv->failure != NULL || is_refused ? G_TYPE_INVALID : QNET_TYPE_SSL_SOCKET;
}

/* Which certificates are accepted: no handler is left that could ignore an error. */
static void
move_settings (QnetSslSocketPrivate *from,
               QnetSslSocketPrivate *to)
{
  qnet_ssl_configuration_unref (to->configuration);
  to->configuration = qnet_ssl_configuration_ref (from->configuration);
  to->interaction = g_steal_pointer (&from->interaction);
  to->ticket_key = g_steal_pointer (&from->ticket_key);
  to->handshake_timeout = from->handshake_timeout;

  to->verify_name = g_steal_pointer (&from->verify_name);
  to->host = g_steal_pointer (&from->host);
  to->ignored = g_steal_pointer (&from->ignored);
  to->offered = g_steal_pointer (&from->offered);
  to->server_name = g_steal_pointer (&from->server_name);
}

/* The session is part of the channel, which was moved already. In REQUESTED there is a connection
 * alone. The certificate may be known already, and a handler of its errors have dropped the
 * socket. */
static void
move_handshake (QnetSslSocketPrivate *from,
                QnetSslSocket        *successor)
{
  QnetSslSocketPrivate *to = qnet_ssl_socket_get_private (successor);

  init_deadline (successor);
  if (qnet_deadline_is_running (&from->deadline))
    qnet_deadline_start (&to->deadline, from->deadline.due);

  to->mode = from->mode;
  to->session = g_steal_pointer (&from->session);
  to->used = g_steal_pointer (&from->used);
  to->judge = g_steal_pointer (&from->judge);
  to->work = g_steal_pointer (&from->work);
  to->peer_certificate = g_steal_pointer (&from->peer_certificate);
  to->peer_errors = from->peer_errors;
  qnet_ssl_socket_continue_handshake (successor);
}

static void
hand_over (QnetSocket *socket,
           QnetSocket *successor)
{
  QnetSslSocketPrivate *from = qnet_ssl_socket_get_private (QNET_SSL_SOCKET (socket));
  QnetSslSocket *to = QNET_SSL_SOCKET (successor);

  parent_functions->hand_over (socket, successor);
  move_settings (from, qnet_ssl_socket_get_private (to));

  if (from->watch.set != NULL)
    qnet_watch_stop (&from->watch);  /* wait_for_peer() of the successor starts its own */

  if (from->phase == QNET_SSL_PHASE_REQUESTED)
    qnet_ssl_socket_set_phase (to, QNET_SSL_PHASE_REQUESTED);
  else if (from->phase != QNET_SSL_PHASE_PLAIN)
    move_handshake (from, to);
}

void
qnet_ssl_socket_class_install_successor (QnetSocketClass *klass)
{
  QnetSocketClassPrivate *functions;

  parent_functions = klass->priv;
  functions = qnet_socket_class_get_private (klass);
  functions->get_successor = get_successor;
  functions->hand_over     = hand_over;
}

/* For servers */

gboolean
qnet_ssl_socket_adopt_accepted (QnetSslSocket   *self,
                                QnetReactor     *reactor,
                                int              fd,
                                QnetSslChooser   choose,
                                gpointer         chooser,
                                GError         **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  qnet_abstract_socket_adopt_accepted (QNET_ABSTRACT_SOCKET (self), reactor, fd);
  priv->choose = choose;
  priv->chooser = chooser;

  return qnet_tls_check_supported (_("Could not encrypt the connection"), error)
         && qnet_ssl_socket_begin (self, QNET_SSL_MODE_SERVER, FALSE, error);
}
