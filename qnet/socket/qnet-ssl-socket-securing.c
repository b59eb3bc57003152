/* qnet-ssl-socket-securing.c: from a plain connection to an encrypted one
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-ssl-socket-private.h"

#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-client-hello-private.h"
#include "engine/qnet-reserve-private.h"
#include "engine/qnet-syscall-private.h"
#include "engine/qnet-transport-stream-private.h"
#include "socket/qnet-lookup-private.h"

static QnetIODeviceHooks hooks;

static QnetIODevicePrivate *
get_device (QnetSslSocket *self)
{
  return qnet_io_device_get_private (QNET_IO_DEVICE (self));
}

/* Who it is about: "example.org", "192.0.2.1 port 443" */
static char *
describe_peer (QnetSslSocket *self)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  const char *name = qnet_ssl_socket_get_peer_verify_name (self);
  g_autoptr(QnetHostAddress) address = NULL;

  if (name == NULL)
    name = qnet_abstract_socket_get_peer_name (socket);
  if (name != NULL)
    return g_strdup (name);

  address = qnet_abstract_socket_get_peer_address (socket);

  return qnet_host_address_to_display (address, qnet_abstract_socket_get_peer_port (socket));
}

/* The socket keeps itself while it shakes hands, lest what was written meanwhile is lost. Detached,
 * nothing would move it any more. */
static void
hold (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->holds_self || qnet_reactor_is_detached (get_device (self)->wait_set.reactor))
    return;

  priv->holds_self = TRUE;
  g_object_ref (self);
}

/* Whoever calls this holds the socket, too. */
static void
release (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (!priv->holds_self)
    return;

  priv->holds_self = FALSE;
  g_object_unref (self);
}

/* Where a host has moved, its former address may be that of another host, with another certificate. */
static void
forget_addresses (QnetSslSocket *self)
{
  const char *name = qnet_abstract_socket_get_peer_name (QNET_ABSTRACT_SOCKET (self));

  if (name != NULL && *name != '\0'
      && qnet_ssl_socket_get_private (self)->mode == QNET_SSL_MODE_CLIENT)
    qnet_lookup_forget (name);
}

static void
fail (QnetSslSocket *self,
      GError        *error)  /* (transfer full) */
{
  forget_addresses (self);
  qnet_connection_break (&qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->connection, error);
}

/* Judging the peer */

static QnetSslPeerVerifyMode
get_effective_mode (QnetSslSocketPrivate *priv)
{
  if (priv->settings.verify_mode != QNET_SSL_PEER_VERIFY_MODE_AUTO)
    return priv->settings.verify_mode;

  return priv->mode == QNET_SSL_MODE_CLIENT ? QNET_SSL_PEER_VERIFY_MODE_VERIFY
                                            : QNET_SSL_PEER_VERIFY_MODE_NONE;
}

static gboolean
is_acceptable (QnetSslSocket        *self,
               GTlsCertificateFlags  errors,
               GTlsCertificate      *certificate)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  return errors == 0
         || get_effective_mode (priv) != QNET_SSL_PEER_VERIFY_MODE_VERIFY
         || qnet_ssl_socket_ignores (self, errors, certificate);
}

/* Where somebody hears ssl-errors, he is asked when the handshake is over: a handler may do
 * anything, and GIO's thread cannot wait for it. Nothing was sent until then. */
gboolean
qnet_ssl_socket_may_go_on (QnetSslSocket        *self,
                           GTlsCertificateFlags  errors,
                           GTlsCertificate      *certificate)
{
  return is_acceptable (self, errors, certificate) || qnet_ssl_socket_errors_are_heard (self);
}

/* The session's properties outlive the connection. */
static void
learn_session (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  g_set_object (&priv->peer_certificate, g_tls_connection_get_peer_certificate (priv->tls));
  priv->peer_errors = g_tls_connection_get_peer_certificate_errors (priv->tls);
  priv->negotiated = g_strdup (g_tls_connection_get_negotiated_protocol (priv->tls));
  priv->cipher = g_tls_connection_get_ciphersuite_name (priv->tls);
}

/* The errors are told, and a handler may do anything. TRUE: it is still the same handshake. */
static gboolean
tell_errors (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetAbstractSocketPrivate *socket = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self));
  g_autoptr(GTlsCertificate) certificate = g_object_ref (priv->peer_certificate);
  guint serial = socket->connection.serial;

  qnet_ssl_socket_emit_errors (self, priv->peer_errors, certificate);

  return socket->connection.serial == serial;
}

