/* qnet-network-interface-system.c: reads the interfaces with getifaddrs() and ioctl()
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address/qnet-network-interface-private.h"

#ifdef __linux__
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#endif

#include "address/qnet-host-address-private.h"

/* The interfaces while they are read. */
typedef struct
{
  GPtrArray  *interfaces;  /* (element-type QnetNetworkInterface) */
  GHashTable *by_name;     /* char (unowned) => QnetNetworkInterface (unowned) */
  GHashTable *lifetimes;   /* (nullable) */
} Scan;

/* Flags */

static QnetInterfaceFlags
translate_flags (guint system_flags)
{
  static const struct
  {
    guint              system;
    QnetInterfaceFlags ours;
  } table[] = {
    { IFF_UP,          QNET_INTERFACE_FLAGS_IS_UP },
    { IFF_RUNNING,     QNET_INTERFACE_FLAGS_IS_RUNNING },
    { IFF_BROADCAST,   QNET_INTERFACE_FLAGS_CAN_BROADCAST },
    { IFF_LOOPBACK,    QNET_INTERFACE_FLAGS_IS_LOOP_BACK },
    { IFF_POINTOPOINT, QNET_INTERFACE_FLAGS_IS_POINT_TO_POINT },
    { IFF_MULTICAST,   QNET_INTERFACE_FLAGS_CAN_MULTICAST },
  };
  QnetInterfaceFlags flags = QNET_INTERFACE_FLAGS_NONE;

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (system_flags & table[i].system)
      flags |= table[i].ours;

  return flags;
}

/* Hardware */

#ifdef __linux__
static QnetInterfaceType
translate_type (guint hardware_type)
{
  static const struct
  {
    guint             system;
    QnetInterfaceType ours;
  } table[] = {
    { ARPHRD_LOOPBACK,           QNET_INTERFACE_TYPE_LOOPBACK },
    { ARPHRD_ETHER,              QNET_INTERFACE_TYPE_ETHERNET },
    { ARPHRD_NONE,               QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_VOID,               QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_TUNNEL,             QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_TUNNEL6,            QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_SIT,                QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_IPGRE,              QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_IP6GRE,             QNET_INTERFACE_TYPE_VIRTUAL },
    { ARPHRD_SLIP,               QNET_INTERFACE_TYPE_SLIP },
    { ARPHRD_CSLIP,              QNET_INTERFACE_TYPE_SLIP },
    { ARPHRD_SLIP6,              QNET_INTERFACE_TYPE_SLIP },
    { ARPHRD_CSLIP6,             QNET_INTERFACE_TYPE_SLIP },
    { ARPHRD_CAN,                QNET_INTERFACE_TYPE_CAN_BUS },
    { ARPHRD_PPP,                QNET_INTERFACE_TYPE_PPP },
    { ARPHRD_FDDI,               QNET_INTERFACE_TYPE_FDDI },
    { ARPHRD_IEEE80211,          QNET_INTERFACE_TYPE_WIFI },
    { ARPHRD_IEEE80211_PRISM,    QNET_INTERFACE_TYPE_WIFI },
    { ARPHRD_IEEE80211_RADIOTAP, QNET_INTERFACE_TYPE_WIFI },
    { ARPHRD_PHONET,             QNET_INTERFACE_TYPE_PHONET },
    { ARPHRD_PHONET_PIPE,        QNET_INTERFACE_TYPE_PHONET },
    { ARPHRD_IEEE802154,         QNET_INTERFACE_TYPE_IEEE802154 },
    { ARPHRD_6LOWPAN,            QNET_INTERFACE_TYPE_SIX_LOWPAN },
    { ARPHRD_IEEE1394,           QNET_INTERFACE_TYPE_IEEE1394 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (hardware_type == table[i].system)
      return table[i].ours;

  return QNET_INTERFACE_TYPE_UNKNOWN;
}

/* Wi-Fi interfaces have the type of Ethernet. The kernel links them to the radio they use. */
static gboolean
is_wireless (const char *name)
{
  g_autofree char *radio = g_build_filename ("/sys/class/net", name, "phy80211", NULL);

  return g_file_test (radio, G_FILE_TEST_EXISTS);
}

static char *
format_hardware_address (const guint8 *bytes,
                         gsize         n_bytes)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (text, "%s%02X", i > 0 ? ":" : "", bytes[i]);

  return g_string_free (text, FALSE);
}

static void
read_hardware (QnetNetworkInterface     *interface,
               const struct sockaddr_ll *hardware)
{
  gsize n_bytes = MIN (hardware->sll_halen, sizeof hardware->sll_addr);

  interface->index = hardware->sll_ifindex;
  interface->type = translate_type (hardware->sll_hatype);

  if (interface->type == QNET_INTERFACE_TYPE_ETHERNET && is_wireless (interface->name))
    interface->type = QNET_INTERFACE_TYPE_WIFI;

  g_free (interface->hardware_address);
  interface->hardware_address = format_hardware_address (hardware->sll_addr, n_bytes);
}
#endif

static guint
read_mtu (int         fd,
          const char *name)
{
#ifdef SIOCGIFMTU
  struct ifreq request = { 0 };

  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);

  if (fd >= 0 && ioctl (fd, SIOCGIFMTU, &request) == 0)
    return request.ifr_mtu;
#endif

  return 0;
}

