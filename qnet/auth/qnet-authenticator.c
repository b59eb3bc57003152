/* qnet-authenticator.c: a request for the credentials for a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "auth/qnet-authenticator-private.h"

#include "base/qnet-state-machine-private.h"

/**
 * QnetAuthenticator:
 *
 * A request for the user name and the password for a proxy.
 *
 * It is an argument of the signal `proxy-authentication-required`. A handler that knows the
 * credentials sets [property@Authenticator:user] and [property@Authenticator:password] and returns.
 * A handler that has to ask the user calls [method@Authenticator.hold] and keeps a reference; later
 * it sets the credentials and calls [method@Authenticator.resume]. Meanwhile the main loop
 * continues to run, and the timeout of the connection is suspended.
 *
 * If no credentials are set, or a held authenticator is finalized, the connection fails with
 * [QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED][error@SocketError].
 *
 * Since: 1.0
 */

typedef enum
{
  STATE_NONE,      /* no request: created by the program, or answered */
  STATE_EMITTING,  /* the signal is being emitted */
  STATE_HELD       /* waiting for resume() */
} RequestState;

struct _QnetAuthenticator
{
  GObject                parent_instance;

  char                  *user;       /* (owned) (nullable) */
  char                  *password;   /* (owned) (nullable) */
  char                  *realm;      /* (owned) (nullable) */

  RequestState           state;
  QnetReactor           *reactor;    /* (owned) (nullable): of the connection, from begin() on */
  gint                   is_dropped; /* (atomic): the last reference, in another thread */
  QnetAuthenticatorFunc  answered;   /* while there is a request */
  gpointer               user_data;  /* (not owned): it calls cancel() before it is freed */
};

G_DEFINE_FINAL_TYPE (QnetAuthenticator, qnet_authenticator, G_TYPE_OBJECT)

enum
{
  PROP_USER = 1,
  PROP_PASSWORD,
  PROP_REALM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* Behind the checks of the arguments of a public function */
#define CHECK_CALLER(self, ...)                                                         \
  if (G_UNLIKELY (!qnet_reactor_check_caller ((self)->reactor, (self), G_STRFUNC)))     \
    return __VA_ARGS__

static void
set_text (QnetAuthenticator  *self,
          char              **text,
          const char         *value,  /* (nullable) */
          guint               prop)
{
  if (g_strcmp0 (*text, value) == 0)
    return;

  g_free (*text);
  *text = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

/* The state of the request */

static const QnetEdges edges[] = {
  [STATE_NONE]     = QNET_TO (STATE_EMITTING)
                     | QNET_TO (STATE_NONE),   /* a request that was answered is cancelled */
  [STATE_EMITTING] = QNET_TO (STATE_HELD) | QNET_TO (STATE_NONE),
  [STATE_HELD]     = QNET_TO (STATE_NONE),
};

/* The only writer of the state. */
static void
set_state (QnetAuthenticator *self,
           RequestState       state)
{
  QNET_CHECK_EDGE (edges, self->state, state);

  self->state = state;
}

/* The request */

static void
call_answered (QnetAuthenticator *self,
               const char        *user)  /* (nullable) */
{
  set_state (self, STATE_NONE);
  self->answered (self->user_data, user, self->password != NULL ? self->password : "");
}

static void
return_credentials (QnetAuthenticator *self)
{
  if (qnet_authenticator_is_null (self))
    call_answered (self, NULL);
  else
    call_answered (self, self->user != NULL ? self->user : "");
}

void
qnet_authenticator_begin (QnetAuthenticator     *self,
                          QnetReactor           *reactor,
                          const char            *realm,
                          QnetAuthenticatorFunc  answered,
                          gpointer               user_data)
{
  g_autofree char *readable = realm != NULL ? g_utf8_make_valid (realm, -1) : NULL;

  g_assert (self->state == STATE_NONE);

  /* Properties have to be UTF-8. The response to the proxy is computed from the original
   * challenge. */
  qnet_authenticator_set_realm (self, readable);
  self->reactor = reactor != NULL ? qnet_reactor_ref (reactor) : NULL;
  set_state (self, STATE_EMITTING);
  self->answered = answered;
  self->user_data = user_data;
}

gboolean
qnet_authenticator_end (QnetAuthenticator *self)
{
  gboolean is_held = self->state == STATE_HELD;

  if (self->state == STATE_EMITTING)
    return_credentials (self);

  g_object_unref (self);

  return is_held;
}

void
qnet_authenticator_cancel (QnetAuthenticator *self)
{
  set_state (self, STATE_NONE);
}

/* GObject */

/* The connection has no reference to it, so it is freed in the connection's thread only. */
static void
qnet_authenticator_dispose (GObject *object)
{
  QnetAuthenticator *self = QNET_AUTHENTICATOR (object);

  if (qnet_reactor_is_elsewhere (self->reactor)
      && qnet_reactor_moves_disposal (self->reactor, self, &self->is_dropped, TRUE))
    return;

  if (self->state != STATE_NONE)
    call_answered (self, NULL);

  G_OBJECT_CLASS (qnet_authenticator_parent_class)->dispose (object);
}

static void
qnet_authenticator_finalize (GObject *object)
{
  QnetAuthenticator *self = QNET_AUTHENTICATOR (object);

  g_free (self->user);
  g_free (self->password);
  g_free (self->realm);
  g_clear_pointer (&self->reactor, qnet_reactor_unref);

  G_OBJECT_CLASS (qnet_authenticator_parent_class)->finalize (object);
}

static void
qnet_authenticator_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  QnetAuthenticator *self = QNET_AUTHENTICATOR (object);

  switch (prop_id)
    {
    case PROP_USER:
      g_value_set_string (value, qnet_authenticator_get_user (self));
      break;

    case PROP_PASSWORD:
      g_value_set_string (value, qnet_authenticator_get_password (self));
      break;

    case PROP_REALM:
      g_value_set_string (value, qnet_authenticator_get_realm (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
qnet_authenticator_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  QnetAuthenticator *self = QNET_AUTHENTICATOR (object);

  switch (prop_id)
    {
    case PROP_USER:
      qnet_authenticator_set_user (self, g_value_get_string (value));
      break;

    case PROP_PASSWORD:
      qnet_authenticator_set_password (self, g_value_get_string (value));
      break;

    case PROP_REALM:
      qnet_authenticator_set_realm (self, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * QnetAuthenticator:user:
   *
   * The user name, or %NULL if it is not set.
   *
   * Since: 1.0
   */
  props[PROP_USER] = g_param_spec_string ("user", NULL, NULL, NULL, flags);

  /**
   * QnetAuthenticator:password:
   *
   * The password, or %NULL if it is not set.
   *
   * Since: 1.0
   */
  props[PROP_PASSWORD] = g_param_spec_string ("password", NULL, NULL, NULL, flags);

  /**
   * QnetAuthenticator:realm:
   *
   * The realm: what the credentials are for, as described by the proxy. %NULL if the proxy has not
   * sent one.
   *
   * Since: 1.0
   */
  props[PROP_REALM] = g_param_spec_string ("realm", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
qnet_authenticator_class_init (QnetAuthenticatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose      = qnet_authenticator_dispose;
  object_class->finalize     = qnet_authenticator_finalize;
  object_class->get_property = qnet_authenticator_get_property;
  object_class->set_property = qnet_authenticator_set_property;

  install_properties (object_class);
}

static void
qnet_authenticator_init (QnetAuthenticator *self)
{
}

/* Public API */

/**
 * qnet_authenticator_new:
 *
 * Creates an authenticator without a request.
 *
 * Returns: (transfer full): the authenticator
 *
 * Since: 1.0
 */
QnetAuthenticator *
qnet_authenticator_new (void)
{
  return g_object_new (QNET_TYPE_AUTHENTICATOR, NULL);
}

/**
 * qnet_authenticator_get_user:
 * @self: an authenticator
 *
 * Gets the user name.
 *
 * Returns: (nullable): the user name
 *
 * Since: 1.0
 */
const char *
qnet_authenticator_get_user (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), NULL);
  CHECK_CALLER (self, NULL);

  return self->user;
}

/**
 * qnet_authenticator_set_user:
 * @self: an authenticator
 * @user: (nullable): the user name
 *
 * Sets the user name.
 *
 * Since: 1.0
 */
void
qnet_authenticator_set_user (QnetAuthenticator *self,
                             const char        *user)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));
  CHECK_CALLER (self);

  set_text (self, &self->user, user, PROP_USER);
}

/**
 * qnet_authenticator_get_password:
 * @self: an authenticator
 *
 * Gets the password.
 *
 * Returns: (nullable): the password
 *
 * Since: 1.0
 */
const char *
qnet_authenticator_get_password (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), NULL);
  CHECK_CALLER (self, NULL);

  return self->password;
}

/**
 * qnet_authenticator_set_password:
 * @self: an authenticator
 * @password: (nullable): the password
 *
 * Sets the password.
 *
 * Since: 1.0
 */
void
qnet_authenticator_set_password (QnetAuthenticator *self,
                                 const char        *password)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));
  CHECK_CALLER (self);

  set_text (self, &self->password, password, PROP_PASSWORD);
}

