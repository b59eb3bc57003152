/* qnet-dns-query-sockets.c: the socket of a query to one name server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-query-parts-private.h"

#include <netinet/in.h>

#include "base/qnet-random-private.h"
#include "base/qnet-syscall-private.h"

#define DATAGRAM_SIZE 4096  /* more than QNET_DNS_UDP_SIZE; a longer datagram is truncated, and so
                             * malformed */

/* The socket */

void
qnet_dns_query_close_socket (QnetDnsQuery *self)
{
  qnet_deadline_stop (&self->timeout);
  qnet_watch_stop (&self->watch);
  qnet_clear_fd (&self->fd);
}

static socklen_t
get_size (const struct sockaddr_storage *native)
{
  return native->ss_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6);
}

/* On a connected socket the kernel only delivers datagrams from the server, and it chooses a random
 * port. */
static gboolean
open_socket (QnetDnsQuery *self,
             int           type)
{
  const struct sockaddr_storage *native
    = &g_array_index (self->conf->servers, struct sockaddr_storage, self->server);

  self->fd = qnet_sys_socket (native->ss_family, type, 0);

  return self->fd >= 0
         && (qnet_sys_connect (self->fd, (const struct sockaddr *) native, get_size (native)) == 0
             || errno == EINPROGRESS);
}

static void
wait_for (QnetDnsQuery  *self,
          QnetDnsStep    step,
          QnetReadiness  interest)
{
  qnet_dns_query_set_step (self, step);
  qnet_watch_start (&self->watch, self->fd, interest);
  qnet_deadline_start (&self->timeout, qnet_clock_until (self->conf->interval));
}

/* TCP (RFC 7766): each message is preceded by its length */

void
qnet_dns_query_use_tcp (QnetDnsQuery *self)
{
  qnet_dns_query_close_socket (self);
  g_byte_array_set_size (self->buffer, 0);
  self->n_sent = 0;

  if (open_socket (self, SOCK_STREAM))
    wait_for (self, QNET_DNS_STEP_TCP_SEND, QNET_READINESS_WRITE);
  else
    qnet_dns_query_try_next_after_errno (self, errno);
}

static gssize
send_rest (QnetDnsQuery *self)
{
  guint8 length[2] = { self->message->len >> 8, self->message->len & 0xff };
  struct iovec vectors[] = {
    { length, sizeof length },
    { self->message->data, self->message->len },
  };

  if (self->n_sent < sizeof length)
    {
      vectors[0].iov_base = length + self->n_sent;
      vectors[0].iov_len -= self->n_sent;
      return qnet_sys_send (self->fd, vectors, 2);
    }

  vectors[1].iov_base = self->message->data + (self->n_sent - sizeof length);
  vectors[1].iov_len -= self->n_sent - sizeof length;
  return qnet_sys_send (self->fd, vectors + 1, 1);
}

void
qnet_dns_query_continue_sending (QnetDnsQuery *self)
{
  gssize n_sent = send_rest (self);

  if (n_sent < 0 && errno == EAGAIN)
    return;

  if (n_sent < 0)
    {
      qnet_dns_query_try_next_after_errno (self, errno);
      return;
    }

  self->n_sent += n_sent;

  if (self->n_sent == 2 + (gsize) self->message->len)
    {
      qnet_dns_query_set_step (self, QNET_DNS_STEP_TCP_READ);
      qnet_watch_set_interest (&self->watch, QNET_READINESS_READ);
    }
}

void
qnet_dns_query_continue_reading (QnetDnsQuery *self)
{
  guint8 bytes[DATAGRAM_SIZE];
  gssize size = qnet_sys_recv (self->fd, bytes, sizeof bytes);
  gsize length;

  if (size < 0 && errno == EAGAIN)
    return;

  if (size <= 0)
    {
      qnet_dns_query_lose_connection (self);
      return;
    }

  g_byte_array_append (self->buffer, bytes, size);

  if (self->buffer->len < 2)
    return;

  length = self->buffer->data[0] << 8 | self->buffer->data[1];
  if (self->buffer->len >= 2 + length)
    qnet_dns_query_handle_tcp_message (self, self->buffer->data + 2, length);
}

/* UDP */

/* The ID and the case of the letters have to be unpredictable, against forged replies. */
static guint64
choose_bits (void)
{
  guint64 bits;

  qnet_random_fill (&bits, sizeof bits);

  return bits;
}

/* Returns FALSE if the name is invalid. */
gboolean
qnet_dns_query_make_message (QnetDnsQuery *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
  g_clear_pointer (&self->plain, g_byte_array_unref);

  self->plain = qnet_dns_message_new_query (self->name, self->type, (guint16) choose_bits (),
                                            self->has_edns ? QNET_DNS_UDP_SIZE : 0,
                                            self->conf->trusts_ad);
  if (self->plain == NULL)
    return FALSE;

  self->message = g_byte_array_new ();
  g_byte_array_append (self->message, self->plain->data, self->plain->len);
  if (self->casing != QNET_DNS_CASE_PLAIN)
    qnet_dns_message_mix_case (self->message, choose_bits ());

  return TRUE;
}

/* A datagram is sent whole or not at all. */
static gboolean
send_datagram (QnetDnsQuery *self)
{
  const struct iovec vector = { self->message->data, self->message->len };

  return qnet_sys_send (self->fd, &vector, 1) >= 0;
}

void
qnet_dns_query_use_udp (QnetDnsQuery *self)
{
  if (open_socket (self, SOCK_DGRAM) && send_datagram (self))
    wait_for (self, QNET_DNS_STEP_UDP, QNET_READINESS_READ);
  else
    qnet_dns_query_try_next_after_errno (self, errno);
}

void
qnet_dns_query_read_datagram (QnetDnsQuery *self)
{
  guint8 data[DATAGRAM_SIZE];
  gssize size = qnet_sys_recv (self->fd, data, sizeof data);

  if (size < 0 && errno == EAGAIN)
    return;

  if (size < 0)
    qnet_dns_query_try_next_after_errno (self, errno);
  else
    qnet_dns_query_handle_datagram (self, data, size);
}
