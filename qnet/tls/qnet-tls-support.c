/* qnet-tls-support.c: whether qnet was built with TLS
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-support-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

gboolean
qnet_tls_check_supported (const char  *what,
                          GError     **error)
{
  if (qnet_tls_is_supported ())
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INTERNAL, _("qnet was built without TLS"));
  qnet_prefix_error (error, "%s", what);

  return FALSE;
}
