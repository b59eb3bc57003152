/* qnet-host-info.c: the addresses of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-info.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/**
 * QnetHostInfo:
 *
 * The answer to the question which addresses a host has.
 *
 * Ask with [func@HostInfo.lookup_host_async], or, where waiting does no harm, with
 * [func@HostInfo.from_name]. Both ask the default [class@Gio.Resolver]. A name may be in any
 * script: it is looked up in its ASCII form. The text of an address is taken as it is and nobody
 * is asked.
 *
 * An answer never changes and has one address at least; a name without any is an error,
 * [error@SocketError.HOST_NOT_FOUND].
 *
 * Since: 1.0
 */

struct _QnetHostInfo
{
  gint       ref_count;  /* (atomic): a gint, for ThreadSanitizer's eyes */

  char      *host_name;  /* (owned): as it was asked for */
  GPtrArray *addresses;  /* (owned) (element-type QnetHostAddress) */
};

G_DEFINE_BOXED_TYPE (QnetHostInfo, qnet_host_info, qnet_host_info_ref, qnet_host_info_unref)

/* Answers */

static QnetHostInfo *
new_empty (const char *host_name)
{
  QnetHostInfo *self = g_new0 (QnetHostInfo, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->host_name = g_strdup (host_name);
  self->addresses = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  return self;
}

/* The answer for the text of an address; NULL when @name is none. */
static QnetHostInfo *
new_from_literal (const char *name)
{
  QnetHostAddress *address = qnet_host_address_from_string (name);
  QnetHostInfo *self;

  if (address == NULL)
    return NULL;

  self = new_empty (name);
  g_ptr_array_add (self->addresses, address);

  return self;
}

/* Keeps the resolver's order, which says what to try first, and of duplicates the first one. */
static QnetHostInfo *
new_from_resolved (const char *name,
                   GList      *inet_addresses)
{
  QnetHostInfo *self = new_empty (name);
  g_autoptr(GHashTable) seen = g_hash_table_new ((GHashFunc) qnet_host_address_hash,
                                                 (GEqualFunc) qnet_host_address_equal);

  for (GList *link = inet_addresses; link != NULL; link = link->next)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_new_from_inet_address (link->data);

      if (g_hash_table_add (seen, address))
        g_ptr_array_add (self->addresses, g_steal_pointer (&address));
    }

  return self;
}

static QnetHostInfo *
take_resolved (const char  *name,
               GList       *inet_addresses,  /* (transfer full) */
               GError      *failure,         /* (transfer full) (nullable) */
               GError     **error)
{
  QnetHostInfo *self = NULL;

  if (failure != NULL)
    qnet_take_error_from_gerror (error, failure, _("Could not look up “%s”"), name);
  else if (inet_addresses == NULL)
    qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND, _("“%s” has no address"), name);
  else
    self = new_from_resolved (name, inet_addresses);

  g_resolver_free_addresses (inet_addresses);

  return self;
}

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

/* The asynchronous look-up */

static void
resolved_cb (GObject      *source,
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

  if (info != NULL)
    g_task_return_pointer (task, info, (GDestroyNotify) qnet_host_info_unref);
  else
    g_task_return_error (task, error);
}

static void
ask_resolver (GTask      *task,  /* (transfer full) */
              const char *encoded)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, encoded, g_task_get_cancellable (task),
                                   resolved_cb, task);
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
  g_autoptr(GResolver) resolver = NULL;
  g_autofree char *encoded = NULL;
  GError *failure = NULL;
  GList *inet_addresses;
  QnetHostInfo *literal;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  literal = new_from_literal (name);
  if (literal != NULL)
    return literal;

  encoded = encode_name (name, error);
  if (encoded == NULL)
    return NULL;

  resolver = g_resolver_get_default ();
  inet_addresses = g_resolver_lookup_by_name (resolver, encoded, cancellable, &failure);

  return take_resolved (name, inet_addresses, failure, error);
}

/**
 * qnet_host_info_lookup_host_async:
 * @name: the name of a host, or the text of an address
 * @cancellable: (nullable): a way to give up
 * @callback: (scope async) (nullable): what to call with the answer
 * @user_data: (closure): what to pass to @callback
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
  g_autofree char *encoded = NULL;
  GError *error = NULL;
  QnetHostInfo *literal;

  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_host_info_lookup_host_async);
  g_task_set_task_data (task, g_strdup (name), g_free);

  literal = new_from_literal (name);
  if (literal != NULL)
    {
      g_task_return_pointer (task, literal, (GDestroyNotify) qnet_host_info_unref);
      return;
    }

  encoded = encode_name (name, &error);
  if (encoded != NULL)
    ask_resolver (g_steal_pointer (&task), encoded);
  else
    g_task_return_error (task, error);
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
 * qnet_host_info_ref:
 * @self: an answer
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_ref (QnetHostInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * qnet_host_info_unref:
 * @self: (transfer full): an answer
 *
 * Gives a reference back. It may be called from any thread; the last one frees the answer.
 *
 * Since: 1.0
 */
void
qnet_host_info_unref (QnetHostInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->host_name);
  g_ptr_array_unref (self->addresses);
  g_free (self);
}

/**
 * qnet_host_info_get_host_name:
 * @self: an answer
 *
 * Gets the name that was asked for, as it was given.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_host_info_get_host_name (QnetHostInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->host_name;
}

/**
 * qnet_host_info_get_addresses:
 * @self: an answer
 *
 * Gets the addresses of the host, one at least.
 *
 * They are in the order of the resolver, which is the order in which to try them, and each is there
 * once.
 *
 * Returns: (transfer none) (element-type QnetHostAddress): the addresses
 *
 * Since: 1.0
 */
GPtrArray *
qnet_host_info_get_addresses (QnetHostInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->addresses;
}
