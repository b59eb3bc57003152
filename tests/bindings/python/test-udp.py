#!/usr/bin/python3
#
# test-udp.py: datagrams in Python, with Python's own sockets as peers
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import socket

import tap
from peers import LOCAL_HOST, PATIENCE, GLib, QnetCase, Qnet, iterate_until

from gi.repository import Gio


class UdpCase(QnetCase):
    def setUp(self):
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.peer.bind(("127.0.0.1", 0))
        self.peer.settimeout(PATIENCE / 1000)
        self.peer_port = self.peer.getsockname()[1]
        self.addCleanup(self.peer.close)

        self.ours = Qnet.UdpSocket()
        self.ours.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
        self.addCleanup(self.ours.abort)

    def send(self, data):
        self.peer.sendto(data, ("127.0.0.1", self.ours.get_local_port()))

    def receive(self):
        self.assertTrue(self.ours.wait_for_ready_read(PATIENCE))
        return self.ours.receive_datagram()


class Receiving(UdpCase):
    def test_datagram(self):
        """receive_datagram() returns the bytes and all their properties."""
        self.send(b"\0any bytes\xff")
        datagram = self.receive()

        self.assertEqual(datagram.get_data(), b"\0any bytes\xff")
        self.assertEqual(str(datagram.get_sender_address()), "127.0.0.1")
        self.assertEqual(datagram.get_sender_port(), self.peer_port)
        self.assertEqual(datagram.get_destination_address(), LOCAL_HOST)
        self.assertEqual(datagram.get_interface_index(), socket.if_nametoindex("lo"))
        self.assertGreater(datagram.get_hop_limit(), 0)

    def test_read_datagram(self):
        """read_datagram() gives bytes, the sender, and its port."""
        self.send(b"\0\1\2")
        self.ours.wait_for_ready_read(PATIENCE)

        self.assertEqual(self.ours.read_datagram(), (b"\0\1\2", LOCAL_HOST, self.peer_port))

    def test_empty(self):
        """An empty datagram is a datagram."""
        self.send(b"")
        self.ours.wait_for_ready_read(PATIENCE)

        self.assertTrue(self.ours.has_pending_datagrams())
        self.assertEqual(self.ours.get_pending_datagram_size(), 0)
        self.assertEqual(self.ours.read_datagram()[0], b"")

    def test_truncated(self):
        """A datagram that does not fit is truncated, and is_truncated() returns it."""
        self.send(b"too long")
        self.ours.wait_for_ready_read(PATIENCE)
        datagram = self.ours.receive_datagram(3)

        self.assertEqual((datagram.get_data(), datagram.is_truncated()), (b"too", True))

    def test_nothing(self):
        """Nothing to receive is an exception, TEMPORARY."""
        for receive in self.ours.receive_datagram, self.ours.read_datagram:
            with self.assertRaises(GLib.Error) as caught:
                receive()
            self.assert_error(caught.exception, Qnet.SocketError.TEMPORARY)

    def test_batch(self):
        """receive_datagrams() gives a list, perhaps an empty one."""
        for text in b"one", b"two", b"three":
            self.send(text)
        self.ours.wait_for_ready_read(PATIENCE)
        batch = self.ours.receive_datagrams(2) + self.ours.receive_datagrams()

        self.assertEqual([one.get_data() for one in batch], [b"one", b"two", b"three"])
        self.assertEqual(self.ours.receive_datagrams(9), [])

    def test_signal(self):
        """A handler of ready-read is called for each datagram that arrives after it has read."""
        received = []
        self.ours.connect("ready-read", lambda ours: received.append(ours.read_datagram()[0]))
        self.send(b"one")
        self.send(b"two")
        iterate_until(lambda: len(received) == 2)

        self.assertEqual(received, [b"one", b"two"])


