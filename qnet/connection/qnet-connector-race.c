/* qnet-connector-race.c: the addresses of a host race, and the first to connect wins
 *
 * The race is that of RFC 8305 ("Happy Eyeballs"): the address families alternate; the next address
 * joins when the attempt delay is over, or at once when an attempt has failed. Addresses that are
 * found while it runs join it, too.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <netinet/in.h>

#include "base/qnet-container-private.h"
#include "base/qnet-syscall-private.h"
#include "connection/qnet-connector-parts-private.h"

/* One address in the race. */
typedef struct
{
  QnetConnector   *connector;
  QnetHostAddress *address;  /* (owned) */
  int              fd;       /* (owned), unless it is the bound one; -1 until it is created */
  QnetWatch        watch;
} Attempt;

static void attempt_ready (QnetWatch     *watch,
                           QnetReadiness  readiness);

static const QnetWatchFuncs attempt_watch_funcs = { .ready = attempt_ready };

static Attempt *
attempt_new (QnetConnector   *self,
             QnetHostAddress *address)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->connector = self;
  attempt->address = qnet_host_address_ref (address);
  attempt->fd = -1;
  qnet_watch_init (&attempt->watch, &attempt_watch_funcs, self->watch.set);

  return attempt;
}

static void
attempt_free (Attempt *attempt)
{
  gboolean is_forked = qnet_watch_is_forked (&attempt->watch);

  qnet_watch_clear (&attempt->watch);

  if (attempt->fd != attempt->connector->bound_fd)
    qnet_shutdown_fd (&attempt->fd, is_forked);

  qnet_host_address_unref (attempt->address);
  g_free (attempt);
}

static int
create_descriptor (QnetConnector *self,
                   int            family)
{
  if (self->type == QNET_SOCKET_TYPE_UDP)
    return qnet_sys_socket (family, SOCK_DGRAM, IPPROTO_UDP);

  return qnet_sys_socket (family, SOCK_STREAM, IPPROTO_TCP);
}

/* After a failed connect() Linux requires that the association is dissolved before the next one,
 * which releases a port that the kernel has chosen. EINVAL: it has kept the port. Where a
 * descriptor cannot be used again after a failure, the connect() that follows reports it. */
static int
reset_bound_descriptor (QnetConnector *self)
{
  const struct sockaddr unspecified = { .sa_family = AF_UNSPEC };

  qnet_sys_connect (self->bound_fd, &unspecified, sizeof unspecified);

  if (qnet_sys_bind (self->bound_fd, (struct sockaddr *) &self->bound_name, self->bound_size) < 0
      && errno != EINVAL)
    return errno;

  return 0;
}

static gboolean
open_bound_attempt (QnetConnector   *self,
                    Attempt         *attempt,
                    QnetHostAddress *address)
{
  int error_number = self->n_started == 1 ? 0 : reset_bound_descriptor (self);

  attempt->fd = self->bound_fd;

  if (error_number != 0)
    qnet_connector_note_errno (self, address, error_number);

  return error_number == 0;
}

/* FALSE also when the connector was stopped by configure(): then @attempt is freed. */
static gboolean
open_attempt (QnetConnector   *self,
              Attempt         *attempt,
              QnetHostAddress *address,
              int              family)
{
  GError *error = NULL;

  if (self->bound_fd != -1)
    return open_bound_attempt (self, attempt, address);

  attempt->fd = create_descriptor (self, family);

  if (attempt->fd < 0)
    qnet_connector_note_errno (self, address, errno);
  else if (self->funcs->configure == NULL
           || self->funcs->configure (self, self->owner, attempt->fd, family, &error))
    return qnet_connector_is_racing (self);
  else
    qnet_connector_note_gerror (self, address, error);

  return FALSE;
}

/* The reactor reports a connect() that succeeds at once like any other, as writable. */
static gboolean
begin_attempt (QnetConnector   *self,
               Attempt         *attempt,
               QnetHostAddress *address)
{
  struct sockaddr_storage native;
  socklen_t size = qnet_connector_to_native (self, address, &native);

  if (!open_attempt (self, attempt, address, native.ss_family))
    return FALSE;

  if (qnet_sys_connect (attempt->fd, (struct sockaddr *) &native, size) < 0 && errno != EINPROGRESS)
    {
      qnet_connector_note_errno (self, address, errno);
      return FALSE;
    }

  qnet_watch_start (&attempt->watch, attempt->fd, QNET_READINESS_WRITE);
  return TRUE;
}

static gboolean
start_attempt (QnetConnector   *self,
               QnetHostAddress *address)
{
  Attempt *attempt = attempt_new (self, address);

  g_ptr_array_add (self->attempts, attempt);
  self->n_started++;
  qnet_connector_add_report (self, address, QNET_ATTEMPT_STARTED, NULL);

  if (begin_attempt (self, attempt, address))
    return TRUE;

  g_ptr_array_remove_fast (self->attempts, attempt);  /* not found if the connector was stopped */
  return FALSE;
}

static gboolean
has_untried (QnetConnector *self)
{
  return self->next < self->addresses->len;
}

gboolean
qnet_connector_is_exhausted (QnetConnector *self)
{
  return self->attempts->len == 0 && !has_untried (self) && self->lookup == NULL;
}

