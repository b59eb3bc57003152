/* qnet-network-interface.c: the network interfaces of this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-network-interface-private.h"

#include <net/if.h>
#include <string.h>

/**
 * QnetNetworkInterface:
 *
 * A network interface of this machine and its addresses.
 *
 * [func@NetworkInterface.list_all] lists all interfaces, and [func@NetworkInterface.from_name]
 * finds one of them. The returned interface is immutable: it describes the state at the time of the
 * call. [signal@Gio.NetworkMonitor::network-changed] is emitted when the state has changed.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (QnetNetworkInterface, qnet_network_interface,
                     qnet_network_interface_ref, qnet_network_interface_unref)

/* Finds the interface called @name or, if @name is NULL, the interface with @index. (transfer
 * full) */
static QnetNetworkInterface *
find (const char *name,  /* (nullable) */
      guint       index)
{
  g_autoptr(GPtrArray) all = qnet_network_interface_read_all ();

  for (guint i = 0; i < all->len; i++)
    {
      QnetNetworkInterface *self = g_ptr_array_index (all, i);

      if (name != NULL ? strcmp (self->name, name) == 0 : self->index == index)
        return qnet_network_interface_ref (self);
    }

  return NULL;
}

/* Public API */

/**
 * qnet_network_interface_list_all:
 *
 * Lists all network interfaces in the order of their indices, including those that are down.
 *
 * Returns: (transfer container) (element-type QnetNetworkInterface): the interfaces
 *
 * Since: 1.0
 */
GPtrArray *
qnet_network_interface_list_all (void)
{
  return qnet_network_interface_read_all ();
}

/**
 * qnet_network_interface_list_all_addresses:
 *
 * Lists the addresses of all interfaces that are up.
 *
 * Returns: (transfer container) (element-type QnetHostAddress): the addresses
 *
 * Since: 1.0
 */
GPtrArray *
qnet_network_interface_list_all_addresses (void)
{
  g_autoptr(GPtrArray) all = qnet_network_interface_read_all ();
  GPtrArray *addresses
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  for (guint i = 0; i < all->len; i++)
    {
      QnetNetworkInterface *self = g_ptr_array_index (all, i);

      for (guint k = 0; (self->flags & QNET_INTERFACE_FLAGS_IS_UP) && k < self->entries->len; k++)
        {
          QnetNetworkAddressEntry *entry = g_ptr_array_index (self->entries, k);

          g_ptr_array_add (addresses, qnet_host_address_ref (entry->ip));
        }
    }

  return addresses;
}

/**
 * qnet_network_interface_from_name:
 * @name: the name of an interface, or its index as a decimal number
 *
 * Finds an interface by its name, for example the scope of an address.
 *
 * Returns: (transfer full) (nullable): the interface, or %NULL if it does not exist
 *
 * Since: 1.0
 */
QnetNetworkInterface *
qnet_network_interface_from_name (const char *name)
{
  QnetNetworkInterface *self;
  guint64 index;

  g_return_val_if_fail (name != NULL, NULL);

  self = find (name, 0);

  /* The name takes precedence: the interface called "2" may be the third one. */
  if (self == NULL && g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT, &index, NULL))
    self = find (NULL, (guint) index);

  return self;
}

/**
 * qnet_network_interface_from_index:
 * @index: an index
 *
 * Finds an interface by its index.
 *
 * Returns: (transfer full) (nullable): the interface, or %NULL if it does not exist
 *
 * Since: 1.0
 */
QnetNetworkInterface *
qnet_network_interface_from_index (guint index)
{
  return index > 0 ? find (NULL, index) : NULL;
}

/**
 * qnet_network_interface_interface_index_from_name:
 * @name: the name of an interface, or its index as a decimal number
 *
 * Looks up the index of an interface, without reading its other properties.
 *
 * Returns: the index, or 0 if there is no such interface
 *
 * Since: 1.0
 */
