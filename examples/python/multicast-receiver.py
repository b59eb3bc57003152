#!/usr/bin/python3
#
# multicast-receiver.py: joins a group, and prints its datagrams
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


parser = argparse.ArgumentParser(description="Prints the datagrams of a group.")
parser.add_argument("--group", default="239.255.43.21")
parser.add_argument("--interface", help="the network interface")
parser.add_argument("--port", type=port, default=45454)
arguments = parser.parse_args()

group = Qnet.HostAddress.from_string(arguments.group)
if group is None:
    sys.exit(f"{arguments.group} is no address.")

# A socket receives from groups of the family that it is bound to.
is_ipv6 = group.get_protocol() == Qnet.NetworkLayerProtocol.IPV6
any_address = Qnet.HostAddress.new_special(
    Qnet.SpecialAddress.ANY_IPV6 if is_ipv6 else Qnet.SpecialAddress.ANY_IPV4
)

socket = Qnet.UdpSocket()
socket.connect("ready-read", on_ready_read)
try:
    socket.bind(any_address, arguments.port, Qnet.BindFlags.SHARE_ADDRESS)
    socket.join_multicast_group(group, arguments.interface)
except GLib.Error as error:
    sys.exit(error.message)

with contextlib.suppress(KeyboardInterrupt):
    print("Listening on port", socket.get_local_port(), flush=True)
    GLib.MainLoop().run()
