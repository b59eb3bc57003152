/* qnet-tunnel.c: from a wish to a descriptor that a proxy has done it on
 *
 * A connector reaches the proxy, so its addresses race as any host's do; a dialogue says what is
 * to be said to it, and this is the descriptor between them. What a proxy sends is looked at
 * before it is taken, and taken as far as the dialogue goes: the peer's first bytes stay where
 * they are.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-tunnel-private.h"

#include <sys/uio.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "lookup/qnet-host-question-private.h"
#include "proxy/qnet-authenticator-private.h"
#include "socket/qnet-connector-private.h"
#include "socket/qnet-lookup-private.h"

#define PEEK_SIZE 4096

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

typedef enum
{
  STEP_NEW,       /* not started */
  STEP_REFUSED,   /* the error waits for the next turn */
  STEP_LOOKUP,    /* the proxy looks up no names, so we do */
  STEP_REACHING,  /* connecting to the proxy */
  STEP_TALKING,   /* the descriptor stands */
  STEP_ENDED      /* told, freed or orphaned: nothing follows */
} Step;

struct _QnetTunnel
{
  guint                     ref_count;  /* its owner's, and one for each of our callbacks */
  const QnetTunnelFuncs    *funcs;
  gpointer                  owner;
  Step                      step;

  QnetNetworkProxy         *proxy;      /* (owned) (nullable): NULL when refused; with the user that answered */
  QnetProxyCommand          command;
  char                     *host;       /* (owned) (nullable): a name; NULL for an address */
  QnetHostAddress          *address;    /* (owned) (nullable): instead of host, also one that was looked up */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;
  gboolean                  can_ask;
  int                       bound_fd;   /* (owned) until it is connected, or -1 */
  gboolean                  is_bound;   /* the descriptor was bound by our owner */
  int                       lookup_timeout;
  int                       connect_timeout;
  int                       attempt_delay;

  QnetWatch                 watch;      /* of the descriptor; its deferrals move the other steps on */
  QnetDeadline              timeout;    /* of the look-up, then of the dialogue */
  QnetLookup               *lookup;     /* (owned) (nullable): in LOOKUP */
  GPtrArray                *targets;    /* (owned) (nullable): QnetHostAddress, what the look-up found */
  guint                     next;       /* which of them is the next to try */
  QnetConnector            *connector;  /* (owned) (nullable): in REACHING */
  gboolean                  has_found;  /* found () was told */
  QnetProxyDialogue        *dialogue;   /* (owned) (nullable): from REACHING on */
  int                       fd;         /* (owned) in TALKING, or -1 */
  QnetHostAddress          *where;      /* (owned) (nullable): the proxy's address, from TALKING on */
  GError                   *error;      /* (owned) (nullable): REFUSED, or the first target's failure */

  QnetAuthenticator        *authenticator;  /* (not owned) (nullable): asked, and held for later */
  gboolean                  is_answered;
  char                     *user;           /* (owned) (nullable): the answer; NULL is none */
  char                     *password;       /* (owned) (nullable) */
};

/* Reference counts: the tunnel may be freed in each callback, and we look at it afterwards */

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
  g_clear_pointer (&self->where, qnet_host_address_unref);
  g_clear_pointer (&self->targets, g_ptr_array_unref);
  g_clear_pointer (&self->dialogue, qnet_proxy_dialogue_free);
  g_clear_error (&self->error);
  g_free (self->host);
  g_free (self->user);
  g_free (self->password);
  g_free (self);
}

/* The end */

/* Stops all, tells nobody. */
static void
end (QnetTunnel *self)
{
  gboolean is_forked = qnet_watch_is_forked (&self->watch);

  self->step = STEP_ENDED;

  qnet_deadline_stop (&self->timeout);
  qnet_watch_clear (&self->watch);
  g_clear_pointer (&self->connector, qnet_connector_free);
  g_clear_pointer (&self->lookup, qnet_lookup_cancel);
  g_clear_pointer (&self->authenticator, qnet_authenticator_forget);
  qnet_hang_up (&self->fd, is_forked);
  qnet_clear_fd (&self->bound_fd);
}

static gboolean
needs_lookup (QnetTunnel *self)
{
  QnetProxyCapabilities capabilities = qnet_network_proxy_get_capabilities (self->proxy);

  return self->host != NULL && (capabilities & QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP) == 0;
}

/* Where the proxy could not connect to the addresses that we have looked up, the host may have
 * moved. */
static void
forget_addresses (QnetTunnel *self)
{
  if (self->step == STEP_TALKING && needs_lookup (self))
    qnet_lookup_forget (self->host);
}

