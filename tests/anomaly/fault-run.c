/* fault-run.c: one run of a scenario, in which one call may fail
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "fault-run.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Runs */

void
run_add_fault (Run        *run,
               const char *format,
               ...)
{
  va_list list;

  va_start (list, format);
  g_string_append_vprintf (run->faults, format, list);
  g_string_append_c (run->faults, '\n');
  va_end (list);
}

void
run_succeed (Run *run)
{
  run->has_succeeded = TRUE;
}

void
run_report (Run          *run,
            const GError *error)
{
  if (error == NULL)
    {
      run_add_fault (run, "an error is reported, and it is NULL");
      return;
    }

  if (error->message == NULL || error->message[0] == '\0')
    run_add_fault (run, "an error without a text: %s %d", g_quark_to_string (error->domain),
                   error->code);

  g_string_append_printf (run->reports, "%s %d: %s\n", g_quark_to_string (error->domain),
                          error->code, error->message);
}

gboolean
run_check (Run       *run,
           gboolean   is_done,
           GError   **error)
{
  if (is_done && *error != NULL)
    run_add_fault (run, "it is done, with an error: %s", (*error)->message);

  if (!is_done)
    run_report (run, *error);

  g_clear_error (error);

  return is_done;
}

static void
finalized_cb (gpointer  data,
              GObject  *object)
{
  Run *run = data;

  g_atomic_int_add (&run->n_alive, -1);
}

gpointer
run_watch (Run      *run,
           gpointer  object)
{
  g_atomic_int_inc (&run->n_alive);
  g_object_weak_ref (object, finalized_cb, run);

  return object;
}

const guint8 *
get_payload (void)
{
  static guint8 payload[MAX_PAYLOAD];

  if (payload[1] == 0)
    {
      for (guint i = 0; i < sizeof payload; i++)
        payload[i] = (guint8) (i * 7 + i / 251 + 1);
    }

  return payload;
}

void
run_settle (Run *run)
{
  while (g_main_context_iteration (run->context, FALSE))
    continue;
}

/* Sinks */

void
sink_take (Sink          *sink,
           gconstpointer  data,
           gsize          size)
{
  if (sink->n_received + size > sink->size)
    run_add_fault (sink->run, "%" G_GSIZE_FORMAT " bytes came, of %" G_GSIZE_FORMAT,
                   sink->n_received + size, sink->size);
  else if (size > 0 && memcmp (get_payload () + sink->n_received, data, size) != 0)
    run_add_fault (sink->run, "other bytes came, from %" G_GSIZE_FORMAT " on", sink->n_received);

  sink->n_received += size;
}

void
sink_drain (Sink         *sink,
            QnetIODevice *device)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (device);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  if (size > 0)
    sink_take (sink, data, size);
}

/* Clients */

static gboolean
is_unconnected (QnetIODevice *device)
{
  if (QNET_IS_LOCAL_SOCKET (device))
    return qnet_socket_get_state (QNET_SOCKET (device))
           == QNET_SOCKET_STATE_UNCONNECTED;

  return qnet_socket_get_state (QNET_SOCKET (device)) == QNET_SOCKET_STATE_UNCONNECTED;
}

static gboolean
is_connected (QnetIODevice *device)
{
  if (QNET_IS_LOCAL_SOCKET (device))
    return qnet_socket_get_state (QNET_SOCKET (device))
           == QNET_SOCKET_STATE_CONNECTED;

  return qnet_socket_get_state (QNET_SOCKET (device)) == QNET_SOCKET_STATE_CONNECTED;
}

static void
client_speak (Client *client)
{
  GError *error = NULL;

  run_check (client->run,
             qnet_io_device_write (client->device, get_payload (), client->sink.size, &error)
               == (gssize) client->sink.size,
             &error);
}

static void
client_state_cb (QnetIODevice *device,
                 int           state,
                 Client       *client)
{
  if (!client->is_encrypted && is_connected (device))
    client_speak (client);
}

static void
client_encrypted_cb (QnetIODevice *device,
                     Client       *client)
{
  client_speak (client);
}

static void
client_ready_read_cb (QnetIODevice *device,
                      Client       *client)
{
  sink_drain (&client->sink, device);
  if (client->sink.n_received < client->sink.size || client->is_echoed)
    return;

  client->is_echoed = TRUE;
  if (QNET_IS_LOCAL_SOCKET (device))
    qnet_local_socket_disconnect_from_server (QNET_LOCAL_SOCKET (device));
  else
    qnet_abstract_socket_disconnect_from_host (ABSTRACT (device));
}

static void
client_error_cb (QnetIODevice *device,
                 const GError *error,
                 Client       *client)
{
  run_report (client->run, error);
}

