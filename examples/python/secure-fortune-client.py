#!/usr/bin/python3
#
# secure-fortune-client.py: asks for a fortune, encrypted
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


parser = argparse.ArgumentParser(description="Asks for a fortune, encrypted.")
parser.add_argument("host")
parser.add_argument("port", type=port)
parser.add_argument("--authority", help="trust this PEM file, not the system")
arguments = parser.parse_args()

loop = GLib.MainLoop()
socket = Qnet.SslSocket()
failure = None


def ready_read(socket):
    if socket.can_read_line():
        print(socket.read_line().decode(errors="replace"), end="")
        socket.disconnect_from_host()
        loop.quit()


def error_occurred(socket, error):
    # An invalid certificate is an error, too; nothing was sent then.
    global failure
    failure = error.message
    loop.quit()


socket.connect("ready-read", ready_read)
socket.connect("error-occurred", error_occurred)

try:
    if arguments.authority:
        socket.set_database_file(arguments.authority)
except GLib.Error as error:
    sys.exit(error.message)

socket.connect_to_host_encrypted(arguments.host, arguments.port)
loop.run()
sys.exit(failure)
