/* qnet-datagram-message-private.h: a datagram in the form of recvmsg() and sendmsg()
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include "address/qnet-known-addresses-private.h"

#include "qnet-network-datagram.h"

G_BEGIN_DECLS

/* More than Linux returns: the addresses and hop limits of both families. */
#define QNET_MESSAGE_CONTROL_SIZE 192

/* What a struct msghdr points to. */
typedef struct
{
  struct sockaddr_storage address;
  struct iovec            vector;
  union
  {
    struct cmsghdr        align;
    char                  bytes[QNET_MESSAGE_CONTROL_SIZE];
  } control;
} QnetMessage;

/* Sets up @out_header to receive into @buffer. */
void     qnet_message_prepare (QnetMessage         *message,
                               struct msghdr       *out_header,
                               void                *buffer,
                               gsize                size);

/* Sets all fields of @datagram from what was received, except the data and the sender. */
void     qnet_message_parse   (struct msghdr       *header,
                               QnetKnownAddresses  *destinations,
                               QnetNetworkDatagram *datagram);

/* Sets up @out_header to send @datagram, which must outlive it, from a descriptor of @family. The
 * destination is not set. FALSE if the sender is of another family than the one used to send. */
gboolean qnet_message_fill    (QnetMessage               *message,
                               struct msghdr             *out_header,
                               const QnetNetworkDatagram *datagram,
                               int                        family);

/* Converts an address for a descriptor of @family: for IPv6, IPv4 becomes v4-mapped; for IPv4,
 * v4-mapped becomes IPv4 and Any becomes 0.0.0.0. Returns the size, or 0 if there is no such
 * form. */
socklen_t qnet_message_to_native (const QnetHostAddress   *address,
                                  guint16                  port,
                                  int                      family,
                                  struct sockaddr_storage *out_native);

/* Whether @native is an IPv4 address, v4-mapped or not. */
gboolean  qnet_message_is_ipv4   (const struct sockaddr_storage *native);

G_END_DECLS
