#!/usr/bin/python3
#
# client-certificate-server.py: welcomes clients by the names in their certificates
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


def welcome(server):
    # Emitted only for clients whose certificate the authority has signed.
    connection = server.next_pending_connection()
    name = connection.get_peer_certificate().get_subject_name()

    connection.write(f"Welcome, {name}\n".encode())
    connection.disconnect_from_host()


def start(server, arguments):
    server.set_certificate_files(arguments.certificate, None)
    server.set_database_file(arguments.authority)
    server.set_peer_verify_mode(Qnet.SslPeerVerifyMode.VERIFY)
    server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), arguments.port)


def port(text):
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Welcomes clients by their certificates.")
parser.add_argument("--certificate", required=True, help="a PEM file with certificate and key")
parser.add_argument("--authority", required=True, help="accept the clients of this PEM file")
parser.add_argument("--port", type=port, default=0, help="listen on this port; 0 takes a free one")
arguments = parser.parse_args()

server = Qnet.SslServer()
server.connect("new-connection", welcome)
server.connect("handshake-failed", lambda _, socket, error: print(error.message, file=sys.stderr))

try:
    start(server, arguments)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_server_address()} port {server.get_server_port()}",
          flush=True)
    GLib.MainLoop().run()
