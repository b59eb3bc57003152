/* qnet-tls-resumption.c: the sessions that a client can resume, and the keys of a server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-resumption-private.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <string.h>

/* The most sessions of a thread, and of one origin. */
#define MAX_SESSIONS   128
#define MAX_OF_ORIGIN  4

typedef struct
{
  QnetTlsOrigin *origin;  /* (owned): without a cache */
  GBytes        *data;    /* (owned) */
} Entry;

struct _QnetTlsSessionCache
{
  gatomicrefcount  ref_count;
  pthread_mutex_t  mutex;      /* ThreadSanitizer cannot see into GMutex */
  GQueue           entries;    /* (by mutex): of Entry (owned), the latest first */
  GSList          *surplus;    /* (by mutex): of Entry (owned), that others have displaced */
};

static void cache_unref (gpointer data);

static GPrivate the_cache = G_PRIVATE_INIT (cache_unref);

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  qnet_tls_origin_free (entry->origin);
  g_bytes_unref (entry->data);
  g_free (entry);
}

static QnetTlsSessionCache *
cache_new (void)
{
  QnetTlsSessionCache *cache = g_new0 (QnetTlsSessionCache, 1);

  g_atomic_ref_count_init (&cache->ref_count);
  pthread_mutex_init (&cache->mutex, NULL);
  g_queue_init (&cache->entries);

  return cache;
}

static QnetTlsSessionCache *
cache_ref (QnetTlsSessionCache *cache)
{
  g_atomic_ref_count_inc (&cache->ref_count);

  return cache;
}

static void
cache_unref (gpointer data)
{
  QnetTlsSessionCache *cache = data;

  if (!g_atomic_ref_count_dec (&cache->ref_count))
    return;

  g_queue_clear_full (&cache->entries, entry_free);
  qnet_tls_surplus_free (cache->surplus);
  pthread_mutex_destroy (&cache->mutex);
  g_free (cache);
}

/* Of this thread */
static QnetTlsSessionCache *
get_cache (void)
{
  QnetTlsSessionCache *cache = g_private_get (&the_cache);

  if (cache == NULL)
    {
      cache = cache_new ();
      g_private_set (&the_cache, cache);
    }

  return cache;
}

/* Origins */

QnetTlsOrigin *
qnet_tls_origin_new (const char         *name,
                     guint16             port,
                     const char * const *protocols,
                     QnetTlsTrust       *trust,
                     GTlsDatabase       *database,
                     QnetTlsIdentity    *identity,
                     guint               mode,
                     GTlsProtocolVersion minimum,
                     const char         *priority)
{
  QnetTlsOrigin *self = g_new0 (QnetTlsOrigin, 1);

  self->name = g_strdup_printf ("%s\n%u", name, port);
  self->protocols = protocols != NULL ? g_strjoinv ("\n", (char **) protocols) : g_strdup ("");
  self->trust = qnet_tls_trust_ref (trust);
  g_set_object (&self->database, database);
  self->identity = identity != NULL ? qnet_tls_identity_ref (identity) : NULL;
  self->mode = mode;
  self->policy = g_strdup_printf ("%d\n%s", (int) minimum, priority != NULL ? priority : "");
  self->cache = cache_ref (get_cache ());

  return self;
}

static QnetTlsOrigin *
origin_copy (const QnetTlsOrigin *self)
{
  QnetTlsOrigin *copy = g_new0 (QnetTlsOrigin, 1);

  copy->name = g_strdup (self->name);
  copy->protocols = g_strdup (self->protocols);
  copy->trust = qnet_tls_trust_ref (self->trust);
  g_set_object (&copy->database, self->database);
  copy->identity = self->identity != NULL ? qnet_tls_identity_ref (self->identity) : NULL;
  copy->mode = self->mode;
  copy->policy = g_strdup (self->policy);

  return copy;
}

void
qnet_tls_origin_free (QnetTlsOrigin *self)
{
  g_free (self->name);
  g_free (self->protocols);
  g_free (self->policy);
  qnet_tls_trust_unref (self->trust);
  g_clear_object (&self->database);
  g_clear_pointer (&self->identity, qnet_tls_identity_unref);
  g_clear_pointer (&self->cache, cache_unref);
  g_free (self);
}

/* The objects are compared by their addresses, which the entries keep from being used again. */
static gboolean
is_equal (const QnetTlsOrigin *a,
          const QnetTlsOrigin *b)
{
  return a->trust == b->trust && a->database == b->database && a->identity == b->identity
         && a->mode == b->mode && g_str_equal (a->name, b->name)
         && g_str_equal (a->protocols, b->protocols) && g_str_equal (a->policy, b->policy);
}

