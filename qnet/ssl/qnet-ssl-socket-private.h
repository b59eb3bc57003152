/* qnet-ssl-socket-private.h: what the parts of QnetSslSocket, and its server, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "socket/qnet-abstract-socket-private.h"
#include "ssl/qnet-ssl-configuration-private.h"
#include "tls/qnet-tls-work-private.h"
#include "tls/qnet-transport-tls-private.h"

#include "qnet-ssl-socket.h"

G_BEGIN_DECLS

typedef struct _QnetSslSocketPrivate QnetSslSocketPrivate;

/* How far the encryption of a connection is. The edges are in qnet-ssl-socket-securing.c. */
typedef enum
{
  QNET_SSL_PHASE_PLAIN,      /* no connection, or a plain one */
  QNET_SSL_PHASE_REQUESTED,  /* connect_to_host_encrypted(): until the connection is established */
  QNET_SSL_PHASE_HANDSHAKE,  /* the socket performs it; the channel is suspended */
  QNET_SSL_PHASE_ENCRYPTED
} QnetSslPhase;

/* Returns what a server presents to a client that requests @name (nullable). (nullable) */
typedef QnetTlsIdentity *(*QnetSslChooser) (gpointer    owner,
                                            const char *name);

struct _QnetSslSocketPrivate
{
  QnetSslConfiguration *configuration;      /* (owned): for the next handshake */
  QnetSslConfiguration *used;               /* (owned) (nullable): that of the session */
  GTlsInteraction      *interaction;        /* (owned) (nullable) */
  int                   handshake_timeout;  /* milliseconds, 0: no limit */
  GBytes               *ticket_key;         /* (owned) (nullable): that of a server */
  char                 *verify_name;        /* (owned) (nullable) */
  char                 *host;               /* (owned) (nullable): from HANDSHAKE on: that name, or
                                             * that of the peer, as it is sent and verified */
  GArray               *ignored;            /* (owned) (nullable): of Ignored; for one connection */

  GTlsDatabase         *judge;              /* (owned) (nullable): decides by itself about the
                                             * peer; in HANDSHAKE */
  QnetTlsWork          *work;               /* (owned) (nullable): a step in another thread */
  QnetWatch             watch;              /* in HANDSHAKE, on the descriptor */
  QnetDeadline          deadline;           /* in HANDSHAKE */
  GTask                *task;               /* (owned) (nullable): of the asynchronous call */
  GError               *failure;            /* (owned) (nullable): why the handshake did not begin,
                                             * reported in the next iteration; or why it fails */
  QnetTlsSession       *session;            /* (owned) (nullable): from HANDSHAKE on */
  GBytes               *session_ticket;     /* (owned) (nullable) */
  GBytes               *offered;            /* (owned) (nullable): the ticket of the configuration
                                             * that a handshake has offered; it is not again */
  GTlsCertificate      *peer_certificate;   /* (owned) (nullable) */
  GTlsCertificateFlags  peer_errors;
  GBytes               *ocsp_response;      /* (owned) (nullable): stapled by the server */
  char                 *server_name;        /* (owned) (nullable): requested by the client */
  char                 *negotiated;         /* (owned) (nullable) */
  char                 *cipher;             /* (owned) (nullable) */
  const char           *version;            /* (nullable) */
  const char           *group;              /* (nullable) */
  guint                 n_encrypted;        /* emissions of `encrypted`: waits compare it */
  gsize                 encrypted_reported; /* bytes reported by encrypted-bytes-written */
  QnetSslChooser        choose;             /* (nullable): that of a server */
  gpointer              chooser;
  guint                 mode           : 2;  /* QnetSslMode */
  guint                 phase          : 3;  /* QnetSslPhase */
  guint                 is_reused      : 1;  /* the session is a resumed one */
  guint                 starts_reading : 1;  /* when encrypted: no server has to return it first */
  guint                 has_deadline   : 1;  /* the deadline and the watch are initialized */
};

QnetSslSocketPrivate *qnet_ssl_socket_get_private  (QnetSslSocket        *self);
QnetSslSocket        *qnet_ssl_socket_from_private (QnetSslSocketPrivate *priv);

/* qnet-ssl-socket-information.c: @certificate (nullable) and its issuers (transfer full) */
GPtrArray       *qnet_ssl_list_chain             (GTlsCertificate        *certificate);

/* qnet-ssl-errors.c: @peer is the name or the address of the peer, @problem (nullable) that of the
 * session */
GError *qnet_ssl_new_certificate_error (const char            *peer,
                                        GTlsCertificate       *certificate,
                                        GTlsCertificateFlags   errors,
                                        const char            *problem);

/* qnet-ssl-socket-connecting.c: how an encrypted connection is requested */
gboolean         qnet_ssl_socket_may_request         (QnetSslSocket  *self,
                                                      GError        **error);
