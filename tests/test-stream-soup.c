/* test-stream-soup.c: libsoup's HTTP and WebSocket over a socket, from its thread and from others
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#ifdef HAVE_LIBSOUP
#include <libsoup/soup.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/bytes.h"
#include "common/isolated.h"
#include "common/stream-rig.h"

#ifdef HAVE_LIBSOUP

static void
iterate (void)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  g_main_context_iteration (context, TRUE);
}

/* SoupServer, with a client in another thread that blocks */

#define N_REQUESTS 5

static gsize
choose_size (guint number)
{
  return number * 40009 % 120000 + 1;
}

static void
send_all (int         fd,
          const char *data,
          gsize       size)
{
  while (size > 0)
    {
      gssize n = send (fd, data, size, MSG_NOSIGNAL);

      g_assert_cmpint (n, >, 0);
      data += n;
      size -= (gsize) n;
    }
}

static void
send_request (int     fd,
              guint   number,
              GBytes *body)
{
  g_autofree char *head = g_strdup_printf ("POST /echo HTTP/1.1\r\n"
                                           "Host: localhost\r\n"
                                           "Connection: %s\r\n"
                                           "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                                           "\r\n",
                                           number == N_REQUESTS - 1 ? "close" : "keep-alive",
                                           g_bytes_get_size (body));

  send_all (fd, head, strlen (head));
  send_all (fd, DATA (body));
}

/* Returns the size of the body. */
static gsize
receive_head (int         fd,
              const char *first_line)
{
  g_autoptr(GString) head = g_string_new (NULL);
  const char *length;
  gsize size = 0;
  char byte;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 1);
      g_string_append_c (head, byte);
    }

  g_assert_true (g_str_has_prefix (head->str, first_line));
  length = strstr (head->str, "Content-Length: ");
  g_assert_nonnull (length);
  g_assert_cmpint (sscanf (length, "Content-Length: %" G_GSIZE_FORMAT, &size), ==, 1);

  return size;
}

static void
receive_answer (int     fd,
                GBytes *expected)
{
  gsize size = receive_head (fd, "HTTP/1.1 200 OK\r\n");
  g_autofree char *body = g_malloc (size);

  g_assert_cmpint (recv (fd, body, size, MSG_WAITALL), ==, size);
  g_assert_cmpmem (body, size, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
}

static gpointer
ask_in_thread (gpointer data)
{
  const Rig *rig = data;
  char byte;

  for (guint i = 0; i < N_REQUESTS; i++)
    {
      g_autoptr(GBytes) body = make_bytes (choose_size (i), rig->round + i);

      send_request (rig->far_fd, i, body);
      receive_answer (rig->far_fd, body);
    }

  g_assert_cmpint (recv (rig->far_fd, &byte, 1, 0), ==, 0);

  return NULL;
}

static void
echo_cb (SoupServer        *server,
         SoupServerMessage *message,
         const char        *path,
         GHashTable        *query,
         gpointer           user_data)
{
  SoupMessageBody *request = soup_server_message_get_request_body (message);
  g_autoptr(GBytes) body = soup_message_body_flatten (request);

  soup_server_message_set_response (message, "application/octet-stream", SOUP_MEMORY_COPY,
                                    DATA (body));
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
}

/* libsoup 3.2 leaks the address of each listener. Its frames have no pointers, so that a
 * suppression would not match. */

static void
begin_known_leak (void)
{
#ifdef __SANITIZE_ADDRESS__
  __lsan_disable ();
#endif
}

static void
end_known_leak (void)
{
#ifdef __SANITIZE_ADDRESS__
  __lsan_enable ();
#endif
}

static void
serve_http (Rig *rig)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 80);
  g_autoptr(SoupServer) server = soup_server_new (NULL, NULL);
  RigPeer *client = rig_run (ask_in_thread, rig, rig);
  GError *error = NULL;

  /* A server that listens nowhere ends each connection after one request. */
  begin_known_leak ();
  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  end_known_leak ();
  g_assert_no_error (error);
  soup_server_add_handler (server, NULL, echo_cb, NULL, NULL);
  soup_server_accept_iostream (server, rig->stream, address, address, &error);
  g_assert_no_error (error);

  rig_step (rig, "answering requests, round");
  while (!g_io_stream_is_closed (rig->stream))
    iterate ();

  rig_step (rig, "waiting for the client, round");
  rig_join_iterating (client);
}

