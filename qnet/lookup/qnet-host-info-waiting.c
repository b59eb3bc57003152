/* qnet-host-info-waiting.c: blocking lookups of names and of addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <pthread.h>

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "lookup/qnet-host-question-private.h"
#include "loop/qnet-embedded-context-private.h"

#include "qnet-host-info.h"

/* A lookup on the stack of a blocking call. */
typedef struct
{
  QnetSystemLookup  lookup;
  pthread_mutex_t   lock;    /* guards the fields below */
  pthread_cond_t    ended;
  gboolean          has_ended;
  QnetSystemAnswer *answer;  /* (owned) (nullable): NULL: it was cancelled */
} BlockingLookup;

static void
set_answer (BlockingLookup          *self,
            QnetSystemAnswer *answer)  /* (nullable) */
{
  pthread_mutex_lock (&self->lock);
  self->answer = answer != NULL ? qnet_system_answer_ref (answer) : NULL;
  self->has_ended = TRUE;
  pthread_cond_signal (&self->ended);
  pthread_mutex_unlock (&self->lock);
}

static void
answered_cb (QnetSystemLookup *lookup,
             QnetSystemAnswer *answer)
{
  set_answer (CONTAINER_OF (lookup, BlockingLookup, lookup), answer);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  BlockingLookup *self = user_data;

  if (qnet_system_lookup_cancel (&self->lookup))
    set_answer (self, NULL);
}

static QnetSystemAnswer *
wait_for_answer (BlockingLookup *self)
{
  pthread_mutex_lock (&self->lock);
  while (!self->has_ended)
    pthread_cond_wait (&self->ended, &self->lock);
  pthread_mutex_unlock (&self->lock);

  return g_steal_pointer (&self->answer);
}

/* Used if no thread can be created: the calling thread does the work. */
static QnetSystemAnswer *
lookup_in_this_thread (QnetHostQuestion *question)
{
  return question->name != NULL ? qnet_system_lookup_ask_name (question->encoded,
                                                              question->protocol)
                                : qnet_system_lookup_ask_address (question->address);
}

/* Returns NULL if it was cancelled. (transfer full) (nullable) */
static QnetSystemAnswer *
lookup_by_system (QnetHostQuestion *question,
                  GCancellable     *cancellable)
{
  BlockingLookup blocking = { 0 };
  QnetSystemAnswer *answer;
  gulong cancelled_id = 0;

  pthread_mutex_init (&blocking.lock, NULL);
  pthread_cond_init (&blocking.ended, NULL);
  qnet_system_lookup_init (&blocking.lookup, answered_cb);

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &blocking,
                                          NULL);

  if (qnet_host_question_begin (&blocking.lookup, question)
      || !qnet_system_lookup_cancel (&blocking.lookup))
    answer = wait_for_answer (&blocking);
  else
    answer = lookup_in_this_thread (question);

  g_cancellable_disconnect (cancellable, cancelled_id);
  pthread_cond_destroy (&blocking.ended);
  pthread_mutex_destroy (&blocking.lock);

  return answer;
}

static void
store_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* A resolver may lack blocking calls. Then its asynchronous calls run in a private main context. */
static gboolean
push_own_context (QnetEmbeddedContext **out_context,
                  GError              **error)
{
  int error_number;

  *out_context = qnet_embedded_context_try_new (&error_number);

  if (*out_context != NULL)
    g_main_context_push_thread_default (qnet_embedded_context_get_inner (*out_context));
  else
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (error_number),
                         g_strerror (error_number));

  return *out_context != NULL;
}

static void
run_until_answered (QnetEmbeddedContext  *context,
                    GAsyncResult        **result)
{
  GMainContext *inner = qnet_embedded_context_get_inner (context);

  while (*result == NULL)
    g_main_context_iteration (inner, TRUE);

  g_main_context_pop_thread_default (inner);
  qnet_embedded_context_free (context);
}

