#!/usr/bin/python3
#
# local-fortune-client.py: asks the fortune server of this user
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

parser = argparse.ArgumentParser(description="Asks the fortune server of this user.")
parser.add_argument("name", nargs="?", default="fortune",
                    help="that of the server (default: fortune)")
arguments = parser.parse_args()

socket = Qnet.LocalSocket()
socket.connect_to_server(arguments.name)

try:
    # No main loop: each call dispatches only this socket.
    socket.wait_for_connected(5000)
    while not socket.can_read_line():
        socket.wait_for_ready_read(5000)
except GLib.Error as error:
    sys.exit(error.message)

print(socket.read_line().decode(errors="replace"), end="")
