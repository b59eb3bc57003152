/* test-endings.c: every byte arrives, however a connection ends
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/socket-fixture.h"
#include "common/temp-folder.h"
#include "common/tls-fixture.h"

#define SIZE  (6 * 1024 * 1024)
#define PIECE 65536

/* What moves the bytes */

typedef enum
{
  OVER_TCP,
  OVER_TLS,
  OVER_LOCAL,
  OVER_TCP_ACCEPTED,  /* by a server of ours */
  N_KINDS
} Kind;

static const char *kinds[] = { "tcp", "tls", "local", "accepted" };

/* What the peer does, apart from reading all of it */

typedef enum
{
  PEER_IS_SLOW,        /* begins late, reads little */
  PEER_TALKS,          /* sends something before it reads, and after each piece */
  PEER_HALF_CLOSES,    /* shuts down the write side before it reads */
  PEER_SENDS_ONE_SEGMENT,  /* one segment, when most has come */
  PEER_SENDS_FIRST,    /* more than is stored anywhere, before it reads */
  N_PEERS
} Manner;

static const char *manners[] = { "slow", "chatty", "half-closing", "one-segment", "sends-first" };

/* The peer, in a thread of its own */

typedef struct
{
  Kind          kind;
  Manner        manner;
  int           listener;      /* (owned): -1 for a peer that connects */
  int           fd;            /* (owned) */
  guint16       port;          /* of the server, for a peer that connects */
  GMainContext *context;       /* (nullable): woken up at the end */
  gboolean      may_be_refused;
  int           is_held_back;  /* (atomic): the socket has not begun to end yet */
  int           is_done;       /* (atomic) */
  gsize         size;
  char         *checksum;      /* (owned) */
  gboolean      is_orderly;
} Peer;

static GIOStream *
secure (GIOStream *plain)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  GError *error = NULL;
  GIOStream *secured = g_tls_server_connection_new (plain, certificate, &error);

  g_assert_no_error (error);
  g_tls_connection_handshake (G_TLS_CONNECTION (secured), NULL, &error);
  g_assert_no_error (error);

  return secured;
}

static GIOStream *
open_stream (Peer *peer)
{
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GIOStream) plain = NULL;

  if (peer->listener >= 0)
    peer->fd = accept4 (peer->listener, NULL, NULL, SOCK_CLOEXEC);
  else
    peer->fd = open_client (peer->port);

  g_assert_cmpint (peer->fd, >=, 0);
  socket = g_socket_new_from_fd (peer->fd, NULL);
  plain = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));

  return peer->kind == OVER_TLS ? secure (plain) : g_steal_pointer (&plain);
}

/* What a peer sends is discarded, and not refused before it has received everything and has stopped
 * sending. A program that has exited refuses it; the peer continues to read all the same. */
static void
send_text (Peer       *peer,
           GIOStream  *stream,
           const char *text)
{
  g_autoptr(GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), text, strlen (text), NULL,
                             NULL, &error);
  if (!peer->may_be_refused)
    g_assert_no_error (error);
}

static void
begin (Peer      *peer,
       GIOStream *stream)
{
  g_autofree char *upload = g_strnfill (PIECE, 'u');

  if (peer->manner == PEER_TALKS)
    send_text (peer, stream, "250 ok\r\n");

  for (gsize i = 0; peer->manner == PEER_SENDS_FIRST && i < 2 * SIZE / PIECE; i++)
    send_text (peer, stream, upload);

  if (peer->manner == PEER_HALF_CLOSES && peer->kind == OVER_TLS)
    g_assert_true (g_output_stream_close (g_io_stream_get_output_stream (stream), NULL, NULL));
  else if (peer->manner == PEER_HALF_CLOSES)
    g_assert_no_errno (shutdown (peer->fd, SHUT_WR));
}

static void
respond (Peer      *peer,
         GIOStream *stream,
         gsize      before)
{
  if (peer->manner == PEER_TALKS)
    send_text (peer, stream, "ping\r\n");
  else if (peer->manner == PEER_SENDS_ONE_SEGMENT && before < SIZE - 2 * PIECE
           && peer->size >= SIZE - 2 * PIECE)
    send_text (peer, stream, "wait");
}

static gpointer
peer_thread (gpointer data)
{
  Peer *peer = data;
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr(GIOStream) stream = open_stream (peer);
  GInputStream *input = g_io_stream_get_input_stream (stream);
  g_autofree char *piece = g_malloc (PIECE);
  gsize step = peer->manner == PEER_IS_SLOW ? PIECE / 16 : PIECE;
  gssize n;

  while (g_atomic_int_get (&peer->is_held_back))
    g_thread_yield ();

  begin (peer, stream);

  while ((n = g_input_stream_read (input, piece, step, NULL, NULL)) > 0)
    {
      g_checksum_update (checksum, (guchar *) piece, n);
      peer->size += (gsize) n;
      respond (peer, stream, peer->size - (gsize) n);
    }

  peer->is_orderly = n == 0;
  peer->checksum = g_strdup (g_checksum_get_string (checksum));
  g_io_stream_close (stream, NULL, NULL);

  g_atomic_int_set (&peer->is_done, TRUE);
  if (peer->context != NULL)
    g_main_context_wakeup (peer->context);

  return NULL;
}