class Sending(UdpCase):
    def test_bytes(self):
        """write_datagram_to() takes bytes-like objects."""
        for data in b"bytes", bytearray(b"bytearray"), memoryview(b"view"), b"":
            self.assertEqual(self.ours.write_datagram_to(data, LOCAL_HOST, self.peer_port),
                             len(data))
            self.assertEqual(self.peer.recv(100), bytes(data))

    def test_str(self):
        """A str is refused: it has no bytes."""
        with self.assertRaises(TypeError):
            self.ours.write_datagram_to("text", LOCAL_HOST, self.peer_port)

    def test_forms(self):
        """A GBytes and a whole datagram can be sent, too."""
        data = GLib.Bytes.new(b"hello")

        self.assertEqual(self.ours.write_datagram_bytes_to(data, LOCAL_HOST, self.peer_port), 5)
        datagram = Qnet.NetworkDatagram.new_from_bytes(data, LOCAL_HOST, self.peer_port)
        self.assertEqual(self.ours.write_datagram(datagram), 5)
        self.assertEqual([self.peer.recv(9), self.peer.recv(9)], [b"hello", b"hello"])

    def test_batch(self):
        """write_datagrams() takes a list."""
        texts = [b"one", b"two", b"three"]
        datagrams = [Qnet.NetworkDatagram.new(text, LOCAL_HOST, self.peer_port) for text in texts]

        self.assertEqual(self.ours.write_datagrams(datagrams), 3)
        self.assertEqual([self.peer.recv(9) for _ in texts], texts)

    def test_datagrams(self):
        """The bytes of a datagram are whatever is like bytes, or none; they come back as bytes."""
        for data in (b"bytes", bytearray(b"array"), memoryview(b"view"), GLib.Bytes.new(b"GBytes"),
                     b"", None):
            expected = data.get_data() if isinstance(data, GLib.Bytes) else bytes(data or b"")
            for datagram in (
                Qnet.NetworkDatagram.new(data, LOCAL_HOST, self.peer_port),
                Qnet.NetworkDatagram.new_full(data, None, -1, LOCAL_HOST, self.peer_port, 0, -1),
                Qnet.NetworkDatagram.new(b"other", LOCAL_HOST, self.peer_port).with_data(data),
                Qnet.NetworkDatagram.new_from_message(data, None,
                                                      LOCAL_HOST.to_socket_address(self.peer_port)),
            ):
                self.assertEqual((type(datagram.get_data()), datagram.get_data()),
                                 (bytes, expected))
                self.assertEqual(self.ours.write_datagram(datagram), len(expected))
                self.assertEqual(self.peer.recv(100), expected)

        with self.assertRaises(TypeError):
            Qnet.NetworkDatagram.new("text", LOCAL_HOST, 9)

    def test_destination(self):
        """Without a destination a datagram is for the peer of a connected socket."""
        self.assertFalse(Qnet.NetworkDatagram.new(b"x", None, 0).is_valid())

    def test_reply(self):
        """make_reply() makes the answer."""
        self.send(b"question")
        self.ours.write_datagram(self.receive().make_reply(b"answer"))

        self.assertEqual(self.peer.recv(100), b"answer")

    def test_too_large(self):
        """A datagram that is too large is an exception, and the socket can send others."""
        with self.assertRaises(GLib.Error) as caught:
            self.ours.write_datagram_to(bytes(70000), LOCAL_HOST, self.peer_port)

        self.assert_error(caught.exception, Qnet.SocketError.DATAGRAM_TOO_LARGE)
        self.assertEqual(self.ours.write_datagram_to(b"x", LOCAL_HOST, self.peer_port), 1)

    def test_not_a_group(self):
        """Joining a unicast address is an exception, a group of lo is not."""
        with self.assertRaises(GLib.Error) as caught:
            self.ours.join_multicast_group(LOCAL_HOST, None)

        self.assert_error(caught.exception, Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION)
        group = Qnet.HostAddress.from_string("239.255.43.21")
        self.assertTrue(self.ours.join_multicast_group(group, "lo"))
        self.assertTrue(self.ours.leave_multicast_group(group, "lo"))
        self.assertTrue(self.ours.join_source_group(group, LOCAL_HOST, "lo"))
        self.assertTrue(self.ours.leave_source_group(group, LOCAL_HOST, "lo"))


class Pairs(UdpCase):
    def call(self, name, *arguments, cancellable=None):
        """Calls an _async function; its outcome comes into a list."""
        outcome = []

        def callback(ours, result):
            try:
                outcome.append(getattr(ours, name + "_finish")(result))
            except GLib.Error as error:
                outcome.append(error)

        getattr(self.ours, name
                + "_async")(*arguments, GLib.PRIORITY_DEFAULT, cancellable, callback)
        return outcome

    def test_receive(self):
        """receive_datagram_async() waits for a datagram."""
        outcome = self.call("receive_datagram", 0)
        self.send(b"awaited")
        iterate_until(lambda: outcome)

        self.assertEqual(outcome[0].get_data(), b"awaited")

    def test_write(self):
        """write_datagram_async() sends one."""
        datagram = Qnet.NetworkDatagram.new(b"sent", LOCAL_HOST, self.peer_port)
        outcome = self.call("write_datagram", datagram)
        iterate_until(lambda: outcome)

        self.assertEqual(outcome, [4])
        self.assertEqual(self.peer.recv(100), b"sent")

    def test_cancel(self):
        """Cancelling loses no datagram."""
        cancellable = Gio.Cancellable()
        outcome = self.call("receive_datagram", 0, cancellable=cancellable)
        cancellable.cancel()
        self.send(b"kept")
        iterate_until(lambda: outcome)

        self.assertTrue(outcome[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.assertEqual(self.receive().get_data(), b"kept")


class Connected(UdpCase):
    def test_device(self):
        """With one peer it is a device: write() and read() move one datagram each."""
        ours = Qnet.UdpSocket()
        ours.connect_to_host("127.0.0.1", self.peer_port)
        self.assertTrue(ours.wait_for_connected(PATIENCE))
        ours.write(b"ping")
        self.assertEqual(self.peer.recv(100), b"ping")
        self.peer.sendto(b"pong", ("127.0.0.1", ours.get_local_port()))
        self.assertTrue(ours.wait_for_ready_read(PATIENCE))

        self.assertEqual(ours.read(100), b"pong")

    def test_empty(self):
        """write() of no bytes sends an empty datagram, and a wait for it succeeds without a
        handler."""
        ours = Qnet.UdpSocket()
        ours.connect_to_host("127.0.0.1", self.peer_port)
        self.assertTrue(ours.wait_for_connected(PATIENCE))

        self.assertEqual(ours.write(b""), 0)
        self.assertTrue(ours.wait_for_bytes_written(PATIENCE))
        self.assertEqual(self.peer.recv(100), b"")

    def test_refused(self):
        """A closed port is reported by error-occurred, and the socket stays connected."""
        errors = []
        ours = Qnet.UdpSocket()
        ours.connect("error-occurred", lambda _, error: errors.append(error))
        self.peer.close()
        ours.connect_to_host("127.0.0.1", self.peer_port)
        self.assertTrue(ours.wait_for_connected(PATIENCE))
        ours.write(b"x")
        iterate_until(lambda: errors)

        self.assert_error(errors[0], Qnet.SocketError.CONNECTION_REFUSED)
        self.assertEqual(ours.props.state, Qnet.SocketState.CONNECTED)


if __name__ == "__main__":
    tap.main()
