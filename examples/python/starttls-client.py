#!/usr/bin/python3
#
# starttls-client.py: asks for a fortune, once STARTTLS has encrypted the connection
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

PATIENCE = 5000  # milliseconds, for each step


def read_line(socket):
    # A line may arrive in pieces.
    while not socket.can_read_line():
        socket.wait_for_ready_read(PATIENCE)

    return socket.read_line().decode(errors="replace")


def ask(host, port, authority):
    with Qnet.SslSocket() as socket:
        if authority:
            socket.set_database_file(authority)

        socket.connect_to_host(host, port)
        socket.wait_for_connected(PATIENCE)

        # An attacker may have changed the answer: without encryption this is the end.
        socket.write(b"STARTTLS\n")
        if read_line(socket) != "OK\n":
            sys.exit(f"{host} port {port} does not encrypt connections")

        socket.start_client_encryption()
        socket.wait_for_encrypted(PATIENCE)
        socket.write(b"FORTUNE\n")
        return read_line(socket)


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Asks for a fortune, after STARTTLS.")
parser.add_argument("host")
parser.add_argument("port", type=port)
parser.add_argument("--authority", help="trust this PEM file, not the system")
arguments = parser.parse_args()

try:
    print(ask(arguments.host, arguments.port, arguments.authority), end="")
except GLib.Error as error:
    sys.exit(error.message)
