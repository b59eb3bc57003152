/* qnet-transport-local.c: bytes over a local socket, and descriptors with them
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "local/qnet-transport-local-private.h"

#include <string.h>
#include <sys/socket.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"

#define MAX_CONTROL CMSG_SPACE (QNET_PASSING_MAX * sizeof (int))

/* Descriptors that are sent with one byte. */
typedef struct
{
  guint64  position;  /* of the byte, as counted by n_written */
  GArray  *fds;       /* (owned) (element-type int): owned as well */
} Parcel;

/* The shared part */

static void
close_all (GArray *fds)
{
  for (guint i = 0; i < fds->len; i++)
    qnet_sys_close (g_array_index (fds, int, i));

  g_array_set_size (fds, 0);
}

static void
parcel_free (gpointer data)
{
  Parcel *parcel = data;

  close_all (parcel->fds);
  g_array_unref (parcel->fds);
  g_free (parcel);
}

QnetPassing *
qnet_passing_new (void)
{
  QnetPassing *passing = g_atomic_rc_box_new0 (QnetPassing);

  passing->received = g_array_new (FALSE, FALSE, sizeof (int));
  g_queue_init (&passing->to_send);

  return passing;
}

void
qnet_passing_close_received (QnetPassing *passing)
{
  close_all (passing->received);
}

static void
passing_clear (gpointer data)
{
  QnetPassing *passing = data;

  qnet_passing_close_received (passing);
  g_array_unref (passing->received);
  g_queue_clear_full (&passing->to_send, parcel_free);
}

void
qnet_passing_unref (QnetPassing *passing)
{
  g_atomic_rc_box_release_full (passing, passing_clear);
}

/* The parcel for the byte at @position, which is not before that of any other; NULL if there is
 * none yet. */
static Parcel *
find_parcel (QnetPassing *passing,
             guint64      position)
{
  Parcel *last = g_queue_peek_tail (&passing->to_send);

  return last != NULL && last->position == position ? last : NULL;
}

static Parcel *
add_parcel (QnetPassing *passing,
            guint64      position)
{
  Parcel *parcel = g_new0 (Parcel, 1);

  parcel->position = position;
  parcel->fds = g_array_new (FALSE, FALSE, sizeof (int));
  g_queue_push_tail (&passing->to_send, parcel);

  return parcel;
}

static gboolean
check_length (guint    n,
              GError **error)
{
  if (n <= QNET_PASSING_MAX)
    return TRUE;

  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                  _("Could not send descriptors: At most %d can be sent with one byte"),
                  QNET_PASSING_MAX);
  return FALSE;
}

/* All of them or none: the peer waits for all of them. */
static GUnixFDList *
duplicate (const int  *fds,
           int         n,
           GError    **error)
{
  g_autoptr(GUnixFDList) copies = g_unix_fd_list_new ();
  GError *failure = NULL;

  for (int i = 0; i < n; i++)
    if (g_unix_fd_list_append (copies, fds[i], &failure) < 0)
      {
        qnet_take_error_from_gerror (error, failure, _("Could not send descriptors"));
        return NULL;
      }

  return g_steal_pointer (&copies);
}

gboolean
qnet_passing_send (QnetPassing  *passing,
                   GUnixFDList  *fds,
                   gsize         n_queued,
                   GError      **error)
{
  guint64 position = passing->n_written + n_queued;
  Parcel *parcel = find_parcel (passing, position);
  g_autoptr(GUnixFDList) copies = NULL;
  g_autofree int *array = NULL;
  int n;
  const int *originals = g_unix_fd_list_peek_fds (fds, &n);

  if (!check_length ((parcel != NULL ? parcel->fds->len : 0) + (guint) n, error))
    return FALSE;

  copies = duplicate (originals, n, error);
  if (copies == NULL)
    return FALSE;

  array = g_unix_fd_list_steal_fds (copies, &n);
  if (n > 0)
    g_array_append_vals ((parcel != NULL ? parcel : add_parcel (passing, position))->fds, array,
                         (guint) n);

  return TRUE;
}

GUnixFDList *
qnet_passing_take (QnetPassing *passing)
{
  GUnixFDList *fds;

  if (passing->received->len == 0)
    return g_unix_fd_list_new ();

  fds = g_unix_fd_list_new_from_array ((int *) (gpointer) passing->received->data,
                                       (int) passing->received->len);

  g_array_set_size (passing->received, 0);

  return fds;
}

/* Receiving */

