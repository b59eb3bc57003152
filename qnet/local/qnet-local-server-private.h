/* qnet-local-server-private.h: what the parts of QnetLocalServer share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "local/qnet-socket-file-private.h"
#include "server/qnet-server-private.h"

#include "qnet-local-server.h"

G_BEGIN_DECLS

typedef struct
{
  char           *server_name;  /* (owned) (nullable): while it listens */
  char           *full_name;    /* (owned) (nullable): while it listens */
  QnetSocketFile  file;
  guint           access;       /* QnetLocalAccess */
  int             fd_limit;
} QnetLocalServerPrivate;

QnetLocalServerPrivate *qnet_local_server_get_private (QnetLocalServer *self);

/* qnet-local-server-listening.c: removes the file that the server has created, if any; preserves
 * errno. */
void                    qnet_local_server_remove_file (QnetLocalServer *self);

G_END_DECLS
