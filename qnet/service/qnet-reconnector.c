/* qnet-reconnector.c: keeps a socket connected
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-thread-private.h"

#include "qnet-abstract-socket.h"
#include "qnet-local-socket.h"

/**
 * QnetReconnector:
 *
 * Keeps a socket connected: it connects it, and connects it again when the connection has ended.
 *
 * Create the socket, set its options, connect handlers to its signals, and pass it to
 * [ctor@Reconnector.new] with what to connect to: any [iface@Gio.SocketConnectable], or several
 * candidates that are tried in turn. Then call [method@Reconnector.start].
 *
 * ## Attempts
 *
 * The first attempt is made at once. Before each other one the reconnector waits, for a random time
 * between 0 and a limit. That is [property@Reconnector:min-delay] at first and is doubled by each
 * wait, up to [property@Reconnector:max-delay] ("exponential back-off with full jitter"): thousands
 * of clients that have lost one server do not come back at the same moment. Once a connection has
 * lasted for [property@Reconnector:stable-time], the count begins again. After
 * [property@Reconnector:max-attempts] attempts without such a connection,
 * [signal@Reconnector::gave-up] is emitted.
 *
 * While [property@Reconnector:network-monitor] reports that there is no network, no further attempt
 * is made, and one that fails is not counted; when there is a network again, the next attempt is
 * made at once. If a peer answers although there is said to be no network, such as one on this
 * machine, or in a network without a route to others, the monitor is ignored until the next start.
 *
 * ## Signals
 *
 * The states of the socket are those of single attempts; use [signal@Reconnector::connected],
 * [signal@Reconnector::disconnected] and [property@Reconnector:state] of the reconnector. What each
 * connection begins with, such as a login, is written in a handler of
 * [signal@Reconnector::prepare].
 *
 * Leave connecting to the reconnector. It never begins a connection while the socket has another
 * one: it waits until that has ended. An application that disconnects the socket is connected
 * again; [method@Reconnector.stop] ends that. A socket that is closed by
 * [method@Gio.IOStream.close] cannot be connected again, so the reconnector gives up.
 *
 * The signals are emitted in the thread-default main context of the thread that called
 * [method@Reconnector.start]. When the last reference is dropped, no signal is emitted and no timer
 * is left; an attempt is aborted, and an established connection remains that of the socket.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (QnetReconnector, qnet_reconnector, G_TYPE_OBJECT)

enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_GAVE_UP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Threads */

static gboolean
is_elsewhere (QnetReconnector *self)
{
  if (self->context == NULL || self->thread == qnet_thread_self ())
    return FALSE;

  return !g_main_context_is_owner (self->context);
}

gboolean
qnet_reconnector_check_caller (QnetReconnector *self,
                               const char      *function)
{
  if (!is_elsewhere (self))
    return TRUE;

  g_critical ("%s(): the %s at %p belongs to another thread: call it there, by "
              "g_main_context_invoke()",
              function, G_OBJECT_TYPE_NAME (self), (gpointer) self);

  return FALSE;
}

/* Timers would be dispatched by the thread of the default context. */
static gboolean
has_loop (void)
{
  if (g_main_context_get_thread_default () != NULL)
    return TRUE;
  if (!g_main_context_acquire (NULL))
    return FALSE;

  g_main_context_release (NULL);

  return TRUE;
}

static void
take_context (QnetReconnector *self)
{
  g_clear_pointer (&self->context, g_main_context_unref);
  self->context = g_main_context_ref_thread_default ();
  self->thread = qnet_thread_self ();
}

/* The state */

