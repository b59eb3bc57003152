/* qnet-service-lookup.c: the hosts of a service, from its SRV records (RFC 2782)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-service-lookup-private.h"

#include <gio/gio.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "dns/qnet-dns-name-private.h"
#include "dns/qnet-dns-order-private.h"
#include "dns/qnet-dns-query-private.h"
#include "dns/qnet-dns-results-private.h"
#include "lookup/qnet-system-lookup-private.h"

/* The name servers of the system are asked by a query in the loop, a resolver of the program in the
 * embedded context. The latter may outlive its user: the callback runs even if it was cancelled. */
struct _QnetServiceLookup
{
  char         *name;         /* (owned) */
  QnetWatch    *watch;        /* (nullable): NULL once the answer is ignored */
  QnetDnsQuery *query;        /* (owned) (nullable) */
  QnetReactor  *reactor;      /* (owned): its embedded context is held until the callback */
  GCancellable *cancellable;  /* (owned) */
  gboolean      is_pending;   /* the callback of the resolver is still to be called */
  gboolean      is_complete;
  GList        *targets;      /* (owned) (element-type GSrvTarget) */
  GError       *error;        /* (owned) (nullable) */
};

static void
lookup_clear (QnetServiceLookup *self)
{
  g_free (self->name);
  qnet_reactor_unref (self->reactor);
  g_object_unref (self->cancellable);
  g_resolver_free_targets (self->targets);
  g_clear_error (&self->error);
}

static void
lookup_unref (QnetServiceLookup *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) lookup_clear);
}

static void
complete (QnetServiceLookup *self,
          GError            *error)  /* (transfer full) (nullable) */
{
  self->error = error;
  self->is_complete = TRUE;

  if (self->watch != NULL)
    qnet_watch_defer (self->watch);
}

/* By a query */

static int
get_code (const GError *error)
{
  switch (error->code)
    {
    case QNET_DNS_LOOKUP_ERROR_NOT_FOUND:
    case QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST:
      return QNET_SOCKET_ERROR_HOST_NOT_FOUND;

    case QNET_DNS_LOOKUP_ERROR_SERVER_FAILURE:
    case QNET_DNS_LOOKUP_ERROR_SERVER_REFUSED:
    case QNET_DNS_LOOKUP_ERROR_TIMEOUT:
      return QNET_SOCKET_ERROR_TEMPORARY;

    default:
      return QNET_SOCKET_ERROR_NETWORK;
    }
}

/* The message names what was looked up, and the reason. */
static GError *
convert_error (GError *failure)  /* (transfer full) */
{
  GError *error = NULL;

  if (failure->domain != QNET_DNS_LOOKUP_ERROR)
    return failure;

  qnet_set_error (&error, get_code (failure), "%s", failure->message);
  g_error_free (failure);

  return error;
}

static gboolean
is_refusal (GPtrArray *services)
{
  const QnetDnsRecord *record;

  if (services->len != 1)
    return FALSE;

  record = g_ptr_array_index (services, 0);

  return *record->value == '\0' || g_str_equal (record->value, ".");
}

/* (transfer full): empty if the domain states that it has no such service */
static GList *
list_targets (GPtrArray *services)
{
  GList *targets = NULL;

  for (guint i = services->len; i > 0 && !is_refusal (services); i--)
    {
      const QnetDnsRecord *record = g_ptr_array_index (services, i - 1);

      targets = g_list_prepend (targets, g_srv_target_new (record->value, record->srv.port,
                                                           record->srv.priority,
                                                           record->srv.weight));
    }

  return targets;
}

static GError *
new_missing_error (QnetServiceLookup *self)
{
  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      /* Translators: the name of a service, such as _imap._tcp.example.org */
                      _("Could not look up “%s”: The domain has no such service"), self->name);
}

static GError *
new_refusal_error (QnetServiceLookup *self)
{
  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED,
                      /* Translators: the name of a service, such as _imap._tcp.example.org */
                      _("Could not look up “%s”: The domain states that it does not offer the "
                        "service"), self->name);
}

static void
take_reply (QnetServiceLookup *self,
            QnetDnsMessage    *reply)
{
  QnetDnsResults results;
  GPtrArray *services;
  GError *error = NULL;

  qnet_dns_results_init (&results, reply);
  services = results.records[QNET_DNS_KIND_SERVICE];
  self->targets = list_targets (services);

  if (services->len == 0)
    error = new_missing_error (self);
  else if (self->targets == NULL)
    error = new_refusal_error (self);

  qnet_dns_results_clear (&results);
  complete (self, error);
}

