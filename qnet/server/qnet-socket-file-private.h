/* qnet-socket-file-private.h: the file by which a local server is found
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/stat.h>

#include <glib.h>

#include "address/qnet-local-address-private.h"

G_BEGIN_DECLS

typedef struct _QnetSocketFile QnetSocketFile;

/* A file that we made. While the socket that is bound to it is open, the kernel gives its inode's number to no other. */
struct _QnetSocketFile
{
  char  *path;        /* (owned) (nullable): NULL when there is none */
  dev_t  device;
  ino_t  inode;
  guint  fork_epoch;  /* of the process that made it */
};

/* How to bind so that nobody can connect whom @mode does not let, not even for a moment. */
typedef enum /*< skip >*/
{
  QNET_SOCKET_FILE_BY_MODE,  /* the file has the mode that the socket had before: on Linux */
  QNET_SOCKET_FILE_BY_LINK   /* make it in a private folder, and link it to its place: anywhere */
} QnetSocketFileWay;

#ifdef __linux__
#define QNET_SOCKET_FILE_DEFAULT_WAY QNET_SOCKET_FILE_BY_MODE
#else
#define QNET_SOCKET_FILE_DEFAULT_WAY QNET_SOCKET_FILE_BY_LINK
#endif

/* Binds @fd to the path @address, where nothing may be yet: EADDRINUSE otherwise. The file has exactly the permissions @mode,
 * whatever the umask. FALSE with errno set; then nothing is left of it. */
gboolean qnet_socket_file_bind         (QnetSocketFile         *file,
                                        int                     fd,
                                        const QnetLocalAddress *address,
                                        mode_t                  mode,
                                        QnetSocketFileWay       way);

/* Removes the file, unless somebody else has put something in its place, or it is our parent process's; to be called before the
 * socket is closed. Forgets it. */
void     qnet_socket_file_remove       (QnetSocketFile         *file);

/* Removes what a server that is no more has left at the path @address. That there is nothing is well. What is no socket stays,
 * and so does a live server's, unless @force is set. */
gboolean qnet_socket_file_remove_stale (const QnetLocalAddress *address,
                                        gboolean                force,
                                        GError                **error);

/* What is at the place of a server. */
typedef enum /*< skip >*/
{
  QNET_SOCKET_FILE_NOTHING_KNOWN,
  QNET_SOCKET_FILE_OF_SERVER,   /* one that runs */
  QNET_SOCKET_FILE_STALE,       /* the socket of a server that does not */
  QNET_SOCKET_FILE_NO_SOCKET,
} QnetSocketFileKind;

QnetSocketFileKind qnet_socket_file_inspect (const QnetLocalAddress *address);

G_END_DECLS
