/* qnet-transport-tls.c: bytes over a TLS session
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-transport-tls-private.h"

#include <errno.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "channel/qnet-linger-private.h"

/* The size of a TLS record (RFC 8446, section 5.1), and of what one call sends. */
#define RECORD_SIZE 16384
#define BATCH_SIZE  (8 * RECORD_SIZE)

#define MAX_VECTORS 64

/* After a read of this size the peer is taken to send in bulk: the next chunk is a large one. */
#define BULK_MIN 4096

/* Receives in a row that bring no plain byte: then others are served. */
#define MAX_FRUITLESS 16

/* Milliseconds for which an alert is sent after the end. */
#define ALERT_TIMEOUT 1000

typedef struct
{
  QnetTlsSession *session;         /* (owned) */
  QnetReactor    *reactor;         /* (owned) */
  QnetWatch      *watch;           /* (not owned) (nullable) */
  gsize           sealed;          /* plain bytes, still the caller's, whose records are not sent */
  gsize           n_sent;          /* (atomic): encrypted bytes, modulo its range */
  int             receive_error;   /* errno of a failure, or 0: permanent, but the kernel reports */
  int             send_error;      /* ... it only once */
  gboolean        is_established;
  gboolean        is_busy;         /* another thread uses the session */
  gboolean        is_shut;         /* close_notify is sent or queued */
  gboolean        is_bulk;         /* the last receive filled its chunk */
  gboolean        is_drained;      /* the last receive was short: the kernel has no more */
} Tls;

/* The queues of the session grow and become empty with each batch. After the handshake only this
 * thread uses the session, and only in these functions, as long as the channel has a pool. */
static void
use_pool (QnetTransport *transport)
{
  Tls *tls = transport->data;

  qnet_tls_session_get_input (tls->session)->pool = transport->pool;
  qnet_tls_session_get_output (tls->session)->pool = transport->pool;
}

/* Receiving */

static gssize
receive (Tls *tls,
         int  fd)
{
  QnetByteQueue *input = qnet_tls_session_get_input (tls->session);
  gsize room;
  void *space = qnet_byte_queue_reserve (input, tls->is_bulk, &room);
  gssize n = qnet_sys_recv (fd, space, room);
  int error_number = errno;

  qnet_byte_queue_commit (input, space, MAX (n, 0));
  tls->is_bulk = n >= BULK_MIN || n == (gssize) room;
  tls->is_drained = n > 0 && n < (gssize) room;

  if (n < 0 && error_number != EAGAIN)
    tls->receive_error = error_number;
  if (n == 0 || tls->receive_error != 0)
    qnet_tls_session_end_input (tls->session);

  errno = error_number;
  return n;
}

/* After a short receive the kernel is not asked again until it has reported that there is more.
 * FALSE: not now. The end counts as more. */
static gboolean
receive_more (Tls *tls,
              int  fd)
{
  if (tls->is_drained)
    {
      tls->is_drained = FALSE;
      return FALSE;
    }

  return receive (tls, fd) >= 0 || tls->receive_error != 0;
}

static gssize
fail_reading (Tls     *tls,
              GError **error)
{
  if (tls->receive_error != 0)
    {
      g_clear_error (error);
      qnet_set_error_from_errno (error, tls->receive_error, _("Could not read"));
    }

  return QNET_TRANSPORT_FAILED;
}

static gssize
transport_tls_read (QnetTransport  *transport,
                    void           *buffer,
                    gsize           size,
                    GError        **error)
{
  Tls *tls = transport->data;
  gssize n = QNET_TRANSPORT_WOULD_BLOCK;
  guint n_fruitless = 0;

  if (!tls->is_established)
    return QNET_TRANSPORT_WOULD_BLOCK;

  use_pool (transport);
  do
    {
      n = qnet_tls_session_read (tls->session, buffer, size, error);
      qnet_transport_tls_flush (transport);
    }
  while (n == QNET_TRANSPORT_WOULD_BLOCK && n_fruitless++ < MAX_FRUITLESS
         && receive_more (tls, transport->fd));

  return n == QNET_TRANSPORT_FAILED ? fail_reading (tls, error) : n;
}

/* Sending */

