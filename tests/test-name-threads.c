/* test-name-threads.c: lookups of names for which the system does not return, and lookups that wait
 * for them
 *
 * The test replaces getaddrinfo() and the like, for qnet and for GIO.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_RUNNING 128   /* as documented */
#define MAX_IN_ALL  512
#define DELAY       50    /* milliseconds: the maximum delay of a live name by dead ones */
#define FILE_DELAY  2000  /* milliseconds; GIO's thread pool grows slowly */
#define PATIENCE    20000 /* milliseconds; only reached if something is broken */

/* The system. The lookup of a name that begins with "dead" blocks until the test releases it. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_released = PTHREAD_COND_INITIALIZER;
static gboolean releases = FALSE;
static guint n_calls = 0;    /* of getaddrinfo(), for names alone, and not for IPv6 alone */
static guint n_inside = 0;   /* dead names */
static guint most_inside = 0;
static char last_name[64] = "";
static const char *live_address = "127.0.0.1";

static const struct
{
  const char *name;
  int         status;
  int         error_number;
} failing[] = {
  { "none.test",   EAI_NONAME, 0 },
  { "again.test",  EAI_AGAIN,  0 },
  { "fail.test",   EAI_FAIL,   0 },
  { "memory.test", EAI_MEMORY, 0 },
  { "files.test",  EAI_SYSTEM, EMFILE },
};

static void
block_until_released (void)
{
  n_inside++;
  most_inside = MAX (most_inside, n_inside);

  while (!releases)
    pthread_cond_wait (&is_released, &lock);

  n_inside--;
}

static int
answer (const char *name)
{
  int status = 0;

  pthread_mutex_lock (&lock);

  n_calls++;
  g_strlcpy (last_name, name, sizeof last_name);

  if (g_str_has_prefix (name, "dead"))
    {
      block_until_released ();
      status = EAI_AGAIN;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (failing); i++)
    if (strcmp (failing[i].name, name) == 0)
      {
        status = failing[i].status;
        errno = failing[i].error_number;
      }

  pthread_mutex_unlock (&lock);

  return status;
}

int
getaddrinfo (const char                       *name,
             const char                       *service,
             const struct addrinfo            *hints,
             struct addrinfo                 **result)
{
  struct sockaddr_in *native;
  int status;

  if (hints->ai_family == AF_INET6)  /* sockets ask for it apart */
    return EAI_NONAME;

  status = answer (name);
  if (status != 0)
    return status;

  native = g_new0 (struct sockaddr_in, 1);
  native->sin_family = AF_INET;
  native->sin_addr.s_addr = inet_addr (live_address);

  *result = g_new0 (struct addrinfo, 1);
  (*result)->ai_family = AF_INET;
  (*result)->ai_socktype = SOCK_STREAM;
  (*result)->ai_addrlen = sizeof *native;
  (*result)->ai_addr = (struct sockaddr *) native;

  return 0;
}

void
freeaddrinfo (struct addrinfo *list)
{
  g_free (list->ai_addr);
  g_free (list);
}

int
getnameinfo (const struct sockaddr *address,
             socklen_t              address_size,
             char                  *host,
             socklen_t              host_size,
             char                  *service,
             socklen_t              service_size,
             int                    flags)
{
  struct sockaddr_in native;

  memcpy (&native, address, MIN (address_size, sizeof native));

  if (native.sin_addr.s_addr == inet_addr ("192.0.2.1"))
    return EAI_NONAME;
  if (native.sin_addr.s_addr == inet_addr ("192.0.2.2"))
    return EAI_AGAIN;

  g_strlcpy (host, "live.test", host_size);

  return 0;
}

static guint
get (const guint *value)
{
  guint copy;

  pthread_mutex_lock (&lock);
  copy = *value;
  pthread_mutex_unlock (&lock);

  return copy;
}

static void
iterate (void)
{
  if (!g_main_context_iteration (NULL, FALSE))
    g_usleep (200);
}

