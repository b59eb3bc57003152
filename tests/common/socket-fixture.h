/* socket-fixture.h: a socket, its context, a log of its signals, and a plain descriptor as peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

/* The casts that nearly every line of these tests needs. */
#define DEVICE(socket) QNET_IO_DEVICE (socket)
#define ABSTRACT(socket) QNET_ABSTRACT_SOCKET (socket)

typedef struct
{
  GMainContext  *context;   /* (owned): its own, so that no test dispatches another's sources */
  QnetTcpSocket *socket;    /* (owned) (nullable): unconnected at first */
  int            listener;  /* (owned): a plain one on loopback, or -1 */
  guint16        port;      /* the listener's */
  int            peer;      /* (owned): non-blocking, or -1 */
  GString       *log;       /* (owned): one word for each signal */
} SocketFixture;

void     socket_fixture_set_up      (SocketFixture *fixture,
                                     gconstpointer  data);
void     socket_fixture_tear_down   (SocketFixture *fixture,
                                     gconstpointer  data);

/* Adds a test with that fixture. */
void     socket_fixture_add         (const char    *path,
                                     void         (*func) (SocketFixture *, gconstpointer));

/* Lets the socket connect to the listener, takes the other end as @peer, and clears the log. */
void     socket_fixture_connect     (SocketFixture *fixture);
/* The second half of it; blocks until a client has connected. */
void     socket_fixture_accept      (SocketFixture *fixture);

/* The loop: one turn that may sleep, or until nothing happens any more */
void     socket_fixture_turn        (SocketFixture *fixture);
void     socket_fixture_settle      (SocketFixture *fixture);
void     socket_fixture_await_state (SocketFixture *fixture,
                                     QnetSocketState state);
void     socket_fixture_await_bytes (SocketFixture *fixture,
                                     gint64         size);  /* in the read buffer */

#define socket_fixture_await(fixture, condition) \
  G_STMT_START { while (!(condition)) socket_fixture_turn (fixture); } G_STMT_END

/* What was emitted since the last time. The words: the nick of a state for state-changed,
 * "error:<code>", "written:<bytes>", and the name of any other signal. */
void     socket_fixture_assert_log  (SocketFixture *fixture,
                                     const char    *expected);
void     socket_fixture_forget_log  (SocketFixture *fixture);

/* The far end */
void     socket_fixture_peer_sends  (SocketFixture *fixture,
                                     const char    *text);
void     socket_fixture_peer_ends   (SocketFixture *fixture);   /* an orderly end of sending */
void     socket_fixture_peer_resets (SocketFixture *fixture);
void     socket_fixture_drop_peer   (SocketFixture *fixture);   /* closes it */
/* So many bytes; the loop runs meanwhile. */
char    *socket_fixture_peer_reads  (SocketFixture *fixture,
                                     gsize          size);
void     socket_fixture_peer_sees_end (SocketFixture *fixture); /* reads on to an orderly end */

/* The near end */
void     socket_fixture_write       (SocketFixture *fixture,
                                     const char    *text);
void     socket_fixture_assert_reads (SocketFixture *fixture,
                                      const char    *expected);  /* all there is */
QnetSocketState socket_fixture_get_state (SocketFixture *fixture);

/* Both ends */
void     socket_fixture_receive     (SocketFixture *fixture,
                                     const char    *text);     /* until it is in the read buffer */
/* The socket; the log is cleared. */
QnetIODevice *socket_fixture_connect_and_receive (SocketFixture *fixture,
                                                  const char    *text);
/* The peer ends, until the socket is unconnected. */
void     socket_fixture_end         (SocketFixture *fixture);

void     assert_bytes               (GBytes        *bytes,     /* (transfer full) */
                                     const char    *expected);

/* Plain descriptors */
int      open_listener              (guint16       *out_port,
                                     int            backlog);
int      open_client                (guint16        port);      /* blocking, connected */
guint16  find_closed_port           (void);
int      get_int_option             (int            fd,
                                     int            level,
                                     int            name);
void     set_int_option             (int            fd,
                                     int            level,
                                     int            name,
                                     int            value);
