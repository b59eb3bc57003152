/* qnet-proxy-header.c: the header of the PROXY protocol, a value
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "balancer/qnet-proxy-header-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* Bytes: what all values may have together, beside the longest addresses and the checksum. */
#define MAX_VALUES (G_MAXUINT16 - 36 - 7)

#define VALUE_HEAD 3

/**
 * QnetProxyHeader:
 *
 * The header of the
 * [PROXY protocol](https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt), versions 1 and 2.
 *
 * A load balancer, such as HAProxy, nginx or Envoy, connects to a server in place of the client. It
 * sends this header first, so that the server learns the address of the client: the *source*. The
 * *destination* is the address to which the client has connected.
 *
 * A header is immutable.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (QnetProxyHeader, qnet_proxy_header,
                     qnet_proxy_header_ref, qnet_proxy_header_unref)

static void
clear_value (gpointer data)
{
  QnetProxyHeaderValue *value = data;

  g_bytes_unref (value->value);
}

QnetProxyHeader *
qnet_proxy_header_alloc (int version)
{
  QnetProxyHeader *self = g_new0 (QnetProxyHeader, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->version = version;

  return self;
}

void
qnet_proxy_header_append_value (QnetProxyHeader *self,
                                guint8           type,
                                GBytes          *value)
{
  const QnetProxyHeaderValue item = { type, g_bytes_ref (value) };

  if (self->values == NULL)
    {
      self->values = g_array_new (FALSE, FALSE, sizeof item);
      g_array_set_clear_func (self->values, clear_value);
    }

  g_array_append_val (self->values, item);
}

gboolean
qnet_proxy_header_has_room (const QnetProxyHeader *self,
                            guint8                 type)
{
  guint n = self->values != NULL ? self->values->len : 0;
  guint n_checksums = qnet_proxy_header_get_field (self, QNET_PROXY_HEADER_FIELD_CRC32C) != NULL;

  return type == QNET_PROXY_HEADER_FIELD_CRC32C ? n_checksums == 0
                                                : n - n_checksums < QNET_PROXY_HEADER_MAX_VALUES;
}

static QnetProxyHeader *
copy (const QnetProxyHeader *self)
{
  QnetProxyHeader *result = qnet_proxy_header_alloc (0);

  result->is_local = self->is_local;
  result->source_port = self->source_port;
  result->destination_port = self->destination_port;

  if (self->source != NULL)
    {
      result->source = qnet_host_address_ref (self->source);
      result->destination = qnet_host_address_ref (self->destination);
    }

  for (guint i = 0; self->values != NULL && i < self->values->len; i++)
    {
      QnetProxyHeaderValue *value = &g_array_index (self->values, QnetProxyHeaderValue, i);

      qnet_proxy_header_append_value (result, value->type, value->value);
    }

  return result;
}

static gsize
get_values_size (const QnetProxyHeader *self)
{
  gsize size = 0;

  for (guint i = 0; self->values != NULL && i < self->values->len; i++)
    size += VALUE_HEAD
            + g_bytes_get_size (g_array_index (self->values, QnetProxyHeaderValue, i).value);

  return size;
}

/* Public API */

/**
 * qnet_proxy_header_new:
 * @source: the address of the client
 * @source_port: its port
 * @destination: the address to which the client has connected
 * @destination_port: its port
 * @error: return location for an error
 *
 * Creates a header for a connection that is passed on.
 *
 * Scopes of addresses are not sent. If the addresses are not of one family, or one of them is
 * Null, it fails with [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the header
 *
 * Since: 1.0
 */
QnetProxyHeader *
qnet_proxy_header_new (QnetHostAddress  *source,
                       guint16           source_port,
                       QnetHostAddress  *destination,
                       guint16           destination_port,
                       GError          **error)
{
  QnetProxyHeader *self;

  g_return_val_if_fail (source != NULL, NULL);
  g_return_val_if_fail (destination != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (qnet_host_address_is_null (source)
      || qnet_host_address_get_protocol (source) != qnet_host_address_get_protocol (destination))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not make a PROXY header: The addresses are not of one family"));
      return NULL;
    }

  self = qnet_proxy_header_alloc (0);
  self->source = qnet_host_address_with_scope_id (source, NULL);
  self->source_port = source_port;
  self->destination = qnet_host_address_with_scope_id (destination, NULL);
  self->destination_port = destination_port;

  return self;
}

/**
 * qnet_proxy_header_new_local:
 *
 * Creates a header for a connection that is not passed on for a client, such as a health check.
 *
 * Returns: (transfer full): the header
 *
 * Since: 1.0
 */
QnetProxyHeader *
qnet_proxy_header_new_local (void)
{
  QnetProxyHeader *self = qnet_proxy_header_alloc (0);

  self->is_local = TRUE;

  return self;
}

/**
 * qnet_proxy_header_new_from_bytes:
 * @bytes: a header of version 1 or 2, and nothing else
 * @error: return location for an error
 *
 * Reads a header. Addresses, ports and lengths have to be in the form that the protocol demands,
 * a checksum has to be right, and there are at most 64 other values; otherwise it fails with
 * [QNET_SOCKET_ERROR_PROXY_PROTOCOL][error@SocketError].
 *
 * Returns: (transfer full): the header
 *
 * Since: 1.0
 */
