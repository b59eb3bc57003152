#!/usr/bin/python3
#
# local-fortune-server.py: sends a fortune to each client of the same user
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
    "A server that listens learns more than one that talks.\n",
    "You will soon be connected to an interesting host.\n",
    "The shortest route is rarely the one with the most traffic.\n",
]


def send_fortune(server):
    # The server keeps a reference to the connection until it is disconnected.
    connection = server.next_pending_connection()

    # Written data is sent before the connection is closed.
    connection.write(random.choice(FORTUNES).encode())
    connection.disconnect_from_server()


parser = argparse.ArgumentParser(description="Sends fortunes to programs of this user.")
parser.add_argument("name", nargs="?", default="fortune",
                    help="that of the server (default: fortune)")
arguments = parser.parse_args()

server = Qnet.LocalServer()
server.connect("new-connection", send_fortune)

try:
    # Removes the file of a server that has crashed, but not that of a running server.
    Qnet.LocalServer.remove_server(arguments.name)
    server.listen(arguments.name)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_full_server_name()}", flush=True)
    GLib.MainLoop().run()
