/* qnet-targets.c: the places to connect to, one after another
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-targets-private.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "connection/qnet-service-lookup-private.h"

#include "qnet-host-address.h"

/* It may outlive its user: the callback of an enumerator runs even if it was cancelled. */
struct _QnetTargets
{
  QnetWatch                *watch;        /* (nullable): NULL once the answers are ignored */
  char                     *description;  /* (owned) */

  /* Of a service */
  char                     *service;      /* (owned) (nullable): NULL once it was requested */
  char                     *protocol;     /* (owned) (nullable) */
  char                     *domain;       /* (owned) (nullable) */
  QnetServiceLookup        *lookup;       /* (owned) (nullable): until it is complete */
  GList                    *hosts;        /* (owned) (element-type GSrvTarget): not taken yet */

  /* Of a connectable */
  GSocketAddressEnumerator *enumerator;   /* (owned) (nullable) */
  QnetReactor              *reactor;      /* (owned): its embedded context is held */
  GCancellable             *cancellable;  /* (owned) */
  gboolean                  is_pending;   /* the callback is still to be called */
  GSocketAddress           *address;      /* (owned) (nullable): the answer */
  GError                   *error;        /* (owned) (nullable) */
  gboolean                  has_ended;    /* nothing follows what was taken last */
};

/* Targets */

void
qnet_target_free (QnetTarget *self)
{
  g_free (self->host);
  g_clear_pointer (&self->proxy, qnet_network_proxy_unref);
  g_free (self);
}

static QnetTarget *
target_new (char    *host,  /* (transfer full) */
            guint16  port)
{
  QnetTarget *target = g_new0 (QnetTarget, 1);

  target->host = host;
  target->port = port;

  return target;
}

static QnetTarget *
target_new_for_inet (GInetSocketAddress *address)
{
  g_autoptr(QnetHostAddress) host
    = qnet_host_address_new_from_socket_address (G_SOCKET_ADDRESS (address), NULL);

  return target_new (qnet_host_address_to_string (host), g_inet_socket_address_get_port (address));
}

static QnetNetworkProxy *
proxy_new (GProxyAddress *address,
           QnetProxyType  type)
{
  g_autoptr(QnetTarget) server = target_new_for_inet (G_INET_SOCKET_ADDRESS (address));

  return qnet_network_proxy_new (type, server->host, server->port,
                                 g_proxy_address_get_username (address),
                                 g_proxy_address_get_password (address));
}

/* The address is that of the proxy; the destination is known to it by name. */
static QnetTarget *
target_new_for_proxy (GProxyAddress  *address,
                      GError        **error)
{
  const char *protocol = g_proxy_address_get_protocol (address);
  QnetTarget *target;

  if (!g_str_equal (protocol, "socks5") && !g_str_equal (protocol, "http"))
    {
      qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("The protocol “%s” of the proxy is not supported"), protocol);
      return NULL;
    }

  target = target_new (g_strdup (g_proxy_address_get_destination_hostname (address)),
                       g_proxy_address_get_destination_port (address));
  target->proxy = proxy_new (address, g_str_equal (protocol, "http") ? QNET_PROXY_TYPE_HTTP
                                                                     : QNET_PROXY_TYPE_SOCKS5);

  return target;
}

QnetTarget *
qnet_target_new_for_address (GSocketAddress  *address,
                             GError         **error)
{
  if (G_IS_PROXY_ADDRESS (address))
    return target_new_for_proxy (G_PROXY_ADDRESS (address), error);

  if (G_IS_INET_SOCKET_ADDRESS (address))
    return target_new_for_inet (G_INET_SOCKET_ADDRESS (address));

  qnet_set_error (error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                  _("The socket does not connect to addresses of the type %s"),
                  G_OBJECT_TYPE_NAME (address));
  return NULL;
}

/* Of a service */

static void
finish_lookup (QnetTargets *self)
{
  if (self->lookup == NULL)
    return;

  self->hosts = qnet_service_lookup_finish (self->lookup, &self->error);
  g_clear_pointer (&self->lookup, qnet_service_lookup_free);
}

static QnetTarget *
take_host (QnetTargets *self)
{
  GSrvTarget *host;
  QnetTarget *target;

  if (self->hosts == NULL)
    return NULL;

  host = self->hosts->data;
  self->hosts = g_list_delete_link (self->hosts, self->hosts);
  target = target_new (g_strdup (g_srv_target_get_hostname (host)), g_srv_target_get_port (host));
  g_srv_target_free (host);

  return target;
}

static void
request_host (QnetTargets *self)
{
  if (self->service == NULL)
    {
      qnet_watch_defer (self->watch);
      return;
    }

  self->lookup = qnet_service_lookup_new (self->service, self->protocol, self->domain,
                                          self->watch);
  g_clear_pointer (&self->service, g_free);
}

/* Of a connectable */

