/* test-local-server.c: listening and accepting of a QnetLocalServer
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <qnet/qnet.h>

#include "common/local-fixture.h"
#include "common/temp-folder.h"

static gboolean
is_there (LocalFixture *fixture)
{
  return g_file_test (fixture->path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK);
}

/* Names */

static void
test_names (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_autofree char *name = NULL;
  g_autofree char *full_name = NULL;

  g_test_summary ("A server has its names while it listens, and close() removes its file.");

  g_assert_null (qnet_local_server_get_server_name (fixture->server));
  local_fixture_listen (fixture);
  g_object_get (fixture->server, "server-name", &name, "full-server-name", &full_name, NULL);
  g_assert_cmpstr (name, ==, fixture->path);
  g_assert_cmpstr (full_name, ==, fixture->path);
  g_assert_cmphex (get_mode (fixture->path), ==, S_IFSOCK | 0600);

  qnet_server_close (SERVER (fixture->server));
  g_assert_null (qnet_local_server_get_server_name (fixture->server));
  g_assert_null (qnet_local_server_get_full_server_name (fixture->server));
  g_assert_false (is_there (fixture));

  local_fixture_listen (fixture);
  g_clear_object (&fixture->server);
  g_assert_false (is_there (fixture));
}

static void
test_abstract (LocalFixture  *fixture,
               gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-test-%d", getpid ());

  g_test_summary ("An abstract name has no file, both sides have to ask for it, and it ends with "
                  "its server.");

  g_object_set (fixture->server, "access", QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE,
                NULL);
  g_assert_true (qnet_local_server_listen (fixture->server, name, NULL));
  g_assert_cmpstr (qnet_local_server_get_full_server_name (fixture->server), ==, name);

  qnet_local_socket_set_access (fixture->client,
                                        QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  g_assert_cmpint (qnet_local_socket_get_access (fixture->client), ==,
                   QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  qnet_local_socket_connect_to_server (fixture->client, name);
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 1000, NULL));
  g_assert_cmpstr (qnet_local_socket_get_full_server_name (fixture->client), ==, name);

  qnet_socket_abort (QNET_SOCKET (fixture->client));
  qnet_server_close (SERVER (fixture->server));
  qnet_local_socket_connect_to_server (fixture->client, name);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 1000, NULL));
}

static void
assert_refused (LocalFixture    *fixture,
                const char      *name,
                QnetSocketError  code,
                const char      *words)
{
  guint n_descriptors = count_descriptors ();
  g_autoptr(GError) error = NULL;

  g_assert_false (qnet_local_server_listen (fixture->server, name, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpint (qnet_server_get_error_code (SERVER (fixture->server)), ==, (int) code);
  g_assert_false (qnet_server_is_listening (SERVER (fixture->server)));
  g_assert_null (qnet_local_server_get_server_name (fixture->server));
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
}

static void
test_bad_names (LocalFixture  *fixture,
                gconstpointer  data)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", "socket", NULL);
  g_autofree char *too_long = g_strnfill (200, 'x');

  g_test_summary ("An empty name, one that is too long, a folder, and a missing folder are refused "
                  "with the reason.");

  assert_refused (fixture, NULL, QNET_SOCKET_ERROR_HOST_NOT_FOUND, "empty");
  assert_refused (fixture, "", QNET_SOCKET_ERROR_HOST_NOT_FOUND, "empty");
  assert_refused (fixture, too_long, QNET_SOCKET_ERROR_HOST_NOT_FOUND, "107");
  assert_refused (fixture, fixture->folder, QNET_SOCKET_ERROR_ADDRESS_IN_USE, fixture->folder);
  assert_refused (fixture, fixture->folder, QNET_SOCKET_ERROR_ADDRESS_IN_USE, "not a socket");
  assert_refused (fixture, missing, QNET_SOCKET_ERROR_HOST_NOT_FOUND, missing);
  assert_refused (fixture, missing, QNET_SOCKET_ERROR_HOST_NOT_FOUND, "folder does not exist");
}

static void
test_stays (LocalFixture  *fixture,
            gconstpointer  data)
{
  const char *names[] = { "../x", "..", "a/../../x", "a/..", "../../tmp/x" };

  g_test_summary ("A plain name cannot leave its directory, neither for a server nor for a "
                  "client.");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(QnetLocalSocket) client = qnet_local_socket_new ();

      assert_refused (fixture, names[i], QNET_SOCKET_ERROR_HOST_NOT_FOUND,
                      "name of a local server");
      g_assert_false (qnet_local_server_remove_server_full (names[i], TRUE, &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);

      qnet_local_socket_connect_to_server (client, names[i]);
      g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (client), 1000, NULL));
      g_assert_nonnull (strstr (qnet_io_device_get_error (DEVICE (client))->message,
                                "name of a local server"));
    }
}