static guint n_lookups = 0;  /* that have not ended */

/* Releases all dead names and clears the cache. A thread may call getaddrinfo() only now: its name
 * is released, too. */
static void
release_dead (void)
{
  pthread_mutex_lock (&lock);
  releases = TRUE;
  pthread_cond_broadcast (&is_released);
  pthread_mutex_unlock (&lock);

  while (get (&n_inside) > 0 || n_lookups > 0)
    iterate ();

  pthread_mutex_lock (&lock);
  releases = FALSE;
  pthread_mutex_unlock (&lock);

  while (g_main_context_iteration (NULL, FALSE))
    continue;

  qnet_host_info_clear_cache ();
  most_inside = 0;
  n_calls = 0;
}

/* Lookups */

typedef struct
{
  GCancellable *cancellable;  /* (owned) */
  QnetHostInfo *info;         /* (owned) (nullable) */
  GError       *error;        /* (owned) (nullable) */
  gboolean      has_ended;
} Lookup;

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Lookup *lookup = user_data;

  g_assert_false (lookup->has_ended);
  lookup->info = qnet_host_info_lookup_host_finish (result, &lookup->error);
  lookup->has_ended = TRUE;
  n_lookups--;
}

static void
begin (Lookup     *lookup,
       const char *name)
{
  lookup->cancellable = g_cancellable_new ();
  qnet_host_info_lookup_host_async (name, G_PRIORITY_DEFAULT, lookup->cancellable, ended_cb,
                                    lookup);
  n_lookups++;
}

static Lookup *
begin_dead (guint       n,
            const char *prefix)
{
  Lookup *lookups = g_new0 (Lookup, n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("dead-%s-%u.test", prefix, i);

      begin (&lookups[i], name);
    }

  return lookups;
}

static void
finish (Lookup *lookup)
{
  gint64 until = g_get_monotonic_time () + PATIENCE * 1000;

  while (!lookup->has_ended)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      iterate ();
    }
}

static void
clear (Lookup *lookup)
{
  g_clear_object (&lookup->cancellable);
  g_clear_pointer (&lookup->info, qnet_host_info_unref);
  g_clear_error (&lookup->error);
  lookup->has_ended = FALSE;
}

static void
finish_and_free (Lookup *lookups,
                 guint   n)
{
  for (guint i = 0; i < n; i++)
    {
      finish (&lookups[i]);
      clear (&lookups[i]);
    }

  g_free (lookups);
}

/* Milliseconds */
static double
time_lookup (const char *name)
{
  gint64 begun = g_get_monotonic_time ();
  Lookup live = { 0 };

  begin (&live, name);
  finish (&live);
  g_assert_no_error (live.error);
  clear (&live);

  return (g_get_monotonic_time () - begun) / 1000.0;
}

static void
wait_until_inside (guint n)
{
  gint64 until = g_get_monotonic_time () + PATIENCE * 1000;

  while (get (&n_inside) < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      iterate ();
    }
}

/* Tests */

static void
test_burst (void)
{
  Lookup *dead;
  double least = G_MAXDOUBLE;

  g_test_summary ("A burst of 64 dead names delays a live one by no more than 50 ms. (The best of "
                  "five rounds counts, because of other load on the machine.)");

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("live-%u.test", i);
      g_autofree char *prefix = g_strdup_printf ("burst%u", i);

      dead = begin_dead (64, prefix);
      least = MIN (least, time_lookup (name));
      release_dead ();
      finish_and_free (dead, 64);
    }

  g_test_message ("%.2f ms", least);
  g_assert_cmpfloat (least, <, DELAY);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autofree char *contents = NULL;

  g_assert_true (g_file_load_contents_finish (G_FILE (source), result, &contents, NULL, NULL,
                                              NULL));
  *(gboolean *) user_data = TRUE;
}

