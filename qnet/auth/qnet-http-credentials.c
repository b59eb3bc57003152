/* qnet-http-credentials.c: Basic and Digest authentication (RFC 7616, RFC 7617)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "auth/qnet-http-credentials-private.h"

#include <string.h>

#define BASIC_STRENGTH 1   /* any Digest is stronger */
#define MAX_WORD       32  /* characters of a name in a description */

/* The supported algorithms, the weakest first. A session key is not considered stronger than a
 * plain one, only preferred. */
typedef struct
{
  const char    *name;
  GChecksumType  hash;
  gboolean       is_session;
} Algorithm;

static const Algorithm algorithms[] = {
  { "MD5",          G_CHECKSUM_MD5,    FALSE },
  { "MD5-sess",     G_CHECKSUM_MD5,    TRUE },
  { "SHA-256",      G_CHECKSUM_SHA256, FALSE },
  { "SHA-256-sess", G_CHECKSUM_SHA256, TRUE },
};

/* Choosing */

static const Algorithm *
find_algorithm (QnetHttpChallenge *challenge)
{
  const char *name = qnet_http_challenge_get (challenge, "algorithm");

  if (name == NULL)
    return &algorithms[0];

  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      if (g_ascii_strcasecmp (algorithms[i].name, name) == 0)
        return &algorithms[i];
    }

  return NULL;
}

/* A challenge without qop is one of RFC 2069. */
static gboolean
offers_auth (QnetHttpChallenge *challenge)
{
  const char *qop = qnet_http_challenge_get (challenge, "qop");
  g_auto(GStrv) words = NULL;

  if (qop == NULL)
    return TRUE;

  words = g_strsplit_set (qop, ", \t", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (words[i], "auth") == 0)
        return TRUE;
    }

  return FALSE;
}

/* Returns 0 if the challenge is not supported. */
static int
get_strength (QnetHttpChallenge *challenge)
{
  const Algorithm *algorithm;

  if (challenge->is_broken)
    return 0;

  if (strcmp (challenge->scheme, "basic") == 0)
    return BASIC_STRENGTH;

  if (strcmp (challenge->scheme, "digest") != 0
      || qnet_http_challenge_get (challenge, "realm") == NULL
      || qnet_http_challenge_get (challenge, "nonce") == NULL
      || !offers_auth (challenge))
    return 0;

  algorithm = find_algorithm (challenge);

  return algorithm != NULL ? BASIC_STRENGTH + 1 + (int) (algorithm - algorithms) : 0;
}

gboolean
qnet_http_credentials_offer (GPtrArray  *challenges,
                             const char *scheme)
{
  for (guint i = 0; i < challenges->len; i++)
    {
      QnetHttpChallenge *challenge = g_ptr_array_index (challenges, i);

      if (strcmp (challenge->scheme, scheme) == 0)
        return TRUE;
    }

  return FALSE;
}

QnetHttpChallenge *
qnet_http_credentials_choose (GPtrArray *challenges,
                              gboolean   allows_basic)
{
  gboolean has_digest = qnet_http_credentials_offer (challenges, "digest");
  int best_strength = allows_basic && !has_digest ? 0 : BASIC_STRENGTH;
  QnetHttpChallenge *best = NULL;

  for (guint i = 0; i < challenges->len; i++)
    {
      QnetHttpChallenge *challenge = g_ptr_array_index (challenges, i);
      int strength = get_strength (challenge);

      if (strength > best_strength)
        {
          best = challenge;
          best_strength = strength;
        }
    }

  return best;
}

/* Descriptions: only short words from the proxy are shown. */

static void
append_name (GString           *text,
             QnetHttpChallenge *challenge)
{
  const char *algorithm = qnet_http_challenge_get (challenge, "algorithm");

  g_string_append_printf (text, "%s%.*s", text->len > 0 ? ", " : "", MAX_WORD, challenge->name);

  if (algorithm != NULL && strlen (algorithm) <= MAX_WORD
      && strspn (algorithm, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == strlen (algorithm))
    g_string_append_printf (text, " (%s)", algorithm);
}

char *
qnet_http_credentials_describe (GPtrArray *challenges)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < challenges->len; i++)
    {
      QnetHttpChallenge *challenge = g_ptr_array_index (challenges, i);

      if (!challenge->is_broken)
        append_name (text, challenge);
    }

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

gboolean
qnet_http_credentials_is_stale (QnetHttpChallenge *challenge)
{
  const char *stale = qnet_http_challenge_get (challenge, "stale");

  return strcmp (challenge->scheme, "digest") == 0
         && stale != NULL && g_ascii_strcasecmp (stale, "true") == 0;
}

/* Basic */

static char *
make_basic (const char *user,
            const char *password)
{
  g_autofree char *text = g_strconcat (user, ":", password, NULL);
  g_autofree char *encoded = NULL;

  if (strchr (user, ':') != NULL)
    return NULL;

  encoded = g_base64_encode ((const guchar *) text, strlen (text));

  return g_strconcat ("Basic ", encoded, NULL);
}

