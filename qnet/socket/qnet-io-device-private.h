/* qnet-io-device-private.h: what the subclasses and the parts of QnetIODevice share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-channel-private.h"

#include "qnet-io-device.h"

G_BEGIN_DECLS

typedef struct _QnetIODeviceHooks   QnetIODeviceHooks;
typedef struct _QnetIODevicePrivate QnetIODevicePrivate;
typedef struct _QnetIOOperation     QnetIOOperation;  /* qnet-io-operation-private.h */
typedef struct _QnetIOFaces         QnetIOFaces;      /* qnet-io-device-streams.c */
typedef struct _QnetKeeper          QnetKeeper;
typedef struct _QnetKeeperFuncs     QnetKeeperFuncs;
typedef struct _QnetConnection      QnetConnection;   /* qnet-connection-private.h */
typedef struct _QnetIOWait          QnetIOWait;

/* What lies under a device. */
typedef enum
{
  QNET_LINK_NONE,    /* nothing, or no more: reads take what is left, writes fail */
  QNET_LINK_COMING,  /* being made: writes are stored */
  QNET_LINK_UP       /* the channel is open */
} QnetLink;

/* How a device class hears from its channel; set in its class_init. The device is held meanwhile. */
struct _QnetIODeviceHooks
{
  /* The peer's orderly end (NULL), or a failure; all that came before was told by ready-read. */
  void     (*ended)        (QnetIODevice *self, const GError *error);
  /* All was sent, on a channel that drains, or whose peer has ended. */
  void     (*drained)      (QnetIODevice *self);
  /* qnet_channel_defer() was called. */
  void     (*deferred)     (QnetIODevice *self);
  void     (*orphaned)     (QnetIODevice *self);
  /* (transfer full) (nullable): the peer, or what is to be the peer, for an error text */
  char    *(*describe_peer) (QnetIODevice *self);
  /* g_io_stream_close() was called: begin to close; the end of it calls qnet_io_device_closed(). */
  void     (*close)        (QnetIODevice *self);

  /* What a class puts on top of a connection, encryption say. Each may be NULL, and emits nothing but notifications. */

  /* A new use begins: what is left of the last one is forgotten. */
  void     (*began)        (QnetIODevice *self);
  /* The channel is open, and has neither read nor sent yet. TRUE: it shall not before the class says so. */
  gboolean (*opened)       (QnetIODevice *self);
  /* The link has become NONE. */
  void     (*unlinked)     (QnetIODevice *self);

  /* Of devices with datagrams alone: */

  /* Something has failed, and ends nothing: says so, and keeps it as the trouble. */
  void     (*troubled)     (QnetIODevice *self, const GError *error);
  /* Somebody wants to read, and the read buffer is empty: put the next datagram there, if there
   * is one. */
  void     (*pull)         (QnetIODevice *self);
  /* The bytes of the next datagram that is not in the read buffer yet, 0 for an empty one; -1: none. */
  gssize   (*get_pending)  (QnetIODevice *self);
  /* (nullable): whether a proxy's relay can do what was set before. @what begins the message. */
  gboolean (*check_relaying) (QnetIODevice *self, const char *what, GError **error);
};

/* Who keeps connections alive: a server. Told once, when the link goes from UP to NONE, after all signals. */
struct _QnetKeeperFuncs
{
  void (*released) (QnetKeeper *keeper, QnetIODevice *device);
};

struct _QnetKeeper
{
  const QnetKeeperFuncs *funcs;
};

/* A blocking wait that goes on. What it returns depends on what has happened meanwhile: a handler may have begun a new connection
 * before the wait looks at the device again. */
struct _QnetIOWait
{
  QnetIOWait *outer;       /* (nullable): the wait one of whose handlers waits */
  GError     *end_reason;  /* (owned) (nullable): NULL for an end without an error, such as abort() */
  gboolean    has_ended;   /* the link has gone */
};

