/* qnet-host-info.c: the addresses of a name
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-info.h"

#include <limits.h>
#include <unistd.h>

#include "lookup/qnet-host-cache-private.h"
#include "lookup/qnet-host-info-private.h"
#include "lookup/qnet-resolv-conf-private.h"

/**
 * QnetHostInfo:
 *
 * The answer to the question which addresses a host has, or what the name of an address is.
 *
 * Ask with [func@HostInfo.lookup_host_async], or, where waiting does no harm, with
 * [func@HostInfo.from_name]; in C there is [func@HostInfo.lookup_host] as well. They ask the
 * system, by `getaddrinfo()`, or the resolver that the program has set with
 * [method@Gio.Resolver.set_default]. A name may be in any script: it is looked up in its ASCII
 * form. The text of an address is its own answer, in the brackets of a URI as well, and `localhost`
 * is the loopback addresses: no lookup is made for them. For the name of an address there is
 * [func@HostInfo.lookup_address_async].
 *
 * The system is asked in threads of qnet's own, one for each lookup, up to 128 at a time: neither
 * other names nor files have to wait for a name server that does not answer. Lookups of the same
 * name at the same time share one call. A lookup that is cancelled ends at once; its thread ends
 * when the system returns, and does not count meanwhile (up to 512 threads in all).
 *
 * What was found is remembered for a minute, for 128 names, until the configuration of names
 * changes (`/etc/resolv.conf`, `/etc/hosts` and their like) or the resolver emits
 * [signal@Gio.Resolver::reload]. A resolver of the program's can set a shorter time,
 * [func@HostInfo.set_time_to_live]. A connection that fails, in the TLS handshake as well, forgets
 * the name that it was made to.
 * [func@HostInfo.clear_cache] forgets all, and [func@HostInfo.set_cache_enabled] turns the cache
 * off.
 *
 * An answer never changes. Without an [error][method@HostInfo.get_error] it has one address at
 * least. The errors of a lookup are:
 *
 * - [QNET_SOCKET_ERROR_HOST_NOT_FOUND][error@SocketError]: there is no such name, it has no
 *   address, or it cannot be the name of a host;
 * - [QNET_SOCKET_ERROR_TEMPORARY][error@SocketError]: the name servers could not find out, or did
 *   not answer;
 * - [QNET_SOCKET_ERROR_SOCKET_RESOURCE][error@SocketError]: there are no descriptors, no memory
 *   or no thread for it;
 * - [QNET_SOCKET_ERROR_NETWORK][error@SocketError]: the lookup failed for another reason.
 *
 * Since: 1.0
 */

#ifndef HOST_NAME_MAX
#define HOST_NAME_MAX 255
#endif

G_DEFINE_BOXED_TYPE (QnetHostInfo, qnet_host_info, qnet_host_info_ref, qnet_host_info_unref)

/* Answers */

