/* session-pair.h: two TLS sessions whose bytes are carried in memory
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tls/qnet-tls-verification-private.h"

typedef struct
{
  QnetTlsSession            *session;       /* (owned) */
  QnetTlsProgress            progress;      /* of the latest step */
  GTlsCertificateFlags       verdict;       /* on the certificate of the peer: 0 accepts it */
  const QnetTlsVerification *verification;  /* (nullable): finds the verdict */
  GError                    *error;         /* (owned) (nullable): of a failed handshake */
} SessionEnd;

typedef struct
{
  SessionEnd client;
  SessionEnd server;
} SessionPair;

/* Self-signed, made once. (transfer full) */
QnetTlsIdentity *session_pair_make_identity (void);

/* @version: "1.2", "1.3", or NULL for the default. The client requests "localhost". A server that
 * demands a certificate gets that of the client. */
void             session_pair_init          (SessionPair *pair,
                                             const char  *version,
                                             gboolean     demands_certificate);
void             session_pair_clear         (SessionPair *pair);

/* The next step of the handshake, unless it has ended; gives the verdict. */
void             session_end_advance        (SessionEnd  *end);
gboolean         session_end_has_ended      (SessionEnd  *end);

/* Carries at most @max_size bytes, and returns their number. */
gsize            session_end_carry          (SessionEnd  *from,
                                             SessionEnd  *to,
                                             gsize        max_size);

/* Until both have ended or nothing is left to carry; pieces of @size bytes, 0: all there is, or
 * G_MAXSIZE: of any size. */
void             session_pair_run           (SessionPair *pair,
                                             gsize        size);
