/* qnet-http-tunnel.c: HTTP CONNECT (RFC 9110, section 9.3.6; RFC 9112)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "auth/qnet-http-credentials-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-random-private.h"
#include "base/qnet-state-machine-private.h"
#include "proxy/qnet-proxy-dialogue-private.h"

#define MAX_HEAD (64 * 1024)  /* bytes of the header of a response, including interim responses */
#define MAX_BODY (64 * 1024)  /* bytes of a body that are skipped to reuse the connection */

typedef enum
{
  STATE_STATUS,  /* the status line of a response */
  STATE_FIELDS,
  STATE_BODY     /* of a 407 response, to be skipped */
} State;

typedef enum
{
  ENDING_UNKNOWN,     /* there is no length: the body ends with the connection */
  ENDING_BY_LENGTH,
  ENDING_UNREADABLE   /* chunked or contradictory: the connection is not reused */
} Ending;

typedef struct
{
  QnetProxyDialogue  parent;

  State              state;
  GByteArray        *line;                  /* (owned): the incomplete line */
  gsize              head_size;             /* of this response so far */

  int                status;
  gboolean           keeps_alive;           /* the connection remains open after this response */
  Ending             ending;
  guint64            body_left;             /* with ENDING_BY_LENGTH */
  GPtrArray         *challenges;            /* (owned) (element-type QnetHttpChallenge): of this
                                             * response */
  gboolean           had_digest;            /* the proxy offered Digest, now or before: Basic is not
                                             * used */

  QnetHttpChallenge *challenge;             /* (not owned) (nullable): the chosen challenge */
  GPtrArray         *offered;               /* (owned) (nullable): the challenges of which it is
                                             * one */
  gboolean           has_sent_credentials;  /* the credentials were sent */
  gboolean           was_stale;             /* the nonce was too old once */
  gboolean           is_reused;             /* a response was already received on the connection */
} HttpTunnel;

/* The states */

static const QnetEdges state_edges[] = {
  [STATE_STATUS] = QNET_TO (STATE_STATUS)    /* the request is sent, or sent again */
                   | QNET_TO (STATE_FIELDS),
  [STATE_FIELDS] = QNET_TO (STATE_STATUS)    /* the next response */
                   | QNET_TO (STATE_BODY),
  [STATE_BODY]   = QNET_TO (STATE_STATUS),
};

static const QnetEdges ending_edges[] = {
  [ENDING_UNKNOWN]    = QNET_TO (ENDING_UNKNOWN) | QNET_TO (ENDING_BY_LENGTH)
                        | QNET_TO (ENDING_UNREADABLE),
  [ENDING_BY_LENGTH]  = QNET_TO (ENDING_UNKNOWN) | QNET_TO (ENDING_UNREADABLE),
  [ENDING_UNREADABLE] = QNET_TO (ENDING_UNKNOWN) | QNET_TO (ENDING_UNREADABLE),
};

/* The only writer of the state. */
static void
set_state (HttpTunnel *self,
           State       state)
{
  QNET_CHECK_EDGE (state_edges, self->state, state);

  self->state = state;
}

/* The only writer of the ending. */
static void
set_ending (HttpTunnel *self,
            Ending      ending)
{
  QNET_CHECK_EDGE (ending_edges, self->ending, ending);

  self->ending = ending;
}

/* Failures */

static void
fail_protocol (HttpTunnel *self)
{
  qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                            _("The response of the proxy is not HTTP"));
}

/* The request */

