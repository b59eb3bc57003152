/* qnet-proxy-exceptions.c: hosts that are reached without a proxy: those of no_proxy, and this
 * machine
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-proxy-exceptions-private.h"

#include <string.h>
#include <unistd.h>

#include "address/qnet-host-name-private.h"

#include "qnet-network-interface.h"

#define ANY_PORT -1

/* A host in its canonical form: v4-mapped addresses are IPv4. */
typedef struct
{
  QnetHostAddress *address;  /* (owned) (nullable) */
  char            *name;     /* (owned) (nullable): if it is not an address */
} Host;

/* One entry of the list */
typedef struct
{
  char            *name;           /* (owned) (nullable): canonical */
  gboolean         is_only_below;  /* only the subdomains of name: ".example.org" */
  QnetHostAddress *network;        /* (owned) (nullable): its first address */
  int              prefix_length;
  int              port;           /* or ANY_PORT */
} Entry;

struct _QnetProxyExceptions
{
  gboolean   has_all;
  GPtrArray *entries;  /* (owned): Entry */
};

/* Hosts */

static void
host_init (Host       *host,
           const char *text)
{
  g_autofree char *canonical = qnet_host_name_canonicalize (text);

  host->address = canonical != NULL ? qnet_host_address_from_string (canonical) : NULL;
  host->name = host->address == NULL ? g_steal_pointer (&canonical) : NULL;
}

static void
host_clear (Host *host)
{
  g_clear_pointer (&host->address, qnet_host_address_unref);
  g_clear_pointer (&host->name, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Host, host_clear)

static gboolean
is_below (const char *name,
          const char *domain)
{
  gsize length = strlen (name);
  gsize domain_length = strlen (domain);

  return length > domain_length && name[length - domain_length - 1] == '.'
         && strcmp (name + length - domain_length, domain) == 0;
}

/* Entries */

static void
entry_free (Entry *entry)
{
  g_free (entry->name);
  g_clear_pointer (&entry->network, qnet_host_address_unref);
  g_free (entry);
}

/* Removes a port from the end of @text: "example.org:80" or "[::1]:80", but not "::1". */
static int
take_port (char *text)
{
  char *colon = strrchr (text, ':');
  guint64 port;

  if (colon == NULL || colon == text
      || (colon[-1] != ']' && strchr (text, ':') != colon)
      || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
    return ANY_PORT;

  *colon = '\0';

  return (int) port;
}

/* "10.0.0.0/8", or an address, which is a network with a single address. */
static gboolean
read_network (Entry      *entry,
              const char *text)
{
  g_auto(Host) host = { NULL, };
  gboolean is_ipv6;

  if (strchr (text, '/') != NULL)
    return qnet_host_address_parse_subnet (text, &entry->network, &entry->prefix_length, NULL);

  host_init (&host, text);
  if (host.address == NULL)
    return FALSE;

  is_ipv6 = qnet_host_address_get_protocol (host.address) == QNET_NETWORK_LAYER_PROTOCOL_IPV6;
  entry->network = g_steal_pointer (&host.address);
  entry->prefix_length = is_ipv6 ? 128 : 32;

  return TRUE;
}

static gboolean
read_name (Entry      *entry,
           const char *text)
{
  if (*text == '*')
    text++;

  entry->is_only_below = *text == '.';
  entry->name = qnet_host_name_canonicalize (entry->is_only_below ? text + 1 : text);

  return entry->name != NULL;
}

static void
add_entry (QnetProxyExceptions *self,
           char                *text)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->port = take_port (text);

  if (read_network (entry, text) || read_name (entry, text))
    g_ptr_array_add (self->entries, entry);
  else
    entry_free (entry);
}

static gboolean
entry_matches (const Entry *entry,
               const Host  *host,
               int          port)
{
  if (entry->port != ANY_PORT && entry->port != port)
    return FALSE;

  if (host->address != NULL)
    return entry->network != NULL
           && qnet_host_address_is_in_subnet (host->address, entry->network, entry->prefix_length);

  return entry->name != NULL
         && (is_below (host->name, entry->name)
             || (!entry->is_only_below && strcmp (host->name, entry->name) == 0));
}

/* This machine */

static gboolean
has_interface_with (const QnetHostAddress *address)
{
  g_autoptr(GPtrArray) own = qnet_network_interface_list_all_addresses ();

  for (guint i = 0; i < own->len; i++)
    {
      if (qnet_host_address_equal (own->pdata[i], address))
        return TRUE;
    }

  return FALSE;
}

/* 0.0.0.0 or ::, also v4-mapped: a connection to them reaches this machine. */
static gboolean
is_unspecified (const QnetHostAddress *address)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);

  return qnet_host_address_equal_full (address, any,
                                       QNET_ADDRESS_CONVERSION_UNSPECIFIED
                                         | QNET_ADDRESS_CONVERSION_V4_MAPPED);
}

static gboolean
is_own_address (const QnetHostAddress *address)
{
  return qnet_host_address_is_loopback (address)
         || is_unspecified (address)
         || has_interface_with (address);
}

/* RFC 6761, section 6.3, and the host name of the machine. */
static gboolean
is_own_name (const char *name)
{
  char own[256];

  if (strcmp (name, "localhost") == 0 || is_below (name, "localhost"))
    return TRUE;

  return gethostname (own, sizeof own) == 0 && memchr (own, '\0', sizeof own) != NULL
         && qnet_host_name_equal (name, own);
}

/* Interface */

QnetProxyExceptions *
qnet_proxy_exceptions_new (const char *list)
{
  QnetProxyExceptions *self = g_new0 (QnetProxyExceptions, 1);
  g_auto(GStrv) words = g_strsplit_set (list, ", \t\n", -1);

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (strcmp (words[i], "*") == 0)
        self->has_all = TRUE;
      else
        add_entry (self, words[i]);
    }

  return self;
}

void
qnet_proxy_exceptions_free (QnetProxyExceptions *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

gboolean
qnet_proxy_exceptions_contain (QnetProxyExceptions *self,
                               const char          *host,
                               int                  port)
{
  g_auto(Host) canonical = { NULL, };

  if (self->has_all)
    return TRUE;

  host_init (&canonical, host);
  if (canonical.address == NULL && canonical.name == NULL)
    return FALSE;

  for (guint i = 0; i < self->entries->len; i++)
    {
      if (entry_matches (self->entries->pdata[i], &canonical, port))
        return TRUE;
    }

  return FALSE;
}

gboolean
qnet_host_is_this_machine (const char *host)
{
  g_auto(Host) canonical = { NULL, };

  host_init (&canonical, host);
  if (canonical.address != NULL)
    return is_own_address (canonical.address);

  return canonical.name != NULL && is_own_name (canonical.name);
}
