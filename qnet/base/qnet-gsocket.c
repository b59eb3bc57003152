/* qnet-gsocket.c: descriptors for GIO
 *
 * According to its documentation g_socket_new_from_fd() leaves the descriptor to the caller if it
 * fails, but the GSocket that it could not initialize closes it when it is finalized (GLib 2.74).
 * If the caller closed it as well, it could close a new file with the same number.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-gsocket-private.h"

/* Takes the descriptor back, by the only function that sets it: the property is construct-only, so
 * the function of the class is called. */
static void
disown_descriptor (GSocket *socket)
{
  GObjectClass *klass = g_type_class_peek (G_TYPE_SOCKET);
  GParamSpec *pspec = g_object_class_find_property (klass, "fd");
  g_auto(GValue) none = G_VALUE_INIT;

  g_value_init (&none, G_TYPE_INT);
  g_value_set_int (&none, -1);
  klass->set_property (G_OBJECT (socket), pspec->param_id, &none, pspec);
}

GSocket *
qnet_gsocket_new (int      fd,
                  GError **error)
{
  GSocket *socket = g_object_new (G_TYPE_SOCKET, "fd", fd, NULL);

  if (g_initable_init (G_INITABLE (socket), NULL, error))
    return socket;

  disown_descriptor (socket);
  g_object_unref (socket);

  return NULL;
}
