/* fault-datagrams.c: scenarios of UDP sockets
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "fault-run.h"

#define N_DATAGRAMS 12

/* The receiver: which datagrams it has, each once. A datagram may be lost where an error is
 * reported. */
typedef struct
{
  Run           *run;
  QnetUdpSocket *socket;   /* (owned) */
  guint          n_times[N_DATAGRAMS];
  guint          n_received;
  gboolean       by_batch;
} Receiver;

static void
take (Receiver            *receiver,
      QnetNetworkDatagram *datagram)
{
  GBytes *bytes = qnet_network_datagram_get_bytes (datagram);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  gsize size = g_bytes_get_size (bytes);

  if (size != 40 || data[0] >= N_DATAGRAMS || memcmp (data + 1, get_payload (), 39) != 0)
    run_add_fault (receiver->run, "a datagram is not as it was sent: %" G_GSIZE_FORMAT " bytes",
                   size);
  else if (receiver->n_times[data[0]]++ > 0)
    run_add_fault (receiver->run, "a datagram came twice");

  receiver->n_received++;
}

static void
take_one (Receiver *receiver)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  GError *error = NULL;

  datagram = qnet_udp_socket_receive_datagram (receiver->socket, 0, &error);
  if (run_check (receiver->run, datagram != NULL, &error))
    take (receiver, datagram);
}

static void
take_batch (Receiver *receiver)
{
  g_autoptr(GPtrArray) datagrams = NULL;
  GError *error = NULL;

  datagrams = qnet_udp_socket_receive_datagrams (receiver->socket, 5, &error);
  if (!run_check (receiver->run, datagrams != NULL, &error))
    return;

  for (guint i = 0; i < datagrams->len; i++)
    take (receiver, g_ptr_array_index (datagrams, i));
}

static void
ready_read_cb (QnetUdpSocket *socket,
               Receiver      *receiver)
{
  guint n_tries = 0;

  /* As Qt's programs do */
  while (qnet_udp_socket_has_pending_datagrams (socket) && n_tries++ < 100)
    {
      if (receiver->by_batch)
        take_batch (receiver);
      else
        take_one (receiver);
    }

  if (n_tries >= 100)
    run_add_fault (receiver->run, "has_pending_datagrams() has no end");
}

static void
error_cb (QnetUdpSocket *socket,
          const GError  *error,
          Run           *run)
{
  run_report (run, error);
}

static QnetUdpSocket *
new_socket (Run *run)
{
  QnetUdpSocket *socket = run_watch (run, qnet_udp_socket_new ());

  g_signal_connect (socket, "error-occurred", G_CALLBACK (error_cb), run);

  return socket;
}

static gboolean
bind_to (Run             *run,
         QnetUdpSocket   *socket,
         QnetHostAddress *address)
{
  GError *error = NULL;

  return run_check (run,
                    qnet_abstract_socket_bind (ABSTRACT (socket), address, 0,
                                               QNET_BIND_FLAGS_DEFAULT_FOR_PLATFORM, &error),
                    &error);
}

static void
receiver_init (Receiver *receiver,
               Run      *run)
{
  *receiver = (Receiver) { .run = run, .socket = new_socket (run) };
  g_signal_connect (receiver->socket, "ready-read", G_CALLBACK (ready_read_cb), receiver);
}

static GBytes *
make_datagram (guint8 number)
{
  guint8 data[40] = { number };

  memcpy (data + 1, get_payload (), 39);

  return g_bytes_new (data, sizeof data);
}

/* Until all of those that were sent have come, or one of them cannot. */
static void
receive_all (Receiver *receiver,
             guint     n_sent)
{
  Run *run = receiver->run;

  run_until (run, receiver->n_received >= n_sent || run->reports->len > 0);
  run_settle (run);

  if (receiver->n_received == N_DATAGRAMS && n_sent == N_DATAGRAMS)
    run_succeed (run);
}

static void
unconnected (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver;
  guint n_sent = 0;

  receiver_init (&receiver, run);
  if (bind_to (run, receiver.socket, address))
    {
      for (guint i = 0; i < N_DATAGRAMS; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);
          GError *error = NULL;

          n_sent += run_check (run,
                               qnet_udp_socket_write_datagram_bytes_to (
                                 sender, bytes, address,
                                 qnet_abstract_socket_get_local_port (ABSTRACT (receiver.socket)),
                                 &error)
                                 == 40,
                               &error);
        }

      receive_all (&receiver, n_sent);
    }

  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