static QnetHostInfo *
new_for_addresses (const char *host_name,
                   GPtrArray  *addresses,  /* (transfer full) */
                   int         lookup_id)
{
  QnetHostInfo *self = g_new0 (QnetHostInfo, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->lookup_id = lookup_id;
  self->host_name = g_strdup (host_name);
  self->addresses = addresses;

  return self;
}

QnetHostInfo *
qnet_host_info_new_shared (QnetHostInfo *other,
                           const char   *host_name,
                           int           lookup_id)
{
  QnetHostInfo *self
    = new_for_addresses (host_name, g_ptr_array_ref (other->addresses), lookup_id);

  if (other->error != NULL)
    self->error = g_error_copy (other->error);

  return self;
}

/* Of those that are there more than once the first one is kept: order says what to try first. */
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

/* For how long */

static G_DEFINE_QUARK (qnet-time-to-live, time_to_live)

/* What is not there is NULL, so 0 seconds are 1. */
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
 * @host_name: a name
 * @addresses: (nullable) (element-type QnetHostAddress): its addresses
 * @error: (nullable): why it has none
 *
 * Makes an answer without asking anybody, for tests and for resolvers of one's own.
 *
 * Returns: (transfer full): the answer
 *
 * Since: 1.0
 */
QnetHostInfo *
qnet_host_info_new (const char   *host_name,
                    GPtrArray    *addresses,
                    const GError *error)
{
  g_autoptr(GHashTable) seen = NULL;
  QnetHostInfo *self;

  g_return_val_if_fail (host_name != NULL, NULL);

  seen = seen_new ();
  self = new_for_addresses (host_name, addresses_new (), -1);

  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    add_new (self->addresses, seen, g_ptr_array_index (addresses, i));

  if (error != NULL)
    self->error = g_error_copy (error);

  return self;
}

/**
 * qnet_host_info_new_from_inet_addresses:
 * @host_name: a name
 * @inet_addresses: (nullable) (element-type GInetAddress): its addresses, as [class@Gio.Resolver]
 *   has them
 *
 * Makes an answer of one of GIO's. The order is kept, and each address is there once.
 *
 * Returns: (transfer full): the answer
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
  self = new_for_addresses (host_name, addresses_new (), -1);

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
 * Gets the name of this machine.
 *
 * Returns: (transfer full): the name, as the system has it at this moment
 *
 * Since: 1.0
 */
char *
qnet_host_info_local_host_name (void)
{
  char name[HOST_NAME_MAX + 1] = "";

  /* A name that was cut off need not end in 0. */
  if (gethostname (name, sizeof name - 1) != 0)
    name[0] = '\0';

  return g_strdup (name);
}

/**
 * qnet_host_info_local_domain_name:
 *
 * Gets the DNS domain of this machine: the first one in which the system looks for short names.
 *
 * Returns: (transfer full): the domain, `""` when there is none
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
 * qnet_host_info_is_cache_enabled:
 *
 * Tells whether answers are remembered.
 *
 * Returns: whether they are; they are from the start
 *
 * Since: 1.0
 */
gboolean
qnet_host_info_is_cache_enabled (void)
{
  return qnet_host_cache_is_enabled ();
}

/**
 * qnet_host_info_set_cache_enabled:
 * @is_enabled: whether to remember answers
 *
 * Turns the memory for answers on or off, for the whole program. Off, it forgets what it had.
 *
 * It may be called from any thread.
 *
 * Since: 1.0
 */
void
qnet_host_info_set_cache_enabled (gboolean is_enabled)
{
  qnet_host_cache_set_enabled (is_enabled);
}

/**
 * qnet_host_info_clear_cache:
 *
 * Forgets all answers, those included that are on their way. It may be called from any thread.
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
 * @inet_address: an address that a resolver is about to return
 * @seconds: for how many seconds it may be remembered; 0: not at all
 *
 * Sets for how long an address may be remembered.
 *
 * It is for a [class@Gio.Resolver] of the program's own that knows it, from DNS for example. Of
 * several addresses of a name the shortest time counts, and a minute is the most. Neither the
 * system nor GIO's own resolver says how long an answer holds: theirs is remembered for a minute.
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
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * qnet_host_info_get_host_name:
 * @self: an answer
 *
 * Gets the name of the host.
 *
 * When a name was asked for, it is that name as it was given, an alias included. When the name of
 * an address was, it is that name, in any script, or the text of the address where it has none.
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
 * Gets the addresses of the host: one at least, unless there is an
 * [error][method@HostInfo.get_error].
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

/**
 * qnet_host_info_to_inet_addresses:
 * @self: an answer
 *
 * Gets the addresses of the host as GIO has them. Scopes are lost.
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

/**
 * qnet_host_info_get_error:
 * @self: an answer
 *
 * Gets why nothing was found.
 *
 * Only the answers that [func@HostInfo.lookup_host] gives to its callback can have an error; the
 * other functions return theirs in place of an answer.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL when all is well
 *
 * Since: 1.0
 */
const GError *
qnet_host_info_get_error (QnetHostInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->error;
}

/**
 * qnet_host_info_get_lookup_id:
 * @self: an answer
 *
 * Gets the number that [func@HostInfo.lookup_host] returned when it was asked.
 *
 * Returns: the number, or -1 where no such function was
 *
 * Since: 1.0
 */
int
qnet_host_info_get_lookup_id (QnetHostInfo *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->lookup_id;
}
