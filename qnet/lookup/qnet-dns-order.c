/* qnet-dns-order.c: whom to try first
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-dns-order-private.h"

guint32
qnet_dns_chance (guint32 most)
{
  if (most == G_MAXUINT32)
    return g_random_int ();

  return (guint32) (g_random_double () * ((double) most + 1));
}

static QnetDnsRecord *
get (GPtrArray *records,
     guint      i)
{
  return g_ptr_array_index (records, i);
}

/* Puts the record at @from in front of that at @to, and moves those between. */
static void
move_up (GPtrArray *records,
         guint      from,
         guint      to)
{
  QnetDnsRecord *record = get (records, from);

  for (guint i = from; i > to; i--)
    records->pdata[i] = records->pdata[i - 1];

  records->pdata[to] = record;
}

static void
shuffle (GPtrArray     *records,
         QnetDnsChance  chance)
{
  for (guint i = records->len; i > 1; i--)
    move_up (records, chance (i - 1), 0);
}

/* Services */

/* Those of no weight stand first, so that they have a small chance to be chosen. */
static int
compare_services (gconstpointer a,
                  gconstpointer b)
{
  const QnetDnsRecord *record = *(QnetDnsRecord * const *) a;
  const QnetDnsRecord *other = *(QnetDnsRecord * const *) b;

  if (record->srv.priority != other->srv.priority)
    return record->srv.priority < other->srv.priority ? -1 : 1;

  return (record->srv.weight > 0) - (other->srv.weight > 0);
}

static guint
find_end_of_priority (GPtrArray *records,
                      guint      start)
{
  guint end = start + 1;

  while (end < records->len
         && get (records, end)->srv.priority == get (records, start)->srv.priority)
    end++;

  return end;
}

/* The first one at which the sum of the weights reaches what chance says. */
static guint
choose (GPtrArray     *records,
        guint          start,
        guint          end,
        QnetDnsChance  chance)
{
  guint32 sum = 0, wanted;

  for (guint i = start; i < end; i++)
    sum += get (records, i)->srv.weight;

  wanted = chance (sum);
  sum = 0;

  while ((sum += get (records, start)->srv.weight) < wanted)
    start++;

  return start;
}

void
qnet_dns_order_services (GPtrArray     *records,
                         QnetDnsChance  chance)
{
  guint end;

  g_ptr_array_sort (records, compare_services);

  for (guint start = 0; start < records->len; start = end)
    {
      end = find_end_of_priority (records, start);

      for (guint i = start; i < end; i++)
        move_up (records, choose (records, i, end, chance), i);
    }
}

/* Mail */

static int
compare_mail (gconstpointer a,
              gconstpointer b)
{
  const QnetDnsRecord *record = *(QnetDnsRecord * const *) a;
  const QnetDnsRecord *other = *(QnetDnsRecord * const *) b;

  return (int) record->mx.preference - (int) other->mx.preference;
}

/* g_ptr_array_sort() keeps the order of those that are equal, and so what chance has made of it. */
void
qnet_dns_order_mail (GPtrArray     *records,
                     QnetDnsChance  chance)
{
  shuffle (records, chance);
  g_ptr_array_sort (records, compare_mail);
}
