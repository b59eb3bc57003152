/* qnet-connector.c: name, addresses, race: one connection attempt from its start to a descriptor
 *
 * The race is RFC 8305's ("Happy Eyeballs"): the addresses are tried in an order in which the
 * families take turns; the next one joins when the last one has had its time, or as soon as one has
 * failed; the first to connect wins.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connector-private.h"

#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "lookup/qnet-host-question-private.h"
#include "socket/qnet-datagram-message-private.h"
#include "socket/qnet-lookup-private.h"

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

typedef enum
{
  STEP_NEW,         /* not started */
  STEP_LOOKUP,      /* waiting for the addresses of a name */
  STEP_FAILED,      /* inside start (), a literal or what is no name: the error waits for the next turn */
  STEP_FOUND,       /* a name: found () is being called */
  STEP_CONNECTING,  /* racing */
  STEP_ENDED        /* told, freed or orphaned: nothing follows */
} Step;

/* One address in the race. */
typedef struct
{
  QnetConnector   *connector;
  QnetHostAddress *address;  /* (owned) */
  int              fd;       /* owned, unless it is the bound one; -1 until it is made */
  QnetWatch        watch;
} Attempt;

struct _QnetConnector
{
  guint                     ref_count;  /* its owner's, and one for each of our callbacks */
  const QnetConnectorFuncs *funcs;
  gpointer                  owner;
  Step                      step;
  gboolean                  found_pending;  /* a literal: found () is to be called in the next turn */

  char                     *host;       /* (owned) (nullable): a name; NULL for a literal */
  QnetHostAddress          *literal;    /* (owned) (nullable): NULL for a name */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;
  QnetSocketType            type;
  int                       lookup_timeout;
  int                       connect_timeout;
  int                       attempt_delay;

  int                       bound_fd;         /* owned until it wins, or -1 */
  struct sockaddr_storage   bound_name;       /* where it is bound; AF_UNSPEC: unknown */
  socklen_t                 bound_size;       /* of bound_name */
  gboolean                  bound_speaks_v4;  /* an IPv6 descriptor that is dual stack */

  QnetWatch                 watch;      /* without a descriptor: its deferrals move the steps on */
  QnetDeadline              timeout;    /* of the look-up, then of the race */
  QnetDeadline              delay;      /* until the next address joins the race */

  QnetLookup               *lookup;     /* (owned) (nullable): in LOOKUP, for a name */
  GPtrArray                *addresses;  /* QnetHostAddress: in the order of the race */
  guint                     next;       /* which of them joins next */
  GPtrArray                *attempts;   /* Attempt: those that race */

  GError                   *error;      /* (owned) (nullable): what to say if nobody wins */
  gboolean                  error_is_telling;
};

/* Reference counts: the connector may be freed in each callback, and we look at it afterwards */

static QnetConnector *
connector_ref (QnetConnector *self)
{
  self->ref_count++;

  return self;
}

static void
connector_unref (QnetConnector *self)
{
  if (--self->ref_count > 0)
    return;

  g_free (self->host);
  g_clear_pointer (&self->literal, qnet_host_address_unref);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_ptr_array_unref (self->attempts);
  g_clear_error (&self->error);
  g_free (self);
}

/* The end */

/* Where no address of a name could be connected to, or was about to be, the host may have moved: the
 * next attempt looks its addresses up again. In the child of a fork another thread may have left the
 * cache locked. */
static void
forget_addresses (QnetConnector *self)
{
  if (self->step == STEP_CONNECTING && self->host != NULL && self->watch.set != NULL
      && !qnet_reactor_is_forked (self->watch.set->reactor))
    qnet_lookup_forget (self->host);
}

/* Stops all, tells nobody. */
static void
end (QnetConnector *self)
{
  forget_addresses (self);
  self->step = STEP_ENDED;

  qnet_deadline_stop (&self->timeout);
  qnet_deadline_stop (&self->delay);
  g_ptr_array_set_size (self->attempts, 0);
  qnet_watch_clear (&self->watch);
  qnet_clear_fd (&self->bound_fd);
  g_clear_pointer (&self->lookup, qnet_lookup_cancel);
}

static void
fail (QnetConnector *self,
      GError        *error)  /* (transfer full) */
{
  end (self);
  self->funcs->failed (self, self->owner, error);
}

