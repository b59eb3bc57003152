/* fuzz-client-hello.c: the first bytes of somebody who connects to a TLS server
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "engine/qnet-client-hello-private.h"

#include "fuzz.h"

/* Whatever part of them is there: once it is foreign it stays so, and once complete too. */
static void
check_parts (const guint8   *data,
             gsize           size,
             QnetClientHello whole)
{
  for (gsize part = 0; part < MIN (size, 600); part++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, part);
      g_autofree char *name = NULL;
      QnetClientHello state = qnet_client_hello_parse (copy, part, &name);

      g_assert_true (state == QNET_CLIENT_HELLO_PARTIAL || state == whole);
    }
}

/* One that is chosen is one of ours. */
static void
check_protocol (const guint8 *data,
                gsize         size)
{
  static const char *const ours[] = { "h2", "http/1.1", "", NULL };
  const char *chosen = qnet_client_hello_choose_protocol (data, size, ours);

  g_assert_true (chosen == NULL || chosen == ours[0] || chosen == ours[1]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *name = NULL;
  QnetClientHello whole = qnet_client_hello_parse (data, size, &name);

  if (whole != QNET_CLIENT_HELLO_COMPLETE)
    g_assert_null (name);

  if (name != NULL)
    {
      g_assert_cmpuint (strlen (name), >, 0);
      g_assert_cmpuint (strlen (name), <=, 255);
      g_assert_true (g_utf8_validate (name, -1, NULL));
    }

  if (whole == QNET_CLIENT_HELLO_COMPLETE)
    check_protocol (data, size);

  check_parts (data, size, whole);

  return 0;
}
