#!/usr/bin/python3
#
# https-get.py: fetches a page, without any main loop
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Fetches a page.")
parser.add_argument("host")
parser.add_argument("port", type=port)
parser.add_argument("path")
parser.add_argument("--authority", help="trust this PEM file, not the system")
arguments = parser.parse_args()

socket = Qnet.SslSocket()

try:
    if arguments.authority:
        socket.set_database_file(arguments.authority)

    # Data that is written before the connection is encrypted is sent afterwards.
    socket.connect_to_host_encrypted(arguments.host, arguments.port)
    socket.write(f"GET {arguments.path} HTTP/1.1\r\n"
                 f"Host: {arguments.host}\r\n"
                 "Connection: close\r\n\r\n".encode())
    socket.wait_for_encrypted(-1)
except GLib.Error as error:
    sys.exit(error.message)

try:
    while True:
        sys.stdout.buffer.write(socket.read_all())
        socket.wait_for_ready_read(30000)
except GLib.Error:
    sys.stdout.buffer.write(socket.read_all())  # the server has sent everything
