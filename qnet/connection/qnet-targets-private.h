/* qnet-targets-private.h: the places to connect to, one after another
 *
 * They are the hosts of a service (RFC 2782), or what the enumerator of a GSocketConnectable
 * returns.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "loop/qnet-reactor-private.h"

#include "qnet-network-proxy.h"

G_BEGIN_DECLS

/* A host, and how to get there. */
typedef struct
{
  char             *host;   /* (owned): a name, or the text of an address */
  guint16           port;
  QnetNetworkProxy *proxy;  /* (owned) (nullable): the address says so; NULL: the usual choice */
} QnetTarget;

void         qnet_target_free    (QnetTarget     *self);

/* The target that @address is, or NULL with @error set: the reason alone. (transfer full) */
QnetTarget  *qnet_target_new_for_address (GSocketAddress  *address,
                                          GError         **error);

typedef struct _QnetTargets QnetTargets;

/* @protocol: "tcp" or "udp". @watch has no descriptor, and outlives the targets. */
QnetTargets *qnet_targets_new_for_service     (const char         *service,
                                               const char         *protocol,
                                               const char         *domain,
                                               QnetWatch          *watch)
                                               G_GNUC_WARN_UNUSED_RESULT;
QnetTargets *qnet_targets_new_for_enumerator  (GSocketAddressEnumerator *enumerator,
                                               const char         *description,
                                               QnetWatch          *watch)
                                               G_GNUC_WARN_UNUSED_RESULT;
void         qnet_targets_free                (QnetTargets        *self);

/* "the service _imap._tcp.example.org", for messages */
const char  *qnet_targets_get_description     (QnetTargets        *self);

/* Requests the next one. @watch is deferred when there is an answer: take() returns it. */
void         qnet_targets_request             (QnetTargets        *self);
gboolean     qnet_targets_has_answer          (QnetTargets        *self);

/* (transfer full) (nullable): NULL without @error after the last one; @error is a whole sentence */
QnetTarget  *qnet_targets_take                (QnetTargets        *self,
                                               GError            **error);

/* Whether nothing follows what was taken last. */
gboolean     qnet_targets_has_ended           (QnetTargets        *self);

/* After its watch was moved to another wait set. */
void         qnet_targets_move                (QnetTargets        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTarget, qnet_target_free)

G_END_DECLS
