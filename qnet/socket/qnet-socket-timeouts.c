/* qnet-socket-timeouts.c: timeouts
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-socket.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "socket/qnet-socket-private.h"

/* The limit of time of the present state. */
struct _QnetSocketDeadline
{
  QnetDeadline  timer;
  QnetSocket   *socket;  /* which owns it */
};

const int qnet_socket_default_timings[QNET_N_TIMINGS] = {
  [QNET_TIMING_LOOKUP_TIMEOUT]  = 30000,
  [QNET_TIMING_CONNECT_TIMEOUT] = 30000,
  [QNET_TIMING_IDLE_TIMEOUT]    = 0,
  [QNET_TIMING_CLOSE_TIMEOUT]   = 30000,
  [QNET_TIMING_ATTEMPT_DELAY]   = 250,
};

/* The settings: a socket with the defaults needs no memory for them */

int
qnet_socket_get_timing (QnetSocket *self,
                        QnetTiming  timing)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  return priv->timings != NULL ? priv->timings[timing] : qnet_socket_default_timings[timing];
}

void
qnet_socket_set_timing (QnetSocket *self,
                        QnetTiming  timing,
                        int         msecs,
                        const char *prop)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (qnet_socket_get_timing (self, timing) == msecs)
    return;

  if (priv->timings == NULL)
    priv->timings = g_memdup2 (qnet_socket_default_timings, sizeof qnet_socket_default_timings);

  priv->timings[timing] = msecs;
  qnet_io_device_notify_name (self, prop);
}

/* The deadline: most connections never have one, and need no memory for it */

static void deadline_cb (QnetDeadline *timer);

static void
start_deadline (QnetSocket *self,
                gint64      due)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (priv->deadline == NULL)
    {
      priv->deadline = g_new0 (QnetSocketDeadline, 1);
      priv->deadline->socket = self;
      qnet_deadline_init (&priv->deadline->timer, deadline_cb,
                          &qnet_socket_get_device (self)->wait_set);
    }

  qnet_deadline_start (&priv->deadline->timer, due);
}

void
qnet_socket_stop_deadline (QnetSocket *self)
{
  QnetSocketPrivate *priv = qnet_socket_get_private (self);

  if (priv->deadline != NULL)
    qnet_deadline_stop (&priv->deadline->timer);

  g_clear_pointer (&priv->deadline, g_free);
}

void
qnet_socket_start_deadline (QnetSocket *self,
                            QnetTiming  timing)
{
  int msecs = qnet_socket_get_timing (self, timing);

  if (msecs > 0)
    start_deadline (self, qnet_clock_until (msecs));
  else
    qnet_socket_stop_deadline (self);
}

gint64
qnet_socket_get_due (QnetSocket *self)
{
  QnetSocketDeadline *deadline = qnet_socket_get_private (self)->deadline;

  if (deadline == NULL || !qnet_deadline_is_running (&deadline->timer))
    return G_MAXINT64;

  return deadline->timer.due;
}

/* Connecting, with a transport of a subclass: otherwise the connector has the deadlines */

GError *
qnet_socket_new_connect_timeout_error (QnetSocket *self,
                                       int         msecs)
{
  g_autofree char *target = qnet_socket_describe (self);
  double seconds = msecs / 1000.0;

  if (target == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not connect: No connection was established within %g s"), seconds);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      _("Could not connect to %s: No connection was established within %g s"),
                      target, seconds);
}

/* Unless a handler has begun the next attempt: for that the subclass has replaced its transport. */
static void
abort_attempt (QnetSocket *self,
               guint       serial)
{
  if (qnet_socket_is_still (self, serial, QNET_SOCKET_STATE_UNCONNECTED))
    QNET_SOCKET_GET_CLASS (self)->abort (self);
}