static void
test_files (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/proc/self/stat");
  Lookup *dead = begin_dead (64, "files");
  gint64 until = g_get_monotonic_time () + FILE_DELAY * 1000;
  gboolean is_read = FALSE;

  g_test_summary ("Dead names do not delay file operations: GIO's thread pool is not used.");

  g_file_load_contents_async (file, NULL, read_cb, &is_read);

  while (!is_read)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      iterate ();
    }

  release_dead ();
  finish_and_free (dead, 64);
}

static void
test_shared (void)
{
  static const char *const spellings[] = { "dead.test", "DEAD.test", "dEaD.TeSt" };
  Lookup lookups[30] = { 0 };

  g_test_summary ("Simultaneous lookups of the same name share one call, even if one is "
                  "cancelled.");

  for (guint i = 0; i < G_N_ELEMENTS (lookups); i++)
    begin (&lookups[i], spellings[0]);

  wait_until_inside (1);
  g_cancellable_cancel (lookups[0].cancellable);
  finish (&lookups[0]);
  g_assert_error (lookups[0].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (get (&n_calls), ==, 1);

  release_dead ();
  for (guint i = 0; i < G_N_ELEMENTS (lookups); i++)
    {
      finish (&lookups[i]);
      g_assert_null (lookups[i].info);
      g_assert_nonnull (lookups[i].error);
      clear (&lookups[i]);
    }
}

static void
test_shared_again (void)
{
  Lookup first = { 0 };
  Lookup again = { 0 };

  g_test_summary ("The call of a cancelled lookup that is still running is used for the next "
                  "lookup of the name, unless the cache was cleared in between.");

  begin (&first, "dead-again.test");
  wait_until_inside (1);
  g_cancellable_cancel (first.cancellable);
  finish (&first);
  clear (&first);

  begin (&again, "dead-again.test");
  begin (&first, "live-shared.test");
  finish (&first);
  clear (&first);
  g_assert_cmpuint (get (&n_inside), ==, 1);

  qnet_host_info_clear_cache ();
  begin (&first, "dead-again.test");
  wait_until_inside (2);

  release_dead ();
  finish (&first);
  finish (&again);
  clear (&first);
  clear (&again);
}

static void
test_bounded (void)
{
  const guint n_dead = 3 * MAX_RUNNING;
  Lookup *dead = begin_dead (n_dead, "bounded");
  Lookup live = { 0 };

  g_test_summary ("128 names are looked up at a time. Cancelled lookups do not count, and those "
                  "that had not started are removed from the queue.");

  begin (&live, "live-bounded.test");
  wait_until_inside (MAX_RUNNING);

  for (guint i = 0; i < 100; i++)
    iterate ();

  g_assert_cmpuint (get (&most_inside), ==, MAX_RUNNING);
  g_assert_false (live.has_ended);

  for (guint i = n_dead; i > 0; i--)
    g_cancellable_cancel (dead[i - 1].cancellable);

  finish (&live);
  g_assert_no_error (live.error);
  clear (&live);

  for (guint i = 0; i < n_dead; i++)
    {
      finish (&dead[i]);
      g_assert_error (dead[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }

  g_assert_cmpuint (get (&n_inside), >=, MAX_RUNNING);
  g_assert_cmpuint (get (&n_calls), ==, MAX_RUNNING + 1);
  release_dead ();
  finish_and_free (dead, n_dead);
}

static void
cancel_all (Lookup *lookups,
            guint   n)
{
  for (guint i = 0; i < n; i++)
    g_cancellable_cancel (lookups[i].cancellable);
}

static void
test_bounded_in_all (void)
{
  const char *preload = g_getenv ("LD_PRELOAD");
  Lookup *dead[MAX_IN_ALL / MAX_RUNNING + 1];

  g_test_summary ("Cancelled lookups whose threads are blocked do not count, up to 512 threads.");

#if GLIB_SIZEOF_VOID_P < 8
  g_test_skip ("The stacks of so many threads do not fit into the address space");
  return;
#endif

  if (preload != NULL && strstr (preload, "vgpreload") != NULL)
    {
      g_test_skip ("valgrind has fewer threads than that");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    {
      g_autofree char *prefix = g_strdup_printf ("in-all-%u", i);

      dead[i] = begin_dead (MAX_RUNNING, prefix);
      wait_until_inside (MIN ((i + 1) * MAX_RUNNING, MAX_IN_ALL));
      for (guint k = 0; k < 20; k++)
        iterate ();
      cancel_all (dead[i], MAX_RUNNING);
    }

  g_assert_cmpuint (get (&most_inside), ==, MAX_IN_ALL);
  release_dead ();
  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    finish_and_free (dead[i], MAX_RUNNING);
}

static void
test_sockets (void)
{
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  g_test_summary ("Sockets that are aborted or finalized cancel their lookups.");

  for (guint i = 0; i < MAX_RUNNING; i++)
    {
      g_autofree char *name = g_strdup_printf ("dead-socket-%u.test", i);
      QnetTcpSocket *socket = qnet_tcp_socket_new ();

      g_ptr_array_add (sockets, socket);
      qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), name, 1);
    }

  wait_until_inside (MAX_RUNNING);

  for (guint i = 0; i < MAX_RUNNING / 2; i++)
    qnet_socket_abort (QNET_SOCKET (g_ptr_array_index (sockets, i)));

  g_ptr_array_set_size (sockets, MAX_RUNNING / 2);
  time_lookup ("live-sockets.test");

  g_ptr_array_set_size (sockets, 0);
  release_dead ();
}

static void
test_failed_connection (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(QnetHostAddress) address
    = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  g_autoptr(GError) error = NULL;
  guint16 port;

  g_test_summary ("A failed connection removes the host from the cache, in any form of its name; "
                  "a successful one does not.");

  qnet_tcp_server_listen (server, address, 0, &error);
  g_assert_no_error (error);
  port = qnet_tcp_server_get_server_port (server);
  time_lookup ("Moves.Test.");
  g_assert_cmpuint (get (&n_calls), ==, 1);

  for (guint i = 0; i < 2; i++)
    {
      qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "moves.test", port);
      qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, &error);
      g_assert_no_error (error);
      qnet_socket_abort (QNET_SOCKET (socket));
    }

  g_assert_cmpuint (get (&n_calls), ==, 1);
  qnet_server_close (QNET_SERVER (server));

  for (guint i = 0; i < 2; i++)
    {
      qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "moves.test.", port);
      qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE, &error);
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
      g_clear_error (&error);
      g_assert_cmpuint (get (&n_calls), ==, 1 + i);
    }

  release_dead ();
}