/* A failure is permanent and remembered: the kernel reports the reason only once. */
static gssize
send_output (Tls *tls,
             int  fd)
{
  QnetByteQueue *output = qnet_tls_session_get_output (tls->session);
  struct iovec vectors[MAX_VECTORS];
  int n_vectors = qnet_byte_queue_get_vectors (output, vectors, MAX_VECTORS);
  gssize n = qnet_sys_send (fd, vectors, n_vectors);

  if (n < 0)
    {
      if (errno != EAGAIN)
        tls->send_error = errno;
      return -1;
    }

  qnet_byte_queue_drop (output, n);
  __atomic_store_n (&tls->n_sent, tls->n_sent + (gsize) n, __ATOMIC_RELAXED);

  return n;
}

int
qnet_transport_tls_flush (QnetTransport *transport)
{
  Tls *tls = transport->data;

  while (tls->send_error == 0 && qnet_tls_session_get_output (tls->session)->length > 0)
    if (send_output (tls, transport->fd) < 0)
      break;

  if (tls->send_error != 0)
    {
      errno = tls->send_error;
      return -1;
    }

  return qnet_tls_session_get_output (tls->session)->length > 0;
}

/* Writing: a batch of records is sealed and sent. Bytes whose records could not be sent remain with
 * the caller, as if they had not been sealed. */

/* Finds the byte at @offset. @out_size: the length of the run that begins there. */
static const guint8 *
find_run (const struct iovec *vectors,
          int                 n_vectors,
          gsize               offset,
          gsize              *out_size)
{
  for (int i = 0; i < n_vectors; i++)
    {
      if (offset < vectors[i].iov_len)
        {
          *out_size = vectors[i].iov_len - offset;
          return (const guint8 *) vectors[i].iov_base + offset;
        }

      offset -= vectors[i].iov_len;
    }

  *out_size = 0;
  return NULL;
}

/* Fills @record as far as possible. Returns the size. */
static gsize
gather (const struct iovec *vectors,
        int                 n_vectors,
        gsize               offset,
        guint8             *record)
{
  gsize total = 0;
  gsize size;
  const guint8 *run;

  while (total < RECORD_SIZE
         && (run = find_run (vectors, n_vectors, offset + total, &size)) != NULL)
    {
      size = MIN (size, RECORD_SIZE - total);
      memcpy (record + total, run, size);
      total += size;
    }

  return total;
}

/* Many small pieces become one record, since each record costs a header, a tag and a run of the
 * cipher. */
static gssize
seal_record (Tls                *tls,
             const struct iovec *vectors,
             int                 n_vectors,
             gsize               offset,
             GError            **error)
{
  guint8 record[RECORD_SIZE];
  gsize size;
  const guint8 *run = find_run (vectors, n_vectors, offset, &size);

  if (run == NULL)
    return 0;

  if (size < RECORD_SIZE)
    {
      size = gather (vectors, n_vectors, offset, record);
      run = record;
    }

  return qnet_tls_session_write (tls->session, run, MIN (size, RECORD_SIZE), error);
}

/* Returns how much was sealed, 0 if nothing was left. */
static gssize
seal_batch (Tls                *tls,
            const struct iovec *vectors,
            int                 n_vectors,
            gsize               offset,
            GError            **error)
{
  g_autoptr(GError) reason = NULL;
  gsize total = 0;
  gssize n = 1;

  while (n > 0 && total < BATCH_SIZE)
    {
      n = seal_record (tls, vectors, n_vectors, offset + total, &reason);
      total += MAX (n, 0);
    }

  if (total > 0 || n >= 0)
    return (gssize) total;

  g_propagate_error (error, g_steal_pointer (&reason));

  return n;
}

static gssize
send_sealed (QnetTransport  *transport,
             GError        **error)
{
  int result = qnet_transport_tls_flush (transport);

  if (result == 0)
    return 0;

  if (result > 0)
    return QNET_TRANSPORT_WOULD_BLOCK;

  qnet_set_error_from_errno (error, errno, _("Could not write"));
  return QNET_TRANSPORT_FAILED;
}

