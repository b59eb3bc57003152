#!/usr/bin/python3
#
# server-gio.py: an echo server in Python on GIO's streams
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

from gi.repository import Gio, GLib


class Connection:
    def __init__(self, stream):
        self.stream = stream
        self.input = stream.get_input_stream()
        self.output = stream.get_output_stream()
        self.read()

    def read(self):
        self.input.read_bytes_async(4096, GLib.PRIORITY_DEFAULT, None, self.has_read)

    def has_read(self, source, result):
        try:
            self.write(source.read_bytes_finish(result))
        except GLib.Error:
            pass

    def write(self, data):
        if data.get_size() > 0:
            self.output.write_bytes_async(data, GLib.PRIORITY_DEFAULT, None, self.has_written, data)

    def has_written(self, source, result, data):
        n = source.write_bytes_finish(result)
        if n < data.get_size():
            self.write(data.new_from_bytes(n, data.get_size() - n))
        else:
            self.read()


def incoming(service, stream, source_object):
    stream.get_socket().set_option(6, 1, 1)  # IPPROTO_TCP, TCP_NODELAY
    Connection(stream)
    return True


if sys.argv[1] != "echo":
    print("left out: in Python there is only the echo", flush=True)
    sys.exit(77)

service = Gio.SocketService()
service.set_backlog(4096)
service.connect("incoming", incoming)
loopback = Gio.InetSocketAddress.new_from_string("127.0.0.1", 0)
_, address = service.add_address(loopback, Gio.SocketType.STREAM, Gio.SocketProtocol.DEFAULT, None)
print(address.get_port(), flush=True)
GLib.MainLoop().run()
