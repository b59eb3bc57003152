/* qnet-authenticator.c: the answer to a proxy that asks who we are
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "proxy/qnet-authenticator-private.h"

/**
 * QnetAuthenticator:
 *
 * Takes the answer to a proxy that asks who we are.
 *
 * It comes with the signal `proxy-authentication-required`. A handler that knows the answer sets
 * [property@Authenticator:user] and [property@Authenticator:password] and returns. One that has to
 * ask somebody calls [method@Authenticator.hold], keeps a reference, and later sets the answer and
 * calls [method@Authenticator.resume]; meanwhile everything else goes on, and the time limit of the
 * connection stands still. Without an answer, and also when a held one is dropped, the connection
 * fails with [QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED][error@SocketError].
 *
 * Since: 1.0
 */

typedef enum
{
  QUESTION_NONE,    /* of the program's own making, or answered */
  QUESTION_ASKED,   /* the signal is being emitted */
  QUESTION_HELD     /* the answer comes later */
} Question;

struct _QnetAuthenticator
{
  GObject                parent_instance;

  char                  *user;      /* (owned) (nullable) */
  char                  *password;  /* (owned) (nullable) */
  char                  *realm;     /* (owned) (nullable) */

  Question               question;
  QnetAuthenticatorFunc  answered;  /* while there is a question */
  gpointer               asker;     /* (not owned): it forgets us, or is told */
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

/* The question */

static void
tell (QnetAuthenticator *self,
      const char        *user)  /* (nullable) */
{
  self->question = QUESTION_NONE;
  self->answered (self->asker, user, self->password != NULL ? self->password : "");
}

static void
tell_answer (QnetAuthenticator *self)
{
  if (qnet_authenticator_is_null (self))
    tell (self, NULL);
  else
    tell (self, self->user != NULL ? self->user : "");
}

void
qnet_authenticator_begin (QnetAuthenticator     *self,
                          const char            *realm,
                          QnetAuthenticatorFunc  answered,
                          gpointer               asker)
{
  g_autofree char *readable = realm != NULL ? g_utf8_make_valid (realm, -1) : NULL;

  g_assert (self->question == QUESTION_NONE);

  /* The property is text, which a language may refuse to read when it is not UTF-8; what is sent is computed from the challenge. */
  qnet_authenticator_set_realm (self, readable);
  self->question = QUESTION_ASKED;
  self->answered = answered;
  self->asker = asker;
}

gboolean
qnet_authenticator_end (QnetAuthenticator *self)
{
  gboolean is_held = self->question == QUESTION_HELD;

  if (self->question == QUESTION_ASKED)
    tell_answer (self);

  g_object_unref (self);

  return is_held;
}

void
qnet_authenticator_forget (QnetAuthenticator *self)
{
  self->question = QUESTION_NONE;
}

/* GObject */

static void
qnet_authenticator_dispose (GObject *object)
{
  QnetAuthenticator *self = QNET_AUTHENTICATOR (object);

  if (self->question != QUESTION_NONE)
    tell (self, NULL);

  G_OBJECT_CLASS (qnet_authenticator_parent_class)->dispose (object);
}

static void
qnet_authenticator_finalize (GObject *object)
{
  QnetAuthenticator *self = QNET_AUTHENTICATOR (object);

  g_free (self->user);
  g_free (self->password);
  g_free (self->realm);

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
   * Who we are; %NULL as long as nobody has said.
   *
   * Since: 1.0
   */
  props[PROP_USER] = g_param_spec_string ("user", NULL, NULL, NULL, flags);

  /**
   * QnetAuthenticator:password:
   *
   * Our password; %NULL as long as nobody has said.
   *
   * Since: 1.0
   */
  props[PROP_PASSWORD] = g_param_spec_string ("password", NULL, NULL, NULL, flags);

  /**
   * QnetAuthenticator:realm:
   *
   * What the password is for, in the words of the proxy; %NULL when it does not say.
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
 * Makes an authenticator to which no question belongs.
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
 * Gets who we are.
 *
 * Returns: (nullable): the name
 *
 * Since: 1.0
 */
const char *
qnet_authenticator_get_user (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), NULL);

  return self->user;
}

/**
 * qnet_authenticator_set_user:
 * @self: an authenticator
 * @user: (nullable): the name
 *
 * Sets who we are.
 *
 * Since: 1.0
 */
void
qnet_authenticator_set_user (QnetAuthenticator *self,
                             const char        *user)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));

  set_text (self, &self->user, user, PROP_USER);
}

/**
 * qnet_authenticator_get_password:
 * @self: an authenticator
 *
 * Gets our password.
 *
 * Returns: (nullable): the password
 *
 * Since: 1.0
 */
const char *
qnet_authenticator_get_password (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), NULL);

  return self->password;
}

/**
 * qnet_authenticator_set_password:
 * @self: an authenticator
 * @password: (nullable): the password
 *
 * Sets our password.
 *
 * Since: 1.0
 */
void
qnet_authenticator_set_password (QnetAuthenticator *self,
                                 const char        *password)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));

  set_text (self, &self->password, password, PROP_PASSWORD);
}

/**
 * qnet_authenticator_get_realm:
 * @self: an authenticator
 *
 * Gets what the password is for.
 *
 * Returns: (nullable): the proxy's words
 *
 * Since: 1.0
 */
const char *
qnet_authenticator_get_realm (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), NULL);

  return self->realm;
}

/**
 * qnet_authenticator_set_realm:
 * @self: an authenticator
 * @realm: (nullable): the words
 *
 * Sets what the password is for, as it is shown; what the proxy is sent does not change.
 *
 * Since: 1.0
 */
void
qnet_authenticator_set_realm (QnetAuthenticator *self,
                              const char        *realm)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));

  set_text (self, &self->realm, realm, PROP_REALM);
}

/**
 * qnet_authenticator_is_null:
 * @self: an authenticator
 *
 * Gets whether there is no answer yet: neither a user nor a password.
 *
 * Returns: whether there is none
 *
 * Since: 1.0
 */
gboolean
qnet_authenticator_is_null (QnetAuthenticator *self)
{
  g_return_val_if_fail (QNET_IS_AUTHENTICATOR (self), TRUE);

  return self->user == NULL && self->password == NULL;
}

/**
 * qnet_authenticator_hold:
 * @self: the authenticator of a `proxy-authentication-required`
 *
 * Says, in the handler of that signal, that the answer comes later.
 *
 * Keep a reference until then: dropping the last one is the answer that there is none. Anywhere
 * else nothing happens.
 *
 * Since: 1.0
 */
void
qnet_authenticator_hold (QnetAuthenticator *self)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));

  if (self->question == QUESTION_ASKED)
    self->question = QUESTION_HELD;
}

/**
 * qnet_authenticator_resume:
 * @self: an authenticator that was held
 *
 * Goes on with the answer that was set, or without one.
 *
 * Where nobody waits for an answer any more nothing happens.
 *
 * Since: 1.0
 */
void
qnet_authenticator_resume (QnetAuthenticator *self)
{
  g_return_if_fail (QNET_IS_AUTHENTICATOR (self));

  if (self->question == QUESTION_HELD)
    tell_answer (self);
}
