/* qnet-tunnel.c: the steps of a request to a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "auth/qnet-authenticator-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-tunnel-parts-private.h"
#include "lookup/qnet-host-question-private.h"

/* The step */

#define TO(step) QNET_TO (QNET_TUNNEL_STEP_##step)

static const QnetEdges edges[] = {
  [QNET_TUNNEL_STEP_NEW]         = TO (REFUSED) | TO (LOOKUP) | TO (CONNECTING) | TO (ENDED),
  [QNET_TUNNEL_STEP_REFUSED]     = TO (ENDED),
  [QNET_TUNNEL_STEP_LOOKUP]      = TO (CONNECTING) | TO (ENDED),
  [QNET_TUNNEL_STEP_CONNECTING]  = TO (NEGOTIATING) | TO (ENDED),
  [QNET_TUNNEL_STEP_NEGOTIATING] = TO (CONNECTING) | TO (ASKING) | TO (ENDED),
  [QNET_TUNNEL_STEP_ASKING]      = TO (ANSWERED) | TO (ENDED),
  [QNET_TUNNEL_STEP_ANSWERED]    = TO (NEGOTIATING) | TO (ENDED),
  [QNET_TUNNEL_STEP_ENDED]       = TO (ENDED),  /* free() ends what has ended */
};

#undef TO

/* The only writer of the step. */
void
qnet_tunnel_set_step (QnetTunnel     *self,
                      QnetTunnelStep  step)
{
  QNET_CHECK_EDGE (edges, self->step, step);

  self->step = step;
}

/* Reference counts: each callback may free the tunnel, which is used again afterwards */

static QnetTunnel *
tunnel_ref (QnetTunnel *self)
{
  self->ref_count++;

  return self;
}

static void
tunnel_unref (QnetTunnel *self)
{
  if (--self->ref_count > 0)
    return;

  g_clear_pointer (&self->proxy, qnet_network_proxy_unref);
  g_clear_pointer (&self->address, qnet_host_address_unref);
  g_clear_pointer (&self->proxy_address, qnet_host_address_unref);
  g_clear_pointer (&self->targets, g_ptr_array_unref);
  g_clear_pointer (&self->dialogue, qnet_proxy_dialogue_free);
  g_clear_error (&self->error);
  g_free (self->host);
  g_free (self->user);
  g_free (self->password);
  g_free (self);
}

/* The end */

void
qnet_tunnel_stop (QnetTunnel *self)
{
  gboolean is_forked = qnet_watch_is_forked (&self->watch);

  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_ENDED);

  qnet_deadline_stop (&self->timeout);
  qnet_watch_clear (&self->watch);
  g_clear_pointer (&self->connector, qnet_connector_free);
  g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
  g_clear_pointer (&self->authenticator, qnet_authenticator_cancel);
  qnet_shutdown_fd (&self->fd, is_forked);
  qnet_clear_fd (&self->bound_fd);
}

static gboolean
needs_lookup (QnetTunnel *self)
{
  QnetProxyCapabilities capabilities = qnet_network_proxy_get_capabilities (self->proxy);

  return self->host != NULL && (capabilities & QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP) == 0;
}

static gboolean
is_connected (QnetTunnel *self)
{
  return self->step == QNET_TUNNEL_STEP_NEGOTIATING
         || self->step == QNET_TUNNEL_STEP_ASKING
         || self->step == QNET_TUNNEL_STEP_ANSWERED;
}

/* The host may have moved if the proxy could not connect to the addresses that we looked up. */
static void
forget_addresses (QnetTunnel *self)
{
  if (is_connected (self) && needs_lookup (self))
    qnet_connector_lookup_forget (self->host);
}

static void
fail (QnetTunnel *self,
      GError     *error)  /* (transfer full) */
{
  forget_addresses (self);
  qnet_tunnel_stop (self);
  self->funcs->failed (self, self->owner, error);
}

/* The lookup of the host, if the proxy does none */

static gboolean
is_usable (QnetTunnel      *self,
           QnetHostAddress *address)
{
  if (self->protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV4
      && self->protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    return TRUE;

  return qnet_host_address_get_protocol (address) == self->protocol;
}

static GError *
new_wrong_family_error (QnetTunnel *self)
{
  g_autofree char *target = qnet_host_address_to_display (self->address, self->port);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4
                    ? _("Could not connect to %s: It is not an IPv4 address")
                    : _("Could not connect to %s: It is not an IPv6 address"),
                  target);

  return error;
}

