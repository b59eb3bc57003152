/* test-tls-identity.c: the identity of a certificate, for all threads
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/tls-fixture.h"
#include "tls/qnet-tls-identity-private.h"

#define N_THREADS 4
#define N_ROUNDS  50

/* What all threads do at the same time */
typedef struct
{
  GTlsCertificate *certificate;
  int              n_missing;  /* (atomic): threads that have not begun */
} Race;

static gpointer
load_thread (gpointer data)
{
  Race *race = data;

  g_atomic_int_add (&race->n_missing, -1);
  while (g_atomic_int_get (&race->n_missing) > 0)
    g_thread_yield ();

  return qnet_tls_identity_new (race->certificate, NULL);
}

static void
race_once (void)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  Race race = { certificate, N_THREADS };
  GThread *threads[N_THREADS];
  g_autoptr(QnetTlsIdentity) identity = NULL;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("load", load_thread, &race);

  identity = g_thread_join (threads[0]);
  g_assert_nonnull (identity);
  for (guint i = 1; i < N_THREADS; i++)
    {
      g_autoptr(QnetTlsIdentity) other = g_thread_join (threads[i]);

      g_assert_true (other == identity);
    }
}

static void
test_race (void)
{
  g_test_summary ("Threads that use the same certificate at the same time get one identity, so "
                  "that what is stapled to it applies to all of them.");

  if (!has_tls ())
    return;

  for (guint i = 0; i < N_ROUNDS; i++)
    race_once ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tls-identity/race", test_race);

  return g_test_run ();
}
