/* test-stream-protocols.c: GIO's TLS and D-Bus over a socket, from its thread and from others
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#include <string.h>

#include "common/bytes.h"
#include "common/isolated.h"
#include "common/stream-rig.h"
#include "common/temp-folder.h"
#include "common/tls-fixture.h"

/* Bytes each way in a TLS connection */
#define SIZE 60000

enum
{
  BLOCKING,
  ASYNC,
};

/* TLS */

static GIOStream *
new_client (GIOStream *base)
{
  GError *error = NULL;
  g_autoptr(GSocketConnectable) identity = g_network_address_new ("localhost", 443);
  g_autoptr(GTlsDatabase) database = g_tls_file_database_new (get_certificate_path ("ca"), &error);
  GIOStream *client;

  g_assert_no_error (error);
  client = g_tls_client_connection_new (base, identity, &error);
  g_assert_no_error (error);
  g_tls_connection_set_database (G_TLS_CONNECTION (client), database);

  return client;
}

static GIOStream *
new_server (GIOStream *base)
{
  GError *error = NULL;
  g_autoptr(GTlsCertificate) certificate = load_certificate ("server");
  GIOStream *server = g_tls_server_connection_new (base, certificate, &error);

  g_assert_no_error (error);

  return server;
}

static void
begin_handshake (GIOStream     *tls,
                 GAsyncResult **place)
{
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, NULL,
                                    place_result_cb, place);
}

static void
finish_handshake (GIOStream     *tls,
                  GAsyncResult **place)
{
  g_autoptr(GAsyncResult) result = place_await (place);
  GError *error = NULL;

  g_tls_connection_handshake_finish (G_TLS_CONNECTION (tls), result, &error);
  g_assert_no_error (error);
}

/* From one to the other, both in this thread */
static void
pass_async (GIOStream *from,
            GIOStream *to,
            GBytes    *bytes)
{
  GInputStream *input = g_io_stream_get_input_stream (to);
  GOutputStream *output = g_io_stream_get_output_stream (from);
  g_autofree char *buffer = g_malloc (SIZE);
  g_autoptr(GAsyncResult) read = NULL;
  g_autoptr(GAsyncResult) written = NULL;
  GAsyncResult *read_place = NULL, *written_place = NULL;
  GError *error = NULL;
  gsize n;

  g_input_stream_read_all_async (input, buffer, SIZE, G_PRIORITY_DEFAULT, NULL, place_result_cb,
                                 &read_place);
  g_output_stream_write_all_async (output, DATA (bytes), G_PRIORITY_DEFAULT, NULL, place_result_cb,
                                   &written_place);

  written = place_await (&written_place);
  g_output_stream_write_all_finish (output, written, &n, &error);
  g_assert_no_error (error);
  read = place_await (&read_place);
  g_input_stream_read_all_finish (input, read, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (bytes, NULL), SIZE);
}

