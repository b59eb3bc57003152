#!/usr/bin/python3
#
# starttls-server.py: sends fortunes, once STARTTLS has encrypted the connection
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import random
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

FORTUNES = [
    "What begins in the open will end in confidence.\n",
    "You will change your cipher, and keep your friends.\n",
    "Read everything before you start something new.\n",
]


class FortuneServer(Qnet.TcpServer):
    # The connections of a QnetSslServer are encrypted from the start; these can be, later.
    def do_incoming_connection(self, fd):
        connection = Qnet.SslSocket()
        connection.set_ssl_configuration(configuration)
        connection.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
        self.add_pending_connection(connection)


def answer(connection, command):
    encrypted = connection.is_encrypted()

    if command == b"STARTTLS" and not encrypted:
        connection.write(b"OK\n")  # unencrypted; what is written from now on is encrypted
        connection.start_server_encryption()
    elif command == b"FORTUNE" and encrypted:
        connection.write(random.choice(FORTUNES).encode())
    else:
        connection.write(b"NO\n")


def ready_read(connection):
    try:
        while connection.can_read_line():
            answer(connection, connection.read_line().rstrip())
    except GLib.Error as error:
        print(error.message, file=sys.stderr)  # the connection has been aborted


def port(text):
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Sends fortunes, after STARTTLS.")
parser.add_argument("--certificate", required=True, help="a PEM file with certificate and key")
parser.add_argument("--port", type=port, default=0, help="listen on this port; 0 takes a free one")
arguments = parser.parse_args()

server = FortuneServer()
server.connect("new-connection",
               lambda _: server.next_pending_connection().connect("ready-read", ready_read))

try:
    configuration = Qnet.SslConfiguration().with_certificate_files(arguments.certificate, None)
    server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), arguments.port)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_server_address()} port {server.get_server_port()}",
          flush=True)
    GLib.MainLoop().run()
