/* qnet-proxy-header.h: the header of the PROXY protocol
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <glib-object.h>

#include "qnet-enums.h"
#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_PROXY_HEADER (qnet_proxy_header_get_type ())

typedef struct _QnetProxyHeader QnetProxyHeader;

QNET_AVAILABLE_IN_1_0
GType            qnet_proxy_header_get_type             (void);

QNET_AVAILABLE_IN_1_0
QnetProxyHeader *qnet_proxy_header_new                  (QnetHostAddress        *source,
                                                         guint16                 source_port,
                                                         QnetHostAddress        *destination,
                                                         guint16                 destination_port,
                                                         GError                **error)
                 G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetProxyHeader *qnet_proxy_header_new_local            (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetProxyHeader *qnet_proxy_header_new_from_bytes       (GBytes                 *bytes,
                                                         GError                **error)
                 G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetProxyHeader *qnet_proxy_header_with_field           (const QnetProxyHeader  *self,
                                                         int                     field,
                                                         GBytes                 *value,
                                                         GError                **error)
                 G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetProxyHeader *qnet_proxy_header_ref                  (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
void             qnet_proxy_header_unref                (QnetProxyHeader        *self);

QNET_AVAILABLE_IN_1_0
int              qnet_proxy_header_get_version          (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_proxy_header_is_local             (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_proxy_header_get_source           (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
guint16          qnet_proxy_header_get_source_port      (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
QnetHostAddress *qnet_proxy_header_get_destination      (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
guint16          qnet_proxy_header_get_destination_port (const QnetProxyHeader  *self);
QNET_AVAILABLE_IN_1_0
GBytes          *qnet_proxy_header_get_field            (const QnetProxyHeader  *self,
                                                         int                     field);
QNET_AVAILABLE_IN_1_0
GBytes          *qnet_proxy_header_to_bytes             (const QnetProxyHeader  *self,
                                                         int                     version)
                 G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetProxyHeader, qnet_proxy_header_unref)

G_END_DECLS
