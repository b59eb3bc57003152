/* qnet-connector.c: the steps of one attempt to connect
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "address/qnet-host-name-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-connector-parts-private.h"
#include "lookup/qnet-host-question-private.h"

/* The step */

#define TO(step) QNET_TO (QNET_CONNECTOR_STEP_##step)

static const QnetEdges edges[] = {
  [QNET_CONNECTOR_STEP_NEW]         = TO (LOOKUP) | TO (DIALED) | TO (FAILED) | TO (ENDED),
  [QNET_CONNECTOR_STEP_LOOKUP]      = TO (FOUND) | TO (ENDED),
  [QNET_CONNECTOR_STEP_FOUND]       = TO (CONNECTING) | TO (ENDED),
  [QNET_CONNECTOR_STEP_DIALED]      = TO (DIAL_FAILED) | TO (CONNECTING) | TO (ENDED),
  [QNET_CONNECTOR_STEP_DIAL_FAILED] = TO (FAILED) | TO (ENDED),
  [QNET_CONNECTOR_STEP_CONNECTING]  = TO (WON) | TO (ENDED),
  [QNET_CONNECTOR_STEP_WON]         = TO (ENDED),
  [QNET_CONNECTOR_STEP_FAILED]      = TO (ENDED),
  [QNET_CONNECTOR_STEP_ENDED]       = TO (ENDED),  /* free() ends what has ended */
};

#undef TO

/* The only writer of the step. */
static void
set_step (QnetConnector     *self,
          QnetConnectorStep  step)
{
  QNET_CHECK_EDGE (edges, self->step, step);

  self->step = step;
}

gboolean
qnet_connector_is_racing (QnetConnector *self)
{
  return self->step == QNET_CONNECTOR_STEP_DIALED || self->step == QNET_CONNECTOR_STEP_CONNECTING;
}

/* Reference counts: each callback may free the connector, which is used again afterwards */

QnetConnector *
qnet_connector_ref (QnetConnector *self)
{
  self->ref_count++;

  return self;
}

void
qnet_connector_unref (QnetConnector *self)
{
  if (--self->ref_count > 0)
    return;

  g_free (self->host);
  g_clear_pointer (&self->literal, qnet_host_address_unref);
  g_ptr_array_unref (self->addresses);
  g_ptr_array_unref (self->attempts);
  g_ptr_array_unref (self->failures);
  qnet_connector_drop_reports (self);
  g_clear_error (&self->error);
  g_free (self);
}

/* The end */

/* The host may have moved if none of its addresses could be connected to before the attempt ended:
 * the next attempt looks them up again. In the child of a fork the cache may be locked by a thread
 * that does not exist there. */
static void
forget_addresses (QnetConnector *self)
{
  if (self->step == QNET_CONNECTOR_STEP_CONNECTING
      && self->host != NULL
      && self->watch.set != NULL
      && !qnet_reactor_is_forked (self->watch.set->reactor))
    qnet_connector_lookup_forget (self->host);
}

/* Stops everything and calls nothing back. */
static void
stop (QnetConnector *self)
{
  set_step (self, QNET_CONNECTOR_STEP_ENDED);

  qnet_deadline_stop (&self->timeout);
  qnet_deadline_stop (&self->delay);
  g_ptr_array_set_size (self->attempts, 0);
  qnet_watch_clear (&self->watch);
  qnet_clear_fd (&self->bound_fd);
  g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
}

static void
give_up (QnetConnector *self)
{
  forget_addresses (self);
  stop (self);
}

static void
fail (QnetConnector *self,
      GError        *error)  /* (transfer full) */
{
  give_up (self);
  self->funcs->failed (self, self->owner, error);
}

/* A connect() of a datagram socket does not show that the address works. */
static void
remember (QnetConnector   *self,
          QnetHostAddress *address)
{
  if (self->host != NULL && self->type != QNET_SOCKET_TYPE_UDP)
    qnet_connector_lookup_remember (self->host, address);
}

static void
succeed (QnetConnector *self)
{
  g_autoptr(QnetHostAddress) address = NULL;
  int fd = qnet_connector_take_winner (self, &address);

  remember (self, address);
  stop (self);
  self->funcs->connected (self, self->owner, fd, address);
}

/* The deferral serves a handler of attempt() that waits for the connection or runs a nested
 * loop. */
void
qnet_connector_win (QnetConnector *self)
{
  set_step (self, QNET_CONNECTOR_STEP_WON);

  qnet_deadline_stop (&self->timeout);
  qnet_deadline_stop (&self->delay);
  g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
  qnet_watch_defer (&self->watch);

  if (qnet_connector_report_attempts (self))
    succeed (self);
}