static void
test_spellings (void)
{
  static const char *const same[] = { "spelled.test", "SPELLED.test", "spelled.test.",
                                      "spelled\343\200\202test" };
  static const char *const literal[] = { "127.1", "127.0.0.1.", "[::1]", "::1", "[fe80::1%25lo]",
                                         "localhost", "LocalHost.", "a.localhost" };
  static const char *const none[] = { "user@host.test", "a b.test", "a..test", "host.test:80",
                                      "host.test/x", "" };

  g_test_summary ("All forms of a name share a result; addresses in any form, localhost and "
                  "invalid names are not looked up.");

  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    time_lookup (same[i]);

  g_assert_cmpuint (get (&n_calls), ==, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (literal); i++)
    time_lookup (literal[i]);

  for (gsize i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (qnet_host_info_from_name (none[i], NULL, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
    }

  g_assert_cmpuint (get (&n_calls), ==, 1);

  time_lookup ("absolute.test.");
  g_assert_cmpstr (last_name, ==, "absolute.test.");
  release_dead ();
}

static void
test_errors (void)
{
  static const int codes[] = {
    QNET_SOCKET_ERROR_HOST_NOT_FOUND, QNET_SOCKET_ERROR_TEMPORARY, QNET_SOCKET_ERROR_NETWORK,
    QNET_SOCKET_ERROR_SOCKET_RESOURCE, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
  };

  g_test_summary ("Only a name that does not exist is HOST_NOT_FOUND, and each message contains "
                  "the name once.");

  for (gsize i = 0; i < G_N_ELEMENTS (failing); i++)
    {
      g_autofree char *begin_of_text
        = g_strdup_printf ("Could not look up “%s”: ", failing[i].name);
      g_autoptr(GError) error = NULL;
      Lookup lookup = { 0 };

      g_assert_null (qnet_host_info_from_name (failing[i].name, NULL, &error));
      begin (&lookup, failing[i].name);
      finish (&lookup);

      g_assert_error (error, QNET_SOCKET_ERROR, codes[i]);
      g_assert_error (lookup.error, QNET_SOCKET_ERROR, codes[i]);
      g_assert_cmpstr (error->message, ==, lookup.error->message);
      g_assert_true (g_str_has_prefix (error->message, begin_of_text));
      g_assert_null (strstr (error->message + strlen (begin_of_text), failing[i].name));
      clear (&lookup);
    }
}

static void
test_addresses (void)
{
  static const struct
  {
    const char *address;
    const char *name;  /* NULL: unknown */
  } rows[] = { { "192.0.2.1", "192.0.2.1" }, { "192.0.2.2", NULL }, { "192.0.2.3", "live.test" } };

  g_test_summary ("The name of an address is that of the system, or the address as text if it has "
                  "none; failures are errors.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(QnetHostAddress) address = qnet_host_address_from_string (rows[i].address);
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetHostInfo) info = qnet_host_info_from_address (address, NULL, &error);

      if (rows[i].name != NULL)
        g_assert_cmpstr (qnet_host_info_get_host_name (info), ==, rows[i].name);
      else
        g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_TEMPORARY);
    }
}

