#!/usr/bin/python3
#
# fortune-client.py: asks for a fortune, while the main loop runs
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


class FortuneClient:
    def __init__(self, host, port):
        self.fortune = None
        self.error = None
        self.loop = GLib.MainLoop()

        self.socket = Qnet.TcpSocket()
        self.socket.connect("ready-read", self.on_ready_read)
        self.socket.connect("error-occurred", self.on_error_occurred)
        self.socket.connect_to_host(host, port)

    def run(self):
        self.loop.run()
        return self.fortune

    def on_ready_read(self, socket):
        # A line may arrive in pieces: nothing is read before it is complete.
        for line in socket:
            self.fortune = line.decode(errors="replace")
            socket.disconnect_from_host()
            self.loop.quit()
            return

    def on_error_occurred(self, socket, error):
        self.error = error
        self.loop.quit()


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Asks for a fortune.")
parser.add_argument("host")
parser.add_argument("port", type=port)
arguments = parser.parse_args()

client = FortuneClient(arguments.host, arguments.port)
fortune = client.run()
if fortune is None:
    sys.exit(client.error.message)

print(fortune, end="")