static void
queried_cb (gpointer        owner,
            QnetDnsMessage *reply,
            GError         *error)
{
  g_autoptr(QnetDnsMessage) message = reply;
  QnetServiceLookup *self = owner;

  g_clear_pointer (&self->query, qnet_dns_query_free);

  if (error != NULL)
    complete (self, convert_error (error));
  else
    take_reply (self, message);
}

static void
query_servers (QnetServiceLookup *self)
{
  g_autofree char *encoded = qnet_dns_name_encode (self->name, QNET_DNS_RECORD_TYPE_SRV);

  self->query = qnet_dns_query_new (self->watch->set, qnet_resolv_conf_read (), encoded,
                                    QNET_DNS_RECORD_TYPE_SRV, queried_cb, self);
}

/* By a resolver of the program */

/* Runs in the embedded context, so it only records the outcome. For a domain that states that it
 * has no such service there are neither targets nor an error. */
static void
resolved_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  QnetServiceLookup *self = user_data;
  GError *failure = NULL;
  GError *error = NULL;

  self->targets = g_resolver_lookup_service_finish (G_RESOLVER (source), result, &failure);
  self->is_pending = FALSE;
  qnet_reactor_release_embedded_context (self->reactor);

  if (failure != NULL)
    qnet_take_error_from_gerror (&error, failure, _("Could not look up “%s”"), self->name);
  else if (self->targets == NULL)
    error = new_refusal_error (self);

  complete (self, error);
  lookup_unref (self);
}

/* GIO does not check whether a resolver implements it. */
static gboolean
has_call (GResolver *resolver)
{
  const GResolverClass *klass = G_RESOLVER_GET_CLASS (resolver);
  const GResolverClass *base = g_type_class_peek (G_TYPE_RESOLVER);

  return klass->lookup_records_async != NULL
         || klass->lookup_service_async != base->lookup_service_async;
}

/* "_imap._tcp.example.org" */
static void
ask (QnetServiceLookup *self,
     GResolver         *resolver,
     const char        *service,
     const char        *protocol,
     const char        *domain)
{
  self->is_pending = TRUE;
  qnet_reactor_hold_embedded_context (self->reactor);
  qnet_reactor_push_embedded_context (self->reactor);
  g_resolver_lookup_service_async (resolver, service, protocol, domain,
                                   self->cancellable, resolved_cb, g_rc_box_acquire (self));
  qnet_reactor_pop_embedded_context (self->reactor);
}

static void
ask_resolver (QnetServiceLookup *self,
              GResolver         *resolver,
              const char        *service,
              const char        *protocol,
              const char        *domain)
{
  GError *error = NULL;
  int error_number;

  if (!has_call (resolver))
    {
      qnet_set_error (&error, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                      _("Could not look up “%s”: The resolver has no asynchronous call for it"),
                      self->name);
      complete (self, error);
    }
  else if (qnet_reactor_make_embedded_context (self->reactor, &error_number)
           && qnet_reserve_can_make_task (&error_number))
    ask (self, resolver, service, protocol, domain);
  else
    {
      qnet_set_error_from_errno (&error, error_number, _("Could not look up “%s”"), self->name);
      complete (self, error);
    }
}

/* Interface */

QnetServiceLookup *
qnet_service_lookup_new (const char *service,
                         const char *protocol,
                         const char *domain,
                         QnetWatch  *watch)
{
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  QnetServiceLookup *self = g_rc_box_new0 (QnetServiceLookup);

  self->name = g_strdup_printf ("_%s._%s.%s", service, protocol, domain);
  self->watch = watch;
  self->reactor = qnet_reactor_ref (watch->set->reactor);
  self->cancellable = g_cancellable_new ();

  if (qnet_is_system_resolver (resolver))
    query_servers (self);
  else
    ask_resolver (self, resolver, service, protocol, domain);

  return self;
}

gboolean
qnet_service_lookup_is_complete (QnetServiceLookup *self)
{
  return self->is_complete;
}

GList *
qnet_service_lookup_finish (QnetServiceLookup  *self,
                            GError            **error)
{
  g_assert (self->is_complete);

  if (self->error == NULL)
    return g_steal_pointer (&self->targets);

  g_propagate_error (error, g_steal_pointer (&self->error));

  return NULL;
}

void
qnet_service_lookup_move (QnetServiceLookup *self)
{
  if (self->query != NULL)
    qnet_dns_query_move (self->query, self->watch->set);
}

/* As qnet_connector_lookup_free() */
void
qnet_service_lookup_free (QnetServiceLookup *self)
{
  self->watch = NULL;
  g_clear_pointer (&self->query, qnet_dns_query_free);

  if (self->is_pending && !qnet_reactor_is_forked (self->reactor))
    {
      g_cancellable_cancel (self->cancellable);

      if (qnet_reactor_is_detached (self->reactor))
        qnet_reactor_drain_embedded_context (self->reactor);
    }

  lookup_unref (self);
}
