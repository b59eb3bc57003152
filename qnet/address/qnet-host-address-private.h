/* qnet-host-address-private.h: addresses as the kernel wants them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "qnet-host-address.h"

G_BEGIN_DECLS

/* Where in the 16 bytes an IPv4 address begins. */
#define QNET_HOST_ADDRESS_IPV4_OFFSET 12

/* The address as the 16 bytes of an IPv6 address; an IPv4 address is v4-mapped, Null and Any are
 * zeros. */
const guint8    *qnet_host_address_peek_bytes    (const QnetHostAddress         *self);

/* Whether the first @n_bits bits of two addresses are the same. */
gboolean         qnet_address_bits_equal         (const guint8                  *bytes,
                                                  const guint8                  *other,
                                                  guint                          n_bits);

/* How many bits the mask sets, all of them in front of those that it does not; -1 when it is no
 * such mask. The bytes are those of an address of the family that has @n_bits bits. */
int              qnet_address_mask_length        (const guint8                  *bytes,
                                                  int                            n_bits);

/* Fills @storage with a struct sockaddr_in or sockaddr_in6 and gives its size, 0 when @self is
 * Null. Any (dual stack) becomes in6addr_any. An unknown scope name gives 0 as well. */
socklen_t        qnet_host_address_to_native     (const QnetHostAddress         *self,
                                                  guint16                        port,
                                                  struct sockaddr_storage       *storage);

/* The address in @storage, Null when it is neither AF_INET nor AF_INET6; its port in @out_port
 * (optional). v4-mapped addresses become IPv4 when @unmap is set (a dual-stack listener's
 * peers). */
QnetHostAddress *qnet_host_address_take_native   (const struct sockaddr_storage *storage,
                                                  gboolean                       unmap,
                                                  guint16                       *out_port);

/* The number of the network interface that @scope_id (nullable) names or is, 0 for none. FALSE when
 * there is no such thing. */
gboolean         qnet_scope_id_to_index          (const char                    *scope_id,
                                                  guint32                       *out_index);

/* (transfer full): the IPv4 address that a v4-mapped one means, and any other as it is. */
QnetHostAddress *qnet_host_address_unmap         (QnetHostAddress               *self);

/* That the system has refused @self, as @what says ("Could not bind to 127.0.0.1 port 80"), for @error_number: in words of
 * our own where those of the system do not help, such as EINVAL for a link-local address without a scope. */
void             qnet_set_error_for_address      (GError                       **error,
                                                  int                            error_number,
                                                  const QnetHostAddress         *self,
                                                  const char                    *what);

/* The name of the interface that @scope_id names or is, its number if it has no name, and otherwise what was
 * given. */
char            *qnet_scope_id_normalize         (const char                    *scope_id) G_GNUC_WARN_UNUSED_RESULT;

/* "127.0.0.1 port 80", "[::1] port 80": how error texts name an end point. */
char            *qnet_host_address_to_display    (const QnetHostAddress         *self,
                                                  guint16                        port);

G_END_DECLS
