/* qnet-dns-lookup.c: looks up DNS records of any type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "records/qnet-dns-lookup-private.h"

#include "address/qnet-host-address-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-reserve-private.h"
#include "dns/qnet-dns-name-private.h"

#include "qnet-error.h"

/**
 * QnetDnsLookup:
 *
 * Looks up DNS records of any type at a name server, with all their fields and their time to live.
 * To look up only the addresses of a host, use [struct@HostInfo].
 *
 * Set [property@DnsLookup:name] and [property@DnsLookup:record-type], call
 * [method@DnsLookup.lookup], and get the records when [signal@DnsLookup::finished] is emitted, or
 * use [method@DnsLookup.lookup_async]. Without a main loop, use
 * [method@DnsLookup.wait_for_finished]. The signals are emitted in the thread-default main context
 * of the thread that started the lookup. If the object is finalized, the lookup ends without a
 * signal.
 *
 * The lookup uses the name servers of the system, or the one that was set. A name may be in any
 * script: it is looked up in its ASCII form, which is also the form of the names in records. In
 * both, special bytes are written as `\.` and `\DDD`. The name is looked up as is, without a search
 * list; neither the hosts file nor a cache is used.
 *
 * Queries are sent over UDP, and over TCP if the reply is truncated. Each query has a random source
 * port, a random ID and random case of the letters in the name. Only a reply that repeats all of
 * these is accepted. If a server does not preserve the case of the letters, it is queried over TCP.
 * If that fails, or if the server fails or does not know the name, it is queried once more with the
 * letters as they were given. Only records of the name, and of the names that it is an alias for,
 * are returned. Replies are not validated with DNSSEC here: an attacker on the network path can
 * forge all records, including TLSA records. A name server may have validated them, see
 * [property@DnsLookup:authentic-data].
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (QnetDnsLookup, qnet_dns_lookup, G_TYPE_OBJECT)

enum
{
  SIGNAL_FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Staying in memory */

QnetHeldLookup *
qnet_dns_lookup_hold (QnetDnsLookup *self)
{
  qnet_hold_begin (&self->hold);

  return self;
}

void
qnet_dns_lookup_release (QnetHeldLookup *self)
{
  qnet_hold_end (&self->hold, self);
}

/* The running lookup */

static void
stop (QnetDnsLookup *self)
{
  if (self->query == NULL)
    return;

  g_clear_pointer (&self->query, qnet_dns_query_free);
  g_clear_pointer (&self->running_name, g_free);
  qnet_wait_set_clear (&self->set);

  if (self->cancelled_source != NULL)
    g_source_destroy (self->cancelled_source);

  g_clear_pointer (&self->cancelled_source, g_source_unref);
}

/* If its main context is destroyed, a lookup ends without a signal. */
gboolean
qnet_dns_lookup_is_running (QnetDnsLookup *self)
{
  if (self->query != NULL && qnet_reactor_is_orphan (self->set.reactor))
    stop (self);

  return self->query != NULL;
}

