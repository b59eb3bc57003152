/* qnet-http-challenge-private.h: parses the challenges of an HTTP proxy (RFC 9110, section 11)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetHttpChallenge QnetHttpChallenge;

struct _QnetHttpChallenge
{
  char       *scheme;      /* (owned): in lower case */
  char       *name;        /* (owned): as the proxy sent it */
  gboolean    is_broken;   /* its parameters are malformed */
  GHashTable *parameters;  /* (owned): names in lower case to values */
};

void        qnet_http_challenge_free (QnetHttpChallenge *self);

/* (nullable) */
const char *qnet_http_challenge_get  (QnetHttpChallenge *self,
                                      const char        *name);

/* Appends the challenges in a Proxy-Authenticate field to @challenges. Returns FALSE if the field
 * is malformed; the challenges up to and including the broken one are appended. */
gboolean    qnet_http_challenges_parse (const char *value,
                                        GPtrArray  *challenges);

G_END_DECLS
