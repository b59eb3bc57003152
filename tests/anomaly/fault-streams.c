/* fault-streams.c: scenarios of TCP sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault-run.h"

#define WAIT 3000  /* milliseconds: longer than anything takes */

/* A client of a plain peer */

static void
set_short_timeouts (QnetTcpSocket *socket)
{
  qnet_socket_set_connect_timeout (QNET_SOCKET (socket), 1000);
  qnet_abstract_socket_set_lookup_timeout (ABSTRACT (socket), 1000);
  qnet_socket_set_close_timeout (QNET_SOCKET (socket), 1000);
  qnet_abstract_socket_set_connection_attempt_delay (ABSTRACT (socket), 20);
}

static void
begin (Client *client,
       Run    *run,
       gsize   size)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();

  set_short_timeouts (socket);
  client_init (client, run, DEVICE (socket), size);
}

static void
end (Client *client,
     Peer   *peer)
{
  run_until (client->run, client_is_over (client));
  if (client->is_echoed)
    run_succeed (client->run);

  client_clear (client);
  peer_free (peer);
}

static void
by_address (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Peer *peer = peer_new (PEER_ECHO);
  Client client;

  begin (&client, run, 4000);
  qnet_abstract_socket_connect_to_address (ABSTRACT (client.device), address, peer_get_port (peer));
  end (&client, peer);
}

static void
by_name (Run *run)
{
  Peer *peer = peer_new (PEER_ECHO);
  Client client;

  qnet_host_info_clear_cache ();
  begin (&client, run, 4000);
  qnet_abstract_socket_connect_to_host_full (ABSTRACT (client.device), FAULT_HOST,
                                             peer_get_port (peer), QNET_OPEN_MODE_READ_WRITE,
                                             QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  end (&client, peer);
}

static void
bulk (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Peer *peer = peer_new (PEER_ECHO);
  Client client;

  begin (&client, run, 300 * 1024);
  qnet_io_device_set_read_buffer_size (client.device, 16 * 1024);
  qnet_abstract_socket_connect_to_address (ABSTRACT (client.device), address, peer_get_port (peer));
  end (&client, peer);
}

static void
by_proxy (Run           *run,
          PeerKind       kind,
          QnetProxyType  type)
{
  Peer *peer = peer_new (kind);
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (type, "127.0.0.1",
                                                              peer_get_port (peer), NULL, NULL);
  Client client;

  begin (&client, run, 4000);
  qnet_abstract_socket_set_proxy (ABSTRACT (client.device), proxy);
  qnet_abstract_socket_connect_to_host (ABSTRACT (client.device), "far.example", 9);
  end (&client, peer);
}

static void
by_socks5 (Run *run)
{
  by_proxy (run, PEER_SOCKS5, QNET_PROXY_TYPE_SOCKS5);
}

static void
by_http (Run *run)
{
  by_proxy (run, PEER_HTTP, QNET_PROXY_TYPE_HTTP);
}

static void
bound (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Peer *peer = peer_new (PEER_ECHO);
  GError *error = NULL;
  Client client;

  begin (&client, run, 100);
  if (run_check (run,
                 qnet_abstract_socket_bind (ABSTRACT (client.device), address, 0,
                                            QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error),
                 &error))
    qnet_abstract_socket_connect_to_address (ABSTRACT (client.device), address,
                                             peer_get_port (peer));
  else
    qnet_socket_abort (QNET_SOCKET (client.device));

  end (&client, peer);
}

/* What an application does with a connection besides: options, a pause, the write side alone */
static void
handling (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  Peer *peer = peer_new (PEER_ECHO);
  Client client;
  int value;

  begin (&client, run, 50000);
  qnet_socket_set_allow_half_open (QNET_SOCKET (client.device), TRUE);
  qnet_abstract_socket_set_keep_alive_idle (ABSTRACT (client.device), 30000);
  qnet_abstract_socket_set_user_timeout (ABSTRACT (client.device), 5000);
  qnet_io_device_set_unsent_limit (client.device, 65536);
  qnet_abstract_socket_connect_to_address (ABSTRACT (client.device), address, peer_get_port (peer));
  run_until (run, client_is_over (&client) || client.sink.n_received > 0);
  qnet_socket_pause_reading (QNET_SOCKET (client.device));
  qnet_abstract_socket_get_round_trip_time (ABSTRACT (client.device));
  qnet_abstract_socket_get_socket_option (ABSTRACT (client.device),
                                          QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE, &value, NULL);
  qnet_socket_shutdown_write (QNET_SOCKET (client.device));
  qnet_socket_resume_reading (QNET_SOCKET (client.device));
  end (&client, peer);
}

/* Waits: no loop runs */

static gboolean
talk_by_waiting (Run           *run,
                 QnetTcpSocket *socket,
                 guint16        port,
                 gsize          size)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetIODevice *device = DEVICE (socket);
  Sink sink = { run, 0, size };
  GError *error = NULL;

  qnet_abstract_socket_connect_to_address (ABSTRACT (socket), address, port);
  if (!run_check (run, qnet_socket_wait_for_connected (QNET_SOCKET (socket), WAIT, &error),
                  &error)
      || !run_check (run,
                     qnet_io_device_write (device, get_payload (), size, &error) == (gssize) size,
                     &error))
    return FALSE;

  while (qnet_io_device_get_bytes_to_write (device) > 0)
    if (!run_check (run, qnet_io_device_wait_for_bytes_written (device, WAIT, &error), &error))
      return FALSE;

  for (sink_drain (&sink, device); sink.n_received < size; sink_drain (&sink, device))
    if (!run_check (run, qnet_io_device_wait_for_ready_read (device, WAIT, &error), &error))
      {
        sink_drain (&sink, device);
        return FALSE;
      }

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (socket));
  if (qnet_socket_get_state (QNET_SOCKET (socket)) != QNET_SOCKET_STATE_UNCONNECTED
      && !run_check (run,
                     qnet_socket_wait_for_disconnected (QNET_SOCKET (socket), WAIT, &error),
                     &error))
    return FALSE;

  return TRUE;
}