/* SoupSession, with a server in another thread that blocks. A session has no function that takes a
 * stream; a proxy that an application implements returns one. */

static Rig *served;  /* of this process */
static guint n_proxied;

static GIOStream *
return_stream (GProxy         *proxy,
               GIOStream      *connection,
               GProxyAddress  *address,
               GCancellable   *cancellable,
               GError        **error)
{
  n_proxied++;

  return g_object_ref (served->stream);
}

static void
return_stream_async (GProxy              *proxy,
                     GIOStream           *connection,
                     GProxyAddress       *address,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (proxy, cancellable, callback, user_data);

  g_task_return_pointer (task, return_stream (proxy, connection, address, cancellable, NULL),
                         g_object_unref);
}

static GIOStream *
return_stream_finish (GProxy        *proxy,
                      GAsyncResult  *result,
                      GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
proxy_init (GProxyInterface *iface)
{
  iface->connect = return_stream;
  iface->connect_async = return_stream_async;
  iface->connect_finish = return_stream_finish;
  iface->supports_hostname = supports_hostname;
}

typedef GObject RigProxy;
typedef GObjectClass RigProxyClass;

static GType rig_proxy_get_type (void);

G_DEFINE_TYPE_WITH_CODE (RigProxy, rig_proxy, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, proxy_init))

static void
rig_proxy_class_init (RigProxyClass *klass)
{
}

static void
rig_proxy_init (RigProxy *self)
{
}

/* The session connects to it, and sends nothing. */
static SoupSession *
new_session (GSocketListener *listener)
{
  GError *error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *uri = g_strdup_printf ("rig://127.0.0.1:%u", port);
  g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new (uri, NULL);
  G_GNUC_UNUSED g_autoptr(GProxy) other = g_proxy_get_default_for_protocol ("socks5");

  /* That has registered the extension point. */
  g_assert_no_error (error);
  g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, rig_proxy_get_type (), "rig", 0);

  return soup_session_new_with_options ("proxy-resolver", resolver, NULL);
}

static gpointer
answer_in_thread (gpointer data)
{
  const Rig *rig = data;

  for (guint i = 0; i < N_REQUESTS; i++)
    {
      gsize size = receive_head (rig->far_fd, "POST /echo HTTP/1.1\r\n");
      g_autofree char *body = g_malloc (size);
      g_autofree char *head = g_strdup_printf ("HTTP/1.1 200 OK\r\n"
                                               "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                                               size);

      g_assert_cmpint (recv (rig->far_fd, body, size, MSG_WAITALL), ==, size);
      send_all (rig->far_fd, head, strlen (head));
      send_all (rig->far_fd, body, size);
    }

  return NULL;
}

static GBytes *
send_and_read (SoupSession *session,
               SoupMessage *message,
               Rig         *rig)
{
  GError *error = NULL;
  GBytes *answer;

  if (rig->rig_case->flags & RIG_BLOCKING)
    answer = soup_session_send_and_read (session, message, NULL, &error);
  else
    {
      soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, rig_result_cb,
                                        rig);
      answer = soup_session_send_and_read_finish (session, rig_await (rig), &error);
    }

  g_assert_no_error (error);

  return answer;
}

static void
request_http (Rig *rig)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  g_autoptr(SoupSession) session = new_session (listener);
  RigPeer *server = rig_run (answer_in_thread, rig, rig);

  served = rig;
  n_proxied = 0;
  for (guint i = 0; i < N_REQUESTS; i++)
    {
      g_autoptr(SoupMessage) message = soup_message_new ("POST", "http://localhost/echo");
      g_autoptr(GBytes) body = make_bytes (choose_size (i), rig->round + i);
      g_autoptr(GBytes) answer = NULL;

      rig_step (rig, "sending requests, round");
      soup_message_set_request_body_from_bytes (message, NULL, body);
      answer = send_and_read (session, message, rig);
      assert_bytes_are (answer, body);
    }

  g_assert_cmpuint (n_proxied, >=, 1);
  soup_session_abort (session);
  rig_join_iterating (server);
}

