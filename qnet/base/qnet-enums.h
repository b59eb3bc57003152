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
  QNET_OPEN_MODE_READ_WRITE = QNET_OPEN_MODE_READ_ONLY | QNET_OPEN_MODE_WRITE_ONLY
} QnetOpenMode;

/**
 * QnetSocketType:
 * @QNET_SOCKET_TYPE_UNKNOWN: none of the others
 * @QNET_SOCKET_TYPE_TCP: a TCP stream
 * @QNET_SOCKET_TYPE_UDP: UDP datagrams
 *
 * The transport protocol of an [class@AbstractSocket].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_SOCKET_TYPE_UNKNOWN = -1,
  QNET_SOCKET_TYPE_TCP     = 0,
  QNET_SOCKET_TYPE_UDP     = 1
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
 * @QNET_SOCKET_STATE_CONNECTING: a connection is being established
 * @QNET_SOCKET_STATE_CONNECTED: a connection is established
 * @QNET_SOCKET_STATE_BOUND: bound to a local address
 * @QNET_SOCKET_STATE_LISTENING: never set, since a server has [property@Server:listening]: it keeps
 *   the numbers of Qt
 * @QNET_SOCKET_STATE_CLOSING: going to close once the write buffer has been sent
 *
 * The states of a socket.
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
 * @QNET_SOCKET_OPTION_LOW_DELAY: send small segments at once (`TCP_NODELAY`), 0 or 1; on from the
 *   start
 * @QNET_SOCKET_OPTION_KEEP_ALIVE: probe a silent peer (`SO_KEEPALIVE`), 0 or 1
 * @QNET_SOCKET_OPTION_MULTICAST_TTL: hops a multicast datagram may make, 0 to 255; refused
 *   through a proxy
 * @QNET_SOCKET_OPTION_MULTICAST_LOOPBACK: receive one's own multicast datagrams, 0 or 1;
 *   refused through a proxy
 * @QNET_SOCKET_OPTION_TYPE_OF_SERVICE: the type of service or traffic class, 0 to 255; through a
 *   proxy, on the way to it
 * @QNET_SOCKET_OPTION_SEND_BUFFER_SIZE: bytes of the kernel's send buffer (`SO_SNDBUF`)
 * @QNET_SOCKET_OPTION_RECEIVE_BUFFER_SIZE: bytes of the kernel's receive buffer (`SO_RCVBUF`)
 * @QNET_SOCKET_OPTION_PATH_MTU: bytes of the path's MTU; read only, and only once connected
 * @QNET_SOCKET_OPTION_TTL: hops a datagram or a segment may make (`IP_TTL`, `IPV6_UNICAST_HOPS`), 1
 *   to 255; for groups see @QNET_SOCKET_OPTION_MULTICAST_TTL
 * @QNET_SOCKET_OPTION_INTERFACE: the index of the only network interface that is used
 *   (`SO_BINDTOIFINDEX`), as [method@NetworkInterface.get_index] returns it; 0: any. Set it before
 *   the socket is bound or connected
 * @QNET_SOCKET_OPTION_MARK: the mark of what is sent (`SO_MARK`), by which the rules for routes and
 *   of firewalls choose, from 0 to the greatest `int`; only privileged programs may set it
 *
 * An option of [method@AbstractSocket.set_socket_option].
 *
 * The first eight are those of Qt, with the same numbers. What a system does not have is
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
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
  QNET_SOCKET_OPTION_PATH_MTU            = 7,
  QNET_SOCKET_OPTION_TTL                 = 8,
  QNET_SOCKET_OPTION_INTERFACE           = 9,
  QNET_SOCKET_OPTION_MARK                = 10
} QnetSocketOption;

/**
 * QnetBindFlags:
 * @QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM: what is usual here: on Unix, `SO_REUSEADDR` for TCP alone
 * @QNET_BIND_FLAGS_SHARE_ADDRESS: other sockets with this flag may bind to the same address and
 *   port
 * @QNET_BIND_FLAGS_DONT_SHARE_ADDRESS: no other socket may bind to the same address and port
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
 * QnetLocalAccess:
 * @QNET_LOCAL_ACCESS_DEFAULT: only the user may connect, by the name of a file
 * @QNET_LOCAL_ACCESS_USER: the user may connect
 * @QNET_LOCAL_ACCESS_GROUP: the group of the file may connect: that of the process, or, in a
 *   folder with the set-group-ID bit, that of the folder
 * @QNET_LOCAL_ACCESS_OTHER: all others may connect
 * @QNET_LOCAL_ACCESS_WORLD: all users may connect
 * @QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE: the name is in the abstract namespace, which only Linux
 *   has: there is no file, and all users may connect
 *
 * How a [class@LocalServer] can be reached, and by which users. With any flag of users, only those
 * that are named may connect. A [class@LocalSocket] uses only
 * [QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE][flags@LocalAccess].
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  QNET_LOCAL_ACCESS_DEFAULT            = 0,
  QNET_LOCAL_ACCESS_USER               = 1 << 0,
  QNET_LOCAL_ACCESS_GROUP              = 1 << 1,
  QNET_LOCAL_ACCESS_OTHER              = 1 << 2,
  QNET_LOCAL_ACCESS_WORLD              = 7,
  QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE = 1 << 3
} QnetLocalAccess;

/**
 * QnetAttemptState:
 * @QNET_ATTEMPT_STARTED: the socket connects to the address
 * @QNET_ATTEMPT_FAILED: the address could not be connected to
 * @QNET_ATTEMPT_WON: the socket is connected to the address
 *
 * How far the attempt to connect to one address of a host is, see
 * [signal@AbstractSocket::attempt].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_ATTEMPT_STARTED = 0,
  QNET_ATTEMPT_FAILED  = 1,
  QNET_ATTEMPT_WON     = 2
} QnetAttemptState;

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
 * @QNET_ADDRESS_CONVERSION_V4_COMPAT: ::a.b.c.d equals a.b.c.d, and so :: equals 0.0.0.0, but ::1
 *   is not 0.0.0.1
 * @QNET_ADDRESS_CONVERSION_UNSPECIFIED: 0.0.0.0, :: and Any are equal
 * @QNET_ADDRESS_CONVERSION_LOCAL_HOST: ::1 equals 127.0.0.1
 * @QNET_ADDRESS_CONVERSION_TOLERANT: all of them
 *
 * Which differences [method@HostAddress.equal_full] overlooks.
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
 * @QNET_INTERFACE_FLAGS_IS_UP: it is enabled
 * @QNET_INTERFACE_FLAGS_IS_RUNNING: it can send: the cable is connected, for example
 * @QNET_INTERFACE_FLAGS_CAN_BROADCAST: it has a broadcast address
 * @QNET_INTERFACE_FLAGS_IS_LOOP_BACK: it is a loopback interface
 * @QNET_INTERFACE_FLAGS_IS_POINT_TO_POINT: it has a single peer
 * @QNET_INTERFACE_FLAGS_CAN_MULTICAST: groups can be joined on it
 *
 * What [method@NetworkInterface.get_flags] returns.
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
 * @QNET_INTERFACE_TYPE_UNKNOWN: none of the others, or not reported by the system
 * @QNET_INTERFACE_TYPE_LOOPBACK: the loopback interface
 * @QNET_INTERFACE_TYPE_VIRTUAL: a tunnel and the like, without hardware
 * @QNET_INTERFACE_TYPE_ETHERNET: Ethernet, or an interface that behaves like it
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
 * What [method@NetworkInterface.get_interface_type] returns.
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
 * @QNET_DNS_ELIGIBILITY_UNKNOWN: not reported by the system
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
 * @QNET_DNS_RECORD_TYPE_UNKNOWN: a type that has no value here, see
 *   [property@DnsLookup:type-number]; it cannot be set
 * @QNET_DNS_RECORD_TYPE_A: IPv4 addresses
 * @QNET_DNS_RECORD_TYPE_NS: name servers
 * @QNET_DNS_RECORD_TYPE_CNAME: the canonical name of an alias
 * @QNET_DNS_RECORD_TYPE_SOA: the settings of a zone
 * @QNET_DNS_RECORD_TYPE_PTR: the name of an address
 * @QNET_DNS_RECORD_TYPE_MX: the mail servers of a domain
 * @QNET_DNS_RECORD_TYPE_TXT: text
 * @QNET_DNS_RECORD_TYPE_AAAA: IPv6 addresses
 * @QNET_DNS_RECORD_TYPE_SRV: the servers of a service
 * @QNET_DNS_RECORD_TYPE_NAPTR: rules by which a name becomes another one
 * @QNET_DNS_RECORD_TYPE_TLSA: the certificate of a service
 * @QNET_DNS_RECORD_TYPE_SVCB: where a service is, and how to speak with it
 * @QNET_DNS_RECORD_TYPE_HTTPS: the same for HTTP
 * @QNET_DNS_RECORD_TYPE_ANY: the records that the name server chooses to return
 * @QNET_DNS_RECORD_TYPE_CAA: who may issue certificates for a name
 *
 * The type of the records that a [class@DnsLookup] asks for. The numbers are those of DNS itself.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_DNS_RECORD_TYPE_UNKNOWN = 0,
  QNET_DNS_RECORD_TYPE_A       = 1,
  QNET_DNS_RECORD_TYPE_NS      = 2,
  QNET_DNS_RECORD_TYPE_CNAME   = 5,
  QNET_DNS_RECORD_TYPE_SOA     = 6,
  QNET_DNS_RECORD_TYPE_PTR     = 12,
  QNET_DNS_RECORD_TYPE_MX      = 15,
  QNET_DNS_RECORD_TYPE_TXT     = 16,
  QNET_DNS_RECORD_TYPE_AAAA    = 28,
  QNET_DNS_RECORD_TYPE_SRV     = 33,
  QNET_DNS_RECORD_TYPE_NAPTR   = 35,
  QNET_DNS_RECORD_TYPE_TLSA    = 52,
  QNET_DNS_RECORD_TYPE_SVCB    = 64,
  QNET_DNS_RECORD_TYPE_HTTPS   = 65,
  QNET_DNS_RECORD_TYPE_ANY     = 255,
  QNET_DNS_RECORD_TYPE_CAA     = 257
} QnetDnsRecordType;

/**
 * QnetDnsServiceParameter:
 * @QNET_DNS_SERVICE_PARAMETER_MANDATORY: the keys that a client has to know, in order to use the
 *   record; 16 bits each
 * @QNET_DNS_SERVICE_PARAMETER_ALPN: the protocols of the service
 * @QNET_DNS_SERVICE_PARAMETER_NO_DEFAULT_ALPN: the protocol that a client would assume is not
 *   supported
 * @QNET_DNS_SERVICE_PARAMETER_PORT: the port of the service
 * @QNET_DNS_SERVICE_PARAMETER_IPV4_HINT: IPv4 addresses of the target
 * @QNET_DNS_SERVICE_PARAMETER_ECH: the keys for Encrypted ClientHello
 * @QNET_DNS_SERVICE_PARAMETER_IPV6_HINT: IPv6 addresses of the target
 * @QNET_DNS_SERVICE_PARAMETER_DOH_PATH: the path of DNS over HTTPS (RFC 9461)
 *
 * The keys of the parameters of a [struct@DnsServiceBindingRecord], with their numbers in DNS, most
 * of them from RFC 9460. There are more.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_DNS_SERVICE_PARAMETER_MANDATORY       = 0,
  QNET_DNS_SERVICE_PARAMETER_ALPN            = 1,
  QNET_DNS_SERVICE_PARAMETER_NO_DEFAULT_ALPN = 2,
  QNET_DNS_SERVICE_PARAMETER_PORT            = 3,
  QNET_DNS_SERVICE_PARAMETER_IPV4_HINT       = 4,
  QNET_DNS_SERVICE_PARAMETER_ECH             = 5,
  QNET_DNS_SERVICE_PARAMETER_IPV6_HINT       = 6,
  QNET_DNS_SERVICE_PARAMETER_DOH_PATH        = 7
} QnetDnsServiceParameter;

/**
 * QnetProxyType:
 * @QNET_PROXY_TYPE_DEFAULT: what the application has chosen, see
 *   [func@NetworkProxyFactory.proxy_for_query]
 * @QNET_PROXY_TYPE_SOCKS5: a SOCKS5 proxy
 * @QNET_PROXY_TYPE_NONE: no proxy, whatever the application has chosen
 * @QNET_PROXY_TYPE_HTTP: an HTTP proxy that tunnels by `CONNECT`
 * @QNET_PROXY_TYPE_HTTP_CACHING: an HTTP proxy for requests only; no socket can use it
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
 * @QNET_PROXY_CAPABILITIES_TUNNELING: TCP connections to any host
 * @QNET_PROXY_CAPABILITIES_LISTENING: waiting for a TCP connection
 * @QNET_PROXY_CAPABILITIES_UDP_TUNNELING: datagrams
 * @QNET_PROXY_CAPABILITIES_CACHING: requests, which it may answer from a cache
 * @QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP: looking up the names of hosts itself
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
  QNET_PROXY_CAPABILITIES_HOST_NAME_LOOKUP = 1 << 4
} QnetProxyCapabilities;

/**
 * QnetProxyQueryType:
 * @QNET_PROXY_QUERY_TYPE_TCP_SOCKET: a TCP connection
 * @QNET_PROXY_QUERY_TYPE_UDP_SOCKET: datagrams
 * @QNET_PROXY_QUERY_TYPE_TCP_SERVER: waiting for TCP connections
 * @QNET_PROXY_QUERY_TYPE_URL_REQUEST: the request for a URI
 *
 * What a [struct@NetworkProxyQuery] asks a proxy for.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_PROXY_QUERY_TYPE_TCP_SOCKET  = 0,
  QNET_PROXY_QUERY_TYPE_UDP_SOCKET  = 1,
  QNET_PROXY_QUERY_TYPE_TCP_SERVER  = 100,
  QNET_PROXY_QUERY_TYPE_URL_REQUEST = 101
} QnetProxyQueryType;

/**
 * QnetSslMode:
 * @QNET_SSL_MODE_UNENCRYPTED: not encrypted
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
 * QnetDtlsHandshakeState:
 * @QNET_DTLS_HANDSHAKE_NOT_STARTED: no handshake was begun, or the last one has failed
 * @QNET_DTLS_HANDSHAKE_IN_PROGRESS: datagrams of the peer are expected
 * @QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED: the certificate of the peer has errors, and the
 *   application decides
 * @QNET_DTLS_HANDSHAKE_COMPLETE: datagrams can be encrypted and decrypted
 *
 * How far a [class@Dtls] is.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_DTLS_HANDSHAKE_NOT_STARTED,
  QNET_DTLS_HANDSHAKE_IN_PROGRESS,
  QNET_DTLS_HANDSHAKE_PEER_VERIFICATION_FAILED,
  QNET_DTLS_HANDSHAKE_COMPLETE
} QnetDtlsHandshakeState;

/**
 * QnetSslPeerVerifyMode:
 * @QNET_SSL_PEER_VERIFY_MODE_NONE: a server asks for no certificate; a client
 *   **accepts any**, and an attacker on the way can read everything
 * @QNET_SSL_PEER_VERIFY_MODE_QUERY: a server asks for one, and continues without; a
 *   client **accepts any**; errors are reported
 * @QNET_SSL_PEER_VERIFY_MODE_VERIFY: without a good certificate of the peer there is no connection
 * @QNET_SSL_PEER_VERIFY_MODE_AUTO: VERIFY for a client, NONE for a server
 *
 * What an [class@SslSocket] asks of the certificate of its peer. The numbers are those of Qt's
 * `QSslSocket::PeerVerifyMode`.
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

/**
 * QnetProxyHeaderField:
 * @QNET_PROXY_HEADER_FIELD_ALPN: the protocol of the application, as in ALPN
 * @QNET_PROXY_HEADER_FIELD_AUTHORITY: the host name that the client has asked for, in UTF-8
 * @QNET_PROXY_HEADER_FIELD_CRC32C: the checksum of the header, 4 bytes
 * @QNET_PROXY_HEADER_FIELD_NOOP: padding
 * @QNET_PROXY_HEADER_FIELD_UNIQUE_ID: up to 128 bytes that identify the connection
 * @QNET_PROXY_HEADER_FIELD_SSL: what is known of the TLS between the client and the proxy
 * @QNET_PROXY_HEADER_FIELD_NETNS: the name of the network namespace of the proxy
 *
 * The type of an additional value in a header of version 2. Other numbers up to 255 may be used as
 * well; those from 0xe0 to 0xef are for applications.
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_PROXY_HEADER_FIELD_ALPN      = 0x01,
  QNET_PROXY_HEADER_FIELD_AUTHORITY = 0x02,
  QNET_PROXY_HEADER_FIELD_CRC32C    = 0x03,
  QNET_PROXY_HEADER_FIELD_NOOP      = 0x04,
  QNET_PROXY_HEADER_FIELD_UNIQUE_ID = 0x05,
  QNET_PROXY_HEADER_FIELD_SSL       = 0x20,
  QNET_PROXY_HEADER_FIELD_NETNS     = 0x30
} QnetProxyHeaderField;

/**
 * QnetReconnectorState:
 * @QNET_RECONNECTOR_IDLE: not started, or stopped
 * @QNET_RECONNECTOR_WAITING: waiting for the time of the next attempt, or for a network
 * @QNET_RECONNECTOR_CONNECTING: the socket is being connected
 * @QNET_RECONNECTOR_PREPARING: the socket is connected, and what each connection begins with is not
 *   complete
 * @QNET_RECONNECTOR_CONNECTED: the socket is connected
 * @QNET_RECONNECTOR_FAILED: there will be no further attempt
 *
 * The states of a [class@Reconnector].
 *
 * Since: 1.0
 */
typedef enum
{
  QNET_RECONNECTOR_IDLE,
  QNET_RECONNECTOR_WAITING,
  QNET_RECONNECTOR_CONNECTING,
  QNET_RECONNECTOR_PREPARING,
  QNET_RECONNECTOR_CONNECTED,
  QNET_RECONNECTOR_FAILED
} QnetReconnectorState;

G_END_DECLS
