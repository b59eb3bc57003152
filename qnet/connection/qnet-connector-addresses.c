/* qnet-connector-addresses.c: which addresses a connector tries, and in what order
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-connector-parts-private.h"
#include "connection/qnet-datagram-message-private.h"

socklen_t
qnet_connector_to_native (QnetConnector           *self,
                          QnetHostAddress         *address,
                          struct sockaddr_storage *storage)
{
  socklen_t size = qnet_host_address_to_native (address, self->port, storage);

  if (size == 0
      || self->bound_name.ss_family == AF_UNSPEC
      || self->bound_name.ss_family == storage->ss_family)
    return size;

  if (self->bound_name.ss_family == AF_INET6 && !self->is_dual_stack)
    return 0;

  return qnet_message_to_native (address, self->port, self->bound_name.ss_family, storage);
}

static gboolean
is_ipv6 (QnetHostAddress *address)
{
  return qnet_host_address_get_protocol (address) != QNET_NETWORK_LAYER_PROTOCOL_IPV4;
}

static gboolean
is_usable (QnetConnector   *self,
           QnetHostAddress *address)
{
  struct sockaddr_storage native;

  if ((self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4
       || self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
      && qnet_host_address_get_protocol (address) != self->protocol)
    return FALSE;

  return qnet_connector_to_native (self, address, &native) != 0;
}

/* If this fails, connect() reports what is wrong with the descriptor. */
void
qnet_connector_inspect_bound_descriptor (QnetConnector *self)
{
  struct sockaddr *name = (struct sockaddr *) &self->bound_name;

  self->bound_size = sizeof self->bound_name;

  if (self->bound_fd == -1
      || qnet_sys_getsockname (self->bound_fd, name, &self->bound_size) < 0)
    return;

  self->is_dual_stack = self->bound_name.ss_family == AF_INET6
                        && qnet_sys_is_dual_stack (self->bound_fd);
}

static QnetHostAddress *
take_next_of_family (GPtrArray *addresses,
                     gboolean   of_ipv6,
                     guint     *next)
{
  while (*next < addresses->len)
    {
      QnetHostAddress *address = g_ptr_array_index (addresses, (*next)++);

      if (is_ipv6 (address) == of_ipv6)
        return address;
    }

  return NULL;
}

/* RFC 8305, section 4: the families alternate. */
static GPtrArray *
interleave (GPtrArray *addresses,
            gboolean   begins_with_ipv6)
{
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);
  gboolean of_ipv6 = begins_with_ipv6;
  guint next[2] = { 0, 0 };  /* for IPv4, for IPv6 */

  for (; result->len < addresses->len; of_ipv6 = !of_ipv6)
    {
      QnetHostAddress *address = take_next_of_family (addresses, of_ipv6, &next[of_ipv6]);

      if (address != NULL)
        g_ptr_array_add (result, qnet_host_address_ref (address));
    }

  return result;
}

/* The race begins with the family of the first address. Those that join it later continue with the
 * other family than that of the last attempt. */
static gboolean
begins_with_ipv6 (QnetConnector *self,
                  GPtrArray     *untried)
{
  if (self->next > 0)
    return !is_ipv6 (g_ptr_array_index (self->addresses, self->next - 1));

  return untried->len > 0 && is_ipv6 (g_ptr_array_index (untried, 0));
}

/* Those that were tried stay in front: begins_with_ipv6() reads the last one. */
static void
replace_untried (QnetConnector *self,
                 GPtrArray     *untried)
{
  g_autoptr(GPtrArray) sorted = interleave (untried, begins_with_ipv6 (self, untried));

  g_ptr_array_set_size (self->addresses, (int) self->next);
  g_ptr_array_extend_and_steal (self->addresses, g_steal_pointer (&sorted));
}

gboolean
qnet_connector_add_addresses (QnetConnector *self,
                              GPtrArray     *found)
{
  g_autoptr(GPtrArray) untried
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  for (guint i = self->next; i < self->addresses->len; i++)
    g_ptr_array_add (untried, qnet_host_address_ref (g_ptr_array_index (self->addresses, i)));

  for (guint i = 0; i < found->len; i++)
    if (is_usable (self, g_ptr_array_index (found, i)))
      g_ptr_array_add (untried, qnet_host_address_ref (g_ptr_array_index (found, i)));

  replace_untried (self, untried);

  return untried->len > 0;
}
