/* qnet-dns-lookup-waiting.c: waiting for a lookup without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "records/qnet-dns-lookup-private.h"

#include "qnet-error.h"

static gboolean
report (const GError  *failure,  /* (nullable) */
        GError       **error)
{
  if (failure != NULL && error != NULL)
    *error = g_error_copy (failure);

  return failure == NULL;
}

/* Performs one step. FALSE ends the wait, with @error set unless it was interrupted. */
static gboolean
step (QnetDnsLookup         *self,
      const QnetWaitLimits  *limits,
      GError               **error)
{
  QnetWaitStep outcome = qnet_wait_set_step (&self->set, limits);

  if (outcome == QNET_WAIT_STEP_HAPPENED)
    return TRUE;

  if (!qnet_wait_step_is_stopped (outcome, limits, error))
    /* Translators: a name, and a number of seconds */
    g_set_error (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_TIMEOUT,
                 _("Could not wait for the lookup of “%s”: The lookup takes longer than %g s"),
                 self->running_name, limits->msecs / 1000.0);

  return FALSE;
}

/* A handler may have aborted the lookup, or its main context may no longer exist. */
static gboolean
fail_idle (GError **error)
{
  g_set_error_literal (error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                       _("Could not wait for a lookup: No lookup was started"));

  return FALSE;
}

/* A handler of finished may begin the next lookup and wait for that, within this wait: each is
 * notified of its own one. */
static gboolean
wait_until_ended (QnetDnsLookup         *self,
                  QnetDnsWait           *wait,
                  const QnetWaitLimits  *limits,
                  GError               **error)
{
  while (!wait->has_ended)
    {
      if (!qnet_dns_lookup_is_running (self))
        return fail_idle (error);
      if (!step (self, limits, error))
        return FALSE;
    }

  return report (wait->error, error);
}

/**
 * qnet_dns_lookup_wait_for_finished:
 * @self: a lookup
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @error: return location for an error
 *
 * Blocks until the lookup has finished, without a main loop.
 *
 * [signal@DnsLookup::finished] is emitted before this function returns; no other sources are
 * dispatched. If the lookup has failed, @error is the error of the lookup. If it does not finish
 * within @msecs, this function fails with [QNET_DNS_LOOKUP_ERROR_TIMEOUT][error@DnsLookupError],
 * and the lookup continues. If no lookup was started, it fails with
 * [QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST][error@DnsLookupError].
 *
 * Returns: %TRUE if the lookup has succeeded
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_wait_for_finished (QnetDnsLookup  *self,
                                   int             msecs,
                                   GError        **error)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);
  QNET_DNS_LOOKUP_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  return qnet_dns_lookup_wait_for_finished_full (self, msecs, NULL, error);
}

/**
 * qnet_dns_lookup_wait_for_finished_full:
 * @self: a lookup
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until the lookup has ended, as [method@DnsLookup.wait_for_finished] does, until
 * @cancellable is cancelled at most.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum], and the lookup
 * continues.
 *
 * Returns: whether the lookup has succeeded
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_wait_for_finished_full (QnetDnsLookup  *self,
                                        int             msecs,
                                        GCancellable   *cancellable,
                                        GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldLookup) hold = NULL;
  QnetDnsWait wait = { FALSE, NULL };
  QnetDnsWait *outer;
  QnetWaitLimits limits;
  gboolean has_succeeded;

  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_DNS_LOOKUP_CHECK_CALLER_OR_FAIL (self, error, FALSE);

  if (self->is_finished)
    return report (self->error, error);

  hold = qnet_dns_lookup_hold (self);
  outer = self->wait;
  self->wait = &wait;
  qnet_wait_limits_init (&limits, msecs, cancellable);
  has_succeeded = wait_until_ended (self, &wait, &limits, error);
  self->wait = outer;
  g_clear_error (&wait.error);

  return has_succeeded;
}
