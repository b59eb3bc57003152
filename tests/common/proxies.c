/* proxies.c: proxies of other projects, started for a test
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "common/proxies.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <glib/gstdio.h>

#include "common/socket-fixture.h"

/* "user" and "sesame" in the formats of the different files; the salts are not secret. */
#define SHADOW "user:$6$qnetqnet$UhVIxGG1rlEv44Vtv6G6ll09sLQdBgktbUOQJU" \
               "vbVfNBiTRjBaptqCUsZqhRKyrZZE1y.Spk7a9VKVdHR5ix..:19000:0:99999:7:::\n"
#define APACHE "user:$apr1$qnetqnet$cuKJnCyIYpSXVTmiT/1XQ0\n"
#define DIGEST "user:cave:a550189f7ac6671d1d0daebcca11e9d1\n"

static const struct
{
  const char *name;
  const char *program;
  gboolean    is_http;
  gboolean    wants_password;
} kinds[] = {
  [PROXY_DANTE]               = { "dante", "danted", FALSE, FALSE },
  [PROXY_DANTE_PASSWORD]      = { "dante-password", "danted", FALSE, TRUE },
  [PROXY_MICROSOCKS]          = { "microsocks", "microsocks", FALSE, FALSE },
  [PROXY_MICROSOCKS_PASSWORD] = { "microsocks-password", "microsocks", FALSE, TRUE },
  [PROXY_TINYPROXY]           = { "tinyproxy", "tinyproxy", TRUE, FALSE },
  [PROXY_TINYPROXY_PASSWORD]  = { "tinyproxy-password", "tinyproxy", TRUE, TRUE },
  [PROXY_SQUID]               = { "squid", "squid", TRUE, FALSE },
  [PROXY_SQUID_BASIC]         = { "squid-basic", "squid", TRUE, TRUE },
  [PROXY_SQUID_DIGEST]        = { "squid-digest", "squid", TRUE, TRUE },
};

const char *
proxy_get_name (ProxyKind kind)
{
  return kinds[kind].name;
}

gboolean
proxy_is_http (ProxyKind kind)
{
  return kinds[kind].is_http;
}

gboolean
proxy_wants_password (ProxyKind kind)
{
  return kinds[kind].wants_password;
}

/* Programs for administrators are often not in the path of users. */
static char *
find_program (const char *name)
{
  char *path = g_find_program_in_path (name);

  if (path == NULL)
    path = g_build_filename ("/usr/sbin", name, NULL);

  if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    g_clear_pointer (&path, g_free);

  return path;
}

/* Its files */

static char *
write_file (Proxy      *proxy,
            const char *name,
            const char *text)
{
  char *path = g_build_filename (proxy->folder, name, NULL);
  GError *error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (path, 0644));

  return path;
}

static char *
write_dante (Proxy     *proxy,
             ProxyKind  kind)
{
  g_autofree char *text = g_strdup_printf (
    "logoutput: %s/log\n"
    "internal: 127.0.0.1 port = %u\n"
    "external: 127.0.0.1\n"
    "clientmethod: none\n"
    "socksmethod: %s\n"
    "user.privileged: %s\nuser.unprivileged: %s\n"
    "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n"
    "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n",
    proxy->folder, proxy->port,
    kinds[kind].wants_password ? "username" : "none",
    g_get_user_name (), g_get_user_name ());

  return write_file (proxy, "config", text);
}

static char *
write_tinyproxy (Proxy     *proxy,
                 ProxyKind  kind)
{
  g_autofree char *text = g_strdup_printf ("Port %u\nListen 127.0.0.1\nLogLevel Critical\n%s",
                                           proxy->port,
                                           kinds[kind].wants_password
                                           ? "BasicAuth user sesame\n" : "");

  return write_file (proxy, "config", text);
}

