/* qnet-host-info-lookup.c: asking the resolver, for names and for addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-info.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "lookup/qnet-host-cache-private.h"
#include "lookup/qnet-host-info-private.h"

/* A question for the addresses of a name. */
typedef struct
{
  GResolver *resolver;    /* (owned): the default one when the question was asked */
  char      *name;        /* (owned): as it was given */
  char      *encoded;     /* (owned) (nullable): as the resolver wants it */
  guint      generation;  /* of the cache, before the resolver was asked */
} Question;

/* Names */

/* The name as the resolver wants it.
 * g_hostname_to_ascii() expects UTF-8, and takes "" for a name. */
static char *
encode_name (const char  *name,
             GError     **error)
{
  char *encoded = NULL;

  if (*name == '\0')
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND, _("The name of the host is empty"));
      return NULL;
    }

  if (g_utf8_validate (name, -1, NULL))
    encoded = g_hostname_to_ascii (name);

  if (encoded == NULL)
    {
      g_autofree char *readable = g_utf8_make_valid (name, -1);

      qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      _("“%s” cannot be the name of a host"), readable);
    }

  return encoded;
}

static Question *
question_new (const char *name)
{
  Question *question = g_new0 (Question, 1);

  question->resolver = g_resolver_get_default ();
  question->name = g_strdup (name);

  return question;
}

static void
question_free (Question *question)
{
  g_object_unref (question->resolver);
  g_free (question->name);
  g_free (question->encoded);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

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
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (name);

  return address != NULL ? new_named (name, address) : NULL;
}

/* NULL without an error: the resolver has to be asked. */
static QnetHostInfo *
answer_at_once (Question  *question,
                GError   **error)
{
  QnetHostInfo *info = answer_literal (question->name);
  g_autoptr(QnetHostInfo) cached = NULL;

  if (info != NULL)
    return info;

  question->encoded = encode_name (question->name, error);
  if (question->encoded == NULL)
    return NULL;

  cached = qnet_host_cache_find (question->resolver, question->encoded);
  if (cached != NULL)
    return qnet_host_info_new_shared (cached, question->name, -1);

  question->generation = qnet_host_cache_get_generation ();

  return NULL;
}

static QnetHostInfo *
take_resolved (Question  *question,
               GList     *inet_addresses,  /* (transfer full) */
               GError    *failure,         /* (transfer full) (nullable) */
               GError   **error)
{
  QnetHostInfo *info = NULL;

  if (failure != NULL)
    qnet_take_error_from_gerror (error, failure, _("Could not look up “%s”"), question->name);
  else if (inet_addresses == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND, _("“%s” has no address"),
                    question->name);
  else
    {
      info = qnet_host_info_new_from_inet_addresses (question->name, inet_addresses);
      qnet_host_cache_add (question->resolver, question->encoded, info, question->generation);
    }

  g_resolver_free_addresses (inet_addresses);

  return info;
}

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

/* Addresses */

/* Whoever has the address chooses its name, and need not choose well: what is no text is none. */
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
take_named (QnetHostAddress  *address,
            char             *name,     /* (transfer full) (nullable) */
            GError           *failure,  /* (transfer full) (nullable) */
            GError          **error)
{
  g_autofree char *encoded = name;
  g_autofree char *text = qnet_host_address_to_string (address);
  g_autofree char *decoded = decode_name (encoded);

  if (failure != NULL && !g_error_matches (failure, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    {
      qnet_take_error_from_gerror (error, failure, _("Could not look up “%s”"), text);
      return NULL;
    }

  g_clear_error (&failure);

  return new_named (decoded != NULL ? decoded : text, address);
}

static GInetAddress *
get_inet_address (QnetHostAddress  *address,
                  GError          **error)
{
  GInetAddress *inet = qnet_host_address_to_inet_address (address);

  if (inet == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND, _("There is no address to look up"));

  return inet;
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
 * [error@SocketError.HOST_NOT_FOUND] says that there is no such name; when @cancellable ends it,
 * the error is [error@Gio.IOErrorEnum.CANCELLED].
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
  GList *inet_addresses;
  QnetHostInfo *info;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  question = question_new (name);
  info = answer_at_once (question, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  if (info != NULL || failure != NULL)
    return info;

  inet_addresses = g_resolver_lookup_by_name (question->resolver, question->encoded, cancellable,
                                              &failure);

  return take_resolved (question, inet_addresses, failure, error);
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

  question = question_new (name);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_host_async);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);

  info = answer_at_once (question, &error);
  if (info != NULL || error != NULL)
    return_info (task, info, error);
  else
    g_resolver_lookup_by_name_async (question->resolver, question->encoded, cancellable,
                                     resolved_name_cb, g_steal_pointer (&task));
}

/**
 * qnet_host_info_lookup_host_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the answer to [func@HostInfo.lookup_host_async].
 *
 * [error@SocketError.HOST_NOT_FOUND] says that there is no such name; when the cancellable ended
 * the look-up, the error is [error@Gio.IOErrorEnum.CANCELLED].
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
  g_autoptr(GResolver) resolver = NULL;
  g_autoptr(GInetAddress) inet = NULL;
  GError *failure = NULL;
  char *name;

  g_return_val_if_fail (address != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  inet = get_inet_address (address, error);
  if (inet == NULL)
    return NULL;

  resolver = g_resolver_get_default ();
  name = g_resolver_lookup_by_address (resolver, inet, cancellable, &failure);

  return take_named (address, name, failure, error);
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
  g_autoptr(GResolver) resolver = NULL;
  g_autoptr(GInetAddress) inet = NULL;
  GError *error = NULL;

  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_address_async);
  g_task_set_task_data (task, qnet_host_address_ref (address),
                        (GDestroyNotify) qnet_host_address_unref);

  inet = get_inet_address (address, &error);
  if (inet == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  resolver = g_resolver_get_default ();
  g_resolver_lookup_by_address_async (resolver, inet, cancellable, resolved_address_cb,
                                      g_steal_pointer (&task));
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