struct _QnetIODevicePrivate
{
  QnetChannel      channel;
  QnetWaitSet      wait_set;          /* empty (no reactor) until the first connect, bind or descriptor */
  QnetByteQueue   *taken;             /* (owned) (nullable): what a transaction has read so far; NULL without one */
  GError          *error;             /* (owned) (nullable): the property */
  GError          *loss;              /* (owned) (nullable): closing could not send all that was written, for this reason */
  GError          *end_error;         /* (owned) (nullable): why the link went, when not orderly: what the streams say */
  QnetIOWait      *wait;              /* (nullable): the innermost that goes on */
  QnetIOOperation *operations;        /* (owned) (nullable): pending asynchronous ones, in order */
  QnetIOFaces     *faces;             /* (owned) (nullable): the two GIO streams, once somebody asked */
  gsize            high_water;        /* bytes, 0: none */
  gsize            low_water;
  guint64          n_arrivals;        /* times that new bytes came: wait_for_ready_read() compares */
  guint64          n_departures;      /* times that bytes went */
  GError          *trouble;           /* (owned) (nullable): what failed last and ended nothing */
  guint            n_troubles;        /* times that something did */
  gsize            written_untold;    /* bytes that bytes-written has yet to tell */
  const QnetIODeviceCallbacks *callbacks;  /* (nullable): called in the place of signals */
  gpointer         callbacks_data;    /* (owned): by callbacks_destroy */
  GDestroyNotify   callbacks_destroy; /* (nullable) */
  guint64          counted;           /* the sum of the counters when leave_cb() last looked */
  guint64          told_received;     /* the last values of the counters that were notified, or were 0 */
  guint64          told_sent;
  guint64          told_receive_calls;
  guint64          told_send_calls;
  guint            n_unheard;         /* visits since somebody has listened to the counters, or has asked for one */
  gsize            told_available;    /* the last value of bytes-available that was notified */
  gsize            told_to_write;     /* ... of bytes-to-write */
  void            (*notify_more)     (QnetIODevice *self);  /* (nullable): of subclasses, what else comes with bytes */
  QnetConnection  *connection;        /* (nullable): the subclass's, if it has one */
  QnetKeeper      *keeper;            /* (nullable): until released () */
  gpointer         keeper_data;       /* the keeper's */
  GList            keeper_link;       /* the keeper's: in one of its queues while its data, this device, is set */
  guint            n_visits;          /* of the channel that are going on: handlers may run a loop */
  guint            open_mode        : 8;  /* QnetOpenMode */
  guint            link             : 2;  /* QnetLink */
  guint            in_ready_read    : 1;
  guint            ready_read_again : 1;  /* bytes came while in_ready_read */
  guint            in_bytes_written : 1;
  guint            departure_untold : 1;  /* bytes-written is owed, perhaps for an empty datagram */
  guint            is_above_high    : 1;
  guint            torn_down        : 1;  /* dispose has begun: nothing is emitted any more */
  guint            end_told         : 1;  /* read-channel-finished was emitted for this connection */
  guint            was_finished     : 1;  /* the last value of read-finished that was notified */
  guint            has_ended        : 1;  /* nothing more will come on this connection */
  guint            is_closing       : 1;  /* g_io_stream_close() was called, and its end is to come */
  guint            begins_to_close  : 1;  /* ... and not before it has begun */
  guint            is_inside        : 1;  /* the channel is telling us something: the sizes are notified after it */
  guint            holds_itself     : 1;  /* disposed of during a visit, the end of which drops a reference */
  guint            is_pending       : 1;  /* the keeper's: nobody has taken it yet */
};

/* Where the private part lies, seen from the instance; set once by class_init. */
extern int qnet_io_device_private_offset;

static inline QnetIODevicePrivate *
qnet_io_device_get_private (QnetIODevice *self)
{
  return (QnetIODevicePrivate *) G_STRUCT_MEMBER_P (self, qnet_io_device_private_offset);
}

static inline gboolean
qnet_io_device_can_read (QnetIODevicePrivate *priv)
{
  return (priv->open_mode & QNET_OPEN_MODE_READ_ONLY) != 0;
}

static inline gboolean
qnet_io_device_can_write (QnetIODevicePrivate *priv)
{
  return (priv->open_mode & QNET_OPEN_MODE_WRITE_ONLY) != 0;
}

/* Before the read buffer is looked at: of datagrams it holds one, while somebody is busy with that. */
static inline void
qnet_io_device_pull (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->channel.is_datagram && priv->channel.read_queue.length == 0)
    QNET_IO_DEVICE_GET_CLASS (self)->hooks->pull (self);
}

