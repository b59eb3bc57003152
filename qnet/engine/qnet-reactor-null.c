/* qnet-reactor-null.c: a reactor without a loop asks the system nothing
 *
 * A detached reactor, and one whose context has gone, are moved by blocking waits, which poll for
 * themselves. Of the table only what watches and the end of the reactor call is there.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-reactor-backend-private.h"

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
