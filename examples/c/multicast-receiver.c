/* multicast-receiver.c: joins a group, and prints its datagrams
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static void
print_datagram (const QnetNetworkDatagram *datagram)
{
  QnetHostAddress *sender = qnet_network_datagram_get_sender_address (datagram);
  g_autofree char *address = qnet_host_address_to_string (sender);
  gsize size;
  const char *data = g_bytes_get_data (qnet_network_datagram_get_bytes (datagram), &size);
  g_autofree char *text = g_utf8_make_valid (data != NULL ? data : "", (gssize) size);

  g_print ("%s: %s\n", address, text);
}

/* The signal is emitted again when more datagrams are available after a read. */
static void
ready_read_cb (QnetUdpSocket *socket,
               gpointer       user_data)
{
  g_autoptr(QnetNetworkDatagram) datagram = qnet_udp_socket_receive_datagram (socket, 0, NULL);

  if (datagram != NULL)
    print_datagram (datagram);
}

/* A socket receives from groups of the family that it is bound to. */
static gboolean
join (QnetUdpSocket    *socket,
      QnetHostAddress  *group,
      const char       *interface,
      int               port,
      GError          **error)
{
  gboolean is_ipv6 = qnet_host_address_get_protocol (group) == QNET_NETWORK_LAYER_PROTOCOL_IPV6;
  g_autoptr(QnetHostAddress) any =
    qnet_host_address_new_special (is_ipv6 ? QNET_SPECIAL_ADDRESS_ANY_IPV6
                                           : QNET_SPECIAL_ADDRESS_ANY_IPV4);

  return qnet_abstract_socket_bind (QNET_ABSTRACT_SOCKET (socket), any, port,
                                    QNET_BIND_FLAGS_SHARE_ADDRESS, error)
         && qnet_udp_socket_join_multicast_group (socket, group, interface, error);
}

static gboolean
check_arguments (int      argc,
                 int      port,
                 GError **error)
{
  if (argc == 1 && port >= 0 && port <= G_MAXUINT16)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       argc > 1 ? "There are too many arguments"
                                : "A port is a number from 0 to 65535");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *address = NULL;
  g_autofree char *interface = NULL;
  int port = 45454;
  const GOptionEntry entries[] = {
    { "group", 'g', 0, G_OPTION_ARG_STRING, &address, "The group (239.255.43.21)", "ADDRESS" },
    { "interface", 'i', 0, G_OPTION_ARG_STRING, &interface, "The network interface", "NAME" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "The port (45454)", "PORT" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("- print the datagrams of a group");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) group = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error)
      || !check_arguments (argc, port, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  group = qnet_host_address_from_string (address != NULL ? address : "239.255.43.21");
  if (group == NULL)
    {
      g_printerr ("%s is no address.\n", address);
      return EXIT_FAILURE;
    }

  if (!join (socket, group, interface, port, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_signal_connect (socket, "ready-read", G_CALLBACK (ready_read_cb), NULL);
  g_print ("Listening on port %u\n",
           qnet_abstract_socket_get_local_port (QNET_ABSTRACT_SOCKET (socket)));
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
