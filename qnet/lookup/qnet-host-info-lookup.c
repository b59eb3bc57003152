/* qnet-host-info-lookup.c: asking the system, or a resolver of the program's, for names and
 * addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-info.h"

#include <pthread.h>
#include <string.h>

#include "address/qnet-host-name-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-embedded-context-private.h"
#include "engine/qnet-reserve-private.h"
#include "lookup/qnet-host-cache-private.h"
#include "lookup/qnet-host-info-private.h"
#include "lookup/qnet-system-lookup-private.h"

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

/* What is asked: for the addresses of a name, or for the name of an address. */
typedef struct
{
  GResolver       *resolver;    /* (owned): the default one when the question was asked */
  char            *name;        /* (owned) (nullable): as it was given; NULL for an address */
  char            *encoded;     /* (owned) (nullable): as the resolver wants it */
  char            *key;         /* (owned) (nullable): of the cache */
  guint            generation;  /* of the cache, before the resolver was asked */
  QnetHostAddress *address;     /* (owned) (nullable) */
  GInetAddress    *inet;        /* (owned) (nullable): the address as the resolver wants it */
} Question;

static Question *
question_new (void)
{
  Question *question = g_new0 (Question, 1);

  question->resolver = g_resolver_get_default ();

  return question;
}

static Question *
question_new_name (const char *name)
{
  Question *question = question_new ();

  question->name = g_strdup (name);

  return question;
}

static Question *
question_new_address (QnetHostAddress *address)
{
  Question *question = question_new ();

  question->address = qnet_host_address_ref (address);

  return question;
}

static void
question_free (Question *question)
{
  g_object_unref (question->resolver);
  g_free (question->name);
  g_free (question->encoded);
  g_free (question->key);
  g_clear_pointer (&question->address, qnet_host_address_unref);
  g_clear_object (&question->inet);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static gboolean
is_for_system (Question *question)
{
  return qnet_is_system_resolver (question->resolver);
}

/* Answers that are known at once */

static QnetHostInfo *
new_named (const char      *name,
           QnetHostAddress *address)
{
  g_autoptr(GPtrArray) addresses = g_ptr_array_new ();

  g_ptr_array_add (addresses, address);

  return qnet_host_info_new (name, addresses, NULL);
}

/* The answer for the text of an address; NULL when @name is none. */
static QnetHostInfo *
answer_literal (const char *name)
{
  g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (name);

  return address != NULL ? new_named (name, address) : NULL;
}

static gboolean
is_localhost (const char *key)
{
  return g_str_equal (key, "localhost") || g_str_has_suffix (key, ".localhost");
}

/* RFC 6761, section 6.3: such names are of this machine, whatever a name server says. */
static QnetHostInfo *
answer_localhost (Question *question)
{
  g_autoptr(GPtrArray) addresses = NULL;
  g_autoptr(QnetHostAddress) ipv4 = NULL;
  g_autoptr(QnetHostAddress) ipv6 = NULL;

  if (!is_for_system (question) || !is_localhost (question->key))
    return NULL;

  ipv6 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6);
  ipv4 = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  addresses = g_ptr_array_new ();
  g_ptr_array_add (addresses, ipv6);
  g_ptr_array_add (addresses, ipv4);

  return qnet_host_info_new (question->name, addresses, NULL);
}

static QnetHostInfo *
answer_cached (Question *question)
{
  g_autoptr(QnetHostInfo) cached = qnet_host_cache_find (question->resolver, question->key);

  return cached != NULL ? qnet_host_info_new_shared (cached, question->name, -1) : NULL;
}

/* The name as the resolver wants it: with its final dot, which says that no domain may be
 * appended. */
static gboolean
encode_name (Question  *question,
             GError   **error)
{
  g_autofree char *readable = NULL;

  if (*question->name == '\0')
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      _("Could not look up a host: its name is empty"));
      return FALSE;
    }

  question->key = qnet_host_name_canonicalize (question->name);
  if (question->key != NULL)
    {
      question->encoded = g_hostname_to_ascii (question->name);
      return TRUE;
    }

  readable = g_utf8_make_valid (question->name, -1);
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  _("Could not look up “%s”: it cannot be the name of a host"), readable);
  return FALSE;
}

/* NULL without an error: the resolver has to be asked. */
static QnetHostInfo *
answer_at_once (Question  *question,
                GError   **error)
{
  QnetHostInfo *info = answer_literal (question->name);

  if (info != NULL || !encode_name (question, error))
    return info;

  info = answer_localhost (question);
  if (info == NULL)
    info = answer_cached (question);

  question->generation = qnet_host_cache_get_generation ();

  return info;
}

