/* qnet-host-address-native.c: addresses as the system and GIO have them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-address.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* Scopes: the kernel has numbers, people have names */

static char *
scope_id_from_index (guint32 scope_index)
{
  char name[IF_NAMESIZE];

  if (if_indextoname (scope_index, name) != NULL)
    return g_strdup (name);

  return g_strdup_printf ("%" G_GUINT32_FORMAT, scope_index);
}

gboolean
qnet_scope_id_to_index (const char *scope_id,
                        guint32    *out_index)
{
  guint64 number;

  *out_index = 0;
  if (scope_id == NULL)
    return TRUE;

  /* The name goes first: an interface may be called "2" and be the third. */
  *out_index = if_nametoindex (scope_id);
  if (*out_index != 0)
    return TRUE;

  if (!g_ascii_string_to_unsigned (scope_id, 10, 0, G_MAXUINT32, &number, NULL))
    return FALSE;

  *out_index = (guint32) number;

  return TRUE;
}

char *
qnet_scope_id_normalize (const char *scope_id)
{
  guint32 scope_index;

  return qnet_scope_id_to_index (scope_id, &scope_index) ? scope_id_from_index (scope_index) : g_strdup (scope_id);
}

/* sockaddr */

static socklen_t
fill_sockaddr_in (const QnetHostAddress *self,
                  guint16                port,
                  struct sockaddr_in    *out_native)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (self);

  out_native->sin_family = AF_INET;
  out_native->sin_port = g_htons (port);
  memcpy (&out_native->sin_addr, bytes + QNET_HOST_ADDRESS_IPV4_OFFSET,
          sizeof out_native->sin_addr);

  return sizeof *out_native;
}

static socklen_t
fill_sockaddr_in6 (const QnetHostAddress *self,
                   guint16                port,
                   struct sockaddr_in6   *out_native)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (self);
  guint32 scope_index;

  if (!qnet_scope_id_to_index (qnet_host_address_get_scope_id (self), &scope_index))
    return 0;

  out_native->sin6_family = AF_INET6;
  out_native->sin6_port = g_htons (port);
  out_native->sin6_scope_id = scope_index;
  memcpy (&out_native->sin6_addr, bytes, sizeof out_native->sin6_addr);

  return sizeof *out_native;
}

socklen_t
qnet_host_address_to_native (const QnetHostAddress   *self,
                             guint16                  port,
                             struct sockaddr_storage *storage)
{
  memset (storage, 0, sizeof *storage);

  switch (qnet_host_address_get_protocol (self))
    {
    case QNET_NETWORK_LAYER_PROTOCOL_IPV4:
      return fill_sockaddr_in (self, port, (struct sockaddr_in *) storage);

    case QNET_NETWORK_LAYER_PROTOCOL_IPV6:
    case QNET_NETWORK_LAYER_PROTOCOL_ANY_IP:
      return fill_sockaddr_in6 (self, port, (struct sockaddr_in6 *) storage);

    case QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN:
      break;
    }

  return 0;
}

static QnetHostAddress *
new_ipv4_bytes (const guint8 *bytes)
{
  guint32 network_order;

  memcpy (&network_order, bytes, sizeof network_order);

  return qnet_host_address_new_ipv4 (g_ntohl (network_order));
}

static QnetHostAddress *
new_ipv6_bytes (const guint8 *bytes,
                guint32       scope_index)
{
  g_autoptr(QnetHostAddress) unscoped = qnet_host_address_new_ipv6 (bytes, 16, NULL);
  g_autofree char *scope_id = NULL;

  if (scope_index == 0)
    return g_steal_pointer (&unscoped);

  scope_id = scope_id_from_index (scope_index);

  return qnet_host_address_with_scope_id (unscoped, scope_id);
}

static QnetHostAddress *
new_from_sockaddr_in6 (const struct sockaddr_in6 *native,
                       gboolean                   unmap)
{
  const guint8 *bytes = native->sin6_addr.s6_addr;

  if (unmap && IN6_IS_ADDR_V4MAPPED (&native->sin6_addr))
    return new_ipv4_bytes (bytes + QNET_HOST_ADDRESS_IPV4_OFFSET);

  return new_ipv6_bytes (bytes, native->sin6_scope_id);
}

