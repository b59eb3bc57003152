#!/usr/bin/python3
#
# secure-fortune-server.py: sends a fortune to each client, encrypted
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
    "What is sealed today is read by the right one tomorrow.\n",
    "An old friend will present a valid certificate.\n",
    "An unknown signature proves nothing. Ask for a known one.\n",
]


def send_fortune(server):
    # Emitted when a connection is encrypted, and not for those that fail.
    connection = server.next_pending_connection()

    connection.write(random.choice(FORTUNES).encode())
    connection.disconnect_from_host()


def port(text):
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Sends fortunes, encrypted.")
parser.add_argument("--certificate", required=True, help="a PEM file with certificate and key")
parser.add_argument("--port", type=port, default=0, help="listen on this port; 0 takes a free one")
arguments = parser.parse_args()

server = Qnet.SslServer()
server.connect("new-connection", send_fortune)
server.connect("handshake-failed", lambda _, socket, error: print(error.message, file=sys.stderr))

try:
    server.set_certificate_files(arguments.certificate, None)
    server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), arguments.port)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_server_address()} port {server.get_server_port()}",
          flush=True)
    GLib.MainLoop().run()
