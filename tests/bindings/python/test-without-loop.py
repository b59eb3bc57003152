#!/usr/bin/python3
#
# test-without-loop.py: a program that runs no main loop loses nothing, and no descriptor is left
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import socket
import tempfile

import tap
from peers import LOCAL_HOST, PATIENCE, PeerCase, Qnet

ROUNDS = int(os.environ.get("QNET_TEST_ROUNDS", "10000"))


def descriptors():
    return sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1]


class WithoutLoop(PeerCase):
    def receive_all(self, listener):
        peer, _ = listener.accept()
        with peer:
            return peer.makefile("rb").read()

    def repeat(self, round, listener):
        """Each round has its bytes, and leaves as many descriptors as the first one."""
        before = None
        for number in range(ROUNDS):
            data = b"%d\n" % number * 100
            round(data)
            self.assertEqual(self.receive_all(listener), data)
            if before is None:
                before = descriptors()
        self.assertEqual(descriptors(), before)

    def test_with(self):
        """All bytes that are written in "with" arrive, and no descriptor is left."""
        def round(data):
            with Qnet.TcpSocket() as ours:
                ours.connect_to_host("127.0.0.1", self.port)
                self.assertTrue(ours.wait_for_connected(PATIENCE))
                ours.write(data)

        self.repeat(round, self.listener)

    def test_dropped(self):
        """So it is with a socket that is dropped while it connects."""
        def round(data):
            ours = Qnet.TcpSocket()
            ours.connect_to_host("127.0.0.1", self.port)
            ours.write(data)

        self.repeat(round, self.listener)

    def test_local(self):
        """So it is with local sockets."""
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
            path = os.path.join(folder, "socket")
            listener.bind(path)
            listener.listen()

            def round(data):
                with Qnet.LocalSocket() as ours:
                    ours.connect_to_server(path)
                    self.assertTrue(ours.wait_for_connected(PATIENCE))
                    ours.write(data)

            self.repeat(round, listener)

    def test_udp(self):
        """A UDP socket that was closed has given its port back."""
        with Qnet.UdpSocket() as first:
            self.assertTrue(first.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM))
            port = first.props.local_port

        self.assertEqual(first.props.state, Qnet.SocketState.UNCONNECTED)
        with Qnet.UdpSocket() as second:
            self.assertTrue(second.bind(LOCAL_HOST, port, Qnet.BindFlags.DEFAULT_FOR_PLATFORM))


if __name__ == "__main__":
    tap.main()
