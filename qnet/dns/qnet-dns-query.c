/* qnet-dns-query.c: the steps of a query, from one name server to the next
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "dns/qnet-dns-query-parts-private.h"

#include "address/qnet-host-address-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "dns/qnet-dns-failure-private.h"

#include "qnet-error.h"

static void query_server (QnetDnsQuery *self);

/* The states */

#define TO(step) QNET_TO (QNET_DNS_STEP_##step)

static const QnetEdges step_edges[] = {
  [QNET_DNS_STEP_NEW]      = TO (UDP) | TO (ENDED),
  [QNET_DNS_STEP_UDP]      = TO (UDP) | TO (TCP_SEND) | TO (ENDED),
  [QNET_DNS_STEP_TCP_SEND] = TO (TCP_READ) | TO (UDP) | TO (ENDED),
  [QNET_DNS_STEP_TCP_READ] = TO (UDP) | TO (ENDED),
  [QNET_DNS_STEP_ENDED]    = TO (ENDED),  /* orphaned after its end */
};

#undef TO
#define TO(casing) QNET_TO (QNET_DNS_CASE_##casing)

static const QnetEdges casing_edges[] = {
  [QNET_DNS_CASE_MIXED]          = TO (MIXED)  /* the next server */
                                   | TO (MIXED_OVER_TCP) | TO (PLAIN),
  [QNET_DNS_CASE_MIXED_OVER_TCP] = TO (MIXED_OVER_TCP)  /* again without EDNS */
                                   | TO (PLAIN),
  [QNET_DNS_CASE_PLAIN]          = TO (MIXED),
};

#undef TO

/* The only writer of the step. */
void
qnet_dns_query_set_step (QnetDnsQuery *self,
                         QnetDnsStep   step)
{
  QNET_CHECK_EDGE (step_edges, self->step, step);

  self->step = step;
}

/* The only writer of the casing. */
static void
set_casing (QnetDnsQuery  *self,
            QnetDnsCasing  casing)
{
  QNET_CHECK_EDGE (casing_edges, self->casing, casing);

  self->casing = casing;
}

/* The end */

static void
end (QnetDnsQuery   *self,
     QnetDnsMessage *reply,  /* (transfer full) (nullable) */
     GError         *error)  /* (transfer full) (nullable) */
{
  qnet_dns_query_close_socket (self);
  qnet_dns_query_set_step (self, QNET_DNS_STEP_ENDED);
  self->func (self->owner, reply, error);  /* may free us */
}

/* Failures */

static char *
describe_server (QnetDnsQuery *self)
{
  const struct sockaddr_storage *native
    = &g_array_index (self->conf->servers, struct sockaddr_storage, self->server);
  guint16 port;
  g_autoptr(QnetHostAddress) address = qnet_host_address_take_native (native, FALSE, &port);

  return qnet_host_address_to_display (address, port);
}

static void
note_failure (QnetDnsQuery   *self,
              QnetDnsFailure  failure)
{
  g_autofree char *server = NULL;

  if (!qnet_dns_failure_is_better (self->error, qnet_dns_failure_get_code (failure)))
    return;

  server = describe_server (self);
  g_clear_error (&self->error);
  qnet_dns_failure_set_error (failure, self->name, server, &self->error);
}

static void
note_errno (QnetDnsQuery *self,
            int           error_number)
{
  g_autofree char *server = NULL;

  if (!qnet_dns_failure_is_better (self->error, QNET_DNS_LOOKUP_ERROR_RESOLVER))
    return;

  server = describe_server (self);
  g_clear_error (&self->error);
  g_set_error (&self->error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_RESOLVER,
               /* Translators: a name, a name server such as "192.0.2.53 port 53", and a reason from
                * the system, such as "Network is unreachable" */
               _("Could not look up “%s” at the name server %s: %s"), self->name, server,
               g_strerror (error_number));
}

/* A server that cannot handle mixed case is queried again with the case as given. */
static void
retry_in_plain_case (QnetDnsQuery *self)
{
  set_casing (self, QNET_DNS_CASE_PLAIN);
  query_server (self);
}

/* Continues with the next server after this one has not replied. It is tried again after all
 * others. A server that only replied over UDP, in another case, is queried once more at once. */
static void
try_next_server (QnetDnsQuery *self)
{
  if (self->casing == QNET_DNS_CASE_MIXED_OVER_TCP)
    {
      retry_in_plain_case (self);
      return;
    }

  self->server++;
  set_casing (self, QNET_DNS_CASE_MIXED);
  query_server (self);
}

/* Continues with the next server, and removes this one: its reply would be the same again. */
static void
drop_server (QnetDnsQuery   *self,
             QnetDnsFailure  failure)
{
  note_failure (self, failure);

  if (self->casing != QNET_DNS_CASE_PLAIN)
    {
      retry_in_plain_case (self);
      return;
    }

  g_array_remove_index (self->conf->servers, self->server);
  set_casing (self, QNET_DNS_CASE_MIXED);
  query_server (self);
}

