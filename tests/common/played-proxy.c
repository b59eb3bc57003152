/* played-proxy.c: a SOCKS5 proxy in a thread of a test
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/played-proxy.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY_LENGTH 10

void
played_proxy_start (PlayedProxy *proxy)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof name;

  *proxy = (PlayedProxy) { .control = -1, .context = g_main_context_ref_thread_default () };
  proxy->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (proxy->listener, (struct sockaddr *) &name, size));
  g_assert_no_errno (listen (proxy->listener, 8));
  g_assert_no_errno (getsockname (proxy->listener, (struct sockaddr *) &name, &size));
  proxy->port = ntohs (name.sin_port);
}

void
played_proxy_disconnect (PlayedProxy *proxy)
{
  if (proxy->control >= 0)
    close (proxy->control);

  proxy->control = -1;
}

void
played_proxy_stop (PlayedProxy *proxy)
{
  played_proxy_join (proxy);
  played_proxy_disconnect (proxy);
  if (proxy->listener >= 0)
    close (proxy->listener);

  proxy->listener = -1;
  g_clear_pointer (&proxy->context, g_main_context_unref);
}

static gboolean
say (PlayedProxy *proxy,
     const char  *data,
     gsize        length)
{
  return send (proxy->control, data, length, MSG_NOSIGNAL) == (gssize) length;
}

/* FALSE: the connection was closed again, by an aborted attempt. */
static gboolean
receive_request (PlayedProxy *proxy)
{
  const PlayedPart *part = &proxy->part;
  guint8 offer[64];

  return recv (proxy->control, offer, sizeof offer, 0) > 0
         && say (proxy, part->method, part->method_length)
         && (part->reply == NULL
             || recv (proxy->control, proxy->request, sizeof proxy->request, MSG_WAITALL)
                  == sizeof proxy->request);
}

static gpointer
play (gpointer user_data)
{
  PlayedProxy *proxy = user_data;
  const PlayedPart *part = &proxy->part;

  do
    {
      played_proxy_disconnect (proxy);
      proxy->control = accept4 (proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    }
  while (!receive_request (proxy));

  if (part->reply != NULL)
    g_assert_true (say (proxy, part->reply, part->reply_length));

  if (part->closes_after)
    played_proxy_disconnect (proxy);

  g_atomic_int_set (&proxy->is_over, TRUE);
  g_main_context_wakeup (proxy->context);

  return NULL;
}

void
played_proxy_play (PlayedProxy      *proxy,
                   const PlayedPart *part)
{
  played_proxy_join (proxy);
  proxy->part = *part;
  proxy->is_over = FALSE;
  proxy->thread = g_thread_new ("proxy", play, proxy);
}

void
played_proxy_join (PlayedProxy *proxy)
{
  if (proxy->thread != NULL)
    g_thread_join (proxy->thread);

  proxy->thread = NULL;
}

void
played_proxy_await (PlayedProxy *proxy)
{
  while (!g_atomic_int_get (&proxy->is_over))
    g_main_context_iteration (proxy->context, TRUE);

  played_proxy_join (proxy);
}

static void
write_reply (guint8  *reply,
             guint8   code,
             guint16  port)
{
  const guint8 bytes[REPLY_LENGTH] = { 5, code, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff };

  memcpy (reply, bytes, sizeof bytes);
}

void
played_proxy_answer (PlayedProxy *proxy,
                     guint8       code,
                     guint16      port)
{
  static char reply[REPLY_LENGTH];
  const PlayedPart part = {
    .method = "\5",
    .method_length = 2,
    .reply = reply,
    .reply_length = sizeof reply,
  };

  played_proxy_join (proxy);
  write_reply ((guint8 *) reply, code, port);
  played_proxy_play (proxy, &part);
}

void
played_proxy_reply (PlayedProxy *proxy,
                    guint8       code,
                    guint16      port)
{
  guint8 reply[REPLY_LENGTH];

  played_proxy_join (proxy);
  write_reply (reply, code, port);
  say (proxy, (const char *) reply, sizeof reply);
}

QnetNetworkProxy *
played_proxy_get (PlayedProxy *proxy)
{
  return qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1", proxy->port, NULL, NULL);
}

guint16
played_proxy_get_requested_port (PlayedProxy *proxy)
{
  played_proxy_join (proxy);

  return (guint16) (proxy->request[8] << 8 | proxy->request[9]);
}
