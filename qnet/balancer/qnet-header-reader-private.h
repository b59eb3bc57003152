/* qnet-header-reader-private.h: reads the PROXY header that a connection begins with
 *
 * It reads an accepted descriptor until the header is complete, and not a byte more: what comes
 * next, TLS perhaps, is for the socket.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "loop/qnet-reactor-private.h"

#include "qnet-proxy-header.h"

G_BEGIN_DECLS

typedef struct _QnetHeaderReader      QnetHeaderReader;
typedef struct _QnetHeaderReaderFuncs QnetHeaderReaderFuncs;

/* Called from the reactor or from a wait, the last time that the reader is used. Each may do
 * anything. */
struct _QnetHeaderReaderFuncs
{
  /* The owner forgets the reader. */
  void (*ended)  (QnetHeaderReader      *reader,
                  gpointer               owner);
  /* Takes @fd, whose header has been read. */
  void (*done)   (gpointer               owner,
                  int                    fd,
                  const struct sockaddr *proxy,
                  socklen_t              proxy_size,
                  QnetProxyHeader       *header);
  /* @error is NULL if the proxy has closed or reset the connection before it sent anything, as a
   * check of health does; the function does not take it. */
  void (*failed) (gpointer               owner,
                  const struct sockaddr *proxy,
                  socklen_t              proxy_size,
                  const GError          *error);
};

/* Takes @fd, which accept() has returned with the address @proxy; reads for at most @timeout
 * milliseconds, 0: no limit. */
QnetHeaderReader *qnet_header_reader_new  (QnetWaitSet                 *set,
                                           const QnetHeaderReaderFuncs *funcs,
                                           gpointer                     owner,
                                           int                          fd,
                                           const struct sockaddr       *proxy,
                                           socklen_t                    proxy_size,
                                           int                          timeout)
                                          G_GNUC_WARN_UNUSED_RESULT;

/* Closes the descriptor. No function is called. */
void              qnet_header_reader_free (QnetHeaderReader            *reader);

G_END_DECLS
