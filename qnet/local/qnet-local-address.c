/* qnet-local-address.c: the address of a local server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "local/qnet-local-address-private.h"

#include <stddef.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* The bytes before the path in a sockaddr_un. */
#define HEAD offsetof (struct sockaddr_un, sun_path)

/* The last byte of a path is its NUL, and the first byte of an abstract name. */
#define MAX_LENGTH (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)

/* From a name */

/* g_get_user_runtime_dir() would return the user's cache directory if there is no runtime
 * directory: that may be on a network file system, outlives the login, and has a long path. */
static const char *
get_folder (void)
{
  const char *folder = g_getenv ("XDG_RUNTIME_DIR");

  return folder != NULL && g_path_is_absolute (folder) ? folder : g_get_tmp_dir ();
}

static gboolean
check_length (const char  *text,
              GError     **error)
{
  gsize length = strlen (text);
  g_autofree char *display = NULL;

  if (length <= MAX_LENGTH)
    return TRUE;

  display = g_filename_display_name (text);
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  /* Translators: the name, how many bytes it has, and how many it may have */
                  _("Could not use “%s” as the name of a local server: It has %zu bytes, and the "
                    "limit is %zu"), display, length, MAX_LENGTH);
  return FALSE;
}

static gboolean
check_name (const char  *name,
            GError     **error)
{
  if (name != NULL && name[0] != '\0')
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  _("Could not use an empty name for a local server"));
  return FALSE;
}

/* A plain name cannot leave the runtime directory. */
static gboolean
check_relative_name (const char  *name,
                     GError     **error)
{
  g_auto(GStrv) parts = g_strsplit (name, G_DIR_SEPARATOR_S, -1);
  g_autofree char *display = NULL;

  if (g_path_is_absolute (name) || !g_strv_contains ((const char *const *) parts, ".."))
    return TRUE;

  display = g_filename_display_name (name);
  qnet_set_error (error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                  _("Could not use “%s” as the name of a local server: "
                    "A name that is not an absolute path cannot contain “..”"), display);
  return FALSE;
}

gboolean
qnet_local_address_init (QnetLocalAddress  *address,
                         const char        *name,
                         gboolean           is_abstract,
                         GError           **error)
{
  g_autofree char *path = NULL;

  *address = (QnetLocalAddress) { .native.sun_family = AF_UNIX, .is_abstract = is_abstract };

  if (!check_name (name, error) || (!is_abstract && !check_relative_name (name, error)))
    return FALSE;

  if (is_abstract || g_path_is_absolute (name))
    path = g_strdup (name);
  else
    path = g_build_filename (get_folder (), name, NULL);

  if (!check_length (path, error))
    return FALSE;

  memcpy (address->native.sun_path + (is_abstract ? 1 : 0), path, strlen (path));
  address->size = HEAD + 1 + strlen (path);  /* with the NUL before or after it */

  return TRUE;
}

/* From the kernel */

gboolean
qnet_local_address_init_native (QnetLocalAddress              *address,
                                const struct sockaddr_storage *storage,
                                socklen_t                      size)
{
  *address = (QnetLocalAddress) { .native.sun_family = AF_UNIX };

  if (storage->ss_family != AF_UNIX)
    return FALSE;

  memcpy (&address->native, storage, MIN (size, sizeof address->native));
  address->size = MIN (size, sizeof address->native);
  address->is_abstract = size > HEAD && address->native.sun_path[0] == '\0';

  return TRUE;
}

/* To a name */

/* A path that fills sun_path has no NUL. */
static char *
get_path (const QnetLocalAddress *address)
{
  return g_strndup (address->native.sun_path, MAX (address->size, HEAD) - HEAD);
}

static char *
get_abstract_name (const QnetLocalAddress *address)
{
  gsize length = address->size - HEAD - 1;
  char *name = g_strndup (address->native.sun_path + 1, length);

  for (gsize i = 0; i < length; i++)
    name[i] = address->native.sun_path[i + 1] != '\0' ? address->native.sun_path[i + 1] : '@';

  return name;
}

char *
qnet_local_address_get_name (const QnetLocalAddress *address)
{
  return address->is_abstract ? get_abstract_name (address) : get_path (address);
}

char *
qnet_local_address_to_display (const QnetLocalAddress *address)
{
  g_autofree char *name = qnet_local_address_get_name (address);

  if (address->is_abstract || name[0] == '\0')
    return g_strconcat ("@", name, NULL);

  return g_filename_display_name (name);
}