void
qnet_connector_fail_race (QnetConnector *self)
{
  if (self->step == QNET_CONNECTOR_STEP_DIALED)
    set_step (self, QNET_CONNECTOR_STEP_DIAL_FAILED);
  else
    fail (self, qnet_connector_take_error (self));
}

/* Calls found() in @step. A handler that waits for the connection, or that runs a nested loop, may
 * bring the race to its end: returns whether the step is still the same. */
static gboolean
call_found (QnetConnector     *self,
            QnetConnectorStep  step)
{
  set_step (self, step);
  self->funcs->found (self, self->owner);

  return self->step == step;
}

gboolean
qnet_connector_call_found_first (QnetConnector *self)
{
  return self->step != QNET_CONNECTOR_STEP_DIALED
         || (call_found (self, QNET_CONNECTOR_STEP_CONNECTING)
             && qnet_connector_report_attempts (self));
}

/* The steps, in the order in which they happen */

/* Returns whether there are addresses to try. */
static gboolean
take_answers (QnetConnector *self)
{
  g_autoptr(GPtrArray) found = qnet_connector_lookup_take_addresses (self->lookup);

  return qnet_connector_add_addresses (self, found);
}

static void
take_late_answers (QnetConnector *self)
{
  if (self->lookup == NULL)
    return;

  (void) take_answers (self);

  if (qnet_connector_lookup_is_complete (self->lookup))
    g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
}

/* In start(): nothing is called back. */
static void
dial (QnetConnector *self)
{
  qnet_connector_start_next_attempt (self);

  if (qnet_connector_is_racing (self) && qnet_connector_is_exhausted (self))
    qnet_connector_fail_race (self);
}

static void
begin_race (QnetConnector     *self,
            QnetConnectorStep  step)
{
  set_step (self, step);

  if (self->connect_timeout > 0)
    qnet_deadline_start (&self->timeout, qnet_clock_until (self->connect_timeout));

  if (step == QNET_CONNECTOR_STEP_DIALED)
    dial (self);
  else
    {
      take_late_answers (self);
      qnet_connector_continue_race (self);
    }
}

/* The deferral serves a handler of found() that waits for the connection or runs a nested loop:
 * connector_ready() begins the race there. */
static void
handle_addresses (QnetConnector *self)
{
  if (self->lookup != NULL && qnet_connector_lookup_is_complete (self->lookup))
    g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
  qnet_watch_defer (&self->watch);

  if (!call_found (self, QNET_CONNECTOR_STEP_FOUND))
    return;

  if (self->lookup == NULL)
    qnet_watch_stop (&self->watch);
  begin_race (self, QNET_CONNECTOR_STEP_CONNECTING);
}

/* None of the addresses can be used, if there are any. */
static void
fail_lookup (QnetConnector *self)
{
  GError *error = qnet_connector_lookup_take_error (self->lookup);

  fail (self, error != NULL ? error : qnet_connector_new_no_address_error (self));
}

static void
begin_with_answers (QnetConnector *self)
{
  if (take_answers (self))
    {
      qnet_deadline_stop (&self->timeout);
      qnet_deadline_stop (&self->delay);
      handle_addresses (self);
    }
  else if (qnet_connector_lookup_is_complete (self->lookup))
    fail_lookup (self);
}

/* RFC 8305, section 3: the answer for the family that is not preferred waits for the other one, but
 * not for long. */
static void
handle_answer (QnetConnector *self)
{
  if (qnet_connector_lookup_is_decided (self->lookup))
    begin_with_answers (self);
  else if (!qnet_deadline_is_running (&self->delay))
    qnet_deadline_start (&self->delay, qnet_clock_until (QNET_RESOLUTION_DELAY));
}

void
qnet_connector_end_resolution_delay (QnetConnector *self)
{
  begin_with_answers (self);
}

static void
connector_ready (QnetWatch     *watch,
                 QnetReadiness  readiness)
{
  QnetConnector *self = qnet_connector_ref (CONTAINER_OF (watch, QnetConnector, watch));

  switch (self->step)
    {
    case QNET_CONNECTOR_STEP_LOOKUP:
      handle_answer (self);
      break;

    case QNET_CONNECTOR_STEP_FOUND:
      begin_race (self, QNET_CONNECTOR_STEP_CONNECTING);
      break;

    case QNET_CONNECTOR_STEP_DIALED:
      (void) qnet_connector_call_found_first (self);
      break;

    case QNET_CONNECTOR_STEP_CONNECTING:
      take_late_answers (self);
      qnet_connector_join_late (self);
      break;

    case QNET_CONNECTOR_STEP_WON:
      succeed (self);
      break;

    case QNET_CONNECTOR_STEP_DIAL_FAILED:
      qnet_watch_defer (&self->watch);  /* for a handler that waits, or runs a loop */
      if (call_found (self, QNET_CONNECTOR_STEP_FAILED) && qnet_connector_report_attempts (self))
        fail (self, qnet_connector_take_error (self));
      break;

    case QNET_CONNECTOR_STEP_FAILED:
      if (qnet_connector_report_attempts (self))
        fail (self, qnet_connector_take_error (self));
      break;

    case QNET_CONNECTOR_STEP_NEW:
    case QNET_CONNECTOR_STEP_ENDED:
      break;
    }

  qnet_connector_unref (self);
}

