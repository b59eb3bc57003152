#!/usr/bin/python3
#
# test-socket.py: connecting, states, errors and lifetime of a QnetTcpSocket, from Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import socket
import threading
import weakref

import tap
from peers import LOCAL_HOST, PATIENCE, GLib, PeerCase, Qnet, closed_port, iterate_until

from gi.repository import GObject


class Signals(PeerCase):
    def test_order(self):
        """A connection announces itself by state, host-found and connected, in the turns of the loop."""
        heard = []
        ours = Qnet.TcpSocket()
        ours.connect("state-changed", lambda ours, state: heard.append(state.value_nick))
        for name in "host-found", "connected", "disconnected":
            ours.connect(name, lambda ours, name: heard.append(f"<{name}>"), name)

        ours.connect_to_host("127.0.0.1", self.port)
        self.assertNotIn("<connected>", heard)
        iterate_until(lambda: "<connected>" in heard)
        self.assertEqual(heard, ["connecting", "<host-found>", "connected", "<connected>"])

        self.accept().close()
        heard.clear()
        iterate_until(lambda: "<disconnected>" in heard)
        self.assertEqual(heard, ["closing", "unconnected", "<disconnected>"])

    def test_ready_read(self):
        """ready-read tells of each arrival, and its handler takes what is there."""
        ours, peer = self.connect()
        got = bytearray()
        ours.connect("ready-read", lambda ours: got.extend(ours.read_all()))

        for piece in b"one", b"two":
            before = len(got)
            peer.sendall(piece)
            iterate_until(lambda: len(got) > before)
        self.assertEqual(got, b"onetwo")

    def test_drop_in_handler(self):
        """A handler may let the last reference go."""
        kept = [Qnet.TcpSocket()]
        gone = weakref.ref(kept[0])
        kept[0].connect("connected", lambda ours: kept.clear())
        kept[0].connect_to_host("127.0.0.1", self.port)

        iterate_until(lambda: not kept)
        gc.collect()
        iterate_until(lambda: gone() is None)
        self.assertEqual(self.accept().recv(1), b"")

    def test_handlers_of_subclass(self):
        """A subclass has properties and signals of its own."""

        class Named(Qnet.TcpSocket):
            __gsignals__ = {"greeted": (GObject.SignalFlags.RUN_LAST, None, (str,))}
            name = GObject.Property(type=str, default="nobody")

        heard = []
        ours, _ = self.connect(Named)
        ours.connect("greeted", lambda ours, word: heard.append((ours.name, word)))
        ours.emit("greeted", "hello")

        self.assertEqual(heard, [("nobody", "hello")])


class Properties(PeerCase):
    def test_bind_property(self):
        """The state binds to a property of another object."""

        class Lamp(GObject.Object):
            state = GObject.Property(type=Qnet.SocketState, default=Qnet.SocketState.UNCONNECTED)

        lamp, seen = Lamp(), []
        lamp.connect("notify::state", lambda lamp, pspec: seen.append(lamp.state.value_nick))
        ours = Qnet.TcpSocket()
        ours.bind_property("state", lamp, "state", GObject.BindingFlags.DEFAULT)
        ours.connect_to_host("127.0.0.1", self.port)
        iterate_until(lambda: lamp.state == Qnet.SocketState.CONNECTED)
        ours.abort()

        self.assertEqual(seen, ["connecting", "connected", "unconnected"])

    def test_bind_addresses_and_counters(self):
        """The peer's port and the counters bind, too."""

        class Meter(GObject.Object):
            port = GObject.Property(type=int)
            received = GObject.Property(type=GObject.TYPE_UINT64)

        meter, ours = Meter(), Qnet.TcpSocket()
        ours.bind_property("peer-port", meter, "port", GObject.BindingFlags.DEFAULT)
        ours.bind_property("bytes-received", meter, "received", GObject.BindingFlags.DEFAULT)
        ours.connect_to_host("127.0.0.1", self.port)
        iterate_until(lambda: meter.port == self.port)
        self.accept().send(b"hello")
        iterate_until(lambda: meter.received == 5)
        ours.abort()
        self.assertEqual(meter.port, 0)

    def test_two_ways(self):
        """A property that can be set binds in both directions."""
        one, two = Qnet.TcpSocket(), Qnet.TcpSocket(read_buffer_size=10)
        two.bind_property(
            "read-buffer-size",
            one,
            "read-buffer-size",
            GObject.BindingFlags.SYNC_CREATE | GObject.BindingFlags.BIDIRECTIONAL,
        )
        self.assertEqual(one.get_read_buffer_size(), 10)
        one.props.read_buffer_size = 20
        self.assertEqual(two.props.read_buffer_size, 20)

    def test_addresses(self):
        """Addresses, ports and the name are known while connected."""
        ours, peer = self.connect()

        self.assertEqual(ours.props.peer_address, LOCAL_HOST)
        self.assertEqual(ours.get_local_address(), LOCAL_HOST)
        self.assertEqual((ours.props.peer_port, ours.props.local_port), (self.port, peer.getpeername()[1]))
        self.assertEqual(ours.props.peer_name, "127.0.0.1")
        self.assertIsNone(Qnet.TcpSocket().props.peer_name)

    def test_flags(self):
        """The open mode is a set of flags."""
        ours, _ = self.connect()

        self.assertEqual(ours.props.open_mode, Qnet.OpenMode.READ_ONLY | Qnet.OpenMode.WRITE_ONLY)
        self.assertTrue(ours.get_open_mode() & Qnet.OpenMode.WRITE_ONLY)
        self.assertFalse(ours.get_open_mode() & Qnet.OpenMode.UNBUFFERED)

    def test_options(self):
        """Socket options are read back as the system has them."""
        ours, _ = self.connect()
        ours.set_socket_option(Qnet.SocketOption.KEEP_ALIVE, 1)

        self.assertEqual(ours.get_socket_option(Qnet.SocketOption.KEEP_ALIVE), 1)
        with socket.socket(fileno=socket.dup(ours.get_socket_descriptor())) as same:
            self.assertEqual(same.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)

    def test_bind(self):
        """A socket binds with combined flags before it connects."""
        ours = Qnet.TcpSocket()
        flags = Qnet.BindFlags.SHARE_ADDRESS | Qnet.BindFlags.REUSE_ADDRESS_HINT
        self.assertTrue(ours.bind(LOCAL_HOST, 0, flags))
        self.assertEqual(ours.props.state, Qnet.SocketState.BOUND)

        port = ours.props.local_port
        ours.connect_to_address(LOCAL_HOST, self.port)
        ours.wait_for_connected(PATIENCE)
        self.assertEqual(self.accept().getpeername()[1], port)