/**
 * qnet_authenticator_get_realm:
 * @self: an authenticator
 *
 * Gets the realm of the request.
 *
 * Returns: (nullable): the realm
 *
 * Since: 1.0
 */
const char *
qnet_authenticator_get_realm (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), NULL);
  CHECK_CALLER (self, NULL);

  return self->realm;
}

/**
 * qnet_authenticator_set_realm:
 * @self: an authenticator
 * @realm: (nullable): the realm
 *
 * Sets the realm to show to the user. It does not change the response to the proxy.
 *
 * Since: 1.0
 */
void
qnet_authenticator_set_realm (QnetAuthenticator *self,
                              const char        *realm)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));
  CHECK_CALLER (self);

  set_text (self, &self->realm, realm, PROP_REALM);
}

/**
 * qnet_authenticator_is_null:
 * @self: an authenticator
 *
 * Gets whether neither a user name nor a password is set.
 *
 * Returns: %TRUE if no credentials are set
 *
 * Since: 1.0
 */
gboolean
qnet_authenticator_is_null (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), TRUE);
  CHECK_CALLER (self, TRUE);

  return self->user == NULL && self->password == NULL;
}

/**
 * qnet_authenticator_hold:
 * @self: the authenticator of a `proxy-authentication-required`
 *
 * Defers the request: the credentials will be set after the signal handler has returned.
 *
 * Keep a reference until then, and call [method@Authenticator.resume]. If the authenticator is
 * finalized, the connection fails. Outside a handler of `proxy-authentication-required` this
 * function does nothing.
 *
 * Since: 1.0
 */
void
qnet_authenticator_hold (QnetAuthenticator *self)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));
  CHECK_CALLER (self);

  if (self->state == STATE_EMITTING)
    set_state (self, STATE_HELD);
}

/**
 * qnet_authenticator_resume:
 * @self: an authenticator that was held
 *
 * Continues the connection with the credentials that are set.
 *
 * If no credentials are set, the connection fails. If the connection no longer waits for them, this
 * function does nothing.
 *
 * Since: 1.0
 */
void
qnet_authenticator_resume (QnetAuthenticator *self)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));
  CHECK_CALLER (self);

  if (self->state == STATE_HELD)
    return_credentials (self);
}