static void
connecting_timed_out (QnetSocket *self,
                      QnetTiming  timing)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = qnet_io_device_hold (self);
  guint serial = qnet_socket_get_private (self)->serial;
  int msecs = qnet_socket_get_timing (self, timing);

  qnet_socket_give_up (self, qnet_socket_new_connect_timeout_error (self, msecs));
  abort_attempt (self, serial + 1);
}

/* The deadline of CLOSING */

static GError *
new_close_timeout_error (QnetSocket *self)
{
  g_autofree char *peer = qnet_socket_describe (self);
  gsize unsent = qnet_io_device_get_unsent (qnet_socket_get_device (self));
  double seconds = qnet_socket_get_timing (self, QNET_TIMING_CLOSE_TIMEOUT) / 1000.0;

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        qnet_ngettext ("Could not close the connection within %g s: %zu byte could "
                                       "not be sent",
                                       "Could not close the connection within %g s: %zu bytes "
                                       "could not be sent", unsent),
                        seconds, unsent);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80"; the limit in seconds;
                       * how many bytes are lost */
                      qnet_ngettext ("Could not close the connection to %s within %g s: %zu byte "
                                     "could not be sent",
                                     "Could not close the connection to %s within %g s: %zu bytes "
                                     "could not be sent", unsent),
                      peer, seconds, unsent);
}

static void
close_timed_out (QnetSocket *self)
{
  if (qnet_socket_emit_pending (self))
    qnet_socket_break_closing (self, new_close_timeout_error (self));
}

/* The deadline of CONNECTED */

static GError *
new_idle_timeout_error (QnetSocket *self)
{
  g_autofree char *peer = qnet_socket_describe (self);
  int msecs = qnet_socket_get_timing (self, QNET_TIMING_IDLE_TIMEOUT);

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Closed the connection: No byte was received or sent for %g s"),
                        msecs / 1000.0);

  /* Translators: %s is the peer, %g a number of seconds */
  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      _("Closed the connection to %s: No byte was received or sent for %g s"),
                      peer, msecs / 1000.0);
}

static void
idle_timed_out (QnetSocket *self)
{
  if (qnet_socket_emit_pending (self))
    qnet_socket_break_orderly (self, new_idle_timeout_error (self));
}

static gboolean
keeps_waiting (QnetSocket *self)
{
  if (qnet_socket_has_own_transport (self))
    return qnet_io_device_keeps_source_waiting (qnet_socket_get_device (self));

  return qnet_channel_keeps_waiting (qnet_socket_get_channel (self));
}

/* Traffic only stores the time, and restarts no deadline: when the deadline expires it is compared
 * with the last traffic. A peer whose bytes are not read does not count as idle. */
static void
check_idle (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);
  gint64 limit = qnet_socket_get_timing (self, QNET_TIMING_IDLE_TIMEOUT) * G_TIME_SPAN_MILLISECOND;
  gint64 due = channel->last_activity + limit;
  gint64 now = qnet_clock_now ();

  if (due > now)
    start_deadline (self, due);
  else if (keeps_waiting (self))
    start_deadline (self, now + limit);
  else
    idle_timed_out (self);
}

/* All of them */

static void
deadline_cb (QnetDeadline *timer)
{
  QnetSocket *self = CONTAINER_OF (timer, QnetSocketDeadline, timer)->socket;
  G_GNUC_UNUSED g_auto(QnetIOStay) stay =
    qnet_io_stay_begin (QNET_IO_DEVICE (self), G_STRFUNC);

  switch ((QnetSocketState) qnet_socket_get_private (self)->state)
    {
    case QNET_SOCKET_STATE_HOST_LOOKUP:
      connecting_timed_out (self, QNET_TIMING_LOOKUP_TIMEOUT);
      break;
    case QNET_SOCKET_STATE_CONNECTING:
      connecting_timed_out (self, QNET_TIMING_CONNECT_TIMEOUT);
      break;
    case QNET_SOCKET_STATE_CONNECTED:
      check_idle (self);
      break;
    case QNET_SOCKET_STATE_CLOSING:
      close_timed_out (self);
      break;
    default:
      break;
    }
}

