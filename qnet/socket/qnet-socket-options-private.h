/* qnet-socket-options-private.h: options of a socket, remembered until there is a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-enums.h"
#include "qnet-error.h"

G_BEGIN_DECLS

typedef struct _QnetSocketOptions QnetSocketOptions;

/* The options of QnetSocketOption, and these, which are properties. */
enum
{
  QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE = QNET_SOCKET_OPTION_PATH_MTU + 1,  /* seconds */
  QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL,                                 /* seconds */
  QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT,
  QNET_SOCKET_OPTION_USER_TIMEOUT,                                        /* milliseconds, TCP_USER_TIMEOUT (RFC 5482) */
  QNET_N_SOCKET_OPTIONS
};

void     qnet_socket_options_free    (QnetSocketOptions   *options);

/* Remembers @value in *@options (made on first use; NULL means that nothing differs from the defaults) and, unless @fd is -1,
 * sets it there. FALSE: out of range, read only, or refused by the kernel; nothing is remembered then. */
gboolean qnet_socket_options_set     (QnetSocketOptions  **options,
                                      int                  fd,
                                      int                  option,
                                      int                  value,
                                      GError             **error);

/* Whether a socket of @type, UNKNOWN for any, has that option. What is no option at all passes, and set() and get() refuse it. */
gboolean qnet_socket_options_check_type    (int                  option,
                                            QnetSocketType       type,
                                            GError             **error);

/* Whether an option acts on datagrams that go through a proxy. */
gboolean qnet_socket_options_check_relayed (int                  option,
                                            GError             **error);

/* (nullable): the nick of an option that differs from its default and does not. */
const char *qnet_socket_options_find_unrelayed (QnetSocketOptions *options);  /* (nullable) */

/* What the kernel says for @fd, or, with -1, what was remembered or is the default. */
gboolean qnet_socket_options_get     (QnetSocketOptions   *options,
                                      int                  fd,
                                      int                  option,
                                      int                 *out_value,
                                      GError             **error);

/* Sets all that was remembered, and the defaults that are not the kernel's own (LOW_DELAY on for TCP), on a new descriptor.
 * @options may be NULL; AF_UNSPEC: ask the descriptor. An option that does not fit the type or family of the descriptor is passed over. */
gboolean qnet_socket_options_apply   (QnetSocketOptions   *options,
                                      int                  fd,
                                      int                  family,
                                      QnetSocketType       type,
                                      GError             **error);

G_END_DECLS
