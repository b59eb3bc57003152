/* qnet-dtls-private.h: what the parts of QnetDtls share
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "ssl/qnet-ssl-socket-private.h"

#include "qnet-dtls.h"

G_BEGIN_DECLS

typedef enum /*< skip >*/
{
  QNET_DTLS_PROP_MODE = 1,
  QNET_DTLS_PROP_PEER_ADDRESS,
  QNET_DTLS_PROP_PEER_PORT,
  QNET_DTLS_PROP_PEER_VERIFY_NAME,
  QNET_DTLS_PROP_SSL_CONFIGURATION,
  QNET_DTLS_PROP_CERTIFICATE,
  QNET_DTLS_PROP_DATABASE,
  QNET_DTLS_PROP_PEER_VERIFY_MODE,
  QNET_DTLS_PROP_COOKIE_SECRET,
  QNET_DTLS_PROP_MTU_HINT,
  QNET_DTLS_PROP_HANDSHAKE_STATE,
  QNET_DTLS_PROP_ENCRYPTED,
  QNET_DTLS_PROP_PEER_CERTIFICATE,
  QNET_DTLS_PROP_PEER_CERTIFICATE_ERRORS,
  QNET_DTLS_PROP_SESSION_PROTOCOL,
  QNET_DTLS_PROP_SESSION_CIPHER,
  QNET_DTLS_PROP_SESSION_GROUP,
  QNET_DTLS_N_PROPS
} QnetDtlsProperty;

struct _QnetDtls
{
  GObject                 parent_instance;

  QnetSslMode             mode;
  QnetHostAddress        *peer_address;      /* (owned) (nullable) */
  guint16                 peer_port;
  char                   *verify_name;       /* (owned) (nullable) */
  char                   *host;              /* (owned) (nullable): the same, as it is sent and
                                              * verified */
  QnetSslConfiguration   *configuration;     /* (owned): for the next handshake */
  QnetSslConfiguration   *used;              /* (owned) (nullable): that of the session */
  GBytes                 *cookie_secret;     /* (owned) (nullable) */
  int                     mtu_hint;          /* bytes, 0: the default of GnuTLS */
  GTlsCertificateFlags    ignored;           /* errors, in this handshake */

  QnetWaitSet             set;               /* of the deadline, while there is a session */
  QnetDeadline            deadline;          /* of the flight of messages that was sent last */
  QnetTlsSession         *session;           /* (owned) (nullable) */
  GTlsDatabase           *judge;             /* (owned) (nullable): decides by itself about the peer
                                              * of the session */
  QnetUdpSocket          *socket;            /* (owned) (nullable): of the handshake */
  GPtrArray              *unsent;            /* (owned) (nullable) (element-type GByteArray) */
  GError                 *send_error;        /* (owned) (nullable): the first one in this call */
  guint                   n_notified;        /* how often the state was notified */
  guint8                  state;             /* QnetDtlsHandshakeState */
  int                     is_disposed;       /* gboolean (atomic) */

  GTlsCertificate        *peer_certificate;  /* (owned) (nullable) */
  GTlsCertificateFlags    peer_errors;
  const char             *version;           /* (nullable) */
  char                   *cipher;            /* (owned) (nullable) */
  const char             *group;             /* (nullable) */
};

/* qnet-dtls-properties.c */
void qnet_dtls_class_install_properties (GObjectClass           *klass);
void qnet_dtls_notify                   (QnetDtls               *self,
                                         QnetDtlsProperty        id);
void qnet_dtls_notify_state             (QnetDtls               *self);

/* qnet-dtls.c */
void qnet_dtls_emit_timeout             (QnetDtls               *self);
void qnet_dtls_emit_error               (QnetDtls               *self,
                                         const GError           *error);

/* qnet-dtls-handshake.c */
void qnet_dtls_end_session              (QnetDtls               *self);
/* Ends @session and notifies it, unless a handler of the socket has ended it already, and has
 * perhaps begun another one. */
void     qnet_dtls_report_end           (QnetDtls               *self,
                                         QnetTlsSession         *session);
/* Sends what GnuTLS has made, after each call of it. The caller holds the session, and @self: a
 * handler of the socket may end the session, or drop the last reference. */
void     qnet_dtls_flush                (QnetDtls               *self);

/* For a call that may send: FALSE with an error if it comes from another thread than the
 * handshake's. */
gboolean qnet_dtls_use_socket           (QnetDtls               *self,
                                         QnetUdpSocket          *socket,
                                         const char             *function,
                                         GError                **error);

G_END_DECLS