static void
win (Attempt *attempt)
{
  QnetConnector *self = attempt->connector;
  g_autoptr(QnetHostAddress) address = qnet_host_address_ref (attempt->address);
  int fd = attempt->fd;

  qnet_watch_stop (&attempt->watch);
  attempt->fd = -1;
  if (fd == self->bound_fd)
    self->bound_fd = -1;

  self->step = STEP_ENDED;
  end (self);
  self->funcs->connected (self, self->owner, fd, address);
}

/* What went wrong */

/* "127.0.0.1 port 80", "example.org port 80 (127.0.0.1)"; @address: which of a name's, if any */
static char *
describe (QnetConnector   *self,
          QnetHostAddress *address)
{
  g_autofree char *text = NULL;

  if (self->literal != NULL)
    return qnet_host_address_to_display (self->literal, self->port);

  if (address == NULL)
    return g_strdup_printf (_("%s port %u"), self->host, self->port);

  text = qnet_host_address_to_string (address);

  /* Translators: a name, its port, and which address of that name it is about */
  return g_strdup_printf (_("%s port %u (%s)"), self->host, self->port, text);
}

/* Of several failures the first one is reported, since it is about the address that the resolver
 * thinks best. But a failure that only says that this machine has no way to such addresses (no IPv6
 * here, say) gives way to the first one that tells more. */
static void
note_failure (QnetConnector *self,
              GError        *error,  /* (transfer full) */
              gboolean       is_telling)
{
  if (self->error != NULL && (self->error_is_telling || !is_telling))
    {
      g_error_free (error);
      return;
    }

  g_clear_error (&self->error);
  self->error = error;
  self->error_is_telling = is_telling;
}

static gboolean
is_telling (int error_number)
{
  switch (error_number)
    {
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL:
    case ENETUNREACH:
    case EINVAL:  /* a link-local address without a scope */
      return FALSE;

    default:
      return TRUE;
    }
}

/* "Invalid argument" is what the system says of another host then; with IPv6 it may be the scope. */
static gboolean
is_bound_to_loopback (QnetConnector *self)
{
  g_autoptr(QnetHostAddress) address = NULL;
  guint16 port;

  if (self->bound_name.ss_family != AF_INET)
    return FALSE;

  address = qnet_host_address_take_native (&self->bound_name, FALSE, &port);

  return qnet_host_address_is_loopback (address);
}

static void
note_errno (QnetConnector   *self,
            QnetHostAddress *address,
            int              error_number)
{
  g_autofree char *target = describe (self, address);
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);
  GError *error = NULL;

  if (error_number == EINVAL && is_bound_to_loopback (self))
    qnet_set_error (&error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                    _("Could not connect to %s: the socket is bound to a loopback address"), target);
  else
    qnet_set_error_for_address (&error, error_number, address, what);
  note_failure (self, error, is_telling (error_number));
}

static void
note_gerror (QnetConnector   *self,
             QnetHostAddress *address,
             GError          *cause)  /* (transfer full) */
{
  g_autofree char *target = describe (self, address);
  GError *error = NULL;

  qnet_take_error_from_gerror (&error, cause, _("Could not connect to %s"), target);
  note_failure (self, error, TRUE);
}

static void
set_error_of_bound_family (QnetConnector  *self,
                           GError        **error,
                           const char     *target)
{
  int code = self->literal != NULL ? QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION : QNET_SOCKET_ERROR_HOST_NOT_FOUND;

  if (self->literal != NULL && self->bound_name.ss_family == AF_INET)
    qnet_set_error (error, code, _("Could not connect to %s: the socket is bound to an IPv4 address"), target);
  else if (self->literal != NULL)
    qnet_set_error (error, code, _("Could not connect to %s: the socket is bound to an IPv6 address"), target);
  else if (self->bound_name.ss_family == AF_INET)
    qnet_set_error (error, code,
                    _("Could not connect to %s: the socket is bound to an IPv4 address, and the host has none"), target);
  else
    qnet_set_error (error, code,
                    _("Could not connect to %s: the socket is bound to an IPv6 address, and the host has none"), target);
}

