/* qnet-address-filter.c: which addresses are allowed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-address-filter-private.h"

#include <string.h>

/**
 * QnetAddressFilter:
 *
 * Networks whose addresses are allowed or denied, for [property@Server:address-filter].
 *
 * ```c
 * static gboolean
 * serve_own_networks (QnetServer  *server,
 *                     GError     **error)
 * {
 *   g_autoptr(QnetAddressFilter) filter = qnet_address_filter_new ();
 *
 *   qnet_address_filter_set_default_allowed (filter, FALSE);
 *   if (!qnet_address_filter_add_allow (filter, "10.0.0.0/8", error) ||
 *       !qnet_address_filter_add_deny (filter, "10.66.0.0/16", error))
 *     return FALSE;
 *
 *   qnet_server_set_address_filter (server, filter);
 *
 *   return TRUE;
 * }
 * ```
 *
 * Of all networks that contain an address, the one with the longest prefix decides, whatever the
 * order in which they were added: an exception is always smaller than its rule. If there is none,
 * [property@AddressFilter:default-allowed] decides, which is %TRUE unless it is set.
 *
 * IPv4 and IPv6 are separate: `0.0.0.0/0` contains all IPv4 addresses, and `::/0` all IPv6
 * addresses. A v4-mapped address, such as `::ffff:192.0.2.1`, is the IPv4 address. Scopes are
 * ignored.
 *
 * A filter can be changed at any time, which concerns what it decides from then on, and can be
 * shared by servers in several threads: its methods may be called in any thread. To decide takes
 * one look for each length of prefix in use, however many networks there are.
 *
 * Since: 1.0
 */

#define MAX_LENGTH 128

typedef struct
{
  QnetNetworkKey key;
  gboolean       is_allowed;
} Network;

struct _QnetAddressFilter
{
  GObject     parent_instance;

  GRWLock     lock;
  GHashTable *networks;                      /* (owned): Network, as its own key */
  guint       n_of_length[2][MAX_LENGTH + 1];  /* by family: IPv6, IPv4 */
  gboolean    default_allowed;
};

G_DEFINE_FINAL_TYPE (QnetAddressFilter, qnet_address_filter, G_TYPE_OBJECT)