QnetHostAddress *
qnet_host_address_take_native (const struct sockaddr_storage *storage,
                               gboolean                       unmap,
                               guint16                       *out_port)
{
  const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) storage;
  const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *) storage;
  guint16 port = 0;
  QnetHostAddress *self;

  switch (storage->ss_family)
    {
    case AF_INET:
      port = g_ntohs (ipv4->sin_port);
      self = new_ipv4_bytes ((const guint8 *) &ipv4->sin_addr);
      break;

    case AF_INET6:
      port = g_ntohs (ipv6->sin6_port);
      self = new_from_sockaddr_in6 (ipv6, unmap);
      break;

    default:
      self = qnet_host_address_new_null ();
      break;
    }

  if (out_port != NULL)
    *out_port = port;

  return self;
}

QnetHostAddress *
qnet_host_address_unmap (QnetHostAddress *self)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (self);
  struct in6_addr native;

  memcpy (&native, bytes, sizeof native);
  if (qnet_host_address_get_protocol (self) != QNET_NETWORK_LAYER_PROTOCOL_IPV6
      || qnet_host_address_get_scope_id (self) != NULL || !IN6_IS_ADDR_V4MAPPED (&native))
    return qnet_host_address_ref (self);

  return new_ipv4_bytes (bytes + QNET_HOST_ADDRESS_IPV4_OFFSET);
}

/* Failing */

/* What the system says for want of a scope differs between calls, and with what its routes lead to. */
static gboolean
lacks_scope (const QnetHostAddress *self,
             int                    error_number)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (self);
  gboolean is_link_local = (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
                           || (bytes[0] == 0xff && (bytes[1] & 0x0f) == 0x02);

  return is_link_local && qnet_host_address_get_scope_id (self) == NULL
         && (error_number == EINVAL || error_number == EADDRNOTAVAIL || error_number == ENETUNREACH
             || error_number == EHOSTUNREACH);
}

static gboolean
has_unknown_scope (const QnetHostAddress *self)
{
  guint32 scope_index;

  return !qnet_scope_id_to_index (qnet_host_address_get_scope_id (self), &scope_index);
}

void
qnet_set_error_for_address (GError                **error,
                            int                     error_number,
                            const QnetHostAddress  *self,
                            const char             *what)
{
  if (lacks_scope (self, error_number))
    /* Translators: what could not be done, as in "Could not bind to [fe80::1] port 80" */
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("%s: a link-local address needs the network interface that it is on, as in fe80::1%%eth0"),
                    what);
  else if (has_unknown_scope (self))
    /* Translators: what could not be done, as in "Could not bind to [fe80::1%eth9] port 80", and the "eth9" in that */
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("%s: there is no network interface %s"), what, qnet_host_address_get_scope_id (self));
  else
    qnet_set_error_from_errno (error, error_number, "%s", what);
}

char *
qnet_host_address_to_display (const QnetHostAddress *self,
                              guint16                port)
{
  g_autofree char *address = qnet_host_address_to_string (self);

  if (qnet_host_address_is_null (self))
    return g_strdup_printf (_("no address, port %u"), port);

  if (strchr (address, ':') != NULL)
    return g_strdup_printf (_("[%s] port %u"), address, port);

  return g_strdup_printf (_("%s port %u"), address, port);
}

/* GIO */

static gboolean
is_ipv4 (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
}

/* Public API */

