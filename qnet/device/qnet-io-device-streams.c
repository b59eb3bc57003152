/* qnet-io-device-streams.c: the two streams of a device, as GIOStream wants them
 *
 * The device holds one reference on each stream, a toggle reference: it is notified when the
 * application has a reference on the stream as well, and then the stream holds the device in turn.
 * When only the device's own reference is left the device is released, so that no cycle remains.
 *
 * It has over 700 lines because both streams share their sources, their references and their end.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-device-streams-private.h"

#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "device/qnet-io-loan-private.h"
#include "device/qnet-io-operation-private.h"
#include "qnet-error.h"

/* How many streams that were replaced the device keeps in any case */
#define N_KEPT 4

struct _QnetIODeviceStreams
{
  GObject  *input;     /* (owned) (nullable): a toggle reference; NULL until it is used */
  GObject  *output;    /* the same */
  GSList   *closed;    /* (owned): of streams that were replaced; the same */
  gboolean  is_final;  /* the device closes: no stream is replaced any more */
};

/* What both streams share */

gboolean
qnet_io_device_stream_check_open (QnetIODevice  *device,
                                  GError       **error)
{
  gboolean is_closed_elsewhere = FALSE;

  if (device != NULL)
    {
      const QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (device));

      is_closed_elsewhere = lock != NULL && lock->is_closed;
    }

  if (device != NULL && !is_closed_elsewhere && qnet_io_device_is_open (device))
    return TRUE;

  if (device == NULL || is_closed_elsewhere || g_io_stream_is_closed (G_IO_STREAM (device))
      || qnet_io_device_is_closing (qnet_io_device_get_private (device)))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("The device has been closed"));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                         _("The device is not open"));

  return FALSE;
}

static GIOErrorEnum
io_code_of (int code)
{
  switch (code)
    {
    case QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED:
      return G_IO_ERROR_CONNECTION_CLOSED;
    case QNET_SOCKET_ERROR_CONNECTION_REFUSED:
      return G_IO_ERROR_CONNECTION_REFUSED;
    case QNET_SOCKET_ERROR_HOST_NOT_FOUND:
      return G_IO_ERROR_HOST_NOT_FOUND;
    case QNET_SOCKET_ERROR_SOCKET_ACCESS:
      return G_IO_ERROR_PERMISSION_DENIED;
    case QNET_SOCKET_ERROR_SOCKET_TIMEOUT:
      return G_IO_ERROR_TIMED_OUT;
    case QNET_SOCKET_ERROR_NETWORK:
      return G_IO_ERROR_NETWORK_UNREACHABLE;
    default:
      return G_IO_ERROR_FAILED;
    }
}

GError *
qnet_io_device_stream_convert_error (const GError *error)
{
  if (error->domain != QNET_SOCKET_ERROR)
    return g_error_copy (error);

  return g_error_new_literal (G_IO_ERROR, io_code_of (error->code), error->message);
}

/* Milliseconds, where there is no file descriptor to wake up by. */
#define LOOK_INTERVAL 50

/* Another thread may cancel while this one sleeps, so the poll includes the cancellable. GLib ends
 * the process where it has no file descriptor left for that: then the cancellable is looked at from
 * time to time. */
static gboolean
iterate_set (QnetWaitSet  *set,
             GCancellable *cancellable)
{
  GPollFD pollfd;
  gboolean has_happened;
  int error_number;

  if (cancellable != NULL && !qnet_reserve_can_make_context (&error_number))
    {
      qnet_wait_set_iterate (set, qnet_clock_until (LOOK_INTERVAL));
      return TRUE;
    }

  if (!g_cancellable_make_pollfd (cancellable, &pollfd))
    return qnet_wait_set_iterate (set, G_MAXINT64);

  has_happened = qnet_wait_set_iterate_full (set, G_MAXINT64, &pollfd);
  g_cancellable_release_fd (cancellable);

  return has_happened;
}

static gboolean
iterate (QnetIODevice *device,
         GCancellable *cancellable)
{
  QnetReactor *reactor;
  guint stays = qnet_io_device_begin_blocking (device, &reactor);
  gboolean has_happened = iterate_set (&qnet_io_device_get_private (device)->wait_set, cancellable);

  qnet_io_device_end_blocking (device, reactor, stays);
  if (stays > 0)
    qnet_io_device_serve_marks (device);

  return has_happened;
}