static void
return_to_task (GTask  *task,
                GError *error)  /* (nullable) */
{
  if (g_task_return_error_if_cancelled (task))
    return;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
set_outcome (QnetDnsLookup  *self,
             gboolean        is_finished,
             QnetDnsMessage *reply,  /* (nullable) */
             GError         *error)  /* (transfer full) (nullable) */
{
  gboolean has_ended_changed = self->is_finished != is_finished;
  gboolean has_error_changed = self->error != NULL || error != NULL;
  gboolean is_authentic = reply != NULL && reply->is_authentic && self->trusts_server;
  gboolean has_authentic_changed = self->is_authentic != is_authentic;

  g_clear_error (&self->error);
  self->error = error;
  self->is_finished = is_finished;
  self->is_authentic = is_authentic;
  qnet_dns_results_clear (&self->results);
  qnet_dns_results_init (&self->results, error == NULL ? reply : NULL);

  qnet_dns_lookup_notify_outcome (self, has_ended_changed, has_error_changed,
                                  has_authentic_changed);
}

/* The wait ends here: a lookup that a handler starts is not the one it waits for. */
static void
finish_wait (QnetDnsLookup *self,
             GError        *error)  /* (nullable) */
{
  QnetDnsWait *wait = g_steal_pointer (&self->wait);

  if (wait == NULL)
    return;

  wait->has_ended = TRUE;
  wait->error = error != NULL ? g_error_copy (error) : NULL;
}

/* A handler of the notification may start the next lookup: then that one emits the signal. So the
 * error for the task is copied before. */
static void
finish (QnetDnsLookup  *self,
        QnetDnsMessage *reply,  /* (nullable) */
        GError         *error)  /* (transfer full) (nullable) */
{
  G_GNUC_UNUSED g_autoptr(QnetHeldLookup) hold = qnet_dns_lookup_hold (self);
  g_autoptr(GTask) task = g_steal_pointer (&self->task);
  g_autoptr(GError) task_error = error != NULL ? g_error_copy (error) : NULL;

  stop (self);
  finish_wait (self, error);
  set_outcome (self, TRUE, reply, error);
  if (self->is_finished && !qnet_hold_is_disposed (&self->hold))
    g_signal_emit (self, signals[SIGNAL_FINISHED], 0);

  if (task != NULL)
    return_to_task (task, task_error);
}

static void
query_ended_cb (gpointer        owner,
                QnetDnsMessage *reply,
                GError         *error)
{
  g_autoptr(QnetDnsMessage) message = reply;

  finish (owner, message, error);
}

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetDnsLookup *self = CONTAINER_OF (deadline, QnetDnsLookup, deadline);
  GError *error = NULL;

  /* Translators: a name, and a number of seconds */
  g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_TIMEOUT,
               _("Could not look up “%s”: The lookup took longer than %g s"), self->running_name,
               self->timeout / 1000.0);
  finish (self, NULL, error);
}

static QnetResolvConf *
choose_servers (QnetDnsLookup *self)
{
  QnetResolvConf *conf = qnet_resolv_conf_read ();
  struct sockaddr_storage native;

  if (self->nameserver == NULL)
    return conf;

  g_array_set_size (conf->servers, 0);
  conf->trusts_ad = TRUE;  /* as the program has chosen it */

  /* An address with an unknown scope becomes AF_UNSPEC, and the query fails for it. */
  qnet_host_address_to_native (self->nameserver, self->port, &native);
  g_array_append_val (conf->servers, native);

  return conf;
}

static void
start (QnetDnsLookup *self)
{
  QnetReactor *reactor = qnet_reactor_get ();
  QnetResolvConf *conf = choose_servers (self);
  g_autofree char *encoded = qnet_dns_name_encode (self->name, self->type);

  qnet_wait_set_init (&self->set, reactor);
  qnet_reactor_unref (reactor);
  self->running_name = g_strdup (self->name);
  qnet_deadline_init (&self->deadline, timed_out_cb, &self->set);
  self->trusts_server = conf->trusts_ad;
  self->query = qnet_dns_query_new (&self->set, conf, encoded, self->type, query_ended_cb, self);

  if (self->timeout > 0)
    qnet_deadline_start (&self->deadline, qnet_clock_until (self->timeout));

  set_outcome (self, FALSE, NULL, NULL);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  qnet_dns_lookup_abort (QNET_DNS_LOOKUP (user_data));

  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (QnetDnsLookup *self,
                   GCancellable  *cancellable)
{
  if (cancellable == NULL)
    return;

  self->cancelled_source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled_source, "[qnet] cancelled lookup");
  g_source_set_callback (self->cancelled_source, G_SOURCE_FUNC (cancelled_cb), self, NULL);
  g_source_attach (self->cancelled_source, g_main_context_get_thread_default ());
}

/* GObject */

