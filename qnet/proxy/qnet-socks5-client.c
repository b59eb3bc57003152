/* qnet-socks5-client.c: SOCKS5 from the client's side (RFC 1928, with the passwords of RFC 1929)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-proxy-dialogue-private.h"

#include <string.h>

#include "base/qnet-i18n-private.h"
#include "proxy/qnet-socks5-wire-private.h"

#define METHOD_NONE     0x00
#define METHOD_PASSWORD 0x02
#define METHOD_REFUSED  0xff

#define PASSWORD_VERSION 1
#define MAX_CREDENTIAL   255  /* bytes: each has a length of one byte */

#define REPLY_HEAD 3  /* VER, REP, RSV: the address follows */
#define REPLY_PEEK 5  /* with those, how long the address is, is known */

typedef enum
{
  STATE_METHOD,    /* we have offered methods */
  STATE_PASSWORD,  /* we have said who we are */
  STATE_REPLY,     /* we have said what we want */
  STATE_INCOMING   /* BIND: the second reply, when somebody has come */
} State;

typedef struct
{
  QnetProxyDialogue parent;

  State             state;
  gboolean          offers_password;  /* METHOD */
  guint8            answer[REPLY_HEAD + QNET_SOCKS5_MAX_ADDRESS];
  gsize             have;             /* bytes of answer */
  gsize             want;             /* bytes of answer until something is to be done */
} Socks5Client;

static void
expect (Socks5Client *self,
        State         state,
        gsize         size)
{
  self->state = state;
  self->have = 0;
  self->want = size;
}

static void
say_bytes (Socks5Client *self,
           const guint8 *bytes,
           gsize         length)
{
  qnet_proxy_dialogue_say (&self->parent, bytes, length);
}

/* What we say */

/* A method is offered when we could go through with it. */
static void
begin (QnetProxyDialogue *dialogue)
{
  Socks5Client *self = (Socks5Client *) dialogue;
  const guint8 open_alone[] = { QNET_SOCKS5_VERSION, 1, METHOD_NONE };
  const guint8 both[] = { QNET_SOCKS5_VERSION, 2, METHOD_NONE, METHOD_PASSWORD };

  self->offers_password = *dialogue->user != '\0' || dialogue->can_ask;

  if (self->offers_password)
    say_bytes (self, both, sizeof both);
  else
    say_bytes (self, open_alone, sizeof open_alone);

  expect (self, STATE_METHOD, 2);
}

static void
say_credential (Socks5Client *self,
                const char   *text)
{
  guint8 length = (guint8) strlen (text);

  say_bytes (self, &length, 1);
  say_bytes (self, (const guint8 *) text, length);
}

/* RFC 1929, section 2. An empty password is not foreseen there, and taken all the same by those who
 * have such users. */
static void
say_password (Socks5Client *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  const guint8 version = PASSWORD_VERSION;

  if (strlen (dialogue->user) > MAX_CREDENTIAL || strlen (dialogue->password) > MAX_CREDENTIAL)
    {
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                                _("the user or the password is too long for SOCKS5"));
      return;
    }

  say_bytes (self, &version, 1);
  say_credential (self, dialogue->user);
  say_credential (self, dialogue->password);
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
say_request (Socks5Client *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  const guint8 head[] = { QNET_SOCKS5_VERSION, get_command_code (dialogue->command), 0 };

  say_bytes (self, head, sizeof head);
  qnet_socks5_append_address (dialogue->output, dialogue->address, dialogue->host, dialogue->port);
  expect (self, STATE_REPLY, REPLY_PEEK);
}

static void
answered (QnetProxyDialogue *dialogue)
{
  Socks5Client *self = (Socks5Client *) dialogue;

  if (self->state == STATE_METHOD)
    say_password (self);
  else
    dialogue->phase = QNET_PROXY_PHASE_AGAIN;  /* one wrong password ends the connection */
}

/* What the proxy says */

static void
fail_protocol (Socks5Client *self)
{
  qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                            _("its answer is not SOCKS5"));
}

static void
take_method (Socks5Client *self)
{
  guint8 method = self->answer[1];

  if (method == METHOD_NONE)
    say_request (self);
  else if (method == METHOD_PASSWORD && self->offers_password && *self->parent.user != '\0')
    say_password (self);
  else if (method == METHOD_PASSWORD && self->offers_password)
    qnet_proxy_dialogue_ask (&self->parent);
  else if (method == METHOD_REFUSED)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                              self->offers_password ? _("it accepts no password")
                                                    : _("it wants a user and a password"));
  else
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                              _("it wants another kind of authentication than was offered"));
}

