/* qnet-dns-lookup-private.h: what the files of QnetDnsLookup share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-hold-private.h"
#include "dns/qnet-dns-query-private.h"
#include "dns/qnet-dns-results-private.h"
#include "loop/qnet-reactor-private.h"

#include "qnet-dns-lookup.h"

G_BEGIN_DECLS

/* A call of wait_for_finished(), on its stack. */
typedef struct
{
  gboolean  has_ended;
  GError   *error;  /* (owned) (nullable): of the lookup */
} QnetDnsWait;

struct _QnetDnsLookup
{
  GObject            parent_instance;

  char              *name;              /* (owned) */
  guint16            type;              /* a QnetDnsRecordType, or another number */
  QnetHostAddress   *nameserver;        /* (owned) (nullable): NULL: those of the system */
  guint16            port;              /* of nameserver */
  int                timeout;           /* milliseconds, 0: only the timeouts of each name server */

  /* While it runs */
  QnetDnsQuery      *query;             /* (owned) (nullable): NULL if no lookup is running */
  char              *running_name;      /* (owned) (nullable): the name of the running lookup */
  gboolean           trusts_server;     /* it is believed that records are authentic */
  QnetWaitSet        set;
  QnetDeadline       deadline;
  QnetDnsWait       *wait;              /* (unowned) (nullable): the innermost call */
  GTask             *task;              /* (owned) (nullable): of lookup_async() */
  GSource           *cancelled_source;  /* (owned) (nullable): watches the cancellable of @task */

  /* The result */
  gboolean           is_finished;
  GError            *error;             /* (owned) (nullable) */
  gboolean           is_authentic;      /* the name server, which is trusted, has said so */
  QnetDnsResults     results;

  QnetHold           hold;
};

/* What emits holds the lookup until it has returned: see qnet-hold-private.h. */
typedef QnetDnsLookup QnetHeldLookup;

QnetHeldLookup *qnet_dns_lookup_hold    (QnetDnsLookup  *self);
void            qnet_dns_lookup_release (QnetHeldLookup *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHeldLookup, qnet_dns_lookup_release)

/* Behind the checks of the arguments of a public function: returns the rest from a call in a thread
 * that does not own the lookup. */
#define QNET_DNS_LOOKUP_CHECK_CALLER(lookup, ...)                                               \
  if (G_UNLIKELY (!qnet_reactor_check_caller ((lookup)->set.reactor, (lookup), G_STRFUNC)))     \
    return __VA_ARGS__

#define QNET_DNS_LOOKUP_CHECK_CALLER_OR_FAIL(lookup, error, ...)                                \
  if (G_UNLIKELY (!qnet_reactor_check_caller ((lookup)->set.reactor, (lookup), G_STRFUNC)))     \
    {                                                                                           \
      qnet_set_thread_error (error);                                                            \
      return __VA_ARGS__;                                                                       \
    }

/* Returns FALSE also if the main context was destroyed. */
gboolean qnet_dns_lookup_is_running (QnetDnsLookup *self);

/* qnet-dns-lookup-properties.c */

void     qnet_dns_lookup_class_install_properties (GObjectClass  *object_class);
void     qnet_dns_lookup_notify_outcome           (QnetDnsLookup *self,
                                                   gboolean       has_ended_changed,
                                                   gboolean       has_error_changed,
                                                   gboolean       has_authentic_changed);

G_END_DECLS
