/* qnet-lookup-private.h: the look-up of a name for whoever connects
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"

#include "qnet-host-info.h"

G_BEGIN_DECLS

typedef struct _QnetLookup QnetLookup;

/* Begins it. @watch, which lives as long as the look-up does, is deferred once the answer is there. */
QnetLookup   *qnet_lookup_new    (const char  *host,
                                  QnetWatch   *watch) G_GNUC_WARN_UNUSED_RESULT;

/* Ends it, with the answer (transfer full) or an error. */
QnetHostInfo *qnet_lookup_finish (QnetLookup  *self,
                                  GError     **error);

/* Ends it without an answer. */
void          qnet_lookup_cancel (QnetLookup  *self);

/* The addresses that were found for @host were of no use: they are not remembered any longer. */
void          qnet_lookup_forget (const char  *host);

G_END_DECLS