static void
take_addresses (QnetTunnel *self)
{
  g_autoptr(GPtrArray) addresses = qnet_connector_lookup_take_addresses (self->lookup);

  self->targets = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  for (guint i = 0; i < addresses->len; i++)
    {
      QnetHostAddress *address = g_ptr_array_index (addresses, i);

      if (is_usable (self, address))
        g_ptr_array_add (self->targets, qnet_host_address_ref (address));
    }
}

/* The connection to the proxy */

static void
found_cb (QnetConnector *connector,
          gpointer       owner)
{
  QnetTunnel *self = owner;

  if (self->found_called || self->funcs->found == NULL)
    return;

  self->found_called = TRUE;
  self->funcs->found (self, self->owner);
}

static gboolean
configure_cb (QnetConnector  *connector,
              gpointer        owner,
              int             fd,
              int             family,
              GError        **error)
{
  QnetTunnel *self = owner;

  if (self->funcs->configure == NULL)
    return TRUE;

  return self->funcs->configure (self, self->owner, fd, family, error);
}

/* Failures of the proxy have codes of their own: the host was not asked. */
QnetSocketError
qnet_tunnel_get_proxy_code (int code)
{
  switch (code)
    {
    case QNET_SOCKET_ERROR_HOST_NOT_FOUND:
      return QNET_SOCKET_ERROR_PROXY_NOT_FOUND;
    case QNET_SOCKET_ERROR_CONNECTION_REFUSED:
      return QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED;
    case QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED:
      return QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED;
    case QNET_SOCKET_ERROR_SOCKET_TIMEOUT:
      return QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT;
    default:
      return (QnetSocketError) code;
    }
}

static void
connect_failed_cb (QnetConnector *connector,
                   gpointer       owner,
                   GError        *error)
{
  QnetTunnel *self = owner;

  qnet_proxy_dialogue_fail (self->dialogue, qnet_tunnel_get_proxy_code (error->code),
                            "%s", error->message);
  g_error_free (error);

  fail (self, g_error_copy (self->dialogue->error));
}

void
qnet_tunnel_start_timeout (QnetTunnel *self)
{
  if (self->connect_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->connect_timeout));
}

static void
connected_cb (QnetConnector   *connector,
              gpointer         owner,
              int              fd,
              QnetHostAddress *address)
{
  QnetTunnel *self = tunnel_ref (owner);

  g_clear_pointer (&self->connector, qnet_connector_free);
  g_clear_pointer (&self->proxy_address, qnet_host_address_unref);
  self->proxy_address = qnet_host_address_ref (address);
  self->fd = fd;
  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_NEGOTIATING);
  qnet_tunnel_start_timeout (self);
  qnet_watch_start (&self->watch, fd, QNET_READINESS_READ);

  if (self->dialogue->phase == QNET_PROXY_PHASE_RECONNECT)
    qnet_proxy_dialogue_restart (self->dialogue);

  qnet_tunnel_advance (self);
  tunnel_unref (self);
}

static const QnetConnectorFuncs connector_funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .connected = connected_cb,
  .failed    = connect_failed_cb,
};

void
qnet_tunnel_connect (QnetTunnel *self)
{
  const char *host = qnet_network_proxy_get_host_name (self->proxy);
  g_autoptr(QnetHostAddress) literal = qnet_host_name_to_address (host);
  const QnetConnectorRequest request = {
    .host            = host,
    .address         = literal,
    .port            = qnet_network_proxy_get_port (self->proxy),
    .protocol        = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
    .type            = QNET_SOCKET_TYPE_TCP,
    .bound_fd        = self->bound_fd,
    .lookup_timeout  = self->lookup_timeout,
    .connect_timeout = self->connect_timeout,
    .attempt_delay   = self->attempt_delay,
  };

  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_CONNECTING);
  self->bound_fd = -1;
  self->connector = qnet_connector_new (self->watch.set, &connector_funcs, self, &request);
  qnet_connector_start (self->connector);
}