/* Reading that is paused, or whose buffer is full, continues only when the application does
 * something about it, and this call blocks the application. */
static gboolean
can_happen (QnetIODevice *device,
            gboolean      is_reading)
{
  const QnetChannel *channel = &qnet_io_device_get_private (device)->channel;

  return !is_reading || (!qnet_channel_is_paused (channel) && !qnet_channel_is_stuck (channel));
}

static gboolean
wait_for_device (QnetIODevice  *device,
                 gboolean       is_reading,
                 GCancellable  *cancellable,
                 GError       **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  if (can_happen (device, is_reading) && iterate (device, cancellable))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       _("No bytes can arrive on this device now"));

  return FALSE;
}

/* A handler may dispose the device meanwhile. */
static gboolean
step_of_owner (QnetIODevice    *device,
               QnetIOOperation *operation)
{
  gboolean is_disposed = qnet_io_device_is_disposed (qnet_io_device_get_private (device));

  return operation->step (is_disposed ? NULL : device, operation);
}

static void
run_as_owner (QnetIODevice    *device,
              QnetIOOperation *operation,
              gboolean         is_reading,
              GCancellable    *cancellable)
{
  G_GNUC_UNUSED g_auto(QnetIOStay) stay = qnet_io_stay_begin (device, G_STRFUNC);

  while (!step_of_owner (device, operation)
         && wait_for_device (device, is_reading, cancellable, &operation->error))
    continue;
}

gboolean
qnet_io_device_stream_run (QnetIODevice     *device,
                           QnetIOOperation  *operation,
                           gboolean          is_reading,
                           GCancellable     *cancellable,
                           GError          **error)
{
  if (device == NULL)
    operation->step (NULL, operation);
  else if (qnet_io_device_is_foreign (device))
    qnet_io_loan_run (device, operation, is_reading, cancellable);
  else
    run_as_owner (device, operation, is_reading, cancellable);

  if (operation->error == NULL)
    return TRUE;

  g_propagate_error (error, operation->error);

  return FALSE;
}

/* Sources. They look at the queues, which is cheaper than a notification of each change to them. In
 * another main context than the device's, or another thread, nothing has been put there by the
 * reactor when they look: then a child source polls the descriptor. */

typedef struct
{
  GSource       source;
  GObject      *stream;                        /* (owned) */
  QnetIODevice *device;                        /* (owned) (nullable) */
  GSource      *loan_source;                   /* (owned) (nullable) */
  gboolean      is_reading;
  gboolean    (*is_ready) (gpointer stream);
} StreamSource;

static gboolean
loan_source_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
add_loan_source (StreamSource *self)
{
  if (self->loan_source != NULL || self->device == NULL
      || !qnet_io_device_is_out_of_context (self->device, g_source_get_context (&self->source)))
    return FALSE;

  self->loan_source = qnet_io_loan_source_new (self->device, self->is_reading);
  g_source_set_callback (self->loan_source, loan_source_cb, self->loan_source,
                         (GDestroyNotify) qnet_io_loan_source_end);
  g_source_add_child_source (&self->source, self->loan_source);

  return TRUE;
}

static gboolean
stream_source_check (GSource *source)
{
  StreamSource *self = (StreamSource *) source;

  return self->is_ready (self->stream);
}

static gboolean
stream_source_prepare (GSource *source,
                       int     *timeout)
{
  /* A source that is added now is prepared in the next iteration. */
  *timeout = add_loan_source ((StreamSource *) source) ? 0 : -1;

  return stream_source_check (source);
}

