/* qnet-host-address.c: an IPv4 or IPv6 address
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-host-address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/**
 * QnetHostAddress:
 *
 * An IPv4 or IPv6 address, without a port.
 *
 * Besides those it can be *Null* (no address at all), and *Any*, which stands for every address of
 * this machine, IPv4 and IPv6 alike; `0.0.0.0` and `::` stand for those of one family. An IPv6
 * address may carry a scope, the network interface on which it is meant, as in `fe80::1%eth0`.
 *
 * Addresses never change once they are made, so they can be shared freely, also between threads,
 * and with [method@HostAddress.hash] and [method@HostAddress.equal] they are keys of a
 * [struct@GLib.HashTable]. An address is made from text by [func@HostAddress.from_string]; to
 * look up a name, see [struct@HostInfo].
 *
 * Since: 1.0
 */

#define N_BYTES     16
#define IPV4_OFFSET QNET_HOST_ADDRESS_IPV4_OFFSET

struct _QnetHostAddress
{
  gint                      ref_count;       /* (atomic): a gint, for ThreadSanitizer's eyes */
  gboolean                  is_constant;     /* one of special_addresses: not counted */

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

/* Making one */

static QnetHostAddress *
new_ipv6_scoped (const guint8 *bytes,
                 char         *scope_id)  /* (transfer full) (nullable) */
{
  QnetHostAddress *self = g_new0 (QnetHostAddress, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV6;
  memcpy (self->bytes, bytes, N_BYTES);
  self->scope_id = scope_id;

  return self;
}

static QnetHostAddress *
new_ipv4_bytes (const guint8 *bytes)
{
  static const guint8 v4_mapped[N_BYTES] = IPV4_BYTES (0, 0, 0, 0);
  QnetHostAddress *self = new_ipv6_scoped (v4_mapped, NULL);

  self->protocol = QNET_NETWORK_LAYER_PROTOCOL_IPV4;
  memcpy (self->bytes + IPV4_OFFSET, bytes, N_BYTES - IPV4_OFFSET);

  return self;
}

/* Text */

static QnetHostAddress *
parse_ipv6 (const char *text)
{
  g_autofree char *digits = NULL;
  const char *percent = strchr (text, '%');
  guint8 bytes[N_BYTES];

  if (percent == NULL)
    return inet_pton (AF_INET6, text, bytes) == 1 ? new_ipv6_scoped (bytes, NULL) : NULL;

  digits = g_strndup (text, percent - text);
  if (inet_pton (AF_INET6, digits, bytes) != 1 || percent[1] == '\0' || g_ascii_isspace (percent[1]))
    return NULL;

  return new_ipv6_scoped (bytes, g_strdup (percent + 1));
}

static QnetHostAddress *
parse_ipv4 (const char *text)
{
  struct in_addr address;

  /* inet_aton() ignores what follows white space. */
  if (strpbrk (text, " \f\n\r\t\v") != NULL || inet_aton (text, &address) == 0)
    return NULL;

  return new_ipv4_bytes ((const guint8 *) &address);
}

/* Looking into the bytes */

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

/* Which differences, any of them, must be overlooked for the IPv6 address @self to be taken for an
 * IPv4 address. One with a scope belongs to an interface, and so is never taken for one. */
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

/* An interface has a name and a number. The system is asked only where the two are written in different ways. */
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

/* For the other files of addresses */

const guint8 *
qnet_host_address_peek_bytes (const QnetHostAddress *self)
{
  return self->bytes;
}

/* Public API */

/**
 * qnet_host_address_new_null:
 *
 * Makes an address that is none.
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
 * @special: which address
 *
 * Makes one of the addresses that have a name.
 *
 * Nothing is allocated.
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
 * @address: the address as a number, in the byte order of this machine: 127.0.0.1 is 0x7f000001
 *
 * Makes an IPv4 address.
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_new_ipv4 (guint32 address)
{
  guint32 network_order = g_htonl (address);

  return new_ipv4_bytes ((const guint8 *) &network_order);
}

/**
 * qnet_host_address_new_ipv6:
 * @bytes: (array length=length) (element-type guint8): the bytes, in network order
 * @length: their number: 16
 * @error: return location for an error
 *
 * Makes an IPv6 address, without a scope.
 *
 * Any other number of bytes is an error,
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

  return new_ipv6_scoped (bytes, NULL);
}

/**
 * qnet_host_address_from_string:
 * @text: the address as text
 *
 * Reads an address.
 *
 * White space around it is ignored. IPv4 is read as the C library's `inet_aton()` reads it. Each
 * part is decimal, octal after a leading `0`, or hexadecimal after `0x`, so that `0x7f.1` and
 * `0177.0.0.1` are 127.0.0.1; and there may be fewer than four parts, of which the last fills what
 * remains: `127.1` is 127.0.0.1, `123.0.0` is 123.0.0.0 and `4294967295` is 255.255.255.255. Where
 * such forms are a danger, because someone has checked the text before who reads them in another
 * way, go on with [method@HostAddress.to_string] of what was read.
 *
 * An IPv6 address may end in `%` and a scope, the name or number of an interface, which need not
 * exist yet. Names of hosts are not looked up.
 *
 * `0.0.0.0` and `::` become the unspecified address of their family; there is no text for
 * [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress].
 *
 * Where text that is no address is a mistake, use [func@HostAddress.parse], which fails with an
 * error.
 *
 * Returns: (transfer full) (nullable): the address, or %NULL when @text is none
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_from_string (const char *text)
{
  g_autofree char *stripped = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  stripped = g_strstrip (g_strdup (text));

  return strchr (stripped, ':') != NULL ? parse_ipv6 (stripped) : parse_ipv4 (stripped);
}

/**
 * qnet_host_address_parse:
 * @text: the address as text
 * @error: return location for an error
 *
 * Reads an address, as [func@HostAddress.from_string] does, and fails where @text is none.
 *
 * The error is [QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION][error@SocketError].
 *
 * Returns: (transfer full): the address
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_parse (const char  *text,
                         GError     **error)
{
  QnetHostAddress *address;
  g_autofree char *readable = NULL;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  address = qnet_host_address_from_string (text);
  if (address != NULL)
    return address;

  readable = g_utf8_make_valid (text, -1);
  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("“%s” is neither an IPv4 nor an IPv6 address"), readable);

  return NULL;
}

/**
 * qnet_host_address_with_scope_id:
 * @self: an address
 * @scope_id: (nullable): the name or the number of an interface; %NULL or `""` for no scope
 *
 * Makes the same address with another scope.
 *
 * White space around @scope_id is ignored. Only IPv6 has scopes: any other address is returned as it
 * is.
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

  return new_ipv6_scoped (self->bytes, *stripped != '\0' ? g_steal_pointer (&stripped) : NULL);
}

/**
 * qnet_host_address_ref:
 * @self: an address
 *
 * Takes a reference. It may be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_host_address_ref (const QnetHostAddress *self)
{
  QnetHostAddress *counted = (QnetHostAddress *) self;  /* its value stays const */

  g_return_val_if_fail (self != NULL, NULL);

  if (!self->is_constant)
    g_atomic_int_inc (&counted->ref_count);

  return counted;
}

/**
 * qnet_host_address_unref:
 * @self: (transfer full): an address
 *
 * Gives a reference back. It may be called from any thread; the last one frees the address.
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
 * Gets the protocol that the address belongs to.
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
 * Gets the interface on which an IPv6 address is meant.
 *
 * Returns: (nullable): its name or its number, as it was given, or %NULL for no scope
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
 * qnet_host_address_to_string:
 * @self: an address
 *
 * Writes the address as text.
 *
 * IPv6 is written as RFC 5952 wants it: lower case, without leading zeros, the longest run of zeros
 * as `::`, and a v4-mapped address as `::ffff:192.0.2.1`. A scope follows after `%`. Null gives
 * `""`, and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress] gives `::`, although it differs from
 * [QNET_SPECIAL_ADDRESS_ANY_IPV6][enum@SpecialAddress]. Everything else comes back from
 * [func@HostAddress.from_string] as it was.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
qnet_host_address_to_string (const QnetHostAddress *self)
{
  char text[INET6_ADDRSTRLEN] = "";

  g_return_val_if_fail (self != NULL, NULL);

  switch (self->protocol)
    {
    case QNET_NETWORK_LAYER_PROTOCOL_IPV4:
      inet_ntop (AF_INET, self->bytes + IPV4_OFFSET, text, sizeof text);
      break;

    case QNET_NETWORK_LAYER_PROTOCOL_IPV6:
    case QNET_NETWORK_LAYER_PROTOCOL_ANY_IP:
      inet_ntop (AF_INET6, self->bytes, text, sizeof text);
      break;

    case QNET_NETWORK_LAYER_PROTOCOL_UNKNOWN:
      break;
    }

  return g_strconcat (text, self->scope_id != NULL ? "%" : NULL, self->scope_id, NULL);
}

/**
 * qnet_host_address_to_ipv4:
 * @self: an address
 * @address: (out) (optional): the address as a number, in the byte order of this machine
 *
 * Gets an IPv4 address as a number.
 *
 * v4-mapped addresses (`::ffff:192.0.2.1`) are IPv4 in disguise and convert as well, and so do `::`
 * and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress], which give 0.
 *
 * Returns: whether it is an IPv4 address; if not, @address is left alone
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
 * Gets the address as the bytes of an IPv6 address, in network order.
 *
 * IPv4 addresses become v4-mapped ones, but 0.0.0.0 becomes `::`. Null gives zeros, too.
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
 * @other: another
 *
 * Compares two addresses strictly.
 *
 * They are equal if protocol, bytes and scope are: `127.0.0.1` differs from `::ffff:127.0.0.1`. The
 * name and the number of an interface are one scope. See
 * [method@HostAddress.is_equal] for a comparison that overlooks such things. Cast to
 * [callback@GLib.EqualFunc] it fits a hash table.
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
 * @special: which address to compare it with
 *
 * Compares an address strictly with one that has a name.
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
 * qnet_host_address_is_equal:
 * @self: an address
 * @other: another
 * @conversion: which differences to overlook
 *
 * Compares two addresses as tolerantly as you like.
 *
 * What @conversion names is taken for the IPv4 address that it means, on both sides, and then the
 * two are compared. Addresses with a scope are always taken as they are.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
qnet_host_address_is_equal (const QnetHostAddress *self,
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
 * @other: another
 *
 * Puts addresses in order.
 *
 * Null comes first, then IPv4, IPv6 and [QNET_SPECIAL_ADDRESS_ANY][enum@SpecialAddress]; within a
 * family the order is that of the numbers, and then of the scopes. Addresses for which this gives 0
 * are those that are [equal][method@HostAddress.equal].
 *
 * Returns: less than, equal to, or more than 0 when @self comes before, is, or comes after @other
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
 * Makes a number of an address, the same one for equal addresses.
 *
 * Cast to [callback@GLib.HashFunc] it fits a hash table.
 *
 * Returns: the hash
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

  return hash;  /* without the scope, which has two spellings */
}

/**
 * qnet_host_address_is_null:
 * @self: an address
 *
 * Tells whether it is no address at all.
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
