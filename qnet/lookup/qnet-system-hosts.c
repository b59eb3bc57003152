/* qnet-system-hosts.c: what decides for which family of addresses the system is asked
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-system-hosts-private.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define HOSTS_FILE "/etc/hosts"

/* The hosts file */

static gboolean
line_has_name (char       *line,
               const char *name,
               gsize       size)
{
  char *rest = line;
  const char *field;

  line[strcspn (line, "#")] = '\0';
  (void) strtok_r (rest, " \t\r", &rest);  /* the address */

  while ((field = strtok_r (NULL, " \t\r", &rest)) != NULL)
    if (strlen (field) == size && g_ascii_strncasecmp (field, name, size) == 0)
      return TRUE;

  return FALSE;
}

gboolean
qnet_hosts_text_has_name (const char *text,
                          const char *name)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  gsize size = strlen (name);

  if (g_str_has_suffix (name, "."))
    size--;

  for (gsize i = 0; lines[i] != NULL; i++)
    if (line_has_name (lines[i], name, size))
      return TRUE;

  return FALSE;
}

gboolean
qnet_hosts_file_has_name (const char *name)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (HOSTS_FILE, &text, NULL, NULL)
         && qnet_hosts_text_has_name (text, name);
}

/* The addresses of this machine */

static gboolean
is_family (const struct ifaddrs *entry,
           int                   family)
{
  return entry->ifa_addr != NULL
         && entry->ifa_addr->sa_family == family
         && (entry->ifa_flags & IFF_LOOPBACK) == 0;
}

gboolean
qnet_has_addresses_for (QnetNetworkLayerProtocol protocol)
{
  gboolean has_ipv4 = FALSE;
  gboolean has_ipv6 = FALSE;
  struct ifaddrs *all;

  if (getifaddrs (&all) != 0)
    return TRUE;

  for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next)
    {
      has_ipv4 |= is_family (entry, AF_INET);
      has_ipv6 |= is_family (entry, AF_INET6);
    }

  freeifaddrs (all);

  return protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4 ? has_ipv4 || !has_ipv6
                                                      : has_ipv6 || !has_ipv4;
}