/* The pollable source above it calls back. */
static gboolean
stream_source_dispatch (GSource     *source,
                        GSourceFunc  callback,
                        gpointer     user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
stream_source_finalize (GSource *source)
{
  StreamSource *self = (StreamSource *) source;

  g_clear_pointer (&self->loan_source, g_source_unref);
  g_clear_object (&self->device);
  g_object_unref (self->stream);
}

/* GIO gives each child source a closure, and GObject requires that it can be called. */
static gboolean
stream_source_closure_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs stream_source_funcs = {
  .prepare          = stream_source_prepare,
  .check            = stream_source_check,
  .dispatch         = stream_source_dispatch,
  .finalize         = stream_source_finalize,
  .closure_callback = stream_source_closure_cb,
};

GSource *
qnet_io_device_stream_create_source (gpointer       stream,
                                     QnetIODevice  *device,
                                     gboolean     (*is_ready) (gpointer stream),
                                     GCancellable  *cancellable)
{
  g_autoptr(GSource) child = g_source_new (&stream_source_funcs, sizeof (StreamSource));
  StreamSource *self = (StreamSource *) child;

  self->stream = g_object_ref (stream);
  self->is_ready = is_ready;
  self->is_reading = G_IS_INPUT_STREAM (stream);
  if (device != NULL)
    self->device = g_object_ref (device);
  g_source_set_static_name (child, "[qnet] stream");

  return g_pollable_source_new_full (stream, child, cancellable);
}

/* The streams and their references */

/* Any thread may ask for a stream, and make it, in a stay of the owner or in a loan; another thread
 * may drop the streams. One lock for all of that. No reference to a stream or device is toggled or
 * dropped below it: that would lead to code of a language, which waits for a lock of that language,
 * whose holder may wait for this one. */

static pthread_once_t making_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t making;

static void
init_making (void)
{
  pthread_mutexattr_t attributes;

  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_settype (&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init (&making, &attributes);
  pthread_mutexattr_destroy (&attributes);
}

static void
lock_making (void)
{
  pthread_once (&making_once, init_making);
  pthread_mutex_lock (&making);
}

static void
unlock_making (void)
{
  pthread_mutex_unlock (&making);
}

/* The data of a toggle reference. Threads may report that a stream is held, and that it is not, in
 * another order than they took and dropped it, and even after the device has dropped the stream: so
 * each "held" is counted, and nothing else is looked at. */
struct _QnetStreamHold
{
  QnetIODevice *device;  /* (atomic): referenced once for each "held" */
  gint          n_held;  /* (atomic): how often it is reported as held */
  gint          n_refs;  /* (atomic): each "held", and the toggle reference */
  gint          is_awaited;  /* (atomic): the owner waits for the end of the hold */
};

static QnetStreamHold *
get_hold (GObject *stream)
{
  return G_IS_INPUT_STREAM (stream) ? QNET_IO_DEVICE_INPUT_STREAM (stream)->hold
                                    : QNET_IO_DEVICE_OUTPUT_STREAM (stream)->hold;
}

static void
hold_unref (QnetStreamHold *hold)
{
  if (g_atomic_int_dec_and_test (&hold->n_refs))
    g_free (hold);
}

static void
half_open_may_end (QnetIODevice *device)
{
  QNET_IO_STAY (device);

  qnet_io_device_half_open_may_end (device);
}

static gboolean half_open_may_end_cb (gpointer device);

/* In the next turn, in the thread of the owner, too: the caller may have the lock of a language.
 * Without a main loop the owner notices it when it enters the device. */
static void
end_waiting (QnetIODevice *device)
{
  QnetIOLock *lock = qnet_io_device_get_lock (qnet_io_device_get_private (device));

  if (!qnet_io_device_invoke (device, half_open_may_end_cb))
    g_atomic_int_set (&lock->wants_look, TRUE);
}

/* The device may belong to another thread by now. */
static gboolean
half_open_may_end_cb (gpointer device)
{
  if (qnet_io_device_is_foreign (device))
    end_waiting (device);
  else
    half_open_may_end (device);

  return G_SOURCE_REMOVE;
}

/* Whatever thread has taken or dropped the stream, with whatever locks. */
static void
toggled_cb (gpointer  data,
            GObject  *stream,
            gboolean  is_last)
{
  QnetStreamHold *hold = data;
  QnetIODevice *device = g_atomic_pointer_get (&hold->device);
  gboolean is_awaited = FALSE;

  if (!is_last)
    {
      g_object_ref (device);
      g_atomic_int_inc (&hold->n_refs);
      g_atomic_int_inc (&hold->n_held);
      return;
    }

  if (g_atomic_int_dec_and_test (&hold->n_held))
    is_awaited = g_atomic_int_exchange (&hold->is_awaited, FALSE);
  hold_unref (hold);
  if (is_awaited)
    end_waiting (device);
  g_object_unref (device);
}

/* Dropping our plain reference toggles it. */
static GObject *
keep_stream (QnetIODevice    *self,
             gpointer         stream,
             QnetStreamHold **out_hold)
{
  QnetStreamHold *hold = g_new0 (QnetStreamHold, 1);

  hold->n_held = 1;
  hold->n_refs = 2;
  g_atomic_pointer_set (&hold->device, g_object_ref (self));
  *out_hold = hold;
  g_object_add_toggle_ref (stream, toggled_cb, hold);
  g_object_unref (stream);

  return stream;
}

/* (transfer full) (nullable): for drop_stream(), outside the lock */
static GObject *
detach_input (QnetIODeviceStreams *streams)
{
  if (streams->input != NULL)
    g_atomic_pointer_set (&QNET_IO_DEVICE_INPUT_STREAM (streams->input)->device, NULL);

  return g_steal_pointer (&streams->input);
}

static GObject *
detach_output (QnetIODeviceStreams *streams)
{
  if (streams->output != NULL)
    g_atomic_pointer_set (&QNET_IO_DEVICE_OUTPUT_STREAM (streams->output)->device, NULL);

  return g_steal_pointer (&streams->output);
}

/* Microseconds, and how often */
#define REPORT_INTERVAL 20
#define MAX_REPORT_LOOKS 50000

/* Another thread that has taken or dropped the stream a moment ago may not have reported it yet: it
 * does that with the toggle reference, which is to be removed. */
static void
await_reports (QnetStreamHold *hold)
{
  for (guint i = 0; i < MAX_REPORT_LOOKS && g_atomic_int_get (&hold->n_held) != 1; i++)
    g_usleep (REPORT_INTERVAL);
}

/* Held by us it is not toggled any more, and there is one "held" that nothing else will end. */
static void
drop_stream (GObject *stream)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) device = NULL;
  QnetStreamHold *hold;

  if (stream == NULL)
    return;

  hold = get_hold (stream);
  g_object_ref (stream);
  await_reports (hold);
  device = hold->device;
  g_object_remove_toggle_ref (stream, toggled_cb, hold);
  hold_unref (hold);
  hold_unref (hold);
  g_object_unref (stream);
}

