#!/usr/bin/python3
#
# fortune-server.py: sends a fortune to each client
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
    "Today a packet will find you that was lost long ago.\n",
    "You will soon be connected to an interesting host.\n",
    "Close what you open, and you will never run out.\n",
    "Patience: every buffer drains in the end.\n",
    "The shortest route is rarely the one with the most traffic.\n",
]


def send_fortune(server):
    # The server keeps a reference to the connection until it is disconnected.
    connection = server.next_pending_connection()

    # Written data is sent before the connection is closed.
    connection.write(random.choice(FORTUNES).encode())
    connection.disconnect_from_host()


def host_address(text):
    address = Qnet.HostAddress.from_string(text)
    if address is None:
        raise argparse.ArgumentTypeError(f"that is no address: {text}")
    return address


def port(text):
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Sends fortunes.")
parser.add_argument("--address", type=host_address, default="127.0.0.1",
                    help="listen on this address")
parser.add_argument("--port", type=port, default=0, help="listen on this port; 0 takes a free one")
arguments = parser.parse_args()

server = Qnet.TcpServer()
server.connect("new-connection", send_fortune)

try:
    server.listen(arguments.address, arguments.port)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_server_address()} port {server.get_server_port()}",
          flush=True)
    GLib.MainLoop().run()
