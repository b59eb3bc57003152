/* test-udp-readiness.c: when ready-read is emitted for datagrams, whatever the kernel does
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"
#include "common/udp-fixture.h"

static int
get_fd (UdpFixture *fixture)
{
  return qnet_socket_get_fd (QNET_SOCKET (fixture->socket));
}

/* As another process would that shares the descriptor. */
static gboolean
take_elsewhere (UdpFixture *fixture)
{
  char buffer[64];

  return recv (get_fd (fixture), buffer, sizeof buffer, MSG_DONTWAIT) >= 0;
}

/* How programs that were ported from Qt read */

static guint n_read;

static void
read_all_cb (QnetUdpSocket *socket)
{
  char buffer[64];

  while (qnet_udp_socket_has_pending_datagrams (socket))
    n_read += qnet_udp_socket_read_datagram (socket, buffer, sizeof buffer, NULL, NULL, NULL) >= 0;
}

/* The handlers of one emission: the first one acts as the other process */
static gboolean is_stolen;

static void
steal_first_cb (QnetUdpSocket *socket,
                UdpFixture    *fixture)
{
  if (!is_stolen)
    is_stolen = take_elsewhere (fixture);
}

/* Datagrams that the kernel drops during the call that asks for them */

/* Linux verifies the checksum of a short one when it arrives, and of a longer one when it is
 * received. */
typedef struct
{
  struct udphdr udp;
  char          data[400];
} BadDatagram;

/* FALSE where raw sockets are not permitted. */
static gboolean
send_with_bad_checksum (UdpFixture *fixture)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  BadDatagram datagram = {
    .udp = {
      .source = htons (fixture->peer_port),
      .dest   = htons (udp_fixture_get_port (fixture)),
      .len    = htons (sizeof datagram),
      .check  = htons (0xdead),
    },
    .data = "bad",
  };
  int fd = socket (AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);

  if (fd < 0)
    return FALSE;

  g_assert_cmpint (sendto (fd, &datagram, sizeof datagram, 0, (struct sockaddr *) &to, sizeof to),
                   ==, sizeof datagram);
  close (fd);

  return TRUE;
}

static void
test_bad_checksum (UdpFixture    *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A datagram that the kernel drops for its checksum, while it is asked for, does "
                  "not mute ready-read.");

  udp_fixture_bind (fixture);
  n_read = 0;
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (read_all_cb), NULL);
  if (!send_with_bad_checksum (fixture))
    {
      g_test_skip ("Raw sockets are not permitted here");
      return;
    }

  udp_fixture_settle (fixture);
  for (guint i = 0; i < 7; i++)
    {
      udp_fixture_peer_sends (fixture, "good");
      udp_fixture_settle (fixture);
    }

  g_assert_cmpuint (n_read, ==, 7);
}

static void
test_bad_checksum_wait (UdpFixture    *fixture,
                        gconstpointer  data)
{
  GError *error = NULL;

  g_test_summary ("A wait does not end with a datagram that the kernel drops for its checksum.");

  udp_fixture_bind (fixture);
  if (!send_with_bad_checksum (fixture))
    {
      g_test_skip ("Raw sockets are not permitted here");
      return;
    }

  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 20, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_clear_error (&error);

  udp_fixture_peer_sends (fixture, "good");
  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, &error));
  udp_fixture_assert_gets (fixture, "good");
}

static void
test_taken_elsewhere (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_test_summary ("A datagram that another process takes before the handler asks for it does not "
                  "mute ready-read.");

  udp_fixture_bind (fixture);
  n_read = 0;
  is_stolen = FALSE;
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (steal_first_cb), fixture);
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (read_all_cb), NULL);

  for (guint i = 0; i < 8; i++)
    {
      udp_fixture_peer_sends (fixture, "x");
      udp_fixture_settle (fixture);
    }

  g_assert_true (is_stolen);
  g_assert_cmpuint (n_read, ==, 7);
}

/* Every way to ask without taking */

