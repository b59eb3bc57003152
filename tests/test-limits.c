/* test-limits.c: what numbers the properties take
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet.h"

/* Every number that can be set, with the least and the most that makes sense: check-gir.py among
 * the bindings' tests finds the ones that are missing. */
typedef struct
{
  GType      (*get_type) (void);
  const char  *name;
  GCallback    setter;
  gint64       least;
  gint64       most;
} Limit;

#define SETTER(function) G_CALLBACK (function)

static const Limit limits[] = {
  { qnet_dns_lookup_get_type, "type-number",
    SETTER (qnet_dns_lookup_set_type_number), 1, G_MAXUINT16 },
  { qnet_dns_lookup_get_type, "nameserver-port",
    SETTER (qnet_dns_lookup_set_nameserver_port), 1, G_MAXUINT16 },
  { qnet_dns_lookup_get_type, "timeout",
    SETTER (qnet_dns_lookup_set_timeout), 0, G_MAXINT },

  { qnet_reconnector_get_type, "min-delay",
    SETTER (qnet_reconnector_set_min_delay), 0, G_MAXINT },
  { qnet_reconnector_get_type, "max-delay",
    SETTER (qnet_reconnector_set_max_delay), 0, G_MAXINT },
  { qnet_reconnector_get_type, "max-attempts",
    SETTER (qnet_reconnector_set_max_attempts), 0, G_MAXINT },
  { qnet_reconnector_get_type, "stable-time",
    SETTER (qnet_reconnector_set_stable_time), 0, G_MAXINT },

  { qnet_dtls_get_type, "mtu-hint",
    SETTER (qnet_dtls_set_mtu_hint), 0, G_MAXUINT16 },

  { qnet_tcp_socket_get_type, "read-buffer-size",
    SETTER (qnet_io_device_set_read_buffer_size), 0, G_MAXINT64 },
  { qnet_tcp_socket_get_type, "unsent-limit",
    SETTER (qnet_io_device_set_unsent_limit), 0, G_MAXINT64 },
  { qnet_tcp_socket_get_type, "write-buffer-high-water",
    SETTER (qnet_io_device_set_write_buffer_high_water), 0, G_MAXINT64 },
  { qnet_tcp_socket_get_type, "write-buffer-low-water",
    SETTER (qnet_io_device_set_write_buffer_low_water), 0, G_MAXINT64 },

  { qnet_tcp_socket_get_type, "lookup-timeout",
    SETTER (qnet_abstract_socket_set_lookup_timeout), 0, G_MAXINT },
  { qnet_tcp_socket_get_type, "connect-timeout",
    SETTER (qnet_socket_set_connect_timeout), 0, G_MAXINT },
  { qnet_tcp_socket_get_type, "idle-timeout",
    SETTER (qnet_socket_set_idle_timeout), 0, G_MAXINT },
  { qnet_tcp_socket_get_type, "close-timeout",
    SETTER (qnet_socket_set_close_timeout), 0, G_MAXINT },
  { qnet_tcp_socket_get_type, "connection-attempt-delay",
    SETTER (qnet_abstract_socket_set_connection_attempt_delay), 0, G_MAXINT },
  { qnet_tcp_socket_get_type, "keep-alive-idle",
    SETTER (qnet_abstract_socket_set_keep_alive_idle), 0, 32767 },
  { qnet_tcp_socket_get_type, "keep-alive-interval",
    SETTER (qnet_abstract_socket_set_keep_alive_interval), 0, 32767 },
  { qnet_tcp_socket_get_type, "keep-alive-count",
    SETTER (qnet_abstract_socket_set_keep_alive_count), 0, 127 },
  { qnet_tcp_socket_get_type, "user-timeout",
    SETTER (qnet_abstract_socket_set_user_timeout), 0, G_MAXINT },
  { qnet_ssl_socket_get_type, "handshake-timeout",
    SETTER (qnet_ssl_socket_set_handshake_timeout), 0, G_MAXINT },

  { qnet_local_socket_get_type, "connect-timeout",
    SETTER (qnet_socket_set_connect_timeout), 0, G_MAXINT },
  { qnet_local_socket_get_type, "idle-timeout",
    SETTER (qnet_socket_set_idle_timeout), 0, G_MAXINT },
  { qnet_local_socket_get_type, "close-timeout",
    SETTER (qnet_socket_set_close_timeout), 0, G_MAXINT },
  { qnet_local_socket_get_type, "fd-limit",
    SETTER (qnet_local_socket_set_fd_limit), 0, 253 },

  { qnet_tcp_server_get_type, "max-pending-connections",
    SETTER (qnet_server_set_max_pending_connections), 1, G_MAXINT },
  { qnet_tcp_server_get_type, "max-connections",
    SETTER (qnet_server_set_max_connections), 0, G_MAXINT },
  { qnet_tcp_server_get_type, "max-connections-per-address",
    SETTER (qnet_server_set_max_connections_per_address), 0, G_MAXINT },
  { qnet_tcp_server_get_type, "proxy-header-timeout",
    SETTER (qnet_tcp_server_set_proxy_header_timeout), 0, G_MAXINT },
  { qnet_tcp_server_get_type, "ipv4-prefix-length",
    SETTER (qnet_server_set_ipv4_prefix_length), 0, 32 },
  { qnet_tcp_server_get_type, "ipv6-prefix-length",
    SETTER (qnet_server_set_ipv6_prefix_length), 0, 128 },
  { qnet_tcp_server_get_type, "listen-backlog-size",
    SETTER (qnet_server_set_listen_backlog_size), 0, G_MAXINT },
  { qnet_tcp_server_get_type, "read-buffer-size",
    SETTER (qnet_server_set_read_buffer_size), 0, G_MAXINT64 },
  { qnet_tcp_server_get_type, "unsent-limit",
    SETTER (qnet_server_set_unsent_limit), 0, G_MAXINT64 },
  { qnet_tcp_server_get_type, "idle-timeout",
    SETTER (qnet_server_set_idle_timeout), 0, G_MAXINT },
  { qnet_tcp_server_get_type, "write-buffer-high-water",
    SETTER (qnet_server_set_write_buffer_high_water), 0, G_MAXINT64 },
  { qnet_tcp_server_get_type, "write-buffer-low-water",
    SETTER (qnet_server_set_write_buffer_low_water), 0, G_MAXINT64 },
  { qnet_ssl_server_get_type, "handshake-timeout",
    SETTER (qnet_ssl_server_set_handshake_timeout), 0, G_MAXINT },
  { qnet_ssl_server_get_type, "max-handshakes",
    SETTER (qnet_ssl_server_set_max_handshakes), 0, G_MAXINT },
  { qnet_local_server_get_type, "fd-limit",
    SETTER (qnet_local_server_set_fd_limit), 0, 253 },
};

