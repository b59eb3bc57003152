/* qnet-ssl-server.c: accepts TCP connections, and hands them out encrypted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-server.h"

#include <string.h>

#include "qnet-enum-types.h"
#include "base/qnet-error-private.h"
#include "server/qnet-server-private.h"
#include "socket/qnet-ssl-socket-private.h"

/**
 * QnetSslServer:
 *
 * Accepts TCP connections, and hands them out encrypted.
 *
 * ```c
 * g_autoptr(QnetSslServer) server = qnet_ssl_server_new ();
 *
 * if (!qnet_ssl_server_set_certificate_files (server, "certificate.pem", "key.pem", &error) ||
 *     !qnet_tcp_server_listen_port (QNET_TCP_SERVER (server), 7777, &error))
 *   return FALSE;
 *
 * g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
 * ```
 *
 * It is a [class@TcpServer] whose connections shake hands before anybody hears of them: [signal@Server::new-connection] is emitted,
 * and [method@SslServer.next_pending_connection] gives a socket, once it is encrypted. A client that fails is told by
 * [signal@SslServer::error-occurred], and disturbs nobody: not even one that says nothing at all, which is cut off after
 * [property@SslServer:handshake-timeout]. Until its first message is there a client costs a descriptor and nothing else; then its
 * handshake runs in a thread of GIO's, of which there are few. [property@SslServer:max-handshakes] limits both.
 *
 * ## Certificates
 *
 * A new certificate counts for connections that are accepted from then on, so it is renewed without ceasing to listen. A server
 * with several names gives each its own by [method@SslServer.set_certificate_for_name].
 *
 * Clients are asked for a certificate where [property@SslServer:peer-verify-mode] says so.
 *
 * Since: 1.0
 */

#define DEFAULT_TIMEOUT        5000
#define DEFAULT_MAX_HANDSHAKES 64

/* Microseconds that a wait serves one connection for, before it looks at the next and at the listener. */
#define SLICE (20 * 1000)

typedef struct
{
  QnetSslSettings  settings;
  GHashTable      *names;   /* (owned) (nullable): name in lower case -> GTlsCertificate */
  GQueue           coming;  /* of QnetSslSocket (owned): those that shake hands */
} QnetSslServerPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (QnetSslServer, qnet_ssl_server, QNET_TYPE_TCP_SERVER)

enum
{
  PROP_CERTIFICATE = 1,
  PROP_DATABASE,
  PROP_PEER_VERIFY_MODE,
  PROP_ADVERTISED_PROTOCOLS,
  PROP_HANDSHAKE_TIMEOUT,
  PROP_MAX_HANDSHAKES,
  N_PROPS
};