/* The ways to end; those that drop the last reference make it NULL */

typedef void (*End) (QnetIODevice **device);

static void
end_by_drop (QnetIODevice **device)
{
  g_clear_object (device);
}

static void
end_by_close (QnetIODevice **device)
{
  g_assert_true (g_io_stream_close (G_IO_STREAM (*device), NULL, NULL));
}

static void
closed_cb (GObject      *device,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;

  g_io_stream_close_finish (G_IO_STREAM (device), result, &error);
  g_assert_no_error (error);
}

static void
end_by_close_async (QnetIODevice **device)
{
  g_io_stream_close_async (G_IO_STREAM (*device), G_PRIORITY_DEFAULT, NULL, closed_cb, NULL);
  g_clear_object (device);
}

static void
end_by_disconnect (QnetIODevice **device)
{
  if (QNET_IS_LOCAL_SOCKET (*device))
    qnet_local_socket_disconnect_from_server (QNET_LOCAL_SOCKET (*device));
  else
    qnet_abstract_socket_disconnect_from_host (ABSTRACT (*device));
}

static void
end_by_shutdown_and_close (QnetIODevice **device)
{
  qnet_socket_shutdown_write (QNET_SOCKET (*device));
  end_by_close (device);
}

static void
end_by_shutdown_and_disconnect (QnetIODevice **device)
{
  qnet_socket_shutdown_write (QNET_SOCKET (*device));
  end_by_disconnect (device);
}

static void
end_by_shutdown_and_drop (QnetIODevice **device)
{
  qnet_socket_shutdown_write (QNET_SOCKET (*device));
  end_by_drop (device);
}

/* As a program without a loop does before it exits; nothing runs the loop after it. */
static void
end_by_waiting (QnetIODevice **device)
{
  GError *error = NULL;

  end_by_disconnect (device);
  qnet_socket_wait_for_disconnected (QNET_SOCKET (*device), 30000, &error);
  g_assert_no_error (error);
  g_clear_object (device);
}

static const struct
{
  const char *name;
  End         end;
  gboolean    drops;
} ways[] = {
  { "drop", end_by_drop, TRUE },
  { "close", end_by_close },
  { "close-async", end_by_close_async },
  { "disconnect", end_by_disconnect },
  { "shutdown-and-close", end_by_shutdown_and_close },
  { "shutdown-and-disconnect", end_by_shutdown_and_disconnect },
  { "shutdown-and-drop", end_by_shutdown_and_drop, TRUE },
  { "wait", end_by_waiting },
};

/* The near end */

static void
no_error_cb (QnetIODevice *device,
             const GError *error)
{
  /* The end of a half-closing peer has this code; a failure to write has it, too. */
  if (error->code != QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED
      || strstr (error->message, "write") != NULL)
    g_assert_no_error (error);
}

static int
listen_locally (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (fd, 1));

  return fd;
}

static gboolean
is_ready (QnetIODevice *device)
{
  if (QNET_IS_SSL_SOCKET (device))
    return qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (device));

  return qnet_socket_get_state (QNET_SOCKET (device)) == QNET_SOCKET_STATE_CONNECTED;
}

static QnetIODevice *
connect_tcp (guint16 port)
{
  QnetTcpSocket *socket = qnet_tcp_socket_new ();

  qnet_abstract_socket_connect_to_host (ABSTRACT (socket), "127.0.0.1", port);

  return DEVICE (socket);
}

