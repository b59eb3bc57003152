/* dialogue.h: a dialogue with a proxy that the test plays
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

/* With proxy.example port 1080, about port 80 of @host, a name or the text of an address. */
QnetProxyDialogue *dialogue_new           (QnetProxyType      type,
                                           QnetProxyCommand   command,
                                           const char        *host,
                                           const char        *user,
                                           const char        *password,
                                           gboolean           can_ask);

gsize              dialogue_hears         (QnetProxyDialogue *dialogue,
                                           Pieces             pieces,
                                           gconstpointer      data,
                                           gsize              length);

/* It is talking, and this is all that it says. */
void               dialogue_assert_says   (QnetProxyDialogue *dialogue,
                                           gconstpointer      data,
                                           gsize              length);

/* With @code, and a text that names the proxy and shows no "sesame". */
void               dialogue_assert_failed (QnetProxyDialogue *dialogue,
                                           QnetSocketError    code);

/* A string literal and its length, without the NUL. */
#define LITERAL(text) (text), sizeof (text) - 1
