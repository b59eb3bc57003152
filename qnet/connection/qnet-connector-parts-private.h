/* qnet-connector-parts-private.h: what the parts of the connector share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <sys/socket.h>

#include "connection/qnet-connector-lookup-private.h"
#include "connection/qnet-connector-private.h"

G_BEGIN_DECLS

/* How far the attempt is. The edges are in qnet-connector.c. */
typedef enum
{
  QNET_CONNECTOR_STEP_NEW,          /* not started */
  QNET_CONNECTOR_STEP_LOOKUP,       /* a name: its addresses are being looked up */
  QNET_CONNECTOR_STEP_FOUND,        /* a name: found() is being called */
  QNET_CONNECTOR_STEP_DIALED,       /* a literal: start() called connect(); found() is pending */
  QNET_CONNECTOR_STEP_DIAL_FAILED,  /* a literal: connect() failed at once; found() is pending */
  QNET_CONNECTOR_STEP_CONNECTING,   /* the addresses race, and found() was called */
  QNET_CONNECTOR_STEP_WON,          /* an address is connected: attempt() is being called */
  QNET_CONNECTOR_STEP_FAILED,       /* failed() is pending: start() calls nothing back */
  QNET_CONNECTOR_STEP_ENDED         /* the outcome was reported, or the connector was freed or
                                     * orphaned: nothing is called back any more */
} QnetConnectorStep;

struct _QnetConnector
{
  guint                     ref_count;  /* the owner's, and one for each of our callbacks */
  const QnetConnectorFuncs *funcs;
  gpointer                  owner;
  QnetConnectorStep         step;

  char                     *host;       /* (owned) (nullable): a name; NULL for a literal */
  QnetHostAddress          *literal;    /* (owned) (nullable): NULL for a name */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;
  QnetSocketType            type;
  int                       lookup_timeout;
  int                       connect_timeout;
  int                       attempt_delay;

  int                       bound_fd;       /* (owned): until it is connected, or -1 */
  struct sockaddr_storage   bound_name;     /* where it is bound; AF_UNSPEC: unknown */
  socklen_t                 bound_size;     /* of bound_name */
  gboolean                  is_dual_stack;  /* bound_fd is an IPv6 descriptor that takes IPv4 */

  QnetWatch                 watch;      /* without a descriptor: deferred to start the next step */
  QnetDeadline              timeout;    /* of the lookup, then of the race */
  QnetDeadline              delay;      /* of the resolution; then until the next address joins the
                                         * race, or the lookup is given up */
  gint64                    join_time;  /* when the next address may join; monotonic microseconds */
  gint64                    lookup_end; /* when the lookup times out; monotonic microseconds */

  QnetConnectorLookup      *lookup;     /* (owned) (nullable): until all answers have arrived */
  GPtrArray                *addresses;  /* QnetHostAddress: in the order of the race */
  guint                     next;       /* index of the next one to join */
  guint                     n_started;  /* attempts */
  GPtrArray                *attempts;   /* Attempt: those in the race; in WON: the winner */
  GQueue                    reports;    /* QnetAttemptReport: calls of attempt() that are pending */

  GPtrArray                *failures;   /* (element-type char): "ADDRESS: REASON" of each attempt */
  GError                   *error;      /* (owned) (nullable): reported if nothing connects */
  gboolean                  error_is_specific;
};

/* A call of attempt() that is pending. */
typedef struct
{
  QnetHostAddress  *address;  /* (owned) */
  QnetAttemptState  state;
  GError           *error;    /* (owned) (nullable) */
} QnetAttemptReport;

/* qnet-connector.c */
QnetConnector *qnet_connector_ref              (QnetConnector   *self);
void           qnet_connector_unref            (QnetConnector   *self);
gboolean       qnet_connector_is_racing        (QnetConnector   *self);
/* Calls found() if that is pending. FALSE: the attempt has ended meanwhile. */
gboolean       qnet_connector_call_found_first (QnetConnector   *self);
/* The addresses that have been found so far begin to race. */
void           qnet_connector_end_resolution_delay (QnetConnector *self);
/* The end of the race: the only attempt left is connected. */
void           qnet_connector_win              (QnetConnector   *self);
/* The end of the race: no address is left. */
void           qnet_connector_fail_race        (QnetConnector   *self);

/* qnet-connector-addresses.c */
void           qnet_connector_inspect_bound_descriptor (QnetConnector   *self);
/* Adds those of @found (element-type QnetHostAddress) that can be used to the ones that have not
 * been tried. Returns whether there are any to try. */
gboolean       qnet_connector_add_addresses    (QnetConnector           *self,
                                                GPtrArray               *found);
/* Returns the size of @storage; 0 if none of our descriptors can be connected to @address. */
socklen_t      qnet_connector_to_native        (QnetConnector           *self,
                                                QnetHostAddress         *address,
                                                struct sockaddr_storage *storage);

/* qnet-connector-race.c */
void           qnet_connector_init_race          (QnetConnector *self);
/* Starts what can be started now, and nothing else. */
void           qnet_connector_start_next_attempt (QnetConnector *self);
/* The same, then reports it, and fails if nothing is left. */
void           qnet_connector_continue_race      (QnetConnector *self);
/* Addresses were added while the race runs. */
void           qnet_connector_join_late          (QnetConnector *self);
/* Nothing is in progress, and there is nothing to start. */
gboolean       qnet_connector_is_exhausted       (QnetConnector *self);
/* (transfer full): takes the descriptor of the winner, and its address. */
int            qnet_connector_take_winner        (QnetConnector    *self,
                                                  QnetHostAddress **out_address);
void           qnet_connector_list_unanswered    (QnetConnector *self);
void           qnet_connector_move_race          (QnetConnector *self,
                                                  QnetWaitSet   *set);

/* qnet-connector-reports.c */
void           qnet_connector_add_report         (QnetConnector    *self,
                                                  QnetHostAddress  *address,
                                                  QnetAttemptState  state,
                                                  const GError     *error);
/* Calls attempt() for what is pending. FALSE: the step has changed meanwhile. */
gboolean       qnet_connector_report_attempts    (QnetConnector    *self);
void           qnet_connector_drop_reports       (QnetConnector    *self);

/* qnet-connector-errors.c: those that note a failure also report it, and keep the most useful one
 * in @error */
void           qnet_connector_note_errno           (QnetConnector   *self,
                                                    QnetHostAddress *address,
                                                    int              error_number);
void           qnet_connector_note_gerror          (QnetConnector   *self,
                                                    QnetHostAddress *address,
                                                    GError          *cause);  /* (transfer full) */
/* For the list alone, at a timeout. */
void           qnet_connector_note_unanswered      (QnetConnector   *self,
                                                    QnetHostAddress *address);
/* The end of the race: @error, or if there were several attempts a list of them. */
GError        *qnet_connector_take_error           (QnetConnector   *self);
GError        *qnet_connector_new_no_address_error (QnetConnector   *self);
GError        *qnet_connector_new_timeout_error    (QnetConnector   *self);

G_END_DECLS
