/* qnet-io-device-state-private.h: the state machines of a device
 *
 * A device has seven small machines. Each is an enum with a table of edges (in
 * qnet-io-device-state.c), and is written by one function. They are drawn in doc/internals.md.
 *
 *   link       what is below the device
 *   source     where its bytes come from
 *   input      whether more bytes can arrive
 *   emissions  of ready-read and of bytes-written, which must not be emitted inside a handler of
 *              themselves: one machine for each of the two signals
 *   closing    the progress of g_io_stream_close()
 *   life       dispose, perhaps inside a handler
 *   ownership  by a server, which writes it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/qnet-state-machine-private.h"

G_BEGIN_DECLS

/* What is below a device. */
typedef enum /*< skip >*/
{
  QNET_LINK_NONE,    /* nothing, or no longer: reads take what is left, writes fail */
  QNET_LINK_COMING,  /* a connection is being established: writes are queued */
  QNET_LINK_UP       /* bytes can be moved */
} QnetLink;

/* Where the bytes of a device come from. */
typedef enum /*< skip >*/
{
  QNET_SOURCE_CHANNEL,   /* a channel, or nothing yet */
  QNET_SOURCE_SUBCLASS,  /* the read_data of a subclass that brings its own bytes */
  QNET_SOURCE_ENDING,    /* ... which has reported the end, or an error: the rest is read */
  QNET_SOURCE_ENDED      /* ... and the rest was read, or the device was closed */
} QnetSource;

/* Whether more bytes can arrive on this connection. */
typedef enum /*< skip >*/
{
  QNET_INPUT_OPEN,
  QNET_INPUT_ENDED,    /* no byte follows those in the read buffer */
  QNET_INPUT_FINISHED  /* ... and read-channel-finished was emitted */
} QnetInput;

/* A signal that is not emitted inside a handler of itself. Two bits, pending and running, which the
 * events set and clear: 10 instructions less of an echo than choosing among the four. */
typedef enum /*< skip >*/
{
  QNET_EMISSION_IDLE,
  QNET_EMISSION_PENDING,         /* it has to be emitted */
  QNET_EMISSION_RUNNING,         /* a handler runs */
  QNET_EMISSION_RUNNING_PENDING  /* ... and it has to be emitted once more after that */
} QnetEmission;

/* g_io_stream_close(), which is final. */
typedef enum /*< skip >*/
{
  QNET_CLOSING_NONE,      /* it was not called */
  QNET_CLOSING_STARTING,  /* the device is shut; handlers of notifications run */
  QNET_CLOSING_PENDING,   /* what was written is still being sent, or the main loop has to run */
  QNET_CLOSING_DONE
} QnetClosing;

/* The owner of a connection, a server. */
typedef enum /*< skip >*/
{
  QNET_OWNERSHIP_NONE,
  QNET_OWNERSHIP_PENDING,  /* the application has not taken the connection yet */
  QNET_OWNERSHIP_TAKEN,
  QNET_OWNERSHIP_NOTIFIED  /* ... and was notified that the server stops */
} QnetOwnership;

extern const QnetEdges qnet_link_edges[];
extern const QnetEdges qnet_source_edges[];
extern const QnetEdges qnet_input_edges[];
extern const QnetEdges qnet_emission_edges[];
extern const QnetEdges qnet_closing_edges[];
extern const QnetEdges qnet_ownership_edges[];

/* Emissions: three events, one writer. They are inline because each byte that arrives or leaves
 * passes through them. */

static inline void
qnet_emission_set (guint8       *emission,
                   QnetEmission  state)
{
  QNET_CHECK_EDGE (qnet_emission_edges, *emission, state);

  *emission = state;
}

static inline gboolean
qnet_emission_is_running (guint8 emission)
{
  return (emission & QNET_EMISSION_RUNNING) != 0;
}

static inline gboolean
qnet_emission_is_pending (guint8 emission)
{
  return (emission & QNET_EMISSION_PENDING) != 0;
}

/* The signal has to be emitted. Again: it is emitted once for both. */
static inline void
qnet_emission_request (guint8 *emission)
{
  if (!qnet_emission_is_pending (*emission))
    qnet_emission_set (emission, *emission | QNET_EMISSION_PENDING);
}

/* It is emitted now. From RUNNING_PENDING: inside a handler, which only the end of a connection
 * does. */
static inline void
qnet_emission_begin (guint8 *emission)
{
  qnet_emission_set (emission, QNET_EMISSION_RUNNING);
}

/* The handlers have returned. */
static inline void
qnet_emission_end (guint8 *emission)
{
  qnet_emission_set (emission, *emission & ~QNET_EMISSION_RUNNING);
}

/* The connection has ended: nothing is emitted for it any more. */
static inline void
qnet_emission_cancel (guint8 *emission)
{
  if (qnet_emission_is_pending (*emission))
    qnet_emission_set (emission, *emission & ~QNET_EMISSION_PENDING);
}

G_END_DECLS