/* The same, by a call that reads the device itself and not a stream of it: it may wait for more than a stream reads ahead. */
static inline void
qnet_io_device_pull_directly (QnetIODevice *self)
{
  qnet_channel_set_pull_limit (&qnet_io_device_get_private (self)->channel, 0);
  qnet_io_device_pull (self);
}

static inline QnetIODevice *
qnet_io_device_from_channel (QnetChannel *channel)
{
  gpointer priv = (guint8 *) channel - G_STRUCT_OFFSET (QnetIODevicePrivate, channel);

  return (QnetIODevice *) G_STRUCT_MEMBER_P (priv, -qnet_io_device_private_offset);
}

/* QNET_IS_IO_DEVICE() for the calls that are made for every request: a type that was found to be a device's stays one. */
extern gpointer qnet_io_device_known_type;  /* (atomic): the first that was asked for and was one */
gboolean        qnet_io_device_ask_type  (gpointer instance);

static inline gboolean
qnet_io_device_is_device (gpointer instance)
{
  GTypeClass *klass = instance != NULL ? ((GTypeInstance *) instance)->g_class : NULL;

  return (klass != NULL && GSIZE_TO_POINTER (klass->g_type) == g_atomic_pointer_get (&qnet_io_device_known_type))
         || qnet_io_device_ask_type (instance);
}

/* For subclasses */
void                 qnet_io_device_set_open_mode     (QnetIODevice  *self,
                                                       QnetOpenMode   mode);     /* notifies */
void                 qnet_io_device_take_error        (QnetIODevice  *self,
                                                       GError        *error);    /* (transfer full) (nullable): the property; notifies */
void                 qnet_io_device_set_link          (QnetIODevice  *self,
                                                       QnetLink       link);     /* NONE decides what becomes of operations */
void                 qnet_io_device_progress          (QnetIODevice  *self);     /* operations look anew */
void                 qnet_io_device_join_reactor      (QnetIODevice  *self,
                                                       QnetReactor   *reactor);  /* only while link is NONE; leaves the old one */
void                 qnet_io_device_defer             (QnetIODevice  *self);     /* the hook deferred () in the next turn */
void                 qnet_io_device_leave_parent      (QnetIODevice  *self);     /* in the child of a fork it is unconnected */
void                 qnet_io_device_reset             (QnetIODevice  *self);     /* new connection: empties buffers, counters, transaction, end */
void                 qnet_io_device_emit_channel_end  (QnetIODevice  *self);     /* read-channel-finished, once a connection */
void                 qnet_io_device_half_open_may_end (QnetIODevice  *self);     /* deferred () looks, if the peer has ended */
void                 qnet_io_device_emit_about_to_close (QnetIODevice *self);
void                 qnet_io_device_clear_read_buffer (QnetIODevice  *self);
void                 qnet_io_device_clear_write_buffer (QnetIODevice *self);
void                 qnet_io_device_release_keeper    (QnetIODevice  *self);
void                 qnet_io_device_hand_out          (QnetIODevice  *self);     /* the connection has found its owner: reading starts in the next turn. Again: nothing */
void                 qnet_io_device_closed            (QnetIODevice  *self);     /* a g_io_stream_close_async() may end now */

/* Reading and writing without checks, for the streams and operations: on queues alone */
gsize                qnet_io_device_take              (QnetIODevice  *self,
                                                       void          *buffer,
                                                       gsize          size);
GBytes              *qnet_io_device_take_bytes        (QnetIODevice  *self,
                                                       gsize          size);
/* The length of the next whole line or message (or piece: @max_size reached, buffer full, end seen), 0: nothing yet. It is more than
 * @max_size where that is less than the delimiter, or, of text, than the first character. */
gsize                qnet_io_device_next_line         (QnetIODevice  *self,
                                                       gsize          max_size);
gsize                qnet_io_device_next_text_line    (QnetIODevice  *self,
                                                       gsize          max_size);
gsize                qnet_io_device_next_message      (QnetIODevice  *self,
                                                       const void    *delimiter,
                                                       gsize          delimiter_size,
                                                       gsize          max_size);
/* No byte will come any more, beyond those in the buffer. */
gboolean             qnet_io_device_has_ended         (QnetIODevice  *self);
/* Not open, not writable or no link: the error write() gives. */
gboolean             qnet_io_device_check_writable    (QnetIODevice  *self,
                                                       GError       **error);

