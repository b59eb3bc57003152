/* test-udp-peers.c: datagrams to and from other programs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "common/udp-fixture.h"

/* How long to wait for an answer before sending again; datagrams that arrive before the program is
 * ready are lost. */
#define TRY_MSECS 50

/* Programs: started and ended by the test */

static char *
find_program (const char *name)
{
  g_autofree char *in_sbin = g_strconcat ("/usr/sbin/", name, NULL);
  char *path = g_find_program_in_path (name);

  if (path == NULL && g_file_test (in_sbin, G_FILE_TEST_IS_EXECUTABLE))
    path = g_steal_pointer (&in_sbin);
  if (path == NULL)
    g_test_skip_printf ("%s is not installed", name);

  return path;
}

static GSubprocess *
start (const char *const *argv)
{
  GError *error = NULL;
  GSubprocess *program = g_subprocess_newv (argv,
                                            G_SUBPROCESS_FLAGS_STDIN_PIPE
                                              | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                            &error);

  g_assert_no_error (error);

  return program;
}

static void
stop (GSubprocess *program)
{
  g_subprocess_force_exit (program);
  g_assert_true (g_subprocess_wait (program, NULL, NULL));
  g_object_unref (program);
}

static gboolean
has_ended (GSubprocess *program)
{
  return g_subprocess_get_identifier (program) == NULL;
}

/* Sends @question until an answer arrives, perhaps one to an earlier copy of it. NULL when the
 * program has ended instead. */
static QnetNetworkDatagram *
ask (UdpFixture    *fixture,
     gconstpointer  question,
     gsize          size,
     GSubprocess   *program,
     guint16        port)
{
  GError *error = NULL;
  QnetNetworkDatagram *answer;

  do
    {
      if (has_ended (program))
        return NULL;

      g_assert_cmpint (qnet_udp_socket_write_datagram_to (fixture->socket, question, size,
                                                          fixture->loopback, port, &error),
                       ==, size);
      g_assert_no_error (error);
    }
  while (!qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), TRY_MSECS, NULL));

  answer = qnet_udp_socket_receive_datagram (fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (qnet_network_datagram_get_sender_port (answer), ==, port);

  return answer;
}

typedef GSubprocess *(*StartFunc) (UdpFixture *fixture,
                                   const char *path,
                                   guint16     port);

/* Another process may bind the port before the program does: then the program ends, and another
 * port is tried. */
static QnetNetworkDatagram *
ask_new (UdpFixture     *fixture,
         StartFunc       start_at,
         const char     *path,
         gconstpointer   question,
         gsize           size,
         GSubprocess   **out_program)
{
  for (;;)
    {
      guint16 port = find_closed_udp_port (fixture->loopback);
      GSubprocess *program = start_at (fixture, path, port);
      QnetNetworkDatagram *answer = ask (fixture, question, size, program, port);

      if (answer != NULL)
        {
          *out_program = program;
          return answer;
        }

      stop (program);
    }
}

static void
assert_text (const QnetNetworkDatagram *datagram,
             const char                *expected)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (qnet_network_datagram_get_bytes (datagram), &size);

  g_assert_cmpmem (data, size, expected, strlen (expected));
}

/* socat */

static char *
describe_for_socat (UdpFixture *fixture,
                    gboolean    is_listener,
                    guint16     port)
{
  gboolean is_ipv4 =
    qnet_host_address_get_protocol (fixture->loopback) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;

  if (is_listener)
    return g_strdup_printf ("%s-LISTEN:%u", is_ipv4 ? "UDP4" : "UDP6", port);

  return g_strdup_printf (is_ipv4 ? "UDP4:127.0.0.1:%u" : "UDP6:[::1]:%u", port);
}

static void
test_socat_asks (UdpFixture    *fixture,
                 gconstpointer  data)
{
  g_autofree char *path = find_program ("socat");
  g_autofree char *address = NULL;
  g_autoptr(QnetNetworkDatagram) question = NULL;
  g_autoptr(QnetNetworkDatagram) reply = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static ("answer", 6);
  GSubprocess *program;
  char text[7] = { 0 };

  g_test_summary ("socat sends a datagram to a bound socket, and receives its reply.");

  if (path == NULL)
    return;

  udp_fixture_bind (fixture);
  address = describe_for_socat (fixture, FALSE, udp_fixture_get_port (fixture));
  program = start ((const char *[]) { path, "STDIO", address, NULL });
  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (program), "question", 8,
                                            NULL, NULL, NULL));

  g_assert_true (qnet_io_device_wait_for_ready_read (DEVICE (fixture->socket), -1, NULL));
  question = qnet_udp_socket_receive_datagram (fixture->socket, 0, NULL);
  assert_text (question, "question");
  reply = qnet_network_datagram_make_reply_bytes (question, bytes);
  g_assert_cmpint (qnet_udp_socket_write_datagram (fixture->socket, reply, NULL), ==, 6);
  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (program), text, 6,
                                          NULL, NULL, NULL));
  g_assert_cmpstr (text, ==, "answer");
  stop (program);
}

