/* tls-fixture.h: two TLS sockets that are each other's peer, what they say, and throw-away certificates
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
  GMainContext  *context;     /* (owned): its own, so that no test hears another's sources */
  QnetSslSocket *client;      /* (owned) (nullable): connected to the server, in the clear */
  QnetSslSocket *server;      /* (owned) (nullable): it has a certificate */
  GString       *client_log;  /* (owned): what it said, one word a signal */
  GString       *server_log;
} TlsFixture;

/* Adds a test with that fixture. The client trusts ca.pem, and wants "localhost". Where there is no openssl, or no TLS for GIO, it is
 * skipped. */
void        tls_fixture_add          (const char    *path,
                                      void         (*func) (TlsFixture *, gconstpointer),
                                      gconstpointer  data);

/* The loop: until nothing happens any more, without waiting for other threads; or until something is so */
void        tls_fixture_settle       (TlsFixture    *fixture);

#define tls_fixture_await(fixture, condition) \
  G_STMT_START { while (!(condition)) g_main_context_iteration ((fixture)->context, TRUE); } G_STMT_END

/* Both begin to encrypt; and until both are, or one is unconnected. */
void        tls_fixture_start        (TlsFixture    *fixture);
void        tls_fixture_encrypt      (TlsFixture    *fixture);
void        tls_fixture_await_end    (TlsFixture    *fixture);
gboolean    tls_fixture_is_encrypted (TlsFixture    *fixture);

/* Closes one of them and hands out a plain descriptor in its place, which is the other one's peer. Not blocking. */
int         tls_fixture_replace      (TlsFixture     *fixture,
                                      QnetSslSocket **socket);

void        tls_fixture_write        (QnetSslSocket *socket,
                                      const char    *text);
/* Runs the loop until it has come, all of it and no more. */
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
