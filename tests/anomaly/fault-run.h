/* fault-run.h: one run of a scenario, in which one call may fail
 *
 * A run ends with success, or with errors that were reported; anything else is a fault.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <qnet/qnet.h>

#include "fault-shim.h"

#define DEVICE(socket) QNET_IO_DEVICE (socket)
#define ABSTRACT(socket) QNET_ABSTRACT_SOCKET (socket)
#define SERVER(server) QNET_SERVER (server)

typedef struct
{
  GMainContext *context;        /* (owned): the thread's */
  gboolean      is_late;        /* nothing more comes */
  gboolean      has_succeeded;
  gboolean      is_lasting;     /* more than one call may fail */
  GString      *reports;        /* (owned): errors, one a line */
  GString      *faults;         /* (owned): ditto */
  int           n_alive;        /* atomic: objects that are watched */
} Run;

typedef struct
{
  const char *name;
  void      (*func) (Run *run);
  gboolean  (*is_possible) (void);  /* (nullable) */
} Scenario;

extern const Scenario stream_scenarios[];
extern const Scenario server_scenarios[];
extern const Scenario datagram_scenarios[];
extern const Scenario local_scenarios[];
extern const Scenario lookup_scenarios[];
extern const Scenario tls_scenarios[];

void     run_add_fault    (Run           *run,
                           const char    *format,
                           ...) G_GNUC_PRINTF (2, 3);
void     run_succeed      (Run           *run);

/* An error that is reported to the application. */
void     run_report       (Run           *run,
                           const GError  *error);
/* What a call returned: FALSE comes with an error, and TRUE without. Returns @is_done; @error is
 * freed. */
gboolean run_check        (Run           *run,
                           gboolean       is_done,
                           GError       **error);

/* It is to be finalized by the end. Returns it. */
gpointer run_watch        (Run           *run,
                           gpointer       object);

/* Everything that is to arrive is the beginning of this. */
#define MAX_PAYLOAD (512 * 1024)
const guint8 *get_payload (void);

/* The loop */
#define run_until(run, condition) \
  G_STMT_START { \
    while (!(condition) && !(run)->is_late) \
      g_main_context_iteration ((run)->context, TRUE); \
  } G_STMT_END
void     run_settle       (Run           *run);

/* One direction of a dialogue: what has arrived of the payload */
typedef struct
{
  Run   *run;
  gsize  n_received;
  gsize  size;      /* all of it */
} Sink;

void     sink_take        (Sink          *sink,
                           gconstpointer  data,
                           gsize          size);
void     sink_drain       (Sink          *sink,
                           QnetIODevice  *device);

/* A client that sends the payload, waits for it to come back, and disconnects */
typedef struct
{
  Run          *run;
  QnetIODevice *device;   /* (owned) */
  Sink          sink;
  gboolean      is_echoed;
  gboolean      is_encrypted;  /* it sends when that is so */
} Client;

void     client_init      (Client        *client,
                           Run           *run,
                           QnetIODevice  *device,  /* (transfer full) */
                           gsize          size);
gboolean client_is_over   (Client        *client);
void     client_clear     (Client        *client);

/* A server that sends back what it receives */
typedef struct
{
  Run        *run;
  QnetServer *server;       /* (owned) */
  GPtrArray  *connections;  /* (owned) */
  guint       n_accepted;
} EchoServer;

void     echo_server_init    (EchoServer  *echo,
                              Run         *run,
                              QnetServer  *server);  /* (transfer full) */
gboolean echo_server_is_idle (EchoServer  *echo);    /* all connections have ended */
void     echo_server_clear   (EchoServer  *echo);

/* Plain peers in a thread: of them no call fails. What a client has sent comes back. */
typedef enum { PEER_ECHO, PEER_SOCKS5, PEER_HTTP } PeerKind;
typedef struct _Peer Peer;

Peer    *peer_new         (PeerKind       kind);
guint16  peer_get_port    (Peer          *peer);
void     peer_free        (Peer          *peer);

/* Plain descriptors; exempt */
int      open_plain       (int            type,
                           guint16       *out_port);  /* bound to 127.0.0.1; a stream listens */
int      connect_plain    (guint16        port);
void     close_plain      (int            fd);

QnetHostAddress *new_loopback (void);
