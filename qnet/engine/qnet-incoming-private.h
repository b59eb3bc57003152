/* qnet-incoming-private.h: a descriptor that was just accepted, while it finds its socket
 *
 * An override of incoming_connection() gets the descriptor of a new connection as a plain number, and may make a socket of it,
 * pass it on, close it, or fail. A socket that takes a descriptor marks it as taken here, and finds the address that accept()
 * has returned with it.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetIncoming QnetIncoming;

struct _QnetIncoming
{
  QnetIncoming            *outer;       /* (nullable): that of the handler whose nested loop accepted this one */
  const struct sockaddr   *peer;        /* (not owned) (nullable): the address that accept() has given */
  socklen_t                peer_size;
  int                      fd;
  dev_t                    device;      /* together with @inode: which socket @fd was; zero where nobody can have closed it */
  ino_t                    inode;
  gboolean                 is_taken;    /* by a socket, or it was closed */
  gboolean                 is_refused;
};

/* From now on to end() in this thread: @incoming is on the stack of the caller. */
void                qnet_incoming_begin  (QnetIncoming *incoming);
void                qnet_incoming_end    (QnetIncoming *incoming);

/* Of this thread, taken or not (nullable). */
const QnetIncoming *qnet_incoming_find   (int           fd);

/* A socket has taken @fd, whether it has just been accepted or not. */
void                qnet_incoming_take   (int           fd);

/* Closes @fd, unless it was taken or closed meanwhile. */
void                qnet_incoming_refuse (int           fd);

G_END_DECLS
