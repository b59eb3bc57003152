/* qnet-socket-options-private.h: the options of a socket, remembered until there is a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-enums.h"
#include "qnet-error.h"

G_BEGIN_DECLS

/* What Linux allows; no other system allows more that would make sense. */
#define QNET_KEEP_ALIVE_MAX_SECONDS 32767
#define QNET_KEEP_ALIVE_MAX_PROBES 127

typedef struct _QnetSocketOptions QnetSocketOptions;

/* The options of QnetSocketOption, and those that are properties. */
enum
{
  QNET_SOCKET_OPTION_KEEP_ALIVE_IDLE = QNET_SOCKET_OPTION_MARK + 1,  /* seconds */
  QNET_SOCKET_OPTION_KEEP_ALIVE_INTERVAL,                            /* seconds */
  QNET_SOCKET_OPTION_KEEP_ALIVE_COUNT,
  QNET_SOCKET_OPTION_USER_TIMEOUT,  /* milliseconds, TCP_USER_TIMEOUT (RFC 5482) */
  QNET_N_SOCKET_OPTIONS
};

void     qnet_socket_options_free    (QnetSocketOptions   *options);

/* Remembers @value in *@options, which is allocated on first use (NULL: nothing differs from the
 * defaults), and sets it on @fd, unless that is -1. FALSE: the value is out of range, the option is
 * read only, or the kernel refuses it; nothing is remembered then. */
gboolean qnet_socket_options_set     (QnetSocketOptions  **options,
                                      int                  fd,
                                      int                  option,
                                      int                  value,
                                      GError             **error);

/* Whether a socket of @type (UNKNOWN: any) has @option. A number that is no option passes; set()
 * and get() refuse it. */
gboolean qnet_socket_options_check_type    (int                  option,
                                            QnetSocketType       type,
                                            GError             **error);

/* Whether @option has an effect on datagrams that are sent through a proxy. */
gboolean qnet_socket_options_check_relayed (int                  option,
                                            GError             **error);

/* (nullable): the nick of an option that has no such effect and differs from its default. */
const char *qnet_socket_options_find_unrelayed (QnetSocketOptions *options);

/* Gets the value that the kernel has for @fd or, if that is -1, the remembered one or the
 * default. */
gboolean qnet_socket_options_get     (QnetSocketOptions   *options,
                                      int                  fd,
                                      int                  option,
                                      int                 *out_value,
                                      GError             **error);

/* Sets the remembered options, and our defaults that differ from those of the kernel (LOW_DELAY on
 * for TCP), on a new descriptor. @options (nullable); @family may be AF_UNSPEC, which is then read
 * from the descriptor. Options that do not fit the type or family of the descriptor are skipped. */
gboolean qnet_socket_options_apply   (QnetSocketOptions   *options,
                                      int                  fd,
                                      int                  family,
                                      QnetSocketType       type,
                                      GError             **error);

G_END_DECLS
