/* test-ssl-resumption.c: which sessions are resumed, and which are not
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <qnet/qnet.h>

#include "common/tls-fixture.h"

#define SERVER(object) QNET_TCP_SERVER (object)

typedef struct
{
  GMainContext  *context;  /* (owned) */
  QnetSslServer *server;   /* (owned) */
  QnetSslServer *other;    /* (owned): on another port, with the same certificate */
} Fixture;

#define await(fixture, condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration ((fixture)->context, TRUE); \
  } G_STMT_END

/* Sends a word to each client, and ends the connection. */
static void
new_connection_cb (QnetServer *server,
                   gpointer    user_data)
{
  g_autoptr(QnetSslSocket) socket =
    qnet_ssl_server_next_pending_connection (QNET_SSL_SERVER (server));

  qnet_io_device_write_string (DEVICE (socket), "welcome", NULL);
  qnet_abstract_socket_disconnect_from_host (ABSTRACT (socket));
}

static QnetSslServer *
new_server (void)
{
  g_autoptr(QnetHostAddress) address =
    qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_LOCAL_HOST);
  QnetSslServer *server = qnet_ssl_server_new ();
  GError *error = NULL;

  qnet_ssl_server_set_certificate_files (server, get_certificate_path ("server"), NULL, &error);
  g_assert_no_error (error);
  qnet_ssl_server_set_database_file (server, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);
  qnet_tcp_server_listen (SERVER (server), address, 0, &error);
  g_assert_no_error (error);
  g_signal_connect (server, "new-connection", G_CALLBACK (new_connection_cb), NULL);

  return server;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  g_main_context_push_thread_default (fixture->context);

  if (!has_tls ())
    return;

  fixture->server = new_server ();
  fixture->other = new_server ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->server);
  g_clear_object (&fixture->other);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
}

/* (transfer full) */
static QnetSslSocket *
new_client (void)
{
  QnetSslSocket *client = qnet_ssl_socket_new ();
  GError *error = NULL;

  qnet_ssl_socket_set_peer_verify_name (client, "localhost");
  qnet_ssl_socket_set_database_file (client, get_certificate_path ("ca"), &error);
  g_assert_no_error (error);

  return client;
}

/* Connects until the server has ended the connection. Returns whether it was a resumed one. */
static gboolean
connect_client (Fixture       *fixture,
                QnetSslServer *server,
                QnetSslSocket *client)  /* (transfer full) */
{
  G_GNUC_UNUSED g_autoptr(QnetSslSocket) owned = client;
  g_autoptr(GBytes) bytes = NULL;

  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1",
                                             qnet_tcp_server_get_server_port (SERVER (server)));
  await (fixture, qnet_socket_get_state (QNET_SOCKET (client)) == QNET_SOCKET_STATE_UNCONNECTED);
  bytes = qnet_io_device_read_bytes (DEVICE (client), 100);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "welcome", 7);

  return qnet_ssl_socket_is_session_reused (client);
}

static void
test_both (Fixture       *fixture,
           gconstpointer  data)
{
  g_test_summary ("The second connection of a client resumes the session of the first, and so on.");

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
}

static void
abort_cb (QnetSslSocket *client,
          gpointer       user_data)
{
  qnet_socket_abort (QNET_SOCKET (client));
}

static void
test_closed_early (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr(QnetSslSocket) hasty = new_client ();
  guint16 port = qnet_tcp_server_get_server_port (SERVER (fixture->server));

  g_test_summary ("A client that ends the connection immediately after its handshake has no ticket "
                  "yet: the next handshake is a whole one.");

  g_signal_connect (hasty, "encrypted", G_CALLBACK (abort_cb), NULL);
  qnet_ssl_socket_connect_to_host_encrypted (hasty, "127.0.0.1", port);
  await (fixture, qnet_socket_get_state (QNET_SOCKET (hasty)) == QNET_SOCKET_STATE_UNCONNECTED);
  g_assert_null (qnet_ssl_socket_get_session_ticket (hasty));

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
}

