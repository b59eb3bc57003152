/* qnet-server-defaults.c: the settings of a server for each connection that it accepts
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-server-private.h"

/* What a connection has set itself, in an override of incoming_connection(), it keeps. */

static void
limit_buffers (const QnetServerPrivate *priv,
               QnetIODevice            *connection)
{
  if (priv->read_buffer_size > 0 && qnet_io_device_get_read_buffer_size (connection) == 0)
    qnet_io_device_set_read_buffer_size (connection, priv->read_buffer_size);

  if (priv->unsent_limit > 0 && qnet_io_device_get_unsent_limit (connection) == 0)
    qnet_io_device_set_unsent_limit (connection, priv->unsent_limit);
}

static void
set_marks (const QnetServerPrivate *priv,
           QnetIODevice            *connection)
{
  if (priv->write_buffer_high_water > 0
      && qnet_io_device_get_write_buffer_high_water (connection) == 0)
    qnet_io_device_set_write_buffer_high_water (connection, priv->write_buffer_high_water);

  if (priv->write_buffer_low_water > 0
      && qnet_io_device_get_write_buffer_low_water (connection) == 0)
    qnet_io_device_set_write_buffer_low_water (connection, priv->write_buffer_low_water);
}

void
qnet_server_apply_defaults (QnetServer *self,
                            QnetSocket *connection)
{
  const QnetServerPrivate *priv = qnet_server_get_private (self);

  limit_buffers (priv, QNET_IO_DEVICE (connection));
  set_marks (priv, QNET_IO_DEVICE (connection));

  if (priv->idle_timeout > 0 && qnet_socket_get_idle_timeout (connection) == 0)
    qnet_socket_set_idle_timeout (connection, priv->idle_timeout);
}

/* Changing them */

static void
set_bytes (QnetServer *self,
           gint64     *setting,
           gint64      size,
           const char *property)
{
  if (*setting == size)
    return;

  *setting = size;
  g_object_notify (G_OBJECT (self), property);
}

/* Public API */

/**
 * qnet_server_get_read_buffer_size:
 * @self: a server
 *
 * Gets the size of the read buffer of each new connection.
 *
 * Returns: bytes, 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_server_get_read_buffer_size (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->read_buffer_size;
}

/**
 * qnet_server_set_read_buffer_size:
 * @self: a server
 * @size: bytes, 0 for no limit
 *
 * Sets the size of the read buffer of each new connection.
 *
 * Since: 1.0
 */
void
qnet_server_set_read_buffer_size (QnetServer *self,
                                  gint64      size)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (size >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  set_bytes (self, &qnet_server_get_private (self)->read_buffer_size, size, "read-buffer-size");
}

/**
 * qnet_server_get_unsent_limit:
 * @self: a server
 *
 * Gets the number of unsent bytes above which each new connection stops reading.
 *
 * Returns: bytes, 0 for no limit
 *
 * Since: 1.0
 */
gint64
qnet_server_get_unsent_limit (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->unsent_limit;
}

/**
 * qnet_server_set_unsent_limit:
 * @self: a server
 * @limit: bytes, 0 for no limit
 *
 * Sets the number of unsent bytes above which each new connection stops reading; see
 * [property@Server:unsent-limit].
 *
 * Since: 1.0
 */
void
qnet_server_set_unsent_limit (QnetServer *self,
                              gint64      limit)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (limit >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  set_bytes (self, &qnet_server_get_private (self)->unsent_limit, limit, "unsent-limit");
}

/**
 * qnet_server_get_idle_timeout:
 * @self: a server
 *
 * Gets the idle timeout of each new connection.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_server_get_idle_timeout (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->idle_timeout;
}

/**
 * qnet_server_set_idle_timeout:
 * @self: a server
 * @msecs: milliseconds, 0 for no limit
 *
 * Sets the idle timeout of each new connection; see
 * [property@Server:idle-timeout].
 *
 * Since: 1.0
 */
void
qnet_server_set_idle_timeout (QnetServer *self,
                              int        msecs)
{
  QnetServerPrivate *priv;

  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (msecs >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  priv = qnet_server_get_private (self);

  if (priv->idle_timeout == msecs)
    return;

  priv->idle_timeout = msecs;
  g_object_notify (G_OBJECT (self), "idle-timeout");
}

/**
 * qnet_server_get_write_buffer_high_water:
 * @self: a server
 *
 * Gets the high-water mark of the write buffer of each new connection.
 *
 * Returns: bytes, 0 for none
 *
 * Since: 1.0
 */
gint64
qnet_server_get_write_buffer_high_water (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->write_buffer_high_water;
}

/**
 * qnet_server_set_write_buffer_high_water:
 * @self: a server
 * @size: bytes, 0 for none
 *
 * Sets the high-water mark of the write buffer of each new connection; see
 * [property@Server:write-buffer-high-water].
 *
 * Since: 1.0
 */
void
qnet_server_set_write_buffer_high_water (QnetServer *self,
                                         gint64     size)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (size >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  set_bytes (self, &qnet_server_get_private (self)->write_buffer_high_water, size,
             "write-buffer-high-water");
}

/**
 * qnet_server_get_write_buffer_low_water:
 * @self: a server
 *
 * Gets the low-water mark of the write buffer of each new connection.
 *
 * Returns: bytes, 0 for none
 *
 * Since: 1.0
 */
gint64
qnet_server_get_write_buffer_low_water (QnetServer *self)
{
  g_return_val_if_fail (QNET_IS_SERVER (self), 0);
  QNET_SERVER_CHECK_CALLER (self, 0);

  return qnet_server_get_private (self)->write_buffer_low_water;
}

/**
 * qnet_server_set_write_buffer_low_water:
 * @self: a server
 * @size: bytes, 0 for none
 *
 * Sets the low-water mark of the write buffer of each new connection; see
 * [property@Server:write-buffer-low-water].
 *
 * Since: 1.0
 */
void
qnet_server_set_write_buffer_low_water (QnetServer *self,
                                        gint64     size)
{
  g_return_if_fail (QNET_IS_SERVER (self));
  g_return_if_fail (size >= 0);
  QNET_SERVER_CHECK_CALLER (self);

  set_bytes (self, &qnet_server_get_private (self)->write_buffer_low_water, size,
             "write-buffer-low-water");
}
