/* qnet-host-name.c: the canonical form of host names and addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-name-private.h"

#include <string.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-i18n-private.h"

#define MAX_LABEL 63

/* Any label (RFC 9525, section 6.3) */
#define WILDCARD "*."

/* The characters that separate the host from the other parts of a URI, and white space. */
#define FORBIDDEN " \f\n\r\t\v%/:?#@[]\\"

/* Addresses */

/* "[::1]". In brackets "%25" introduces the scope (RFC 6874), but "%" is common. */
static QnetHostAddress *
parse_bracketed (const char *text)
{
  gsize length = strlen (text);
  g_autofree char *inner = NULL;
  g_autofree char *unscoped = NULL;
  g_autoptr(QnetHostAddress) address = NULL;
  const char *scope;

  if (length < 2 || text[length - 1] != ']')
    return NULL;

  inner = g_strndup (text + 1, length - 2);
  if (strchr (inner, ':') == NULL)
    return NULL;

  scope = strstr (inner, "%25");
  if (scope == NULL || scope[strlen ("%25")] == '\0')
    return qnet_host_address_from_string (inner);

  unscoped = g_strndup (inner, scope - inner);
  address = qnet_host_address_from_string (unscoped);
  if (address == NULL)
    return NULL;

  return qnet_host_address_with_scope_id (address, scope + strlen ("%25"));
}

static QnetHostAddress *
parse_literal (const char *text)
{
  return text[0] == '[' ? parse_bracketed (text) : qnet_host_address_from_string (text);
}

/* Replaces the index of an interface by its name. */
static QnetHostAddress *
normalize_scope (const QnetHostAddress *address)
{
  const char *scope_id = qnet_host_address_get_scope_id (address);
  g_autofree char *normal = NULL;

  if (scope_id == NULL)
    return qnet_host_address_ref (address);

  normal = qnet_scope_id_normalize (scope_id);

  return qnet_host_address_with_scope_id (address, normal);
}

/* A v4-mapped address is the same host as the IPv4 address. */
static char *
canonicalize_address (const QnetHostAddress *address)
{
  g_autoptr(QnetHostAddress) normal = normalize_scope (address);
  g_autoptr(QnetHostAddress) ipv4 = NULL;
  guint32 number;

  if (!qnet_host_address_to_ipv4 (normal, &number) || number == 0)
    return qnet_host_address_to_string (normal);  /* :: and 0.0.0.0 are different families */

  ipv4 = qnet_host_address_new_ipv4 (number);

  return qnet_host_address_to_string (ipv4);
}

/* Names */

/* RFC 1035: each label has 1 to 63 octets. */
static gboolean
has_valid_labels (const char *name)
{
  for (;; name++)
    {
      gsize length = strcspn (name, ".");

      if (length == 0 || length > MAX_LABEL)
        return FALSE;

      name += length;
      if (*name == '\0')
        return TRUE;
    }
}

static void
remove_final_dot (char *name)
{
  gsize length = strlen (name);

  if (length > 0 && name[length - 1] == '.')
    name[length - 1] = '\0';
}

/* g_hostname_to_ascii() replaces the four dots of IDNA, and returns names in ASCII unchanged. */
static char *
encode_name (const char *name)
{
  g_autofree char *encoded = NULL;

  if (!g_utf8_validate (name, -1, NULL))
    return NULL;

  encoded = g_hostname_to_ascii (name);
  if (encoded == NULL)
    return NULL;

  remove_final_dot (encoded);
  if (strpbrk (encoded, FORBIDDEN) != NULL || !has_valid_labels (encoded))
    return NULL;

  return g_ascii_strdown (encoded, -1);
}

/* For the other folders */

QnetHostAddress *
qnet_host_name_to_address (const char *name)
{
  QnetHostAddress *address;
  g_autofree char *encoded = NULL;

  if (!g_utf8_validate (name, -1, NULL))
    return NULL;

  address = parse_literal (name);
  if (address != NULL)
    return address;

  /* "127.0.0.1." is an address once it is encoded and its final dot is removed. */
  encoded = encode_name (name);

  return encoded != NULL ? parse_literal (encoded) : NULL;
}

char *
qnet_host_name_canonicalize (const char *name)
{
  g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (name);

  return address != NULL ? canonicalize_address (address) : encode_name (name);
}

char *
qnet_host_name_to_identity (const char *name)
{
  g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (name);
  g_autoptr(QnetHostAddress) unscoped = NULL;

  if (address == NULL)
    return encode_name (name);

  unscoped = qnet_host_address_with_scope_id (address, NULL);

  return canonicalize_address (unscoped);
}

char *
qnet_host_name_to_pattern (const char *pattern)
{
  g_autofree char *parent = NULL;

  if (!g_str_has_prefix (pattern, WILDCARD))
    return qnet_host_name_to_identity (pattern);

  parent = encode_name (pattern + strlen (WILDCARD));

  return parent != NULL ? g_strconcat (WILDCARD, parent, NULL) : NULL;
}

gboolean
qnet_host_name_equal (const char *name,
                      const char *other)
{
  g_autofree char *canonical = qnet_host_name_canonicalize (name);
  g_autofree char *canonical_other = qnet_host_name_canonicalize (other);

  return canonical != NULL && g_strcmp0 (canonical, canonical_other) == 0;
}

gboolean
qnet_host_name_same (const char *name,
                     const char *other)
{
  return strcmp (name, other) == 0 || qnet_host_name_equal (name, other);
}

char *
qnet_host_name_to_display (const char *name,
                           guint16     port)
{
  g_autoptr(QnetHostAddress) address = qnet_host_name_to_address (name);

  if (address != NULL)
    return qnet_host_address_to_display (address, port);

  /* Translators: a host and its port */
  return g_strdup_printf (_("%s port %u"), name, port);
}
