/* reactor-fixture.h: a reactor in a context of its own, and watches that record their events
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

typedef struct _ReactorFixture ReactorFixture;
typedef struct _Probe          Probe;

struct _ReactorFixture
{
  GMainContext *context;  /* (owned): not the thread default while it runs */
  QnetReactor  *reactor;  /* (owned) */
  QnetWaitSet   set;
  GString      *log;      /* (owned): the probes' names, in the order of their callbacks; a flush in
                           * capitals */
};

struct _Probe
{
  QnetWatch       watch;
  ReactorFixture *fixture;
  char            name;
  guint           n_ready;
  guint           n_flushes;
  guint           n_orphaned;
  QnetReadiness   readiness;  /* of the last callback */
  void          (*on_ready) (Probe *probe, QnetReadiness readiness);
  void          (*on_flush) (Probe *probe);
  Probe          *other;
  gpointer        data;
};

extern int    reactor_fixture_n_polled;  /* descriptors that the context's last poll found ready */
extern guint  reactor_fixture_n_fds;     /* descriptors that it polled */
extern gint64 reactor_fixture_now;       /* what reactor_fixture_clock() returns */

gint64 reactor_fixture_clock        (void);

/* Adds the test @prefix/<backend>@path for each backend. */
void   reactor_fixture_add          (const char      *prefix,
                                     const char      *path,
                                     void           (*func) (ReactorFixture *, gconstpointer));

/* One iteration of the context, without sleeping. */
void   reactor_fixture_turn         (ReactorFixture  *fixture);

/* Nothing to dispatch, and a loop that may sleep. */
void   reactor_fixture_assert_quiet (ReactorFixture  *fixture);

void   probe_init                   (Probe           *probe,
                                     ReactorFixture  *fixture,
                                     QnetWaitSet     *set,
                                     char             name);

/* Opens two connected sockets, and watches the first. */
void   probe_open                   (Probe           *probe,
                                     ReactorFixture  *fixture,
                                     char             name,
                                     QnetReadiness    interest,
                                     int              fds[2]);
void   probe_close                  (Probe           *probe,
                                     int              fds[2]);

/* For on_ready */
void   probe_take_byte              (Probe           *probe,
                                     QnetReadiness    readiness);

void   put_byte                     (int              fd);
