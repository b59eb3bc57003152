/* qnet-dns-lookup-waiting.c: waiting for records without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "base/qnet-wait-private.h"
#include "lookup/qnet-dns-lookup-private.h"

#include "qnet-error.h"

static gboolean
report (const GError  *failure,  /* (nullable) */
        GError       **error)
{
  if (failure != NULL && error != NULL)
    *error = g_error_copy (failure);

  return failure == NULL;
}

/* A handler of the end may begin the next look-up and wait for that, within this wait: each hears
 * of its own one. */
static void
wait_until (QnetDnsLookup *self,
            QnetDnsWait   *wait,
            gint64         until)
{
  QnetDnsWait *outer = self->wait;

  self->wait = wait;
  while (!wait->has_ended && qnet_dns_lookup_is_running (self)
         && qnet_wait_set_iterate (&self->set, until))
    continue;
  self->wait = outer;
}

/**
 * qnet_dns_lookup_wait_for_finished:
 * @self: a look-up
 * @msecs: how long to wait at most, in milliseconds; -1 for as long as it takes
 * @error: return location for an error
 *
 * Waits until the look-up has ended, without a main loop.
 *
 * [signal@DnsLookup::finished] is emitted meanwhile, and nothing else happens. When time is up the
 * error is [QNET_DNS_LOOKUP_ERROR_TIMEOUT][error@DnsLookupError] and the look-up goes on; otherwise
 * it is that of the look-up. It is [QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST][error@DnsLookupError]
 * where no look-up was begun.
 *
 * Returns: whether the look-up has ended well
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_wait_for_finished (QnetDnsLookup  *self,
                                   int             msecs,
                                   GError        **error)
{
  g_autoptr(QnetDnsLookup) alive = NULL;
  QnetDnsWait wait = { FALSE, NULL };
  g_autoptr(GError) failure = NULL;

  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  alive = g_object_ref (self);

  if (self->is_finished)
    return report (self->error, error);

  wait_until (self, &wait, qnet_clock_until (msecs));
  failure = wait.error;

  if (wait.has_ended)
    return report (failure, error);

  if (qnet_wait_is_interrupted ())
    return FALSE;

  if (self->query != NULL)
    g_set_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_TIMEOUT,
                 _("Could not wait for the lookup of “%s”: it takes longer than %g s"),
                 self->asked, msecs / 1000.0);
  else
    g_set_error_literal (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                         _("Could not wait for a lookup: none was begun"));

  return FALSE;
}