/* Whether it is neither the host nor the wanted protocol that is to blame, but the scope, or the bound descriptor. */
static gboolean
set_error_of_descriptor (QnetConnector  *self,
                         GError        **error)
{
  g_autofree char *target = describe (self, NULL);
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s"), target);
  struct sockaddr_storage native;

  if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4 || self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6
      || (self->literal != NULL && qnet_host_address_is_null (self->literal)))
    return FALSE;

  if (self->literal != NULL && qnet_host_address_to_native (self->literal, self->port, &native) == 0)
    qnet_set_error_for_address (error, EADDRNOTAVAIL, self->literal, what);
  else if (self->bound_name.ss_family != AF_UNSPEC)
    set_error_of_bound_family (self, error, target);
  else
    return FALSE;

  return TRUE;
}

/* What was given is an address itself. */
static GError *
new_unfit_literal_error (QnetConnector *self)
{
  g_autofree char *target = qnet_host_address_to_display (self->literal, self->port);
  GError *error = NULL;

  if (qnet_host_address_is_null (self->literal))
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to port %u: the address of the host is Null"), self->port);
  else if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to %s: it is not an IPv4 address"), target);
  else if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to %s: it is not an IPv6 address"), target);
  else
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not connect to %s: it is not the address of a host"), target);

  return error;
}

static GError *
new_no_address_error (QnetConnector *self)
{
  const char *host = self->host;
  GError *error = NULL;

  if (set_error_of_descriptor (self, &error))
    return error;

  if (self->literal != NULL)
    return new_unfit_literal_error (self);

  if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: it has no IPv4 address"), host);
  else if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: it has no IPv6 address"), host);
  else
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: it has no address that can be used"), host);

  return error;
}

static GError *
new_timeout_error (QnetConnector *self)
{
  g_autofree char *target = NULL;
  GError *error = NULL;

  if (self->step == STEP_LOOKUP)
    {
      qnet_set_error (&error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      _("Could not find %s: the lookup took longer than %g s"),
                      self->host, self->lookup_timeout / 1000.0);
      return error;
    }

  target = describe (self, NULL);
  qnet_set_error (&error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                  _("Could not connect to %s: it took longer than %g s"),
                  target, self->connect_timeout / 1000.0);
  return error;
}

/* Attempts */

static void attempt_ready (QnetWatch     *watch,
                           QnetReadiness  readiness);

static const QnetWatchFuncs attempt_watch_funcs = { .ready = attempt_ready };

static Attempt *
attempt_new (QnetConnector   *self,
             QnetHostAddress *address)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->connector = self;
  attempt->address = qnet_host_address_ref (address);
  attempt->fd = -1;
  qnet_watch_init (&attempt->watch, &attempt_watch_funcs, self->watch.set);

  return attempt;
}

static void
attempt_free (Attempt *attempt)
{
  gboolean is_forked = qnet_watch_is_forked (&attempt->watch);

  qnet_watch_clear (&attempt->watch);

  if (attempt->fd != attempt->connector->bound_fd)
    qnet_hang_up (&attempt->fd, is_forked);

  qnet_host_address_unref (attempt->address);
  g_free (attempt);
}

/* An IPv4 address as an IPv6 descriptor wants it. */
static socklen_t
map_to_ipv6 (struct sockaddr_storage *storage)
{
  struct sockaddr_in ipv4;
  struct sockaddr_in6 mapped = { .sin6_family = AF_INET6 };

  memcpy (&ipv4, storage, sizeof ipv4);
  mapped.sin6_port = ipv4.sin_port;
  memset (mapped.sin6_addr.s6_addr + 10, 0xff, 2);
  memcpy (mapped.sin6_addr.s6_addr + 12, &ipv4.sin_addr, sizeof ipv4.sin_addr);
  memcpy (storage, &mapped, sizeof mapped);

  return sizeof mapped;
}

/* 0: no descriptor of ours can connect to that. */
static socklen_t
to_native (QnetConnector           *self,
           QnetHostAddress         *address,
           struct sockaddr_storage *storage)
{
  socklen_t size = qnet_host_address_to_native (address, self->port, storage);

  if (size == 0
      || self->bound_name.ss_family == AF_UNSPEC
      || self->bound_name.ss_family == storage->ss_family)
    return size;

  /* v4-mapped, it is an IPv4 address, too. */
  if (self->bound_name.ss_family == AF_INET)
    return qnet_message_to_native (address, self->port, AF_INET, storage);

  return self->bound_speaks_v4 ? map_to_ipv6 (storage) : 0;
}

