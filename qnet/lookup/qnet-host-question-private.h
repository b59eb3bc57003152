/* qnet-host-question-private.h: a question to a resolver, and the result from its answer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "lookup/qnet-system-lookup-private.h"

#include "qnet-host-info.h"

G_BEGIN_DECLS

/* A question for the addresses of a name, or for the name of an address. */
typedef struct
{
  GResolver       *resolver;    /* (owned): the default resolver when the question was created */
  char            *name;        /* (owned) (nullable): as it was given; NULL: for an address */
  QnetNetworkLayerProtocol protocol;  /* of a name: the addresses that are asked for */
  char            *encoded;     /* (owned) (nullable): in ASCII, for the resolver */
  char            *key;         /* (owned) (nullable): for the cache */
  guint            generation;  /* of the cache when the lookup started */
  QnetHostAddress *address;     /* (owned) (nullable) */
  GInetAddress    *inet;        /* (owned) (nullable): for the resolver */
} QnetHostQuestion;

QnetHostQuestion *qnet_host_question_new_name        (const char        *name,
                                                      QnetNetworkLayerProtocol protocol);
QnetHostQuestion *qnet_host_question_new_address     (QnetHostAddress   *address);
void              qnet_host_question_free            (QnetHostQuestion  *question);

/* Returns whether the system is asked, and not a custom resolver. */
gboolean          qnet_host_question_is_for_system   (QnetHostQuestion  *question);

/* Returns whether the resolver can be asked for the addresses of one family alone. */
gboolean          qnet_host_question_can_be_split    (QnetHostQuestion  *question);

/* The name or the address, as text for messages. (transfer full) */
char             *qnet_host_question_describe        (QnetHostQuestion  *question);

/* A custom resolver may lack some of its calls. */
gboolean          qnet_host_question_has_blocking_call (QnetHostQuestion  *question);
gboolean          qnet_host_question_check_async_calls (QnetHostQuestion  *question,
                                                        GError           **error);

void              qnet_host_question_set_cancelled_error (QnetHostQuestion  *question,
                                                          GError           **error);

/* The result for a name, if it is known without a lookup. Returns NULL without an error if the
 * resolver has to be asked. (transfer full) */
QnetHostInfo     *qnet_host_question_answer_at_once  (QnetHostQuestion  *question,
                                                      GError           **error);

/* Checks whether a name, which is not an address, is valid. */
gboolean          qnet_host_question_check_name      (const char        *name,
                                                      GError           **error);

/* Checks whether the address can be looked up. */
gboolean          qnet_host_question_prepare_address (QnetHostQuestion  *question,
                                                      GError           **error);

/* Returns FALSE if no thread is available. */
gboolean          qnet_host_question_begin           (QnetSystemLookup  *lookup,
                                                      QnetHostQuestion  *question);

/* Convert the answer of the system, or of a resolver (@inet_addresses, @name and @failure are
 * transfer full), to the result (transfer full) or an error. */
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
