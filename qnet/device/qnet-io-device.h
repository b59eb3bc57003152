/* qnet-io-device.h: a buffered byte device that reports by signals
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-enums.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_IO_DEVICE (qnet_io_device_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetIODevice, qnet_io_device, QNET, IO_DEVICE, GIOStream)

typedef struct _QnetIODeviceCallbacks QnetIODeviceCallbacks;

struct _QnetIODeviceClass
{
  GIOStreamClass parent_class;

  /**
   * QnetIODeviceClass::read_data:
   * @self: a device
   * @max_size: the most bytes to return, more than 0
   *
   * Hands over bytes that were received. It never blocks.
   *
   * A class that derives from `QnetIODevice` itself implements it: it is called after
   * [method@IODevice.report_ready_read], and when the application reads, until it returns nothing.
   * The bytes are put into the read buffer.
   *
   * A subclass of a socket may override it to change what the application reads, and chain up: the
   * socket returns the bytes that are in the read buffer.
   *
   * In Python and JavaScript it may return the language's own bytes.
   *
   * Returns: (transfer full) (nullable): the bytes; none or %NULL for nothing now
   *
   * Since: 1.0
   */
  GBytes *(*read_data)    (QnetIODevice  *self,
                           gsize          max_size);

  /**
   * QnetIODeviceClass::write_data:
   * @self: a device
   * @data: (array length=size) (element-type guint8): the bytes
   * @size: the size of @data
   * @error: return location for an error
   *
   * Takes all of @data to be sent. It never blocks.
   *
   * A class that derives from `QnetIODevice` itself calls
   * [method@IODevice.report_bytes_written] when the bytes were sent, which may be at once. If it
   * does not implement the function, the device cannot be written to.
   *
   * Returns: %FALSE with @error set if it cannot take them
   *
   * Since: 1.0
   */
  gboolean (*write_data)  (QnetIODevice  *self,
                           const guint8  *data,
                           gsize          size,
                           GError       **error);

  /**
   * QnetIODeviceClass::skip_data:
   * @self: a device
   * @max_size: the most bytes to discard, more than 0
   *
   * Discards up to @max_size bytes that [vfunc@IODevice.read_data] would return.
   *
   * A class needs it only where that costs less than to return them.
   *
   * Returns: how many were discarded
   *
   * Since: 1.0
   */
  gsize   (*skip_data)    (QnetIODevice  *self,
                           gsize          max_size);

  /**
   * QnetIODeviceClass::close_device:
   * @self: a device
   * @error: return location for an error
   *
   * Releases what is below the device, because [method@Gio.IOStream.close] was called. It never
   * blocks.
   *
   * It is for a class that derives from `QnetIODevice` itself, and is called once, after
   * [signal@IODevice::about-to-close], if the device has been opened. It is not called when a
   * device is disposed without being closed.
   *
   * Returns: %FALSE with @error set, which closing then reports, if not all bytes could be sent
   *
   * Since: 1.0
   */
  gboolean (*close_device) (QnetIODevice  *self,
                            GError       **error);

  /*< private >*/
  struct _QnetIODeviceClassPrivate *priv;
  gpointer padding[6];
};

/**
 * QnetIODeviceCallbacks: (skip)
 * @ready_read: (nullable): called where [signal@IODevice::ready-read] would be emitted
 * @bytes_written: (nullable): called where [signal@IODevice::bytes-written] would be emitted
 *
 * Functions in the place of signals, for [method@IODevice.set_callbacks].
 *
 * Since: 1.0
 */
struct _QnetIODeviceCallbacks
{
  void (*ready_read)    (QnetIODevice *self,
                         gpointer      user_data);
  void (*bytes_written) (QnetIODevice *self,
                         gint64        size,
                         gpointer      user_data);

  /*< private >*/
  gpointer padding[4];
};

