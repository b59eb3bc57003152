/* qnet-host-info-lookup.c: asking for names and for addresses, asynchronously and waiting
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-info.h"

#include <pthread.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-embedded-context-private.h"
#include "engine/qnet-reserve-private.h"
#include "lookup/qnet-host-question-private.h"

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

/* Asynchronously */

static void
return_info (GTask        *task,
             QnetHostInfo *info,   /* (transfer full) (nullable) */
             GError       *error)  /* (transfer full) (nullable) */
{
  if (info != NULL)
    g_task_return_pointer (task, info, (GDestroyNotify) qnet_host_info_unref);
  else
    g_task_return_error (task, error);
}

/* Who waits for the system. The answer and the end by the cancellable come from any thread, and are
 * returned by the context of the task. */
typedef struct
{
  gint              ref_count;     /* (atomic): a gint, for ThreadSanitizer's eyes */
  QnetSystemLookup  lookup;
  GTask            *task;          /* (owned) */
  gulong            cancelled_id;  /* of the task's cancellable; 0: none */
  QnetSystemAnswer *answer;        /* (owned) (nullable) (atomic): NULL when it was cancelled */
  GSource          *source;        /* (owned) (nullable): brings the answer to the context */
} Waiting;

static Waiting *
waiting_ref (Waiting *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
waiting_unref (gpointer data)
{
  Waiting *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_object_unref (self->task);
  g_clear_pointer (&self->answer, qnet_system_answer_unref);
  g_clear_pointer (&self->source, g_source_unref);
  g_free (self);
}

/* Not g_cancellable_disconnect(), which would wait for ever where a handler runs a loop. */
static void
disconnect (Waiting *self)
{
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);

  self->cancelled_id = 0;
}

/* (transfer full): the name or the address that was asked for, as text */
static char *
describe (QnetHostQuestion *question)
{
  return question->name != NULL ? g_strdup (question->name)
                                : qnet_host_address_to_string (question->address);
}

static void
set_cancelled_error (QnetHostQuestion  *question,
                     GError           **error)
{
  g_autofree char *text = describe (question);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
               _("Could not look up “%s”: the lookup was cancelled"), text);
}

static gboolean
return_cb (gpointer user_data)
{
  Waiting *self = user_data;
  QnetHostQuestion *question = g_task_get_task_data (self->task);
  QnetSystemAnswer *answer = g_atomic_pointer_get (&self->answer);
  QnetHostInfo *info = NULL;
  GError *error = NULL;

  disconnect (self);

  if (answer != NULL)
    info = qnet_host_question_take_answer (question, answer, &error);
  else
    set_cancelled_error (question, &error);

  return_info (self->task, info, error);

  return G_SOURCE_REMOVE;
}

/* Takes the reference of the lookup. Once the source is attached, the context's own thread may have returned the answer and
 * freed everything, the context included: our reference to the source goes there, with @self. */
static void
return_later (Waiting *self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_static_name (source, "[qnet] answer to a lookup");
  g_source_set_priority (source, g_task_get_priority (self->task));
  g_source_set_callback (source, return_cb, self, waiting_unref);
  self->source = source;
  g_source_attach (source, g_task_get_context (self->task));
}

static void
answered_cb (QnetSystemLookup *lookup,
             QnetSystemAnswer *answer)
{
  Waiting *self = CONTAINER_OF (lookup, Waiting, lookup);

  g_atomic_pointer_set (&self->answer, qnet_system_answer_ref (answer));
  return_later (self);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  Waiting *self = user_data;

  if (qnet_system_lookup_cancel (&self->lookup))
    return_later (self);
}

/* What is cancelled already has called back in connect(), and does not begin. */
static void
connect_cancellable (Waiting *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable != NULL)
    self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                waiting_ref (self), waiting_unref);
}

static void
set_no_thread_error (QnetHostQuestion  *question,
                     GError           **error)
{
  g_autofree char *text = describe (question);

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                  _("Could not look up “%s”: no thread can be made for it"), text);
}

