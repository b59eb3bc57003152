/* qnet-admission-private.h: which peers a server admits, and how many connections each has
 *
 * It is asked with the address that accept() returns, before anything is allocated. A server
 * without a filter and without a limit for each address has none.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "address/qnet-address-filter-private.h"

G_BEGIN_DECLS

#define QNET_ADMISSION_IPV4_PREFIX 32
#define QNET_ADMISSION_IPV6_PREFIX 64

typedef struct _QnetAdmission QnetAdmission;

typedef enum /*< skip >*/
{
  QNET_VERDICT_ADMITTED,
  QNET_VERDICT_DENIED,   /* by the filter */
  QNET_VERDICT_TOO_MANY  /* the peer has as many connections as it may have */
} QnetVerdict;

struct _QnetAdmission
{
  QnetAddressFilter *filter;       /* (owned) (nullable) */
  int                limit;        /* connections of one network, 0: any number */
  int                ipv4_prefix;  /* bits that make up a network */
  int                ipv6_prefix;
  GHashTable        *networks;     /* (owned): those that have connections, as their own keys */
  GHashTable        *connections;  /* (owned): a connection (not owned) to its network */
};

QnetAdmission *qnet_admission_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void           qnet_admission_free   (QnetAdmission        *self);

/* @peer is a whole address, NULL if it is not known: then there is no limit. */
QnetVerdict    qnet_admission_judge  (QnetAdmission        *self,
                                      const QnetNetworkKey *peer);

/* Counts @connection until remove(), which may be called for one that was not counted. Does
 * nothing without a limit. */
void           qnet_admission_add    (QnetAdmission        *self,
                                      gpointer              connection,
                                      const QnetNetworkKey *peer);
void           qnet_admission_remove (QnetAdmission        *self,
                                      gpointer              connection);
/* For another prefix: nothing is counted any more. */
void           qnet_admission_reset  (QnetAdmission        *self);

G_END_DECLS
