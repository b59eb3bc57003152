/* qnet-ssl-socket-waiting.c: how a program without a main loop waits for the encryption
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "qnet-ssl-socket.h"

#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "ssl/qnet-ssl-socket-private.h"
#include "tls/qnet-tls-support-private.h"

static gboolean
fail_with_last_error (QnetSslSocket  *self,
                      GError        **error)
{
  const GError *last = qnet_io_device_get_error (QNET_IO_DEVICE (self));

  if (last == NULL)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                     qnet_socket_new_abort_error (NULL), error);

  if (error != NULL)
    *error = g_error_copy (last);

  return FALSE;
}

static gboolean
is_under_way (QnetSslSocket *self)
{
  return qnet_socket_get_device (QNET_SOCKET (self))->link != QNET_LINK_NONE
         && qnet_ssl_socket_get_mode (self) != QNET_SSL_MODE_UNENCRYPTED;
}

static GError *
new_timeout_error (QnetSslSocket *self,
                   int            msecs)
{
  g_autofree char *peer = qnet_socket_describe (QNET_SOCKET (self));

  if (peer == NULL)
    return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                        _("Could not wait for the encryption: It is not complete after %g s"),
                        msecs / 1000.0);

  return g_error_new (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_SOCKET_TIMEOUT,
                      /* Translators: the peer, such as "127.0.0.1 port 80", and a number of
                       * seconds */
                      _("Could not wait for the encryption of the connection to %s: "
                        "It is not complete after %g s"),
                      peer, msecs / 1000.0);
}

static GError *
new_wait_error (const char *message)
{
  return g_error_new_literal (QNET_SOCKET_ERROR, QNET_SOCKET_ERROR_OPERATION, message);
}

static GError *
new_not_requested_error (void)
{
  GError *error = NULL;

  if (!qnet_tls_check_supported (_("Could not encrypt the connection"), &error))
    return error;

  return new_wait_error (_("Could not wait for the encryption: None was requested"));
}

/* FALSE ends the wait, with *@error set unless it was interrupted. */
static gboolean
step_to_encryption (QnetSslSocket         *self,
                    const QnetWaitLimits  *limits,
                    GError               **error)
{
  QnetWaitStep step = qnet_io_device_wait_step (self, limits);

  if (qnet_wait_step_is_stopped (step, limits, error))
    return FALSE;

  if (step == QNET_WAIT_STEP_TIMED_OUT)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), new_timeout_error (self, limits->msecs),
                                     error);

  if (step == QNET_WAIT_STEP_NO_EVENTS)
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self),
                                     new_wait_error (_("Could not wait for the encryption: "
                                                       "Nothing can complete it now")),
                                     error);

  return TRUE;
}

/* An encryption that was completed counts, even if a handler has ended the connection since. */
static gboolean
wait_until_encrypted (QnetSslSocket         *self,
                      QnetIOWait            *wait,
                      const QnetWaitLimits  *limits,
                      GError               **error)
{
  QnetSslSocketPrivate *priv = qnet_ssl_socket_get_private (self);
  guint n_encrypted = priv->n_encrypted;

  while (priv->n_encrypted == n_encrypted && !qnet_ssl_socket_is_encrypted (self))
    {
      if (wait->end_reason != NULL)
        {
          if (error != NULL)
            *error = g_error_copy (wait->end_reason);
          return FALSE;
        }
      if (!is_under_way (self))
        return fail_with_last_error (self, error);
      if (!step_to_encryption (self, limits, error))
        return FALSE;
    }

  return TRUE;
}

/* Public API */

/**
 * qnet_ssl_socket_wait_for_encrypted:
 * @self: a socket
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit but those of the socket
 * @error: return location for an error
 *
 * Blocks until the connection is encrypted.
 *
 * It waits for the connection as well. It neither needs nor runs a main loop; the signals of the
 * socket are emitted during the wait. The handshake continues if the wait times out. If the
 * socket is encrypted already, the call succeeds at once; if no encryption was requested, it
 * fails at once.
 *
 * Returns: whether the connection is encrypted
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_wait_for_encrypted (QnetSslSocket  *self,
                                    int             msecs,
                                    GError        **error)
{
  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  QNET_IO_BRIEF_STAY_OR_FAIL (self, error, FALSE);

  return qnet_ssl_socket_wait_for_encrypted_full (self, msecs, NULL, error);
}

/**
 * qnet_ssl_socket_wait_for_encrypted_full:
 * @self: a socket
 * @msecs: the most milliseconds to wait; 0 does not block, -1 has no limit but those of the socket
 * @cancellable: (nullable): to end the wait, from any thread, or %NULL
 * @error: return location for an error
 *
 * Blocks until the TLS handshake that was requested has ended, as
 * [method@SslSocket.wait_for_encrypted] does, until @cancellable is cancelled at most.
 *
 * A wait that is cancelled fails with [G_IO_ERROR_CANCELLED][error@Gio.IOErrorEnum], and the
 * handshake continues.
 *
 * Returns: whether the connection is encrypted; if not, @error is set
 *
 * Since: 1.0
 */
gboolean
qnet_ssl_socket_wait_for_encrypted_full (QnetSslSocket  *self,
                                         int             msecs,
                                         GCancellable   *cancellable,
                                         GError        **error)
{
  G_GNUC_UNUSED g_autoptr(QnetHeldDevice) hold = NULL;
  QnetWaitLimits limits;
  QnetIOWait wait;
  gboolean is_encrypted;

  g_return_val_if_fail (QNET_IS_SSL_SOCKET (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  QNET_IO_STAY_OR_FAIL (self, error, FALSE);

  hold = qnet_io_device_hold (self);

  if (!is_under_way (self))
    return qnet_io_device_fail_call (QNET_IO_DEVICE (self), new_not_requested_error (), error);

  qnet_wait_limits_init (&limits, msecs, cancellable);
  qnet_io_device_begin_wait (QNET_IO_DEVICE (self), &wait);
  is_encrypted = wait_until_encrypted (self, &wait, &limits, error);
  qnet_io_device_end_wait (QNET_IO_DEVICE (self), &wait, is_encrypted);

  return is_encrypted;
}
