/* qnet-abstract-socket-waiting.c: waiting for a connection, or for its end, without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-abstract-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-abstract-socket-private.h"

static gboolean
fail_with_last_error (QnetAbstractSocket  *self,
                      GError             **error)
{
  const GError *last = qnet_io_device_get_error (QNET_IO_DEVICE (self));

  if (last == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), qnet_abstract_socket_new_abort_error (), error);

  if (error != NULL)
    *error = g_error_copy (last);

  return FALSE;
}

static gboolean
fail_unconnected (QnetAbstractSocket  *self,
                  GError             **error)
{
  return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                   g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                                                        _("Could not wait: not connected")),
                                   error);
}

/* Aborting forgets the port. */
static gboolean
fail_to_connect_in_time (QnetAbstractSocket  *self,
                         GError             **error)
{
  QnetAbstractSocketPrivate *priv = qnet_abstract_socket_get_private (self);
  g_autofree char *what = g_strdup_printf (_("Could not connect to %s port %u"), priv->peer_name, priv->peer_port);

  qnet_abstract_socket_abort (self);

  return qnet_io_device_wait_timed_out (QNET_IO_DEVICE (self), what, error);
}

/**
 * qnet_abstract_socket_wait_for_connected:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 leaves it to the socket's own time limits
 * @error: return location for an error
 *
 * Blocks until the connection that was asked for stands.
 *
 * It needs no main loop and runs none; the name is looked up meanwhile, and the socket's signals are emitted. When the time runs
 * out the attempt is aborted. A socket that is connected already succeeds, an unconnected one fails, both at once.
 *
 * Returns: whether the socket is connected; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_wait_for_connected (QnetAbstractSocket  *self,
                                         int                  msecs,
                                         GError             **error)
{
  QnetAbstractSocketPrivate *priv;
  QnetWaitSet *wait_set;
  g_autoptr(QnetAbstractSocket) hold = NULL;
  gint64 until = qnet_clock_until (msecs);

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_abstract_socket_get_private (self);
  wait_set = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->wait_set;

  hold = g_object_ref (self);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED || priv->state == QNET_SOCKET_STATE_BOUND)
    return priv->refusal == NULL ? fail_unconnected (self, error)
                                 : qnet_io_device_fail_call (QNET_IO_DEVICE (self), g_error_copy (priv->refusal), error);

  while (priv->state == QNET_SOCKET_STATE_HOST_LOOKUP || priv->state == QNET_SOCKET_STATE_CONNECTING)
    if (!qnet_wait_set_iterate (wait_set, until))
      return fail_to_connect_in_time (self, error);

  if (priv->state == QNET_SOCKET_STATE_CONNECTED || priv->state == QNET_SOCKET_STATE_CLOSING)
    return TRUE;

  return fail_with_last_error (self, error);
}

/**
 * qnet_abstract_socket_wait_for_disconnected:
 * @self: a socket
 * @msecs: how many milliseconds to wait at most; 0 looks once, -1 waits for ever
 * @error: return location for an error
 *
 * Blocks until the connection has ended, sending what was written and taking in what comes.
 *
 * It needs no main loop and runs none; the socket's signals are emitted meanwhile. When the time runs out the connection goes on.
 * An unconnected socket fails at once with [error@SocketError.OPERATION].
 *
 * Returns: whether the connection has ended; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_abstract_socket_wait_for_disconnected (QnetAbstractSocket  *self,
                                            int                  msecs,
                                            GError             **error)
{
  QnetAbstractSocketPrivate *priv;
  QnetWaitSet *wait_set;
  g_autoptr(QnetAbstractSocket) hold = NULL;
  gint64 until = qnet_clock_until (msecs);
  guint serial;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = qnet_abstract_socket_get_private (self);
  wait_set = &qnet_io_device_get_private (QNET_IO_DEVICE (self))->wait_set;

  hold = g_object_ref (self);

  if (priv->state == QNET_SOCKET_STATE_UNCONNECTED || priv->state == QNET_SOCKET_STATE_BOUND)
    return fail_unconnected (self, error);

  serial = priv->serial;

  /* A handler may have connected it anew: then the connection that was waited for has ended all the same. */
  while (priv->state != QNET_SOCKET_STATE_UNCONNECTED && priv->serial == serial)
    if (!qnet_wait_set_iterate (wait_set, until))
      return qnet_io_device_wait_timed_out (QNET_IO_DEVICE (self), _("The connection has not ended"), error);

  return TRUE;
}
