/* qnet-io-device-private.h: what the parts of QnetIODevice and its subclasses share
 *
 * A device moves bytes between a channel, which knows no GObject, and the application. The channel
 * calls it (qnet-io-device-events.c); it changes its state and its buffers, and then notifies and
 * emits (qnet-io-device-properties.c, qnet-io-device-signals.c). Its states are in
 * qnet-io-device-state-private.h.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-container-private.h"
#include "base/qnet-hold-private.h"
#include "channel/qnet-channel-private.h"
#include "device/qnet-io-device-state-private.h"

#include "qnet-io-device.h"

G_BEGIN_DECLS

typedef struct _QnetConnectionOwner       QnetConnectionOwner;
typedef struct _QnetConnectionOwnerFuncs  QnetConnectionOwnerFuncs;
typedef struct _QnetIODeviceClassPrivate  QnetIODeviceClassPrivate;
typedef struct _QnetIODevicePrivate       QnetIODevicePrivate;
typedef struct _QnetIODeviceStreams       QnetIODeviceStreams;  /* qnet-io-device-streams.c */
typedef struct _QnetIOLock                QnetIOLock;           /* qnet-io-lock-private.h */
typedef struct _QnetIOOperation           QnetIOOperation;      /* qnet-io-operation-private.h */
typedef struct _QnetIOWait                QnetIOWait;

/* The private virtual functions of a device: what the channel reports, and what a connection adds.
 * QnetIODevice has a default for each, so none is ever NULL; the device is referenced while one
 * runs. A class that overrides some calls qnet_io_device_class_get_private() in its class_init. */
struct _QnetIODeviceClassPrivate
{
  /* The channel has received the end of the stream (@error is NULL), or has failed; ready-read was
   * emitted for all that came before. */
  void     (*ended)         (QnetIODevice *self,
                             const GError *error);
  /* All was sent, on a channel that drains, or whose peer has ended. */
  void     (*drained)       (QnetIODevice *self);
  /* The iteration that qnet_io_device_defer() has asked for. */
  void     (*deferred)      (QnetIODevice *self);
  /* The main context was destroyed. */
  void     (*orphaned)      (QnetIODevice *self);
  /* (transfer full) (nullable): the peer, or the target of a connection attempt, for an error
   * message */
  char    *(*describe_peer) (QnetIODevice *self);
  /* g_io_stream_close() was called: begins to close. qnet_io_device_closed() ends it. */
  void     (*begin_close)   (QnetIODevice *self);
  /* Milliseconds that closing may take; in a loan, too. */
  guint    (*get_close_timeout) (QnetIODevice *self);

  /* For a layer above a connection, such as encryption. They emit nothing but notifications. */

  /* A new use begins: forget what is left of the last one. */
  void     (*began)         (QnetIODevice *self);
  /* The channel is open, and has neither received nor sent yet. TRUE: it waits until the class
   * starts it. */
  gboolean (*opened)        (QnetIODevice *self);
  /* The link has become NONE. */
  void     (*unlinked)      (QnetIODevice *self);

  /* Called after a dispatch, and with the sizes of the buffers, if has_more_to_notify is set:
   * notifies of what has changed. */
  void     (*notify_more)   (QnetIODevice *self);

  /* For datagrams. */

  /* Something has failed without ending the connection: reports it, and keeps it as the transient
   * error. */
  void     (*failed)        (QnetIODevice *self,
                             const GError *error);
  /* A reader looks at the read buffer: moves there what is not in it yet. For datagrams: the next
   * one, if there is one and the buffer is empty. */
  void     (*pull)          (QnetIODevice *self);
  /* The size of the next datagram that is not in the read buffer yet, 0 for an empty one; -1: there
   * is none. */
  gssize   (*get_pending)   (QnetIODevice *self);
  /* (nullable): NULL for streams; see qnet_io_device_class_send_datagrams(). */
  gboolean (*send)          (QnetIODevice  *self,
                             const guint8  *data,
                             gsize          size,
                             GError       **error);
};

/* The owner of a connection keeps it alive: a server. Each function is called once, when the link
 * of the device has changed from UP to NONE. */
struct _QnetConnectionOwnerFuncs
{
  /* Before all signals. Not called for a device that emits none, since it is disposed. */
  void (*unlinked) (QnetConnectionOwner *owner,
                    QnetIODevice        *device);
  /* After all signals. */
  void (*released) (QnetConnectionOwner *owner,
                    QnetIODevice        *device);
};

