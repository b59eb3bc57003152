/* qnet-reconnector.h: keeps a socket connected
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
#include "qnet-socket.h"
#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_RECONNECTOR (qnet_reconnector_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetReconnector, qnet_reconnector, QNET, RECONNECTOR, GObject)

QNET_AVAILABLE_IN_1_0
QnetReconnector      *qnet_reconnector_new                 (QnetSocket         *socket,
                                                            GSocketConnectable *connectable)
                                                           G_GNUC_WARN_UNUSED_RESULT;

QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_add_connectable     (QnetReconnector    *self,
                                                            GSocketConnectable *connectable);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_add_host            (QnetReconnector    *self,
                                                            const char         *host,
                                                            guint16             port);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_add_service         (QnetReconnector    *self,
                                                            const char         *service,
                                                            const char         *domain);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_add_server          (QnetReconnector    *self,
                                                            const char         *name);

QNET_AVAILABLE_IN_1_0
QnetSocket           *qnet_reconnector_get_socket          (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
QnetReconnectorState  qnet_reconnector_get_state           (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
const GError         *qnet_reconnector_get_error           (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_get_n_attempts      (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_get_time_left       (QnetReconnector    *self);

QNET_AVAILABLE_IN_1_0
gboolean              qnet_reconnector_get_encrypted       (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_set_encrypted       (QnetReconnector    *self,
                                                            gboolean            encrypted);
QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_get_min_delay       (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_set_min_delay       (QnetReconnector    *self,
                                                            int                 msecs);
QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_get_max_delay       (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_set_max_delay       (QnetReconnector    *self,
                                                            int                 msecs);
QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_get_max_attempts    (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_set_max_attempts    (QnetReconnector    *self,
                                                            int                 max_attempts);
QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_get_stable_time     (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_set_stable_time     (QnetReconnector    *self,
                                                            int                 msecs);
QNET_AVAILABLE_IN_1_0
GNetworkMonitor      *qnet_reconnector_get_network_monitor (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_set_network_monitor (QnetReconnector    *self,
                                                            GNetworkMonitor    *monitor);

QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_start               (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_stop                (QnetReconnector    *self);

QNET_AVAILABLE_IN_1_0
int                   qnet_reconnector_hold                (QnetReconnector    *self);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_resume              (QnetReconnector    *self,
                                                            int                 hold);
QNET_AVAILABLE_IN_1_0
void                  qnet_reconnector_fail                (QnetReconnector    *self,
                                                            int                 hold,
                                                            const GError       *error);

QNET_AVAILABLE_IN_1_0
void     qnet_reconnector_await_connected_async  (QnetReconnector      *self,
                                                  int                   io_priority,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
QNET_AVAILABLE_IN_1_0
gboolean qnet_reconnector_await_connected_finish (QnetReconnector      *self,
                                                  GAsyncResult         *result,
                                                  GError              **error);

G_END_DECLS
