/* qnet-abstract-socket-options.c: the options of the socket, and the statistics of the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/qnet-syscall-private.h"
#include "socket/qnet-abstract-socket-private.h"

/* @option: QnetSocketOption, or one of qnet-socket-options-private.h. */
static gboolean
apply_option (QnetAbstractSocket  *self,
              int                  option,
              int                  value,
              GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);

  if (!qnet_socket_options_check_type (option, priv->socket_type, error)
      || (qnet_abstract_socket_is_relayed (self)
          && !qnet_socket_options_check_relayed (option, error)))
    return FALSE;

  /* While connecting, the descriptors belong to the connector, which has set the options of its
   * start. */
  if (qnet_abstract_socket_has_connector (self))
    priv->options_are_late = TRUE;

  return qnet_socket_options_set (&priv->options, qnet_abstract_socket_peek_fd (self), option,
                                  value, error);
}

/**
 * qnet_abstract_socket_set_socket_option:
 * @self: a socket
 * @option: which option
 * @value: its value
 * @error: return location for an error
 *
 * Sets an option of the socket.
 *
 * While there is no descriptor it is remembered, and set on each one that is made, before it
 * connects. It fails with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError] for a
 * value out of range, for an option of another kind of socket, and for one of groups while
 * datagrams go through a proxy, which knows nothing of them; and with the system's reason where
 * that refuses it.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_set_socket_option (QnetAbstractSocket  *self,
                                        QnetSocketOption     option,
                                        int                  value,
                                        GError             **error)
{
  GError *reason = NULL;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  if (!apply_option (self, option, value, &reason))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), reason, error);

  return TRUE;
}

/**
 * qnet_abstract_socket_get_socket_option:
 * @self: a socket
 * @option: which option
 * @value: (out): return location for its value
 * @error: return location for an error
 *
 * Gets an option of the socket: the value of the system, or, while there is no descriptor,
 * the one that will be set.
 *
 * Linux doubles the sizes of buffers that it is asked for.
 * [QNET_SOCKET_OPTION_PATH_MTU][enum@SocketOption] is known only once connected. An option of
 * another kind of socket is [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: whether @value is set
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_get_socket_option (QnetAbstractSocket  *self,
                                        QnetSocketOption     option,
                                        int                 *value,
                                        GError             **error)
{
  QnetAbstractSocketPrivate *priv;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  priv = qnet_abstract_socket_get_private (self);

  return qnet_socket_options_check_type (option, priv->socket_type, error)
         && qnet_socket_options_get (priv->options, qnet_abstract_socket_peek_fd (self), option,
                                     value, error);
}

/* Options that are properties */

static int
get_option (QnetAbstractSocket *self,
            int                 option)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  int value = 0;

  /* The property has the value that was set, even if the system has changed it. */
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

  if (apply_option (self, option, value, &error))
    qnet_io_device_notify_name (self, prop);
  else
    qnet_io_device_take_error (QNET_IO_DEVICE (self), error);
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
  QNET_IO_BRIEF_STAY (self, 0);

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
  g_return_if_fail (seconds >= 0 && seconds <= QNET_KEEP_ALIVE_MAX_SECONDS);
  QNET_IO_STAY (self);

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
  QNET_IO_BRIEF_STAY (self, 0);

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
  g_return_if_fail (seconds >= 0 && seconds <= QNET_KEEP_ALIVE_MAX_SECONDS);
  QNET_IO_STAY (self);

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
  QNET_IO_BRIEF_STAY (self, 0);

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
  g_return_if_fail (probes >= 0 && probes <= QNET_KEEP_ALIVE_MAX_PROBES);
  QNET_IO_STAY (self);

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
  QNET_IO_BRIEF_STAY (self, 0);

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
  QNET_IO_STAY (self);

  set_option (self, QNET_SOCKET_OPTION_USER_TIMEOUT, msecs, "user-timeout");
}

/* Statistics of the kernel */

/**
 * qnet_abstract_socket_get_round_trip_time:
 * @self: a socket
 *
 * Gets the kernel's smoothed estimate of the time to the peer and back (`TCP_INFO`).
 *
 * Returns: microseconds, or -1 while not connected or where the system does not know it
 *
 * Since: 1.0
 */
gint64
qnet_abstract_socket_get_round_trip_time (QnetAbstractSocket *self)
{
  QnetChannel *channel;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), -1);
  QNET_IO_BRIEF_STAY (self, -1);

  channel = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->channel;

#ifdef TCP_INFO
  if (qnet_channel_is_open (channel))
    {
      struct tcp_info info;
      socklen_t size = sizeof info;

      if (qnet_sys_getsockopt (channel->transport.fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        return info.tcpi_rtt;
    }
#endif

  return -1;
}
