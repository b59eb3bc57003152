/* test-dtls-handlers.c: handlers of the socket by which encrypted datagrams are sent
 *
 * A socket that is not bound yet binds itself when it sends, and one that cannot send has an error:
 * both are notified within the call of the connection.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include <qnet/qnet.h>

#include "base/qnet-syscall-private.h"
#include "common/dtls-fixture.h"

/* What is called */
typedef enum
{
  DO_HANDSHAKE,
  RESUME_HANDSHAKE,
  WRITE,
  SHUTDOWN
} Call;

/* What the handler does */
typedef enum
{
  ABORT,
  DROP,
  CALL_AGAIN
} Action;

typedef struct
{
  const char *name;
  const char *signal;  /* of the socket */
  Call        call;
  Action      action;
} Case;

static DtlsFixture *the_fixture;
static const Case  *the_case;
static guint        n_handled;

static int
fail_to_send (QnetSyscall call)
{
  return call == QNET_SYSCALL_SENDMSG ? EACCES : 0;
}

static gboolean
call (DtlsFixture    *fixture,
      QnetUdpSocket  *socket,
      Call            which,
      GError        **error)
{
  g_autoptr(GBytes) text = g_bytes_new_static ("text", 4);
  QnetDtls *dtls = fixture->client.dtls;

  switch (which)
    {
    case DO_HANDSHAKE:
      return qnet_dtls_do_handshake (dtls, socket, NULL, error);
    case RESUME_HANDSHAKE:
      return qnet_dtls_resume_handshake (dtls, socket, error);
    case WRITE:
      return qnet_dtls_write_datagram_encrypted (dtls, socket, text, error) == 4;
    case SHUTDOWN:
      return qnet_dtls_shutdown (dtls, socket, error);
    }

  g_assert_not_reached ();
}

static void
act (QnetUdpSocket *socket)
{
  if (n_handled++ > 0)
    return;

  switch (the_case->action)
    {
    case ABORT:
      qnet_dtls_abort_handshake (the_fixture->client.dtls);
      break;
    case DROP:
      g_clear_object (&the_fixture->client.dtls);
      break;
    case CALL_AGAIN:
      call (the_fixture, socket, the_case->call, NULL);
      break;
    }
}

static void
state_changed_cb (QnetUdpSocket   *socket,
                  QnetSocketState  state,
                  gpointer         user_data)
{
  act (socket);
}

static void
notify_cb (QnetUdpSocket *socket,
           GParamSpec    *property,
           gpointer       user_data)
{
  act (socket);
}

/* What is notified has changed. */
static void
notify_state_cb (QnetDtls               *dtls,
                 GParamSpec             *property,
                 QnetDtlsHandshakeState *last)
{
  g_assert_cmpint (qnet_dtls_get_handshake_state (dtls), !=, *last);
  *last = qnet_dtls_get_handshake_state (dtls);
}

/* (transfer full): its handler runs when it sends. */
static QnetUdpSocket *
make_socket (const Case *the)
{
  QnetUdpSocket *socket;

  if (g_str_equal (the->signal, "state-changed"))
    {
      socket = qnet_udp_socket_new ();
      g_signal_connect (socket, the->signal, G_CALLBACK (state_changed_cb), NULL);
    }
  else
    {
      socket = dtls_socket_new ();
      g_signal_connect (socket, the->signal, G_CALLBACK (notify_cb), NULL);
    }

  return socket;
}

/* As far as the call can be made */
static void
prepare (DtlsFixture *fixture,
         Call         which)
{
  if (which == WRITE || which == SHUTDOWN)
    dtls_fixture_encrypt (fixture);

  if (which != RESUME_HANDSHAKE)
    return;

  dtls_trust (fixture->client.dtls, "other-ca");
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, qnet_dtls_get_handshake_state (fixture->client.dtls)
                               == QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED);
  qnet_dtls_ignore_verification_errors (fixture->client.dtls, G_TLS_CERTIFICATE_UNKNOWN_CA);
}

static void
test_handler (DtlsFixture   *fixture,
              gconstpointer  data)
{
  g_autoptr(QnetUdpSocket) socket = make_socket (data);
  g_autoptr(GError) error = NULL;
  QnetDtlsHandshakeState last;

  g_test_summary ("A handler of the socket that sends may end the handshake, drop the last "
                  "reference, or call the same function; each change is notified once.");

  the_fixture = fixture;
  the_case = data;
  n_handled = 0;
  prepare (fixture, the_case->call);

  last = qnet_dtls_get_handshake_state (fixture->client.dtls);
  if (the_case->action == CALL_AGAIN)
    g_signal_connect (fixture->client.dtls, "notify::handshake-state",
                      G_CALLBACK (notify_state_cb), &last);

  if (g_str_equal (the_case->signal, "notify::error"))
    qnet_syscall_fault = fail_to_send;
  call (fixture, socket, the_case->call, &error);
  qnet_syscall_fault = NULL;

  g_assert_cmpuint (n_handled, >=, 1);
  if (fixture->client.dtls != NULL)
    g_signal_handlers_disconnect_by_data (fixture->client.dtls, &last);
  if (the_case->action == DROP)
    g_assert_null (fixture->client.dtls);
  else if (the_case->action == ABORT || the_case->call == SHUTDOWN)
    g_assert_cmpint (qnet_dtls_get_handshake_state (fixture->client.dtls), ==,
                     QNET_DTLS_HANDSHAKE_NOT_STARTED);
}