static const QnetEdges edges[] = {
  [QNET_RECONNECTOR_IDLE]       = QNET_TO (QNET_RECONNECTOR_CONNECTING),
  [QNET_RECONNECTOR_WAITING]    = QNET_TO (QNET_RECONNECTOR_CONNECTING)
                                  | QNET_TO (QNET_RECONNECTOR_IDLE),
  [QNET_RECONNECTOR_CONNECTING] = QNET_TO (QNET_RECONNECTOR_PREPARING)
                                  | QNET_TO (QNET_RECONNECTOR_WAITING)
                                  | QNET_TO (QNET_RECONNECTOR_FAILED)
                                  | QNET_TO (QNET_RECONNECTOR_IDLE),
  [QNET_RECONNECTOR_PREPARING]  = QNET_TO (QNET_RECONNECTOR_CONNECTED)
                                  | QNET_TO (QNET_RECONNECTOR_WAITING)
                                  | QNET_TO (QNET_RECONNECTOR_FAILED)
                                  | QNET_TO (QNET_RECONNECTOR_IDLE),
  [QNET_RECONNECTOR_CONNECTED]  = QNET_TO (QNET_RECONNECTOR_WAITING)
                                  | QNET_TO (QNET_RECONNECTOR_FAILED)
                                  | QNET_TO (QNET_RECONNECTOR_IDLE),
  [QNET_RECONNECTOR_FAILED]     = QNET_TO (QNET_RECONNECTOR_CONNECTING)
                                  | QNET_TO (QNET_RECONNECTOR_IDLE),
};

/* The only writer of the state. */
static void
set_state (QnetReconnector      *self,
           QnetReconnectorState  state)
{
  QNET_CHECK_EDGE (edges, self->state, state);

  self->state = state;
  self->serial++;
}

static gboolean
is_still (QnetReconnector *self,
          guint            serial)
{
  return self->serial == serial && !qnet_hold_is_disposed (&self->life);
}

gboolean
qnet_reconnector_change (QnetReconnector      *self,
                         QnetReconnectorState  state,
                         int                   n_attempts,
                         GError               *error)
{
  gboolean was_waiting = self->state == QNET_RECONNECTOR_WAITING;
  gboolean has_count_changed = self->n_attempts != n_attempts;
  gboolean has_error_changed = self->error != NULL || error != NULL;
  guint serial;

  self->n_attempts = n_attempts;
  g_clear_error (&self->error);
  self->error = error;
  set_state (self, state);
  serial = self->serial;

  qnet_reconnector_notify_change (self, has_count_changed, has_error_changed,
                                  was_waiting || state == QNET_RECONNECTOR_WAITING);

  return is_still (self, serial);
}

static GError *
copy_error (QnetReconnector *self)
{
  return self->error != NULL ? g_error_copy (self->error) : NULL;
}

/* An attempt */

void
qnet_reconnector_begin (QnetReconnector *self)
{
  qnet_reconnector_stop_timer (self);
  g_clear_error (&self->reason);
  self->is_busy = FALSE;
  self->had_network = qnet_reconnector_has_network (self);
  self->began_without = !self->had_network;

  if (qnet_reconnector_change (self, QNET_RECONNECTOR_CONNECTING, self->n_attempts + 1,
                               copy_error (self)))
    qnet_reconnector_connect (self);
}

void
qnet_reconnector_repeat (QnetReconnector *self)
{
  g_autoptr(QnetSocket) socket = g_object_ref (self->socket);

  self->due = self->clock->get_time (self->clock);
  qnet_reconnector_start_timer (self, self->due);

  if (qnet_reconnector_change (self, QNET_RECONNECTOR_WAITING, self->n_attempts - 1,
                               copy_error (self))
      && !self->is_busy)
    qnet_socket_abort (socket);
}

/* Its end */

/* A host that refuses was reached. */
static void
look_at_network (QnetReconnector *self,
                 const GError    *error)
{
  self->had_network = qnet_reconnector_has_network (self);

  if (!self->had_network
      && g_error_matches (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED))
    self->ignores_network = self->had_network = TRUE;
}

static int
count_attempts (QnetReconnector *self)
{
  if (self->state == QNET_RECONNECTOR_CONNECTED || self->had_network)
    return self->n_attempts;

  return self->n_attempts - 1;
}

