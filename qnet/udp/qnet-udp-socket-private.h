/* qnet-udp-socket-private.h: what the parts of QnetUdpSocket share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "address/qnet-known-addresses-private.h"
#include "channel/qnet-channel-private.h"
#include "connection/qnet-datagram-message-private.h"
#include "connection/qnet-datagram-relay-private.h"

#include "qnet-udp-socket.h"

G_BEGIN_DECLS

/* No datagram is larger, whatever its header contains. */
#define QNET_DATAGRAM_MAX 65535

/* How many datagrams one system call receives or sends. */
#define QNET_DATAGRAM_BATCH 32

/* How many datagrams one call drops before it fails as if there were none. The rest is reported in
 * the next iteration of the loop, so that a flood of such datagrams does not keep other sources
 * from being dispatched. */
#define QNET_DATAGRAM_MAX_DROPPED 64

/* The addresses of recent datagrams, so that those of frequent peers are not allocated again. */
typedef struct
{
  QnetKnownAddresses senders;
  QnetKnownAddresses destinations;  /* usually addresses of this machine */
} QnetDatagramAddresses;

typedef struct
{
  QnetDatagramAddresses *addresses;            /* (owned) (nullable): made on demand */
  char                  *multicast_interface;  /* (owned) (nullable): of the descriptor */
  QnetHostAddress       *buffered_sender;      /* (owned) (nullable): NULL: the peer */
  guint16                buffered_port;        /* of the datagram in the read buffer */

  /* Of the descriptor of @serial, in the state @known_in; see qnet_udp_socket_inspect_fd(). */
  guint                  serial;
  guint                  known_in;
  int                    family;               /* AF_INET or AF_INET6 */
  union {
    sa_family_t          family;               /* AF_UNSPEC if not connected */
    struct sockaddr_in   in;
    struct sockaddr_in6  in6;
  } peer;                                      /* or the relay */
} QnetUdpSocketPrivate;

typedef struct
{
  const guint8    *data;    /* in the scratch buffer */
  gsize            size;
  QnetHostAddress *sender;  /* (owned) */
  guint16          port;
} QnetRelayedDatagram;

/* qnet-udp-socket.c */
QnetUdpSocketPrivate *qnet_udp_socket_get_private (QnetUdpSocket *self);
QnetChannel *qnet_udp_socket_get_channel (QnetUdpSocket *self);
/* (nullable): NULL without a proxy */
QnetDatagramRelay *qnet_udp_socket_get_relay (QnetUdpSocket *self);
/* Updates what is known of the descriptor; there has to be one. */
QnetUdpSocketPrivate *qnet_udp_socket_inspect_fd (QnetUdpSocket *self);

/* Both families have it in the same place. */
static inline guint16
qnet_udp_get_port (const struct sockaddr_storage *native)
{
  return g_ntohs (((const struct sockaddr_in *) native)->sin_port);
}

/* qnet-udp-socket-receiving.c: receiving single datagrams */

/* A buffer of this thread's, valid until the next call. */
guint8 *qnet_udp_get_scratch (gsize size);
/* The next datagram. A failure is only set in @error, and is TEMPORARY when there is none. */
QnetNetworkDatagram *qnet_udp_socket_take_datagram (QnetUdpSocket  *self,
                                                    gsize           max_size,
                                                    GError        **error);
/* As qnet_sys_recvfrom(), for the next datagram of the peer, where there is one. */
gssize qnet_udp_socket_receive_from (QnetUdpSocket           *self,
                                     void                    *buffer,
                                     gsize                    size,
                                     int                      flags,
                                     struct sockaddr_storage *out_sender);
/* The datagram that was received as @message, of @size bytes; counts it. */
QnetNetworkDatagram *qnet_udp_socket_make_datagram (QnetUdpSocket     *self,
                                                    const QnetMessage *message,
                                                    struct msghdr     *header,
                                                    gsize              size,
                                                    guint16            local_port)
                                                   G_GNUC_WARN_UNUSED_RESULT;
/* Whether @sender is the peer; TRUE on a socket without one. */
gboolean qnet_udp_socket_is_from_peer (QnetUdpSocket                 *self,
                                       const struct sockaddr_storage *sender);
/* Takes @address. */
void qnet_udp_set_sender (QnetNetworkDatagram *datagram,
                          QnetHostAddress     *address,
                          guint16              port);
QnetHostAddress *qnet_udp_socket_get_sender (QnetUdpSocket                 *self,
                                             const struct sockaddr_storage *native)
                                            G_GNUC_WARN_UNUSED_RESULT;
guint16 qnet_udp_socket_get_own_port (QnetUdpSocket *self);
void qnet_udp_socket_note_received (QnetUdpSocket *self,
                                    gsize          size);
void qnet_udp_socket_forget_addresses (QnetUdpSocket *self);
/* To be called before a datagram is received. FALSE: the socket is neither bound nor connected. */
gboolean qnet_udp_socket_begin_receiving (QnetUdpSocket  *self,
                                          GError        **error);
/* The error of errno. */
void qnet_udp_socket_set_receive_error (QnetUdpSocket  *self,
                                        GError        **error);