/* In the middle of a connection; @input (nullable) was read before */
gboolean         qnet_ssl_socket_start               (QnetSslSocket  *self,
                                                      QnetSslMode     mode,
                                                      GBytes         *input,
                                                      GError        **error);

/* qnet-ssl-socket-handshake.c: the handshake of a socket, and what follows from its outcome */
extern const QnetWatchFuncs qnet_ssl_socket_watch_funcs;

gboolean         qnet_ssl_socket_start_handshake     (QnetSslSocket  *self,
                                                      GError        **error);
/* Of a handshake that has started: bytes of the peer that were read before */
void             qnet_ssl_socket_add_input           (QnetSslSocket  *self,
                                                      GBytes         *input);
/* For the successor of a socket that was in its handshake */
void             qnet_ssl_socket_continue_handshake  (QnetSslSocket  *self);
/* A step in another thread has ended. */
void             qnet_ssl_socket_handle_work         (QnetSslSocket  *self);
/* For the session of a server */
QnetTlsIdentity *qnet_ssl_socket_choose_identity     (gpointer        owner,
                                                      const char     *name);
/* @reason is a sentence. The error names the peer. */
GError          *qnet_ssl_socket_new_handshake_error (QnetSslSocket  *self,
                                                      int             code,
                                                      const char     *reason);
void             qnet_ssl_socket_fail                (QnetSslSocket  *self,
                                                      GError         *error);  /* (transfer full) */

/* qnet-ssl-socket-session.c: from the configuration to a session (transfer full) */
QnetTlsSession  *qnet_ssl_socket_new_session         (QnetSslSocket  *self);
/* (nullable): the name or the address of the server, as it was given, for messages */
const char      *qnet_ssl_socket_get_name            (QnetSslSocket  *self);

/* qnet-ssl-socket-securing.c: from a plain connection to an encrypted one */
void     qnet_ssl_socket_class_install_securing (QnetIODeviceClass  *klass);
void     qnet_ssl_socket_set_phase              (QnetSslSocket      *self,
                                                 QnetSslPhase        phase);
/* The connection is plain, with nothing unread. @sends_plain: what was written before is sent
 * unencrypted. */
gboolean qnet_ssl_socket_begin                  (QnetSslSocket      *self,
                                                 QnetSslMode         mode,
                                                 gboolean            sends_plain,
                                                 GError            **error);
/* (nullable): the last one of the server */
GBytes  *qnet_ssl_socket_keep_ticket            (QnetSslSocketPrivate *priv);
void     qnet_ssl_socket_class_install_successor (QnetSocketClass   *klass);
/* For servers: as qnet_abstract_socket_adopt_accepted(), but the handshake begins at once. The
 * socket is read once the server has returned it. FALSE with an error: the socket is unconnected
 * then. */
gboolean qnet_ssl_socket_adopt_accepted (QnetSslSocket   *self,
                                         QnetReactor     *reactor,
                                         int              fd,
                                         QnetSslChooser   choose,
                                         gpointer         chooser,
                                         GError         **error);

/* qnet-ssl-socket-verification.c: which certificates of the peer a socket accepts */
QnetSslPeerVerifyMode
         qnet_ssl_socket_get_effective_mode (QnetSslSocketPrivate *priv);
gboolean qnet_ssl_socket_accepts            (QnetSslSocket        *self,
                                             GTlsCertificateFlags  errors,
                                             GTlsCertificate      *certificate);
/* Whether the handshake may continue with that certificate. Called during the handshake, so it
 * emits nothing. */
gboolean qnet_ssl_socket_may_continue       (QnetSslSocket        *self,
                                             GTlsCertificateFlags  errors,
                                             GTlsCertificate      *certificate);
void     qnet_ssl_socket_forget_ignored     (QnetSslSocket        *self);

/* qnet-ssl-socket-properties.c */
void     qnet_ssl_socket_class_install_properties (GObjectClass  *klass);
void     qnet_ssl_socket_set_mode                 (QnetSslSocket *self,
                                                   QnetSslMode    mode);  /* notifies */
/* Notifies the properties that the handshake has set, if it has: called after it, and, frozen,
 * before they are reset. */
void     qnet_ssl_socket_notify_session           (QnetSslSocket *self);

/* qnet-ssl-socket.c */
gboolean qnet_ssl_socket_has_errors_handler       (QnetSslSocket        *self);
void     qnet_ssl_socket_emit_encrypted           (QnetSslSocket        *self);
void     qnet_ssl_socket_emit_errors              (QnetSslSocket        *self,
                                                   GTlsCertificateFlags  errors,
                                                   GTlsCertificate      *certificate);
/* It is encrypted, and its transport still has the session. */
gboolean qnet_ssl_socket_has_session              (QnetSslSocket        *self);
void     qnet_ssl_socket_report_encrypted_bytes   (QnetSslSocket        *self);

G_END_DECLS
