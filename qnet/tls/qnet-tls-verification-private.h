/* qnet-tls-verification-private.h: whether the certificate of the peer is valid
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tls/qnet-tls-session-private.h"

G_BEGIN_DECLS

/* All that a verification needs, so that it can run in another thread. */
typedef struct
{
  QnetTlsSession  *session;      /* (not owned): not used by another thread meanwhile */
  GTlsDatabase    *database;     /* (not owned) (nullable): one that decides by itself */
  GTlsInteraction *interaction;  /* (not owned) (nullable) */
  const char      *name;         /* (nullable): that of a server, or its address, as
                                  * qnet_host_name_to_identity() returns it */
  gboolean         is_client;    /* we are the client: the peer has to be a server with that name */
  unsigned int     max_depth;    /* the most certificates of the peer, 0: no limit */
} QnetTlsVerification;

/* Returns 0 if the certificate is valid for its purpose and its name; anything unexpected is an
 * error. */
GTlsCertificateFlags qnet_tls_verify (const QnetTlsVerification *verification);

G_END_DECLS
