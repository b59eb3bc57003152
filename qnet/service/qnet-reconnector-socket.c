/* qnet-reconnector-socket.c: what the socket of a reconnector reports
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

#include "base/qnet-i18n-private.h"

#include "qnet-error.h"

/* Why it has ended */

static GError *
new_end_error (QnetReconnector *self)
{
  g_autofree char *target = qnet_reconnector_get_target (self);

  if (self->state == QNET_RECONNECTOR_CONNECTED)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                        _("The connection to %s was closed by this program"), target);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION,
                      _("Could not connect to %s: The attempt was aborted"), target);
}

/* The socket has its error before it notifies of its state. */
static GError *
take_reason (QnetReconnector *self)
{
  const GError *error = qnet_io_device_get_error (QNET_IO_DEVICE (self->socket));

  if (self->reason != NULL)
    return g_steal_pointer (&self->reason);

  return error != NULL ? g_error_copy (error) : new_end_error (self);
}

/* Its signals */

static void
established (QnetReconnector *self,
             gboolean         is_encrypted)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;

  if (qnet_hold_is_disposed (&self->life) || self->state != QNET_RECONNECTOR_CONNECTING
      || self->is_busy || self->encrypts != is_encrypted)
    return;

  hold = qnet_reconnector_hold_life (self);
  qnet_reconnector_prepare (self);
}

static void
connected_cb (QnetSocket      *socket,
              QnetReconnector *self)
{
  established (self, FALSE);
}

static void
encrypted_cb (QnetSocket      *socket,
              QnetReconnector *self)
{
  established (self, TRUE);
}

/* It will connect in the next turn. */
static gboolean
is_queued (QnetReconnector *self)
{
  return self->state == QNET_RECONNECTOR_CONNECTING && self->timer != NULL;
}

/* The call that connects was refused: the state of the socket does not change. What had the socket
 * before may report its error, too, after its end. */
static void
error_occurred_cb (QnetSocket      *socket,
                   const GError    *error,
                   QnetReconnector *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;

  if (qnet_hold_is_disposed (&self->life) || self->state != QNET_RECONNECTOR_CONNECTING
      || self->is_busy || is_queued (self) || !qnet_reconnector_is_free (self))
    return;

  hold = qnet_reconnector_hold_life (self);
  qnet_reconnector_end (self, g_error_copy (error));
}

static gboolean
uses_socket (QnetReconnector *self)
{
  return self->state == QNET_RECONNECTOR_CONNECTING || self->state == QNET_RECONNECTOR_PREPARING
         || self->state == QNET_RECONNECTOR_CONNECTED;
}

/* What was there before has ended: a turn later, when its other signals are emitted. */
static void
free_now (QnetReconnector *self)
{
  self->is_busy = FALSE;
  qnet_reconnector_start_timer (self, self->clock->get_time (self->clock));
}

static void
state_cb (QnetSocket      *socket,
          GParamSpec      *pspec,
          QnetReconnector *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;

  if (qnet_hold_is_disposed (&self->life) || !uses_socket (self)
      || is_queued (self) || !qnet_reconnector_is_free (self))
    return;

  hold = qnet_reconnector_hold_life (self);
  if (self->is_busy)
    free_now (self);
  else
    qnet_reconnector_end (self, take_reason (self));
}

void
qnet_reconnector_watch_socket (QnetReconnector *self)
{
  g_signal_connect (self->socket, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect (self->socket, "connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (self->socket, "error-occurred", G_CALLBACK (error_occurred_cb), self);
  if (g_signal_lookup ("encrypted", G_OBJECT_TYPE (self->socket)) != 0)
    g_signal_connect (self->socket, "encrypted", G_CALLBACK (encrypted_cb), self);
}
