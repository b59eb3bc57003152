/* server-tls-gio.c: sends much, or echoes, over TLS, with a GTlsConnection over a GSocketConnection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#define CHUNK (256 * 1024)

typedef struct
{
  GTlsCertificate *certificate;
  GIOStream       *stream;  /* (owned): the connection */
  guint8          *chunk;   /* what is sent again and again, or echoed */
  gint64           left;    /* bytes to be sent, -1: echo */
} Job;

static void read_some (Job *job);

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Job *job = user_data;

  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  g_object_unref (job->stream);
  g_free (job->chunk);
  g_free (job);
}

static void
end (Job *job)
{
  g_io_stream_close_async (job->stream, G_PRIORITY_DEFAULT, NULL, closed_cb, job);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Job *job = user_data;
  gsize size = 0;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &size, NULL))
    {
      end (job);
      return;
    }

  if (job->left < 0)
    {
      read_some (job);
      return;
    }

  job->left -= (gint64) size;
  if (job->left > 0)
    g_output_stream_write_all_async (G_OUTPUT_STREAM (source), job->chunk,
                                     (gsize) MIN (job->left, CHUNK),
                                     G_PRIORITY_DEFAULT, NULL, written_cb, job);
  else
    end (job);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Job *job = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n > 0)
    g_output_stream_write_all_async (g_io_stream_get_output_stream (job->stream), job->chunk,
                                     job->left < 0 ? (gsize) n : (gsize) MIN (job->left, CHUNK),
                                     G_PRIORITY_DEFAULT, NULL, written_cb, job);
  else
    end (job);
}

static void
read_some (Job *job)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (job->stream), job->chunk, CHUNK,
                             G_PRIORITY_DEFAULT, NULL, read_cb, job);
}

static void
handshake_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, NULL))
    read_some (user_data);
  else
    end (user_data);
}

static gboolean
incoming_cb (GSocketService    *service,
             GSocketConnection *connection,
             GObject           *source,
             const Job         *all)
{
  Job *job = g_memdup2 (all, sizeof *all);

  job->chunk = g_malloc0 (CHUNK);
  g_socket_set_option (g_socket_connection_get_socket (connection), 6, 1, 1,
                       NULL);  /* TCP_NODELAY */
  job->stream = g_tls_server_connection_new (G_IO_STREAM (connection), job->certificate, NULL);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (job->stream), G_PRIORITY_DEFAULT, NULL,
                                    handshake_cb, job);

  return TRUE;
}

/* usage: server-tls-gio CERTIFICATE SIZE */
int
main (int   argc,
      char *argv[])
{
  g_autoptr(GSocketService) service = g_socket_service_new ();
  g_autoptr(GError) error = NULL;
  Job job = { NULL, NULL, NULL, g_ascii_strtoll (argv[2], NULL, 10) };
  guint16 port;

  job.certificate = g_tls_certificate_new_from_file (argv[1], &error);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, &error);
  if (error != NULL)
    g_error ("%s", error->message);

  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), &job);
  g_print ("port %u\n", port);
  g_main_loop_run (g_main_loop_new (NULL, FALSE));

  return 0;
}
