/* qnet-tls-support-private.h: whether qnet was built with TLS
 *
 * Without GnuTLS all classes exist, and none of them has a session, an identity or a policy. What
 * would need one asks here first.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* qnet-tls-session.c or qnet-tls-none.c */
gboolean qnet_tls_is_supported    (void);

/* FALSE with an error if it is not. @what: what fails then, such as _("Could not listen") */
gboolean qnet_tls_check_supported (const char  *what,
                                   GError     **error);

G_END_DECLS
