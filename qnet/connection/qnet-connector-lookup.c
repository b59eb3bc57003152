/* qnet-connector-lookup.c: the lookup of a host by a connector or a tunnel
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-connector-lookup-private.h"

#include <errno.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "lookup/qnet-destination-order-private.h"
#include "lookup/qnet-host-cache-private.h"
#include "lookup/qnet-host-info-private.h"
#include "lookup/qnet-host-question-private.h"

/* A question: for one family, or for both. */
typedef struct
{
  QnetConnectorLookup      *lookup;
  QnetNetworkLayerProtocol  protocol;
  gboolean                  is_pending;  /* the callback is still to be called */
  QnetHostInfo             *info;        /* (owned) (nullable): until it is taken */
  GError                   *error;       /* (owned) (nullable) */
} Question;

/* It may outlive its user: the callbacks run even if the lookup was cancelled. */
struct _QnetConnectorLookup
{
  QnetWatch       *watch;         /* (nullable): NULL once the answers are ignored */
  QnetReactor     *reactor;       /* (owned): its embedded context is held until each callback */
  GCancellable    *cancellable;   /* (owned) */
  QnetHostAddress *success;       /* (owned) (nullable): the address last connected to */
  Question         questions[2];
  guint            n_questions;
  gboolean         has_addresses; /* an answer had some */
};

static void
lookup_clear (QnetConnectorLookup *self)
{
  qnet_reactor_unref (self->reactor);
  g_object_unref (self->cancellable);
  g_clear_pointer (&self->success, qnet_host_address_unref);

  for (guint i = 0; i < self->n_questions; i++)
    {
      g_clear_pointer (&self->questions[i].info, qnet_host_info_unref);
      g_clear_error (&self->questions[i].error);
    }
}

static void
lookup_unref (QnetConnectorLookup *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) lookup_clear);
}

/* Asking */

static Question *
add_question (QnetConnectorLookup      *self,
              QnetNetworkLayerProtocol  protocol)
{
  Question *question = &self->questions[self->n_questions++];

  question->lookup = self;
  question->protocol = protocol;

  return question;
}

/* Runs in the embedded context, so it only records the outcome. */
static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Question *question = user_data;
  QnetConnectorLookup *self = question->lookup;

  question->info = qnet_host_info_lookup_host_finish (result, &question->error);
  question->is_pending = FALSE;
  self->has_addresses |= question->info != NULL;
  qnet_reactor_release_embedded_context (self->reactor);

  if (self->watch != NULL)
    qnet_watch_defer (self->watch);

  lookup_unref (self);
}

static void
ask (QnetConnectorLookup      *self,
     const char               *host,
     QnetNetworkLayerProtocol  protocol)
{
  Question *question = add_question (self, protocol);

  question->is_pending = TRUE;
  g_rc_box_acquire (self);
  qnet_reactor_hold_embedded_context (self->reactor);
  qnet_host_info_look_up (host, protocol, G_PRIORITY_DEFAULT, self->cancellable, looked_up_cb,
                          question);
}