static char *
write_squid (Proxy     *proxy,
             ProxyKind  kind)
{
  g_autofree char *apache = write_file (proxy, "apache", APACHE);
  g_autofree char *digest = write_file (proxy, "digest", DIGEST);
  g_autofree char *helper = NULL;
  g_autofree char *text = NULL;

  if (kind == PROXY_SQUID_BASIC)
    helper = g_strdup_printf ("auth_param basic program /usr/lib/squid/basic_ncsa_auth %s\n"
                              "auth_param basic children 1\n"
                              "auth_param basic realm cave\n"
                              "acl known proxy_auth REQUIRED\nhttp_access allow known\n", apache);
  else if (kind == PROXY_SQUID_DIGEST)
    helper = g_strdup_printf ("auth_param digest program /usr/lib/squid/digest_file_auth -c %s\n"
                              "auth_param digest children 1\n"
                              "auth_param digest realm cave\n"
                              "acl known proxy_auth REQUIRED\nhttp_access allow known\n", digest);

  text = g_strdup_printf ("http_port 127.0.0.1:%u\n%s"
                          "http_access %s all\n"
                          "cache deny all\naccess_log none\ncache_log /dev/null\n"
                          "cache_store_log none\n"
                          "pid_filename none\nnetdb_filename none\npinger_enable off\nicp_port 0\n"
                          "shutdown_lifetime 0 seconds\n"
                          "coredump_dir %s\n",
                          proxy->port,
                          helper != NULL ? helper : "",
                          helper != NULL ? "deny" : "allow",
                          proxy->folder);

  return write_file (proxy, "config", text);
}

/* Its program */

/* dante authenticates users of the system, so it is given other ones. */
static void
show_users (Proxy               *proxy,
            GSubprocessLauncher *launcher)
{
  /* the user that runs the tests and the program, and the user of the password */
  g_autofree char *users =
    g_strdup_printf ("%s:x:%u:%u::/:/bin/false\nuser:x:1234:1234::/:/bin/false\n",
                                            g_get_user_name (),
                                            (guint) getuid (), (guint) getgid ());
  g_autofree char *groups = g_strdup_printf ("%s:x:%u:\nuser:x:1234:\n",
                                             g_get_user_name (), (guint) getgid ());
  g_autofree char *passwd = write_file (proxy, "passwd", users);
  g_autofree char *group = write_file (proxy, "group", groups);
  g_autofree char *shadow = write_file (proxy, "shadow", SHADOW);

  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", "libnss_wrapper.so", TRUE);
  g_subprocess_launcher_setenv (launcher, "NSS_WRAPPER_PASSWD", passwd, TRUE);
  g_subprocess_launcher_setenv (launcher, "NSS_WRAPPER_GROUP", group, TRUE);
  g_subprocess_launcher_setenv (launcher, "NSS_WRAPPER_SHADOW", shadow, TRUE);
}

static GPtrArray *
make_arguments (Proxy     *proxy,
                ProxyKind  kind,
                char      *program)  /* (transfer full) */
{
  GPtrArray *arguments = g_ptr_array_new_with_free_func (g_free);

#define ADD(text) g_ptr_array_add (arguments, text)
  ADD (program);

  if (strcmp (kinds[kind].program, "microsocks") == 0)
    {
      ADD (g_strdup ("-i"));
      ADD (g_strdup ("127.0.0.1"));
      ADD (g_strdup ("-p"));
      ADD (g_strdup_printf ("%u", proxy->port));
      if (kinds[kind].wants_password)
        {
          ADD (g_strdup ("-u"));
          ADD (g_strdup ("user"));
          ADD (g_strdup ("-P"));
          ADD (g_strdup ("sesame"));
        }
    }
  else if (strcmp (kinds[kind].program, "danted") == 0)
    {
      ADD (g_strdup ("-f"));
      ADD (write_dante (proxy, kind));
    }
  else if (strcmp (kinds[kind].program, "tinyproxy") == 0)
    {
      ADD (g_strdup ("-d"));
      ADD (g_strdup ("-c"));
      ADD (write_tinyproxy (proxy, kind));
    }
  else
    {
      ADD (g_strdup ("-N"));
      ADD (g_strdup ("-f"));
      ADD (write_squid (proxy, kind));
    }

  ADD (NULL);
#undef ADD

  return arguments;
}