static GSubprocess *
start_socat (UdpFixture *fixture,
             const char *path,
             guint16     port)
{
  g_autofree char *address = describe_for_socat (fixture, TRUE, port);

  return start ((const char *[]) { path, address, "PIPE", NULL });
}

static void
test_socat_answers (UdpFixture    *fixture,
                    gconstpointer  data)
{
  g_autofree char *path = find_program ("socat");
  g_autoptr(QnetNetworkDatagram) answer = NULL;
  GSubprocess *program;

  g_test_summary ("socat echoes what a QnetUdpSocket has sent.");

  if (path == NULL)
    return;

  answer = ask_new (fixture, start_socat, path, "to and fro", 10, &program);
  assert_text (answer, "to and fro");
  stop (program);
}

/* Python */

static void
test_python (UdpFixture    *fixture,
             gconstpointer  data)
{
  const char *script = "import socket, sys\n"
                       "family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n"
                       "peer = socket.socket(family, socket.SOCK_DGRAM)\n"
                       "peer.bind((sys.argv[1], 0))\n"
                       "print('%5d' % peer.getsockname()[1], end='', flush=True)\n"
                       "data, address = peer.recvfrom(65535)\n"
                       "peer.sendto(data.upper(), address)\n";
  g_autofree char *path = find_program ("python3");
  g_autofree char *address = qnet_host_address_to_string (fixture->loopback);
  g_autofree char *large = g_strnfill (60000, 'x');
  g_autofree char *expected = g_ascii_strup (large, -1);
  g_autoptr(QnetNetworkDatagram) answer = NULL;
  GSubprocess *program;
  char port[6] = { 0 };

  g_test_summary ("A socket in Python answers a datagram of 60000 bytes.");

  if (path == NULL)
    return;

  program = start ((const char *[]) { path, "-c", script, address, NULL });
  g_assert_true (g_input_stream_read_all (g_subprocess_get_stdout_pipe (program), port, 5,
                                          NULL, NULL, NULL));
  answer = ask (fixture, large, 60000, program,
                (guint16) g_ascii_strtoull (g_strstrip (port), NULL, 10));
  g_assert_nonnull (answer);
  assert_text (answer, expected);
  stop (program);
}

/* DNS (RFC 1035, section 4) */

static const guint8 query[] = {
  0x12, 0x34, 0x01, 0x00, 0,   1, 0,   0,   0,   0,   0, 0, /* id, recursion desired, a question */
  4,    'q',  'n',  'e',  't', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1, /* qnet.test A IN */
};

static GSubprocess *
start_dnsmasq (UdpFixture *fixture,
               const char *path,
               guint16     port)
{
  g_autofree char *address = qnet_host_address_to_string (fixture->loopback);
  g_autofree char *listen = g_strconcat ("--listen-address=", address, NULL);
  g_autofree char *at_port = g_strdup_printf ("--port=%u", port);
  g_autofree char *user = g_strconcat ("--user=", g_get_user_name (), NULL);

  return start ((const char *[]) { path, "--keep-in-foreground", "--conf-file=/dev/null",
                                   "--pid-file", "--no-resolv", "--no-hosts", "--bind-interfaces",
                                   "--address=/qnet.test/192.0.2.7", user, listen, at_port, NULL });
}

static void
test_dnsmasq (UdpFixture    *fixture,
              gconstpointer  data)
{
  static const guint8 expected_address[] = { 192, 0, 2, 7 };
  g_autofree char *path = find_program ("dnsmasq");
  g_autoptr(QnetNetworkDatagram) answer = NULL;
  const guint8 *bytes;
  gsize size;
  GSubprocess *program;

  g_test_summary ("dnsmasq answers a query that is written as raw bytes.");

  if (path == NULL)
    return;

  answer = ask_new (fixture, start_dnsmasq, path, query, sizeof query, &program);
  bytes = g_bytes_get_data (qnet_network_datagram_get_bytes (answer), &size);

  g_assert_cmpuint (size, >, sizeof query);
  g_assert_cmpmem (bytes, 2, query, 2);                                        /* the query's id */
  g_assert_cmphex (bytes[2] & 0x80, ==, 0x80);                                 /* a response, */
  g_assert_cmphex (bytes[3] & 0x0f, ==, 0);                                    /* no error, */
  g_assert_cmpuint (bytes[7], ==, 1);                                          /* one answer */
  g_assert_cmpmem (bytes + 12, sizeof query - 12, query + 12, sizeof query - 12);
  g_assert_cmpmem (bytes + sizeof query + 12, 4, expected_address, 4);
  stop (program);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  udp_fixture_add ("/udp-socket/peers/socat-asks", test_socat_asks);
  udp_fixture_add ("/udp-socket/peers/socat-answers", test_socat_answers);
  udp_fixture_add ("/udp-socket/peers/python", test_python);
  udp_fixture_add ("/udp-socket/peers/dnsmasq", test_dnsmasq);

  return g_test_run ();
}