/* In a process of its own, as the environment is shared by all threads. */
static void
test_missing_runtime_dir (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
      g_autoptr(GError) error = NULL;

      g_setenv ("XDG_RUNTIME_DIR", "/nowhere/at/all", TRUE);
      g_assert_false (qnet_local_server_listen (server, "fortune", &error));
      g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
      g_assert_nonnull (strstr (error->message, "/nowhere/at/all/fortune"));
      return;
    }

  g_test_summary ("A runtime directory that is set and missing is an error: the temporary "
                  "directory is no replacement.");

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* A group of this user's that is not the first one, or -1: it needs root, or membership in two. */
static gid_t
find_other_group (void)
{
  gid_t groups[64];
  int n = getgroups (G_N_ELEMENTS (groups), groups);

  for (int i = 0; i < n; i++)
    if (groups[i] != getegid ())
      return groups[i];

  return geteuid () == 0 ? getegid () + 1 : (gid_t) -1;
}

static void
test_group_of_folder (LocalFixture  *fixture,
                      gconstpointer  data)
{
  gid_t group = find_other_group ();
  struct stat status;

  g_test_summary ("In a folder with the set-group-ID bit the file has the group of the folder.");

  if (group == (gid_t) -1 || chown (fixture->folder, (uid_t) -1, group) != 0
      || chmod (fixture->folder, 02770) != 0)
    {
      g_test_skip ("there is no other group to give the folder to");
      return;
    }

  qnet_local_server_set_access (fixture->server, QNET_LOCAL_ACCESS_GROUP
                                                         | QNET_LOCAL_ACCESS_USER);
  local_fixture_listen (fixture);
  g_assert_no_errno (stat (fixture->path, &status));
  g_assert_cmpint (status.st_gid, ==, group);
  g_assert_cmpint (status.st_mode & 0777, ==, 0660);
}