static char *
make_authority (QnetProxyDialogue *dialogue)
{
  g_autofree char *text = NULL;

  if (dialogue->host != NULL)
    return g_strdup_printf ("%s:%u", dialogue->host, dialogue->port);

  text = qnet_host_address_to_string (dialogue->address);

  if (qnet_host_address_get_protocol (dialogue->address) == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    return g_strdup_printf ("[%s]:%u", text, dialogue->port);

  return g_strdup_printf ("%s:%u", text, dialogue->port);
}

/* Returns whether a header field is set by the tunnel itself. */
static gboolean
is_reserved_field (const char *name)
{
  const char *reserved[] = { "Host", "Proxy-Authorization", "Content-Length", "Transfer-Encoding" };

  for (gsize i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      if (g_ascii_strcasecmp (reserved[i], name) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
append_raw_headers (GString          *request,
                    QnetNetworkProxy *proxy)
{
  g_auto(GStrv) names = qnet_network_proxy_list_raw_headers (proxy);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!is_reserved_field (names[i]))
        g_string_append_printf (request, "%s: %s\r\n", names[i],
                                qnet_network_proxy_get_raw_header (proxy, names[i]));
    }
}

/* The client nonce has to be unpredictable, so that the proxy does not choose all of the hashed
 * text. */
static char *
make_cnonce (void)
{
  guint8 bytes[16];

  qnet_random_fill (bytes, sizeof bytes);

  return g_base64_encode (bytes, sizeof bytes);
}

/* Returns FALSE if the dialogue has failed, because the scheme cannot represent the user name. */
static gboolean
append_credentials (HttpTunnel *self,
                    GString    *request,
                    const char *authority)
{
  QnetProxyDialogue *dialogue = &self->parent;
  g_autofree char *cnonce = make_cnonce ();
  g_autofree char *credentials = NULL;

  credentials = qnet_http_credentials_make (self->challenge, dialogue->user, dialogue->password,
                                            "CONNECT", authority, cnonce);

  if (credentials == NULL)
    {
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                                _("The user name has characters that are not allowed in HTTP "
                                  "authentication"));
      return FALSE;
    }

  self->has_sent_credentials = TRUE;
  g_string_append_printf (request, "Proxy-Authorization: %s\r\n", credentials);

  return TRUE;
}

static void
expect_response (HttpTunnel *self)
{
  set_state (self, STATE_STATUS);
  self->keeps_alive = FALSE;
  set_ending (self, ENDING_UNKNOWN);
  g_byte_array_set_size (self->line, 0);
  g_ptr_array_set_size (self->challenges, 0);
}

static void
send_request (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  g_autofree char *authority = make_authority (dialogue);
  g_autoptr(GString) request = g_string_new (NULL);

  g_string_append_printf (request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", authority, authority);
  append_raw_headers (request, dialogue->proxy);

  if (self->challenge != NULL && !append_credentials (self, request, authority))
    return;

  g_string_append (request, "\r\n");
  qnet_proxy_dialogue_write (dialogue, request->str, request->len);

  self->head_size = 0;
  expect_response (self);
}

static void
begin (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  if (self->line == NULL)
    {
      self->line = g_byte_array_new ();
      self->challenges = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_http_challenge_free);
    }

  self->is_reused = FALSE;
  send_request (self);
}

/* 407: authentication */

static void
repeat_request (HttpTunnel *self)
{
  if (!self->keeps_alive)
    {
      qnet_proxy_dialogue_set_phase (&self->parent, QNET_PROXY_PHASE_RECONNECT);
      return;
    }

  self->is_reused = TRUE;
  send_request (self);
}

/* Called after the body of the response was skipped, or if it is not read. */
static void
respond_to_challenge (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  gboolean is_stale = qnet_http_credentials_is_stale (self->challenge) && !self->was_stale;

  if (*dialogue->user != '\0' && (!self->has_sent_credentials || is_stale))
    {
      self->was_stale = self->has_sent_credentials;
      repeat_request (self);
      return;
    }

  qnet_proxy_dialogue_request_credentials (dialogue);
}

static void
store_challenge (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;

  g_clear_pointer (&self->offered, g_ptr_array_unref);
  self->offered = self->challenges;
  self->challenges = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_http_challenge_free);

  g_free (dialogue->realm);
  dialogue->realm = g_strdup (qnet_http_challenge_get (self->challenge, "realm"));
}

static void
refuse_challenges (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  g_autofree char *names = qnet_http_credentials_describe (self->challenges);

  if (names == NULL)
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("The proxy requires authentication, but offers no valid "
                                "challenge"));
  else if (self->had_digest && qnet_http_credentials_offer (self->challenges, "basic"))
    /* Translators: %s is a list such as "Digest (SHA-512-256), Basic" */
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                              _("The Digest authentication that the proxy offers is not supported, "
                                "and Basic would send the password unencrypted (%s)"), names);
  else
    /* Translators: %s is a list such as "NTLM, Negotiate" */
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                              _("The proxy offers no supported authentication scheme (%s)"),
                              names);
}

