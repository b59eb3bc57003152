/* qnet-dns-lookup-private.h: what the files of QnetDnsLookup share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"
#include "lookup/qnet-dns-query-private.h"
#include "lookup/qnet-dns-results-private.h"

#include "qnet-dns-lookup.h"

G_BEGIN_DECLS

/* Who waits for the look-up that runs; lives on the waiter's stack. */
typedef struct
{
  gboolean  has_ended;
  GError   *error;  /* (owned) (nullable): of that look-up */
} QnetDnsWait;

struct _QnetDnsLookup
{
  GObject            parent_instance;

  char              *name;        /* (owned) */
  QnetDnsRecordType  record_type;
  QnetHostAddress   *nameserver;  /* (owned) (nullable): NULL for those of the system */
  guint16            port;        /* of nameserver */
  guint              timeout;     /* milliseconds, 0: none but those of each name server */

  /* While it runs */
  QnetDnsQuery      *query;       /* (owned) (nullable): NULL while it does not */
  char              *asked;       /* (owned) (nullable): the name that it was begun with */
  QnetWaitSet        set;
  QnetDeadline       deadline;
  QnetDnsWait       *wait;        /* (unowned) (nullable): the innermost one */
  GTask             *task;        /* (owned) (nullable): who waits by lookup_async() */
  GSource           *cancelled;   /* (owned) (nullable): says that @task is no longer wanted */

  /* What came of it */
  gboolean           is_finished;
  GError            *error;       /* (owned) (nullable) */
  QnetDnsResults     results;
};

/* FALSE, too, once its main context has gone */
gboolean qnet_dns_lookup_is_running (QnetDnsLookup *self);

G_END_DECLS
