/* qnet-client-hello-private.h: the first message of a TLS client, looked at and not touched
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  QNET_CLIENT_HELLO_PARTIAL,   /* more has to come */
  QNET_CLIENT_HELLO_COMPLETE,  /* the handshake can begin */
  QNET_CLIENT_HELLO_FOREIGN    /* this is not TLS */
} QnetClientHello;

/* The most that has to be there for COMPLETE: a header and a record. */
#define QNET_CLIENT_HELLO_MAX (5 + 16384)

/* @out_server_name (transfer full) (nullable): the name of the host that the client wants (RFC 6066, section 3); NULL when it
 * gives none, or its message does not fit one record. Left alone unless COMPLETE. */
QnetClientHello qnet_client_hello_parse (const guint8  *data,
                                         gsize          size,
                                         char         **out_server_name);

/* Which of @protocols comes first that the client of a COMPLETE message offers, too (ALPN, RFC 7301); NULL for none. */
const char     *qnet_client_hello_choose_protocol (const guint8       *data,
                                                   gsize               size,
                                                   const char * const *protocols);

G_END_DECLS
