#!/usr/bin/python3
#
# local-fortune-server.py: tells a fortune to every program of this user that asks
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
    "You will soon be connected to somebody interesting.\n",
    "The shortest route is the one nobody else is taking.\n",
]


def tell_fortune(server):
    # The server keeps the connection until it is disconnected: this variable may go.
    connection = server.next_pending_connection()

    # What was written is sent before the connection ends.
    connection.write(random.choice(FORTUNES).encode())
    connection.disconnect_from_server()


parser = argparse.ArgumentParser(description="Tells fortunes to programs of this user.")
parser.add_argument("name", nargs="?", default="fortune", help="that of the server (default: fortune)")
arguments = parser.parse_args()

server = Qnet.LocalServer()
server.connect("new-connection", tell_fortune)

try:
    # A server that has crashed leaves its file behind; a live one is spared.
    Qnet.LocalServer.remove_server(arguments.name)
    server.listen(arguments.name)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_full_server_name()}", flush=True)
    GLib.MainLoop().run()
