/* qnet-system-lookup.c: getaddrinfo() and getnameinfo(), in threads of our own
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
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "engine/qnet-syscall-private.h"
#include "engine/qnet-work-pool-private.h"

#define CONTAINER_OF(pointer, type, member) \
  ((type *) (gpointer) ((char *) (pointer) - G_STRUCT_OFFSET (type, member)))

#define MAX_HOST_NAME 1025  /* NI_MAXHOST, which strict C hides */

/* All of a process: a child of a fork has none of its parent's threads, and cannot know which locks
 * they held. */
typedef struct _State State;

struct _State
{
  guint            fork_epoch;
  State           *inherited;  /* (nullable): the parent's, which stays as it is */
  QnetWorkPool    *pool;

  pthread_mutex_t  lock;       /* guards what follows, and each job's waiting and lookup's job */
  GHashTable      *jobs;       /* key (unowned) => Job (unowned): those that can be shared */
};

/* One call of the system's, and who waits for its answer. */
typedef struct
{
  QnetWork         work;
  State           *state;
  char            *key;         /* (owned): what is asked for */
  guint            generation;
  char            *name;        /* (owned) (nullable): NULL to ask for the name of @address */
  QnetHostAddress *address;     /* (owned) (nullable) */
  GPtrArray       *waiting;     /* of QnetSystemLookup, unowned */
} Job;

static State *the_state = NULL;  /* (atomic) (nullable) */

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

/* That a name does not exist is one thing; that it could not be found out is another. */
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

/* Asking the system, which takes its time */

static GPtrArray *
take_addresses (const struct addrinfo *list)
{
  GPtrArray *addresses
    = g_ptr_array_new_with_free_func ((GDestroyNotify) qnet_host_address_unref);

  for (const struct addrinfo *info = list; info != NULL; info = info->ai_next)
    {
      struct sockaddr_storage storage = { 0 };
      guint16 port;

      if (info->ai_family != AF_INET && info->ai_family != AF_INET6)
        continue;

      memcpy (&storage, info->ai_addr, MIN ((gsize) info->ai_addrlen, sizeof storage));
      g_ptr_array_add (addresses, qnet_host_address_take_native (&storage, FALSE, &port));
    }

  return addresses;
}

/* A resolver without descriptors finds neither its files nor its servers, and says that there is no
 * such name. */
static QnetSystemAnswer *
answer_new_failed (int status,
                   int error_number)
{
  int fd;

  if (status == EAI_SYSTEM && error_number != 0)
    return answer_new (status, error_number);

  fd = socket (AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 && qnet_socket_error_code_from_errno (errno) == QNET_SOCKET_ERROR_SOCKET_RESOURCE)
    return answer_new (EAI_SYSTEM, errno);

  qnet_clear_fd (&fd);

  return answer_new (status == EAI_SYSTEM ? EAI_FAIL : status, 0);
}

