/* qnet-ssl-handshake.c: one TLS handshake, in a thread of GIO's, from its start to its outcome
 *
 * GTlsConnection's callbacks run in the reactor's private context: they take down what happened, and
 * the socket hears of it in its own turn. Whether a certificate will do is asked in the middle of the
 * handshake, and answered without asking anybody else.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "socket/qnet-ssl-socket-private.h"

/* It can outlive its socket: interrupted, it still calls back. */
struct _QnetSslHandshake
{
  QnetSslSocket        *owner;        /* (nullable): NULL once nobody wants to know */
  QnetReactor          *reactor;      /* (owned): its private context is held until the callback */
  GTlsConnection       *tls;          /* (owned) */
  GTlsCertificate      *certificate;  /* (owned) (nullable): refused */
  GTlsCertificateFlags  errors;
  GError               *error;        /* (owned) (nullable) */
  gboolean              is_pending;   /* the callback is still to come */
  gboolean              is_refused;
};

static void
clear (gpointer data)
{
  QnetSslHandshake *self = data;

  qnet_reactor_push_embedded_context (self->reactor);
  g_object_unref (self->tls);
  qnet_reactor_pop_embedded_context (self->reactor);

  qnet_reactor_unref (self->reactor);
  g_clear_object (&self->certificate);
  g_clear_error (&self->error);
}

static void
handshake_unref (gpointer self)
{
  g_rc_box_release_full (self, clear);
}

static void
unref_closure (gpointer  data,
               GClosure *closure)
{
  handshake_unref (data);
}

static gboolean
accept_certificate_cb (GTlsConnection       *tls,
                       GTlsCertificate      *certificate,
                       GTlsCertificateFlags  errors,
                       gpointer              user_data)
{
  QnetSslHandshake *self = user_data;

  if (self->owner == NULL)
    return FALSE;

  if (qnet_ssl_socket_may_go_on (self->owner, errors, certificate))
    return TRUE;

  g_set_object (&self->certificate, certificate);
  self->errors = errors;
  self->is_refused = TRUE;

  return FALSE;
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  QnetSslHandshake *self = user_data;

  g_tls_connection_handshake_finish (self->tls, result, &self->error);
  self->is_pending = FALSE;
  qnet_reactor_release_embedded_context (self->reactor);

  if (self->owner != NULL)
    qnet_io_device_defer (QNET_IO_DEVICE (self->owner));

  handshake_unref (self);
}

QnetSslHandshake *
qnet_ssl_handshake_new (QnetSslSocket  *owner,
                        GTlsConnection *tls)
{
  QnetReactor *reactor = qnet_io_device_get_private (QNET_IO_DEVICE (owner))->wait_set.reactor;
  QnetSslHandshake *self = g_rc_box_new0 (QnetSslHandshake);

  self->owner = owner;
  self->reactor = qnet_reactor_ref (reactor);
  self->tls = g_object_ref (tls);
  self->is_pending = TRUE;

  g_signal_connect_data (tls, "accept-certificate", G_CALLBACK (accept_certificate_cb),
                         g_rc_box_acquire (self), unref_closure, 0);

  qnet_reactor_hold_embedded_context (reactor);
  qnet_reactor_push_embedded_context (reactor);
  g_tls_connection_handshake_async (tls, G_PRIORITY_DEFAULT, NULL, ended_cb, g_rc_box_acquire (self));
  qnet_reactor_pop_embedded_context (reactor);

  return self;
}

/* Nobody runs the private context after us: now or never. The thread comes back as soon as it finds
 * its descriptor shut. */
static void
drain_private_context (QnetSslHandshake *self)
{
  qnet_reactor_push_embedded_context (self->reactor);

  while (self->is_pending)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);

  qnet_reactor_pop_embedded_context (self->reactor);
}

void
qnet_ssl_handshake_free (QnetSslHandshake *self)
{
  self->owner = NULL;
  g_signal_handlers_disconnect_by_func (self->tls, accept_certificate_cb, self);

  if (self->is_pending && qnet_reactor_is_detached (self->reactor) && !qnet_reactor_is_forked (self->reactor))
    drain_private_context (self);

  handshake_unref (self);
}

gboolean
qnet_ssl_handshake_has_ended (QnetSslHandshake *self)
{
  return !self->is_pending;
}

GError *
qnet_ssl_handshake_take_error (QnetSslHandshake *self)
{
  return g_steal_pointer (&self->error);
}

gboolean
qnet_ssl_handshake_was_refused (QnetSslHandshake      *self,
                                GTlsCertificate      **out_certificate,
                                GTlsCertificateFlags  *out_errors)
{
  *out_certificate = self->certificate;
  *out_errors = self->errors;

  return self->is_refused;
}