void
client_init (Client       *client,
             Run          *run,
             QnetIODevice *device,
             gsize         size)
{
  *client = (Client) { .run = run, .device = run_watch (run, device), .sink = { run, 0, size } };

  g_signal_connect (device, "state-changed", G_CALLBACK (client_state_cb), client);
  g_signal_connect (device, "ready-read", G_CALLBACK (client_ready_read_cb), client);
  g_signal_connect (device, "error-occurred", G_CALLBACK (client_error_cb), client);
  if (QNET_IS_SSL_SOCKET (device))
    g_signal_connect (device, "encrypted", G_CALLBACK (client_encrypted_cb), client);
}

gboolean
client_is_over (Client *client)
{
  return is_unconnected (client->device);
}

/* Success is all of it, back. */
void
client_clear (Client *client)
{
  if (!client->is_echoed && client->run->reports->len == 0)
    run_add_fault (client->run,
                   "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                   " bytes came back, and no error is reported",
                   client->sink.n_received, client->sink.size);

  g_signal_handlers_disconnect_by_data (client->device, client);
  g_clear_object (&client->device);
}

/* Servers */

static void
echo_cb (QnetIODevice *connection,
         EchoServer   *echo)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (connection);
  GError *error = NULL;

  if (g_bytes_get_size (bytes) > 0)
    run_check (echo->run, qnet_io_device_write_bytes (connection, bytes, &error) >= 0, &error);
}

static void
connection_error_cb (QnetIODevice *connection,
                     const GError *error,
                     EchoServer   *echo)
{
  if (error == NULL || error->code != QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED)
    run_report (echo->run, error);
}

static void
new_connection_cb (QnetServer *server,
                   EchoServer *echo)
{
  QnetSocket *connection;

  while ((connection = qnet_server_next_pending_connection (server)) != NULL)
    {
      echo->n_accepted++;
      g_ptr_array_add (echo->connections, run_watch (echo->run, connection));
      g_signal_connect (connection, "ready-read", G_CALLBACK (echo_cb), echo);
      g_signal_connect (connection, "error-occurred", G_CALLBACK (connection_error_cb), echo);
      echo_cb (QNET_IO_DEVICE (connection), echo);
    }
}

static void
accept_error_cb (QnetServer   *server,
                 const GError *error,
                 EchoServer   *echo)
{
  run_report (echo->run, error);
}

static void
server_ssl_error_cb (QnetServer    *server,
                     QnetSslSocket *socket,
                     const GError  *error,
                     EchoServer    *echo)
{
  run_report (echo->run, error);
}

void
echo_server_init (EchoServer *echo,
                  Run        *run,
                  QnetServer *server)
{
  *echo = (EchoServer) { .run = run, .server = run_watch (run, server) };
  echo->connections = g_ptr_array_new_with_free_func (g_object_unref);

  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), echo);
  g_signal_connect (server, "accept-error", G_CALLBACK (accept_error_cb), echo);
  if (QNET_IS_SSL_SERVER (server))
    g_signal_connect (server, "handshake-failed", G_CALLBACK (server_ssl_error_cb), echo);
}

gboolean
echo_server_is_idle (EchoServer *echo)
{
  for (guint i = 0; i < echo->connections->len; i++)
    if (!is_unconnected (g_ptr_array_index (echo->connections, i)))
      return FALSE;

  return TRUE;
}

void
echo_server_clear (EchoServer *echo)
{
  for (guint i = 0; i < echo->connections->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (echo->connections, i), echo);

  g_signal_handlers_disconnect_by_data (echo->server, echo);
  g_clear_pointer (&echo->connections, g_ptr_array_unref);
  g_clear_object (&echo->server);
}

/* Plain descriptors */

QnetHostAddress *
new_loopback (void)
{
  return qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
}

int
open_plain (int      type,
            guint16 *out_port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof name;
  int fd;

  fault_exempt_begin ();
  fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &name, size));
  if ((type & SOCK_STREAM) != 0)
    g_assert_no_errno (listen (fd, 16));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &name, &size));
  *out_port = ntohs (name.sin_port);
  fault_exempt_end ();

  return fd;
}

int
connect_plain (guint16 port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd;

  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fault_exempt_begin ();
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &name, sizeof name));
  fault_exempt_end ();

  return fd;
}

void
close_plain (int fd)
{
  fault_exempt_begin ();
  close (fd);
  fault_exempt_end ();
}

/* Plain peers */

struct _Peer
{
  PeerKind  kind;
  GThread  *thread;      /* (owned) */
  GMutex    lock;
  int       listener;    /* (owned) */
  int       connection;  /* (owned), or -1; under the lock */
  guint16   port;
  gboolean  is_over;     /* under the lock */
};

