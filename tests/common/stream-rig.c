/* stream-rig.c: a GIOStream of GIO or of qnet, used from its own thread and from others
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common/stream-rig.h"

#include <fcntl.h>
#include <qnet/qnet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/isolated.h"
#include "common/pair.h"
#include "common/tls-fixture.h"
#include "common/tls-relay.h"

#define N_SHORT 6
#define N_LONG  1000
#define LIMIT   20  /* seconds */

static const char *const kind_names[] = {
  "gio-tcp", "gio-local", "qnet-tcp", "qnet-local", "qnet-ssl",
};

/* Streams */

void
stream_kind_open (StreamKind kind,
                  int       *near,
                  int       *far)
{
  if (kind == STREAM_GIO_LOCAL || kind == STREAM_QNET_LOCAL)
    pair_open (near, far);
  else
    pair_open_tcp (near, far);
}

static GIOStream *
wrap_with_gio (int fd)
{
  GError *error = NULL;
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static GIOStream *
wrap_with_qnet (GType type,
                int   fd)
{
  QnetSocket *socket = g_object_new (type, NULL);
  GError *error = NULL;

  qnet_socket_set_fd (socket, fd, QNET_SOCKET_STATE_CONNECTED, QNET_OPEN_MODE_READ_WRITE, &error);
  g_assert_no_error (error);

  return G_IO_STREAM (socket);
}

GIOStream *
stream_kind_wrap (StreamKind kind,
                  int        fd)
{
  switch (kind)
    {
    case STREAM_QNET_TCP:
      return wrap_with_qnet (QNET_TYPE_TCP_SOCKET, fd);
    case STREAM_QNET_LOCAL:
      return wrap_with_qnet (QNET_TYPE_LOCAL_SOCKET, fd);
    case STREAM_QNET_SSL:
      return wrap_with_qnet (QNET_TYPE_SSL_SOCKET, fd);
    case STREAM_GIO_TCP:
    case STREAM_GIO_LOCAL:
    case N_STREAM_KINDS:
      break;
    }

  return wrap_with_gio (fd);
}

/* Signals and notifications are emitted by the owner, even if another thread uses the stream. */
static void
assert_owner_cb (Rig *rig)
{
  g_assert_true (g_thread_self () == rig->owner);
}

static void
watch_signals (Rig *rig)
{
  static const char *const names[] = {
    "notify", "ready-read", "read-finished", "bytes-written", "state-changed", "disconnected",
    "error-occurred",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_signal_lookup (names[i], G_OBJECT_TYPE (rig->stream)) != 0)
      g_signal_connect_swapped (rig->stream, names[i], G_CALLBACK (assert_owner_cb), rig);
}

/* Waiting */

void
place_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

GAsyncResult *
place_await (GAsyncResult **place)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  while (*place == NULL)
    g_main_context_iteration (context, TRUE);

  return g_steal_pointer (place);
}

void
rig_result_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Rig *rig = user_data;
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  g_assert_true (g_main_context_is_owner (context));
  g_assert_null (rig->result);
  rig->result = g_object_ref (result);
}

GAsyncResult *
rig_await (Rig *rig)
{
  g_clear_object (&rig->previous);
  rig->previous = place_await (&rig->result);

  return rig->previous;
}

void
rig_step (Rig        *rig,
          const char *step)
{
  isolated_step (step, rig->round);
}

/* Threads at the other end */

struct _RigPeer
{
  Rig        *rig;
  GThread    *thread;   /* (nullable): joined */
  gint        is_done;  /* atomic */
  GThreadFunc func;
  gpointer    data;
  gpointer    value;    /* what it has returned */
  int         fd;
  int         second_fd;
  GBytes     *bytes;    /* (owned) (nullable): to send, or received */
  gsize       size;
  gboolean    shut;
};