struct _QnetConnectionOwner
{
  const QnetConnectionOwnerFuncs *funcs;
};

/* A blocking wait. Its result depends on what happens during the wait: a handler may begin a new
 * connection before the wait looks at the device again. */
struct _QnetIOWait
{
  QnetIOWait *outer;       /* (nullable): the wait one of whose handlers waits */
  GError     *end_reason;  /* (owned) (nullable): NULL for an end without an error: abort() */
  gboolean    has_ended;   /* the link has become NONE */
};

/* Each is (owned) (nullable). */
typedef struct
{
  GError *current;      /* the property */
  GError *loss;         /* why closing has lost bytes */
  GError *pending_end;  /* why the link has become NONE in a wait that has succeeded: for the next
                         * one */
  GError *end;          /* why the link has become NONE, if that was not orderly; the streams report
                         * it */
  GError *transient;    /* the last one that ended nothing */
  GError *reported;     /* what the subclass has reported, until the input has ended */
} QnetIOErrors;

struct _QnetIODevicePrivate
{
  QnetChannel      channel;
  gpointer         thread;              /* (atomic) (nullable): the last owner, while there is no
                                         * lock */
  QnetIOLock      *lock;                /* (atomic) (owned) (nullable): once a stream was used */
  QnetWaitSet      wait_set;            /* empty (no reactor) until the first connect, bind or fd */
  QnetByteQueue   *taken;               /* (owned) (nullable): what a transaction has read so far */
  QnetIOErrors    *errors;              /* (owned) (nullable): of most devices there is none */
  QnetIOWait      *wait;                /* (nullable): the innermost one */
  QnetIOOperation *operations;          /* (owned) (nullable): the pending ones, in order */
  QnetIODeviceStreams *streams;         /* (owned) (nullable): the two GIO streams, once used */
  gsize            high_water;          /* bytes, 0: none */
  gsize            low_water;

  guint            n_arrivals;          /* of new bytes: wait_for_ready_read() compares */
  guint            n_departures;        /* of bytes */
  guint            n_transient_errors;
  QnetHold         hold;                /* of dispatches, too */
  guint            n_dispatches;        /* of the channel that are running, perhaps nested */
  guint            n_stays;             /* (atomic): of the owner, since code of the application
                                         * called; see qnet-io-lock-private.h */
  guint            n_freezes;           /* of notifications */
  gsize            written_pending;     /* bytes that bytes-written has yet to report */
  gsize            n_unwritten;         /* that the write_data of a subclass has taken */

  const QnetIODeviceCallbacks *callbacks;  /* (nullable): called instead of emitting signals */
  gpointer         callbacks_data;      /* (owned): by callbacks_destroy */
  GDestroyNotify   callbacks_destroy;   /* (nullable) */

  /* The last values of properties that were notified */
  guint64          notified_received;
  guint64          notified_sent;
  gsize            notified_available;
  gsize            notified_to_write;

  /* For the owner */
  QnetConnectionOwner *owner;           /* (nullable): until released () */
  gpointer         owner_data;
  GList            owner_link;          /* in one of its queues; data is this device */

  guint            n_unobserved;        /* dispatches since a counter was read, or had a handler */
  guint8           open_mode;           /* QnetOpenMode */
  guint8           link;                /* QnetLink */
  guint8           source;              /* QnetSource */
  guint8           input;               /* QnetInput */
  guint8           ready_read;          /* QnetEmission */
  guint8           bytes_written;       /* QnetEmission */
  guint8           closing;             /* QnetClosing */
  guint8           ownership;           /* QnetOwnership, written by the owner */
  guint8           notified_finished;   /* the last value of read-finished that was notified */

  guint            is_unlisted        : 1;  /* the owner's: disconnected, and not released yet */
  guint            is_mute            : 1;  /* emits nothing: a successor */
  guint            is_pulling         : 1;  /* the read_data of a subclass runs */
  guint            is_above_high      : 1;  /* write-buffer-filled was emitted, -drained was not */
  guint            has_more_to_notify : 1;  /* the class has properties that change with bytes */
};

/* The offset of the private part from the instance; class_init sets it once. Variables that are
 * read for each request are marked as internal, to be read without the global offset table. */
