#!/usr/bin/python3
#
# session-resumption.py: connects twice, and resumes the session of the first connection
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

PATIENCE = 5000  # milliseconds, for each step


def connect(host, port, authority):
    with Qnet.SslSocket() as socket:
        if authority:
            socket.set_database_file(authority)

        socket.connect_to_host_encrypted(host, port)
        socket.wait_for_encrypted(PATIENCE)

        # In TLS 1.3 the ticket for the next connection comes in front of the server's data.
        while not socket.can_read_line():
            socket.wait_for_ready_read(PATIENCE)

        return socket.is_session_reused()


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Connects twice, and resumes the session.")
parser.add_argument("host")
parser.add_argument("port", type=port)
parser.add_argument("--authority", help="trust this PEM file, not the system")
arguments = parser.parse_args()

try:
    for number in 1, 2:
        reused = connect(arguments.host, arguments.port, arguments.authority)
        print(f"Connection {number}: {'session reused' if reused else 'full handshake'}")
except GLib.Error as error:
    sys.exit(error.message)
