/* test-anomaly-proxy.c: connecting through a proxy, with each of its system calls failing in turn
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "anomaly.h"

#define GREETING "hello"

static const Anomaly anomalies[] = {
  { "socket", QNET_SYSCALL_SOCKET, { EMFILE, ENOBUFS, EINTR } },
  { "connect", QNET_SYSCALL_CONNECT, { ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EINTR } },
  { "peek", QNET_SYSCALL_RECVMSG, { ECONNRESET, ENOMEM, ENOBUFS, ETIMEDOUT, EINTR } },
  { "recv", QNET_SYSCALL_RECV, { ECONNRESET, ENOMEM, ETIMEDOUT, EAGAIN, EINTR, -1 } },
  { "send", QNET_SYSCALL_SEND, { EPIPE, ECONNRESET, ENOBUFS, ENOMEM, EPERM, EAGAIN, EINTR, -1 } },
  { "getsockopt", QNET_SYSCALL_GETSOCKOPT, { EBADF, ENOBUFS } },
  { "setsockopt", QNET_SYSCALL_SETSOCKOPT, { ENOPROTOOPT, ENOBUFS } },
  { "epoll-create", QNET_SYSCALL_EPOLL_CREATE, { EMFILE, ENOMEM } },
  { "epoll-ctl", QNET_SYSCALL_EPOLL_CTL, { ENOMEM, ENOSPC } },
};

/* The proxy, in a thread: it answers each step of the dialogue, then sends a greeting as the
 * peer */

typedef struct
{
  QnetProxyType  type;
  int            listener;  /* (owned) */
  guint16        port;
  GThread       *thread;    /* (owned) */
} TestProxy;

/* Reads on to @size bytes, or to @end (nullable). */
static gboolean
receive (int         fd,
         gsize       size,
         const char *end)
{
  g_autoptr(GString) got = g_string_new (NULL);
  char byte;

  while (end != NULL ? strstr (got->str, end) == NULL : got->len < size)
    {
      if (recv (fd, &byte, 1, 0) != 1)
        return FALSE;

      g_string_append_c (got, byte);
    }

  return TRUE;
}

static gboolean
answer (int         fd,
        const char *data,
        gsize       length)
{
  return send (fd, data, length, MSG_NOSIGNAL) == (gssize) length;
}

#define ANSWER(fd, text) answer ((fd), (text), sizeof (text) - 1)

static void
serve_http (int fd)
{
  if (receive (fd, 0, "\r\n\r\n")
      && ANSWER (fd, "HTTP/1.1 407 Unauthorized\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                     "Content-Length: 5\r\n\r\nsorry")
      && receive (fd, 0, "\r\n\r\n"))
    ANSWER (fd, "HTTP/1.1 200 Connection established\r\n\r\n" GREETING);
}

static void
serve_socks5 (int fd)
{
  if (receive (fd, 4, NULL) && ANSWER (fd, "\5\2")
      && receive (fd, 8, NULL) && ANSWER (fd, "\1\0")
      && receive (fd, 10, NULL))
    ANSWER (fd, "\5\0\0\1\12\0\0\1\37\220" GREETING);
}

static gpointer
serve (gpointer data)
{
  TestProxy *proxy = data;
  int fd;

  while ((fd = accept (proxy->listener, NULL, NULL)) >= 0)
    {
      if (proxy->type == QNET_PROXY_TYPE_HTTP)
        serve_http (fd);
      else
        serve_socks5 (fd);

      shutdown (fd, SHUT_WR);
      receive (fd, G_MAXSIZE, NULL);
      close (fd);
    }

  return NULL;
}

static void
start_proxy (TestProxy     *proxy,
             QnetProxyType  type)
{
  g_autoptr(QnetHostAddress) loopback =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GSocketAddress) address = qnet_host_address_to_socket_address (loopback, 0);
  struct sockaddr_storage native;
  socklen_t size = g_socket_address_get_native_size (address);

  g_assert_true (g_socket_address_to_native (address, &native, sizeof native, NULL));
  proxy->type = type;
  proxy->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (proxy->listener, (struct sockaddr *) &native, size));
  g_assert_no_errno (listen (proxy->listener, 16));
  g_assert_no_errno (getsockname (proxy->listener, (struct sockaddr *) &native, &size));
  proxy->port = GUINT16_FROM_BE (((struct sockaddr_in *) &native)->sin_port);
  proxy->thread = g_thread_new ("proxy", serve, proxy);
}