void
qnet_dns_query_try_next_after_errno (QnetDnsQuery *self,
                                     int           error_number)
{
  note_errno (self, error_number);
  try_next_server (self);
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetDnsQuery *self = CONTAINER_OF (deadline, QnetDnsQuery, timeout);

  note_failure (self, self->has_unrelated_reply ? QNET_DNS_FAILURE_UNRELATED_REPLY
                                                : QNET_DNS_FAILURE_TIMEOUT);

  try_next_server (self);
}

/* Replies */

/* A server that compares names case-sensitively does not find the name in mixed case. */
static void
end_not_found (QnetDnsQuery   *self,
               QnetDnsMessage *reply)  /* (transfer full) */
{
  g_autoptr(QnetDnsMessage) message = reply;
  GError *error = NULL;

  if (self->casing != QNET_DNS_CASE_PLAIN)
    {
      retry_in_plain_case (self);
      return;
    }

  g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_NOT_FOUND,
               _("Could not look up “%s”: The name does not exist"), self->name);
  end (self, g_steal_pointer (&message), error);
}

/* RFC 6891, section 7: a server without EDNS replies that the query is malformed. */
static void
retry_without_edns (QnetDnsQuery   *self,
                    QnetDnsFailure  failure)
{
  if (!self->has_edns)
    {
      drop_server (self, failure);
      return;
    }

  self->has_edns = FALSE;
  query_server (self);
}

static void
handle_reply (QnetDnsQuery   *self,
              QnetDnsMessage *reply)  /* (transfer full) */
{
  g_autoptr(QnetDnsMessage) message = reply;

  switch (message->rcode)
    {
    case QNET_DNS_RCODE_NO_ERROR:
      end (self, g_steal_pointer (&message), NULL);
      break;

    case QNET_DNS_RCODE_NAME_ERROR:
      end_not_found (self, g_steal_pointer (&message));
      break;

    case QNET_DNS_RCODE_FORMAT_ERROR:
      retry_without_edns (self, QNET_DNS_FAILURE_FORMAT_ERROR);
      break;

    case QNET_DNS_RCODE_NOT_IMPLEMENTED:
      retry_without_edns (self, QNET_DNS_FAILURE_NOT_IMPLEMENTED);
      break;

    case QNET_DNS_RCODE_SERVER_FAILURE:
      drop_server (self, QNET_DNS_FAILURE_SERVER_FAILURE);
      break;

    case QNET_DNS_RCODE_REFUSED:
      drop_server (self, QNET_DNS_FAILURE_REFUSED);
      break;

    default:
      drop_server (self, QNET_DNS_FAILURE_MALFORMED_REPLY);
      break;
    }
}

static QnetDnsMatch
match (QnetDnsQuery *self,
       const guint8 *data,
       gsize         size)
{
  return qnet_dns_message_match (data, size, self->message->data, self->message->len);
}

/* Compressed names refer to the question, so its case is restored first. */
static QnetDnsMessage *
parse (QnetDnsQuery *self,
       guint8       *data,
       gsize         size)
{
  qnet_dns_message_restore_case (data, self->plain->data);

  return qnet_dns_message_parse (data, size, NULL);
}

void
qnet_dns_query_handle_tcp_message (QnetDnsQuery *self,
                                   guint8       *data,
                                   gsize         size)
{
  g_autoptr(QnetDnsMessage) reply = NULL;

  if (match (self, data, size) >= QNET_DNS_MATCH_OTHER_CASE)
    reply = parse (self, data, size);

  qnet_dns_query_close_socket (self);

  if (reply == NULL || reply->is_truncated)
    drop_server (self, QNET_DNS_FAILURE_MALFORMED_REPLY);
  else
    handle_reply (self, g_steal_pointer (&reply));
}

static void
accept_datagram (QnetDnsQuery *self,
                 guint8       *data,
                 gsize         size)
{
  g_autoptr(QnetDnsMessage) reply = parse (self, data, size);

  qnet_dns_query_close_socket (self);

  if (reply == NULL)
    drop_server (self, QNET_DNS_FAILURE_MALFORMED_REPLY);
  else if (reply->is_truncated)
    qnet_dns_query_use_tcp (self);
  else
    handle_reply (self, g_steal_pointer (&reply));
}

/* A reply over TCP can only come from the server, so its case does not matter. */
static void
accept_datagram_in_other_case (QnetDnsQuery *self,
                               guint8       *data,
                               gsize         size)
{
  if (self->casing == QNET_DNS_CASE_PLAIN)
    {
      accept_datagram (self, data, size);
      return;
    }

  set_casing (self, QNET_DNS_CASE_MIXED_OVER_TCP);
  qnet_dns_query_use_tcp (self);
}

/* The real reply may still arrive, unless this is the reply of a server that predates EDNS. That
 * one is queried again without EDNS. */
