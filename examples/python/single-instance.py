#!/usr/bin/python3
#
# single-instance.py: the first start stays, and the others hand their arguments to it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


def open_files(connection):
    for line in connection:
        print("Asked to open:", line.decode().rstrip("\n"), flush=True)


def greet(server):
    server.next_pending_connection().connect("ready-read", open_files)


def hand_over(name, arguments):
    """Fails where nobody is there yet."""
    socket = Qnet.LocalSocket()
    socket.connect_to_server(name)
    try:
        socket.wait_for_connected(5000)
    except GLib.Error:
        return False

    for argument in arguments:
        socket.write(f"{argument}\n".encode())

    socket.disconnect_from_server()
    if socket.props.state != Qnet.LocalSocketState.UNCONNECTED:
        socket.wait_for_disconnected(5000)
    return True


if len(sys.argv) < 2:
    sys.exit("Usage: single-instance.py NAME [ARGUMENT...]")

name, *arguments = sys.argv[1:]
if hand_over(name, arguments):
    sys.exit()

server = Qnet.LocalServer()
server.connect("new-connection", greet)
try:
    Qnet.LocalServer.remove_server(name)
    server.listen(name)
except GLib.Error as error:
    sys.exit(error.message)

print("This is the first one.", flush=True)
GLib.MainLoop().run()