static QnetIODevice *
connect_tls (guint16 port)
{
  QnetSslSocket *socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_set_peer_verify_name (socket, "localhost");
  qnet_ssl_socket_set_database_file (socket, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  qnet_ssl_socket_connect_to_host_encrypted (socket, "127.0.0.1", port);

  return DEVICE (socket);
}

static QnetIODevice *
connect_locally (const char *path)
{
  QnetLocalSocket *socket = qnet_local_socket_new ();

  qnet_local_socket_connect_to_server (socket, path);

  return DEVICE (socket);
}

typedef struct
{
  Kind           kind;
  Manner         manner;
  End            end;
} Case;

/* Bytes that repeat nowhere near, so that a piece that is lost or comes twice is noticed. */
static GBytes *
make_bytes (void)
{
  guint32 *data = g_new (guint32, SIZE / 4);
  guint32 x = 2463534242u;

  for (gsize i = 0; i < SIZE / 4; i++)
    {
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
      data[i] = x;
    }

  return g_bytes_new_take (data, SIZE);
}

/* (transfer full): connected, and its peer waits for us to end */
static QnetIODevice *
open_near (Peer           *peer,
           QnetTcpServer **out_server,
           const char     *path)
{
  QnetIODevice *device = NULL;
  guint16 port;

  if (peer->kind == OVER_TCP_ACCEPTED)
    {
      g_autoptr(QnetHostAddress) loopback = qnet_host_address_from_string ("127.0.0.1");

      *out_server = qnet_tcp_server_new ();
      g_assert_true (qnet_tcp_server_listen (*out_server, loopback, 0, NULL));
      peer->port = qnet_tcp_server_get_server_port (*out_server);
      peer->listener = -1;
    }
  else if (peer->kind == OVER_LOCAL)
    {
      peer->listener = listen_locally (path);
      device = connect_locally (path);
    }
  else
    {
      peer->listener = open_listener (&port, 1);
      device = peer->kind == OVER_TLS ? connect_tls (port) : connect_tcp (port);
    }

  return device;
}

/* (transfer full): accepted, if that is the server's, and ready to be written to */
static QnetIODevice *
await_ready (GMainContext  *context,
             QnetTcpServer *server,
             QnetIODevice  *device)
{
  while (device == NULL)
    {
      g_main_context_iteration (context, FALSE);
      device = (QnetIODevice *) qnet_tcp_server_next_pending_connection (server);
    }

  while (!is_ready (device))
    g_main_context_iteration (context, TRUE);

  return device;
}

static void
write_and_end (const Case    *test,
               GBytes        *bytes,
               Peer          *peer,
               QnetIODevice **device)
{
  qnet_io_device_set_read_buffer_size (*device, PIECE);
  g_signal_connect (*device, "error-occurred", G_CALLBACK (no_error_cb), NULL);
  g_assert_cmpint (qnet_io_device_write_bytes (*device, bytes, NULL), ==, SIZE);

  g_atomic_int_set (&peer->is_held_back, FALSE);
  test->end (device);

  while (test->end != end_by_waiting && !g_atomic_int_get (&peer->is_done))
    g_main_context_iteration (peer->context, TRUE);
}

/* Once its thread has ended; frees what belongs to the peer. */
static void
assert_has_all (Peer   *peer,
                GBytes *bytes)
{
  g_autofree char *expected = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  g_assert_cmpuint (peer->size, ==, SIZE);
  g_assert_cmpstr (peer->checksum, ==, expected);
  g_assert_true (peer->is_orderly);

  g_free (peer->checksum);
  if (peer->listener >= 0)
    close (peer->listener);
}

static void
run_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  char *folder = temp_folder_make ();
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autoptr(GBytes) bytes = make_bytes ();
  g_autoptr(QnetTcpServer) server = NULL;
  Peer peer = { .kind = test->kind, .manner = test->manner, .context = context,
                .is_held_back = TRUE };
  QnetIODevice *device;
  GThread *thread;

  g_test_summary ("All that was written arrives, and an orderly end after it; no error is "
                  "reported.");

  if (test->kind == OVER_TLS && !has_tls ())
    return;

  if (test->end == end_by_waiting)
    {
      peer.context = NULL;  /* it may end later than that */
      peer.may_be_refused = TRUE;
    }

  g_main_context_push_thread_default (context);
  device = open_near (&peer, &server, path);
  thread = g_thread_new ("peer", peer_thread, &peer);
  device = await_ready (context, server, device);
  write_and_end (test, bytes, &peer, &device);

  if (test->end == end_by_waiting)
    {
      g_clear_object (&server);
      g_main_context_pop_thread_default (context);
      g_clear_pointer (&context, g_main_context_unref);  /* and what lingers in it */
    }

  g_thread_join (thread);
  assert_has_all (&peer, bytes);

  g_clear_object (&device);
  if (context != NULL)
    g_main_context_pop_thread_default (context);
  temp_folder_remove (folder);
}

static void
add_case (Kind   kind,
          Manner manner,
          gsize  way)
{
  g_autofree char *path = g_strdup_printf ("/endings/%s/%s/%s", kinds[kind], manners[manner],
                                           ways[way].name);
  Case *test = g_new (Case, 1);

  *test = (Case) { kind, manner, ways[way].end };
  g_test_add_data_func_full (path, test, run_case, g_free);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint kind = 0; kind < N_KINDS; kind++)
    for (guint manner = 0; manner < N_PEERS; manner++)
      for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
        if (kind != OVER_TCP_ACCEPTED || !ways[way].drops)  /* a server would hold it */
          add_case (kind, manner, way);

  return g_test_run ();
}
