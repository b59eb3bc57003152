/* qnet-raw-connection.c: what lies under a GTlsConnection: a descriptor with a queue on either side
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-raw-connection-private.h"

#include <poll.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-gsocket-private.h"
#include "engine/qnet-syscall-private.h"

#define MAX_VECTORS 64

/* A read of this size shows that the peer sends in bulk: the next chunk is a large one. */
#define BULK_MIN 4096

/* Who uses it. */
typedef enum
{
  STAGE_HANDSHAKE,    /* a thread of GIO's, which may block */
  STAGE_ESTABLISHED,  /* the reactor's thread */
  STAGE_CUT_OFF,      /* nobody: another handshake was wanted */
  STAGE_CLOSED
} Stage;

struct _QnetRawConnection
{
  GSocketConnection  parent_instance;

  GInputStream      *input_stream;   /* (owned) */
  GOutputStream     *output_stream;  /* (owned) */
  QnetByteQueue      input;          /* received, and not yet asked for */
  QnetByteQueue      output;         /* to be sent */
  int                fd;             /* the GSocket's */
  QnetWatch         *watch;          /* (nullable): another's, of the descriptor */
  int                stage;          /* Stage; (atomic): it ends while GIO's thread may look */
  guint64            n_sent;         /* bytes */
  int                send_error;     /* errno of a send that has failed for good, or 0 */
  gboolean           is_parting;
  gboolean           sends_at_once;
  gboolean           has_ended;      /* the peer has gone */
  gboolean           is_bulk;        /* the last read filled its chunk */
  gboolean           is_drained;     /* the last read got less than it asked for: the kernel has no more */
};

G_DEFINE_FINAL_TYPE (QnetRawConnection, qnet_raw_connection, G_TYPE_SOCKET_CONNECTION)

/* Its two streams know nothing but it. They never outlive it in use: GTlsConnection holds it. */

#define QNET_TYPE_RAW_INPUT (qnet_raw_input_get_type ())
G_DECLARE_FINAL_TYPE (QnetRawInput, qnet_raw_input, QNET, RAW_INPUT, GInputStream)

struct _QnetRawInput
{
  GInputStream       parent_instance;

  QnetRawConnection *raw;
};

static void raw_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetRawInput, qnet_raw_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, raw_input_pollable_init))

#define QNET_TYPE_RAW_OUTPUT (qnet_raw_output_get_type ())
G_DECLARE_FINAL_TYPE (QnetRawOutput, qnet_raw_output, QNET, RAW_OUTPUT, GOutputStream)

struct _QnetRawOutput
{
  GOutputStream      parent_instance;

  QnetRawConnection *raw;
};

static void raw_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (QnetRawOutput, qnet_raw_output, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, raw_output_pollable_init))

/* Errors: GTlsConnection knows GIO's alone */

static gssize
fail_with_errno (int      error_number,
                 GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (error_number), g_strerror (error_number));

  return -1;
}

/* A second handshake would run in a thread beside the reactor. It is refused, as TLS 1.3 does by
 * design: a peer can keep a server busy with it, and a man in the middle could use it. The
 * descriptor is shut down, so that the reactor's turn comes. */
static gssize
cut_off (QnetRawConnection  *self,
         GError            **error)
{
  if (g_atomic_int_compare_and_exchange (&self->stage, STAGE_ESTABLISHED, STAGE_CUT_OFF))
    qnet_sys_shutdown (self->fd, SHUT_RDWR);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("A second handshake is refused"));

  return -1;
}

/* Input */

/* recv() into the queue. It returns what that returns. */
static gssize
receive (QnetRawConnection *self)
{
  gsize room;
  void *space = qnet_byte_queue_reserve (&self->input, self->is_bulk, &room);
  gssize n = qnet_sys_recv (self->fd, space, room);
  int error_number = errno;

  qnet_byte_queue_commit (&self->input, MAX (n, 0));
  self->is_bulk = n >= BULK_MIN || n == (gssize) room;
  self->is_drained = n > 0 && n < (gssize) room;
  self->has_ended |= n == 0 || (n < 0 && error_number != EAGAIN);

  errno = error_number;
  return n;
}