static void
fail (QnetTunnel *self,
      GError     *error)  /* (transfer full) */
{
  forget_addresses (self);
  end (self);
  self->funcs->failed (self, self->owner, error);
}

/* The look-up of the host, where the proxy does none */

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
new_no_address_error (const char               *host,
                      QnetNetworkLayerProtocol  protocol)
{
  GError *error = NULL;

  if (protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: it has no IPv4 address"), host);
  else if (protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: it has no IPv6 address"), host);
  else
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: it has no address that can be used"), host);

  return error;
}

static GError *
new_wrong_address_error (QnetTunnel *self)
{
  g_autofree char *target = qnet_host_address_to_display (self->address, self->port);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4
                    ? _("Could not connect to %s: IPv4 was asked for, and it is an IPv6 address")
                    : _("Could not connect to %s: IPv6 was asked for, and it is an IPv4 address"),
                  target);

  return error;
}

static void
take_addresses (QnetTunnel   *self,
                QnetHostInfo *info)
{
  GPtrArray *addresses = qnet_host_info_get_addresses (info);

  self->targets = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  for (guint i = 0; i < addresses->len; i++)
    {
      QnetHostAddress *address = g_ptr_array_index (addresses, i);

      if (is_usable (self, address))
        g_ptr_array_add (self->targets, qnet_host_address_ref (address));
    }
}

/* To the proxy */

static void reach_proxy (QnetTunnel *self);

static void
found_cb (QnetConnector *connector,
          gpointer       owner)
{
  QnetTunnel *self = owner;

  if (self->has_found || self->funcs->found == NULL)
    return;

  self->has_found = TRUE;
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

/* What befalls the proxy has codes of its own: the host was never asked. */
static QnetSocketError
get_code_of_proxy (int code)
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
not_reached_cb (QnetConnector *connector,
                gpointer       owner,
                GError        *error)
{
  QnetTunnel *self = owner;

  qnet_proxy_dialogue_fail_to_reach (self->dialogue, get_code_of_proxy (error->code), error->message);
  g_error_free (error);

  fail (self, g_error_copy (self->dialogue->error));
}

static void settle (QnetTunnel *self);

static void
start_timeout (QnetTunnel *self)
{
  if (self->connect_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->connect_timeout));
}

static void
reached_cb (QnetConnector   *connector,
            gpointer         owner,
            int              fd,
            QnetHostAddress *address)
{
  QnetTunnel *self = tunnel_ref (owner);

  g_clear_pointer (&self->connector, qnet_connector_free);
  g_clear_pointer (&self->where, qnet_host_address_unref);
  self->where = qnet_host_address_ref (address);
  self->fd = fd;
  self->step = STEP_TALKING;
  start_timeout (self);
  qnet_watch_start (&self->watch, fd, QNET_READINESS_READ);

  if (self->dialogue->phase == QNET_PROXY_PHASE_AGAIN)
    qnet_proxy_dialogue_restart (self->dialogue);

  settle (self);
  tunnel_unref (self);
}

static const QnetConnectorFuncs connector_funcs = {
  .found     = found_cb,
  .configure = configure_cb,
  .connected = reached_cb,
  .failed    = not_reached_cb,
};

static void
reach_proxy (QnetTunnel *self)
{
  g_autoptr(QnetHostAddress) literal = qnet_host_name_to_address (qnet_network_proxy_get_host (self->proxy));
  const QnetConnectorRequest request = {
    .host            = qnet_network_proxy_get_host (self->proxy),
    .address         = literal,
    .port            = qnet_network_proxy_get_port (self->proxy),
    .protocol        = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
    .type            = QNET_SOCKET_TYPE_TCP,
    .bound_fd        = self->bound_fd,
    .lookup_timeout  = self->lookup_timeout,
    .connect_timeout = self->connect_timeout,
    .attempt_delay   = self->attempt_delay,
  };

  self->step = STEP_REACHING;
  self->bound_fd = -1;
  self->connector = qnet_connector_new (self->watch.set, &connector_funcs, self, &request);
  qnet_connector_start (self->connector);
}

/* A bound descriptor is used again: dissolved, it keeps what it was bound to. */
static void
leave_proxy (QnetTunnel *self)
{
  const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

  qnet_deadline_stop (&self->timeout);
  qnet_watch_stop (&self->watch);

  if (!self->is_bound)
    {
      qnet_hang_up (&self->fd, FALSE);
      return;
    }

  qnet_sys_connect (self->fd, &nowhere, sizeof nowhere);
  self->bound_fd = self->fd;
  self->fd = -1;
}

/* The dialogue, about one target */

/* With ASSOCIATE it is not the peer that is told, but where our datagrams will come from, which
 * nobody knows who is behind a router (RFC 1928, section 6): zeros. */
static gboolean
open_dialogue (QnetTunnel *self)
{
  g_autoptr(QnetHostAddress) anywhere = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  gboolean is_for_datagrams = self->command == QNET_PROXY_COMMAND_ASSOCIATE;
  const QnetProxyWish wish = {
    .command = self->command,
    .host    = self->host,
    .address = is_for_datagrams ? anywhere : self->address,
    .port    = is_for_datagrams ? 0 : self->port,
    .can_ask = self->can_ask,
  };

  g_clear_pointer (&self->dialogue, qnet_proxy_dialogue_free);
  self->dialogue = qnet_proxy_dialogue_new (self->proxy, &wish, &self->error);

  return self->dialogue != NULL;
}

static gboolean
take_next_target (QnetTunnel *self)
{
  if (self->targets == NULL || self->next == self->targets->len)
    return FALSE;

  g_clear_pointer (&self->address, qnet_host_address_unref);
  self->address = qnet_host_address_ref (g_ptr_array_index (self->targets, self->next++));

  return TRUE;
}

/* Another address of the host may do better; another proxy error will not. */
static gboolean
is_about_target (int code)
{
  return code == QNET_SOCKET_ERROR_CONNECTION_REFUSED
         || code == QNET_SOCKET_ERROR_HOST_NOT_FOUND
         || code == QNET_SOCKET_ERROR_NETWORK
         || code == QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION;
}

/* With the user that the last dialogue ended with, so that nobody is asked twice. */
static void
try_next_target (QnetTunnel *self)
{
  QnetNetworkProxy *proxy = qnet_network_proxy_with_credentials (self->proxy,
                                                                 self->dialogue->user,
                                                                 self->dialogue->password);

  self->can_ask = self->dialogue->can_ask;
  qnet_network_proxy_unref (self->proxy);
  self->proxy = proxy;
  leave_proxy (self);

  if (open_dialogue (self))
    reach_proxy (self);
  else
    fail (self, g_steal_pointer (&self->error));
}

/* Of several targets the first one's failure is told. */
static void
fail_target (QnetTunnel *self)
{
  if (self->error == NULL)
    self->error = g_error_copy (self->dialogue->error);

  if (self->command == QNET_PROXY_COMMAND_CONNECT
      && is_about_target (self->dialogue->error->code) && take_next_target (self))
    {
      g_autoptr(GError) first = g_steal_pointer (&self->error);

      try_next_target (self);
      if (self->step != STEP_ENDED)
        self->error = g_steal_pointer (&first);
      return;
    }

  fail (self, g_steal_pointer (&self->error));
}

/* Who we are */

static void
answered_cb (gpointer    asker,
             const char *user,
             const char *password)
{
  QnetTunnel *self = asker;

  self->authenticator = NULL;
  self->is_answered = TRUE;
  self->user = g_strdup (user);
  self->password = g_strdup (password);
  qnet_watch_defer (&self->watch);
}

/* The limit stands still: it may be a person who is asked. */
static void
ask (QnetTunnel *self)
{
  QnetAuthenticator *authenticator = qnet_authenticator_new ();

  qnet_deadline_stop (&self->timeout);
  self->authenticator = authenticator;
  qnet_authenticator_begin (authenticator, self->dialogue->realm, answered_cb, self);
  self->funcs->asked (self, self->owner, self->proxy, authenticator);
  qnet_authenticator_end (authenticator);
}

static void
go_on_with_answer (QnetTunnel *self)
{
  g_autofree char *user = g_steal_pointer (&self->user);
  g_autofree char *password = g_steal_pointer (&self->password);

  self->is_answered = FALSE;
  start_timeout (self);
  qnet_proxy_dialogue_answer (self->dialogue, user, password);
  settle (self);
}

/* What the dialogue wants */

static gboolean
is_anywhere (QnetHostAddress *address)
{
  return qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV4)
         || qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6);
}

