/* qnet-host-info.c: the result of a host name lookup
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-host-info-private.h"

#include <limits.h>
#include <unistd.h>

#include "dns/qnet-resolv-conf-private.h"
#include "lookup/qnet-host-cache-private.h"

/**
 * QnetHostInfo:
 *
 * The result of a host name lookup: the addresses of a host, or the host name of an address.
 *
 * Look a name up with [func@HostInfo.lookup_host_async], or, where the calling thread may block,
 * with [func@HostInfo.from_name]. They ask the system, by `getaddrinfo()`, or the resolver that the
 * program has set with [method@Gio.Resolver.set_default]. A name may be in any script: it is looked
 * up in its ASCII form. The text of an address is its own answer, in the brackets of a URI as well,
 * and `localhost` is the loopback addresses: no lookup is made for them. For the name of an address
 * there is [func@HostInfo.lookup_address_async].
 *
 * Lookups by the system run in a thread pool of qnet with up to 128 threads, so a name server that
 * does not reply does not delay other lookups or file operations. Simultaneous lookups of the same
 * name share one call. A cancelled lookup ends at once; its thread ends when the system call
 * returns, and does not count towards the 128 threads (there are at most 512 threads in total).
 *
 * Results are cached for one minute, for up to 128 names. The cache is cleared if the configuration
 * of the system changes (`/etc/resolv.conf`, `/etc/hosts` and so on) or the resolver emits
 * [signal@Gio.Resolver::reload]. A custom resolver can set a shorter time with
 * [func@HostInfo.set_time_to_live]. If a connection fails, also in the TLS handshake, the host is
 * removed from the cache. [func@HostInfo.clear_cache] clears the cache, and
 * [func@HostInfo.set_cache_enabled] disables it.
 *
 * A `QnetHostInfo` is immutable, and the result of a lookup has at least one address. The errors of
 * a lookup are:
 *
 * - [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError]: the host does not exist or has no
 *   address, or the name is not a valid host name;
 * - [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError]: the name servers failed or did not reply;
 * - [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]: there are no file descriptors, memory
 *   or threads available;
 * - [QNET_SOCKET_ERROR_NETWORK][error@SocketError]: the lookup failed for another reason.
 *
 * Since: 1.0
 */

#ifndef HOST_NAME_MAX
#define HOST_NAME_MAX 255
#endif

G_DEFINE_BOXED_TYPE (QnetHostInfo, qnet_host_info, qnet_host_info_ref, qnet_host_info_unref)

/* Construction */

static QnetHostInfo *
new_for_addresses (const char *host_name,
                   GPtrArray  *addresses)  /* (transfer full) */
{
  QnetHostInfo *self = g_new0 (QnetHostInfo, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->host_name = g_strdup (host_name);
  self->addresses = addresses;

  return self;
}

QnetHostInfo *
qnet_host_info_new_shared (QnetHostInfo *other,
                           const char   *host_name)
{
  return new_for_addresses (host_name, g_ptr_array_ref (other->addresses));
}

/* The first one of equal addresses is used, because the order is that in which to try them. */
static void
add_new (GPtrArray       *addresses,
         GHashTable      *seen,
         QnetHostAddress *address)
{
  if (g_hash_table_add (seen, address))
    g_ptr_array_add (addresses, qnet_host_address_ref (address));
}

static GHashTable *
seen_new (void)
{
  return g_hash_table_new ((GHashFunc) qnet_host_address_hash,
                           (GEqualFunc) qnet_host_address_equal);
}

static GPtrArray *
addresses_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);
}

/* Time to live */

static G_DEFINE_QUARK (qnet-time-to-live, time_to_live)

/* Stored plus 1, because missing data is NULL. */
guint
qnet_host_info_get_time_to_live (GList *inet_addresses)
{
  guint least = QNET_HOST_CACHE_NO_LIMIT;

  for (GList *link = inet_addresses; link != NULL; link = link->next)
    {
      guint kept = GPOINTER_TO_UINT (g_object_get_qdata (link->data, time_to_live_quark ()));

      if (kept > 0)
        least = MIN (least, kept - 1);
    }

  return least;
}

/* Public API */