/* TLS reads five bytes, then what they announce. After a short read the kernel is not asked again
 * before it has told that there is more; should there be more by then, it tells. */
static gssize
take_input (QnetRawConnection *self,
            void              *buffer,
            gsize              size)
{
  gssize n;

  if (self->input.length > 0)
    return qnet_byte_queue_take (&self->input, buffer, size);

  if (self->is_drained)
    {
      self->is_drained = FALSE;
      errno = EAGAIN;
      return -1;
    }

  n = receive (self);

  return n > 0 ? (gssize) qnet_byte_queue_take (&self->input, buffer, size) : n;
}

static void
sleep_until (QnetRawConnection *self,
             short              events)
{
  struct pollfd pfd = { self->fd, events, 0 };

  poll (&pfd, 1, -1);
}

static gboolean
send_all (QnetRawConnection  *self,
          GError            **error)
{
  int result;

  while ((result = qnet_raw_connection_flush (self)) > 0)
    sleep_until (self, POLLOUT);

  if (result < 0)
    fail_with_errno (errno, error);

  return result == 0;
}

static gssize
qnet_raw_input_read (GInputStream  *stream,
                     void          *buffer,
                     gsize          size,
                     GCancellable  *cancellable,
                     GError       **error)
{
  QnetRawConnection *self = QNET_RAW_INPUT (stream)->raw;
  gssize n;

  if (g_atomic_int_get (&self->stage) != STAGE_HANDSHAKE)
    return cut_off (self, error);

  if (!send_all (self, error))
    return -1;

  while ((n = take_input (self, buffer, size)) < 0 && errno == EAGAIN)
    sleep_until (self, POLLIN);

  return n < 0 ? fail_with_errno (errno, error) : n;
}

static gssize
qnet_raw_input_read_nonblocking (GPollableInputStream  *stream,
                                 void                  *buffer,
                                 gsize                  size,
                                 GError               **error)
{
  QnetRawConnection *self = QNET_RAW_INPUT (stream)->raw;
  gssize n = take_input (self, buffer, size);

  return n < 0 ? fail_with_errno (errno, error) : n;
}

static gboolean
qnet_raw_input_is_readable (GPollableInputStream *stream)
{
  QnetRawConnection *self = QNET_RAW_INPUT (stream)->raw;
  struct pollfd pfd = { self->fd, POLLIN, 0 };

  return self->input.length > 0 || poll (&pfd, 1, 0) > 0;
}

/* For whoever is handed the GTlsConnection and waits on it. */
static GSource *
qnet_raw_input_create_source (GPollableInputStream *stream,
                              GCancellable         *cancellable)
{
  QnetRawConnection *self = QNET_RAW_INPUT (stream)->raw;
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self));
  g_autoptr(GSource) waits = self->input.length > 0 ? g_timeout_source_new (0)
                                                    : g_socket_create_source (socket, G_IO_IN, NULL);

  return g_pollable_source_new_full (stream, waits, cancellable);
}

static void
raw_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable      = qnet_raw_input_is_readable;
  iface->create_source    = qnet_raw_input_create_source;
  iface->read_nonblocking = qnet_raw_input_read_nonblocking;
}

static void
qnet_raw_input_class_init (QnetRawInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = qnet_raw_input_read;
}

static void
qnet_raw_input_init (QnetRawInput *self)
{
}

/* Output */

/* A failure is one for good: the kernel would tell the reason but once. */
static gssize
send_vectors (QnetRawConnection  *self,
              const struct iovec *vectors,
              int                 n_vectors)
{
  gssize n;

  if (self->send_error != 0)
    {
      errno = self->send_error;
      return -1;
    }

  n = qnet_sys_send (self->fd, vectors, n_vectors);

  if (n < 0 && errno != EAGAIN)
    self->send_error = errno;

  self->n_sent += MAX (n, 0);

  return n;
}

/* In large chunks: records make few vectors then. */
static void
queue_output (QnetRawConnection *self,
              const void        *data,
              gsize              size)
{
  const guint8 *next = data;

  while (size > 0)
    {
      gsize room;
      void *space = qnet_byte_queue_reserve (&self->output, size >= BULK_MIN, &room);

      room = MIN (room, size);
      memcpy (space, next, room);
      qnet_byte_queue_commit (&self->output, room);
      next += room;
      size -= room;
    }
}

