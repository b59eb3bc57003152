/* qnet-dns-lookup.c: asking name servers for records of any type
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-dns-lookup.h"

#include "address/qnet-host-address-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-reserve-private.h"
#include "lookup/qnet-dns-lookup-private.h"
#include "lookup/qnet-dns-name-private.h"

#include "qnet-enum-types.h"
#include "qnet-error.h"

/**
 * QnetDnsLookup:
 *
 * Asks a name server for records: not only for addresses, as [struct@HostInfo] does, but for those
 * of any type, with all their fields and for how long they may be remembered.
 *
 * Set a [property@DnsLookup:name] and a [property@DnsLookup:record-type], call
 * [method@DnsLookup.lookup], and look at the records when [signal@DnsLookup::finished] comes; or do
 * it all with [method@DnsLookup.lookup_async]. Without a main loop there is
 * [method@DnsLookup.wait_for_finished]. The signals come through the main context that was the
 * thread's default when the look-up began. A look-up ends with the last reference to its object.
 *
 * The name servers of the system are asked, or the one that you have set. A name may be in any
 * script: it is looked up in its ASCII form, which is also that of the names of records; bytes that
 * are special in a name are written as `\.` and `\DDD` in both. It is taken as it is, without any
 * search list, and only the name server counts: neither a file of hosts nor a memory for answers.
 *
 * Questions go out from random ports with random numbers, and with the letters of the name in random
 * case, over UDP, and over TCP when the reply does not fit. What does not repeat all of that is no
 * reply, and neither is what has no question. A server that loses the case of letters is asked over
 * TCP; where it does not speak that, and where it fails or does not know the name, it is asked once
 * more in the letters that you gave. A record is only taken that belongs to the name or to one that
 * it is an alias of. Nothing is validated by DNSSEC: an attacker on the way can forge everything,
 * TLSA records included.
 *
 * Since: 1.0
 */

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

G_DEFINE_FINAL_TYPE (QnetDnsLookup, qnet_dns_lookup, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_RECORD_TYPE,
  PROP_NAMESERVER,
  PROP_NAMESERVER_PORT,
  PROP_TIMEOUT,
  PROP_IS_FINISHED,
  PROP_ERROR,
  N_PROPERTIES
};

enum
{
  SIGNAL_FINISHED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* Running */

static void
stop (QnetDnsLookup *self)
{
  if (self->query == NULL)
    return;

  g_clear_pointer (&self->query, qnet_dns_query_free);
  g_clear_pointer (&self->asked, g_free);
  qnet_wait_set_clear (&self->set);

  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);

  g_clear_pointer (&self->cancelled, g_source_unref);
}

/* When its main context has gone a look-up ends without a word, as everything does then. */
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
notify_outcome (QnetDnsLookup *self,
                gboolean       has_ended_changed,
                gboolean       has_error_changed)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (has_ended_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_FINISHED]);
  if (has_error_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
set_outcome (QnetDnsLookup  *self,
             gboolean        is_finished,
             QnetDnsMessage *reply,  /* (nullable) */
             GError         *error)  /* (transfer full) (nullable) */
{
  gboolean has_ended_changed = self->is_finished != is_finished;
  gboolean has_error_changed = self->error != NULL || error != NULL;

  g_clear_error (&self->error);
  self->error = error;
  self->is_finished = is_finished;
  qnet_dns_results_clear (&self->results);
  qnet_dns_results_init (&self->results, reply);

  notify_outcome (self, has_ended_changed, has_error_changed);
}

/* It hears no more: what a handler begins is another look-up. */
static void
tell_wait (QnetDnsLookup *self,
           GError        *error)  /* (nullable) */
{
  QnetDnsWait *wait = g_steal_pointer (&self->wait);

  if (wait == NULL)
    return;

  wait->has_ended = TRUE;
  wait->error = error != NULL ? g_error_copy (error) : NULL;
}

/* A handler may begin the next look-up, so what the task is told is put aside before. */
static void
finish (QnetDnsLookup  *self,
        QnetDnsMessage *reply,  /* (nullable) */
        GError         *error)  /* (transfer full) (nullable) */
{
  g_autoptr(QnetDnsLookup) alive = NULL;
  g_autoptr(GTask) task = g_steal_pointer (&self->task);
  g_autoptr(GError) told = error != NULL ? g_error_copy (error) : NULL;

  alive = g_object_ref (self);

  stop (self);
  tell_wait (self, error);
  set_outcome (self, TRUE, reply, error);
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0);

  if (task != NULL)
    return_to_task (task, told);
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

  g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_TIMEOUT,
               _("Could not look up “%s”: the lookup took longer than %g s"), self->asked,
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

  /* An address with an unknown scope is nobody's, and the query says that it has no family. */
  qnet_host_address_to_native (self->nameserver, self->port, &native);
  g_array_append_val (conf->servers, native);

  return conf;
}

