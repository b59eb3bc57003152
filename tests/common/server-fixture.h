/* server-fixture.h: a server, its context, and clients that are plain sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

typedef struct
{
  GMainContext *context; /* (owned): its own, so that no other test's sources are dispatched */
  QnetTcpServer *server;           /* (owned) (nullable) */
  GArray        *clients;          /* (owned): descriptors */
  guint          n_new;            /* emissions of the server's signals */
  guint          n_available;
  guint          n_accept_errors;
  guint          n_listening;
} ServerFixture;

void           server_fixture_set_up     (ServerFixture *fixture,
                                          gconstpointer  data);
void           server_fixture_tear_down  (ServerFixture *fixture,
                                          gconstpointer  data);

/* Counts the signals of @fixture->server, which may be of another class. */
void           server_fixture_count      (ServerFixture *fixture);

/* On 127.0.0.1 and a free port. */
void           server_fixture_listen     (ServerFixture *fixture);

/* A blocking socket that the kernel has connected, whether the server accepts it or not. The
 * fixture closes it. */
int            server_fixture_connect    (ServerFixture *fixture);
void           server_fixture_disconnect (ServerFixture *fixture,
                                          int            client);

/* Runs the loop until so many connections were emitted. */
void           server_fixture_await_new  (ServerFixture *fixture,
                                          guint          n_new);

/* Runs the loop until nothing happens any more. */
void           server_fixture_settle     (ServerFixture *fixture);

/* Connects a client, and takes it. (transfer full) */
QnetTcpSocket *server_fixture_accept_one (ServerFixture *fixture,
                                          int           *out_client);

/* Asserts that the peer has closed @client. */
void           assert_disconnected       (int            client);