/* If the body is too long or its end is unknown, the request is repeated over a new connection. */
static void
handle_challenge (HttpTunnel *self)
{
  self->had_digest = self->had_digest || qnet_http_credentials_offer (self->challenges, "digest");
  self->challenge = qnet_http_credentials_choose (self->challenges, !self->had_digest);

  if (self->challenge == NULL)
    {
      refuse_challenges (self);
      return;
    }

  store_challenge (self);

  if (self->ending != ENDING_BY_LENGTH || self->body_left > MAX_BODY)
    self->keeps_alive = FALSE;

  if (self->keeps_alive && self->body_left > 0)
    set_state (self, STATE_BODY);
  else
    respond_to_challenge (self);
}

static void
credentials_set (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  self->has_sent_credentials = FALSE;
  repeat_request (self);
}

/* tinyproxy responds with 401 instead of 407 to a wrong password. */
static void
handle_wrong_password (HttpTunnel *self)
{
  self->keeps_alive = FALSE;
  qnet_proxy_dialogue_request_credentials (&self->parent);
}

/* The response */

/* Other 4xx and 5xx codes are failures of the request, the proxy or the host; anything else is not
 * a response to CONNECT. */
static void
fail_with_other_status (HttpTunnel *self)
{
  if (self->status == 400 || self->status == 401)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("The proxy rejected the request (HTTP status %d)"), self->status);
  else if (self->status >= 400)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_NETWORK,
                              _("The proxy could not establish the connection (HTTP status %d)"),
                              self->status);
  else
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("The response of the proxy does not match the request "
                                "(HTTP status %d)"), self->status);
}

static void
fail_with_status (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;

  switch (self->status)
    {
    case 402:
    case 403:
    case 405:
    case 451:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                                _("The proxy does not allow the connection (HTTP status %d)"),
                                self->status);
      break;
    case 404:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                                _("The proxy did not find the host (HTTP status %d)"),
                                self->status);
      break;
    case 501:
    case 505:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                _("The proxy does not support the request (HTTP status %d)"),
                                self->status);
      break;
    case 503:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                                _("The host refused the connection from the proxy "
                                  "(HTTP status %d)"),
                                self->status);
      break;
    case 504:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("The host did not respond to the proxy (HTTP status %d)"),
                                self->status);
      break;
    default:
      fail_with_other_status (self);
    }
}

/* The tunnel begins right after the header of a successful response: a length in it is ignored. */
static void
end_head (HttpTunnel *self)
{
  if (self->status >= 200 && self->status < 300)
    qnet_proxy_dialogue_set_phase (&self->parent, QNET_PROXY_PHASE_DONE);
  else if (self->status == 407)
    handle_challenge (self);
  else if (self->status == 401 && self->has_sent_credentials)
    handle_wrong_password (self);
  else if (self->status >= 100 && self->status < 200 && self->status != 101)
    expect_response (self);
  else
    fail_with_status (self);
}