static int
make_descriptor (QnetConnector *self,
                 int            family)
{
  if (self->type == QNET_SOCKET_TYPE_UDP)
    return qnet_sys_socket (family, SOCK_DGRAM, IPPROTO_UDP);

  return qnet_sys_socket (family, SOCK_STREAM, IPPROTO_TCP);
}

/* After a failed connect() Linux wants the association to be dissolved before the next, and lets go
 * of a port that it has chosen itself. EINVAL: it has kept the port. Systems on which a descriptor
 * is spent by the first failure say so in the connect() that follows. */
static int
reset_bound_descriptor (QnetConnector *self)
{
  const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

  qnet_sys_connect (self->bound_fd, &nowhere, sizeof nowhere);

  if (qnet_sys_bind (self->bound_fd, (struct sockaddr *) &self->bound_name, self->bound_size) < 0
      && errno != EINVAL)
    return errno;

  return 0;
}

static gboolean
open_bound_attempt (QnetConnector   *self,
                    Attempt         *attempt,
                    QnetHostAddress *address)
{
  gboolean is_first = self->next == 1;
  int error_number = is_first ? 0 : reset_bound_descriptor (self);

  attempt->fd = self->bound_fd;

  if (error_number != 0)
    note_errno (self, address, error_number);

  return error_number == 0;
}

/* FALSE also when the connector has ended in configure (): then @attempt has gone. */
static gboolean
open_attempt (QnetConnector   *self,
              Attempt         *attempt,
              QnetHostAddress *address,
              int              family)
{
  GError *error = NULL;

  if (self->bound_fd != -1)
    return open_bound_attempt (self, attempt, address);

  attempt->fd = make_descriptor (self, family);

  if (attempt->fd < 0)
    note_errno (self, address, errno);
  else if (self->funcs->configure == NULL
           || self->funcs->configure (self, self->owner, attempt->fd, family, &error))
    return self->step == STEP_CONNECTING;
  else
    note_gerror (self, address, error);

  return FALSE;
}

/* A connect() that succeeds at once is told by the reactor as any other: there is room to send. */
static gboolean
begin_attempt (QnetConnector   *self,
               Attempt         *attempt,
               QnetHostAddress *address)
{
  struct sockaddr_storage native;
  socklen_t size = to_native (self, address, &native);

  if (!open_attempt (self, attempt, address, native.ss_family))
    return FALSE;

  if (qnet_sys_connect (attempt->fd, (struct sockaddr *) &native, size) < 0 && errno != EINPROGRESS)
    {
      note_errno (self, address, errno);
      return FALSE;
    }

  qnet_watch_start (&attempt->watch, attempt->fd, QNET_READINESS_WRITE);
  return TRUE;
}

static gboolean
start_attempt (QnetConnector   *self,
               QnetHostAddress *address)
{
  Attempt *attempt = attempt_new (self, address);

  g_ptr_array_add (self->attempts, attempt);

  if (begin_attempt (self, attempt, address))
    return TRUE;

  g_ptr_array_remove_fast (self->attempts, attempt);  /* no longer in there, if we have ended */
  return FALSE;
}

/* Nothing is called back from within start (). */
static void
fail_race (QnetConnector *self)
{
  if (self->found_pending)
    self->step = STEP_FAILED;
  else
    fail (self, g_steal_pointer (&self->error));
}

/* Those that fail at once do not keep the next one waiting. */
static void
start_next_attempt (QnetConnector *self)
{
  while (self->step == STEP_CONNECTING && self->next < self->addresses->len)
    {
      if (start_attempt (self, g_ptr_array_index (self->addresses, self->next++)))
        break;
    }

  if (self->step != STEP_CONNECTING)
    return;

  if (self->attempts->len == 0)
    fail_race (self);
  else if (self->next < self->addresses->len && self->bound_fd == -1)
    qnet_deadline_start (&self->delay, qnet_clock_until (self->attempt_delay));
}

static int
take_socket_error (int fd)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &size) < 0)
    return errno;

  return error_number;
}

/* A literal is dialled before found () is called, which then comes before all else. Whoever waits for the connection in there, or
 * runs a loop, may bring the race to its end: FALSE. */
static gboolean
call_found_first (QnetConnector *self)
{
  Step step = self->step;

  if (!self->found_pending)
    return TRUE;

  self->found_pending = FALSE;
  self->funcs->found (self, self->owner);

  return self->step == step;
}

