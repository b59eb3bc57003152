/* qnet-datagram-relay.c: datagrams through a SOCKS5 proxy (RFC 1928, section 7)
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "connection/qnet-datagram-relay-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/qnet-container-private.h"
#include "base/qnet-error-private.h"
#include "base/qnet-i18n-private.h"
#include "base/qnet-syscall-private.h"
#include "proxy/qnet-network-proxy-private.h"
#include "proxy/qnet-socks5-wire-private.h"

/* RSV and FRAG precede the address in each header. */
#define HEADER_START 3

struct _QnetDatagramRelay
{
  QnetDatagramRelayFunc  ended;
  gpointer               owner;
  QnetNetworkProxy      *proxy;         /* (owned) */
  int                    control;       /* (owned) */
  QnetWatch              watch;         /* of control: only its end is of interest */
  GByteArray            *header;        /* (owned): of the datagram being sent */

  GByteArray            *peer_header;   /* (owned) (nullable): NULL unless restricted to one peer */
  QnetHostAddress       *peer_address;  /* (owned) (nullable): NULL for a name, which only the proxy
                                         * looks up */
  guint16                peer_port;
};

/* The control connection */

static GError *
new_end_error (QnetDatagramRelay *self)
{
  g_autofree char *proxy = qnet_network_proxy_to_display (self->proxy);
  GError *error = NULL;

  qnet_set_error (&error, QNET_SOCKET_ERROR_PROXY_CONNECTION_CLOSED,
                  /* Translators: the proxy with its port, and the reason, which is a sentence */
                  _("Could not exchange datagrams through the SOCKS5 proxy %s: %s"),
                  proxy, _("The proxy closed the connection"));

  return error;
}

/* The dialogue is over: bytes that the proxy sends are dropped. */
static void
ready_cb (QnetWatch     *watch,
          QnetReadiness  readiness)
{
  QnetDatagramRelay *self = CONTAINER_OF (watch, QnetDatagramRelay, watch);
  guint8 buffer[256];
  gssize n = qnet_sys_recv (self->control, buffer, sizeof buffer);

  if (n > 0 || (n < 0 && errno == EAGAIN))
    return;

  qnet_watch_stop (&self->watch);
  self->ended (self->owner, new_end_error (self));
}

static const QnetWatchFuncs watch_funcs = {
  .ready = ready_cb,
};

QnetDatagramRelay *
qnet_datagram_relay_new (QnetWaitSet           *set,
                         QnetDatagramRelayFunc  ended,
                         gpointer               owner,
                         QnetNetworkProxy      *proxy,
                         int                    control)
{
  QnetDatagramRelay *self = g_new0 (QnetDatagramRelay, 1);

  self->ended = ended;
  self->owner = owner;
  self->proxy = qnet_network_proxy_ref (proxy);
  self->control = control;
  self->header = g_byte_array_sized_new (QNET_SOCKS5_MAX_HEADER);
  qnet_watch_init (&self->watch, &watch_funcs, set);
  qnet_watch_start (&self->watch, control, QNET_READINESS_READ);

  return self;
}

void
qnet_datagram_relay_free (QnetDatagramRelay *self)
{
  gboolean is_forked = qnet_watch_is_forked (&self->watch);

  qnet_watch_clear (&self->watch);
  qnet_shutdown_fd (&self->control, is_forked);
  qnet_network_proxy_unref (self->proxy);
  g_byte_array_unref (self->header);
  g_clear_pointer (&self->peer_header, g_byte_array_unref);
  g_clear_pointer (&self->peer_address, qnet_host_address_unref);
  g_free (self);
}

/* Datagrams */

static void
write_header (GByteArray            *header,
              const char            *host,
              const QnetHostAddress *address,
              guint16                port)
{
  const guint8 start[HEADER_START] = { 0, };

  g_byte_array_set_size (header, 0);
  g_byte_array_append (header, start, sizeof start);
  qnet_socks5_append_address (header, address, host, port);
}

void
qnet_datagram_relay_set_peer (QnetDatagramRelay *self,
                              const char        *host,
                              QnetHostAddress   *address,
                              guint16            port)
{
  self->peer_header = g_byte_array_new ();
  write_header (self->peer_header, host, address, port);
  self->peer_address = address != NULL ? qnet_host_address_ref (address) : NULL;
  self->peer_port = port;
}

static GByteArray *
get_header (QnetDatagramRelay     *self,
            const QnetHostAddress *address,
            guint16                port)
{
  if (address == NULL)
    return self->peer_header;

  write_header (self->header, NULL, address, port);

  return self->header;
}

gssize
qnet_datagram_relay_send (QnetDatagramRelay     *self,
                          int                    fd,
                          const void            *data,
                          gsize                  size,
                          const QnetHostAddress *address,
                          guint16                port)
{
  GByteArray *header = get_header (self, address, port);
  struct iovec vectors[] = { { header->data, header->len }, { (void *) data, size } };
  const struct msghdr message = { .msg_iov = vectors, .msg_iovlen = G_N_ELEMENTS (vectors) };

  return qnet_sys_sendmsg (fd, &message) >= 0 ? (gssize) size : -1;
}

static gboolean
is_from_peer (QnetDatagramRelay *self,
              QnetHostAddress   *sender,  /* (nullable) */
              guint16            port)
{
  if (self->peer_header == NULL)
    return TRUE;

  if (port != self->peer_port)
    return FALSE;

  return self->peer_address == NULL
         || (sender != NULL
             && qnet_host_address_equal_full (sender, self->peer_address,
                                              QNET_ADDRESS_CONVERSION_V4_MAPPED));
}

gsize
qnet_datagram_relay_parse (QnetDatagramRelay  *self,
                           const guint8       *data,
                           gsize               size,
                           QnetHostAddress   **out_sender,
                           guint16            *out_port)
{
  g_autoptr(QnetHostAddress) sender = NULL;
  guint16 port;
  gsize header = qnet_socks5_read_datagram (data, size, &sender, &port);

  if (header == 0 || !is_from_peer (self, sender, port))
    return 0;

  *out_sender = sender != NULL ? g_steal_pointer (&sender) : qnet_host_address_new_null ();
  *out_port = port;

  return header;
}
