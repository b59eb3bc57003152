/* test-tls-retry.c: handshakes in which the server requests another ClientHello
 *
 * The client begins with the key of a group that the server does not have (HelloRetryRequest,
 * RFC 8446, section 4.1.4).
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/session-pair.h"
#include "tls/qnet-tls-gnutls-private.h"

#define OF_CLIENT "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP256R1"
#define OF_SERVER "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP256R1"

static void
set_priority (SessionEnd *end,
              const char *priority)
{
  g_assert_cmpint (gnutls_priority_set_direct (qnet_tls_session_get_gnutls (end->session), priority,
                                               NULL), ==, 0);
}

static guint n_retries;

static int
count_retry_cb (gnutls_session_t      session,
                unsigned int          type,
                unsigned int          when,
                unsigned int          is_incoming,
                const gnutls_datum_t *message)
{
  n_retries++;

  return 0;
}

static QnetTlsIdentity *
choose (gpointer    owner,
        const char *name)
{
  g_string_append_printf (owner, "%s;", name);

  return session_pair_make_identity ();
}

static void
test_chosen_once (void)
{
  g_autoptr(GString) names = g_string_new (NULL);
  SessionPair pair;

  g_test_summary ("The server chooses its certificate for the first ClientHello, and keeps it for "
                  "the second one.");

  session_pair_init (&pair, NULL, FALSE);
  set_priority (&pair.client, OF_CLIENT);
  set_priority (&pair.server, OF_SERVER);
  qnet_tls_session_set_chooser (pair.server.session, choose, names);
  gnutls_handshake_set_hook_function (qnet_tls_session_get_gnutls (pair.server.session),
                                      GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST, GNUTLS_HOOK_POST,
                                      count_retry_cb);

  session_pair_run (&pair, 0);
  g_assert_cmpint (pair.client.progress, ==, QNET_TLS_IS_COMPLETE);
  g_assert_cmpint (pair.server.progress, ==, QNET_TLS_IS_COMPLETE);
  g_assert_cmpuint (n_retries, ==, 1);
  g_assert_cmpstr (names->str, ==, "localhost;");
  session_pair_clear (&pair);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tls-retry/chosen-once", test_chosen_once);

  return g_test_run ();
}
