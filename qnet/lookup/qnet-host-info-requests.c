/* qnet-host-info-requests.c: look-ups by number, for C
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-info.h"

#include "lookup/qnet-host-info-private.h"

/* Lives until its look-up has called back, aborted or not. */
typedef struct
{
  int                   id;
  char                 *name;         /* (owned) */
  GCancellable         *cancellable;  /* (owned) */
  QnetHostInfoCallback  callback;     /* (nullable) */
  gpointer              user_data;
  GDestroyNotify        destroy;      /* (nullable) */
} Request;

/* Those that wait for an answer; who is not in there is aborted. Guarded by the lock. */
G_LOCK_DEFINE_STATIC (requests);
static GHashTable *requests = NULL;  /* (nullable): int => GCancellable (owned) */
static int last_id = 0;

static void
request_free (Request *request)
{
  if (request->destroy != NULL)
    request->destroy (request->user_data);

  g_free (request->name);
  g_object_unref (request->cancellable);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

/* After two thousand million look-ups the numbers begin anew, past those that still wait. */
static int
enlist (GCancellable *cancellable)
{
  int id;

  G_LOCK (requests);

  if (requests == NULL)
    requests = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);

  do
    last_id = last_id < G_MAXINT ? last_id + 1 : 1;
  while (g_hash_table_contains (requests, GINT_TO_POINTER (last_id)));

  id = last_id;
  g_hash_table_insert (requests, GINT_TO_POINTER (id), g_object_ref (cancellable));

  G_UNLOCK (requests);

  return id;
}

/* (transfer full) (nullable): NULL when it waits no longer */
static GCancellable *
strike_out (int id)
{
  GCancellable *cancellable = NULL;

  G_LOCK (requests);

  if (requests != NULL)
    g_hash_table_steal_extended (requests, GINT_TO_POINTER (id), NULL, (gpointer *) &cancellable);

  G_UNLOCK (requests);

  return cancellable;
}

static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(Request) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, &error);
  g_autoptr(GCancellable) waiting = strike_out (request->id);
  g_autoptr(QnetHostInfo) numbered = NULL;

  if (waiting == NULL || request->callback == NULL)
    return;

  if (info == NULL)
    info = qnet_host_info_new (request->name, NULL, error);

  numbered = qnet_host_info_new_shared (info, request->name, request->id);
  request->callback (numbered, request->user_data);
}

/* The callback of an object */

typedef struct
{
  GWeakRef             object;
  QnetHostInfoCallback callback;
} ObjectCallback;

static void
object_callback_free (gpointer data)
{
  ObjectCallback *self = data;

  g_weak_ref_clear (&self->object);
  g_free (self);
}

static void
call_for_object (QnetHostInfo *info,
                 gpointer      user_data)
{
  ObjectCallback *self = user_data;
  g_autoptr(GObject) object = g_weak_ref_get (&self->object);

  if (object != NULL)
    self->callback (info, object);
}

/* Public API */

/**
 * qnet_host_info_lookup_host: (skip)
 * @name: the name of a host, or the text of an address
 * @callback: (nullable): what to call with the answer
 * @user_data: what to pass to @callback
 * @destroy: (nullable): what to call with @user_data when it is no longer needed
 *
 * Looks up a name.
 *
 * The answer, which may be an [error][method@HostInfo.get_error], comes through the thread-default
 * main context, and never before this function has returned, not even where it is known at once.
 *
 * It is for C. Other languages have [func@HostInfo.lookup_host_async].
 *
 * Returns: a number for [func@HostInfo.abort_host_lookup], greater than 0
 *
 * Since: 1.0
 */
int
qnet_host_info_lookup_host (const char           *name,
                            QnetHostInfoCallback  callback,
                            gpointer              user_data,
                            GDestroyNotify        destroy)
{
  Request *request;
  int id;

  g_return_val_if_fail (name != NULL, 0);

  request = g_new0 (Request, 1);
  request->name = g_strdup (name);
  request->cancellable = g_cancellable_new ();
  request->callback = callback;
  request->user_data = user_data;
  request->destroy = destroy;
  request->id = id = enlist (request->cancellable);

  qnet_host_info_lookup_host_async (name, request->cancellable, looked_up_cb, request);

  return id;
}

/**
 * qnet_host_info_lookup_host_for_object: (skip)
 * @name: the name of a host, or the text of an address
 * @object: for whom
 * @callback: what to call with the answer and @object
 *
 * Looks up a name as [func@HostInfo.lookup_host] does, for an object.
 *
 * @callback is not called when @object is no longer there.
 *
 * Returns: a number for [func@HostInfo.abort_host_lookup], greater than 0
 *
 * Since: 1.0
 */
int
qnet_host_info_lookup_host_for_object (const char           *name,
                                       GObject              *object,
                                       QnetHostInfoCallback  callback)
{
  ObjectCallback *object_callback;

  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (G_IS_OBJECT (object), 0);
  g_return_val_if_fail (callback != NULL, 0);

  object_callback = g_new0 (ObjectCallback, 1);
  g_weak_ref_init (&object_callback->object, object);
  object_callback->callback = callback;

  return qnet_host_info_lookup_host (name, call_for_object, object_callback, object_callback_free);
}

/**
 * qnet_host_info_abort_host_lookup: (skip)
 * @lookup_id: what [func@HostInfo.lookup_host] has returned
 *
 * Gives a look-up up: its callback will not be called.
 *
 * The data of the callback is destroyed in a later turn of its main context. Where the look-up has
 * ended, and for a number that never was one, nothing happens. It may be called from any thread,
 * but only in the thread of the callback can you be sure that the callback does not run meanwhile.
 *
 * Since: 1.0
 */
void
qnet_host_info_abort_host_lookup (int lookup_id)
{
  g_autoptr(GCancellable) cancellable = strike_out (lookup_id);

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}
