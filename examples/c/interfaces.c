/* interfaces.c: prints the network interfaces of this machine, one per line
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
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("- print the network interfaces of this machine");
  g_autoptr(GPtrArray) interfaces = qnet_network_interface_list_all ();
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  if (g_option_context_parse (options, &argc, &argv, &error) && argc > 1)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "No arguments are needed");

  if (error != NULL)
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  for (guint i = 0; i < interfaces->len; i++)
    print_interface (g_ptr_array_index (interfaces, i));

  return EXIT_SUCCESS;
}