static void
free_peer (gpointer data)
{
  RigPeer *self = data;

  rig_join (self);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

static gpointer
run_peer (gpointer data)
{
  RigPeer *self = data;
  gpointer value = self->func (self->data);

  g_atomic_int_set (&self->is_done, TRUE);
  g_main_context_wakeup (NULL);

  return value;
}

static RigPeer *
add_peer (Rig        *rig,
          int         fd,
          GThreadFunc func)
{
  RigPeer *self = g_new0 (RigPeer, 1);

  self->rig = rig;
  self->fd = fd;
  self->func = func;
  self->data = self;
  g_ptr_array_add (rig->peers, self);

  return self;
}

static void
start_peer (RigPeer    *self,
            const char *name)
{
  isolated_count_thread ();
  self->thread = g_thread_new (name, run_peer, self);
}

static gpointer
send_in_thread (gpointer data)
{
  RigPeer *self = data;
  gsize size;
  const char *bytes = g_bytes_get_data (self->bytes, &size);
  gsize piece = 1;

  for (gsize sent = 0; sent < size;)
    {
      gssize n = send (self->fd, bytes + sent, MIN (piece, size - sent), MSG_NOSIGNAL);

      if (n <= 0)
        return NULL;  /* the case has closed, or fails by itself */
      sent += (gsize) n;
      piece = piece * 5 % 8191 + 1;
    }

  if (self->shut)
    shutdown (self->fd, SHUT_WR);

  return NULL;
}

void
rig_send (int      fd,
          GBytes  *bytes,
          gboolean shut,
          Rig     *rig)
{
  RigPeer *self = add_peer (rig, fd, send_in_thread);

  self->bytes = g_bytes_ref (bytes);
  self->shut = shut;
  start_peer (self, "sender");
}

static gpointer
receive_in_thread (gpointer data)
{
  RigPeer *self = data;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  char piece[8192];

  while (bytes->len < self->size)
    {
      gssize n = recv (self->fd, piece, MIN (sizeof piece, self->size - bytes->len), 0);

      if (n <= 0)
        break;
      g_byte_array_append (bytes, (const guint8 *) piece, (guint) n);
    }

  self->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));

  return NULL;
}

RigPeer *
rig_receive (int   fd,
             gsize size,
             Rig  *rig)
{
  RigPeer *self = add_peer (rig, fd, receive_in_thread);

  self->size = size;
  start_peer (self, "receiver");

  return self;
}

/* The owner, in its own context, iterates its loop: that sends the rest of what it has written. In
 * all other modes the call that has flushed or closed the stream has to have sent it. */
void
rig_join_iterating (RigPeer *peer)
{
  if (peer->rig->mode == MODE_OWN)
    while (!g_atomic_int_get (&peer->is_done))
      g_main_context_iteration (NULL, TRUE);

  rig_join (peer);
}

GBytes *
rig_received (RigPeer *peer)
{
  rig_join_iterating (peer);

  return peer->bytes;
}

RigPeer *
rig_run (GThreadFunc func,
         gpointer    data,
         Rig        *rig)
{
  RigPeer *self = add_peer (rig, -1, func);

  self->data = data;
  start_peer (self, "partner");

  return self;
}

gpointer
rig_join (RigPeer *peer)
{
  if (peer->thread != NULL)
    peer->value = g_thread_join (g_steal_pointer (&peer->thread));

  return peer->value;
}

/* Data */

GBytes *
make_bytes (gsize size,
            guint seed)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 31 + i / 251 + seed);

  return g_bytes_new_take (data, size);
}

void
assert_bytes_are (GBytes *actual,
                  GBytes *expected)
{
  g_assert_nonnull (actual);
  g_assert_cmpuint (g_bytes_get_size (actual), ==, g_bytes_get_size (expected));
  g_assert_true (g_bytes_equal (actual, expected));
}

/* Encryption */

static gpointer
relay_in_thread (gpointer data)
{
  RigPeer *self = data;

  tls_relay_run (self->fd, self->second_fd);

  return NULL;
}

