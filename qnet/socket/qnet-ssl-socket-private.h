/* qnet-ssl-socket-private.h: what the parts of QnetSslSocket, and its server, share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "engine/qnet-raw-connection-private.h"
#include "socket/qnet-abstract-socket-private.h"

#include "qnet-ssl-socket.h"

G_BEGIN_DECLS

typedef struct _QnetSslSocketPrivate QnetSslSocketPrivate;
typedef struct _QnetSslSettings      QnetSslSettings;
typedef struct _QnetSslHandshake     QnetSslHandshake;

/* How far the encryption of a connection is. */
typedef enum
{
  QNET_SSL_PHASE_PLAIN,
  QNET_SSL_PHASE_HELLO,      /* a server waits for the client's first message, which costs no thread */
  QNET_SSL_PHASE_HANDSHAKE,  /* in a thread of GIO's; the channel is suspended */
  QNET_SSL_PHASE_ENCRYPTED
} QnetSslPhase;

/* What a socket is told, and what a server tells each that it makes. */
struct _QnetSslSettings
{
  GTlsCertificate       *certificate;           /* (owned) (nullable) */
  GTlsDatabase          *database;              /* (owned) (nullable): NULL: the system's */
  GTlsInteraction       *interaction;           /* (owned) (nullable) */
  char                 **advertised_protocols;  /* (owned) (nullable) */
  int                    handshake_timeout;     /* milliseconds, 0: no limit */
  QnetSslPeerVerifyMode  verify_mode;
};

/* Whose certificate a server shows to a client that asks for @name (nullable). */
typedef GTlsCertificate *(*QnetSslChooser) (gpointer    owner,
                                            const char *name);

struct _QnetSslSocketPrivate
{
  QnetSslSettings       settings;
  char                 *verify_name;        /* (owned) (nullable) */
  GArray               *ignored;            /* (owned) (nullable): of Ignored; for this connection alone */

  QnetRawConnection    *raw;                /* (owned) (nullable): under TLS, as long as the connection stands */
  GTlsConnection       *tls;                /* (owned) (nullable): kept after the end, for who asks */
  QnetSslHandshake     *handshake;          /* (owned) (nullable): in HANDSHAKE */
  QnetWatch             hello;              /* in HELLO, on the descriptor */
  QnetDeadline          deadline;           /* in HELLO and HANDSHAKE */
  GTask                *task;               /* (owned) (nullable): an asynchronous pair that waits for the encryption */
  GError               *failure;            /* (owned) (nullable): why it could not begin, to be told in the next turn */
  GTlsCertificate      *peer_certificate;   /* (owned) (nullable) */
  GTlsCertificateFlags  peer_errors;
  char                 *server_name;        /* (owned) (nullable): what the client asked for */
  char                 *protocol;           /* (owned) (nullable): the best of ours that the client offers */
  char                 *negotiated;         /* (owned) (nullable) */
  char                 *cipher;             /* (owned) (nullable) */
  guint                 n_encrypted;        /* times that `encrypted` was emitted: waits compare */
  guint64               encrypted_told;     /* bytes that encrypted-bytes-written has told of */
  QnetSslChooser        choose;             /* (nullable): a server's */
  gpointer              chooser;
  guint                 mode           : 2;  /* QnetSslMode */
  guint                 phase          : 2;  /* QnetSslPhase */
  guint                 wants_client   : 1;  /* connect_to_host_encrypted() is being called, or its connection is being made */
  guint                 reads_at_once  : 1;  /* when encrypted: nobody has to take the connection first */
  guint                 holds_self     : 1;
  guint                 has_begun      : 1;  /* the deadline is initialized */
};

QnetSslSocketPrivate *qnet_ssl_socket_get_private (QnetSslSocket *self);
QnetSslSocket        *qnet_ssl_socket_from_private (QnetSslSocketPrivate *priv);

/* qnet-ssl-settings.c */
void     qnet_ssl_settings_init          (QnetSslSettings       *settings);
void     qnet_ssl_settings_clear         (QnetSslSettings       *settings);
void     qnet_ssl_settings_copy          (QnetSslSettings       *settings,
                                          const QnetSslSettings *from);
