/* channel-fixture.h: a channel, its owner and its peer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-syscall-private.h"
#include "channel/qnet-channel-private.h"

typedef struct _Fixture Fixture;

typedef void (*Handler) (Fixture *fixture);

/* The owner of a channel. Each callback adds its name to the log. */
struct _Fixture
{
  QnetChannel   channel;  /* first, so that the callbacks can cast it */
  GMainContext *context;  /* (owned) */
  QnetReactor  *reactor;  /* (owned) (nullable) */
  QnetWaitSet   set;
  int           near;     /* owned by the channel while it is open */
  int           far;      /* (owned) */
  GString      *log;      /* (owned) */
  gsize         sent;     /* as reported by sent() */
  guint         n_held;   /* enter() without leave() */
  gboolean      is_calling;  /* into the channel: no callback may be called now */
  GError       *error;    /* (owned) (nullable): the last one that ended() has passed */
  Handler       on_received;
  Handler       on_sent;
  Handler       on_ended;
  Handler       on_deferred;
};

void     fixture_set_up          (Fixture       *fixture,
                                  gconstpointer  data);       /* "tcp", or NULL for AF_UNIX */
void     fixture_tear_down       (Fixture       *fixture,
                                  gconstpointer  data);

/* The channel */
void     fixture_open            (Fixture       *fixture,
                                  int            fd);
void     fixture_start           (Fixture       *fixture);
void     fixture_write           (Fixture       *fixture,
                                  const char    *string);
gboolean fixture_flush           (Fixture       *fixture);

/* The loop: one turn, or until nothing is left to do */
void     fixture_turn            (Fixture       *fixture);
void     fixture_settle          (Fixture       *fixture);

/* Which callbacks were called since the last time, once nothing more happens */
void     fixture_assert_log      (Fixture       *fixture,
                                  const char    *expected);

/* The contents of the read queue, which is empty afterwards */
void     fixture_assert_has_read (Fixture       *fixture,
                                  const char    *expected);

/* Handlers */
void     fixture_echo            (Fixture       *fixture);
void     fixture_close           (Fixture       *fixture);

/* The @in'th @call from now, 1 being the next, ends with @value; see QnetSyscallFault. */
void     fixture_fail_call       (QnetSyscall    call,
                                  int            value,
                                  guint          in);
gboolean fixture_has_failed_call (void);
