#!/usr/bin/python3
#
# broadcast-receiver.py: prints the datagrams that are broadcast on the network
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet


def on_ready_read(socket):
    # The signal is emitted again when more datagrams are available after a read.
    data, address, port = socket.read_datagram()
    print(f"{address}: {data.decode(errors='replace')}", flush=True)


def port(text):
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return number


parser = argparse.ArgumentParser(description="Prints broadcast datagrams.")
parser.add_argument("--port", type=port, default=45454)
arguments = parser.parse_args()

socket = Qnet.UdpSocket()
socket.connect("ready-read", on_ready_read)
try:
    socket.bind_port(arguments.port, Qnet.BindFlags.SHARE_ADDRESS)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print("Listening on port", socket.get_local_port(), flush=True)
    GLib.MainLoop().run()