/* NULL with an error that names the file */
GTlsCertificate *qnet_ssl_load_certificate_files (const char  *certificate_file,
                                                  const char  *key_file,
                                                  GError     **error);
GTlsCertificate *qnet_ssl_load_certificate_uris  (const char  *certificate_uri,
                                                  const char  *key_uri,
                                                  GError     **error);
GTlsDatabase    *qnet_ssl_load_database          (const char  *file,
                                                  GError     **error);

/* qnet-ssl-errors.c */
GError  *qnet_ssl_new_certificate_error  (const char            *whose,
                                          GTlsCertificate       *certificate,
                                          GTlsCertificateFlags   errors);

/* qnet-ssl-handshake.c: one handshake in a thread of GIO's, from its start to its outcome */

/* Calls @owner's deferred () when it has ended. */
QnetSslHandshake     *qnet_ssl_handshake_new             (QnetSslSocket        *owner,
                                                          GTlsConnection       *tls);
/* Nobody wants to know any more. What it waits for was interrupted. */
void                  qnet_ssl_handshake_free            (QnetSslHandshake     *handshake);
gboolean              qnet_ssl_handshake_has_ended       (QnetSslHandshake     *handshake);
GError               *qnet_ssl_handshake_take_error      (QnetSslHandshake     *handshake);  /* (transfer full) (nullable) */
/* The peer showed @out_certificate (transfer none) (nullable), and was refused for it while shaking hands. */
gboolean              qnet_ssl_handshake_was_refused     (QnetSslHandshake     *handshake,
                                                          GTlsCertificate     **out_certificate,
                                                          GTlsCertificateFlags *out_errors);

/* qnet-ssl-socket-securing.c: from a plain connection to an encrypted one */
void     qnet_ssl_socket_class_install_securing (QnetIODeviceClass     *klass);
/* The connection is plain, and nothing unread; @sends_plain: what was written before goes out as it is. */
gboolean qnet_ssl_socket_begin           (QnetSslSocket         *self,
                                          QnetSslMode            mode,
                                          gboolean               sends_plain,
                                          GError               **error);
void     qnet_ssl_socket_end             (QnetSslSocket         *self);
/* May the handshake go on with that certificate? Called in the middle of it: tells nobody. */
gboolean qnet_ssl_socket_may_go_on       (QnetSslSocket         *self,
                                          GTlsCertificateFlags   errors,
                                          GTlsCertificate       *certificate);

/* qnet-ssl-socket.c */
gboolean qnet_ssl_socket_ignores         (QnetSslSocket         *self,
                                          GTlsCertificateFlags   errors,
                                          GTlsCertificate       *certificate);
gboolean qnet_ssl_socket_errors_are_heard (QnetSslSocket        *self);
void     qnet_ssl_socket_forget_ignored  (QnetSslSocket         *self);
void     qnet_ssl_socket_set_mode        (QnetSslSocket         *self,
                                          QnetSslMode            mode);     /* notifies */
/* Of what the handshake has found out, if it has: to be called after it, and, frozen, before that is forgotten. */
void     qnet_ssl_socket_notify_session  (QnetSslSocket         *self);
void     qnet_ssl_socket_emit_encrypted  (QnetSslSocket         *self);
void     qnet_ssl_socket_emit_errors     (QnetSslSocket         *self,
                                          GTlsCertificateFlags   errors,
                                          GTlsCertificate       *certificate);
void     qnet_ssl_socket_tell_encrypted_bytes (QnetSslSocket    *self);

/* For servers: as qnet_abstract_socket_adopt_accepted(), and the handshake begins at once; it is read
 * from when it has been handed out. FALSE with the error; the socket is unconnected then. */
gboolean qnet_ssl_socket_adopt_accepted  (QnetSslSocket         *self,
                                          QnetReactor           *reactor,
                                          int                    fd,
                                          QnetSslChooser         choose,
                                          gpointer               chooser,
                                          GError               **error);

G_END_DECLS
