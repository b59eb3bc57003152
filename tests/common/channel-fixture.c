/* channel-fixture.c: a channel, its owner and its peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/channel-fixture.h"

#include <string.h>

#include "common/pair.h"

/* The owner */

static void
enter (QnetChannel *channel)
{
  ((Fixture *) channel)->n_held++;
}

static void
leave (QnetChannel *channel)
{
  ((Fixture *) channel)->n_held--;
}

static void
log_and_call (Fixture    *fixture,
              const char *word,
              Handler     handler)
{
  g_assert_cmpuint (fixture->n_held, >, 0);
  g_assert_false (fixture->is_calling);
  g_string_append_printf (fixture->log, "%s ", word);

  if (handler != NULL)
    handler (fixture);
}

static void
received (QnetChannel *channel)
{
  log_and_call ((Fixture *) channel, "received", ((Fixture *) channel)->on_received);
}

static void
sent (QnetChannel *channel,
      gsize        size)
{
  g_assert_cmpuint (size, >, 0);

  ((Fixture *) channel)->sent += size;
  log_and_call ((Fixture *) channel, "sent", ((Fixture *) channel)->on_sent);
}

static void
ended (QnetChannel  *channel,
       const GError *error)
{
  Fixture *fixture = (Fixture *) channel;

  g_clear_error (&fixture->error);
  fixture->error = error != NULL ? g_error_copy (error) : NULL;

  log_and_call (fixture, error != NULL ? "failed" : "ended", fixture->on_ended);
}

static void
deferred (QnetChannel *channel)
{
  log_and_call ((Fixture *) channel, "deferred", ((Fixture *) channel)->on_deferred);
}

static void
orphaned (QnetChannel *channel)
{
  g_assert_false (qnet_channel_is_open (channel));
  log_and_call ((Fixture *) channel, "orphaned", NULL);
}

static void
no_lock (QnetChannel *channel)
{
}

static const QnetChannelFuncs funcs = {
  .enter    = enter,
  .leave    = leave,
  .received = received,
  .sent     = sent,
  .ended    = ended,
  .deferred = deferred,
  .orphaned = orphaned,
  .lock     = no_lock,
  .unlock   = no_lock,
};

/* Opens a channel on @fd. */
void
fixture_open (Fixture *fixture,
              int      fd)
{
  QnetTransport transport;

  fixture->near = fd;
  qnet_transport_init_fd (&transport, fd);
  qnet_channel_open (&fixture->channel, &fixture->set, &transport);
  g_assert_null (transport.funcs);
}

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  gboolean is_tcp = data != NULL;
  int near;

  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  fixture->log = g_string_new (NULL);
  qnet_wait_set_init (&fixture->set, fixture->reactor);
  qnet_channel_init (&fixture->channel, &funcs);

  if (is_tcp)
    pair_open_tcp (&near, &fixture->far);
  else
    pair_open (&near, &fixture->far);

  fixture_open (fixture, near);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  qnet_syscall_fault = NULL;

  qnet_channel_close (&fixture->channel);
  g_assert_false (pair_is_open (fixture->near));
  qnet_byte_queue_clear (&fixture->channel.read_queue);
  qnet_byte_queue_clear (&fixture->channel.write_queue);
  qnet_wait_set_clear (&fixture->set);
  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);

  if (fixture->context != NULL)
    g_main_context_pop_thread_default (fixture->context);
  g_clear_pointer (&fixture->context, g_main_context_unref);

  g_assert_cmpuint (fixture->n_held, ==, 0);
  g_string_free (fixture->log, TRUE);
  g_clear_error (&fixture->error);
  qnet_clear_fd (&fixture->far);
}

/* Iterates until nothing is left to do. The reactor may skip an iteration. */
void
fixture_settle (Fixture *fixture)
{
  guint n_quiet = 0;

  while (n_quiet < 3)
    n_quiet = g_main_context_iteration (fixture->context, FALSE) ? 0 : n_quiet + 1;
}

void
fixture_turn (Fixture *fixture)
{
  g_main_context_iteration (fixture->context, FALSE);
}

/* Asserts which callbacks were called since the last time, once nothing more happens. */
void
fixture_assert_log (Fixture    *fixture,
                    const char *expected)
{
  g_autofree char *log = NULL;

  /* Over TCP the kernel may deliver later. */
  while (fixture->log->len < strlen (expected))
    g_main_context_iteration (fixture->context, TRUE);

  fixture_settle (fixture);
  log = g_strdup (g_strchomp (fixture->log->str));
  g_string_truncate (fixture->log, 0);

  g_assert_cmpstr (log, ==, expected);
}

void
fixture_assert_has_read (Fixture    *fixture,
                         const char *expected)
{
  char buffer[256] = { 0, };

  qnet_byte_queue_take (&fixture->channel.read_queue, buffer, sizeof buffer - 1);
  g_assert_cmpstr (buffer, ==, expected);

  qnet_channel_consumed (&fixture->channel);
}

void
fixture_write (Fixture    *fixture,
               const char *string)
{
  fixture->is_calling = TRUE;
  qnet_byte_queue_append (&fixture->channel.write_queue, string, strlen (string));
  qnet_channel_queue_flush (&fixture->channel);
  fixture->is_calling = FALSE;
}

gboolean
fixture_flush (Fixture *fixture)
{
  gboolean has_sent;

  fixture->is_calling = TRUE;
  has_sent = qnet_channel_flush (&fixture->channel);
  fixture->is_calling = FALSE;

  return has_sent;
}

void
fixture_start (Fixture *fixture)
{
  qnet_channel_start_reading (&fixture->channel);
  fixture_assert_log (fixture, "");
}

/* The usual handlers */

void
fixture_echo (Fixture *fixture)
{
  qnet_byte_queue_move (&fixture->channel.read_queue, G_MAXSIZE, &fixture->channel.write_queue);
  qnet_channel_queue_flush (&fixture->channel);
}

void
fixture_close (Fixture *fixture)
{
  qnet_channel_close (&fixture->channel);
}

/* Faults */

static QnetSyscall fault_call;   /* this call ... */
static int         fault_value;  /* ... ends so ... */
static guint       fault_in;     /* ... this time from now, 1 being the next */

static int
fault_cb (QnetSyscall call)
{
  if (call != fault_call || fault_in == 0)
    return 0;

  return --fault_in == 0 ? fault_value : 0;
}

void
fixture_fail_call (QnetSyscall call,
                   int         value,
                   guint       in)
{
  fault_call = call;
  fault_value = value;
  fault_in = in;
  qnet_syscall_fault = fault_cb;
}

gboolean
fixture_has_failed_call (void)
{
  return fault_in == 0;
}
