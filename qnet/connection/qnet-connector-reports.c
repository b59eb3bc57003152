/* qnet-connector-reports.c: what a connector reports about single addresses
 *
 * An attempt can fail inside the call that starts it, and several can in one step. So they are
 * recorded, and reported when the step is over: a handler may do anything.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-connector-parts-private.h"

static void
report_free (gpointer data)
{
  QnetAttemptReport *report = data;

  qnet_host_address_unref (report->address);
  g_clear_error (&report->error);
  g_free (report);
}

void
qnet_connector_add_report (QnetConnector    *self,
                           QnetHostAddress  *address,
                           QnetAttemptState  state,
                           const GError     *error)
{
  QnetAttemptReport *report;

  if (self->funcs->attempt == NULL)
    return;

  report = g_new (QnetAttemptReport, 1);
  report->address = qnet_host_address_ref (address);
  report->state = state;
  report->error = error != NULL ? g_error_copy (error) : NULL;
  g_queue_push_tail (&self->reports, report);
}

/* In a nested loop of a handler the step may be the same, and the queue empty. */
gboolean
qnet_connector_report_attempts (QnetConnector *self)
{
  QnetConnectorStep step = self->step;

  while (self->step == step && self->reports.length > 0)
    {
      QnetAttemptReport *report = g_queue_pop_head (&self->reports);

      self->funcs->attempt (self, self->owner, report->address, report->state, report->error);
      report_free (report);
    }

  return self->step == step;
}

void
qnet_connector_drop_reports (QnetConnector *self)
{
  g_queue_clear_full (&self->reports, report_free);
}
