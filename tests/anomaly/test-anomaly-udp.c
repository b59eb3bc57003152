/* test-anomaly-udp.c: datagrams to and fro, with each of their system calls failing in turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-syscall-private.h"

#include <qnet/qnet.h>

/* A call fails after so many that went well; the scenario makes far fewer of one kind. */
#define MAX_CALLS 100

typedef struct
{
  const char  *name;
  QnetSyscall  call;
  int          outcomes[8];  /* errno values */
} Anomaly;

static const Anomaly anomalies[] = {
  { "socket",       QNET_SYSCALL_SOCKET,       { EMFILE, ENOBUFS, EAFNOSUPPORT, EINTR } },
  { "bind",         QNET_SYSCALL_BIND,         { EADDRINUSE, EACCES, ENOMEM } },
  { "connect",      QNET_SYSCALL_CONNECT,      { ENETUNREACH, EADDRNOTAVAIL, EINTR } },
  { "recvmsg",      QNET_SYSCALL_RECVMSG,      { ECONNREFUSED, ENOMEM, EAGAIN, EINTR } },
  { "sendmsg",      QNET_SYSCALL_SENDMSG,      { ECONNREFUSED, ENOBUFS, EPERM, EMSGSIZE, EAGAIN, EINTR } },
  { "recvmmsg",     QNET_SYSCALL_RECVMMSG,     { ECONNREFUSED, ENOMEM, EAGAIN, ENOSYS, EINTR } },
  { "sendmmsg",     QNET_SYSCALL_SENDMMSG,     { ECONNREFUSED, ENOBUFS, EPERM, EAGAIN, ENOSYS, EINTR } },
  { "getsockopt",   QNET_SYSCALL_GETSOCKOPT,   { EBADF, ENOBUFS } },
  { "setsockopt",   QNET_SYSCALL_SETSOCKOPT,   { ENOPROTOOPT, ENOBUFS } },
  { "epoll-create", QNET_SYSCALL_EPOLL_CREATE, { EMFILE, ENOMEM } },
  { "epoll-ctl",    QNET_SYSCALL_EPOLL_CTL,    { ENOMEM, ENOSPC } },
};

/* What fails; for the fault function, which takes no data */
static QnetSyscall failing_call;
static int         failing_outcome;
static guint       n_until_failure;
static gboolean    has_failed;

static int
fail_once (QnetSyscall call)
{
  if (call != failing_call || has_failed || n_until_failure-- > 0)
    return 0;

  has_failed = TRUE;

  return failing_outcome;
}

/* The scenario: four datagrams in a batch, which are echoed one by one to a connected socket */

typedef struct
{
  GMainContext  *context;     /* (owned) */
  QnetUdpSocket *server;      /* (owned) */
  QnetUdpSocket *client;      /* (owned) */
  guint          n_answers;
  gboolean       is_reported; /* somebody was told what went wrong */
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
        qnet_network_datagram_make_reply (datagram, qnet_network_datagram_get_data (datagram));

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
    g_ptr_array_add (datagrams, qnet_network_datagram_new (bytes, NULL, 0));

  n_sent = qnet_udp_socket_write_datagrams (scenario->client, datagrams, &error);
  if (n_sent < 4)
    scenario->is_reported = TRUE;

  note_error (scenario, error);
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
  if (!qnet_abstract_socket_wait_for_connected (client, -1, &error))
    {
      note_error (scenario, error);
      return;
    }

  send_batch (scenario);
  while (scenario->n_answers < 4 && !scenario->is_reported)
    g_main_context_iteration (scenario->context, TRUE);
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

static guint
count_descriptors (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

/* Returns whether the call was made often enough to fail. */
static gboolean
run_with_failure (QnetSyscall call,
                  int         outcome,
                  guint       n_before)
{
  guint n_descriptors = count_descriptors ();
  Scenario scenario;

  failing_call = call;
  failing_outcome = outcome;
  n_until_failure = n_before;
  has_failed = FALSE;
  qnet_syscall_fault = fail_once;

  scenario_init (&scenario);
  scenario_run (&scenario);
  qnet_syscall_fault = NULL;

  if (!scenario.is_reported)
    g_assert_cmpuint (scenario.n_answers, ==, 4);
  if (!has_failed)
    g_assert_false (scenario.is_reported);

  scenario_clear (&scenario);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);

  return has_failed;
}

static void
test_anomaly (gconstpointer data)
{
  const Anomaly *anomaly = data;
  guint n_rounds = 0;

  g_test_summary ("Each call of this kind fails in turn, in each way: the datagrams arrive all the "
                  "same, or somebody is told.");

  for (const int *outcome = anomaly->outcomes; *outcome != 0; outcome++)
    for (guint n = 0; n < MAX_CALLS && run_with_failure (anomaly->call, *outcome, n); n++)
      n_rounds++;

  g_test_message ("%u rounds", n_rounds);

  /* The portable reactor has no epoll to fail. */
  if (n_rounds == 0)
    g_test_skip ("the scenario does not make that call here");
}

int
main (int    argc,
      char **argv)
{
  Scenario once;

  g_test_init (&argc, &argv, NULL);

  /* One round without a failure makes what stays for good, such as a descriptor of GLib's own. */
  scenario_init (&once);
  scenario_run (&once);
  scenario_clear (&once);

  for (guint i = 0; i < G_N_ELEMENTS (anomalies); i++)
    {
      g_autofree char *path = g_strconcat ("/anomaly/udp/", anomalies[i].name, NULL);

      g_test_add_data_func (path, &anomalies[i], test_anomaly);
    }

  return g_test_run ();
}