static GError *
new_certificate_error (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autofree char *peer = describe_peer (self);

  return qnet_ssl_new_certificate_error (peer, priv->peer_certificate, priv->peer_errors);
}

static GError *
new_handshake_error (QnetSslSocket *self,
                     GError        *reason)  /* (transfer full) */
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autofree char *peer = describe_peer (self);
  int code = QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED;
  GError *error;

  /* A timeout and a peer that has gone are what they are; whatever else ends a handshake is a failure of it. */
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    code = QNET_SOCKET_ERROR_SOCKET_TIMEOUT;
  else if (qnet_raw_connection_has_ended (priv->raw))
    code = QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED;

  error = g_error_new (QNET_SOCKET_ERROR, code, _("Could not encrypt the connection to %s: %s"),
                       peer, reason->message);
  g_error_free (reason);

  return error;
}

/* The outcome */

/* A handler may do anything. FALSE: it has ended this connection, of which nothing more is told. */
static gboolean
tell_success (QnetSslSocket *self)
{
  QnetConnection *connection = &qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self))->connection;
  guint serial = connection->serial;

  g_object_freeze_notify (G_OBJECT (self));
  qnet_ssl_socket_notify_session (self);
  g_object_notify (G_OBJECT (self), "is-encrypted");
  g_object_thaw_notify (G_OBJECT (self));
  if (connection->serial == serial)
    qnet_ssl_socket_emit_encrypted (self);
  if (connection->serial == serial)
    qnet_ssl_socket_tell_encrypted_bytes (self);

  return connection->serial == serial;
}

static void
become_encrypted (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetChannel *channel = &get_device (self)->channel;
  g_autoptr(GTask) task = g_steal_pointer (&priv->task);

  qnet_deadline_stop (&priv->deadline);
  g_clear_pointer (&priv->handshake, qnet_ssl_handshake_free);
  priv->phase = QNET_SSL_PHASE_ENCRYPTED;

  qnet_transport_stream_secure (&channel->transport);
  qnet_channel_set_suspended (channel, FALSE);
  if (priv->reads_at_once)
    qnet_channel_start_reading (channel);

  if (tell_success (self))
    {
      qnet_connection_end_task (&task, NULL);
      release (self);
    }
  else
    qnet_connection_end_task (&task, qnet_connection_new_abort_error (NULL));
}

/* What is known of the peer is notified although the handshake fails, and a handler may do anything: then this one has ended already. */
static void
refuse_certificate (QnetSslSocket *self)
{
  QnetAbstractSocketPrivate *socket = qnet_abstract_socket_get_private (QNET_ABSTRACT_SOCKET (self));
  guint serial = socket->connection.serial;

  qnet_ssl_socket_notify_session (self);
  if (socket->connection.serial == serial)
    fail (self, new_certificate_error (self));
}

static void
handle_success (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  learn_session (self);

  /* A session that was resumed brings its certificate along, or else nobody knows who the peer is. */
  if (priv->peer_certificate == NULL && get_effective_mode (priv) == QNET_SSL_PEER_VERIFY_MODE_VERIFY)
    {
      fail (self, new_handshake_error (self, g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED,
                                                                  _("it has shown no certificate"))));
      return;
    }

  if (priv->peer_errors != 0 && priv->peer_certificate != NULL
      && get_effective_mode (priv) != QNET_SSL_PEER_VERIFY_MODE_NONE && !tell_errors (self))
    return;

  if (is_acceptable (self, priv->peer_errors, priv->peer_certificate))
    become_encrypted (self);
  else
    refuse_certificate (self);
}

static void
handle_failure (QnetSslSocket *self,
                GError        *reason)  /* (transfer full) */
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  GTlsCertificate *certificate;
  GTlsCertificateFlags errors;

  if (!qnet_ssl_handshake_was_refused (priv->handshake, &certificate, &errors))
    {
      fail (self, new_handshake_error (self, reason));
      return;
    }

  g_error_free (reason);
  g_set_object (&priv->peer_certificate, certificate);
  priv->peer_errors = errors;

  if (tell_errors (self))
    refuse_certificate (self);
}

static void
handle_outcome (QnetSslSocket *self)
{
  GError *error = qnet_ssl_handshake_take_error (qnet_ssl_socket_get_private (self)->handshake);

  if (error == NULL)
    handle_success (self);
  else
    handle_failure (self, error);
}

/* The handshake */