/* The second one to close sends its close_notify to a peer that has closed. */
static void
ignore_broken_pipe (GError **error)
{
  if (g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    g_clear_error (error);

  g_assert_no_error (*error);
}

static void
close_first (GIOStream *stream,
             Rig       *rig)
{
  GError *error = NULL;

  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
  g_io_stream_close_finish (stream, rig_await (rig), &error);
  g_assert_no_error (error);
}

static void
close_second (GIOStream *stream,
              Rig       *rig)
{
  GError *error = NULL;

  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
  g_io_stream_close_finish (stream, rig_await (rig), &error);
  ignore_broken_pipe (&error);
}

static void
secure_async (Rig *rig)
{
  g_autoptr(GBytes) bytes = make_bytes (SIZE, rig->round);
  g_autoptr(GIOStream) client = NULL;
  g_autoptr(GIOStream) server = NULL;
  GAsyncResult *client_place = NULL, *server_place = NULL;

  if (!has_tls ())
    return;

  client = new_client (rig->stream);
  server = new_server (rig->far_stream);
  rig_step (rig, "handshakes, round");
  begin_handshake (client, &client_place);
  begin_handshake (server, &server_place);
  finish_handshake (client, &client_place);
  finish_handshake (server, &server_place);

  rig_step (rig, "bytes over TLS, round");
  pass_async (client, server, bytes);
  pass_async (server, client, bytes);

  rig_step (rig, "closing TLS, round");
  close_first (client, rig);
  close_second (server, rig);
  g_assert_true (g_io_stream_is_closed (rig->stream));
}

/* The other end is in a thread of its own, and blocks. */
static gpointer
echo_in_thread (gpointer data)
{
  GIOStream *tls = data;
  GInputStream *input = g_io_stream_get_input_stream (tls);
  GOutputStream *output = g_io_stream_get_output_stream (tls);
  GError *error = NULL;
  char buffer[4000];
  gssize n;

  while ((n = g_input_stream_read (input, buffer, sizeof buffer, NULL, &error)) > 0)
    {
      g_output_stream_write_all (output, buffer, (gsize) n, NULL, NULL, &error);
      g_assert_no_error (error);
    }

  g_assert_no_error (error);
  g_io_stream_close (tls, NULL, &error);
  ignore_broken_pipe (&error);

  return NULL;
}

static gpointer
handshake_and_echo_in_thread (gpointer tls)
{
  GError *error = NULL;

  g_tls_connection_handshake (tls, NULL, &error);
  g_assert_no_error (error);

  return echo_in_thread (tls);
}

static void
assert_echo (GIOStream *tls,
             GBytes    *bytes)
{
  gsize size = g_bytes_get_size (bytes);
  g_autofree char *buffer = g_malloc (size);
  GError *error = NULL;
  gsize n;

  g_output_stream_write_all (g_io_stream_get_output_stream (tls), DATA (bytes), NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (g_io_stream_get_input_stream (tls), buffer, size, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (buffer, n, g_bytes_get_data (bytes, NULL), size);
}

static void
secure_with_partner (Rig      *rig,
                     gboolean  is_server,
                     gboolean  begins_by_writing)
{
  g_autoptr(GBytes) bytes = make_bytes (2000, rig->round);
  g_autoptr(GIOStream) near = is_server ? new_server (rig->stream) : new_client (rig->stream);
  g_autoptr(GIOStream) far = is_server ? new_client (rig->far_stream)
                                       : new_server (rig->far_stream);
  RigPeer *partner = rig_run (begins_by_writing ? echo_in_thread : handshake_and_echo_in_thread,
                              far, rig);
  GAsyncResult *place = NULL;
  GError *error = NULL;

  rig_step (rig, "handshake, round");
  if (begins_by_writing)
    ;
  else if (rig->rig_case->argument == BLOCKING)
    g_tls_connection_handshake (G_TLS_CONNECTION (near), NULL, &error);
  else
    {
      begin_handshake (near, &place);
      finish_handshake (near, &place);
    }
  g_assert_no_error (error);

  rig_step (rig, "echo over TLS, round");
  for (guint i = 0; i < 5; i++)
    assert_echo (near, bytes);

  rig_step (rig, "closing TLS, round");
  g_io_stream_close (near, NULL, &error);
  g_assert_no_error (error);
  rig_join (partner);
}

static void
secure_client (Rig *rig)
{
  if (has_tls ())
    secure_with_partner (rig, FALSE, FALSE);
}

static void
secure_server (Rig *rig)
{
  if (has_tls ())
    secure_with_partner (rig, TRUE, FALSE);
}

static void
secure_by_writing (Rig *rig)
{
  if (has_tls ())
    secure_with_partner (rig, FALSE, TRUE);
}

/* The peer never answers. */
static gpointer
cancel_in_thread (gpointer cancellable)
{
  g_usleep (g_random_int_range (0, 2000));
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);

  return NULL;
}

static void
cancel_handshake (Rig *rig)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GIOStream) client = NULL;
  GError *error = NULL;

  if (!has_tls ())
    return;

  client = new_client (rig->stream);
  rig_run (cancel_in_thread, g_object_ref (cancellable), rig);
  if (rig->rig_case->argument == BLOCKING)
    g_tls_connection_handshake (G_TLS_CONNECTION (client), cancellable, &error);
  else
    {
      g_tls_connection_handshake_async (G_TLS_CONNECTION (client), G_PRIORITY_DEFAULT, cancellable,
                                        rig_result_cb, rig);
      g_tls_connection_handshake_finish (G_TLS_CONNECTION (client), rig_await (rig), &error);
    }

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
}

/* The streams of a QnetSslSocket during its handshake, which its thread performs meanwhile */

typedef struct
{
  TlsFixture    *fixture;
  gboolean       is_blocking;
  GInputStream  *input;
  GOutputStream *output;
  gint           is_done;      /* atomic */
} Asker;

static char *
ask (GDataInputStream *input,
     GOutputStream    *output,
     const char       *line,
     gboolean          is_blocking)
{
  GAsyncResult *place = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;
  char *answer;

  g_output_stream_write_all (output, line, strlen (line), NULL, NULL, &error);
  g_assert_no_error (error);

  if (is_blocking)
    return g_data_input_stream_read_line (input, NULL, NULL, NULL);

  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, place_result_cb, &place);
  result = place_await (&place);
  answer = g_data_input_stream_read_line_finish (input, result, NULL, &error);
  g_assert_no_error (error);

  return answer;
}

