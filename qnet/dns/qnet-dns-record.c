/* qnet-dns-record.c: a DNS record of any type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-record-private.h"

QnetDnsRecord *
qnet_dns_record_new (guint16  type,
                     char    *name,
                     guint32  time_to_live)
{
  QnetDnsRecord *self = g_atomic_rc_box_new0 (QnetDnsRecord);

  self->type = type;
  self->name = name;
  self->time_to_live = time_to_live;

  return self;
}

static void
clear (QnetDnsRecord *self)
{
  g_free (self->name);
  g_free (self->value);
  g_clear_pointer (&self->address, qnet_host_address_unref);
  for (gsize i = 0; i < G_N_ELEMENTS (self->texts); i++)
    g_free (self->texts[i]);
  g_clear_pointer (&self->strings, g_ptr_array_unref);
  g_clear_pointer (&self->parameters, g_array_unref);
  g_clear_pointer (&self->hints, g_ptr_array_unref);
  g_clear_pointer (&self->data, g_bytes_unref);
}

QnetDnsRecord *
qnet_dns_record_ref (QnetDnsRecord *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
qnet_dns_record_unref (QnetDnsRecord *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}
