/* interfaces.c: tells the network interfaces of this machine, each in a line
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static const char *
describe_state (QnetInterfaceFlags flags)
{
  if ((flags & QNET_INTERFACE_FLAGS_IS_UP) == 0)
    return "DOWN";

  return (flags & QNET_INTERFACE_FLAGS_IS_RUNNING) != 0 ? "UP" : "WAITING";
}

static void
print_interface (QnetNetworkInterface *interface)
{
  GPtrArray *entries = qnet_network_interface_get_address_entries (interface);

  g_print ("%-16s %-8s %-18s", qnet_network_interface_get_name (interface),
           describe_state (qnet_network_interface_get_flags (interface)),
           qnet_network_interface_get_hardware_address (interface));

  for (guint i = 0; i < entries->len; i++)
    {
      QnetNetworkAddressEntry *entry = g_ptr_array_index (entries, i);
      QnetHostAddress *ip = qnet_network_address_entry_get_ip (entry);
      g_autofree char *text = qnet_host_address_to_string (ip);

      g_print (" %s/%d", text, qnet_network_address_entry_get_prefix_length (entry));
    }

  g_print ("\n");
}

int
main (void)
{
  g_autoptr(GPtrArray) interfaces = qnet_network_interface_list_all ();

  setlocale (LC_ALL, "");

  for (guint i = 0; i < interfaces->len; i++)
    print_interface (g_ptr_array_index (interfaces, i));

  return EXIT_SUCCESS;
}
