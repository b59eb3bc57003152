/* qnet-io-device-streams.c: a device as a GIOStream: its two faces
 *
 * The device holds one reference on each face, a toggle reference: it tells when somebody else
 * holds the face, and then the face holds the device in turn. When only ours is left the device is
 * let go, so that no cycle remains.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-reserve-private.h"
#include "socket/qnet-io-device-streams-private.h"
#include "socket/qnet-io-operation-private.h"

#include "qnet-error.h"
#include "base/qnet-i18n-private.h"

typedef struct
{
  GObject  *stream;   /* (owned) (nullable): our toggle reference; NULL until somebody asks */
  gboolean  is_held;  /* somebody outside holds it, and it holds the device */
} Face;

struct _QnetIOFaces
{
  Face input;
  Face output;
};

/* What both faces share */

gboolean
qnet_face_check_open (QnetIODevice  *device,
                      GError       **error)
{
  if (device != NULL && qnet_io_device_is_open (device))
    return TRUE;

  if (device == NULL || g_io_stream_is_closed (G_IO_STREAM (device))
      || qnet_io_device_get_private (device)->is_closing)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("The socket has been closed"));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                         _("The socket is not connected"));

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
qnet_face_convert_error (const GError *error)
{
  if (error->domain != QNET_SOCKET_ERROR)
    return g_error_copy (error);

  return g_error_new_literal (G_IO_ERROR, io_code_of (error->code), error->message);
}

/* Milliseconds, where there is no descriptor to be woken up by. */
#define LOOK_INTERVAL 50

/* Whoever cancels may do it in another thread while this one sleeps: the poll looks at the
 * cancellable, too. GLib ends the process where it finds no descriptors for that: then we look from
 * time to time. */
static gboolean
iterate (QnetWaitSet  *set,
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

gboolean
qnet_face_wait (QnetIODevice  *device,
                GCancellable  *cancellable,
                GError       **error)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) hold = g_object_ref (device);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  if (iterate (&qnet_io_device_get_private (device)->wait_set, cancellable))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       _("Nothing can arrive on this socket now"));

  return FALSE;
}

/* Sources: they ask the queues, which is cheaper than being told of every change to them. */

typedef struct
{
  GSource    source;
  GObject   *stream;                        /* (owned) */
  gboolean (*is_ready) (gpointer stream);
} FaceSource;

static gboolean
face_source_check (GSource *source)
{
  FaceSource *self = (FaceSource *) source;

  return self->is_ready (self->stream);
}

static gboolean
face_source_prepare (GSource *source,
                     int     *timeout)
{
  *timeout = -1;

  return face_source_check (source);
}

/* The pollable source above it calls back. */
static gboolean
face_source_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
face_source_finalize (GSource *source)
{
  FaceSource *self = (FaceSource *) source;

  g_object_unref (self->stream);
}

/* GIO gives each child source a closure, and GObject insists that it could be called. */
static gboolean
face_source_closure_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs face_source_funcs = {
  .prepare          = face_source_prepare,
  .check            = face_source_check,
  .dispatch         = face_source_dispatch,
  .finalize         = face_source_finalize,
  .closure_callback = face_source_closure_cb,
};

GSource *
qnet_face_create_source (gpointer       stream,
                         gboolean     (*is_ready) (gpointer stream),
                         GCancellable  *cancellable)
{
  g_autoptr(GSource) child = g_source_new (&face_source_funcs, sizeof (FaceSource));
  FaceSource *self = (FaceSource *) child;

  self->stream = g_object_ref (stream);
  self->is_ready = is_ready;
  g_source_set_static_name (child, "[qnet] stream");

  return g_pollable_source_new_full (stream, child, cancellable);
}

/* The faces and their references */

static void
toggled_cb (gpointer  data,
            GObject  *stream,
            gboolean  is_last)
{
  QnetIODevice *self = data;
  QnetIOFaces *faces = qnet_io_device_get_private (self)->faces;
  Face *face = stream == faces->input.stream ? &faces->input : &faces->output;

  face->is_held = !is_last;

  if (!is_last)
    {
      g_object_ref (self);
      return;
    }

  if (face == &faces->output)
    qnet_io_device_half_open_may_end (self);

  g_object_unref (self);
}

/* It begins as held by us here, and our letting go toggles it. */
static void
make_face (QnetIODevice *self,
           Face         *face,
           GObject      *stream)
{
  face->stream = stream;
  face->is_held = TRUE;
  g_object_ref (self);
  g_object_add_toggle_ref (stream, toggled_cb, self);
  g_object_unref (stream);
}