/* A thread has the other end, and the case what that decrypts. */
static void
relay (Rig *rig,
       int *far_fd)
{
  RigPeer *self = add_peer (rig, *far_fd, relay_in_thread);

  pair_open (&self->second_fd, far_fd);
  start_peer (self, "relay");
}

static gboolean
is_encrypted (GIOStream *stream)
{
  return stream == NULL || qnet_ssl_socket_is_encrypted (QNET_SSL_SOCKET (stream));
}

static void
encrypt (Rig       *rig,
         GIOStream *stream,
         int       *far_fd)
{
  rig_step (rig, "encrypting, round");
  tls_relay_start_client (QNET_SSL_SOCKET (stream));
  if (*far_fd >= 0)
    relay (rig, far_fd);
  else
    tls_relay_start_server (QNET_SSL_SOCKET (rig->far_stream));

  while (!is_encrypted (stream) || !is_encrypted (rig->far_stream))
    g_main_context_iteration (NULL, TRUE);
}

/* A round */

static GIOStream *
open_near (Rig *rig,
           int *far_fd)
{
  int near;

  stream_kind_open (rig->kind, &near, far_fd);

  return stream_kind_wrap (rig->kind, near);
}

static int
take_fd (int *fd)
{
  int taken = *fd;

  *fd = -1;

  return taken;
}

static void
finish_pair (Rig       *rig,
             GIOStream *stream,
             int       *far_fd)
{
  if (rig->kind == STREAM_QNET_SSL)
    encrypt (rig, stream, far_fd);
  if (*far_fd >= 0)
    pair_make_blocking (*far_fd);
}

