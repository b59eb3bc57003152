/* qnet-work-pool-private.h: work that can block for a long time, in threads of its own
 *
 * The pool of GIO has few threads, which the whole process shares: a lookup that waits there for an
 * unreachable name server delays file operations and other lookups. This pool creates a thread for
 * each work, up to a limit; the rest is queued. Threads without work end after some time.
 *
 * Work that has begun cannot be interrupted. Once it is abandoned it no longer counts against the
 * limit; the number of abandoned works is limited only by the total number of threads.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetWorkPool QnetWorkPool;
typedef struct _QnetWork     QnetWork;

typedef enum /*< skip >*/
{
  QNET_WORK_NEW,
  QNET_WORK_QUEUED,
  QNET_WORK_RUNNING,
  QNET_WORK_ABANDONED  /* running, and its result is not needed */
} QnetWorkState;

/* Embedded in the structure of the work. */
struct _QnetWork
{
  void         (*run)  (QnetWork *work);  /* in a thread of the pool */
  void         (*free) (QnetWork *work);  /* after run(), in the same thread */
  QnetWorkState  state;                   /* used by the pool only */
  GList          link;                    /* in the queue; data is the work */
};

/* @name has 15 characters at most. A pool is never freed, and threads of a parent process do not
 * run in its child: a forked process creates a pool of its own. All functions may be called in any
 * thread. */
QnetWorkPool *qnet_work_pool_new      (const char   *name,
                                       guint         max_running,
                                       guint         max_threads) G_GNUC_WARN_UNUSED_RESULT;

/* For a pool without threads, which was never used. */
void          qnet_work_pool_free     (QnetWorkPool *self);

/* FALSE if @work will not be done: there is no thread, and none can be created (EAGAIN). */
gboolean      qnet_work_pool_submit   (QnetWorkPool *self,
                                       QnetWork     *work);

/* The result is no longer needed. TRUE: the work has not begun, never will, and belongs to the
 * caller. FALSE: it is running, no longer counts as a thread, and will be freed by the pool. */
gboolean      qnet_work_pool_withdraw (QnetWorkPool *self,
                                       QnetWork     *work);

/* The result of running work is needed again. */
void          qnet_work_pool_reclaim  (QnetWorkPool *self,
                                       QnetWork     *work);

G_END_DECLS
