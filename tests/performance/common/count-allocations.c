/* count-allocations.c: counts the calls of malloc() and its family, where others can see it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* LD_PRELOAD=libcount-allocations.so COUNT_ALLOCATIONS=FILE G_SLICE=always-malloc PROGRAM
 *
 * FILE begins with a uint64_t. It is mapped: reading it has no side effect. */

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* glibc's own names for what is counted here */
void *__libc_malloc   (size_t size);
void *__libc_calloc   (size_t n, size_t size);
void *__libc_realloc  (void *block, size_t size);
void *__libc_memalign (size_t alignment, size_t size);

static _Atomic uint64_t before_start;
static _Atomic uint64_t *count = &before_start;

__attribute__ ((constructor)) static void
start (void)
{
  const char *path = getenv ("COUNT_ALLOCATIONS");
  int fd = path != NULL ? open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  void *page;

  if (fd < 0 || ftruncate (fd, sizeof *count) != 0)
    return;

  page = mmap (NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED)
    count = page;

  close (fd);
}

static void
add_one (void)
{
  atomic_fetch_add_explicit (count, 1, memory_order_relaxed);
}

void *
malloc (size_t size)
{
  add_one ();
  return __libc_malloc (size);
}

void *
calloc (size_t n,
        size_t size)
{
  add_one ();
  return __libc_calloc (n, size);
}

void *
realloc (void   *block,
         size_t  size)
{
  add_one ();
  return __libc_realloc (block, size);
}

void *
aligned_alloc (size_t alignment,
               size_t size)
{
  add_one ();
  return __libc_memalign (alignment, size);
}

int
posix_memalign (void   **block,
                size_t   alignment,
                size_t   size)
{
  add_one ();
  *block = __libc_memalign (alignment, size);

  return *block != NULL ? 0 : ENOMEM;
}
