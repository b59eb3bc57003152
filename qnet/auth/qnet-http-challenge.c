/* qnet-http-challenge.c: parses the challenges of an HTTP proxy (RFC 9110, section 11)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "auth/qnet-http-challenge-private.h"

#include <string.h>

#define MAX_CHALLENGES 16
#define MAX_PARAMETERS 32

#define ALPHA_DIGIT G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
#define TOKEN       ALPHA_DIGIT "!#$%&'*+-.^_`|~"
#define TOKEN68     ALPHA_DIGIT "-._~+/"

void
qnet_http_challenge_free (QnetHttpChallenge *self)
{
  g_free (self->scheme);
  g_free (self->name);
  g_hash_table_unref (self->parameters);
  g_free (self);
}

const char *
qnet_http_challenge_get (QnetHttpChallenge *self,
                         const char        *name)
{
  return g_hash_table_lookup (self->parameters, name);
}

/* Each of these functions advances @text after what it has read. If it is not there, @text is
 * unchanged. */

static void
skip_space (const char **text)
{
  *text += strspn (*text, " \t");
}

/* Lists may have empty elements. */
static void
skip_commas (const char **text)
{
  *text += strspn (*text, " \t,");
}

static char *
take_token (const char **text)
{
  gsize length = strspn (*text, TOKEN);
  char *token;

  if (length == 0)
    return NULL;

  token = g_ascii_strdown (*text, length);
  *text += length;

  return token;
}

static char *
take_quoted (const char **text)
{
  g_autoptr(GString) value = g_string_new (NULL);
  const char *next = *text + 1;

  for (; *next != '\0' && *next != '"'; next++)
    {
      if (*next == '\\' && *++next == '\0')
        return NULL;

      g_string_append_c (value, *next);
    }

  if (*next != '"')
    return NULL;

  *text = next + 1;

  return g_string_free (g_steal_pointer (&value), FALSE);
}

static char *
take_value (const char **text)
{
  gsize length;
  char *value;

  if (**text == '"')
    return take_quoted (text);

  length = strspn (*text, TOKEN);
  if (length == 0)
    return NULL;

  value = g_strndup (*text, length);
  *text += length;

  return value;
}

/* Reads the name of a parameter and the "=" after it. Returns NULL if there is none. */
static char *
take_name (const char **text)
{
  const char *next = *text;
  g_autofree char *name = take_token (&next);

  skip_space (&next);
  if (name == NULL || *next != '=')
    return NULL;

  next++;
  skip_space (&next);
  *text = next;

  return g_steal_pointer (&name);
}

/* Some schemes have a token68 instead of parameters. It is not used. */
static gboolean
skip_token68 (const char **text)
{
  const char *next = *text + strspn (*text, TOKEN68);

  if (next == *text)
    return FALSE;

  next += strspn (next, "=");
  skip_space (&next);
  if (*next != ',' && *next != '\0')
    return FALSE;

  *text = next;

  return TRUE;
}

/* A duplicate parameter is an error. */
static gboolean
take_parameters (QnetHttpChallenge  *challenge,
                 const char        **text)
{
  char *name;

  while ((name = take_name (text)) != NULL)
    {
      char *value = take_value (text);

      if (value == NULL || g_hash_table_contains (challenge->parameters, name)
          || g_hash_table_size (challenge->parameters) == MAX_PARAMETERS)
        {
          g_free (name);
          g_free (value);
          return FALSE;
        }

      g_hash_table_insert (challenge->parameters, name, value);

      skip_space (text);
      if (**text != ',' && **text != '\0')
        return FALSE;

      skip_commas (text);
    }

  return TRUE;
}

static QnetHttpChallenge *
challenge_new (char       *scheme,  /* (transfer full) */
               const char *name)    /* of the same length */
{
  QnetHttpChallenge *challenge = g_new0 (QnetHttpChallenge, 1);

  challenge->scheme = scheme;
  challenge->name = g_strndup (name, strlen (scheme));
  challenge->parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return challenge;
}

/* A broken challenge is added, too, because its scheme matters for the choice. */
static gboolean
take_challenge (GPtrArray   *challenges,
                const char **text)
{
  const char *name = *text;
  char *scheme = take_token (text);
  QnetHttpChallenge *challenge;
  gboolean has_space;

  if (scheme == NULL)
    return FALSE;

  challenge = challenge_new (scheme, name);
  g_ptr_array_add (challenges, challenge);
  has_space = **text == ' ' || **text == '\t';
  skip_space (text);

  if (**text != '\0' && **text != ',')
    challenge->is_broken = !has_space
                           || (!skip_token68 (text) && !take_parameters (challenge, text));

  return !challenge->is_broken;
}

gboolean
qnet_http_challenges_parse (const char *value,
                            GPtrArray  *challenges)
{
  const char *text = value;

  skip_commas (&text);

  while (*text != '\0')
    {
      if (challenges->len == MAX_CHALLENGES || !take_challenge (challenges, &text))
        return FALSE;

      skip_commas (&text);
    }

  return TRUE;
}
