/* qnet-dns-order.c: the order in which to try the records of a reply
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-order-private.h"

guint32
qnet_dns_random (guint32 most)
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

/* Moves the record at @from to @to, and those between by one. */
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
shuffle (GPtrArray         *records,
         QnetDnsRandomFunc  random_number)
{
  for (guint i = 0; i + 1 < records->len; i++)
    {
      guint chosen = i + random_number (records->len - 1 - i);
      QnetDnsRecord *record = get (records, chosen);

      records->pdata[chosen] = records->pdata[i];
      records->pdata[i] = record;
    }
}

/* Services */

/* Records without weight come first, so that they can be chosen, too. */
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

/* Chooses the first record at which the sum of the weights reaches a random number. */
static guint
choose (GPtrArray         *records,
        guint              start,
        guint              end,
        QnetDnsRandomFunc  random_number)
{
  guint32 sum = 0, wanted;

  for (guint i = start; i < end; i++)
    sum += get (records, i)->srv.weight;

  wanted = random_number (sum);
  sum = 0;

  while ((sum += get (records, start)->srv.weight) < wanted)
    start++;

  return start;
}

void
qnet_dns_order_services (GPtrArray         *records,
                         QnetDnsRandomFunc  random_number)
{
  guint end;

  g_ptr_array_sort (records, compare_services);

  for (guint start = 0; start < records->len; start = end)
    {
      end = find_end_of_priority (records, start);

      for (guint i = start; i < end; i++)
        move_up (records, choose (records, i, end, random_number), i);
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

/* g_ptr_array_sort() is stable, so it preserves the random order of equal records. */
void
qnet_dns_order_mail (GPtrArray         *records,
                     QnetDnsRandomFunc  random_number)
{
  shuffle (records, random_number);
  g_ptr_array_sort (records, compare_mail);
}

/* Service bindings (RFC 9460, section 2.4.1) */

static int
compare_bindings (gconstpointer a,
                  gconstpointer b)
{
  const QnetDnsRecord *record = *(QnetDnsRecord * const *) a;
  const QnetDnsRecord *other = *(QnetDnsRecord * const *) b;

  if (record->type != other->type)
    return (int) record->type - (int) other->type;

  return (int) record->svcb.priority - (int) other->svcb.priority;
}

void
qnet_dns_order_bindings (GPtrArray         *records,
                         QnetDnsRandomFunc  random_number)
{
  shuffle (records, random_number);
  g_ptr_array_sort (records, compare_bindings);
}

/* Naming authorities (RFC 3403, section 4.1) */

static int
compare_naming (gconstpointer a,
                gconstpointer b)
{
  const QnetDnsRecord *record = *(QnetDnsRecord * const *) a;
  const QnetDnsRecord *other = *(QnetDnsRecord * const *) b;

  if (record->naptr.order != other->naptr.order)
    return (int) record->naptr.order - (int) other->naptr.order;

  return (int) record->naptr.preference - (int) other->naptr.preference;
}

void
qnet_dns_order_naming (GPtrArray *records)
{
  g_ptr_array_sort (records, compare_naming);
}
