/* qnet-host-info-private.h: what the files of host information share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-host-info.h"

G_BEGIN_DECLS

struct _QnetHostInfo
{
  gint       ref_count;  /* (atomic): a gint, for ThreadSanitizer's eyes */

  int        lookup_id;  /* of lookup_host(), or -1 */
  char      *host_name;  /* (owned): as it was asked for */
  GPtrArray *addresses;  /* (owned) (element-type QnetHostAddress): shared, so unchanged */
  GError    *error;      /* (owned) (nullable): why there are none */
};

/* An answer for another name, or with another number, that shares the addresses and has a copy of
 * the error. */
QnetHostInfo *qnet_host_info_new_shared (QnetHostInfo *other,
                                         const char   *host_name,
                                         int           lookup_id);

/* For how many seconds @inet_addresses hold: what set_time_to_live() has said of one of them,
 * the least. */
guint         qnet_host_info_get_time_to_live (GList        *inet_addresses);

G_END_DECLS