/* Addresses */

static QnetHostAddress *
read_address (const struct sockaddr *native)  /* (nullable) */
{
  struct sockaddr_storage storage = { .ss_family = AF_UNSPEC };

  if (native != NULL && native->sa_family == AF_INET)
    memcpy (&storage, native, sizeof (struct sockaddr_in));
  else if (native != NULL && native->sa_family == AF_INET6)
    memcpy (&storage, native, sizeof (struct sockaddr_in6));

  return qnet_host_address_take_native (&storage, FALSE, NULL);
}

/* If no broadcast address is set, glibc reports the address itself, or that of the peer of a
 * point-to-point link. In the first case the last address of the network is used; a link with a
 * peer has no network. */
static QnetHostAddress *
choose_broadcast (const struct ifaddrs      *from,
                  QnetHostAddress           *ip,
                  QnetHostAddress           *netmask,
                  const QnetAddressLifetime *lifetime)  /* (nullable) */
{
  g_autoptr(QnetHostAddress) broadcast = NULL;
  guint32 number, mask;

  if (!(from->ifa_flags & IFF_BROADCAST)
      || qnet_host_address_get_protocol (ip) != QNET_NETWORK_LAYER_PROTOCOL_IPV4
      || (lifetime != NULL && lifetime->has_peer && !lifetime->has_broadcast))
    return NULL;

  broadcast = read_address (from->ifa_broadaddr);
  if (!qnet_host_address_is_null (broadcast) && !qnet_host_address_equal (broadcast, ip))
    return g_steal_pointer (&broadcast);

  if (!qnet_host_address_to_ipv4 (ip, &number) || !qnet_host_address_to_ipv4 (netmask, &mask)
      || mask >= 0xfffffffe)
    return NULL;

  return qnet_host_address_new_ipv4 (number | ~mask);
}

static QnetDnsEligibility
get_dns_eligibility (QnetHostAddress           *ip,
                     const QnetAddressLifetime *lifetime)  /* (nullable) */
{
  if ((lifetime != NULL && (lifetime->is_temporary || lifetime->is_deprecated))
      || qnet_host_address_is_loopback (ip)
      || qnet_host_address_is_link_local (ip))
    return QNET_DNS_ELIGIBILITY_INELIGIBLE;

  return QNET_DNS_ELIGIBILITY_ELIGIBLE;
}