static void
connector_orphaned (QnetWatch *watch)
{
  give_up (CONTAINER_OF (watch, QnetConnector, watch));
}

static const QnetWatchFuncs connector_watch_funcs = {
  .ready = connector_ready,
  .orphaned = connector_orphaned,
};

/* The addresses of one family may have been found. */
static void
time_out (QnetConnector *self)
{
  if (self->step == QNET_CONNECTOR_STEP_LOOKUP && take_answers (self))
    {
      g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
      qnet_deadline_stop (&self->delay);
      handle_addresses (self);
    }
  else
    fail (self, qnet_connector_new_timeout_error (self));
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetConnector *self = qnet_connector_ref (CONTAINER_OF (deadline, QnetConnector, timeout));

  time_out (self);
  qnet_connector_unref (self);
}

/* Interface */

QnetConnector *
qnet_connector_new (QnetWaitSet                *set,
                    const QnetConnectorFuncs   *funcs,
                    gpointer                    owner,
                    const QnetConnectorRequest *request)
{
  QnetConnector *self = g_new0 (QnetConnector, 1);

  self->ref_count = 1;
  self->funcs = funcs;
  self->owner = owner;
  self->port = request->port;
  self->protocol = request->protocol;
  self->type = request->type;
  self->bound_fd = request->bound_fd;
  self->bound_name.ss_family = AF_UNSPEC;
  self->lookup_timeout = request->lookup_timeout;
  self->connect_timeout = request->connect_timeout;
  self->attempt_delay = request->attempt_delay;

  if (request->address != NULL)
    self->literal = qnet_host_address_ref (request->address);
  else
    self->literal = qnet_host_name_to_address (request->host);

  if (self->literal == NULL)
    self->host = g_strdup (request->host);

  qnet_watch_init (&self->watch, &connector_watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);
  qnet_connector_init_race (self);

  return self;
}

static void
fail_to_start (QnetConnector *self,
               GError        *error)  /* (transfer full) */
{
  self->error = error;
  set_step (self, QNET_CONNECTOR_STEP_FAILED);
  qnet_watch_defer (&self->watch);
}

/* connect() is called here, so that a peer in the same thread does not depend on our loop. The
 * outcome is reported in the next iteration. */
static void
dial_literal (QnetConnector *self)
{
  g_autoptr(GPtrArray) literal = g_ptr_array_new ();

  g_ptr_array_add (literal, self->literal);

  if (!qnet_connector_add_addresses (self, literal))
    {
      fail_to_start (self, qnet_connector_new_no_address_error (self));
      return;
    }

  qnet_watch_defer (&self->watch);
  begin_race (self, QNET_CONNECTOR_STEP_DIALED);
}

/* A host that cannot be a name is not looked up. */
static void
look_up (QnetConnector *self)
{
  GError *error = NULL;

  if (!qnet_host_question_check_name (self->host, &error))
    {
      fail_to_start (self, error);
      return;
    }

  set_step (self, QNET_CONNECTOR_STEP_LOOKUP);

  self->lookup_end = qnet_clock_until (self->lookup_timeout);
  if (self->lookup_timeout > 0)
    qnet_deadline_start (&self->timeout, self->lookup_end);

  self->lookup = qnet_connector_lookup_new (self->host, self->protocol, &self->watch);
}

void
qnet_connector_start (QnetConnector *self)
{
  g_assert (self->step == QNET_CONNECTOR_STEP_NEW);

  qnet_connector_ref (self);
  qnet_connector_inspect_bound_descriptor (self);

  if (self->literal != NULL)
    dial_literal (self);
  else
    look_up (self);

  qnet_connector_unref (self);
}

gboolean
qnet_connector_is_looking_up (QnetConnector *self)
{
  return self->step == QNET_CONNECTOR_STEP_LOOKUP;
}

void
qnet_connector_move (QnetConnector *self,
                     QnetWaitSet   *set,
                     gpointer       owner)
{
  self->owner = owner;
  qnet_watch_move (&self->watch, set);
  qnet_deadline_move (&self->timeout, set);
  qnet_connector_move_race (self, set);
}

void
qnet_connector_free (QnetConnector *self)
{
  give_up (self);
  qnet_connector_unref (self);
}