static void
waits (Run *run)
{
  g_autoptr(QnetTcpSocket) socket = run_watch (run, qnet_tcp_socket_new ());
  Peer *peer = peer_new (PEER_ECHO);

  set_short_timeouts (socket);
  if (talk_by_waiting (run, socket, peer_get_port (peer), 100000))
    run_succeed (run);

  g_clear_object (&socket);
  peer_free (peer);
}

typedef struct
{
  Run     *run;
  guint16  port;
  int      is_over;  /* atomic */
} Worker;

static gpointer
work_detached (gpointer data)
{
  Worker *worker = data;
  QnetTcpSocket *socket = run_watch (worker->run, qnet_tcp_socket_new ());

  set_short_timeouts (socket);
  if (talk_by_waiting (worker->run, socket, worker->port, 20000))
    run_succeed (worker->run);

  g_object_unref (socket);
  g_atomic_int_set (&worker->is_over, TRUE);
  g_main_context_wakeup (worker->run->context);

  return NULL;
}

/* In a thread that has no context of its own */
static void
detached (Run *run)
{
  Peer *peer = peer_new (PEER_ECHO);
  Worker worker = { run, peer_get_port (peer), FALSE };
  GThread *thread = g_thread_try_new ("detached", work_detached, &worker, NULL);

  if (thread != NULL)
    {
      run_until (run, g_atomic_int_get (&worker.is_over));
      if (!run->is_late)
        g_thread_join (thread);
    }
  else
    g_string_append (run->reports, "no thread\n");

  peer_free (peer);
}

/* Asynchronous calls */

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static GAsyncResult *
await (Run           *run,
       GAsyncResult **place)
{
  run_until (run, *place != NULL);

  return *place;
}

#define CALL_ASYNC(run, result, ...)       \
  g_clear_object (&(result));              \
  __VA_ARGS__;                             \
  if (await ((run), &(result)) == NULL)    \
    return

