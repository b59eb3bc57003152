/* test-activation.c: servers on sockets that a service manager has passed
 *
 * Each test runs this program again with some descriptors, and the program prints what its servers
 * found.
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>
#include <qnet/qnet.h>

#include "common/socket-fixture.h"

static const char *this_program;

/* The service: its arguments are the kind of a server and the name of its socket, "" for any;
 * repeated */

static QnetServer *
new_server (const char *kind)
{
  if (g_str_equal (kind, "local"))
    return QNET_SERVER (qnet_local_server_new ());

  g_assert_cmpstr (kind, ==, "tcp");

  return QNET_SERVER (qnet_tcp_server_new ());
}

static gboolean
is_inherited (int fd)
{
  return (fcntl (fd, F_GETFD) & FD_CLOEXEC) == 0;
}

/* "3" for a server that listens on that descriptor, "error:9" for one that does not. */
static void
print_result (QnetServer *server,
              const char *name)
{
  g_autoptr(GError) error = NULL;

  if (qnet_server_listen_activation_fds (server, name[0] != '\0' ? name : NULL, &error))
    g_print ("%d ", qnet_server_get_fd (server));
  else
    g_print ("error:%d ", error->code);

  g_assert_cmpint (error == NULL, ==, qnet_server_is_listening (server));
}

static int
run_service (int    argc,
             char **argv)
{
  g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func (g_object_unref);

  for (int i = 2; i + 1 < argc; i += 2)
    {
      g_ptr_array_add (servers, new_server (argv[i]));
      print_result (g_ptr_array_index (servers, servers->len - 1), argv[i + 1]);
    }

  for (int fd = 3; fd < 8; fd++)
    if (fcntl (fd, F_GETFD) >= 0 && is_inherited (fd))
      g_print ("inherited:%d ", fd);

  return 0;
}

/* The manager */

typedef struct
{
  GSubprocessLauncher *launcher;    /* (owned) */
  int                  n_passed;
  gboolean             is_for_another;  /* LISTEN_PID is another process's */
} Manager;

static void
set_up (Manager       *manager,
        gconstpointer  data)
{
  manager->launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
}

static void
tear_down (Manager       *manager,
           gconstpointer  data)
{
  g_clear_object (&manager->launcher);
}

/* Takes @fd. */
static void
pass (Manager *manager,
      int      fd)
{
  g_subprocess_launcher_take_fd (manager->launcher, fd, 3 + manager->n_passed++);
}

static void
pass_tcp (Manager *manager)
{
  guint16 port;

  pass (manager, open_listener (&port, 5));
}

/* LISTEN_PID is known in the process alone: the shell becomes the service. */
static void
run (Manager           *manager,
     const char        *names,
     const char *const *arguments,
     const char        *expected)
{
  g_autofree char *n_passed = g_strdup_printf ("%d", manager->n_passed);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autoptr(GSubprocess) service = NULL;
  g_autofree char *output = NULL;

  if (n_passed[0] != '0')
    g_subprocess_launcher_setenv (manager->launcher, "LISTEN_FDS", n_passed, TRUE);
  if (names != NULL)
    g_subprocess_launcher_setenv (manager->launcher, "LISTEN_FDNAMES", names, TRUE);

  g_ptr_array_add (argv, (char *) "sh");
  g_ptr_array_add (argv, (char *) "-c");
  g_ptr_array_add (argv, (char *) (manager->is_for_another ? "LISTEN_PID=1 exec \"$0\" \"$@\""
                                                           : "LISTEN_PID=$$ exec \"$0\" \"$@\""));
  g_ptr_array_add (argv, (char *) this_program);
  g_ptr_array_add (argv, (char *) "--service");
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);

  service = g_subprocess_launcher_spawnv (manager->launcher, (const char *const *) argv->pdata,
                                          NULL);
  g_assert_nonnull (service);
  g_assert_true (g_subprocess_communicate_utf8 (service, NULL, NULL, &output, NULL, NULL));
  g_assert_true (g_subprocess_get_successful (service));
  g_assert_cmpstr (output, ==, expected);
}

