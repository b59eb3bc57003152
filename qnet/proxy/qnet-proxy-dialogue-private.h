/* qnet-proxy-dialogue-private.h: what is said to a proxy until it has done what is wanted of it
 *
 * A dialogue takes the bytes that come from the proxy and gives those that go there. It knows no
 * socket: whoever drives it connects to the proxy, sends the output, feeds what comes, and does what
 * the phase says.
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
typedef struct _QnetProxyWish          QnetProxyWish;

typedef enum
{
  QNET_PROXY_COMMAND_CONNECT,   /* a connection to a host */
  QNET_PROXY_COMMAND_BIND,      /* the next connection that comes to the proxy */
  QNET_PROXY_COMMAND_ASSOCIATE  /* a relay for datagrams, for as long as the connection lives */
} QnetProxyCommand;

typedef enum
{
  QNET_PROXY_PHASE_TALKING,  /* send the output, feed what comes */
  QNET_PROXY_PHASE_ASKING,   /* the proxy wants to know who we are: answer() */
  QNET_PROXY_PHASE_AGAIN,    /* it goes on over a new connection: restart() */
  QNET_PROXY_PHASE_BOUND,    /* BIND: the proxy listens, at bound_address; the output is empty: feed on */
  QNET_PROXY_PHASE_DONE,     /* what comes now belongs to the peer */
  QNET_PROXY_PHASE_FAILED
} QnetProxyPhase;

struct _QnetProxyWish
{
  QnetProxyCommand  command;
  const char       *host;     /* (nullable): a name that the proxy shall look up */
  QnetHostAddress  *address;  /* (nullable): instead of host */
  guint16           port;
  gboolean          can_ask;  /* somebody could be asked who we are */
};

struct _QnetProxyDialogueFuncs
{
  gsize  size;                                  /* of the subclass */

  /* Says what comes first on a new connection. */
  void  (*begin)  (QnetProxyDialogue *dialogue);

  /* Takes bytes while TALKING or BOUND, one at least, and gives how many: fewer than @length only
   * when the phase has changed. */
  gsize (*take)   (QnetProxyDialogue *dialogue, const guint8 *data, gsize length);

  /* The proxy has closed the connection. */
  void  (*ended)  (QnetProxyDialogue *dialogue);

  /* ASKING: user and password are there. */
  void  (*answered) (QnetProxyDialogue *dialogue);

  void  (*clear)  (QnetProxyDialogue *dialogue);
};

struct _QnetProxyDialogue
{
  const QnetProxyDialogueFuncs *funcs;
  QnetNetworkProxy             *proxy;          /* (owned) */
  QnetProxyCommand              command;
  char                         *host;           /* (owned) (nullable): as it goes over the wire, ASCII */
  QnetHostAddress              *address;        /* (owned) (nullable): instead of host */
  guint16                       port;
  gboolean                      can_ask;        /* nobody has been asked yet, and somebody could be */

  QnetProxyPhase                phase;
  GByteArray                   *output;         /* (owned): what is to be sent */
  char                         *user;           /* (owned): "" for none */
  char                         *password;       /* (owned) */
  char                         *realm;          /* (owned) (nullable): for ASKING */
  GError                       *error;          /* (owned) (nullable): FAILED */
  QnetHostAddress              *bound_address;  /* (owned) (nullable): BOUND: where the proxy listens. DONE: where it
                                                 * connects from, BIND: who has come, ASSOCIATE: the relay. NULL: it
                                                 * gave a name, or says nothing */
  guint16                       bound_port;
};

/* NULL, and the error set, when the proxy cannot do it, or could not be told what. */
QnetProxyDialogue *qnet_proxy_dialogue_new      (QnetNetworkProxy     *proxy,
                                                 const QnetProxyWish  *wish,
                                                 GError              **error);
void               qnet_proxy_dialogue_free     (QnetProxyDialogue    *self);

/* Takes what has come from the proxy, and gives how many bytes of it are the dialogue's: the rest is
 * the peer's (DONE, BIND's next reply) or of no interest. */
gsize              qnet_proxy_dialogue_feed     (QnetProxyDialogue    *self,
                                                 const guint8         *data,
                                                 gsize                 length);

/* The proxy has closed the connection. */
void               qnet_proxy_dialogue_end      (QnetProxyDialogue    *self);

/* AGAIN: a new connection stands. */
void               qnet_proxy_dialogue_restart  (QnetProxyDialogue    *self);

/* ASKING: the answer; a @user of NULL is none. */
void               qnet_proxy_dialogue_answer   (QnetProxyDialogue    *self,
                                                 const char           *user,
                                                 const char           *password);

/* No connection to the proxy could be made; @reason is a sentence that names the proxy. */
void               qnet_proxy_dialogue_fail_to_reach (QnetProxyDialogue *self,
                                                      QnetSocketError    code,
                                                      const char        *reason);

/* How many of the output's bytes have been sent. */
void               qnet_proxy_dialogue_sent     (QnetProxyDialogue    *self,
                                                 gsize                 length);

/* A name as it goes to a proxy, in ASCII. NULL, and the error set, for what cannot be one. */
char              *qnet_proxy_name_to_wire      (const char           *name,
                                                 QnetNetworkProxy     *proxy,
                                                 GError              **error);

/* Looks whether a proxy may be used for a command: "" is no host, and it has to be capable of it. */
gboolean           qnet_proxy_can               (QnetNetworkProxy     *proxy,
                                                 QnetProxyCommand      command);

/* For the two kinds of dialogue */

extern const QnetProxyDialogueFuncs qnet_socks5_client_funcs;
extern const QnetProxyDialogueFuncs qnet_http_tunnel_funcs;

void               qnet_proxy_dialogue_say      (QnetProxyDialogue    *self,
                                                 gconstpointer         data,
                                                 gsize                 length);
/* The text is the reason alone, translated; what failed, and through whom, is put before it. */
void               qnet_proxy_dialogue_fail     (QnetProxyDialogue    *self,
                                                 QnetSocketError       code,
                                                 const char           *format,
                                                 ...) G_GNUC_PRINTF (3, 4);
/* ASKING, or failure: nobody is left to ask. */
void               qnet_proxy_dialogue_ask      (QnetProxyDialogue    *self);

G_END_DECLS