static void
take_verdict (Socks5Client *self)
{
  if (self->answer[1] == 0)
    say_request (self);
  else
    qnet_proxy_dialogue_ask (&self->parent);
}

static void
refuse (Socks5Client *self,
        guint8        reply)
{
  QnetProxyDialogue *dialogue = &self->parent;

  switch (reply)
    {
    case 1:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK, _("the proxy has failed"));
      break;
    case 2:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                                _("the proxy does not allow it"));
      break;
    case 3:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("the network cannot be reached from there"));
      break;
    case 4:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                                _("the host cannot be reached from there"));
      break;
    case 5:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                                _("the host has refused the connection"));
      break;
    case 6:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("the host is too many hops away"));
      break;
    case 7:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                _("the proxy does not support it"));
      break;
    case 8:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                _("the proxy does not support such addresses"));
      break;
    default:
      fail_protocol (self);
    }
}

static void
take_success (Socks5Client *self)
{
  QnetProxyDialogue *dialogue = &self->parent;

  g_clear_pointer (&dialogue->bound_address, qnet_host_address_unref);
  dialogue->bound_address = qnet_socks5_read_address (self->answer + REPLY_HEAD,
                                                      &dialogue->bound_port);

  if (self->state == STATE_REPLY && dialogue->command == QNET_PROXY_COMMAND_BIND)
    {
      dialogue->phase = QNET_PROXY_PHASE_BOUND;
      expect (self, STATE_INCOMING, REPLY_PEEK);
      return;
    }

  dialogue->phase = QNET_PROXY_PHASE_DONE;
}

static void
take_reply (Socks5Client *self)
{
  gsize size = qnet_socks5_address_size (self->answer + REPLY_HEAD);

  if (self->answer[2] != 0 || size == 0)
    fail_protocol (self);
  else if (self->have < REPLY_HEAD + size)
    self->want = REPLY_HEAD + size;
  else
    take_success (self);
}

static gboolean
is_reply (State state)
{
  return state == STATE_REPLY || state == STATE_INCOMING;
}

static guint8
get_expected_version (State state)
{
  return state == STATE_PASSWORD ? PASSWORD_VERSION : QNET_SOCKS5_VERSION;
}

/* All that is wanted of this answer is there. */
static void
take_answer (Socks5Client *self)
{
  switch (self->state)
    {
    case STATE_METHOD:
      take_method (self);
      break;

    case STATE_PASSWORD:
      take_verdict (self);
      break;

    case STATE_REPLY:
    case STATE_INCOMING:
      take_reply (self);
      break;
    }
}

/* Some proxies answer one of our lines as an HTTP server would, and some say no more than the code
 * of a refusal: neither is waited for any longer. */
static gsize
take (QnetProxyDialogue *dialogue,
      const guint8      *data,
      gsize              length)
{
  Socks5Client *self = (Socks5Client *) dialogue;
  gsize taken = MIN (length, self->want - self->have);

  memcpy (self->answer + self->have, data, taken);
  self->have += taken;

  if (self->answer[0] != get_expected_version (self->state))
    fail_protocol (self);
  else if (is_reply (self->state) && self->have >= 2 && self->answer[1] != 0)
    refuse (self, self->answer[1]);
  else if (self->have == self->want)
    take_answer (self);

  return taken;
}

/* While somebody is asked, or about to be, the next connection will do. */
static void
ended (QnetProxyDialogue *dialogue)
{
  Socks5Client *self = (Socks5Client *) dialogue;

  if (dialogue->phase == QNET_PROXY_PHASE_ASKING)
    self->state = STATE_PASSWORD;
  else if (self->have > 0)
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("its answer ends too early"));
  else
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED,
                              _("the proxy has closed the connection"));
}

static void
clear (QnetProxyDialogue *dialogue)
{
}

const QnetProxyDialogueFuncs qnet_socks5_client_funcs = {
  .size     = sizeof (Socks5Client),
  .begin    = begin,
  .take     = take,
  .ended    = ended,
  .answered = answered,
  .clear    = clear,
};
