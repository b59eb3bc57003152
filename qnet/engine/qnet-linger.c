/* qnet-linger.c: sends the last bytes of a socket that nobody holds any more
 *
 * Closing a socket while bytes from the peer lie unread makes Linux reset the connection, and the
 * reset overtakes what is still on its way to the peer. So a linger reads what comes and throws it
 * away: while it sends, lest a peer that answers before it reads on block us and itself, and once
 * more before it closes. What arrives after that meets a closed socket, as with every close().
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-linger-private.h"

#include <poll.h>

#include "engine/qnet-reactor-backend-private.h"

#define MAX_VECTORS    64
#define SEND_BUDGET    (1024 * 1024)
#define DISCARD_SIZE   16384
#define DISCARD_BUDGET (1024 * 1024)

typedef struct
{
  QnetWaitSet   set;
  QnetWatch     watch;
  QnetDeadline  deadline;
  QnetTransport transport;   /* (owned) */
  QnetByteQueue rest;
  gboolean      is_reading;  /* the peer has not ended yet */
} Linger;

/* Sends about @budget bytes at most. FALSE when it is over: all is sent, or sending failed. */
static gboolean
send_rest (QnetTransport *transport,
           QnetByteQueue *rest,
           gsize          budget)
{
  gsize total = 0;

  while (rest->length > 0)
    {
      struct iovec vectors[MAX_VECTORS];
      int n_vectors = qnet_byte_queue_get_vectors (rest, vectors, MAX_VECTORS);
      gssize n = transport->funcs->write (transport, vectors, n_vectors, NULL);

      if (n == QNET_TRANSPORT_WOULD_BLOCK)
        return TRUE;

      if (n == QNET_TRANSPORT_FAILED)
        break;

      total += qnet_byte_queue_drop (rest, n);

      if (total >= budget)
        return rest->length > 0;
    }

  return FALSE;
}

/* FALSE when nothing will come any more. */
static gboolean
discard_input (QnetTransport *transport)
{
  guint8 buffer[DISCARD_SIZE];
  gsize total = 0;
  gssize n;

  do
    {
      n = transport->funcs->read (transport, buffer, sizeof buffer, NULL);
      total += MAX (n, 0);
    }
  while (n > 0 && total < DISCARD_BUDGET);

  return n > 0 || n == QNET_TRANSPORT_WOULD_BLOCK;
}

static void
close_transport (QnetReactor   *reactor,
                 QnetTransport *transport,
                 QnetByteQueue *rest)
{
  if (rest->length == 0)
    {
      transport->funcs->shutdown_write (transport, NULL);
      discard_input (transport);
    }

  qnet_byte_queue_clear (rest);
  transport->funcs->close (transport, qnet_reactor_is_forked (reactor));
  *transport = (QnetTransport) { .fd = -1 };
}

/* In the loop */

static void
linger_free (Linger *linger)
{
  qnet_watch_stop (&linger->watch);
  close_transport (linger->set.reactor, &linger->transport, &linger->rest);
  qnet_wait_set_clear (&linger->set);  /* last: it holds the reactor, whose pool the chunks go to */
  g_free (linger);
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  Linger *linger = (Linger *) (gpointer) ((char *) watch - G_STRUCT_OFFSET (Linger, watch));

  if (!send_rest (&linger->transport, &linger->rest, SEND_BUDGET))
    {
      linger_free (linger);
    }
  else if (linger->is_reading && !discard_input (&linger->transport))
    {
      linger->is_reading = FALSE;
      qnet_watch_set_interest (&linger->watch, QNET_READINESS_WRITE);
    }
}

static void
orphaned_cb (QnetWatch *watch)
{
  linger_free ((Linger *) (gpointer) ((char *) watch - G_STRUCT_OFFSET (Linger, watch)));
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  linger_free ((Linger *) (gpointer) ((char *) deadline - G_STRUCT_OFFSET (Linger, deadline)));
}

static const QnetWatchFuncs watch_funcs = { ready_cb, NULL, orphaned_cb };

static void
linger_in_loop (QnetReactor   *reactor,
                QnetTransport *transport,
                QnetByteQueue *rest,
                gint64         until)
{
  Linger *linger = g_new0 (Linger, 1);

  linger->transport = *transport;
  *transport = (QnetTransport) { .fd = -1 };
  linger->is_reading = TRUE;

  qnet_byte_queue_init (&linger->rest, qnet_reactor_get_chunk_pool (reactor));
  qnet_byte_queue_prepend_queue (&linger->rest, rest);

  qnet_wait_set_init (&linger->set, reactor);
  qnet_watch_init (&linger->watch, &watch_funcs, &linger->set);
  qnet_deadline_init (&linger->deadline, timed_out_cb, &linger->set);

  qnet_deadline_start (&linger->deadline, until);
  qnet_watch_start (&linger->watch, linger->transport.fd,
                    QNET_READINESS_READ | QNET_READINESS_WRITE);
}

/* Without a loop */

static void
linger_here (QnetReactor   *reactor,
             QnetTransport *transport,
             QnetByteQueue *rest,
             gint64         until)
{
  struct pollfd pollfd = { transport->fd, POLLIN | POLLOUT, 0 };

  while (qnet_clock_now () < until)
    {
      poll (&pollfd, 1, qnet_clock_get_timeout (qnet_clock_now (), until));

      if (!send_rest (transport, rest, G_MAXSIZE))
        break;

      if ((pollfd.events & POLLIN) != 0 && !discard_input (transport))
        pollfd.events = POLLOUT;
    }

  close_transport (reactor, transport, rest);
}

/* Allocates nothing when all can be sent at once. */
void
qnet_linger (QnetReactor   *reactor,
             QnetTransport *transport,
             QnetByteQueue *rest,
             guint          timeout)
{
  gint64 until = qnet_clock_now () + (gint64) timeout * 1000;

  if (!send_rest (transport, rest, G_MAXSIZE) || timeout == 0 || qnet_reactor_is_orphan (reactor))
    close_transport (reactor, transport, rest);
  else if (qnet_reactor_is_detached (reactor))
    linger_here (reactor, transport, rest, until);
  else
    linger_in_loop (reactor, transport, rest, until);
}