/* By address where no name was given: then that is what the certificate has to be for. */
static GSocketConnectable *
new_identity (QnetSslSocket *self)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (self);
  const char *name = qnet_ssl_socket_get_peer_verify_name (self);
  guint16 port = qnet_abstract_socket_get_peer_port (socket);

  if (name == NULL)
    name = qnet_abstract_socket_get_peer_name (socket);
  if (name == NULL)
    return NULL;

  if (g_hostname_is_ip_address (name))
    return G_SOCKET_CONNECTABLE (g_inet_socket_address_new_from_string (name, port));

  return g_network_address_new (name, port);
}

static GTlsConnection *
new_client (QnetSslSocket  *self,
            GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  g_autoptr(GSocketConnectable) identity = new_identity (self);
  GIOStream *tls = g_tls_client_connection_new (G_IO_STREAM (priv->raw), identity, error);

  if (tls != NULL && priv->settings.certificate != NULL)
    g_tls_connection_set_certificate (G_TLS_CONNECTION (tls), priv->settings.certificate);

  return (GTlsConnection *) tls;
}

static GTlsAuthenticationMode
get_authentication_mode (QnetSslSocketPrivate *priv)
{
  switch (get_effective_mode (priv))
    {
    case QNET_SSL_PEER_VERIFY_MODE_VERIFY:
      return G_TLS_AUTHENTICATION_REQUIRED;
    case QNET_SSL_PEER_VERIFY_MODE_QUERY:
      return G_TLS_AUTHENTICATION_REQUESTED;
    case QNET_SSL_PEER_VERIFY_MODE_NONE:
    case QNET_SSL_PEER_VERIFY_MODE_AUTO:
      return G_TLS_AUTHENTICATION_NONE;
    }

  g_assert_not_reached ();
}

static GTlsConnection *
new_server (QnetSslSocket  *self,
            GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  GTlsCertificate *certificate = priv->settings.certificate;
  GIOStream *tls;

  if (priv->choose != NULL)
    certificate = priv->choose (priv->chooser, priv->server_name);

  tls = g_tls_server_connection_new (G_IO_STREAM (priv->raw), certificate, error);
  if (tls != NULL)
    g_object_set (tls, "authentication-mode", get_authentication_mode (priv), NULL);

  return (GTlsConnection *) tls;
}

/* GIO's server takes the first one that the client names: it is given the one that it shall take. */
static void
advertise (QnetSslSocketPrivate *priv)
{
  const char *const chosen[] = { priv->protocol, NULL };
  const char *const *all = (const char *const *) priv->settings.advertised_protocols;

  if (all != NULL)
    g_tls_connection_set_advertised_protocols (priv->tls, priv->protocol != NULL ? chosen : all);
}

static gboolean
make_tls (QnetSslSocket  *self,
          GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  const QnetSslSettings *settings = &priv->settings;

  priv->tls = priv->mode == QNET_SSL_MODE_CLIENT ? new_client (self, error) : new_server (self, error);
  if (priv->tls == NULL)
    return FALSE;

  if (settings->database != NULL)
    g_tls_connection_set_database (priv->tls, settings->database);
  if (settings->interaction != NULL)
    g_tls_connection_set_interaction (priv->tls, settings->interaction);
  advertise (priv);

  return TRUE;
}

static gboolean
shake_hands (QnetSslSocket  *self,
             GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetReactor *reactor = get_device (self)->wait_set.reactor;
  GError *reason = NULL;
  int error_number;
  gboolean is_made;

  if (!qnet_reactor_make_embedded_context (reactor, &error_number)
      || !qnet_reserve_can_make_task (&error_number))
    {
      qnet_set_error_from_errno (error, error_number, _("Could not begin to encrypt"));
      return FALSE;
    }

  qnet_reactor_push_embedded_context (reactor);
  is_made = make_tls (self, &reason);
  qnet_reactor_pop_embedded_context (reactor);

  if (!is_made)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                      _("Could not begin to encrypt: %s"), reason->message);
      g_error_free (reason);
      return FALSE;
    }

  priv->phase = QNET_SSL_PHASE_HANDSHAKE;
  qnet_transport_stream_begin (&get_device (self)->channel.transport, priv->tls);
  priv->handshake = qnet_ssl_handshake_new (self, priv->tls);

  return TRUE;
}

/* The client's first message: a silent client costs a descriptor, and no thread */

static void
hello_failed (QnetSslSocket *self,
              gssize         n,
              int            error_number)
{
  GError *reason = NULL;

  if (n < 0)
    qnet_set_error_from_errno (&reason, error_number, _("Could not read"));
  else
    qnet_set_error (&reason, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED, _("the peer has closed the connection"));

  fail (self, new_handshake_error (self, reason));
}

