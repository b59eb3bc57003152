/* qnet-system-lookup-private.h: getaddrinfo() and getnameinfo() in a thread pool of our own
 *
 * Simultaneous lookups of the same name share one call and its answer, unless the cache was cleared
 * in between. A cancelled lookup no longer counts towards the maximum, although its thread may
 * still wait for a name server that does not reply.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "qnet-enums.h"
#include "qnet-host-address.h"

G_BEGIN_DECLS

/* The maximum number of running lookups; further ones are queued. */
#define QNET_SYSTEM_LOOKUP_MAX_RUNNING 128

/* The maximum number of threads, including those of cancelled lookups. */
#define QNET_SYSTEM_LOOKUP_MAX_THREADS 512

typedef struct
{
  gint       ref_count;     /* (atomic) */
  int        status;        /* 0, or one of EAI_* */
  int        error_number;  /* with EAI_SYSTEM */
  GPtrArray *addresses;     /* (owned) (nullable) (element-type QnetHostAddress): of a name */
  char      *name;          /* (owned) (nullable): of an address */
} QnetSystemAnswer;

QnetSystemAnswer *qnet_system_answer_ref   (QnetSystemAnswer *self);
void              qnet_system_answer_unref (QnetSystemAnswer *self);

/* Sets @error to the failure of a lookup of @what, a name or an address as it was given. */
void              qnet_system_answer_set_error (QnetSystemAnswer  *self,
                                                const char        *what,
                                                GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetSystemAnswer, qnet_system_answer_unref)

typedef struct _QnetSystemLookup QnetSystemLookup;

/* Called once, in a thread of the pool, unless the lookup was cancelled. */
typedef void (*QnetSystemLookupFunc) (QnetSystemLookup *lookup,
                                      QnetSystemAnswer *answer);

typedef enum /*< skip >*/
{
  QNET_SYSTEM_LOOKUP_NEW,
  QNET_SYSTEM_LOOKUP_WAITING,
  QNET_SYSTEM_LOOKUP_ENDED  /* answered or cancelled */
} QnetSystemLookupPhase;

/* Embedded in the operation that needs the answer. It has to live until @answered was called or
 * cancel() has returned TRUE. */
struct _QnetSystemLookup
{
  QnetSystemLookupFunc   answered;
  QnetSystemLookupPhase  phase;
  gpointer               process;  /* the state of the process in which it was initialized */
  gpointer               job;      /* while waiting */
};

void     qnet_system_lookup_init           (QnetSystemLookup     *self,
                                            QnetSystemLookupFunc  answered);

/* Returns FALSE if there is no thread for it and none can be created. If the lookup was already
 * cancelled, they return TRUE and do nothing. @protocol: IPV4, IPV6, or ANY_IP for both.
 * @generation is that of the cache. */
gboolean qnet_system_lookup_begin_name     (QnetSystemLookup         *self,
                                            const char               *name,
                                            QnetNetworkLayerProtocol  protocol,
                                            guint                     generation);
gboolean qnet_system_lookup_begin_address  (QnetSystemLookup         *self,
                                            QnetHostAddress          *address);

/* Returns TRUE if @answered will not be called. Returns FALSE if it was called, is being called in
 * another thread, or if the lookup was already cancelled. May be called from any thread, also
 * before the lookup has started. */
gboolean qnet_system_lookup_cancel         (QnetSystemLookup     *self);

/* Performs the lookup in this thread and blocks. (transfer full) */
QnetSystemAnswer *qnet_system_lookup_ask_name    (const char               *name,
                                                  QnetNetworkLayerProtocol  protocol);
QnetSystemAnswer *qnet_system_lookup_ask_address (QnetHostAddress          *address);

/* Returns whether @resolver is GIO's default implementation, which calls the same functions. */
gboolean qnet_is_system_resolver           (GResolver            *resolver);

G_END_DECLS