/**
 * qnet_host_info_new:
 * @host_name: a host name
 * @addresses: (nullable) (element-type QnetHostAddress): its addresses
 *
 * Creates a result without a lookup, for tests and for custom resolvers. The order is preserved,
 * and duplicates are removed.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_new (const char *host_name,
                    GPtrArray  *addresses)
{
  g_autoptr(GHashTable) seen = NULL;
  QnetHostInfo *self;

  g_return_val_if_fail (host_name != NULL, NULL);

  seen = seen_new ();
  self = new_for_addresses (host_name, addresses_new ());

  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    add_new (self->addresses, seen, g_ptr_array_index (addresses, i));

  return self;
}

/**
 * qnet_host_info_new_from_inet_addresses:
 * @host_name: a host name
 * @inet_addresses: (nullable) (element-type GInetAddress): its addresses, as returned by
 *   [class@Gio.Resolver]
 *
 * Creates a result from addresses of GIO. The order is preserved, and duplicates are removed.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_new_from_inet_addresses (const char *host_name,
                                        GList      *inet_addresses)
{
  g_autoptr(GHashTable) seen = NULL;
  QnetHostInfo *self;

  g_return_val_if_fail (host_name != NULL, NULL);

  seen = seen_new ();
  self = new_for_addresses (host_name, addresses_new ());

  for (GList *link = inet_addresses; link != NULL; link = link->next)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_new_from_inet_address (link->data);

      add_new (self->addresses, seen, address);
    }

  return self;
}

/**
 * qnet_host_info_local_host_name:
 *
 * Gets the host name of this machine.
 *
 * Returns: (transfer full): the host name
 *
 * Since: 1.0
 */
char *
qnet_host_info_local_host_name (void)
{
  char name[HOST_NAME_MAX + 1] = "";

  /* A truncated name may lack the final NUL. */
  if (gethostname (name, sizeof name - 1) != 0)
    name[0] = '\0';

  return g_strdup (name);
}

/**
 * qnet_host_info_local_domain_name:
 *
 * Gets the DNS domain of this machine: the first domain in the search list of the system.
 *
 * Returns: (transfer full): the domain, `""` if there is none
 *
 * Since: 1.0
 */
char *
qnet_host_info_local_domain_name (void)
{
  g_autoptr(QnetResolvConf) conf = qnet_resolv_conf_read ();

  return g_steal_pointer (&conf->domain);
}

/**
 * qnet_host_info_get_cache_enabled:
 *
 * Gets whether answers are remembered.
 *
 * Returns: %TRUE, the default, if they are
 *
 * Since: 1.0
 */
gboolean
qnet_host_info_get_cache_enabled (void)
{
  return qnet_host_cache_is_enabled ();
}

/**
 * qnet_host_info_set_cache_enabled:
 * @enabled: whether to remember answers
 *
 * Sets whether answers are remembered, in the whole program. %FALSE clears the cache, too.
 *
 * This function may be called from any thread.
 *
 * Since: 1.0
 */
void
qnet_host_info_set_cache_enabled (gboolean enabled)
{
  qnet_host_cache_set_enabled (enabled);
}

/**
 * qnet_host_info_clear_cache:
 *
 * Clears the cache. Results of lookups that are running are not cached either. This function may be
 * called from any thread.
 *
 * Since: 1.0
 */
void
qnet_host_info_clear_cache (void)
{
  qnet_host_cache_clear ();
}

/**
 * qnet_host_info_set_time_to_live:
 * @inet_address: an address that a resolver returns
 * @seconds: the time in seconds, 0 to disable caching
 *
 * Sets the time for which an address may be cached.
 *
 * This function is for custom implementations of [class@Gio.Resolver] that know it, for example
 * from DNS. If there are several addresses for a name, the shortest time is used. The maximum is
 * one minute, which is also the default, since neither the system nor GIO's resolver reports a
 * time.
 *
 * Since: 1.0
 */
void
qnet_host_info_set_time_to_live (GInetAddress *inet_address,
                                 guint         seconds)
{
  g_return_if_fail (G_IS_INET_ADDRESS (inet_address));

  g_object_set_qdata (G_OBJECT (inet_address), time_to_live_quark (),
                      GUINT_TO_POINTER (MIN (seconds, G_MAXUINT - 1) + 1));
}

/**
 * qnet_host_info_ref:
 * @self: the result of a lookup
 *
 * Increases the reference count by one. This function may be called from any thread.
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
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the result.
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
 * @self: the result of a lookup
 *
 * Gets the host name.
 *
 * If a name was looked up, it is that name as it was passed to the lookup, even if it is an alias.
 * If an address was looked up, it is its name, in any script, or the address as text if it has no
 * name.
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
 * @self: the result of a lookup
 *
 * Gets the addresses of the host. There is at least one, unless the result was created by
 * [ctor@HostInfo.new].
 *
 * They are in the order in which to try them, and there are no duplicates.
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

/**
 * qnet_host_info_to_inet_addresses:
 * @self: the result of a lookup
 *
 * Gets the addresses of the host as [class@Gio.InetAddress]. Scopes are lost.
 *
 * Returns: (transfer full) (element-type GInetAddress): the addresses
 *
 * Since: 1.0
 */
GList *
qnet_host_info_to_inet_addresses (QnetHostInfo *self)
{
  GList *inet_addresses = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = self->addresses->len; i > 0; i--)
    {
      GInetAddress *inet
        = qnet_host_address_to_inet_address (g_ptr_array_index (self->addresses, i - 1));

      if (inet != NULL)
        inet_addresses = g_list_prepend (inet_addresses, inet);
    }

  return inet_addresses;
}
