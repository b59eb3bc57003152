/* qnet-connector-private.h: name, addresses, race: one connection attempt from its start to a descriptor
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-reactor-private.h"

#include "qnet-enums.h"
#include "qnet-host-address.h"

G_BEGIN_DECLS

typedef struct _QnetConnector        QnetConnector;
typedef struct _QnetConnectorFuncs   QnetConnectorFuncs;
typedef struct _QnetConnectorRequest QnetConnectorRequest;

/* Called from the reactor or from a wait, never from within start(), but for configure() of a literal, which is dialled there. The
 * connector may be freed in each of them. */
struct _QnetConnectorFuncs
{
  /* The addresses are known: connecting begins. Once, and before the other two (a failed lookup: failed () alone). */
  void (*found)     (QnetConnector *connector, gpointer owner);
  /* (nullable): a descriptor was made: set its options, before connect(). Not for one that was bound before. */
  gboolean (*configure) (QnetConnector *connector, gpointer owner, int fd, int family, GError **error);
  /* The end: @fd (transfer full) is connected to @address. */
  void (*connected) (QnetConnector *connector, gpointer owner, int fd, QnetHostAddress *address);
  /* The end: @error (transfer full) names the phase, the host or address and port, and the reason. */
  void (*failed)    (QnetConnector *connector, gpointer owner, GError *error);
};

struct _QnetConnectorRequest
{
  const char               *host;            /* a name or a literal; copied */
  QnetHostAddress          *address;         /* (nullable): instead of host; referenced */
  guint16                   port;
  QnetNetworkLayerProtocol  protocol;        /* which addresses may be used */
  QnetSocketType            type;            /* TCP (0) or UDP */
  int                       bound_fd;        /* a bound descriptor to connect from (transfer full): then no race; or -1 */
  int                       lookup_timeout;  /* milliseconds, 0: none */
  int                       connect_timeout; /* milliseconds for all addresses together, 0: none */
  int                       attempt_delay;   /* milliseconds before the next address joins the race (RFC 8305, 250) */
};

QnetConnector *qnet_connector_new   (QnetWaitSet                *set,
                                     const QnetConnectorFuncs   *funcs,
                                     gpointer                    owner,
                                     const QnetConnectorRequest *request) G_GNUC_WARN_UNUSED_RESULT;
void           qnet_connector_start (QnetConnector              *connector);
gboolean       qnet_connector_is_looking_up (QnetConnector      *connector);  /* a name, as long as found () is to come */
void           qnet_connector_free  (QnetConnector              *connector);  /* cancels what is under way; closes what raced */

G_END_DECLS
