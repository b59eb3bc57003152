/* qnet-host-address.c: an IPv4 or IPv6 address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-address-private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/**
 * QnetHostAddress:
 *
 * An IPv4 or IPv6 address, without a port.
 *
 * There are two further values: *Null*, which is no address at all, and *Any*, which means all
 * addresses of this machine, IPv4 and IPv6; `0.0.0.0` and `::` stand for those of a single family.
 * An IPv6 address may have a scope, the network interface on which it is valid, as in
 * `fe80::1%eth0`.
 *
 * Addresses are immutable, so they can be shared freely, also between threads. With
 * [method@HostAddress.hash] and [method@HostAddress.equal] they can be keys of a
 * [struct@GLib.HashTable]. Use [func@HostAddress.from_string] to parse an address, and see
 * [struct@HostInfo] for looking up the addresses of a host name.
 *
 * Since: 1.0
 */

#define N_BYTES     QNET_HOST_ADDRESS_N_BYTES
#define IPV4_OFFSET QNET_HOST_ADDRESS_IPV4_OFFSET

struct _QnetHostAddress
{
  gint                      ref_count;       /* (atomic): a gint, for ThreadSanitizer */
  gboolean                  is_constant;     /* one of special_addresses: not reference counted */

  QnetNetworkLayerProtocol  protocol;        /* UNKNOWN for Null, ANY_IP for Any */
  guint8                    bytes[N_BYTES];  /* as IPv6; an IPv4 address as ::ffff:a.b.c.d */
  char                     *scope_id;        /* (owned) (nullable): never "", IPv6 only */
};

#define IPV4_BYTES(a, b, c, d) { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }

static const QnetHostAddress special_addresses[] = {
  [QNET_SPECIAL_ADDRESS_NULL] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN,
  },
  [QNET_SPECIAL_ADDRESS_BROADCAST] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4,
    .bytes = IPV4_BYTES (255, 255, 255, 255),
  },
  [QNET_SPECIAL_ADDRESS_LOCAL_HOST] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4,
    .bytes = IPV4_BYTES (127, 0, 0, 1),
  },
  [QNET_SPECIAL_ADDRESS_LOCAL_HOST_IPV6] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV6,
    .bytes = { [15] = 1 },
  },
  [QNET_SPECIAL_ADDRESS_ANY] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_ANY_IP,
  },
  [QNET_SPECIAL_ADDRESS_ANY_IPV6] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV6,
  },
  [QNET_SPECIAL_ADDRESS_ANY_IPV4] = {
    .is_constant = TRUE,
    .protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4,
    .bytes = IPV4_BYTES (0, 0, 0, 0),
  },
};

G_DEFINE_BOXED_TYPE (QnetHostAddress, qnet_host_address,
                     qnet_host_address_ref, qnet_host_address_unref)

/* Construction */