/* A bound descriptor is used again: once its association is dissolved, it remains bound. */
void
qnet_tunnel_disconnect (QnetTunnel *self)
{
  const struct sockaddr unspecified = { .sa_family = AF_UNSPEC };

  qnet_deadline_stop (&self->timeout);
  qnet_watch_stop (&self->watch);

  if (!self->is_bound)
    {
      qnet_shutdown_fd (&self->fd, FALSE);
      return;
    }

  qnet_sys_connect (self->fd, &unspecified, sizeof unspecified);
  self->bound_fd = self->fd;
  self->fd = -1;
}

/* The targets */

static gboolean
take_next_target (QnetTunnel *self)
{
  if (self->targets == NULL || self->next == self->targets->len)
    return FALSE;

  g_clear_pointer (&self->address, qnet_host_address_unref);
  self->address = qnet_host_address_ref (g_ptr_array_index (self->targets, self->next++));

  return TRUE;
}

static void
begin_target (QnetTunnel *self)
{
  if (qnet_tunnel_open_dialogue (self))
    qnet_tunnel_connect (self);
  else
    fail (self, g_steal_pointer (&self->error));
}

/* These errors may not occur with another address of the host; other errors of the proxy would. */
static gboolean
concerns_target (int code)
{
  return code == QNET_SOCKET_ERROR_CONNECTION_REFUSED
         || code == QNET_SOCKET_ERROR_HOST_NOT_FOUND
         || code == QNET_SOCKET_ERROR_NETWORK
         || code == QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION;
}

/* Continues with the user of the last dialogue, so that the application is asked once. */
static void
try_next_target (QnetTunnel *self)
{
  QnetNetworkProxy *proxy = qnet_network_proxy_with_credentials (self->proxy,
                                                                 self->dialogue->user,
                                                                 self->dialogue->password);

  self->can_ask = self->dialogue->can_ask;
  qnet_network_proxy_unref (self->proxy);
  self->proxy = proxy;

  qnet_tunnel_disconnect (self);
  begin_target (self);
}

/* The failure of the first of several targets is reported. */
void
qnet_tunnel_fail_target (QnetTunnel *self)
{
  if (self->error == NULL)
    self->error = g_error_copy (self->dialogue->error);

  if (self->command == QNET_PROXY_COMMAND_CONNECT
      && concerns_target (self->dialogue->error->code) && take_next_target (self))
    {
      g_autoptr(GError) first = g_steal_pointer (&self->error);

      try_next_target (self);
      if (self->step != QNET_TUNNEL_STEP_ENDED)
        self->error = g_steal_pointer (&first);
      return;
    }

  fail (self, g_steal_pointer (&self->error));
}

/* The steps, in the order in which they happen */

/* The addresses are tried one after another, so all of them are awaited. */
static void
finish_lookup (QnetTunnel *self)
{
  GError *error;

  if (!qnet_connector_lookup_is_complete (self->lookup))
    return;

  error = qnet_connector_lookup_take_error (self->lookup);
  take_addresses (self);
  g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
  qnet_deadline_stop (&self->timeout);

  if (error != NULL)
    {
      fail (self, error);
      return;
    }

  if (take_next_target (self))
    begin_target (self);
  else
    fail (self, qnet_connector_lookup_new_no_address_error (self->host, self->protocol));
}

static void
tunnel_ready (QnetWatch     *watch,
              QnetReadiness  readiness)
{
  QnetTunnel *self = tunnel_ref (CONTAINER_OF (watch, QnetTunnel, watch));

  switch (self->step)
    {
    case QNET_TUNNEL_STEP_REFUSED:
      fail (self, g_steal_pointer (&self->error));
      break;

    case QNET_TUNNEL_STEP_LOOKUP:
      finish_lookup (self);
      break;

    case QNET_TUNNEL_STEP_NEGOTIATING:
    case QNET_TUNNEL_STEP_ASKING:
    case QNET_TUNNEL_STEP_ANSWERED:
      qnet_tunnel_handle_ready (self, readiness);
      break;

    case QNET_TUNNEL_STEP_NEW:
    case QNET_TUNNEL_STEP_CONNECTING:
    case QNET_TUNNEL_STEP_ENDED:
      break;
    }

  tunnel_unref (self);
}