static void
hello_complete (QnetSslSocket *self)
{
  GError *error = NULL;

  qnet_watch_stop (&qnet_ssl_socket_get_private (self)->hello);
  qnet_raw_connection_set_watch (qnet_ssl_socket_get_private (self)->raw, NULL);
  if (!shake_hands (self, &error))
    fail (self, error);
}

static void
choose_protocol (QnetSslSocketPrivate *priv,
                 const guint8         *data,
                 gsize                 size)
{
  const char *const *all = (const char *const *) priv->settings.advertised_protocols;

  g_clear_pointer (&priv->protocol, g_free);
  if (all != NULL)
    priv->protocol = g_strdup (qnet_client_hello_choose_protocol (data, size, all));
}

static void
look_at_hello (QnetSslSocket *self,
               const guint8  *data,
               gsize          size)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  switch (qnet_client_hello_parse (data, size, &priv->server_name))
    {
    case QNET_CLIENT_HELLO_PARTIAL:
      break;
    case QNET_CLIENT_HELLO_COMPLETE:
      choose_protocol (priv, data, size);
      hello_complete (self);
      break;
    case QNET_CLIENT_HELLO_FOREIGN:
      fail (self, new_handshake_error (self, g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_NOT_TLS,
                                                                  _("it does not speak TLS"))));
      break;
    }
}

static void
hello_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  gpointer priv = (guint8 *) watch - G_STRUCT_OFFSET (QnetSslSocketPrivate, hello);
  g_autoptr(QnetSslSocket) self = g_object_ref (qnet_ssl_socket_from_private (priv));
  QnetRawConnection *raw = ((QnetSslSocketPrivate *) priv)->raw;
  guint8 data[QNET_CLIENT_HELLO_MAX];
  gssize n;

  if (qnet_raw_connection_flush (raw) == 0)
    qnet_watch_set_interest (watch, QNET_READINESS_READ);

  n = qnet_raw_connection_peek (raw, data, sizeof data);
  if (n > 0)
    look_at_hello (self, data, n);
  else if (n == 0 || errno != EAGAIN)
    hello_failed (self, n, errno);
}

/* The channel is orphaned, too, and tells the socket. */
static const QnetWatchFuncs hello_funcs = { .ready = hello_cb };

static void
wait_for_hello (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);
  QnetReadiness interest = QNET_READINESS_READ;

  if (qnet_raw_connection_get_n_output (priv->raw) > 0)
    interest |= QNET_READINESS_WRITE;

  priv->phase = QNET_SSL_PHASE_HELLO;
  qnet_watch_start (&priv->hello, device->channel.transport.fd, interest);
  qnet_raw_connection_set_watch (priv->raw, &priv->hello);
}

/* Beginning */

static void
deadline_cb (QnetDeadline *deadline)
{
  gpointer priv = (guint8 *) deadline - G_STRUCT_OFFSET (QnetSslSocketPrivate, deadline);
  g_autoptr(QnetSslSocket) self = g_object_ref (qnet_ssl_socket_from_private (priv));

  fail (self, new_handshake_error (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                                              _("the handshake took too long"))));
}

static void
init_waiting (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetWaitSet *set = &get_device (self)->wait_set;

  qnet_watch_init (&priv->hello, &hello_funcs, set);
  qnet_deadline_init (&priv->deadline, deadline_cb, set);
  priv->has_begun = TRUE;

  if (priv->settings.handshake_timeout > 0)
    qnet_deadline_start (&priv->deadline, qnet_clock_until (priv->settings.handshake_timeout));
}

static gboolean
check_peer (QnetSslSocket  *self,
            GError        **error)
{
  GError *reason = NULL;

  if (qnet_raw_connection_check_peer (qnet_ssl_socket_get_private (self)->raw, &reason))
    return TRUE;

  g_propagate_error (error, new_handshake_error (self, reason));

  return FALSE;
}

static void
swap_transport (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetIODevicePrivate *device = get_device (self);
  QnetTransport transport;

  qnet_transport_init_stream (&transport, priv->raw, device->channel.transport.fd, device->wait_set.reactor);
  qnet_channel_set_suspended (&device->channel, TRUE);
  qnet_channel_swap_transport (&device->channel, &transport);
}

