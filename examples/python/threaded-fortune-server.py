#!/usr/bin/python3
#
# threaded-fortune-server.py: sends each fortune from a thread of its own
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import os
import random
import sys
import threading

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

FORTUNES = [
    "Many threads make a strong rope, and now and then a knot.\n",
    "What you share you must lock; what you hand over you may forget.\n",
    "Another thread is already working on it.\n",
    "You will be scheduled soon.\n",
]


def send_fortune(fd):
    connection = Qnet.TcpSocket()

    # Only the descriptor moves to another thread. This thread has no main loop, so it waits.
    try:
        connection.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        os.close(fd)
        return

    with connection:
        connection.write(random.choice(FORTUNES).encode())
        connection.wait_for_bytes_written(5000)


class FortuneServer(Qnet.TcpServer):
    def do_incoming_connection(self, fd):
        threading.Thread(target=send_fortune, args=(fd,)).start()


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


parser = argparse.ArgumentParser(description="Sends fortunes from threads.")
parser.add_argument("--address", type=host_address, default="127.0.0.1",
                    help="listen on this address")
parser.add_argument("--port", type=port, default=0, help="listen on this port; 0 takes a free one")
arguments = parser.parse_args()

server = FortuneServer()

try:
    server.listen(arguments.address, arguments.port)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print(f"The server is running on {server.get_server_address()} port {server.get_server_port()}",
          flush=True)
    GLib.MainLoop().run()
