/* qnet-system-lookup.c: getaddrinfo() and getnameinfo() in a thread pool of our own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "lookup/qnet-system-lookup-private.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address/qnet-host-address-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-state-machine-private.h"
#include "base/qnet-syscall-private.h"
#include "lookup/qnet-system-hosts-private.h"
#include "loop/qnet-work-pool-private.h"

#define MAX_HOST_NAME 1025  /* NI_MAXHOST, which is not declared in strict C */

/* The state of a process. The child of a fork needs a new one: it has none of its parent's threads,
 * and cannot know which locks they held. */
typedef struct _Process Process;

struct _Process
{
  guint            fork_epoch;
  Process         *inherited;  /* (nullable): of the parent process, not used any more */
  QnetWorkPool    *pool;

  pthread_mutex_t  lock;       /* guards the fields below, the waiting list of each job and the job
                                * of each lookup */
  GHashTable      *jobs;       /* key (unowned) => Job (unowned): jobs that can be shared */
};

/* A system call, and the lookups that wait for its answer. */
typedef struct
{
  QnetWork         work;
  Process         *process;
  char            *key;         /* (owned): identifies the question */
  guint            generation;
  char            *name;        /* (owned) (nullable): NULL: looks up @address */
  QnetNetworkLayerProtocol protocol;  /* of a name: the addresses that are asked for */
  QnetHostAddress *address;     /* (owned) (nullable) */
  GPtrArray       *waiting;     /* of QnetSystemLookup, unowned */
} Job;

static Process *the_process = NULL;  /* (atomic) (nullable) */

/* Answers */

static QnetSystemAnswer *
answer_new (int status,
            int error_number)
{
  QnetSystemAnswer *self = g_new0 (QnetSystemAnswer, 1);

  g_atomic_int_set (&self->ref_count, 1);
  self->status = status;
  self->error_number = error_number;

  return self;
}