/* What the proxy opens at 0.0.0.0 is where the proxy itself is. */
static QnetHostAddress *
get_bound (QnetTunnel *self)
{
  QnetHostAddress *bound = self->dialogue->bound_address;

  return bound != NULL && is_anywhere (bound) ? self->where : bound;
}

static void
tell_bound (QnetTunnel *self)
{
  qnet_deadline_stop (&self->timeout);  /* somebody comes when somebody comes */
  self->funcs->bound (self, self->owner, get_bound (self), self->dialogue->bound_port);
}

/* Of who has come nothing is guessed; a relay that says no address is where the proxy is. */
static QnetHostAddress *
get_end (QnetTunnel *self)
{
  if (self->command == QNET_PROXY_COMMAND_CONNECT)
    return self->address;

  if (self->command == QNET_PROXY_COMMAND_BIND)
    return self->dialogue->bound_address;

  return self->dialogue->bound_address != NULL ? get_bound (self) : self->where;
}

static void
open_tunnel (QnetTunnel *self)
{
  guint16 port = self->port;
  int fd = self->fd;

  if (self->command != QNET_PROXY_COMMAND_CONNECT)
    port = self->dialogue->bound_port;

  self->fd = -1;
  qnet_watch_stop (&self->watch);
  end (self);
  self->funcs->opened (self, self->owner, fd, get_end (self), port);
}

