/* qnet-thread-private.h: which thread this is, cheaply enough to be asked by each call, whether
 * another one still exists, and a fence that costs only one of two threads
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#ifdef G_OS_UNIX
#include <pthread.h>
#endif

G_BEGIN_DECLS

#if defined (__SANITIZE_THREAD__)
#define QNET_THREAD_SANITIZER
#elif defined (__has_feature)
#if __has_feature (thread_sanitizer)
#define QNET_THREAD_SANITIZER
#endif
#endif

/* Identifies a thread while it lives; only compared. g_thread_self() looks into thread-local
 * storage, which costs more than all else that a read of a few bytes checks. The thread pointer,
 * from which pthread_self() is computed, is in a register. Without a call, and with their stays in
 * registers, the read and the write of an echo take 46 instructions less. */
static inline gpointer
qnet_thread_self (void)
{
#if defined (QNET_HAVE_THREAD_POINTER)
  return __builtin_thread_pointer ();
#elif defined (G_OS_UNIX)
  return (gpointer) pthread_self ();
#else
  return g_thread_self ();
#endif
}

/* The life of a thread, which another one may look at: whether it has ended. */
typedef struct _QnetThreadLife QnetThreadLife;

/* Of the caller (transfer full) */
QnetThreadLife *qnet_thread_get_life       (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean        qnet_thread_life_has_ended (QnetThreadLife *life);
void            qnet_thread_life_unref     (QnetThreadLife *life);

/* An asymmetric fence. One thread often stores something, passes the light half, and loads
 * something else. Another one rarely stores that, passes the heavy half, and loads the first. At
 * least one of them sees what the other has stored. The light half only keeps the compiler from
 * moving accesses: the heavy one makes the kernel interrupt all threads of the process,
 * membarrier(2). Where the kernel does not offer that, x86 is interrupted in another way, and on
 * other processors the light half is a whole fence. */
#if defined (__linux__) && (defined (__x86_64__) || defined (__i386__))
#define QNET_LIGHT_FENCE_IS_FREE 1
#elif defined (__linux__)
#define QNET_LIGHT_FENCE_IS_FREE __atomic_load_n (&qnet_has_membarrier, __ATOMIC_RELAXED)
#else
#define QNET_LIGHT_FENCE_IS_FREE 0
#endif

extern int      qnet_has_membarrier;  /* (atomic) */

static inline void
qnet_light_fence (void)
{
  if (QNET_LIGHT_FENCE_IS_FREE)
    __atomic_signal_fence (__ATOMIC_SEQ_CST);
  else
    __atomic_thread_fence (__ATOMIC_SEQ_CST);
}

void            qnet_heavy_fence           (void);
/* Before the first light half; until then that is a whole fence, where it depends on this. */
void            qnet_prepare_fence         (void);

/* What one thread alone writes, and others read. For that thread an aligned word needs no atomic
 * access on this processor, only one that the compiler does not move; GCC takes more instructions
 * for atomic ones, since it does not join them. */
#if (defined (__x86_64__) || defined (__i386__)) && !defined (QNET_THREAD_SANITIZER)
#define QNET_OWNER_READS_PLAINLY
#endif

static inline void
qnet_owner_store (guint *word,
                  guint  value)
{
  __atomic_store_n (word, value, __ATOMIC_RELEASE);
}

/* Returns the sum. */
static inline guint
qnet_owner_add (guint *word,
                guint  n)
{
#ifdef QNET_OWNER_READS_PLAINLY
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  return *word += n;
#else
  guint sum = *word + n;

  qnet_owner_store (word, sum);

  return sum;
#endif
}

/* A pointer that another thread may have set */
static inline gpointer
qnet_owner_get_pointer (gconstpointer location)
{
#ifdef QNET_OWNER_READS_PLAINLY
  return *(const gpointer *) location;
#else
  return __atomic_load_n ((const gpointer *) location, __ATOMIC_ACQUIRE);
#endif
}

G_END_DECLS
