/* qnet-abstract-socket-settings.c: time limits and options that are properties
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "socket/qnet-abstract-socket-private.h"

static QnetConnection *
get_connection (QnetAbstractSocket *self)
{
  return &qnet_abstract_socket_get_private (self)->connection;
}

static int
get_option (QnetAbstractSocket *self,
            int                 option)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int value = 0;

  /* What the property says is what was asked for, whatever the system made of it. */
  qnet_socket_options_get (priv->options, -1, option, &value, NULL);

  return value;
}

static void
set_option (QnetAbstractSocket *self,
            int                 option,
            int                 value,
            const char         *prop)
{
  GError *error = NULL;

  if (get_option (self, option) == value)
    return;

  if (qnet_abstract_socket_set_option (self, option, value, &error))
    g_object_notify (G_OBJECT (self), prop);
  else
    qnet_io_device_take_error (QNET_IO_DEVICE (self), error);
}

/* Public API */

/**
 * qnet_abstract_socket_get_allow_half_open:
 * @self: a socket
 *
 * Gets whether the connection goes on when the peer has said its last word.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_get_allow_half_open (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);

  return get_connection (self)->allow_half_open;
}

/**
 * qnet_abstract_socket_set_allow_half_open:
 * @self: a socket
 * @allow_half_open: whether the connection goes on
 *
 * Sets whether the connection goes on when the peer has said its last word.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_allow_half_open (QnetAbstractSocket *self,
                                          gboolean            allow_half_open)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));

  qnet_connection_set_allow_half_open (get_connection (self), allow_half_open);
}

/**
 * qnet_abstract_socket_get_lookup_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds looking up a name may take.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_lookup_timeout (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_LOOKUP_TIMEOUT);
}

/**
 * qnet_abstract_socket_set_lookup_timeout:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:lookup-timeout]
 *
 * Sets how many milliseconds looking up a name may take.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_lookup_timeout (QnetAbstractSocket *self,
                                         int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  qnet_connection_set_timing (get_connection (self), QNET_TIMING_LOOKUP_TIMEOUT, msecs, "lookup-timeout");
}

/**
 * qnet_abstract_socket_get_connect_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds connecting may take, all addresses of the host together.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_connect_timeout (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_CONNECT_TIMEOUT);
}

/**
 * qnet_abstract_socket_set_connect_timeout:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:connect-timeout]
 *
 * Sets how many milliseconds connecting may take, all addresses of the host together.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_connect_timeout (QnetAbstractSocket *self,
                                          int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  qnet_connection_set_timing (get_connection (self), QNET_TIMING_CONNECT_TIMEOUT, msecs, "connect-timeout");
}

/**
 * qnet_abstract_socket_get_idle_timeout:
 * @self: a socket
 *
 * Gets after how many milliseconds without a byte in or out a connection ends.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_idle_timeout (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_IDLE_TIMEOUT);
}

/**
 * qnet_abstract_socket_set_idle_timeout:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:idle-timeout]
 *
 * Sets after how many milliseconds without a byte in or out a connection ends.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_idle_timeout (QnetAbstractSocket *self,
                                       int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  g_object_freeze_notify (G_OBJECT (self));
  qnet_connection_set_timing (get_connection (self), QNET_TIMING_IDLE_TIMEOUT, msecs, "idle-timeout");
  qnet_connection_restart_idle (get_connection (self));
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * qnet_abstract_socket_get_close_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds a closing connection may take to send what was written.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_close_timeout (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_CLOSE_TIMEOUT);
}

/**
 * qnet_abstract_socket_set_close_timeout:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:close-timeout]
 *
 * Sets how many milliseconds a closing connection may take to send what was written.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_close_timeout (QnetAbstractSocket *self,
                                        int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  qnet_connection_set_timing (get_connection (self), QNET_TIMING_CLOSE_TIMEOUT, msecs, "close-timeout");
}

/**
 * qnet_abstract_socket_get_connection_attempt_delay:
 * @self: a socket
 *
 * Gets after how many milliseconds without an answer the next address of a host is tried as well.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_connection_attempt_delay (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return qnet_connection_get_timing (get_connection (self), QNET_TIMING_ATTEMPT_DELAY);
}

/**
 * qnet_abstract_socket_set_connection_attempt_delay:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:connection-attempt-delay]
 *
 * Sets after how many milliseconds without an answer the next address of a host is tried as well.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_connection_attempt_delay (QnetAbstractSocket *self,
                                                   int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  qnet_connection_set_timing (get_connection (self), QNET_TIMING_ATTEMPT_DELAY, msecs, "connection-attempt-delay");
}

/**
 * qnet_abstract_socket_get_keep_alive_idle:
 * @self: a socket
 *
 * Gets after how many seconds of silence the system begins to probe the peer.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_keep_alive_idle (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return get_option (self, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE);
}

/**
 * qnet_abstract_socket_set_keep_alive_idle:
 * @self: a socket
 * @seconds: seconds, see [property@AbstractSocket:keep-alive-idle]
 *
 * Sets after how many seconds of silence the system begins to probe the peer.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_keep_alive_idle (QnetAbstractSocket *self,
                                          int                 seconds)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (seconds >= 0);

  set_option (self, QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE, seconds, "keep-alive-idle");
}

/**
 * qnet_abstract_socket_get_keep_alive_interval:
 * @self: a socket
 *
 * Gets how many seconds lie between two probes.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_keep_alive_interval (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return get_option (self, QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL);
}

/**
 * qnet_abstract_socket_set_keep_alive_interval:
 * @self: a socket
 * @seconds: seconds, see [property@AbstractSocket:keep-alive-interval]
 *
 * Sets how many seconds lie between two probes.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_keep_alive_interval (QnetAbstractSocket *self,
                                              int                 seconds)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (seconds >= 0);

  set_option (self, QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL, seconds, "keep-alive-interval");
}

/**
 * qnet_abstract_socket_get_keep_alive_count:
 * @self: a socket
 *
 * Gets after how many probes without an answer the connection is given up.
 *
 * Returns: probes
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_keep_alive_count (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return get_option (self, QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT);
}

/**
 * qnet_abstract_socket_set_keep_alive_count:
 * @self: a socket
 * @probes: probes, see [property@AbstractSocket:keep-alive-count]
 *
 * Sets after how many probes without an answer the connection is given up.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_keep_alive_count (QnetAbstractSocket *self,
                                           int                 probes)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (probes >= 0);

  set_option (self, QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT, probes, "keep-alive-count");
}

/**
 * qnet_abstract_socket_get_user_timeout:
 * @self: a socket
 *
 * Gets how many milliseconds sent bytes may stay unacknowledged before the connection is given up.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_abstract_socket_get_user_timeout (QnetAbstractSocket *self)
{
  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), 0);

  return get_option (self, QNET_SOCKET_OPTION_USER_TIMEOUT);
}

/**
 * qnet_abstract_socket_set_user_timeout:
 * @self: a socket
 * @msecs: milliseconds, see [property@AbstractSocket:user-timeout]
 *
 * Sets how many milliseconds sent bytes may stay unacknowledged before the connection is given up.
 *
 * Since: 1.0
 */
void
qnet_abstract_socket_set_user_timeout (QnetAbstractSocket *self,
                                       int                 msecs)
{
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self));
  g_return_if_fail (msecs >= 0);

  set_option (self, QNET_SOCKET_OPTION_USER_TIMEOUT, msecs, "user-timeout");
}