/* The connection to the proxy is of no more use. While a user is asked, or when the dialogue is to go
 * on over another connection anyway, the next one will do. */
static void
lose_proxy (QnetTunnel *self,
            int         error_number)  /* 0: the proxy has closed it */
{
  QnetProxyDialogue *dialogue = self->dialogue;
  int code = qnet_socket_error_code_from_errno (error_number);

  if (dialogue->phase == QNET_PROXY_PHASE_FAILED || dialogue->phase == QNET_PROXY_PHASE_AGAIN)
    return;

  if (dialogue->phase == QNET_PROXY_PHASE_ASKING || error_number == 0
      || (dialogue->phase != QNET_PROXY_PHASE_DONE && code == QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED))
    qnet_proxy_dialogue_end (dialogue);
  else
    qnet_proxy_dialogue_fail (dialogue, get_code_of_proxy (code), "%s", g_strerror (error_number));
}

/* Takes what was looked at. What could not be taken would reach the application as if it was the
 * peer's, so there is no tunnel then. */
static void
discard (QnetTunnel *self,
         gsize       length)
{
  guint8 buffer[PEEK_SIZE];

  while (length > 0)
    {
      gssize size = qnet_sys_recv (self->fd, buffer, length);

      if (size <= 0)
        {
          lose_proxy (self, size < 0 ? errno : ECONNRESET);
          return;
        }

      length -= (gsize) size;
    }
}

/* Returns whether something was received. */
static gboolean
receive (QnetTunnel *self)
{
  guint8 buffer[PEEK_SIZE];
  gssize size = qnet_sys_recvfrom (self->fd, buffer, sizeof buffer, MSG_PEEK, NULL);

  if (size > 0)
    discard (self, qnet_proxy_dialogue_feed (self->dialogue, buffer, (gsize) size));
  else if (size == 0 || errno != EAGAIN)
    lose_proxy (self, size == 0 ? 0 : errno);

  return size > 0;
}

/* What the proxy has answered before it closed the connection says more than that it has; but there
 * is no tunnel where it has not been asked for one. */
static void
fail_to_send (QnetTunnel *self,
              int         error_number)
{
  while (self->dialogue->phase == QNET_PROXY_PHASE_TALKING && receive (self))
    ;

  if (self->dialogue->phase == QNET_PROXY_PHASE_TALKING || self->dialogue->phase == QNET_PROXY_PHASE_DONE)
    lose_proxy (self, error_number);
}

static void
send_output (QnetTunnel *self)
{
  GByteArray *output = self->dialogue->output;
  struct iovec vector = { .iov_base = output->data, .iov_len = output->len };
  gssize sent;

  if (output->len == 0)
    return;

  sent = qnet_sys_send (self->fd, &vector, 1);

  if (sent >= 0)
    qnet_proxy_dialogue_sent (self->dialogue, (gsize) sent);
  else if (errno != EAGAIN)
    fail_to_send (self, errno);
}

static void
talk (QnetTunnel *self)
{
  QnetReadiness interest = QNET_READINESS_READ;

  send_output (self);

  if (self->dialogue->phase != QNET_PROXY_PHASE_TALKING)
    {
      settle (self);
      return;
    }

  if (self->dialogue->output->len > 0)
    interest |= QNET_READINESS_WRITE;

  qnet_watch_set_interest (&self->watch, interest);
}

static void
settle (QnetTunnel *self)
{
  switch (self->dialogue->phase)
    {
    case QNET_PROXY_PHASE_TALKING:
      talk (self);
      break;

    case QNET_PROXY_PHASE_ASKING:
      ask (self);
      break;

    case QNET_PROXY_PHASE_AGAIN:
      leave_proxy (self);
      reach_proxy (self);
      break;

    case QNET_PROXY_PHASE_BOUND:
      tell_bound (self);
      break;

    case QNET_PROXY_PHASE_DONE:
      open_tunnel (self);
      break;

    case QNET_PROXY_PHASE_FAILED:
      fail_target (self);
      break;
    }
}