static void
finish_attempt (QnetConnector *self,
                Attempt       *attempt)
{
  int error_number = take_socket_error (attempt->fd);

  if (error_number == 0)
    {
      win (attempt);
      return;
    }

  note_errno (self, attempt->address, error_number);
  g_ptr_array_remove_fast (self->attempts, attempt);
  start_next_attempt (self);
}

static void
attempt_ready (QnetWatch     *watch,
               QnetReadiness  readiness)
{
  Attempt *attempt = CONTAINER_OF (watch, Attempt, watch);
  QnetConnector *self = connector_ref (attempt->connector);

  if (call_found_first (self))
    finish_attempt (self, attempt);

  connector_unref (self);
}

static void
delay_cb (QnetDeadline *deadline)
{
  QnetConnector *self = connector_ref (CONTAINER_OF (deadline, QnetConnector, delay));

  start_next_attempt (self);
  connector_unref (self);
}

/* The addresses */

static gboolean
is_ipv6 (QnetHostAddress *address)
{
  return qnet_host_address_get_protocol (address) != QNET_NETWORK_LAYER_PROTOCOL_IPV4;
}

static gboolean
is_usable (QnetConnector   *self,
           QnetHostAddress *address)
{
  struct sockaddr_storage native;

  if ((self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4
       || self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
      && qnet_host_address_get_protocol (address) != self->protocol)
    return FALSE;

  return to_native (self, address, &native) != 0;
}

/* A descriptor that cannot be asked is left to connect(), which says why. */
static void
look_at_bound_descriptor (QnetConnector *self)
{
  int is_v6_only = TRUE;
  socklen_t size = sizeof is_v6_only;

  self->bound_size = sizeof self->bound_name;

  if (self->bound_fd == -1
      || getsockname (self->bound_fd, (struct sockaddr *) &self->bound_name, &self->bound_size) < 0)
    return;

  if (self->bound_name.ss_family == AF_INET6)
    qnet_sys_getsockopt (self->bound_fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_v6_only, &size);

  self->bound_speaks_v4 = !is_v6_only;
}

static QnetHostAddress *
take_next_of_family (GPtrArray *addresses,
                     gboolean   of_ipv6,
                     guint     *next)
{
  while (*next < addresses->len)
    {
      QnetHostAddress *address = g_ptr_array_index (addresses, (*next)++);

      if (is_ipv6 (address) == of_ipv6)
        return address;
    }

  return NULL;
}

/* RFC 8305, section 4: the families take turns, and that of the resolver's first address begins. */
static GPtrArray *
interleave (GPtrArray *addresses)
{
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);
  gboolean of_ipv6 = addresses->len > 0 && is_ipv6 (g_ptr_array_index (addresses, 0));
  guint next[2] = { 0, 0 };  /* for IPv4, for IPv6 */

  for (; result->len < addresses->len; of_ipv6 = !of_ipv6)
    {
      QnetHostAddress *address = take_next_of_family (addresses, of_ipv6, &next[of_ipv6]);

      if (address != NULL)
        g_ptr_array_add (result, qnet_host_address_ref (address));
    }

  return result;
}

static GPtrArray *
choose_addresses (QnetConnector *self,
                  QnetHostInfo  *info)  /* (nullable): NULL for a literal */
{
  g_autoptr(GPtrArray) usable = g_ptr_array_new ();
  GPtrArray *found;

  look_at_bound_descriptor (self);

  if (self->literal != NULL && is_usable (self, self->literal))
    g_ptr_array_add (usable, self->literal);

  found = info != NULL ? qnet_host_info_get_addresses (info) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      if (is_usable (self, g_ptr_array_index (found, i)))
        g_ptr_array_add (usable, g_ptr_array_index (found, i));
    }

  return interleave (usable);
}

/* The steps, in the order in which they happen */

static void
begin_connecting (QnetConnector *self)
{
  self->step = STEP_CONNECTING;

  if (self->connect_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->connect_timeout));

  start_next_attempt (self);
}

/* Who waits for the connection in found (), or runs a loop there, comes by in connector_ready(). */
static void
tell_found (QnetConnector *self)
{
  self->step = STEP_FOUND;
  qnet_watch_defer (&self->watch);

  self->funcs->found (self, self->owner);

  if (self->step != STEP_FOUND)
    return;

  qnet_watch_stop (&self->watch);
  begin_connecting (self);
}

