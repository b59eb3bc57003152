/* qnet-incoming-private.h: an accepted descriptor until a socket takes it
 *
 * An override of incoming_connection() receives the descriptor of a new connection as a number. It
 * may create a socket for it, pass it on, close it, or fail. A socket that takes a descriptor marks
 * it as taken here, and finds here the address that accept() returned with it.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include "qnet-proxy-header.h"

G_BEGIN_DECLS

typedef struct _QnetIncoming QnetIncoming;

struct _QnetIncoming
{
  QnetIncoming            *outer;       /* (nullable): that of the handler whose nested loop
                                         * accepted this one */
  const struct sockaddr   *peer;        /* (not owned) (nullable): as returned by accept(), or as
                                         * @header has it */
  socklen_t                peer_size;
  QnetProxyHeader         *header;      /* (not owned) (nullable): with which it began */
  const struct sockaddr   *proxy;       /* (not owned) (nullable): who has sent @header */
  socklen_t                proxy_size;
  int                      fd;
  dev_t                    device;      /* with @inode, identifies the socket of @fd; zero where
                                         * @fd cannot have been closed */
  ino_t                    inode;
  gboolean                 is_taken;    /* by a socket, or closed */
  gboolean                 is_refused;
};

/* @incoming is on the stack of the caller, and registered in this thread until end(). */
void                qnet_incoming_begin  (QnetIncoming *incoming);
void                qnet_incoming_end    (QnetIncoming *incoming);

/* (nullable): the one of this thread with @fd, taken or not. */
const QnetIncoming *qnet_incoming_find   (int           fd);

/* A socket has taken @fd, which need not be an accepted one. */
void                qnet_incoming_take   (int           fd);

/* For a header, which the socket that takes the descriptor has to find even if that is in another
 * thread, or later: copies @incoming, whose socket is identified. Forgotten once it was taken, or
 * when another one is kept for the same number. */
void                qnet_incoming_keep   (const QnetIncoming *incoming);
void                qnet_incoming_forget (const QnetIncoming *incoming);
/* (nullable) (transfer full): what was kept for @fd, which is forgotten; any thread */
QnetIncoming       *qnet_incoming_recall (int           fd) G_GNUC_WARN_UNUSED_RESULT;
void                qnet_incoming_free   (QnetIncoming *kept);

/* Closes @fd, unless it was taken or closed in the meantime. */
void                qnet_incoming_refuse (int           fd);

G_END_DECLS
