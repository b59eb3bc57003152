/* qnet-network-interface.c: the network interfaces of this machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-network-interface.h"

#include <net/if.h>
#include <string.h>

#include "address/qnet-network-interface-private.h"

/**
 * QnetNetworkInterface:
 *
 * A network interface of this machine, with its addresses.
 *
 * List them all with [func@NetworkInterface.list_all], or find one with
 * [func@NetworkInterface.from_name]. What you get never changes: it says how things were at that
 * moment. [signal@Gio.NetworkMonitor::network-changed] tells when it is time to look again.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (QnetNetworkInterface, qnet_network_interface,
                     qnet_network_interface_ref, qnet_network_interface_unref)

/* The one that is called @name, or else has @index. One that goes away meanwhile has none. */
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
 * Lists all network interfaces, whether they are up or not, in the order of their indices.
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
 * @name: a name, or an index as a decimal number
 *
 * Finds an interface by its name, such as the scope of an address.
 *
 * Returns: (transfer full) (nullable): the interface, or %NULL when there is none
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

  /* The name goes first: an interface may be called "2" and be the third. */
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
 * Returns: (transfer full) (nullable): the interface, or %NULL when there is none
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
 * @name: a name, or an index as a decimal number
 *
 * Finds the index of an interface, without looking at the rest of it.
 *
 * Returns: the index, or 0 when there is no such interface
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
 * Finds the name of an interface, without looking at the rest of it.
 *
 * Returns: (transfer full) (nullable): the name, or %NULL when there is no such interface
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
 * Takes a reference. It may be called from any thread.
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
 * Gives a reference back. It may be called from any thread; the last one frees what was known of
 * the interface.
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
 * Gets the number that the system knows the interface by.
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
 * Gets the name of the interface, such as `eth0`. It is what
 * [method@Gio.Socket.join_multicast_group] wants, and the scope of a link-local address.
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
 * Gets a name to show to people, where the system has one; otherwise, as on Unix, it is that of
 * [method@NetworkInterface.get_name].
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
 * Gets what the interface can do, and whether it is up.
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
 * Gets of what kind the interface is.
 *
 * Returns: the kind
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
 * Gets the address of the hardware, such as `02:00:5E:10:00:07`.
 *
 * Returns: the address, `""` where there is none; that of a loopback interface is all zeros
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
 * Gets the size of the largest packet that goes through the interface.
 *
 * Returns: bytes, or 0 when it is unknown
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
 * Gets the addresses of the interface, in the order of the system.
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
 * @other: another
 *
 * Tells whether two are the same interface, perhaps looked at at different times.
 *
 * Returns: whether index and name are the same
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
