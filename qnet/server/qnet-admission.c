/* qnet-admission.c: which peers a server admits, and how many connections each has
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "server/qnet-admission-private.h"

typedef struct
{
  QnetNetworkKey key;
  int            n;    /* connections */
} Network;

QnetAdmission *
qnet_admission_new (void)
{
  QnetAdmission *self = g_new0 (QnetAdmission, 1);

  self->ipv4_prefix = QNET_ADMISSION_IPV4_PREFIX;
  self->ipv6_prefix = QNET_ADMISSION_IPV6_PREFIX;
  self->networks = g_hash_table_new_full (qnet_network_key_hash, qnet_network_key_equal, g_free,
                                          NULL);
  self->connections = g_hash_table_new (NULL, NULL);

  return self;
}

void
qnet_admission_free (QnetAdmission *self)
{
  g_clear_object (&self->filter);
  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->networks);
  g_free (self);
}

static QnetNetworkKey
get_network (const QnetAdmission  *self,
             const QnetNetworkKey *peer)
{
  QnetNetworkKey key = *peer;

  qnet_network_key_shorten (&key, (guint) (key.is_ipv4 ? self->ipv4_prefix : self->ipv6_prefix));

  return key;
}

static gboolean
has_reached_limit (QnetAdmission        *self,
                   const QnetNetworkKey *peer)
{
  QnetNetworkKey key = get_network (self, peer);
  const Network *network = g_hash_table_lookup (self->networks, &key);

  return network != NULL && network->n >= self->limit;
}

QnetVerdict
qnet_admission_judge (QnetAdmission        *self,
                      const QnetNetworkKey *peer)
{
  if (self->filter != NULL && !qnet_address_filter_allows (self->filter, peer))
    return QNET_VERDICT_DENIED;

  if (self->limit > 0 && peer != NULL && has_reached_limit (self, peer))
    return QNET_VERDICT_TOO_MANY;

  return QNET_VERDICT_ADMITTED;
}

static Network *
find_or_insert (QnetAdmission        *self,
                const QnetNetworkKey *key)
{
  Network *network = g_hash_table_lookup (self->networks, key);

  if (network != NULL)
    return network;

  network = g_new0 (Network, 1);
  network->key = *key;
  g_hash_table_add (self->networks, network);

  return network;
}

void
qnet_admission_add (QnetAdmission        *self,
                    gpointer              connection,
                    const QnetNetworkKey *peer)
{
  QnetNetworkKey key;
  Network *network;

  if (self->limit == 0 || g_hash_table_contains (self->connections, connection))
    return;

  key = get_network (self, peer);
  network = find_or_insert (self, &key);
  network->n++;
  g_hash_table_insert (self->connections, connection, network);
}

void
qnet_admission_remove (QnetAdmission *self,
                       gpointer       connection)
{
  gpointer value;
  Network *network;

  if (!g_hash_table_steal_extended (self->connections, connection, NULL, &value))
    return;

  network = value;
  if (--network->n == 0)
    g_hash_table_remove (self->networks, network);
}

void
qnet_admission_reset (QnetAdmission *self)
{
  g_hash_table_remove_all (self->connections);
  g_hash_table_remove_all (self->networks);
}
