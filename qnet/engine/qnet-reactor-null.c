/* qnet-reactor-null.c: a reactor without a loop asks the system nothing
 *
 * A detached reactor, and one whose context has gone, are moved by blocking waits, which poll for themselves.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "engine/qnet-reactor-backend-private.h"

static gboolean
null_open (QnetReactor *reactor)
{
  return TRUE;
}

static void
null_update (QnetReactor *reactor,
             QnetWatch   *watch)
{
}

static gboolean
null_has_events (QnetReactor *reactor)
{
  return FALSE;
}

static guint
null_collect (QnetReactor *reactor,
              QnetEvent   *events,
              guint        max_events)
{
  return 0;
}

static void
null_close (QnetReactor *reactor)
{
}

const QnetReactorBackend qnet_reactor_backend_null = {
  null_open,
  null_update,
  null_has_events,
  null_collect,
  null_close
};