static void
ask_system_async (GTask *task)  /* (transfer full) */
{
  Waiting *self = g_new0 (Waiting, 1);
  GError *error = NULL;

  g_atomic_int_set (&self->ref_count, 1);
  self->task = task;
  qnet_system_lookup_init (&self->lookup, answered_cb);
  waiting_ref (self);
  connect_cancellable (self);

  if (!qnet_host_question_begin (&self->lookup, g_task_get_task_data (task))
      && qnet_system_lookup_cancel (&self->lookup))
    {
      disconnect (self);
      set_no_thread_error (g_task_get_task_data (task), &error);
      g_task_return_error (task, error);
      waiting_unref (self);
    }

  waiting_unref (self);
}

static void
resolved_name_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GTask) task = G_TASK (user_data);
  GError *failure = NULL;
  GError *error = NULL;
  GList *inet_addresses;
  QnetHostInfo *info;

  inet_addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &failure);
  info = qnet_host_question_take_resolved (g_task_get_task_data (task), inet_addresses, failure,
                                           &error);
  return_info (task, info, error);
}

static void
resolved_address_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(GTask) task = G_TASK (user_data);
  GError *failure = NULL;
  GError *error = NULL;
  QnetHostInfo *info;
  char *name;

  name = g_resolver_lookup_by_address_finish (G_RESOLVER (source), result, &failure);
  info = qnet_host_question_take_named (g_task_get_task_data (task), name, failure, &error);
  return_info (task, info, error);
}

/* A resolver of the program's need not have all calls, and GIO calls what is not there. */
static gboolean
has_async_calls (QnetHostQuestion *question)
{
  const GResolverClass *klass = G_RESOLVER_GET_CLASS (question->resolver);

  return question->name != NULL
           ? klass->lookup_by_name_async != NULL && klass->lookup_by_name_finish != NULL
           : klass->lookup_by_address_async != NULL && klass->lookup_by_address_finish != NULL;
}

static gboolean
has_blocking_call (QnetHostQuestion *question)
{
  const GResolverClass *klass = G_RESOLVER_GET_CLASS (question->resolver);

  return question->name != NULL ? klass->lookup_by_name != NULL : klass->lookup_by_address != NULL;
}

static gboolean
check_async_calls (QnetHostQuestion  *question,
                   GError           **error)
{
  g_autofree char *text = NULL;

  if (has_async_calls (question))
    return TRUE;

  text = describe (question);
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("Could not look up “%s”: the resolver has no asynchronous call for that"),
                  text);
  return FALSE;
}

