/* qnet-work-pool-private.h: work that can block for long, in threads of our own
 *
 * GIO's pool has few threads, which the whole program shares: what waits there for a dead name
 * server keeps files and the names of others waiting. A pool of ours makes a thread for each work
 * that is to be done, up to a limit; the rest waits in order. Threads without work end after a
 * while.
 *
 * Work that has begun cannot be interrupted. Abandoned, it gives up its place: it no longer counts
 * against the limit, and only the number of threads in all bounds how many such leftovers there
 * are.
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
  QNET_WORK_ABANDONED  /* running, and its result is not wanted */
} QnetWorkState;

/* Embedded in what has to be done. */
struct _QnetWork
{
  void         (*run)  (QnetWork *work);  /* in a thread of the pool */
  void         (*free) (QnetWork *work);  /* after run(), in the same thread */
  QnetWorkState  state;                   /* of the pool alone */
  GList          link;                    /* in the queue; data is the work */
};

/* @name has 15 characters at most. A pool has no end, and threads of a parent process do not run
 * in its child: a forked process makes a pool of its own. All functions may be called in any
 * thread. */
QnetWorkPool *qnet_work_pool_new      (const char   *name,
                                       guint         max_running,
                                       guint         max_threads) G_GNUC_WARN_UNUSED_RESULT;

/* For a pool without threads, as one is that was never used. */
void          qnet_work_pool_free     (QnetWorkPool *self);

/* Whether @work will be done; otherwise there is no thread, and none can be made (EAGAIN). */
gboolean      qnet_work_pool_submit   (QnetWorkPool *self,
                                       QnetWork     *work);

/* The result is not wanted any more. TRUE: it had not begun and never will, and is the caller's.
 * FALSE: it runs, has given up its place, and is freed by the pool. */
gboolean      qnet_work_pool_withdraw (QnetWorkPool *self,
                                       QnetWork     *work);

/* The result of work that runs is wanted again. */
void          qnet_work_pool_reclaim  (QnetWorkPool *self,
                                       QnetWork     *work);

G_END_DECLS