G_GNUC_INTERNAL extern int qnet_io_device_private_offset;

static inline QnetIODevicePrivate *
qnet_io_device_get_private (QnetIODevice *self)
{
  gssize offset = qnet_io_device_private_offset;

  return (QnetIODevicePrivate *) G_STRUCT_MEMBER_P (self, offset);
}

/* Those of a device that has none are all NULL, and not to be set. */
G_GNUC_INTERNAL extern QnetIOErrors qnet_io_no_errors;

static inline QnetIOErrors *
qnet_io_device_get_errors (const QnetIODevicePrivate *priv)
{
  return priv->errors != NULL ? priv->errors : &qnet_io_no_errors;
}

/* The same, to set one */
QnetIOErrors *qnet_io_device_make_errors (QnetIODevicePrivate *priv);

static inline QnetIODevice *
qnet_io_device_from_channel (QnetChannel *channel)
{
  gpointer priv = CONTAINER_OF (channel, QnetIODevicePrivate, channel);
  gssize offset = qnet_io_device_private_offset;

  return (QnetIODevice *) G_STRUCT_MEMBER_P (priv, -offset);
}

/* QNET_IS_IO_DEVICE() for the calls that are made for each request: it remembers the first type for
 * which the answer was yes. (atomic) */
G_GNUC_INTERNAL extern gpointer qnet_io_device_known_type;
gboolean        qnet_io_device_check_type (gpointer instance);

static inline gboolean
qnet_io_device_is_device (gpointer instance)
{
  GTypeClass *klass = instance != NULL ? ((GTypeInstance *) instance)->g_class : NULL;

  return (klass != NULL
          && GSIZE_TO_POINTER (klass->g_type) == g_atomic_pointer_get (&qnet_io_device_known_type))
         || qnet_io_device_check_type (instance);
}

/* States */

void qnet_io_device_enter_link      (QnetIODevicePrivate *priv,
                                     QnetLink             link);
void qnet_io_device_enter_source    (QnetIODevicePrivate *priv,
                                     QnetSource           source);
void qnet_io_device_enter_input     (QnetIODevicePrivate *priv,
                                     QnetInput            input);
void qnet_io_device_enter_closing   (QnetIODevicePrivate *priv,
                                     QnetClosing          closing);
void qnet_io_device_enter_ownership (QnetIODevicePrivate *priv,
                                     QnetOwnership        ownership);
void qnet_io_device_end_input       (QnetIODevicePrivate *priv);
void qnet_io_device_begin_dispose   (QnetIODevice        *self);

static inline gboolean
qnet_io_device_can_read (const QnetIODevicePrivate *priv)
{
  return (priv->open_mode & QNET_OPEN_MODE_READ_ONLY) != 0;
}

static inline gboolean
qnet_io_device_can_write (const QnetIODevicePrivate *priv)
{
  return (priv->open_mode & QNET_OPEN_MODE_WRITE_ONLY) != 0;
}

/* A transaction has read all that the read buffer may hold: no more bytes arrive. */
static inline gboolean
qnet_io_device_is_stuck (const QnetIODevicePrivate *priv)
{
  return priv->taken != NULL && qnet_channel_is_full ((QnetChannel *) &priv->channel);
}

/* g_io_stream_close() was called, and has not ended. */
static inline gboolean
qnet_io_device_is_closing (const QnetIODevicePrivate *priv)
{
  return priv->closing == QNET_CLOSING_STARTING || priv->closing == QNET_CLOSING_PENDING;
}

/* Nothing is emitted any more. */
static inline gboolean
qnet_io_device_is_disposed (const QnetIODevicePrivate *priv)
{
  return qnet_hold_is_disposed (&priv->hold);
}

static inline gboolean
qnet_io_device_is_silent (const QnetIODevicePrivate *priv)
{
  return qnet_io_device_is_disposed (priv) || priv->is_mute;
}

/* What emits, or calls a function that may, holds the device until it has returned:
 *
 *   G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
 *
 * See qnet-hold-private.h. */
typedef QnetIODevice QnetHeldDevice;

static inline QnetHeldDevice *
qnet_io_device_hold (gpointer self)
{
  qnet_hold_begin (&qnet_io_device_get_private ((QnetIODevice *) self)->hold);

  return self;
}

void qnet_io_device_release (QnetHeldDevice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHeldDevice, qnet_io_device_release)