static void
start (QnetDnsLookup *self)
{
  QnetReactor *reactor = qnet_reactor_get ();
  g_autofree char *encoded = qnet_dns_name_encode (self->name, self->record_type);

  qnet_wait_set_init (&self->set, reactor);
  qnet_reactor_unref (reactor);
  self->asked = g_strdup (self->name);
  qnet_deadline_init (&self->deadline, timed_out_cb, &self->set);
  self->query = qnet_dns_query_new (&self->set, choose_servers (self), encoded, self->record_type,
                                    query_ended_cb, self);

  if (self->timeout > 0)
    qnet_deadline_start (&self->deadline, qnet_clock_until ((int) MIN (self->timeout, G_MAXINT)));

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

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled, "[qnet] cancelled look-up");
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, g_main_context_get_thread_default ());
}

/* The name server */

static gboolean
is_same_address (QnetHostAddress *address,  /* (nullable) */
                 QnetHostAddress *other)    /* (nullable) */
{
  if (address == NULL || other == NULL)
    return address == other;

  return qnet_host_address_equal (address, other);
}

/* NULL, which is what the property has while none is set, is Null. */
static void
change_nameserver (QnetDnsLookup   *self,
                   QnetHostAddress *nameserver)  /* (nullable) */
{
  if (nameserver != NULL && qnet_host_address_is_null (nameserver))
    nameserver = NULL;

  if (is_same_address (self->nameserver, nameserver))
    return;

  g_clear_pointer (&self->nameserver, qnet_host_address_unref);
  if (nameserver != NULL)
    self->nameserver = qnet_host_address_ref (nameserver);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAMESERVER]);
}

/* GObject */

