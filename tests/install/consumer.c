/* consumer.c: the smallest program that uses qnet; it compiles as C and as C++
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <qnet/qnet.h>

#if !QNET_CHECK_VERSION (1, 0, 0)
#error "these headers are too old"
#endif

static gboolean
listen_somewhere (GError **error)
{
  QnetTcpServer *server = qnet_tcp_server_new ();
  QnetHostAddress *address = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  gboolean listens = qnet_tcp_server_listen (server, address, 0, error);

  if (listens)
    g_print ("listening on port %u\n", (guint) qnet_tcp_server_get_server_port (server));

  qnet_host_address_unref (address);
  g_object_unref (server);

  return listens;
}

int
main (void)
{
  const char *mismatch = qnet_check_version (QNET_MAJOR_VERSION, QNET_MINOR_VERSION,
                                             QNET_MICRO_VERSION);
  GError *error = NULL;

  if (mismatch != NULL)
    {
      g_printerr ("%s\n", mismatch);
      return 1;
    }

  if (!listen_somewhere (&error))
    {
      g_printerr ("%s\n", error->message);
      g_error_free (error);
      return 1;
    }

  return 0;
}