QnetHostAddress *
qnet_host_address_new_scoped (const guint8 *bytes,
                              char         *scope_id)
{
  QnetHostAddress *self = g_new0 (QnetHostAddress, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV6;
  memcpy (self->bytes, bytes, N_BYTES);
  self->scope_id = scope_id;

  return self;
}

QnetHostAddress *
qnet_host_address_new_ipv4_bytes (const guint8 *bytes)
{
  static const guint8 v4_mapped[N_BYTES] = IPV4_BYTES (0, 0, 0, 0);
  QnetHostAddress *self = qnet_host_address_new_scoped (v4_mapped, NULL);

  self->protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  memcpy (self->bytes + IPV4_OFFSET, bytes, N_BYTES - IPV4_OFFSET);

  return self;
}

/* Conversion */

static guint32
get_low_word (const QnetHostAddress *self)
{
  guint32 word;

  memcpy (&word, self->bytes + IPV4_OFFSET, sizeof word);

  return g_ntohl (word);
}

static gboolean
has_prefix (const QnetHostAddress *self,
            const guint8          *prefix)
{
  return memcmp (self->bytes, prefix, IPV4_OFFSET) == 0;
}

static gboolean
is_v4_mapped (const QnetHostAddress *self)
{
  static const guint8 prefix[] = IPV4_BYTES (0, 0, 0, 0);

  return has_prefix (self, prefix);
}

static gboolean
is_v4_compat (const QnetHostAddress *self)
{
  static const guint8 prefix[IPV4_OFFSET] = { 0 };

  return has_prefix (self, prefix);
}

static gboolean
is_ipv6 (const QnetHostAddress *self)
{
  return self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6;
}

/* The conversions that turn the IPv6 address @self into an IPv4 address; any one of them is enough.
 * An address with a scope belongs to an interface and is never converted. */
static QnetAddressConversion
get_needed_conversion (const QnetHostAddress *self)
{
  if (self->scope_id != NULL)
    return QNET_ADDRESS_CONVERSION_STRICT;

  if (is_v4_mapped (self))
    return QNET_ADDRESS_CONVERSION_V4_MAPPED;

  if (!is_v4_compat (self))
    return QNET_ADDRESS_CONVERSION_STRICT;

  switch (get_low_word (self))
    {
    case 0:
      return QNET_ADDRESS_CONVERSION_UNSPECIFIED | QNET_ADDRESS_CONVERSION_V4_COMPAT;

    case 1:
      return QNET_ADDRESS_CONVERSION_LOCAL_HOST;

    default:
      return QNET_ADDRESS_CONVERSION_V4_COMPAT;
    }
}

static gboolean
convert_to_ipv4 (const QnetHostAddress *self,
                 QnetAddressConversion  allowed,
                 guint32               *out_address)
{
  QnetAddressConversion needed = QNET_ADDRESS_CONVERSION_STRICT;

  *out_address = get_low_word (self);

  if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    return TRUE;

  if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_ANY_IP)
    needed = QNET_ADDRESS_CONVERSION_UNSPECIFIED;
  else if (self->protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    needed = get_needed_conversion (self);

  if (needed == QNET_ADDRESS_CONVERSION_LOCAL_HOST)
    *out_address = INADDR_LOOPBACK;

  return (needed & allowed) != 0;
}

/* The name and the index of an interface are the same scope. The system is asked only if the texts
 * differ. */
static int
compare_scopes (const char *scope_id,
                const char *other)
{
  g_autofree char *normal = NULL;
  g_autofree char *normal_other = NULL;

  if (scope_id == NULL || other == NULL || strcmp (scope_id, other) == 0)
    return g_strcmp0 (scope_id, other);

  normal = qnet_scope_id_normalize (scope_id);
  normal_other = qnet_scope_id_normalize (other);

  return strcmp (normal, normal_other);
}

/* For the other files of QnetHostAddress */

const guint8 *
qnet_host_address_peek_bytes (const QnetHostAddress *self)
{
  return self->bytes;
}

/* Public API */

/**
 * qnet_host_address_new_null:
 *
 * Creates the Null address.
 *
 * Returns: (transfer full): the Null address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_null (void)
{
  return qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_NULL);
}

/**
 * qnet_host_address_new_special:
 * @special: a special address
 *
 * Creates one of the special addresses.
 *
 * This function does not allocate memory.
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_special (QnetSpecialAddress special)
{
  g_return_val_if_fail ((gsize) special < G_N_ELEMENTS (special_addresses), NULL);

  return qnet_host_address_ref (&special_addresses[special]);
}

/**
 * qnet_host_address_new_ipv4:
 * @address: the address as a number in host byte order: 127.0.0.1 is 0x7f000001
 *
 * Creates an IPv4 address.
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_ipv4 (guint32 address)
{
  guint32 network_order = g_htonl (address);

  return qnet_host_address_new_ipv4_bytes ((const guint8 *) &network_order);
}

/**
 * qnet_host_address_new_ipv6:
 * @bytes: (array length=length) (element-type guint8): the bytes, in network order
 * @length: their number: 16
 * @error: return location for an error
 *
 * Creates an IPv6 address without a scope.
 *
 * If @length is not 16, this function fails with
 * [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_ipv6 (const guint8  *bytes,
                            gsize          length,
                            GError       **error)
{
  g_return_val_if_fail (bytes != NULL || length == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (length != N_BYTES)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("An IPv6 address has 16 bytes, not %zu"), length);
      return NULL;
    }

  return qnet_host_address_new_scoped (bytes, NULL);
}

/**
 * qnet_host_address_with_scope_id:
 * @self: an address
 * @scope_id: (nullable): the name or the index of an interface; %NULL or `""` for no scope
 *
 * Creates a copy of the address with another scope.
 *
 * White space around @scope_id is ignored. Only IPv6 addresses have scopes: any other address is
 * returned unchanged.
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_with_scope_id (const QnetHostAddress *self,
                                 const char            *scope_id)
{
  g_autofree char *stripped = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (!is_ipv6 (self))
    return qnet_host_address_ref (self);

  stripped = g_strstrip (g_strdup (scope_id != NULL ? scope_id : ""));
  if (*stripped == '\0')
    g_clear_pointer (&stripped, g_free);

  return qnet_host_address_new_scoped (self->bytes, g_steal_pointer (&stripped));
}

/**
 * qnet_host_address_ref:
 * @self: an address
 *
 * Increases the reference count by one. This function may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_ref (const QnetHostAddress *self)
{
  QnetHostAddress *counted = (QnetHostAddress *) self;  /* its value remains const */

  g_return_val_if_fail (self != NULL, NULL);

  if (!self->is_constant)
    g_atomic_int_inc (&counted->ref_count);

  return counted;
}