static gssize
qnet_raw_output_write (GOutputStream  *stream,
                       const void     *data,
                       gsize           size,
                       GCancellable   *cancellable,
                       GError        **error)
{
  QnetRawConnection *self = QNET_RAW_OUTPUT (stream)->raw;
  gboolean is_handshake = g_atomic_int_get (&self->stage) == STAGE_HANDSHAKE;

  if (!is_handshake && !self->is_parting)
    return cut_off (self, error);

  queue_output (self, data, size);

  return !is_handshake || send_all (self, error) ? (gssize) size : -1;
}

/* What could be sent of @data. A failure is told by the flush that follows. */
static gsize
send_at_once (QnetRawConnection *self,
              const void        *data,
              gsize              size)
{
  struct iovec vector = { (void *) data, size };
  gssize n = send_vectors (self, &vector, 1);

  return (gsize) MAX (n, 0);
}

static gssize
qnet_raw_output_write_nonblocking (GPollableOutputStream  *stream,
                                   const void             *data,
                                   gsize                   size,
                                   GError                **error)
{
  QnetRawConnection *self = QNET_RAW_OUTPUT (stream)->raw;
  gsize sent = 0;

  if (self->sends_at_once && self->output.length == 0)
    sent = send_at_once (self, data, size);

  queue_output (self, (const guint8 *) data + sent, size - sent);

  return (gssize) size;
}

static gboolean
qnet_raw_output_is_writable (GPollableOutputStream *stream)
{
  return TRUE;
}

static GSource *
qnet_raw_output_create_source (GPollableOutputStream *stream,
                               GCancellable          *cancellable)
{
  g_autoptr(GSource) now = g_timeout_source_new (0);

  return g_pollable_source_new_full (stream, now, cancellable);
}

static void
raw_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable       = qnet_raw_output_is_writable;
  iface->create_source     = qnet_raw_output_create_source;
  iface->write_nonblocking = qnet_raw_output_write_nonblocking;
}

static void
qnet_raw_output_class_init (QnetRawOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = qnet_raw_output_write;
}

static void
qnet_raw_output_init (QnetRawOutput *self)
{
}

/* The connection */

static GInputStream *
qnet_raw_connection_get_input_stream (GIOStream *stream)
{
  return QNET_RAW_CONNECTION (stream)->input_stream;
}

static GOutputStream *
qnet_raw_connection_get_output_stream (GIOStream *stream)
{
  return QNET_RAW_CONNECTION (stream)->output_stream;
}

static void
qnet_raw_connection_finalize (GObject *object)
{
  QnetRawConnection *self = QNET_RAW_CONNECTION (object);

  qnet_byte_queue_clear (&self->input);
  qnet_byte_queue_clear (&self->output);
  g_object_unref (self->input_stream);
  g_object_unref (self->output_stream);

  G_OBJECT_CLASS (qnet_raw_connection_parent_class)->finalize (object);
}

static void
qnet_raw_connection_class_init (QnetRawConnectionClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = qnet_raw_connection_finalize;

  stream_class->get_input_stream  = qnet_raw_connection_get_input_stream;
  stream_class->get_output_stream = qnet_raw_connection_get_output_stream;
}

static void
qnet_raw_connection_init (QnetRawConnection *self)
{
  QnetRawInput *input = g_object_new (QNET_TYPE_RAW_INPUT, NULL);
  QnetRawOutput *output = g_object_new (QNET_TYPE_RAW_OUTPUT, NULL);

  input->raw = self;
  output->raw = self;
  self->input_stream = G_INPUT_STREAM (input);
  self->output_stream = G_OUTPUT_STREAM (output);
  self->stage = STAGE_HANDSHAKE;

  qnet_byte_queue_init (&self->input, NULL);
  qnet_byte_queue_init (&self->output, NULL);
}

