/* dialogue.h: a dialogue with a proxy that the test replaces
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "proxy/qnet-proxy-dialogue-private.h"

typedef enum
{
  AT_ONCE,
  BYTE_BY_BYTE
} Pieces;

/* Creates a dialogue with proxy.example port 1080 for port 80 of @host, a name or an address. */
QnetProxyDialogue *dialogue_new           (QnetProxyType      type,
                                           QnetProxyCommand   command,
                                           const char        *host,
                                           const char        *user,
                                           const char        *password,
                                           gboolean           can_ask);

gsize              dialogue_receives      (QnetProxyDialogue *dialogue,
                                           Pieces             pieces,
                                           gconstpointer      data,
                                           gsize              length);

/* The phase is ACTIVE, and this is all of the output. */
void               dialogue_assert_sends  (QnetProxyDialogue *dialogue,
                                           gconstpointer      data,
                                           gsize              length);

/* It has failed with @code, and the message contains the proxy but not "sesame". */
void               dialogue_assert_failed (QnetProxyDialogue *dialogue,
                                           QnetSocketError    code);

/* A string literal and its length, without the NUL. */
#define LITERAL(text) (text), sizeof (text) - 1
