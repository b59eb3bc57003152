/* qnet-local-socket-private.h: what the parts of QnetLocalSocket, and servers, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "address/qnet-local-address-private.h"
#include "engine/qnet-transport-local-private.h"
#include "socket/qnet-connection-private.h"

#include "qnet-local-socket.h"

G_BEGIN_DECLS

typedef struct _QnetLocalAttempt       QnetLocalAttempt;
typedef struct _QnetLocalSocketPrivate QnetLocalSocketPrivate;

struct _QnetLocalSocketPrivate
{
  QnetConnection    connection;
  QnetLocalAttempt *attempt;      /* (owned) (nullable): in CONNECTING */
  char             *server_name;  /* (owned) (nullable): as it was given; while unconnected, for the next connection */
  char             *full_name;    /* (owned) (nullable) */
  GCredentials     *credentials;  /* (owned) (nullable): of the peer, once somebody asked */
  QnetPassing      *passing;      /* (owned) (nullable): once descriptors are passed, or may be */
  guint             fd_limit;
  guint             told_fds;     /* what fds-available was, when it last notified */
  guint             options;      /* QnetLocalSocketOptions */
};

QnetLocalSocketPrivate *qnet_local_socket_get_private    (QnetLocalSocket *self);

/* qnet-local-socket.c: these notify */
void                    qnet_local_socket_take_name      (QnetLocalSocket *self,
                                                          char            *name);  /* (transfer full) (nullable) */
void                    qnet_local_socket_take_full_name (QnetLocalSocket *self,
                                                          char            *name);  /* (transfer full) (nullable) */

/* While notifications are frozen: when they are thawed the property has its new value. */
void                    qnet_local_socket_notify_credentials (QnetLocalSocket *self);

/* qnet-local-socket-connecting.c */
void                    qnet_local_attempt_free          (QnetLocalAttempt *attempt);
/* (transfer full): "Could not connect to ...". */
char                   *qnet_local_attempt_describe      (QnetLocalAttempt *attempt);

/* While notifications are not frozen: if there are more, or less, than there were. */
void                    qnet_local_socket_notify_fds     (QnetIODevice    *device);

/* qnet-local-socket-fds.c */

/* As fd_limit says; where the channel is open its transport learns of it, too. */
void                    qnet_local_socket_apply_fd_limit (QnetLocalSocket *self);

/* For servers: see qnet_connection_adopt_accepted(). */
void                    qnet_local_socket_adopt_accepted (QnetLocalSocket *self,
                                                          QnetReactor     *reactor,
                                                          int              fd);

G_END_DECLS
