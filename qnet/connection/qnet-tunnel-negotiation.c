/* qnet-tunnel-negotiation.c: the dialogue with a proxy, over the connection to it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <sys/uio.h>

#include "address/qnet-host-address-private.h"
#include "auth/qnet-authenticator-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-tunnel-parts-private.h"

#define PEEK_SIZE 4096

/* The request of ASSOCIATE does not name the peer but the address from which our datagrams will
 * come. It is not known behind a router, so it is all zeros (RFC 1928, section 6). */
gboolean
qnet_tunnel_open_dialogue (QnetTunnel *self)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  gboolean is_for_datagrams = self->command == QNET_PROXY_COMMAND_ASSOCIATE;
  const QnetProxyRequest request = {
    .command = self->command,
    .host    = self->host,
    .address = is_for_datagrams ? any : self->address,
    .port    = is_for_datagrams ? 0 : self->port,
    .can_ask = self->can_ask,
  };

  g_clear_pointer (&self->dialogue, qnet_proxy_dialogue_free);
  self->dialogue = qnet_proxy_dialogue_new (self->proxy, &request, &self->error);

  return self->dialogue != NULL;
}

/* Authentication */

static void
answered_cb (gpointer    asker,
             const char *user,
             const char *password)
{
  QnetTunnel *self = asker;

  self->authenticator = NULL;
  self->user = g_strdup (user);
  self->password = g_strdup (password);
  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_ANSWERED);
  qnet_watch_defer (&self->watch);
}

/* The timeout is stopped: the application may ask a person. */
static void
ask (QnetTunnel *self)
{
  QnetAuthenticator *authenticator = qnet_authenticator_new ();

  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_ASKING);
  qnet_deadline_stop (&self->timeout);
  self->authenticator = authenticator;
  qnet_authenticator_begin (authenticator, self->watch.set->reactor, self->dialogue->realm,
                            answered_cb, self);
  self->funcs->asked (self, self->owner, self->proxy, authenticator);
  qnet_authenticator_end (authenticator);
}

static void
continue_with_answer (QnetTunnel *self)
{
  g_autofree char *user = g_steal_pointer (&self->user);
  g_autofree char *password = g_steal_pointer (&self->password);

  qnet_tunnel_set_step (self, QNET_TUNNEL_STEP_NEGOTIATING);
  qnet_tunnel_start_timeout (self);
  qnet_proxy_dialogue_set_credentials (self->dialogue, user, password);
  qnet_tunnel_advance (self);
}

/* The outcome */

static gboolean
is_any (QnetHostAddress *address)
{
  return qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV4)
         || qnet_host_address_equal_special (address, QNET_SPECIAL_ADDRESS_ANY_IPV6);
}

/* What the proxy opens at 0.0.0.0 is at the address of the proxy. */
static QnetHostAddress *
get_bound_address (QnetTunnel *self)
{
  QnetHostAddress *bound = self->dialogue->bound_address;

  return bound != NULL && is_any (bound) ? self->proxy_address : bound;
}

/* The timeout is stopped: a peer may connect at any time. */
static void
report_bound (QnetTunnel *self)
{
  qnet_deadline_stop (&self->timeout);
  self->funcs->bound (self, self->owner, get_bound_address (self), self->dialogue->bound_port);
}

/* The address of an unknown peer is left open; a relay without an address is at that of the
 * proxy. */
static QnetHostAddress *
get_opened_address (QnetTunnel *self)
{
  if (self->command == QNET_PROXY_COMMAND_CONNECT)
    return self->address;

  if (self->command == QNET_PROXY_COMMAND_BIND)
    return self->dialogue->bound_address;

  return self->dialogue->bound_address != NULL ? get_bound_address (self) : self->proxy_address;
}

static void
report_opened (QnetTunnel *self)
{
  guint16 port = self->port;
  int fd = self->fd;

  if (self->command != QNET_PROXY_COMMAND_CONNECT)
    port = self->dialogue->bound_port;

  self->fd = -1;
  qnet_watch_stop (&self->watch);
  qnet_tunnel_stop (self);
  self->funcs->opened (self, self->owner, fd, get_opened_address (self), port);
}

/* The bytes of the dialogue */

/* The connection to the proxy has ended; @error_number is 0 if the proxy closed it. A dialogue that
 * waits for credentials, or that continues over a new connection anyway, does not fail. */