class Errors(PeerCase):
    def test_code_zero(self):
        """A refused connection, whose code is 0, comes as exception, signal and property."""
        ours, heard = Qnet.TcpSocket(), []
        ours.connect("error-occurred", lambda ours, error: heard.append(error))
        self.assertIsNone(ours.props.error)
        self.assertEqual(ours.get_error_code(), -1)
        ours.connect_to_host("127.0.0.1", closed_port())

        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_connected(PATIENCE)

        self.assertEqual(int(Qnet.SocketError.CONNECTION_REFUSED), 0)
        for error in caught.exception, heard[0], ours.props.error, ours.get_error():
            self.assert_error(error, Qnet.SocketError.CONNECTION_REFUSED)
        self.assertEqual(len(heard), 1)
        self.assertEqual(ours.get_error_code(), 0)

    def test_code_minus_one(self):
        """The code -1 goes through a signal as it is."""
        ours, heard = Qnet.TcpSocket(), []
        ours.connect("error-occurred", lambda ours, error: heard.append(error))
        ours.emit("error-occurred", GLib.Error.new_literal(Qnet.socket_error_quark(), "?", Qnet.SocketError.UNKNOWN))

        self.assertEqual((heard[0].domain, heard[0].code), ("qnet-socket-error-quark", -1))

    def test_operation(self):
        """What cannot be done in this state is an exception, and no signal."""
        ours, heard = Qnet.TcpSocket(), []
        ours.connect("error-occurred", lambda ours, error: heard.append(error))

        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_disconnected(0)
        self.assert_error(caught.exception, Qnet.SocketError.OPERATION)
        self.assertEqual(heard, [])

    def test_remote_host_closed(self):
        """The peer's end is an error with a code of its own."""
        ours, peer = self.connect()
        peer.close()
        ours.wait_for_disconnected(PATIENCE)

        self.assert_error(ours.props.error, Qnet.SocketError.REMOTE_HOST_CLOSED)


class Waiting(PeerCase):
    def test_whole_dialogue(self):
        """A dialogue needs no main loop, and does not run other sources."""
        idle = GLib.idle_add(self.fail, "the wait ran a source that is not its own")
        ours, peer = self.connect()
        ours.write(b"ping")
        self.assertTrue(ours.wait_for_bytes_written(PATIENCE))
        self.assertEqual(peer.recv(4), b"ping")
        peer.sendall(b"pong")
        self.assertTrue(ours.wait_for_ready_read(PATIENCE))
        self.assertEqual(ours.read_all(), b"pong")
        peer.close()
        self.assertTrue(ours.wait_for_disconnected(PATIENCE))
        GLib.source_remove(idle)

    def test_time_out(self):
        """A wait that takes too long is an exception, and the connection stands."""
        ours, _ = self.connect()
        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_ready_read(1)

        self.assert_error(caught.exception, Qnet.SocketError.SOCKET_TIMEOUT)
        self.assertEqual(ours.props.state, Qnet.SocketState.CONNECTED)

    def test_other_threads_run(self):
        """Other threads of Python run while one waits."""
        ours, peer = self.connect()
        thread = threading.Thread(target=peer.sendall, args=(b"from a thread",))
        GLib.idle_add(thread.start)
        GLib.MainContext.default().iteration(False)
        self.assertTrue(ours.wait_for_ready_read(PATIENCE))
        thread.join()

    def test_in_a_thread(self):
        """A thread without a loop has blocking sockets of its own."""
        got = []

        def dialogue():
            with Qnet.TcpSocket() as ours:
                ours.connect_to_host("127.0.0.1", self.port)
                ours.wait_for_connected(PATIENCE)
                ours.wait_for_ready_read(PATIENCE)
                got.append(ours.read_all())

        thread = threading.Thread(target=dialogue)
        thread.start()
        self.accept().sendall(b"hello")
        thread.join()
        self.assertEqual(got, [b"hello"])


class Lifetime(PeerCase):
    def test_freed(self):
        """A socket that nobody holds is gone at once, and so is its connection."""
        ours, peer = self.connect()
        ours.connect("ready-read", lambda ours: None)
        gone = weakref.ref(ours)
        del ours

        gc.collect()
        self.assertIsNone(gone())
        self.assertEqual(peer.recv(1), b"")

    def test_written_and_dropped(self):
        """What was written before the last reference went arrives."""
        ours, peer = self.connect()
        ours.write(b"good-bye")
        del ours

        gc.collect()
        self.assertEqual(peer.makefile("rb").read(), b"good-bye")


if __name__ == "__main__":
    tap.main()