static void
finish_lookup (QnetConnector *self)
{
  g_autoptr(QnetHostInfo) info = NULL;
  GError *error = NULL;

  qnet_deadline_stop (&self->timeout);

  if (self->lookup != NULL)
    info = qnet_lookup_finish (g_steal_pointer (&self->lookup), &error);

  if (error == NULL)
    self->addresses = choose_addresses (self, info);

  if (error != NULL)
    fail (self, error);  /* the lookup's own text names host and reason */
  else if (self->addresses->len == 0)
    fail (self, new_no_address_error (self));
  else
    tell_found (self);
}

static void
connector_ready (QnetWatch     *watch,
                 QnetReadiness  readiness)
{
  QnetConnector *self = connector_ref (CONTAINER_OF (watch, QnetConnector, watch));

  switch (self->step)
    {
    case STEP_LOOKUP:
      finish_lookup (self);
      break;

    case STEP_FAILED:
      if (call_found_first (self))
        fail (self, g_steal_pointer (&self->error));
      break;

    case STEP_FOUND:
      begin_connecting (self);
      break;

    case STEP_CONNECTING:
      (void) call_found_first (self);
      break;

    case STEP_NEW:
    case STEP_ENDED:
      break;
    }

  connector_unref (self);
}

static void
connector_orphaned (QnetWatch *watch)
{
  end (CONTAINER_OF (watch, QnetConnector, watch));
}

static const QnetWatchFuncs connector_watch_funcs = {
  .ready = connector_ready,
  .orphaned = connector_orphaned,
};

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetConnector *self = CONTAINER_OF (deadline, QnetConnector, timeout);

  fail (self, new_timeout_error (self));
}

/* Interface */

QnetConnector *
qnet_connector_new (QnetWaitSet                *set,
                    const QnetConnectorFuncs   *funcs,
                    gpointer                    owner,
                    const QnetConnectorRequest *request)
{
  QnetConnector *self = g_new0 (QnetConnector, 1);

  self->ref_count = 1;
  self->funcs = funcs;
  self->owner = owner;
  self->port = request->port;
  self->protocol = request->protocol;
  self->type = request->type;
  self->bound_fd = request->bound_fd;
  self->bound_name.ss_family = AF_UNSPEC;
  self->lookup_timeout = request->lookup_timeout;
  self->connect_timeout = request->connect_timeout;
  self->attempt_delay = request->attempt_delay;
  self->attempts = g_ptr_array_new_with_free_func ((GDestroyNotify) attempt_free);

  if (request->address != NULL)
    self->literal = qnet_host_address_ref (request->address);
  else
    self->literal = qnet_host_name_to_address (request->host);

  if (self->literal == NULL)
    self->host = g_strdup (request->host);

  qnet_watch_init (&self->watch, &connector_watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);
  qnet_deadline_init (&self->delay, delay_cb, set);

  return self;
}

/* connect() is made here, so that whoever waits at the other end, in this same thread, need not wait for our loop. What comes of it is
 * reported in the next turn. */
static void
dial_literal (QnetConnector *self)
{
  qnet_watch_defer (&self->watch);
  self->addresses = choose_addresses (self, NULL);
  self->found_pending = self->addresses->len > 0;

  if (self->found_pending)
    begin_connecting (self);
  else
    {
      self->step = STEP_FAILED;
      self->error = new_no_address_error (self);
    }
}

/* Nothing is looked up for what cannot be a name. */
static void
look_up (QnetConnector *self)
{
  if (!qnet_host_question_check_name (self->host, &self->error))
    {
      self->step = STEP_FAILED;
      qnet_watch_defer (&self->watch);
      return;
    }

  self->step = STEP_LOOKUP;

  if (self->lookup_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->lookup_timeout));

  self->lookup = qnet_lookup_new (self->host, &self->watch);
}

void
qnet_connector_start (QnetConnector *self)
{
  g_assert (self->step == STEP_NEW);

  connector_ref (self);

  if (self->literal != NULL)
    dial_literal (self);
  else
    look_up (self);

  connector_unref (self);
}

gboolean
qnet_connector_is_looking_up (QnetConnector *self)
{
  return self->step == STEP_LOOKUP;
}

void
qnet_connector_free (QnetConnector *self)
{
  end (self);
  connector_unref (self);
}
