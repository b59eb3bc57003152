/* qnet-reconnector-waiting.c: the time to wait, and the network
 *
 * The delay is exponential back-off with full jitter: before the attempt that follows the n-th wait
 * since the count began, n from 0 on, any time from 0 to the smaller of max-delay and
 * min-delay * 2^n. Clients that have lost their server together come back one by one.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

#include "base/qnet-reserve-private.h"

#include "qnet-abstract-socket.h"

#define MILLISECOND 1000  /* in microseconds */
#define SECOND      (1000 * MILLISECOND)

/* The timer: one, whose meaning is that of the state */

static void
timed_out_waiting (QnetReconnector *self)
{
  gint64 now = self->clock->get_time (self->clock);

  if (now >= self->due)
    qnet_reconnector_begin (self);
  else
    qnet_reconnector_notify_time_left (self);
}

static void
timed_out_connected (QnetReconnector *self)
{
  self->n_waits = 0;
  if (self->n_attempts == 0)
    return;

  self->n_attempts = 0;
  qnet_reconnector_notify_change (self, TRUE, FALSE, FALSE);
}

static gint64
get_next_second (QnetReconnector *self)
{
  gint64 left = self->due - self->clock->get_time (self->clock);

  if (left <= SECOND || !qnet_reconnector_shows_time_left (self))
    return self->due;

  return self->due - (left - 1) / SECOND * SECOND;
}

static gboolean
timer_cb (gpointer user_data)
{
  QnetReconnector *self = user_data;
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;
  guint serial;

  if (qnet_hold_is_disposed (&self->life))
    return G_SOURCE_REMOVE;

  hold = qnet_reconnector_hold_life (self);
  serial = self->serial;
  qnet_reconnector_stop_timer (self);

  switch (self->state)
    {
    case QNET_RECONNECTOR_WAITING:
      timed_out_waiting (self);
      break;
    case QNET_RECONNECTOR_CONNECTING:
      qnet_reconnector_connect (self);
      break;
    case QNET_RECONNECTOR_PREPARING:
      qnet_reconnector_continue (self);
      break;
    case QNET_RECONNECTOR_CONNECTED:
      timed_out_connected (self);
      break;
    case QNET_RECONNECTOR_IDLE:
    case QNET_RECONNECTOR_FAILED:
      break;
    }

  if (self->serial == serial && self->state == QNET_RECONNECTOR_WAITING && self->timer == NULL
      && self->due >= 0 && !qnet_hold_is_disposed (&self->life))
    qnet_reconnector_start_timer (self, get_next_second (self));

  return G_SOURCE_REMOVE;
}

void
qnet_reconnector_start_timer (QnetReconnector *self,
                              gint64           time)
{
  qnet_reconnector_stop_timer (self);

  self->timer = self->clock->create_timer (self->clock, time);
  g_source_set_static_name (self->timer, "[qnet] reconnector");
  g_source_set_callback (self->timer, timer_cb, self, NULL);
  g_source_attach (self->timer, self->context);
}

void
qnet_reconnector_stop_timer (QnetReconnector *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);

  g_clear_pointer (&self->timer, g_source_unref);
}

/* The delay */

static guint32
get_delay_limit (QnetReconnector *self)
{
  gint64 limit = self->min_delay;

  for (guint i = 0; i < self->n_waits && limit < self->max_delay; i++)
    limit *= 2;

  return (guint32) MIN (limit, self->max_delay);
}

void
qnet_reconnector_begin_wait (QnetReconnector *self)
{
  guint32 delay;

  qnet_reconnector_stop_timer (self);
  self->due = -1;
  if (!self->had_network)
    return;

  delay = self->clock->get_random (self->clock, get_delay_limit (self));
  self->n_waits++;
  self->due = self->clock->get_time (self->clock) + (gint64) delay * MILLISECOND;
  qnet_reconnector_start_timer (self, get_next_second (self));
}

int
qnet_reconnector_compute_left (QnetReconnector *self)
{
  gint64 left;

  if (self->state != QNET_RECONNECTOR_WAITING)
    return 0;
  if (self->due < 0)
    return -1;

  left = self->due - self->clock->get_time (self->clock);

  return (int) MAX (0, (left + MILLISECOND - 1) / MILLISECOND);
}

/* The network */