/* (nullable): the link of the entry number @n for @origin */
static GList *
find (QnetTlsSessionCache *cache,
      const QnetTlsOrigin *origin,
      guint                n)
{
  for (GList *link = cache->entries.head; link != NULL; link = link->next)
    if (is_equal (((Entry *) link->data)->origin, origin) && n-- == 0)
      return link;

  return NULL;
}

/* (transfer full) (nullable): @link is NULL or one of @cache */
static Entry *
take_entry (QnetTlsSessionCache *cache,
            GList               *link)
{
  Entry *entry = link != NULL ? link->data : NULL;

  if (link != NULL)
    g_queue_delete_link (&cache->entries, link);

  return entry;
}

/* (nullable): what is too much, after one more for @origin */
static GList *
find_surplus (QnetTlsSessionCache *cache,
              const QnetTlsOrigin *origin)
{
  GList *surplus = find (cache, origin, MAX_OF_ORIGIN);

  if (surplus == NULL && cache->entries.length > MAX_SESSIONS)
    surplus = cache->entries.tail;

  return surplus;
}

GBytes *
qnet_tls_origin_take (const QnetTlsOrigin *self)
{
  QnetTlsSessionCache *cache = self->cache;
  GBytes *data;
  Entry *entry;

  pthread_mutex_lock (&cache->mutex);
  entry = take_entry (cache, find (cache, self, 0));
  pthread_mutex_unlock (&cache->mutex);

  if (entry == NULL)
    return NULL;

  data = g_bytes_ref (entry->data);
  entry_free (entry);

  return data;
}

/* The objects of another origin may have no other reference, and the caller may be in another
 * thread, inside a device: then that waits for qnet_tls_take_surplus(). (transfer full) (nullable):
 * what can be freed at once. */
static Entry *
limit (QnetTlsSessionCache *cache,
       const QnetTlsOrigin *origin)
{
  Entry *entry = take_entry (cache, find_surplus (cache, origin));

  if (entry == NULL || is_equal (entry->origin, origin))
    return entry;

  cache->surplus = g_slist_prepend (cache->surplus, entry);

  return NULL;
}

void
qnet_tls_origin_store (const QnetTlsOrigin *self,
                       GBytes              *data)
{
  QnetTlsSessionCache *cache = self->cache;
  Entry *entry = g_new (Entry, 1);
  Entry *surplus;

  entry->origin = origin_copy (self);
  entry->data = g_bytes_ref (data);

  pthread_mutex_lock (&cache->mutex);
  g_queue_push_head (&cache->entries, entry);
  surplus = limit (cache, self);
  pthread_mutex_unlock (&cache->mutex);

  g_clear_pointer (&surplus, entry_free);
}

GSList *
qnet_tls_take_surplus (void)
{
  QnetTlsSessionCache *cache = get_cache ();
  GSList *surplus;

  pthread_mutex_lock (&cache->mutex);
  surplus = g_steal_pointer (&cache->surplus);
  pthread_mutex_unlock (&cache->mutex);

  return surplus;
}

void
qnet_tls_surplus_free (gpointer surplus)
{
  g_slist_free_full (surplus, entry_free);
}

/* Tickets */

/* A key of GnuTLS has the size of a digest of SHA-512. */
#define KEY_SIZE 64

static void
key_free (gpointer data)
{
  gnutls_memset (data, 0, KEY_SIZE);
  g_free (data);
}

static GBytes *
new_key (guint8 *data)  /* (transfer full) */
{
  return g_bytes_new_with_free_func (data, KEY_SIZE, key_free, data);
}

GBytes *
qnet_tls_ticket_key_new (void)
{
  gnutls_datum_t key;
  GBytes *bytes = NULL;

  if (gnutls_session_ticket_key_generate (&key) != GNUTLS_E_SUCCESS)
    return NULL;

  if (key.size == KEY_SIZE)
    bytes = new_key (g_memdup2 (key.data, KEY_SIZE));

  gnutls_memset (key.data, 0, key.size);
  gnutls_free (key.data);

  return bytes;
}

/* As HKDF-Expand does it for one block (RFC 5869, section 2.3). */
GBytes *
qnet_tls_ticket_key_derive (GBytes     *key,
                            const char *name)
{
  gsize size;
  gconstpointer secret = g_bytes_get_data (key, &size);
  guint8 *derived = g_malloc (KEY_SIZE);
  const char *text = name != NULL ? name : "";
  GBytes *bytes = new_key (derived);

  if (gnutls_hmac_fast (GNUTLS_MAC_SHA512, secret, size, text, strlen (text), derived)
      == GNUTLS_E_SUCCESS)
    return bytes;

  g_bytes_unref (bytes);

  return NULL;
}