static void
drop_face (QnetIODevice *self,
           Face         *face)
{
  G_GNUC_UNUSED g_autoptr(QnetIODevice) held = face->is_held ? self : NULL;
  GObject *stream = g_steal_pointer (&face->stream);

  face->is_held = FALSE;

  if (stream != NULL)
    g_object_remove_toggle_ref (stream, toggled_cb, self);
}

static void
drop_input (QnetIODevice *self,
            QnetIOFaces  *faces)
{
  if (faces->input.stream != NULL)
    QNET_INPUT_FACE (faces->input.stream)->device = NULL;

  drop_face (self, &faces->input);
}

static void
drop_output (QnetIODevice *self,
             QnetIOFaces  *faces)
{
  if (faces->output.stream != NULL)
    QNET_OUTPUT_FACE (faces->output.stream)->device = NULL;

  drop_face (self, &faces->output);
}

void
qnet_io_device_drop_faces (QnetIODevice *self)
{
  QnetIOFaces *faces = qnet_io_device_get_private (self)->faces;

  if (faces == NULL)
    return;

  drop_input (self, faces);
  drop_output (self, faces);
  g_clear_pointer (&qnet_io_device_get_private (self)->faces, g_free);
}

gboolean
qnet_io_device_holds_output_face (QnetIODevice *self)
{
  QnetIOFaces *faces = qnet_io_device_get_private (self)->faces;

  return faces != NULL && faces->output.is_held
         && !g_output_stream_is_closed (G_OUTPUT_STREAM (faces->output.stream));
}

static QnetIOFaces *
ensure_faces (QnetIODevice *self)
{
  QnetIODevicePrivate *priv = qnet_io_device_get_private (self);

  if (priv->faces == NULL)
    {
      priv->faces = g_new0 (QnetIOFaces, 1);
      qnet_reserve_prepare_tasks ();  /* GInputStream and GOutputStream begin with one */
    }

  return priv->faces;
}

/* A face that was closed is replaced, but not on a device that was. */
static gboolean
is_final (QnetIODevice *self)
{
  return qnet_io_device_get_private (self)->is_closing
         || g_io_stream_is_closed (G_IO_STREAM (self));
}

static GInputStream *
qnet_io_device_get_input_stream (GIOStream *stream)
{
  QnetIODevice *self = QNET_IO_DEVICE (stream);
  QnetIOFaces *faces = ensure_faces (self);
  QnetInputFace *face;

  if (faces->input.stream != NULL && !is_final (self)
      && g_input_stream_is_closed (G_INPUT_STREAM (faces->input.stream)))
    drop_input (self, faces);

  if (faces->input.stream == NULL)
    {
      face = g_object_new (QNET_TYPE_INPUT_FACE, NULL);
      face->device = self;
      make_face (self, &faces->input, G_OBJECT (face));
    }

  return G_INPUT_STREAM (faces->input.stream);
}

static GOutputStream *
qnet_io_device_get_output_stream (GIOStream *stream)
{
  QnetIODevice *self = QNET_IO_DEVICE (stream);
  QnetIOFaces *faces = ensure_faces (self);
  QnetOutputFace *face;

  if (faces->output.stream != NULL && !is_final (self)
      && g_output_stream_is_closed (G_OUTPUT_STREAM (faces->output.stream)))
    drop_output (self, faces);

  if (faces->output.stream == NULL)
    {
      face = g_object_new (QNET_TYPE_OUTPUT_FACE, NULL);
      face->device = self;
      make_face (self, &faces->output, G_OBJECT (face));
    }

  return G_OUTPUT_STREAM (faces->output.stream);
}

/* One with an operation under way learns from that. */
void
qnet_io_device_close_faces (QnetIODevice *self)
{
  QnetIOFaces *faces = qnet_io_device_get_private (self)->faces;

  if (faces == NULL)
    return;

  if (faces->input.stream != NULL)
    g_input_stream_close (G_INPUT_STREAM (faces->input.stream), NULL, NULL);
  if (faces->output.stream != NULL)
    g_output_stream_close (G_OUTPUT_STREAM (faces->output.stream), NULL, NULL);
}

void
qnet_io_device_class_install_faces (QnetIODeviceClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  stream_class->get_input_stream = qnet_io_device_get_input_stream;
  stream_class->get_output_stream = qnet_io_device_get_output_stream;
}
