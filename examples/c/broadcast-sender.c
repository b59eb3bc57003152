/* broadcast-sender.c: broadcasts a datagram on the network once a second
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
  QnetHostAddress *address;
  int              port;
  int              count;   /* how many to send; 0: for ever */
  int              n_sent;
  int              status;
} Sender;

static gboolean
send_cb (gpointer user_data)
{
  Sender *sender = user_data;
  g_autofree char *text = g_strdup_printf ("Broadcast datagram %d", ++sender->n_sent);
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr(GError) error = NULL;

  if (qnet_udp_socket_write_datagram_bytes_to (sender->socket, bytes,
                                               sender->address, sender->port, &error) < 0)
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
  g_autofree char *address = NULL;
  Sender sender = { .port = 45454 };
  const GOptionEntry entries[] = {
    { "address", 'a', 0, G_OPTION_ARG_STRING, &address, "Send to this address (255.255.255.255)",
      "ADDRESS" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &sender.port, "The port (45454)", "PORT" },
    { "count", 'c', 0, G_OPTION_ARG_INT, &sender.count, "How many to send (for ever)", "COUNT" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("- broadcast datagrams");
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

  to = address != NULL ? qnet_host_address_from_string (address)
                       : qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_BROADCAST);
  if (to == NULL)
    {
      g_printerr ("%s is no address.\n", address);
      return EXIT_FAILURE;
    }

  sender.loop = loop;
  sender.socket = socket;
  sender.address = to;
  g_timeout_add_seconds (1, send_cb, &sender);
  g_main_loop_run (loop);

  return sender.status;
}
