/* qnet-host-info.h: the result of a host name lookup
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-host-address.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_HOST_INFO (qnet_host_info_get_type ())

typedef struct _QnetHostInfo QnetHostInfo;

QNET_AVAILABLE_IN_1_0
GType         qnet_host_info_get_type                (void);

QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_new                     (const char           *host_name,
                                                      GPtrArray            *addresses)
                                                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_new_from_inet_addresses (const char           *host_name,
                                                      GList                *inet_addresses)
                                                     G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_from_name               (const char           *name,
                                                      GCancellable         *cancellable,
                                                      GError              **error)
                                                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void          qnet_host_info_lookup_host_async       (const char           *name,
                                                      int                   io_priority,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_lookup_host_finish      (GAsyncResult         *result,
                                                      GError              **error)
                                                     G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_from_address            (QnetHostAddress      *address,
                                                      GCancellable         *cancellable,
                                                      GError              **error)
                                                     G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void          qnet_host_info_lookup_address_async    (QnetHostAddress      *address,
                                                      int                   io_priority,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_lookup_address_finish   (GAsyncResult         *result,
                                                      GError              **error)
                                                     G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
char         *qnet_host_info_local_host_name         (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
char         *qnet_host_info_local_domain_name       (void) G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
gboolean      qnet_host_info_get_cache_enabled       (void);
QNET_AVAILABLE_IN_1_0
void          qnet_host_info_set_cache_enabled       (gboolean              enabled);
QNET_AVAILABLE_IN_1_0
void          qnet_host_info_clear_cache             (void);
QNET_AVAILABLE_IN_1_0
void          qnet_host_info_set_time_to_live        (GInetAddress         *inet_address,
                                                      guint                 seconds);

QNET_AVAILABLE_IN_1_0
QnetHostInfo *qnet_host_info_ref                     (QnetHostInfo         *self);
QNET_AVAILABLE_IN_1_0
void          qnet_host_info_unref                   (QnetHostInfo         *self);

QNET_AVAILABLE_IN_1_0
const char   *qnet_host_info_get_host_name           (QnetHostInfo         *self);
QNET_AVAILABLE_IN_1_0
GPtrArray    *qnet_host_info_get_addresses           (QnetHostInfo         *self);
QNET_AVAILABLE_IN_1_0
GList        *qnet_host_info_to_inet_addresses       (QnetHostInfo         *self)
                                                     G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHostInfo, qnet_host_info_unref)

G_END_DECLS
