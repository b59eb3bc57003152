#!/usr/bin/python3
#
# server-qnet.py: an echo server in Python on qnet
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


def echo(connection):
    connection.write(connection.read_all())


def new_connection(server):
    server.next_pending_connection().connect("ready-read", echo)


if sys.argv[1] != "echo":
    print("left out: in Python there is only the echo", flush=True)
    sys.exit(77)

server = Qnet.TcpServer()
server.connect("new-connection", new_connection)
server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), 0)
print(server.get_server_port(), flush=True)
GLib.MainLoop().run()