/* What the proxy says */

/* While somebody is asked only the proxy's going is of interest. */
static void
receive_while_asking (QnetTunnel *self)
{
  qnet_watch_set_interest (&self->watch, QNET_READINESS_NONE);
  receive (self);
}

static void
talk_on (QnetTunnel    *self,
         QnetReadiness  readiness)
{
  QnetProxyPhase phase = self->dialogue->phase;

  if (phase == QNET_PROXY_PHASE_ASKING && self->is_answered)
    go_on_with_answer (self);
  else if (phase == QNET_PROXY_PHASE_ASKING)
    receive_while_asking (self);
  else
    {
      if (readiness & (QNET_READINESS_READ | QNET_READINESS_HANGUP))
        receive (self);
      if (self->dialogue->phase != phase || phase == QNET_PROXY_PHASE_TALKING)
        settle (self);
    }
}

/* The steps, in the order in which they happen */

static void
finish_lookup (QnetTunnel *self)
{
  GError *error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_lookup_finish (g_steal_pointer (&self->lookup), &error);

  qnet_deadline_stop (&self->timeout);

  if (info != NULL)
    take_addresses (self, info);

  if (error != NULL)
    fail (self, error);
  else if (!take_next_target (self))
    fail (self, new_no_address_error (self->host, self->protocol));
  else if (open_dialogue (self))
    reach_proxy (self);
  else
    fail (self, g_steal_pointer (&self->error));
}

static void
tunnel_ready (QnetWatch     *watch,
              QnetReadiness  readiness)
{
  QnetTunnel *self = tunnel_ref (CONTAINER_OF (watch, QnetTunnel, watch));

  switch (self->step)
    {
    case STEP_REFUSED:
      fail (self, g_steal_pointer (&self->error));
      break;

    case STEP_LOOKUP:
      finish_lookup (self);
      break;

    case STEP_TALKING:
      talk_on (self, readiness);
      break;

    case STEP_NEW:
    case STEP_REACHING:
    case STEP_ENDED:
      break;
    }

  tunnel_unref (self);
}

static void
tunnel_orphaned (QnetWatch *watch)
{
  end (CONTAINER_OF (watch, QnetTunnel, watch));
}

static const QnetWatchFuncs tunnel_watch_funcs = {
  .ready    = tunnel_ready,
  .orphaned = tunnel_orphaned,
};

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetTunnel *self = CONTAINER_OF (deadline, QnetTunnel, timeout);
  GError *error = NULL;

  if (self->step == STEP_LOOKUP)
    {
      qnet_set_error (&error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      _("Could not find %s: the lookup took longer than %g s"),
                      self->host, self->lookup_timeout / 1000.0);
      fail (self, error);
      return;
    }

  qnet_proxy_dialogue_fail (self->dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT,
                            _("the proxy took longer than %g s"), self->connect_timeout / 1000.0);
  fail (self, g_error_copy (self->dialogue->error));
}

/* Interface */

static void
take_target (QnetTunnel              *self,
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
  take_target (self, request);

  qnet_watch_init (&self->watch, &tunnel_watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);

  return self;
}

/* What has to be refused is refused in the next turn: a failure is never told from here. */
static void
refuse (QnetTunnel *self)
{
  self->step = STEP_REFUSED;
  qnet_watch_defer (&self->watch);
}

static void
start_lookup (QnetTunnel *self)
{
  if (!qnet_host_question_check_name (self->host, &self->error))
    {
      refuse (self);
      return;
    }

  self->step = STEP_LOOKUP;

  if (self->lookup_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->lookup_timeout));

  self->lookup = qnet_lookup_new (self->host, &self->watch);
}

void
qnet_tunnel_start (QnetTunnel *self)
{
  g_assert (self->step == STEP_NEW);

  if (self->error == NULL && self->address != NULL && !is_usable (self, self->address))
    self->error = new_wrong_address_error (self);

  if (self->error != NULL)
    refuse (self);
  else if (needs_lookup (self))
    start_lookup (self);
  else if (open_dialogue (self))
    reach_proxy (self);
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
  return self->step == STEP_LOOKUP
         || (self->step == STEP_REACHING && qnet_connector_is_looking_up (self->connector));
}

void
qnet_tunnel_free (QnetTunnel *self)
{
  end (self);
  tunnel_unref (self);
}
