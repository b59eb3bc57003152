/* tls-fixture.h: two connected TLS sockets, their signals, and temporary certificates
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

#define DEVICE(socket) QNET_IO_DEVICE (socket)
#define ABSTRACT(socket) QNET_ABSTRACT_SOCKET (socket)

typedef struct
{
  GMainContext  *context;     /* (owned): one per test, so that sources of other tests do not run */
  QnetSslSocket *client;      /* (owned) (nullable): connected to the server, not encrypted */
  QnetSslSocket *server;      /* (owned) (nullable): it has a certificate */
  GString       *client_log;  /* (owned): its signals, one word each */
  GString       *server_log;
} TlsFixture;

/* Adds a test with that fixture. The client trusts ca.pem and connects to "localhost". The test is
 * skipped without openssl, and without TLS in qnet or for GIO. */
void        tls_fixture_add          (const char    *path,
                                      void         (*func) (TlsFixture *, gconstpointer),
                                      gconstpointer  data);

/* Run the loop: until nothing happens, not waiting for other threads; or until a condition is
 * met */
void        tls_fixture_settle       (TlsFixture    *fixture);

#define tls_fixture_await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

/* Both start the handshake; and wait until both are encrypted, or one is unconnected. */
void        tls_fixture_start        (TlsFixture    *fixture);
void        tls_fixture_encrypt      (TlsFixture    *fixture);
void        tls_fixture_await_end    (TlsFixture    *fixture);
gboolean    tls_fixture_is_encrypted (TlsFixture    *fixture);

/* Closes one of the sockets and returns a non-blocking descriptor that is the peer of the other
 * one. */
int         tls_fixture_replace      (TlsFixture     *fixture,
                                      QnetSslSocket **socket);

void        tls_fixture_write        (QnetSslSocket *socket,
                                      const char    *text);
/* Runs the loop until exactly this text has arrived. */
void        tls_fixture_assert_gets  (TlsFixture    *fixture,
                                      QnetSslSocket *socket,
                                      const char    *text);
void        tls_fixture_assert_error (QnetSslSocket *socket,
                                      int            code,
                                      const char    *pattern);

/* "server" -> the path of server.pem; static until the next call but three */
const char *get_certificate_path     (const char    *name);
/* (transfer full) */
GTlsCertificate *load_certificate    (const char    *name);
/* FALSE: the test is skipped */
gboolean    has_tls                  (void);
