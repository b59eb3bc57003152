/* qnet-udp-socket-private.h: what the parts of QnetUdpSocket share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "address/qnet-known-addresses-private.h"
#include "engine/qnet-channel-private.h"
#include "socket/qnet-datagram-relay-private.h"

#include "qnet-udp-socket.h"

G_BEGIN_DECLS

/* No datagram is larger, whatever it says in its header. */
#define QNET_DATAGRAM_MAX 65535

/* What one system call moves at most. */
#define QNET_DATAGRAM_BATCH 32

/* Of the datagrams of late, so that the address of who writes often is not made anew. */
typedef struct
{
  QnetKnownAddresses senders;
  QnetKnownAddresses destinations;  /* as a rule addresses of this machine */
} QnetDatagramEnds;

typedef struct
{
  QnetDatagramEnds *ends;                 /* (owned) (nullable): NULL until one was received */
  char             *multicast_interface;  /* (owned) (nullable): of the descriptor */
  QnetHostAddress  *kept_sender;          /* (owned) (nullable): of what keep() has put into the read buffer; NULL: the peer */
  guint16           kept_port;

  /* Of the descriptor that came with @serial, in @state; see qnet_udp_socket_look_at_descriptor(). */
  guint             serial;
  QnetSocketState   state;
  int               family;               /* AF_INET or AF_INET6 */
  union {
    sa_family_t         family;           /* AF_UNSPEC: it is not connected */
    struct sockaddr_in  in;
    struct sockaddr_in6 in6;
  } peer;                                 /* or the relay */
} QnetUdpSocketPrivate;

/* qnet-udp-socket.c */
QnetUdpSocketPrivate *qnet_udp_socket_get_private        (QnetUdpSocket            *self);
QnetChannel          *qnet_udp_socket_get_channel        (QnetUdpSocket            *self);
QnetDatagramRelay    *qnet_udp_socket_get_relay          (QnetUdpSocket            *self);  /* (nullable): NULL without a proxy */
/* Makes what is known of the descriptor right for the one there is now; there has to be one. */
QnetUdpSocketPrivate *qnet_udp_socket_look_at_descriptor (QnetUdpSocket            *self);

/* qnet-udp-socket-receiving.c */

/* The next datagram. A failure goes to @error alone, and is TEMPORARY when there is none. */
QnetNetworkDatagram  *qnet_udp_socket_take_datagram      (QnetUdpSocket            *self,
                                                          gssize                    max_size,
                                                          GError                  **error);
/* Hooks of QnetIODevice */
void                  qnet_udp_socket_pull               (QnetIODevice             *device);
gssize                qnet_udp_socket_get_pending        (QnetIODevice             *device);
void                  qnet_udp_socket_forget_ends        (QnetUdpSocket            *self);

/* qnet-udp-socket-sending.c */

/* FALSE unless @error_number, which a call to the kernel has failed with, is about an earlier datagram to the peer. */
gboolean              qnet_udp_socket_set_delivery_error (QnetUdpSocket            *self,
                                                          GError                  **error,
                                                          int                       error_number);
/* The size, or -1 with @error alone set, TEMPORARY where there is no room now. */
gssize                qnet_udp_socket_send_datagram      (QnetUdpSocket             *self,
                                                          const QnetNetworkDatagram *datagram,
                                                          GError                   **error);
/* A vfunc of QnetIODevice */
gboolean              qnet_udp_socket_write_data         (QnetIODevice             *device,
                                                          const guint8             *data,
                                                          gsize                     size,
                                                          GError                  **error);

G_END_DECLS
