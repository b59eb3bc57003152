#!/usr/bin/python3
#
# fortune-by-proxy.py: asks for a fortune through a proxy
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import os
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

PATIENCE = 5000  # milliseconds, for each step


def authenticate(socket, proxy, authenticator):
    # A program with windows would hold the authenticator, show a dialog, and then resume.
    authenticator.set_user(os.environ.get("PROXY_USER"))
    authenticator.set_password(os.environ.get("PROXY_PASSWORD"))


def ask(proxy, host, port):
    with Qnet.TcpSocket() as socket:
        socket.connect("proxy-authentication-required", authenticate)
        socket.set_proxy(proxy)
        socket.connect_to_host(host, port)
        socket.wait_for_connected(PATIENCE)

        while not socket.can_read_line():
            socket.wait_for_ready_read(PATIENCE)

        return socket.read_line().decode(errors="replace")


def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Asks for a fortune through a proxy.")
parser.add_argument("proxy", help="its URI")
parser.add_argument("host")
parser.add_argument("port", type=port)
arguments = parser.parse_args()

try:
    print(ask(Qnet.NetworkProxy.new_from_uri(arguments.proxy), arguments.host, arguments.port),
          end="")
except GLib.Error as error:
    sys.exit(error.message)