static void
ask_async (GTask *task)  /* (transfer full) */
{
  QnetHostQuestion *question = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  if (qnet_host_question_is_for_system (question))
    ask_system_async (task);
  else if (!check_async_calls (question, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else if (question->name != NULL)
    g_resolver_lookup_by_name_async (question->resolver, question->encoded, cancellable,
                                     resolved_name_cb, task);
  else
    g_resolver_lookup_by_address_async (question->resolver, question->inet, cancellable,
                                        resolved_address_cb, task);
}

/* ... and waiting for it */

/* Lives on the stack of who waits. */
typedef struct
{
  QnetSystemLookup  lookup;
  pthread_mutex_t   lock;    /* guards what follows */
  pthread_cond_t    ended;
  gboolean          has_ended;
  QnetSystemAnswer *answer;  /* (owned) (nullable): NULL when it was cancelled */
} Sleeper;

static void
wake_up (Sleeper          *self,
         QnetSystemAnswer *answer)  /* (nullable) */
{
  pthread_mutex_lock (&self->lock);
  self->answer = answer != NULL ? qnet_system_answer_ref (answer) : NULL;
  self->has_ended = TRUE;
  pthread_cond_signal (&self->ended);
  pthread_mutex_unlock (&self->lock);
}

static void
answered_sleeper_cb (QnetSystemLookup *lookup,
                     QnetSystemAnswer *answer)
{
  wake_up (CONTAINER_OF (lookup, Sleeper, lookup), answer);
}

static void
cancelled_sleeper_cb (GCancellable *cancellable,
                      gpointer      user_data)
{
  Sleeper *self = user_data;

  if (qnet_system_lookup_cancel (&self->lookup))
    wake_up (self, NULL);
}

static QnetSystemAnswer *
sleep_until_answered (Sleeper *self)
{
  pthread_mutex_lock (&self->lock);
  while (!self->has_ended)
    pthread_cond_wait (&self->ended, &self->lock);
  pthread_mutex_unlock (&self->lock);

  return g_steal_pointer (&self->answer);
}

/* Where there is no thread for it the one that waits does it itself. */
static QnetSystemAnswer *
ask_system_here (QnetHostQuestion *question)
{
  return question->name != NULL ? qnet_system_lookup_ask_name (question->encoded)
                                : qnet_system_lookup_ask_address (question->address);
}

/* (transfer full) (nullable): NULL when it was cancelled */
static QnetSystemAnswer *
ask_system (QnetHostQuestion *question,
            GCancellable     *cancellable)
{
  Sleeper sleeper = { 0 };
  QnetSystemAnswer *answer;
  gulong cancelled_id = 0;

  pthread_mutex_init (&sleeper.lock, NULL);
  pthread_cond_init (&sleeper.ended, NULL);
  qnet_system_lookup_init (&sleeper.lookup, answered_sleeper_cb);

  if (cancellable != NULL)
    cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_sleeper_cb), &sleeper,
                                          NULL);

  if (qnet_host_question_begin (&sleeper.lookup, question)
      || !qnet_system_lookup_cancel (&sleeper.lookup))
    answer = sleep_until_answered (&sleeper);
  else
    answer = ask_system_here (question);

  g_cancellable_disconnect (cancellable, cancelled_id);
  pthread_cond_destroy (&sleeper.ended);
  pthread_mutex_destroy (&sleeper.lock);

  return answer;
}

static void
keep_result_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* A resolver need not have calls that block; its others are run in a context of their own then. */
static gboolean
push_own_context (QnetEmbeddedContext **out_context,
                  GError              **error)
{
  int error_number;

  *out_context = qnet_embedded_context_try_new (&error_number);

  if (*out_context != NULL)
    g_main_context_push_thread_default (qnet_embedded_context_get_inner (*out_context));
  else
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (error_number), g_strerror (error_number));

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

  if (has_blocking_call (question))
    return g_resolver_lookup_by_name (question->resolver, question->encoded, cancellable, error);

  if (!push_own_context (&context, error))
    return NULL;

  g_resolver_lookup_by_name_async (question->resolver, question->encoded, cancellable,
                                   keep_result_cb, &result);
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

  if (has_blocking_call (question))
    return g_resolver_lookup_by_address (question->resolver, question->inet, cancellable, error);

  if (!push_own_context (&context, error))
    return NULL;

  g_resolver_lookup_by_address_async (question->resolver, question->inet, cancellable,
                                      keep_result_cb, &result);
  run_until_answered (context, &result);

  return g_resolver_lookup_by_address_finish (question->resolver, result, error);
}

static QnetHostInfo *
ask_and_wait (QnetHostQuestion  *question,
              GCancellable      *cancellable,
              GError           **error)
{
  g_autoptr(QnetSystemAnswer) answer = NULL;
  GError *failure = NULL;
  GList *inet_addresses;
  char *name;

  if (qnet_host_question_is_for_system (question))
    {
      answer = ask_system (question, cancellable);
      if (answer != NULL)
        return qnet_host_question_take_answer (question, answer, error);

      set_cancelled_error (question, error);
      return NULL;
    }

  if (!has_blocking_call (question) && !check_async_calls (question, error))
    return NULL;

  if (question->name != NULL)
    {
      inet_addresses = resolve_name (question, cancellable, &failure);
      return qnet_host_question_take_resolved (question, inet_addresses, failure, error);
    }

  name = resolve_address (question, cancellable, &failure);

  return qnet_host_question_take_named (question, name, failure, error);
}

/* The text of GTask for what was cancelled does not say what. */
static QnetHostInfo *
finish (GTask   *task,
        GError **error)
{
  if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return g_task_propagate_pointer (task, error);

  set_cancelled_error (g_task_get_task_data (task), error);

  return NULL;
}

