/* queue-device.h: a device of one's own, over a pair of queues
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

#define TYPE_QUEUE_DEVICE (queue_device_get_type ())
G_DECLARE_FINAL_TYPE (QueueDevice, queue_device, QUEUE, DEVICE, QnetIODevice)

struct _QueueDevice
{
  QnetIODevice  parent_instance;

  QueueDevice  *peer;         /* (nullable): the other end, until it is finalized */
  GByteArray   *arrived;      /* (owned): what the peer has written, for read_data */
  GByteArray   *written;      /* (owned): what is held_back */
  gboolean      holds_back;   /* what is written is sent by queue_device_send () alone */
  gboolean      is_full;      /* write_data fails */
  gboolean      loses_bytes;  /* close_device fails */
  gsize         n_skipped;    /* by skip_data */
  guint         n_closed;     /* calls of close_device */
};

/* Two devices that are each other's peer, open for reading and writing. */
void queue_device_new_pair (QueueDevice **one,
                            QueueDevice **other);

/* Sends up to @size bytes that were held back. */
void queue_device_send     (QueueDevice  *self,
                            gsize         size);
