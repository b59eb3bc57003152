/* qnet-transport-private.h: reads and writes the bytes of a channel
 *
 * A transport reads and writes the bytes of one connection without blocking: directly on the
 * descriptor, with file descriptors attached to the bytes, or encrypted. The channel uses only its
 * table of functions.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/uio.h>

#include <gio/gio.h>

#include "loop/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetTransport      QnetTransport;
typedef struct _QnetTransportFuncs QnetTransportFuncs;

#define QNET_TRANSPORT_WOULD_BLOCK ((gssize) -1)
#define QNET_TRANSPORT_FAILED      ((gssize) -2)  /* with the error set */

/* The most buffers of one write(): IOV_MAX of Linux, so that the bytes of one turn are sent by one
 * system call, however small the pieces. */
#define QNET_TRANSPORT_MAX_VECTORS 1024

struct _QnetTransportFuncs
{
  /* > 0 bytes, 0 the orderly end of the peer, WOULD_BLOCK, FAILED */
  gssize   (*read)           (QnetTransport *transport, void *buffer, gsize size, GError **error);

  /* > 0 bytes (perhaps fewer than asked), WOULD_BLOCK, FAILED */
  gssize   (*write)          (QnetTransport *transport, const struct iovec *vectors, int n_vectors,
                              GError **error);

  /* Sends the end of the stream: 0 done, WOULD_BLOCK: to be repeated when there is room, FAILED */
  gssize   (*shutdown_write) (QnetTransport *transport, GError **error);

  /* Releases everything it owns, including the descriptor. In a forked child it only closes. */
  void     (*close)          (QnetTransport *transport, gboolean is_forked);

  /* The transport may contain bytes while the descriptor reports none, and more may follow a short
   * read: a reader that stops before WOULD_BLOCK has to return by itself. */
  gboolean   holds_input;

  /* The sent bytes have arrived: closing loses none of them. */
  gboolean   is_local;
};

struct _QnetTransport
{
  const QnetTransportFuncs *funcs;  /* NULL while there is none */
  gpointer                  data;   /* of the stream transport */
  int                       fd;     /* (owned): the descriptor below it, -1 if there is none */
  /* no room for descriptors that arrive with bytes: not read before the owner has made room */
  gboolean                  is_full;
  QnetChunkPool            *pool;   /* (nullable): that of the channel, for queues inside it */
};

/* takes the descriptor, which is already non-blocking */
void qnet_transport_init_fd (QnetTransport *transport,
                             int            fd);

/* For a channel whose descriptor was closed elsewhere: no bytes arrive, and none can be sent. */
void qnet_transport_init_none (QnetTransport *transport);

/* For transports that need no implementation. */
gssize qnet_transport_fd_read           (QnetTransport       *transport,
                                         void                *buffer,
                                         gsize                size,
                                         GError             **error);
gssize qnet_transport_fd_write          (QnetTransport       *transport,
                                         const struct iovec  *vectors,
                                         int                  n_vectors,
                                         GError             **error);
gssize qnet_transport_fd_shutdown_write (QnetTransport       *transport,
                                         GError             **error);
/* The result after a call that has set errno. */
gssize qnet_transport_fd_read_failed    (GError             **error);
gssize qnet_transport_fd_write_failed   (GError             **error);

G_END_DECLS