static void
talk_by_calling (Run           *run,
                 QnetTcpSocket *socket,
                 guint16        port)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  g_autoptr(GAsyncResult) result = NULL;
  QnetIODevice *device = DEVICE (socket);
  const gsize size = 20000;
  Sink sink = { run, 0, size };
  GError *error = NULL;

  CALL_ASYNC (run, result,
              qnet_abstract_socket_connect_to_address_async (ABSTRACT (socket), address, port, 0,
                                                             NULL, result_cb, &result));
  if (!run_check (run,
                  qnet_abstract_socket_connect_to_address_finish (ABSTRACT (socket), result,
                                                                  &error),
                  &error))
    return;

  CALL_ASYNC (run, result,
              qnet_io_device_write_all_async (device, get_payload (), size, 0, NULL, result_cb,
                                              &result));
  if (!run_check (run, qnet_io_device_write_all_finish (device, result, &error), &error))
    return;

  CALL_ASYNC (run, result, qnet_io_device_flush_async (device, 0, NULL, result_cb, &result));
  if (!run_check (run, qnet_io_device_flush_finish (device, result, &error), &error))
    return;

  while (sink.n_received < size)
    {
      g_autoptr(GBytes) bytes = NULL;

      CALL_ASYNC (run, result,
                  qnet_io_device_read_bytes_async (device, 4096, 0, NULL, result_cb, &result));
      bytes = qnet_io_device_read_bytes_finish (device, result, &error);
      if (!run_check (run, bytes != NULL, &error))
        return;

      if (g_bytes_get_size (bytes) == 0)
        {
          run_add_fault (run, "the end came too early, without an error");
          return;
        }

      sink_take (&sink, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }

  CALL_ASYNC (run, result,
              qnet_abstract_socket_disconnect_from_host_async (ABSTRACT (socket), 0, NULL,
                                                               result_cb, &result));
  if (run_check (run,
                 qnet_abstract_socket_disconnect_from_host_finish (ABSTRACT (socket), result,
                                                                   &error),
                 &error))
    run_succeed (run);
}

static void
calls (Run *run)
{
  g_autoptr(QnetTcpSocket) socket = run_watch (run, qnet_tcp_socket_new ());
  Peer *peer = peer_new (PEER_ECHO);

  set_short_timeouts (socket);
  talk_by_calling (run, socket, peer_get_port (peer));
  g_clear_object (&socket);
  run_settle (run);
  peer_free (peer);
}

/* Streams */

static gboolean
connect_by_calling (Run           *run,
                    QnetTcpSocket *socket,
                    guint16        port)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  GError *error = NULL;

  qnet_abstract_socket_connect_to_address (ABSTRACT (socket), address, port);

  return run_check (run, qnet_socket_wait_for_connected (QNET_SOCKET (socket), WAIT, &error),
                    &error);
}

static void
talk_by_streams (Run           *run,
                 QnetTcpSocket *socket)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (socket));
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (socket));
  g_autoptr(GAsyncResult) result = NULL;
  const gsize size = 20000;
  Sink sink = { run, 0, size };
  GError *error = NULL;
  gsize n_written = 0;
  guint8 buffer[3000];

  CALL_ASYNC (run, result,
              g_output_stream_write_all_async (output, get_payload (), size, 0, NULL, result_cb,
                                               &result));
  if (!run_check (run, g_output_stream_write_all_finish (output, result, &n_written, &error),
                  &error))
    return;

  while (sink.n_received < size)
    {
      gssize n;

      CALL_ASYNC (run, result,
                  g_input_stream_read_async (input, buffer, sizeof buffer, 0, NULL, result_cb,
                                             &result));
      n = g_input_stream_read_finish (input, result, &error);
      if (!run_check (run, n >= 0, &error))
        return;

      if (n == 0)
        {
          run_add_fault (run, "the end came too early, without an error");
          return;
        }

      sink_take (&sink, buffer, (gsize) n);
    }

  CALL_ASYNC (run, result,
              g_io_stream_close_async (G_IO_STREAM (socket), 0, NULL, result_cb, &result));
  if (run_check (run, g_io_stream_close_finish (G_IO_STREAM (socket), result, &error), &error))
    run_succeed (run);
}

static void
streams (Run *run)
{
  g_autoptr(QnetTcpSocket) socket = run_watch (run, qnet_tcp_socket_new ());
  Peer *peer = peer_new (PEER_ECHO);

  set_short_timeouts (socket);
  if (connect_by_calling (run, socket, peer_get_port (peer)))
    talk_by_streams (run, socket);

  g_clear_object (&socket);
  run_settle (run);
  peer_free (peer);
}

