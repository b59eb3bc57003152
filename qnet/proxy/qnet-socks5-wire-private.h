/* qnet-socks5-wire-private.h: the wire format of SOCKS5 addresses and datagrams (RFC 1928)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-host-address.h"

G_BEGIN_DECLS

#define QNET_SOCKS5_VERSION 5

/* ATYP, section 5 */
#define QNET_SOCKS5_IPV4 1
#define QNET_SOCKS5_NAME 3
#define QNET_SOCKS5_IPV6 4

/* The maximum size of an address: ATYP, a length, a name of 255 bytes, and the port. */
#define QNET_SOCKS5_MAX_ADDRESS (1 + 1 + 255 + 2)

/* The maximum size of the header of a datagram, section 7: RSV, FRAG and the address. */
#define QNET_SOCKS5_MAX_HEADER (2 + 1 + QNET_SOCKS5_MAX_ADDRESS)

/* Appends @address or, if it is NULL, @host (at most 255 bytes), and @port. Any becomes 0.0.0.0. */
void     qnet_socks5_append_address (GByteArray             *array,
                                     const QnetHostAddress  *address,  /* (nullable) */
                                     const char             *host,     /* (nullable) */
                                     guint16                 port);

/* The size of the address that starts at @data, of which at least two bytes have to be there; 0 if
 * its type is unknown. */
gsize    qnet_socks5_address_size   (const guint8           *data);

/* Reads a complete address. Returns NULL if it is a name. (transfer full) (nullable) */
QnetHostAddress *qnet_socks5_read_address (const guint8     *data,
                                           guint16          *out_port);

/* Reads the header of a datagram from a relay. Returns its size, and the sender in @out_sender
 * (transfer full) (nullable: a name) and @out_port. Returns 0 if it is a fragment or malformed. */
gsize    qnet_socks5_read_datagram  (const guint8           *data,
                                     gsize                   length,
                                     QnetHostAddress       **out_sender,
                                     guint16                *out_port);

G_END_DECLS
