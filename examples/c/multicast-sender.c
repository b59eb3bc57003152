/* multicast-sender.c: sends a datagram to a group once a second
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

typedef struct
{
  GMainLoop       *loop;
  QnetUdpSocket   *socket;
  QnetHostAddress *group;
  int              port;
  int              count;   /* how many to send; 0: for ever */
  int              n_sent;
  int              status;
} Sender;

static gboolean
send_cb (gpointer user_data)
{
  Sender *sender = user_data;
  g_autofree char *text = g_strdup_printf ("Multicast datagram %d", ++sender->n_sent);
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;

  if (qnet_udp_socket_write_datagram_bytes_to (sender->socket, bytes,
                                               sender->group, sender->port, &error) < 0)
    {
      g_printerr ("%s\n", error->message);
      sender->status = EXIT_FAILURE;
    }
  else
    {
      g_print ("Sent: %s\n", text);
    }

  if (error != NULL || sender->n_sent == sender->count)
    g_main_loop_quit (sender->loop);

  return G_SOURCE_CONTINUE;
}

/* Binds to the family of the group, and sets the interface and the TTL. */
static gboolean
prepare (Sender      *sender,
         const char  *interface,
         int          ttl,
         GError     **error)
{
  QnetAbstractSocket *socket = QNET_ABSTRACT_SOCKET (sender->socket);
  gboolean is_ipv6 =
    qnet_host_address_get_protocol (sender->group) == QNET_NETWORK_LAYER_PROTOCOL_IPV6;
  g_autoptr(QnetHostAddress) any =
    qnet_host_address_new_special (is_ipv6 ? QNET_SPECIAL_ADDRESS_ANY_IPV6
                                           : QNET_SPECIAL_ADDRESS_ANY_IPV4);

  return qnet_abstract_socket_bind (socket, any, 0, QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, error)
         && qnet_udp_socket_set_multicast_interface (sender->socket, interface, error)
         && qnet_abstract_socket_set_socket_option (socket, QNET_SOCKET_OPTION_MULTICAST_TTL, ttl,
                                                    error);
}

static gboolean
check_arguments (int      argc,
                 int      port,
                 int      count,
                 GError **error)
{
  if (argc == 1 && port >= 1 && port <= G_MAXUINT16 && count >= 0)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       argc > 1 ? "There are too many arguments"
                                : "A port is a number from 1 to 65535, a count is not negative");
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *group = NULL;
  g_autofree char *interface = NULL;
  int ttl = 1;
  Sender sender = { .port = 45454 };
  const GOptionEntry entries[] = {
    { "group", 'g', 0, G_OPTION_ARG_STRING, &group, "The group (239.255.43.21)", "ADDRESS" },
    { "interface", 'i', 0, G_OPTION_ARG_STRING, &interface, "The network interface", "NAME" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &sender.port, "The port (45454)", "PORT" },
    { "ttl", 't', 0, G_OPTION_ARG_INT, &ttl, "How many hops it may make (1)", "TTL" },
    { "count", 'c', 0, G_OPTION_ARG_INT, &sender.count, "How many to send (for ever)", "COUNT" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("- send datagrams to a group");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(QnetUdpSocket) socket = qnet_udp_socket_new ();
  g_autoptr(QnetHostAddress) to = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error)
      || !check_arguments (argc, sender.port, sender.count, &error))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  to = qnet_host_address_from_string (group != NULL ? group : "239.255.43.21");
  if (to == NULL)
    {
      g_printerr ("%s is no address.\n", group);
      return EXIT_FAILURE;
    }

  sender.loop = loop;
  sender.socket = socket;
  sender.group = to;
  if (!prepare (&sender, interface, ttl, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_timeout_add_seconds (1, send_cb, &sender);
  g_main_loop_run (loop);

  return sender.status;
}
