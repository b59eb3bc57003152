/* tls-relay.c: the other end of an encrypted connection, decrypted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/tls-relay.h"

#include "common/tls-fixture.h"

typedef struct
{
  QnetSocket *encrypted;
  QnetSocket *plain;
  guint       n_ended;  /* directions */
} Relay;

void
tls_relay_start_client (QnetSslSocket *client)
{
  GError *error = NULL;

  qnet_ssl_socket_set_peer_verify_name (client, "localhost");
  qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  qnet_ssl_socket_start_client_encryption (client, &error);
  g_assert_no_error (error);
}

void
tls_relay_start_server (QnetSslSocket *server)
{
  GError *error = NULL;

  qnet_ssl_socket_set_certificate_files (server, get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_start_server_encryption (server, &error);
  g_assert_no_error (error);
}

/* A receiver that does not read stops the sender as soon as without a relay. */
#define BUFFER_SIZE 16384

static QnetSocket *
open_socket (GType type,
             int   fd)
{
  QnetSocket *socket = g_object_new (type, "allow-half-open", TRUE,
                                     "read-buffer-size", (gint64) BUFFER_SIZE,
                                     "write-buffer-high-water", (gint64) BUFFER_SIZE, NULL);
  GError *error = NULL;

  qnet_socket_set_fd (socket, fd, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return socket;
}

/* A failure ends both directions. */
static void
end_direction (Relay        *relay,
               GObject      *output,
               GAsyncResult *result,
               QnetSocket   *to)
{
  if (g_output_stream_splice_finish (G_OUTPUT_STREAM (output), result, NULL) >= 0)
    qnet_socket_shutdown_write (to);
  else
    {
      qnet_socket_abort (relay->encrypted);
      qnet_socket_abort (relay->plain);
    }

  relay->n_ended++;
}

static void
to_plain_cb (GObject      *output,
             GAsyncResult *result,
             gpointer      user_data)
{
  Relay *relay = user_data;

  end_direction (relay, output, result, relay->plain);
}

static void
to_encrypted_cb (GObject      *output,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Relay *relay = user_data;

  end_direction (relay, output, result, relay->encrypted);
}

static void
splice (QnetSocket          *from,
        QnetSocket          *to,
        GAsyncReadyCallback  callback,
        Relay               *relay)
{
  g_output_stream_splice_async (g_io_stream_get_output_stream (G_IO_STREAM (to)),
                                g_io_stream_get_input_stream (G_IO_STREAM (from)),
                                G_OUTPUT_STREAM_SPLICE_NONE, G_PRIORITY_DEFAULT, NULL, callback,
                                relay);
}

/* The rest is sent by the loop. */
static void
close_socket (QnetSocket   *socket,
              GMainContext *context)
{
  qnet_socket_disconnect_from_peer (socket);
  while (qnet_socket_get_state (socket) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (context, TRUE);

  g_object_unref (socket);
}

void
tls_relay_run (int fd,
               int plain)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  Relay relay = { NULL, };

  g_main_context_push_thread_default (context);
  relay.encrypted = open_socket (QNET_TYPE_SSL_SOCKET, fd);
  relay.plain = open_socket (QNET_TYPE_LOCAL_SOCKET, plain);
  tls_relay_start_server (QNET_SSL_SOCKET (relay.encrypted));
  splice (relay.encrypted, relay.plain, to_plain_cb, &relay);
  splice (relay.plain, relay.encrypted, to_encrypted_cb, &relay);

  while (relay.n_ended < 2)
    g_main_context_iteration (context, TRUE);

  close_socket (relay.encrypted, context);
  close_socket (relay.plain, context);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);
}