/* What comes after a fault is received all the same. */
static void
one_by_one (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver;
  guint n_sent = 0;

  receiver_init (&receiver, run);
  if (bind_to (run, receiver.socket, address))
    {
      for (guint i = 0; i < N_DATAGRAMS; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);
          gsize n_reports = run->reports->len;
          guint n_received = receiver.n_received;
          GError *error = NULL;

          if (!run_check (run,
                          qnet_udp_socket_write_datagram_bytes_to (
                            sender, bytes, address,
                            qnet_abstract_socket_get_local_port (ABSTRACT (receiver.socket)),
                            &error)
                            == 40,
                          &error))
            continue;

          n_sent++;
          run_until (run, receiver.n_received > n_received || run->reports->len > n_reports);
        }

      run_until (run, receiver.n_received >= n_sent);
      if (receiver.n_received == N_DATAGRAMS)
        run_succeed (run);
    }

  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

static void
batches (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  g_autoptr(GPtrArray) datagrams = g_ptr_array_new_with_free_func ((GDestroyNotify)
                                                                     qnet_network_datagram_unref);
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver;

  receiver_init (&receiver, run);
  receiver.by_batch = TRUE;
  if (bind_to (run, receiver.socket, address))
    {
      guint n_sent = 0;

      for (guint i = 0; i < N_DATAGRAMS; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);

          g_ptr_array_add (datagrams,
                           qnet_network_datagram_new_from_bytes (
                             bytes, address,
                             qnet_abstract_socket_get_local_port (ABSTRACT (receiver.socket))));
        }

      while (datagrams->len > 0)
        {
          GError *error = NULL;
          gssize n = qnet_udp_socket_write_datagrams (sender, datagrams, &error);

          if (!run_check (run, n >= 0, &error))
            break;

          if (n == 0)
            {
              run_add_fault (run, "a batch is not sent, and there is no error");
              break;
            }

          n_sent += (guint) n;
          g_ptr_array_remove_range (datagrams, 0, (guint) n);
        }

      receive_all (&receiver, n_sent);
    }

  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

/* Connected; by the functions of a device */
static void
connected (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver;
  guint n_sent = 0;

  receiver_init (&receiver, run);
  qnet_socket_set_connect_timeout (QNET_SOCKET (sender), 1000);
  if (bind_to (run, receiver.socket, address))
    {
      qnet_abstract_socket_connect_to_address (
        ABSTRACT (sender), address,
        qnet_abstract_socket_get_local_port (ABSTRACT (receiver.socket)));
      run_until (run,
                 qnet_socket_get_state (QNET_SOCKET (sender)) == QNET_SOCKET_STATE_CONNECTED
                   || qnet_socket_get_state (QNET_SOCKET (sender))
                        == QNET_SOCKET_STATE_UNCONNECTED);

      if (qnet_socket_get_state (QNET_SOCKET (sender)) == QNET_SOCKET_STATE_CONNECTED)
        for (guint i = 0; i < N_DATAGRAMS; i++)
          {
            g_autoptr(GBytes) bytes = make_datagram ((guint8) i);
            GError *error = NULL;

            n_sent += run_check (run,
                                 qnet_io_device_write_bytes (DEVICE (sender), bytes, &error) == 40,
                                 &error);
          }

      receive_all (&receiver, n_sent);
    }

  qnet_abstract_socket_disconnect_from_host (ABSTRACT (sender));
  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

static void
multicast (Run *run)
{
  g_autoptr(QnetHostAddress) group = qnet_host_address_from_string ("239.255.43.22");
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver;
  GError *error = NULL;
  guint n_sent = 0;

  receiver_init (&receiver, run);
  if (bind_to (run, receiver.socket, any) && bind_to (run, sender, any)
      && run_check (run,
                    qnet_udp_socket_join_multicast_group (receiver.socket, group, "lo", &error),
                    &error)
      && run_check (run, qnet_udp_socket_set_multicast_interface (sender, "lo", &error), &error))
    {
      for (guint i = 0; i < N_DATAGRAMS; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);

          n_sent += run_check (run,
                               qnet_udp_socket_write_datagram_bytes_to (
                                 sender, bytes, group,
                                 qnet_abstract_socket_get_local_port (ABSTRACT (receiver.socket)),
                                 &error)
                                 == 40,
                               &error);
        }

      receive_all (&receiver, n_sent);
      run_check (run, qnet_udp_socket_leave_multicast_group (receiver.socket, group, "lo", &error),
                 &error);
    }

  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

/* By waits */
static void
waits (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver = { .run = run, .socket = new_socket (run) };
  GError *error = NULL;
  guint n_sent = 0;

  if (bind_to (run, receiver.socket, address))
    {
      for (guint i = 0; i < N_DATAGRAMS; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);

          n_sent += run_check (run,
                               qnet_udp_socket_write_datagram_bytes_to (
                                 sender, bytes, address,
                                 qnet_abstract_socket_get_local_port (ABSTRACT (receiver.socket)),
                                 &error)
                                 == 40,
                               &error);
        }

      while (receiver.n_received < n_sent)
        {
          if (!qnet_udp_socket_has_pending_datagrams (receiver.socket)
              && !run_check (run,
                             qnet_io_device_wait_for_ready_read (DEVICE (receiver.socket), 2000,
                                                                 &error),
                             &error))
            break;

          while (qnet_udp_socket_has_pending_datagrams (receiver.socket))
            take_one (&receiver);
        }

      if (receiver.n_received == N_DATAGRAMS)
        run_succeed (run);
    }

  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

/* By asynchronous calls */

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

static gboolean
send_async (Run                 *run,
            QnetUdpSocket       *sender,
            QnetNetworkDatagram *datagram)
{
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  qnet_udp_socket_write_datagram_async (sender, datagram, 0, NULL, result_cb, &result);
  run_until (run, result != NULL);

  return result != NULL
         && run_check (run, qnet_udp_socket_write_datagram_finish (sender, result, &error) == 40,
                       &error);
}

static void
receive_async (Receiver *receiver)
{
  g_autoptr(QnetNetworkDatagram) datagram = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  GError *error = NULL;

  qnet_udp_socket_receive_datagram_async (receiver->socket, 0, 0, NULL, result_cb, &result);
  run_until (receiver->run, result != NULL);
  if (result == NULL)
    return;

  datagram = qnet_udp_socket_receive_datagram_finish (receiver->socket, result, &error);
  if (run_check (receiver->run, datagram != NULL, &error))
    take (receiver, datagram);
}

static void
calls (Run *run)
{
  g_autoptr(QnetHostAddress) address = new_loopback ();
  QnetUdpSocket *sender = new_socket (run);
  Receiver receiver = { .run = run, .socket = new_socket (run) };

  if (bind_to (run, receiver.socket, address))
    {
      for (guint i = 0; i < N_DATAGRAMS && !run->is_late; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);
          g_autoptr(QnetNetworkDatagram) datagram =
            qnet_network_datagram_new_from_bytes (bytes, address,
                                       qnet_abstract_socket_get_local_port (ABSTRACT (receiver
                                                                                        .socket)));
          guint n_before = receiver.n_received;

          if (send_async (run, sender, datagram))
            receive_async (&receiver);

          /* A call that has failed has taken none: it is there for the next. */
          if (receiver.n_received == n_before
              && qnet_udp_socket_has_pending_datagrams (receiver.socket))
            receive_async (&receiver);
        }

      if (receiver.n_received == N_DATAGRAMS)
        run_succeed (run);
    }

  g_object_unref (sender);
  g_object_unref (receiver.socket);
}

