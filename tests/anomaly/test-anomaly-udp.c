/* test-anomaly-udp.c: datagrams to and fro, with each of their system calls failing in turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "anomaly.h"
#include "common/temp-folder.h"

static const Anomaly anomalies[] = {
  { "socket", QNET_SYSCALL_SOCKET, { EMFILE, ENOBUFS, EAFNOSUPPORT, EINTR } },
  { "bind", QNET_SYSCALL_BIND, { EADDRINUSE, EACCES, ENOMEM } },
  { "connect", QNET_SYSCALL_CONNECT, { ENETUNREACH, EADDRNOTAVAIL, EINTR } },
  { "recvmsg", QNET_SYSCALL_RECVMSG, { ECONNREFUSED, ENOMEM, EAGAIN, EINTR } },
  { "sendmsg", QNET_SYSCALL_SENDMSG, { ECONNREFUSED, ENOBUFS, EPERM, EMSGSIZE, EAGAIN, EINTR } },
  { "recvmmsg", QNET_SYSCALL_RECVMMSG, { ECONNREFUSED, ENOMEM, EAGAIN, ENOSYS, EINTR } },
  { "sendmmsg", QNET_SYSCALL_SENDMMSG, { ECONNREFUSED, ENOBUFS, EPERM, EAGAIN, ENOSYS, EINTR } },
  { "getsockopt", QNET_SYSCALL_GETSOCKOPT, { EBADF, ENOBUFS } },
  { "setsockopt", QNET_SYSCALL_SETSOCKOPT, { ENOPROTOOPT, ENOBUFS } },
  { "epoll-create", QNET_SYSCALL_EPOLL_CREATE, { EMFILE, ENOMEM } },
  { "epoll-ctl", QNET_SYSCALL_EPOLL_CTL, { ENOMEM, ENOSPC } },
};

/* The scenario: four datagrams in a batch, which are echoed one by one to a connected socket */

typedef struct
{
  GMainContext  *context;     /* (owned) */
  QnetUdpSocket *server;      /* (owned) */
  QnetUdpSocket *client;      /* (owned) */
  guint          n_answers;
  gboolean       is_reported; /* an error was reported */
} Scenario;

static void
note_error (Scenario *scenario,
            GError   *error)
{
  if (error == NULL)
    return;

  g_assert_true (error->domain == QNET_SOCKET_ERROR);
  g_assert_cmpuint (strlen (error->message), >, 0);
  scenario->is_reported = TRUE;
  g_error_free (error);
}

static void
error_cb (QnetAbstractSocket *socket,
          const GError       *error,
          Scenario           *scenario)
{
  note_error (scenario, g_error_copy (error));
}

static void
echo_cb (QnetUdpSocket *server,
         Scenario      *scenario)
{
  GError *error = NULL;
  g_autoptr(GPtrArray) datagrams = qnet_udp_socket_receive_datagrams (server, 3, &error);

  note_error (scenario, g_steal_pointer (&error));
  for (guint i = 0; datagrams != NULL && i < datagrams->len; i++)
    {
      QnetNetworkDatagram *datagram = g_ptr_array_index (datagrams, i);
      g_autoptr(QnetNetworkDatagram) reply =
        qnet_network_datagram_make_reply_bytes (datagram,
                                                qnet_network_datagram_get_bytes (datagram));

      qnet_udp_socket_write_datagram (server, reply, &error);
      note_error (scenario, g_steal_pointer (&error));
    }
}

static void
answer_cb (QnetUdpSocket *client,
           Scenario      *scenario)
{
  GError *error = NULL;
  guint8 buffer[16];

  if (qnet_udp_socket_read_datagram (client, buffer, sizeof buffer, NULL, NULL, &error) == 4)
    scenario->n_answers++;

  note_error (scenario, error);
}

static void
send_batch (Scenario *scenario)
{
  g_autoptr(GPtrArray) datagrams =
    g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_network_datagram_unref);
  g_autoptr(GBytes) bytes = g_bytes_new_static ("ping", 4);
  GError *error = NULL;
  gssize n_sent;

  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (datagrams, qnet_network_datagram_new_from_bytes (bytes, NULL, 0));

  n_sent = qnet_udp_socket_write_datagrams (scenario->client, datagrams, &error);
  if (n_sent < 4)
    scenario->is_reported = TRUE;

  note_error (scenario, error);
}

static gboolean
is_over (gpointer data)
{
  Scenario *scenario = data;

  return scenario->n_answers == 4 || scenario->is_reported;
}

static void
scenario_init (Scenario *scenario)
{
  *scenario = (Scenario) { .context = g_main_context_new () };
  g_main_context_push_thread_default (scenario->context);
  scenario->server = qnet_udp_socket_new ();
  scenario->client = qnet_udp_socket_new ();
  g_signal_connect (scenario->server, "ready-read", G_CALLBACK (echo_cb), scenario);
  g_signal_connect (scenario->server, "error-occurred", G_CALLBACK (error_cb), scenario);
  g_signal_connect (scenario->client, "ready-read", G_CALLBACK (answer_cb), scenario);
  g_signal_connect (scenario->client, "error-occurred", G_CALLBACK (error_cb), scenario);
}

static void
scenario_run (Scenario *scenario)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  QnetAbstractSocket *server = QNET_ABSTRACT_SOCKET (scenario->server);
  QnetAbstractSocket *client = QNET_ABSTRACT_SOCKET (scenario->client);
  GError *error = NULL;

  if (!qnet_abstract_socket_bind (server, address, 0, QNET_BIND_FLAGS_SHARE_ADDRESS, &error))
    {
      note_error (scenario, error);
      return;
    }

  qnet_abstract_socket_connect_to_address (client, address,
                                           qnet_abstract_socket_get_local_port (server));
  if (!qnet_socket_wait_for_connected (QNET_SOCKET (client), -1, &error))
    {
      note_error (scenario, error);
      return;
    }

  send_batch (scenario);
  anomaly_iterate_until (scenario->context, is_over, scenario);
}

static void
scenario_clear (Scenario *scenario)
{
  while (g_main_context_iteration (scenario->context, FALSE))
    continue;

  g_assert_finalize_object (g_steal_pointer (&scenario->client));
  g_assert_finalize_object (g_steal_pointer (&scenario->server));
  g_main_context_pop_thread_default (scenario->context);
  g_main_context_unref (scenario->context);
}

static void
run_round (gconstpointer data)
{
  guint n_descriptors = count_descriptors ();
  Scenario scenario;

  scenario_init (&scenario);
  scenario_run (&scenario);

  if (!anomaly_end ())
    g_assert_false (scenario.is_reported);
  if (!scenario.is_reported)
    g_assert_cmpuint (scenario.n_answers, ==, 4);

  scenario_clear (&scenario);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_anomaly (gconstpointer anomaly)
{
  g_test_summary ("Each call of this kind fails in turn, in each way: the datagrams arrive all "
                  "the same, or an error is reported.");

  anomaly_run (anomaly, run_round, NULL);
}

int
main (int    argc,
      char **argv)
{
  Scenario once;

  g_test_init (&argc, &argv, NULL);

  /* One round without a failure opens what is never closed, such as a descriptor of GLib's. */
  scenario_init (&once);
  scenario_run (&once);
  scenario_clear (&once);

  anomaly_add_tests ("/anomaly/udp", anomalies, G_N_ELEMENTS (anomalies), test_anomaly);

  return g_test_run ();
}
