/* qnet-tls-session-private.h: TLS as a state machine over two queues of bytes
 *
 * A session is one TLS connection without a descriptor, a loop or a signal. The bytes of the peer
 * are added to its input queue; what it has to send is in its output queue. No function waits: each
 * does what the input allows. GnuTLS implements the protocol.
 *
 * A session is used by one thread at a time, which need not be the same one always: a step that can
 * block is made in a thread of its own.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sys/uio.h>

#include "base/qnet-byte-queue-private.h"
#include "tls/qnet-tls-policy-private.h"
#include "tls/qnet-tls-resumption-private.h"

G_BEGIN_DECLS

typedef struct _QnetTlsSession QnetTlsSession;

/* What the handshake needs next. */
typedef enum
{
  QNET_TLS_WANTS_INPUT,    /* more bytes of the peer, or its end */
  QNET_TLS_WANTS_VERDICT,  /* whether the certificate of the peer is accepted */
  QNET_TLS_WANTS_THREAD,   /* the next step can block */
  QNET_TLS_IS_COMPLETE,
  QNET_TLS_HAS_FAILED
} QnetTlsProgress;

/* Whether a server requests a certificate of its client. */
typedef enum
{
  QNET_TLS_REQUEST_NONE,
  QNET_TLS_REQUEST_OPTIONAL,
  QNET_TLS_REQUEST_REQUIRED  /* without one the handshake fails */
} QnetTlsRequest;

/* The stages of a session. The edges are in qnet-tls-session.c. */
typedef enum /*< skip >*/
{
  QNET_TLS_STAGE_HANDSHAKE,    /* until the certificate of the peer has arrived, or there is none */
  QNET_TLS_STAGE_VERDICT,      /* waits for the verdict on it */
  QNET_TLS_STAGE_ACCEPTED,     /* it is accepted, and the handshake continues */
  QNET_TLS_STAGE_ESTABLISHED,
  QNET_TLS_STAGE_FAILED
} QnetTlsStage;

/* Returns the identity (transfer full) (nullable) that a server presents to a client that requests
 * @name (nullable). */
typedef QnetTlsIdentity *(*QnetTlsChooser) (gpointer    owner,
                                            const char *name);

/* Sends one datagram. What the network loses is sent again, so a failure needs no result. */
typedef void (*QnetTlsSender) (gpointer            owner,
                               const struct iovec *vectors,
                               int                 n_vectors);

/* The ends of a session: a client always verifies. */
QnetTlsSession  *qnet_tls_session_new_client      (QnetTlsTrust             *trust,
                                                   const char               *host);
QnetTlsSession  *qnet_tls_session_new_server      (QnetTlsTrust             *trust,
                                                   QnetTlsRequest            request);
QnetTlsSession  *qnet_tls_session_ref             (QnetTlsSession           *self);
void             qnet_tls_session_unref           (QnetTlsSession           *self);

/* The same over datagrams (DTLS). The input contains one datagram, of which nothing remains after a
 * step, and the output is sent at once. */
QnetTlsSession  *qnet_tls_session_new_dtls_client (QnetTlsTrust             *trust,
                                                   const char               *name,  /* (nullable) */
                                                   QnetTlsSender             send,
                                                   gpointer                  owner);
QnetTlsSession  *qnet_tls_session_new_dtls_server (QnetTlsTrust             *trust,
                                                   QnetTlsRequest            request,
                                                   QnetTlsSender             send,
                                                   gpointer                  owner);
/* The most bytes of a datagram, before the handshake */
void             qnet_tls_session_set_mtu         (QnetTlsSession           *self,
                                                   int                       mtu);
/* Milliseconds until the messages that were sent last have to be sent again */
int              qnet_tls_session_get_resend_timeout (QnetTlsSession        *self);

/* Before the handshake */
void             qnet_tls_session_set_policy      (QnetTlsSession           *self,
                                                   QnetTlsPolicy            *policy);
/* Servers: a request of a certificate does not name the authorities. */
void             qnet_tls_session_hide_authorities (QnetTlsSession          *self);
void             qnet_tls_session_set_identity    (QnetTlsSession           *self,
                                                   QnetTlsIdentity          *identity);
void             qnet_tls_session_set_interaction (QnetTlsSession           *self,
                                                   GTlsInteraction          *interaction);
