/* client-qt.cpp: clients on Qt 6
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <QCoreApplication>
#include <QHostAddress>
#include <QTcpSocket>

#include "client.h"

static void
send_request (QTcpSocket *client)
{
  client->write (client_request, CLIENT_REQUEST_SIZE);
}

static void
take_answers (QTcpSocket *client)
{
  while (client->bytesAvailable () >= CLIENT_REQUEST_SIZE)
    {
      char buffer[CLIENT_REQUEST_SIZE];

      client->read (buffer, sizeof buffer);
      client_take (buffer, sizeof buffer, CLIENT_REQUEST_SIZE);
      send_request (client);
    }
}

int
main (int    argc,
      char **argv)
{
  QCoreApplication app (argc, argv);
  MeterTask task;

  meter_parse (&task, argc, argv);
  meter_start ();
  for (int i = 0; i < task.active; i++)
    {
      auto client = new QTcpSocket (&app);

      QObject::connect (client, &QTcpSocket::connected, [client] {
        client->setSocketOption (QAbstractSocket::LowDelayOption, 1);
        send_request (client);
      });
      QObject::connect (client, &QTcpSocket::readyRead, [client] { take_answers (client); });
      QObject::connect (client, &QTcpSocket::errorOccurred, [] { meter_fail ("client"); });
      client->connectToHost (QHostAddress (QHostAddress::LocalHost), quint16 (meter_port (&task)));
    }

  return app.exec ();
}
