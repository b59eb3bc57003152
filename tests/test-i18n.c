/* test-i18n.c: messages in the user's language
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <gio/gunixsocketaddress.h>
#include <libintl.h>
#include <locale.h>

#include "base/qnet-i18n-private.h"
#include "qnet.h"

typedef struct
{
  const char *language;
  const char *message;
} Translation;

static const Translation translations[] = {
  { "C", "The address is neither an IPv4 nor an IPv6 address" },
  { "de", "Die Adresse ist weder eine IPv4- noch eine IPv6-Adresse" },
  { "zh_CN", "该地址既不是 IPv4 地址，也不是 IPv6 地址" },
};

/* The catalogues of this build instead of the installed ones. LANGUAGE chooses among them in any
 * locale but "C" and, since glibc 2.39, "C.UTF-8"; so the build creates another one (see
 * meson.build). */
static void
choose_language (const char *language)
{
  g_autofree char *catalogues = g_test_build_filename (G_TEST_BUILT, "..", "po", NULL);

  g_setenv ("LANGUAGE", language, TRUE);

  qnet_i18n_bind ();
  bindtextdomain (GETTEXT_PACKAGE, catalogues);
}

/* In a process of its own, because gettext remembers what it has once found. */
static void
read_message (const Translation *translation)
{
  g_autoptr(GSocketAddress) path = g_unix_socket_address_new ("/nowhere");
  g_autoptr(QnetHostAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  choose_language (translation->language);

  address = qnet_host_address_new_from_socket_address (path, &error);
  g_assert_null (address);
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpstr (error->message, ==, translation->message);
}

static void
test_message (gconstpointer data)
{
  const Translation *translation = data;

  g_test_summary ("An error speaks the language of the user.");

  g_setenv ("LOCPATH", g_test_get_dir (G_TEST_BUILT), TRUE);
  if (setlocale (LC_ALL, "en_US.UTF-8") == NULL)
    {
      g_test_skip ("there is no locale en_US.UTF-8, and no localedef with its sources to make it");
      return;
    }

  if (g_test_subprocess ())
    {
      read_message (translation);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_plural (void)
{
  g_test_summary ("A message that no catalogue has comes back as it is, in singular and plural.");

  g_assert_cmpstr (qnet_ngettext ("one fish", "many fish", 1), ==, "one fish");
  g_assert_cmpstr (qnet_ngettext ("one fish", "many fish", 2), ==, "many fish");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/i18n/plural", test_plural);
  for (gsize i = 0; i < G_N_ELEMENTS (translations); i++)
    {
      g_autofree char *path = g_strconcat ("/i18n/message/", translations[i].language, NULL);

      g_test_add_data_func (path, &translations[i], test_message);
    }

  return g_test_run ();
}
