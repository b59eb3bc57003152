/* qnet-transport-stream.c: bytes over TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-transport-stream-private.h"

#include <errno.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* The most that a TLS record takes (RFC 8446, section 5.1), and how many are sent by one call. */
#define RECORD_SIZE 16384
#define BATCH_SIZE  (8 * RECORD_SIZE)

typedef struct
{
  QnetRawConnection     *raw;      /* (owned) */
  QnetReactor           *reactor;  /* (owned) */
  GTlsConnection        *tls;      /* (owned) (nullable): NULL until the handshake begins */
  GPollableInputStream  *input;    /* (nullable): tls's, once secured */
  GPollableOutputStream *output;
  gsize                  sealed;   /* plain bytes whose records are not sent yet: the caller still has them */
  gboolean               is_shut;  /* we have said goodbye */
} Stream;

static gssize
fail (GError     *reason,  /* (transfer full) */
      const char *what,
      GError    **error)
{
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_error_free (reason);
      return QNET_TRANSPORT_WOULD_BLOCK;
    }

  qnet_take_error_from_gerror (error, reason, "%s", what);

  return QNET_TRANSPORT_FAILED;
}

/* GTlsConnection has failed as well, in words of its own that would explain nothing. */
static gssize
fail_cut_off (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                  _("Could not read: the peer asked for a second handshake, which is refused"));

  return QNET_TRANSPORT_FAILED;
}

/* The peer has gone without a goodbye, in the middle of a record or after it; or somebody on the way
 * has made it look so. */
static gssize
fail_truncated (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED,
                  _("Could not read: the connection was cut off, and the peer has not said that it was the end"));

  return QNET_TRANSPORT_FAILED;
}

/* Reading */

/* Reading can make something to send, and can begin a handshake in a thread, whose end comes to the
 * context that is the thread default now. */
static gssize
transport_stream_read (QnetTransport  *transport,
                       void           *buffer,
                       gsize           size,
                       GError        **error)
{
  Stream *stream = transport->data;
  GError *reason = NULL;
  gssize n;

  if (stream->input == NULL)
    return QNET_TRANSPORT_WOULD_BLOCK;

  if (!qnet_raw_connection_was_cut_off (stream->raw))
    {
      qnet_reactor_push_embedded_context (stream->reactor);
      n = g_pollable_input_stream_read_nonblocking (stream->input, buffer, size, NULL, &reason);
      qnet_reactor_pop_embedded_context (stream->reactor);

      qnet_raw_connection_flush (stream->raw);

      if (n >= 0)
        return n;
    }

  if (qnet_raw_connection_was_cut_off (stream->raw))
    {
      g_clear_error (&reason);
      return fail_cut_off (error);
    }

  if (reason->domain == G_TLS_ERROR && qnet_raw_connection_has_ended (stream->raw))
    {
      g_error_free (reason);
      return fail_truncated (error);
    }

  return fail (reason, _("Could not read"), error);
}

/* Writing: a batch of records is sealed and sent. What could not be sent stays, and with it the
 * caller's bytes, as if they had not been sealed yet. */

/* Where the byte at @offset is; the length of the run that begins there in @out_size. */
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

/* Fills @record as far as there is something. */
static gsize
gather (const struct iovec *vectors,
        int                 n_vectors,
        gsize               offset,
        guint8             *record)
{
  gsize total = 0;
  gsize size;
  const guint8 *run;

  while (total < RECORD_SIZE && (run = find_run (vectors, n_vectors, offset + total, &size)) != NULL)
    {
      size = MIN (size, RECORD_SIZE - total);
      memcpy (record + total, run, size);
      total += size;
    }

  return total;
}

/* Many small pieces make one record: each costs its header, its tag, and a turn of the cipher. */
static gssize
seal_record (Stream             *stream,
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

  return g_pollable_output_stream_write_nonblocking (stream->output, run, MIN (size, RECORD_SIZE), NULL, error);
}

/* Nothing that is written now follows it: it need not wait for others to be sent with. */
static gboolean
is_last_record (const struct iovec *vectors,
                int                 n_vectors,
                gsize               offset)
{
  return n_vectors == 1 && vectors[0].iov_len - offset <= RECORD_SIZE;
}

