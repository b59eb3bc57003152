/* qnet-incoming.c: an accepted descriptor until a socket takes it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-incoming-private.h"

#include <string.h>
#include <sys/stat.h>

#include "base/qnet-container-private.h"
#include "base/qnet-syscall-private.h"

static GPrivate innermost = G_PRIVATE_INIT (NULL);

static QnetIncoming *
find_free (int fd)
{
  QnetIncoming *incoming = g_private_get (&innermost);

  while (incoming != NULL && (incoming->fd != fd || incoming->is_taken))
    incoming = incoming->outer;

  return incoming;
}

/* The number may belong to another file by now. */
static gboolean
is_still_open (const QnetIncoming *incoming)
{
  struct stat status;

  return incoming->inode == 0
         || (fstat (incoming->fd, &status) == 0
             && status.st_dev == incoming->device && status.st_ino == incoming->inode);
}

void
qnet_incoming_begin (QnetIncoming *incoming)
{
  incoming->outer = g_private_get (&innermost);
  g_private_set (&innermost, incoming);
}

void
qnet_incoming_end (QnetIncoming *incoming)
{
  g_assert (g_private_get (&innermost) == incoming);

  g_private_set (&innermost, incoming->outer);
}

const QnetIncoming *
qnet_incoming_find (int fd)
{
  const QnetIncoming *incoming = g_private_get (&innermost);

  while (incoming != NULL && incoming->fd != fd)
    incoming = incoming->outer;

  return incoming;
}

void
qnet_incoming_take (int fd)
{
  QnetIncoming *incoming = find_free (fd);

  if (incoming != NULL)
    incoming->is_taken = TRUE;
}

/* Kept ones */

typedef struct
{
  QnetIncoming            incoming;
  struct sockaddr_storage peer;
  struct sockaddr_storage proxy;
} Kept;

static GMutex lock;
static GHashTable *kept_by_fd;  /* (owned) (nullable): guint to Kept; with the lock */

static void
copy_address (const struct sockaddr  **address,
              socklen_t                size,
              struct sockaddr_storage *out_copy)
{
  if (*address == NULL)
    return;

  memcpy (out_copy, *address, MIN (size, sizeof *out_copy));
  *address = (const struct sockaddr *) out_copy;
}

void
qnet_incoming_keep (const QnetIncoming *incoming)
{
  Kept *kept = g_new0 (Kept, 1);

  kept->incoming = *incoming;
  qnet_proxy_header_ref (incoming->header);
  copy_address (&kept->incoming.peer, incoming->peer_size, &kept->peer);
  copy_address (&kept->incoming.proxy, incoming->proxy_size, &kept->proxy);

  g_mutex_lock (&lock);
  if (kept_by_fd == NULL)
    kept_by_fd = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) qnet_incoming_free);
  g_hash_table_replace (kept_by_fd, GINT_TO_POINTER (incoming->fd), kept);
  g_mutex_unlock (&lock);
}

/* Not one of another socket, which has got the same number since. */
void
qnet_incoming_forget (const QnetIncoming *incoming)
{
  const QnetIncoming *kept;

  g_mutex_lock (&lock);
  kept = kept_by_fd != NULL ? g_hash_table_lookup (kept_by_fd, GINT_TO_POINTER (incoming->fd))
                            : NULL;
  if (kept != NULL && kept->device == incoming->device && kept->inode == incoming->inode)
    g_hash_table_remove (kept_by_fd, GINT_TO_POINTER (incoming->fd));
  g_mutex_unlock (&lock);
}

QnetIncoming *
qnet_incoming_recall (int fd)
{
  gpointer kept = NULL;

  g_mutex_lock (&lock);
  if (kept_by_fd != NULL)
    g_hash_table_steal_extended (kept_by_fd, GINT_TO_POINTER (fd), NULL, &kept);
  g_mutex_unlock (&lock);

  if (kept == NULL || is_still_open (kept))
    return kept;

  qnet_incoming_free (kept);

  return NULL;
}

void
qnet_incoming_free (QnetIncoming *kept)
{
  qnet_proxy_header_unref (kept->header);
  g_free (CONTAINER_OF (kept, Kept, incoming));
}

void
qnet_incoming_refuse (int fd)
{
  QnetIncoming *incoming = find_free (fd);

  if (incoming == NULL || !is_still_open (incoming))
    return;

  incoming->is_taken = TRUE;
  incoming->is_refused = TRUE;
  qnet_sys_close (fd);
}