/**
 * qnet_host_address_new_from_native:
 * @native: (not nullable): a `struct sockaddr`
 * @length: its size in bytes
 * @error: return location for an error
 *
 * Takes the address out of what the system's socket calls use.
 *
 * The scope of an IPv6 address becomes the name of its interface where it has one, and a number
 * otherwise. Any other family than `AF_INET` and `AF_INET6`, and a @length that is too short for
 * its family, is [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_from_native (gconstpointer   native,
                                   gsize           length,
                                   GError        **error)
{
  struct sockaddr_storage storage = { 0 };
  gsize needed;

  g_return_val_if_fail (native != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  memcpy (&storage, native, MIN (length, sizeof storage));
  needed = storage.ss_family == AF_INET ? sizeof (struct sockaddr_in)
                                        : sizeof (struct sockaddr_in6);

  if ((storage.ss_family != AF_INET && storage.ss_family != AF_INET6) || length < needed)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("That is neither an IPv4 nor an IPv6 address"));
      return NULL;
    }

  return qnet_host_address_take_native (&storage, FALSE, NULL);
}

/**
 * qnet_host_address_new_from_inet_address:
 * @address: an address of GIO's
 *
 * Makes the same address as one of GIO's.
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_from_inet_address (GInetAddress *address)
{
  g_return_val_if_fail (G_IS_INET_ADDRESS (address), NULL);

  if (is_ipv4 (address))
    return new_ipv4_bytes (g_inet_address_to_bytes (address));

  return new_ipv6_bytes (g_inet_address_to_bytes (address), 0);
}

/**
 * qnet_host_address_new_from_socket_address:
 * @address: an address and port of GIO's
 * @error: return location for an error
 *
 * Makes the same address as in one of GIO's socket addresses, its scope included.
 *
 * What is no [class@Gio.InetSocketAddress], such as the path of a local socket, is
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_from_socket_address (GSocketAddress  *address,
                                           GError         **error)
{
  GInetSocketAddress *inet;
  GInetAddress *inet_address;

  g_return_val_if_fail (G_IS_SOCKET_ADDRESS (address), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("That is neither an IPv4 nor an IPv6 address"));
      return NULL;
    }

  inet = G_INET_SOCKET_ADDRESS (address);
  inet_address = g_inet_socket_address_get_address (inet);
  if (is_ipv4 (inet_address))
    return qnet_host_address_new_from_inet_address (inet_address);

  return new_ipv6_bytes (g_inet_address_to_bytes (inet_address),
                         g_inet_socket_address_get_scope_id (inet));
}

/**
 * qnet_host_address_to_inet_address:
 * @self: an address
 *
 * Makes the same address for GIO.
 *
 * A scope is lost, as [class@Gio.InetAddress] has none; see [method@HostAddress.to_socket_address].
 * [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] becomes `::`.
 *
 * Returns: (transfer full) (nullable): the address, or %NULL for Null
 *
 * Since: 1.0
 */
GInetAddress *
qnet_host_address_to_inet_address (const QnetHostAddress *self)
{
  const guint8 *bytes;

  g_return_val_if_fail (self != NULL, NULL);

  bytes = qnet_host_address_peek_bytes (self);

  switch (qnet_host_address_get_protocol (self))
    {
    case QNET_NETWORK_LAYER_PROTOCOL_IPV4:
      return g_inet_address_new_from_bytes (bytes + QNET_HOST_ADDRESS_IPV4_OFFSET,
                                            G_SOCKET_FAMILY_IPV4);

    case QNET_NETWORK_LAYER_PROTOCOL_IPV6:
    case QNET_NETWORK_LAYER_PROTOCOL_ANY_IP:
      return g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);

    case QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN:
      break;
    }

  return NULL;
}

/**
 * qnet_host_address_to_socket_address:
 * @self: an address
 * @port: a port
 *
 * Makes a socket address for GIO, the scope included.
 *
 * Returns: (transfer full) (nullable): the socket address, or %NULL for Null, and for a scope
 *   which is the name of an interface that does not exist
 *
 * Since: 1.0
 */
GSocketAddress *
qnet_host_address_to_socket_address (const QnetHostAddress *self,
                                     guint16                port)
{
  g_autoptr(GInetAddress) address = NULL;
  guint32 scope_index;

  g_return_val_if_fail (self != NULL, NULL);

  address = qnet_host_address_to_inet_address (self);
  if (address == NULL
      || !qnet_scope_id_to_index (qnet_host_address_get_scope_id (self), &scope_index))
    return NULL;

  /* g_socket_address_new_from_native() would turn v4-mapped addresses into IPv4. */
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS,
                       "address", address,
                       "port", (guint) port,
                       "scope-id", scope_index,
                       NULL);
}