static gboolean
receive_whole (int     fd,
               guint8 *buffer,
               gsize   size)
{
  return recv (fd, buffer, size, MSG_WAITALL) == (gssize) size;
}

/* Datagrams come back as they were sent, until the connection ends. */
static void
play_relay (int fd)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  guint8 reply[10] = { 5, 0, 0, 1, 127, 0, 0, 1 };
  struct pollfd fds[2] = { { fd, POLLIN, 0 }, { -1, POLLIN, 0 } };
  socklen_t size = sizeof name;
  guint8 buffer[2048];

  fds[1].fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (fds[1].fd, (struct sockaddr *) &name, size));
  g_assert_no_errno (getsockname (fds[1].fd, (struct sockaddr *) &name, &size));
  memcpy (reply + 8, &name.sin_port, 2);

  if (send (fd, reply, sizeof reply, MSG_NOSIGNAL) == sizeof reply)
    while (poll (fds, 2, -1) > 0 && fds[0].revents == 0)
      {
        gssize n = recvfrom (fds[1].fd, buffer, sizeof buffer, 0, (struct sockaddr *) &name, &size);

        if (n > 0)
          sendto (fds[1].fd, buffer, (gsize) n, 0, (struct sockaddr *) &name, size);
      }

  close (fds[1].fd);
}

/* FALSE: there is nothing more to play. */
static gboolean
play_socks5 (int fd)
{
  guint8 buffer[300];
  guint8 command;
  gsize rest;

  if (!receive_whole (fd, buffer, 2) || !receive_whole (fd, buffer + 2, buffer[1])
      || send (fd, "\5\0", 2, MSG_NOSIGNAL) != 2 || !receive_whole (fd, buffer, 5))
    return FALSE;

  command = buffer[1];
  rest = buffer[3] == 1 ? 5 : buffer[3] == 4 ? 17 : buffer[4] + 2u;
  if (!receive_whole (fd, buffer, rest))
    return FALSE;

  if (command == 3)
    {
      play_relay (fd);
      return FALSE;
    }

  return send (fd, "\5\0\0\1\177\0\0\1\0\11", 10, MSG_NOSIGNAL) == 10;
}

static gboolean
play_http (int fd)
{
  static const char reply[] = "HTTP/1.1 200 OK\r\n\r\n";
  char head[4096] = "";
  gsize length = 0;

  while (strstr (head, "\r\n\r\n") == NULL)
    {
      if (length + 1 >= sizeof head || recv (fd, head + length, 1, 0) != 1)
        return FALSE;

      head[++length] = '\0';
    }

  return send (fd, reply, sizeof reply - 1, MSG_NOSIGNAL) == sizeof reply - 1;
}

static void
play_echo (int fd)
{
  guint8 buffer[16384];
  gssize n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    if (send (fd, buffer, (gsize) n, MSG_NOSIGNAL) != n)
      break;
}

static void
serve_one (Peer *peer,
           int   fd)
{
  if (peer->kind == PEER_ECHO
      || (peer->kind == PEER_SOCKS5 && play_socks5 (fd))
      || (peer->kind == PEER_HTTP && play_http (fd)))
    play_echo (fd);
}

static gpointer
serve (gpointer data)
{
  Peer *peer = data;
  int fd;

  while ((fd = accept4 (peer->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
    {
      g_mutex_lock (&peer->lock);
      peer->connection = fd;
      if (peer->is_over)
        shutdown (fd, SHUT_RDWR);
      g_mutex_unlock (&peer->lock);

      serve_one (peer, fd);

      g_mutex_lock (&peer->lock);
      peer->connection = -1;
      close (fd);
      g_mutex_unlock (&peer->lock);
    }

  return NULL;
}

Peer *
peer_new (PeerKind kind)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->kind = kind;
  peer->connection = -1;
  g_mutex_init (&peer->lock);
  peer->listener = open_plain (SOCK_STREAM, &peer->port);
  fault_exempt_begin ();
  peer->thread = g_thread_new ("peer", serve, peer);
  fault_exempt_end ();

  return peer;
}

guint16
peer_get_port (Peer *peer)
{
  return peer->port;
}

void
peer_free (Peer *peer)
{
  fault_exempt_begin ();
  g_mutex_lock (&peer->lock);
  peer->is_over = TRUE;
  shutdown (peer->listener, SHUT_RDWR);
  if (peer->connection >= 0)
    shutdown (peer->connection, SHUT_RDWR);
  g_mutex_unlock (&peer->lock);

  g_thread_join (peer->thread);
  close (peer->listener);
  fault_exempt_end ();
  g_mutex_clear (&peer->lock);
  g_free (peer);
}