#define N_QUESTIONS 200

static gpointer
ask_in_thread (gpointer data)
{
  Asker *asker = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GDataInputStream) input = g_data_input_stream_new (asker->input);

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < N_QUESTIONS; i++)
    {
      g_autofree char *line = g_strdup_printf ("question %u\n", i);
      g_autofree char *answer = ask (input, asker->output, line, asker->is_blocking);

      g_assert_true (g_str_has_prefix (line, answer));
      g_assert_cmpuint (strlen (answer), ==, strlen (line) - 1);
    }
  g_main_context_pop_thread_default (context);

  g_clear_object (&input);
  g_atomic_int_set (&asker->is_done, TRUE);
  g_main_context_wakeup (asker->fixture->context);

  return NULL;
}

static void
return_bytes_cb (QnetIODevice *server)
{
  g_autoptr(GBytes) bytes = qnet_io_device_read_bytes (server, G_MAXSSIZE);

  qnet_io_device_write_bytes (server, bytes, NULL);
}

static void
use_during_handshake (TlsFixture    *fixture,
                      gconstpointer  data)
{
  Asker asker = { .fixture = fixture, .is_blocking = GPOINTER_TO_INT (data) == BLOCKING };
  GThread *thread;

  g_test_summary ("What another thread does with the streams of a QnetSslSocket during the "
                  "handshake waits for its end.");

  tls_fixture_start (fixture);
  g_signal_connect (fixture->server, "ready-read", G_CALLBACK (return_bytes_cb), NULL);
  asker.input = g_io_stream_get_input_stream (G_IO_STREAM (fixture->client));
  asker.output = g_io_stream_get_output_stream (G_IO_STREAM (fixture->client));

  thread = g_thread_new ("asker", ask_in_thread, &asker);
  tls_fixture_await (fixture, g_atomic_int_get (&asker.is_done));
  g_assert_true (tls_fixture_is_encrypted (fixture));
  g_thread_join (thread);
}

static gpointer
use_without_waiting (gpointer client)
{
  GIOStream *stream = client;
  GError *error = NULL;
  char byte;

  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream)), &byte, 1,
                     NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);

  g_io_stream_close (stream, NULL, &error);
  g_assert_no_error (error);

  return NULL;
}

static void
use_during_handshake_without_waiting (TlsFixture    *fixture,
                                      gconstpointer  data)
{
  g_test_summary ("Pollable reading and closing in another thread do not wait for the end of the "
                  "handshake.");

  tls_fixture_start (fixture);
  g_thread_join (g_thread_new ("user", use_without_waiting, fixture->client));
  tls_fixture_await_end (fixture);
  g_assert_false (tls_fixture_is_encrypted (fixture));
}

/* D-Bus, from one end to the other without a bus */

static const char introspection[] = "<node>"
                                    "  <interface name='org.example.Echo'>"
                                    "    <method name='Echo'>"
                                    "      <arg name='number' type='u' direction='in'/>"
                                    "      <arg name='text' type='s' direction='in'/>"
                                    "      <arg name='number' type='u' direction='out'/>"
                                    "      <arg name='text' type='s' direction='out'/>"
                                    "    </method>"
                                    "  </interface>"
                                    "</node>";

#define MAX_PENDING 5

typedef struct
{
  GDBusConnection *connection;  /* (owned) */
  guint            object;      /* its registration */
  guint            n_calls;     /* made */
  guint            n_replies;
  guint            n_answers;   /* given to the other */
  gboolean         is_closed;
} Party;

static const char *
choose_mechanism (Rig *rig)
{
  static const char *const mechanisms[] = { "ANONYMOUS", "DBUS_COOKIE_SHA1", "EXTERNAL" };

  return mechanisms[rig->rig_case->argument];
}

static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer,
                    const char        *mechanism,
                    const char        *wanted)
{
  return g_str_equal (mechanism, wanted);
}

static GDBusAuthObserver *
new_observer (Rig *rig)
{
  GDBusAuthObserver *observer = g_dbus_auth_observer_new ();

  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb),
                    (gpointer) choose_mechanism (rig));

  return observer;
}

#define SERVER_FLAGS \
  (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER \
   | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS)

#define GUID "0123456789abcdef0123456789abcdef"

static guint
get_n_calls (void)
{
  return isolated_is_long () ? 1000 : 50;
}

