/* qnet-enums.h: the enumerations and flags of the public API
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)
#error "Only <qnet/qnet.h> can be included directly."
#endif

#include <glib.h>

G_BEGIN_DECLS

/**
 * QnetOpenMode:
 * @QNET_OPEN_MODE_NOT_OPEN: neither reading nor writing
 * @QNET_OPEN_MODE_READ_ONLY: reading
 * @QNET_OPEN_MODE_WRITE_ONLY: writing
 * @QNET_OPEN_MODE_READ_WRITE: reading and writing
 * @QNET_OPEN_MODE_UNBUFFERED: kept for its number; sockets are always buffered
 *
 * What an [class@IODevice] is open for. The numbers are those of Qt's `QIODevice::OpenMode`.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_OPEN_MODE_NOT_OPEN   = 0,
  QNET_OPEN_MODE_READ_ONLY  = 1 << 0,
  QNET_OPEN_MODE_WRITE_ONLY = 1 << 1,
  QNET_OPEN_MODE_READ_WRITE = QNET_OPEN_MODE_READ_ONLY | QNET_OPEN_MODE_WRITE_ONLY,
  QNET_OPEN_MODE_UNBUFFERED = 1 << 5
} QnetOpenMode;

/**
 * QnetSocketType:
 * @QNET_SOCKET_TYPE_UNKNOWN: none of the others
 * @QNET_SOCKET_TYPE_TCP: a TCP stream
 * @QNET_SOCKET_TYPE_UDP: UDP datagrams
 * @QNET_SOCKET_TYPE_SCTP: SCTP; kept for its number, no class uses it
 *
 * The transport protocol of an [class@AbstractSocket].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SOCKET_TYPE_UNKNOWN = -1,
  QNET_SOCKET_TYPE_TCP     = 0,
  QNET_SOCKET_TYPE_UDP     = 1,
  QNET_SOCKET_TYPE_SCTP    = 2
} QnetSocketType;

/**
 * QnetNetworkLayerProtocol:
 * @QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN: neither IPv4 nor IPv6
 * @QNET_NETWORK_LAYER_PROTOCOL_IPV4: IPv4
 * @QNET_NETWORK_LAYER_PROTOCOL_IPV6: IPv6
 * @QNET_NETWORK_LAYER_PROTOCOL_ANY_IP: either of them
 *
 * The protocol of the network layer.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN = -1,
  QNET_NETWORK_LAYER_PROTOCOL_IPV4    = 0,
  QNET_NETWORK_LAYER_PROTOCOL_IPV6    = 1,
  QNET_NETWORK_LAYER_PROTOCOL_ANY_IP  = 2
} QnetNetworkLayerProtocol;

/**
 * QnetSocketState:
 * @QNET_SOCKET_STATE_UNCONNECTED: not in use
 * @QNET_SOCKET_STATE_HOST_LOOKUP: looking up the name of the host
 * @QNET_SOCKET_STATE_CONNECTING: a connection is being made
 * @QNET_SOCKET_STATE_CONNECTED: a connection stands
 * @QNET_SOCKET_STATE_BOUND: bound to a local address
 * @QNET_SOCKET_STATE_LISTENING: for servers alone
 * @QNET_SOCKET_STATE_CLOSING: going to close once the write buffer has been sent
 *
 * Where a socket stands in its life.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SOCKET_STATE_UNCONNECTED = 0,
  QNET_SOCKET_STATE_HOST_LOOKUP = 1,
  QNET_SOCKET_STATE_CONNECTING  = 2,
  QNET_SOCKET_STATE_CONNECTED   = 3,
  QNET_SOCKET_STATE_BOUND       = 4,
  QNET_SOCKET_STATE_LISTENING   = 5,
  QNET_SOCKET_STATE_CLOSING     = 6
} QnetSocketState;

/**
 * QnetSocketOption:
 * @QNET_SOCKET_OPTION_LOW_DELAY: send small segments at once (`TCP_NODELAY`), 0 or 1; on from the start
 * @QNET_SOCKET_OPTION_KEEP_ALIVE: probe a silent peer (`SO_KEEPALIVE`), 0 or 1
 * @QNET_SOCKET_OPTION_MULTICAST_TTL: hops a multicast datagram may make, 0 to 255; refused through a proxy
 * @QNET_SOCKET_OPTION_MULTICAST_LOOPBACK: hear one's own multicast datagrams, 0 or 1; refused through a proxy
 * @QNET_SOCKET_OPTION_TYPE_OF_SERVICE: the type of service or traffic class, 0 to 255; through a proxy, on the way to it
 * @QNET_SOCKET_OPTION_SEND_BUFFER_SIZE: bytes of the kernel's send buffer (`SO_SNDBUF`)
 * @QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE: bytes of the kernel's receive buffer (`SO_RCVBUF`)
 * @QNET_SOCKET_OPTION_PATH_MTU: bytes of the path's MTU; read only, and only once connected
 *
 * An option of [method@AbstractSocket.set_socket_option].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SOCKET_OPTION_LOW_DELAY           = 0,
  QNET_SOCKET_OPTION_KEEP_ALIVE          = 1,
  QNET_SOCKET_OPTION_MULTICAST_TTL       = 2,
  QNET_SOCKET_OPTION_MULTICAST_LOOPBACK  = 3,
  QNET_SOCKET_OPTION_TYPE_OF_SERVICE     = 4,
  QNET_SOCKET_OPTION_SEND_BUFFER_SIZE    = 5,
  QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE = 6,
  QNET_SOCKET_OPTION_PATH_MTU            = 7
} QnetSocketOption;

/**
 * QnetBindFlags:
 * @QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM: what is usual here: on Unix, `SO_REUSEADDR` for TCP alone
 * @QNET_BIND_FLAGS_SHARE_ADDRESS: others who ask for it too may bind the same address and port
 * @QNET_BIND_FLAGS_DONT_SHARE_ADDRESS: nobody else may
 * @QNET_BIND_FLAGS_REUSE_ADDRESS_HINT: take the address even while old connections of it linger
 *
 * How [method@AbstractSocket.bind] treats an address that is in use.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM = 0,
  QNET_BIND_FLAGS_SHARE_ADDRESS        = 1 << 0,
  QNET_BIND_FLAGS_DONT_SHARE_ADDRESS   = 1 << 1,
  QNET_BIND_FLAGS_REUSE_ADDRESS_HINT   = 1 << 2
} QnetBindFlags;

/**
 * QnetLocalSocketState:
 * @QNET_LOCAL_SOCKET_STATE_UNCONNECTED: not in use
 * @QNET_LOCAL_SOCKET_STATE_CONNECTING: a connection is being made
 * @QNET_LOCAL_SOCKET_STATE_CONNECTED: a connection stands
 * @QNET_LOCAL_SOCKET_STATE_CLOSING: going to close once the write buffer has been sent
 *
 * Where a [class@LocalSocket] stands in its life. The numbers are those of [enum@SocketState].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_LOCAL_SOCKET_STATE_UNCONNECTED = QNET_SOCKET_STATE_UNCONNECTED,
  QNET_LOCAL_SOCKET_STATE_CONNECTING  = QNET_SOCKET_STATE_CONNECTING,
  QNET_LOCAL_SOCKET_STATE_CONNECTED   = QNET_SOCKET_STATE_CONNECTED,
  QNET_LOCAL_SOCKET_STATE_CLOSING     = QNET_SOCKET_STATE_CLOSING
} QnetLocalSocketState;

/**
 * QnetLocalSocketError:
 * @QNET_LOCAL_SOCKET_ERROR_UNKNOWN: none of the others
 * @QNET_LOCAL_SOCKET_ERROR_CONNECTION_REFUSED: nobody listens there: a stale file perhaps
 * @QNET_LOCAL_SOCKET_ERROR_PEER_CLOSED: the peer has closed the connection
 * @QNET_LOCAL_SOCKET_ERROR_SERVER_NOT_FOUND: there is no server of that name, or it can be no name
 * @QNET_LOCAL_SOCKET_ERROR_SOCKET_ACCESS: not permitted
 * @QNET_LOCAL_SOCKET_ERROR_SOCKET_RESOURCE: out of descriptors, of memory, or of room for descriptors
 * @QNET_LOCAL_SOCKET_ERROR_SOCKET_TIMEOUT: the time was up
 * @QNET_LOCAL_SOCKET_ERROR_DATAGRAM_TOO_LARGE: kept for its number; local sockets are streams
 * @QNET_LOCAL_SOCKET_ERROR_CONNECTION: the connection has failed
 * @QNET_LOCAL_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION: the system, or this kind of socket, cannot do that
 * @QNET_LOCAL_SOCKET_ERROR_OPERATION: not in this state
 *
 * Qt's names for the errors of a [class@LocalSocket]. They are codes of [error@SocketError], with the same numbers: the domain is
 * that.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_LOCAL_SOCKET_ERROR_UNKNOWN                      = -1,
  QNET_LOCAL_SOCKET_ERROR_CONNECTION_REFUSED           = 0,
  QNET_LOCAL_SOCKET_ERROR_PEER_CLOSED                  = 1,
  QNET_LOCAL_SOCKET_ERROR_SERVER_NOT_FOUND             = 2,
  QNET_LOCAL_SOCKET_ERROR_SOCKET_ACCESS                = 3,
  QNET_LOCAL_SOCKET_ERROR_SOCKET_RESOURCE              = 4,
  QNET_LOCAL_SOCKET_ERROR_SOCKET_TIMEOUT               = 5,
  QNET_LOCAL_SOCKET_ERROR_DATAGRAM_TOO_LARGE           = 6,
  QNET_LOCAL_SOCKET_ERROR_CONNECTION                   = 7,
  QNET_LOCAL_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION = 10,
  QNET_LOCAL_SOCKET_ERROR_OPERATION                    = 19
} QnetLocalSocketError;

/**
 * QnetLocalSocketOptions:
 * @QNET_LOCAL_SOCKET_OPTIONS_NONE: the name is that of a file
 * @QNET_LOCAL_SOCKET_OPTIONS_ABSTRACT_NAMESPACE: the name is in the abstract namespace, which Linux alone has
 *
 * How [method@LocalSocket.connect_to_server] finds its server.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_LOCAL_SOCKET_OPTIONS_NONE               = 0,
  QNET_LOCAL_SOCKET_OPTIONS_ABSTRACT_NAMESPACE = 1 << 0
} QnetLocalSocketOptions;

/**
 * QnetLocalServerOptions:
 * @QNET_LOCAL_SERVER_OPTIONS_NONE: only the user may connect
 * @QNET_LOCAL_SERVER_OPTIONS_USER_ACCESS: the user may connect
 * @QNET_LOCAL_SERVER_OPTIONS_GROUP_ACCESS: the group of the file may: that of the process, or, in a
 *   folder with the set-group-ID bit, that of the folder
 * @QNET_LOCAL_SERVER_OPTIONS_OTHER_ACCESS: all others may
 * @QNET_LOCAL_SERVER_OPTIONS_WORLD_ACCESS: everybody may
 * @QNET_LOCAL_SERVER_OPTIONS_ABSTRACT_NAMESPACE: the name is in the abstract namespace, which Linux alone has: there is no file,
 *   and everybody may connect
 *
 * Who may connect to a [class@LocalServer], and how it is found. With any access flag those alone may that are named.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_LOCAL_SERVER_OPTIONS_NONE               = 0,
  QNET_LOCAL_SERVER_OPTIONS_USER_ACCESS        = 1 << 0,
  QNET_LOCAL_SERVER_OPTIONS_GROUP_ACCESS       = 1 << 1,
  QNET_LOCAL_SERVER_OPTIONS_OTHER_ACCESS       = 1 << 2,
  QNET_LOCAL_SERVER_OPTIONS_WORLD_ACCESS       = 7,
  QNET_LOCAL_SERVER_OPTIONS_ABSTRACT_NAMESPACE = 1 << 3
} QnetLocalServerOptions;

/**
 * QnetSpecialAddress:
 * @QNET_SPECIAL_ADDRESS_NULL: no address
 * @QNET_SPECIAL_ADDRESS_BROADCAST: 255.255.255.255
 * @QNET_SPECIAL_ADDRESS_LOCAL_HOST: 127.0.0.1
 * @QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6: ::1
 * @QNET_SPECIAL_ADDRESS_ANY: every address of this machine, IPv4 and IPv6 alike
 * @QNET_SPECIAL_ADDRESS_ANY_IPV6: ::, every IPv6 address of this machine
 * @QNET_SPECIAL_ADDRESS_ANY_IPV4: 0.0.0.0, every IPv4 address of this machine
 *
 * The addresses that [ctor@HostAddress.new_special] makes.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SPECIAL_ADDRESS_NULL            = 0,
  QNET_SPECIAL_ADDRESS_BROADCAST       = 1,
  QNET_SPECIAL_ADDRESS_LOCAL_HOST      = 2,
  QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6 = 3,
  QNET_SPECIAL_ADDRESS_ANY             = 4,
  QNET_SPECIAL_ADDRESS_ANY_IPV6        = 5,
  QNET_SPECIAL_ADDRESS_ANY_IPV4        = 6
} QnetSpecialAddress;

/**
 * QnetAddressConversion:
 * @QNET_ADDRESS_CONVERSION_STRICT: addresses are equal only when family and bytes are
 * @QNET_ADDRESS_CONVERSION_V4_MAPPED: ::ffff:a.b.c.d equals a.b.c.d
 * @QNET_ADDRESS_CONVERSION_V4_COMPAT: ::a.b.c.d equals a.b.c.d, and so :: equals 0.0.0.0, but ::1 is not 0.0.0.1
 * @QNET_ADDRESS_CONVERSION_UNSPECIFIED: 0.0.0.0, :: and Any are equal
 * @QNET_ADDRESS_CONVERSION_LOCAL_HOST: ::1 equals 127.0.0.1
 * @QNET_ADDRESS_CONVERSION_TOLERANT: all of them
 *
 * Which differences [method@HostAddress.is_equal] overlooks.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_ADDRESS_CONVERSION_STRICT      = 0,
  QNET_ADDRESS_CONVERSION_V4_MAPPED   = 1 << 0,
  QNET_ADDRESS_CONVERSION_V4_COMPAT   = 1 << 1,
  QNET_ADDRESS_CONVERSION_UNSPECIFIED = 1 << 2,
  QNET_ADDRESS_CONVERSION_LOCAL_HOST  = 1 << 3,
  QNET_ADDRESS_CONVERSION_TOLERANT    = 0xff
} QnetAddressConversion;

/**
 * QnetInterfaceFlags:
 * @QNET_INTERFACE_FLAGS_NONE: none of the others
 * @QNET_INTERFACE_FLAGS_IS_UP: somebody has switched it on
 * @QNET_INTERFACE_FLAGS_IS_RUNNING: it can send: the cable is in, say
 * @QNET_INTERFACE_FLAGS_CAN_BROADCAST: it has a broadcast address
 * @QNET_INTERFACE_FLAGS_IS_LOOP_BACK: it leads back to this machine
 * @QNET_INTERFACE_FLAGS_IS_POINT_TO_POINT: there is one other end
 * @QNET_INTERFACE_FLAGS_CAN_MULTICAST: groups can be joined on it
 *
 * What [method@NetworkInterface.get_flags] tells.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_INTERFACE_FLAGS_NONE              = 0,
  QNET_INTERFACE_FLAGS_IS_UP             = 1 << 0,
  QNET_INTERFACE_FLAGS_IS_RUNNING        = 1 << 1,
  QNET_INTERFACE_FLAGS_CAN_BROADCAST     = 1 << 2,
  QNET_INTERFACE_FLAGS_IS_LOOP_BACK      = 1 << 3,
  QNET_INTERFACE_FLAGS_IS_POINT_TO_POINT = 1 << 4,
  QNET_INTERFACE_FLAGS_CAN_MULTICAST     = 1 << 5
} QnetInterfaceFlags;

/**
 * QnetInterfaceType:
 * @QNET_INTERFACE_TYPE_UNKNOWN: none of the others, or the system does not say
 * @QNET_INTERFACE_TYPE_LOOPBACK: the way back to this machine
 * @QNET_INTERFACE_TYPE_VIRTUAL: a tunnel and the like, without hardware
 * @QNET_INTERFACE_TYPE_ETHERNET: Ethernet, or what looks like it
 * @QNET_INTERFACE_TYPE_SLIP: IP over a serial line
 * @QNET_INTERFACE_TYPE_CAN_BUS: a controller area network
 * @QNET_INTERFACE_TYPE_PPP: the point-to-point protocol
 * @QNET_INTERFACE_TYPE_FDDI: a fibre ring
 * @QNET_INTERFACE_TYPE_WIFI: wireless LAN, IEEE 802.11
 * @QNET_INTERFACE_TYPE_PHONET: a modem of a phone
 * @QNET_INTERFACE_TYPE_IEEE802154: a personal area network
 * @QNET_INTERFACE_TYPE_SIX_LOWPAN: IPv6 over a personal area network
 * @QNET_INTERFACE_TYPE_IEEE80216: WiMAX
 * @QNET_INTERFACE_TYPE_IEEE1394: FireWire
 *
 * What [method@NetworkInterface.get_interface_type] tells.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_INTERFACE_TYPE_UNKNOWN    = 0,
  QNET_INTERFACE_TYPE_LOOPBACK   = 1,
  QNET_INTERFACE_TYPE_VIRTUAL    = 2,
  QNET_INTERFACE_TYPE_ETHERNET   = 3,
  QNET_INTERFACE_TYPE_SLIP       = 4,
  QNET_INTERFACE_TYPE_CAN_BUS    = 5,
  QNET_INTERFACE_TYPE_PPP        = 6,
  QNET_INTERFACE_TYPE_FDDI       = 7,
  QNET_INTERFACE_TYPE_WIFI       = 8,
  QNET_INTERFACE_TYPE_PHONET     = 9,
  QNET_INTERFACE_TYPE_IEEE802154 = 10,
  QNET_INTERFACE_TYPE_SIX_LOWPAN = 11,
  QNET_INTERFACE_TYPE_IEEE80216  = 12,
  QNET_INTERFACE_TYPE_IEEE1394   = 13
} QnetInterfaceType;

/**
 * QnetDnsEligibility:
 * @QNET_DNS_ELIGIBILITY_UNKNOWN: the system does not say
 * @QNET_DNS_ELIGIBILITY_INELIGIBLE: not an address to publish
 * @QNET_DNS_ELIGIBILITY_ELIGIBLE: an address that may be published
 *
 * Whether an address is one to publish in DNS.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_DNS_ELIGIBILITY_UNKNOWN    = -1,
  QNET_DNS_ELIGIBILITY_INELIGIBLE = 0,
  QNET_DNS_ELIGIBILITY_ELIGIBLE   = 1
} QnetDnsEligibility;

/**
 * QnetDnsRecordType:
 * @QNET_DNS_RECORD_TYPE_A: IPv4 addresses
 * @QNET_DNS_RECORD_TYPE_NS: name servers
 * @QNET_DNS_RECORD_TYPE_CNAME: the name that an alias stands for
 * @QNET_DNS_RECORD_TYPE_PTR: the name of an address
 * @QNET_DNS_RECORD_TYPE_MX: who takes the mail
 * @QNET_DNS_RECORD_TYPE_TXT: text
 * @QNET_DNS_RECORD_TYPE_AAAA: IPv6 addresses
 * @QNET_DNS_RECORD_TYPE_SRV: who offers a service
 * @QNET_DNS_RECORD_TYPE_TLSA: which certificate a service has
 * @QNET_DNS_RECORD_TYPE_ANY: whatever the name server likes to tell
 *
 * The type of the records that a [class@DnsLookup] asks for. The numbers are those of DNS itself.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_DNS_RECORD_TYPE_A     = 1,
  QNET_DNS_RECORD_TYPE_NS    = 2,
  QNET_DNS_RECORD_TYPE_CNAME = 5,
  QNET_DNS_RECORD_TYPE_PTR   = 12,
  QNET_DNS_RECORD_TYPE_MX    = 15,
  QNET_DNS_RECORD_TYPE_TXT   = 16,
  QNET_DNS_RECORD_TYPE_AAAA  = 28,
  QNET_DNS_RECORD_TYPE_SRV   = 33,
  QNET_DNS_RECORD_TYPE_TLSA  = 52,
  QNET_DNS_RECORD_TYPE_ANY   = 255
} QnetDnsRecordType;

/**
 * QnetProxyType:
 * @QNET_PROXY_TYPE_DEFAULT: what the application has chosen, see
 *   [func@NetworkProxyFactory.proxy_for_query]
 * @QNET_PROXY_TYPE_SOCKS5: a SOCKS5 proxy
 * @QNET_PROXY_TYPE_NONE: no proxy, whatever the application has chosen
 * @QNET_PROXY_TYPE_HTTP: an HTTP proxy that tunnels by `CONNECT`
 * @QNET_PROXY_TYPE_HTTP_CACHING: an HTTP proxy for requests alone; no socket can use it
 * @QNET_PROXY_TYPE_FTP_CACHING: an FTP proxy; no socket can use it
 *
 * The kind of a [struct@NetworkProxy].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_PROXY_TYPE_DEFAULT      = 0,
  QNET_PROXY_TYPE_SOCKS5       = 1,
  QNET_PROXY_TYPE_NONE         = 2,
  QNET_PROXY_TYPE_HTTP         = 3,
  QNET_PROXY_TYPE_HTTP_CACHING = 4,
  QNET_PROXY_TYPE_FTP_CACHING  = 5
} QnetProxyType;

/**
 * QnetProxyCapabilities:
 * @QNET_PROXY_CAPABILITIES_NONE: nothing
 * @QNET_PROXY_CAPABILITIES_TUNNELING: TCP connections to anywhere
 * @QNET_PROXY_CAPABILITIES_LISTENING: waiting for a TCP connection
 * @QNET_PROXY_CAPABILITIES_UDP_TUNNELING: datagrams
 * @QNET_PROXY_CAPABILITIES_CACHING: requests, which it may answer from what it remembers
 * @QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP: looking up the names of hosts itself
 * @QNET_PROXY_CAPABILITIES_SCTP_TUNNELING: SCTP; kept for its number
 * @QNET_PROXY_CAPABILITIES_SCTP_LISTENING: waiting for SCTP; kept for its number
 *
 * What a [struct@NetworkProxy] can do.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_PROXY_CAPABILITIES_NONE             = 0,
  QNET_PROXY_CAPABILITIES_TUNNELING        = 1 << 0,
  QNET_PROXY_CAPABILITIES_LISTENING        = 1 << 1,
  QNET_PROXY_CAPABILITIES_UDP_TUNNELING    = 1 << 2,
  QNET_PROXY_CAPABILITIES_CACHING          = 1 << 3,
  QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP = 1 << 4,
  QNET_PROXY_CAPABILITIES_SCTP_TUNNELING   = 1 << 5,
  QNET_PROXY_CAPABILITIES_SCTP_LISTENING   = 1 << 6
} QnetProxyCapabilities;

/**
 * QnetProxyQueryType:
 * @QNET_PROXY_QUERY_TYPE_TCP_SOCKET: a TCP connection
 * @QNET_PROXY_QUERY_TYPE_UDP_SOCKET: datagrams
 * @QNET_PROXY_QUERY_TYPE_SCTP_SOCKET: an SCTP connection; kept for its number
 * @QNET_PROXY_QUERY_TYPE_TCP_SERVER: waiting for TCP connections
 * @QNET_PROXY_QUERY_TYPE_URL_REQUEST: the request for a URI
 * @QNET_PROXY_QUERY_TYPE_SCTP_SERVER: waiting for SCTP connections; kept for its number
 *
 * What a [struct@NetworkProxyQuery] asks a proxy for.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_PROXY_QUERY_TYPE_TCP_SOCKET  = 0,
  QNET_PROXY_QUERY_TYPE_UDP_SOCKET  = 1,
  QNET_PROXY_QUERY_TYPE_SCTP_SOCKET = 2,
  QNET_PROXY_QUERY_TYPE_TCP_SERVER  = 100,
  QNET_PROXY_QUERY_TYPE_URL_REQUEST = 101,
  QNET_PROXY_QUERY_TYPE_SCTP_SERVER = 102
} QnetProxyQueryType;

/**
 * QnetSslMode:
 * @QNET_SSL_MODE_UNENCRYPTED: as it is, in the clear
 * @QNET_SSL_MODE_CLIENT: encrypted, or about to be, as the client of the handshake
 * @QNET_SSL_MODE_SERVER: encrypted, or about to be, as its server
 *
 * What an [class@SslSocket] does with a connection.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SSL_MODE_UNENCRYPTED = 0,
  QNET_SSL_MODE_CLIENT      = 1,
  QNET_SSL_MODE_SERVER      = 2
} QnetSslMode;

/**
 * QnetSslPeerVerifyMode:
 * @QNET_SSL_PEER_VERIFY_MODE_NONE: a server asks for no certificate; a client **takes any**, and anybody on the way can listen
 * @QNET_SSL_PEER_VERIFY_MODE_QUERY: a server asks for one, and goes on without; a client **takes any**; errors are told
 * @QNET_SSL_PEER_VERIFY_MODE_VERIFY: without a good certificate of the peer there is no connection
 * @QNET_SSL_PEER_VERIFY_MODE_AUTO: VERIFY for a client, NONE for a server
 *
 * What an [class@SslSocket] asks of the certificate of its peer. The numbers are those of Qt's `QSslSocket::PeerVerifyMode`.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SSL_PEER_VERIFY_MODE_NONE   = 0,
  QNET_SSL_PEER_VERIFY_MODE_QUERY  = 1,
  QNET_SSL_PEER_VERIFY_MODE_VERIFY = 2,
  QNET_SSL_PEER_VERIFY_MODE_AUTO   = 3
} QnetSslPeerVerifyMode;

G_END_DECLS