enum
{
  PROP_DEFAULT_ALLOWED = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* The networks. The caller has the lock. */

static guint *
get_count (QnetAddressFilter    *self,
           const QnetNetworkKey *key)
{
  return &self->n_of_length[key->is_ipv4][key->length];
}

static void
insert (QnetAddressFilter    *self,
        const QnetNetworkKey *key,
        gboolean              is_allowed)
{
  Network *network = g_new0 (Network, 1);

  network->key = *key;
  network->is_allowed = is_allowed;

  if (g_hash_table_replace (self->networks, network, network))
    ++*get_count (self, key);
}

static gboolean
take_away (QnetAddressFilter    *self,
           const QnetNetworkKey *key)
{
  gboolean was_there = g_hash_table_remove (self->networks, key);

  if (was_there)
    --*get_count (self, key);

  return was_there;
}

/* (nullable): the smallest network that contains the address */
static const Network *
find_network (QnetAddressFilter    *self,
              const QnetNetworkKey *address)
{
  const guint *counts = self->n_of_length[address->is_ipv4];
  QnetNetworkKey key = *address;

  for (int length = key.length; length >= 0; length--)
    if (counts[length] > 0)
      {
        const Network *network;

        qnet_network_key_shorten (&key, (guint) length);
        network = g_hash_table_lookup (self->networks, &key);
        if (network != NULL)
          return network;
      }

  return NULL;
}

gboolean
qnet_address_filter_allows (QnetAddressFilter    *self,
                            const QnetNetworkKey *address)
{
  const Network *network;
  gboolean is_allowed;

  g_rw_lock_reader_lock (&self->lock);
  network = address != NULL ? find_network (self, address) : NULL;
  is_allowed = network != NULL ? network->is_allowed : self->default_allowed;
  g_rw_lock_reader_unlock (&self->lock);

  return is_allowed;
}

gboolean
qnet_address_filter_names (QnetAddressFilter    *self,
                           const QnetNetworkKey *address)
{
  const Network *network;
  gboolean is_named;

  g_rw_lock_reader_lock (&self->lock);
  network = find_network (self, address);
  is_named = network != NULL && network->is_allowed;
  g_rw_lock_reader_unlock (&self->lock);

  return is_named;
}

/* A network of v4-mapped addresses is one of IPv4. */
static gboolean
parse (const char      *text,
       QnetNetworkKey  *out_key,
       GError         **error)
{
  g_autoptr(QnetHostAddress) address = NULL;
  guint n_bits = 0;
  int length;

  if (!qnet_host_address_parse_subnet (text, &address, &length, error))
    return FALSE;

  qnet_network_key_init_address (out_key, address);
  if (out_key->is_ipv4 && qnet_host_address_get_protocol (address)
                          == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    n_bits = MAX_LENGTH - 32;

  qnet_network_key_shorten (out_key, (guint) length - n_bits);

  return TRUE;
}

static gboolean
add (QnetAddressFilter  *self,
     const char         *text,
     gboolean            is_allowed,
     GError            **error)
{
  QnetNetworkKey key;

  if (!parse (text, &key, error))
    return FALSE;

  g_rw_lock_writer_lock (&self->lock);
  insert (self, &key, is_allowed);
  g_rw_lock_writer_unlock (&self->lock);

  return TRUE;
}

/* GObject */

static void
qnet_address_filter_get_property (GObject    *object,
                                  guint       id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  QnetAddressFilter *self = QNET_ADDRESS_FILTER (object);

  switch (id)
    {
    case PROP_DEFAULT_ALLOWED:
      g_value_set_boolean (value, qnet_address_filter_get_default_allowed (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_address_filter_set_property (GObject      *object,
                                  guint         id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  QnetAddressFilter *self = QNET_ADDRESS_FILTER (object);

  switch (id)
    {
    case PROP_DEFAULT_ALLOWED:
      qnet_address_filter_set_default_allowed (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_address_filter_finalize (GObject *object)
{
  QnetAddressFilter *self = QNET_ADDRESS_FILTER (object);

  g_hash_table_unref (self->networks);
  g_rw_lock_clear (&self->lock);

  G_OBJECT_CLASS (qnet_address_filter_parent_class)->finalize (object);
}

static void
qnet_address_filter_class_init (QnetAddressFilterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = qnet_address_filter_get_property;
  object_class->set_property = qnet_address_filter_set_property;
  object_class->finalize = qnet_address_filter_finalize;

  /**
   * QnetAddressFilter:default-allowed:
   *
   * Whether addresses are allowed that no network contains.
   *
   * Since: 1.0
   */
  properties[PROP_DEFAULT_ALLOWED] =
    g_param_spec_boolean ("default-allowed", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
qnet_address_filter_init (QnetAddressFilter *self)
{
  g_rw_lock_init (&self->lock);
  self->networks = g_hash_table_new_full (qnet_network_key_hash, qnet_network_key_equal, g_free,
                                          NULL);
  self->default_allowed = TRUE;
}

/* Public API */

/**
 * qnet_address_filter_new:
 *
 * Creates a filter without a network, which allows all addresses.
 *
 * Returns: (transfer full): a filter
 *
 * Since: 1.0
 */
QnetAddressFilter *
qnet_address_filter_new (void)
{
  return g_object_new (QNET_TYPE_ADDRESS_FILTER, NULL);
}

/**
 * qnet_address_filter_get_default_allowed:
 * @self: a filter
 *
 * Gets whether addresses are allowed that no network contains.
 *
 * Returns: %TRUE if they are allowed, as they are at first
 *
 * Since: 1.0
 */
gboolean
qnet_address_filter_get_default_allowed (QnetAddressFilter *self)
{
  gboolean is_allowed;

  g_return_val_if_fail (QNET_IS_ADDRESS_FILTER (self), FALSE);

  g_rw_lock_reader_lock (&self->lock);
  is_allowed = self->default_allowed;
  g_rw_lock_reader_unlock (&self->lock);

  return is_allowed;
}

/**
 * qnet_address_filter_set_default_allowed:
 * @self: a filter
 * @allowed: whether addresses are allowed that no network contains
 *
 * Sets whether addresses are allowed that no network contains.
 *
 * Since: 1.0
 */
void
qnet_address_filter_set_default_allowed (QnetAddressFilter *self,
                                         gboolean           allowed)
{
  gboolean was_allowed;

  g_return_if_fail (QNET_IS_ADDRESS_FILTER (self));

  allowed = !!allowed;
  g_rw_lock_writer_lock (&self->lock);
  was_allowed = self->default_allowed;
  self->default_allowed = allowed;
  g_rw_lock_writer_unlock (&self->lock);

  if (was_allowed != allowed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DEFAULT_ALLOWED]);
}

/**
 * qnet_address_filter_add_allow:
 * @self: a filter
 * @network: a network, such as `10.0.0.0/8` or `2001:db8::/32`, or an address
 * @error: return location for an error
 *
 * Allows the addresses of a network, except those of a smaller network that is denied.
 *
 * A network is in the filter once: to allow one that was denied replaces that. The forms of
 * @network are those of [func@HostAddress.parse_subnet], and what is no network fails as there,
 * with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: %TRUE if @network is a network
 *
 * Since: 1.0
 */
gboolean
qnet_address_filter_add_allow (QnetAddressFilter  *self,
                               const char         *network,
                               GError            **error)
{
  g_return_val_if_fail (QNET_IS_ADDRESS_FILTER (self), FALSE);
  g_return_val_if_fail (network != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return add (self, network, TRUE, error);
}

/**
 * qnet_address_filter_add_deny:
 * @self: a filter
 * @network: a network or an address
 * @error: return location for an error
 *
 * Denies the addresses of a network, except those of a smaller network that is allowed; see
 * [method@AddressFilter.add_allow].
 *
 * Returns: %TRUE if @network is a network
 *
 * Since: 1.0
 */
gboolean
qnet_address_filter_add_deny (QnetAddressFilter  *self,
                              const char         *network,
                              GError            **error)
{
  g_return_val_if_fail (QNET_IS_ADDRESS_FILTER (self), FALSE);
  g_return_val_if_fail (network != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return add (self, network, FALSE, error);
}

/**
 * qnet_address_filter_remove:
 * @self: a filter
 * @network: a network or an address
 * @error: return location for an error
 *
 * Removes a network, whether it is allowed or denied.
 *
 * It succeeds if the filter does not have the network. Networks that are inside of it stay.
 *
 * Returns: %TRUE if @network is a network, which is not in the filter now
 *
 * Since: 1.0
 */
gboolean
qnet_address_filter_remove (QnetAddressFilter  *self,
                            const char         *network,
                            GError            **error)
{
  QnetNetworkKey key;

  g_return_val_if_fail (QNET_IS_ADDRESS_FILTER (self), FALSE);
  g_return_val_if_fail (network != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!parse (network, &key, error))
    return FALSE;

  g_rw_lock_writer_lock (&self->lock);
  take_away (self, &key);
  g_rw_lock_writer_unlock (&self->lock);

  return TRUE;
}

/**
 * qnet_address_filter_clear:
 * @self: a filter
 *
 * Removes all networks; [property@AddressFilter:default-allowed] stays.
 *
 * Since: 1.0
 */
void
qnet_address_filter_clear (QnetAddressFilter *self)
{
  g_return_if_fail (QNET_IS_ADDRESS_FILTER (self));

  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_remove_all (self->networks);
  memset (self->n_of_length, 0, sizeof self->n_of_length);
  g_rw_lock_writer_unlock (&self->lock);
}

/**
 * qnet_address_filter_is_allowed:
 * @self: a filter
 * @address: an address
 *
 * Gets whether an address is allowed.
 *
 * Null and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] are in no network.
 *
 * Returns: %TRUE if it is allowed
 *
 * Since: 1.0
 */
gboolean
qnet_address_filter_is_allowed (QnetAddressFilter     *self,
                                const QnetHostAddress *address)
{
  QnetNetworkKey key;
  gboolean is_known;

  g_return_val_if_fail (QNET_IS_ADDRESS_FILTER (self), FALSE);
  g_return_val_if_fail (address != NULL, FALSE);

  is_known = qnet_network_key_init_address (&key, address);

  return qnet_address_filter_allows (self, is_known ? &key : NULL);
}
