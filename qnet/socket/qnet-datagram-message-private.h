/* qnet-datagram-message-private.h: a datagram as recvmsg() and sendmsg() have it
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

/* More than Linux ever tells: both families' addresses and hop limits. */
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

/* Makes @out_header ready to receive into @buffer. */
void     qnet_message_prepare (QnetMessage         *message,
                               struct msghdr       *out_header,
                               void                *buffer,
                               gsize                size);

/* Takes what was received into @datagram, but for its data and its sender. */
void     qnet_message_parse   (struct msghdr       *header,
                               QnetKnownAddresses  *destinations,
                               QnetNetworkDatagram *datagram);

/* Makes @out_header ready to send @datagram, which has to live as long, from a descriptor of
 * @family. It has no destination yet. FALSE when its sender is of another family than it goes by. */
gboolean qnet_message_fill    (QnetMessage               *message,
                               struct msghdr             *out_header,
                               const QnetNetworkDatagram *datagram,
                               int                        family);

/* An address as a descriptor of @family takes it: IPv4 becomes v4-mapped for IPv6, and for IPv4
 * v4-mapped ones become IPv4 and Any becomes 0.0.0.0. The size, 0 when it has no such form. */
socklen_t qnet_message_to_native (const QnetHostAddress   *address,
                                  guint16                  port,
                                  int                      family,
                                  struct sockaddr_storage *out_native);

/* Whether that is an IPv4 address, be it v4-mapped. */
gboolean  qnet_message_is_ipv4   (const struct sockaddr_storage *native);

G_END_DECLS
