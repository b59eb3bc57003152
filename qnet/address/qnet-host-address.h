/* qnet-host-address.h: an IPv4 or IPv6 address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-enums.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_HOST_ADDRESS (qnet_host_address_get_type ())

typedef struct _QnetHostAddress QnetHostAddress;

QNET_AVAILABLE_IN_1_0
GType                    qnet_host_address_get_type (void);

QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_null (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_special (QnetSpecialAddress special)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_ipv4 (guint32 address)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_ipv6 (const guint8  *bytes,
                                                     gsize          length,
                                                     GError       **error)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_from_native (gconstpointer   native,
                                                            gsize           length,
                                                            GError        **error)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_from_inet_address (GInetAddress *address)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_new_from_socket_address (GSocketAddress  *address,
                                                                    GError         **error)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_from_string (const char *text)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_parse (const char  *text,
                                                  GError     **error)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_with_scope_id (const QnetHostAddress *self,
                                                          const char            *scope_id)
                         G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetHostAddress         *qnet_host_address_ref (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
void                     qnet_host_address_unref (QnetHostAddress *self);

QNET_AVAILABLE_IN_1_0
QnetNetworkLayerProtocol qnet_host_address_get_protocol (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
const char              *qnet_host_address_get_scope_id (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
char                    *qnet_host_address_to_string (const QnetHostAddress *self)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_to_ipv4 (const QnetHostAddress *self,
                                                    guint32               *address);
QNET_AVAILABLE_IN_1_0
guint8                  *qnet_host_address_to_ipv6 (const QnetHostAddress *self,
                                                    gsize                 *length)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GInetAddress            *qnet_host_address_to_inet_address (const QnetHostAddress *self)
                         G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
GSocketAddress          *qnet_host_address_to_socket_address (const QnetHostAddress *self,
                                                              guint16                port)
                         G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_equal (const QnetHostAddress *self,
                                                  const QnetHostAddress *other);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_equal_special (const QnetHostAddress *self,
                                                          QnetSpecialAddress     special);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_equal_full (const QnetHostAddress *self,
                                                       const QnetHostAddress *other,
                                                       QnetAddressConversion  conversion);
QNET_AVAILABLE_IN_1_0
int                      qnet_host_address_compare (const QnetHostAddress *self,
                                                    const QnetHostAddress *other);
QNET_AVAILABLE_IN_1_0
guint                    qnet_host_address_hash (const QnetHostAddress *self);

QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_null (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_loopback (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_multicast (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_broadcast (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_link_local (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_site_local (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_unique_local_unicast (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_private_use (const QnetHostAddress *self);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_global (const QnetHostAddress *self);

QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_is_in_subnet (const QnetHostAddress *self,
                                                         const QnetHostAddress *subnet,
                                                         int                    prefix_length);
QNET_AVAILABLE_IN_1_0
gboolean                 qnet_host_address_parse_subnet (const char       *text,
                                                         QnetHostAddress **address,
                                                         int              *prefix_length,
                                                         GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHostAddress, qnet_host_address_unref)

G_END_DECLS
