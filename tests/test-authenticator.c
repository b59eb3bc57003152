/* test-authenticator.c: the answer to a proxy that asks, given at once or later
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include "proxy/qnet-authenticator-private.h"

typedef struct
{
  guint  n_answers;
  char  *user;      /* (owned) (nullable) */
  char  *password;  /* (owned) (nullable) */
} Asker;

static void
answered_cb (gpointer    data,
             const char *user,
             const char *password)
{
  Asker *asker = data;

  asker->n_answers++;
  asker->user = g_strdup (user);
  asker->password = g_strdup (password);
}

static QnetAuthenticator *
ask (Asker *asker)
{
  QnetAuthenticator *authenticator = qnet_authenticator_new ();

  qnet_authenticator_begin (authenticator, "cave", answered_cb, asker);

  return authenticator;
}

static void
asker_clear (Asker *asker)
{
  g_free (asker->user);
  g_free (asker->password);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asker, asker_clear)

static void
test_at_once (void)
{
  g_auto(Asker) asker = { 0 };
  QnetAuthenticator *authenticator = ask (&asker);

  g_test_summary ("What a handler sets is the answer.");

  g_assert_cmpstr (qnet_authenticator_get_realm (authenticator), ==, "cave");
  g_assert_true (qnet_authenticator_is_null (authenticator));
  qnet_authenticator_set_user (authenticator, "user");
  qnet_authenticator_set_password (authenticator, "sesame");
  g_assert_false (qnet_authenticator_is_null (authenticator));
  g_assert_cmpuint (asker.n_answers, ==, 0);

  g_assert_false (qnet_authenticator_end (authenticator));
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_cmpstr (asker.user, ==, "user");
  g_assert_cmpstr (asker.password, ==, "sesame");
}

static void
test_half (void)
{
  g_auto(Asker) asker = { 0 };
  QnetAuthenticator *authenticator = ask (&asker);

  g_test_summary ("A password alone is an answer, too.");

  qnet_authenticator_set_password (authenticator, "sesame");
  qnet_authenticator_end (authenticator);
  g_assert_cmpstr (asker.user, ==, "");
  g_assert_cmpstr (asker.password, ==, "sesame");
}

static void
test_no_answer (void)
{
  g_auto(Asker) asker = { 0 };

  g_test_summary ("A handler that sets nothing has no answer, and nobody waits for one.");

  g_assert_false (qnet_authenticator_end (ask (&asker)));
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_null (asker.user);
}

static void
test_later (void)
{
  g_auto(Asker) asker = { 0 };
  g_autoptr(QnetAuthenticator) authenticator = g_object_ref (ask (&asker));

  g_test_summary ("An answer that is held comes with resume(), once.");

  qnet_authenticator_hold (authenticator);
  g_assert_true (qnet_authenticator_end (authenticator));
  qnet_authenticator_set_user (authenticator, "user");
  g_assert_cmpuint (asker.n_answers, ==, 0);

  qnet_authenticator_resume (authenticator);
  qnet_authenticator_resume (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_cmpstr (asker.user, ==, "user");
  g_assert_cmpstr (asker.password, ==, "");
}

static void
test_held_without_answer (void)
{
  g_auto(Asker) asker = { 0 };
  g_autoptr(QnetAuthenticator) authenticator = g_object_ref (ask (&asker));

  g_test_summary ("resume() without an answer says that there is none.");

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_end (authenticator);
  qnet_authenticator_resume (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_null (asker.user);
}

static void
test_dropped (void)
{
  g_auto(Asker) asker = { 0 };
  QnetAuthenticator *authenticator = g_object_ref (ask (&asker));

  g_test_summary ("Dropping a held one says that there is no answer, whatever was set in it.");

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_set_user (authenticator, "user");
  qnet_authenticator_end (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 0);

  g_object_unref (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_null (asker.user);
}

static void
test_kept_only (void)
{
  g_auto(Asker) asker = { 0 };
  g_autoptr(QnetAuthenticator) authenticator = g_object_ref (ask (&asker));

  g_test_summary ("A reference alone, as a garbage collector has one, holds nothing.");

  qnet_authenticator_end (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_resume (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);
}

static void
test_forgotten (void)
{
  g_auto(Asker) asker = { 0 };
  QnetAuthenticator *authenticator = g_object_ref (ask (&asker));

  g_test_summary ("Whoever has stopped asking is told nothing.");

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_end (authenticator);
  qnet_authenticator_forget (authenticator);
  qnet_authenticator_resume (authenticator);
  g_object_unref (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 0);
}

static void
count_cb (QnetAuthenticator *authenticator,
          GParamSpec        *pspec,
          guint             *count)
{
  (*count)++;
}

static void
test_properties (void)
{
  g_autoptr(QnetAuthenticator) authenticator = qnet_authenticator_new ();
  g_autofree char *user = NULL;
  g_autofree char *password = NULL;
  g_autofree char *realm = NULL;
  guint n_notified = 0;

  g_test_summary ("All is a property, and notified when it changes.");

  g_signal_connect (authenticator, "notify", G_CALLBACK (count_cb), &n_notified);
  g_object_set (authenticator, "user", "user", "password", "sesame", "realm", "cave", NULL);
  g_object_set (authenticator, "user", "user", "password", "sesame", "realm", "cave", NULL);
  g_assert_cmpuint (n_notified, ==, 3);

  g_object_get (authenticator, "user", &user, "password", &password, "realm", &realm, NULL);
  g_assert_cmpstr (user, ==, "user");
  g_assert_cmpstr (password, ==, "sesame");
  g_assert_cmpstr (realm, ==, "cave");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/authenticator/at-once", test_at_once);
  g_test_add_func ("/authenticator/half", test_half);
  g_test_add_func ("/authenticator/no-answer", test_no_answer);
  g_test_add_func ("/authenticator/later", test_later);
  g_test_add_func ("/authenticator/held-without-answer", test_held_without_answer);
  g_test_add_func ("/authenticator/dropped", test_dropped);
  g_test_add_func ("/authenticator/kept-only", test_kept_only);
  g_test_add_func ("/authenticator/forgotten", test_forgotten);
  g_test_add_func ("/authenticator/properties", test_properties);

  return g_test_run ();
}