void
qnet_io_device_drop_streams (QnetIODevice *self)
{
  QnetIODeviceStreams *streams = qnet_io_device_get_private (self)->streams;
  GObject *input;
  GObject *output;
  GSList *closed;

  if (streams == NULL)
    return;

  lock_making ();
  input = detach_input (streams);
  output = detach_output (streams);
  closed = g_steal_pointer (&streams->closed);
  g_clear_pointer (&qnet_io_device_get_private (self)->streams, g_free);
  unlock_making ();

  drop_stream (input);
  drop_stream (output);
  g_slist_free_full (closed, (GDestroyNotify) drop_stream);
}

/* The owner is notified when that ends. */
static gboolean
watch_hold (QnetStreamHold *hold)
{
  g_atomic_int_set (&hold->is_awaited, TRUE);

  return g_atomic_int_get (&hold->n_held) > 0;
}

gboolean
qnet_io_device_holds_output_stream (QnetIODevice *self)
{
  const QnetIODevicePrivate *priv = qnet_io_device_get_private (self);
  const QnetIODeviceStreams *streams = priv->streams;
  const QnetIOLock *lock = qnet_io_device_get_lock (priv);

  if (streams == NULL || streams->output == NULL
      || g_output_stream_is_closed (G_OUTPUT_STREAM (streams->output)))
    return FALSE;

  return (lock != NULL && lock->has_writer)
         || watch_hold (get_hold (streams->output));
}

static QnetIODeviceStreams *
ensure_streams (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->streams == NULL)
    {
      priv->streams = g_new0 (QnetIODeviceStreams, 1);
      qnet_reserve_prepare_tasks ();  /* GInputStream and GOutputStream begin with one */
    }

  return priv->streams;
}

/* A stream that was closed is replaced, but not on a device that was. */
static gboolean
is_final (QnetIODevice        *self,
          QnetIODeviceStreams *streams)
{
  return streams->is_final || g_io_stream_is_closed (G_IO_STREAM (self));
}

/* Below the lock: what was replaced and is held by nothing any more, for drop_stream() outside of
 * it. The latest ones stay: a getter returns no reference, and another thread may be about to take
 * one. */
static GSList *
take_replaced (QnetIODeviceStreams *streams)
{
  GSList *taken = NULL;
  GSList **link = &streams->closed;
  guint n_kept = 0;

  while (*link != NULL)
    if (n_kept < N_KEPT || g_atomic_int_get (&get_hold ((*link)->data)->n_held) > 0)
      {
        n_kept++;
        link = &(*link)->next;
      }
    else
      {
        GSList *first = *link;

        *link = first->next;
        first->next = taken;
        taken = first;
      }

  return taken;
}

