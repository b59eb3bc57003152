/* qnet-resolv-conf-private.h: whom the system asks for names
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
  GArray *servers;     /* (owned): struct sockaddr_storage, in the order of asking; one at least */
  int     interval;    /* milliseconds to wait for each of them */
  int     n_attempts;  /* how often to ask them all */
  char   *domain;      /* (owned): of this machine, or "" */
} QnetResolvConf;

/* What /etc/resolv.conf says, and the environment, as libresolv reads them. */
QnetResolvConf *qnet_resolv_conf_read (void);
void            qnet_resolv_conf_free (QnetResolvConf *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetResolvConf, qnet_resolv_conf_free)

G_END_DECLS