/* What is different in the second connection */

static void
change_name (QnetSslSocket *client)
{
  qnet_ssl_socket_set_peer_verify_name (client, "127.0.0.1");
}

static void
change_authorities (QnetSslSocket *client)
{
  qnet_ssl_socket_set_database_file (client, get_certificate_path ("other-ca"), NULL);
  qnet_ssl_socket_ignore_ssl_errors (client);
}

static void
change_certificate (QnetSslSocket *client)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("client");

  qnet_ssl_socket_set_certificate (client, certificate, NULL);
}

static void
change_protocols (QnetSslSocket *client)
{
  const char *const protocols[] = { "h2", NULL };

  qnet_ssl_socket_set_advertised_protocols (client, protocols);
}

static void
change_verification (QnetSslSocket *client)
{
  qnet_ssl_socket_set_peer_verify_mode (client, QNET_SSL_PEER_VERIFY_MODE_NONE);
}

static void
change_minimum (QnetSslSocket *client)
{
  g_autoptr(QnetSslConfiguration) next = NULL;
  GError *error = NULL;

  next = qnet_ssl_configuration_with_minimum_version
    (qnet_ssl_socket_get_ssl_configuration (client), G_TLS_PROTOCOL_VERSION_TLS_1_2, &error);
  g_assert_no_error (error);
  qnet_ssl_socket_set_ssl_configuration (client, next);
}

static void
change_priority (QnetSslSocket *client)
{
  g_autoptr(QnetSslConfiguration) next = NULL;
  GError *error = NULL;

  next = qnet_ssl_configuration_with_priority
    (qnet_ssl_socket_get_ssl_configuration (client), "NORMAL:-GROUP-X448", &error);
  g_assert_no_error (error);
  qnet_ssl_socket_set_ssl_configuration (client, next);
}

static void
test_other_client (Fixture       *fixture,
                   gconstpointer  data)
{
  void (*change) (QnetSslSocket *) = (void (*) (QnetSslSocket *)) data;
  QnetSslSocket *client;

  g_test_summary ("A client with another setting does not resume a session, and the session is "
                  "kept for a client with the first one.");

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  client = new_client ();
  change (client);
  g_assert_false (connect_client (fixture, fixture->server, client));
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
}

/* Channel bindings */

static void
save_binding_cb (QnetSslSocket  *socket,
                 GBytes        **binding)
{
  GError *error = NULL;

  g_clear_pointer (binding, g_bytes_unref);
  *binding = qnet_ssl_socket_get_channel_binding
    (socket, G_TLS_CHANNEL_BINDING_TLS_SERVER_END_POINT, &error);
  g_assert_no_error (error);
}

static void
handshake_started_cb (QnetSslServer  *server,
                      QnetSslSocket  *socket,
                      GBytes        **binding)
{
  g_signal_connect (socket, "encrypted", G_CALLBACK (save_binding_cb), binding);
}

static void
test_end_point (Fixture       *fixture,
                gconstpointer  priority)
{
  g_autoptr(QnetSslConfiguration) next = NULL;
  g_autoptr(GBytes) near = NULL;
  g_autoptr(GBytes) far = NULL;

  g_test_summary ("Both sides of a resumed session get the channel binding that identifies the "
                  "certificate of the server.");

  next = qnet_ssl_configuration_with_priority
    (qnet_ssl_server_get_ssl_configuration (fixture->server), priority, NULL);
  qnet_ssl_server_set_ssl_configuration (fixture->server, next);
  g_signal_connect (fixture->server, "started-encryption-handshake",
                    G_CALLBACK (handshake_started_cb), &far);

  for (guint i = 0; i < 2; i++)
    {
      QnetSslSocket *client = new_client ();

      g_signal_connect (client, "encrypted", G_CALLBACK (save_binding_cb), &near);
      g_assert_true (connect_client (fixture, fixture->server, client) == (i == 1));
      g_assert_true (g_bytes_equal (near, far));
    }
}

static void
test_other_port (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Another port is another server.");

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  g_assert_false (connect_client (fixture, fixture->other, new_client ()));
}