QnetSystemAnswer *
qnet_system_answer_ref (QnetSystemAnswer *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
qnet_system_answer_unref (QnetSystemAnswer *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_free (self->name);
  g_free (self);
}

/* Distinguishes names that do not exist from failures of the lookup. */
static int
code_from_status (int status)
{
  switch (status)
    {
    case EAI_NONAME:
#if defined (EAI_NODATA) && EAI_NODATA != EAI_NONAME
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
      return QNET_SOCKET_ERROR_HOST_NOT_FOUND;

    case EAI_AGAIN:
      return QNET_SOCKET_ERROR_TEMPORARY;

    case EAI_MEMORY:
      return QNET_SOCKET_ERROR_SOCKET_RESOURCE;

    default:
      return QNET_SOCKET_ERROR_NETWORK;
    }
}

void
qnet_system_answer_set_error (QnetSystemAnswer  *self,
                              const char        *what,
                              GError           **error)
{
  g_autofree char *reason = NULL;

  if (self->status == EAI_SYSTEM)
    {
      qnet_set_error_from_errno (error, self->error_number, _("Could not look up “%s”"), what);
      return;
    }

  reason = g_locale_to_utf8 (gai_strerror (self->status), -1, NULL, NULL, NULL);

  /* Translators: a name or an address, and the reason in the words of the system */
  qnet_set_error (error, code_from_status (self->status), _("Could not look up “%s”: %s"), what,
                  reason != NULL ? reason : "?");
}

/* Blocking calls */

static gboolean
is_asked_for (int                      family,
              QnetNetworkLayerProtocol protocol)
{
  return (family == AF_INET && protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV6)
         || (family == AF_INET6 && protocol != QNET_NETWORK_LAYER_PROTOCOL_IPV4);
}

static GPtrArray *
convert_addresses (const struct addrinfo    *list,
                   QnetNetworkLayerProtocol  protocol)
{
  GPtrArray *addresses
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  for (const struct addrinfo *info = list; info != NULL; info = info->ai_next)
    {
      struct sockaddr_storage storage = { 0 };
      guint16 port;

      if (!is_asked_for (info->ai_family, protocol))
        continue;

      memcpy (&storage, info->ai_addr, MIN ((gsize) info->ai_addrlen, sizeof storage));
      g_ptr_array_add (addresses, qnet_host_address_take_native (&storage, FALSE, &port));
    }

  return addresses;
}

/* If there are no file descriptors left, the resolver cannot read its files or contact its servers,
 * and reports that the name does not exist. */
static QnetSystemAnswer *
answer_new_failed (int status,
                   int error_number)
{
  int fd;

  if (status == EAI_SYSTEM && error_number != 0)
    return answer_new (status, error_number);

  fd = qnet_sys_socket (AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 && qnet_socket_error_code_from_errno (errno) == QNET_SOCKET_ERROR_SOCKET_RESOURCE)
    return answer_new (EAI_SYSTEM, errno);

  qnet_clear_fd (&fd);

  return answer_new (status == EAI_SYSTEM ? EAI_FAIL : status, 0);
}

/* The system is asked for both families together if the hosts file contains the name: with one
 * family alone it would continue with DNS if the file has an address of the other one only, and so
 * find addresses that the file replaces. */
static int
choose_family (const char               *name,
               QnetNetworkLayerProtocol  protocol)
{
  if (protocol == QNET_NETWORK_LAYER_PROTOCOL_ANY_IP || qnet_hosts_file_has_name (name))
    return AF_UNSPEC;

  return protocol == QNET_NETWORK_LAYER_PROTOCOL_IPV4 ? AF_INET : AF_INET6;
}

static QnetSystemAnswer *
ask_name (const char               *name,
          QnetNetworkLayerProtocol  protocol,
          int                       family)
{
  const struct addrinfo hints = {
    .ai_flags = family == AF_UNSPEC ? AI_ADDRCONFIG : 0,
    .ai_family = family,
    .ai_socktype = SOCK_STREAM,  /* otherwise each address is listed once per socket type */
    .ai_protocol = IPPROTO_TCP,
  };
  struct addrinfo *list = NULL;
  QnetSystemAnswer *answer;
  int status;

  errno = 0;
  status = getaddrinfo (name, NULL, &hints, &list);

  if (status != 0)
    return answer_new_failed (status, errno);

  answer = answer_new (0, 0);
  answer->addresses = convert_addresses (list, protocol);
  freeaddrinfo (list);

  return answer;
}

/* For one family the C library would apply AI_ADDRCONFIG also to a machine that has no address but
 * loopback, and refuse both families; for both together it does not. */
QnetSystemAnswer *
qnet_system_lookup_ask_name (const char               *name,
                             QnetNetworkLayerProtocol  protocol)
{
  int family = choose_family (name, protocol);

  if (family != AF_UNSPEC && !qnet_has_addresses_for (protocol))
    return answer_new (EAI_NONAME, 0);

  return ask_name (name, protocol, family);
}

QnetSystemAnswer *
qnet_system_lookup_ask_address (QnetHostAddress *address)
{
  struct sockaddr_storage storage;
  char name[MAX_HOST_NAME];
  socklen_t size = qnet_host_address_to_native (address, 0, &storage);
  QnetSystemAnswer *answer;
  int status;

  errno = 0;
  status = getnameinfo ((struct sockaddr *) &storage, size, name, sizeof name, NULL, 0,
                        NI_NAMEREQD);

  if (status != 0)
    return answer_new_failed (status, errno);

  answer = answer_new (0, 0);
  answer->name = g_strdup (name);

  return answer;
}

/* The phase of a lookup */

#define TO(phase) QNET_TO (QNET_SYSTEM_LOOKUP_##phase)

static const QnetEdges edges[] = {
  [QNET_SYSTEM_LOOKUP_NEW]     = TO (WAITING) | TO (ENDED),
  [QNET_SYSTEM_LOOKUP_WAITING] = TO (ENDED),
  [QNET_SYSTEM_LOOKUP_ENDED]   = TO (ENDED),  /* cancelled again */
};

#undef TO

/* The only writer of the phase. With the lock of the process. */
static void
set_phase_locked (QnetSystemLookup      *self,
                  QnetSystemLookupPhase  phase)
{
  QNET_CHECK_EDGE (edges, self->phase, phase);

  self->phase = phase;
}

/* Jobs */

static void
job_free (QnetWork *work)
{
  Job *job = CONTAINER_OF (work, Job, work);

  g_free (job->key);
  g_free (job->name);
  g_clear_pointer (&job->address, qnet_host_address_unref);
  g_ptr_array_unref (job->waiting);
  g_free (job);
}

/* Another job for the same name may have replaced it. */
static void
unshare_locked (Job *job)
{
  if (g_hash_table_lookup (job->process->jobs, job->key) == job)
    g_hash_table_remove (job->process->jobs, job->key);
}

static GPtrArray *
take_waiting (Job *job)
{
  GPtrArray *waiting;

  pthread_mutex_lock (&job->process->lock);

  unshare_locked (job);
  waiting = g_steal_pointer (&job->waiting);
  job->waiting = g_ptr_array_new ();

  for (guint i = 0; i < waiting->len; i++)
    set_phase_locked (g_ptr_array_index (waiting, i), QNET_SYSTEM_LOOKUP_ENDED);

  pthread_mutex_unlock (&job->process->lock);

  return waiting;
}

/* A lookup may be freed by its callback. */
static void
job_run (QnetWork *work)
{
  Job *job = CONTAINER_OF (work, Job, work);
  g_autoptr(QnetSystemAnswer) answer = NULL;
  g_autoptr(GPtrArray) waiting = NULL;

  answer = job->name != NULL ? qnet_system_lookup_ask_name (job->name, job->protocol)
                             : qnet_system_lookup_ask_address (job->address);
  waiting = take_waiting (job);

  for (guint i = 0; i < waiting->len; i++)
    {
      QnetSystemLookup *lookup = g_ptr_array_index (waiting, i);

      lookup->answered (lookup, answer);
    }
}

static Job *
job_new (Process         *process,
         const char      *key,
         guint            generation,
         const char      *name,     /* (nullable) */
         QnetNetworkLayerProtocol protocol,
         QnetHostAddress *address)  /* (nullable) */
{
  Job *job = g_new0 (Job, 1);

  job->work.run = job_run;
  job->work.free = job_free;
  job->process = process;
  job->key = g_strdup (key);
  job->generation = generation;
  job->name = g_strdup (name);
  job->protocol = protocol;
  job->address = address != NULL ? qnet_host_address_ref (address) : NULL;
  job->waiting = g_ptr_array_new ();

  return job;
}

/* The state of the process */

static Process *
process_new (Process *inherited)
{
  Process *process = g_new0 (Process, 1);

  process->fork_epoch = qnet_fork_epoch ();
  process->inherited = inherited;
  process->pool = qnet_work_pool_new ("qnet-names", QNET_SYSTEM_LOOKUP_MAX_RUNNING,
                                      QNET_SYSTEM_LOOKUP_MAX_THREADS);
  process->jobs = g_hash_table_new (g_str_hash, g_str_equal);
  pthread_mutex_init (&process->lock, NULL);

  return process;
}

static void
process_free (Process *process)
{
  pthread_mutex_destroy (&process->lock);
  g_hash_table_unref (process->jobs);
  qnet_work_pool_free (process->pool);
  g_free (process);
}

static gboolean
is_of_this_process (Process *process)
{
  return process != NULL && process->fork_epoch == qnet_fork_epoch ();
}

/* Lock-free: a fork in another thread could leave a lock locked forever. */
static Process *
get_process (void)
{
  Process *current = g_atomic_pointer_get (&the_process);
  Process *made;

  if (is_of_this_process (current))
    return current;

  made = process_new (current);
  if (g_atomic_pointer_compare_and_exchange (&the_process, current, made))
    return made;

  process_free (made);

  return g_atomic_pointer_get (&the_process);
}

/* Lookups */

static Job *
find_job_locked (Process    *process,
                 const char *key,
                 guint       generation)
{
  Job *job = g_hash_table_lookup (process->jobs, key);

  return job != NULL && job->generation == generation ? job : NULL;
}

/* Replaces a job that started before the cache was cleared; that one continues for its own
 * lookups. */
static Job *
begin_job_locked (Process         *process,
                  const char      *key,
                  guint            generation,
                  const char      *name,
                  QnetNetworkLayerProtocol protocol,
                  QnetHostAddress *address)
{
  Job *job = job_new (process, key, generation, name, protocol, address);

  if (!qnet_work_pool_submit (process->pool, &job->work))
    {
      job_free (&job->work);
      return NULL;
    }

  g_hash_table_replace (process->jobs, job->key, job);

  return job;
}

static void
join_locked (QnetSystemLookup *self,
             Job              *job)
{
  if (job->waiting->len == 0)
    qnet_work_pool_reclaim (job->process->pool, &job->work);

  g_ptr_array_add (job->waiting, self);
  self->job = job;
  set_phase_locked (self, QNET_SYSTEM_LOOKUP_WAITING);
}

static gboolean
begin (QnetSystemLookup *self,
       const char       *key,
       guint             generation,
       const char       *name,
       QnetNetworkLayerProtocol protocol,
       QnetHostAddress  *address)
{
  Process *process = self->process;
  gboolean has_begun = TRUE;
  Job *job;

  pthread_mutex_lock (&process->lock);

  if (self->phase == QNET_SYSTEM_LOOKUP_NEW)
    {
      job = find_job_locked (process, key, generation);
      if (job == NULL)
        job = begin_job_locked (process, key, generation, name, protocol, address);

      has_begun = job != NULL;
      if (has_begun)
        join_locked (self, job);
    }

  pthread_mutex_unlock (&process->lock);

  return has_begun;
}

/* Interface */

void
qnet_system_lookup_init (QnetSystemLookup     *self,
                         QnetSystemLookupFunc  answered)
{
  *self = (QnetSystemLookup) { .answered = answered, .process = get_process () };
}

gboolean
qnet_system_lookup_begin_name (QnetSystemLookup         *self,
                               const char               *name,
                               QnetNetworkLayerProtocol  protocol,
                               guint                     generation)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *key = g_strdup_printf ("name %d %s", protocol, lower);

  return begin (self, key, generation, name, protocol, NULL);
}

