/* qnet-io-device-state.c: which state of a device may follow which, and who writes it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "device/qnet-io-device-private.h"

/* The tables of edges */

const QnetEdges qnet_link_edges[] = {
  [QNET_LINK_NONE] =
    QNET_TO (QNET_LINK_COMING)     /* connect */
    | QNET_TO (QNET_LINK_UP),      /* set_fd(), bind(), or a device was opened */
  [QNET_LINK_COMING] =
    QNET_TO (QNET_LINK_UP)         /* established */
    | QNET_TO (QNET_LINK_NONE),    /* failed, or was aborted */
  [QNET_LINK_UP] =
    QNET_TO (QNET_LINK_NONE)       /* ended */
    | QNET_TO (QNET_LINK_COMING),  /* a bound socket connects */
};

const QnetEdges qnet_source_edges[] = {
  [QNET_SOURCE_CHANNEL] =
    QNET_TO (QNET_SOURCE_SUBCLASS),  /* set_open_mode(), of a subclass without a channel */
  [QNET_SOURCE_SUBCLASS] =
    QNET_TO (QNET_SOURCE_ENDING)     /* report_read_finished(), report_error() */
    | QNET_TO (QNET_SOURCE_ENDED),   /* set_open_mode() to NOT_OPEN, or g_io_stream_close() */
  [QNET_SOURCE_ENDING] =
    QNET_TO (QNET_SOURCE_ENDED),     /* read_data has nothing more; or as above */
  [QNET_SOURCE_ENDED] =
    QNET_TO (QNET_SOURCE_SUBCLASS)   /* set_open_mode() again */
    | QNET_TO (QNET_SOURCE_CHANNEL), /* a socket begins a use with a descriptor */
};

const QnetEdges qnet_input_edges[] = {
  [QNET_INPUT_OPEN] =
    QNET_TO (QNET_INPUT_ENDED)       /* end of stream, a failure, or the link has become NONE */
    | QNET_TO (QNET_INPUT_FINISHED), /* read-channel-finished is emitted for a connection that was
                                      * never read */
  [QNET_INPUT_ENDED] =
    QNET_TO (QNET_INPUT_FINISHED)    /* read-channel-finished is emitted */
    | QNET_TO (QNET_INPUT_OPEN),     /* a new connection */
  [QNET_INPUT_FINISHED] =
    QNET_TO (QNET_INPUT_OPEN),       /* a new connection */
};

const QnetEdges qnet_emission_edges[] = {
  [QNET_EMISSION_IDLE] =
    QNET_TO (QNET_EMISSION_PENDING),            /* bytes have arrived, or were sent */
  [QNET_EMISSION_PENDING] =
    QNET_TO (QNET_EMISSION_RUNNING)             /* the signal is emitted */
    | QNET_TO (QNET_EMISSION_IDLE),             /* the connection has ended */
  [QNET_EMISSION_RUNNING] =
    QNET_TO (QNET_EMISSION_IDLE)                /* the handlers have returned */
    | QNET_TO (QNET_EMISSION_RUNNING_PENDING),  /* more bytes, inside a handler */
  [QNET_EMISSION_RUNNING_PENDING] =
    QNET_TO (QNET_EMISSION_PENDING)             /* the handlers have returned */
    | QNET_TO (QNET_EMISSION_RUNNING),          /* the connection ends in a handler */
};

const QnetEdges qnet_closing_edges[] = {
  [QNET_CLOSING_NONE]     = QNET_TO (QNET_CLOSING_STARTING),  /* g_io_stream_close() */
  [QNET_CLOSING_STARTING] = QNET_TO (QNET_CLOSING_PENDING),   /* the application was notified */
  [QNET_CLOSING_PENDING]  = QNET_TO (QNET_CLOSING_DONE),      /* the link is NONE */
  [QNET_CLOSING_DONE]     = 0,
};

const QnetEdges qnet_ownership_edges[] = {
  [QNET_OWNERSHIP_NONE] =
    QNET_TO (QNET_OWNERSHIP_PENDING),  /* accepted */
  [QNET_OWNERSHIP_PENDING] =
    QNET_TO (QNET_OWNERSHIP_TAKEN)     /* next_pending_connection() */
    | QNET_TO (QNET_OWNERSHIP_NONE),   /* ... of one that has ended; or the server was closed */
  [QNET_OWNERSHIP_TAKEN] =
    QNET_TO (QNET_OWNERSHIP_NOTIFIED)  /* the server stops */
    | QNET_TO (QNET_OWNERSHIP_NONE),   /* disconnected; or the server was disposed */
  [QNET_OWNERSHIP_NOTIFIED] =
    QNET_TO (QNET_OWNERSHIP_TAKEN)     /* the server is stopped once more */
    | QNET_TO (QNET_OWNERSHIP_NONE),   /* disconnected; or the server was disposed */
};

/* The writers; those of emissions are in the header. What follows from a change is the caller's
 * part. */

void
qnet_io_device_enter_link (QnetIODevicePrivate *priv,
                           QnetLink             link)
{
  if (priv->link == link)
    return;

  QNET_CHECK_EDGE (qnet_link_edges, priv->link, link);

  priv->link = link;
}

void
qnet_io_device_enter_source (QnetIODevicePrivate *priv,
                             QnetSource           source)
{
  if (priv->source == source)
    return;

  QNET_CHECK_EDGE (qnet_source_edges, priv->source, source);

  priv->source = source;
}

void
qnet_io_device_enter_input (QnetIODevicePrivate *priv,
                            QnetInput            input)
{
  if (priv->input == input)
    return;

  QNET_CHECK_EDGE (qnet_input_edges, priv->input, input);

  priv->input = input;
}

void
qnet_io_device_enter_closing (QnetIODevicePrivate *priv,
                              QnetClosing          closing)
{
  QNET_CHECK_EDGE (qnet_closing_edges, priv->closing, closing);

  priv->closing = closing;
}

void
qnet_io_device_enter_ownership (QnetIODevicePrivate *priv,
                                QnetOwnership        ownership)
{
  QNET_CHECK_EDGE (qnet_ownership_edges, priv->ownership, ownership);

  priv->ownership = ownership;
}

/* Events of more than one caller */

/* No byte follows those in the read buffer. */
void
qnet_io_device_end_input (QnetIODevicePrivate *priv)
{
  if (priv->input == QNET_INPUT_OPEN)
    qnet_io_device_enter_input (priv, QNET_INPUT_ENDED);
}

/* The first statement of each dispose(): nothing is emitted any more. */
void
qnet_io_device_begin_dispose (QnetIODevice *self)
{
  qnet_hold_dispose (&qnet_io_device_get_private (self)->hold);
}
