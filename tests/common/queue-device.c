/* queue-device.c: a device of one's own, over a pair of queues
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/queue-device.h"

G_DEFINE_FINAL_TYPE (QueueDevice, queue_device, QNET_TYPE_IO_DEVICE)

static GBytes *
queue_device_read_data (QnetIODevice *device,
                        gsize         max_size)
{
  QueueDevice *self = QUEUE_DEVICE (device);
  gsize n = MIN (max_size, self->arrived->len);
  GBytes *bytes;

  g_assert_cmpuint (max_size, >, 0);

  bytes = g_bytes_new (self->arrived->data, n);
  g_byte_array_remove_range (self->arrived, 0, (guint) n);

  return bytes;
}

static gsize
queue_device_skip_data (QnetIODevice *device,
                        gsize         max_size)
{
  QueueDevice *self = QUEUE_DEVICE (device);
  gsize n = MIN (max_size, self->arrived->len);

  g_byte_array_remove_range (self->arrived, 0, (guint) n);
  self->n_skipped += n;

  return n;
}

void
queue_device_send (QueueDevice *self,
                   gsize        size)
{
  gsize n = MIN (size, self->written->len);

  if (self->peer != NULL && n > 0)
    {
      g_byte_array_append (self->peer->arrived, self->written->data, (guint) n);
      qnet_io_device_report_ready_read (QNET_IO_DEVICE (self->peer));
    }

  g_byte_array_remove_range (self->written, 0, (guint) n);
  qnet_io_device_report_bytes_written (QNET_IO_DEVICE (self), n);
}

static gboolean
queue_device_write_data (QnetIODevice  *device,
                         const guint8  *data,
                         gsize          size,
                         GError       **error)
{
  QueueDevice *self = QUEUE_DEVICE (device);

  if (self->is_full)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The queue is full");
      return FALSE;
    }

  g_byte_array_append (self->written, data, (guint) size);
  if (!self->holds_back)
    queue_device_send (self, size);

  return TRUE;
}

static gboolean
queue_device_close_device (QnetIODevice  *device,
                           GError       **error)
{
  QueueDevice *self = QUEUE_DEVICE (device);

  self->n_closed++;
  if (self->peer != NULL)
    qnet_io_device_report_read_finished (QNET_IO_DEVICE (self->peer));

  if (!self->loses_bytes)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "Bytes were lost");

  return FALSE;
}

static void
queue_device_dispose (GObject *object)
{
  QueueDevice *self = QUEUE_DEVICE (object);

  if (self->peer != NULL)
    self->peer->peer = NULL;
  self->peer = NULL;

  G_OBJECT_CLASS (queue_device_parent_class)->dispose (object);
}

static void
queue_device_finalize (GObject *object)
{
  QueueDevice *self = QUEUE_DEVICE (object);

  g_byte_array_unref (self->arrived);
  g_byte_array_unref (self->written);

  G_OBJECT_CLASS (queue_device_parent_class)->finalize (object);
}

static void
queue_device_class_init (QueueDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetIODeviceClass *device_class = QNET_IO_DEVICE_CLASS (klass);

  object_class->dispose  = queue_device_dispose;
  object_class->finalize = queue_device_finalize;

  device_class->read_data    = queue_device_read_data;
  device_class->skip_data    = queue_device_skip_data;
  device_class->write_data   = queue_device_write_data;
  device_class->close_device = queue_device_close_device;
}

static void
queue_device_init (QueueDevice *self)
{
  self->arrived = g_byte_array_new ();
  self->written = g_byte_array_new ();
}

void
queue_device_new_pair (QueueDevice **one,
                       QueueDevice **other)
{
  *one = g_object_new (TYPE_QUEUE_DEVICE, NULL);
  *other = g_object_new (TYPE_QUEUE_DEVICE, NULL);
  (*one)->peer = *other;
  (*other)->peer = *one;

  qnet_io_device_set_open_mode (QNET_IO_DEVICE (*one), QNET_OPEN_MODE_READ_WRITE);
  qnet_io_device_set_open_mode (QNET_IO_DEVICE (*other), QNET_OPEN_MODE_READ_WRITE);
}
