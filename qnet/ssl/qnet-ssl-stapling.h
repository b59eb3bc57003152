/* qnet-ssl-stapling.h: what a server sends about the revocation of its certificate
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <gio/gio.h>

#include "qnet-version.h"

G_BEGIN_DECLS

QNET_AVAILABLE_IN_1_0
gboolean qnet_ssl_set_ocsp_response      (GTlsCertificate  *certificate,
                                          GBytes           *response,
                                          GError          **error);
QNET_AVAILABLE_IN_1_0
gboolean qnet_ssl_set_ocsp_response_file (GTlsCertificate  *certificate,
                                          const char       *file,
                                          GError          **error);

G_END_DECLS
