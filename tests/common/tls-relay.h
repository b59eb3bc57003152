/* tls-relay.h: the other end of an encrypted connection, decrypted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

/* Both take an end of a connection that is not encrypted yet. The client trusts ca.pem and connects
 * to "localhost", which is the name in the certificate of the server. */
void tls_relay_start_client (QnetSslSocket *client);
void tls_relay_start_server (QnetSslSocket *server);

/* In a thread of its own, until both directions have ended: @fd is an end of such a connection, and
 * @plain what is sent and received over it. Both are taken. */
void tls_relay_run          (int            fd,
                             int            plain);
