#!/usr/bin/python3
#
# ticker.py: prints what a server reports, line by line, and comes back when the connection is lost
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import Gio, GLib, Qnet


class Ticker:
    def __init__(self, arguments):
        self.user = arguments.user
        self.lines = arguments.lines
        self.hold = 0  # while the answer to the login is awaited
        self.error = None
        self.loop = GLib.MainLoop()

        # A server that accepts connections and sends nothing is lost, too.
        self.socket = Qnet.TcpSocket(idle_timeout=60000)
        self.socket.connect("ready-read", self.on_ready_read)

        self.reconnector = Qnet.Reconnector(socket=self.socket, max_attempts=arguments.attempts)
        self.reconnector.add_host(arguments.host, arguments.port)
        self.reconnector.connect("prepare", self.on_prepare)
        self.reconnector.connect("disconnected", self.on_disconnected)
        self.reconnector.connect("gave-up", self.on_gave_up)
        self.reconnector.start()

    def on_prepare(self, reconnector):
        # Emitted for each new connection, before it counts as one.
        self.socket.write(f"LOGIN {self.user}\n".encode())
        self.hold = reconnector.hold()

    def on_ready_read(self, socket):
        while socket.can_read_line():
            line = socket.read_line().decode(errors="replace").rstrip("\n")
            if self.hold:
                self.handle_answer(line)
            else:
                self.handle_line(line)

    def handle_answer(self, answer):
        hold, self.hold = self.hold, 0
        if answer == "OK":
            self.reconnector.resume(hold)
        else:
            error = GLib.Error.new_literal(Gio.io_error_quark(), f"The login was refused: {answer}",
                                           Gio.IOErrorEnum.PERMISSION_DENIED)
            self.reconnector.fail(hold, error)

    def handle_line(self, line):
        print(line, flush=True)
        self.lines -= 1
        if self.lines == 0:
            self.loop.quit()

    def on_disconnected(self, reconnector):
        print(reconnector.props.error.message, file=sys.stderr)

    def on_gave_up(self, _reconnector, error):
        self.error = error
        self.loop.quit()


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


def count(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"it is not negative: {text}")
    return number


parser = argparse.ArgumentParser(description="Prints what a server reports.")
parser.add_argument("host")
parser.add_argument("port", type=port)
parser.add_argument("--user", default="reader", help="log in as USER")
parser.add_argument("--lines", type=count, default=0, help="end after so many lines")
parser.add_argument("--attempts", type=count, default=0, help="give up after so many attempts")

ticker = Ticker(parser.parse_args())
ticker.loop.run()
if ticker.error:
    sys.exit(ticker.error.message)
