/* qnet-destination-order.c: which family of a host comes first, by RFC 6724
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-destination-order-private.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-syscall-private.h"

#define GAI_CONF "/etc/gai.conf"
#define ANY_PORT 9  /* connect() of a datagram socket sends nothing */

/* Scopes, RFC 4291, section 2.7 */
#define SCOPE_LINK_LOCAL 0x2
#define SCOPE_SITE_LOCAL 0x5
#define SCOPE_GLOBAL     0xe

/* The policy table */

typedef struct
{
  const char *network;
  guint       prefix_length;
  guint       precedence;
  guint       label;
} Row;

/* RFC 6724, section 2.1 */
static const Row defaults[] = {
  { "::1",        128, 50, 0 },
  { "::",           0, 40, 1 },
  { "::ffff:0:0",  96, 35, 4 },
  { "2002::",      16, 30, 2 },
  { "2001::",      32,  5, 5 },
  { "fc00::",       7,  3, 13 },
  { "::",          96,  1, 3 },
  { "fec0::",      10,  1, 11 },
  { "3ffe::",      16,  1, 12 },
};

static gboolean
add_policy (GArray     *table,
            const char *network,
            guint       prefix_length,
            guint       value)
{
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (network);
  QnetPolicy policy = { .prefix_length = prefix_length, .value = value };

  if (address == NULL || prefix_length > 128)
    return FALSE;

  memcpy (policy.prefix, qnet_host_address_peek_bytes (address), sizeof policy.prefix);
  g_array_append_val (table, policy);

  return TRUE;
}

/* "precedence ::ffff:0:0/96 100"; other lines are ignored. */
static void
read_line (const char *line,
           const char *keyword,
           GArray     *table)
{
  char word[16], network[64];
  guint prefix_length, value;

  if (sscanf (line, "%15s %63[^/ \t]/%u %u", word, network, &prefix_length, &value) == 4
      && g_str_equal (word, keyword))
    add_policy (table, network, prefix_length, value);
}

static GArray *
read_policies (const char *gai_conf,  /* (nullable) */
               const char *keyword)
{
  g_auto(GStrv) lines = g_strsplit (gai_conf != NULL ? gai_conf : "", "\n", -1);
  GArray *table = g_array_new (FALSE, FALSE, sizeof (QnetPolicy));

  for (gsize i = 0; lines[i] != NULL; i++)
    read_line (lines[i], keyword, table);

  return table;
}

/* A single line of a kind replaces all the default ones of that kind. */
void
qnet_policy_table_init (QnetPolicyTable *self,
                        const char      *gai_conf)
{
  gboolean has_precedences, has_labels;

  self->precedences = read_policies (gai_conf, "precedence");
  self->labels = read_policies (gai_conf, "label");
  has_precedences = self->precedences->len > 0;
  has_labels = self->labels->len > 0;

  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      const Row *row = &defaults[i];

      if (!has_precedences)
        add_policy (self->precedences, row->network, row->prefix_length, row->precedence);
      if (!has_labels)
        add_policy (self->labels, row->network, row->prefix_length, row->label);
    }
}

void
qnet_policy_table_clear (QnetPolicyTable *self)
{
  g_clear_pointer (&self->precedences, g_array_unref);
  g_clear_pointer (&self->labels, g_array_unref);
}

/* That of the longest prefix. */
static guint
find_value (GArray          *table,
            QnetHostAddress *address)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (address);
  const QnetPolicy *best = NULL;

  for (guint i = 0; i < table->len; i++)
    {
      const QnetPolicy *policy = &g_array_index (table, QnetPolicy, i);

      if (qnet_address_bits_equal (bytes, policy->prefix, policy->prefix_length)
          && (best == NULL || policy->prefix_length > best->prefix_length))
        best = policy;
    }

  return best != NULL ? best->value : 0;
}

/* The rules */

/* RFC 6724, section 3.1 for unicast, and 3.2 for IPv4 */
static int
get_scope (QnetHostAddress *address)
{
  const guint8 *bytes = qnet_host_address_peek_bytes (address);

  if (bytes[0] == 0xff)
    return bytes[1] & 0xf;
  if (qnet_host_address_is_loopback (address) || qnet_host_address_is_link_local (address))
    return SCOPE_LINK_LOCAL;

  return qnet_host_address_is_site_local (address) ? SCOPE_SITE_LOCAL : SCOPE_GLOBAL;
}

static gboolean
has_matching_scope (QnetHostAddress *address,
                    QnetHostAddress *source)
{
  return get_scope (address) == get_scope (source);
}

static gboolean
has_matching_label (const QnetPolicyTable *self,
                    QnetHostAddress       *address,
                    QnetHostAddress       *source)
{
  return find_value (self->labels, address) == find_value (self->labels, source);
}

/* The rules 3, 4 and 7 are about sources that the kernel chooses only if it has no other one, and
 * rule 9 is about two addresses of one family. */
int
qnet_policy_table_compare (const QnetPolicyTable *self,
                           QnetHostAddress       *a,
                           QnetHostAddress       *source_of_a,
                           QnetHostAddress       *b,
                           QnetHostAddress       *source_of_b)
{
  int order;

  if (source_of_a == NULL || source_of_b == NULL)  /* rule 1 */
    return (source_of_a == NULL) - (source_of_b == NULL);

  order = has_matching_scope (b, source_of_b) - has_matching_scope (a, source_of_a);  /* 2 */

  if (order == 0)
    order = has_matching_label (self, b, source_of_b) - has_matching_label (self, a, source_of_a);
  if (order == 0)
    order = (int) find_value (self->precedences, b) - (int) find_value (self->precedences, a);
  if (order == 0)
    order = get_scope (a) - get_scope (b);  /* 8 */

  return order;
}

/* The system */

/* (transfer full) (nullable): NULL if there is no route */
static QnetHostAddress *
find_source (QnetHostAddress *address)
{
  QnetHostAddress *source = NULL;
  struct sockaddr_storage native;
  socklen_t size = qnet_host_address_to_native (address, ANY_PORT, &native);
  int fd = qnet_sys_socket (native.ss_family, SOCK_DGRAM, 0);
  guint16 port;

  if (fd < 0)
    return NULL;

  if (qnet_sys_connect (fd, (struct sockaddr *) &native, size) == 0)
    {
      size = sizeof native;
      if (qnet_sys_getsockname (fd, (struct sockaddr *) &native, &size) == 0)
        source = qnet_host_address_take_native (&native, FALSE, &port);
    }

  qnet_clear_fd (&fd);

  return source;
}

gboolean
qnet_destination_prefers_ipv6 (QnetHostAddress *ipv6,
                               QnetHostAddress *ipv4)
{
  g_autoptr(QnetHostAddress) ipv6_source = find_source (ipv6);
  g_autoptr(QnetHostAddress) ipv4_source = find_source (ipv4);
  g_autofree char *gai_conf = NULL;
  QnetPolicyTable table;
  int order;

  (void) g_file_get_contents (GAI_CONF, &gai_conf, NULL, NULL);

  qnet_policy_table_init (&table, gai_conf);
  order = qnet_policy_table_compare (&table, ipv6, ipv6_source, ipv4, ipv4_source);
  qnet_policy_table_clear (&table);

  return order <= 0;
}