static gboolean
is_hopeless (QnetReconnector *self,
             int              n_attempts)
{
  if (g_io_stream_is_closed (G_IO_STREAM (self->socket)))
    return TRUE;

  return self->max_attempts > 0 && n_attempts >= self->max_attempts;
}

static void
give_up (QnetReconnector *self,
         int              n_attempts,
         GError          *error)  /* (transfer full) */
{
  gboolean was_connected = self->state == QNET_RECONNECTOR_CONNECTED;
  g_autoptr(GError) emitted = g_error_copy (error);
  GQueue awaiting = qnet_reconnector_take_awaiting (self);
  gboolean continues;
  guint serial;

  qnet_reconnector_unwatch_network (self);
  continues = qnet_reconnector_change (self, QNET_RECONNECTOR_FAILED, n_attempts, error);
  serial = self->serial;

  if (continues && was_connected)
    g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0);
  if (continues && is_still (self, serial))
    g_signal_emit (self, signals[SIGNAL_GAVE_UP], 0, emitted);

  qnet_reconnector_end_awaiting (&awaiting, emitted);
}

static void
wait_again (QnetReconnector *self,
            int              n_attempts,
            GError          *error)  /* (transfer full) */
{
  gboolean was_connected = self->state == QNET_RECONNECTOR_CONNECTED;

  qnet_reconnector_begin_wait (self);

  if (qnet_reconnector_change (self, QNET_RECONNECTOR_WAITING, n_attempts, error) && was_connected)
    g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0);
}

void
qnet_reconnector_end (QnetReconnector *self,
                      GError          *error)
{
  int n_attempts;

  qnet_reconnector_stop_timer (self);
  look_at_network (self, error);
  n_attempts = count_attempts (self);

  if (self->state != QNET_RECONNECTOR_CONNECTED)
    self->n_failed++;

  if (is_hopeless (self, n_attempts))
    give_up (self, n_attempts, error);
  else
    wait_again (self, n_attempts, error);
}

/* What is connected without a network needs none. */
void
qnet_reconnector_succeed (QnetReconnector *self)
{
  GQueue awaiting = qnet_reconnector_take_awaiting (self);
  gint64 now = self->clock->get_time (self->clock);
  gboolean is_stable = self->stable_time == 0;

  if (!qnet_reconnector_has_network (self))
    self->ignores_network = self->had_network = TRUE;

  if (is_stable)
    self->n_waits = 0;
  else
    qnet_reconnector_start_timer (self, now + self->stable_time * G_GINT64_CONSTANT (1000));

  if (qnet_reconnector_change (self, QNET_RECONNECTOR_CONNECTED,
                               is_stable ? 0 : self->n_attempts, NULL))
    g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);

  qnet_reconnector_end_awaiting (&awaiting, NULL);
}

/* GObject */

static void
qnet_reconnector_dispatch_properties_changed (GObject     *object,
                                              guint        n_pspecs,
                                              GParamSpec **pspecs)
{
  qnet_hold_notify (&QNET_RECONNECTOR (object)->life, object,
                    G_OBJECT_CLASS (qnet_reconnector_parent_class), n_pspecs, pspecs);
}

static void
qnet_reconnector_constructed (GObject *object)
{
  QnetReconnector *self = QNET_RECONNECTOR (object);

  G_OBJECT_CLASS (qnet_reconnector_parent_class)->constructed (object);

  if (self->socket != NULL)
    qnet_reconnector_watch_socket (self);
}

static gboolean
unref_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* The last reference was dropped in another thread than that of the reconnector: that is silent
 * from now on, and disposed in its own one. */
static void
move_disposal (QnetReconnector *self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_static_name (source, "[qnet] dropped reconnector");
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, unref_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->context);
  g_source_unref (source);
}

static void
leave_socket (QnetReconnector *self)
{
  g_autoptr(QnetSocket) socket = g_steal_pointer (&self->socket);

  if (socket == NULL)
    return;

  g_signal_handlers_disconnect_by_data (socket, self);
  if (self->state == QNET_RECONNECTOR_PREPARING
      || (self->state == QNET_RECONNECTOR_CONNECTING && !self->is_busy))
    qnet_socket_abort (socket);
}

