/* qnet-transport-fd.c: bytes over a socket of the kernel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-transport-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"

static gssize
failed (const char  *what,
        GError     **error)
{
  if (errno == EAGAIN)
    return QNET_TRANSPORT_WOULD_BLOCK;

  qnet_set_error_from_errno (error, errno, "%s", what);
  return QNET_TRANSPORT_FAILED;
}

gssize
qnet_transport_fd_read_failed (GError **error)
{
  return failed (_("Could not read"), error);
}

gssize
qnet_transport_fd_write_failed (GError **error)
{
  return failed (_("Could not write"), error);
}

gssize
qnet_transport_fd_read (QnetTransport  *transport,
                        void           *buffer,
                        gsize           size,
                        GError        **error)
{
  gssize n = qnet_sys_recv (transport->fd, buffer, size);

  return G_LIKELY (n >= 0) ? n : qnet_transport_fd_read_failed (error);
}

gssize
qnet_transport_fd_write (QnetTransport       *transport,
                         const struct iovec  *vectors,
                         int                  n_vectors,
                         GError             **error)
{
  gssize n = qnet_sys_send (transport->fd, vectors, n_vectors);

  return G_LIKELY (n >= 0) ? n : qnet_transport_fd_write_failed (error);
}

gssize
qnet_transport_fd_shutdown_write (QnetTransport  *transport,
                                  GError        **error)
{
  if (qnet_sys_shutdown (transport->fd, SHUT_WR) == 0)
    return 0;

  qnet_set_error_from_errno (error, errno, _("Could not shut down the write side"));
  return QNET_TRANSPORT_FAILED;
}

/* Closing does not notify the peer while another process has the descriptor as well: a forked child
 * needs no special handling. */
static void
transport_fd_close (QnetTransport *transport,
                    gboolean       is_forked)
{
  qnet_clear_fd (&transport->fd);
}

static const QnetTransportFuncs transport_fd_funcs = {
  .read           = qnet_transport_fd_read,
  .write          = qnet_transport_fd_write,
  .shutdown_write = qnet_transport_fd_shutdown_write,
  .close          = transport_fd_close,
};

void
qnet_transport_init_fd (QnetTransport *transport,
                        int            fd)
{
  *transport = (QnetTransport) { .funcs = &transport_fd_funcs, .fd = fd };
}

/* None */

static gssize
transport_none_read (QnetTransport  *transport,
                     void           *buffer,
                     gsize           size,
                     GError        **error)
{
  return 0;
}

static gssize
transport_none_write (QnetTransport       *transport,
                      const struct iovec  *vectors,
                      int                  n_vectors,
                      GError             **error)
{
  errno = EPIPE;

  return qnet_transport_fd_write_failed (error);
}

static gssize
transport_none_shutdown_write (QnetTransport  *transport,
                               GError        **error)
{
  return 0;
}

static void
transport_none_close (QnetTransport *transport,
                      gboolean       is_forked)
{
}

static const QnetTransportFuncs transport_none_funcs = {
  .read           = transport_none_read,
  .write          = transport_none_write,
  .shutdown_write = transport_none_shutdown_write,
  .close          = transport_none_close,
};

void
qnet_transport_init_none (QnetTransport *transport)
{
  *transport = (QnetTransport) { .funcs = &transport_none_funcs, .fd = -1 };
}