static GList *
resolve_name (QnetHostQuestion  *question,
              GCancellable      *cancellable,
              GError           **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  QnetEmbeddedContext *context;

  if (qnet_host_question_has_blocking_call (question))
    return g_resolver_lookup_by_name (question->resolver, question->encoded, cancellable, error);

  if (!push_own_context (&context, error))
    return NULL;

  g_resolver_lookup_by_name_async (question->resolver, question->encoded, cancellable,
                                   store_result_cb, &result);
  run_until_answered (context, &result);

  return g_resolver_lookup_by_name_finish (question->resolver, result, error);
}

static char *
resolve_address (QnetHostQuestion  *question,
                 GCancellable      *cancellable,
                 GError           **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  QnetEmbeddedContext *context;

  if (qnet_host_question_has_blocking_call (question))
    return g_resolver_lookup_by_address (question->resolver, question->inet, cancellable, error);

  if (!push_own_context (&context, error))
    return NULL;

  g_resolver_lookup_by_address_async (question->resolver, question->inet, cancellable,
                                      store_result_cb, &result);
  run_until_answered (context, &result);

  return g_resolver_lookup_by_address_finish (question->resolver, result, error);
}

static QnetHostInfo *
lookup_blocking (QnetHostQuestion  *question,
                 GCancellable      *cancellable,
                 GError           **error)
{
  g_autoptr(QnetSystemAnswer) answer = NULL;
  GError *failure = NULL;
  GList *inet_addresses;
  char *name;

  if (qnet_host_question_is_for_system (question))
    {
      answer = lookup_by_system (question, cancellable);
      if (answer != NULL)
        return qnet_host_question_take_answer (question, answer, error);

      qnet_host_question_set_cancelled_error (question, error);
      return NULL;
    }

  if (!qnet_host_question_has_blocking_call (question)
      && !qnet_host_question_check_async_calls (question, error))
    return NULL;

  if (question->name != NULL)
    {
      inet_addresses = resolve_name (question, cancellable, &failure);
      return qnet_host_question_take_resolved (question, inet_addresses, failure, error);
    }

  name = resolve_address (question, cancellable, &failure);

  return qnet_host_question_take_named (question, name, failure, error);
}

/* Public API */

/**
 * qnet_host_info_from_name:
 * @name: a host name or an address
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error
 *
 * Looks up the addresses of a host name. This function blocks until the lookup is complete.
 *
 * It may be called from any thread, but should not be called from a thread with a user interface.
 *
 * If the host does not exist, the error is [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError];
 * the other errors are listed at [struct@HostInfo]. If the operation was cancelled, it is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): the answer
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_from_name (const char    *name,
                          GCancellable  *cancellable,
                          GError       **error)
{
  g_autoptr(QnetHostQuestion) question = NULL;
  GError *failure = NULL;
  QnetHostInfo *info;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  question = qnet_host_question_new_name (name, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  if (g_cancellable_is_cancelled (cancellable))
    {
      qnet_host_question_set_cancelled_error (question, error);
      return NULL;
    }

  info = qnet_host_question_answer_at_once (question, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  if (info != NULL || failure != NULL)
    return info;

  return lookup_blocking (question, cancellable, error);
}

/**
 * qnet_host_info_from_address:
 * @address: an address
 * @cancellable: (nullable): a cancellable, or %NULL
 * @error: return location for an error
 *
 * Looks up the host name of an address. This function blocks until the lookup is complete.
 *
 * If the address has no name, the result contains the address as text instead. This function may be
 * called from any thread, but should not be called from a thread with a user interface. If the
 * operation was cancelled, the error is [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): @address and its name
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_from_address (QnetHostAddress  *address,
                             GCancellable     *cancellable,
                             GError          **error)
{
  g_autoptr(QnetHostQuestion) question = NULL;

  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  question = qnet_host_question_new_address (address);
  if (g_cancellable_is_cancelled (cancellable))
    {
      qnet_host_question_set_cancelled_error (question, error);
      return NULL;
    }

  if (!qnet_host_question_prepare_address (question, error))
    return NULL;

  return lookup_blocking (question, cancellable, error);
}