guint
qnet_network_interface_interface_index_from_name (const char *name)
{
  char found[IF_NAMESIZE];
  guint64 number;
  guint index;

  g_return_val_if_fail (name != NULL, 0);

  index = if_nametoindex (name);

  if (index == 0
      && g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT, &number, NULL)
      && if_indextoname ((guint) number, found) != NULL)
    index = (guint) number;

  return index;
}

/**
 * qnet_network_interface_interface_name_from_index:
 * @index: an index
 *
 * Looks up the name of an interface, without reading its other properties.
 *
 * Returns: (transfer full) (nullable): the name, or %NULL if there is no such interface
 *
 * Since: 1.0
 */
char *
qnet_network_interface_interface_name_from_index (guint index)
{
  char name[IF_NAMESIZE];

  return g_strdup (if_indextoname (index, name));
}

/**
 * qnet_network_interface_ref:
 * @self: an interface
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetNetworkInterface *
qnet_network_interface_ref (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * qnet_network_interface_unref:
 * @self: (transfer full): an interface
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the interface.
 *
 * Since: 1.0
 */
void
qnet_network_interface_unref (QnetNetworkInterface *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->name);
  g_free (self->hardware_address);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

/**
 * qnet_network_interface_get_index:
 * @self: an interface
 *
 * Gets the index of the interface, the number by which the system identifies it.
 *
 * Returns: the index
 *
 * Since: 1.0
 */
guint
qnet_network_interface_get_index (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->index;
}

/**
 * qnet_network_interface_get_name:
 * @self: an interface
 *
 * Gets the name of the interface, such as `eth0`. It is also the scope of a link-local address, and
 * the argument of [method@Gio.Socket.join_multicast_group].
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_network_interface_get_name (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * qnet_network_interface_get_human_readable_name:
 * @self: an interface
 *
 * Gets a name of the interface to show to the user, if the system has one. On Unix it is the same
 * as [method@NetworkInterface.get_name].
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
qnet_network_interface_get_human_readable_name (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * qnet_network_interface_get_flags:
 * @self: an interface
 *
 * Gets the state and the capabilities of the interface.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
QnetInterfaceFlags
qnet_network_interface_get_flags (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, QNET_INTERFACE_FLAGS_NONE);

  return self->flags;
}

/**
 * qnet_network_interface_get_interface_type:
 * @self: an interface
 *
 * Gets the type of the interface.
 *
 * Returns: the type
 *
 * Since: 1.0
 */
QnetInterfaceType
qnet_network_interface_get_interface_type (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, QNET_INTERFACE_TYPE_UNKNOWN);

  return self->type;
}

/**
 * qnet_network_interface_get_hardware_address:
 * @self: an interface
 *
 * Gets the hardware address, such as `02:00:5E:10:00:07`.
 *
 * Returns: the address, `""` if there is none; all zeros for a loopback interface
 *
 * Since: 1.0
 */
const char *
qnet_network_interface_get_hardware_address (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->hardware_address;
}

/**
 * qnet_network_interface_get_maximum_transmission_unit:
 * @self: an interface
 *
 * Gets the size of the largest packet that the interface can transmit.
 *
 * Returns: the size in bytes, or 0 if it is unknown
 *
 * Since: 1.0
 */
guint
qnet_network_interface_get_maximum_transmission_unit (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->mtu;
}

/**
 * qnet_network_interface_get_address_entries:
 * @self: an interface
 *
 * Gets the addresses of the interface, in the order in which the system reports them.
 *
 * Returns: (transfer none) (element-type QnetNetworkAddressEntry): the addresses
 *
 * Since: 1.0
 */
GPtrArray *
qnet_network_interface_get_address_entries (QnetNetworkInterface *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->entries;
}

/**
 * qnet_network_interface_equal:
 * @self: an interface
 * @other: another interface
 *
 * Gets whether two values describe the same interface, perhaps at different times.
 *
 * Returns: %TRUE if the index and the name are equal
 *
 * Since: 1.0
 */
gboolean
qnet_network_interface_equal (QnetNetworkInterface *self,
                              QnetNetworkInterface *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self->index == other->index && g_strcmp0 (self->name, other->name) == 0;
}
