/* qnet-incoming.c: an accepted descriptor until a socket takes it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-incoming-private.h"

#include <sys/stat.h>

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