/* Takes @reason: it becomes *@error, and, unless it is TEMPORARY, the property. */
void qnet_udp_socket_fail_receiving (QnetUdpSocket  *self,
                                     GError         *reason,
                                     GError        **error);

/* qnet-udp-socket-buffered.c: the datagram in the read buffer */

gsize qnet_udp_socket_get_buffered_size (QnetUdpSocket *self);
QnetNetworkDatagram *qnet_udp_socket_take_buffered (QnetUdpSocket *self,
                                                    gsize          max_size)
                                                   G_GNUC_WARN_UNUSED_RESULT;
/* Returns how many bytes were copied. */
gsize qnet_udp_socket_read_buffered (QnetUdpSocket    *self,
                                     void             *buffer,
                                     gsize             size,
                                     QnetHostAddress **address,
                                     guint16          *port,
                                     gsize            *whole_size);
/* Removes a datagram from the kernel's queue, if a call with @flags has only peeked at it. TRUE if
 * another process has taken it meanwhile, so that the one after it was removed, and is in the read
 * buffer now. */
gboolean qnet_udp_socket_drop_peeked (QnetUdpSocket *self,
                                      int            flags);
/* Virtual functions of QnetIODevice */
void qnet_udp_socket_pull (QnetIODevice *device);
gssize qnet_udp_socket_get_pending (QnetIODevice *device);

/* qnet-udp-socket-relayed.c: receiving datagrams through a relay */

/* FALSE: @data is not a datagram of the relay. */
gboolean qnet_udp_socket_parse_relayed (QnetUdpSocket       *self,
                                        const guint8        *data,
                                        gsize                size,
                                        QnetRelayedDatagram *out_relayed);
/* The next one; other datagrams are dropped, and counted in @n_dropped. FALSE with errno set. */
gboolean qnet_udp_socket_receive_relayed (QnetUdpSocket       *self,
                                          int                  flags,
                                          guint               *n_dropped,
                                          QnetRelayedDatagram *out_relayed);
QnetNetworkDatagram *qnet_udp_socket_take_relayed (QnetUdpSocket  *self,
                                                   gsize           limit,
                                                   guint          *n_dropped,
                                                   GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* The whole size, or -1 with errno set. @buffer may be the scratch buffer. */
gssize qnet_udp_socket_read_relayed (QnetUdpSocket    *self,
                                     void             *buffer,
                                     gsize             size,
                                     QnetHostAddress **out_sender,  /* (transfer full) (optional) */
                                     guint16          *out_port);   /* (optional) */

/* qnet-udp-socket-sending.c: sending single datagrams */

/* The size, or -1 with only @error set, TEMPORARY if there is no room now. */
gssize qnet_udp_socket_send_datagram (QnetUdpSocket              *self,
                                      const QnetNetworkDatagram  *datagram,
                                      GError                    **error);
/* Whether @datagram can be sent; may bind the socket. */
gboolean qnet_udp_socket_check_datagram (QnetUdpSocket              *self,
                                         const QnetNetworkDatagram  *datagram,
                                         GError                    **error);
/* For a datagram that was checked. */
gboolean qnet_udp_socket_fill_message (QnetUdpSocket              *self,
                                       QnetMessage                *message,
                                       struct msghdr              *out_header,
                                       const QnetNetworkDatagram  *datagram,
                                       GError                    **error);
/* Takes @reason, as qnet_udp_socket_fail_receiving() does. Returns -1. */
gssize qnet_udp_socket_fail_sending (QnetUdpSocket  *self,
                                     GError         *reason,
                                     GError        **error);
guint16 qnet_udp_get_destination_port (const QnetNetworkDatagram *datagram);
/* A private virtual function of QnetIODevice */
gboolean qnet_udp_socket_send (QnetIODevice  *device,
                               const guint8  *data,
                               gsize          size,
                               GError       **error);

/* qnet-udp-socket-send-errors.c: the errors of sending datagrams */

/* FALSE unless @error_number, with which a system call has failed, concerns an earlier datagram to
 * the peer. */
gboolean qnet_udp_socket_set_delivery_error (QnetUdpSocket  *self,
                                             GError        **error,
                                             int             error_number);
/* Sending to @address, or to the peer where that is Null. */
void qnet_udp_socket_set_send_error (QnetUdpSocket    *self,
                                     GError          **error,
                                     int               error_number,
                                     QnetHostAddress  *address,
                                     guint16           port);
void qnet_udp_socket_set_datagram_error (QnetUdpSocket              *self,
                                         GError                    **error,
                                         int                         error_number,
                                         const QnetNetworkDatagram  *datagram);
/* The sender of @datagram is of another family than its destination. */
void qnet_udp_socket_set_sender_error (GError                    **error,
                                       const QnetNetworkDatagram  *datagram,
                                       const char                 *to);
/* Whether there is a network interface of that number. */
gboolean qnet_udp_is_interface (guint interface_index);
/* @address, or the peer where that is Null. */
char *qnet_udp_socket_describe_target (QnetUdpSocket         *self,
                                       const QnetHostAddress *address,
                                       guint16                port) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