static void
ignore_datagram (QnetDnsQuery *self,
                 QnetDnsMatch  how)
{
  self->has_unrelated_reply = TRUE;

  if (how == QNET_DNS_MATCH_NO_QUESTION && self->has_edns)
    retry_without_edns (self, QNET_DNS_FAILURE_MALFORMED_REPLY);
}

void
qnet_dns_query_handle_datagram (QnetDnsQuery *self,
                                guint8       *data,
                                gsize         size)
{
  QnetDnsMatch how = match (self, data, size);

  switch (how)
    {
    case QNET_DNS_MATCH_EXACT:
      accept_datagram (self, data, size);
      break;

    case QNET_DNS_MATCH_OTHER_CASE:
      accept_datagram_in_other_case (self, data, size);
      break;

    case QNET_DNS_MATCH_NO_QUESTION:
    case QNET_DNS_MATCH_NONE:
      ignore_datagram (self, how);
      break;
    }
}

void
qnet_dns_query_lose_connection (QnetDnsQuery *self)
{
  qnet_dns_query_close_socket (self);
  drop_server (self, QNET_DNS_FAILURE_INCOMPLETE_REPLY);
}

/* The steps */

static void
end_invalid (QnetDnsQuery *self)
{
  GError *error = NULL;
  g_autofree char *readable = g_utf8_make_valid (self->name, -1);

  if (*self->name == '\0')
    g_set_error_literal (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                         _("Could not look up a name: The name is empty"));
  else
    g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_INVALID_REQUEST,
                 _("Could not look up “%s”: The name is not valid"), readable);
  end (self, NULL, error);
}

/* After all servers were tried, starts the next attempt. FALSE if there are no attempts left. */
static gboolean
has_server (QnetDnsQuery *self)
{
  if (self->server >= self->conf->servers->len)
    {
      self->server = 0;
      self->attempt++;
    }

  return self->conf->servers->len > 0 && self->attempt < self->conf->n_attempts;
}

static void
query_server (QnetDnsQuery *self)
{
  qnet_dns_query_close_socket (self);
  self->has_unrelated_reply = FALSE;

  if (!has_server (self))
    {
      end (self, NULL, g_steal_pointer (&self->error));
      return;
    }

  if (qnet_dns_query_make_message (self))
    qnet_dns_query_use_udp (self);
  else
    end_invalid (self);
}

static void
query_ready (QnetWatch     *watch,
             QnetReadiness  readiness)
{
  QnetDnsQuery *self = CONTAINER_OF (watch, QnetDnsQuery, watch);

  switch (self->step)
    {
    case QNET_DNS_STEP_NEW:
      query_server (self);
      break;

    case QNET_DNS_STEP_UDP:
      qnet_dns_query_read_datagram (self);
      break;

    case QNET_DNS_STEP_TCP_SEND:
      qnet_dns_query_continue_sending (self);
      break;

    case QNET_DNS_STEP_TCP_READ:
      qnet_dns_query_continue_reading (self);
      break;

    case QNET_DNS_STEP_ENDED:
      break;
    }
}

static void
query_orphaned (QnetWatch *watch)
{
  QnetDnsQuery *self = CONTAINER_OF (watch, QnetDnsQuery, watch);

  qnet_clear_fd (&self->fd);
  qnet_dns_query_set_step (self, QNET_DNS_STEP_ENDED);
}

static const QnetWatchFuncs query_watch_funcs = {
  .ready = query_ready,
  .orphaned = query_orphaned,
};

/* Interface */

QnetDnsQuery *
qnet_dns_query_new (QnetWaitSet      *set,
                    QnetResolvConf   *conf,
                    const char       *name,
                    guint16           type,
                    QnetDnsQueryFunc  func,
                    gpointer          owner)
{
  QnetDnsQuery *self = g_new0 (QnetDnsQuery, 1);

  self->func = func;
  self->owner = owner;
  self->name = g_strdup (name);
  self->type = type;
  self->has_edns = TRUE;
  self->conf = conf;
  self->fd = -1;
  self->buffer = g_byte_array_new ();

  qnet_watch_init (&self->watch, &query_watch_funcs, set);
  qnet_deadline_init (&self->timeout, timed_out_cb, set);
  qnet_watch_defer (&self->watch);

  return self;
}

void
qnet_dns_query_move (QnetDnsQuery *self,
                     QnetWaitSet  *set)
{
  qnet_watch_move (&self->watch, set);
  qnet_deadline_move (&self->timeout, set);
}

void
qnet_dns_query_free (QnetDnsQuery *self)
{
  qnet_deadline_stop (&self->timeout);
  qnet_watch_clear (&self->watch);
  qnet_clear_fd (&self->fd);

  g_free (self->name);
  g_clear_pointer (&self->plain, g_byte_array_unref);
  g_clear_pointer (&self->message, g_byte_array_unref);
  qnet_resolv_conf_free (self->conf);
  g_byte_array_unref (self->buffer);
  g_clear_error (&self->error);
  g_free (self);
}
