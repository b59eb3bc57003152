/* server-tls-qnet.c: sends much, or echoes, over TLS, with QnetSslServer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#define CHUNK (256 * 1024)

typedef struct
{
  GBytes  *chunk;  /* (owned): what is sent again and again */
  gint64   left;   /* bytes to be sent, -1: echo */
} Job;

static void
top_up (QnetIODevice *device,
        Job          *job)
{
  while (job->left > 0 && qnet_io_device_get_bytes_to_write (device) < 4 * CHUNK)
    {
      gsize size = MIN (job->left, CHUNK);
      g_autoptr(GBytes) piece = g_bytes_new_from_bytes (job->chunk, 0, size);

      qnet_io_device_write_bytes (device, piece, NULL);
      job->left -= (gint64) size;
    }

  if (job->left == 0)
    qnet_abstract_socket_disconnect_from_host (QNET_ABSTRACT_SOCKET (device));
}

static void
bytes_written_cb (QnetIODevice *device,
                  gint64        size,
                  Job          *job)
{
  if (job->left > 0)
    top_up (device, job);
}

static void
ready_read_cb (QnetIODevice *device,
               Job          *job)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_bytes (device, G_MAXSSIZE);

  if (job->left < 0)
    qnet_io_device_write_bytes (device, bytes, NULL);
  else
    top_up (device, job);
}

static void
new_connection_cb (QnetSslServer *server,
                   Job           *job)
{
  g_autoptr(QnetSslSocket) socket = qnet_ssl_server_next_pending_connection (server);

  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), job);
  g_signal_connect (socket, "bytes-written", G_CALLBACK (bytes_written_cb), job);
}

/* usage: server-tls-qnet CERTIFICATE SIZE */
int
main (int   argc,
      char *argv[])
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
  g_autoptr(GError) error = NULL;
  Job job = { g_bytes_new_take (g_malloc0 (CHUNK), CHUNK), g_ascii_strtoll (argv[2], NULL, 10) };

  if (!qnet_ssl_server_set_certificate_files (server, argv[1], NULL, &error) ||
      !qnet_tcp_server_listen (QNET_TCP_SERVER (server), address, 0, &error))
    g_error ("%s", error->message);

  /* For the clients that stall: the limits are not what is measured. */
  qnet_ssl_server_set_max_handshakes (server, 0);
  qnet_ssl_server_set_handshake_timeout (server, 0);

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), &job);
  g_print ("port %u\n", qnet_tcp_server_get_server_port (QNET_TCP_SERVER (server)));
  g_main_loop_run (g_main_loop_new (NULL, FALSE));

  return 0;
}
