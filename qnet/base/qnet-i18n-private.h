/* qnet-i18n-private.h: messages in the user's language
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Not <glib/gi18n-lib.h>: a library without constructors binds its domain when the first message is
 * needed, so each lookup of a message calls a function of qnet. */
#define _(string)  (qnet_gettext (string))
#define N_(string) (string)

void        qnet_i18n_bind (void);

const char *qnet_gettext   (const char *message) G_GNUC_FORMAT (1);

const char *qnet_ngettext  (const char *message,
                            const char *message_plural,
                            gulong      n) G_GNUC_FORMAT (1) G_GNUC_FORMAT (2);

G_END_DECLS
