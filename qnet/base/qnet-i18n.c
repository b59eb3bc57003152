/* qnet-i18n.c: messages in the user's language
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"

#include <libintl.h>

/* Binds the domain once; a test with other catalogues binds it again afterwards. */
void
qnet_i18n_bind (void)
{
  static gsize bound = 0;

  if (!g_once_init_enter (&bound))
    return;

  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  g_once_init_leave (&bound, 1);
}

const char *
qnet_gettext (const char *message)
{
  qnet_i18n_bind ();

  return g_dgettext (GETTEXT_PACKAGE, message);
}

const char *
qnet_ngettext (const char *message,
               const char *message_plural,
               gulong      n)
{
  qnet_i18n_bind ();

  return g_dngettext (GETTEXT_PACKAGE, message, message_plural, n);
}