static void
answer_cb (GDBusConnection       *connection,
           const char            *sender,
           const char            *path,
           const char            *interface,
           const char            *method,
           GVariant              *arguments,
           GDBusMethodInvocation *invocation,
           gpointer               user_data)
{
  Party *party = user_data;

  party->n_answers++;
  g_dbus_method_invocation_return_value (invocation, arguments);
}

static void
closed_cb (GDBusConnection *connection,
           gboolean         remote_peer_vanished,
           const GError    *error,
           Party           *party)
{
  party->is_closed = TRUE;
}

static void
register_object (Party *party)
{
  static const GDBusInterfaceVTable vtable = { .method_call = answer_cb };
  g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  GError *error = NULL;

  party->object = g_dbus_connection_register_object (party->connection, "/echo",
                                                     node->interfaces[0], &vtable, party, NULL,
                                                     &error);
  g_assert_no_error (error);
  g_signal_connect (party->connection, "closed", G_CALLBACK (closed_cb), party);
  g_dbus_connection_start_message_processing (party->connection);
}

static char *
make_text (guint number)
{
  return g_strnfill (number * 41 % 3000, 't');
}

static void
check_reply (GVariant *reply,
             guint     expected)
{
  g_autofree char *text = make_text (expected);
  const char *replied;
  guint32 number;

  g_variant_get (reply, "(u&s)", &number, &replied);
  g_assert_cmpuint (number, ==, expected);
  g_assert_cmpstr (replied, ==, text);
  g_variant_unref (reply);
}

static void call_next (Party *party);

static void
reply_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Party *party = user_data;
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  g_assert_no_error (error);
  check_reply (reply, party->n_replies++);
  call_next (party);
}

/* Replies come in the order of the calls. */
static void
call_next (Party *party)
{
  while (party->n_calls < get_n_calls () && party->n_calls - party->n_replies < MAX_PENDING)
    {
      g_autofree char *text = make_text (party->n_calls);

      g_dbus_connection_call (party->connection, NULL, "/echo", "org.example.Echo", "Echo",
                              g_variant_new ("(us)", party->n_calls++, text), NULL,
                              G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, reply_cb, party);
    }
}

static void
call_blocking (Party *party)
{
  while (party->n_calls < get_n_calls ())
    {
      g_autofree char *text = make_text (party->n_calls);
      GError *error = NULL;
      GVariant *reply = g_dbus_connection_call_sync (party->connection, NULL, "/echo",
                                                     "org.example.Echo", "Echo",
                                                     g_variant_new ("(us)", party->n_calls, text),
                                                     NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                                                     &error);

      g_assert_no_error (error);
      check_reply (reply, party->n_calls++);
      party->n_replies++;
    }
}

static gboolean
is_done (Party *party)
{
  return party->n_replies == get_n_calls () && party->n_answers == get_n_calls ();
}

static void
iterate (void)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  g_main_context_iteration (context, TRUE);
}

/* The signal is emitted by a source, which holds the connection until then. */
static void
leave (Party *party)
{
  while (!party->is_closed)
    iterate ();

  g_dbus_connection_unregister_object (party->connection, party->object);
  g_clear_object (&party->connection);
}

#define DELAY G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING

static void
connect_async (Party *client,
               Party *server,
               Rig   *rig)
{
  g_autoptr(GDBusAuthObserver) observer = new_observer (rig);
  g_autoptr(GAsyncResult) client_result = NULL;
  g_autoptr(GAsyncResult) server_result = NULL;
  GAsyncResult *client_place = NULL, *server_place = NULL;
  GError *error = NULL;

  g_dbus_connection_new (rig->far_stream, GUID, SERVER_FLAGS | DELAY, observer, NULL,
                         place_result_cb, &server_place);
  g_dbus_connection_new (rig->stream, NULL,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | DELAY, observer, NULL,
                         place_result_cb, &client_place);
  client_result = place_await (&client_place);
  client->connection = g_dbus_connection_new_finish (client_result, &error);
  g_assert_no_error (error);
  server_result = place_await (&server_place);
  server->connection = g_dbus_connection_new_finish (server_result, &error);
  g_assert_no_error (error);
}

static gboolean
can_authenticate (Rig *rig)
{
  if (!g_str_equal (choose_mechanism (rig), "EXTERNAL") || rig->kind == STREAM_GIO_LOCAL)
    return TRUE;

  g_test_skip ("GIO sends credentials over a GUnixConnection only");

  return FALSE;
}

