/* qnet-reconnector-properties.c: the properties of QnetReconnector
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "service/qnet-reconnector-private.h"

#include "qnet-enum-types.h"

enum
{
  PROP_SOCKET = 1,
  PROP_STATE,
  PROP_ERROR,
  PROP_N_ATTEMPTS,
  PROP_TIME_LEFT,
  PROP_ENCRYPTED,
  PROP_MIN_DELAY,
  PROP_MAX_DELAY,
  PROP_MAX_ATTEMPTS,
  PROP_STABLE_TIME,
  PROP_NETWORK_MONITOR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* What changes */

void
qnet_reconnector_notify_time_left (QnetReconnector *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TIME_LEFT]);
}

gboolean
qnet_reconnector_shows_time_left (QnetReconnector *self)
{
  return g_signal_has_handler_pending (self, g_signal_lookup ("notify", G_TYPE_OBJECT),
                                       g_quark_from_static_string ("time-left"), FALSE);
}

void
qnet_reconnector_notify_change (QnetReconnector *self,
                                gboolean         has_count_changed,
                                gboolean         has_error_changed,
                                gboolean         has_time_changed)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  if (has_error_changed)
    g_object_notify_by_pspec (object, props[PROP_ERROR]);
  if (has_count_changed)
    g_object_notify_by_pspec (object, props[PROP_N_ATTEMPTS]);
  if (has_time_changed)
    g_object_notify_by_pspec (object, props[PROP_TIME_LEFT]);
  if (self->serial != self->notified_serial)
    g_object_notify_by_pspec (object, props[PROP_STATE]);
  self->notified_serial = self->serial;
  g_object_thaw_notify (object);
}

