/* qnet-host-info-lookup.c: asynchronous lookups of names and of addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "lookup/qnet-host-info-private.h"
#include "lookup/qnet-host-question-private.h"

#include "qnet-host-info.h"

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

/* A lookup by the system. The answer and the cancellation may come from any thread; the result is
 * returned in the context of the task. */
typedef struct
{
  gint              ref_count;     /* (atomic): a gint, for ThreadSanitizer */
  QnetSystemLookup  lookup;
  GTask            *task;          /* (owned) */
  gulong            cancelled_id;  /* of the task's cancellable; 0: none */
  QnetSystemAnswer *answer;        /* (owned) (nullable) (atomic): NULL: it was cancelled */
  GSource          *source;        /* (owned) (nullable): returns the result in the context */
} AsyncLookup;

static AsyncLookup *
async_lookup_ref (AsyncLookup *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
async_lookup_unref (gpointer data)
{
  AsyncLookup *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_object_unref (self->task);
  g_clear_pointer (&self->answer, qnet_system_answer_unref);
  g_clear_pointer (&self->source, g_source_unref);
  g_free (self);
}

/* g_cancellable_disconnect() would deadlock if a handler of the cancellable runs a main loop. */
static void
disconnect (AsyncLookup *self)
{
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);

  self->cancelled_id = 0;
}

static gboolean
return_cb (gpointer user_data)
{
  AsyncLookup *self = user_data;
  QnetHostQuestion *question = g_task_get_task_data (self->task);
  QnetSystemAnswer *answer = g_atomic_pointer_get (&self->answer);
  QnetHostInfo *info = NULL;
  GError *error = NULL;

  disconnect (self);

  if (answer != NULL)
    info = qnet_host_question_take_answer (question, answer, &error);
  else
    qnet_host_question_set_cancelled_error (question, &error);

  return_info (self->task, info, error);

  return G_SOURCE_REMOVE;
}

/* Takes over the reference that the system lookup has to @self. Once the source is attached, the
 * thread of the context may return the result and free everything, including the context. Therefore
 * the reference to the source is a part of @self. */
static void
return_later (AsyncLookup *self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_static_name (source, "[qnet] answer to a lookup");
  g_source_set_priority (source, g_task_get_priority (self->task));
  g_source_set_callback (source, return_cb, self, async_lookup_unref);
  self->source = source;
  g_source_attach (source, g_task_get_context (self->task));
}

static void
answered_cb (QnetSystemLookup *lookup,
             QnetSystemAnswer *answer)
{
  AsyncLookup *self = CONTAINER_OF (lookup, AsyncLookup, lookup);

  g_atomic_pointer_set (&self->answer, qnet_system_answer_ref (answer));
  return_later (self);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  AsyncLookup *self = user_data;

  if (qnet_system_lookup_cancel (&self->lookup))
    return_later (self);
}

/* If the cancellable is already cancelled, the callback runs inside connect(), and the lookup does
 * not start. */
static void
connect_cancellable (AsyncLookup *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable != NULL)
    self->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                async_lookup_ref (self), async_lookup_unref);
}

static void
set_no_thread_error (QnetHostQuestion  *question,
                     GError           **error)
{
  g_autofree char *text = qnet_host_question_describe (question);

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                  _("Could not look up “%s”: No thread can be created"), text);
}

static void
lookup_by_system (GTask *task)  /* (transfer full) */
{
  AsyncLookup *self = g_new0 (AsyncLookup, 1);
  GError *error = NULL;

  g_atomic_int_set (&self->ref_count, 1);
  self->task = task;
  qnet_system_lookup_init (&self->lookup, answered_cb);
  async_lookup_ref (self);
  connect_cancellable (self);

  if (!qnet_host_question_begin (&self->lookup, g_task_get_task_data (task))
      && qnet_system_lookup_cancel (&self->lookup))
    {
      disconnect (self);
      set_no_thread_error (g_task_get_task_data (task), &error);
      g_task_return_error (task, error);
      async_lookup_unref (self);
    }

  async_lookup_unref (self);
}