QNET_AVAILABLE_IN_1_0
QnetOpenMode  qnet_io_device_get_open_mode                (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_is_open                      (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_is_readable                  (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_is_writable                  (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_is_sequential                (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_at_end                       (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_is_read_finished             (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
const GError *qnet_io_device_get_error                    (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
int           qnet_io_device_get_error_code               (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_bytes_available          (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_bytes_to_write           (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_read_buffer_size         (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_set_read_buffer_size         (QnetIODevice         *self,
                                                           gint64                size);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_unsent_limit             (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_set_unsent_limit             (QnetIODevice         *self,
                                                           gint64                limit);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_write_buffer_high_water  (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_set_write_buffer_high_water  (QnetIODevice         *self,
                                                           gint64                size);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_write_buffer_low_water   (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_set_write_buffer_low_water   (QnetIODevice         *self,
                                                           gint64                size);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_bytes_received           (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gint64        qnet_io_device_get_bytes_sent               (QnetIODevice         *self);

QNET_AVAILABLE_IN_1_0
void          qnet_io_device_set_callbacks                (QnetIODevice         *self,
                                                           const QnetIODeviceCallbacks *callbacks,
                                                           gpointer              user_data,
                                                           GDestroyNotify        destroy);

/* For subclasses */

QNET_AVAILABLE_IN_1_0
void          qnet_io_device_set_open_mode                (QnetIODevice         *self,
                                                           QnetOpenMode          mode);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_report_ready_read            (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_report_bytes_written         (QnetIODevice         *self,
                                                           gsize                 size);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_report_read_finished         (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_report_error                 (QnetIODevice         *self,
                                                           const GError         *error);

QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_read                         (QnetIODevice         *self,
                                                           void                 *buffer,
                                                           gsize                 size,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
guint8       *qnet_io_device_read_array                   (QnetIODevice         *self,
                                                           gsize                 size,
                                                           gsize                *length)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GBytes       *qnet_io_device_read_bytes                   (QnetIODevice         *self,
                                                           gsize                 size)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
guint8       *qnet_io_device_read_all                     (QnetIODevice         *self,
                                                           gsize                *length)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GBytes       *qnet_io_device_read_all_bytes               (QnetIODevice         *self)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_can_read_line                (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_read_line                    (QnetIODevice         *self,
                                                           char                 *buffer,
                                                           gsize                 size,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
guint8       *qnet_io_device_read_line_array              (QnetIODevice         *self,
                                                           gsize                 max_size,
                                                           gsize                *length)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GBytes       *qnet_io_device_read_line_bytes              (QnetIODevice         *self,
                                                           gsize                 max_size)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
char         *qnet_io_device_read_line_utf8               (QnetIODevice         *self,
                                                           gsize                 max_size,
                                                           GError              **error)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
guint8       *qnet_io_device_read_until                   (QnetIODevice         *self,
                                                           const guint8         *delimiter,
                                                           gsize                 delimiter_length,
                                                           gsize                 max_size,
                                                           gsize                *length)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_peek                         (QnetIODevice         *self,
                                                           void                 *buffer,
                                                           gsize                 size,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
guint8       *qnet_io_device_peek_array                   (QnetIODevice         *self,
                                                           gsize                 size,
                                                           gsize                *length)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GBytes       *qnet_io_device_peek_bytes                   (QnetIODevice         *self,
                                                           gsize                 size)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_skip                         (QnetIODevice         *self,
                                                           gsize                 size,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_get_char                     (QnetIODevice         *self,
                                                           guint8               *c,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_unget_char                   (QnetIODevice         *self,
                                                           guint8                c);

QNET_AVAILABLE_IN_1_0
void          qnet_io_device_start_transaction            (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_commit_transaction           (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_rollback_transaction         (QnetIODevice         *self);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_is_transaction_started       (QnetIODevice         *self);

QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_write                        (QnetIODevice         *self,
                                                           const void           *data,
                                                           gsize                 size,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_write_bytes                  (QnetIODevice         *self,
                                                           GBytes               *bytes,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gssize        qnet_io_device_write_string                 (QnetIODevice         *self,
                                                           const char           *text,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_put_char                     (QnetIODevice         *self,
                                                           guint8                c,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_flush                        (QnetIODevice         *self);

QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_wait_for_ready_read          (QnetIODevice         *self,
                                                           int                   msecs,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_wait_for_ready_read_full     (QnetIODevice         *self,
                                                           int                   msecs,
                                                           GCancellable         *cancellable,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_wait_for_bytes_written       (QnetIODevice         *self,
                                                           int                   msecs,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_wait_for_bytes_written_full  (QnetIODevice         *self,
                                                           int                   msecs,
                                                           GCancellable         *cancellable,
                                                           GError              **error);

QNET_AVAILABLE_IN_1_0
void          qnet_io_device_read_bytes_async             (QnetIODevice         *self,
                                                           gsize                 size,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
GBytes       *qnet_io_device_read_bytes_finish            (QnetIODevice         *self,
                                                           GAsyncResult         *result,
                                                           GError              **error)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_read_line_async              (QnetIODevice         *self,
                                                           gsize                 max_size,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
guint8       *qnet_io_device_read_line_finish             (QnetIODevice         *self,
                                                           GAsyncResult         *result,
                                                           gsize                *length,
                                                           GError              **error)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_write_all_async              (QnetIODevice         *self,
                                                           const guint8         *data,
                                                           gsize                 size,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_write_all_finish             (QnetIODevice         *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);
QNET_AVAILABLE_IN_1_0
void          qnet_io_device_flush_async                  (QnetIODevice         *self,
                                                           int                   io_priority,
                                                           GCancellable         *cancellable,
                                                           GAsyncReadyCallback   callback,
                                                           gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean      qnet_io_device_flush_finish                 (QnetIODevice         *self,
                                                           GAsyncResult         *result,
                                                           GError              **error);

G_END_DECLS