static gboolean
prepare_address (Question  *question,
                 GError   **error)
{
  question->inet = qnet_host_address_to_inet_address (question->address);

  if (question->inet == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not look up the name of an address: the address is Null"));

  return question->inet != NULL;
}

/* What the resolver says */

/* Of a resolver that names the host itself ("Error resolving “x”: ...") the text is kept as it
 * is. */
static void
take_failure (GError     **error,
              GError      *failure,  /* (transfer full) */
              const char  *what)
{
  if (failure->domain == G_RESOLVER_ERROR && strstr (failure->message, what) != NULL)
    {
      qnet_set_error (error, qnet_socket_error_code_from_gerror (failure), "%s", failure->message);
      g_error_free (failure);
    }
  else
    qnet_take_error_from_gerror (error, failure, _("Could not look up “%s”"), what);
}

static QnetHostInfo *
remember (Question     *question,
          QnetHostInfo *info,  /* (transfer full) */
          guint         time_to_live)
{
  qnet_host_cache_add (question->resolver, question->key, info, question->generation, time_to_live);

  return info;
}

static void
set_no_address_error (Question  *question,
                      GError   **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  _("Could not look up “%s”: it has no address"), question->name);
}

static QnetHostInfo *
take_resolved (Question  *question,
               GList     *inet_addresses,  /* (transfer full) */
               GError    *failure,         /* (transfer full) (nullable) */
               GError   **error)
{
  QnetHostInfo *info = NULL;

  if (failure != NULL)
    take_failure (error, failure, question->name);
  else if (inet_addresses == NULL)
    set_no_address_error (question, error);
  else
    info = remember (question,
                     qnet_host_info_new_from_inet_addresses (question->name, inet_addresses),
                     qnet_host_info_get_time_to_live (inet_addresses));

  g_resolver_free_addresses (inet_addresses);

  return info;
}

/* The owner of the address chooses its name, and need not choose well: what is no text is none. */
static char *
decode_name (const char *encoded)  /* (nullable) */
{
  char *decoded;

  if (encoded == NULL || !g_utf8_validate (encoded, -1, NULL))
    return NULL;

  decoded = g_hostname_to_unicode (encoded);

  return decoded != NULL ? decoded : g_strdup (encoded);
}

/* An address need not have a name: its own text serves then, as in Qt. */
static QnetHostInfo *
new_for_address (Question   *question,
                 const char *encoded)  /* (nullable) */
{
  g_autofree char *decoded = decode_name (encoded);
  g_autofree char *text = NULL;

  if (decoded != NULL)
    return new_named (decoded, question->address);

  text = qnet_host_address_to_string (question->address);

  return new_named (text, question->address);
}