static void
test_once (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_resumed = 0;

  g_test_summary ("Clients that connect at the same time resume different sessions: there are no "
                  "more than the server has sent tickets.");

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));

  for (guint i = 0; i < 8; i++)
    {
      QnetSslSocket *client = new_client ();

      g_ptr_array_add (clients, client);
      qnet_ssl_socket_connect_to_host_encrypted (
        client, "127.0.0.1", qnet_tcp_server_get_server_port (SERVER (fixture->server)));
    }

  for (guint i = 0; i < clients->len; i++)
    {
      QnetSslSocket *client = clients->pdata[i];

      await (fixture, qnet_ssl_socket_is_encrypted (client)
                      || qnet_io_device_get_bytes_available (DEVICE (client)) > 0);
      n_resumed += qnet_ssl_socket_is_session_reused (client);
    }

  g_assert_cmpuint (n_resumed, >=, 1);
  g_assert_cmpuint (n_resumed, <=, 4);
}

/* Tickets of the program */

/* (transfer full): what another protocol makes another origin of, so that nothing is in the cache
 * of this thread for it */
static QnetSslSocket *
new_other_client (GBytes   *ticket,   /* (nullable) */
                  gboolean  resumes)
{
  QnetSslSocket *client = new_client ();
  g_autoptr(QnetSslConfiguration) with_ticket = NULL;
  g_autoptr(QnetSslConfiguration) next = NULL;

  change_protocols (client);
  with_ticket = qnet_ssl_configuration_with_session_ticket
    (qnet_ssl_socket_get_ssl_configuration (client), ticket);
  next = qnet_ssl_configuration_with_session_tickets (with_ticket, resumes);
  qnet_ssl_socket_set_ssl_configuration (client, next);

  return client;
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *count)
{
  (*count)++;
}

static void
test_own_ticket (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr(QnetSslSocket) first = new_client ();
  g_autoptr(GBytes) ticket = NULL;
  guint n = 0;

  g_test_summary ("A ticket that the program has kept resumes a session, once the connection that "
                  "it came from has ended; without it, the handshake is a whole one.");

  g_signal_connect (first, "notify::session-ticket", G_CALLBACK (count_cb), &n);
  g_assert_null (qnet_ssl_socket_get_session_ticket (first));
  g_assert_false (connect_client (fixture, fixture->server, g_object_ref (first)));
  g_assert_cmpuint (n, ==, 1);
  ticket = g_bytes_ref (qnet_ssl_socket_get_session_ticket (first));

  g_assert_true (connect_client (fixture, fixture->server, new_other_client (ticket, TRUE)));
  g_assert_false (connect_client (fixture, fixture->other, new_other_client (ticket, TRUE)));
}

static void
test_own_ticket_once (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetSslSocket) first = new_client ();
  g_autoptr(QnetSslSocket) second = NULL;
  g_autoptr(QnetSslConfiguration) next = NULL;

  g_test_summary ("A socket offers a ticket of the program once. After that it resumes as others "
                  "do.");

  g_assert_false (connect_client (fixture, fixture->server, g_object_ref (first)));
  second = new_other_client (qnet_ssl_socket_get_session_ticket (first), TRUE);
  g_assert_true (connect_client (fixture, fixture->server, g_object_ref (second)));

  /* From now on its ticket is no good, and there is another one in the cache. */
  next = qnet_ssl_configuration_with_minimum_version
    (qnet_ssl_server_get_ssl_configuration (fixture->server), G_TLS_PROTOCOL_VERSION_TLS_1_3, NULL);
  qnet_ssl_server_set_ssl_configuration (fixture->server, next);
  connect_client (fixture, fixture->server, new_other_client (NULL, TRUE));

  g_assert_true (connect_client (fixture, fixture->server, g_object_ref (second)));
}

static void
test_invalid_ticket (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GBytes) ticket = g_bytes_new ("nonsense", 8);

  g_test_summary ("Bytes that are no ticket are ignored.");

  g_assert_false (connect_client (fixture, fixture->server, new_other_client (ticket, TRUE)));
}

