/* qnet-address-lifetimes.c: the lifetimes of addresses, read from Linux with rtnetlink(7)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-address-private.h"
#include "address/qnet-network-interface-private.h"

#ifdef __linux__

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE 32768  /* the most that the kernel fills */
#define FOREVER     G_MAXUINT32

typedef struct
{
  guint32 interface_index;
  guint32 prefix_length;  /* an interface may have an address in two networks */
  guint8  bytes[16];
} Key;

static guint
key_hash (gconstpointer key)
{
  const Key *self = key;
  guint hash = self->interface_index * 31 + self->prefix_length;

  for (gsize i = 0; i < sizeof self->bytes; i++)
    hash = hash * 31 + self->bytes[i];

  return hash;
}

static gboolean
key_equal (gconstpointer a,
           gconstpointer b)
{
  return memcmp (a, b, sizeof (Key)) == 0;
}

/* One message */

static gboolean
read_address (Key                 *key,
              guint                family,
              const struct rtattr *attribute)
{
  gsize size = family == AF_INET ? 4 : 16;

  if (RTA_PAYLOAD (attribute) < size)
    return FALSE;

  memset (key->bytes, 0, sizeof key->bytes);
  if (family == AF_INET)
    memset (key->bytes + 10, 0xff, 2);
  memcpy (key->bytes + 16 - size, RTA_DATA (attribute), size);

  return TRUE;
}

static gint64
get_end_time (guint32 seconds)
{
  return seconds == FOREVER ? -1 : g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
}

static void
read_lifetime (QnetAddressLifetime *lifetime,
               const struct rtattr *attribute)
{
  struct ifa_cacheinfo info;

  if (RTA_PAYLOAD (attribute) < sizeof info)
    return;

  memcpy (&info, RTA_DATA (attribute), sizeof info);
  lifetime->preferred_until = get_end_time (info.ifa_prefered);
  lifetime->valid_until = get_end_time (info.ifa_valid);
}

/* RTA_NEXT() and NLMSG_NEXT() cast a char pointer, which -Wcast-align warns about. The kernel
 * aligns what follows. */

static const struct rtattr *
get_next_attribute (const struct rtattr *attribute,
                    int                 *left)
{
  const char *next = (const char *) attribute + RTA_ALIGN (attribute->rta_len);

  *left -= (int) RTA_ALIGN (attribute->rta_len);

  return (gconstpointer) next;
}

static const struct nlmsghdr *
get_next_message (const struct nlmsghdr *header,
                  gsize                 *left)
{
  const char *next = (const char *) header + NLMSG_ALIGN (header->nlmsg_len);

  *left -= MIN (*left, NLMSG_ALIGN (header->nlmsg_len));

  return (gconstpointer) next;
}

static gboolean
differ (const struct rtattr *attribute,
        const struct rtattr *other)
{
  return RTA_PAYLOAD (attribute) == RTA_PAYLOAD (other)
         && memcmp (RTA_DATA (attribute), RTA_DATA (other), RTA_PAYLOAD (attribute)) != 0;
}

/* On a point-to-point link IFA_LOCAL is the address of the interface and IFA_ADDRESS that of the
 * peer. */
static void
read_message (GHashTable            *lifetimes,
              const struct nlmsghdr *header)
{
  const struct ifaddrmsg *message = NLMSG_DATA (header);
  g_autofree Key *key = g_new0 (Key, 1);
  QnetAddressLifetime lifetime = { .preferred_until = -1, .valid_until = -1 };
  const struct rtattr *local = NULL, *other = NULL;
  gboolean has_address = FALSE;
  int left = IFA_PAYLOAD (header);

  key->interface_index = message->ifa_index;
  key->prefix_length = message->ifa_prefixlen;
  lifetime.is_temporary = message->ifa_family == AF_INET6
                          && (message->ifa_flags & IFA_F_TEMPORARY) != 0;
  lifetime.is_deprecated = (message->ifa_flags & IFA_F_DEPRECATED) != 0;

  for (const struct rtattr *attribute
         = (gconstpointer) ((const char *) message + NLMSG_ALIGN (sizeof *message));
       RTA_OK (attribute, left); attribute = get_next_attribute (attribute, &left))
    {
      if (attribute->rta_type == IFA_LOCAL)
        local = attribute;
      else if (attribute->rta_type == IFA_ADDRESS)
        other = attribute;
      else if (attribute->rta_type == IFA_BROADCAST)
        lifetime.has_broadcast = TRUE;
      else if (attribute->rta_type == IFA_CACHEINFO)
        read_lifetime (&lifetime, attribute);
    }

  if (local != NULL || other != NULL)
    has_address = read_address (key, message->ifa_family, local != NULL ? local : other);

  lifetime.has_peer = local != NULL && other != NULL && differ (local, other);

  if (has_address)
    g_hash_table_replace (lifetimes, g_steal_pointer (&key),
                          g_memdup2 (&lifetime, sizeof lifetime));
}

/* The dump */

static gboolean
send_request (int fd)
{
  struct
  {
    struct nlmsghdr  header;
    struct ifaddrmsg message;
  } request = {
    .header = {
      .nlmsg_len = NLMSG_LENGTH (sizeof (struct ifaddrmsg)),
      .nlmsg_type = RTM_GETADDR,
      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
    },
    .message = { .ifa_family = AF_UNSPEC },
  };

  return send (fd, &request, request.header.nlmsg_len, 0) == (gssize) request.header.nlmsg_len;
}

/* Returns FALSE at the end of the dump. */
static gboolean
read_messages (GHashTable            *lifetimes,
               const struct nlmsghdr *header,
               gsize                  left)
{
  for (; NLMSG_OK (header, left); header = get_next_message (header, &left))
    {
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
        return FALSE;

      if (header->nlmsg_type == RTM_NEWADDR)
        read_message (lifetimes, header);
    }

  return TRUE;
}

static void
read_dump (GHashTable *lifetimes,
           int         fd)
{
  g_autofree struct nlmsghdr *buffer = g_malloc (BUFFER_SIZE);
  gssize size;

  do
    do
      size = recv (fd, buffer, BUFFER_SIZE, 0);
    while (size < 0 && errno == EINTR);
  while (size > 0 && read_messages (lifetimes, buffer, size));
}

GHashTable *
qnet_address_lifetimes_read (void)
{
  GHashTable *lifetimes = g_hash_table_new_full (key_hash, key_equal, g_free, g_free);
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0)
    return lifetimes;

  if (send_request (fd))
    read_dump (lifetimes, fd);

  close (fd);

  return lifetimes;
}

const QnetAddressLifetime *
qnet_address_lifetimes_find (GHashTable            *lifetimes,
                             guint                  interface_index,
                             const QnetHostAddress *ip,
                             int                    prefix_length)
{
  Key key = { .interface_index = interface_index, .prefix_length = (guint32) prefix_length };

  memcpy (key.bytes, qnet_host_address_peek_bytes (ip), sizeof key.bytes);

  return g_hash_table_lookup (lifetimes, &key);
}

#else  /* other systems do not report lifetimes */

GHashTable *
qnet_address_lifetimes_read (void)
{
  return NULL;
}

const QnetAddressLifetime *
qnet_address_lifetimes_find (GHashTable            *lifetimes,
                             guint                  interface_index,
                             const QnetHostAddress *ip,
                             int                    prefix_length)
{
  return NULL;
}

#endif
