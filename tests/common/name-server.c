/* name-server.c: a name server with the replies of the test, which may be wrong
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/name-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct _TestNameServer
{
  TestAnswer  answer;
  gpointer    user_data;
  GThread    *thread;
  int         udp;
  int         tcp;
  int         stop[2];  /* a pipe; closing it stops the thread */
  guint16     port;
  gint        n_asked;  /* atomic */

  /* The client of the current query; only used by the thread */
  struct sockaddr_in peer;        /* over UDP */
  int                connection;  /* over TCP; -1: UDP */
};

/* The thread */

static GPrivate current;  /* the TestNameServer of the thread */

/* Errors are ignored: the client may have closed its socket. */
static void
send_all (int           fd,
          const guint8 *data,
          gsize         size)
{
  gssize n_sent;

  for (gsize i = 0; i < size; i += n_sent)
    {
      n_sent = send (fd, data + i, size - i, MSG_NOSIGNAL);
      if (n_sent < 0)
        break;
    }
}

void
test_name_server_send (const GByteArray *bytes)
{
  const TestNameServer *self = g_private_get (&current);

  if (self->connection >= 0)
    send_all (self->connection, bytes->data, bytes->len);
  else
    sendto (self->udp, bytes->data, bytes->len, 0, (struct sockaddr *) &self->peer,
            sizeof self->peer);
}

static void
reply_to (TestNameServer *self,
          const guint8   *query,
          gsize           size)
{
  g_autoptr(GByteArray) reply = NULL;

  g_atomic_int_inc (&self->n_asked);

  reply = self->answer (query, size, self->connection >= 0, self->user_data);
  if (reply != NULL)
    test_name_server_send (reply);
}

static void
serve_udp (TestNameServer *self)
{
  guint8 query[4096];
  socklen_t peer_size = sizeof self->peer;
  gssize size = recvfrom (self->udp, query, sizeof query, 0, (struct sockaddr *) &self->peer,
                          &peer_size);

  if (size > 0)
    reply_to (self, query, size);
}

static gboolean
receive_all (int     fd,
             guint8 *buffer,
             gsize   size)
{
  return recv (fd, buffer, size, MSG_WAITALL) == (gssize) size;
}

static void
serve_tcp (TestNameServer *self)
{
  guint8 length[2], query[4096];
  gsize size;

  self->connection = accept (self->tcp, NULL, NULL);
  if (self->connection < 0)
    return;

  if (receive_all (self->connection, length, sizeof length))
    {
      size = length[0] << 8 | length[1];
      if (size <= sizeof query && receive_all (self->connection, query, size))
        reply_to (self, query, size);
    }

  close (self->connection);
  self->connection = -1;
}

static gpointer
serve (gpointer data)
{
  TestNameServer *self = data;
  struct pollfd fds[] = {
    { self->udp, POLLIN, 0 }, { self->tcp, POLLIN, 0 }, { self->stop[0], POLLIN, 0 },
  };

  g_private_set (&current, self);

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0 || fds[2].revents == 0)
    {
      if (fds[0].revents != 0)
        serve_udp (self);

      if (fds[1].revents != 0)
        serve_tcp (self);
    }

  return NULL;
}

/* A port that is free for both */

static int
open_socket (int      type,
             guint16 *port)
{
  struct sockaddr_in native = { .sin_family = AF_INET, .sin_port = g_htons (*port) };
  socklen_t size = sizeof native;
  int buffer_size = 1024 * 1024;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  native.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size);

  if (bind (fd, (struct sockaddr *) &native, size) < 0
      || getsockname (fd, (struct sockaddr *) &native, &size) < 0)
    {
      close (fd);
      return -1;
    }

  *port = g_ntohs (native.sin_port);
  return fd;
}

static void
open_sockets (TestNameServer *self,
              guint16         port)
{
  for (;;)
    {
      self->port = port;
      self->tcp = open_socket (SOCK_STREAM, &self->port);
      g_assert_cmpint (self->tcp, >=, 0);

      self->udp = open_socket (SOCK_DGRAM, &self->port);
      if (self->udp >= 0)
        break;

      close (self->tcp);
    }

  g_assert_no_errno (listen (self->tcp, SOMAXCONN));
}

TestNameServer *
test_name_server_new (TestAnswer answer,
                      gpointer   user_data)
{
  return test_name_server_new_on_port (0, answer, user_data);
}

TestNameServer *
test_name_server_new_on_port (guint16    port,
                              TestAnswer answer,
                              gpointer   user_data)
{
  TestNameServer *self = g_new0 (TestNameServer, 1);

  self->answer = answer;
  self->user_data = user_data;
  self->connection = -1;
  open_sockets (self, port);
  g_assert_no_errno (pipe (self->stop));
  self->thread = g_thread_new ("name-server", serve, self);

  return self;
}

void
test_name_server_free (TestNameServer *self)
{
  close (self->stop[1]);
  g_thread_join (self->thread);

  close (self->stop[0]);
  close (self->udp);
  close (self->tcp);
  g_free (self);
}

guint16
test_name_server_get_port (TestNameServer *self)
{
  return self->port;
}

guint
test_name_server_get_n_asked (TestNameServer *self)
{
  return (guint) g_atomic_int_get (&self->n_asked);
}

/* Messages */

void
test_append_u16 (GByteArray *bytes,
                 guint16     value)
{
  guint8 two[] = { value >> 8, value & 0xff };

  g_byte_array_append (bytes, two, sizeof two);
}

void
test_append_name (GByteArray *bytes,
                  const char *name)
{
  g_auto(GStrv) labels = g_strsplit (name, ".", -1);

  for (gsize i = 0; labels[i] != NULL; i++)
    {
      guint8 size = (guint8) strlen (labels[i]);

      g_byte_array_append (bytes, &size, 1);
      g_byte_array_append (bytes, (const guint8 *) labels[i], size);
    }

  if (*name != '\0')
    g_byte_array_append (bytes, (const guint8 *) "", 1);
}

GByteArray *
test_reply_new (const guint8 *query,
                gsize         size,
                guint         rcode)
{
  GByteArray *reply = g_byte_array_new ();
  gsize end = 12;

  while (query[end] != 0)
    end += 1 + query[end];

  end += 5;
  g_assert_cmpuint (end, <=, size);

  g_byte_array_append (reply, query, end);
  reply->data[2] |= 0x80;
  reply->data[3] = 0x80 | rcode;
  memset (reply->data + 6, 0, 6);

  return reply;
}

void
test_reply_add (GByteArray *reply,
                const char *name,
                guint16     type,
                guint32     time_to_live,
                const void *data,
                gsize       size)
{
  if (name != NULL)
    test_append_name (reply, name);
  else
    test_append_u16 (reply, 0xc00c);

  test_append_u16 (reply, type);
  test_append_u16 (reply, 1);
  test_append_u16 (reply, time_to_live >> 16);
  test_append_u16 (reply, time_to_live & 0xffff);
  test_append_u16 (reply, size);
  g_byte_array_append (reply, data, size);

  if (++reply->data[7] == 0)
    reply->data[6]++;
}

void
test_reply_add_name (GByteArray *reply,
                     const char *name,
                     guint16     type,
                     guint32     time_to_live,
                     const char *value)
{
  g_autoptr(GByteArray) data = g_byte_array_new ();

  test_append_name (data, value);
  test_reply_add (reply, name, type, time_to_live, data->data, data->len);
}

GByteArray *
test_reply_frame (GByteArray *reply)
{
  guint8 length[] = { reply->len >> 8, reply->len & 0xff };

  return g_byte_array_prepend (reply, length, sizeof length);
}
