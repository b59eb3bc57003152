/* server-qt.cpp: on Qt 6
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <QCoreApplication>
#include <QHostAddress>
#include <QLocalServer>
#include <QLocalSocket>
#include <QNetworkDatagram>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUdpSocket>

#include "common/peer.h"

static PeerTask task;

static void
echo (QIODevice *connection)
{
  connection->write (connection->readAll ());
}

static void
lines (QIODevice *connection)
{
  while (connection->canReadLine ())
    connection->write (connection->readLine ());
}

static void
pieces (QIODevice *connection)
{
  while (connection->bytesAvailable () >= PEER_REQUEST_SIZE)
    {
      connection->skip (PEER_REQUEST_SIZE);
      for (auto &piece : peer_pieces)
        connection->write (piece, PEER_PIECE_SIZE);
    }
}

/* There is one connection at a time in bulk. */

static quint64 left;

static void
bulk_in (QIODevice *connection)
{
  static char buffer[PEER_BLOCK_SIZE];
  qint64 n;

  while ((n = connection->read (buffer, sizeof buffer)) > 0)
    left += quint64 (n);

  if (left < task.bulk_size)
    return;

  left = 0;
  connection->write ("x", 1);
}

static void
send_blocks (QIODevice *connection)
{
  while (left > 0 && connection->bytesToWrite () < PEER_HIGH_WATER)
    left -= quint64 (connection->write (peer_block, qint64 (peer_part (left))));
}

static void
bulk_out (QIODevice *connection)
{
  connection->readAll ();
  left = task.bulk_size;
  send_blocks (connection);
}

static void (* const handlers[PEER_N_WORKLOADS]) (QIODevice *) = {
  echo, lines, pieces, bulk_in, bulk_out
};

template<typename Socket> static void
take (Socket *connection)
{
  auto handle = handlers[task.workload];

  QObject::connect (connection, &Socket::readyRead, [connection, handle] { handle (connection); });
  QObject::connect (connection, &Socket::disconnected, connection, &Socket::deleteLater);
  if (task.workload == PEER_BULK_OUT)
    QObject::connect (connection, &Socket::bytesWritten,
                      [connection] { send_blocks (connection); });
}

static void
listen (QTcpServer *server)
{
  server->setListenBacklogSize (4096);
  QObject::connect (server, &QTcpServer::newConnection, [server] {
    while (auto connection = server->nextPendingConnection ())
      {
        connection->setSocketOption (QAbstractSocket::LowDelayOption, 1);
        take (connection);
      }
  });
  if (!server->listen (QHostAddress::LocalHost, 0))
    peer_fail ("QTcpServer::listen");

  peer_print_port (&task, server->serverPort ());
}

static void
listen (QLocalServer *server)
{
  server->setListenBacklogSize (4096);
  QObject::connect (server, &QLocalServer::newConnection, [server] {
    while (auto connection = server->nextPendingConnection ())
      take (connection);
  });
  if (!server->listen (QString::fromLocal8Bit (task.path)))
    peer_fail ("QLocalServer::listen");

  peer_print_port (&task, 0);
}

static void
bind (QUdpSocket *socket)
{
  QObject::connect (socket, &QUdpSocket::readyRead, [socket] {
    while (socket->hasPendingDatagrams ())
      {
        QNetworkDatagram datagram = socket->receiveDatagram ();

        socket->writeDatagram (datagram.data (), datagram.senderAddress (),
                               quint16 (datagram.senderPort ()));
      }
  });
  if (!socket->bind (QHostAddress::LocalHost, 0))
    peer_fail ("QUdpSocket::bind");

  peer_print_port (&task, socket->localPort ());
}

int
main (int    argc,
      char **argv)
{
  QCoreApplication app (argc, argv);
  QTcpServer tcp;
  QLocalServer local;
  QUdpSocket udp;

  peer_parse (&task, argc, argv);
  if (task.workload == PEER_UDP_BATCH)
    peer_left_out ("Qt does not batch datagrams");

  if (task.workload == PEER_UDP)
    bind (&udp);
  else if (task.path != nullptr)
    listen (&local);
  else
    listen (&tcp);

  return app.exec ();
}