static gboolean
is_listening (guint16 port)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean is_connected = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;

  close (fd);

  return is_connected;
}

static gboolean
is_free (guint16 port)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons (port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean is_bound = bind (fd, (struct sockaddr *) &address, sizeof address) == 0;

  close (fd);

  return is_bound;
}

/* The program binds it some time later. Until then the connections of other tests must not get it:
 * it is not one of those that systems give to a connection. */
static guint16
find_lasting_port (void)
{
  guint16 port;

  do
    port = (guint16) g_random_int_range (10000, 30000);
  while (!is_free (port));

  return port;
}

static void
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  *(gboolean *) user_data = TRUE;
}

/* Nothing reports that a program listens, so it is polled as long as it runs. */
static void
await_listening (Proxy *proxy)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  gboolean has_exited = FALSE;

  g_subprocess_wait_async (proxy->program, cancellable, exited_cb, &has_exited);

  while (!is_listening (proxy->port))
    {
      g_main_context_iteration (g_main_context_get_thread_default (), FALSE);
      g_assert_false (has_exited);
      g_usleep (2000);
    }

  g_cancellable_cancel (cancellable);
  while (!has_exited)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
}

/* The loader prints a warning and starts the program. */
static gboolean
can_show_users (void)
{
  g_autoptr(GSubprocessLauncher) launcher
    = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GSubprocess) program = NULL;
  g_autofree char *complaint = NULL;

  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", "libnss_wrapper.so", TRUE);
  program = g_subprocess_launcher_spawn (launcher, NULL, "true", NULL);
  g_assert_true (g_subprocess_communicate_utf8 (program, NULL, NULL, NULL, &complaint, NULL));

  return complaint == NULL || *complaint == '\0';
}

static gboolean
is_here (ProxyKind   kind,
         const char *program)  /* (nullable) */
{
  if (program == NULL)
    g_test_skip_printf ("%s is not installed", kinds[kind].program);
  else if (kind == PROXY_DANTE_PASSWORD && !can_show_users ())
    g_test_skip ("nss_wrapper is not installed");
  else if (g_str_equal (kinds[kind].program, "squid") && !g_file_test ("/dev/shm",
                                                                       G_FILE_TEST_IS_DIR))
    g_test_skip ("squid needs /dev/shm, which does not exist");
  else
    return TRUE;

  return FALSE;
}

/* Its children end with it, and it ends with a test that fails. */
static void
lead_a_group (gpointer data)
{
  setpgid (0, 0);
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGKILL);
#endif
}

gboolean
proxy_start (Proxy     *proxy,
             ProxyKind  kind)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GPtrArray) arguments = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *program = find_program (kinds[kind].program);

  if (!is_here (kind, program))
    return FALSE;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                        | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_set_child_setup (launcher, lead_a_group, NULL, NULL);
  proxy->folder = g_dir_make_tmp ("qnet-proxy-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (proxy->folder, 0755));
  proxy->port = find_lasting_port ();
  if (kind == PROXY_DANTE_PASSWORD)
    show_users (proxy, launcher);

  arguments = make_arguments (proxy, kind, g_steal_pointer (&program));
  proxy->program = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments->pdata,
                                                 &error);
  g_assert_no_error (error);
  proxy->group = (int) g_ascii_strtoll (g_subprocess_get_identifier (proxy->program), NULL, 10);
  await_listening (proxy);

  return TRUE;
}

/* The end */

static void
remove_folder (const char *path)
{
  GDir *folder = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }

  g_dir_close (folder);
  g_rmdir (path);
}

/* Its children cannot be waited for, and hold its port until they have ended. */
void
proxy_kill (Proxy *proxy)
{
  kill (-proxy->group, SIGKILL);
  g_assert_true (g_subprocess_wait (proxy->program, NULL, NULL));

  while (is_listening (proxy->port))
    g_usleep (2000);
}

void
proxy_stop (Proxy *proxy)
{
  proxy_kill (proxy);
  g_clear_object (&proxy->program);
  remove_folder (proxy->folder);
  g_clear_pointer (&proxy->folder, g_free);
}