/* Numbers of any type */

static GValue
new_value (GParamSpec *pspec,
           gint64      number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);

  if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (&value, (int) number);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (&value, (guint) number);
  else
    g_value_set_int64 (&value, number);

  return value;
}

static gint64
get_number (GObject    *object,
            GParamSpec *pspec)
{
  GValue value = new_value (pspec, 0);

  g_object_get_property (object, pspec->name, &value);

  if (G_IS_PARAM_SPEC_INT (pspec))
    return g_value_get_int (&value);

  if (G_IS_PARAM_SPEC_UINT (pspec))
    return g_value_get_uint (&value);

  return g_value_get_int64 (&value);
}

static void
set_by_property (GObject     *object,
                 const Limit *limit,
                 GParamSpec  *pspec,
                 gint64       number)
{
  const GValue value = new_value (pspec, number);

  g_object_set_property (object, limit->name, &value);
}

static void
set_by_setter (GObject     *object,
               const Limit *limit,
               GParamSpec  *pspec,
               gint64       number)
{
  if (G_IS_PARAM_SPEC_INT64 (pspec))
    ((void (*) (GObject *, gint64)) limit->setter) (object, number);
  else if (G_IS_PARAM_SPEC_INT (pspec))
    ((void (*) (GObject *, int)) limit->setter) (object, (int) number);
  else if (limit->most == G_MAXUINT16)
    ((void (*) (GObject *, guint16)) limit->setter) (object, (guint16) number);
  else
    ((void (*) (GObject *, guint)) limit->setter) (object, (guint) number);
}

