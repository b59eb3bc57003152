/* host-lookup.c: prints the addresses of names, and the names of addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdlib.h>

#include <qnet/qnet.h>

typedef struct
{
  GMainLoop *loop;
  guint      n_pending;
  int        status;
} LookUps;

static void
print_addresses (QnetHostInfo *info)
{
  GPtrArray *addresses = qnet_host_info_get_addresses (info);

  for (guint i = 0; i < addresses->len; i++)
    {
      g_autofree char *text = qnet_host_address_to_string (g_ptr_array_index (addresses, i));

      g_print ("%s has address %s\n", qnet_host_info_get_host_name (info), text);
    }
}

static void
end_one (LookUps *look_ups,
         GError  *error)
{
  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      look_ups->status = EXIT_FAILURE;
    }

  if (--look_ups->n_pending == 0)
    g_main_loop_quit (look_ups->loop);
}

static void
host_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_host_finish (result, &error);

  if (info != NULL)
    print_addresses (info);

  end_one (user_data, error);
}

static void
address_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(QnetHostInfo) info = qnet_host_info_lookup_address_finish (result, &error);

  if (info != NULL)
    {
      QnetHostAddress *address = g_ptr_array_index (qnet_host_info_get_addresses (info), 0);
      g_autofree char *text = qnet_host_address_to_string (address);

      g_print ("%s is %s\n", text, qnet_host_info_get_host_name (info));
    }

  end_one (user_data, error);
}

static void
look_up (LookUps    *look_ups,
         const char *text)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (text);

  look_ups->n_pending++;

  if (address != NULL)
    qnet_host_info_lookup_address_async (address, G_PRIORITY_DEFAULT, NULL, address_cb, look_ups);
  else
    qnet_host_info_lookup_host_async (text, G_PRIORITY_DEFAULT, NULL, host_cb, look_ups);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr(GOptionContext) options =
    g_option_context_new ("NAME|ADDRESS... - look up names and addresses");
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GError) error = NULL;
  LookUps look_ups = { loop, 0, EXIT_SUCCESS };

  setlocale (LC_ALL, "");

  if (g_option_context_parse (options, &argc, &argv, &error) && argc < 2)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         "A name or an address is needed");

  if (error != NULL)
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      g_printerr ("%s\n\n%s", error->message, help);
      return EXIT_FAILURE;
    }

  /* All at the same time: the answers arrive in the order in which they are found. */
  for (int i = 1; i < argc; i++)
    look_up (&look_ups, argv[i]);

  g_main_loop_run (loop);

  return look_ups.status;
}
