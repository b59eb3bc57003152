/* qnet-tls-session-records.c: what a session reads and writes after the handshake
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tls/qnet-tls-session-parts-private.h"

#include "channel/qnet-transport-private.h"
#include "tls/qnet-tls-errors-private.h"

gssize
qnet_tls_session_read (QnetTlsSession *self,
                       void           *buffer,
                       gsize           size,
                       GError        **error)
{
  gsize before;
  ssize_t n;

  do
    {
      before = self->input.length;
      n = gnutls_record_recv (self->gnutls, buffer, size);
    }
  while (n < 0 && qnet_tls_is_retry ((int) n) && self->input.length != before);

  if (n > 0)
    self->n_fruitless = 0;
  if (n >= 0)
    return n;
  if (qnet_tls_is_retry ((int) n) && !qnet_tls_session_has_too_much (self))
    return QNET_TRANSPORT_WOULD_BLOCK;
  if (qnet_tls_is_retry ((int) n))
    n = GNUTLS_E_HANDSHAKE_TOO_LARGE;

  qnet_tls_session_fail (self, (int) n);
  qnet_tls_set_read_error (self->gnutls, (int) n, self->input_has_ended, error);

  return QNET_TRANSPORT_FAILED;
}

gssize
qnet_tls_session_write (QnetTlsSession *self,
                        const void     *data,
                        gsize           size,
                        GError        **error)
{
  ssize_t n = gnutls_record_send (self->gnutls, data, size);

  if (n >= 0)
    return n;
  if (qnet_tls_is_retry ((int) n))
    return QNET_TRANSPORT_WOULD_BLOCK;

  qnet_tls_set_write_error (self->gnutls, (int) n, error);

  return QNET_TRANSPORT_FAILED;
}

void
qnet_tls_session_close (QnetTlsSession *self)
{
  gnutls_bye (self->gnutls, GNUTLS_SHUT_WR);
}
