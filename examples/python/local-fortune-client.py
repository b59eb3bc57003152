#!/usr/bin/python3
#
# local-fortune-client.py: asks the fortune server of this user
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

socket = Qnet.LocalSocket()
socket.connect_to_server(sys.argv[1] if len(sys.argv) > 1 else "fortune")

try:
    # No main loop: each call waits for this socket alone.
    socket.wait_for_connected(5000)
    while not socket.can_read_line():
        socket.wait_for_ready_read(5000)
except GLib.Error as error:
    sys.exit(error.message)

print(socket.read_line(0).decode(), end="")
