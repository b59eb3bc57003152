/* qnet-socks5-wire-private.h: addresses and datagrams as SOCKS5 writes them (RFC 1928)
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

/* The longest address: ATYP, a length, 255 bytes of a name, the port. */
#define QNET_SOCKS5_MAX_ADDRESS (1 + 1 + 255 + 2)

/* Before each datagram, section 7: RSV, FRAG, and the address. */
#define QNET_SOCKS5_MAX_HEADER (2 + 1 + QNET_SOCKS5_MAX_ADDRESS)

/* Appends @address, or else @host (at most 255 bytes), and @port. Any is 0.0.0.0. */
void     qnet_socks5_append_address (GByteArray             *array,
                                     const QnetHostAddress  *address,  /* (nullable) */
                                     const char             *host,     /* (nullable) */
                                     guint16                 port);

/* The size of the address that begins with @data, of which two bytes are there; 0: it is of no known
 * type. */
gsize    qnet_socks5_address_size   (const guint8           *data);

/* Reads an address of which all is there. NULL: it is a name. */
QnetHostAddress *qnet_socks5_read_address (const guint8     *data,
                                           guint16          *out_port);

/* Gives the size of the header of a datagram from a relay, and who has sent it; 0: it is a fragment,
 * or no datagram of SOCKS5 at all. */
gsize    qnet_socks5_read_datagram  (const guint8           *data,
                                     gsize                   length,
                                     QnetHostAddress       **out_sender,  /* (nullable): NULL for a name */
                                     guint16                *out_port);

G_END_DECLS
