/* reactor-fixture.c: a reactor in a context of its own, and watches that record their events
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/reactor-fixture.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/qnet-syscall-private.h"

int    reactor_fixture_n_polled;
guint  reactor_fixture_n_fds;
gint64 reactor_fixture_now;

gint64
reactor_fixture_clock (void)
{
  return reactor_fixture_now;
}

static int
noting_poll (GPollFD *fds,
             guint    n_fds,
             int      timeout)
{
  reactor_fixture_n_fds = n_fds;
  reactor_fixture_n_polled = g_poll (fds, n_fds, timeout);

  return reactor_fixture_n_polled;
}

static void
probe_ready_cb (QnetWatch     *watch,
                QnetReadiness  readiness)
{
  Probe *probe = (Probe *) watch;

  g_assert_cmpuint (readiness, !=, QNET_READINESS_NONE);
  probe->n_ready++;
  probe->readiness = readiness;
  g_string_append_c (probe->fixture->log, probe->name);

  if (probe->on_ready != NULL)
    probe->on_ready (probe, readiness);
}

static void
probe_flush_cb (QnetWatch *watch)
{
  Probe *probe = (Probe *) watch;

  probe->n_flushes++;
  g_string_append_c (probe->fixture->log, g_ascii_toupper (probe->name));

  if (probe->on_flush != NULL)
    probe->on_flush (probe);
}

static void
probe_orphaned_cb (QnetWatch *watch)
{
  Probe *probe = (Probe *) watch;

  g_assert_cmpint (watch->fd, ==, -1);
  probe->n_orphaned++;
}

static const QnetWatchFuncs probe_funcs = { probe_ready_cb, probe_flush_cb, probe_orphaned_cb };

void
probe_init (Probe          *probe,
            ReactorFixture *fixture,
            QnetWaitSet    *set,
            char            name)
{
  *probe = (Probe) { .fixture = fixture, .name = name };
  qnet_watch_init (&probe->watch, &probe_funcs, set);
}

void
probe_open (Probe          *probe,
            ReactorFixture *fixture,
            char            name,
            QnetReadiness   interest,
            int             fds[2])
{
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
  probe_init (probe, fixture, &fixture->set, name);
  qnet_watch_start (&probe->watch, fds[0], interest);
}

void
probe_close (Probe *probe,
             int    fds[2])
{
  qnet_watch_clear (&probe->watch);
  qnet_clear_fd (&fds[0]);
  qnet_clear_fd (&fds[1]);
}

void
put_byte (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

void
probe_take_byte (Probe         *probe,
                 QnetReadiness  readiness)
{
  char byte;

  if (readiness & QNET_READINESS_READ)
    g_assert_cmpint (read (probe->watch.fd, &byte, 1), ==, 1);
}

static void
set_up (ReactorFixture *fixture,
        gconstpointer   data)
{
  if (g_strcmp0 (g_getenv ("QNET_REACTOR"), data) != 0)
    g_setenv ("QNET_REACTOR", data, TRUE);

  fixture->log = g_string_new (NULL);
  fixture->context = g_main_context_new ();
  g_main_context_set_poll_func (fixture->context, noting_poll);
  g_main_context_push_thread_default (fixture->context);
  fixture->reactor = qnet_reactor_get ();
  g_main_context_pop_thread_default (fixture->context);

  qnet_wait_set_init (&fixture->set, fixture->reactor);
}

static void
tear_down (ReactorFixture *fixture,
           gconstpointer   data)
{
  qnet_wait_set_clear (&fixture->set);

  if (fixture->context != NULL)
    {
      g_main_context_iteration (fixture->context, FALSE);
      g_assert_false (g_main_context_iteration (fixture->context, FALSE));
    }

  g_clear_pointer (&fixture->context, g_main_context_unref);
  g_clear_pointer (&fixture->reactor, qnet_reactor_unref);
  g_string_free (fixture->log, TRUE);
  qnet_syscall_fault = NULL;
  qnet_clock_set_for_tests (NULL);
}

void
reactor_fixture_turn (ReactorFixture *fixture)
{
  g_main_context_iteration (fixture->context, FALSE);
}

void
reactor_fixture_assert_quiet (ReactorFixture *fixture)
{
  reactor_fixture_turn (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (g_main_context_iteration (fixture->context, FALSE));
      g_assert_cmpint (reactor_fixture_n_polled, ==, 0);
    }
}

void
reactor_fixture_add (const char  *prefix,
                     const char  *path,
                     void       (*func) (ReactorFixture *, gconstpointer))
{
  static const char *backends[] = { "epoll", "poll" };

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      g_autofree char *full = g_strconcat (prefix, "/", backends[i], path, NULL);

      g_test_add (full, ReactorFixture, backends[i], set_up, func, tear_down);
    }
}