static gboolean
has_word (const char *value,
          const char *word)
{
  g_auto(GStrv) words = g_strsplit_set (value, ", \t", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (words[i], word) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
take_length (HttpTunnel *self,
             const char *value)
{
  guint64 length;

  if (self->ending != ENDING_UNKNOWN
      || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &length, NULL))
    {
      set_ending (self, ENDING_UNREADABLE);
      return;
    }

  set_ending (self, ENDING_BY_LENGTH);
  self->body_left = length;
}

static void
take_connection (HttpTunnel *self,
                 const char *value)
{
  if (has_word (value, "close"))
    self->keeps_alive = FALSE;
  else if (has_word (value, "keep-alive"))
    self->keeps_alive = TRUE;
}

/* A malformed field may have offered Digest. */
static void
take_challenges (HttpTunnel *self,
                 const char *value)
{
  g_autofree char *lower = NULL;

  if (qnet_http_challenges_parse (value, self->challenges))
    return;

  lower = g_ascii_strdown (value, -1);
  self->had_digest = self->had_digest || strstr (lower, "digest") != NULL;
}

static void
take_field (HttpTunnel *self,
            const char *name,
            const char *value)
{
  if (g_ascii_strcasecmp (name, "Proxy-Authenticate") == 0)
    take_challenges (self, value);
  else if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    take_length (self, value);
  else if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
    set_ending (self, ENDING_UNREADABLE);
  else if (g_ascii_strcasecmp (name, "Connection") == 0
           || g_ascii_strcasecmp (name, "Proxy-Connection") == 0)
    take_connection (self, value);
}

/* RFC 9112, section 5: no space before the colon, no folded lines */
static void
take_field_line (HttpTunnel *self,
                 char       *line)
{
  char *colon = strchr (line, ':');

  if (colon == NULL || colon == line || strcspn (line, " \t") < (gsize) (colon - line))
    {
      fail_protocol (self);
      return;
    }

  *colon = '\0';
  take_field (self, line, g_strstrip (colon + 1));
}

/* "HTTP/1.1 200 Connection established". Without a reason, the space before it may be missing. */
static void
take_status_line (HttpTunnel *self,
                  const char *line)
{
  gboolean is_http = g_str_has_prefix (line, "HTTP/1.")
                     && (line[7] == '0' || line[7] == '1')
                     && line[8] == ' '
                     && line[9] >= '1' && line[9] <= '5'
                     && g_ascii_isdigit (line[10])
                     && g_ascii_isdigit (line[11])
                     && (line[12] == ' ' || line[12] == '\0');

  if (!is_http)
    {
      fail_protocol (self);
      return;
    }

  self->keeps_alive = line[7] == '1';
  self->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  set_state (self, STATE_FIELDS);
}

/* @line is complete and without its line break. */
static void
take_line (HttpTunnel *self,
           char       *line)
{
  if (self->state == STATE_STATUS)
    take_status_line (self, line);
  else if (*line == '\0')
    end_head (self);
  else
    take_field_line (self, line);
}

/* NUL and carriage returns within a line are rejected: other software might parse such a response
 * differently. */
static void
end_line (HttpTunnel *self)
{
  GByteArray *line = self->line;
  g_autofree char *text = NULL;

  g_byte_array_set_size (line, line->len - 1);
  if (line->len > 0 && line->data[line->len - 1] == '\r')
    g_byte_array_set_size (line, line->len - 1);

  if (line->len > 0 && (memchr (line->data, '\0', line->len) != NULL
                        || memchr (line->data, '\r', line->len) != NULL))
    {
      fail_protocol (self);
      return;
    }

  text = g_strndup (line->len > 0 ? (const char *) line->data : "", line->len);
  g_byte_array_set_size (line, 0);
  take_line (self, text);
}

/* Rejects other protocols at the first byte, without waiting for the end of a line. */
static gboolean
begins_like_http (GByteArray *line)
{
  const char prefix[] = "HTTP/1.";

  return memcmp (line->data, prefix, MIN (line->len, strlen (prefix))) == 0;
}

static gsize
take_head (HttpTunnel   *self,
           const guint8 *data,
           gsize         length)
{
  const guint8 *newline = memchr (data, '\n', length);
  gsize taken = newline != NULL ? (gsize) (newline - data) + 1 : length;

  taken = MIN (taken, MAX_HEAD + 1 - self->head_size);
  g_byte_array_append (self->line, data, taken);
  self->head_size += taken;

  if (self->state == STATE_STATUS && !begins_like_http (self->line))
    fail_protocol (self);
  else if (self->head_size > MAX_HEAD)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("The response of the proxy is too long"));
  else if (data[taken - 1] == '\n')
    end_line (self);

  return taken;
}

static gsize
take_body (HttpTunnel *self,
           gsize       length)
{
  gsize taken = (gsize) MIN (self->body_left, length);

  self->body_left -= taken;
  if (self->body_left == 0)
    respond_to_challenge (self);

  return taken;
}

static gsize
take (QnetProxyDialogue *dialogue,
      const guint8      *data,
      gsize              length)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  if (self->state == STATE_BODY)
    return take_body (self, length);

  return take_head (self, data, length);
}

static void
closed (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  self->keeps_alive = FALSE;

  if (dialogue->phase == QNET_PROXY_PHASE_CREDENTIALS)
    return;

  if (self->state == STATE_BODY)
    respond_to_challenge (self);
  else if (self->head_size > 0)
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("The response of the proxy is incomplete"));
  else if (self->is_reused)
    qnet_proxy_dialogue_set_phase (dialogue, QNET_PROXY_PHASE_RECONNECT);  /* the proxy closed it
                                                                            * before it received the
                                                                            * second request */
  else
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED,
                              _("The proxy closed the connection"));
}

static void
clear (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  g_clear_pointer (&self->line, g_byte_array_unref);
  g_clear_pointer (&self->challenges, g_ptr_array_unref);
  g_clear_pointer (&self->offered, g_ptr_array_unref);
}

const QnetProxyDialogueFuncs qnet_http_tunnel_funcs = {
  .size     = sizeof (HttpTunnel),
  .begin    = begin,
  .take     = take,
  .closed    = closed,
  .credentials_set = credentials_set,
  .clear    = clear,
};
