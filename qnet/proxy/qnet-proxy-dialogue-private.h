/* qnet-proxy-dialogue-private.h: the exchange with a proxy until the connection is established
 *
 * A dialogue is a pure state machine without sockets. It consumes the bytes from the proxy and
 * produces those to send. The tunnel, which owns it, connects to the proxy, sends the output, feeds
 * the input and acts on the phase.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "qnet-error.h"
#include "qnet-host-address.h"
#include "qnet-network-proxy.h"

G_BEGIN_DECLS

typedef struct _QnetProxyDialogue      QnetProxyDialogue;
typedef struct _QnetProxyDialogueFuncs QnetProxyDialogueFuncs;
typedef struct _QnetProxyRequest       QnetProxyRequest;

typedef enum
{
  QNET_PROXY_COMMAND_CONNECT,   /* a connection to a host */
  QNET_PROXY_COMMAND_BIND,      /* the next connection to a port of the proxy */
  QNET_PROXY_COMMAND_ASSOCIATE  /* a relay for datagrams, for the lifetime of the connection */
} QnetProxyCommand;

typedef enum
{
  QNET_PROXY_PHASE_ACTIVE,       /* send the output and feed the input */
  QNET_PROXY_PHASE_CREDENTIALS,  /* credentials are needed: set_credentials() */
  QNET_PROXY_PHASE_RECONNECT,    /* continue over a new connection: restart() */
  QNET_PROXY_PHASE_BOUND,        /* BIND: the proxy listens at bound_address; feed the input */
  QNET_PROXY_PHASE_DONE,         /* further input belongs to the peer */
  QNET_PROXY_PHASE_FAILED
} QnetProxyPhase;

struct _QnetProxyRequest
{
  QnetProxyCommand  command;
  const char       *host;     /* (nullable): a host name, which the proxy looks up */
  QnetHostAddress  *address;  /* (nullable): used instead of host */
  guint16           port;
  gboolean          can_ask;  /* the application can be asked for credentials */
};

struct _QnetProxyDialogueFuncs
{
  gsize  size;                                  /* of the instance struct */

  /* Writes the first output on a new connection. */
  void  (*begin)  (QnetProxyDialogue *dialogue);

  /* Consumes input in ACTIVE or BOUND, at least one byte. Returns the number of bytes, which is
   * less than @length only if the phase has changed. */
  gsize (*take)   (QnetProxyDialogue *dialogue,
                   const guint8      *data,
                   gsize              length);

  /* The proxy has closed the connection. */
  void  (*closed)  (QnetProxyDialogue *dialogue);

  /* CREDENTIALS: the user name and the password were set. */
  void  (*credentials_set) (QnetProxyDialogue *dialogue);

  void  (*clear)  (QnetProxyDialogue *dialogue);
};

struct _QnetProxyDialogue
{
  const QnetProxyDialogueFuncs *funcs;
  QnetNetworkProxy             *proxy;          /* (owned) */
  QnetProxyCommand              command;
  char                         *host;           /* (owned) (nullable): in ASCII, as it is sent */
  QnetHostAddress              *address;        /* (owned) (nullable): used instead of host */
  guint16                       port;
  gboolean                      can_ask;        /* the application can be asked for credentials, and
                                                 * was not asked yet */

  QnetProxyPhase                phase;
  GByteArray                   *output;         /* (owned): bytes to send */
  char                         *user;           /* (owned): "": none */
  char                         *password;       /* (owned) */
  char                         *realm;          /* (owned) (nullable): in CREDENTIALS */
  GError                       *error;          /* (owned) (nullable): in FAILED */

  /* In BOUND, the address where the proxy listens. In DONE, the address from which the proxy
   * connects (CONNECT), that of the peer (BIND), or that of the relay (ASSOCIATE). NULL if the
   * proxy sent a name or nothing. (owned) (nullable) */
  QnetHostAddress              *bound_address;
  guint16                       bound_port;
};

/* Returns NULL and sets @error if the proxy does not support the command, or the target cannot be
 * sent to it. */
QnetProxyDialogue *qnet_proxy_dialogue_new      (QnetNetworkProxy     *proxy,
                                                 const QnetProxyRequest *request,
                                                 GError              **error);
void               qnet_proxy_dialogue_free     (QnetProxyDialogue    *self);

/* Consumes input from the proxy and returns the number of bytes. The rest belongs to the peer
 * (DONE), to the next reply (BOUND), or is to be ignored. */
gsize              qnet_proxy_dialogue_feed     (QnetProxyDialogue    *self,
                                                 const guint8         *data,
                                                 gsize                 length);

/* The proxy has closed the connection. */
void               qnet_proxy_dialogue_end      (QnetProxyDialogue    *self);

/* RECONNECT: a new connection to the proxy is established. */
void               qnet_proxy_dialogue_restart  (QnetProxyDialogue    *self);

/* CREDENTIALS: sets them; NULL if there are none. */
void               qnet_proxy_dialogue_set_credentials (QnetProxyDialogue *self,
                                                        const char        *user,
                                                        const char        *password);

/* Removes @length bytes from the output after they were sent. */
void               qnet_proxy_dialogue_sent     (QnetProxyDialogue    *self,
                                                 gsize                 length);

/* Converts a host name to ASCII, as it is sent to a proxy. Returns NULL and sets @error if it is
 * invalid. (transfer full) (nullable) */
char              *qnet_proxy_name_to_wire      (const char           *name,
                                                 QnetNetworkProxy     *proxy,
                                                 GError              **error);

/* Returns whether the type of a proxy supports a command, and it has the capability. */
gboolean           qnet_proxy_can               (QnetNetworkProxy     *proxy,
                                                 QnetProxyCommand      command);

/* For the implementations */

extern const QnetProxyDialogueFuncs qnet_socks5_client_funcs;
extern const QnetProxyDialogueFuncs qnet_http_tunnel_funcs;

void               qnet_proxy_dialogue_set_phase (QnetProxyDialogue   *self,
                                                  QnetProxyPhase       phase);
void               qnet_proxy_dialogue_write    (QnetProxyDialogue    *self,
                                                 gconstpointer         data,
                                                 gsize                 length);
/* Fails with "Could not connect to example.org port 80 through the SOCKS5 proxy ...: " and the
 * reason, a complete translated sentence, such as "The proxy closed the
 * connection". */
void               qnet_proxy_dialogue_fail     (QnetProxyDialogue    *self,
                                                 QnetSocketError       code,
                                                 const char           *format,
                                                 ...) G_GNUC_PRINTF (3, 4);
/* Enters CREDENTIALS, or fails if the application cannot be asked, or was asked already. */
void               qnet_proxy_dialogue_request_credentials (QnetProxyDialogue *self);

G_END_DECLS