/* Digest, with the names of RFC 7616, section 3.4 */

typedef struct
{
  QnetHttpChallenge *challenge;
  const Algorithm   *algorithm;
  const char        *user;
  const char        *password;
  const char        *method;
  const char        *uri;
  const char        *cnonce;
  gboolean           has_qop;
  gboolean           hides_user;
} Digest;

static char *
hash (const Digest *digest,
      const char   *text)
{
  return g_compute_checksum_for_string (digest->algorithm->hash, text, -1);
}

/* H (user:realm) instead of the user name, section 3.4.4. */
static char *
get_username (const Digest *digest)
{
  const char *realm = qnet_http_challenge_get (digest->challenge, "realm");
  g_autofree char *text = NULL;

  if (!digest->hides_user)
    return g_strdup (digest->user);

  text = g_strdup_printf ("%s:%s", digest->user, realm);

  return hash (digest, text);
}

static char *
make_key (const Digest *digest)
{
  const char *realm = qnet_http_challenge_get (digest->challenge, "realm");
  const char *nonce = qnet_http_challenge_get (digest->challenge, "nonce");
  g_autofree char *secret = g_strdup_printf ("%s:%s:%s", digest->user, realm, digest->password);
  g_autofree char *key = hash (digest, secret);
  g_autofree char *session = NULL;

  if (!digest->algorithm->is_session)
    return g_steal_pointer (&key);

  session = g_strdup_printf ("%s:%s:%s", key, nonce, digest->cnonce);

  return hash (digest, session);
}

static char *
make_response (const Digest *digest)
{
  const char *nonce = qnet_http_challenge_get (digest->challenge, "nonce");
  g_autofree char *request = g_strdup_printf ("%s:%s", digest->method, digest->uri);
  g_autofree char *request_hash = hash (digest, request);
  g_autofree char *key = make_key (digest);
  g_autofree char *text = NULL;

  if (digest->has_qop)
    text = g_strdup_printf ("%s:%s:00000001:%s:auth:%s", key, nonce, digest->cnonce, request_hash);
  else
    text = g_strdup_printf ("%s:%s:%s", key, nonce, request_hash);

  return hash (digest, text);
}

static void
append_quoted (GString    *value,
               const char *name,
               const char *text)
{
  g_string_append_printf (value, ", %s=\"", name);

  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        g_string_append_c (value, '\\');

      g_string_append_c (value, *text);
    }

  g_string_append_c (value, '"');
}

static void
append_if_given (GString           *value,
                 QnetHttpChallenge *challenge,
                 const char        *name)
{
  const char *text = qnet_http_challenge_get (challenge, name);

  if (text != NULL)
    append_quoted (value, name, text);
}

/* Each nonce is used once, so the nonce count is always 1. */
static char *
format_digest (const Digest *digest)
{
  g_autofree char *username = get_username (digest);
  g_autofree char *response = make_response (digest);
  GString *value = g_string_new (NULL);

  append_quoted (value, "username", username);
  append_if_given (value, digest->challenge, "realm");
  append_if_given (value, digest->challenge, "nonce");
  append_quoted (value, "uri", digest->uri);
  append_quoted (value, "response", response);
  append_if_given (value, digest->challenge, "opaque");

  if (qnet_http_challenge_get (digest->challenge, "algorithm") != NULL)
    g_string_append_printf (value, ", algorithm=%s", digest->algorithm->name);

  if (digest->has_qop || digest->algorithm->is_session)
    append_quoted (value, "cnonce", digest->cnonce);

  if (digest->has_qop)
    g_string_append (value, ", qop=auth, nc=00000001");

  if (digest->hides_user)
    g_string_append (value, ", userhash=true");

  g_string_erase (value, 0, strlen (", "));
  g_string_prepend (value, "Digest ");

  return g_string_free (value, FALSE);
}

/* A quoted string must not contain line breaks. */
static gboolean
can_be_quoted (const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (g_ascii_iscntrl (*text))
        return FALSE;
    }

  return TRUE;
}

static char *
make_digest (Digest *digest)
{
  const char *userhash = qnet_http_challenge_get (digest->challenge, "userhash");

  if (!can_be_quoted (digest->user))
    return NULL;

  digest->algorithm = find_algorithm (digest->challenge);
  digest->has_qop = qnet_http_challenge_get (digest->challenge, "qop") != NULL;
  digest->hides_user = userhash != NULL && g_ascii_strcasecmp (userhash, "true") == 0;

  return format_digest (digest);
}

char *
qnet_http_credentials_make (QnetHttpChallenge *challenge,
                            const char        *user,
                            const char        *password,
                            const char        *method,
                            const char        *uri,
                            const char        *cnonce)
{
  Digest digest = {
    .challenge = challenge,
    .user      = user,
    .password  = password,
    .method    = method,
    .uri       = uri,
    .cnonce    = cnonce,
  };

  if (strcmp (challenge->scheme, "basic") == 0)
    return make_basic (user, password);

  return make_digest (&digest);
}
