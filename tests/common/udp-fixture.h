/* udp-fixture.h: a QnetUdpSocket, its context, a log of its signals, and a plain descriptor as its
 * peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <qnet/qnet.h>

/* The casts that nearly every line of these tests needs. */
#define DEVICE(socket) QNET_IO_DEVICE (socket)
#define ABSTRACT(socket) QNET_ABSTRACT_SOCKET (socket)

typedef struct
{
  GMainContext    *context;   /* (owned): its own, so that no other test's sources are dispatched */
  QnetUdpSocket   *socket;    /* (owned) (nullable): not bound at first */
  QnetHostAddress *loopback;  /* (owned): of the test's family */
  int              peer;      /* (owned): a plain one, bound to loopback, non-blocking, or -1 */
  guint16          peer_port;
  int              closed;    /* (owned): see udp_fixture_find_closed_port(), or -1 */
  GString         *log;       /* (owned): one word for each signal */
} UdpFixture;

/* Adds the test twice, for 127.0.0.1 and for ::1 (skipped where there is none). */
void     udp_fixture_add         (const char *path,
                                  void      (*func) (UdpFixture *, gconstpointer));
void     udp_fixture_add_ipv4    (const char *path,
                                  void      (*func) (UdpFixture *, gconstpointer));

/* The loop: one turn that may sleep, or until nothing happens any more */
void     udp_fixture_turn        (UdpFixture *fixture);
void     udp_fixture_settle      (UdpFixture *fixture);
#define udp_fixture_await(fixture, condition) \
  G_STMT_START { while (!(condition)) udp_fixture_turn (fixture); } G_STMT_END

/* Binds the socket to loopback, or connects it to the peer; settles and clears the log. */
void     udp_fixture_bind        (UdpFixture *fixture);
void     udp_fixture_connect     (UdpFixture *fixture);
guint16  udp_fixture_get_port    (UdpFixture *fixture);

/* What was logged since the last time. The words: the nick of a state for state-changed,
 * "error:<code>", "written:<bytes>", and the name of any other signal. */
void     udp_fixture_assert_log  (UdpFixture *fixture,
                                  const char *expected);
void     udp_fixture_forget_log  (UdpFixture *fixture);

/* The far end */
void
udp_fixture_peer_sends (UdpFixture *fixture,
                        const char
                          *text); /* to the socket's port on loopback; it is there at once */
void     udp_fixture_peer_gets   (UdpFixture *fixture,
                                  const char *text);    /* the next datagram is that */
void     udp_fixture_drop_peer   (UdpFixture *fixture);
/* A port that refuses datagrams, and that no other process can bind before the test has ended. */
guint16  udp_fixture_find_closed_port (UdpFixture *fixture);

/* The near end */
void     udp_fixture_assert_gets (UdpFixture *fixture,
                                  const char *text);    /* the next datagram is that */
gssize   udp_fixture_sends       (UdpFixture *fixture,
                                  const char *text);    /* to the peer */

/* Plain descriptors */
int      open_udp                (QnetHostAddress *address,
                                  guint16         *out_port);
/* A port that no socket is bound to, for a program that will bind it. */
guint16  find_closed_udp_port    (QnetHostAddress *address);