gboolean
qnet_ssl_socket_begin (QnetSslSocket  *self,
                       QnetSslMode     mode,
                       gboolean        sends_plain,
                       GError        **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  QnetChannel *channel = &get_device (self)->channel;

  if (sends_plain)
    qnet_channel_flush (channel);

  priv->raw = qnet_raw_connection_new (channel->transport.fd, error);
  if (priv->raw == NULL)
    return FALSE;

  if (sends_plain)
    qnet_channel_move_unsent (channel, qnet_raw_connection_get_output (priv->raw));

  qnet_abstract_socket_remember_addresses (QNET_ABSTRACT_SOCKET (self));  /* for errors: a reset forgets them */
  swap_transport (self);
  init_waiting (self);
  qnet_ssl_socket_set_mode (self, mode);
  hold (self);

  if (mode == QNET_SSL_MODE_CLIENT)
    return check_peer (self, error) && shake_hands (self, error);

  wait_for_hello (self);

  return TRUE;
}

/* The end, whatever it was: the channel is closed already, and with it a handshake interrupted. */
void
qnet_ssl_socket_end (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  gboolean was_encrypted = priv->phase == QNET_SSL_PHASE_ENCRYPTED;

  if (priv->hello.set != NULL)
    qnet_watch_clear (&priv->hello);
  if (priv->has_begun)
    qnet_deadline_stop (&priv->deadline);

  priv->has_begun = FALSE;

  priv->phase = QNET_SSL_PHASE_PLAIN;
  priv->reads_at_once = FALSE;
  g_clear_pointer (&priv->handshake, qnet_ssl_handshake_free);
  g_clear_object (&priv->raw);
  g_clear_error (&priv->failure);
  qnet_ssl_socket_forget_ignored (self);

  if (was_encrypted && !get_device (self)->torn_down)
    g_object_notify (G_OBJECT (self), "is-encrypted");
}

/* What the device says */

static void
began (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  g_object_freeze_notify (G_OBJECT (self));
  qnet_ssl_socket_notify_session (self);

  g_clear_object (&priv->tls);
  g_clear_object (&priv->peer_certificate);
  g_clear_pointer (&priv->server_name, g_free);
  g_clear_pointer (&priv->protocol, g_free);
  g_clear_pointer (&priv->negotiated, g_free);
  g_clear_pointer (&priv->cipher, g_free);
  priv->peer_errors = 0;
  priv->encrypted_told = 0;

  g_object_thaw_notify (G_OBJECT (self));
  qnet_ssl_socket_set_mode (self, priv->wants_client ? QNET_SSL_MODE_CLIENT : QNET_SSL_MODE_UNENCRYPTED);
}

/* Whatever goes wrong here is told in the next turn: a connection is being announced. */
static gboolean
opened (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (!priv->wants_client)
    return FALSE;

  priv->wants_client = FALSE;
  priv->reads_at_once = TRUE;

  if (!qnet_ssl_socket_begin (self, QNET_SSL_MODE_CLIENT, FALSE, &priv->failure))
    {
      qnet_channel_set_suspended (&get_device (self)->channel, TRUE);
      qnet_io_device_defer (device);
    }

  return TRUE;
}

/* A task that waits for the encryption is told after the signals. */
static void
unlinked (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  priv->wants_client = FALSE;
  qnet_ssl_socket_end (self);

  if (priv->task != NULL && !qnet_reactor_is_orphan (get_device (self)->wait_set.reactor))
    qnet_io_device_defer (device);

  release (self);
}

static void
end_task_in_vain (QnetSslSocket *self)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  const GError *reason = qnet_io_device_get_error (QNET_IO_DEVICE (self));

  qnet_connection_end_task (&priv->task, reason != NULL ? g_error_copy (reason)
                                                             : qnet_connection_new_abort_error (NULL));
}

static void
deferred (QnetIODevice *device)
{
  QnetSslSocket *self = QNET_SSL_SOCKET (device);
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);

  if (priv->failure != NULL)
    fail (self, g_steal_pointer (&priv->failure));

  if (priv->handshake != NULL && qnet_ssl_handshake_has_ended (priv->handshake))
    handle_outcome (self);

  if (priv->task != NULL && get_device (self)->link == QNET_LINK_NONE)
    end_task_in_vain (self);

  qnet_connection_hooks.deferred (device);
}

void
qnet_ssl_socket_class_install_securing (QnetIODeviceClass *klass)
{
  hooks = qnet_connection_hooks;
  hooks.began = began;
  hooks.opened = opened;
  hooks.unlinked = unlinked;
  hooks.deferred = deferred;

  klass->hooks = &hooks;
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

  return qnet_ssl_socket_begin (self, QNET_SSL_MODE_SERVER, FALSE, error);
}