/* While nothing is in progress, the lookup is still awaited for as long as it may take. */
static void
wait_for_next (QnetConnector *self)
{
  if (has_untried (self) && self->bound_fd == -1)
    qnet_deadline_start (&self->delay, self->join_time);
  else if (self->attempts->len == 0 && self->lookup != NULL && self->lookup_timeout > 0)
    qnet_deadline_start (&self->delay, self->lookup_end);
}

/* An attempt that fails at once does not delay the next one. */
void
qnet_connector_start_next_attempt (QnetConnector *self)
{
  gboolean has_started = FALSE;

  qnet_deadline_stop (&self->delay);

  while (!has_started && qnet_connector_is_racing (self) && has_untried (self))
    has_started = start_attempt (self, g_ptr_array_index (self->addresses, self->next++));

  if (!qnet_connector_is_racing (self))
    return;

  self->join_time = qnet_clock_until (self->attempt_delay);
  wait_for_next (self);
}

/* The deferral serves a handler of attempt() that waits for the connection or runs a nested loop:
 * the connector ends the race there. */
void
qnet_connector_continue_race (QnetConnector *self)
{
  qnet_connector_start_next_attempt (self);

  if (qnet_connector_is_racing (self) && qnet_connector_is_exhausted (self))
    qnet_watch_defer (&self->watch);

  if (qnet_connector_report_attempts (self)
      && qnet_connector_is_racing (self)
      && qnet_connector_is_exhausted (self))
    qnet_connector_fail_race (self);
}

/* Addresses that were found late wait for their turn, unless nothing is in progress. */
void
qnet_connector_join_late (QnetConnector *self)
{
  if (self->attempts->len == 0)
    qnet_connector_continue_race (self);
  else
    wait_for_next (self);
}

static int
take_socket_error (int fd)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (qnet_sys_getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &size) < 0)
    return errno;

  return error_number;
}

/* The others are closed. */
static void
remove_losers (QnetConnector *self,
               Attempt       *winner)
{
  for (guint i = self->attempts->len; i > 0; i--)
    if (g_ptr_array_index (self->attempts, i - 1) != winner)
      g_ptr_array_remove_index_fast (self->attempts, i - 1);
}

int
qnet_connector_take_winner (QnetConnector    *self,
                            QnetHostAddress **out_address)
{
  Attempt *winner = g_ptr_array_index (self->attempts, 0);
  int fd = winner->fd;

  *out_address = qnet_host_address_ref (winner->address);
  winner->fd = -1;
  if (fd == self->bound_fd)
    self->bound_fd = -1;

  return fd;
}

static void
finish_attempt (QnetConnector *self,
                Attempt       *attempt)
{
  int error_number = take_socket_error (attempt->fd);

  if (error_number == 0)
    {
      qnet_watch_stop (&attempt->watch);
      remove_losers (self, attempt);
      qnet_connector_add_report (self, attempt->address, QNET_ATTEMPT_WON, NULL);
      qnet_connector_win (self);
      return;
    }

  qnet_connector_note_errno (self, attempt->address, error_number);
  g_ptr_array_remove_fast (self->attempts, attempt);
  qnet_connector_continue_race (self);
}

static void
attempt_ready (QnetWatch     *watch,
               QnetReadiness  readiness)
{
  Attempt *attempt = CONTAINER_OF (watch, Attempt, watch);
  QnetConnector *self = qnet_connector_ref (attempt->connector);

  if (qnet_connector_call_found_first (self))
    finish_attempt (self, attempt);

  qnet_connector_unref (self);
}

static void
give_lookup_up (QnetConnector *self)
{
  if (qnet_clock_now () >= self->lookup_end && self->lookup_timeout > 0)
    g_clear_pointer (&self->lookup, qnet_connector_lookup_free);
}

static void
delay_cb (QnetDeadline *deadline)
{
  QnetConnector *self = qnet_connector_ref (CONTAINER_OF (deadline, QnetConnector, delay));

  if (self->step == QNET_CONNECTOR_STEP_LOOKUP)
    qnet_connector_end_resolution_delay (self);
  else
    {
      if (self->attempts->len == 0)
        give_lookup_up (self);

      qnet_connector_continue_race (self);
    }

  qnet_connector_unref (self);
}

void
qnet_connector_list_unanswered (QnetConnector *self)
{
  for (guint i = 0; i < self->attempts->len; i++)
    {
      Attempt *attempt = g_ptr_array_index (self->attempts, i);

      qnet_connector_note_unanswered (self, attempt->address);
    }
}

void
qnet_connector_init_race (QnetConnector *self)
{
  self->attempts = g_ptr_array_new_with_free_func ((GDestroyNotify) attempt_free);
  self->addresses = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);
  self->failures = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&self->reports);
  qnet_deadline_init (&self->delay, delay_cb, self->watch.set);
}

void
qnet_connector_move_race (QnetConnector *self,
                          QnetWaitSet   *set)
{
  qnet_deadline_move (&self->delay, set);

  for (guint i = 0; i < self->attempts->len; i++)
    qnet_watch_move (&((Attempt *) g_ptr_array_index (self->attempts, i))->watch, set);
}
