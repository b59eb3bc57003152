/* qnet-http-credentials-private.h: Basic and Digest authentication (RFC 7616, RFC 7617)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "auth/qnet-http-challenge-private.h"

G_BEGIN_DECLS

/* Chooses the strongest supported challenge. Basic sends the password in clear text, so it is never
 * chosen if Digest is offered, even with an algorithm that is not supported. (transfer none)
 * (nullable) */
QnetHttpChallenge *qnet_http_credentials_choose   (GPtrArray         *challenges,
                                                   gboolean           allows_basic);
/* @scheme is in lower case. */
gboolean           qnet_http_credentials_offer    (GPtrArray         *challenges,
                                                   const char        *scheme);

/* A list for messages, such as "NTLM, Negotiate, Digest (SHA-512-256)". NULL if no challenge is
 * valid. (transfer full) (nullable) */
char              *qnet_http_credentials_describe (GPtrArray         *challenges);

/* Returns whether only the nonce of the last response was too old. */
gboolean           qnet_http_credentials_is_stale (QnetHttpChallenge *challenge);

/* The value of Proxy-Authorization for a request with @method for @uri. @cnonce is a random string.
 * NULL if the scheme cannot represent the user name. (transfer full) (nullable) */
char              *qnet_http_credentials_make     (QnetHttpChallenge *challenge,
                                                   const char        *user,
                                                   const char        *password,
                                                   const char        *method,
                                                   const char        *uri,
                                                   const char        *cnonce);

G_END_DECLS