static void
talk_by_splice (Run           *run,
                QnetTcpSocket *socket)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (socket));
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (socket));
  const gsize size = 60000;
  g_autoptr(GInputStream) source = g_memory_input_stream_new_from_data (get_payload (),
                                                                        (gssize) size, NULL);
  g_autoptr(GOutputStream) target = g_memory_output_stream_new_resizable ();
  GAsyncResult *sent = NULL, *received = NULL;
  GError *error = NULL;
  Sink sink = { run, 0, size };
  gboolean is_sent, is_received;

  g_output_stream_splice_async (target, input, G_OUTPUT_STREAM_SPLICE_NONE, 0, NULL, result_cb,
                                &received);
  g_output_stream_splice_async (output, source, G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, 0, NULL,
                                result_cb, &sent);
  run_until (run, sent != NULL);
  qnet_socket_shutdown_write (QNET_SOCKET (socket));
  run_until (run, received != NULL);

  is_sent = sent != NULL
            && run_check (run,
                          g_output_stream_splice_finish (output, sent, &error) == (gssize) size,
                          &error);
  is_received = received != NULL
                && run_check (run, g_output_stream_splice_finish (target, received, &error) >= 0,
                              &error);

  sink_take (&sink, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (target)),
             g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (target)));
  if (is_sent && is_received && sink.n_received == size)
    run_succeed (run);
  else if (is_sent && is_received)
    run_add_fault (run, "a splice lost bytes: %" G_GSIZE_FORMAT " came", sink.n_received);

  g_clear_object (&sent);
  g_clear_object (&received);
}

static void
splice (Run *run)
{
  g_autoptr(QnetTcpSocket) socket = run_watch (run, qnet_tcp_socket_new ());
  Peer *peer = peer_new (PEER_ECHO);

  set_short_timeouts (socket);
  qnet_socket_set_allow_half_open (QNET_SOCKET (socket), TRUE);
  if (connect_by_calling (run, socket, peer_get_port (peer)))
    talk_by_splice (run, socket);

  qnet_socket_abort (QNET_SOCKET (socket));
  g_clear_object (&socket);
  run_settle (run);
  peer_free (peer);
}

/* Connections that come from elsewhere, or go there */

static void
steal (Run *run)
{
  g_autoptr(QnetTcpSocket) socket = run_watch (run, qnet_tcp_socket_new ());
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(QnetTcpSocket) other = NULL;
  Peer *peer = peer_new (PEER_ECHO);
  GError *error = NULL;
  char buffer[4];

  set_short_timeouts (socket);
  if (connect_by_calling (run, socket, peer_get_port (peer)))
    {
      connection = qnet_socket_steal_connection (QNET_SOCKET (socket), &error);
      run_check (run, connection != NULL, &error);
    }

  if (connection != NULL)
    {
      other = qnet_tcp_socket_new_from_connection (connection, &error);
      run_check (run, other != NULL, &error);
    }

  if (other != NULL)
    {
      run_watch (run, other);
      if (run_check (run, qnet_io_device_write (DEVICE (other), get_payload (), 4, &error) == 4,
                     &error))
        while (qnet_io_device_get_bytes_available (DEVICE (other)) < 4)
          if (!run_check (run, qnet_io_device_wait_for_ready_read (DEVICE (other), WAIT, &error),
                          &error))
            break;

      if (qnet_io_device_read (DEVICE (other), buffer, sizeof buffer, NULL) == 4)
        run_succeed (run);
    }

  g_clear_object (&other);
  g_clear_object (&connection);
  g_clear_object (&socket);
  run_settle (run);
  peer_free (peer);
}

static void
adopt_descriptor (Run *run)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();
  Peer *peer = peer_new (PEER_ECHO);
  int fd = connect_plain (peer_get_port (peer));
  GError *error = NULL;
  Client client;

  set_short_timeouts (socket);
  client_init (&client, run, DEVICE (socket), 4000);
  fault_give (fd);
  if (run_check (run,
                 qnet_socket_set_fd (QNET_SOCKET (socket), fd,
                                                             QNET_SOCKET_STATE_CONNECTED,
                                                             QNET_OPEN_MODE_READ_WRITE, &error),
                 &error))
    run_until (run, client_is_over (&client));
  else
    {
      /* It is still the caller's. */
      fault_take (fd);
      close_plain (fd);
    }

  end (&client, peer);
}

const Scenario stream_scenarios[] = {
  { "tcp-by-address", by_address },
  { "tcp-by-name", by_name },
  { "tcp-bulk", bulk },
  { "tcp-bound", bound },
  { "tcp-handling", handling },
  { "tcp-waits", waits },
  { "tcp-detached", detached },
  { "tcp-async", calls },
  { "tcp-streams", streams },
  { "tcp-splice", splice },
  { "tcp-steal", steal },
  { "tcp-adopt", adopt_descriptor },
  { "proxy-socks5", by_socks5 },
  { "proxy-http", by_http },
  { NULL },
};