typedef void (*Set) (GObject     *object,
                     const Limit *limit,
                     GParamSpec  *pspec,
                     gint64       number);

static const Set ways[] = { set_by_property, set_by_setter };

/* What is refused */

static guint n_complaints;

static void
complained_cb (const char     *domain,
               GLogLevelFlags  level,
               const char     *message,
               gpointer        user_data)
{
  n_complaints++;
}

static void
assert_refused (GObject     *object,
                const Limit *limit,
                GParamSpec  *pspec,
                gint64       number)
{
  gint64 before = get_number (object, pspec);

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      if (ways[i] == set_by_setter && limit->most == G_MAXUINT16 && number > G_MAXUINT16)
        continue;

      n_complaints = 0;
      ways[i] (object, limit, pspec, number);
      g_assert_cmpuint (n_complaints, ==, 1);
      g_assert_cmpint (get_number (object, pspec), ==, before);
    }
}

static gint64
get_greatest (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    return G_MAXINT;

  return G_IS_PARAM_SPEC_UINT (pspec) ? (gint64) G_MAXUINT : G_MAXINT64;
}

static gint64
get_smallest (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    return G_MININT;

  return G_IS_PARAM_SPEC_UINT (pspec) ? 0 : G_MININT64;
}

static void
test_refused (gconstpointer data)
{
  const Limit *limit = data;
  g_autoptr(GObject) object = g_object_new (limit->get_type (), NULL);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), limit->name);
  gint64 smallest = get_smallest (pspec), greatest = get_greatest (pspec);

  g_test_summary ("A number that cannot work is refused, with a message, and changes nothing.");

  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_default_handler (complained_cb, NULL);

  if (smallest < limit->least)
    {
      assert_refused (object, limit, pspec, limit->least - 1);
      assert_refused (object, limit, pspec, smallest);
    }

  if (greatest > limit->most)
    {
      assert_refused (object, limit, pspec, limit->most + 1);
      assert_refused (object, limit, pspec, greatest);
    }

  g_log_set_default_handler (g_log_default_handler, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
}

/* What is taken */

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  ++*(guint *) user_data;
}

/* A device counts in gsize: on a system with 32 bits, more than the address space is all of it. */
static gint64
as_kept (GObject *object,
         gint64   number)
{
  if (QNET_IS_IO_DEVICE (object) && (guint64) MAX (number, 0) > G_MAXSIZE)
    return (gint64) MIN ((guint64) G_MAXSIZE, G_MAXINT64);

  return number;
}

static void
test_taken (gconstpointer data)
{
  const Limit *limit = data;
  g_autofree char *notification = g_strdup_printf ("notify::%s", limit->name);

  g_test_summary ("The least and the most number are taken, by the property and by its setter, and "
                  "each change notifies once.");

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(GObject) object = g_object_new (limit->get_type (), NULL);
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), limit->name);
      const gint64 numbers[] = { limit->least, limit->most };
      guint n_changes = 0, n_expected = 0;

      g_signal_connect (object, notification, G_CALLBACK (count_cb), &n_changes);

      for (gsize k = 0; k < G_N_ELEMENTS (numbers); k++)
        {
          gint64 kept = as_kept (object, numbers[k]);

          n_expected += get_number (object, pspec) != kept;
          ways[i] (object, limit, pspec, numbers[k]);
          ways[i] (object, limit, pspec, numbers[k]);
          g_assert_cmpint (get_number (object, pspec), ==, kept);
          g_assert_cmpuint (n_changes, ==, n_expected);
        }
    }
}

static void
add (const Limit   *limit,
     const char    *promise,
     GTestDataFunc  function)
{
  g_autofree char *path = g_strdup_printf ("/limits/%s/%s/%s", g_type_name (limit->get_type ()),
                                           limit->name, promise);

  g_test_add_data_func (path, limit, function);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      add (&limits[i], "refuses-what-cannot-work", test_refused);
      add (&limits[i], "takes-least-and-most", test_taken);
    }

  return g_test_run ();
}
