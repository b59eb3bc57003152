/* qnet-socks5-client.c: the client side of SOCKS5 (RFC 1928, RFC 1929)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "proxy/qnet-proxy-dialogue-private.h"
#include "proxy/qnet-socks5-wire-private.h"

#define METHOD_NONE     0x00
#define METHOD_PASSWORD 0x02
#define METHOD_REFUSED  0xff

#define PASSWORD_VERSION 1
#define MAX_CREDENTIAL   255  /* bytes: each has a length of one byte */

#define REPLY_HEAD 3  /* VER, REP, RSV; the address follows */
#define REPLY_PEEK 5  /* the bytes that determine the size of the address */

typedef enum
{
  STATE_METHOD,    /* the methods were sent */
  STATE_PASSWORD,  /* the credentials were sent */
  STATE_REPLY,     /* the request was sent */
  STATE_INCOMING   /* BIND: waiting for the second reply, about the connection */
} State;

typedef struct
{
  QnetProxyDialogue parent;

  State             state;
  gboolean          offers_password;  /* in STATE_METHOD */
  guint8            reply[REPLY_HEAD + QNET_SOCKS5_MAX_ADDRESS];
  gsize             n_received;       /* bytes of reply that were received */
  gsize             n_needed;         /* bytes of reply that are needed for the next step */
} Socks5Client;

static const QnetEdges edges[] = {
  [STATE_METHOD]   = QNET_TO (STATE_METHOD)      /* the methods are sent */
                     | QNET_TO (STATE_PASSWORD)  /* ... or the proxy has closed the connection */
                     | QNET_TO (STATE_REPLY),
  [STATE_PASSWORD] = QNET_TO (STATE_METHOD)      /* over a new connection */
                     | QNET_TO (STATE_PASSWORD)  /* the proxy has closed the connection */
                     | QNET_TO (STATE_REPLY),
  [STATE_REPLY]    = QNET_TO (STATE_INCOMING),
  [STATE_INCOMING] = 0,
};

/* The only writer of the state. */
static void
set_state (Socks5Client *self,
           State         state)
{
  QNET_CHECK_EDGE (edges, self->state, state);

  self->state = state;
}

static void
expect (Socks5Client *self,
        State         state,
        gsize         size)
{
  set_state (self, state);
  self->n_received = 0;
  self->n_needed = size;
}

static void
write_bytes (Socks5Client *self,
             const guint8 *bytes,
             gsize         length)
{
  qnet_proxy_dialogue_write (&self->parent, bytes, length);
}

/* Requests */

/* Only methods that can be completed are offered. */
static void
begin (QnetProxyDialogue *dialogue)
{
  Socks5Client *self = (Socks5Client *) dialogue;
  const guint8 only_none[] = { QNET_SOCKS5_VERSION, 1, METHOD_NONE };
  const guint8 both[] = { QNET_SOCKS5_VERSION, 2, METHOD_NONE, METHOD_PASSWORD };

  self->offers_password = *dialogue->user != '\0' || dialogue->can_ask;

  if (self->offers_password)
    write_bytes (self, both, sizeof both);
  else
    write_bytes (self, only_none, sizeof only_none);

  expect (self, STATE_METHOD, 2);
}

static void
write_credential (Socks5Client *self,
                  const char   *text)
{
  guint8 length = (guint8) strlen (text);

  write_bytes (self, &length, 1);
  write_bytes (self, (const guint8 *) text, length);
}

/* RFC 1929, section 2. It does not allow empty passwords, but servers with such users accept
 * them. */
static void
send_credentials (Socks5Client *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  const guint8 version = PASSWORD_VERSION;

  if (strlen (dialogue->user) > MAX_CREDENTIAL || strlen (dialogue->password) > MAX_CREDENTIAL)
    {
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                                _("The user name or the password is too long for SOCKS5"));
      return;
    }

  write_bytes (self, &version, 1);
  write_credential (self, dialogue->user);
  write_credential (self, dialogue->password);
  expect (self, STATE_PASSWORD, 2);
}

static guint8
get_command_code (QnetProxyCommand command)
{
  switch (command)
    {
    case QNET_PROXY_COMMAND_CONNECT:
      return 1;
    case QNET_PROXY_COMMAND_BIND:
      return 2;
    case QNET_PROXY_COMMAND_ASSOCIATE:
      return 3;
    }

  g_assert_not_reached ();
}

static void
send_request (Socks5Client *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  const guint8 head[] = { QNET_SOCKS5_VERSION, get_command_code (dialogue->command), 0 };

  write_bytes (self, head, sizeof head);
  qnet_socks5_append_address (dialogue->output, dialogue->address, dialogue->host, dialogue->port);
  expect (self, STATE_REPLY, REPLY_PEEK);
}

static void
credentials_set (QnetProxyDialogue *dialogue)
{
  Socks5Client *self = (Socks5Client *) dialogue;

  if (self->state == STATE_METHOD)
    send_credentials (self);
  else
    qnet_proxy_dialogue_set_phase (dialogue, QNET_PROXY_PHASE_RECONNECT);  /* the proxy closes the
                                                                            * connection after a
                                                                            * wrong password */
}

