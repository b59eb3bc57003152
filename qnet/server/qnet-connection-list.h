/* qnet-connection-list.h: the live connections of a server, as a list model
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-version.h"

G_BEGIN_DECLS

#define QNET_TYPE_CONNECTION_LIST (qnet_connection_list_get_type ())

QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetConnectionList, qnet_connection_list, QNET, CONNECTION_LIST, GObject)

G_END_DECLS
