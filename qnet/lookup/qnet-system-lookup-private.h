/* qnet-system-lookup-private.h: getaddrinfo() and getnameinfo(), in threads of our own
 *
 * Lookups of the same name at the same time share one call and its answer, as long as the cache was
 * not cleared in between. A lookup that is cancelled gives up its place at once, though its thread
 * may be held by a dead name server for a while.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* Lookups at a time; the next one waits. */
#define QNET_SYSTEM_LOOKUP_MAX_RUNNING 128

/* ... with those that were cancelled while they ran. */
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

/* Sets @error to why there is none, for @what (a name, or the text of an address) as it was
 * given. */
void              qnet_system_answer_set_error (QnetSystemAnswer  *self,
                                                const char        *what,
                                                GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetSystemAnswer, qnet_system_answer_unref)

typedef struct _QnetSystemLookup QnetSystemLookup;

/* Called once, in a thread of the pool, unless cancel() prevented it. */
typedef void (*QnetSystemLookupFunc) (QnetSystemLookup *lookup,
                                      QnetSystemAnswer *answer);

typedef enum /*< skip >*/
{
  QNET_SYSTEM_LOOKUP_NEW,
  QNET_SYSTEM_LOOKUP_WAITING,
  QNET_SYSTEM_LOOKUP_ENDED  /* answered or cancelled */
} QnetSystemLookupPhase;

/* Embedded in what waits for the answer; has to live until @answered was called or cancel() has
 * returned TRUE. */
struct _QnetSystemLookup
{
  QnetSystemLookupFunc   answered;
  QnetSystemLookupPhase  phase;
  gpointer               state;  /* of the process in which it was made */
  gpointer               job;    /* while waiting */
};

void     qnet_system_lookup_init           (QnetSystemLookup     *self,
                                            QnetSystemLookupFunc  answered);

/* FALSE: there is no thread for it, and none can be made. Where it was cancelled before, it
 * returns TRUE and does nothing. @generation is that of the cache. */
gboolean qnet_system_lookup_begin_name     (QnetSystemLookup     *self,
                                            const char           *name,
                                            guint                 generation);
gboolean qnet_system_lookup_begin_address  (QnetSystemLookup     *self,
                                            QnetHostAddress      *address);

/* TRUE: @answered will not be called any more. FALSE: it was, or is being called in another
 * thread now, or this was cancelled before. It may be called from any thread, before it has
 * begun as well. */
gboolean qnet_system_lookup_cancel         (QnetSystemLookup     *self);

/* The same in this thread, which waits. (transfer full) */
QnetSystemAnswer *qnet_system_lookup_ask_name    (const char      *name);
QnetSystemAnswer *qnet_system_lookup_ask_address (QnetHostAddress *address);

/* Whether @resolver is GIO's own, which asks what we ask. */
gboolean qnet_is_system_resolver           (GResolver            *resolver);

G_END_DECLS