static void
targets_clear (QnetTargets *self)
{
  g_free (self->description);
  g_free (self->service);
  g_free (self->protocol);
  g_free (self->domain);
  g_resolver_free_targets (self->hosts);
  g_clear_object (&self->enumerator);
  qnet_reactor_unref (self->reactor);
  g_object_unref (self->cancellable);
  g_clear_object (&self->address);
  g_clear_error (&self->error);
}

static void
targets_unref (QnetTargets *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) targets_clear);
}

/* Runs in the embedded context, so it only records the outcome. */
static void
enumerated_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  QnetTargets *self = user_data;
  GError *failure = NULL;

  self->address = g_socket_address_enumerator_next_finish (G_SOCKET_ADDRESS_ENUMERATOR (source),
                                                           result, &failure);
  self->is_pending = FALSE;
  qnet_reactor_release_embedded_context (self->reactor);

  if (failure != NULL)
    /* Translators: the text of what a connection was requested to, such as "example.org:80" */
    qnet_take_error_from_gerror (&self->error, failure, _("Could not find %s"), self->description);

  if (self->watch != NULL)
    qnet_watch_defer (self->watch);

  targets_unref (self);
}

static void
request_address (QnetTargets *self)
{
  int error_number;

  if (!qnet_reactor_make_embedded_context (self->reactor, &error_number)
      || !qnet_reserve_can_make_task (&error_number))
    {
      qnet_set_error_from_errno (&self->error, error_number, _("Could not find %s"),
                                 self->description);
      qnet_watch_defer (self->watch);
      return;
    }

  self->is_pending = TRUE;
  qnet_reactor_hold_embedded_context (self->reactor);
  qnet_reactor_push_embedded_context (self->reactor);
  g_socket_address_enumerator_next_async (self->enumerator, self->cancellable, enumerated_cb,
                                          g_rc_box_acquire (self));
  qnet_reactor_pop_embedded_context (self->reactor);
}

static QnetTarget *
take_address (QnetTargets  *self,
              GError      **error)
{
  g_autoptr(GSocketAddress) address = g_steal_pointer (&self->address);
  GError *reason = NULL;
  QnetTarget *target;

  if (address == NULL)
    return NULL;

  target = qnet_target_new_for_address (address, &reason);
  if (target == NULL)
    {
      qnet_prefix_error (&reason, _("Could not connect to %s"), self->description);
      g_propagate_error (error, reason);
    }

  return target;
}

/* Interface */

static QnetTargets *
targets_new (char      *description,  /* (transfer full) */
             QnetWatch *watch)
{
  QnetTargets *self = g_rc_box_new0 (QnetTargets);

  self->description = description;
  self->watch = watch;
  self->reactor = qnet_reactor_ref (watch->set->reactor);
  self->cancellable = g_cancellable_new ();

  return self;
}

QnetTargets *
qnet_targets_new_for_service (const char *service,
                              const char *protocol,
                              const char *domain,
                              QnetWatch  *watch)
{
  QnetTargets *self = targets_new (g_strdup_printf ("_%s._%s.%s", service, protocol, domain),
                                   watch);

  self->service = g_strdup (service);
  self->protocol = g_strdup (protocol);
  self->domain = g_strdup (domain);

  return self;
}

QnetTargets *
qnet_targets_new_for_enumerator (GSocketAddressEnumerator *enumerator,
                                 const char               *description,
                                 QnetWatch                *watch)
{
  QnetTargets *self = targets_new (g_strdup (description), watch);

  self->enumerator = g_object_ref (enumerator);

  return self;
}

const char *
qnet_targets_get_description (QnetTargets *self)
{
  return self->description;
}

void
qnet_targets_request (QnetTargets *self)
{
  if (self->enumerator != NULL)
    request_address (self);
  else
    request_host (self);
}

gboolean
qnet_targets_has_answer (QnetTargets *self)
{
  return !self->is_pending
         && (self->lookup == NULL || qnet_service_lookup_is_complete (self->lookup));
}

QnetTarget *
qnet_targets_take (QnetTargets  *self,
                   GError      **error)
{
  finish_lookup (self);
  self->has_ended = self->error != NULL
                    || (self->enumerator != NULL ? self->address == NULL : self->hosts == NULL);

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return NULL;
    }

  return self->enumerator != NULL ? take_address (self, error) : take_host (self);
}

void
qnet_targets_move (QnetTargets *self)
{
  if (self->lookup != NULL)
    qnet_service_lookup_move (self->lookup);
}

gboolean
qnet_targets_has_ended (QnetTargets *self)
{
  return self->has_ended;
}

/* As qnet_connector_lookup_free() */
void
qnet_targets_free (QnetTargets *self)
{
  self->watch = NULL;
  g_clear_pointer (&self->lookup, qnet_service_lookup_free);

  if (self->is_pending && !qnet_reactor_is_forked (self->reactor))
    {
      g_cancellable_cancel (self->cancellable);

      if (qnet_reactor_is_detached (self->reactor))
        qnet_reactor_drain_embedded_context (self->reactor);
    }

  targets_unref (self);
}