static void
test_without_tickets (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr(QnetSslConfiguration) next = qnet_ssl_configuration_with_session_tickets
    (qnet_ssl_server_get_ssl_configuration (fixture->server), FALSE);
  g_autoptr(QnetSslSocket) client = new_client ();

  g_test_summary ("A client that does not resume sessions keeps none; a server that does not sends "
                  "no tickets.");

  g_assert_false (connect_client (fixture, fixture->other, new_other_client (NULL, FALSE)));
  g_assert_false (connect_client (fixture, fixture->other, new_other_client (NULL, TRUE)));
  g_assert_false (connect_client (fixture, fixture->other, new_other_client (NULL, FALSE)));

  qnet_ssl_server_set_ssl_configuration (fixture->server, next);
  g_assert_false (connect_client (fixture, fixture->server, g_object_ref (client)));
  g_assert_null (qnet_ssl_socket_get_session_ticket (client));
}

static void
test_changed_server (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr(GTlsCertificate) certificate = load_certificate ("rsa");

  g_test_summary ("A server whose certificate has changed resumes nothing from before.");

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  qnet_ssl_server_set_certificate (fixture->server, certificate, NULL);
  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
}

/* A database that changes its mind */

#define TEST_TYPE_DATABASE (test_database_get_type ())
G_DECLARE_FINAL_TYPE (TestDatabase, test_database, TEST, DATABASE, GTlsDatabase)

struct _TestDatabase
{
  GTlsDatabase         parent_instance;

  GTlsCertificateFlags errors;
  int                  n_asked;  /* (atomic) */
};

G_DEFINE_FINAL_TYPE (TestDatabase, test_database, G_TYPE_TLS_DATABASE)

static GTlsCertificateFlags
verify_chain (GTlsDatabase             *database,
              GTlsCertificate          *chain,
              const char               *purpose,
              GSocketConnectable       *identity,
              GTlsInteraction          *interaction,
              GTlsDatabaseVerifyFlags   flags,
              GCancellable             *cancellable,
              GError                  **error)
{
  TestDatabase *self = TEST_DATABASE (database);

  g_assert_cmpstr (purpose, ==, G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER);
  g_atomic_int_inc (&self->n_asked);

  return self->errors;
}

static void
test_database_class_init (TestDatabaseClass *klass)
{
  G_TLS_DATABASE_CLASS (klass)->verify_chain = verify_chain;
}

static void
test_database_init (TestDatabase *self)
{
}

static void
test_verified_again (Fixture       *fixture,
                     gconstpointer  data)
{
  TestDatabase *database = g_object_new (TEST_TYPE_DATABASE, NULL);
  QnetSslSocket *client = new_client ();

  g_test_summary ("The certificate of a resumed session is verified again, and may be refused "
                  "then.");

  qnet_ssl_socket_set_database (client, G_TLS_DATABASE (database));
  g_assert_false (connect_client (fixture, fixture->server, client));

  client = new_client ();
  qnet_ssl_socket_set_database (client, G_TLS_DATABASE (database));
  g_assert_true (connect_client (fixture, fixture->server, client));
  g_assert_cmpint (g_atomic_int_get (&database->n_asked), ==, 2);

  database->errors = G_TLS_CERTIFICATE_REVOKED;
  client = new_client ();
  qnet_ssl_socket_set_database (client, G_TLS_DATABASE (database));
  qnet_ssl_socket_connect_to_host_encrypted (
    client, "127.0.0.1", qnet_tcp_server_get_server_port (SERVER (fixture->server)));
  await (fixture, qnet_socket_get_state (QNET_SOCKET (client)) == QNET_SOCKET_STATE_UNCONNECTED);
  tls_fixture_assert_error (client, QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED,
                            "*The certificate has been revoked");
  g_assert_nonnull (qnet_ssl_socket_get_peer_certificate (client));
  g_object_unref (client);
  g_object_unref (database);
}

