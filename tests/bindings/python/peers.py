# peers.py: peers for the tests, with Python's own sockets, and a loop to wait in
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import socket
import unittest

import gi

gi.require_version("Qnet", "1")
from gi.repository import GLib, Qnet

PATIENCE = 30000  # milliseconds; only what is broken needs so many
LOCAL_HOST = Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST)


def iterate_until(condition):
    while not condition():
        GLib.MainContext.default().iteration(True)


def closed_port():
    """A port on which no program listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


class QnetCase(unittest.TestCase):
    def assert_error(self, error, code):
        """Asserts that an error is in our domain, with that code and a message."""
        self.assertEqual((error.domain, error.code), ("qnet-socket-error-quark", int(code)))
        self.assertTrue(error.matches(Qnet.socket_error_quark(), code))
        self.assertNotEqual(error.message, "")


class PeerCase(QnetCase):
    """Has a listener of Python's, for sockets of ours to connect to."""

    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE / 1000)
        self.port = self.listener.getsockname()[1]
        self.addCleanup(self.listener.close)

    def accept(self):
        peer, _ = self.listener.accept()
        peer.settimeout(PATIENCE / 1000)
        self.addCleanup(peer.close)
        return peer

    def connect(self, kind=Qnet.TcpSocket):
        """A connected socket of ours, and the other end."""
        ours = kind()
        ours.connect_to_host("127.0.0.1", self.port)
        self.assertTrue(ours.wait_for_connected(PATIENCE))
        return ours, self.accept()

    def receive(self, ours, peer, data):
        """Has the peer send, and waits until all of it is in our read buffer."""
        expected = ours.get_bytes_available() + len(data)
        peer.sendall(data)
        while ours.get_bytes_available() < expected:
            ours.wait_for_ready_read(PATIENCE)
