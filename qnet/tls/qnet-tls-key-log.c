/* qnet-tls-key-log.c: the keys of sessions, in a file for a program that decrypts a capture
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-session-parts-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <unistd.h>

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"

/* In a file that the program creates, only its user reads. */
#define MODE  0600
#define FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY)

#define NOWHERE "/dev/null"

/* Once opened it is never closed, since another thread may be writing: another file takes its
 * number. */
static int the_file = -1;  /* (atomic) */

/* Lines */

static void
append_hex (GString              *line,
            const gnutls_datum_t *datum)
{
  for (unsigned int i = 0; i < datum->size; i++)
    g_string_append_printf (line, "%02x", datum->data[i]);
}

/* One call for each line: with O_APPEND lines of several threads do not mix. What cannot be written
 * is lost, and does not affect the connection. */
static void
write_line (const GString *line)
{
  while (write (g_atomic_int_get (&the_file), line->str, line->len) < 0 && errno == EINTR)
    continue;
}

/* "LABEL RANDOM SECRET": the random of the client identifies the session. */
static int
secret_cb (gnutls_session_t      session,
           const char           *label,
           const gnutls_datum_t *secret)
{
  g_autoptr(GString) line = g_string_sized_new (256);
  gnutls_datum_t client;
  gnutls_datum_t server;

  gnutls_session_get_random (session, &client, &server);

  g_string_append_printf (line, "%s ", label);
  append_hex (line, &client);
  g_string_append_c (line, ' ');
  append_hex (line, secret);
  g_string_append_c (line, '\n');
  write_line (line);

  gnutls_memset (line->str, 0, line->len);

  return 0;
}

void
qnet_tls_session_install_key_log (QnetTlsSession *self)
{
  gnutls_session_set_keylog_function (self->gnutls,
                                      g_atomic_int_get (&the_file) >= 0 ? secret_cb : NULL);
}

/* The file */

static gboolean
replace (int file,
         int with)
{
  int result;

  do
    result = dup3 (with, file, O_CLOEXEC);
  while (result < 0 && (errno == EINTR || errno == EBUSY));

  return result >= 0;
}

/* @file (transfer full) */
static gboolean
use (int file)
{
  gboolean is_replaced;
  int error_number;

  if (g_atomic_int_compare_and_exchange (&the_file, -1, file))
    return TRUE;

  is_replaced = replace (g_atomic_int_get (&the_file), file);
  error_number = errno;
  close (file);
  errno = error_number;

  return is_replaced;
}

gboolean
qnet_tls_key_log_open (const char  *path,
                       GError     **error)
{
  const char *where = path != NULL ? path : NOWHERE;
  g_autofree char *name = NULL;
  int error_number;
  int file;

  if (path == NULL && g_atomic_int_get (&the_file) < 0)
    return TRUE;

  file = open (where, FLAGS, MODE);
  if (file >= 0 && use (file))
    return TRUE;

  error_number = errno;
  name = g_filename_display_name (where);
  qnet_set_error (error, QNET_SOCKET_ERROR_SSL_INVALID_USER_DATA,
                  /* Translators: a file for the keys of connections, and the reason */
                  _("Could not open “%s”: %s"), name, g_strerror (error_number));

  return FALSE;
}