static void
test_twice (LocalFixture  *fixture,
            gconstpointer  data)
{
  g_autoptr(QnetLocalServer) other = qnet_local_server_new ();
  g_autoptr(GError) error = NULL;

  g_test_summary ("Neither a second server nor the same one listens on a name twice; the first "
                  "continues to listen.");

  local_fixture_listen (fixture);
  g_assert_false (qnet_local_server_listen (other, fixture->path, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (error->message, "Another server is listening there"));
  g_clear_error (&error);
  g_assert_false (qnet_local_server_listen (fixture->server, "another", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION);
  local_fixture_connect (fixture);
}

static void
test_symlink (LocalFixture  *fixture,
              gconstpointer  data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "target", NULL);

  g_test_summary ("A symbolic link in the place of the file is neither followed nor removed.");

  g_assert_no_errno (symlink (target, fixture->path));
  assert_refused (fixture, fixture->path, QNET_SOCKET_ERROR_ADDRESS_IN_USE, fixture->path);
  g_assert_false (qnet_local_server_remove_server_full (fixture->path, TRUE, NULL));
  g_assert_cmphex (get_mode (fixture->path) & S_IFMT, ==, S_IFLNK);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
}

static void
test_not_ours (LocalFixture  *fixture,
               gconstpointer  data)
{
  g_autoptr(QnetLocalServer) other = qnet_local_server_new ();

  g_test_summary ("close() does not remove another process's file in the place of its own.");

  local_fixture_listen (fixture);
  g_assert_true (qnet_local_server_remove_server_full (fixture->path, TRUE, NULL));
  g_assert_true (qnet_local_server_listen (other, fixture->path, NULL));
  qnet_server_close (SERVER (fixture->server));
  g_assert_true (is_there (fixture));
}

/* Descriptors */

static void
test_descriptor (LocalFixture  *fixture,
                 gconstpointer  data)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int tcp = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autoptr(GError) error = NULL;

  g_test_summary ("A listening descriptor is taken over with its name; its file is kept. One that "
                  "does not listen is refused.");

  g_strlcpy (address.sun_path, fixture->path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_assert_false (qnet_server_set_fd (SERVER (fixture->server), fd, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION);
  g_assert_no_errno (listen (tcp, 5));
  g_assert_false (qnet_server_set_fd (SERVER (fixture->server), tcp, NULL));
  g_assert_no_errno (close (tcp));

  g_assert_no_errno (listen (fd, 5));
  g_assert_true (qnet_server_set_fd (SERVER (fixture->server), fd, NULL));
  g_assert_cmpstr (qnet_local_server_get_server_name (fixture->server), ==, fixture->path);
  g_assert_cmpstr (qnet_local_server_get_full_server_name (fixture->server), ==, fixture->path);
  local_fixture_connect (fixture);

  qnet_server_close (SERVER (fixture->server));
  g_assert_true (is_there (fixture));
}

static void
test_orphaned (LocalFixture  *fixture,
               gconstpointer  data)
{
  g_autofree char *first = g_build_filename (fixture->folder, "first", NULL);
  g_autoptr(QnetLocalServer) other = qnet_local_server_new ();
  GMainContext *context = g_main_context_new ();
  int fd;

  g_test_summary ("A server whose main context was freed has neither name nor file; when it "
                  "listens again, it has only the new ones.");

  g_main_context_push_thread_default (context);
  g_assert_true (qnet_local_server_listen (fixture->server, first, NULL));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_null (qnet_local_server_get_server_name (fixture->server));
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);

  g_assert_true (qnet_local_server_listen (other, fixture->path, NULL));
  fd = dup (qnet_server_get_fd (SERVER (other)));
  g_assert_true (qnet_server_set_fd (SERVER (fixture->server), fd, NULL));
  g_assert_cmpstr (qnet_local_server_get_server_name (fixture->server), ==, fixture->path);
  g_assert_cmpstr (qnet_local_server_get_full_server_name (fixture->server), ==, fixture->path);
}

static void
test_unnamed_descriptor (LocalFixture  *fixture,
                         gconstpointer  data)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_test_summary ("A descriptor in the abstract namespace has its bare name, as after listen(), "
                  "and clients find it by that.");

  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof (sa_family_t)));
  g_assert_no_errno (listen (fd, 5));
  g_assert_true (qnet_server_set_fd (SERVER (fixture->server), fd, NULL));
  g_assert_cmpstr (qnet_local_server_get_server_name (fixture->server), ==,
                   qnet_local_server_get_full_server_name (fixture->server));

  qnet_local_socket_set_access (fixture->client,
                                        QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  qnet_local_socket_connect_to_server (fixture->client,
                                       qnet_local_server_get_full_server_name (fixture->server));
  g_assert_true (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 1000, NULL));
  g_assert_cmpstr (qnet_local_socket_get_full_server_name (fixture->client), ==,
                   qnet_local_server_get_full_server_name (fixture->server));
}

static void
test_adopted_abstract (LocalFixture  *fixture,
                       gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-test-adopted-%d", getpid ());
  g_autoptr(QnetLocalServer) adopter = qnet_local_server_new ();
  int fd;

  g_test_summary ("A server that listens on an abstract name, and one that takes over its "
                  "descriptor, have the same name.");

  qnet_local_server_set_access (fixture->server,
                                        QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  g_assert_true (qnet_local_server_listen (fixture->server, name, NULL));
  fd = dup (qnet_server_get_fd (SERVER (fixture->server)));
  g_assert_true (qnet_server_set_fd (SERVER (adopter), fd, NULL));
  g_assert_cmpstr (qnet_local_server_get_full_server_name (adopter), ==, name);
}

/* Subclasses */

#define TEST_TYPE_SERVER (test_server_get_type ())
G_DECLARE_FINAL_TYPE (TestServer, test_server, TEST, SERVER, QnetLocalServer)

struct _TestServer
{
  QnetLocalServer  parent_instance;

  QnetLocalSocket *made;  /* (owned) */
};

G_DEFINE_FINAL_TYPE (TestServer, test_server, QNET_TYPE_LOCAL_SERVER)

static void
test_server_incoming_connection (QnetServer *server,
                                 int         fd)
{
  TestServer *self = TEST_SERVER (server);

  self->made = qnet_local_socket_new ();
  g_assert_true (qnet_socket_set_fd (QNET_SOCKET (self->made), fd,
                                                          QNET_SOCKET_STATE_CONNECTED,
                                                          QNET_OPEN_MODE_READ_WRITE, NULL));
  qnet_local_server_add_pending_connection (QNET_LOCAL_SERVER (self), self->made);
}

static void
test_server_dispose (GObject *object)
{
  g_clear_object (&TEST_SERVER (object)->made);

  G_OBJECT_CLASS (test_server_parent_class)->dispose (object);
}

static void
test_server_class_init (TestServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_server_dispose;
  QNET_SERVER_CLASS (klass)->incoming_connection = test_server_incoming_connection;
}

static void
test_server_init (TestServer *self)
{
}

static void
test_subclass (LocalFixture  *fixture,
               gconstpointer  data)
{
  g_test_summary ("A subclass makes the connections itself, and queues them.");

  g_clear_object (&fixture->server);
  fixture->server = g_object_new (TEST_TYPE_SERVER, NULL);
  local_fixture_connect (fixture);
  g_assert_true (fixture->accepted == TEST_SERVER (fixture->server)->made);
  write_text (fixture->accepted, "made");
  local_fixture_assert_gets (fixture, fixture->client, "made");
}

/* Clients */

#define N_CLIENTS 100

static void
echo_cb (QnetIODevice *connection)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_all_bytes (connection);

  qnet_io_device_write_bytes (connection, bytes, NULL);
}

