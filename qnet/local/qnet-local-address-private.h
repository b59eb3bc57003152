/* qnet-local-address-private.h: the address of a local server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _QnetLocalAddress QnetLocalAddress;

struct _QnetLocalAddress
{
  struct sockaddr_un native;
  socklen_t          size;
  gboolean           is_abstract;  /* without a file */
};

/* The address of the server of that @name. No file is created or inspected. An invalid name fails
 * with HOST_NOT_FOUND: empty, or longer than the system supports; the message contains the
 * limit. */
gboolean qnet_local_address_init        (QnetLocalAddress       *address,
                                         const char             *name,
                                         gboolean                is_abstract,
                                         GError                **error);

/* From the result of getsockname() or getpeername(). FALSE for an address that is not AF_UNIX. */
gboolean qnet_local_address_init_native (QnetLocalAddress       *address,
                                         const struct sockaddr_storage *storage,
                                         socklen_t               size);

/* The path, or the name of an abstract address without its NUL. "" for a socket without a name. */
char    *qnet_local_address_get_name    (const QnetLocalAddress *address);

/* For messages: abstract addresses, and those without a name, begin with "@", and each NUL is
 * displayed as "@". */
char    *qnet_local_address_to_display  (const QnetLocalAddress *address);

G_END_DECLS
