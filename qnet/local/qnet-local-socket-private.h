/* qnet-local-socket-private.h: what the parts of QnetLocalSocket, and servers, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "local/qnet-local-address-private.h"
#include "local/qnet-transport-local-private.h"
#include "socket/qnet-socket-private.h"

#include "qnet-local-socket.h"

G_BEGIN_DECLS

typedef struct _QnetLocalAttempt       QnetLocalAttempt;
typedef struct _QnetLocalSocketPrivate QnetLocalSocketPrivate;

struct _QnetLocalSocketPrivate
{
  QnetLocalAttempt *attempt;      /* (owned) (nullable): in CONNECTING */
  char             *server_name;  /* (owned) (nullable): as set by the application */
  char             *full_name;    /* (owned) (nullable) */
  GCredentials     *credentials;  /* (owned) (nullable): of the peer, once requested */
  QnetPassing      *passing;      /* (owned) (nullable): NULL until descriptors may be passed */
  int               fd_limit;
  int               notified_fds; /* the last value of fds-available that was notified */
  guint             access;       /* QnetLocalAccess */
};

QnetLocalSocketPrivate *qnet_local_socket_get_private    (QnetLocalSocket *self);

/* qnet-local-socket.c: these notify, and take @name (nullable) */
void                    qnet_local_socket_take_name      (QnetLocalSocket *self,
                                                          char            *name);
void                    qnet_local_socket_take_full_name (QnetLocalSocket *self,
                                                          char            *name);

/* To be called while notifications are frozen: when they are thawed the property has its new
 * value. */
void                    qnet_local_socket_notify_credentials (QnetLocalSocket *self);

/* To be called while notifications are not frozen: notifies if the number has changed. */
void                    qnet_local_socket_notify_fds     (QnetIODevice    *device);

/* qnet-local-socket-connecting.c */
/* connect_to_server_full(), whatever the property `access` is. */
void                    qnet_local_socket_connect        (QnetLocalSocket  *self,
                                                          const char       *name,  /* (nullable) */
                                                          gboolean          is_abstract,
                                                          QnetOpenMode      open_mode);
void                    qnet_local_attempt_free          (QnetLocalAttempt *attempt);
/* (transfer full): "Could not connect to ...". */
char                   *qnet_local_attempt_describe      (QnetLocalAttempt *attempt);
/* Another socket of the same reactor continues. */
void                    qnet_local_attempt_move          (QnetLocalAttempt *attempt,
                                                          QnetLocalSocket  *socket);

/* qnet-local-socket-fds.c */

/* Applies fd_limit, also to the transport of an open channel. */
void                    qnet_local_socket_apply_fd_limit (QnetLocalSocket *self);

/* qnet-local-socket-descriptor.c: virtual function of QnetSocket */

gboolean                qnet_local_socket_take_fd        (QnetSocket      *socket,
                                                          int              fd,
                                                          QnetSocketState  state,
                                                          GError         **error);

G_END_DECLS
