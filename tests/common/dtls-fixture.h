/* dtls-fixture.h: encrypted datagrams between two sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "common/tls-fixture.h"

/* One side: a socket, and what is on it */
typedef struct
{
  QnetUdpSocket *socket;    /* (owned) */
  QnetDtls      *dtls;      /* (owned) (nullable) */
  GPtrArray     *received;  /* (owned): of GBytes, decrypted */
  GError        *error;     /* (owned) (nullable): the last one */
  guint          n_arrived;
  guint          n_lost;    /* how many of the next datagrams are lost */
} DtlsSide;

typedef struct
{
  GMainContext           *context;     /* (owned) */
  DtlsSide                client;
  DtlsSide                server;      /* without a connection until the cookie has come back */
  QnetDtlsClientVerifier *verifier;    /* (owned) */
  guint                   n_cookies;   /* how many were sent */
  guint                   n_timeouts;  /* of the client */
} DtlsFixture;

/* Adds a test with that fixture. The client trusts ca.pem and knows the server as "localhost". The
 * test is skipped without openssl or without TLS for GIO. */
void      dtls_fixture_add             (const char      *path,
                                        void           (*func) (DtlsFixture *, gconstpointer),
                                        gconstpointer    data);

#define dtls_fixture_await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

/* The client begins; and runs the loop until both are encrypted. */
void      dtls_fixture_begin           (DtlsFixture     *fixture);
void      dtls_fixture_encrypt         (DtlsFixture     *fixture);
gboolean  dtls_fixture_is_encrypted    (DtlsFixture     *fixture);

/* Runs the loop until @side has received that text. */
void      dtls_fixture_assert_received (DtlsFixture     *fixture,
                                        DtlsSide        *side,
                                        const char      *text);

/* Encrypts and sends. */
void      dtls_side_send               (DtlsSide        *side,
                                        const char      *text);

/* A socket on loopback (transfer full) */
QnetUdpSocket *dtls_socket_new         (void);
/* A connection of a server to that client (transfer full) */
QnetDtls      *dtls_server_new         (QnetHostAddress *address,
                                        guint16          port);
/* The authorities of "ca.pem" for "ca" */
void           dtls_trust              (QnetDtls        *dtls,
                                        const char      *name);
