/* qnet-tls-policy.c: the versions and ciphers that a session may use
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-policy-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "tls/qnet-tls-gnutls-private.h"

/* RFC 8996 deprecates these versions, whatever the policy is. */
#define WITHOUT_OLD   "-VERS-TLS1.1:-VERS-TLS1.0:-VERS-SSL3.0:-VERS-DTLS1.0:-VERS-DTLS0.9"
#define WITHOUT_TLS12 WITHOUT_OLD ":-VERS-TLS1.2"

struct _QnetTlsPolicy
{
  gatomicrefcount    ref_count;
  gnutls_priority_t  priority;  /* (owned): sessions have references of their own */
};

static int
init_priority (gnutls_priority_t   *out_priority,
               const char          *priority,  /* (nullable) */
               GTlsProtocolVersion  minimum)
{
  const char *removed = minimum == G_TLS_PROTOCOL_VERSION_TLS_1_3 ? WITHOUT_TLS12 : WITHOUT_OLD;
  g_autofree char *whole = NULL;

  if (priority == NULL)
    return gnutls_priority_init2 (out_priority, removed, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);

  whole = g_strconcat (priority, ":", removed, NULL);

  return gnutls_priority_init (out_priority, whole, NULL);
}

QnetTlsPolicy *
qnet_tls_policy_new (const char           *priority,
                     GTlsProtocolVersion   minimum,
                     GError              **error)
{
  gnutls_priority_t made;
  int result = init_priority (&made, priority, minimum);
  QnetTlsPolicy *self;

  if (result != GNUTLS_E_SUCCESS)
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                      /* Translators: a setting of GnuTLS, and the reason in its words */
                      _("Could not use the priority string “%s”: %s"),
                      priority != NULL ? priority : "", gnutls_strerror (result));
      return NULL;
    }

  self = g_new (QnetTlsPolicy, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->priority = made;

  return self;
}

QnetTlsPolicy *
qnet_tls_policy_ref (QnetTlsPolicy *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
qnet_tls_policy_unref (QnetTlsPolicy *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  gnutls_priority_deinit (self->priority);
  g_free (self);
}

/* (nullable): NULL if the system's policy leaves no version */
static QnetTlsPolicy *
get_default (void)
{
  static QnetTlsPolicy *policy = NULL;  /* (atomic) (nullable) */
  QnetTlsPolicy *made;

  if (g_atomic_pointer_get (&policy) != NULL)
    return g_atomic_pointer_get (&policy);

  made = qnet_tls_policy_new (NULL, G_TLS_PROTOCOL_VERSION_UNKNOWN, NULL);
  if (made != NULL && !g_atomic_pointer_compare_and_exchange (&policy, NULL, made))
    qnet_tls_policy_unref (made);

  return g_atomic_pointer_get (&policy);
}

void
qnet_tls_policy_apply (QnetTlsPolicy    *self,
                       gnutls_session_t  session)
{
  QnetTlsPolicy *policy = self != NULL ? self : get_default ();

  /* The policy of the system may have old versions alone. Then there is none, and the handshake
   * fails, since a session without priorities has no versions. */
  if (policy != NULL)
    gnutls_priority_set (session, policy->priority);
}