/* Replies */

static void
fail_protocol (Socks5Client *self)
{
  qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                            _("The reply of the proxy is not SOCKS5"));
}

static void
handle_method (Socks5Client *self)
{
  guint8 method = self->reply[1];

  if (method == METHOD_NONE)
    send_request (self);
  else if (method == METHOD_PASSWORD && self->offers_password && *self->parent.user != '\0')
    send_credentials (self);
  else if (method == METHOD_PASSWORD && self->offers_password)
    qnet_proxy_dialogue_request_credentials (&self->parent);
  else if (method == METHOD_REFUSED)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                              self->offers_password
                                ? _("The proxy does not accept a user name and a password")
                                : _("The proxy requires a user name and a password"));
  else
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                              _("The proxy requires an authentication method that was not "
                                "offered"));
}

static void
handle_authentication (Socks5Client *self)
{
  if (self->reply[1] == 0)
    send_request (self);
  else
    qnet_proxy_dialogue_request_credentials (&self->parent);
}

static void
refuse (Socks5Client *self,
        guint8        reply)
{
  QnetProxyDialogue *dialogue = &self->parent;

  switch (reply)
    {
    case 1:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("The proxy reported a general failure"));
      break;
    case 2:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                                _("The proxy does not allow the connection"));
      break;
    case 3:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("The network cannot be reached from the proxy"));
      break;
    case 4:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                                _("The host cannot be reached from the proxy"));
      break;
    case 5:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                                _("The host refused the connection from the proxy"));
      break;
    case 6:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("The host is too many hops away from the proxy"));
      break;
    case 7:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                _("The proxy does not support the request"));
      break;
    case 8:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                _("The proxy does not support this type of address"));
      break;
    default:
      fail_protocol (self);
    }
}

static void
handle_success (Socks5Client *self)
{
  QnetProxyDialogue *dialogue = &self->parent;

  g_clear_pointer (&dialogue->bound_address, qnet_host_address_unref);
  dialogue->bound_address = qnet_socks5_read_address (self->reply + REPLY_HEAD,
                                                      &dialogue->bound_port);

  if (self->state == STATE_REPLY && dialogue->command == QNET_PROXY_COMMAND_BIND)
    {
      qnet_proxy_dialogue_set_phase (dialogue, QNET_PROXY_PHASE_BOUND);
      expect (self, STATE_INCOMING, REPLY_PEEK);
      return;
    }

  qnet_proxy_dialogue_set_phase (dialogue, QNET_PROXY_PHASE_DONE);
}

static void
handle_reply (Socks5Client *self)
{
  gsize size = qnet_socks5_address_size (self->reply + REPLY_HEAD);

  if (self->reply[2] != 0 || size == 0)
    fail_protocol (self);
  else if (self->n_received < REPLY_HEAD + size)
    self->n_needed = REPLY_HEAD + size;
  else
    handle_success (self);
}

static gboolean
is_request_reply (State state)
{
  return state == STATE_REPLY || state == STATE_INCOMING;
}

static guint8
get_expected_version (State state)
{
  return state == STATE_PASSWORD ? PASSWORD_VERSION : QNET_SOCKS5_VERSION;
}

/* All the bytes that are needed for the next step are there. */
static void
handle_input (Socks5Client *self)
{
  switch (self->state)
    {
    case STATE_METHOD:
      handle_method (self);
      break;

    case STATE_PASSWORD:
      handle_authentication (self);
      break;

    case STATE_REPLY:
    case STATE_INCOMING:
      handle_reply (self);
      break;
    }
}

/* Some proxies reply like an HTTP server, and some only send the first two bytes of a refusal. The
 * connection fails at once, without waiting for the rest. */
static gsize
take (QnetProxyDialogue *dialogue,
      const guint8      *data,
      gsize              length)
{
  Socks5Client *self = (Socks5Client *) dialogue;
  gsize taken = MIN (length, self->n_needed - self->n_received);

  memcpy (self->reply + self->n_received, data, taken);
  self->n_received += taken;

  if (self->reply[0] != get_expected_version (self->state))
    fail_protocol (self);
  else if (is_request_reply (self->state) && self->n_received >= 2 && self->reply[1] != 0)
    refuse (self, self->reply[1]);
  else if (self->n_received == self->n_needed)
    handle_input (self);

  return taken;
}

/* While the application is asked for credentials, a new connection can be used. */
static void
closed (QnetProxyDialogue *dialogue)
{
  Socks5Client *self = (Socks5Client *) dialogue;

  if (dialogue->phase == QNET_PROXY_PHASE_CREDENTIALS)
    set_state (self, STATE_PASSWORD);
  else if (self->n_received > 0)
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("The reply of the proxy is incomplete"));
  else
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED,
                              _("The proxy closed the connection"));
}

static void
clear (QnetProxyDialogue *dialogue)
{
}

const QnetProxyDialogueFuncs qnet_socks5_client_funcs = {
  .size     = sizeof (Socks5Client),
  .begin    = begin,
  .take     = take,
  .closed    = closed,
  .credentials_set = credentials_set,
  .clear    = clear,
};