/* A handshake after one that has failed */

/* The place of the cipher suite in a ServerHello without a session, with both headers */
#define SERVER_HELLO 2
#define TYPE         13
#define CIPHER_SUITE 60

/* (transfer full): what the client has received, with a cipher suite that it does not know */
static GBytes *
forge (GBytes *datagram)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (datagram, &size);
  guint8 *forged = g_memdup2 (bytes, size);

  if (size > CIPHER_SUITE + 1 && forged[TYPE] == SERVER_HELLO)
    {
      gsize place = CIPHER_SUITE + forged[CIPHER_SUITE - 1];

      g_assert_cmpuint (place + 1, <, size);
      forged[place] = 0xfe;
    }

  return g_bytes_new_take (forged, size);
}

static void
begin_again_cb (QnetUdpSocket *socket,
                GParamSpec    *property,
                DtlsFixture   *fixture)
{
  qnet_syscall_fault = NULL;
  n_handled++;
  qnet_dtls_abort_handshake (fixture->client.dtls);
  dtls_fixture_begin (fixture);
}

static void
ready_cb (QnetUdpSocket *socket,
          DtlsFixture   *fixture)
{
  while (n_handled == 0 && qnet_udp_socket_has_pending_datagrams (socket))
    {
      g_autoptr(QnetNetworkDatagram) datagram = qnet_udp_socket_receive_datagram (socket, 0, NULL);
      g_autoptr(GBytes) forged = forge (qnet_network_datagram_get_bytes (datagram));

      if (fixture->server.dtls != NULL)
        qnet_syscall_fault = fail_to_send;
      qnet_dtls_do_handshake (fixture->client.dtls, socket, forged, &fixture->client.error);
      qnet_syscall_fault = NULL;
    }
}

static void
test_begins_again (DtlsFixture   *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A handshake that a handler begins, while the alert for the last one is sent, is "
                  "not ended by the error of that one.");

  n_handled = 0;
  g_signal_handlers_disconnect_by_data (fixture->client.socket, fixture);
  g_signal_connect (fixture->client.socket, "ready-read", G_CALLBACK (ready_cb), fixture);
  g_signal_connect (fixture->client.socket, "notify::error", G_CALLBACK (begin_again_cb), fixture);
  dtls_fixture_begin (fixture);
  dtls_fixture_await (fixture, n_handled > 0);
  g_assert_error (fixture->client.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED);
  g_assert_cmpint (qnet_dtls_get_handshake_state (fixture->client.dtls), ==,
                   QNET_DTLS_HANDSHAKE_IN_PROGRESS);
}

/* Aborting */

static void
abort_cb (QnetUdpSocket *socket,
          GParamSpec    *property,
          DtlsFixture   *fixture)
{
  n_handled++;
  qnet_dtls_abort_handshake (fixture->client.dtls);
}

static void
test_aborts_twice (DtlsFixture   *fixture,
                   gconstpointer  data)
{
  g_test_summary ("A handler that runs while the alert of abort_handshake() is sent may call it, "
                  "too.");

  n_handled = 0;
  prepare (fixture, RESUME_HANDSHAKE);
  g_signal_connect (fixture->client.socket, "notify::error", G_CALLBACK (abort_cb), fixture);
  qnet_syscall_fault = fail_to_send;
  qnet_dtls_abort_handshake (fixture->client.dtls);
  qnet_syscall_fault = NULL;
  g_assert_cmpuint (n_handled, ==, 1);
  g_assert_cmpint (qnet_dtls_get_handshake_state (fixture->client.dtls), ==,
                   QNET_DTLS_HANDSHAKE_NOT_STARTED);
}

/* The tests */

static const Case cases[] = {
  { "handshake/state/aborts", "state-changed", DO_HANDSHAKE, ABORT },
  { "handshake/state/drops", "state-changed", DO_HANDSHAKE, DROP },
  { "handshake/state/calls-again", "state-changed", DO_HANDSHAKE, CALL_AGAIN },
  { "handshake/error/aborts", "notify::error", DO_HANDSHAKE, ABORT },
  { "handshake/error/drops", "notify::error", DO_HANDSHAKE, DROP },
  { "handshake/error/calls-again", "notify::error", DO_HANDSHAKE, CALL_AGAIN },
  { "resume/state/aborts", "state-changed", RESUME_HANDSHAKE, ABORT },
  { "resume/state/drops", "state-changed", RESUME_HANDSHAKE, DROP },
  { "resume/error/calls-again", "notify::error", RESUME_HANDSHAKE, CALL_AGAIN },
  { "write/state/drops", "state-changed", WRITE, DROP },
  { "write/state/calls-again", "state-changed", WRITE, CALL_AGAIN },
  { "write/error/drops", "notify::error", WRITE, DROP },
  { "shutdown/state/drops", "state-changed", SHUTDOWN, DROP },
  { "shutdown/state/calls-again", "state-changed", SHUTDOWN, CALL_AGAIN },
  { "shutdown/error/drops", "notify::error", SHUTDOWN, DROP },
};

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/dtls-handlers/", cases[i].name, NULL);

      dtls_fixture_add (path, test_handler, &cases[i]);
    }
  dtls_fixture_add ("/dtls-handlers/begins-again", test_begins_again, NULL);
  dtls_fixture_add ("/dtls-handlers/aborts-twice", test_aborts_twice, NULL);

  return g_test_run ();
}