static void
qnet_dns_lookup_dispose (GObject *object)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);

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
qnet_dns_lookup_get_property (GObject    *object,
                              guint       property_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);

  switch (property_id)
    {
    case PROP_NAME:
      g_value_set_string (value, qnet_dns_lookup_get_name (self));
      break;

    case PROP_RECORD_TYPE:
      g_value_set_enum (value, qnet_dns_lookup_get_record_type (self));
      break;

    case PROP_NAMESERVER:
      g_value_set_boxed (value, qnet_dns_lookup_get_nameserver (self));
      break;

    case PROP_NAMESERVER_PORT:
      g_value_set_uint (value, qnet_dns_lookup_get_nameserver_port (self));
      break;

    case PROP_TIMEOUT:
      g_value_set_uint (value, qnet_dns_lookup_get_timeout (self));
      break;

    case PROP_IS_FINISHED:
      g_value_set_boolean (value, qnet_dns_lookup_get_is_finished (self));
      break;

    case PROP_ERROR:
      g_value_set_boxed (value, qnet_dns_lookup_get_error (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
qnet_dns_lookup_set_property (GObject      *object,
                              guint         property_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  QnetDnsLookup *self = QNET_DNS_LOOKUP (object);
  const char *name;

  switch (property_id)
    {
    case PROP_NAME:
      name = g_value_get_string (value);
      qnet_dns_lookup_set_name (self, name != NULL ? name : "");
      break;

    case PROP_RECORD_TYPE:
      qnet_dns_lookup_set_record_type (self, g_value_get_enum (value));
      break;

    case PROP_NAMESERVER:
      change_nameserver (self, g_value_get_boxed (value));
      break;

    case PROP_NAMESERVER_PORT:
      qnet_dns_lookup_set_nameserver_port (self, g_value_get_uint (value));
      break;

    case PROP_TIMEOUT:
      qnet_dns_lookup_set_timeout (self, g_value_get_uint (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  /**
   * QnetDnsLookup:name:
   *
   * The name to look up. With %QNET_DNS_RECORD_TYPE_PTR it may be the text of an address.
   *
   * Set while a look-up runs, it is that of the next one, as the other properties are.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", writable);

  /**
   * QnetDnsLookup:record-type:
   *
   * Of which type the records shall be.
   *
   * Since: 1.0
   */
  properties[PROP_RECORD_TYPE]
    = g_param_spec_enum ("record-type", NULL, NULL, QNET_TYPE_DNS_RECORD_TYPE,
                         QNET_DNS_RECORD_TYPE_A, writable);

  /**
   * QnetDnsLookup:nameserver:
   *
   * Whom to ask; %NULL, or Null, for the name servers of the system.
   *
   * Since: 1.0
   */
  properties[PROP_NAMESERVER]
    = g_param_spec_boxed ("nameserver", NULL, NULL, QNET_TYPE_HOST_ADDRESS, writable);

  /**
   * QnetDnsLookup:nameserver-port:
   *
   * On which port to ask [property@DnsLookup:nameserver].
   *
   * Since: 1.0
   */
  properties[PROP_NAMESERVER_PORT]
    = g_param_spec_uint ("nameserver-port", NULL, NULL, 0, G_MAXUINT16, QNET_DNS_PORT, writable);

  /**
   * QnetDnsLookup:timeout:
   *
   * How many milliseconds a look-up may take in all, or 0 for no limit.
   *
   * Without a limit it still ends: each name server gets the time and the attempts that the
   * system's configuration says, which is usually two times five seconds.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT, 0, writable);

  /**
   * QnetDnsLookup:is-finished:
   *
   * Whether a look-up has ended, and no other was begun.
   *
   * Since: 1.0
   */
  properties[PROP_IS_FINISHED] = g_param_spec_boolean ("is-finished", NULL, NULL, FALSE, readable);

  /**
   * QnetDnsLookup:error:
   *
   * Why the last look-up has failed, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, readable);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
qnet_dns_lookup_class_init (QnetDnsLookupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  qnet_reactor_prepare ();

  object_class->dispose = qnet_dns_lookup_dispose;
  object_class->finalize = qnet_dns_lookup_finalize;
  object_class->get_property = qnet_dns_lookup_get_property;
  object_class->set_property = qnet_dns_lookup_set_property;

  install_properties (object_class);

  /**
   * QnetDnsLookup::finished:
   * @self: the look-up
   *
   * Says that a look-up has ended, well or not: once for each, and never within
   * [method@DnsLookup.lookup]. [method@DnsLookup.abort] emits it before it returns.
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
  self->record_type = QNET_DNS_RECORD_TYPE_A;
  self->port = QNET_DNS_PORT;
  qnet_dns_results_init (&self->results, NULL);
}

/* Public API */

/**
 * qnet_dns_lookup_new:
 * @record_type: of which type the records shall be
 * @name: the name to look up
 *
 * Makes a look-up that has not begun yet.
 *
 * Returns: (transfer full): the look-up
 *
 * Since: 1.0
 */
QnetDnsLookup *
qnet_dns_lookup_new (QnetDnsRecordType  record_type,
                     const char        *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_object_new (QNET_TYPE_DNS_LOOKUP, "record-type", record_type, "name", name, NULL);
}

/**
 * qnet_dns_lookup_new_with_nameserver:
 * @record_type: of which type the records shall be
 * @name: the name to look up
 * @nameserver: the address of a name server, or the Null address for those of the system
 * @port: on which port; usually %QNET_DNS_PORT
 *
 * Makes a look-up that asks a name server of your choice. It has not begun yet.
 *
 * Returns: (transfer full): the look-up
 *
 * Since: 1.0
 */
QnetDnsLookup *
qnet_dns_lookup_new_with_nameserver (QnetDnsRecordType  record_type,
                                     const char        *name,
                                     QnetHostAddress   *nameserver,
                                     guint16            port)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (nameserver != NULL, NULL);

  return g_object_new (QNET_TYPE_DNS_LOOKUP,
                       "record-type", record_type,
                       "name", name,
                       "nameserver", nameserver,
                       "nameserver-port", (guint) port,
                       NULL);
}

/**
 * qnet_dns_lookup_get_name:
 * @self: a look-up
 *
 * Gets the name to look up.
 *
 * Returns: the name, as it was given
 *
 * Since: 1.0
 */
const char *
qnet_dns_lookup_get_name (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->name;
}

/**
 * qnet_dns_lookup_set_name:
 * @self: a look-up
 * @name: a name
 *
 * Sets the name to look up the next time.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_name (QnetDnsLookup *self,
                          const char    *name)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (name != NULL);

  if (g_strcmp0 (self->name, name) == 0)
    return;

  g_free (self->name);
  self->name = g_strdup (name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

/**
 * qnet_dns_lookup_get_record_type:
 * @self: a look-up
 *
 * Gets of which type the records shall be.
 *
 * Returns: the type
 *
 * Since: 1.0
 */
QnetDnsRecordType
qnet_dns_lookup_get_record_type (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), QNET_DNS_RECORD_TYPE_A);

  return self->record_type;
}

/**
 * qnet_dns_lookup_set_record_type:
 * @self: a look-up
 * @record_type: a type
 *
 * Sets of which type the records shall be the next time.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_record_type (QnetDnsLookup     *self,
                                 QnetDnsRecordType  record_type)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));

  if (self->record_type == record_type)
    return;

  self->record_type = record_type;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD_TYPE]);
}

/**
 * qnet_dns_lookup_get_nameserver:
 * @self: a look-up
 *
 * Gets whom to ask.
 *
 * Returns: (transfer none) (nullable): the name server, or %NULL for those of the system
 *
 * Since: 1.0
 */
QnetHostAddress *
qnet_dns_lookup_get_nameserver (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->nameserver;
}

/**
 * qnet_dns_lookup_set_nameserver:
 * @self: a look-up
 * @nameserver: the address of a name server, or the Null address for those of the system
 *
 * Sets whom to ask the next time.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_nameserver (QnetDnsLookup   *self,
                                QnetHostAddress *nameserver)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));
  g_return_if_fail (nameserver != NULL);

  change_nameserver (self, nameserver);
}

/**
 * qnet_dns_lookup_get_nameserver_port:
 * @self: a look-up
 *
 * Gets on which port to ask the [property@DnsLookup:nameserver].
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint16
qnet_dns_lookup_get_nameserver_port (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), 0);

  return self->port;
}

/**
 * qnet_dns_lookup_set_nameserver_port:
 * @self: a look-up
 * @port: a port
 *
 * Sets on which port to ask the [property@DnsLookup:nameserver] the next time. Those of the system
 * are asked on the ports that its configuration says.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_nameserver_port (QnetDnsLookup *self,
                                     guint16        port)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));

  if (self->port == port)
    return;

  self->port = port;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAMESERVER_PORT]);
}

/**
 * qnet_dns_lookup_get_timeout:
 * @self: a look-up
 *
 * Gets how long a look-up may take in all.
 *
 * Returns: milliseconds, or 0 for no limit
 *
 * Since: 1.0
 */
guint
qnet_dns_lookup_get_timeout (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), 0);

  return self->timeout;
}

/**
 * qnet_dns_lookup_set_timeout:
 * @self: a look-up
 * @timeout: milliseconds, or 0 for no limit
 *
 * Sets how long a look-up may take in all, from the next one on.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_set_timeout (QnetDnsLookup *self,
                             guint          timeout)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));

  if (self->timeout == timeout)
    return;

  self->timeout = timeout;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * qnet_dns_lookup_lookup:
 * @self: a look-up
 *
 * Begins to look the name up. [signal@DnsLookup::finished] says when that has ended, always later.
 *
 * The records of the look-up before are gone at once. While one runs nothing happens.
 *
 * That a name has no record of the type is no error: there are none then. What is, is told by
 * [method@DnsLookup.get_error], and by its codes in [error@DnsLookupError].
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_lookup (QnetDnsLookup *self)
{
  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));

  if (!qnet_dns_lookup_is_running (self))
    start (self);
}

/* GIO would call back in the thread of the default main context, while this one moves the look-up
 * by waiting. */
static gboolean
refuse_detached (GTask *task)
{
  QnetDnsLookup *self = g_task_get_source_object (task);

  if (qnet_reactor_check_loop (NULL))
    return FALSE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _("Could not look up “%s”: no main loop runs in this thread; "
                             "wait_for_finished() needs none"), self->name);
  return TRUE;
}

/**
 * qnet_dns_lookup_lookup_async:
 * @self: a look-up
 * @io_priority: for the callback
 * @cancellable: (nullable): a way to give up
 * @callback: (scope async) (closure user_data): what to call when it has ended
 * @user_data: what to pass to @callback
 *
 * Looks the name up, as [method@DnsLookup.lookup] does, [signal@DnsLookup::finished] included. Get
 * what came of it with [method@DnsLookup.lookup_finish].
 *
 * Where a look-up runs already the error is [G_IO_ERROR_PENDING][error@Gio.IOErrorEnum]. When
 * @cancellable is cancelled the look-up is [aborted][method@DnsLookup.abort], and the error is
 * [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum]. In a thread that has no main context of its own
 * nothing but waiting moves a look-up, and this is
 * [G_IO_ERROR_NOT_SUPPORTED][error@Gio.IOErrorEnum].
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

  task = qnet_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, qnet_dns_lookup_lookup_async);
  g_task_set_task_data (task, g_utf8_make_valid (self->name, -1), g_free);
  g_task_set_priority (task, io_priority);

  if (g_task_return_error_if_cancelled (task) || refuse_detached (task))
    return;

  if (qnet_dns_lookup_is_running (self))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                               _("Could not look up “%s”: another lookup of this object still runs"),
                               self->name);
      return;
    }

  self->task = g_steal_pointer (&task);
  watch_cancellable (self, cancellable);
  start (self);
}

/**
 * qnet_dns_lookup_lookup_finish:
 * @self: a look-up
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@DnsLookup.lookup_async]: the records are there.
 *
 * Returns: whether all is well
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

  /* The text of GTask for what was cancelled does not say what. */
  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                   _("Could not look up “%s”: the lookup was cancelled"), (const char *) g_task_get_task_data (G_TASK (result)));
      return FALSE;
    }

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * qnet_dns_lookup_abort:
 * @self: a look-up
 *
 * Gives the look-up up: it ends with
 * [QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED][error@DnsLookupError] and without records, and
 * [signal@DnsLookup::finished] is emitted before this function returns. Where none runs nothing
 * happens.
 *
 * Since: 1.0
 */
void
qnet_dns_lookup_abort (QnetDnsLookup *self)
{
  GError *error = NULL;

  g_return_if_fail (QNET_IS_DNS_LOOKUP (self));

  if (!qnet_dns_lookup_is_running (self))
    return;

  g_set_error (&error, QNET_DNS_LOOKUP_ERROR, QNET_DNS_LOOKUP_ERROR_OPERATION_CANCELLED,
               _("Could not look up “%s”: the lookup was aborted"), self->asked);
  finish (self, NULL, error);
}

/**
 * qnet_dns_lookup_get_is_finished:
 * @self: a look-up
 *
 * Tells whether a look-up has ended, and no other was begun.
 *
 * Returns: whether it has
 *
 * Since: 1.0
 */
gboolean
qnet_dns_lookup_get_is_finished (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), FALSE);

  return self->is_finished;
}

/**
 * qnet_dns_lookup_get_error:
 * @self: a look-up
 *
 * Gets why the last look-up has failed.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
const GError *
qnet_dns_lookup_get_error (QnetDnsLookup *self)
{
  g_return_val_if_fail (QNET_IS_DNS_LOOKUP (self), NULL);

  return self->error;
}