static void
stop_proxy (TestProxy *proxy)
{
  shutdown (proxy->listener, SHUT_RDWR);
  g_thread_join (proxy->thread);
  close (proxy->listener);
}

/* The scenario: a client connects, and reads until the end */

typedef struct
{
  GMainContext  *context;  /* (owned) */
  QnetTcpSocket *client;   /* (owned) */
  GString       *got;      /* (owned) */
  GError *error; /* (owned) (nullable): what was reported before the greeting was complete */
} Scenario;

static void
note_error_cb (QnetAbstractSocket *client,
               const GError       *error,
               Scenario           *scenario)
{
  if (scenario->error == NULL && scenario->got->len < strlen (GREETING))
    scenario->error = g_error_copy (error);
}

static void
read_cb (QnetIODevice *client,
         Scenario     *scenario)
{
  gsize length;
  g_autofree guint8 *data = qnet_io_device_read_all (client, &length);

  g_string_append_len (scenario->got, (const char *) data, (gssize) length);
}

static gboolean
is_over (gpointer data)
{
  Scenario *scenario = data;
  QnetAbstractSocket *client = QNET_ABSTRACT_SOCKET (scenario->client);

  return qnet_socket_get_state (QNET_SOCKET (client)) == QNET_SOCKET_STATE_UNCONNECTED;
}

static void
run_scenario (Scenario  *scenario,
              TestProxy *proxy)
{
  g_autoptr(QnetNetworkProxy) own = qnet_network_proxy_new (proxy->type, "127.0.0.1", proxy->port,
                                                            "u", "sesa");

  scenario->context = g_main_context_new ();
  g_main_context_push_thread_default (scenario->context);
  scenario->got = g_string_new (NULL);
  scenario->client = qnet_tcp_socket_new ();
  g_signal_connect (scenario->client, "ready-read", G_CALLBACK (read_cb), scenario);
  g_signal_connect (scenario->client, "error-occurred", G_CALLBACK (note_error_cb), scenario);

  qnet_abstract_socket_set_proxy (QNET_ABSTRACT_SOCKET (scenario->client), own);
  qnet_socket_set_connect_timeout (QNET_SOCKET (scenario->client), 0);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (scenario->client), "192.0.2.1", 80);
  anomaly_iterate_until (scenario->context, is_over, scenario);
}

static void
clear_scenario (Scenario *scenario)
{
  g_assert_finalize_object (g_steal_pointer (&scenario->client));
  g_string_free (scenario->got, TRUE);
  g_clear_error (&scenario->error);
  g_main_context_pop_thread_default (scenario->context);
  g_main_context_unref (scenario->context);
}

/* Asserts that no bytes of the dialogue have reached the application, and that the password is not
 * part of a message. */
static void
check_scenario (Scenario *scenario)
{
  g_assert_true (g_str_has_prefix (GREETING, scenario->got->str));

  if (scenario->error == NULL)
    {
      g_assert_cmpstr (scenario->got->str, ==, GREETING);
      return;
    }

  g_assert_cmpuint (scenario->error->domain, ==, QNET_SOCKET_ERROR);
  g_assert_null (strstr (scenario->error->message, "sesa"));
}

static void
run_round (gconstpointer data)
{
  TestProxy *proxy = (TestProxy *) data;
  Scenario scenario = { NULL, };

  run_scenario (&scenario, proxy);

  if (!anomaly_end ())
    g_assert_no_error (scenario.error);

  check_scenario (&scenario);
  clear_scenario (&scenario);
}

static void
test_anomaly (const Anomaly *anomaly,
              QnetProxyType  type)
{
  TestProxy proxy;

  g_test_summary ("Each call of this kind fails in turn, in each way: the peer's bytes arrive, "
                  "and no others, or the failure is reported.");

  start_proxy (&proxy, type);
  anomaly_run (anomaly, run_round, &proxy);
  stop_proxy (&proxy);
}

static void
test_socks5 (gconstpointer anomaly)
{
  test_anomaly (anomaly, QNET_PROXY_TYPE_SOCKS5);
}

static void
test_http (gconstpointer anomaly)
{
  test_anomaly (anomaly, QNET_PROXY_TYPE_HTTP);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  anomaly_add_tests ("/anomaly/proxy/socks5", anomalies, G_N_ELEMENTS (anomalies), test_socks5);
  anomaly_add_tests ("/anomaly/proxy/http", anomalies, G_N_ELEMENTS (anomalies), test_http);

  return g_test_run ();
}