/* SoupWebsocketConnection, both ends in this thread */

#define N_MESSAGES 20

typedef struct
{
  SoupWebsocketConnection *connection;  /* (owned) */
  guint                    round;
  guint                    n_received;
  gboolean                 is_closed;
} End;

static void
closed_cb (SoupWebsocketConnection *connection,
           End                     *end)
{
  end->is_closed = TRUE;
}

static void
failed_cb (SoupWebsocketConnection *connection,
           GError                  *error)
{
  g_assert_no_error (error);
}

static void
open_end (End                        *end,
          GIOStream                  *stream,
          SoupWebsocketConnectionType type,
          GCallback                   message_cb)
{
  g_autoptr(GUri) uri = g_uri_parse ("ws://localhost/", G_URI_FLAGS_NONE, NULL);

  end->connection = soup_websocket_connection_new (stream, uri, type, NULL, NULL, NULL);
  soup_websocket_connection_set_max_incoming_payload_size (end->connection, 0);
  g_signal_connect (end->connection, "message", message_cb, end);
  g_signal_connect (end->connection, "closed", G_CALLBACK (closed_cb), end);
  g_signal_connect (end->connection, "error", G_CALLBACK (failed_cb), NULL);
}

static void
return_message_cb (SoupWebsocketConnection *connection,
                   int                      type,
                   GBytes                  *message,
                   End                     *end)
{
  end->n_received++;
  soup_websocket_connection_send_message (connection, type, message);
}

static void
send_next (End *end)
{
  g_autoptr(GBytes) message = make_bytes (choose_size (end->n_received),
                                          end->round + end->n_received);

  soup_websocket_connection_send_message (end->connection, SOUP_WEBSOCKET_DATA_BINARY, message);
}

static void
check_message_cb (SoupWebsocketConnection *connection,
                  int                      type,
                  GBytes                  *message,
                  End                     *end)
{
  g_autoptr(GBytes) expected = make_bytes (choose_size (end->n_received),
                                           end->round + end->n_received);

  assert_bytes_are (message, expected);
  if (++end->n_received < N_MESSAGES)
    send_next (end);
}

static void
exchange_messages (Rig *rig)
{
  End client = { .round = rig->round };
  End server = { .round = rig->round };

  open_end (&server, rig->far_stream, SOUP_WEBSOCKET_CONNECTION_SERVER,
            G_CALLBACK (return_message_cb));
  open_end (&client, rig->stream, SOUP_WEBSOCKET_CONNECTION_CLIENT, G_CALLBACK (check_message_cb));

  rig_step (rig, "messages, round");
  send_next (&client);
  while (client.n_received < N_MESSAGES)
    iterate ();
  g_assert_cmpuint (server.n_received, ==, N_MESSAGES);

  rig_step (rig, "closing a WebSocket, round");
  soup_websocket_connection_close (client.connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  while (!client.is_closed || !server.is_closed)
    iterate ();

  g_assert_true (g_io_stream_is_closed (rig->stream));
  g_clear_object (&client.connection);
  g_clear_object (&server.connection);
}

static const RigCase cases[] = {
  { "http/server", serve_http, 0, RIG_KEEPS_CLOSED, MODES_ALL },
  { "http/session", request_http, 0, RIG_BLOCKING, MODE_OWN | MODES_OF_OTHERS },
  { "http/session-async", request_http, 0, 0, MODES_ALL },
  { "websocket/both", exchange_messages, 0, RIG_FAR_STREAM | RIG_KEEPS_CLOSED, MODES_ALL },
};

static void
add_cases (void)
{
  rig_add_cases ("/stream-soup", cases, G_N_ELEMENTS (cases));
}

#else

static void
skip (void)
{
  g_test_skip ("libsoup-3.0 was not there when the tests were built");
}

static void
add_cases (void)
{
  g_test_add_func ("/stream-soup", skip);
}

#endif

int
main (int    argc,
      char **argv)
{
  isolated_init (&argc, &argv);
  add_cases ();

  return isolated_run ();
}