enum
{
  SIGNAL_STARTED_ENCRYPTION_HANDSHAKE,
  SIGNAL_SSL_ERRORS,
  SIGNAL_PEER_VERIFY_ERROR,
  SIGNAL_ERROR_OCCURRED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint       signals[N_SIGNALS];

static QnetServerHooks hooks;

#define PRIVATE(self) ((QnetSslServerPrivate *) qnet_ssl_server_get_instance_private (self))

/* Which certificate */

static GTlsCertificate *
look_up_name (QnetSslServerPrivate *priv,
              const char           *name)
{
  const char *rest = strchr (name, '.');
  g_autofree char *wildcard = rest != NULL ? g_strconcat ("*", rest, NULL) : NULL;
  GTlsCertificate *certificate = g_hash_table_lookup (priv->names, name);

  if (certificate == NULL && wildcard != NULL)
    certificate = g_hash_table_lookup (priv->names, wildcard);

  return certificate;
}

static GTlsCertificate *
choose_certificate (gpointer    owner,
                    const char *name)
{
  QnetSslServerPrivate *priv = PRIVATE (QNET_SSL_SERVER (owner));
  GTlsCertificate *certificate = NULL;

  if (priv->names != NULL && name != NULL)
    certificate = look_up_name (priv, name);

  return certificate != NULL ? certificate : priv->settings.certificate;
}

/* Connections that shake hands */

static void
count_coming (QnetSslServer *self)
{
  qnet_server_get_private (QNET_SERVER (self))->n_coming = PRIVATE (self)->coming.length;
  qnet_server_update_limits (QNET_SERVER (self));
}

/* (transfer full): the server's reference. It says nothing to the server any more. */
static QnetSslSocket *
take_coming (QnetSslServer *self,
             QnetSslSocket *socket)
{
  if (!g_queue_remove (&PRIVATE (self)->coming, socket))
    return NULL;

  g_signal_handlers_disconnect_by_data (socket, self);
  qnet_ssl_socket_get_private (socket)->choose = NULL;
  count_coming (self);

  return socket;
}

static void
encrypted_cb (QnetSslSocket *socket,
              QnetSslServer *server)
{
  g_autoptr(QnetSslServer) self = g_object_ref (server);
  g_autoptr(QnetSslSocket) taken = take_coming (self, socket);

  qnet_server_add_pending_connection (QNET_SERVER (self), QNET_IO_DEVICE (taken));
  qnet_server_announce_connection (QNET_SERVER (self));
}

static void
error_occurred_cb (QnetSslSocket *socket,
                   const GError  *error,
                   QnetSslServer *self)
{
  g_signal_emit (self, signals[SIGNAL_ERROR_OCCURRED], 0, socket, error);
}

static void
disconnected_cb (QnetSslSocket *socket,
                 QnetSslServer *server)
{
  g_autoptr(QnetSslServer) self = g_object_ref (server);
  G_GNUC_UNUSED g_autoptr(QnetSslSocket) taken = take_coming (self, socket);
}

static void
ssl_errors_cb (QnetSslSocket        *socket,
               GTlsCertificateFlags  errors,
               GTlsCertificate      *certificate,
               QnetSslServer        *self)
{
  g_signal_emit (self, signals[SIGNAL_SSL_ERRORS], 0, socket, errors, certificate);
}

static void
peer_verify_error_cb (QnetSslSocket        *socket,
                      GTlsCertificateFlags  error,
                      GTlsCertificate      *certificate,
                      QnetSslServer        *self)
{
  g_signal_emit (self, signals[SIGNAL_PEER_VERIFY_ERROR], 0, socket, error, certificate);
}

/* A socket whose errors are heard goes on to be asked about them: only where somebody would answer. */
static void
watch (QnetSslServer *self,
       QnetSslSocket *socket)
{
  g_signal_connect (socket, "encrypted", G_CALLBACK (encrypted_cb), self);
  g_signal_connect (socket, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (socket, "error-occurred", G_CALLBACK (error_occurred_cb), self);
  g_signal_connect (socket, "peer-verify-error", G_CALLBACK (peer_verify_error_cb), self);

  if (g_signal_has_handler_pending (self, signals[SIGNAL_SSL_ERRORS], 0, TRUE))
    g_signal_connect (socket, "ssl-errors", G_CALLBACK (ssl_errors_cb), self);
}

static void
fail_to_adopt (QnetSslServer *self,
               QnetSslSocket *socket,
               GError        *error)  /* (transfer full) */
{
  g_signal_emit (self, signals[SIGNAL_ERROR_OCCURRED], 0, socket, error);
  qnet_abstract_socket_abort (QNET_ABSTRACT_SOCKET (socket));
  g_error_free (error);
}

static void
qnet_ssl_server_incoming_connection (QnetServer *server,
                                     int         fd)
{
  QnetSslServer *self = QNET_SSL_SERVER (server);
  QnetSslServerPrivate *priv = PRIVATE (self);
  g_autoptr(QnetSslSocket) socket = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_settings_copy (&qnet_ssl_socket_get_private (socket)->settings, &priv->settings);
  g_queue_push_tail (&priv->coming, g_object_ref (socket));
  watch (self, socket);
  count_coming (self);
  qnet_server_introduce_peer (server, QNET_ABSTRACT_SOCKET (socket));

  if (!qnet_ssl_socket_adopt_accepted (socket, qnet_server_get_reactor (server), fd,
                                       choose_certificate, self, &error))
    fail_to_adopt (self, socket, error);
  else
    g_signal_emit (self, signals[SIGNAL_STARTED_ENCRYPTION_HANDSHAKE], 0, socket);
}

/* A wait knows one object's descriptors, and each connection is one of its own: they take turns. */
static gboolean
advance (QnetServer *server,
         gint64      until)
{
  QnetSslServerPrivate *priv = PRIVATE (QNET_SSL_SERVER (server));
  g_autoptr(QnetSslSocket) socket = NULL;
  gint64 slice = qnet_clock_now () + SLICE;

  if (priv->coming.head == NULL)
    return FALSE;

  socket = g_object_ref (priv->coming.head->data);
  g_queue_push_tail_link (&priv->coming, g_queue_pop_head_link (&priv->coming));
  qnet_wait_set_iterate (&qnet_io_device_get_private (QNET_IO_DEVICE (socket))->wait_set, MIN (until, slice));

  return TRUE;
}

static void
drop (QnetServer *server)
{
  QnetSslServer *self = QNET_SSL_SERVER (server);
  QnetSslSocket *first;

  while ((first = g_queue_peek_head (&PRIVATE (self)->coming)) != NULL)
    {
      g_autoptr(QnetSslSocket) socket = take_coming (self, first);

      qnet_abstract_socket_abort (QNET_ABSTRACT_SOCKET (socket));
    }
}

/* GObject */

static void
qnet_ssl_server_finalize (GObject *object)
{
  QnetSslServerPrivate *priv = PRIVATE (QNET_SSL_SERVER (object));

  qnet_ssl_settings_clear (&priv->settings);
  g_clear_pointer (&priv->names, g_hash_table_unref);

  G_OBJECT_CLASS (qnet_ssl_server_parent_class)->finalize (object);
}

static void
qnet_ssl_server_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetSslServer *self = QNET_SSL_SERVER (object);

  switch (id)
    {
    case PROP_CERTIFICATE:
      g_value_set_object (value, qnet_ssl_server_get_certificate (self));
      break;

    case PROP_DATABASE:
      g_value_set_object (value, qnet_ssl_server_get_database (self));
      break;

    case PROP_PEER_VERIFY_MODE:
      g_value_set_enum (value, qnet_ssl_server_get_peer_verify_mode (self));
      break;

    case PROP_ADVERTISED_PROTOCOLS:
      g_value_set_boxed (value, qnet_ssl_server_get_advertised_protocols (self));
      break;

    case PROP_HANDSHAKE_TIMEOUT:
      g_value_set_int (value, qnet_ssl_server_get_handshake_timeout (self));
      break;

    case PROP_MAX_HANDSHAKES:
      g_value_set_int (value, qnet_ssl_server_get_max_handshakes (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
qnet_ssl_server_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetSslServer *self = QNET_SSL_SERVER (object);

  switch (id)
    {
    case PROP_CERTIFICATE:
      qnet_ssl_server_set_certificate (self, g_value_get_object (value));
      break;

    case PROP_DATABASE:
      qnet_ssl_server_set_database (self, g_value_get_object (value));
      break;

    case PROP_PEER_VERIFY_MODE:
      qnet_ssl_server_set_peer_verify_mode (self, g_value_get_enum (value));
      break;

    case PROP_ADVERTISED_PROTOCOLS:
      qnet_ssl_server_set_advertised_protocols (self, g_value_get_boxed (value));
      break;

    case PROP_HANDSHAKE_TIMEOUT:
      qnet_ssl_server_set_handshake_timeout (self, g_value_get_int (value));
      break;

    case PROP_MAX_HANDSHAKES:
      qnet_ssl_server_set_max_handshakes (self, g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetSslServer:certificate:
   *
   * The certificate of the server, with its private key: for all clients that ask for no name that has one of its own.
   *
   * Since: 1.0
   */
  properties[PROP_CERTIFICATE] =
    g_param_spec_object ("certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, rw);

  /**
   * QnetSslServer:database:
   *
   * Whose signatures are trusted on certificates of clients. %NULL, for those whom the system trusts, until it is set; it cannot be
   * set to %NULL, which is what a database is that could not be loaded.
   *
   * Since: 1.0
   */
  properties[PROP_DATABASE] =
    g_param_spec_object ("database", NULL, NULL, G_TYPE_TLS_DATABASE, rw);

  /**
   * QnetSslServer:peer-verify-mode:
   *
   * Whether clients are asked for a certificate, and have to have one.
   *
   * Since: 1.0
   */
  properties[PROP_PEER_VERIFY_MODE] =
    g_param_spec_enum ("peer-verify-mode", NULL, NULL, QNET_TYPE_SSL_PEER_VERIFY_MODE,
                       QNET_SSL_PEER_VERIFY_MODE_AUTO, rw);

  /**
   * QnetSslServer:advertised-protocols:
   *
   * The protocols that we speak over the connections, the best one first (ALPN, RFC 7301): the first one that the client speaks,
   * too, is chosen, whatever order it prefers.
   *
   * Since: 1.0
   */
  properties[PROP_ADVERTISED_PROTOCOLS] =
    g_param_spec_boxed ("advertised-protocols", NULL, NULL, G_TYPE_STRV, rw);

  /**
   * QnetSslServer:handshake-timeout:
   *
   * After how many milliseconds a client that has not finished its handshake is cut off, 5000 unless it is set; 0 for never.
   *
   * Since: 1.0
   */
  properties[PROP_HANDSHAKE_TIMEOUT] =
    g_param_spec_int ("handshake-timeout", NULL, NULL, 0, G_MAXINT, DEFAULT_TIMEOUT, rw);

  /**
   * QnetSslServer:max-handshakes:
   *
   * How many connections may shake hands at a time, 64 unless it is set; 0 for no limit.
   *
   * At the limit nobody is accepted until one of them has ended, well or not.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_HANDSHAKES] =
    g_param_spec_int ("max-handshakes", NULL, NULL, 0, G_MAXINT, DEFAULT_MAX_HANDSHAKES, rw);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_signals (GType type)
{
  /**
   * QnetSslServer::started-encryption-handshake:
   * @self: the server
   * @socket: a connection
   *
   * A connection was accepted, and waits for the first message of the client.
   *
   * Since: 1.0
   */
  signals[SIGNAL_STARTED_ENCRYPTION_HANDSHAKE] =
    g_signal_new ("started-encryption-handshake", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, QNET_TYPE_SSL_SOCKET);

  /**
   * QnetSslServer::ssl-errors:
   * @self: the server
   * @socket: a connection
   * @errors: what is wrong with it
   * @certificate: the certificate of the client
   *
   * The certificate of a client is not as it should be; see [signal@SslSocket::ssl-errors]. Ignore it on @socket.
   *
   * Since: 1.0
   */
  signals[SIGNAL_SSL_ERRORS] =
    g_signal_new ("ssl-errors", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, QNET_TYPE_SSL_SOCKET, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);

  /**
   * QnetSslServer::peer-verify-error:
   * @self: the server
   * @socket: a connection
   * @error: one of the errors
   * @certificate: the certificate of the client
   *
   * One thing is wrong with the certificate of a client; see [signal@SslSocket::peer-verify-error].
   *
   * Since: 1.0
   */
  signals[SIGNAL_PEER_VERIFY_ERROR] =
    g_signal_new ("peer-verify-error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, QNET_TYPE_SSL_SOCKET, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TYPE_TLS_CERTIFICATE);

  /**
   * QnetSslServer::error-occurred:
   * @self: the server
   * @socket: a connection
   * @error: what went wrong
   *
   * The handshake of a connection has failed. It ends, and never becomes pending.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ERROR_OCCURRED] =
    g_signal_new ("error-occurred", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, QNET_TYPE_SSL_SOCKET, G_TYPE_ERROR);
}

static void
qnet_ssl_server_class_init (QnetSslServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  QnetServerClass *server_class = QNET_SERVER_CLASS (klass);

  object_class->get_property = qnet_ssl_server_get_property;
  object_class->set_property = qnet_ssl_server_set_property;
  object_class->finalize = qnet_ssl_server_finalize;

  hooks = *server_class->hooks;
  hooks.incoming = qnet_ssl_server_incoming_connection;
  hooks.advance = advance;
  hooks.drop = drop;
  server_class->hooks = &hooks;
  server_class->incoming_connection = qnet_ssl_server_incoming_connection;

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
qnet_ssl_server_init (QnetSslServer *self)
{
  QnetSslServerPrivate *priv = PRIVATE (self);

  qnet_ssl_settings_init (&priv->settings);
  priv->settings.handshake_timeout = DEFAULT_TIMEOUT;
  g_queue_init (&priv->coming);
  qnet_server_get_private (QNET_SERVER (self))->max_coming = DEFAULT_MAX_HANDSHAKES;
}

/* Public API */

/**
 * qnet_ssl_server_new:
 *
 * Makes a server that does not listen yet.
 *
 * Returns: (transfer full): the server
 *
 * Since: 1.0
 */
QnetSslServer *
qnet_ssl_server_new (void)
{
  return g_object_new (QNET_TYPE_SSL_SERVER, NULL);
}

/**
 * qnet_ssl_server_get_certificate:
 * @self: a server
 *
 * Gets the certificate of the server.
 *
 * Returns: (transfer none) (nullable): the certificate, or %NULL for none
 *
 * Since: 1.0
 */
GTlsCertificate *
qnet_ssl_server_get_certificate (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);

  return PRIVATE (self)->settings.certificate;
}

/**
 * qnet_ssl_server_set_certificate:
 * @self: a server
 * @certificate: (nullable): the certificate with its private key, or %NULL for none
 *
 * Sets the certificate of the server, for connections that shake hands from now on.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_certificate (QnetSslServer   *self,
                                 GTlsCertificate *certificate)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate));

  if (g_set_object (&PRIVATE (self)->settings.certificate, certificate))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CERTIFICATE]);
}

/**
 * qnet_ssl_server_set_certificate_files:
 * @self: a server
 * @certificate_file: (type filename): a PEM file with the certificate, and with those who signed it
 * @key_file: (type filename) (nullable): a PEM file with its private key, or %NULL if that is in @certificate_file, too
 * @error: return location for an error
 *
 * Sets the certificate of the server from files: at first, and again when they are renewed.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and leaves what was
 * set before.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_certificate_files (QnetSslServer  *self,
                                       const char     *certificate_file,
                                       const char     *key_file,
                                       GError        **error)
{
  g_autoptr(GTlsCertificate) certificate = NULL;
  GError *failure = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (certificate_file != NULL, FALSE);

  certificate = qnet_ssl_load_certificate_files (certificate_file, key_file, &failure);

  if (certificate == NULL)
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  qnet_ssl_server_set_certificate (self, certificate);

  return TRUE;
}

/**
 * qnet_ssl_server_set_certificate_uris:
 * @self: a server
 * @certificate_uri: a PKCS#11 URI of the certificate (RFC 7512)
 * @key_uri: (nullable): that of its private key, or %NULL if @certificate_uri means both
 * @error: return location for an error
 *
 * Sets the certificate of the server from a token. A PIN has to be part of the URI.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and leaves what was
 * set before.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_certificate_uris (QnetSslServer  *self,
                                      const char     *certificate_uri,
                                      const char     *key_uri,
                                      GError        **error)
{
  g_autoptr(GTlsCertificate) certificate = NULL;
  GError *failure = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (certificate_uri != NULL, FALSE);

  certificate = qnet_ssl_load_certificate_uris (certificate_uri, key_uri, &failure);

  if (certificate == NULL)
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  qnet_ssl_server_set_certificate (self, certificate);

  return TRUE;
}

/**
 * qnet_ssl_server_set_certificate_for_name:
 * @self: a server
 * @name: the name of a host, or `*.` and a domain for the names directly in it
 * @certificate: (nullable): the certificate with its private key, or %NULL for that of all others
 *
 * Sets the certificate for clients that ask for a name (SNI, RFC 6066), for connections that shake hands from now on.
 *
 * As in certificates, `*` is one label: `*.example.org` is for `www.example.org`, but neither for `a.b.example.org` nor for
 * `example.org`.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_certificate_for_name (QnetSslServer   *self,
                                          const char      *name,
                                          GTlsCertificate *certificate)
{
  QnetSslServerPrivate *priv;
  g_autofree char *key = NULL;

  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate));

  priv = PRIVATE (self);
  key = g_ascii_strdown (name, -1);

  if (priv->names == NULL)
    priv->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);

  if (certificate != NULL)
    g_hash_table_insert (priv->names, g_steal_pointer (&key), g_object_ref (certificate));
  else
    g_hash_table_remove (priv->names, key);
}

/**
 * qnet_ssl_server_get_database:
 * @self: a server
 *
 * Gets whose signatures are trusted on certificates of clients.
 *
 * Returns: (transfer none) (nullable): the database, or %NULL for that of the system
 *
 * Since: 1.0
 */
GTlsDatabase *
qnet_ssl_server_get_database (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);

  return PRIVATE (self)->settings.database;
}

/**
 * qnet_ssl_server_set_database:
 * @self: a server
 * @database: the database; [method@Gio.TlsBackend.get_default_database] has that of the system
 *
 * Sets whose signatures are trusted on certificates of clients.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_database (QnetSslServer *self,
                              GTlsDatabase  *database)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (G_IS_TLS_DATABASE (database));

  if (g_set_object (&PRIVATE (self)->settings.database, database))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DATABASE]);
}

/**
 * qnet_ssl_server_set_database_file:
 * @self: a server
 * @file: (type filename): a PEM file with certificates
 * @error: return location for an error
 *
 * Trusts the certificates of a file and what they have signed, instead of those whom the system trusts.
 *
 * It fails with [QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA][error@SocketError], and leaves what was
 * set before.
 *
 * Returns: whether it was set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_server_set_database_file (QnetSslServer  *self,
                                   const char     *file,
                                   GError        **error)
{
  g_autoptr(GTlsDatabase) database = NULL;
  GError *failure = NULL;

  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), FALSE);
  g_return_val_if_fail (file != NULL, FALSE);

  database = qnet_ssl_load_database (file, &failure);

  if (database == NULL)
    return qnet_server_fail (QNET_SERVER (self), failure, error);

  qnet_ssl_server_set_database (self, database);

  return TRUE;
}

/**
 * qnet_ssl_server_get_peer_verify_mode:
 * @self: a server
 *
 * Gets whether clients are asked for a certificate.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
QnetSslPeerVerifyMode
qnet_ssl_server_get_peer_verify_mode (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), QNET_SSL_PEER_VERIFY_MODE_AUTO);

  return PRIVATE (self)->settings.verify_mode;
}

/**
 * qnet_ssl_server_set_peer_verify_mode:
 * @self: a server
 * @mode: the mode
 *
 * Sets whether clients are asked for a certificate.
 *
 * With [QNET_SSL_PEER_VERIFY_MODE_VERIFY][enum@SslPeerVerifyMode] a client without a good one is
 * refused; with [QNET_SSL_PEER_VERIFY_MODE_QUERY][enum@SslPeerVerifyMode] it is taken, and
 * [property@SslSocket:peer-certificate-errors] says what is wrong.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_peer_verify_mode (QnetSslServer         *self,
                                      QnetSslPeerVerifyMode  mode)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));

  if (PRIVATE (self)->settings.verify_mode == mode)
    return;

  PRIVATE (self)->settings.verify_mode = mode;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PEER_VERIFY_MODE]);
}

/**
 * qnet_ssl_server_get_advertised_protocols:
 * @self: a server
 *
 * Gets the protocols that we speak over the connections (ALPN).
 *
 * Returns: (nullable) (transfer none) (array zero-terminated=1): their names, or %NULL for none
 *
 * Since: 1.0
 */
const char * const *
qnet_ssl_server_get_advertised_protocols (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);

  return (const char * const *) PRIVATE (self)->settings.advertised_protocols;
}

/**
 * qnet_ssl_server_set_advertised_protocols:
 * @self: a server
 * @protocols: (nullable) (array zero-terminated=1): their names, the best one first, or %NULL for none
 *
 * Sets the protocols that we speak over the connections (ALPN).
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_advertised_protocols (QnetSslServer      *self,
                                          const char * const *protocols)
{
  QnetSslServerPrivate *priv;
  char **copy;

  g_return_if_fail (QNET_IS_SSL_SERVER (self));

  priv = PRIVATE (self);
  copy = g_strdupv ((char **) protocols);
  g_strfreev (priv->settings.advertised_protocols);
  priv->settings.advertised_protocols = copy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ADVERTISED_PROTOCOLS]);
}

/**
 * qnet_ssl_server_get_handshake_timeout:
 * @self: a server
 *
 * Gets after how long a client that has not finished its handshake is cut off.
 *
 * Returns: milliseconds, 0 for never
 *
 * Since: 1.0
 */
int
qnet_ssl_server_get_handshake_timeout (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), 0);

  return PRIVATE (self)->settings.handshake_timeout;
}

/**
 * qnet_ssl_server_set_handshake_timeout:
 * @self: a server
 * @msecs: milliseconds, 0 for never
 *
 * Sets after how long a client that has not finished its handshake is cut off.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_handshake_timeout (QnetSslServer *self,
                                       int            msecs)
{
  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (msecs >= 0);

  if (PRIVATE (self)->settings.handshake_timeout == msecs)
    return;

  PRIVATE (self)->settings.handshake_timeout = msecs;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HANDSHAKE_TIMEOUT]);
}

/**
 * qnet_ssl_server_get_max_handshakes:
 * @self: a server
 *
 * Gets how many connections may shake hands at a time.
 *
 * Returns: how many, 0 for no limit
 *
 * Since: 1.0
 */
int
qnet_ssl_server_get_max_handshakes (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), 0);

  return qnet_server_get_private (QNET_SERVER (self))->max_coming;
}

/**
 * qnet_ssl_server_set_max_handshakes:
 * @self: a server
 * @max: how many, 0 for no limit
 *
 * Sets how many connections may shake hands at a time.
 *
 * Since: 1.0
 */
void
qnet_ssl_server_set_max_handshakes (QnetSslServer *self,
                                    int            max)
{
  QnetServerPrivate *server;

  g_return_if_fail (QNET_IS_SSL_SERVER (self));
  g_return_if_fail (max >= 0);

  server = qnet_server_get_private (QNET_SERVER (self));

  if (server->max_coming == max)
    return;

  server->max_coming = max;
  qnet_server_update_limits (QNET_SERVER (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_HANDSHAKES]);
}

/**
 * qnet_ssl_server_next_pending_connection:
 * @self: a server
 *
 * Takes the connection that waits longest, as [method@Server.next_pending_connection] does.
 *
 * Returns: (transfer full) (nullable): the connection, encrypted unless it has ended already, or %NULL when there is none
 *
 * Since: 1.0
 */
QnetSslSocket *
qnet_ssl_server_next_pending_connection (QnetSslServer *self)
{
  g_return_val_if_fail (QNET_IS_SSL_SERVER (self), NULL);

  return (QnetSslSocket *) qnet_server_next_pending_connection (QNET_SERVER (self));
}