static void
handle_lost_connection (QnetTunnel *self,
                        int         error_number)
{
  QnetProxyDialogue *dialogue = self->dialogue;
  int code = qnet_socket_error_code_from_errno (error_number);

  if (dialogue->phase == QNET_PROXY_PHASE_FAILED || dialogue->phase == QNET_PROXY_PHASE_RECONNECT)
    return;

  if (dialogue->phase == QNET_PROXY_PHASE_CREDENTIALS
      || error_number == 0
      || (dialogue->phase != QNET_PROXY_PHASE_DONE && code == QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED))
    qnet_proxy_dialogue_end (dialogue);
  else
    qnet_proxy_dialogue_fail (dialogue, qnet_tunnel_get_proxy_code (code), "%s",
                              g_strerror (error_number));
}

/* Consumes bytes that were peeked at. Those that cannot be consumed would reach the application as
 * bytes of the peer, so the tunnel fails then. */
static void
consume (QnetTunnel *self,
         gsize       length)
{
  guint8 buffer[PEEK_SIZE];

  while (length > 0)
    {
      gssize size = qnet_sys_recv (self->fd, buffer, length);

      if (size <= 0)
        {
          handle_lost_connection (self, size < 0 ? errno : ECONNRESET);
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
    consume (self, qnet_proxy_dialogue_feed (self->dialogue, buffer, (gsize) size));
  else if (size == 0 || errno != EAGAIN)
    handle_lost_connection (self, size == 0 ? 0 : errno);

  return size > 0;
}

/* What the proxy answered before it closed the connection explains more than the failure to send.
 * DONE without the whole request sent is no success, however. */
static void
handle_send_failure (QnetTunnel *self,
                     int         error_number)
{
  while (self->dialogue->phase == QNET_PROXY_PHASE_ACTIVE && receive (self))
    ;

  if (self->dialogue->phase == QNET_PROXY_PHASE_ACTIVE
      || self->dialogue->phase == QNET_PROXY_PHASE_DONE)
    handle_lost_connection (self, error_number);
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
    handle_send_failure (self, errno);
}

static void
exchange (QnetTunnel *self)
{
  QnetReadiness interest = QNET_READINESS_READ;

  send_output (self);

  if (self->dialogue->phase != QNET_PROXY_PHASE_ACTIVE)
    {
      qnet_tunnel_advance (self);
      return;
    }

  if (self->dialogue->output->len > 0)
    interest |= QNET_READINESS_WRITE;

  qnet_watch_set_interest (&self->watch, interest);
}

void
qnet_tunnel_advance (QnetTunnel *self)
{
  switch (self->dialogue->phase)
    {
    case QNET_PROXY_PHASE_ACTIVE:
      exchange (self);
      break;

    case QNET_PROXY_PHASE_CREDENTIALS:
      ask (self);
      break;

    case QNET_PROXY_PHASE_RECONNECT:
      qnet_tunnel_disconnect (self);
      qnet_tunnel_connect (self);
      break;

    case QNET_PROXY_PHASE_BOUND:
      report_bound (self);
      break;

    case QNET_PROXY_PHASE_DONE:
      report_opened (self);
      break;

    case QNET_PROXY_PHASE_FAILED:
      qnet_tunnel_fail_target (self);
      break;
    }
}

/* Until the answer arrives, only the end of the connection is of interest. */
static void
receive_while_asking (QnetTunnel *self)
{
  qnet_watch_set_interest (&self->watch, QNET_READINESS_NONE);
  receive (self);
}

static void
negotiate (QnetTunnel    *self,
           QnetReadiness  readiness)
{
  QnetProxyPhase phase = self->dialogue->phase;

  if (readiness & (QNET_READINESS_READ | QNET_READINESS_HANGUP))
    receive (self);

  if (self->dialogue->phase != phase || phase == QNET_PROXY_PHASE_ACTIVE)
    qnet_tunnel_advance (self);
}

void
qnet_tunnel_handle_ready (QnetTunnel    *self,
                          QnetReadiness  readiness)
{
  if (self->step == QNET_TUNNEL_STEP_ANSWERED)
    continue_with_answer (self);
  else if (self->step == QNET_TUNNEL_STEP_ASKING)
    receive_while_asking (self);
  else
    negotiate (self, readiness);
}