static gssize
transport_tls_write (QnetTransport       *transport,
                     const struct iovec  *vectors,
                     int                  n_vectors,
                     GError             **error)
{
  Tls *tls = transport->data;
  gsize sent = 0;
  gssize result;

  if (!tls->is_established)
    return QNET_TRANSPORT_WOULD_BLOCK;

  use_pool (transport);
  do
    {
      result = send_sealed (transport, error);
      if (result < 0)
        break;

      sent += tls->sealed;
      tls->sealed = 0;
      result = seal_batch (tls, vectors, n_vectors, sent, error);
      tls->sealed = MAX (result, 0);
    }
  while (result > 0);

  /* What was sent counts; the failure occurs again in the next call. */
  if (sent > 0 && result < 0 && error != NULL)
    g_clear_error (error);

  return sent > 0 ? (gssize) sent : result;
}

/* The end */

/* The caller shuts the write side down when everything is sent, so nothing is sealed here. */
static gssize
transport_tls_shutdown_write (QnetTransport  *transport,
                              GError        **error)
{
  Tls *tls = transport->data;

  if (!tls->is_established)
    return 0;

  use_pool (transport);
  if (!tls->is_shut)
    {
      tls->is_shut = TRUE;
      qnet_tls_session_close (tls->session);
    }

  return send_sealed (transport, error);
}

/* A peer that is refused receives the reason, also if it still sends: a reset would destroy the
 * alert. */
static gboolean
has_alert (QnetTransport *transport)
{
  Tls *tls = transport->data;

  return !tls->is_busy && qnet_tls_session_has_sent_alert (tls->session) && tls->send_error == 0
         && !qnet_tls_session_input_has_ended (tls->session);
}

static void
send_alert (QnetTransport *transport)
{
  Tls *tls = transport->data;
  QnetByteQueue *output = qnet_tls_session_get_output (tls->session);
  QnetTransport plain;

  qnet_transport_init_fd (&plain, transport->fd);
  if (qnet_reactor_is_orphan (tls->reactor))
    qnet_linger_no_longer (&plain, output);
  else
    qnet_linger (tls->reactor, &plain, output, ALERT_TIMEOUT, TRUE);
}

static void
transport_tls_close (QnetTransport *transport,
                     gboolean       is_forked)
{
  Tls *tls = transport->data;

  if (tls->is_established)
    use_pool (transport);

  /* Before the number can be used again */
  g_clear_pointer (&tls->watch, qnet_watch_stop);

  if (!is_forked && has_alert (transport))
    send_alert (transport);
  else
    qnet_clear_fd (&transport->fd);

  qnet_tls_session_unref (tls->session);
  qnet_reactor_unref (tls->reactor);
  g_free (tls);
  transport->data = NULL;
  transport->fd = -1;
}

static const QnetTransportFuncs transport_tls_funcs = {
  .read           = transport_tls_read,
  .write          = transport_tls_write,
  .shutdown_write = transport_tls_shutdown_write,
  .close          = transport_tls_close,
  .holds_input    = TRUE,
};

/* The owner */

void
qnet_transport_init_tls (QnetTransport  *transport,
                         QnetTlsSession *session,
                         int             fd,
                         QnetReactor    *reactor)
{
  Tls *tls = g_new0 (Tls, 1);

  tls->session = session;
  tls->reactor = qnet_reactor_ref (reactor);

  *transport = (QnetTransport) { .funcs = &transport_tls_funcs, .data = tls, .fd = fd };
}

void
qnet_transport_tls_establish (QnetTransport *transport)
{
  Tls *tls = transport->data;

  tls->is_established = TRUE;
  tls->is_drained = FALSE;
}

QnetTlsSession *
qnet_transport_tls_get_session (QnetTransport *transport)
{
  return ((Tls *) transport->data)->session;
}

void
qnet_transport_tls_set_watch (QnetTransport *transport,
                              QnetWatch     *watch)
{
  ((Tls *) transport->data)->watch = watch;
}

void
qnet_transport_tls_set_busy (QnetTransport *transport,
                             gboolean       is_busy)
{
  ((Tls *) transport->data)->is_busy = is_busy;
}

gssize
qnet_transport_tls_receive (QnetTransport *transport)
{
  return receive (transport->data, transport->fd);
}

gsize
qnet_transport_tls_get_n_sent (QnetTransport *transport)
{
  return __atomic_load_n (&((Tls *) transport->data)->n_sent, __ATOMIC_RELAXED);
}

int
qnet_transport_tls_get_failure (QnetTransport *transport)
{
  Tls *tls = transport->data;

  return tls->receive_error != 0 ? tls->receive_error : tls->send_error;
}