static void
call_each_other_async (Rig *rig)
{
  Party client = { NULL, 0, }, server = { NULL, 0, };
  GError *error = NULL;

  if (!can_authenticate (rig))
    return;

  rig_step (rig, "authentication, round");
  connect_async (&client, &server, rig);
  register_object (&client);
  register_object (&server);

  rig_step (rig, "calls, round");
  call_next (&client);
  call_next (&server);
  while (!is_done (&client) || !is_done (&server))
    iterate ();

  rig_step (rig, "closing a D-Bus connection, round");
  g_dbus_connection_close (client.connection, NULL, rig_result_cb, rig);
  g_dbus_connection_close_finish (client.connection, rig_await (rig), &error);
  g_assert_no_error (error);
  leave (&client);
  leave (&server);
}

static gpointer
serve_in_thread (gpointer data)
{
  Rig *rig = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GDBusAuthObserver) observer = new_observer (rig);
  Party server = { NULL, 0, };
  GError *error = NULL;

  g_main_context_push_thread_default (context);
  server.connection = g_dbus_connection_new_sync (rig->far_stream, GUID, SERVER_FLAGS | DELAY,
                                                  observer, NULL, &error);
  g_assert_no_error (error);
  register_object (&server);

  call_next (&server);
  while (!is_done (&server))
    g_main_context_iteration (context, TRUE);

  leave (&server);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
call_each_other (Rig *rig)
{
  g_autoptr(GDBusAuthObserver) observer = new_observer (rig);
  Party client = { NULL, 0, };
  GError *error = NULL;
  RigPeer *partner;

  if (!can_authenticate (rig))
    return;

  rig_step (rig, "authentication, round");
  partner = rig_run (serve_in_thread, rig, rig);
  client.connection
    = g_dbus_connection_new_sync (rig->stream, NULL,
                                  G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | DELAY, observer,
                                  NULL, &error);
  g_assert_no_error (error);
  register_object (&client);

  rig_step (rig, "calls, round");
  call_blocking (&client);
  while (!is_done (&client))
    iterate ();

  /* Closing does not send the last reply. */
  rig_step (rig, "closing a D-Bus connection, round");
  g_dbus_connection_flush_sync (client.connection, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_close_sync (client.connection, NULL, &error);
  g_assert_no_error (error);
  rig_join (partner);
  leave (&client);
}

#define TLS_FLAGS (RIG_FAR_STREAM | RIG_KEEPS_CLOSED)
#define DBUS(name, argument) \
  { "dbus/" name, call_each_other, argument, TLS_FLAGS, MODES_ALL, 20 }, \
  { "dbus/" name "-async", call_each_other_async, argument, TLS_FLAGS, MODES_ALL, 20 }
#define BOTH_WAYS(name, func) \
  { name, func, BLOCKING, TLS_FLAGS | RIG_BLOCKING, MODE_OWN | MODES_OF_OTHERS }, \
  { name "-async", func, ASYNC, TLS_FLAGS, MODES_ALL }

static const RigCase cases[] = {
  { "tls/both-async", secure_async, ASYNC, TLS_FLAGS, MODES_ALL },
  BOTH_WAYS ("tls/client-handshake", secure_client),
  BOTH_WAYS ("tls/server-handshake", secure_server),
  BOTH_WAYS ("tls/cancel-handshake", cancel_handshake),
  { "tls/handshake-by-writing", secure_by_writing, BLOCKING, TLS_FLAGS | RIG_BLOCKING,
    MODE_OWN | MODES_OF_OTHERS },
  DBUS ("anonymous", 0),
  DBUS ("cookie", 1),
  DBUS ("external", 2),
};

int
main (int    argc,
      char **argv)
{
  char *folder = temp_folder_make ();
  int status;

  /* Of DBUS_COOKIE_SHA1, which otherwise writes into the user's home */
  g_setenv ("G_DBUS_COOKIE_SHA1_KEYRING_DIR", folder, TRUE);
  isolated_init (&argc, &argv);
  rig_add_cases ("/stream-protocols", cases, G_N_ELEMENTS (cases));
  tls_fixture_add ("/stream-protocols/ssl-socket/handshake", use_during_handshake,
                   GINT_TO_POINTER (BLOCKING));
  tls_fixture_add ("/stream-protocols/ssl-socket/handshake-async", use_during_handshake,
                   GINT_TO_POINTER (ASYNC));
  tls_fixture_add ("/stream-protocols/ssl-socket/handshake-without-waiting",
                   use_during_handshake_without_waiting, NULL);
  status = isolated_run ();
  temp_folder_remove (folder);

  return status;
}