/* A client in another thread, with a loop of its own */
static gboolean
connect_in_thread (guint16 port)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(QnetSslSocket) client = NULL;
  gboolean is_reused;

  g_main_context_push_thread_default (context);
  client = new_client ();
  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1", port);
  while (qnet_socket_get_state (QNET_SOCKET (client)) != QNET_SOCKET_STATE_UNCONNECTED)
    g_main_context_iteration (context, TRUE);
  is_reused = qnet_ssl_socket_is_session_reused (client);
  g_clear_object (&client);
  g_main_context_pop_thread_default (context);

  return is_reused;
}

typedef struct
{
  guint16       port;
  int           result;   /* (atomic) */
  GMainContext *context;  /* (not owned) */
} Attempt;

static gpointer
thread_main (gpointer data)
{
  Attempt *attempt = data;

  g_atomic_int_set (&attempt->result, connect_in_thread (attempt->port) ? 1 : 2);
  g_main_context_wakeup (attempt->context);

  return NULL;
}

static void
test_other_thread (Fixture       *fixture,
                   gconstpointer  data)
{
  Attempt other = {
    qnet_tcp_server_get_server_port (SERVER (fixture->server)), 0, fixture->context
  };
  GThread *thread;

  g_test_summary ("A session of one thread is not resumed by another one.");

  g_assert_false (connect_client (fixture, fixture->server, new_client ()));
  thread = g_thread_new ("client", thread_main, &other);
  await (fixture, g_atomic_int_get (&other.result) != 0);
  g_thread_join (thread);
  g_assert_cmpint (other.result, ==, 2);
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
}

/* Another thread that reads the connection */

/* After the end of the peer the rest would be read although reading is paused. */
static void
keep_connection_cb (QnetServer     *server,
                    QnetSslSocket **kept)
{
  *kept = qnet_ssl_server_next_pending_connection (QNET_SSL_SERVER (server));
  qnet_io_device_write_string (DEVICE (*kept), "welcome", NULL);
}

static gpointer
read_in_thread (gpointer data)
{
  char welcome[7];
  GError *error = NULL;

  g_input_stream_read_all (data, welcome, sizeof welcome, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (welcome, sizeof welcome, "welcome", 7);

  return NULL;
}

/* Another thread reads what comes after the handshake. */
static void
connect_and_read_elsewhere (Fixture       *fixture,
                            QnetSslSocket *client)
{
  g_autoptr(QnetSslSocket) kept = NULL;

  g_signal_handlers_disconnect_by_func (fixture->server, new_connection_cb, NULL);
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (keep_connection_cb), &kept);
  g_signal_connect (client, "encrypted", G_CALLBACK (qnet_socket_pause_reading), NULL);
  qnet_ssl_socket_connect_to_host_encrypted (client, "127.0.0.1",
                                             qnet_tcp_server_get_server_port
                                               (SERVER (fixture->server)));
  await (fixture, kept != NULL);
  while (g_main_context_iteration (fixture->context, FALSE))
    continue;

  qnet_socket_resume_reading (QNET_SOCKET (client));
  g_thread_join (g_thread_new ("reader", read_in_thread,
                               g_io_stream_get_input_stream (G_IO_STREAM (client))));
  g_assert_nonnull (qnet_ssl_socket_get_session_ticket (client));

  g_signal_handlers_disconnect_by_func (fixture->server, keep_connection_cb, &kept);
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (new_connection_cb), NULL);
}

static void
test_stream_elsewhere (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr(QnetSslSocket) client = new_client ();

  g_test_summary ("A ticket that arrives while another thread reads is kept for the thread of the "
                  "socket.");

  connect_and_read_elsewhere (fixture, client);
  g_assert_true (connect_client (fixture, fixture->server, new_client ()));
}

/* More than there are sessions, which is the most that are kept of all origins */
#define N_ORIGINS 140

typedef struct
{
  GInputStream *input;  /* (owned): of the latest client */
  GThread      *owner;
  guint         n_dropped;
} Dropping;

