#!/usr/bin/python3
#
# pass-descriptors.py: opens a file, and lets another process read it
#
# The other process does not need permission to open the file itself.
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import os
import socket
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import Gio, Qnet


def wrap(fd):
    device = Qnet.LocalSocket()
    device.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
    return device


def send_file(fd, file):
    """The one that has opened it."""
    device = wrap(fd)
    device.send_fds(Gio.UnixFDList.new_from_array([file]))

    # The descriptor is sent with the next byte.
    device.write(b"here it is\n")
    device.wait_for_bytes_written(5000)


def print_file(fd):
    """The one that reads."""
    device = wrap(fd)
    device.props.fd_limit = 1
    device.wait_for_ready_read(5000)

    with os.fdopen(device.receive_fds().steal_fds()[0]) as file:
        print(file.read(), end="", flush=True)


parser = argparse.ArgumentParser(description="Opens a file in one process, prints it in another.")
parser.add_argument("file")
arguments = parser.parse_args()

try:
    file = os.open(arguments.file, os.O_RDONLY)
except OSError as error:
    sys.exit(f"Could not open {arguments.file}: {error.strerror}")

ours, theirs = (end.detach() for end in socket.socketpair())

if os.fork() == 0:
    os.close(ours)
    print_file(theirs)
    os._exit(0)

os.close(theirs)
send_file(ours, file)
os.wait()