static void
serve_cb (QnetLocalServer *server)
{
  g_autoptr(QnetLocalSocket) connection = qnet_local_server_next_pending_connection (server);

  g_signal_connect (connection, "ready-read", G_CALLBACK (echo_cb), NULL);
}

static guint
count_answers (GPtrArray *clients)
{
  guint n = 0;

  for (guint i = 0; i < clients->len; i++)
    n += qnet_io_device_get_bytes_available (clients->pdata[i]) == 4;

  return n;
}

static void
test_many (LocalFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  const int backlogs[] = { SOMAXCONN, 1 };

  g_test_summary ("100 simultaneous clients are all accepted, also with max-pending-connections of "
                  "1.");

  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (serve_cb), NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (backlogs); i++)
    {
      qnet_server_set_listen_backlog_size (SERVER (fixture->server), backlogs[i]);
      local_fixture_listen (fixture);

      for (int j = 0; j < N_CLIENTS; j++)
        {
          QnetLocalSocket *client = qnet_local_socket_new ();

          g_ptr_array_add (clients, client);
          qnet_local_socket_connect_to_server (client, fixture->path);
          write_text (client, "ping");
        }

      local_fixture_await (fixture, count_answers (clients) == N_CLIENTS);
      g_assert_cmpuint (
        g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture->server))), ==,
        N_CLIENTS);
      g_ptr_array_set_size (clients, 0);
      local_fixture_await (
        fixture,
        g_list_model_get_n_items (qnet_server_get_connections (SERVER (fixture->server))) == 0);
      qnet_server_close (SERVER (fixture->server));
    }
}