/**
 * qnet_host_address_unref:
 * @self: (transfer full): an address
 *
 * Decreases the reference count by one. This function may be called from any thread. When the count
 * reaches zero, it frees the address.
 *
 * Since: 1.0
 */
void
qnet_host_address_unref (QnetHostAddress *self)
{
  g_return_if_fail (self != NULL);

  if (self->is_constant || !g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->scope_id);
  g_free (self);
}

/**
 * qnet_host_address_get_protocol:
 * @self: an address
 *
 * Gets the network layer protocol of the address.
 *
 * Returns: the protocol; [QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN][enum@NetworkLayerProtocol] for
 *   Null, and [QNET_NETWORK_LAYER_PROTOCOL_ANY_IP][enum@NetworkLayerProtocol] for
 *   [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress]
 *
 * Since: 1.0
 */
QnetNetworkLayerProtocol
qnet_host_address_get_protocol (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN);

  return self->protocol;
}

/**
 * qnet_host_address_get_scope_id:
 * @self: an address
 *
 * Gets the scope of an IPv6 address, the interface on which it is valid.
 *
 * Returns: (nullable): the name or the index of the interface, as it was set, or %NULL if there is
 *   no scope
 *
 * Since: 1.0
 */
const char *
qnet_host_address_get_scope_id (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->scope_id;
}

/**
 * qnet_host_address_to_ipv4:
 * @self: an address
 * @address: (out) (optional): the address as a number in host byte order
 *
 * Converts the address to a number, if it is an IPv4 address.
 *
 * v4-mapped addresses (`::ffff:192.0.2.1`) are converted as well. `::` and
 * [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] are converted to 0.
 *
 * Returns: %TRUE if the address was converted; if not, @address is unchanged
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_to_ipv4 (const QnetHostAddress *self,
                           guint32               *address)
{
  guint32 converted;

  g_return_val_if_fail (self != NULL, FALSE);

  if (!convert_to_ipv4 (self,
                        QNET_ADDRESS_CONVERSION_V4_MAPPED | QNET_ADDRESS_CONVERSION_UNSPECIFIED,
                        &converted))
    return FALSE;

  if (address != NULL)
    *address = converted;

  return TRUE;
}

/**
 * qnet_host_address_to_ipv6:
 * @self: an address
 * @length: (out): their number: 16
 *
 * Converts the address to the bytes of an IPv6 address, in network order.
 *
 * IPv4 addresses become v4-mapped addresses, except 0.0.0.0, which becomes `::`. Null becomes
 * zeros.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full): the bytes
 *
 * Since: 1.0
 */