static void
ask_whether (UdpFixture *fixture)
{
  g_assert_false (qnet_udp_socket_has_pending_datagrams (fixture->socket));
}

static void
ask_size (UdpFixture *fixture)
{
  g_assert_cmpint (qnet_udp_socket_get_pending_datagram_size (fixture->socket), ==, -1);
}

static void
ask_available (UdpFixture *fixture)
{
  g_assert_cmpint (qnet_io_device_get_bytes_available (DEVICE (fixture->socket)), ==, 0);
}

static void
ask_by_waiting (UdpFixture *fixture)
{
  g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 0, NULL));
}

static void
ask_by_peek (UdpFixture *fixture)
{
  char buffer[8];

  g_assert_cmpint (qnet_io_device_peek (DEVICE (fixture->socket), buffer, sizeof buffer, NULL), ==,
                   0);
}

static void (*const questions[]) (UdpFixture *fixture) = {
  ask_whether, ask_size, ask_available, ask_by_waiting, ask_by_peek,
};

static void
test_questions (UdpFixture    *fixture,
                gconstpointer  data)
{
  g_test_summary ("After any call that finds no datagram, ready-read is emitted for the next one, "
                  "watched or not.");

  udp_fixture_connect (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      udp_fixture_peer_sends (fixture, "one");
      udp_fixture_settle (fixture);
      udp_fixture_assert_log (fixture, "ready-read");
      g_assert_true (take_elsewhere (fixture));
      questions[i] (fixture);

      udp_fixture_peer_sends (fixture, "two");
      udp_fixture_settle (fixture);
      udp_fixture_assert_log (fixture, "ready-read");
      udp_fixture_assert_gets (fixture, "two");
    }
}

/* The model: "notified" means that ready-read was emitted, and that since then no call has tried to
 * take a datagram, nor asked for one and found none. ready-read is emitted only while not notified;
 * and when nothing happens any more and a datagram is there, the socket is notified. That is the
 * whole model. */

typedef struct
{
  UdpFixture *fixture;
  GRand      *rand;         /* (owned) */
  gboolean    is_notified;
  gboolean    is_paused;
  guint       n_emitted;
} Model;

static Model *model;  /* for the fault function, which takes no data */
static guint  n_calls_to_loss;

/* The kernel drops the datagram in the call that asks for it: the call finds the one after it. */
static int
lose_cb (QnetSyscall call)
{
  if (call != QNET_SYSCALL_RECVMSG && call != QNET_SYSCALL_RECVMMSG)
    return 0;

  if (n_calls_to_loss > 0 && --n_calls_to_loss == 0)
    take_elsewhere (model->fixture);

  return 0;
}

static void
emitted_cb (QnetUdpSocket *socket,
            Model         *self)
{
  g_assert_false (self->is_notified);
  g_assert_false (self->is_paused);
  self->is_notified = TRUE;
  self->n_emitted++;
}

