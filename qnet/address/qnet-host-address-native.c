/* qnet-host-address-native.c: conversion from and to struct sockaddr and the types of GIO
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#include "qnet-host-address.h"

/* Scopes: the kernel uses the index of the interface, text uses its name */

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

  /* The name takes precedence: the interface called "2" may be the third one. */
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

  if (!qnet_scope_id_to_index (scope_id, &scope_index))
    return g_strdup (scope_id);

  return scope_id_from_index (scope_index);
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
    return qnet_host_address_new_ipv4_bytes (bytes + QNET_HOST_ADDRESS_IPV4_OFFSET);

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
      self = qnet_host_address_new_ipv4_bytes ((const guint8 *) &ipv4->sin_addr);
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

  return qnet_host_address_new_ipv4_bytes (bytes + QNET_HOST_ADDRESS_IPV4_OFFSET);
}

/* Errors */

/* The errno for a missing scope depends on the call and on the routes of the system. */
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
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("A link-local address requires a network interface, as in "
                      "“fe80::1%%eth0”"));
  else if (has_unknown_scope (self))
    /* Translators: "eth9", for instance, of the address "fe80::1%eth9" */
    qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE,
                    _("There is no network interface “%s”"),
                    qnet_host_address_get_scope_id (self));
  else
    {
      qnet_set_error_from_errno (error, error_number, "%s", what);
      return;
    }

  qnet_prefix_error (error, "%s", what);
}

char *
qnet_host_address_to_display (const QnetHostAddress *self,
                              guint16                port)
{
  g_autofree char *address = qnet_host_address_to_string (self);

  if (qnet_host_address_is_null (self))
    return g_strdup_printf (_("(no address) port %u"), port);

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
 * @native: (array length=length) (element-type guint8): the bytes of a `struct sockaddr`
 * @length: the number of bytes
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
                      _("The address is neither an IPv4 nor an IPv6 address"));
      return NULL;
    }

  return qnet_host_address_take_native (&storage, FALSE, NULL);
}

/**
 * qnet_host_address_new_from_inet_address:
 * @address: an address
 *
 * Creates an address from a [class@Gio.InetAddress].
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
    return qnet_host_address_new_ipv4_bytes (g_inet_address_to_bytes (address));

  return new_ipv6_bytes (g_inet_address_to_bytes (address), 0);
}

/**
 * qnet_host_address_new_from_socket_address:
 * @address: a socket address
 * @error: return location for an error
 *
 * Creates an address from a [class@Gio.InetSocketAddress], including its scope.
 *
 * For any other kind of socket address, such as the path of a local socket, it fails with
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
                      _("The address is neither an IPv4 nor an IPv6 address"));
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
 * Converts the address to a [class@Gio.InetAddress].
 *
 * The scope is lost, because [class@Gio.InetAddress] has none; see
 * [method@HostAddress.to_socket_address]. [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] becomes
 * `::`.
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
 * Converts the address and a port to a [class@Gio.SocketAddress], including the scope.
 *
 * Returns: (transfer full) (nullable): the socket address, or %NULL for Null and for a scope that
 *   names an interface that does not exist
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