static gpointer
look_in_thread (gpointer input)
{
  g_pollable_input_stream_is_readable (input);

  return NULL;
}

static void
dropped_cb (gpointer  data,
            GObject  *database)
{
  Dropping *dropping = data;

  g_assert_true (g_thread_self () == dropping->owner);
  dropping->n_dropped++;
  g_thread_join (g_thread_new ("looker", look_in_thread, dropping->input));
}

static void
connect_with_own_database (Fixture  *fixture,
                           Dropping *dropping)
{
  g_autoptr(QnetSslSocket) client = new_client ();
  g_autoptr(GObject) database = g_object_new (TEST_TYPE_DATABASE, NULL);

  g_object_weak_ref (database, dropped_cb, dropping);
  qnet_ssl_socket_set_database (client, G_TLS_DATABASE (database));
  g_clear_object (&database);
  g_set_object (&dropping->input, g_io_stream_get_input_stream (G_IO_STREAM (client)));
  connect_and_read_elsewhere (fixture, client);
}

static void
test_surplus_elsewhere (Fixture       *fixture,
                        gconstpointer  data)
{
  Dropping *dropping = g_new0 (Dropping, 1);  /* the sessions of this thread outlive the test */

  g_test_summary ("A ticket that arrives while another thread reads displaces a session of another "
                  "database, which the thread of the socket drops, outside of the socket.");

  dropping->owner = g_thread_self ();
  for (guint i = 0; i < N_ORIGINS; i++)
    connect_with_own_database (fixture, dropping);

  g_assert_cmpuint (dropping->n_dropped, >, 0);
}

typedef struct
{
  void         (*func) (Fixture *, gconstpointer);
  gconstpointer  data;
} Test;

static void
run (Fixture       *fixture,
     gconstpointer  data)
{
  const Test *test = data;

  if (fixture->server != NULL)
    test->func (fixture, test->data);
}

static void
add (const char    *path,
     void         (*func) (Fixture *, gconstpointer),
     gconstpointer  data)
{
  static Test tests[32];
  static guint n_tests = 0;

  g_assert_cmpuint (n_tests, <, G_N_ELEMENTS (tests));
  tests[n_tests] = (Test) { func, data };
  g_test_add (path, Fixture, &tests[n_tests++], set_up, run, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("/ssl-resumption/both", test_both, NULL);
  add ("/ssl-resumption/closed-early", test_closed_early, NULL);
  add ("/ssl-resumption/not/name", test_other_client, change_name);
  add ("/ssl-resumption/not/authorities", test_other_client, change_authorities);
  add ("/ssl-resumption/not/certificate", test_other_client, change_certificate);
  add ("/ssl-resumption/not/protocols", test_other_client, change_protocols);
  add ("/ssl-resumption/not/verification", test_other_client, change_verification);
  add ("/ssl-resumption/not/minimum-version", test_other_client, change_minimum);
  add ("/ssl-resumption/not/priority", test_other_client, change_priority);
  add ("/ssl-resumption/end-point/1.2", test_end_point, "NORMAL:-VERS-TLS1.3");
  add ("/ssl-resumption/end-point/1.3", test_end_point, "NORMAL");
  add ("/ssl-resumption/not/port", test_other_port, NULL);
  add ("/ssl-resumption/once", test_once, NULL);
  add ("/ssl-resumption/ticket/own", test_own_ticket, NULL);
  add ("/ssl-resumption/ticket/once", test_own_ticket_once, NULL);
  add ("/ssl-resumption/ticket/invalid", test_invalid_ticket, NULL);
  add ("/ssl-resumption/ticket/off", test_without_tickets, NULL);
  add ("/ssl-resumption/changed-server", test_changed_server, NULL);
  add ("/ssl-resumption/verified-again", test_verified_again, NULL);
  add ("/ssl-resumption/other-thread", test_other_thread, NULL);
  add ("/ssl-resumption/stream-elsewhere", test_stream_elsewhere, NULL);
  add ("/ssl-resumption/surplus-elsewhere", test_surplus_elsewhere, NULL);

  return g_test_run ();
}
