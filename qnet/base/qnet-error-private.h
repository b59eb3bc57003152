/* qnet-error-private.h: from errors of the system, GIO and the resolver to QnetSocketError
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "qnet-error.h"

G_BEGIN_DECLS

/* The code for an errno. */
int      qnet_socket_error_code_from_errno  (int           error_number);

/* The code for an error of GIO, of the resolver or of TLS. */
int      qnet_socket_error_code_from_gerror (const GError *error);

/* Sets @error with the code for @error_number; the message is the translated, printf-like @format
 * followed by ": " and the message of the system. */
void     qnet_set_error_from_errno          (GError      **error,
                                             int           error_number,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (3, 4);

/* The same for an error of GIO (transfer full). G_IO_ERROR_CANCELLED and errors that are
 * QNET_SOCKET_ERROR already keep their domain and code. */
void     qnet_take_error_from_gerror        (GError      **error,
                                             GError       *source,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (3, 4);

/* Puts the translated, printf-like @format, what failed, and ": " before the message. */
void     qnet_prefix_error                  (GError      **error,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (2, 3);

/* g_set_error() in QNET_SOCKET_ERROR. */
void     qnet_set_error                     (GError      **error,
                                             QnetSocketError code,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
