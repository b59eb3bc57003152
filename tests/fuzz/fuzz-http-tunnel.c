/* fuzz-http-tunnel.c: what an HTTP proxy says, and its challenges
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "auth/qnet-http-credentials-private.h"
#include "fuzz.h"
#include "play-proxy.h"

/* Whatever the challenge, our answer stays on its line. */
static void
check_credentials (QnetHttpChallenge *challenge)
{
  g_autofree char *value = qnet_http_credentials_make (challenge, "us\"er", "sesame",
                                                       "CONNECT", "example.org:80", "word");

  g_assert_nonnull (value);
  g_assert_null (strpbrk (value, "\r\n"));
}

static void
check_challenges (const guint8 *data,
                  gsize         size)
{
  g_autoptr(GPtrArray) challenges
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_http_challenge_free);
  g_autofree char *value = g_strndup ((const char *) data, size);
  QnetHttpChallenge *challenge;

  value[strcspn (value, "\r\n")] = '\0';
  qnet_http_challenges_parse (value, challenges);
  challenge = qnet_http_credentials_choose (challenges, TRUE);

  if (challenge != NULL)
    check_credentials (challenge);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  play_proxy (QNET_PROXY_TYPE_HTTP, data, size);
  check_challenges (data, size);

  return 0;
}