static gpointer
cancel_when_inside (gpointer cancellable)
{
  while (get (&n_inside) == 0)
    g_usleep (200);

  g_cancellable_cancel (cancellable);

  return NULL;
}

static void
test_waiting_cancelled (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GThread *thread = g_thread_new ("canceller", cancel_when_inside, cancellable);

  g_test_summary ("A blocking lookup of a dead name returns as soon as it is cancelled.");

  g_assert_null (qnet_host_info_from_name ("dead-waiting.test", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (get (&n_inside), ==, 1);

  g_thread_join (thread);
  release_dead ();
}

static void
test_fork (void)
{
  g_autoptr(QnetTcpSocket) socket = qnet_tcp_socket_new ();
  Lookup *dead;
  int status;
  pid_t child;

  g_test_summary ("The child of a fork uses its own threads, and can free its parent's lookups.");

#ifdef __SANITIZE_THREAD__
  g_test_skip ("ThreadSanitizer allows no threads after a fork");
  return;
#endif

  dead = begin_dead (8, "fork");

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "dead-fork.test", 1);
  wait_until_inside (9);

  child = fork ();
  if (child == 0)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(QnetHostInfo) info = NULL;

      alarm (20);
      g_cancellable_cancel (dead[0].cancellable);
      qnet_socket_abort (QNET_SOCKET (socket));
      info = qnet_host_info_from_name ("live-fork.test", cancellable, NULL);

      /* Not exit(): valgrind would report the memory of the parent's threads as leaks. */
      raise (info != NULL ? SIGKILL : SIGABRT);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);

  qnet_socket_abort (QNET_SOCKET (socket));
  release_dead ();
  finish_and_free (dead, 8);
}

static gpointer
connect_and_leave (gpointer data)
{
  GMainContext *context = g_main_context_new ();
  QnetTcpSocket *socket = qnet_tcp_socket_new ();

  g_main_context_push_thread_default (context);
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "dead-context.test", 1);

  while (get (&n_inside) == 0)
    g_main_context_iteration (context, FALSE);

  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_object_unref (socket);

  return NULL;
}