/* By a relay, which sends them back */
static void
relayed (Run *run)
{
  g_autoptr(QnetHostAddress) any = qnet_host_address_new_special (QNET_SPECIAL_ADDRESS_ANY_IPV4);
  g_autoptr(QnetHostAddress) far = qnet_host_address_from_string ("192.0.2.1");
  Peer *peer = peer_new (PEER_SOCKS5);
  g_autoptr(QnetNetworkProxy) proxy = qnet_network_proxy_new (QNET_PROXY_TYPE_SOCKS5, "127.0.0.1",
                                                              peer_get_port (peer), NULL, NULL);
  Receiver receiver;
  guint n_sent = 0;

  receiver_init (&receiver, run);
  qnet_abstract_socket_set_proxy (ABSTRACT (receiver.socket), proxy);
  qnet_socket_set_connect_timeout (QNET_SOCKET (receiver.socket), 1000);
  if (bind_to (run, receiver.socket, any))
    {
      run_until (run, qnet_socket_get_state (QNET_SOCKET (receiver.socket))
                          == QNET_SOCKET_STATE_BOUND
                        || run->reports->len > 0);
      for (guint i = 0; i < N_DATAGRAMS; i++)
        {
          g_autoptr(GBytes) bytes = make_datagram ((guint8) i);
          GError *error = NULL;

          n_sent += run_check (run,
                               qnet_udp_socket_write_datagram_bytes_to (receiver.socket, bytes, far,
                                                                        9, &error)
                                 == 40,
                               &error);
        }

      receive_all (&receiver, n_sent);
    }

  g_object_unref (receiver.socket);
  run_settle (run);
  peer_free (peer);
}

const Scenario datagram_scenarios[] = {
  { "udp-unconnected", unconnected },
  { "udp-one-by-one", one_by_one },
  { "udp-batches", batches },
  { "udp-connected", connected },
  { "udp-multicast", multicast },
  { "udp-waits", waits },
  { "udp-async", calls },
  { "udp-relayed", relayed },
  { NULL },
};
