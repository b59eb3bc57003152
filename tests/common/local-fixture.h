/* local-fixture.h: a local server and a local socket, in a folder of their own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

typedef struct
{
  GMainContext    *context;   /* (owned): its own, so that no test dispatches another's sources */
  char            *folder;    /* (owned) */
  char            *path;      /* (owned): in it */
  QnetLocalServer *server;    /* (owned) (nullable): does not listen yet */
  QnetLocalSocket *client;    /* (owned) (nullable): unconnected */
  QnetLocalSocket *accepted;  /* (owned) (nullable): after local_fixture_connect() */
  GString         *log;       /* (owned): the client's signals */
} LocalFixture;

#define DEVICE(socket) QNET_IO_DEVICE (socket)
#define SERVER(server) QNET_SERVER (server)

void     local_fixture_set_up     (LocalFixture  *fixture,
                                   gconstpointer  data);
void     local_fixture_tear_down  (LocalFixture  *fixture,
                                   gconstpointer  data);
void     local_fixture_add        (const char    *path,
                                   void         (*func) (LocalFixture *, gconstpointer));

void     local_fixture_listen     (LocalFixture  *fixture);   /* on the path */
void     local_fixture_connect    (LocalFixture  *fixture);   /* listens, too, and clears the log */
void     local_fixture_settle     (LocalFixture  *fixture);
void     local_fixture_assert_log (LocalFixture  *fixture,
                                   const char    *expected);  /* and clears it */
int      local_fixture_open_peer  (LocalFixture  *fixture);   /* connects a plain socket */

#define local_fixture_await(fixture, condition) \
  G_STMT_START \
    { \
      while (!(condition)) \
        g_main_context_iteration ((fixture)->context, TRUE); \
    } \
  G_STMT_END

/* Iterates until all bytes have arrived. */
void     local_fixture_assert_gets (LocalFixture    *fixture,
                                    QnetLocalSocket *socket,
                                    const char      *expected);
void     write_text               (QnetLocalSocket *socket,
                                   const char      *text);
