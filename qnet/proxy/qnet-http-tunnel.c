/* qnet-http-tunnel.c: a tunnel through an HTTP proxy (RFC 9110, section 9.3.6; RFC 9112)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-proxy-dialogue-private.h"

#include <string.h>
#include <sys/random.h>

#include "base/qnet-i18n-private.h"
#include "proxy/qnet-http-credentials-private.h"

#define MAX_HEAD (64 * 1024)  /* bytes of an answer's head, interim answers included */
#define MAX_BODY (64 * 1024)  /* bytes of a body that are worth reading, to keep the connection */

typedef enum
{
  STATE_STATUS,  /* the first line of an answer */
  STATE_FIELDS,
  STATE_BODY     /* of a 407, to be read past */
} State;

typedef enum
{
  ENDING_UNKNOWN,     /* nothing is said of the body's length: the connection ends with it */
  ENDING_BY_LENGTH,
  ENDING_UNREADABLE   /* chunked, or contradictory: not worth the trouble */
} Ending;

typedef struct
{
  QnetProxyDialogue  parent;

  State              state;
  GByteArray        *line;         /* (owned): what has come of it */
  gsize              head_size;    /* of this answer so far */

  int                status;
  gboolean           keeps;        /* the connection lives on after this answer */
  Ending             ending;
  guint64            body_left;    /* ENDING_BY_LENGTH */
  GPtrArray         *challenges;   /* (owned): QnetHttpChallenge of this answer */
  gboolean           had_digest;   /* the proxy has offered Digest, now or before: no Basic any more */

  QnetHttpChallenge *challenge;    /* (not owned) (nullable): the one to answer */
  GPtrArray         *answered_to;  /* (owned) (nullable): who owns it */
  gboolean           has_tried;    /* user and password have been said */
  gboolean           was_stale;    /* and the nonce was too old, once */
  gboolean           is_reused;    /* the connection has brought an answer already */
} HttpTunnel;

static void
fail_protocol (HttpTunnel *self)
{
  qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                            _("its answer is not HTTP"));
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

/* Which makes the request what it is, and so is ours. */
static gboolean
is_our_field (const char *name)
{
  const char *ours[] = { "Host", "Proxy-Authorization", "Content-Length", "Transfer-Encoding" };

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    {
      if (g_ascii_strcasecmp (ours[i], name) == 0)
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
      if (!is_our_field (names[i]))
        g_string_append_printf (request, "%s: %s\r\n", names[i],
                                qnet_network_proxy_get_raw_header (proxy, names[i]));
    }
}

/* It keeps a proxy from choosing all that is hashed, so it has to be unknown to it beforehand. */
static char *
make_cnonce (void)
{
  guint8 bytes[16];

  if (getentropy (bytes, sizeof bytes) != 0)
    {
      for (gsize i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8) g_random_int ();
    }

  return g_base64_encode (bytes, sizeof bytes);
}

/* FALSE, and the dialogue has failed, when they cannot be said in this way. */
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
                                _("HTTP has no way to say such a user"));
      return FALSE;
    }

  self->has_tried = TRUE;
  g_string_append_printf (request, "Proxy-Authorization: %s\r\n", credentials);

  return TRUE;
}

static void
expect_answer (HttpTunnel *self)
{
  self->state = STATE_STATUS;
  self->keeps = FALSE;
  self->ending = ENDING_UNKNOWN;
  g_byte_array_set_size (self->line, 0);
  g_ptr_array_set_size (self->challenges, 0);
}

static void
say_request (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  g_autofree char *authority = make_authority (dialogue);
  g_autoptr(GString) request = g_string_new (NULL);

  g_string_append_printf (request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", authority, authority);
  append_raw_headers (request, dialogue->proxy);

  if (self->challenge != NULL && !append_credentials (self, request, authority))
    return;

  g_string_append (request, "\r\n");
  qnet_proxy_dialogue_say (dialogue, request->str, request->len);

  self->head_size = 0;
  expect_answer (self);
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
  say_request (self);
}

/* 407: who we are */

static void
repeat (HttpTunnel *self)
{
  if (!self->keeps)
    {
      self->parent.phase = QNET_PROXY_PHASE_AGAIN;
      return;
    }

  self->is_reused = TRUE;
  say_request (self);
}

/* Its body has been read, or will not be. */
static void
answer_challenge (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  gboolean is_stale = qnet_http_credentials_is_stale (self->challenge) && !self->was_stale;

  if (*dialogue->user != '\0' && (!self->has_tried || is_stale))
    {
      self->was_stale = self->has_tried;
      repeat (self);
      return;
    }

  qnet_proxy_dialogue_ask (dialogue);
}

static void
keep_challenge (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;

  g_clear_pointer (&self->answered_to, g_ptr_array_unref);
  self->answered_to = self->challenges;
  self->challenges = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_http_challenge_free);

  g_free (dialogue->realm);
  dialogue->realm = g_strdup (qnet_http_challenge_get (self->challenge, "realm"));
}

static void
refuse_challenges (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;
  g_autofree char *offered = qnet_http_credentials_describe (self->challenges);

  if (offered == NULL)
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("it wants a user and a password, but does not say in which way"));
  else if (self->had_digest && qnet_http_credentials_offer (self->challenges, "basic"))
    /* Translators: a list such as "Digest (SHA-512-256), Basic" */
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                              _("the Digest that it offers is not supported, and Basic would send "
                                "the password unencrypted (%s)"), offered);
  else
    /* Translators: a list such as "NTLM, Negotiate" */
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED,
                              _("none of the kinds of authentication that it offers is supported (%s)"),
                              offered);
}