static GSList *
replace (QnetIODeviceStreams *streams,
         GObject             *stream)
{
  streams->closed = g_slist_prepend (streams->closed, stream);

  return take_replaced (streams);
}

static void
make_input (QnetIODevice        *self,
            QnetIODeviceStreams *streams)
{
  QnetIODeviceInputStream *input = g_object_new (QNET_TYPE_IO_DEVICE_INPUT_STREAM, NULL);

  g_atomic_pointer_set (&input->device, self);
  streams->input = keep_stream (self, input, &input->hold);
}

static GInputStream *
get_input (QnetIODevice  *self,
           GSList       **out_replaced)
{
  QnetIODeviceStreams *streams = ensure_streams (self);

  if (streams->input != NULL && !is_final (self, streams)
      && g_input_stream_is_closed (G_INPUT_STREAM (streams->input)))
    *out_replaced = replace (streams, detach_input (streams));

  if (streams->input == NULL)
    make_input (self, streams);

  return G_INPUT_STREAM (streams->input);
}

static GInputStream *
get_input_safely (QnetIODevice  *self,
                  GSList       **out_replaced)
{
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (self);
  GInputStream *input;

  lock_making ();
  input = get_input (self, out_replaced);
  unlock_making ();

  return input;
}

static GInputStream *
qnet_io_device_get_input_stream (GIOStream *stream)
{
  g_autoptr(QnetIODevice) self = g_object_ref (QNET_IO_DEVICE (stream));
  GSList *replaced = NULL;
  GInputStream *input;

  qnet_io_device_make_lock (self);
  input = get_input_safely (self, &replaced);
  g_slist_free_full (replaced, (GDestroyNotify) drop_stream);

  return input;
}

static void
make_output (QnetIODevice        *self,
             QnetIODeviceStreams *streams)
{
  QnetIODeviceOutputStream *output = g_object_new (QNET_TYPE_IO_DEVICE_OUTPUT_STREAM, NULL);

  g_atomic_pointer_set (&output->device, self);
  streams->output = keep_stream (self, output, &output->hold);
}

static GOutputStream *
get_output (QnetIODevice  *self,
            GSList       **out_replaced)
{
  QnetIODeviceStreams *streams = ensure_streams (self);

  if (streams->output != NULL && !is_final (self, streams)
      && g_output_stream_is_closed (G_OUTPUT_STREAM (streams->output)))
    *out_replaced = replace (streams, detach_output (streams));

  if (streams->output == NULL)
    make_output (self, streams);

  return G_OUTPUT_STREAM (streams->output);
}

static GOutputStream *
get_output_safely (QnetIODevice  *self,
                   GSList       **out_replaced)
{
  G_GNUC_UNUSED g_auto(QnetIOUse) use = qnet_io_use_begin (self);
  GOutputStream *output;

  lock_making ();
  output = get_output (self, out_replaced);
  unlock_making ();

  return output;
}

static GOutputStream *
qnet_io_device_get_output_stream (GIOStream *stream)
{
  g_autoptr(QnetIODevice) self = g_object_ref (QNET_IO_DEVICE (stream));
  GSList *replaced = NULL;
  GOutputStream *output;

  qnet_io_device_make_lock (self);
  output = get_output_safely (self, &replaced);
  g_slist_free_full (replaced, (GDestroyNotify) drop_stream);

  return output;
}

/* An operation on one that is pending ends by itself. */
void
qnet_io_device_close_streams (QnetIODevice *self)
{
  QnetIODeviceStreams *streams = qnet_io_device_get_private (self)->streams;

  if (streams == NULL)
    return;

  lock_making ();
  streams->is_final = TRUE;
  unlock_making ();

  if (streams->input != NULL)
    g_input_stream_close (G_INPUT_STREAM (streams->input), NULL, NULL);
  if (streams->output != NULL)
    g_output_stream_close (G_OUTPUT_STREAM (streams->output), NULL, NULL);
}

void
qnet_io_device_class_install_streams (QnetIODeviceClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  stream_class->get_input_stream = qnet_io_device_get_input_stream;
  stream_class->get_output_stream = qnet_io_device_get_output_stream;
}
