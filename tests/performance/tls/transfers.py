#
# transfers.py: much through TLS
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import socket
import ssl

LINE = b"x" * 16383 + b"\n"


def connect(port, what):
    context = ssl.create_default_context(cafile=f"{what.certificates}/ca.pem")
    raw = socket.create_connection(("127.0.0.1", port))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_hostname="localhost")


def receive(peer, view):
    n = peer.recv_into(view)
    if n == 0:
        raise EOFError("the server has closed the connection")
    return n


def download(peer, size):
    buffer = bytearray(len(LINE))
    peer.sendall(b"GET /much HTTP/1.0\r\n\r\n")
    total = 0
    while total < size:
        total += receive(peer, buffer)


def echo(peer, size):
    buffer = bytearray(len(LINE))
    for _ in range(size // len(LINE)):
        peer.sendall(LINE)
        rest = memoryview(buffer)
        while rest:
            rest = rest[receive(peer, rest):]
        if buffer != LINE:
            raise ValueError("the server has answered something else")


class Transfer:
    unit = "s of processor"
    scale = 1

    def __init__(self, serves, transfer, servers):
        self.serves = serves
        self.transfer = transfer
        self.servers = servers

    def describe(self, size):
        return f"{size >> 20} MiB"

    def run(self, server, what, is_check):
        """The processor time of the server."""
        with connect(server.port, what) as peer:
            before = server.processor_time()
            self.transfer(peer, what.size)
            return [server.processor_time() - before]


WORKLOADS = {"download": Transfer("download", download, ["qnet", "gio", "openssl"]),
             "echo": Transfer("echo", echo, ["qnet", "gio", "gnutls"])}