static void
test_context_destroyed (void)
{
  g_test_summary ("A main context may be destroyed while a lookup is running for it.");

  g_thread_join (g_thread_new ("leaver", connect_and_leave, NULL));
  release_dead ();
  time_lookup ("live-context.test");
}

#ifdef __GLIBC__

/* A stack that is too large for any machine. */
/* More than the address space */
#if GLIB_SIZEOF_VOID_P < 8
#define TOO_LARGE ((size_t) 0xe0000000)
#else
#define TOO_LARGE ((size_t) 1 << 46)
#endif

static void
set_stack_size (size_t size)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, size);
  g_assert_cmpint (pthread_setattr_default_np (&attributes), ==, 0);
  pthread_attr_destroy (&attributes);
}

static void
test_no_threads (void)
{
  g_autoptr(QnetTcpSocket) socket = NULL;
  g_autoptr(GError) error = NULL;
  Lookup lookup = { 0 };

  if (!g_test_subprocess ())
    {
      g_test_summary ("If no thread can be created, an asynchronous lookup fails with "
                      "SOCKET_RESOURCE, and a blocking one runs in the calling thread.");
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  set_stack_size (TOO_LARGE);
  socket = qnet_tcp_socket_new ();
  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "live-threadless.test", 1);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE,
                                                           &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);

  set_stack_size (1024 * 1024);
  g_type_ensure (G_TYPE_TASK);  /* its thread belongs to GLib */
  set_stack_size (TOO_LARGE);
  begin (&lookup, "live-threadless.test");
  g_assert_false (lookup.has_ended);
  finish (&lookup);
  g_assert_error (lookup.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_RESOURCE);
  clear (&lookup);

  lookup.info = qnet_host_info_from_name ("live-threadless.test", NULL, &lookup.error);
  g_assert_no_error (lookup.error);
  clear (&lookup);
}

#else

static void
test_no_threads (void)
{
  g_test_skip ("It needs glibc");
}

#endif

/* Descriptors */

static void
take_all_descriptors (void)
{
  while (dup (STDERR_FILENO) >= 0)
    continue;
}

static int
connect_to_closed_port (QnetTcpSocket *socket)
{
  g_autoptr(GError) error = NULL;

  qnet_abstract_socket_connect_to_host (QNET_ABSTRACT_SOCKET (socket), "live-descriptors.test", 1);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (socket), PATIENCE,
                                                           &error));
  g_assert_cmpuint (error->domain, ==, QNET_SOCKET_ERROR);

  return error->code;
}