static void
test_wait (LocalFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  gboolean timed_out = FALSE;

  g_test_summary ("A server can wait for a connection without a loop; while it is paused the wait "
                  "fails.");

  local_fixture_listen (fixture);
  g_assert_false (qnet_server_wait_for_new_connection_full (SERVER (fixture->server), 0, &timed_out,
                                                            NULL, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_true (timed_out);

  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  qnet_server_pause_accepting (SERVER (fixture->server));
  g_assert_false (qnet_server_wait_for_new_connection (SERVER (fixture->server), 0, NULL));
  qnet_server_resume_accepting (SERVER (fixture->server));
  g_assert_true (qnet_server_wait_for_new_connection (SERVER (fixture->server), 1000, NULL));
  fixture->accepted = qnet_local_server_next_pending_connection (fixture->server);
  g_assert_nonnull (fixture->accepted);
  g_assert_null (qnet_local_server_next_pending_connection (fixture->server));
}

static void
test_settings (LocalFixture  *fixture,
               gconstpointer  data)
{
  guint options, limit;

  g_test_summary ("The settings are properties, and each connection gets the limits of its "
                  "server.");

  g_object_set (fixture->server, "fd-limit", 5, "read-buffer-size", (gint64) 1000, NULL);
  g_assert_cmpuint (qnet_local_server_get_fd_limit (fixture->server), ==, 5);
  qnet_local_server_set_access (fixture->server, QNET_LOCAL_ACCESS_GROUP);
  g_object_get (fixture->server, "access", &options, "fd-limit", &limit, NULL);
  g_assert_cmpuint (options, ==, qnet_local_server_get_access (fixture->server));
  g_assert_cmpuint (limit, ==, 5);

  qnet_local_server_set_access (fixture->server, QNET_LOCAL_ACCESS_DEFAULT);
  local_fixture_connect (fixture);
  g_assert_cmpuint (qnet_local_socket_get_fd_limit (fixture->accepted), ==, 5);
  g_assert_cmpint (qnet_io_device_get_read_buffer_size (DEVICE (fixture->accepted)), ==, 1000);
}

/* Who may connect */

static void
test_modes (LocalFixture  *fixture,
            gconstpointer  data)
{
  static const struct { guint options; guint mode; } rows[] = {
    { QNET_LOCAL_ACCESS_DEFAULT, 0600 },
    { QNET_LOCAL_ACCESS_USER, 0600 },
    { QNET_LOCAL_ACCESS_USER | QNET_LOCAL_ACCESS_GROUP, 0660 },
    { QNET_LOCAL_ACCESS_OTHER, 0006 },
    { QNET_LOCAL_ACCESS_WORLD, 0666 },
  };

  static const mode_t masks[] = { 0, 022, 077, 0777 };

  g_test_summary ("The file has the permissions of the options, whatever the umask, which does not "
                  "change.");

  for (gsize i = 0; i < G_N_ELEMENTS (rows) * G_N_ELEMENTS (masks); i++)
    {
      mode_t mask = masks[i % G_N_ELEMENTS (masks)];
      mode_t before = umask (mask);

      qnet_local_server_set_access (fixture->server,
                                            rows[i / G_N_ELEMENTS (masks)].options);
      local_fixture_listen (fixture);
      g_assert_cmphex (umask (before), ==, mask);
      g_assert_cmphex (get_mode (fixture->path), ==,
                       S_IFSOCK | rows[i / G_N_ELEMENTS (masks)].mode);
      qnet_server_close (SERVER (fixture->server));
    }
}

/* As another user, in a program of the system's, with the address as Python writes it. */
static int
connect_unprivileged (const char *address,
                      gid_t       group)
{
  g_autofree char *regid = g_strdup_printf ("--regid=%u", (guint) group);
  g_autofree char *script = g_strdup_printf ("import socket,sys\n"
                                             "try: socket.socket(socket.AF_UNIX).connect('%s')\n"
                                             "except PermissionError: sys.exit(13)\n",
                                             address);
  const char *argv[] = { "setpriv", "--reuid=65534", regid, "--clear-groups",
                         "/usr/bin/python3", "-c", script, NULL };
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));

  return WEXITSTATUS (status);
}

static gboolean
can_change_user (void)
{
  g_autofree char *setpriv = g_find_program_in_path ("setpriv");

  if (getuid () == 0 && setpriv != NULL)
    return TRUE;

  g_test_skip ("only root, with setpriv, can become another user");
  return FALSE;
}

static void
test_other_user (LocalFixture  *fixture,
                 gconstpointer  data)
{
  static const struct
  {
    QnetLocalAccess options;
    int of_our_group;
    int of_another;
  } rows[] = {
    { QNET_LOCAL_ACCESS_DEFAULT, EACCES, EACCES },
    { QNET_LOCAL_ACCESS_USER, EACCES, EACCES },
    { QNET_LOCAL_ACCESS_GROUP, 0, EACCES },
    { QNET_LOCAL_ACCESS_OTHER, EACCES, 0 },
    { QNET_LOCAL_ACCESS_WORLD, 0, 0 },
  };

  g_test_summary ("Another user cannot connect, unless the options give access to the group, to "
                  "others, or to the world.");

  if (!can_change_user ())
    return;

  g_assert_no_errno (g_chmod (fixture->folder, 0755));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      qnet_local_server_set_access (fixture->server, rows[i].options);
      local_fixture_listen (fixture);
      g_assert_cmpint (connect_unprivileged (fixture->path, getgid ()), ==, rows[i].of_our_group);
      g_assert_cmpint (connect_unprivileged (fixture->path, 65534), ==, rows[i].of_another);
      qnet_server_close (SERVER (fixture->server));
    }
}

