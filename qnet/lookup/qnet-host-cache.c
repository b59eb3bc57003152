/* qnet-host-cache.c: answers that are a minute old at most
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-host-cache-private.h"

#include <string.h>
#include <sys/stat.h>

#include "address/qnet-host-name-private.h"
#include "engine/qnet-reactor-private.h"

/* What the answers of a system depend on. A system without one of them does without it. */
static const char *const config_files[] = {
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/gai.conf",
  "/etc/host.conf",
};

/* How a file was when it was looked at last. */
typedef struct
{
  guint64 device;
  guint64 inode;
  gint64  size;
  gint64  seconds;      /* of its last change; of the file that a link leads to */
  gint64  nanoseconds;
} FileState;

typedef struct
{
  char         *name;  /* (owned) */
  QnetHostInfo *info;  /* (owned) */
  gint64        due;   /* monotonic microseconds: when it is too old */
  GList         link;  /* in by_use; data is the entry */
} Entry;

/* All of it is guarded by the lock. */
G_LOCK_DEFINE_STATIC (cache);

static gboolean    is_enabled = TRUE;
static guint       generation = 0;     /* how often the cache was cleared */
static GHashTable *entries = NULL;     /* (nullable): char (unowned) => Entry (owned) */
static GQueue      by_use = G_QUEUE_INIT;  /* of Entry; the last one to be used stands first */
static GWeakRef    source;             /* the resolver that the answers are from */
static gulong      reload_id = 0;      /* a handler of it */
static FileState   config[G_N_ELEMENTS (config_files)];

static void
entry_free (Entry *entry)
{
  g_queue_unlink (&by_use, &entry->link);
  g_free (entry->name);
  qnet_host_info_unref (entry->info);
  g_free (entry);
}

static void
clear_locked (void)
{
  generation++;
  g_clear_pointer (&entries, g_hash_table_unref);
}

/* The resolver has read its configuration anew. */
static void
reload_cb (GResolver *resolver,
           gpointer   user_data)
{
  qnet_host_cache_clear ();
}

/* The answers of one resolver are none of another's: a program may have put a new one in its
 * place. */
static void
use_resolver_locked (GResolver *resolver)
{
  g_autoptr(GResolver) former = g_weak_ref_get (&source);

  if (former == resolver)
    return;

  if (former != NULL)
    g_signal_handler_disconnect (former, reload_id);

  if (former != NULL || entries != NULL)
    clear_locked ();

  g_weak_ref_set (&source, resolver);
  reload_id = g_signal_connect (resolver, "reload", G_CALLBACK (reload_cb), NULL);
}

static void
look_at_file (const char *path,
              FileState  *out_state)
{
  struct stat status;

  memset (out_state, 0, sizeof *out_state);

  if (stat (path, &status) != 0)
    return;

  out_state->device = status.st_dev;
  out_state->inode = status.st_ino;
  out_state->size = status.st_size;
  out_state->seconds = status.st_mtime;
#ifdef __linux__
  out_state->nanoseconds = status.st_mtim.tv_nsec;
#endif
}

/* GIO looks only when it is asked for a name, and whom the cache answers does not ask. */
static void
check_config_locked (void)
{
  FileState now[G_N_ELEMENTS (config_files)];

  for (gsize i = 0; i < G_N_ELEMENTS (config_files); i++)
    look_at_file (config_files[i], &now[i]);

  if (memcmp (now, config, sizeof now) == 0)
    return;

  memcpy (config, now, sizeof now);
  clear_locked ();
}

static gint64
get_lifetime (guint time_to_live)
{
  return MIN (QNET_HOST_CACHE_LIFETIME, (gint64) time_to_live * G_USEC_PER_SEC);
}

static void
add_locked (const char   *name,
            QnetHostInfo *info,
            guint         time_to_live)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->name = g_strdup (name);
  entry->info = qnet_host_info_ref (info);
  entry->due = qnet_clock_now () + get_lifetime (time_to_live);
  entry->link.data = entry;

  if (entries == NULL)
    entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) entry_free);

  g_hash_table_replace (entries, entry->name, entry);
  g_queue_push_head_link (&by_use, &entry->link);

  if (by_use.length > QNET_HOST_CACHE_SIZE)
    {
      const Entry *last = g_queue_peek_tail (&by_use);

      g_hash_table_remove (entries, last->name);
    }
}

static QnetHostInfo *
find_locked (const char *name)
{
  Entry *entry = entries != NULL ? g_hash_table_lookup (entries, name) : NULL;

  if (entry == NULL)
    return NULL;

  if (entry->due <= qnet_clock_now ())
    {
      g_hash_table_remove (entries, name);
      return NULL;
    }

  g_queue_unlink (&by_use, &entry->link);
  g_queue_push_head_link (&by_use, &entry->link);

  return qnet_host_info_ref (entry->info);
}

/* Interface */

QnetHostInfo *
qnet_host_cache_find (GResolver  *resolver,
                      const char *name)
{
  QnetHostInfo *info = NULL;

  G_LOCK (cache);

  if (is_enabled)
    {
      use_resolver_locked (resolver);
      check_config_locked ();
      info = find_locked (name);
    }

  G_UNLOCK (cache);

  return info;
}

guint
qnet_host_cache_get_generation (void)
{
  guint current;

  G_LOCK (cache);
  current = generation;
  G_UNLOCK (cache);

  return current;
}

void
qnet_host_cache_add (GResolver    *resolver,
                     const char   *name,
                     QnetHostInfo *info,
                     guint         of_generation,
                     guint         time_to_live)
{
  G_LOCK (cache);

  if (is_enabled)
    {
      use_resolver_locked (resolver);
      check_config_locked ();

      if (of_generation == generation && time_to_live > 0)
        add_locked (name, info, time_to_live);
    }

  G_UNLOCK (cache);
}

void
qnet_host_cache_forget (const char *host)
{
  g_autofree char *name = qnet_host_name_canonicalize (host);

  if (name == NULL)
    return;

  G_LOCK (cache);

  if (entries != NULL)
    g_hash_table_remove (entries, name);

  G_UNLOCK (cache);
}

void
qnet_host_cache_clear (void)
{
  G_LOCK (cache);
  clear_locked ();
  G_UNLOCK (cache);
}

gboolean
qnet_host_cache_is_enabled (void)
{
  gboolean is;

  G_LOCK (cache);
  is = is_enabled;
  G_UNLOCK (cache);

  return is;
}

void
qnet_host_cache_set_enabled (gboolean enabled)
{
  G_LOCK (cache);

  is_enabled = enabled;
  if (!enabled)
    clear_locked ();

  G_UNLOCK (cache);
}
