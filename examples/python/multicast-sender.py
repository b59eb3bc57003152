#!/usr/bin/python3
#
# multicast-sender.py: sends a datagram to a group once a second
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


parser = argparse.ArgumentParser(description="Sends datagrams to a group.")
parser.add_argument("--group", default="239.255.43.21")
parser.add_argument("--interface", help="the network interface")
parser.add_argument("--port", type=port, default=45454)
parser.add_argument("--ttl", type=int, default=1, help="how many hops it may make")
parser.add_argument("--count", type=count, help="how many to send; for ever, if it is not given")
arguments = parser.parse_args()

group = Qnet.HostAddress.from_string(arguments.group)
if group is None:
    sys.exit(f"{arguments.group} is no address.")

socket = Qnet.UdpSocket()
numbers = itertools.count(1)
failure = None
loop = GLib.MainLoop()


def prepare():
    """Binds to the family of the group, and sets the interface and the TTL."""
    is_ipv6 = group.get_protocol() == Qnet.NetworkLayerProtocol.IPV6
    special = Qnet.SpecialAddress.ANY_IPV6 if is_ipv6 else Qnet.SpecialAddress.ANY_IPV4
    socket.bind(Qnet.HostAddress.new_special(special), 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
    socket.set_multicast_interface(arguments.interface)
    socket.set_socket_option(Qnet.SocketOption.MULTICAST_TTL, arguments.ttl)


def send():
    global failure
    number = next(numbers)
    text = f"Multicast datagram {number}"
    try:
        socket.write_datagram_to(text.encode(), group, arguments.port)
        print("Sent:", text, flush=True)
    except GLib.Error as error:
        failure = error.message

    if failure or number == arguments.count:
        loop.quit()
    return GLib.SOURCE_CONTINUE


try:
    prepare()
except GLib.Error as error:
    sys.exit(error.message)

GLib.timeout_add_seconds(1, send)
with contextlib.suppress(KeyboardInterrupt):
    loop.run()
sys.exit(failure)