/* The channel calls us: what changes with each byte is notified at the end of that. Or the device
 * is lent: then the owner notifies of it. */
static inline gboolean
qnet_io_device_is_dispatching (const QnetIODevicePrivate *priv)
{
  return priv->n_dispatches > 0 || priv->channel.watch.is_lent;
}

/* Before the read buffer is looked at: it holds one datagram, while that is being read, and what a
 * subclass has brought. */
static inline void
qnet_io_device_pull (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if ((priv->channel.is_datagram && priv->channel.read_queue.length == 0)
      || priv->source != QNET_SOURCE_CHANNEL)
    QNET_IO_DEVICE_GET_CLASS (self)->priv->pull (self);
}

/* Bytes that were written and not sent yet, and those that the write_data of a subclass has taken
 * and that it has not reported as written. */
static inline gsize
qnet_io_device_get_unsent (const QnetIODevicePrivate *priv)
{
  return priv->channel.write_queue.length + priv->n_unwritten;
}

/* The same, for a call that reads the device itself and not its input stream: it may wait for more
 * than the stream reads ahead. */
static inline void
qnet_io_device_pull_directly (QnetIODevice *self)
{
  QnetChannel *channel = &qnet_io_device_get_private (self)->channel;

  if (G_UNLIKELY (channel->pull_limit > 0))
    qnet_channel_set_pull_limit (channel, 0);
  qnet_io_device_pull (self);
}

/* For subclasses */

/* The class's own copy of the private virtual functions, which begins with those of its parent. For
 * class_init. */
QnetIODeviceClassPrivate *
     qnet_io_device_class_get_private     (QnetIODeviceClass *klass);

/* The property alone; notifies. */
void qnet_io_device_store_open_mode       (QnetIODevice      *self,
                                           QnetOpenMode       mode);

/* (transfer full) (nullable): the property; notifies. */
void qnet_io_device_take_error            (QnetIODevice      *self,
                                           GError            *error);

/* NONE decides the result of each pending operation. */
void qnet_io_device_set_link              (QnetIODevice      *self,
                                           QnetLink           link);

/* Something has changed that operations may wait for. */
void qnet_io_device_progress              (QnetIODevice      *self);

/* Only while the link is NONE; leaves the old reactor. */
void qnet_io_device_join_reactor          (QnetIODevice      *self,
                                           QnetReactor       *reactor);

/* deferred () is called in the next iteration of the main loop. */
void qnet_io_device_defer                 (QnetIODevice      *self);

/* For dispose: TRUE in another thread than the owner's, where the device is disposed instead. Also
 * TRUE where no handler can have dropped the last reference. That was another thread, while GObject
 * had one of its own, and the function that is under way does not expect it: the device is disposed
 * in the next turn. */
static inline gboolean
qnet_io_device_moves_disposal (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  QnetReactor *reactor = priv->wait_set.reactor;

  if (reactor == NULL)
    return FALSE;

  if (qnet_reactor_is_in_thread (reactor)
      && (priv->n_stays == 0 || priv->n_freezes == 0
          || qnet_io_device_is_disposed (priv)))
    return FALSE;

  return qnet_reactor_moves_disposal (reactor, self, &priv->hold.life, QNET_LIFE_DISPOSED);
}

/* In the child of a fork the device is unconnected. */
static inline void
qnet_io_device_leave_parent (QnetIODevice *self)
{
  QnetReactor *reactor;

  if (!qnet_has_forked ())
    return;

  reactor = qnet_io_device_get_private (self)->wait_set.reactor;
  if (reactor != NULL)
    qnet_reactor_leave_parent (reactor);
}

/* A new connection: empties the buffers, resets counters, transaction and input. */
void qnet_io_device_reset                 (QnetIODevice      *self);

/* read-channel-finished, once for each connection. */
void qnet_io_device_emit_channel_end      (QnetIODevice      *self);

/* deferred () is called if the peer has ended: what has kept the connection half-open may have
 * changed. */
void qnet_io_device_half_open_may_end     (QnetIODevice      *self);

void qnet_io_device_emit_about_to_close   (QnetIODevice      *self);
void qnet_io_device_clear_read_buffer     (QnetIODevice      *self);
void qnet_io_device_clear_write_buffer    (QnetIODevice      *self);
void qnet_io_device_notify_owner          (QnetIODevice      *self);
void qnet_io_device_release_owner         (QnetIODevice      *self);

