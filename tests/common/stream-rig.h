/* stream-rig.h: a GIOStream of GIO or of qnet, used from its own thread and from others
 *
 * A case is one function that uses a stream in the thread and the thread-default context in which
 * it is called. It does not know which class the stream has, nor which thread that is. It runs with
 * every kind of stream, in every mode. With GIO's streams it always has to pass: that proves the
 * case.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

typedef enum
{
  STREAM_GIO_TCP,
  STREAM_GIO_LOCAL,
  STREAM_QNET_TCP,
  STREAM_QNET_LOCAL,
  STREAM_QNET_SSL,   /* encrypted; only in a rig */
  N_STREAM_KINDS,
} StreamKind;

/* Who calls the case. The owner is the main thread, its context the default one. */
typedef enum
{
  MODE_OWN = 1 << 0,        /* the owner itself, in its own context */
  MODE_PUSHED = 1 << 1,     /* the owner, after it has pushed another context, and runs that */
  MODE_ITERATING = 1 << 2,  /* another thread, while the owner iterates its context */
  MODE_BLOCKED = 1 << 3,    /* another thread, while the owner waits for it and does nothing else */

  MODES_OF_OTHERS = MODE_ITERATING | MODE_BLOCKED,
  MODES_ALL = 0xf,
} RigMode;

typedef enum
{
  RIG_DEFAULT = 0,
  RIG_BLOCKING = 1 << 0,    /* no asynchronous call: the other thread need not have a context */
  RIG_SECOND = 1 << 1,      /* wants second, and second_fd */
  RIG_FAR_STREAM = 1 << 2,  /* wants far_stream instead of far_fd */
  RIG_KEEPS_CLOSED = 1 << 3,  /* the case closes the stream itself */
} RigFlags;

#define RIG_N_MANY 12

typedef struct _RigCase RigCase;
typedef struct _RigPeer RigPeer;

typedef struct
{
  const RigCase *rig_case;
  StreamKind     kind;
  RigMode        mode;
  guint          round;

  GThread       *owner;
  GIOStream     *stream;      /* (owned): what is tested */
  GInputStream  *input;       /* its streams */
  GOutputStream *output;     /* (owned) */
  int            far_fd;      /* (owned): the other end, a blocking socket, or -1 */
  GIOStream     *far_stream;  /* (owned) (nullable): the other end, of the same kind and owner */
  GIOStream     *second;      /* (owned) (nullable): another stream */
  GOutputStream *second_output;  /* (owned) (nullable) */
  int            second_fd;   /* (owned): and its other end, or -1 */

  GPtrArray     *peers;       /* (owned): threads at the other ends */
  GAsyncResult  *result;      /* (owned) (nullable): of rig_result_cb() */
  GAsyncResult  *previous;    /* (owned) (nullable): what rig_await() has returned */
  gint           n_done;      /* atomic */
} Rig;

struct _RigCase
{
  const char *name;
  void      (*func) (Rig *rig);
  int         argument;
  guint       flags;    /* RigFlags */
  guint       modes;    /* RigMode */
  guint       n_long;   /* rounds with --long, or 0 for 1000 */
};

/* Adds @prefix/KIND/MODE/NAME for every kind and every mode, GIO's kinds only with --long. Without
 * --long each runs a few rounds, each with a new stream. */
void          rig_add_cases  (const char     *prefix,
                              const RigCase  *cases,
                              gsize           n_cases);

/* Streams without a rig */
void          stream_kind_open (StreamKind    kind,
                                int          *near,
                                int          *far);
GIOStream    *stream_kind_wrap (StreamKind    kind,
                                int           fd);

/* To be called by a case */

/* An asynchronous call: rig_result_cb() with the rig as user data, then rig_await(), which iterates
 * the thread-default context. The result is the rig's, until the next. */
void          rig_result_cb  (GObject        *source,
                              GAsyncResult   *result,
                              gpointer        rig);
GAsyncResult *rig_await      (Rig            *rig);

/* The same with a place of one's own, for two at the same time */
void          place_result_cb (GObject       *source,
                               GAsyncResult  *result,
                               gpointer       place);   /* a GAsyncResult *, NULL */
GAsyncResult *place_await    (GAsyncResult  **place);   /* (transfer full) */

void          rig_step       (Rig            *rig,
                              const char     *step);    /* static */

/* Threads at the other end. They end with the round. */

/* Sends in pieces of various sizes, then shuts down the write side if @shut. */
void          rig_send       (int             fd,
                              GBytes         *bytes,
                              gboolean        shut,
                              Rig            *rig);
/* Receives so many bytes, or until the end with G_MAXSIZE. */
RigPeer      *rig_receive    (int             fd,
                              gsize           size,
                              Rig            *rig);
GBytes       *rig_received   (RigPeer        *peer);    /* waits for it; the peer's */
/* Any other function */
RigPeer      *rig_run        (GThreadFunc     func,
                              gpointer        data,
                              Rig            *rig);
gpointer      rig_join       (RigPeer        *peer);
/* The same; the owner sends the rest of what it has written meanwhile. */
void          rig_join_iterating (RigPeer    *peer);

/* Data */
GBytes       *make_bytes     (gsize           size,
                              guint           seed);    /* (transfer full) */
void          assert_bytes_are (GBytes       *actual,
                                GBytes       *expected);
