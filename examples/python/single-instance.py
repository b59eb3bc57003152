#!/usr/bin/python3
#
# single-instance.py: the first instance keeps running, and others pass their arguments to it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


def open_files(connection):
    for line in connection:
        print("Asked to open:", line.decode(errors="replace").rstrip("\n"), flush=True)


def greet(server):
    server.next_pending_connection().connect("ready-read", open_files)


def become_first(server, name):
    """Fails if another instance is running."""
    try:
        # Removes the file of a server that has crashed, but not that of a running server.
        Qnet.LocalServer.remove_server(name)
        return server.listen(name)
    except GLib.Error as error:
        if error.matches(Qnet.SocketError, Qnet.SocketError.ADDRESS_IN_USE):
            return False
        sys.exit(error.message)


def hand_over(name, arguments):
    socket = Qnet.LocalSocket()
    socket.connect_to_server(name)
    try:
        socket.wait_for_connected(5000)
    except GLib.Error:
        return False

    for argument in arguments:
        socket.write(f"{argument}\n".encode())

    socket.disconnect_from_server()
    if socket.props.state != Qnet.SocketState.UNCONNECTED:
        socket.wait_for_disconnected(5000)
    return True


parser = argparse.ArgumentParser(description="Passes its arguments to the first instance.")
parser.add_argument("name", help="what all of them have in common")
parser.add_argument("argument", nargs="*")
arguments = parser.parse_args()

server = Qnet.LocalServer()
server.connect("new-connection", greet)

# If both fail, the first instance has exited in the meantime, or does not listen yet.
while not become_first(server, arguments.name):
    if hand_over(arguments.name, arguments.argument):
        sys.exit()

with contextlib.suppress(KeyboardInterrupt):
    print("This is the first one.", flush=True)
    GLib.MainLoop().run()
