/* qnet-reconnector-preparing.c: what comes before the application sees the connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

static guint prepare_signal;

/* A timer is the answer of a handler that has held and resumed already. */
void
qnet_reconnector_prepare (QnetReconnector *self)
{
  guint serial;

  self->held = 0;
  if (!qnet_reconnector_change (self, QNET_RECONNECTOR_PREPARING, self->n_attempts,
                                self->error != NULL ? g_error_copy (self->error) : NULL))
    return;

  serial = self->serial;
  g_signal_emit (self, prepare_signal, 0);

  if (self->serial == serial && !qnet_hold_is_disposed (&self->life)
      && self->held == 0 && self->timer == NULL)
    qnet_reconnector_succeed (self);
}

static void
fail_now (QnetReconnector *self)
{
  g_autoptr(QnetSocket) socket = g_object_ref (self->socket);
  guint serial = self->serial;

  qnet_socket_abort (socket);

  /* A subclass may not have aborted. */
  if (self->serial == serial && !qnet_hold_is_disposed (&self->life))
    qnet_reconnector_end (self, g_steal_pointer (&self->reason));
}

void
qnet_reconnector_continue (QnetReconnector *self)
{
  if (self->reason != NULL)
    fail_now (self);
  else
    qnet_reconnector_succeed (self);
}

static gboolean
answer (QnetReconnector *self,
        int              hold)
{
  if (self->state != QNET_RECONNECTOR_PREPARING || hold == 0 || self->held != hold)
    return FALSE;

  self->held = 0;
  qnet_reconnector_start_timer (self, self->clock->get_time (self->clock));

  return TRUE;
}

void
qnet_reconnector_class_add_prepare (GObjectClass *object_class)
{
  /**
   * QnetReconnector::prepare:
   * @self: the reconnector
   *
   * Emitted when the socket is connected (and encrypted), before [property@Reconnector:state]
   * becomes [QNET_RECONNECTOR_CONNECTED][enum@ReconnectorState] and
   * [signal@Reconnector::connected] is emitted.
   *
   * A handler writes what each connection begins with, such as a login. If it has to wait for
   * something, such as the answer of the server, it calls [method@Reconnector.hold]. Connect to
   * [signal@IODevice::ready-read] in it, or read asynchronously: all bytes of the peer are still to
   * come, or in the buffer.
   *
   * A server that never answers is found by [property@Socket:idle-timeout].
   *
   * Since: 1.0
   */
  prepare_signal = g_signal_new ("prepare", G_TYPE_FROM_CLASS (object_class), G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* Public API */

/**
 * qnet_reconnector_hold:
 * @self: a reconnector
 *
 * Defers the connection: a handler of [signal@Reconnector::prepare] has more to do after it has
 * returned.
 *
 * Later, call [method@Reconnector.resume] or [method@Reconnector.fail] with the number that is
 * returned. If the connection ends before that, the attempt has failed, and those calls do nothing;
 * so do they for a later connection, which has another number. Outside a handler of
 * [signal@Reconnector::prepare] nothing is deferred. A second call for the same connection returns
 * the same number.
 *
 * Returns: a number for this connection, or 0 if none is being prepared
 *
 * Since: 1.0
 */
int
qnet_reconnector_hold (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  if (self->state != QNET_RECONNECTOR_PREPARING || self->timer != NULL)
    return 0;

  if (self->held == 0)
    {
      self->n_holds = self->n_holds < G_MAXINT ? self->n_holds + 1 : 1;
      self->held = self->n_holds;
    }

  return self->held;
}

/**
 * qnet_reconnector_resume:
 * @self: a reconnector
 * @hold: what [method@Reconnector.hold] has returned
 *
 * Ends the preparation of a connection: in the next iteration of the main loop it is
 * [QNET_RECONNECTOR_CONNECTED][enum@ReconnectorState].
 *
 * If that connection has ended meanwhile, this function does nothing.
 *
 * Since: 1.0
 */
void
qnet_reconnector_resume (QnetReconnector *self,
                         int              hold)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  QNET_RECONNECTOR_CHECK_CALLER (self);

  answer (self, hold);
}

/**
 * qnet_reconnector_fail:
 * @self: a reconnector
 * @hold: what [method@Reconnector.hold] has returned
 * @error: why the connection is of no use, such as a login that was refused
 *
 * Ends the preparation of a connection without success: in the next iteration of the main loop the
 * connection is aborted, the attempt has failed with @error, and the next one follows as after any
 * failure.
 *
 * If another attempt is pointless, call [method@Reconnector.stop] instead. If that connection has
 * ended meanwhile, this function does nothing.
 *
 * Since: 1.0
 */
void
qnet_reconnector_fail (QnetReconnector *self,
                       int              hold,
                       const GError    *error)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (error != NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self);

  if (answer (self, hold))
    self->reason = g_error_copy (error);
}