/* The connection was accepted or taken by the application: reading starts in the next iteration of
 * the main loop. Once is enough. */
void qnet_io_device_start_reading         (QnetIODevice      *self);

/* A g_io_stream_close_async() may end now. */
void qnet_io_device_closed                (QnetIODevice      *self);

/* Reading and writing without checks, for the streams and the operations */

gsize    qnet_io_device_take              (QnetIODevice  *self,
                                           void          *buffer,
                                           gsize          size);
gsize    qnet_io_device_discard           (QnetIODevice  *self,
                                           gsize          size);
GBytes  *qnet_io_device_take_bytes        (QnetIODevice  *self,
                                           gsize          size);

/* Like take_bytes, as an array with a NUL behind its @out_length bytes. */
guint8  *qnet_io_device_take_array        (QnetIODevice  *self,
                                           gsize          size,
                                           gsize         *out_length);

/* The length of the next whole line or message (or piece: @max_size reached, buffer full, end of
 * stream), or 0 while there is none. It is more than @max_size where that is less than the
 * delimiter, or, for text, than the first character. */
gsize    qnet_io_device_next_line         (QnetIODevice  *self,
                                           gsize          max_size);
gsize    qnet_io_device_next_text_line    (QnetIODevice  *self,
                                           gsize          max_size);
gsize    qnet_io_device_next_message      (QnetIODevice  *self,
                                           const void    *delimiter,
                                           gsize          delimiter_size,
                                           gsize          max_size);

/* No byte follows those in the read buffer. */
gboolean qnet_io_device_has_ended         (QnetIODevice  *self);

/* The device is not open for reading: the error of read(), which becomes the property as well.
 * Returns FALSE. */
gboolean qnet_io_device_refuse_reading    (QnetIODevice  *self,
                                           GError       **error);

/* For each call that reads: FALSE with that error, or the bytes are in the read buffer. */
static inline gboolean
qnet_io_device_check_readable (QnetIODevice  *self,
                               GError       **error)
{
  if (G_UNLIKELY (!qnet_io_device_can_read (qnet_io_device_get_private (self))))
    return qnet_io_device_refuse_reading (self, error);

  qnet_io_device_pull_directly (self);

  return TRUE;
}

/* The result of a read that found no bytes: 0 for nothing now, -1 with an error for never again. */
gssize   qnet_io_device_nothing_to_read   (QnetIODevice  *self,
                                           GError       **error);

/* Not open, not writable or no link: the error of write(). */
gboolean qnet_io_device_check_writable    (QnetIODevice  *self,
                                           GError       **error);

/* How a call fails at once: @reason (transfer full) becomes the property, and @error a copy of it.
 * Returns FALSE. */
gboolean qnet_io_device_fail_call         (QnetIODevice  *self,
                                           GError        *reason,
                                           GError       **error);

/* Between the parts of the class */

extern const QnetChannelFuncs qnet_io_device_channel_funcs;

/* Only outside of all stays. */
void     qnet_io_device_emit_ready_read           (QnetIODevice *self);
void     qnet_io_device_emit_bytes_written        (QnetIODevice *self,
                                                   gint64        size);

gboolean qnet_io_device_has_bytes_written_handler (QnetIODevice *self);
void     qnet_io_device_emit_write_buffer_filled  (QnetIODevice *self);
void     qnet_io_device_emit_write_buffer_drained (QnetIODevice *self);

/* Emits what was requested. */
void     qnet_io_device_report_ready_read_now     (QnetIODevice *self);
void     qnet_io_device_report_bytes_written_now  (QnetIODevice *self);

/* What the end of the connection must not overtake. */
void     qnet_io_device_emit_pending              (QnetIODevice *self);
void     qnet_io_device_cancel_emissions          (QnetIODevice *self);

void     qnet_io_device_end_transaction           (QnetIODevice *self,
                                                   gboolean      keep_bytes);
/* Forgets the last byte that the transaction remembers, if it is @c: ungetting that one means going
 * back by one. */
void     qnet_io_device_unremember                (QnetIODevicePrivate *priv,
                                                   guint8        c);