static void
open_rig (Rig *rig)
{
  guint flags = rig->rig_case->flags;

  rig->owner = g_thread_self ();
  rig->peers = g_ptr_array_new_with_free_func (free_peer);
  rig->far_fd = -1;
  rig->second_fd = -1;

  rig->stream = open_near (rig, &rig->far_fd);
  rig->input = g_io_stream_get_input_stream (rig->stream);
  /* An application that writes later has a reference: the end of the peer is not the end then. */
  rig->output = g_object_ref (g_io_stream_get_output_stream (rig->stream));

  if (flags & RIG_FAR_STREAM)
    rig->far_stream = stream_kind_wrap (rig->kind, take_fd (&rig->far_fd));
  finish_pair (rig, rig->stream, &rig->far_fd);

  if (flags & RIG_SECOND)
    {
      rig->second = open_near (rig, &rig->second_fd);
      rig->second_output = g_object_ref (g_io_stream_get_output_stream (rig->second));
      finish_pair (rig, rig->second, &rig->second_fd);
    }

  if (rig->round % 2 == 1)
    watch_signals (rig);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    {
      shutdown (*fd, SHUT_RDWR);
      close (*fd);
    }

  *fd = -1;
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Another thread may drop the last reference, of a GTask that has ended, which does not wake the
 * loop: the timer does. */
static void
drop (GIOStream **stream)
{
  gpointer weak = *stream;
  guint timer;

  if (weak == NULL)
    return;

  timer = g_timeout_add (2, tick_cb, NULL);
  g_object_add_weak_pointer (weak, &weak);
  g_clear_object (stream);
  while (g_atomic_pointer_get (&weak) != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

/* Each other round the user's thread closes the stream, with a callback if it has a context; in the
 * others the owner drops it. */
static void
close_stream (Rig *rig)
{
  GError *error = NULL;

  rig_step (rig, "closing the stream, round");
  if (rig->rig_case->flags & RIG_KEEPS_CLOSED || rig->round % 4 < 2)
    return;

  if (rig->round % 4 == 2 || rig->rig_case->flags & RIG_BLOCKING)
    g_io_stream_close (rig->stream, NULL, &error);
  else
    {
      g_io_stream_close_async (rig->stream, G_PRIORITY_DEFAULT, NULL, rig_result_cb, rig);
      g_io_stream_close_finish (rig->stream, rig_await (rig), &error);
    }

  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (rig->stream));
}

static void
use (Rig *rig)
{
  rig->rig_case->func (rig);
  close_stream (rig);
  g_clear_object (&rig->previous);
}

static void
use_in_pushed_context (Rig     *rig,
                       gboolean pushes)
{
  g_autoptr(GMainContext) context = g_main_context_new ();

  if (pushes)
    g_main_context_push_thread_default (context);
  use (rig);
  if (pushes)
    g_main_context_pop_thread_default (context);
}

static gpointer
use_in_thread (gpointer data)
{
  Rig *rig = data;
  gboolean is_bare = rig->rig_case->flags & RIG_BLOCKING && rig->round % 3 == 1;

  use_in_pushed_context (rig, !is_bare);
  g_atomic_int_inc (&rig->n_done);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
close_rig (Rig *rig)
{
  rig_step (rig, "dropping the stream, round");
  rig->input = NULL;
  g_clear_object (&rig->output);
  g_clear_object (&rig->second_output);
  drop (&rig->stream);
  drop (&rig->second);
  drop (&rig->far_stream);

  if (rig->far_fd >= 0)
    shutdown (rig->far_fd, SHUT_RDWR);
  if (rig->second_fd >= 0)
    shutdown (rig->second_fd, SHUT_RDWR);
  rig_step (rig, "waiting for the threads at the other end, round");
  g_clear_pointer (&rig->peers, g_ptr_array_unref);
  close_fd (&rig->far_fd);
  close_fd (&rig->second_fd);
  g_assert_null (rig->result);
}

static void
use_from_other_thread (Rig *rig)
{
  GThread *thread;

  isolated_count_thread ();
  thread = g_thread_new ("user", use_in_thread, rig);
  if (rig->mode == MODE_ITERATING)
    while (g_atomic_int_get (&rig->n_done) == 0)
      g_main_context_iteration (NULL, TRUE);

  g_thread_join (thread);
}

static void
run_round (const Rig *point,
           guint      round)
{
  Rig rig = *point;

  isolated_count_round ();
  rig.round = round;
  open_rig (&rig);
  rig_step (&rig, "beginning round");

  if (rig.mode == MODE_OWN)
    use (&rig);
  else if (rig.mode == MODE_PUSHED)
    use_in_pushed_context (&rig, TRUE);
  else
    use_from_other_thread (&rig);

  close_rig (&rig);
}

static void
run_point (gconstpointer data)
{
  const Rig *point = data;
  gboolean can_run = point->kind != STREAM_QNET_SSL || has_tls ();
  guint n_long = point->rig_case->n_long > 0 ? point->rig_case->n_long : N_LONG;
  guint n_rounds = isolated_rounds (MIN (N_SHORT, n_long), n_long);

  for (guint round = 0; can_run && round < n_rounds && !g_test_failed (); round++)
    run_round (point, round);
}

/* All of them */

static void
add_point (const char    *prefix,
           const RigCase *rig_case,
           StreamKind     kind,
           RigMode        mode,
           const char    *mode_name)
{
  Rig *point = g_new0 (Rig, 1);
  g_autofree char *path = g_strdup_printf ("%s/%s/%s/%s", prefix, kind_names[kind], mode_name,
                                           rig_case->name);

  point->rig_case = rig_case;
  point->kind = kind;
  point->mode = mode;
  isolated_add (path, LIMIT, run_point, point);
}

void
rig_add_cases (const char    *prefix,
               const RigCase *cases,
               gsize          n_cases)
{
  static const char *const mode_names[] = { "own", "pushed", "iterating", "blocked" };

  for (int kind = isolated_is_long () ? 0 : STREAM_QNET_TCP; kind < N_STREAM_KINDS; kind++)
    for (guint mode = 0; mode < G_N_ELEMENTS (mode_names); mode++)
      for (gsize i = 0; i < n_cases; i++)
        if (cases[i].modes & 1u << mode)
          add_point (prefix, &cases[i], kind, 1u << mode, mode_names[mode]);
}
