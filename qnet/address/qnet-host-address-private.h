/* qnet-host-address-private.h: what the files of QnetHostAddress share, and struct sockaddr
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "qnet-host-address.h"

G_BEGIN_DECLS

#define QNET_HOST_ADDRESS_N_BYTES     16

/* The offset of an IPv4 address in the 16 bytes. */
#define QNET_HOST_ADDRESS_IPV4_OFFSET 12

QnetHostAddress *qnet_host_address_new_ipv4_bytes (const guint8 *bytes) G_GNUC_WARN_UNUSED_RESULT;
QnetHostAddress *qnet_host_address_new_scoped     (const guint8 *bytes,
                                                   char         *scope_id)  /* (transfer full)
                                                                             * (nullable) */
                                                  G_GNUC_WARN_UNUSED_RESULT;

/* The address as the 16 bytes of an IPv6 address; an IPv4 address is v4-mapped, Null and Any are
 * zeros. */
const guint8    *qnet_host_address_peek_bytes    (const QnetHostAddress         *self);

/* Returns whether the first @n_bits bits of two addresses are equal. */
gboolean         qnet_address_bits_equal         (const guint8                  *bytes,
                                                  const guint8                  *other,
                                                  guint                          n_bits);

/* The number of leading ones in a network mask of @n_bits bits, -1 if a one follows a zero. */
int              qnet_address_mask_length        (const guint8                  *bytes,
                                                  int                            n_bits);

/* Fills @storage with a struct sockaddr_in or sockaddr_in6 and returns its size; 0 for Null and for
 * a scope that names no interface. Any (dual stack) becomes in6addr_any. */
socklen_t        qnet_host_address_to_native     (const QnetHostAddress         *self,
                                                  guint16                        port,
                                                  struct sockaddr_storage       *storage);

/* The address in @storage, Null when it is neither AF_INET nor AF_INET6; its port in @out_port
 * (optional). With @unmap, v4-mapped addresses (of peers of a dual-stack listener) become IPv4. */
QnetHostAddress *qnet_host_address_take_native   (const struct sockaddr_storage *storage,
                                                  gboolean                       unmap,
                                                  guint16                       *out_port);

/* Gets the index of the network interface for @scope_id, a name, a number or NULL; 0 for NULL.
 * FALSE for the name of an interface that does not exist. */
gboolean         qnet_scope_id_to_index          (const char                    *scope_id,
                                                  guint32                       *out_index);

/* The IPv4 address for a v4-mapped address, @self for any other. (transfer full) */
QnetHostAddress *qnet_host_address_unmap         (QnetHostAddress               *self);

/* Sets @error for a system call that failed on @self with @error_number. @what is the first half of
 * the message ("Could not bind to 127.0.0.1 port 80"). The reason is that of the system, except
 * where it does not help, such as EINVAL for a link-local address without a scope. */
void             qnet_set_error_for_address      (GError                       **error,
                                                  int                            error_number,
                                                  const QnetHostAddress         *self,
                                                  const char                    *what);

/* The name of the interface for @scope_id, its index if it has no name, or a copy of @scope_id if
 * there is no such interface. */
char            *qnet_scope_id_normalize         (const char                    *scope_id)
                                                 G_GNUC_WARN_UNUSED_RESULT;

/* "127.0.0.1 port 80", "[::1] port 80": an end point in error messages. */
char            *qnet_host_address_to_display    (const QnetHostAddress         *self,
                                                  guint16                        port);

G_END_DECLS
