/* qnet-tls-none.c: stands in for the files of this folder that use GnuTLS, in a build without it
 *
 * What an application can call fails, or has no effect. The rest is never called, since without a
 * session, an identity and a policy there is nothing to call it with: see
 * qnet-tls-support-private.h.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/qnet-i18n-private.h"
#include "tls/qnet-dtls-cookie-private.h"
#include "tls/qnet-tls-support-private.h"
#include "tls/qnet-tls-verification-private.h"

gboolean
qnet_tls_is_supported (void)
{
  return FALSE;
}

/* What an application can call */

QnetTlsIdentity *
qnet_tls_identity_new (GTlsCertificate  *certificate,
                       GError          **error)
{
  qnet_tls_check_supported (_("Could not use the certificate"), error);

  return NULL;
}

QnetTlsPolicy *
qnet_tls_policy_new (const char           *priority,
                     GTlsProtocolVersion   minimum,
                     GError              **error)
{
  qnet_tls_check_supported (_("Could not choose the versions and ciphers"), error);

  return NULL;
}

gboolean
qnet_tls_key_log_open (const char  *path,
                       GError     **error)
{
  return path == NULL || qnet_tls_check_supported (_("Could not log the keys"), error);
}

void
qnet_tls_trust_prepare (GTlsDatabase *database)
{
}

GBytes *
qnet_tls_ticket_key_new (void)
{
  return NULL;
}

/* The rest */

#define NEVER(result, name, parameters) \
  result name parameters { g_assert_not_reached (); }

NEVER (QnetTlsIdentity *, qnet_tls_identity_ref, (QnetTlsIdentity *self))
NEVER (void, qnet_tls_identity_unref, (QnetTlsIdentity *self))
NEVER (GTlsCertificateFlags, qnet_tls_identity_get_errors, (QnetTlsIdentity *self))
NEVER (unsigned int, qnet_tls_identity_get_length, (QnetTlsIdentity *self))
NEVER (gboolean, qnet_tls_identity_set_staple,
       (QnetTlsIdentity *self, GBytes *response, GError **error))

NEVER (QnetTlsPolicy *, qnet_tls_policy_ref, (QnetTlsPolicy *self))
NEVER (void, qnet_tls_policy_unref, (QnetTlsPolicy *self))

NEVER (QnetTlsTrust *, qnet_tls_trust_new_none, (void))
NEVER (QnetTlsTrust *, qnet_tls_trust_new_system, (void))
NEVER (QnetTlsTrust *, qnet_tls_trust_new_of_database, (GTlsDatabase *database))
NEVER (void, qnet_tls_trust_unref, (QnetTlsTrust *self))

NEVER (QnetTlsOrigin *, qnet_tls_origin_new,
       (const char *name, guint16 port, const char * const *protocols, QnetTlsTrust *trust,
        GTlsDatabase *database, QnetTlsIdentity *identity, guint mode, GTlsProtocolVersion minimum,
        const char *priority))
NEVER (GSList *, qnet_tls_take_surplus, (void))
NEVER (void, qnet_tls_surplus_free, (gpointer surplus))

NEVER (QnetTlsSession *, qnet_tls_session_new_client, (QnetTlsTrust *trust, const char *host))
NEVER (QnetTlsSession *, qnet_tls_session_new_server,
       (QnetTlsTrust *trust, QnetTlsRequest request))
NEVER (QnetTlsSession *, qnet_tls_session_ref, (QnetTlsSession *self))
NEVER (void, qnet_tls_session_unref, (QnetTlsSession *self))
NEVER (QnetTlsSession *, qnet_tls_session_new_dtls_client,
       (QnetTlsTrust *trust, const char *name, QnetTlsSender send, gpointer owner))
NEVER (QnetTlsSession *, qnet_tls_session_new_dtls_server,
       (QnetTlsTrust *trust, QnetTlsRequest request, QnetTlsSender send, gpointer owner))