static void
test_in_order (Manager       *manager,
               gconstpointer  data)
{
  const char *arguments[] = { "tcp", "", "tcp", "", "tcp", "", NULL };

  g_test_summary ("Each server takes the next socket; when all are taken it fails. Child processes "
                  "inherit none.");

  pass_tcp (manager);
  pass_tcp (manager);
  run (manager, NULL, arguments, "3 4 error:9 ");
}

static void
test_families (Manager       *manager,
               gconstpointer  data)
{
  const char *arguments[] = { "local", "", "tcp", "", "local", "", NULL };
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr address = { .sa_family = AF_UNIX };

  g_test_summary ("Each server takes a socket of its family.");

  pass_tcp (manager);
  g_assert_no_errno (bind (fd, &address, sizeof (sa_family_t)));
  g_assert_no_errno (listen (fd, 5));
  pass (manager, fd);
  run (manager, NULL, arguments, "4 3 error:9 ");
}

static void
test_by_name (Manager       *manager,
              gconstpointer  data)
{
  const char *arguments[] = { "tcp", "admin", "tcp", "nobody",  "tcp", "web",
                              "tcp", "admin", "tcp", "unknown", NULL };

  g_test_summary ("A name selects a socket; a socket without one is named unknown.");

  pass_tcp (manager);
  pass_tcp (manager);
  pass_tcp (manager);
  run (manager, "web:admin", arguments, "4 error:9 3 error:9 5 ");
}

static void
test_other_kinds (Manager       *manager,
                  gconstpointer  data)
{
  const char *arguments[] = { "tcp", "", NULL };

  g_test_summary ("A descriptor that does not listen, or is no socket, is skipped.");

  pass (manager, socket (AF_INET, SOCK_STREAM, 0));
  pass (manager, socket (AF_INET, SOCK_DGRAM, 0));
  pass (manager, open ("/dev/null", O_RDONLY));
  pass_tcp (manager);
  run (manager, NULL, arguments, "6 ");
}

static void
test_another_process (Manager       *manager,
                      gconstpointer  data)
{
  const char *arguments[] = { "tcp", "", NULL };

  g_test_summary ("Sockets that were passed to another process, such as the parent, are not "
                  "taken.");

  manager->is_for_another = TRUE;
  pass_tcp (manager);
  run (manager, NULL, arguments, "error:9 inherited:3 ");
}

static void
test_nothing (Manager       *manager,
              gconstpointer  data)
{
  const char *arguments[] = { "tcp", "", "tcp", "name", NULL };

  g_test_summary ("Without a service manager there is no socket.");

  run (manager, NULL, arguments, "error:9 error:9 ");
}

static void
test_nonsense (Manager       *manager,
               gconstpointer  data)
{
  const char *arguments[] = { "tcp", "", NULL };
  const char *const values[] = { "-1", "many", "", "99999999999", NULL };

  g_test_summary ("Malformed numbers mean no socket.");

  for (gsize i = 0; values[i] != NULL; i++)
    {
      g_subprocess_launcher_setenv (manager->launcher, "LISTEN_FDS", values[i], TRUE);
      run (manager, NULL, arguments, "error:9 ");
    }
}

static void
test_listening (void)
{
  g_autoptr(QnetTcpServer) server = qnet_tcp_server_new ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("A server that listens already continues to do so.");

  g_assert_true (qnet_tcp_server_listen_port (server, 0, NULL));
  g_assert_false (qnet_server_listen_activation_fds (QNET_SERVER (server), NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  g_assert_true (qnet_server_is_listening (QNET_SERVER (server)));
}

static void
add (const char *path,
     void      (*func) (Manager *, gconstpointer))
{
  g_test_add (path, Manager, NULL, set_up, func, tear_down);
}

int
main (int    argc,
      char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], "--service"))
    return run_service (argc, argv);

  g_test_init (&argc, &argv, NULL);
  this_program = argv[0];

  add ("/activation/in-order", test_in_order);
  add ("/activation/families", test_families);
  add ("/activation/by-name", test_by_name);
  add ("/activation/other-kinds", test_other_kinds);
  add ("/activation/another-process", test_another_process);
  add ("/activation/nothing", test_nothing);
  add ("/activation/malformed-variables", test_nonsense);
  g_test_add_func ("/activation/listening", test_listening);

  return g_test_run ();
}
