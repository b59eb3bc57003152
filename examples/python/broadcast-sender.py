#!/usr/bin/python3
#
# broadcast-sender.py: broadcasts a datagram on the network once a second
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import itertools
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

def port(text):
    number = int(text)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text}")
    return number


def count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"at least one is sent, not {text}")
    return number


parser = argparse.ArgumentParser(description="Broadcasts datagrams.")
parser.add_argument("--address", default="255.255.255.255")
parser.add_argument("--port", type=port, default=45454)
parser.add_argument("--count", type=count, help="how many to send; for ever, if it is not given")
arguments = parser.parse_args()

address = Qnet.HostAddress.from_string(arguments.address)
if address is None:
    sys.exit(f"{arguments.address} is no address.")

socket = Qnet.UdpSocket()
numbers = itertools.count(1)
failure = None
loop = GLib.MainLoop()


def send():
    global failure
    number = next(numbers)
    text = f"Broadcast datagram {number}"
    try:
        socket.write_datagram_to(text.encode(), address, arguments.port)
        print("Sent:", text, flush=True)
    except GLib.Error as error:
        failure = error.message

    if failure or number == arguments.count:
        loop.quit()
    return GLib.SOURCE_CONTINUE


GLib.timeout_add_seconds(1, send)
with contextlib.suppress(KeyboardInterrupt):
    loop.run()
sys.exit(failure)
