#!/usr/bin/python3
#
# test-async.py: the pairs of _async and _finish, with callbacks in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import tap
from peers import LOCAL_HOST, GLib, PeerCase, Qnet, closed_port, iterate_until

from gi.repository import Gio


class Call:
    """One call of an _async function, and its outcome."""

    def __init__(self, owner, name, *arguments, cancellable=None):
        self.finish = getattr(owner, name + "_finish")
        self.source = self.value = self.error = None
        self.done = False
        getattr(owner, name
                + "_async")(*arguments, GLib.PRIORITY_DEFAULT, cancellable, self.callback, "data")

    def callback(self, source, result, data):
        assert data == "data"
        self.source = source
        self.done = True
        try:
            self.value = self.finish(result)
        except GLib.Error as error:
            self.error = error

    def wait(self):
        iterate_until(lambda: self.done)
        return self


class Pairs(PeerCase):
    def test_connect_to_host(self):
        """connect_to_host_async() completes when connected, with its socket as source."""
        ours = Qnet.TcpSocket()
        call = Call(ours, "connect_to_host", "127.0.0.1", self.port)
        self.assertFalse(call.done)

        self.assertTrue(call.wait().value)
        self.assertIs(call.source, ours)
        self.assertEqual(ours.props.state, Qnet.SocketState.CONNECTED)

    def test_connect_to_address(self):
        """connect_to_address_async() does the same by address."""
        ours = Qnet.TcpSocket()

        self.assertTrue(Call(ours, "connect_to_address", LOCAL_HOST, self.port).wait().value)

    def test_refused(self):
        """A failure is an exception of the finish function, with code 0 when refused."""
        call = Call(Qnet.TcpSocket(), "connect_to_host", "127.0.0.1", closed_port()).wait()

        self.assert_error(call.error, Qnet.SocketError.CONNECTION_REFUSED)

    def test_disconnect(self):
        """disconnect_from_host_async() completes when all data is sent and the connection is
        closed."""
        for operation in "disconnect_from_host", "disconnect_from_peer":
            ours, peer = self.connect()
            ours.write(b"last")

            self.assertTrue(Call(ours, operation).wait().value)
            self.assertEqual(ours.props.state, Qnet.SocketState.UNCONNECTED)
            self.assertEqual(peer.makefile("rb").read(), b"last")

    def test_disconnect_from_peer(self):
        """disconnect_from_peer_async() does the same for every kind of socket."""
        ours, peer = self.connect()
        ours.write(b"last")

        self.assertTrue(Call(ours, "disconnect_from_peer").wait().value)
        self.assertEqual(ours.props.state, Qnet.SocketState.UNCONNECTED)
        self.assertEqual(peer.makefile("rb").read(), b"last")

    def test_read_bytes(self):
        """read_bytes_async() returns available data, and nothing at the end."""
        ours, peer = self.connect()
        call = Call(ours, "read_bytes", 100)
        peer.sendall(b"\0\1\2")
        self.assertEqual(call.wait().value.get_data(), b"\0\1\2")

        call = Call(ours, "read_bytes", 100)
        peer.close()
        self.assertEqual(call.wait().value.get_size(), 0)

    def test_read_line(self):
        """read_line_async() gives a whole line as bytes."""
        ours, peer = self.connect()
        call = Call(ours, "read_line", 0)
        peer.sendall(b"a li")
        peer.sendall(b"ne\nmore")

        self.assertEqual(call.wait().value, b"a line\n")

    def test_write_all(self):
        """write_all_async() takes bytes-like objects, and completes when the kernel has the
        data."""
        ours, peer = self.connect()

        self.assertTrue(Call(ours, "write_all", bytearray(b"written")).wait().value)
        self.assertEqual(ours.get_bytes_to_write(), 0)
        self.assertEqual(peer.recv(7), b"written")

    def test_flush(self):
        """flush_async() completes when nothing is left to send."""
        ours, peer = self.connect()
        ours.write(b"flushed")

        self.assertTrue(Call(ours, "flush").wait().value)
        self.assertEqual(peer.recv(7), b"flushed")

    def test_close(self):
        """close_async(), which is GIOStream's, ends when closed."""
        ours, peer = self.connect()
        ours.write(b"closed")

        self.assertTrue(Call(ours, "close").wait().value)
        self.assertTrue(ours.is_closed())
        self.assertEqual(peer.makefile("rb").read(), b"closed")

    def test_accept(self):
        """accept_async() gives the next connection."""
        server = Qnet.TcpServer()
        server.listen(LOCAL_HOST, 0)
        call = Call(server, "accept")
        client = Qnet.TcpSocket()
        client.connect_to_host("127.0.0.1", server.get_server_port())

        self.assertIsInstance(call.wait().value, Qnet.TcpSocket)

    def test_stop(self):
        """stop_async() asks each connection to end, and counts those that it aborts."""
        server, client = Qnet.TcpServer(), Qnet.TcpSocket()
        server.listen(LOCAL_HOST, 0)
        accepting = Call(server, "accept")
        client.connect_to_host("127.0.0.1", server.get_server_port())
        ours = accepting.wait().value
        ours.connect("stopping", lambda ours: ours.disconnect_from_peer())
        self.assertEqual(Call(server, "stop", -1).wait().value, 0)
        self.assertFalse(server.is_listening())

        server.listen(LOCAL_HOST, 0)
        accepting = Call(server, "accept")
        client = Qnet.TcpSocket()
        client.connect_to_host("127.0.0.1", server.get_server_port())
        ours = accepting.wait().value
        self.assertEqual(Call(server, "stop", 0).wait().value, 1)
        self.assertEqual(ours.get_state(), Qnet.SocketState.UNCONNECTED)


class Cancelling(PeerCase):
    def test_read(self):
        """A cancelled read fails, and loses no byte."""
        ours, peer = self.connect()
        cancellable = Gio.Cancellable()
        call = Call(ours, "read_line", 0, cancellable=cancellable)
        self.receive(ours, peer, b"half a line")
        cancellable.cancel()

        self.assertTrue(call.wait().error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.assertEqual(ours.read_all(), b"half a line")

    def test_second_read(self):
        """A second read of a kind is refused while one is under way."""
        ours, _ = self.connect()
        first = Call(ours, "read_bytes", 1)
        second = Call(ours, "read_bytes", 1).wait()

        self.assertTrue(second.error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.PENDING))
        self.assertFalse(first.done)
        ours.abort()
        self.assertIsNotNone(first.wait())


if __name__ == "__main__":
    tap.main()
