/* qnet-reactor-null.c: the backend of a reactor without a loop makes no system calls
 *
 * A detached reactor, and one whose context was freed, are served by blocking waits, which call
 * poll() themselves. The backend has only the functions that watches and the end of the reactor
 * call.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/qnet-reactor-backend-private.h"

static void
null_update (QnetReactor *reactor,
             QnetWatch   *watch)
{
}

static void
null_close (QnetReactor *reactor)
{
}

const QnetReactorBackend qnet_reactor_backend_null = {
  .update = null_update,
  .close = null_close
};