NEVER (void, qnet_tls_session_set_mtu, (QnetTlsSession *self, int mtu))
NEVER (int, qnet_tls_session_get_resend_timeout, (QnetTlsSession *self))
NEVER (void, qnet_tls_session_set_policy, (QnetTlsSession *self, QnetTlsPolicy *policy))
NEVER (void, qnet_tls_session_hide_authorities, (QnetTlsSession *self))
NEVER (void, qnet_tls_session_set_identity, (QnetTlsSession *self, QnetTlsIdentity *identity))
NEVER (void, qnet_tls_session_set_interaction,
       (QnetTlsSession *self, GTlsInteraction *interaction))
NEVER (void, qnet_tls_session_set_protocols, (QnetTlsSession *self, const char * const *protocols))
NEVER (void, qnet_tls_session_set_tickets, (QnetTlsSession *self, GBytes *key))
NEVER (void, qnet_tls_session_set_origin,
       (QnetTlsSession *self, QnetTlsOrigin *origin, GBytes *ticket))
NEVER (void, qnet_tls_session_set_chooser,
       (QnetTlsSession *self, QnetTlsChooser choose, gpointer owner))
NEVER (QnetByteQueue *, qnet_tls_session_get_input, (QnetTlsSession *self))
NEVER (QnetByteQueue *, qnet_tls_session_get_output, (QnetTlsSession *self))
NEVER (void, qnet_tls_session_end_input, (QnetTlsSession *self))
NEVER (gboolean, qnet_tls_session_input_has_ended, (QnetTlsSession *self))
NEVER (QnetTlsProgress, qnet_tls_session_do_handshake,
       (QnetTlsSession *self, gboolean may_block, GError **error))
NEVER (void, qnet_tls_session_accept_peer, (QnetTlsSession *self))
NEVER (void, qnet_tls_session_refuse_peer, (QnetTlsSession *self, GTlsCertificateFlags errors))
NEVER (const char *, qnet_tls_session_get_problem, (QnetTlsSession *self))
NEVER (gssize, qnet_tls_session_read,
       (QnetTlsSession *self, void *buffer, gsize size, GError **error))
NEVER (gssize, qnet_tls_session_write,
       (QnetTlsSession *self, const void *data, gsize size, GError **error))
NEVER (void, qnet_tls_session_close, (QnetTlsSession *self))
NEVER (QnetTlsTrust *, qnet_tls_session_get_trust, (QnetTlsSession *self))
NEVER (GTlsCertificate *, qnet_tls_session_dup_peer, (QnetTlsSession *self))
NEVER (GBytes *, qnet_tls_session_dup_staple, (QnetTlsSession *self))
NEVER (const char *, qnet_tls_session_get_version, (QnetTlsSession *self))
NEVER (char *, qnet_tls_session_dup_cipher, (QnetTlsSession *self))
NEVER (const char *, qnet_tls_session_get_group, (QnetTlsSession *self))
NEVER (char *, qnet_tls_session_dup_protocol, (QnetTlsSession *self))
NEVER (gboolean, qnet_tls_session_has_failed, (QnetTlsSession *self))
NEVER (gboolean, qnet_tls_session_has_sent_alert, (QnetTlsSession *self))
NEVER (gboolean, qnet_tls_session_is_resumed, (QnetTlsSession *self))
NEVER (GBytes *, qnet_tls_session_new_channel_binding,
       (QnetTlsSession *self, GTlsChannelBindingType type, GError **error))
NEVER (GBytes *, qnet_tls_session_get_ticket, (QnetTlsSession *self))

NEVER (GTlsCertificateFlags, qnet_tls_verify, (const QnetTlsVerification *verification))

NEVER (GBytes *, qnet_dtls_cookie_get_secret, (void))
NEVER (gboolean, qnet_dtls_is_client_hello, (GBytes *datagram))
NEVER (gboolean, qnet_dtls_cookie_verify,
       (GBytes *secret, GBytes *datagram, QnetHostAddress *address, guint16 port,
        QnetDtlsPrestate *out_state))
NEVER (void, qnet_dtls_cookie_apply, (const QnetDtlsPrestate *state, QnetTlsSession *session))
NEVER (GBytes *, qnet_dtls_cookie_make_request,
       (const QnetDtlsPrestate *state, GBytes *secret, QnetHostAddress *address, guint16 port))

#undef NEVER
