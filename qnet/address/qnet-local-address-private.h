/* qnet-local-address-private.h: where a local server is, by its name
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
  gboolean           is_abstract;  /* it has no file */
};

/* The address of the server of that @name. Nothing is made, and no file is looked at. A name that cannot be one is
 * HOST_NOT_FOUND: empty, or longer than the system has room for, and the text names the limit. */
gboolean qnet_local_address_init        (QnetLocalAddress       *address,
                                         const char             *name,
                                         gboolean                is_abstract,
                                         GError                **error);

/* What the kernel calls it: getsockname(), getpeername(). FALSE for what is no AF_UNIX address. */
gboolean qnet_local_address_init_native (QnetLocalAddress       *address,
                                         const struct sockaddr_storage *storage,
                                         socklen_t               size);

/* The path; of an abstract address the bare name. "" for a socket without a name. */
char    *qnet_local_address_get_name    (const QnetLocalAddress *address);

/* As a user writes it: abstract addresses, and those without a name, begin with "@", and each NUL is another one. For
 * texts. */
char    *qnet_local_address_to_display  (const QnetLocalAddress *address);

G_END_DECLS