static void
test_other_user_abstract (LocalFixture  *fixture,
                          gconstpointer  data)
{
  g_autofree char *name = g_strdup_printf ("qnet-test-open-%d", getpid ());
  g_autofree char *address = g_strconcat ("\\0", name, NULL);

  g_test_summary ("An abstract name is open to every user.");

  if (!can_change_user ())
    return;

  qnet_local_server_set_access (fixture->server,
                                        QNET_LOCAL_ACCESS_ABSTRACT_NAMESPACE);
  g_assert_true (qnet_local_server_listen (fixture->server, name, NULL));
  g_assert_cmpint (connect_unprivileged (address, 65534), ==, 0);
}

/* As another user: can it remove the file, or listen in its place? */
static void
interfere_unprivileged (LocalFixture *fixture)
{
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  g_autofree char *path = g_strconcat (fixture->path, "2", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (setregid (65534, 65534));
  g_assert_no_errno (setreuid (65534, 65534));
  g_assert_false (qnet_local_server_remove_server_full (fixture->path, TRUE, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_clear_error (&error);
  g_assert_false (qnet_local_server_listen (server, path, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_ACCESS);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_other_user_meddles (LocalFixture  *fixture,
                         gconstpointer  data)
{
  pid_t child;
  int status;

  g_test_summary ("In a folder of the user's, another user can neither remove a server nor start "
                  "one.");

  if (!can_change_user ())
    return;

  g_assert_no_errno (g_chmod (fixture->folder, 0755));
  qnet_local_server_set_access (fixture->server, QNET_LOCAL_ACCESS_WORLD);
  local_fixture_listen (fixture);
  child = fork ();
  if (child == 0)
    {
      interfere_unprivileged (fixture);
      _exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (is_there (fixture));
}

/* A crash */

static void
run_until_killed (LocalFixture *fixture,
                  int           report)
{
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();

  if (!qnet_local_server_listen (server, fixture->path, NULL) || write (report, "l", 1) != 1)
    _exit (1);

  for (;;)
    pause ();
}

static void
test_crash (LocalFixture  *fixture,
            gconstpointer  data)
{
  int report[2], status;
  char byte;
  pid_t child;
  g_autoptr(GError) error = NULL;

  g_test_summary ("The file of a server that was killed keeps its name in use until "
                  "remove_server(), which does not remove that of a live one.");

  g_assert_no_errno (pipe (report));
  child = fork ();
  if (child == 0)
    run_until_killed (fixture, report[1]);

  g_assert_cmpint (read (report[0], &byte, 1), ==, 1);
  g_assert_false (qnet_local_server_remove_server (fixture->path, &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_ADDRESS_IN_USE);
  g_assert_no_errno (kill (child, SIGKILL));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);

  assert_refused (fixture, fixture->path, QNET_SOCKET_ERROR_ADDRESS_IN_USE, fixture->path);
  assert_refused (fixture, fixture->path, QNET_SOCKET_ERROR_ADDRESS_IN_USE, "remove_server()");
  qnet_local_socket_connect_to_server (fixture->client, fixture->path);
  g_assert_false (qnet_socket_wait_for_connected (QNET_SOCKET (fixture->client), 1000, NULL));
  g_assert_cmpint (qnet_io_device_get_error_code (DEVICE (fixture->client)), ==,
                   QNET_SOCKET_ERROR_CONNECTION_REFUSED);
  g_assert_nonnull (strstr (qnet_io_device_get_error (DEVICE (fixture->client))->message,
                            "No server is listening there"));

  g_assert_true (qnet_local_server_remove_server (fixture->path, NULL));
  local_fixture_connect (fixture);
  close (report[0]);
  close (report[1]);
}

/* The race */

#define N_RIVALS 4

/* Takes the name if it can, reports it, and waits until all have tried. It ends as if it were
 * killed: its file is left. */
static void
compete (LocalFixture *fixture,
         int           start,
         int           report,
         int           end)
{
  g_autoptr(QnetLocalServer) server = qnet_local_server_new ();
  gboolean has_won = FALSE;
  char byte;

  if (read (start, &byte, 1) != 0)
    _exit (1);

  for (int i = 0; i < 3 && !has_won; i++)
    {
      qnet_local_server_remove_server (fixture->path, NULL);
      has_won = qnet_local_server_listen (server, fixture->path, NULL);
    }

  if (write (report, has_won ? "w" : "l", 1) != 1 || read (end, &byte, 1) != 0)
    _exit (1);

  _exit (0);
}

static void
start_rivals (LocalFixture *fixture,
              pid_t        *rivals,
              int           start[2],
              int           report[2],
              int           end[2])
{
  for (int i = 0; i < N_RIVALS; i++)
    {
      rivals[i] = fork ();
      g_assert_cmpint (rivals[i], >=, 0);
      if (rivals[i] == 0)
        {
          close (start[1]);
          close (end[1]);
          compete (fixture, start[0], report[1], end[0]);
        }
    }
}

static guint
count_winners (int report)
{
  guint n_winners = 0;
  char verdict;

  for (int i = 0; i < N_RIVALS; i++)
    {
      g_assert_cmpint (read (report, &verdict, 1), ==, 1);
      n_winners += verdict == 'w';
    }

  return n_winners;
}

static guint
run_race (LocalFixture *fixture)
{
  int start[2], report[2], end[2], status;
  pid_t rivals[N_RIVALS];
  guint n_winners;

  g_assert_no_errno (pipe (start));
  g_assert_no_errno (pipe (report));
  g_assert_no_errno (pipe (end));
  start_rivals (fixture, rivals, start, report, end);

  close (start[1]);  /* now */
  n_winners = count_winners (report[0]);
  close (end[1]);

  for (int i = 0; i < N_RIVALS; i++)
    {
      g_assert_cmpint (waitpid (rivals[i], &status, 0), ==, rivals[i]);
      g_assert_cmpint (status, ==, 0);
    }

  close (start[0]);
  close (report[0]);
  close (report[1]);
  close (end[0]);

  return n_winners;
}

static void
test_race (LocalFixture  *fixture,
           gconstpointer  data)
{
  g_test_summary ("Of four processes that start on one name at once exactly one becomes the "
                  "server, also after a crash.");

  for (int i = 0; i < (g_test_slow () ? 1000 : 50); i++)
    g_assert_cmpuint (run_race (fixture), ==, 1);
}

static void
test_remove_bad_names (LocalFixture  *fixture,
                       gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_test_summary ("A name that is no valid one is refused by remove_server() with that reason.");

  g_assert_false (qnet_local_server_remove_server ("", &error));
  g_assert_error (error, QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_HOST_NOT_FOUND);
  g_assert_true (qnet_local_server_remove_server (fixture->path, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  local_fixture_add ("/local-server/names", test_names);
  local_fixture_add ("/local-server/abstract", test_abstract);
  local_fixture_add ("/local-server/invalid-names-are-refused", test_bad_names);
  local_fixture_add ("/local-server/name-in-use-is-refused", test_twice);
  local_fixture_add ("/local-server/symlink", test_symlink);
  local_fixture_add ("/local-server/file-of-another-process-is-kept", test_not_ours);
  local_fixture_add ("/local-server/descriptor", test_descriptor);
  local_fixture_add ("/local-server/descriptor/abstract", test_unnamed_descriptor);
  local_fixture_add ("/local-server/descriptor/abstract-has-one-name", test_adopted_abstract);
  local_fixture_add ("/local-server/names/cannot-leave-their-directory", test_stays);
  g_test_add_func ("/local-server/names/missing-runtime-directory-is-an-error",
                   test_missing_runtime_dir);
  local_fixture_add ("/local-server/access/group-of-folder", test_group_of_folder);
  local_fixture_add ("/local-server/orphaned", test_orphaned);
  local_fixture_add ("/local-server/subclass", test_subclass);
  local_fixture_add ("/local-server/many", test_many);
  local_fixture_add ("/local-server/wait", test_wait);
  local_fixture_add ("/local-server/settings", test_settings);
  local_fixture_add ("/local-server/modes", test_modes);
  local_fixture_add ("/local-server/other-user", test_other_user);
  local_fixture_add ("/local-server/other-user/abstract", test_other_user_abstract);
  local_fixture_add ("/local-server/other-user/cannot-interfere", test_other_user_meddles);
  local_fixture_add ("/local-server/crash", test_crash);
  local_fixture_add ("/local-server/race", test_race);
  local_fixture_add ("/local-server/remove/invalid-names-are-refused", test_remove_bad_names);

  return g_test_run ();
}
