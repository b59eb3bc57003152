/* qnet-host-cache.c: a cache for the results of lookups
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-host-cache-private.h"

#include <string.h>
#include <sys/stat.h>

#include "address/qnet-host-name-private.h"
#include "loop/qnet-reactor-private.h"

/* The files that the results of the system depend on. They may be missing. */
static const char *const config_files[] = {
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/gai.conf",
  "/etc/host.conf",
};

#define N_RESULTS (QNET_NETWORK_LAYER_PROTOCOL_ANY_IP + 1)

/* The state of a file when it was last checked. */
typedef struct
{
  guint64 device;
  guint64 inode;
  gint64  size;
  gint64  seconds;      /* the last modification; of the target of a link */
  gint64  nanoseconds;
} FileState;

typedef struct
{
  QnetHostInfo *info;     /* (owned) (nullable) */
  gint64        expires;  /* monotonic microseconds: when it expires */
} Result;

typedef struct
{
  char            *name;                /* (owned) */
  Result           results[N_RESULTS];  /* by QnetNetworkLayerProtocol */
  QnetHostAddress *success;             /* (owned) (nullable): last connected to */
  gint64           success_expires;     /* monotonic microseconds */
  GList            link;                /* in by_use; data is the entry */
} Entry;

/* Guarded by the lock */
G_LOCK_DEFINE_STATIC (cache);

static gboolean    is_enabled = TRUE;
static guint       generation = 0;     /* number of times that the cache was cleared */
static GHashTable *entries = NULL;     /* (nullable): char (unowned) => Entry (owned) */
static GQueue      by_use = G_QUEUE_INIT;  /* of Entry; the most recently used one comes first */
static GWeakRef    source;             /* the resolver of the results */
static gulong      reload_id = 0;      /* of a signal handler of the resolver */
static FileState   config[G_N_ELEMENTS (config_files)];

static void
entry_free (Entry *entry)
{
  g_queue_unlink (&by_use, &entry->link);
  g_free (entry->name);
  g_clear_pointer (&entry->success, qnet_host_address_unref);
  for (gsize i = 0; i < N_RESULTS; i++)
    g_clear_pointer (&entry->results[i].info, qnet_host_info_unref);

  g_free (entry);
}

static void
clear_locked (void)
{
  generation++;
  g_clear_pointer (&entries, g_hash_table_unref);
}

/* The resolver has reloaded its configuration. */
static void
reload_cb (GResolver *resolver,
           gpointer   user_data)
{
  qnet_host_cache_clear ();
}

/* Discards the results of another resolver: the program may have replaced the default resolver. */
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
read_file_state (const char *path,
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

/* GIO checks its configuration only when it is asked for a name, which does not happen for a cached
 * one. */
static void
check_config_locked (void)
{
  FileState now[G_N_ELEMENTS (config_files)];

  for (gsize i = 0; i < G_N_ELEMENTS (config_files); i++)
    read_file_state (config_files[i], &now[i]);

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

/* The entry becomes the one that was used last. */
static Entry *
find_entry_locked (const char *name)
{
  Entry *entry = entries != NULL ? g_hash_table_lookup (entries, name) : NULL;

  if (entry != NULL)
    {
      g_queue_unlink (&by_use, &entry->link);
      g_queue_push_head_link (&by_use, &entry->link);
    }

  return entry;
}

static Entry *
add_entry_locked (const char *name)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->name = g_strdup (name);
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

  return entry;
}

static Entry *
make_entry_locked (const char *name)
{
  Entry *entry = find_entry_locked (name);

  return entry != NULL ? entry : add_entry_locked (name);
}

static void
add_locked (const char               *name,
            QnetNetworkLayerProtocol  protocol,
            QnetHostInfo             *info,
            guint                     time_to_live)
{
  Result *result = &make_entry_locked (name)->results[protocol];

  g_clear_pointer (&result->info, qnet_host_info_unref);
  result->info = qnet_host_info_ref (info);
  result->expires = qnet_clock_now () + get_lifetime (time_to_live);
}

static QnetHostInfo *
find_locked (const char               *name,
             QnetNetworkLayerProtocol  protocol)
{
  Entry *entry = find_entry_locked (name);
  Result *result = entry != NULL ? &entry->results[protocol] : NULL;

  if (result == NULL || result->info == NULL)
    return NULL;

  if (result->expires <= qnet_clock_now ())
    {
      g_clear_pointer (&result->info, qnet_host_info_unref);
      return NULL;
    }

  return qnet_host_info_ref (result->info);
}

static void
remember_locked (const char      *name,
                 QnetHostAddress *address)
{
  Entry *entry = make_entry_locked (name);

  g_clear_pointer (&entry->success, qnet_host_address_unref);
  entry->success = qnet_host_address_ref (address);
  entry->success_expires = qnet_clock_now () + QNET_HOST_CACHE_MEMORY;
}

static QnetHostAddress *
recall_locked (const char *name)
{
  Entry *entry = find_entry_locked (name);

  if (entry == NULL || entry->success == NULL || entry->success_expires <= qnet_clock_now ())
    return NULL;

  return qnet_host_address_ref (entry->success);
}

/* Interface */

QnetHostInfo *
qnet_host_cache_find (GResolver                *resolver,
                      const char               *name,
                      QnetNetworkLayerProtocol  protocol)
{
  QnetHostInfo *info = NULL;

  G_LOCK (cache);

  if (is_enabled)
    {
      use_resolver_locked (resolver);
      check_config_locked ();
      info = find_locked (name, protocol);
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
qnet_host_cache_add (GResolver                *resolver,
                     const char               *name,
                     QnetNetworkLayerProtocol  protocol,
                     QnetHostInfo             *info,
                     guint                     of_generation,
                     guint                     time_to_live)
{
  G_LOCK (cache);

  if (is_enabled)
    {
      use_resolver_locked (resolver);
      check_config_locked ();

      if (of_generation == generation && time_to_live > 0)
        add_locked (name, protocol, info, time_to_live);
    }

  G_UNLOCK (cache);
}

QnetHostAddress *
qnet_host_cache_recall (const char *host)
{
  g_autofree char *name = qnet_host_name_canonicalize (host);
  QnetHostAddress *address = NULL;

  if (name == NULL)
    return NULL;

  G_LOCK (cache);

  if (is_enabled)
    address = recall_locked (name);

  G_UNLOCK (cache);

  return address;
}

void
qnet_host_cache_remember (const char      *host,
                          QnetHostAddress *address)
{
  g_autofree char *name = qnet_host_name_canonicalize (host);

  if (name == NULL)
    return;

  G_LOCK (cache);

  if (is_enabled)
    remember_locked (name, address);

  G_UNLOCK (cache);
}

void
qnet_host_cache_remove (const char *host)
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