static GList *
finish_name (GResolver         *resolver,
             GAsyncResult      *result,
             QnetHostQuestion  *question,
             GError           **error)
{
  return question->protocol == QNET_NETWORK_LAYER_PROTOCOL_ANY_IP
           ? g_resolver_lookup_by_name_finish (resolver, result, error)
           : g_resolver_lookup_by_name_with_flags_finish (resolver, result, error);
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

  inet_addresses = finish_name (G_RESOLVER (source), result, g_task_get_task_data (task), &failure);
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

static GResolverNameLookupFlags
get_flags (QnetHostQuestion *question)
{
  return question->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4
           ? G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY
           : G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY;
}

static void
resolve_name (GTask *task)  /* (transfer full) */
{
  QnetHostQuestion *question = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (question->protocol == QNET_NETWORK_LAYER_PROTOCOL_ANY_IP)
    g_resolver_lookup_by_name_async (question->resolver, question->encoded, cancellable,
                                     resolved_name_cb, task);
  else
    g_resolver_lookup_by_name_with_flags_async (question->resolver, question->encoded,
                                                get_flags (question), cancellable,
                                                resolved_name_cb, task);
}

static void
start_lookup (GTask *task)  /* (transfer full) */
{
  QnetHostQuestion *question = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  if (qnet_host_question_is_for_system (question))
    lookup_by_system (task);
  else if (!qnet_host_question_check_async_calls (question, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
    }
  else if (question->name != NULL)
    resolve_name (task);
  else
    g_resolver_lookup_by_address_async (question->resolver, question->inet, cancellable,
                                        resolved_address_cb, task);
}

/* The message of GTask for a cancelled operation does not contain the name. */
static QnetHostInfo *
finish (GTask   *task,
        GError **error)
{
  if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return g_task_propagate_pointer (task, error);

  qnet_host_question_set_cancelled_error (g_task_get_task_data (task), error);

  return NULL;
}

void
qnet_host_info_look_up (const char               *name,
                        QnetNetworkLayerProtocol  protocol,
                        int                       io_priority,
                        GCancellable             *cancellable,
                        GAsyncReadyCallback       callback,
                        gpointer                  user_data)
{
  g_autoptr(GTask) task = qnet_task_new (NULL, cancellable, callback, user_data);
  QnetHostQuestion *question = qnet_host_question_new_name (name, protocol);
  GError *error = NULL;
  QnetHostInfo *info;

  g_task_set_source_tag (task, qnet_host_info_lookup_host_async);
  g_task_set_priority (task, io_priority);
  g_task_set_task_data (task, question, (GDestroyNotify) qnet_host_question_free);

  info = qnet_host_question_answer_at_once (question, &error);
  if (info != NULL || error != NULL)
    return_info (task, info, error);
  else
    start_lookup (g_steal_pointer (&task));
}

/* Public API */

/**
 * qnet_host_info_lookup_host_async:
 * @name: a host name or an address
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable) (closure user_data): a callback to call when the result is
 *   available
 * @user_data: data for @callback
 *
 * Looks up the addresses of a host name asynchronously.
 *
 * @callback is called in the thread-default main context, never before this function returns. Call
 * [func@HostInfo.lookup_host_finish] to get the result.
 *
 * Since: 1.0
 */
void
qnet_host_info_lookup_host_async (const char          *name,
                                  int                  io_priority,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  qnet_host_info_look_up (name, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, io_priority, cancellable,
                          callback, user_data);
}

/**
 * qnet_host_info_lookup_host_finish:
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [func@HostInfo.lookup_host_async].
 *
 * If the host does not exist, the error is [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError];
 * the other errors are listed at [struct@HostInfo]. If the operation was cancelled, it is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): the addresses of the host
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
 * qnet_host_info_lookup_address_async:
 * @address: an address
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (nullable) (closure user_data): a callback to call when the result is
 *   available
 * @user_data: data for @callback
 *
 * Looks up the host name of an address asynchronously.
 *
 * @callback is called in the thread-default main context, never before this function returns. Call
 * [func@HostInfo.lookup_address_finish] to get the result.
 *
 * Since: 1.0
 */
void
qnet_host_info_lookup_address_async (QnetHostAddress     *address,
                                     int                  io_priority,
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
  g_task_set_priority (task, io_priority);
  question = qnet_host_question_new_address (address);
  g_task_set_task_data (task, question, (GDestroyNotify) qnet_host_question_free);

  if (qnet_host_question_prepare_address (question, &error))
    start_lookup (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/**
 * qnet_host_info_lookup_address_finish:
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [func@HostInfo.lookup_address_async].
 *
 * If the address has no name, the result contains the address as text instead. If the operation was
 * cancelled, the error is [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum].
 *
 * Returns: (transfer full): the address and its name
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