static void
qnet_dns_lookup_dispatch_properties_changed (GObject     *object,
                                             guint        n_pspecs,
                                             GParamSpec **pspecs)
{
  qnet_hold_notify (&QNET_DNS_LOOKUP (object)->hold, object,
                    G_OBJECT_CLASS (qnet_dns_lookup_parent_class), n_pspecs, pspecs);
}

static void
qnet_dns_lookup_dispose (GObject *object)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);

  if (qnet_reactor_is_elsewhere (self->set.reactor)
      && qnet_reactor_moves_disposal (self->set.reactor, self, &self->hold.life,
                                      QNET_LIFE_DISPOSED))
    return;

  qnet_hold_dispose (&self->hold);
  qnet_hold_stay (&self->hold, self);
  stop (self);

  G_OBJECT_CLASS (qnet_dns_lookup_parent_class)->dispose (object);
}

static void
qnet_dns_lookup_finalize (GObject *object)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);

  g_free (self->name);
  g_clear_pointer (&self->nameserver, qnet_host_address_unref);
  g_clear_error (&self->error);
  qnet_dns_results_clear (&self->results);

  G_OBJECT_CLASS (qnet_dns_lookup_parent_class)->finalize (object);
}

static void
qnet_dns_lookup_class_init (QnetDnsLookupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_reactor_prepare ();

  object_class->dispatch_properties_changed = qnet_dns_lookup_dispatch_properties_changed;
  object_class->dispose = qnet_dns_lookup_dispose;
  object_class->finalize = qnet_dns_lookup_finalize;
  qnet_dns_lookup_class_install_properties (object_class);

  /**
   * QnetDnsLookup::finished:
   * @self: the lookup
   *
   * Emitted when a lookup has finished, successfully or not. It is emitted once for each lookup,
   * and never during the call of [method@DnsLookup.lookup]. [method@DnsLookup.abort] emits it
   * before it returns.
   *
   * Since: 1.0
   */
  signals[SIGNAL_FINISHED]
    = g_signal_new ("finished", QNET_TYPE_DNS_LOOKUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 0);
}

static void
qnet_dns_lookup_init (QnetDnsLookup *self)
{
  self->name = g_strdup ("");
  self->type = QNET_DNS_RECORD_TYPE_A;
  self->port = QNET_DNS_PORT;
  qnet_dns_results_init (&self->results, NULL);
}

/* Public API */

/**
 * qnet_dns_lookup_new:
 * @record_type: the type of the records
 * @name: the name to look up
 *
 * Creates a lookup. Call [method@DnsLookup.lookup] to start it.
 *
 * Returns: (transfer full): the lookup
 *
 * Since: 1.0
 */
