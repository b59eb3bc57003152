#!/usr/bin/python3
#
# threaded-fortune-client.py: asks for a fortune in a thread, while the main loop runs
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys
import threading

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

PATIENCE = 5000  # milliseconds, for each step


class FortuneThread(threading.Thread):
    """Passes the outcome to the main loop, which owns objects such as windows."""

    def __init__(self, host, port, finished):
        super().__init__(daemon=True)
        self.host = host
        self.port = port
        self.finished = finished

    def run(self):
        try:
            outcome = self.ask(), None
        except GLib.Error as error:
            outcome = None, error.message
        GLib.idle_add(self.finished, *outcome)

    def ask(self):
        # The socket is created, used and freed in this thread, and driven by its waits.
        with Qnet.TcpSocket() as socket:
            socket.connect_to_host(self.host, self.port)
            socket.wait_for_connected(PATIENCE)

            # A line may arrive in pieces.
            while not socket.can_read_line():
                socket.wait_for_ready_read(PATIENCE)

            return socket.read_line().decode(errors="replace")


class Program:
    def __init__(self, host, port):
        self.loop = GLib.MainLoop()
        self.thread = FortuneThread(host, port, self.finished)
        self.failure = None

    def run(self):
        self.thread.start()
        self.loop.run()
        return self.failure

    def finished(self, fortune, failure):
        """In the main loop again."""
        if fortune is not None:
            print(fortune, end="")
        self.failure = failure
        self.loop.quit()


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Asks for a fortune in a thread.")
parser.add_argument("host")
parser.add_argument("port", type=port)
arguments = parser.parse_args()

sys.exit(Program(arguments.host, arguments.port).run())