static void
test_no_descriptors (gconstpointer data)
{
  const struct rlimit limit = { 64, 64 };
  gboolean is_first_object = GPOINTER_TO_INT (data);
  g_autoptr(QnetTcpSocket) socket = NULL;

  if (!g_test_subprocess ())
    {
      g_test_summary ("A first lookup while no file descriptors are left fails with "
                      "SOCKET_RESOURCE, and does not abort the process; the next one succeeds.");
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  setrlimit (RLIMIT_NOFILE, &limit);

  if (!is_first_object)
    socket = qnet_tcp_socket_new ();

  take_all_descriptors ();

  if (is_first_object)
    socket = qnet_tcp_socket_new ();

  /* The reserved descriptors are used for the lookup, and may leave one for the socket. */
  connect_to_closed_port (socket);
  take_all_descriptors ();
  g_assert_cmpint (connect_to_closed_port (socket), ==, QNET_SOCKET_ERROR_SOCKET_RESOURCE);

  for (int fd = 40; fd < 64; fd++)
    close (fd);

  g_assert_cmpint (connect_to_closed_port (socket), ==, QNET_SOCKET_ERROR_CONNECTION_REFUSED);
}

static void
test_no_descriptors_async (void)
{
  struct rlimit limit;
  Lookup lookup = { 0 };

  if (!g_test_subprocess ())
    {
      g_test_summary ("The first asynchronous call of a process calls back, even if no file "
                      "descriptors are left.");
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 64;
  setrlimit (RLIMIT_NOFILE, &limit);
  take_all_descriptors ();

  begin (&lookup, "none.test");
  finish (&lookup);
  g_assert_nonnull (lookup.error);
  clear (&lookup);

  getrlimit (RLIMIT_NOFILE, &limit);
  g_assert_cmpuint (limit.rlim_cur, ==, 64);
  _exit (0);  /* the leak checker would need descriptors */
}

/* A custom resolver without blocking calls */

#define TEST_TYPE_ASYNC_RESOLVER (test_async_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestAsyncResolver, test_async_resolver, TEST, ASYNC_RESOLVER, GResolver)

struct _TestAsyncResolver
{
  GResolver parent_instance;

  guint     n_asked;
};

G_DEFINE_FINAL_TYPE (TestAsyncResolver, test_async_resolver, G_TYPE_RESOLVER)

static void
free_addresses (gpointer addresses)
{
  g_resolver_free_addresses (addresses);
}

static void
test_async_resolver_lookup_by_name_async (GResolver           *resolver,
                                          const char          *name,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  TEST_ASYNC_RESOLVER (resolver)->n_asked++;

  if (g_str_has_prefix (name, "none"))
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                             "Error resolving “%s”: no", name);
  else
    g_task_return_pointer (task, g_list_append (NULL, g_inet_address_new_from_string ("192.0.2.1")),
                           free_addresses);
}

static GList *
test_async_resolver_lookup_by_name_finish (GResolver     *resolver,
                                           GAsyncResult  *result,
                                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_async_resolver_class_init (TestAsyncResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = test_async_resolver_lookup_by_name_async;
  resolver_class->lookup_by_name_finish = test_async_resolver_lookup_by_name_finish;
}

static void
test_async_resolver_init (TestAsyncResolver *self)
{
}

static void
test_own_resolver (void)
{
  g_autoptr(GResolver) previous = g_resolver_get_default ();
  g_autoptr(TestAsyncResolver) resolver = g_object_new (TEST_TYPE_ASYNC_RESOLVER, NULL);
  g_autoptr(QnetHostInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  g_test_summary ("The asynchronous calls of a custom resolver are used, also for blocking "
                  "lookups; a message that contains the host is not prefixed.");

  n_calls = 0;
  g_resolver_set_default (G_RESOLVER (resolver));
  info = qnet_host_info_from_name ("own.test", NULL, &error);
  g_assert_no_error (error);
  time_lookup ("own-async.test");
  g_assert_null (qnet_host_info_from_name ("none-own.test", NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "Error resolving “none-own.test”: no");

  g_assert_cmpuint (resolver->n_asked, ==, 3);
  g_assert_cmpuint (get (&n_calls), ==, 0);
  g_resolver_set_default (previous);
}

/* A resolver without any calls */

#define TEST_TYPE_EMPTY_RESOLVER (test_empty_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestEmptyResolver, test_empty_resolver, TEST, EMPTY_RESOLVER, GResolver)

struct _TestEmptyResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestEmptyResolver, test_empty_resolver, G_TYPE_RESOLVER)

static void
test_empty_resolver_class_init (TestEmptyResolverClass *klass)
{
}

static void
test_empty_resolver_init (TestEmptyResolver *self)
{
}

/* A resolver with calls that it cannot finish */

#define TEST_TYPE_HALF_RESOLVER (test_half_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestHalfResolver, test_half_resolver, TEST, HALF_RESOLVER, GResolver)

struct _TestHalfResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestHalfResolver, test_half_resolver, G_TYPE_RESOLVER)

static void
test_half_resolver_lookup_by_name_async (GResolver           *resolver,
                                         const char          *name,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_return_pointer (task, NULL, NULL);
}

static void
test_half_resolver_class_init (TestHalfResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name_async = test_half_resolver_lookup_by_name_async;
}

static void
test_half_resolver_init (TestHalfResolver *self)
{
}

static void
test_no_finish (void)
{
  g_autoptr(GResolver) previous = g_resolver_get_default ();
  g_autoptr(GResolver) resolver = g_object_new (TEST_TYPE_HALF_RESOLVER, NULL);
  g_autoptr(GError) error = NULL;
  Lookup lookup = { 0 };

  g_test_summary ("A call without its finish function is not used.");

  g_resolver_set_default (resolver);
  begin (&lookup, "none.test");
  finish (&lookup);
  g_assert_error (lookup.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  clear (&lookup);
  g_assert_null (qnet_host_info_from_name ("none.test", NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_resolver_set_default (previous);
}

static void
test_no_calls (void)
{
  g_autoptr(GResolver) previous = g_resolver_get_default ();
  g_autoptr(GResolver) resolver = g_object_new (TEST_TYPE_EMPTY_RESOLVER, NULL);
  g_autoptr(QnetHostAddress) address = qnet_host_address_from_string ("192.0.2.1");
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) error_for_address = NULL;
  Lookup lookup = { 0 };

  g_test_summary ("A lookup with a custom resolver that lacks a call fails, and does not crash.");

  g_resolver_set_default (resolver);
  begin (&lookup, "none.test");
  finish (&lookup);
  g_assert_error (lookup.error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  clear (&lookup);

  g_assert_null (qnet_host_info_from_name ("none.test", NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_cmpstr (error->message, ==,
                   "Could not look up “none.test”: The resolver has no asynchronous call for it");
  g_assert_null (qnet_host_info_from_address (address, NULL, &error_for_address));
  g_assert_error (error_for_address, QNET_SOCKET_ERROR,
                  QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_resolver_set_default (previous);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/name-threads/burst-of-64-dead-names-delays-no-live-one", test_burst);
  g_test_add_func ("/name-threads/dead-names-delay-no-file", test_files);
  g_test_add_func ("/name-threads/identical-names-share-a-call", test_shared);
  g_test_add_func ("/name-threads/identical-names-share-a-call/that-was-cancelled",
                   test_shared_again);
  g_test_add_func ("/name-threads/bounded-and-cancelled-ones-give-up-their-place", test_bounded);
  g_test_add_func ("/name-threads/bounded-in-all", test_bounded_in_all);
  g_test_add_func ("/name-threads/aborted-sockets-cancel-theirs", test_sockets);
  g_test_add_func ("/name-threads/failed-connection-removes-its-host-from-the-cache",
                   test_failed_connection);
  g_test_add_func ("/name-threads/spellings-of-one-host", test_spellings);
  g_test_add_func ("/name-threads/errors", test_errors);
  g_test_add_func ("/name-threads/addresses", test_addresses);
  g_test_add_func ("/name-threads/waiting-is-cancelled", test_waiting_cancelled);
  g_test_add_func ("/name-threads/fork", test_fork);
  g_test_add_func ("/name-threads/context-destroyed", test_context_destroyed);
  g_test_add_func ("/name-threads/own-resolver", test_own_resolver);
  g_test_add_func ("/name-threads/own-resolver/without-calls", test_no_calls);
  g_test_add_func ("/name-threads/own-resolver/without-finish", test_no_finish);
  g_test_add_func ("/name-threads/no-threads", test_no_threads);
  g_test_add_data_func ("/name-threads/no-descriptors/first-lookup", GINT_TO_POINTER (FALSE),
                        test_no_descriptors);
  g_test_add_data_func ("/name-threads/no-descriptors/first-object", GINT_TO_POINTER (TRUE),
                        test_no_descriptors);

  g_test_add_func ("/name-threads/no-descriptors/first-async-call", test_no_descriptors_async);

  return g_test_run ();
}
