/* qnet-host-question-private.h: what is asked of a resolver, and what its answer means
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "lookup/qnet-system-lookup-private.h"

#include "qnet-host-info.h"

G_BEGIN_DECLS

/* For the addresses of a name, or for the name of an address. */
typedef struct
{
  GResolver       *resolver;    /* (owned): the default one when the question was asked */
  char            *name;        /* (owned) (nullable): as it was given; NULL for an address */
  char            *encoded;     /* (owned) (nullable): as the resolver wants it */
  char            *key;         /* (owned) (nullable): of the cache */
  guint            generation;  /* of the cache, before the resolver was asked */
  QnetHostAddress *address;     /* (owned) (nullable) */
  GInetAddress    *inet;        /* (owned) (nullable): the address as the resolver wants it */
} QnetHostQuestion;

QnetHostQuestion *qnet_host_question_new_name        (const char        *name);
QnetHostQuestion *qnet_host_question_new_address     (QnetHostAddress   *address);
void              qnet_host_question_free            (QnetHostQuestion  *question);

/* Whether the system is asked, and no resolver of the program's. */
gboolean          qnet_host_question_is_for_system   (QnetHostQuestion  *question);

/* Of a name: NULL without an error: the resolver has to be asked. (transfer full) */
QnetHostInfo     *qnet_host_question_answer_at_once  (QnetHostQuestion  *question,
                                                      GError           **error);

/* Whether a name, which is no address, can be looked up at all. */
gboolean          qnet_host_question_check_name      (const char        *name,
                                                      GError           **error);

/* Of an address: whether it is one. */
gboolean          qnet_host_question_prepare_address (QnetHostQuestion  *question,
                                                      GError           **error);

/* FALSE: there is no thread for it. */
gboolean          qnet_host_question_begin           (QnetSystemLookup  *lookup,
                                                      QnetHostQuestion  *question);

/* What the system has said, or a resolver (its list, name and failure are taken): the answer
 * (transfer full), or an error. */
QnetHostInfo     *qnet_host_question_take_answer     (QnetHostQuestion  *question,
                                                      QnetSystemAnswer  *answer,
                                                      GError           **error);
QnetHostInfo     *qnet_host_question_take_resolved   (QnetHostQuestion  *question,
                                                      GList             *inet_addresses,
                                                      GError            *failure,
                                                      GError           **error);
QnetHostInfo     *qnet_host_question_take_named      (QnetHostQuestion  *question,
                                                      char              *name,
                                                      GError            *failure,
                                                      GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetHostQuestion, qnet_host_question_free)

G_END_DECLS