/* GnuTLS would offer nothing of more, or of longer ones. */
#define QNET_TLS_MAX_PROTOCOLS     8
#define QNET_TLS_MAX_PROTOCOL_NAME 31  /* bytes */
void             qnet_tls_session_set_protocols   (QnetTlsSession           *self,
                                                   const char * const       *protocols);
/* Servers: resumes sessions */
void             qnet_tls_session_set_tickets     (QnetTlsSession           *self,
                                                   GBytes                   *key);
/* Clients: resumes @ticket (nullable), or a session of @origin (transfer full), and stores this one
 * for it. */
void             qnet_tls_session_set_origin      (QnetTlsSession           *self,
                                                   QnetTlsOrigin            *origin,
                                                   GBytes                   *ticket);
/* Servers: instead of set_identity() */
void             qnet_tls_session_set_chooser     (QnetTlsSession           *self,
                                                   QnetTlsChooser            choose,
                                                   gpointer                  owner);

/* Bytes of the peer and for it, encrypted */
QnetByteQueue   *qnet_tls_session_get_input       (QnetTlsSession           *self);
QnetByteQueue   *qnet_tls_session_get_output      (QnetTlsSession           *self);
void             qnet_tls_session_end_input       (QnetTlsSession           *self);
gboolean         qnet_tls_session_input_has_ended (QnetTlsSession           *self);

/* The handshake. @may_block: this thread is one for steps that block. HAS_FAILED sets @error, and
 * an alert for the peer is in the output. */
QnetTlsProgress  qnet_tls_session_do_handshake    (QnetTlsSession           *self,
                                                   gboolean                  may_block,
                                                   GError                  **error);
/* The verdict: the handshake continues, or fails with the alert for @errors. */
void             qnet_tls_session_accept_peer     (QnetTlsSession           *self);
void             qnet_tls_session_refuse_peer     (QnetTlsSession           *self,
                                                   GTlsCertificateFlags      errors);
/* What the verification has found. @problem (nullable): a sentence, not translated yet, about
 * G_TLS_CERTIFICATE_GENERIC_ERROR. */
void             qnet_tls_session_set_findings    (QnetTlsSession           *self,
                                                   GTlsCertificateFlags      errors,
                                                   const char               *problem);
const char      *qnet_tls_session_get_problem     (QnetTlsSession           *self);

/* After the handshake: as QnetTransportFuncs has it. What is written is added to the output. */
gssize           qnet_tls_session_read            (QnetTlsSession           *self,
                                                   void                     *buffer,
                                                   gsize                     size,
                                                   GError                  **error);
gssize           qnet_tls_session_write           (QnetTlsSession           *self,
                                                   const void               *data,
                                                   gsize                     size,
                                                   GError                  **error);
/* Sends close_notify. */
void             qnet_tls_session_close           (QnetTlsSession           *self);

/* What is known about it */
QnetTlsTrust    *qnet_tls_session_get_trust       (QnetTlsSession           *self);
/* (transfer full) (nullable): with its issuers */
GTlsCertificate *qnet_tls_session_dup_peer        (QnetTlsSession           *self);
/* (transfer full) (nullable): the OCSP response for its certificate */
GBytes          *qnet_tls_session_dup_staple      (QnetTlsSession           *self);
const char      *qnet_tls_session_get_version     (QnetTlsSession           *self);
char            *qnet_tls_session_dup_cipher      (QnetTlsSession           *self);
/* (nullable) */
const char      *qnet_tls_session_get_group       (QnetTlsSession           *self);
char            *qnet_tls_session_dup_protocol    (QnetTlsSession           *self);
gboolean         qnet_tls_session_has_failed      (QnetTlsSession           *self);
/* It has failed, and has notified the peer of the reason. */
gboolean         qnet_tls_session_has_sent_alert  (QnetTlsSession           *self);
gboolean         qnet_tls_session_is_resumed      (QnetTlsSession           *self);
GBytes          *qnet_tls_session_new_channel_binding (QnetTlsSession         *self,
                                                       GTlsChannelBindingType  type,
                                                       GError                **error);
/* (nullable): what was stored last for the origin */
GBytes          *qnet_tls_session_get_ticket      (QnetTlsSession           *self);

/* qnet-tls-key-log.c: the file for the keys of all sessions of the process. From any thread; NULL
 * ends it. If it fails, nothing changes. */
gboolean         qnet_tls_key_log_open            (const char               *path,
                                                   GError                  **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QnetTlsSession, qnet_tls_session_unref)

G_END_DECLS