QnetSystemAnswer *
qnet_system_lookup_ask_name (const char *name)
{
  const struct addrinfo hints = {
    .ai_flags = AI_ADDRCONFIG,
    .ai_socktype = SOCK_STREAM,  /* or each address comes once for each type of socket */
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
  answer->addresses = take_addresses (list);
  freeaddrinfo (list);

  return answer;
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

/* Another one for the same name may have taken its place. */
static void
forget_locked (Job *job)
{
  if (g_hash_table_lookup (job->state->jobs, job->key) == job)
    g_hash_table_remove (job->state->jobs, job->key);
}

static GPtrArray *
take_waiting (Job *job)
{
  GPtrArray *waiting;

  pthread_mutex_lock (&job->state->lock);

  forget_locked (job);
  waiting = g_steal_pointer (&job->waiting);
  job->waiting = g_ptr_array_new ();

  for (guint i = 0; i < waiting->len; i++)
    ((QnetSystemLookup *) g_ptr_array_index (waiting, i))->phase = QNET_SYSTEM_LOOKUP_ENDED;

  pthread_mutex_unlock (&job->state->lock);

  return waiting;
}

/* A lookup may be freed as soon as it was answered. */
static void
job_run (QnetWork *work)
{
  Job *job = CONTAINER_OF (work, Job, work);
  g_autoptr(QnetSystemAnswer) answer = NULL;
  g_autoptr(GPtrArray) waiting = NULL;

  answer = job->name != NULL ? qnet_system_lookup_ask_name (job->name)
                             : qnet_system_lookup_ask_address (job->address);
  waiting = take_waiting (job);

  for (guint i = 0; i < waiting->len; i++)
    {
      QnetSystemLookup *lookup = g_ptr_array_index (waiting, i);

      lookup->answered (lookup, answer);
    }
}

static Job *
job_new (State           *state,
         const char      *key,
         guint            generation,
         const char      *name,     /* (nullable) */
         QnetHostAddress *address)  /* (nullable) */
{
  Job *job = g_new0 (Job, 1);

  job->work.run = job_run;
  job->work.free = job_free;
  job->state = state;
  job->key = g_strdup (key);
  job->generation = generation;
  job->name = g_strdup (name);
  job->address = address != NULL ? qnet_host_address_ref (address) : NULL;
  job->waiting = g_ptr_array_new ();

  return job;
}

/* The state */

static State *
state_new (State *inherited)
{
  State *state = g_new0 (State, 1);

  state->fork_epoch = qnet_fork_epoch ();
  state->inherited = inherited;
  state->pool = qnet_work_pool_new ("qnet-names", QNET_SYSTEM_LOOKUP_MAX_RUNNING,
                                    QNET_SYSTEM_LOOKUP_MAX_THREADS);
  state->jobs = g_hash_table_new (g_str_hash, g_str_equal);
  pthread_mutex_init (&state->lock, NULL);

  return state;
}

static void
state_free (State *state)
{
  pthread_mutex_destroy (&state->lock);
  g_hash_table_unref (state->jobs);
  qnet_work_pool_free (state->pool);
  g_free (state);
}

static gboolean
is_of_this_process (State *state)
{
  return state != NULL && state->fork_epoch == qnet_fork_epoch ();
}

/* Without a lock, which a fork in another thread could leave locked for good. */
static State *
get_state (void)
{
  State *current = g_atomic_pointer_get (&the_state);
  State *made;

  if (is_of_this_process (current))
    return current;

  made = state_new (current);
  if (g_atomic_pointer_compare_and_exchange (&the_state, current, made))
    return made;

  state_free (made);

  return g_atomic_pointer_get (&the_state);
}

/* Lookups */

static Job *
find_job_locked (State      *state,
                 const char *key,
                 guint       generation)
{
  Job *job = g_hash_table_lookup (state->jobs, key);

  return job != NULL && job->generation == generation ? job : NULL;
}

/* The one before, if any, began before the cache was cleared: it goes on for those who wait for
 * it. */
static Job *
begin_job_locked (State           *state,
                  const char      *key,
                  guint            generation,
                  const char      *name,
                  QnetHostAddress *address)
{
  Job *job = job_new (state, key, generation, name, address);

  if (!qnet_work_pool_submit (state->pool, &job->work))
    {
      job_free (&job->work);
      return NULL;
    }

  g_hash_table_replace (state->jobs, job->key, job);

  return job;
}

static void
join_locked (QnetSystemLookup *self,
             Job              *job)
{
  if (job->waiting->len == 0)
    qnet_work_pool_reclaim (job->state->pool, &job->work);

  g_ptr_array_add (job->waiting, self);
  self->job = job;
  self->phase = QNET_SYSTEM_LOOKUP_WAITING;
}

static gboolean
begin (QnetSystemLookup *self,
       const char       *key,
       guint             generation,
       const char       *name,
       QnetHostAddress  *address)
{
  State *state = self->state;
  gboolean has_begun = TRUE;
  Job *job;

  pthread_mutex_lock (&state->lock);

  if (self->phase == QNET_SYSTEM_LOOKUP_NEW)
    {
      job = find_job_locked (state, key, generation);
      if (job == NULL)
        job = begin_job_locked (state, key, generation, name, address);

      has_begun = job != NULL;
      if (has_begun)
        join_locked (self, job);
    }

  pthread_mutex_unlock (&state->lock);

  return has_begun;
}

/* Interface */

void
qnet_system_lookup_init (QnetSystemLookup     *self,
                         QnetSystemLookupFunc  answered)
{
  self->answered = answered;
  self->phase = QNET_SYSTEM_LOOKUP_NEW;
  self->state = get_state ();
  self->job = NULL;
}

gboolean
qnet_system_lookup_begin_name (QnetSystemLookup *self,
                               const char       *name,
                               guint             generation)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *key = g_strconcat ("name ", lower, NULL);

  return begin (self, key, generation, name, NULL);
}

gboolean
qnet_system_lookup_begin_address (QnetSystemLookup *self,
                                  QnetHostAddress  *address)
{
  g_autofree char *text = qnet_host_address_to_string (address);
  g_autofree char *key = g_strconcat ("address ", text, NULL);

  return begin (self, key, 0, NULL, address);
}

/* A job that no lookup waits for any more is not done, or its thread is left to itself. */
static void
leave_locked (QnetSystemLookup *self)
{
  Job *job = self->job;

  g_ptr_array_remove_fast (job->waiting, self);
  if (job->waiting->len > 0)
    return;

  if (qnet_work_pool_withdraw (job->state->pool, &job->work))
    {
      forget_locked (job);
      job_free (&job->work);
    }
}

/* In the child of a fork nothing of it goes on. */
gboolean
qnet_system_lookup_cancel (QnetSystemLookup *self)
{
  State *state = self->state;
  gboolean has_ended;

  if (!is_of_this_process (state))
    return FALSE;

  pthread_mutex_lock (&state->lock);

  has_ended = self->phase == QNET_SYSTEM_LOOKUP_ENDED;
  if (self->phase == QNET_SYSTEM_LOOKUP_WAITING)
    leave_locked (self);
  self->phase = QNET_SYSTEM_LOOKUP_ENDED;

  pthread_mutex_unlock (&state->lock);

  return !has_ended;
}

gboolean
qnet_is_system_resolver (GResolver *resolver)
{
  return g_str_equal (G_OBJECT_TYPE_NAME (resolver), "GThreadedResolver");
}
