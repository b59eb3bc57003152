/* qnet-connector-private.h: from a name or an address to a connected descriptor
 *
 * A connector makes one attempt to connect: it looks up the name of the host, lets the addresses
 * race, and returns the descriptor of the first that connects.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/qnet-reactor-private.h"

#include "qnet-enums.h"
#include "qnet-host-address.h"

G_BEGIN_DECLS

typedef struct _QnetConnector        QnetConnector;
typedef struct _QnetConnectorFuncs   QnetConnectorFuncs;
typedef struct _QnetConnectorRequest QnetConnectorRequest;

/* Called by the reactor or by a wait, never by start(), except configure(): start() calls connect()
 * for a literal at once. Each of them may free the connector. */
struct _QnetConnectorFuncs
{
  /* Addresses are known and connecting begins. Called once, before connected() or failed(); not
   * called when the lookup has failed. */
  void     (*found)     (QnetConnector *connector, gpointer owner);
  /* (nullable): sets options on a new descriptor, before connect(). Not called for a descriptor
   * that was bound before. */
  gboolean (*configure) (QnetConnector *connector, gpointer owner, int fd, int family,
                         GError **error);
  /* (nullable): an attempt to connect to @address was started, has failed with @error, or has won.
   * Called after found(), and before connected() or failed(). */
  void     (*attempt)   (QnetConnector *connector, gpointer owner, QnetHostAddress *address,
                         QnetAttemptState state, const GError *error);
  /* The end: @fd (transfer full) is connected to @address. */
  void     (*connected) (QnetConnector *connector, gpointer owner, int fd,
                         QnetHostAddress *address);
  /* The end: @error (transfer full) names the phase, the host or address with the port, and the
   * reason. */
  void     (*failed)    (QnetConnector *connector, gpointer owner, GError *error);
};

struct _QnetConnectorRequest
{
  const char               *host;            /* a name or a literal; copied */
  QnetHostAddress          *address;         /* (nullable): instead of host; referenced */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;        /* which addresses may be used */
  QnetSocketType            type;            /* TCP (0) or UDP */
  int                       bound_fd;        /* (transfer full): a bound descriptor to connect, so
                                              * that there is no race; or -1 */
  int                       lookup_timeout;  /* milliseconds, 0: none */
  int                       connect_timeout; /* milliseconds for all addresses together, 0: none */
  int                       attempt_delay;   /* milliseconds until the next address joins the race
                                              * (RFC 8305: 250) */
};

QnetConnector *qnet_connector_new           (QnetWaitSet                *set,
                                             const QnetConnectorFuncs   *funcs,
                                             gpointer                    owner,
                                             const QnetConnectorRequest *request)
                                             G_GNUC_WARN_UNUSED_RESULT;
void           qnet_connector_start         (QnetConnector              *connector);
/* Whether the lookup of a name is in progress: found() is still to be called. */
gboolean       qnet_connector_is_looking_up (QnetConnector              *connector);
/* Another owner, with another set of the same reactor, continues. */
void           qnet_connector_move          (QnetConnector              *connector,
                                             QnetWaitSet                *set,
                                             gpointer                    owner);
/* Cancels what is in progress and closes the descriptors of the race. */
void           qnet_connector_free          (QnetConnector              *connector);

G_END_DECLS