static QnetHostInfo *
take_named (Question  *question,
            char      *name,     /* (transfer full) (nullable) */
            GError    *failure,  /* (transfer full) (nullable) */
            GError   **error)
{
  g_autofree char *encoded = name;
  g_autofree char *text = NULL;

  if (failure == NULL || g_error_matches (failure, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    {
      g_clear_error (&failure);
      return new_for_address (question, encoded);
    }

  text = qnet_host_address_to_string (question->address);
  take_failure (error, failure, text);

  return NULL;
}

/* What the system says */

static QnetHostInfo *
take_answer_for_name (Question          *question,
                      QnetSystemAnswer  *answer,
                      GError           **error)
{
  if (answer->status != 0)
    qnet_system_answer_set_error (answer, question->name, error);
  else if (answer->addresses->len == 0)
    set_no_address_error (question, error);
  else
    return remember (question, qnet_host_info_new (question->name, answer->addresses, NULL),
                     QNET_HOST_CACHE_NO_LIMIT);

  return NULL;
}

static QnetHostInfo *
take_answer_for_address (Question          *question,
                         QnetSystemAnswer  *answer,
                         GError           **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *text = NULL;

  if (answer->status == 0)
    return new_for_address (question, answer->name);

  text = qnet_host_address_to_string (question->address);
  qnet_system_answer_set_error (answer, text, &failure);

  if (g_error_matches (failure, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND))
    return new_for_address (question, NULL);

  g_propagate_error (error, g_steal_pointer (&failure));

  return NULL;
}

static QnetHostInfo *
take_answer (Question          *question,
             QnetSystemAnswer  *answer,
             GError           **error)
{
  return question->name != NULL ? take_answer_for_name (question, answer, error)
                                : take_answer_for_address (question, answer, error);
}

static gboolean
begin_system_lookup (QnetSystemLookup *lookup,
                     Question         *question)
{
  if (question->name != NULL)
    return qnet_system_lookup_begin_name (lookup, question->encoded, question->generation);

  return qnet_system_lookup_begin_address (lookup, question->address);
}

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

static void
set_cancelled_error (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The lookup was cancelled"));
}

static gboolean
return_cb (gpointer user_data)
{
  Waiting *self = user_data;
  QnetSystemAnswer *answer = g_atomic_pointer_get (&self->answer);
  QnetHostInfo *info = NULL;
  GError *error = NULL;

  disconnect (self);

  if (answer != NULL)
    info = take_answer (g_task_get_task_data (self->task), answer, &error);
  else
    set_cancelled_error (&error);

  return_info (self->task, info, error);

  return G_SOURCE_REMOVE;
}

/* Takes the reference of the lookup. */
static void
return_later (Waiting *self)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_static_name (source, "[qnet] answer to a lookup");
  g_source_set_priority (source, g_task_get_priority (self->task));
  g_source_set_callback (source, return_cb, self, waiting_unref);
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
set_no_thread_error (Question  *question,
                     GError   **error)
{
  g_autofree char *text
    = question->name != NULL ? g_strdup (question->name)
                             : qnet_host_address_to_string (question->address);

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

  if (!begin_system_lookup (&self->lookup, g_task_get_task_data (task))
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
  info = take_resolved (g_task_get_task_data (task), inet_addresses, failure, &error);
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
  info = take_named (g_task_get_task_data (task), name, failure, &error);
  return_info (task, info, error);
}

static void
ask_async (GTask *task)  /* (transfer full) */
{
  Question *question = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (is_for_system (question))
    ask_system_async (task);
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
ask_system_here (Question *question)
{
  return question->name != NULL ? qnet_system_lookup_ask_name (question->encoded)
                                : qnet_system_lookup_ask_address (question->address);
}

/* (transfer full) (nullable): NULL when it was cancelled */
static QnetSystemAnswer *
ask_system (Question     *question,
            GCancellable *cancellable)
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

  if (begin_system_lookup (&sleeper.lookup, question)
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
                  const char           *what,
                  GError              **error)
{
  int error_number;

  *out_context = qnet_embedded_context_try_new (&error_number);

  if (*out_context != NULL)
    g_main_context_push_thread_default (qnet_embedded_context_get_inner (*out_context));
  else
    qnet_set_error_from_errno (error, error_number, _("Could not look up “%s”"), what);

  return *out_context != NULL;
}

static void
run_until_answered (QnetEmbeddedContext *context,
                    GAsyncResult       **result)
{
  GMainContext *inner = qnet_embedded_context_get_inner (context);

  while (*result == NULL)
    g_main_context_iteration (inner, TRUE);

  g_main_context_pop_thread_default (inner);
  qnet_embedded_context_free (context);
}

static GList *
resolve_name (Question      *question,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(GAsyncResult) result = NULL;
  QnetEmbeddedContext *context;

  if (G_RESOLVER_GET_CLASS (question->resolver)->lookup_by_name != NULL)
    return g_resolver_lookup_by_name (question->resolver, question->encoded, cancellable, error);

  if (!push_own_context (&context, question->name, error))
    return NULL;

  g_resolver_lookup_by_name_async (question->resolver, question->encoded, cancellable,
                                   keep_result_cb, &result);
  run_until_answered (context, &result);

  return g_resolver_lookup_by_name_finish (question->resolver, result, error);
}

static char *
resolve_address (Question      *question,
                 GCancellable  *cancellable,
                 GError       **error)
{
  g_autofree char *text = qnet_host_address_to_string (question->address);
  g_autoptr(GAsyncResult) result = NULL;
  QnetEmbeddedContext *context;

  if (G_RESOLVER_GET_CLASS (question->resolver)->lookup_by_address != NULL)
    return g_resolver_lookup_by_address (question->resolver, question->inet, cancellable, error);

  if (!push_own_context (&context, text, error))
    return NULL;

  g_resolver_lookup_by_address_async (question->resolver, question->inet, cancellable,
                                      keep_result_cb, &result);
  run_until_answered (context, &result);

  return g_resolver_lookup_by_address_finish (question->resolver, result, error);
}

static QnetHostInfo *
ask_and_wait (Question      *question,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(QnetSystemAnswer) answer = NULL;
  GError *failure = NULL;
  GList *inet_addresses;
  char *name;

  if (is_for_system (question))
    {
      answer = ask_system (question, cancellable);
      if (answer != NULL)
        return take_answer (question, answer, error);

      set_cancelled_error (error);
      return NULL;
    }

  if (question->name != NULL)
    {
      inet_addresses = resolve_name (question, cancellable, &failure);
      return take_resolved (question, inet_addresses, failure, error);
    }

  name = resolve_address (question, cancellable, &failure);

  return take_named (question, name, failure, error);
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
 * [error@SocketError.HOST_NOT_FOUND] says that there is no such name, and the other errors
 * ([struct@HostInfo] lists them) that it could not be found out; when @cancellable ends it, the error
 * is [error@Gio.IOErrorEnum.CANCELLED].
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
  g_autoptr(Question) question = NULL;
  GError *failure = NULL;
  QnetHostInfo *info;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  question = question_new_name (name);
  info = answer_at_once (question, &failure);
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
  Question *question;

  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  question = question_new_name (name);

  task = qnet_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_host_async);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);

  info = answer_at_once (question, &error);
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
 * [error@SocketError.HOST_NOT_FOUND] says that there is no such name, and the other errors
 * ([struct@HostInfo] lists them) that it could not be found out; when the cancellable ended the
 * lookup, the error is [error@Gio.IOErrorEnum.CANCELLED].
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

  return g_task_propagate_pointer (G_TASK (result), error);
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
 * [error@Gio.IOErrorEnum.CANCELLED].
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
  g_autoptr(Question) question = NULL;

  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  question = question_new_address (address);
  if (!prepare_address (question, error))
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
  Question *question;

  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = qnet_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_address_async);
  question = question_new_address (address);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);

  if (prepare_address (question, &error))
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
 * error is [error@Gio.IOErrorEnum.CANCELLED].
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

  return g_task_propagate_pointer (G_TASK (result), error);
}