static gboolean
is_there (Model *self)
{
  return recv (get_fd (self->fixture), NULL, 0, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

static void
step_arrive (Model *self)
{
  udp_fixture_peer_sends (self->fixture, g_rand_boolean (self->rand) ? "x" : "");
}

static void
step_lose (Model *self)
{
  take_elsewhere (self->fixture);
}

static void
step_ask (Model *self)
{
  if (!qnet_udp_socket_has_pending_datagrams (self->fixture->socket))
    self->is_notified = FALSE;
}

static void
step_take (Model *self)
{
  char buffer[64];

  self->is_notified = FALSE;
  qnet_udp_socket_read_datagram (self->fixture->socket, buffer, sizeof buffer, NULL, NULL, NULL);
}

static void
step_take_whole (Model *self)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;

  self->is_notified = FALSE;
  datagram = qnet_udp_socket_receive_datagram (self->fixture->socket, 0, NULL);
}

static void
step_take_batch (Model *self)
{
  g_autoptr(GPtrArray) batch = NULL;

  self->is_notified = FALSE;
  batch = qnet_udp_socket_receive_datagrams (self->fixture->socket, 3, NULL);
  g_assert_nonnull (batch);
}

static void
step_wait (Model *self)
{
  n_calls_to_loss = 0;
  if (qnet_io_device_wait_for_ready_read (DEVICE (self->fixture->socket), 0, NULL))
    g_assert_true (is_there (self));
  else if (!is_there (self))
    self->is_notified = FALSE;
}

static void
step_pause (Model *self)
{
  self->is_paused = !self->is_paused;
  if (self->is_paused)
    qnet_socket_pause_reading (QNET_SOCKET (self->fixture->socket));
  else
    qnet_socket_resume_reading (QNET_SOCKET (self->fixture->socket));
}

static void
step_settle (Model *self)
{
  udp_fixture_settle (self->fixture);
  if (!self->is_paused && is_there (self))
    g_assert_true (self->is_notified);
}

static void (*const steps[]) (Model *self) = {
  step_arrive,     step_arrive,     step_arrive, step_lose,  step_ask,    step_ask,    step_take,
  step_take_whole, step_take_batch, step_wait,   step_pause, step_settle, step_settle,
};

static void
run_model (UdpFixture *fixture,
           guint32     seed)
{
  Model self = { .fixture = fixture, .rand = g_rand_new_with_seed (seed) };

  model = &self;
  qnet_syscall_fault = lose_cb;
  g_signal_connect (fixture->socket, "ready-read", G_CALLBACK (emitted_cb), &self);

  for (guint i = 0; i < 400; i++)
    {
      n_calls_to_loss = g_rand_int_range (self.rand, 0, 4);
      steps[g_rand_int_range (self.rand, 0, G_N_ELEMENTS (steps))] (&self);
    }

  qnet_syscall_fault = NULL;
  if (self.is_paused)
    step_pause (&self);

  /* At the end it is still notified of a new datagram. */
  while (take_elsewhere (fixture))
    continue;
  step_ask (&self);
  self.n_emitted = 0;
  udp_fixture_peer_sends (fixture, "last");
  step_settle (&self);
  g_assert_cmpuint (self.n_emitted, ==, 1);
  udp_fixture_assert_gets (fixture, "last");

  g_signal_handlers_disconnect_by_data (fixture->socket, &self);
  udp_fixture_settle (fixture);
  g_rand_free (self.rand);
}

static void
test_model_bound (UdpFixture    *fixture,
                  gconstpointer  data)
{
  g_test_summary ("Whatever is lost between asking and taking, a bound socket is notified of what "
                  "is there.");

  udp_fixture_bind (fixture);
  for (guint32 seed = 0; seed < 60; seed++)
    run_model (fixture, seed);
}

static void
test_model_connected (UdpFixture    *fixture,
                      gconstpointer  data)
{
  g_test_summary ("Whatever is lost between asking and taking, a connected socket is notified of "
                  "what is there.");

  udp_fixture_connect (fixture);
  for (guint32 seed = 100; seed < 160; seed++)
    run_model (fixture, seed);
}

/* The port of the peer closes while nothing is read */

static void
drop_peer_and_write (UdpFixture *fixture)
{
  udp_fixture_drop_peer (fixture);
  g_assert_cmpint (qnet_io_device_write (DEVICE (fixture->socket), "x", 1, NULL), ==, 1);
  udp_fixture_settle (fixture);
}

static void
test_refusal_while_unwatched (UdpFixture    *fixture,
                          gconstpointer  data)
{
  g_test_summary ("That the peer's port is closed is reported though no handler takes what has "
                  "arrived.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");

  drop_peer_and_write (fixture);
  udp_fixture_assert_log (fixture, "written:1 error:0");
  udp_fixture_assert_gets (fixture, "one");
}

static void
test_refusal_while_paused (UdpFixture    *fixture,
                           gconstpointer  data)
{
  g_test_summary ("That the peer's port is closed is reported while reading is paused.");

  udp_fixture_connect (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  udp_fixture_peer_sends (fixture, "one");
  drop_peer_and_write (fixture);
  udp_fixture_assert_log (fixture, "written:1 error:0");
}

/* Shut down by another owner of the descriptor */

static void
test_shut_down (UdpFixture    *fixture,
                gconstpointer  data)
{
  static const int ways[] = { SHUT_RD, SHUT_RDWR };

  g_test_summary ("A descriptor that was shut down does not make the loop spin, and what had "
                  "arrived before can be read.");

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      GError *error = NULL;

      udp_fixture_connect (fixture);
      udp_fixture_peer_sends (fixture, "one");
      g_assert_no_errno (shutdown (get_fd (fixture), ways[i]));
      udp_fixture_settle (fixture);
      udp_fixture_assert_log (fixture, "ready-read");
      udp_fixture_assert_gets (fixture, "one");
      udp_fixture_settle (fixture);
      g_assert_false (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), 0, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
      qnet_socket_abort (QNET_SOCKET (fixture->socket));
      udp_fixture_forget_log (fixture);
    }
}

static void
test_shut_down_while_unwatched (UdpFixture    *fixture,
                            gconstpointer  data)
{
  g_test_summary ("It does not make the loop spin either while no handler takes what has arrived, "
                  "or reading is paused.");

  udp_fixture_connect (fixture);
  udp_fixture_peer_sends (fixture, "one");
  udp_fixture_settle (fixture);
  g_assert_no_errno (shutdown (get_fd (fixture), SHUT_RDWR));
  udp_fixture_settle (fixture);
  qnet_socket_pause_reading (QNET_SOCKET (fixture->socket));
  udp_fixture_settle (fixture);
  udp_fixture_assert_log (fixture, "ready-read");
  udp_fixture_assert_gets (fixture, "one");
}

static int
find_no_room (QnetSyscall call)
{
  return call == QNET_SYSCALL_SENDMSG ? EAGAIN : 0;
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
test_shut_down_at_once (UdpFixture    *fixture,
                        gconstpointer  data)
{
  g_autoptr(QnetNetworkDatagram) datagram =
    qnet_network_datagram_new ("one", 3, fixture->loopback, fixture->peer_port);
  g_autoptr(GAsyncResult) result = NULL;
  GAsyncResult *ended = NULL;

  g_test_summary ("Nor does it while a datagram waits for room and reading has not begun yet.");

  qnet_syscall_fault = find_no_room;
  qnet_udp_socket_write_datagram_async (fixture->socket, datagram, G_PRIORITY_DEFAULT, NULL,
                                        result_cb, &ended);
  qnet_syscall_fault = NULL;
  shutdown (get_fd (fixture), SHUT_RDWR);  /* it does so without a peer, too, with ENOTCONN */
  udp_fixture_await (fixture, ended != NULL);
  result = ended;
  udp_fixture_settle (fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  udp_fixture_add_ipv4 ("/udp-socket/readiness/bad-checksum-does-not-mute", test_bad_checksum);
  udp_fixture_add_ipv4 ("/udp-socket/readiness/bad-checksum-does-not-end-a-wait",
                        test_bad_checksum_wait);
  udp_fixture_add ("/udp-socket/readiness/datagram-taken-elsewhere-does-not-mute",
                   test_taken_elsewhere);
  udp_fixture_add ("/udp-socket/readiness/asking-without-success-does-not-mute", test_questions);
  udp_fixture_add ("/udp-socket/readiness/model/bound", test_model_bound);
  udp_fixture_add ("/udp-socket/readiness/model/connected", test_model_connected);
  udp_fixture_add ("/udp-socket/readiness/shut-down", test_shut_down);
  udp_fixture_add ("/udp-socket/readiness/shut-down/while-unwatched",
                   test_shut_down_while_unwatched);
  udp_fixture_add ("/udp-socket/readiness/shut-down/at-once", test_shut_down_at_once);
  udp_fixture_add ("/udp-socket/readiness/refusal-is-reported-while-unwatched",
                   test_refusal_while_unwatched);
  udp_fixture_add ("/udp-socket/readiness/refusal-is-reported-while-paused",
                   test_refusal_while_paused);

  return g_test_run ();
}
