/* qnet-error.c: the error domains of sockets and DNS lookups
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-error.h"

#include "base/qnet-error-private.h"

#include <errno.h>

#include "base/qnet-i18n-private.h"

/* A row of a conversion table: the code of another library, and the one of qnet. */
typedef struct
{
  int             foreign;
  QnetSocketError code;
} Translation;

/* errno is used wherever it is available, because of EADDRNOTAVAIL: GIO reports it as
 * CONNECTION_REFUSED. ETIMEDOUT means that the system has given up on a peer (SYN or keepalive
 * probes without an answer), and so is a failure of the network. SOCKET_TIMEOUT is only used for
 * timeouts of qnet. */
static const Translation errno_translations[] = {
  { ECONNREFUSED,    QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { ECONNRESET,      QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { ECONNABORTED,    QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { EPIPE,           QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },
  { EACCES,          QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { EPERM,           QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { EMFILE,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENFILE,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOBUFS,         QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOMEM,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ENOSPC,          QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { ETOOMANYREFS,    QNET_SOCKET_ERROR_SOCKET_RESOURCE },  /* descriptors in flight */
  { EMSGSIZE,        QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE },
  { ETIMEDOUT,       QNET_SOCKET_ERROR_NETWORK },
  { ENETDOWN,        QNET_SOCKET_ERROR_NETWORK },
  { ENETUNREACH,     QNET_SOCKET_ERROR_NETWORK },
  { ENETRESET,       QNET_SOCKET_ERROR_NETWORK },
  { EHOSTDOWN,       QNET_SOCKET_ERROR_NETWORK },
  { EHOSTUNREACH,    QNET_SOCKET_ERROR_NETWORK },
  { EADDRINUSE,      QNET_SOCKET_ERROR_ADDRESS_IN_USE },
  { EADDRNOTAVAIL,   QNET_SOCKET_ERROR_SOCKET_ADDRESS_NOT_AVAILABLE },
  { EAFNOSUPPORT,    QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EPROTONOSUPPORT, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EPROTOTYPE,      QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ESOCKTNOSUPPORT, QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ENOPROTOOPT,     QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EOPNOTSUPP,      QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ENOSYS,          QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ENOTSOCK,        QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { EBADF,           QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { ENOTCONN,        QNET_SOCKET_ERROR_OPERATION },
  { EISCONN,         QNET_SOCKET_ERROR_OPERATION },
  { EALREADY,        QNET_SOCKET_ERROR_OPERATION },
  { EINPROGRESS,     QNET_SOCKET_ERROR_OPERATION },
  { EAGAIN,          QNET_SOCKET_ERROR_TEMPORARY },
  /* this and the following: the path of a local server */
  { ENOENT,          QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { ENOTDIR,         QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { ELOOP,           QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { ENAMETOOLONG,    QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { EROFS,           QNET_SOCKET_ERROR_SOCKET_ACCESS },
};

static const Translation gio_translations[] = {
  { G_IO_ERROR_CONNECTION_REFUSED,  QNET_SOCKET_ERROR_CONNECTION_REFUSED },
  { G_IO_ERROR_CONNECTION_CLOSED,   QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED },  /* = BROKEN_PIPE */
  { G_IO_ERROR_HOST_NOT_FOUND,      QNET_SOCKET_ERROR_HOST_NOT_FOUND },
  { G_IO_ERROR_PERMISSION_DENIED,   QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { G_IO_ERROR_PROXY_NOT_ALLOWED,   QNET_SOCKET_ERROR_SOCKET_ACCESS },
  { G_IO_ERROR_TOO_MANY_OPEN_FILES, QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { G_IO_ERROR_NO_SPACE,            QNET_SOCKET_ERROR_SOCKET_RESOURCE },
  { G_IO_ERROR_TIMED_OUT,           QNET_SOCKET_ERROR_SOCKET_TIMEOUT },
  { G_IO_ERROR_MESSAGE_TOO_LARGE,   QNET_SOCKET_ERROR_DATAGRAM_TOO_LARGE },
  { G_IO_ERROR_NETWORK_UNREACHABLE, QNET_SOCKET_ERROR_NETWORK },
  { G_IO_ERROR_HOST_UNREACHABLE,    QNET_SOCKET_ERROR_NETWORK },
  { G_IO_ERROR_ADDRESS_IN_USE,      QNET_SOCKET_ERROR_ADDRESS_IN_USE },
  { G_IO_ERROR_NOT_SUPPORTED,       QNET_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION },
  { G_IO_ERROR_PROXY_AUTH_FAILED,   QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { G_IO_ERROR_PROXY_NEED_AUTH,     QNET_SOCKET_ERROR_PROXY_AUTHENTICATION_REQUIRED },
  { G_IO_ERROR_PROXY_FAILED,        QNET_SOCKET_ERROR_PROXY_PROTOCOL },
  { G_IO_ERROR_PENDING,             QNET_SOCKET_ERROR_OPERATION },
  { G_IO_ERROR_NOT_CONNECTED,       QNET_SOCKET_ERROR_OPERATION },
  { G_IO_ERROR_CLOSED,              QNET_SOCKET_ERROR_OPERATION },
  { G_IO_ERROR_WOULD_BLOCK,         QNET_SOCKET_ERROR_TEMPORARY },
};

/**
 * qnet_socket_error_quark:
 *
 * Gets the domain of the errors of sockets and servers.
 *
 * Returns: the quark; in C, `QNET_SOCKET_ERROR` is short for it
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (qnet-socket-error-quark, qnet_socket_error)

/**
 * qnet_dns_lookup_error_quark:
 *
 * Gets the domain of the errors of [class@DnsLookup].
 *
 * Returns: the quark; in C, `QNET_DNS_LOOKUP_ERROR` is short for it
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (qnet-dns-lookup-error-quark, qnet_dns_lookup_error)

static int
translate (const Translation *translations,
           gsize              n_translations,
           int                foreign)
{
  for (gsize i = 0; i < n_translations; i++)
    {
      if (translations[i].foreign == foreign)
        return translations[i].code;
    }

  return QNET_SOCKET_ERROR_UNKNOWN;
}

/* Errors that are only possible while both sides negotiate keys and names; others are later
 * failures of TLS. */
static int
code_from_tls_error (int tls_error)
{
  switch (tls_error)
    {
    case G_TLS_ERROR_NOT_TLS:
    case G_TLS_ERROR_HANDSHAKE:
    case G_TLS_ERROR_BAD_CERTIFICATE:
    case G_TLS_ERROR_CERTIFICATE_REQUIRED:
      return QNET_SOCKET_ERROR_SSL_HANDSHAKE_FAILED;

    case G_TLS_ERROR_EOF:  /* the peer closed the connection without a close_notify */
      return QNET_SOCKET_ERROR_REMOTE_HOST_CLOSED;

    default:
      return QNET_SOCKET_ERROR_SSL_INTERNAL;
    }
}

/* A name that does not exist is distinguished from one that could not be looked up. */
static int
code_from_resolver_error (int resolver_error)
{
  switch (resolver_error)
    {
    case G_RESOLVER_ERROR_NOT_FOUND:
      return QNET_SOCKET_ERROR_HOST_NOT_FOUND;

    case G_RESOLVER_ERROR_TEMPORARY_FAILURE:
      return QNET_SOCKET_ERROR_TEMPORARY;

    default:
      return QNET_SOCKET_ERROR_NETWORK;
    }
}

int
qnet_socket_error_code_from_errno (int error_number)
{
  return translate (errno_translations, G_N_ELEMENTS (errno_translations), error_number);
}

int
qnet_socket_error_code_from_gerror (const GError *error)
{
  g_assert (error != NULL);

  if (error->domain == QNET_SOCKET_ERROR)
    return error->code;

  if (error->domain == G_IO_ERROR)
    return translate (gio_translations, G_N_ELEMENTS (gio_translations), error->code);

  if (error->domain == G_RESOLVER_ERROR)
    return code_from_resolver_error (error->code);

  if (error->domain == G_TLS_ERROR)
    return code_from_tls_error (error->code);

  return QNET_SOCKET_ERROR_UNKNOWN;
}

/* A file name need not be UTF-8, but a message has to be: Python cannot raise another one. */
static void
set_message (GError     **error,
             GQuark       domain,
             int          code,
             const char  *message)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);

  g_set_error_literal (error, domain, code, valid);
}

static char *
join (const char *what,
      const char *reason)
{
  /* Translators: what failed, and why, as in "Could not bind to 127.0.0.1: Permission denied" */
  return g_strdup_printf (_("%s: %s"), what, reason);
}

static void
set_with_reason (GError     **error,
                 GQuark       domain,
                 int          code,
                 const char  *what,
                 const char  *reason)
{
  g_autofree char *message = join (what, reason);

  set_message (error, domain, code, message);
}

void
qnet_set_error_from_errno (GError     **error,
                           int          error_number,
                           const char  *format,
                           ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  if (error == NULL)
    return;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  set_with_reason (error, QNET_SOCKET_ERROR, qnet_socket_error_code_from_errno (error_number),
                   what, g_strerror (error_number));
}

void
qnet_take_error_from_gerror (GError     **error,
                             GError      *source,
                             const char  *format,
                             ...)
{
  g_autoptr(GError) cause = source;
  g_autofree char *what = NULL;
  va_list arguments;

  if (error == NULL)
    return;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_with_reason (error, cause->domain, cause->code, what, cause->message);
  else
    set_with_reason (error, QNET_SOCKET_ERROR, qnet_socket_error_code_from_gerror (cause),
                     what, cause->message);
}

void
qnet_prefix_error (GError     **error,
                   const char  *format,
                   ...)
{
  g_autofree char *what = NULL;
  g_autofree char *message = NULL;
  va_list arguments;

  if (error == NULL || *error == NULL)
    return;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  message = join (what, (*error)->message);
  g_free ((*error)->message);
  (*error)->message = g_utf8_make_valid (message, -1);
}

void
qnet_set_error (GError          **error,
                QnetSocketError   code,
                const char       *format,
                ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  if (error == NULL)
    return;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  set_message (error, QNET_SOCKET_ERROR, code, message);
}