QnetRawConnection *
qnet_raw_connection_new (int      fd,
                         GError **error)
{
  GError *reason = NULL;
  g_autoptr(GSocket) socket = qnet_gsocket_new (fd, &reason);
  QnetRawConnection *self;

  if (socket == NULL)
    {
      qnet_take_error_from_gerror (error, reason, _("Could not begin to encrypt"));
      return NULL;
    }

  self = g_object_new (QNET_TYPE_RAW_CONNECTION, "socket", socket, NULL);
  self->fd = fd;

  return self;
}

/* What the kernel has kept, or else that there is no connection. */
static int
take_socket_error (int fd)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &size) == 0 && error_number != 0)
    return error_number;

  return ENOTCONN;
}

/* GIO's TLS takes for granted that a connection knows its peer, which one that was reset does not. From here on it is remembered. */
gboolean
qnet_raw_connection_check_peer (QnetRawConnection  *self,
                                GError            **error)
{
  g_autoptr(GSocketAddress) peer = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (self), NULL);

  if (peer != NULL)
    return TRUE;

  self->has_ended = TRUE;
  fail_with_errno (take_socket_error (self->fd), error);

  return FALSE;
}

void
qnet_raw_connection_set_watch (QnetRawConnection *self,
                               QnetWatch         *watch)
{
  self->watch = watch;
}

QnetByteQueue *
qnet_raw_connection_get_output (QnetRawConnection *self)
{
  return &self->output;
}

gssize
qnet_raw_connection_peek (QnetRawConnection *self,
                          void              *buffer,
                          gsize              size)
{
  gssize n = receive (self);

  self->is_drained = FALSE;

  return n > 0 ? (gssize) qnet_byte_queue_peek (&self->input, buffer, size) : n;
}

void
qnet_raw_connection_establish (QnetRawConnection *self,
                               QnetChunkPool     *pool)
{
  self->input.pool = pool;
  self->output.pool = pool;
  self->is_drained = FALSE;
  g_atomic_int_set (&self->stage, STAGE_ESTABLISHED);
}

gboolean
qnet_raw_connection_was_cut_off (QnetRawConnection *self)
{
  return g_atomic_int_get (&self->stage) == STAGE_CUT_OFF;
}

gboolean
qnet_raw_connection_has_ended (QnetRawConnection *self)
{
  return self->has_ended;
}

void
qnet_raw_connection_set_parting (QnetRawConnection *self,
                                 gboolean           is_parting)
{
  self->is_parting = is_parting;
}

void
qnet_raw_connection_set_sends_at_once (QnetRawConnection *self,
                                       gboolean           sends_at_once)
{
  self->sends_at_once = sends_at_once;
}

int
qnet_raw_connection_flush (QnetRawConnection *self)
{
  while (self->output.length > 0)
    {
      struct iovec vectors[MAX_VECTORS];
      int n_vectors = qnet_byte_queue_get_vectors (&self->output, vectors, MAX_VECTORS);
      gssize n = send_vectors (self, vectors, n_vectors);

      if (n < 0 && errno == EAGAIN)
        return 1;

      if (n < 0)
        {
          self->has_ended = TRUE;
          return -1;
        }

      qnet_byte_queue_drop (&self->output, n);
    }

  return 0;
}

void
qnet_raw_connection_interrupt (QnetRawConnection *self)
{
  g_atomic_int_set (&self->stage, STAGE_CLOSED);
  qnet_sys_shutdown (self->fd, SHUT_RDWR);
}

/* Whoever still holds the GTlsConnection may go on to read and write. */
void
qnet_raw_connection_close (QnetRawConnection *self)
{
  g_atomic_int_set (&self->stage, STAGE_CLOSED);
  self->fd = -1;

  /* Before the number can be another's */
  g_clear_pointer (&self->watch, qnet_watch_stop);

  qnet_byte_queue_clear (&self->input);
  qnet_byte_queue_clear (&self->output);
  self->input.pool = NULL;
  self->output.pool = NULL;

  g_socket_close (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self)), NULL);
}

gsize
qnet_raw_connection_get_n_input (QnetRawConnection *self)
{
  return self->input.length;
}

gsize
qnet_raw_connection_get_n_output (QnetRawConnection *self)
{
  return self->output.length;
}

guint64
qnet_raw_connection_get_n_sent (QnetRawConnection *self)
{
  return self->n_sent;
}