static void
set_number (QnetReconnector *self,
            int             *number,
            int              value,
            guint            prop)
{
  if (*number == value)
    return;

  *number = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

/* GObject */

static void
get_property (GObject    *object,
              guint       prop_id,
              GValue     *value,
              GParamSpec *pspec)
{
  QnetReconnector *self = QNET_RECONNECTOR (object);

  switch (prop_id)
    {
    case PROP_SOCKET:
      g_value_set_object (value, qnet_reconnector_get_socket (self));
      break;

    case PROP_STATE:
      g_value_set_enum (value, (int) qnet_reconnector_get_state (self));
      break;

    case PROP_ERROR:
      g_value_set_boxed (value, qnet_reconnector_get_error (self));
      break;

    case PROP_N_ATTEMPTS:
      g_value_set_int (value, qnet_reconnector_get_n_attempts (self));
      break;

    case PROP_TIME_LEFT:
      g_value_set_int (value, qnet_reconnector_get_time_left (self));
      break;

    case PROP_ENCRYPTED:
      g_value_set_boolean (value, qnet_reconnector_get_encrypted (self));
      break;

    case PROP_MIN_DELAY:
      g_value_set_int (value, qnet_reconnector_get_min_delay (self));
      break;

    case PROP_MAX_DELAY:
      g_value_set_int (value, qnet_reconnector_get_max_delay (self));
      break;

    case PROP_MAX_ATTEMPTS:
      g_value_set_int (value, qnet_reconnector_get_max_attempts (self));
      break;

    case PROP_STABLE_TIME:
      g_value_set_int (value, qnet_reconnector_get_stable_time (self));
      break;

    case PROP_NETWORK_MONITOR:
      g_value_set_object (value, qnet_reconnector_get_network_monitor (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
set_property (GObject      *object,
              guint         prop_id,
              const GValue *value,
              GParamSpec   *pspec)
{
  QnetReconnector *self = QNET_RECONNECTOR (object);

  switch (prop_id)
    {
    case PROP_SOCKET:
      self->socket = g_value_dup_object (value);
      break;

    case PROP_ENCRYPTED:
      qnet_reconnector_set_encrypted (self, g_value_get_boolean (value));
      break;

    case PROP_MIN_DELAY:
      qnet_reconnector_set_min_delay (self, g_value_get_int (value));
      break;

    case PROP_MAX_DELAY:
      qnet_reconnector_set_max_delay (self, g_value_get_int (value));
      break;

    case PROP_MAX_ATTEMPTS:
      qnet_reconnector_set_max_attempts (self, g_value_get_int (value));
      break;

    case PROP_STABLE_TIME:
      qnet_reconnector_set_stable_time (self, g_value_get_int (value));
      break;

    case PROP_NETWORK_MONITOR:
      qnet_reconnector_set_network_monitor (self, g_value_get_object (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)
#define WRITABLE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
define_outcome (void)
{
  /**
   * QnetReconnector:socket:
   *
   * The socket that is kept connected.
   *
   * Since: 1.0
   */
  props[PROP_SOCKET] =
    g_param_spec_object ("socket", NULL, NULL, QNET_TYPE_SOCKET,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * QnetReconnector:state:
   *
   * What the reconnector does now.
   *
   * Since: 1.0
   */
  props[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, QNET_TYPE_RECONNECTOR_STATE, QNET_RECONNECTOR_IDLE,
                       READABLE);

  /**
   * QnetReconnector:error:
   *
   * Why the last attempt has failed, or the last connection has ended. It is %NULL while the socket
   * is connected, and before the first failure.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);

  /**
   * QnetReconnector:n-attempts:
   *
   * The number of attempts since the start, or since a connection was
   * [stable][property@Reconnector:stable-time], including one that is being made. Attempts that
   * have failed without a network are not counted.
   *
   * Since: 1.0
   */
  props[PROP_N_ATTEMPTS] = g_param_spec_int ("n-attempts", NULL, NULL, 0, G_MAXINT, 0, READABLE);

  /**
   * QnetReconnector:time-left:
   *
   * How long the reconnector will wait before the next attempt, in milliseconds; -1 while it waits
   * for a network, and 0 when it does not wait.
   *
   * It is notified when a wait begins and ends. If there is a handler or a binding when the wait
   * begins, it is also notified each second.
   *
   * Since: 1.0
   */
  props[PROP_TIME_LEFT] = g_param_spec_int ("time-left", NULL, NULL, -1, G_MAXINT, 0, READABLE);
}

static void
define_delays (void)
{
  /**
   * QnetReconnector:min-delay:
   *
   * The limit of the first wait after the count has begun, in milliseconds, 500 by default. Each
   * wait doubles the limit; the delay is a random time between 0 and the limit. 0: there are no
   * delays.
   *
   * Since: 1.0
   */
  props[PROP_MIN_DELAY] = g_param_spec_int ("min-delay", NULL, NULL, 0, G_MAXINT, 500, WRITABLE);

  /**
   * QnetReconnector:max-delay:
   *
   * What no delay exceeds, in milliseconds, 60000 by default. 0: there are no delays.
   *
   * Since: 1.0
   */
  props[PROP_MAX_DELAY] =
    g_param_spec_int ("max-delay", NULL, NULL, 0, G_MAXINT, 60 * 1000, WRITABLE);

  /**
   * QnetReconnector:max-attempts:
   *
   * The number of attempts without a stable connection after which the reconnector gives up; 0 for
   * no limit, which is the default.
   *
   * Since: 1.0
   */
  props[PROP_MAX_ATTEMPTS] =
    g_param_spec_int ("max-attempts", NULL, NULL, 0, G_MAXINT, 0, WRITABLE);

  /**
   * QnetReconnector:stable-time:
   *
   * How long a connection has to last until the count of attempts and waits begins again, in
   * milliseconds, 30000 by default; 0: it begins again with each connection.
   *
   * A server that accepts each connection and closes it at once is thereby not asked again and
   * again without a delay.
   *
   * Since: 1.0
   */
  props[PROP_STABLE_TIME] =
    g_param_spec_int ("stable-time", NULL, NULL, 0, G_MAXINT, 30 * 1000, WRITABLE);
}

static void
define_others (void)
{
  /**
   * QnetReconnector:encrypted:
   *
   * Whether an [class@SslSocket] is encrypted from the beginning, as by
   * [method@SslSocket.connect_to_connectable_encrypted]; %TRUE by default. Other sockets ignore it.
   *
   * For STARTTLS set it to %FALSE, and begin to encrypt in a handler of
   * [signal@Reconnector::prepare].
   *
   * Since: 1.0
   */
  props[PROP_ENCRYPTED] = g_param_spec_boolean ("encrypted", NULL, NULL, TRUE, WRITABLE);

  /**
   * QnetReconnector:network-monitor:
   *
   * What knows whether there is a network. By default it is that of the system for an Internet
   * socket, and none for a [class@LocalSocket]. With %NULL the reconnector does not look at
   * networks.
   *
   * For the monitor of the system there is a network if there is a default route. Use %NULL where
   * hosts are reached without one.
   *
   * Since: 1.0
   */
  props[PROP_NETWORK_MONITOR] =
    g_param_spec_object ("network-monitor", NULL, NULL, G_TYPE_NETWORK_MONITOR, WRITABLE);
}

void
qnet_reconnector_class_install_properties (GObjectClass *object_class)
{
  object_class->get_property = get_property;
  object_class->set_property = set_property;

  define_outcome ();
  define_delays ();
  define_others ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/* Public API */

/**
 * qnet_reconnector_get_socket:
 * @self: a reconnector
 *
 * Gets the socket that is kept connected.
 *
 * Returns: (transfer none): the socket
 *
 * Since: 1.0
 */
QnetSocket *
qnet_reconnector_get_socket (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self, NULL);

  return self->socket;
}

/**
 * qnet_reconnector_get_state:
 * @self: a reconnector
 *
 * Gets what the reconnector does now.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
QnetReconnectorState
qnet_reconnector_get_state (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), QNET_RECONNECTOR_IDLE);
  QNET_RECONNECTOR_CHECK_CALLER (self, QNET_RECONNECTOR_IDLE);

  return self->state;
}

/**
 * qnet_reconnector_get_error:
 * @self: a reconnector
 *
 * Gets why the last attempt has failed, or the last connection has ended.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
const GError *
qnet_reconnector_get_error (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self, NULL);

  return self->error;
}

/**
 * qnet_reconnector_get_n_attempts:
 * @self: a reconnector
 *
 * Gets the number of attempts, see [property@Reconnector:n-attempts].
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
qnet_reconnector_get_n_attempts (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  return self->n_attempts;
}

/**
 * qnet_reconnector_get_time_left:
 * @self: a reconnector
 *
 * Gets how long the reconnector will wait, see [property@Reconnector:time-left].
 *
 * Returns: milliseconds, or -1 while it waits for a network
 *
 * Since: 1.0
 */
int
qnet_reconnector_get_time_left (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  return qnet_reconnector_compute_left (self);
}

/**
 * qnet_reconnector_get_encrypted:
 * @self: a reconnector
 *
 * Gets whether an [class@SslSocket] is encrypted from the beginning.
 *
 * Returns: %TRUE if it is
 *
 * Since: 1.0
 */
gboolean
qnet_reconnector_get_encrypted (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), FALSE);
  QNET_RECONNECTOR_CHECK_CALLER (self, FALSE);

  return self->encrypted;
}

/**
 * qnet_reconnector_set_encrypted:
 * @self: a reconnector
 * @encrypted: whether to encrypt from the beginning
 *
 * Sets whether an [class@SslSocket] is encrypted from the beginning, starting with the next
 * attempt.
 *
 * Since: 1.0
 */
void
qnet_reconnector_set_encrypted (QnetReconnector *self,
                                gboolean         encrypted)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  QNET_RECONNECTOR_CHECK_CALLER (self);

  set_number (self, &self->encrypted, encrypted, PROP_ENCRYPTED);
}

/**
 * qnet_reconnector_get_min_delay:
 * @self: a reconnector
 *
 * Gets the limit of the first wait.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_reconnector_get_min_delay (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  return self->min_delay;
}

/**
 * qnet_reconnector_set_min_delay:
 * @self: a reconnector
 * @msecs: milliseconds, 0 for no delays
 *
 * Sets the limit of the first wait, see [property@Reconnector:min-delay], starting with the next
 * wait.
 *
 * Since: 1.0
 */
void
qnet_reconnector_set_min_delay (QnetReconnector *self,
                                int              msecs)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (msecs >= 0);
  QNET_RECONNECTOR_CHECK_CALLER (self);

  set_number (self, &self->min_delay, msecs, PROP_MIN_DELAY);
}

/**
 * qnet_reconnector_get_max_delay:
 * @self: a reconnector
 *
 * Gets what no delay exceeds.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_reconnector_get_max_delay (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  return self->max_delay;
}

/**
 * qnet_reconnector_set_max_delay:
 * @self: a reconnector
 * @msecs: milliseconds, 0 for no delays
 *
 * Sets what no delay exceeds, starting with the next wait.
 *
 * Since: 1.0
 */
void
qnet_reconnector_set_max_delay (QnetReconnector *self,
                                int              msecs)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (msecs >= 0);
  QNET_RECONNECTOR_CHECK_CALLER (self);

  set_number (self, &self->max_delay, msecs, PROP_MAX_DELAY);
}

/**
 * qnet_reconnector_get_max_attempts:
 * @self: a reconnector
 *
 * Gets the number of attempts after which the reconnector gives up.
 *
 * Returns: the number, or 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_reconnector_get_max_attempts (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  return self->max_attempts;
}

/**
 * qnet_reconnector_set_max_attempts:
 * @self: a reconnector
 * @max_attempts: a number, 0 for no limit
 *
 * Sets the number of attempts after which the reconnector gives up. It is compared when an attempt
 * has failed.
 *
 * Since: 1.0
 */
void
qnet_reconnector_set_max_attempts (QnetReconnector *self,
                                   int              max_attempts)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (max_attempts >= 0);
  QNET_RECONNECTOR_CHECK_CALLER (self);

  set_number (self, &self->max_attempts, max_attempts, PROP_MAX_ATTEMPTS);
}

/**
 * qnet_reconnector_get_stable_time:
 * @self: a reconnector
 *
 * Gets how long a connection has to last until the count begins again.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
int
qnet_reconnector_get_stable_time (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), 0);
  QNET_RECONNECTOR_CHECK_CALLER (self, 0);

  return self->stable_time;
}

/**
 * qnet_reconnector_set_stable_time:
 * @self: a reconnector
 * @msecs: milliseconds, 0 for no time
 *
 * Sets how long a connection has to last until the count begins again, starting with the next
 * connection.
 *
 * Since: 1.0
 */
void
qnet_reconnector_set_stable_time (QnetReconnector *self,
                                  int              msecs)
{
  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (msecs >= 0);
  QNET_RECONNECTOR_CHECK_CALLER (self);

  set_number (self, &self->stable_time, msecs, PROP_STABLE_TIME);
}

/**
 * qnet_reconnector_get_network_monitor:
 * @self: a reconnector
 *
 * Gets what knows whether there is a network.
 *
 * Returns: (transfer none) (nullable): the monitor, or %NULL, also if there was no descriptor for
 *   that of the system when the reconnector was started
 *
 * Since: 1.0
 */
GNetworkMonitor *
qnet_reconnector_get_network_monitor (QnetReconnector *self)
{
  g_return_val_if_fail (QNET_IS_RECONNECTOR (self), NULL);
  QNET_RECONNECTOR_CHECK_CALLER (self, NULL);

  qnet_reconnector_ensure_monitor (self);

  return self->monitor;
}

/**
 * qnet_reconnector_set_network_monitor:
 * @self: a reconnector
 * @monitor: (nullable): a monitor, or %NULL to not look at networks
 *
 * Sets what knows whether there is a network, at once.
 *
 * Since: 1.0
 */
void
qnet_reconnector_set_network_monitor (QnetReconnector *self,
                                      GNetworkMonitor *monitor)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldReconnector) hold = NULL;

  g_return_if_fail (QNET_IS_RECONNECTOR (self));
  g_return_if_fail (monitor == NULL || G_IS_NETWORK_MONITOR (monitor));
  QNET_RECONNECTOR_CHECK_CALLER (self);

  if (self->is_monitor_set && self->monitor == monitor)
    return;

  hold = qnet_reconnector_hold_life (self);
  qnet_reconnector_replace_monitor (self, monitor);
  if (!qnet_hold_is_disposed (&self->life))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NETWORK_MONITOR]);
}