void
qnet_socket_start_idle (QnetSocket *self)
{
  QnetChannel *channel = qnet_socket_get_channel (self);
  gboolean wanted = qnet_socket_get_timing (self, QNET_TIMING_IDLE_TIMEOUT) > 0;

  channel->tracks_activity = wanted;
  if (wanted)
    channel->last_activity = qnet_clock_now ();

  qnet_socket_start_deadline (self, QNET_TIMING_IDLE_TIMEOUT);
}

void
qnet_socket_restart_idle (QnetSocket *self)
{
  QnetSocketState state = qnet_socket_get_private (self)->state;

  if ((qnet_channel_is_open (qnet_socket_get_channel (self))
       && state != QNET_SOCKET_STATE_CLOSING)
      || (qnet_socket_has_own_transport (self) && state == QNET_SOCKET_STATE_CONNECTED))
    qnet_socket_start_idle (self);
}

/* Public API */

/**
 * qnet_socket_get_connect_timeout:
 * @self: a socket
 *
 * Gets the limit of time for connecting, all addresses of the host together.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_socket_get_connect_timeout (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_socket_get_timing (self, QNET_TIMING_CONNECT_TIMEOUT);
}

/**
 * qnet_socket_set_connect_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit: see [property@Socket:connect-timeout]
 *
 * Sets the limit of time for connecting, all addresses of the host together.
 *
 * Since: 1.0
 */
void
qnet_socket_set_connect_timeout (QnetSocket *self,
                                 int         msecs)
{
  g_return_if_fail (QNET_IS_SOCKET (self));
  g_return_if_fail (msecs >= 0);
  QNET_IO_STAY (self);

  qnet_socket_set_timing (self, QNET_TIMING_CONNECT_TIMEOUT, msecs, "connect-timeout");
}

/**
 * qnet_socket_get_idle_timeout:
 * @self: a socket
 *
 * Gets the limit of time without a byte received or sent.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_socket_get_idle_timeout (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_socket_get_timing (self, QNET_TIMING_IDLE_TIMEOUT);
}

/**
 * qnet_socket_set_idle_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit: see [property@Socket:idle-timeout]
 *
 * Sets the limit of time without a byte received or sent.
 *
 * Since: 1.0
 */
void
qnet_socket_set_idle_timeout (QnetSocket *self,
                              int         msecs)
{
  g_return_if_fail (QNET_IS_SOCKET (self));
  g_return_if_fail (msecs >= 0);
  QNET_IO_STAY (self);

  qnet_io_device_freeze_notify (self);
  qnet_socket_set_timing (self, QNET_TIMING_IDLE_TIMEOUT, msecs, "idle-timeout");
  qnet_socket_restart_idle (self);
  qnet_io_device_thaw_notify (self);
}

/**
 * qnet_socket_get_close_timeout:
 * @self: a socket
 *
 * Gets the limit of time for sending what was written when the connection is closed.
 *
 * Returns: milliseconds, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_socket_get_close_timeout (QnetSocket *self)
{
  g_return_val_if_fail (QNET_IS_SOCKET (self), 0);
  QNET_IO_BRIEF_STAY (self, 0);

  return qnet_socket_get_timing (self, QNET_TIMING_CLOSE_TIMEOUT);
}

/**
 * qnet_socket_set_close_timeout:
 * @self: a socket
 * @msecs: milliseconds, 0 for no limit: see [property@Socket:close-timeout]
 *
 * Sets the limit of time for sending what was written when the connection is closed.
 *
 * Since: 1.0
 */
void
qnet_socket_set_close_timeout (QnetSocket *self,
                               int         msecs)
{
  g_return_if_fail (QNET_IS_SOCKET (self));
  g_return_if_fail (msecs >= 0);
  QNET_IO_STAY (self);

  qnet_socket_set_timing (self, QNET_TIMING_CLOSE_TIMEOUT, msecs, "close-timeout");
}
