/* qnet-host-info-private.h: what the files of host information share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-enums.h"
#include "qnet-host-info.h"

G_BEGIN_DECLS

struct _QnetHostInfo
{
  gint       ref_count;  /* (atomic): a gint, for ThreadSanitizer */

  char      *host_name;  /* (owned): as it was passed to the lookup */
  GPtrArray *addresses;  /* (owned) (element-type QnetHostAddress): shared and immutable */
};

/* An answer for another spelling of the name that shares the addresses. */
QnetHostInfo *qnet_host_info_new_shared (QnetHostInfo *other,
                                         const char   *host_name);

/* As lookup_host_async(), for the addresses of one family; lookup_host_finish() ends it. The
 * resolver can be asked so, or @protocol is ANY_IP. */
void          qnet_host_info_look_up (const char               *name,
                                      QnetNetworkLayerProtocol  protocol,
                                      int                       io_priority,
                                      GCancellable             *cancellable,
                                      GAsyncReadyCallback       callback,
                                      gpointer                  user_data);

/* The shortest time to live, in seconds, that set_time_to_live() has set on one of
 * @inet_addresses. */
guint         qnet_host_info_get_time_to_live (GList        *inet_addresses);

G_END_DECLS