gboolean
qnet_reconnector_has_network (QnetReconnector *self)
{
  return self->monitor == NULL || self->ignores_network
         || g_network_monitor_get_network_available (self->monitor);
}

static void
lose_network (QnetReconnector *self)
{
  if (self->state != QNET_RECONNECTOR_WAITING)
    return;

  qnet_reconnector_stop_timer (self);
  self->due = -1;
  qnet_reconnector_notify_time_left (self);
}

/* An attempt that began without a network may wait for a name server of none. */
static void
gain_network (QnetReconnector *self)
{
  if (self->state == QNET_RECONNECTOR_WAITING)
    qnet_reconnector_begin (self);
  else if (self->state == QNET_RECONNECTOR_CONNECTING && self->began_without)
    qnet_reconnector_repeat (self);
}

static gboolean
network_cb (gpointer user_data)
{
  QnetReconnector *self = user_data;
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;
  gboolean had_network = self->had_network;

  if (qnet_hold_is_disposed (&self->life))
    return G_SOURCE_REMOVE;

  hold = qnet_reconnector_hold_life (self);
  g_source_set_ready_time (self->network_source, -1);
  self->had_network = qnet_reconnector_has_network (self);

  if (had_network && !self->had_network)
    lose_network (self);
  else if (!had_network && self->had_network)
    gain_network (self);

  return G_SOURCE_CONTINUE;
}

/* In the thread of the monitor. */
static void
network_changed_cb (GNetworkMonitor *monitor,
                    gboolean         is_available,
                    GSource         *network_source)
{
  g_source_set_ready_time (network_source, 0);
}

static void
unref_source (gpointer  source,
              GClosure *closure)
{
  g_source_unref (source);
}

static gboolean
dispatch_network (GSource     *source,
                  GSourceFunc  callback,
                  gpointer     user_data)
{
  return callback (user_data);
}

static GSourceFuncs network_funcs = { .dispatch = dispatch_network };

void
qnet_reconnector_watch_network (QnetReconnector *self)
{
  qnet_reconnector_unwatch_network (self);

  if (self->monitor != NULL)
    {
      self->network_source = g_source_new (&network_funcs, sizeof (GSource));
      g_source_set_static_name (self->network_source, "[qnet] network of a reconnector");
      g_source_set_callback (self->network_source, network_cb, self, NULL);
      g_source_attach (self->network_source, self->context);
      self->network_handler
        = g_signal_connect_data (self->monitor, "network-changed", G_CALLBACK (network_changed_cb),
                                 g_source_ref (self->network_source), unref_source, 0);
    }

  self->had_network = qnet_reconnector_has_network (self);
}

void
qnet_reconnector_unwatch_network (QnetReconnector *self)
{
  if (self->network_source == NULL)
    return;

  g_signal_handler_disconnect (self->monitor, self->network_handler);
  self->network_handler = 0;
  g_source_destroy (self->network_source);
  g_clear_pointer (&self->network_source, g_source_unref);
}

static gboolean
is_running (QnetReconnector *self)
{
  return self->state != QNET_RECONNECTOR_IDLE && self->state != QNET_RECONNECTOR_FAILED;
}

/* GIO looks for it once. Without a descriptor it would take one for which there is always a
 * network, for the rest of the program: so the next start looks again. Until then none is used: it
 * would not be watched. */
void
qnet_reconnector_ensure_monitor (QnetReconnector *self)
{
  int error_number;

  if (self->is_monitor_set || is_running (self))
    return;

  if (QNET_IS_ABSTRACT_SOCKET (self->socket))
    {
      if (!qnet_reserve_can_load_modules (&error_number))
        return;

      self->monitor = g_object_ref (g_network_monitor_get_default ());
    }

  self->is_monitor_set = TRUE;
}

/* What the new one knows is a change of the network. */
void
qnet_reconnector_replace_monitor (QnetReconnector *self,
                                  GNetworkMonitor *monitor)
{
  gboolean had_network = self->had_network;

  qnet_reconnector_unwatch_network (self);
  g_set_object (&self->monitor, monitor);
  self->is_monitor_set = TRUE;
  self->ignores_network = FALSE;
  if (!is_running (self))
    return;

  qnet_reconnector_watch_network (self);
  if (had_network && !self->had_network)
    lose_network (self);
  else if (!had_network && self->had_network)
    gain_network (self);
}