/* Between the parts of the class */
extern const QnetChannelFuncs qnet_io_device_channel_funcs;

void                 qnet_io_device_call_ready_read           (QnetIODevice *self);  /* only where there are callbacks */
void                 qnet_io_device_call_bytes_written        (QnetIODevice *self,
                                                               gint64        size);
void                 qnet_io_device_emit_ready_read           (QnetIODevice *self);
void                 qnet_io_device_emit_pending              (QnetIODevice *self);  /* before the end */
void                 qnet_io_device_forget_pending_signals    (QnetIODevice *self);
void                 qnet_io_device_emit_bytes_written        (QnetIODevice *self,
                                                               gint64        size);
gboolean             qnet_io_device_is_bytes_written_heard    (QnetIODevice *self);
void                 qnet_io_device_emit_write_buffer_filled  (QnetIODevice *self);
void                 qnet_io_device_emit_write_buffer_drained (QnetIODevice *self);
void                 qnet_io_device_end_transaction           (QnetIODevice *self,
                                                               gboolean      keep_bytes);
void                 qnet_io_device_class_install_properties (GObjectClass *klass);
void                 qnet_io_device_class_install_reading (QnetIODeviceClass *klass);
void                 qnet_io_device_class_install_writing (QnetIODeviceClass *klass);
void                 qnet_io_device_notify_read_buffer    (QnetIODevice  *self);
void                 qnet_io_device_notify_write_buffer   (QnetIODevice  *self);
void                 qnet_io_device_notify_sizes          (QnetIODevice  *self);  /* of the buffers, where they have changed */

void                 qnet_io_device_notify_counters       (QnetIODevice  *self);  /* those that have changed, where somebody listens */
gboolean             qnet_io_device_is_notify_heard       (QnetIODevice  *self);  /* of any property */

void                 qnet_io_device_let_go_of_itself      (QnetIODevice  *self);  /* dispose() had it hold itself for a visit */

/* To be called after the buffers have changed. While the channel is telling us something there is time. */
static inline void
qnet_io_device_read_buffer_changed (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (!priv->is_inside || priv->has_ended != priv->was_finished)
    qnet_io_device_notify_read_buffer (self);
}

static inline void
qnet_io_device_write_buffer_changed (QnetIODevice *self)
{
  if (!qnet_io_device_get_private (self)->is_inside)
    qnet_io_device_notify_write_buffer (self);
}

void                 qnet_io_device_watch_high_water      (QnetIODevice  *self);
/* To be called after the write buffer was emptied otherwise than by sending. */
void                 qnet_io_device_check_low_water       (QnetIODevice  *self);
/* Bytes were put into the write queue: they will be sent. */
void                 qnet_io_device_appended              (QnetIODevice  *self);
/* How a call fails at once: @reason (transfer full) becomes the property, and @error a copy of it. Returns FALSE. */
gboolean             qnet_io_device_fail_call             (QnetIODevice  *self,
                                                           GError        *reason,
                                                           GError       **error);
/* qnet-io-device-waiting.c */
void                 qnet_io_device_begin_wait            (QnetIODevice  *self,
                                                           QnetIOWait    *wait);
void                 qnet_io_device_end_wait              (QnetIODevice  *self,
                                                           QnetIOWait    *wait);
void                 qnet_io_device_note_end              (QnetIODevice  *self);  /* the link has gone, for the waits that go on */

/* qnet-io-operation.c and qnet-io-device-streams.c */
void                 qnet_io_device_run_operations    (QnetIODevice  *self);  /* progress() calls it when there are any */
void                 qnet_io_device_drop_operations   (QnetIODevice  *self);  /* dispose: all end, cancelled or closed */
void                 qnet_io_device_drop_faces        (QnetIODevice  *self);  /* dispose */
gboolean             qnet_io_device_holds_output_face (QnetIODevice  *self);  /* someone outside holds it */
void                 qnet_io_device_class_install_faces (QnetIODeviceClass *klass);    /* get_*_stream of GIOStream */
void                 qnet_io_device_class_install_closing (QnetIODeviceClass *klass);  /* close_* of GIOStream */
void                 qnet_io_device_close_faces       (QnetIODevice  *self);  /* the device closes: so do they */

G_END_DECLS
