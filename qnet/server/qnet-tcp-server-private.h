/* qnet-tcp-server-private.h: what the parts of QnetTcpServer share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "balancer/qnet-header-reader-private.h"
#include "server/qnet-server-private.h"

#include "qnet-tcp-server.h"

G_BEGIN_DECLS

/* Milliseconds: enough for a lost packet to be sent again, as the protocol asks for. */
#define QNET_PROXY_HEADER_TIMEOUT 5000

typedef struct
{
  QnetHostAddress *address;     /* (owned) (nullable): queried on demand */
  guint16          port;        /* valid while @address is set */
  gboolean         reuse_port;
  gboolean         keep_alive;
  gboolean         has_delay;   /* low-delay is off */
  QnetNetworkProxy *proxy;      /* (owned) (nullable): NULL for DEFAULT */
  QnetAddressFilter *trusted_proxies;       /* (owned) (nullable): they send a PROXY header */
  int                proxy_header_timeout;  /* milliseconds, 0: no limit */
  GQueue             readers;               /* of QnetHeaderReader (owned) */
} QnetTcpServerPrivate;

QnetTcpServerPrivate *qnet_tcp_server_get_private   (QnetTcpServer *self);

/* qnet-tcp-server-listening.c: sets the options that are for connections on @fd, a listening
 * descriptor or a connection. Connections inherit them, which saves system calls for each. */
void                  qnet_tcp_server_set_options   (QnetTcpServer *self,
                                                     int            fd);
/* They have changed. Those of a descriptor that was made elsewhere are kept until then. */
void                  qnet_tcp_server_change_options (QnetTcpServer *self);

/* qnet-tcp-server-headers.c */

void                  qnet_tcp_server_make_header_properties
                                                    (GParamSpec        **out_trusted,
                                                     GParamSpec        **out_timeout);
/* TRUE if @incoming was taken: its peer has to send a PROXY header first. */
gboolean              qnet_tcp_server_read_header   (QnetServer         *server,
                                                     const QnetIncoming *incoming);
/* Drops the connections whose header is being read. */
void                  qnet_tcp_server_drop_headers  (QnetServer         *server);

G_END_DECLS
