/* test-authenticator.c: credentials that are set at once or later
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include "auth/qnet-authenticator-private.h"

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

  qnet_authenticator_begin (authenticator, NULL, "cave", answered_cb, asker);

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

  g_test_summary ("The credentials are those that the handler sets.");

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
test_password_alone (void)
{
  g_auto(Asker) asker = { 0 };
  QnetAuthenticator *authenticator = ask (&asker);

  g_test_summary ("A password without a user name is accepted.");

  qnet_authenticator_set_password (authenticator, "sesame");
  qnet_authenticator_end (authenticator);
  g_assert_cmpstr (asker.user, ==, "");
  g_assert_cmpstr (asker.password, ==, "sesame");
}

static void
test_no_credentials (void)
{
  g_auto(Asker) asker = { 0 };

  g_test_summary ("If the handler sets nothing, there are no credentials, and the connection does "
                  "not wait.");

  g_assert_false (qnet_authenticator_end (ask (&asker)));
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_null (asker.user);
}

static void
test_held (void)
{
  g_auto(Asker) asker = { 0 };
  g_autoptr(QnetAuthenticator) authenticator = g_object_ref (ask (&asker));

  g_test_summary ("Held credentials are used once, after resume().");

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
test_resumed_without_credentials (void)
{
  g_auto(Asker) asker = { 0 };
  g_autoptr(QnetAuthenticator) authenticator = g_object_ref (ask (&asker));

  g_test_summary ("resume() without credentials reports that there are none.");

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

  g_test_summary ("Dropping a held authenticator reports that there are no credentials, even if "
                  "some were set.");

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_set_user (authenticator, "user");
  qnet_authenticator_end (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 0);

  g_object_unref (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);
  g_assert_null (asker.user);
}

static void
test_reference_alone (void)
{
  g_auto(Asker) asker = { 0 };
  g_autoptr(QnetAuthenticator) authenticator = g_object_ref (ask (&asker));

  g_test_summary ("A reference alone, such as that of a garbage collector, does not hold the "
                  "request.");

  qnet_authenticator_end (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_resume (authenticator);
  g_assert_cmpuint (asker.n_answers, ==, 1);
}

static void
test_cancelled (void)
{
  g_auto(Asker) asker = { 0 };
  QnetAuthenticator *authenticator = g_object_ref (ask (&asker));

  g_test_summary ("After cancel() the callback is not called.");

  qnet_authenticator_hold (authenticator);
  qnet_authenticator_end (authenticator);
  qnet_authenticator_cancel (authenticator);
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

  g_test_summary ("The properties notify changes.");

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
  g_test_add_func ("/authenticator/password-alone", test_password_alone);
  g_test_add_func ("/authenticator/no-credentials", test_no_credentials);
  g_test_add_func ("/authenticator/held-and-resumed", test_held);
  g_test_add_func ("/authenticator/resumed-without-credentials", test_resumed_without_credentials);
  g_test_add_func ("/authenticator/held-and-dropped", test_dropped);
  g_test_add_func ("/authenticator/reference-alone-does-not-hold", test_reference_alone);
  g_test_add_func ("/authenticator/cancelled", test_cancelled);
  g_test_add_func ("/authenticator/properties", test_properties);

  return g_test_run ();
}