guint8 *
qnet_host_address_to_ipv6 (const QnetHostAddress *self,
                           gsize                 *length)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  if (qnet_host_address_equal_special (self, QNET_SPECIAL_ADDRESS_ANY_IPV4))
    self = &special_addresses[QNET_SPECIAL_ADDRESS_ANY_IPV6];

  *length = N_BYTES;

  return g_memdup2 (self->bytes, N_BYTES);
}

/**
 * qnet_host_address_equal:
 * @self: an address
 * @other: another address
 *
 * Compares two addresses.
 *
 * They are equal if their protocol, bytes and scope are: `127.0.0.1` is not equal to
 * `::ffff:127.0.0.1`. The name and the index of an interface are the same scope. See
 * [method@HostAddress.equal_full] for a comparison that ignores such differences. Cast this
 * function to [callback@GLib.EqualFunc] to use it with a hash table.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_equal (const QnetHostAddress *self,
                         const QnetHostAddress *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return qnet_host_address_compare (self, other) == 0;
}

/**
 * qnet_host_address_equal_special:
 * @self: an address
 * @special: a special address
 *
 * Compares the address with a special address.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_equal_special (const QnetHostAddress *self,
                                 QnetSpecialAddress     special)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail ((gsize) special < G_N_ELEMENTS (special_addresses), FALSE);

  return qnet_host_address_equal (self, &special_addresses[special]);
}

/**
 * qnet_host_address_equal_full:
 * @self: an address
 * @other: another address
 * @conversion: the conversions to apply
 *
 * Compares two addresses after converting them to IPv4 where possible.
 *
 * Each of the two addresses that one of the conversions applies to is replaced by its IPv4 address
 * before they are compared. Addresses with a scope are never converted.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_equal_full (const QnetHostAddress *self,
                              const QnetHostAddress *other,
                              QnetAddressConversion  conversion)
{
  guint32 self_ipv4, other_ipv4;
  gboolean self_converts, other_converts;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  self_converts = convert_to_ipv4 (self, conversion, &self_ipv4);
  other_converts = convert_to_ipv4 (other, conversion, &other_ipv4);

  if (self_converts && other_converts)
    return self_ipv4 == other_ipv4;

  return qnet_host_address_equal (self, other);
}

/**
 * qnet_host_address_compare:
 * @self: an address
 * @other: another address
 *
 * Compares two addresses for sorting.
 *
 * Null comes first, then IPv4, IPv6 and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress]; within a
 * family, addresses are sorted by their bytes and then by their scope. The result is 0 if the
 * addresses are [equal][method@HostAddress.equal].
 *
 * Returns: a negative value if @self comes before @other, 0 if they are equal, a positive value if
 *   @self comes after @other
 *
 * Since: 1.0
 */
int
qnet_host_address_compare (const QnetHostAddress *self,
                           const QnetHostAddress *other)
{
  int order;

  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (other != NULL, 0);

  if (self->protocol != other->protocol)
    return self->protocol < other->protocol ? -1 : 1;

  order = memcmp (self->bytes, other->bytes, N_BYTES);
  if (order != 0)
    return order;

  return compare_scopes (self->scope_id, other->scope_id);
}

/**
 * qnet_host_address_hash:
 * @self: an address
 *
 * Computes a hash value of the address, which is the same for equal addresses.
 *
 * Cast this function to [callback@GLib.HashFunc] to use it with a hash table.
 *
 * Returns: the hash value
 *
 * Since: 1.0
 */
guint
qnet_host_address_hash (const QnetHostAddress *self)
{
  guint hash;

  g_return_val_if_fail (self != NULL, 0);

  hash = (guint) self->protocol;
  for (gsize i = 0; i < N_BYTES; i++)
    hash = hash * 31 + self->bytes[i];

  return hash;  /* without the scope, which has two forms */
}

/**
 * qnet_host_address_is_null:
 * @self: an address
 *
 * Gets whether the address is Null.
 *
 * Returns: %TRUE for Null
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_null (const QnetHostAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->protocol == QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN;
}