/* Public API */

/**
 * qnet_host_info_from_name:
 * @name: the name of a host, or the text of an address
 * @cancellable: (nullable): a way to give up
 * @error: return location for an error
 *
 * Looks up a name and waits for the answer.
 *
 * It may be called from any thread, but not from one that has a user interface to keep alive.
 * [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError] says that there is no such name, and the
 * other errors ([struct@HostInfo] lists them) that it could not be found out; when @cancellable
 * ends it, the error is [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
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

  question = qnet_host_question_new_name (name);
  if (g_cancellable_is_cancelled (cancellable))
    {
      set_cancelled_error (question, error);
      return NULL;
    }

  info = qnet_host_question_answer_at_once (question, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  if (info != NULL || failure != NULL)
    return info;

  return ask_and_wait (question, cancellable, error);
}

/**
 * qnet_host_info_lookup_host_async:
 * @name: the name of a host, or the text of an address
 * @cancellable: (nullable): a way to give up
 * @callback: (scope async) (nullable) (closure user_data): what to call with the answer
 * @user_data: what to pass to @callback
 *
 * Looks up a name.
 *
 * The answer comes through the thread-default main context, and never before this function has
 * returned, not even where it is known at once. Get it with
 * [func@HostInfo.lookup_host_finish].
 *
 * Since: 1.0
 */
void
qnet_host_info_lookup_host_async (const char          *name,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;
  QnetHostInfo *info;
  QnetHostQuestion *question;

  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  question = qnet_host_question_new_name (name);

  task = qnet_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_host_async);
  g_task_set_task_data (task, question, (GDestroyNotify) qnet_host_question_free);

  info = qnet_host_question_answer_at_once (question, &error);
  if (info != NULL || error != NULL)
    return_info (task, info, error);
  else
    ask_async (g_steal_pointer (&task));
}

/**
 * qnet_host_info_lookup_host_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the answer to [func@HostInfo.lookup_host_async].
 *
 * [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError] says that there is no such name, and the
 * other errors ([struct@HostInfo] lists them) that it could not be found out; when the cancellable
 * ended the lookup, the error is [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): the answer
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_lookup_host_finish (GAsyncResult  *result,
                                   GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, qnet_host_info_lookup_host_async), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return finish (G_TASK (result), error);
}

/**
 * qnet_host_info_from_address:
 * @address: an address
 * @cancellable: (nullable): a way to give up
 * @error: return location for an error
 *
 * Looks up the name of an address, and waits for the answer.
 *
 * Where the address has no name its text stands for it. It may be called from any thread, but not
 * from one that has a user interface to keep alive. When @cancellable ends it, the error is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): the answer, with @address and its name
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
      set_cancelled_error (question, error);
      return NULL;
    }

  if (!qnet_host_question_prepare_address (question, error))
    return NULL;

  return ask_and_wait (question, cancellable, error);
}

/**
 * qnet_host_info_lookup_address_async:
 * @address: an address
 * @cancellable: (nullable): a way to give up
 * @callback: (scope async) (nullable) (closure user_data): what to call with the answer
 * @user_data: what to pass to @callback
 *
 * Looks up the name of an address.
 *
 * The answer comes through the thread-default main context, and never before this function has
 * returned. Get it with [func@HostInfo.lookup_address_finish].
 *
 * Since: 1.0
 */
void
qnet_host_info_lookup_address_async (QnetHostAddress     *address,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;
  QnetHostQuestion *question;

  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = qnet_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_address_async);
  question = qnet_host_question_new_address (address);
  g_task_set_task_data (task, question, (GDestroyNotify) qnet_host_question_free);

  if (qnet_host_question_prepare_address (question, &error))
    ask_async (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/**
 * qnet_host_info_lookup_address_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the answer to [func@HostInfo.lookup_address_async].
 *
 * Where the address has no name its text stands for it. When the cancellable ended the look-up, the
 * error is [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): the answer, with the address and its name
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_lookup_address_finish (GAsyncResult  *result,
                                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, qnet_host_info_lookup_address_async),
                        NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return finish (G_TASK (result), error);
}
