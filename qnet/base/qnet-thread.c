/* qnet-thread.c: whether a thread still exists, and the heavy half of a fence
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-thread-private.h"

#ifdef __linux__
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

struct _QnetThreadLife
{
  gint     ref_count;  /* atomic */
  gboolean has_ended;  /* atomic */
};

/* By the thread, at its end */
static void
end_life (gpointer data)
{
  QnetThreadLife *life = data;

  g_atomic_int_set (&life->has_ended, TRUE);
  qnet_thread_life_unref (life);
}

QnetThreadLife *
qnet_thread_get_life (void)
{
  static GPrivate own = G_PRIVATE_INIT (end_life);
  QnetThreadLife *life = g_private_get (&own);

  if (life == NULL)
    {
      life = g_new0 (QnetThreadLife, 1);
      life->ref_count = 1;
      g_private_set (&own, life);
    }

  g_atomic_int_inc (&life->ref_count);

  return life;
}

gboolean
qnet_thread_life_has_ended (QnetThreadLife *life)
{
  return g_atomic_int_get (&life->has_ended);
}

void
qnet_thread_life_unref (QnetThreadLife *life)
{
  if (g_atomic_int_dec_and_test (&life->ref_count))
    g_free (life);
}

/* Fences */

int qnet_has_membarrier = FALSE;

#ifdef __linux__

static gboolean
membarrier (int command)
{
  return syscall (__NR_membarrier, command, 0, 0) == 0;
}

static gboolean
register_for_membarrier (void)
{
  return membarrier (MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

/* For a sandbox in which there is no membarrier(2). A page becomes read-only, of which each
 * processor that runs this process has to be notified: x86 does that by an interrupt. On others it
 * is a fence of this thread alone. */
static void
fence_by_page (void)
{
  gsize size = (gsize) sysconf (_SC_PAGESIZE);
  char *page = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (page == MAP_FAILED)
    return;

  *(volatile char *) page = 1;
  mprotect (page, size, PROT_READ);
  munmap (page, size);
}

/* A process registers once; the child of a fork may have to do it again. */
void
qnet_heavy_fence (void)
{
  if (membarrier (MEMBARRIER_CMD_PRIVATE_EXPEDITED))
    return;

  if (!register_for_membarrier () || !membarrier (MEMBARRIER_CMD_PRIVATE_EXPEDITED))
    fence_by_page ();
}

void
qnet_prepare_fence (void)
{
  if (!QNET_LIGHT_FENCE_IS_FREE)
    __atomic_store_n (&qnet_has_membarrier, register_for_membarrier (), __ATOMIC_RELAXED);
}

#else

void
qnet_heavy_fence (void)
{
  __atomic_thread_fence (__ATOMIC_SEQ_CST);
}

void
qnet_prepare_fence (void)
{
}

#endif
