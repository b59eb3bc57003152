/* qnet-transport-private.h: what moves the bytes of a channel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/uio.h>

#include <gio/gio.h>

#include "engine/qnet-reactor-private.h"

G_BEGIN_DECLS

typedef struct _QnetTransport      QnetTransport;
typedef struct _QnetTransportFuncs QnetTransportFuncs;

#define QNET_TRANSPORT_WOULD_BLOCK ((gssize) -1)
#define QNET_TRANSPORT_FAILED      ((gssize) -2)  /* with the error set */

/* The most that write () is given: IOV_MAX of Linux, so that what was written in one turn goes by one call, in however small
 * pieces. */
#define QNET_TRANSPORT_MAX_VECTORS 1024

struct _QnetTransportFuncs
{
  /* > 0 bytes, 0 the peer's orderly end, WOULD_BLOCK, FAILED */
  gssize   (*read)           (QnetTransport *transport, void *buffer, gsize size, GError **error);

  /* > 0 bytes (perhaps fewer than asked), WOULD_BLOCK, FAILED */
  gssize   (*write)          (QnetTransport *transport, const struct iovec *vectors, int n_vectors, GError **error);

  /* Tells the peer that no more will come: 0 done, WOULD_BLOCK: to be repeated once there is room to send, FAILED */
  gssize   (*shutdown_write) (QnetTransport *transport, GError **error);

  /* Releases what it owns, the descriptor included. In a forked child it only closes. */
  void     (*close)          (QnetTransport *transport, gboolean is_forked);

  /* Bytes may wait inside it while the descriptor is quiet, and a short read says nothing about the next: whoever stops before
   * WOULD_BLOCK has to come back by itself. */
  gboolean   holds_input;

  /* What was sent has arrived: closing loses none of it. */
  gboolean   is_local;
};

struct _QnetTransport
{
  const QnetTransportFuncs *funcs;  /* NULL while there is none */
  gpointer                  data;   /* of the stream transport */
  int                       fd;     /* (owned) the descriptor at the bottom, -1 when none */
  gboolean                  is_full;  /* there is no room for what comes besides bytes: it is not read before its owner has made some */
};

void qnet_transport_init_fd (QnetTransport *transport,
                             int            fd);  /* takes the descriptor; it is non-blocking already */

/* For transports that do nothing else most of the time. */
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
/* What to return after a call that has set errno. */
gssize qnet_transport_fd_read_failed    (GError             **error);
gssize qnet_transport_fd_write_failed   (GError             **error);

G_END_DECLS
