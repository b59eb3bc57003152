/* qnet-resolv-conf-private.h: the name servers that the system uses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GArray   *servers;     /* (owned) (element-type struct sockaddr_storage): in the order of use, at
                          * least one */
  int       interval;    /* milliseconds: the timeout of each server */
  int       n_attempts;  /* the number of times to try all servers */
  gboolean  trusts_ad;   /* what the servers say about the authenticity of records is believed */
  char     *domain;      /* (owned): the domain of this machine, or "" */
} QnetResolvConf;

/* Reads /etc/resolv.conf and the environment with libresolv. */
QnetResolvConf *qnet_resolv_conf_read (void);
void            qnet_resolv_conf_free (QnetResolvConf *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetResolvConf, qnet_resolv_conf_free)

G_END_DECLS