static void
qnet_reconnector_dispose (GObject *object)
{
  QnetReconnector *self = QNET_RECONNECTOR (object);

  qnet_hold_dispose (&self->life);

  if (is_elsewhere (self))
    {
      if (!g_main_context_acquire (self->context))
        {
          move_disposal (self);
          return;
        }
      g_main_context_release (self->context);
    }

  qnet_hold_stay (&self->life, self);
  qnet_reconnector_stop_timer (self);
  qnet_reconnector_unwatch_network (self);
  leave_socket (self);

  G_OBJECT_CLASS (qnet_reconnector_parent_class)->dispose (object);
}

static void
qnet_reconnector_finalize (GObject *object)
{
  QnetReconnector *self = QNET_RECONNECTOR (object);

  g_ptr_array_unref (self->candidates);
  g_clear_object (&self->monitor);
  g_clear_error (&self->error);
  g_clear_error (&self->reason);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (qnet_reconnector_parent_class)->finalize (object);
}

static void
install_signals (void)
{
  /**
   * QnetReconnector::connected:
   * @self: the reconnector
   *
   * Emitted when the socket is connected, encrypted if that is wanted, and
   * [prepared][signal@Reconnector::prepare].
   *
   * Since: 1.0
   */
  signals[SIGNAL_CONNECTED]
    = g_signal_new ("connected", QNET_TYPE_RECONNECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 0);

  /**
   * QnetReconnector::disconnected:
   * @self: the reconnector
   *
   * Emitted when a connection that [signal@Reconnector::connected] has reported has ended.
   * [property@Reconnector:error] has the reason. It is not emitted for
   * [method@Reconnector.stop].
   *
   * Since: 1.0
   */
  signals[SIGNAL_DISCONNECTED]
    = g_signal_new ("disconnected", QNET_TYPE_RECONNECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 0);

  /**
   * QnetReconnector::gave-up:
   * @self: the reconnector
   * @error: the error of the last attempt
   *
   * Emitted when there will be no further attempt: [property@Reconnector:max-attempts] have been
   * made, or the socket was closed. [method@Reconnector.start] begins again.
   *
   * Since: 1.0
   */
  signals[SIGNAL_GAVE_UP]
    = g_signal_new ("gave-up", QNET_TYPE_RECONNECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
qnet_reconnector_class_init (QnetReconnectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispatch_properties_changed = qnet_reconnector_dispatch_properties_changed;
  object_class->constructed                 = qnet_reconnector_constructed;
  object_class->dispose                     = qnet_reconnector_dispose;
  object_class->finalize                    = qnet_reconnector_finalize;

  qnet_reconnector_class_install_properties (object_class);
  qnet_reconnector_class_add_prepare (object_class);
  install_signals ();
}

static void
qnet_reconnector_init (QnetReconnector *self)
{
  self->candidates = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_candidate_free);
  self->clock = qnet_service_clock_get ();
  self->encrypted = TRUE;
  self->min_delay = 500;
  self->max_delay = 60 * 1000;
  self->stable_time = 30 * 1000;
  g_queue_init (&self->awaiting);
}

/* Public API */

/**
 * qnet_reconnector_new:
 * @socket: an [class@AbstractSocket] or a [class@LocalSocket]
 * @connectable: (nullable): what to connect to, or %NULL if all candidates are added later
 *
 * Creates a reconnector. Call [method@Reconnector.start] to start it.
 *
 * @connectable is the first candidate, see [method@Reconnector.add_connectable].
 *
 * Returns: (transfer full): the reconnector
 *
 * Since: 1.0
 */
QnetReconnector *
qnet_reconnector_new (QnetSocket         *socket,
                      GSocketConnectable *connectable)
{
  QnetReconnector *self;

  g_return_val_if_fail (QNET_IS_ABSTRACT_SOCKET (socket) || QNET_IS_LOCAL_SOCKET (socket), NULL);
  g_return_val_if_fail (connectable == NULL || G_IS_SOCKET_CONNECTABLE (connectable), NULL);

  self = g_object_new (QNET_TYPE_RECONNECTOR, "socket", socket, NULL);
  if (connectable != NULL)
    qnet_reconnector_add_connectable (self, connectable);

  return self;
}

static void
start (QnetReconnector *self)
{
  take_context (self);
  qnet_reconnector_ensure_monitor (self);
  self->ignores_network = FALSE;
  self->n_attempts = 0;
  self->n_waits = 0;
  self->n_failed = 0;
  qnet_reconnector_watch_network (self);
  qnet_reconnector_begin (self);
}

/**
 * qnet_reconnector_start:
 * @self: a reconnector with at least one candidate
 *
 * Starts to keep the socket connected. The first attempt begins in this call, whether there is a
 * network or not, and no outcome is reported before it returns.
 *
 * While the reconnector waits, the next attempt begins at once. In the other states it does
 * nothing.
 *
 * The thread needs a main context: that which is its default, where the signals are emitted.
 *
 * Since: 1.0
 */
void
qnet_reconnector_start (QnetReconnector *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;

  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  QNET_RECONNECTOR_CHECK_CALLER (self);
  g_return_if_fail (QNET_IS_ABSTRACT_SOCKET (self->socket) || QNET_IS_LOCAL_SOCKET (self->socket));
  g_return_if_fail (self->candidates->len > 0);
  g_return_if_fail (has_loop ());

  hold = qnet_reconnector_hold_life (self);
  if (self->state == QNET_RECONNECTOR_WAITING)
    qnet_reconnector_begin (self);
  else if (self->state == QNET_RECONNECTOR_IDLE || self->state == QNET_RECONNECTOR_FAILED)
    start (self);
}

static void
end_socket (QnetSocket           *socket,
            QnetReconnectorState  state,
            gboolean              is_busy)
{
  if (state == QNET_RECONNECTOR_CONNECTED)
    qnet_socket_disconnect_from_peer (socket);
  else if (state == QNET_RECONNECTOR_PREPARING
           || (state == QNET_RECONNECTOR_CONNECTING && !is_busy))
    qnet_socket_abort (socket);
}

/* The socket ends before anything is notified: a handler may start again. */
static void
stop (QnetReconnector *self)
{
  g_autoptr(QnetSocket) socket = g_object_ref (self->socket);
  g_autoptr(GError) error = NULL;
  QnetReconnectorState state = self->state;
  GQueue awaiting = qnet_reconnector_take_awaiting (self);

  qnet_reconnector_stop_timer (self);
  qnet_reconnector_unwatch_network (self);
  g_object_freeze_notify (G_OBJECT (self));
  qnet_reconnector_change (self, QNET_RECONNECTOR_IDLE, 0, NULL);
  end_socket (socket, state, self->is_busy);
  g_object_thaw_notify (G_OBJECT (self));

  qnet_set_error (&error, QNET_SOCKET_ERROR_OPERATION,
                  _("Could not wait for a connection: The reconnector was stopped"));
  qnet_reconnector_end_awaiting (&awaiting, error);
}

/**
 * qnet_reconnector_stop:
 * @self: a reconnector
 *
 * Stops to keep the socket connected: [property@Reconnector:state] becomes
 * [QNET_RECONNECTOR_IDLE][enum@ReconnectorState].
 *
 * An attempt is aborted. An established connection is disconnected by
 * [method@Socket.disconnect_from_peer], once all that was written has been sent. None of the
 * signals of the reconnector is emitted for it.
 *
 * Since: 1.0
 */
void
qnet_reconnector_stop (QnetReconnector *self)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;

  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  QNET_RECONNECTOR_CHECK_CALLER (self);

  if (self->state == QNET_RECONNECTOR_IDLE)
    return;

  hold = qnet_reconnector_hold_life (self);
  stop (self);
}
