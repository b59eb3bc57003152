/* qnet-channel-datagrams.c: when datagrams can be received and sent
 *
 * The owner receives and sends datagrams itself. Usually it receives all of them when received() is
 * called, so the watch need not change. If the descriptor is reported again, and the owner has not
 * tried to receive since, it is not watched until the owner does.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "channel/qnet-channel-parts-private.h"

#include <poll.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

/* Failures */

/* Takes the error that ICMP has reported for a datagram of a connected socket. */
static void
fetch_failure (QnetChannel *channel)
{
  int error_number = qnet_sys_take_error (channel->transport.fd);
  GError *error = NULL;

  if (error_number == 0)
    return;

  qnet_set_error_from_errno (&error, error_number, _("A datagram could not be delivered"));
  qnet_channel_report_failure (channel, error);
}

static void
report_failure (QnetChannel *channel)
{
  g_autoptr(GError) error = g_steal_pointer (&channel->read_error);

  if (error != NULL)
    channel->funcs->failed (channel, error);
}

/* Arrivals */

static void
handle_arrival (QnetChannel *channel)
{
  if (channel->readable_state != QNET_READABLE_UNKNOWN)
    {
      qnet_channel_set_readable_state (channel, QNET_READABLE_UNWATCHED);
      return;
    }

  qnet_channel_set_readable_state (channel, QNET_READABLE_REPORTED);
  channel->funcs->received (channel);
}

/* Returns whether receiving was shut down, perhaps by another process. The event may have been for
 * an error that another call has taken since, so the kernel is asked again. */
static gboolean
is_shut_down (QnetChannel *channel)
{
  struct pollfd pollfd = { channel->transport.fd, POLLRDHUP, 0 };

  return poll (&pollfd, 1, 0) == 1 && (pollfd.revents & (POLLHUP | POLLRDHUP)) != 0;
}

/* Asks the kernel. */
static gboolean
has_datagram (QnetChannel *channel)
{
  if (qnet_sys_recvfrom (channel->transport.fd, NULL, 0, MSG_PEEK, NULL) >= 0)
    return TRUE;

  qnet_channel_rearm_received (channel);

  return FALSE;
}

/* Such a descriptor reports it repeatedly, and no more datagrams arrive: those that have arrived
 * are reported, and it is no longer watched. */
static void
end_datagrams (QnetChannel *channel)
{
  gboolean has_arrival = channel->readable_state == QNET_READABLE_UNKNOWN
                         && qnet_channel_is_reading (channel)
                         && has_datagram (channel);

  qnet_channel_set_read_state (channel, QNET_READ_ENDED);

  if (has_arrival)
    handle_arrival (channel);
}

/* See qnet_channel_report_queued(). */
static void
handle_queued (QnetChannel *channel)
{
  if (!channel->input_waits || !qnet_channel_is_reading (channel))
    return;

  channel->input_waits = FALSE;
  if (channel->readable_state == QNET_READABLE_UNKNOWN && channel->read_queue.length > 0)
    handle_arrival (channel);
}

/* A descriptor with an error counts as readable, even if there is nothing to read. */
static void
handle_readable (QnetChannel   *channel,
                 QnetReadiness  readiness)
{
  if ((readiness & QNET_READINESS_READ) == 0 || !qnet_channel_is_reading (channel))
    return;

  if ((readiness & QNET_READINESS_HANGUP) == 0 || has_datagram (channel))
    handle_arrival (channel);
}

static void
handle_receiving (QnetChannel   *channel,
                  QnetReadiness  readiness)
{
  gboolean is_hangup = (readiness & QNET_READINESS_HANGUP) != 0;

  if (is_hangup)
    fetch_failure (channel);

  if (is_hangup && channel->read_error == NULL && is_shut_down (channel))
    {
      end_datagrams (channel);
      return;
    }

  report_failure (channel);

  if (qnet_channel_is_open (channel))
    handle_queued (channel);

  if (qnet_channel_is_open (channel))
    handle_readable (channel, readiness);
}

/* The owner sends the datagrams that wait for room. */
static void
handle_room (QnetChannel   *channel,
             QnetReadiness  readiness)
{
  if (channel->room_state == QNET_ROOM_FREE || (readiness & QNET_READINESS_WRITE) == 0)
    return;

  qnet_channel_set_room_state (channel, QNET_ROOM_FREE);
  channel->funcs->writable (channel);
}

void
qnet_channel_handle_datagrams (QnetChannel   *channel,
                               QnetReadiness  readiness)
{
  handle_room (channel, readiness);

  if (qnet_channel_is_open (channel))
    qnet_channel_report_sent (channel);

  /* The descriptor, which is watched for room alone, reports the same again once it is read. */
  if (qnet_channel_is_open (channel) && channel->read_state != QNET_READ_STARTING)
    handle_receiving (channel, readiness);
}

/* Called by the owner: receiving */

void
qnet_channel_rearm_received (QnetChannel *channel)
{
  qnet_channel_set_readable_state (channel, QNET_READABLE_UNKNOWN);
}

void
qnet_channel_report_queued (QnetChannel *channel)
{
  channel->input_waits = TRUE;
  qnet_watch_defer (&channel->watch);
}

void
qnet_channel_count_received (QnetChannel *channel,
                             gsize        size)
{
  channel->bytes_received += size;
  channel->n_taken++;
  qnet_channel_note_activity (channel);
}

void
qnet_channel_report_failure (QnetChannel *channel,
                             GError      *error)
{
  g_clear_error (&channel->read_error);
  channel->read_error = error;

  qnet_watch_defer (&channel->watch);
}

/* Called by the owner: sending */

static guint
get_turn (QnetChannel *channel)
{
  return qnet_reactor_get_turn (channel->watch.set->reactor);
}

static void
schedule_report (QnetChannel *channel,
                 gsize        size)
{
  channel->sent_pending += size;
  channel->sent_empty |= size == 0;
  qnet_watch_defer (&channel->watch);
}

/* It needs no turn of the loop, and is valid until the end of the present turn. */
static void
note_silently (QnetChannel *channel,
               gsize        size)
{
  guint turn = get_turn (channel);

  if (channel->silent_turn != turn)
    channel->silent_size = 0;

  channel->silent_turn = turn;
  channel->silent_size += size;
}

void
qnet_channel_count_sent (QnetChannel *channel,
                         gsize        size,
                         gboolean     report)
{
  channel->bytes_sent += size;
  qnet_channel_note_activity (channel);

  if (report)
    schedule_report (channel, size);
  else
    note_silently (channel, size);
}

gboolean
qnet_channel_expects_sent (QnetChannel *channel)
{
  if (channel->silent_turn != 0 && channel->silent_turn == get_turn (channel))
    schedule_report (channel, channel->silent_size);

  channel->silent_turn = 0;

  return channel->write_queue.length > 0 || channel->sent_pending > 0 || channel->sent_empty
         || (channel->is_datagram && channel->room_state != QNET_ROOM_FREE);
}

void
qnet_channel_wait_for_room (QnetChannel *channel)
{
  qnet_channel_set_room_state (channel, QNET_ROOM_AWAITED);
}
