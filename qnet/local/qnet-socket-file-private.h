/* qnet-socket-file-private.h: the file of a local server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/stat.h>

#include <glib.h>

#include "local/qnet-local-address-private.h"

G_BEGIN_DECLS

typedef struct _QnetSocketFile QnetSocketFile;

/* A file that this process has created. While the socket that is bound to it is open, the kernel
 * does not reuse its inode number. */
struct _QnetSocketFile
{
  char  *path;        /* (owned) (nullable): NULL if there is none */
  dev_t  device;
  ino_t  inode;
  guint  fork_epoch;  /* of the process that created it */
};

/* How to bind so that at no time a user without permission by @mode can connect. */
typedef enum /*< skip >*/
{
  QNET_SOCKET_FILE_BY_MODE,  /* the file gets the mode of the socket: on Linux */
  QNET_SOCKET_FILE_BY_LINK   /* created in a private folder, and linked to its path: anywhere */
} QnetSocketFileWay;

#ifdef __linux__
#define QNET_SOCKET_FILE_DEFAULT_WAY QNET_SOCKET_FILE_BY_MODE
#else
#define QNET_SOCKET_FILE_DEFAULT_WAY QNET_SOCKET_FILE_BY_LINK
#endif

/* Binds @fd to the path @address, which must not exist: EADDRINUSE otherwise. The file has exactly
 * the permissions @mode, whatever the umask is. FALSE with errno set, and without a file. */
gboolean qnet_socket_file_bind         (QnetSocketFile         *file,
                                        int                     fd,
                                        const QnetLocalAddress *address,
                                        mode_t                  mode,
                                        QnetSocketFileWay       way);

/* Removes the file, unless it was replaced by another one, or belongs to the parent process; to be
 * called before the socket is closed. Clears @file. */
void     qnet_socket_file_remove       (QnetSocketFile         *file);

/* Removes the file that a server has left at the path @address. Succeeds if there is none. A file
 * that is not a socket is not removed, and neither is that of a live server, unless @force is
 * set. */
gboolean qnet_socket_file_remove_stale (const QnetLocalAddress *address,
                                        gboolean                force,
                                        GError                **error);

/* What exists at the path of a server. */
typedef enum /*< skip >*/
{
  QNET_SOCKET_FILE_UNKNOWN,
  QNET_SOCKET_FILE_OF_SERVER,   /* a live one */
  QNET_SOCKET_FILE_STALE,       /* the socket of a server that does not run any more */
  QNET_SOCKET_FILE_NO_SOCKET,
} QnetSocketFileKind;

QnetSocketFileKind qnet_socket_file_inspect (const QnetLocalAddress *address);

G_END_DECLS
