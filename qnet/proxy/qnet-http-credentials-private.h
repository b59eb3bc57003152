/* qnet-http-credentials-private.h: saying to an HTTP proxy who we are (RFC 7616, 7617)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "proxy/qnet-http-challenge-private.h"

G_BEGIN_DECLS

/* The strongest of @challenges that can be answered; (transfer none) (nullable). Basic sends the
 * password itself, so it is out of the question where Digest is or was offered, of whatever kind. */
QnetHttpChallenge *qnet_http_credentials_choose   (GPtrArray         *challenges,
                                                   gboolean           allows_basic);
/* @scheme: in lower case */
gboolean           qnet_http_credentials_offer    (GPtrArray         *challenges,
                                                   const char        *scheme);

/* "NTLM, Negotiate, Digest (SHA-512-256)": those that are no help. NULL when there are none that could
 * be read. */
char              *qnet_http_credentials_describe (GPtrArray         *challenges);

/* The challenge says that the password was right, only the nonce too old. */
gboolean           qnet_http_credentials_is_stale (QnetHttpChallenge *challenge);

/* The value of Proxy-Authorization, for a request of @method for @uri. @cnonce is a random word. NULL
 * when the user cannot be said in this scheme. */
char              *qnet_http_credentials_make     (QnetHttpChallenge *challenge,
                                                   const char        *user,
                                                   const char        *password,
                                                   const char        *method,
                                                   const char        *uri,
                                                   const char        *cnonce);

G_END_DECLS
