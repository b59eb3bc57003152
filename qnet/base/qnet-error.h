/* qnet-error.h: the error domain of sockets and servers
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <glib.h>

#include "qnet-version.h"

G_BEGIN_DECLS

/**
 * QNET_SOCKET_ERROR:
 *
 * The error domain of sockets and servers. Its codes are [error@SocketError].
 *
 * Since: 1.0
 */
#define QNET_SOCKET_ERROR (qnet_socket_error_quark ())

/**
 * QnetSocketError:
 * @QNET_SOCKET_ERROR_UNKNOWN: none of the others
 * @QNET_SOCKET_ERROR_CONNECTION_REFUSED: the peer refused the connection: no server listens
 * @QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED: the peer closed or reset the connection
 * @QNET_SOCKET_ERROR_HOST_NOT_FOUND: there is no such name, or it has no address
 * @QNET_SOCKET_ERROR_SOCKET_ACCESS: not permitted
 * @QNET_SOCKET_ERROR_SOCKET_RESOURCE: out of descriptors, of memory or of threads
 * @QNET_SOCKET_ERROR_SOCKET_TIMEOUT: a timeout has expired
 * @QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE: larger than the system allows for a datagram
 * @QNET_SOCKET_ERROR_NETWORK: the network or the host cannot be reached
 * @QNET_SOCKET_ERROR_ADDRESS_IN_USE: another socket has that address and port
 * @QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE: not an address of this machine
 * @QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION: the system, or that descriptor, cannot do it
 * @QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED: the proxy requires a user and a password, or
 *   refused them
 * @QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED: the TLS handshake failed
 * @QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED: the proxy refused the connection
 * @QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED: the proxy closed the connection before it was
 *   connected to the peer
 * @QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT: the proxy did not answer in time
 * @QNET_SOCKET_ERROR_PROXY_NOT_FOUND: no address for the name of the proxy
 * @QNET_SOCKET_ERROR_PROXY_PROTOCOL: the answer of the proxy is invalid
 * @QNET_SOCKET_ERROR_OPERATION: not possible in this state
 * @QNET_SOCKET_ERROR_SSL_INTERNAL: the TLS library failed, or qnet was built without one
 * @QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA: a bad key, certificate or cipher was given
 * @QNET_SOCKET_ERROR_TEMPORARY: not possible now; try again. For a name: the name servers failed,
 *   or did not answer
 *
 * The codes of the [func@SocketError.quark] domain. The numbers are those of Qt's
 * `QAbstractSocket::SocketError`, so 0 is an error: only a missing [struct@GLib.Error] means
 * success.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SOCKET_ERROR_UNKNOWN                       = -1,
  QNET_SOCKET_ERROR_CONNECTION_REFUSED            = 0,
  QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED            = 1,
  QNET_SOCKET_ERROR_HOST_NOT_FOUND                = 2,
  QNET_SOCKET_ERROR_SOCKET_ACCESS                 = 3,
  QNET_SOCKET_ERROR_SOCKET_RESOURCE               = 4,
  QNET_SOCKET_ERROR_SOCKET_TIMEOUT                = 5,
  QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE            = 6,
  QNET_SOCKET_ERROR_NETWORK                       = 7,
  QNET_SOCKET_ERROR_ADDRESS_IN_USE                = 8,
  QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE  = 9,
  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION  = 10,
  QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED = 12,
  QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED          = 13,
  QNET_SOCKET_ERROR_PROXY_CONNECTION_REFUSED      = 14,
  QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED       = 15,
  QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT      = 16,
  QNET_SOCKET_ERROR_PROXY_NOT_FOUND               = 17,
  QNET_SOCKET_ERROR_PROXY_PROTOCOL                = 18,
  QNET_SOCKET_ERROR_OPERATION                     = 19,
  QNET_SOCKET_ERROR_SSL_INTERNAL                  = 20,
  QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA         = 21,
  QNET_SOCKET_ERROR_TEMPORARY                     = 22
} QnetSocketError;

/**
 * QNET_DNS_LOOKUP_ERROR:
 *
 * The error domain of [class@DnsLookup]. Its codes are [error@DnsLookupError].
 *
 * Since: 1.0
 */
#define QNET_DNS_LOOKUP_ERROR (qnet_dns_lookup_error_quark ())

/**
 * QnetDnsLookupError:
 * @QNET_DNS_LOOKUP_ERROR_RESOLVER: the query could not be sent: there is no name server, or no
 *   descriptor
 * @QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED: the lookup was aborted
 * @QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST: the query is invalid: no name, or one that is too long
 * @QNET_DNS_LOOKUP_ERROR_INVALID_REPLY: the reply is invalid
 * @QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE: the name server failed to answer
 * @QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED: the name server refused to answer
 * @QNET_DNS_LOOKUP_ERROR_NOT_FOUND: there is no such name
 * @QNET_DNS_LOOKUP_ERROR_TIMEOUT: no reply in time
 *
 * The codes of the [func@DnsLookupError.quark] domain. The numbers are those of Qt's
 * `QDnsLookup::Error`.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_DNS_LOOKUP_ERROR_RESOLVER            = 1,
  QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED = 2,
  QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST     = 3,
  QNET_DNS_LOOKUP_ERROR_INVALID_REPLY       = 4,
  QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE      = 5,
  QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED      = 6,
  QNET_DNS_LOOKUP_ERROR_NOT_FOUND           = 7,
  QNET_DNS_LOOKUP_ERROR_TIMEOUT             = 8
} QnetDnsLookupError;

QNET_AVAILABLE_IN_1_0
GQuark qnet_socket_error_quark     (void);
QNET_AVAILABLE_IN_1_0
GQuark qnet_dns_lookup_error_quark (void);

G_END_DECLS