/* > 0 what was sealed, 0: there was nothing left */
static gssize
seal_batch (Stream             *stream,
            const struct iovec *vectors,
            int                 n_vectors,
            gsize               offset,
            GError            **error)
{
  GError *reason = NULL;
  gsize total = 0;
  gssize n = 1;

  qnet_reactor_push_embedded_context (stream->reactor);
  qnet_raw_connection_set_sends_at_once (stream->raw, is_last_record (vectors, n_vectors, offset));

  while (n > 0 && total < BATCH_SIZE)
    {
      n = seal_record (stream, vectors, n_vectors, offset + total, &reason);
      total += MAX (n, 0);
    }

  qnet_raw_connection_set_sends_at_once (stream->raw, FALSE);
  qnet_reactor_pop_embedded_context (stream->reactor);

  if (n < 0 && total == 0)
    return fail (reason, _("Could not write"), error);

  g_clear_error (&reason);

  return (gssize) total;
}

static gssize
send_sealed (Stream  *stream,
             GError **error)
{
  int result = qnet_raw_connection_flush (stream->raw);

  if (result == 0)
    return 0;

  if (result > 0)
    return QNET_TRANSPORT_WOULD_BLOCK;

  qnet_set_error_from_errno (error, errno, _("Could not write"));
  return QNET_TRANSPORT_FAILED;
}

static gssize
transport_stream_write (QnetTransport       *transport,
                        const struct iovec  *vectors,
                        int                  n_vectors,
                        GError             **error)
{
  Stream *stream = transport->data;
  gsize sent = 0;
  gssize result;

  if (stream->output == NULL)
    return QNET_TRANSPORT_WOULD_BLOCK;

  do
    {
      result = send_sealed (stream, error);
      if (result < 0)
        break;

      sent += stream->sealed;
      stream->sealed = 0;
      result = seal_batch (stream, vectors, n_vectors, sent, error);
      stream->sealed = MAX (result, 0);
    }
  while (result > 0);

  /* A failure is found again the next time; what was sent before counts. */
  if (sent > 0 && result < 0 && error != NULL)
    g_clear_error (error);

  return sent > 0 ? (gssize) sent : result;
}

/* The end */

/* The records that a failed write has left do not matter here: the caller shuts when all is sent. */
static gssize
transport_stream_shutdown_write (QnetTransport  *transport,
                                 GError        **error)
{
  Stream *stream = transport->data;

  if (stream->output == NULL)
    return 0;

  if (!stream->is_shut)
    {
      stream->is_shut = TRUE;
      qnet_reactor_push_embedded_context (stream->reactor);
      qnet_raw_connection_set_parting (stream->raw, TRUE);
      g_output_stream_close (G_OUTPUT_STREAM (stream->output), NULL, NULL);
      qnet_raw_connection_set_parting (stream->raw, FALSE);
      qnet_reactor_pop_embedded_context (stream->reactor);
    }

  return send_sealed (stream, error);
}

/* In a forked child there is no thread to interrupt, and the connection is the parent's. */
static void
transport_stream_close (QnetTransport *transport,
                        gboolean       is_forked)
{
  Stream *stream = transport->data;

  if (stream->tls != NULL && stream->input == NULL && !is_forked)
    qnet_raw_connection_interrupt (stream->raw);
  else
    qnet_raw_connection_close (stream->raw);

  if (stream->tls != NULL)
    {
      qnet_reactor_push_embedded_context (stream->reactor);
      g_clear_object (&stream->tls);
      qnet_reactor_pop_embedded_context (stream->reactor);
    }

  g_object_unref (stream->raw);
  qnet_reactor_unref (stream->reactor);
  g_free (stream);
  transport->data = NULL;
  transport->fd = -1;
}

static const QnetTransportFuncs transport_stream_funcs = {
  .read           = transport_stream_read,
  .write          = transport_stream_write,
  .shutdown_write = transport_stream_shutdown_write,
  .close          = transport_stream_close,
  .holds_input    = TRUE,
};

void
qnet_transport_init_stream (QnetTransport     *transport,
                            QnetRawConnection *raw,
                            int                fd,
                            QnetReactor       *reactor)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->raw = g_object_ref (raw);
  stream->reactor = qnet_reactor_ref (reactor);

  *transport = (QnetTransport) { .funcs = &transport_stream_funcs, .data = stream, .fd = fd };
}

void
qnet_transport_stream_begin (QnetTransport  *transport,
                             GTlsConnection *tls)
{
  ((Stream *) transport->data)->tls = g_object_ref (tls);
}

void
qnet_transport_stream_secure (QnetTransport *transport)
{
  Stream *stream = transport->data;
  GIOStream *tls = G_IO_STREAM (stream->tls);

  qnet_raw_connection_establish (stream->raw, qnet_reactor_get_chunk_pool (stream->reactor));

  stream->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (tls));
  stream->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (tls));
}