QnetDnsLookup *
qnet_dns_lookup_new (QnetDnsRecordType  record_type,
                     const char        *name)
{
  g_return_val_if_fail (record_type != QNET_DNS_RECORD_TYPE_UNKNOWN, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return g_object_new (QNET_TYPE_DNS_LOOKUP, "record-type", record_type, "name", name, NULL);
}

/**
 * qnet_dns_lookup_new_with_nameserver:
 * @record_type: the type of the records
 * @name: the name to look up
 * @nameserver: the address of a name server, or the Null address for those of the system
 * @port: the port of the name server, usually %QNET_DNS_PORT
 *
 * Creates a lookup that uses a certain name server. Call [method@DnsLookup.lookup] to start it.
 *
 * Returns: (transfer full): the lookup
 *
 * Since: 1.0
 */
QnetDnsLookup *
qnet_dns_lookup_new_with_nameserver (QnetDnsRecordType  record_type,
                                     const char        *name,
                                     QnetHostAddress   *nameserver,
                                     guint16            port)
{
  g_return_val_if_fail (record_type != QNET_DNS_RECORD_TYPE_UNKNOWN, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (nameserver != NULL, NULL);
  g_return_val_if_fail (port > 0, NULL);

  return g_object_new (QNET_TYPE_DNS_LOOKUP,
                       "record-type", record_type,
                       "name", name,
                       "nameserver", nameserver,
                       "nameserver-port", (guint) port,
                       NULL);
}

/**
 * qnet_dns_lookup_lookup:
 * @self: a lookup
 *
 * Starts a lookup. [signal@DnsLookup::finished] is emitted when it has finished, never before this
 * function returns.
 *
 * The records of the previous lookup are cleared. If a lookup is already running, this function
 * does nothing.
 *
 * If the name exists but has no record of the type, the lookup succeeds without records. If the
 * lookup fails, [method@DnsLookup.get_error] returns an error with a code of
 * [error@DnsLookupError].
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_lookup (QnetDnsLookup *self)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  if (!qnet_dns_lookup_is_running (self))
    start (self);
}

/* GTask would call back in the thread of the default main context, while this thread runs the
 * lookup by waiting. */
static gboolean
refuse_detached (GTask *task)
{
  QnetDnsLookup *self = g_task_get_source_object (task);

  if (qnet_reactor_check_loop (NULL))
    return FALSE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _("Could not look up “%s”: There is no main loop in this thread. Use "
                             "wait_for_finished() instead"), self->name);
  return TRUE;
}

/**
 * qnet_dns_lookup_lookup_async:
 * @self: a lookup
 * @io_priority: the priority of the callback
 * @cancellable: (nullable): a cancellable, or %NULL
 * @callback: (scope async) (closure user_data): a callback to call when the lookup has finished
 * @user_data: data for @callback
 *
 * Starts a lookup like [method@DnsLookup.lookup]. [signal@DnsLookup::finished] is emitted, too.
 * Call [method@DnsLookup.lookup_finish] to get the result.
 *
 * If a lookup is already running, the error is [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum]. If
 * @cancellable is cancelled, the lookup is [aborted][method@DnsLookup.abort] and the error is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]. In a thread without a main context of its own the
 * error is [G_IO_ERROR_NOT_SUPPORTED][error@Gio.IOErrorEnum]: use
 * [method@DnsLookup.wait_for_finished] there.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_lookup_async (QnetDnsLookup       *self,
                              int                  io_priority,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!qnet_reactor_check_caller (self->set.reactor, self, G_STRFUNC))
    {
      qnet_return_thread_error (self, qnet_dns_lookup_lookup_async, io_priority, callback,
                                user_data);
      return;
    }

  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_dns_lookup_lookup_async);
  g_task_set_task_data (task, g_utf8_make_valid (self->name, -1), g_free);
  g_task_set_priority (task, io_priority);

  if (g_task_return_error_if_cancelled (task) || refuse_detached (task))
    return;

  if (qnet_dns_lookup_is_running (self))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                               _("Could not look up “%s”: Another lookup of the object is still "
                                 "running"), self->name);
      return;
    }

  self->task = g_steal_pointer (&task);
  watch_cancellable (self, cancellable);
  start (self);
}

/**
 * qnet_dns_lookup_lookup_finish:
 * @self: a lookup
 * @result: the result that was passed to the callback
 * @error: return location for an error
 *
 * Finishes [method@DnsLookup.lookup_async]. The object has the records.
 *
 * Returns: %TRUE if the lookup has succeeded
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_lookup_finish (QnetDnsLookup  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* The message of GTask for a cancelled operation does not contain the name. */
  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                   _("Could not look up “%s”: The lookup was cancelled"),
                   (const char *) g_task_get_task_data (G_TASK (result)));
      return FALSE;
    }

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_dns_lookup_abort:
 * @self: a lookup
 *
 * Aborts the lookup: it fails with
 * [QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED][error@DnsLookupError], and
 * [signal@DnsLookup::finished] is emitted before this function returns. If no lookup is running,
 * this function does nothing.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_abort (QnetDnsLookup *self)
{
  GError *error = NULL;

  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  QNET_DNS_LOOKUP_CHECK_CALLER (self);

  if (!qnet_dns_lookup_is_running (self))
    return;

  g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED,
               _("Could not look up “%s”: The lookup was aborted"), self->running_name);
  finish (self, NULL, error);
}