/* For the owner, after a loan: in which nothing of this is notified. */
gboolean qnet_io_device_has_unnotified            (QnetIODevice *self);
void     qnet_io_device_notify_read_buffer        (QnetIODevice *self);
void     qnet_io_device_notify_write_buffer       (QnetIODevice *self);
void     qnet_io_device_notify_sizes              (QnetIODevice *self);  /* where changed */
void     qnet_io_device_notify_counters           (QnetIODevice *self);  /* for handlers */
gboolean qnet_io_device_has_notify_handler        (QnetIODevice *self);  /* for any property */

/* To be called after a buffer has changed. */
static inline void
qnet_io_device_read_buffer_changed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!qnet_io_device_is_dispatching (priv)
      || (priv->input != QNET_INPUT_OPEN) != priv->notified_finished)
    qnet_io_device_notify_read_buffer (self);
}

static inline void
qnet_io_device_write_buffer_changed (QnetIODevice *self)
{
  if (!qnet_io_device_is_dispatching (qnet_io_device_get_private (self)))
    qnet_io_device_notify_write_buffer (self);
}

/* write-buffer-filled is emitted in the next iteration, if the mark is reached. */
void     qnet_io_device_defer_high_water          (QnetIODevice *self);

/* To be called after bytes were written. */
static inline void
qnet_io_device_watch_high_water (QnetIODevice *self)
{
  if (G_UNLIKELY (qnet_io_device_get_private (self)->high_water > 0))
    qnet_io_device_defer_high_water (self);
}

/* To be called after the write buffer was emptied otherwise than by sending. */
void     qnet_io_device_check_low_water           (QnetIODevice *self);

/* What a subclass brings: qnet-io-device-reading.c */

gboolean qnet_io_device_overrides_read_data       (QnetIODevice *self);
gboolean qnet_io_device_check_bytes               (GBytes       *bytes,
                                                   gsize         max_size);

/* What it takes: qnet-io-device-writing.c */

/* Whether a class of the application does. */
gboolean qnet_io_device_overrides_write_data      (QnetIODevice *self);
/* For a class of datagrams: each that is written is sent to the peer by send (). */
void     qnet_io_device_class_send_datagrams      (QnetIODeviceClass *klass);

/* Devices that bring their own bytes: qnet-io-device-subclass.c */

/* For a socket whose subclass brings its own transport: a use begins, it ends, the next one has a
 * channel. */
void     qnet_io_device_begin_source              (QnetIODevice *self);
void     qnet_io_device_end_source                (QnetIODevice *self);
void     qnet_io_device_leave_source              (QnetIODevice *self);
/* It has bytes, and there is no room for them, or reading is paused. */
gboolean qnet_io_device_keeps_source_waiting      (const QnetIODevicePrivate *priv);
/* Reading is not paused any more. */
void     qnet_io_device_resume_source             (QnetIODevice *self);

/* Waits: qnet-io-device-waiting.c */

void     qnet_io_device_begin_wait                (QnetIODevice *self,
                                                   QnetIOWait   *wait);
void     qnet_io_device_end_wait                  (QnetIODevice *self,
                                                   QnetIOWait   *wait,
                                                   gboolean      has_succeeded);

/* The link has become NONE during the waits that are running. */
void     qnet_io_device_note_end                  (QnetIODevice *self);

/* Operations: qnet-io-operation.c */

/* progress () calls it when there are any. */
void     qnet_io_device_run_operations            (QnetIODevice *self);
/* For dispose: all end, as cancelled or closed. */
void     qnet_io_device_drop_operations           (QnetIODevice *self);

/* Streams: qnet-io-device-streams.c */

void     qnet_io_device_drop_streams              (QnetIODevice *self);  /* for dispose */
void     qnet_io_device_close_streams             (QnetIODevice *self);
gboolean qnet_io_device_holds_output_stream       (QnetIODevice *self);  /* the application does */

/* The parts of class_init */

void     qnet_io_device_class_install_closing     (QnetIODeviceClass *klass);
void     qnet_io_device_class_install_properties  (QnetIODeviceClass *klass);
void     qnet_io_device_class_install_reading     (QnetIODeviceClass *klass);
void     qnet_io_device_class_install_signals     (QnetIODeviceClass *klass);
void     qnet_io_device_class_install_streams     (QnetIODeviceClass *klass);
void     qnet_io_device_class_install_subclass    (QnetIODeviceClass *klass);
void     qnet_io_device_class_install_writing     (QnetIODeviceClass *klass);

G_END_DECLS