/* What is known without a question, the name itself or the cache, is one answer for both. */
static gboolean
answer_at_once (QnetConnectorLookup *self,
                QnetHostQuestion    *known)
{
  GError *error = NULL;
  QnetHostInfo *info = qnet_host_question_answer_at_once (known, &error);
  Question *question;

  if (info == NULL && error == NULL)
    return FALSE;

  question = add_question (self, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  question->info = info;
  question->error = error;
  self->has_addresses = info != NULL;
  qnet_watch_defer (self->watch);

  return TRUE;
}

/* The question for IPv6 comes first: RFC 8305, section 3. */
static void
ask_resolver (QnetConnectorLookup      *self,
              const char               *host,
              QnetNetworkLayerProtocol  protocol,
              gboolean                  can_be_split)
{
  qnet_reactor_push_embedded_context (self->reactor);

  if (!can_be_split)
    ask (self, host, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  if (can_be_split && protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    ask (self, host, QNET_NETWORK_LAYER_PROTOCOL_IPV6);
  if (can_be_split && protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    ask (self, host, QNET_NETWORK_LAYER_PROTOCOL_IPV4);

  qnet_reactor_pop_embedded_context (self->reactor);
}

/* Taking */

static QnetNetworkLayerProtocol
get_preferred (QnetConnectorLookup *self)
{
  return self->success != NULL ? qnet_host_address_get_protocol (self->success)
                               : QNET_NETWORK_LAYER_PROTOCOL_IPV6;
}

static QnetHostAddress *
get_first_address (Question *question)
{
  return g_ptr_array_index (qnet_host_info_get_addresses (question->info), 0);
}

/* Whether the addresses of the second question, for IPv4, come before those of the first one. */
static gboolean
is_second_first (QnetConnectorLookup *self)
{
  if (self->n_questions < 2 || self->questions[0].info == NULL || self->questions[1].info == NULL)
    return FALSE;

  if (self->success != NULL)
    return get_preferred (self) == QNET_NETWORK_LAYER_PROTOCOL_IPV4;

  return !qnet_destination_prefers_ipv6 (get_first_address (&self->questions[0]),
                                         get_first_address (&self->questions[1]));
}

static void
take_answer (Question  *question,
             GPtrArray *addresses)
{
  g_autoptr(QnetHostInfo) info = g_steal_pointer (&question->info);
  GPtrArray *found = info != NULL ? qnet_host_info_get_addresses (info) : NULL;

  for (guint i = 0; found != NULL && i < found->len; i++)
    if (question->protocol == QNET_NETWORK_LAYER_PROTOCOL_ANY_IP
        || qnet_host_address_get_protocol (g_ptr_array_index (found, i)) == question->protocol)
      g_ptr_array_add (addresses, qnet_host_address_ref (g_ptr_array_index (found, i)));
}

static void
move_success_to_front (QnetConnectorLookup *self,
                       GPtrArray           *addresses)
{
  guint index;

  if (self->success != NULL
      && g_ptr_array_find_with_equal_func (addresses, self->success,
                                           (GEqualFunc) qnet_host_address_equal, &index))
    g_ptr_array_insert (addresses, 0, g_ptr_array_steal_index (addresses, index));
}

/* Interface */

QnetConnectorLookup *
qnet_connector_lookup_new (const char               *host,
                           QnetNetworkLayerProtocol  protocol,
                           QnetWatch                *watch)
{
  g_autoptr(QnetHostQuestion) known
    = qnet_host_question_new_name (host, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP);
  QnetConnectorLookup *self = g_rc_box_new0 (QnetConnectorLookup);
  int error_number;

  self->watch = watch;
  self->reactor = qnet_reactor_ref (watch->set->reactor);
  self->cancellable = g_cancellable_new ();
  self->success = qnet_host_cache_recall (host);

  if (answer_at_once (self, known))
    return self;

  if (qnet_reactor_make_embedded_context (self->reactor, &error_number)
      && qnet_reserve_can_make_task (&error_number))
    {
      ask_resolver (self, host, protocol, qnet_host_question_can_be_split (known));
      return self;
    }

  qnet_set_error_from_errno (&add_question (self, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP)->error,
                             error_number, _("Could not look up “%s”"), host);
  qnet_watch_defer (watch);

  return self;
}

gboolean
qnet_connector_lookup_is_complete (QnetConnectorLookup *self)
{
  for (guint i = 0; i < self->n_questions; i++)
    if (self->questions[i].is_pending)
      return FALSE;

  return TRUE;
}

gboolean
qnet_connector_lookup_is_decided (QnetConnectorLookup *self)
{
  for (guint i = 0; i < self->n_questions; i++)
    if (self->questions[i].info != NULL && self->questions[i].protocol == get_preferred (self))
      return TRUE;

  return qnet_connector_lookup_is_complete (self);
}

GPtrArray *
qnet_connector_lookup_take_addresses (QnetConnectorLookup *self)
{
  GPtrArray *addresses
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);
  guint first = is_second_first (self) ? 1 : 0;

  for (guint i = 0; i < self->n_questions; i++)
    take_answer (&self->questions[i ^ first], addresses);

  move_success_to_front (self, addresses);

  return addresses;
}

/* A host that one server does not know while another one does not reply may exist. */
GError *
qnet_connector_lookup_take_error (QnetConnectorLookup *self)
{
  Question *chosen = &self->questions[0];

  g_assert (qnet_connector_lookup_is_complete (self));

  if (self->has_addresses)
    return NULL;

  if (self->n_questions > 1
      && g_error_matches (chosen->error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND))
    chosen = &self->questions[1];

  return g_steal_pointer (&chosen->error);
}

/* In the child of a fork the threads of the lookup do not exist and may have left locks held. The
 * embedded context of a detached reactor is not iterated afterwards, so the callbacks are
 * awaited. */
void
qnet_connector_lookup_free (QnetConnectorLookup *self)
{
  self->watch = NULL;

  if (!qnet_connector_lookup_is_complete (self) && !qnet_reactor_is_forked (self->reactor))
    {
      g_cancellable_cancel (self->cancellable);

      if (qnet_reactor_is_detached (self->reactor))
        qnet_reactor_drain_embedded_context (self->reactor);
    }

  lookup_unref (self);
}

void
qnet_connector_lookup_forget (const char *host)
{
  qnet_host_cache_remove (host);
}

void
qnet_connector_lookup_remember (const char      *host,
                                QnetHostAddress *address)
{
  qnet_host_cache_remember (host, address);
}

/* Errors */

GError *
qnet_connector_lookup_new_timeout_error (const char *host,
                                         int         msecs)
{
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                  /* Translators: a host, and a number of seconds */
                  _("Could not find %s: The lookup took longer than %g s"), host, msecs / 1000.0);

  return error;
}

GError *
qnet_connector_lookup_new_no_address_error (const char               *host,
                                            QnetNetworkLayerProtocol  protocol)
{
  GError *error = NULL;

  if (protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: It has no IPv4 address"), host);
  else if (protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV6)
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: It has no IPv6 address"), host);
  else
    qnet_set_error (&error, QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                    _("Could not find %s: It has no address that can be used"), host);

  return error;
}