/* Appends the descriptors of a message to @array. */
static void
collect (struct msghdr *message,
         GArray        *array)
{
  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL;
       header = CMSG_NXTHDR (message, header))
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
      g_array_append_vals (array, CMSG_DATA (header),
                           (header->cmsg_len - CMSG_LEN (0)) / sizeof (int));
}

/* Some of them would be of no use: a peer that sends more than were asked for uses another
 * protocol. */
static gssize
refuse_surplus (QnetPassing  *passing,
                GError      **error)
{
  qnet_passing_close_received (passing);
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                  _("Could not read: The peer has sent more descriptors than fd-limit allows, or "
                    "than this process can open"));

  return QNET_TRANSPORT_FAILED;
}

/* After the end of stream all bytes are read, so that no descriptors can be left for later. */
static gssize
refuse_untaken (GError **error)
{
  qnet_set_error (error, QNET_SOCKET_ERROR_SOCKET_RESOURCE,
                  _("Could not read: The peer has closed the connection, and has sent more "
                    "descriptors than fd-limit allows, since earlier ones were not taken"));

  return QNET_TRANSPORT_FAILED;
}

static gssize
receive_message (QnetTransport *transport,
                 struct iovec  *vector,
                 guint          n_descriptors,
                 int            flags,
                 GArray        *out_descriptors,
                 gboolean      *out_truncated)
{
  union { struct cmsghdr header; char bytes[MAX_CONTROL]; } control;
  struct msghdr message = {
    .msg_iov = vector,
    .msg_iovlen = 1,
    .msg_control = &control,
    .msg_controllen = n_descriptors > 0 ? CMSG_LEN (n_descriptors * sizeof (int)) : 0,
  };
  gssize n = qnet_sys_recvmsg (transport->fd, &message, flags | MSG_CMSG_CLOEXEC);

  if (n < 0)
    return n;

  collect (&message, out_descriptors);
  *out_truncated = (message.msg_flags & MSG_CTRUNC) != 0;

  return n;
}

/* Whether the descriptors that are sent with the bytes for @vector are within the limit, together
 * with those that were not taken yet. A message that exceeds the limit by itself is refused when it
 * is read. Peeking duplicates the descriptors. */
static gboolean
fits (QnetTransport *transport,
      struct iovec  *vector)
{
  QnetPassing *passing = transport->data;
  g_autoptr(GArray) peeked = NULL;
  gboolean is_truncated = FALSE, does_fit;

  if (passing->received->len == 0)
    return TRUE;

  peeked = g_array_new (FALSE, FALSE, sizeof (int));
  (void) receive_message (transport, vector, passing->limit, MSG_PEEK, peeked, &is_truncated);
  does_fit = is_truncated || passing->received->len + peeked->len <= passing->limit;
  close_all (peeked);

  return does_fit;
}

/* A full transport is only read after the end of stream: then there is no room, and nothing more
 * arrives. */
static gssize
receive_with_descriptors (QnetTransport  *transport,
                          void           *buffer,
                          gsize           size,
                          GError        **error)
{
  QnetPassing *passing = transport->data;
  struct iovec vector = { buffer, size };
  gboolean has_room = !transport->is_full, is_truncated = FALSE;
  gssize n;

  if (has_room && !fits (transport, &vector))
    {
      transport->is_full = TRUE;
      return QNET_TRANSPORT_WOULD_BLOCK;
    }

  n = receive_message (transport, &vector, has_room ? passing->limit : 0, 0, passing->received,
                       &is_truncated);
  if (n < 0)
    return qnet_transport_fd_read_failed (error);

  if (is_truncated)
    return has_room ? refuse_surplus (passing, error) : refuse_untaken (error);

  transport->is_full = !has_room || passing->received->len >= passing->limit;

  return n;
}

static gssize
transport_local_read (QnetTransport  *transport,
                      void           *buffer,
                      gsize           size,
                      GError        **error)
{
  QnetPassing *passing = transport->data;

  if (G_LIKELY (passing == NULL || passing->limit == 0))
    return qnet_transport_fd_read (transport, buffer, size, error);

  return receive_with_descriptors (transport, buffer, size, error);
}

/* Sending */

/* The @size bytes of @vectors that follow the first @skip. */
static int
cut (const struct iovec *vectors,
     gsize               skip,
     gsize               size,
     struct iovec       *out)
{
  int n = 0;

