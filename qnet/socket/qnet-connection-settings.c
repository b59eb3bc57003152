/* qnet-connection-settings.c: time limits, and half a connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-connection-private.h"

const int qnet_connection_default_timings[QNET_N_TIMINGS] = {
  [QNET_TIMING_LOOKUP_TIMEOUT]  = 30000,
  [QNET_TIMING_CONNECT_TIMEOUT] = 30000,
  [QNET_TIMING_IDLE_TIMEOUT]    = 0,
  [QNET_TIMING_CLOSE_TIMEOUT]   = 30000,
  [QNET_TIMING_ATTEMPT_DELAY]   = 250,
};

/* A socket that leaves them at their defaults has no memory for them. */

int
qnet_connection_get_timing (QnetConnection *self,
                            QnetTiming      timing)
{
  return self->timings != NULL ? self->timings[timing] : qnet_connection_default_timings[timing];
}

void
qnet_connection_set_timing (QnetConnection *self,
                            QnetTiming      timing,
                            int             msecs,
                            const char     *prop)
{
  if (qnet_connection_get_timing (self, timing) == msecs)
    return;

  if (self->timings == NULL)
    self->timings = g_memdup2 (qnet_connection_default_timings, sizeof qnet_connection_default_timings);

  self->timings[timing] = msecs;
  g_object_notify (G_OBJECT (self->device), prop);
}

void
qnet_connection_set_allow_half_open (QnetConnection *self,
                                     gboolean        allow_half_open)
{
  allow_half_open = !!allow_half_open;
  if (self->allow_half_open == allow_half_open)
    return;

  self->allow_half_open = allow_half_open;
  qnet_io_device_half_open_may_end (self->device);
  g_object_notify (G_OBJECT (self->device), "allow-half-open");
}