QnetProxyHeader *
qnet_proxy_header_new_from_bytes (GBytes  *bytes,
                                  GError **error)
{
  const guint8 *data;
  gsize length, size;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  data = g_bytes_get_data (bytes, &length);
  size = qnet_proxy_header_measure (data, length, error);
  if (size == 0)
    return NULL;

  if (size == length)
    return qnet_proxy_header_parse (data, length, error);

  if (size > length)
    qnet_set_error (error, QNET_SOCKET_ERROR_PROXY_PROTOCOL, _("The PROXY header is incomplete"));
  else
    qnet_set_error (error, QNET_SOCKET_ERROR_PROXY_PROTOCOL,
                    _("There is other data behind the PROXY header"));

  return NULL;
}

/**
 * qnet_proxy_header_with_field:
 * @self: a header that is not local
 * @field: a [enum@ProxyHeaderField], or another number from 0 to 255
 * @value: the value
 * @error: return location for an error
 *
 * Adds a value to a header. It is sent with version 2 of the protocol only.
 *
 * A header has at most 64 values beside its checksum, which fit into 64 KiB, and a local header has
 * none; otherwise it fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError]. The checksum is added when
 * the header is sent.
 *
 * Returns: (transfer full): the new header
 *
 * Since: 1.0
 */
QnetProxyHeader *
qnet_proxy_header_with_field (const QnetProxyHeader  *self,
                              int                     field,
                              GBytes                 *value,
                              GError                **error)
{
  QnetProxyHeader *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (field >= 0 && field <= G_MAXUINT8, NULL);
  g_return_val_if_fail (value != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (self->is_local)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not add a value to a PROXY header: It is not for a client"));
      return NULL;
    }

  if (get_values_size (self) + VALUE_HEAD + g_bytes_get_size (value) > MAX_VALUES)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not add a value to a PROXY header: The header would be too long"));
      return NULL;
    }

  if (!qnet_proxy_header_has_room (self, (guint8) field))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not add a value to a PROXY header: It would have too many values"));
      return NULL;
    }

  result = copy (self);
  qnet_proxy_header_append_value (result, (guint8) field, value);

  return result;
}

/**
 * qnet_proxy_header_ref:
 * @self: a header
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetProxyHeader *
qnet_proxy_header_ref (const QnetProxyHeader *self)
{
  QnetProxyHeader *shared = (QnetProxyHeader *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&shared->ref_count);

  return shared;
}

/**
 * qnet_proxy_header_unref:
 * @self: (transfer full): a header
 *
 * Drops a reference, and frees the header with the last one.
 *
 * Since: 1.0
 */
void
qnet_proxy_header_unref (QnetProxyHeader *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->source, qnet_host_address_unref);
  g_clear_pointer (&self->destination, qnet_host_address_unref);
  g_clear_pointer (&self->values, g_array_unref);
  g_free (self);
}

/**
 * qnet_proxy_header_get_version:
 * @self: a header
 *
 * Gets the version of the protocol in which a header was received.
 *
 * Returns: 1 or 2, or 0 for a header that was not received
 *
 * Since: 1.0
 */
int
qnet_proxy_header_get_version (const QnetProxyHeader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->version;
}

/**
 * qnet_proxy_header_is_local:
 * @self: a header
 *
 * Returns whether the connection is the proxy's own, such as a health check, or one whose addresses
 * it does not know. The addresses of the connection itself are used then.
 *
 * Returns: %TRUE if there is no client
 *
 * Since: 1.0
 */
gboolean
qnet_proxy_header_is_local (const QnetProxyHeader *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_local;
}

/**
 * qnet_proxy_header_get_source:
 * @self: a header
 *
 * Gets the address of the client.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL if the header has none, or not one of
 *   IPv4 or IPv6
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_proxy_header_get_source (const QnetProxyHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->source;
}

/**
 * qnet_proxy_header_get_source_port:
 * @self: a header
 *
 * Gets the port of the client.
 *
 * Returns: the port; 0 without an address
 *
 * Since: 1.0
 */
guint16
qnet_proxy_header_get_source_port (const QnetProxyHeader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->source_port;
}

/**
 * qnet_proxy_header_get_destination:
 * @self: a header
 *
 * Gets the address to which the client has connected.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL if the header has none, or not one of
 *   IPv4 or IPv6
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_proxy_header_get_destination (const QnetProxyHeader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->destination;
}

/**
 * qnet_proxy_header_get_destination_port:
 * @self: a header
 *
 * Gets the port to which the client has connected.
 *
 * Returns: the port; 0 without an address
 *
 * Since: 1.0
 */
guint16
qnet_proxy_header_get_destination_port (const QnetProxyHeader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->destination_port;
}

/**
 * qnet_proxy_header_get_field:
 * @self: a header
 * @field: a [enum@ProxyHeaderField], or another number
 *
 * Gets the first value of a type.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL if there is none
 *
 * Since: 1.0
 */
GBytes *
qnet_proxy_header_get_field (const QnetProxyHeader *self,
                             int                    field)
{
  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; self->values != NULL && i < self->values->len; i++)
    {
      QnetProxyHeaderValue *value = &g_array_index (self->values, QnetProxyHeaderValue, i);

      if (value->type == field)
        return value->value;
    }

  return NULL;
}