  for (; size > 0; vectors++)
    {
      gsize length = vectors->iov_len - MIN (skip, vectors->iov_len);

      if (length > 0)
        {
          out[n].iov_base = (char *) vectors->iov_base + skip;
          out[n].iov_len = MIN (length, size);
          size -= out[n++].iov_len;
        }

      skip -= MIN (skip, vectors->iov_len);
    }

  return n;
}

static gssize
send_with_descriptors (int                 fd,
                       const struct iovec *vectors,
                       int                 n_vectors,
                       const Parcel       *parcel)
{
  union { struct cmsghdr header; char bytes[MAX_CONTROL]; } control;
  struct msghdr message = {
    .msg_iov = (struct iovec *) vectors,
    .msg_iovlen = n_vectors,
    .msg_control = &control,
  };
  gsize size = parcel->fds->len * sizeof (int);

  memset (&control, 0, sizeof control);
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN (size);
  message.msg_controllen = CMSG_SPACE (size);
  memcpy (CMSG_DATA (&control.header), parcel->fds->data, size);

  return qnet_sys_sendmsg (fd, &message);
}

/* How many of @size bytes can be sent in one message: up to the next byte that has descriptors. */
static gsize
get_stretch (QnetPassing *passing,
             gsize        size)
{
  GList *link = passing->to_send.head;

  if (link != NULL && ((Parcel *) link->data)->position == passing->n_written)
    link = link->next;

  return link != NULL ? MIN (size, ((Parcel *) link->data)->position - passing->n_written) : size;
}

static gssize
send_stretch (QnetTransport      *transport,
              const struct iovec *vectors,
              int                 n_vectors)
{
  QnetPassing *passing = transport->data;
  Parcel *parcel = g_queue_peek_head (&passing->to_send);
  gboolean is_due = parcel != NULL && parcel->position == passing->n_written;
  gssize n = is_due ? send_with_descriptors (transport->fd, vectors, n_vectors, parcel)
                    : qnet_sys_send (transport->fd, vectors, n_vectors);

  if (n > 0)
    passing->n_written += n;

  if (n > 0 && is_due)
    parcel_free (g_queue_pop_head (&passing->to_send));

  return n;
}

/* A failure after some bytes were sent is reported by the next call. */
static gssize
send_all (QnetTransport       *transport,
          const struct iovec  *vectors,
          gsize                size,
          GError             **error)
{
  struct iovec stretch[QNET_TRANSPORT_MAX_VECTORS];
  gsize total = 0, length;
  gssize n;

  do
    {
      length = get_stretch (transport->data, size - total);
      n = send_stretch (transport, stretch, cut (vectors, total, length, stretch));
      total += MAX (n, 0);
    }
  while (n == (gssize) length && total < size);

  return total > 0 ? (gssize) total : qnet_transport_fd_write_failed (error);
}

static gssize
transport_local_write (QnetTransport       *transport,
                       const struct iovec  *vectors,
                       int                  n_vectors,
                       GError             **error)
{
  QnetPassing *passing = transport->data;
  gsize size = 0;

  if (G_LIKELY (passing == NULL || passing->to_send.length == 0))
    {
      gssize n = qnet_transport_fd_write (transport, vectors, n_vectors, error);

      if (passing != NULL && n > 0)
        passing->n_written += n;

      return n;
    }

  for (int i = 0; i < n_vectors; i++)
    size += vectors[i].iov_len;

  return send_all (transport, vectors, size, error);
}

/* The transport */

static void
transport_local_close (QnetTransport *transport,
                       gboolean       is_forked)
{
  QnetPassing *passing = g_steal_pointer (&transport->data);

  if (passing != NULL)
    {
      g_queue_clear_full (&passing->to_send, parcel_free);
      qnet_passing_unref (passing);
    }

  qnet_clear_fd (&transport->fd);
}

static const QnetTransportFuncs transport_local_funcs = {
  .read           = transport_local_read,
  .write          = transport_local_write,
  .shutdown_write = qnet_transport_fd_shutdown_write,
  .close          = transport_local_close,
  .is_local       = TRUE,
};

void
qnet_transport_init_local (QnetTransport *transport,
                           int            fd,
                           QnetPassing   *passing)
{
  *transport = (QnetTransport) { .funcs = &transport_local_funcs, .fd = fd };

  if (passing != NULL)
    qnet_transport_local_share (transport, passing);
}

void
qnet_transport_local_share (QnetTransport *transport,
                            QnetPassing   *passing)
{
  transport->data = g_atomic_rc_box_acquire (passing);
}
