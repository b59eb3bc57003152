/* qnet-header-reader.c: reads the PROXY header that a connection begins with
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "balancer/qnet-header-reader-private.h"

#include <string.h>

#include "balancer/qnet-proxy-header-private.h"
#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"

/* Bytes: what is looked at at once; most headers are shorter. */
#define PEEK_SIZE 1024

struct _QnetHeaderReader
{
  const QnetHeaderReaderFuncs *funcs;
  gpointer                     owner;       /* (not owned) */
  QnetWatch                    watch;
  QnetDeadline                 deadline;
  int                          fd;          /* (owned) */
  int                          timeout;     /* milliseconds */
  struct sockaddr_storage      proxy;
  socklen_t                    proxy_size;
  GByteArray                  *data;        /* (owned): the beginning of the header */
};

/* The end */

static void
stop (QnetHeaderReader *reader)
{
  qnet_watch_clear (&reader->watch);
  qnet_deadline_stop (&reader->deadline);
  reader->funcs->ended (reader, reader->owner);
}

/* Takes @error (nullable). */
static void
fail (QnetHeaderReader *reader,
      GError           *error)
{
  stop (reader);
  qnet_clear_fd (&reader->fd);
  reader->funcs->failed (reader->owner, (const struct sockaddr *) &reader->proxy,
                         reader->proxy_size, error);
  g_clear_error (&error);
  qnet_header_reader_free (reader);
}

static void
finish (QnetHeaderReader *reader)
{
  GError *error = NULL;
  g_autoptr(QnetProxyHeader) header = qnet_proxy_header_parse (reader->data->data,
                                                               reader->data->len, &error);
  int fd = reader->fd;

  if (header == NULL)
    {
      fail (reader, error);
      return;
    }

  stop (reader);
  reader->fd = -1;
  reader->funcs->done (reader->owner, fd, (const struct sockaddr *) &reader->proxy,
                       reader->proxy_size, header);
  qnet_header_reader_free (reader);
}

/* Reading */

/* A check of health may close its connection, or reset it. */
static GError *
new_end_error (const QnetHeaderReader *reader,
               int                     error_number)
{
  GError *error = NULL;

  if (reader->data->len == 0 && (error_number == 0 || error_number == ECONNRESET))
    return NULL;

  if (error_number == 0)
    qnet_set_error (&error, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED,
                    _("The PROXY header is incomplete"));
  else
    qnet_set_error_from_errno (&error, error_number, _("The PROXY header could not be read"));

  return error;
}

/* Consumes what was peeked at. */
static gboolean
consume (QnetHeaderReader *reader,
         gsize             length)
{
  guint8 buffer[PEEK_SIZE];

  while (length > 0)
    {
      gssize size = qnet_sys_recv (reader->fd, buffer, length);

      if (size <= 0)
        {
          fail (reader, new_end_error (reader, size < 0 ? errno : ECONNRESET));
          return FALSE;
        }

      length -= (gsize) size;
    }

  return TRUE;
}

/* Appends @length bytes that were peeked at to the header, as far as they belong to it. Returns
 * whether to continue at once. */
static gboolean
append (QnetHeaderReader *reader,
        const guint8     *buffer,
        gsize             length)
{
  GError *error = NULL;
  gsize begin = reader->data->len;
  gsize size;

  g_byte_array_append (reader->data, buffer, (guint) length);
  size = qnet_proxy_header_measure (reader->data->data, reader->data->len, &error);
  if (size == 0)
    {
      fail (reader, error);
      return FALSE;
    }

  g_byte_array_set_size (reader->data, (guint) MIN (size, reader->data->len));
  if (!consume (reader, reader->data->len - begin))
    return FALSE;

  if (size > reader->data->len)
    return TRUE;

  finish (reader);

  return FALSE;
}

/* Returns whether to continue at once. */
static gboolean
take_step (QnetHeaderReader *reader)
{
  guint8 buffer[PEEK_SIZE];
  gssize size = qnet_sys_recvfrom (reader->fd, buffer, sizeof buffer, MSG_PEEK, NULL);

  if (size > 0)
    return append (reader, buffer, (gsize) size);

  if (size == 0 || errno != EAGAIN)
    fail (reader, new_end_error (reader, size == 0 ? 0 : errno));

  return FALSE;
}

static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetHeaderReader *reader = CONTAINER_OF (watch, QnetHeaderReader, watch);

  while (take_step (reader))
    ;
}

static void
orphaned_cb (QnetWatch *watch)
{
  QnetHeaderReader *reader = CONTAINER_OF (watch, QnetHeaderReader, watch);

  stop (reader);
  qnet_header_reader_free (reader);
}

static const QnetWatchFuncs watch_funcs = {
  .ready    = ready_cb,
  .orphaned = orphaned_cb,
};

static void
timed_out_cb (QnetDeadline *deadline)
{
  QnetHeaderReader *reader = CONTAINER_OF (deadline, QnetHeaderReader, deadline);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_PROXY_CONNECTION_TIMEOUT,
                  /* Translators: a number of seconds */
                  _("The PROXY header was not complete within %g s"), reader->timeout / 1000.0);
  fail (reader, error);
}

/* Interface */

QnetHeaderReader *
qnet_header_reader_new (QnetWaitSet                 *set,
                        const QnetHeaderReaderFuncs *funcs,
                        gpointer                     owner,
                        int                          fd,
                        const struct sockaddr       *proxy,
                        socklen_t                    proxy_size,
                        int                          timeout)
{
  QnetHeaderReader *reader = g_new0 (QnetHeaderReader, 1);

  reader->funcs = funcs;
  reader->owner = owner;
  reader->fd = fd;
  reader->timeout = timeout;
  memcpy (&reader->proxy, proxy, MIN (proxy_size, sizeof reader->proxy));
  reader->proxy_size = proxy_size;
  reader->data = g_byte_array_new ();

  qnet_watch_init (&reader->watch, &watch_funcs, set);
  qnet_deadline_init (&reader->deadline, timed_out_cb, set);
  qnet_watch_start (&reader->watch, fd, QNET_READINESS_READ);
  if (timeout > 0)
    qnet_deadline_start (&reader->deadline, qnet_clock_until (timeout));

  return reader;
}

void
qnet_header_reader_free (QnetHeaderReader *reader)
{
  qnet_watch_clear (&reader->watch);
  qnet_deadline_stop (&reader->deadline);
  qnet_clear_fd (&reader->fd);
  g_byte_array_unref (reader->data);
  g_free (reader);
}
