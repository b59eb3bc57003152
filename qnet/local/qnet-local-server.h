/* qnet-local-server.h: accepts connections from processes on this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include "qnet-local-socket.h"
#include "qnet-server.h"

G_BEGIN_DECLS

#define QNET_TYPE_LOCAL_SERVER (qnet_local_server_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (QnetLocalServer, qnet_local_server, QNET, LOCAL_SERVER, QnetServer)

struct _QnetLocalServerClass
{
  QnetServerClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

QNET_AVAILABLE_IN_1_0
QnetLocalServer *qnet_local_server_new                     (void) G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
gboolean         qnet_local_server_listen                  (QnetLocalServer  *self,
                                                            const char       *name,
                                                            GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_local_server_remove_server           (const char       *name,
                                                            GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean         qnet_local_server_remove_server_full      (const char       *name,
                                                            gboolean          force,
                                                            GError          **error);
QNET_AVAILABLE_IN_1_0
const char      *qnet_local_server_get_server_name         (QnetLocalServer  *self);
QNET_AVAILABLE_IN_1_0
const char      *qnet_local_server_get_full_server_name    (QnetLocalServer  *self);
QNET_AVAILABLE_IN_1_0
QnetLocalAccess  qnet_local_server_get_access              (QnetLocalServer  *self);
QNET_AVAILABLE_IN_1_0
void             qnet_local_server_set_access              (QnetLocalServer  *self,
                                                            QnetLocalAccess   access);
QNET_AVAILABLE_IN_1_0
int              qnet_local_server_get_fd_limit            (QnetLocalServer  *self);
QNET_AVAILABLE_IN_1_0
void             qnet_local_server_set_fd_limit            (QnetLocalServer  *self,
                                                            int               limit);
QNET_AVAILABLE_IN_1_0
QnetLocalSocket *qnet_local_server_next_pending_connection (QnetLocalServer  *self)
                                                           G_GNUC_WARN_UNUSED_RESULT;
QNET_AVAILABLE_IN_1_0
void             qnet_local_server_add_pending_connection  (QnetLocalServer  *self,
                                                            QnetLocalSocket  *connection);

G_END_DECLS
