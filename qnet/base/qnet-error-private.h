/* qnet-error-private.h: errno, GIO and resolver errors become QnetSocketError here
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "qnet-error.h"

G_BEGIN_DECLS

/* The code that an errno becomes; the table of the design's section on errors. */
int      qnet_socket_error_code_from_errno  (int           error_number);

/* The code that an error of GIO, of the resolver or of TLS becomes. */
int      qnet_socket_error_code_from_gerror (const GError *error);

/* Sets @error to the domain's code for @error_number; the text is the translated, printf-like
 * @format followed by ": " and the system's own words for @error_number. */
void     qnet_set_error_from_errno          (GError      **error,
                                             int           error_number,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (3, 4);

/* As above for an error of GIO, which it consumes (transfer full). G_IO_ERROR_CANCELLED and
 * errors that are QNET_SOCKET_ERROR already keep domain and code. */
void     qnet_take_error_from_gerror        (GError      **error,
                                             GError       *source,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (3, 4);

/* g_set_error() for our domain. */
void     qnet_set_error                     (GError      **error,
                                             QnetSocketError code,
                                             const char   *format,
                                             ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