/* With a body that is too long, or has an unknown end, a new connection is the shorter way. */
static void
take_challenge (HttpTunnel *self)
{
  self->had_digest = self->had_digest || qnet_http_credentials_offer (self->challenges, "digest");
  self->challenge = qnet_http_credentials_choose (self->challenges, !self->had_digest);

  if (self->challenge == NULL)
    {
      refuse_challenges (self);
      return;
    }

  keep_challenge (self);

  if (self->ending != ENDING_BY_LENGTH || self->body_left > MAX_BODY)
    self->keeps = FALSE;

  if (self->keeps && self->body_left > 0)
    self->state = STATE_BODY;
  else
    answer_challenge (self);
}

static void
answered (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  self->has_tried = FALSE;
  repeat (self);
}

/* 401 is what tinyproxy says of a wrong password, where 407 would be right. */
static void
refuse_password (HttpTunnel *self)
{
  self->keeps = FALSE;
  qnet_proxy_dialogue_ask (&self->parent);
}

/* The answer */

/* 4xx and 5xx are failures of the request, of the proxy, or of what is behind it; anything else makes no sense here. */
static void
refuse_otherwise (HttpTunnel *self)
{
  if (self->status == 400 || self->status == 401)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("the proxy does not accept the request (HTTP status %d)"), self->status);
  else if (self->status >= 400)
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_NETWORK,
                              _("the proxy could not make the connection (HTTP status %d)"), self->status);
  else
    qnet_proxy_dialogue_fail (&self->parent, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("its answer is not one to CONNECT (HTTP status %d)"), self->status);
}

static void
refuse (HttpTunnel *self)
{
  QnetProxyDialogue *dialogue = &self->parent;

  switch (self->status)
    {
    case 402:
    case 403:
    case 405:
    case 451:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_SOCKET_ACCESS,
                                _("the proxy does not allow it (HTTP status %d)"), self->status);
      break;
    case 404:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                                _("the proxy does not find the host (HTTP status %d)"), self->status);
      break;
    case 501:
    case 505:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                                _("the proxy does not support it (HTTP status %d)"), self->status);
      break;
    case 503:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                                _("the host has refused the connection (HTTP status %d)"), self->status);
      break;
    case 504:
      qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_NETWORK,
                                _("the host does not answer the proxy (HTTP status %d)"), self->status);
      break;
    default:
      refuse_otherwise (self);
    }
}

/* A tunnel begins right after the head of the answer: a length in it means nothing. */
static void
end_head (HttpTunnel *self)
{
  if (self->status >= 200 && self->status < 300)
    self->parent.phase = QNET_PROXY_PHASE_DONE;
  else if (self->status == 407)
    take_challenge (self);
  else if (self->status == 401 && self->has_tried)
    refuse_password (self);
  else if (self->status >= 100 && self->status < 200 && self->status != 101)
    expect_answer (self);
  else
    refuse (self);
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
      self->ending = ENDING_UNREADABLE;
      return;
    }

  self->ending = ENDING_BY_LENGTH;
  self->body_left = length;
}

static void
take_connection (HttpTunnel *self,
                 const char *value)
{
  if (has_word (value, "close"))
    self->keeps = FALSE;
  else if (has_word (value, "keep-alive"))
    self->keeps = TRUE;
}

/* What could not be read may have been Digest. */
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
    self->ending = ENDING_UNREADABLE;
  else if (g_ascii_strcasecmp (name, "Connection") == 0
           || g_ascii_strcasecmp (name, "Proxy-Connection") == 0)
    take_connection (self, value);
}

/* RFC 9112, section 5: no space before the colon, no folded lines. */
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

/* "HTTP/1.1 200 Connection established"; who has no reason may leave out the space before it. */
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

  self->keeps = line[7] == '1';
  self->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  self->state = STATE_FIELDS;
}

/* A complete line, without its end. */
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

/* Within the line neither NUL nor another carriage return may be: who reads them otherwise than we
 * do would see another answer. */
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

/* Whoever speaks something else is not waited for until the end of a line comes. */
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
                              _("its answer does not end"));
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
    answer_challenge (self);

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
ended (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  self->keeps = FALSE;

  if (dialogue->phase == QNET_PROXY_PHASE_ASKING)
    return;

  if (self->state == STATE_BODY)
    answer_challenge (self);
  else if (self->head_size > 0)
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                              _("its answer ends too early"));
  else if (self->is_reused)
    dialogue->phase = QNET_PROXY_PHASE_AGAIN;  /* it had closed before our second request came */
  else
    qnet_proxy_dialogue_fail (dialogue, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED,
                              _("the proxy has closed the connection"));
}

static void
clear (QnetProxyDialogue *dialogue)
{
  HttpTunnel *self = (HttpTunnel *) dialogue;

  g_clear_pointer (&self->line, g_byte_array_unref);
  g_clear_pointer (&self->challenges, g_ptr_array_unref);
  g_clear_pointer (&self->answered_to, g_ptr_array_unref);
}

const QnetProxyDialogueFuncs qnet_http_tunnel_funcs = {
  .size     = sizeof (HttpTunnel),
  .begin    = begin,
  .take     = take,
  .ended    = ended,
  .answered = answered,
  .clear    = clear,
};