gboolean
qnet_system_lookup_begin_address (QnetSystemLookup *self,
                                  QnetHostAddress  *address)
{
  g_autofree char *text = qnet_host_address_to_string (address);
  g_autofree char *key = g_strconcat ("address ", text, NULL);

  return begin (self, key, 0, NULL, QNET_NETWORK_LAYER_PROTOCOL_ANY_IP, address);
}

/* If no other lookup waits for the job, it is removed from the queue, or its thread no longer
 * counts. */
static void
leave_locked (QnetSystemLookup *self)
{
  Job *job = self->job;

  g_ptr_array_remove_fast (job->waiting, self);
  if (job->waiting->len > 0)
    return;

  if (qnet_work_pool_withdraw (job->process->pool, &job->work))
    {
      unshare_locked (job);
      job_free (&job->work);
    }
}

/* In the child of a fork, lookups of the parent never continue. */
gboolean
qnet_system_lookup_cancel (QnetSystemLookup *self)
{
  Process *process = self->process;
  gboolean has_ended;

  if (!is_of_this_process (process))
    return FALSE;

  pthread_mutex_lock (&process->lock);

  has_ended = self->phase == QNET_SYSTEM_LOOKUP_ENDED;
  if (self->phase == QNET_SYSTEM_LOOKUP_WAITING)
    leave_locked (self);
  set_phase_locked (self, QNET_SYSTEM_LOOKUP_ENDED);

  pthread_mutex_unlock (&process->lock);

  return !has_ended;
}

gboolean
qnet_is_system_resolver (GResolver *resolver)
{
  return g_str_equal (G_OBJECT_TYPE_NAME (resolver), "GThreadedResolver");
}