static void
add_entry (Scan                 *scan,
           QnetNetworkInterface *interface,
           const struct ifaddrs *from)
{
  g_autoptr(QnetHostAddress) ip = read_address (from->ifa_addr);
  g_autoptr(QnetHostAddress) netmask = read_address (from->ifa_netmask);
  QnetNetworkAddressEntry *entry = qnet_network_address_entry_new_for_netmask (ip, netmask, NULL);
  const QnetAddressLifetime *lifetime
    = qnet_address_lifetimes_find (scan->lifetimes, interface->index, ip, entry->prefix_length);
  QnetHostAddress *broadcast = choose_broadcast (from, ip, netmask, lifetime);

  if (broadcast != NULL)
    {
      qnet_host_address_unref (entry->broadcast);
      entry->broadcast = broadcast;
    }

  entry->dns_eligibility = get_dns_eligibility (ip, lifetime);
  if (lifetime != NULL)
    {
      entry->lifetime_known = TRUE;
      entry->preferred_until = lifetime->preferred_until;
      entry->valid_until = lifetime->valid_until;
    }

  g_ptr_array_add (interface->entries, entry);
}

/* Interfaces */

static QnetNetworkInterface *
add_interface (Scan *scan,
               char    *name,  /* (transfer full) */
               guint    system_flags)
{
  QnetNetworkInterface *interface = g_new0 (QnetNetworkInterface, 1);

  g_atomic_int_set (&interface->ref_count, 1);
  interface->name = name;
  interface->hardware_address = g_strdup ("");
  interface->flags = translate_flags (system_flags);
  interface->index = if_nametoindex (name);
  interface->entries
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_network_address_entry_unref);

  g_ptr_array_add (scan->interfaces, interface);
  g_hash_table_insert (scan->by_name, interface->name, interface);

  return interface;
}

/* An address may have a label, "eth0:1", which getifaddrs() reports instead of the name. */
static QnetNetworkInterface *
get_interface (Scan                 *scan,
               const struct ifaddrs *from)
{
  g_autofree char *name = g_strndup (from->ifa_name, strcspn (from->ifa_name, ":"));
  QnetNetworkInterface *interface = g_hash_table_lookup (scan->by_name, name);

  if (interface == NULL)
    interface = add_interface (scan, g_steal_pointer (&name), from->ifa_flags);

  return interface;
}

static void
add_ifaddr (Scan                 *scan,
            const struct ifaddrs *from)
{
  QnetNetworkInterface *interface = get_interface (scan, from);

  if (from->ifa_addr == NULL)
    return;

  switch (from->ifa_addr->sa_family)
    {
    case AF_INET:
    case AF_INET6:
      add_entry (scan, interface, from);
      break;

#ifdef __linux__
    case AF_PACKET:
      read_hardware (interface, (gconstpointer) from->ifa_addr);
      break;
#endif

    default:
      break;
    }
}

static void
read_mtus (GPtrArray *interfaces)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  for (guint i = 0; i < interfaces->len; i++)
    {
      QnetNetworkInterface *interface = g_ptr_array_index (interfaces, i);

      interface->mtu = read_mtu (fd, interface->name);
    }

  if (fd >= 0)
    close (fd);
}

static int
compare_indices (gconstpointer a,
                 gconstpointer b)
{
  const QnetNetworkInterface *interface = *(QnetNetworkInterface * const *) a;
  const QnetNetworkInterface *other = *(QnetNetworkInterface * const *) b;

  return interface->index < other->index ? -1 : interface->index > other->index;
}

GPtrArray *
qnet_network_interface_read_all (void)
{
  g_autoptr(GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) lifetimes = qnet_address_lifetimes_read ();
  Scan scan = { .by_name = by_name, .lifetimes = lifetimes };
  struct ifaddrs *all = NULL;

  scan.interfaces
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_network_interface_unref);

  if (getifaddrs (&all) != 0)
    return scan.interfaces;

  for (struct ifaddrs *from = all; from != NULL; from = from->ifa_next)
    add_ifaddr (&scan, from);

  freeifaddrs (all);
  read_mtus (scan.interfaces);
  g_ptr_array_sort (scan.interfaces, compare_indices);

  return scan.interfaces;
}