static void
tunnel_orphaned (QnetWatch *watch)
{
  qnet_tunnel_stop (CONTAINER_OF (watch, QnetTunnel, watch));
}

static const QnetWatchFuncs tunnel_watch_funcs = {
  .ready    = tunnel_ready,
  .orphaned = tunnel_orphaned,
};

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetTunnel *self = CONTAINER_OF (deadline, QnetTunnel, timeout);

  if (self->step == QNET_TUNNEL_STEP_LOOKUP)
    {
      fail (self, qnet_connector_lookup_new_timeout_error (self->host, self->lookup_timeout));
      return;
    }

  qnet_proxy_dialogue_fail (self->dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT,
                            /* Translators: a number of seconds */
                            _("The proxy did not respond within %g s"),
                            self->connect_timeout / 1000.0);
  fail (self, g_error_copy (self->dialogue->error));
}

/* Interface */

static void
set_target (QnetTunnel              *self,
            const QnetTunnelRequest *request)
{
  if (request->address != NULL)
    self->address = qnet_host_address_ref (request->address);
  else
    self->address = qnet_host_name_to_address (request->host);

  if (self->address == NULL)
    self->host = g_strdup (request->host);
}

QnetTunnel *
qnet_tunnel_new (QnetWaitSet             *set,
                 const QnetTunnelFuncs   *funcs,
                 gpointer                 owner,
                 const QnetTunnelRequest *request)
{
  QnetTunnel *self = g_new0 (QnetTunnel, 1);

  self->ref_count = 1;
  self->funcs = funcs;
  self->owner = owner;
  self->error = request->refusal;
  self->proxy = request->proxy != NULL ? qnet_network_proxy_ref (request->proxy) : NULL;
  self->command = request->command;
  self->port = request->port;
  self->protocol = request->protocol;
  self->can_ask = request->can_ask && funcs->asked != NULL;
  self->fd = -1;
  self->bound_fd = request->bound_fd;
  self->is_bound = request->bound_fd != -1;
  self->lookup_timeout = request->lookup_timeout;
  self->connect_timeout = request->connect_timeout;
  self->attempt_delay = request->attempt_delay;
  set_target (self, request);

  qnet_watch_init (&self->watch, &tunnel_watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);

  return self;
}

/* failed() is called in the next iteration. */
static void
refuse (QnetTunnel *self)
{
  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_REFUSED);
  qnet_watch_defer (&self->watch);
}

static void
look_up (QnetTunnel *self)
{
  if (!qnet_host_question_check_name (self->host, &self->error))
    {
      refuse (self);
      return;
    }

  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_LOOKUP);

  if (self->lookup_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->lookup_timeout));

  self->lookup =
    qnet_connector_lookup_new (self->host, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, &self->watch);
}

void
qnet_tunnel_start (QnetTunnel *self)
{
  g_assert (self->step == QNET_TUNNEL_STEP_NEW);

  if (self->error == NULL && self->address != NULL && !is_usable (self, self->address))
    self->error = new_wrong_family_error (self);

  if (self->error != NULL)
    refuse (self);
  else if (needs_lookup (self))
    look_up (self);
  else if (qnet_tunnel_open_dialogue (self))
    qnet_tunnel_connect (self);
  else
    refuse (self);
}

QnetHostAddress *
qnet_tunnel_get_target (QnetTunnel *self)
{
  return self->address;
}

gboolean
qnet_tunnel_is_looking_up (QnetTunnel *self)
{
  return self->step == QNET_TUNNEL_STEP_LOOKUP
         || (self->step == QNET_TUNNEL_STEP_CONNECTING
             && qnet_connector_is_looking_up (self->connector));
}

void
qnet_tunnel_move (QnetTunnel  *self,
                  QnetWaitSet *set,
                  gpointer     owner)
{
  self->owner = owner;
  self->can_ask = FALSE;
  if (self->dialogue != NULL)
    self->dialogue->can_ask = FALSE;

  qnet_watch_move (&self->watch, set);
  qnet_deadline_move (&self->timeout, set);
  if (self->connector != NULL)
    qnet_connector_move (self->connector, set, self);
}

void
qnet_tunnel_free (QnetTunnel *self)
{
  qnet_tunnel_stop (self);
  tunnel_unref (self);
}
