/* qnet-tls-session-parts-private.h: what the files of a TLS session share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tls/qnet-tls-gnutls-private.h"

G_BEGIN_DECLS

/* The most bytes of the peer without one of the program: of a whole handshake, and of messages
 * after it. GnuTLS would store any message, and check its size when it is complete. */
#define QNET_TLS_MAX_FRUITLESS (256 * 1024)

struct _QnetTlsSession
{
  gatomicrefcount   ref_count;
  gnutls_session_t  gnutls;
  QnetByteQueue     input;
  QnetByteQueue     output;
  QnetTlsTrust     *trust;            /* (owned) */
  QnetTlsIdentity  *identity;         /* (owned) (nullable) */
  GTlsInteraction  *interaction;      /* (owned) (nullable) */
  QnetTlsStaple    *staple;           /* (owned) (nullable): of the identity, in this session */
  gnutls_privkey_t  token_key;        /* (owned) (nullable): of the identity, in this session */
  QnetTlsOrigin    *origin;           /* (owned) (nullable): of a client that resumes sessions */
  GBytes           *ticket;           /* (owned) (nullable): what was stored for it last */
  GBytes           *ticket_key;       /* (owned) (nullable): of a server that does */
  QnetTlsSender     send;             /* (nullable): of datagrams */
  gpointer          sender;
  QnetTlsChooser    choose;           /* (nullable): during the handshake */
  gpointer          chooser;
  char             *server_name;      /* (owned) (nullable): requested by the client */
  const char       *problem;          /* (nullable): of the certificate of the peer; untranslated */
  gsize             n_fruitless;      /* bytes of the peer since the last one of the program */
  guint8            stage;            /* QnetTlsStage */
  guint8            is_server       : 1;
  guint8            has_begun       : 1;  /* the first record of the peer is one of TLS */
  guint8            input_has_ended : 1;
  guint8            has_sent_alert  : 1;  /* a fatal one */
  guint8            is_finished     : 1;  /* GnuTLS has completed the handshake */
  guint8            is_dubious      : 1;  /* it must not be resumed */
  guint8            has_hello       : 1;  /* a second one follows a HelloRetryRequest */
};

/* Whether the same call has to be repeated, now or when there is more input. */
static inline gboolean
qnet_tls_is_retry (int code)
{
  return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED
         || code == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

/* GnuTLS waits for more of a message that is too large. */
static inline gboolean
qnet_tls_session_has_too_much (QnetTlsSession *self)
{
  return self->n_fruitless > QNET_TLS_MAX_FRUITLESS;
}

/* qnet-tls-key-log.c: without the file it writes none, as GnuTLS would do it by itself for
 * SSLKEYLOGFILE of the environment. */
void qnet_tls_session_install_key_log     (QnetTlsSession *self);

/* qnet-tls-session-handshake.c */
void qnet_tls_session_fail                (QnetTlsSession *self,
                                           int             code);  /* sends the alert for it */
void qnet_tls_session_install_handshake   (QnetTlsSession *self);

G_END_DECLS
