/* qnet-wait.c: the interruption of blocking waits
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-wait-private.h"

static GPrivate interrupt_key;  /* the descriptor + 1; NULL for none */

gboolean
qnet_wait_is_interrupted (void)
{
  GPollFD pollfd = { qnet_get_wait_interrupt_fd (), G_IO_IN, 0 };

  return pollfd.fd != -1 && g_poll (&pollfd, 1, 0) > 0;
}

/* Public API */

/**
 * qnet_get_wait_interrupt_fd:
 *
 * Gets the descriptor that ends the blocking waits of this thread.
 *
 * Returns: the descriptor, or -1 for none
 *
 * Since: 1.0
 */
int
qnet_get_wait_interrupt_fd (void)
{
  return GPOINTER_TO_INT (g_private_get (&interrupt_key)) - 1;
}

/**
 * qnet_set_wait_interrupt_fd:
 * @fd: a descriptor, or -1 for none
 *
 * Sets a descriptor that ends the blocking waits of this thread while it is readable.
 *
 * A wait that it ends returns %FALSE without an error, since it has neither succeeded nor failed:
 * its caller decides whether to wait for the rest of the time. @fd is neither read nor closed.
 *
 * It is meant for language bindings. An interpreter calls its handlers of signals between two of
 * its own instructions, so none is called as long as it is blocked in
 * [method@IODevice.wait_for_ready_read] and the like; but it can write to a descriptor when a
 * signal arrives. The overrides for Python set such a descriptor during each wait: Ctrl+C ends it,
 * and raises `KeyboardInterrupt`.
 *
 * Since: 1.0
 */
void
qnet_set_wait_interrupt_fd (int fd)
{
  g_return_if_fail (fd >= -1);

  g_private_set (&interrupt_key, GINT_TO_POINTER (fd + 1));
}
