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

from gi.repository import Gio, GObject


class Signals(PeerCase):
    def test_order(self):
        """A connection is reported by state, host-found and connected, from the main loop."""
        received = []
        ours = Qnet.TcpSocket()
        ours.connect("state-changed", lambda ours, state: received.append(state.value_nick))
        for name in "host-found", "connected", "disconnected":
            ours.connect(name, lambda ours, name: received.append(f"<{name}>"), name)

        ours.connect_to_host("127.0.0.1", self.port)
        self.assertNotIn("<connected>", received)
        iterate_until(lambda: "<connected>" in received)
        self.assertEqual(received, ["connecting", "<host-found>", "connected", "<connected>"])

        self.accept().close()
        received.clear()
        iterate_until(lambda: "<disconnected>" in received)
        self.assertEqual(received, ["closing", "unconnected", "<disconnected>"])

    def test_attempts(self):
        """Each attempt is reported with its address, its state, and the error of a failed one."""
        received = []
        ours = Qnet.TcpSocket()
        ours.connect("attempt", lambda ours, *attempt: received.append(attempt))

        ours.connect_to_host("127.0.0.1", self.port)
        iterate_until(lambda: len(received) == 2)
        self.assertEqual([(str(address), port, state, error)
                          for address, port, state, error in received],
                         [("127.0.0.1", self.port, Qnet.AttemptState.STARTED, None),
                          ("127.0.0.1", self.port, Qnet.AttemptState.WON, None)])
        ours.abort()

        received.clear()
        ours.connect_to_host("127.0.0.1", closed_port())
        iterate_until(lambda: len(received) == 2)
        error = received[1][3]
        self.assertIs(received[1][2], Qnet.AttemptState.FAILED)
        self.assertTrue(error.matches(Qnet.SocketError.quark(),
                                      Qnet.SocketError.CONNECTION_REFUSED))

    def test_connectable(self):
        """The objects of GIO that stand for a peer can be connected to, and awaited."""
        results = []
        ours = Qnet.TcpSocket()
        ours.connect_to_connectable(Gio.NetworkAddress.new("127.0.0.1", self.port))
        ours.wait_for_connected(PATIENCE)
        ours.abort()

        address = Gio.InetSocketAddress.new_from_string("127.0.0.1", self.port)
        ours.connect_to_connectable_async(address, callback=lambda ours, result: results.append(
            ours.connect_to_connectable_finish(result)))
        iterate_until(lambda: results)
        self.assertEqual(results, [True])

        with self.assertRaises(GLib.Error) as failure:
            local = Qnet.LocalSocket()
            local.connect_to_connectable(address)
            local.wait_for_connected(PATIENCE)
        self.assertIn("127.0.0.1", str(failure.exception))

        local.connect_to_connectable_async(address, callback=lambda local, result: results.append(
            self.assertRaises(GLib.Error, local.connect_to_connectable_finish, result)))
        iterate_until(lambda: len(results) == 2)

    def test_service(self):
        """A service of a domain can be connected to, and awaited; here there is none."""
        failures = []
        ours = Qnet.TcpSocket()
        ours.connect_to_service("imap", "none..invalid")
        with self.assertRaises(GLib.Error) as failure:
            ours.wait_for_connected(PATIENCE)
        failures.append(failure.exception)

        def failed(ours, result):
            with self.assertRaises(GLib.Error) as failure:
                ours.connect_to_service_finish(result)
            failures.append(failure.exception)

        ours.connect_to_service_async("imap", "none..invalid", callback=failed)
        iterate_until(lambda: len(failures) == 2)
        for failure in failures:
            self.assertTrue(failure.matches(Qnet.SocketError.quark(),
                                            Qnet.SocketError.HOST_NOT_FOUND))

    def test_ready_read(self):
        """ready-read is emitted for each arrival, and its handler reads what is available."""
        ours, peer = self.connect()
        got = bytearray()
        ours.connect("ready-read", lambda ours: got.extend(ours.read_all()))

        for piece in b"one", b"two":
            before = len(got)
            peer.sendall(piece)
            iterate_until(lambda: len(got) > before)
        self.assertEqual(got, b"onetwo")

    def test_drop_in_handler(self):
        """A handler may drop the last reference."""
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

        received = []
        ours, _ = self.connect(Named)
        ours.connect("greeted", lambda ours, word: received.append((ours.name, word)))
        ours.emit("greeted", "hello")

        self.assertEqual(received, [("nobody", "hello")])


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
        self.assertEqual((ours.props.peer_port, ours.props.local_port),
                         (self.port, peer.getpeername()[1]))
        self.assertEqual(ours.props.peer_name, "127.0.0.1")
        self.assertIsNone(Qnet.TcpSocket().props.peer_name)

    def test_flags(self):
        """The open mode is a set of flags."""
        ours, _ = self.connect()

        self.assertEqual(ours.props.open_mode, Qnet.OpenMode.READ_ONLY | Qnet.OpenMode.WRITE_ONLY)
        self.assertTrue(ours.get_open_mode() & Qnet.OpenMode.WRITE_ONLY)
        self.assertEqual(ours.get_open_mode(), Qnet.OpenMode.READ_WRITE)

    def test_options(self):
        """Socket options are read back as the system has them."""
        ours, _ = self.connect()
        ours.set_socket_option(Qnet.SocketOption.KEEP_ALIVE, 1)

        self.assertEqual(ours.get_socket_option(Qnet.SocketOption.KEEP_ALIVE), 1)
        with socket.socket(fileno=socket.dup(ours.get_fd())) as same:
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
        ours, received = Qnet.TcpSocket(), []
        ours.connect("error-occurred", lambda ours, error: received.append(error))
        self.assertIsNone(ours.props.error)
        self.assertEqual(ours.get_error_code(), -1)
        ours.connect_to_host("127.0.0.1", closed_port())

        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_connected(PATIENCE)

        self.assertEqual(int(Qnet.SocketError.CONNECTION_REFUSED), 0)
        for error in caught.exception, received[0], ours.props.error, ours.get_error():
            self.assert_error(error, Qnet.SocketError.CONNECTION_REFUSED)
        self.assertEqual(len(received), 1)
        self.assertEqual(ours.get_error_code(), 0)

    def test_code_minus_one(self):
        """The code -1 passes through a signal unchanged."""
        ours, received = Qnet.TcpSocket(), []
        ours.connect("error-occurred", lambda ours, error: received.append(error))
        ours.emit("error-occurred",
                  GLib.Error.new_literal(Qnet.socket_error_quark(), "?", Qnet.SocketError.UNKNOWN))

        self.assertEqual((received[0].domain, received[0].code), ("qnet-socket-error-quark", -1))

    def test_operation(self):
        """What cannot be done in this state is an exception, and no signal."""
        ours, received = Qnet.TcpSocket(), []
        ours.connect("error-occurred", lambda ours, error: received.append(error))

        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_disconnected(0)
        self.assert_error(caught.exception, Qnet.SocketError.OPERATION)
        self.assertEqual(received, [])

    def test_remote_host_closed(self):
        """The peer's end is an error with a code of its own."""
        ours, peer = self.connect()
        peer.close()
        ours.wait_for_disconnected(PATIENCE)

        self.assert_error(ours.props.error, Qnet.SocketError.REMOTE_HOST_CLOSED)


class Waiting(PeerCase):
    def test_whole_dialogue(self):
        """Waits need no main loop, and do not run other sources."""
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
        """A wait that takes too long is an exception, and the connection remains established."""
        ours, _ = self.connect()
        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_ready_read(1)

        self.assert_error(caught.exception, Qnet.SocketError.SOCKET_TIMEOUT)
        self.assertEqual(ours.props.state, Qnet.SocketState.CONNECTED)

    def test_cancelled(self):
        """A GCancellable ends each of the waits, and the connection remains."""
        ours, peer = self.connect()
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        for wait in (ours.wait_for_ready_read_full, ours.wait_for_disconnected_full):
            with self.assertRaises(GLib.Error) as caught:
                wait(PATIENCE, cancellable)
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))

        peer.sendall(b"x")
        self.assertTrue(ours.wait_for_ready_read_full(PATIENCE))
        self.assertTrue(ours.wait_for_connected_full(PATIENCE, cancellable))
        ours.write(b"y")
        self.assertTrue(ours.wait_for_bytes_written_full(PATIENCE, None))

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
        """A socket without references is freed immediately, and its connection is closed."""
        ours, peer = self.connect()
        ours.connect("ready-read", lambda ours: None)
        gone = weakref.ref(ours)
        del ours

        gc.collect()
        self.assertIsNone(gone())
        self.assertEqual(peer.recv(1), b"")

    def test_written_and_dropped(self):
        """Data that was written before the last reference was dropped arrives."""
        ours, peer = self.connect()
        ours.write(b"last one")
        del ours

        gc.collect()
        self.assertEqual(peer.makefile("rb").read(), b"last one")


class QueueSocket(Qnet.AbstractSocket):
    """A socket that brings its own transport, a pair of queues in memory."""

    def __init__(self):
        super().__init__()
        self.arrived = bytearray()
        self.peer = None
        self.is_stuck = False
        self.n_aborts = 0

    def do_connect_to_host_full(self, host, port, mode, protocol):
        self.set_state(Qnet.SocketState.CONNECTING)
        self.set_peer_name(host)
        self.set_peer_port(port)
        self.set_open_mode(mode)
        if not self.is_stuck:
            GLib.idle_add(self.establish)

    def do_abort(self):
        self.n_aborts += 1
        Qnet.AbstractSocket.do_abort(self)

    def establish(self):
        if self.peer is None:
            self.report_error(GLib.Error("refused", "qnet-test", 1))
            return
        self.peer.set_state(Qnet.SocketState.CONNECTED)
        self.peer.set_open_mode(Qnet.OpenMode.READ_WRITE)
        self.set_peer_address("192.0.2.1")
        self.set_state(Qnet.SocketState.CONNECTED)

    def do_disconnect_from_peer(self):
        for end in self, self.peer:
            end.set_state(Qnet.SocketState.CLOSING)
            end.set_state(Qnet.SocketState.UNCONNECTED)

    def do_write_data(self, data):
        self.peer.arrived += data
        self.peer.report_ready_read()
        self.report_bytes_written(len(data))
        return True

    def do_read_data(self, max_size):
        data = bytes(self.arrived[:max_size])
        del self.arrived[:max_size]
        return data


class HalfSocket(QueueSocket):
    """One that can shut down its write side."""

    def do_shutdown_write(self):
        self.peer.report_read_finished()


class OwnTransport(PeerCase):
    def setUp(self):
        super().setUp()
        self.ours, self.far = HalfSocket(), QueueSocket()
        self.ours.peer, self.far.peer = self.far, self.ours
        self.events = []
        self.ours.connect("state-changed", lambda ours, state: self.events.append(state.value_nick))
        self.ours.connect("error-occurred",
                          lambda ours, error: self.events.append(f"<{error.message}>"))
        self.ours.connect("ready-read", lambda ours: self.events.append(ours.read()))
        for name in "connected", "disconnected":
            self.ours.connect(name, lambda ours, name: self.events.append(f"<{name}>"), name)

    def tearDown(self):
        self.ours.peer = self.far.peer = None
        super().tearDown()

    def test_life(self):
        """It connects, sends, receives and disconnects, with the signals in their order."""
        self.ours.connect_to_host("far", 7)
        iterate_until(lambda: "<connected>" in self.events)
        self.assertEqual(self.events, ["connecting", "connected", "<connected>"])
        self.assertEqual((self.ours.props.peer_name, self.ours.props.peer_port), ("far", 7))
        self.assertEqual(self.ours.props.peer_address.to_string(), "192.0.2.1")

        self.events.clear()
        self.assertEqual(self.ours.write(b"ping"), 4)
        self.assertEqual(self.far.read(4), b"ping")
        self.far.write(b"pong")
        iterate_until(lambda: self.events == [b"pong"])

        self.events.clear()
        self.ours.disconnect_from_host()
        self.assertEqual(self.events, ["closing", "unconnected", "<disconnected>"])
        self.assertEqual(self.ours.props.peer_port, 0)

    def test_failure(self):
        """A failure that is reported while connecting ends the attempt."""
        self.ours.peer = None
        self.ours.connect_to_host("nowhere", 7)
        iterate_until(lambda: "<refused>" in self.events)
        self.assertEqual(self.events, ["connecting", "unconnected", "<refused>"])

    def connect_pair(self):
        self.ours.connect_to_host("far", 7)
        iterate_until(lambda: "<connected>" in self.events)
        self.events.clear()

    def test_timeouts(self):
        """The timeouts of a socket hold for it, too."""
        self.ours.is_stuck = True
        self.ours.props.connect_timeout = 10
        self.ours.connect_to_host("far", 7)
        iterate_until(lambda: len(self.events) == 3)
        self.assertEqual(self.events[:2], ["connecting", "unconnected"])
        self.assertIn("No connection was established", self.events[2])
        self.assertEqual(self.ours.n_aborts, 1)

        self.events.clear()
        self.ours.is_stuck = False
        self.connect_pair()
        self.ours.props.idle_timeout = 10
        iterate_until(lambda: "<disconnected>" in self.events)
        self.assertIn("No byte was received or sent", self.events[0])
        self.assertEqual(self.events[1:], ["closing", "unconnected", "<disconnected>"])

    def test_pauses(self):
        """A paused socket leaves the bytes to its transport, and a property is notified."""
        changes = []
        self.ours.connect("notify::reading-paused",
                          lambda ours, _: changes.append(ours.props.reading_paused))
        self.connect_pair()
        self.ours.pause_reading()
        self.far.write(b"later")
        iterate_until(lambda: not GLib.MainContext.default().pending())
        self.assertEqual((self.events, bytes(self.ours.arrived)), ([], b"later"))
        self.ours.resume_reading()
        iterate_until(lambda: self.events == [b"later"])
        self.assertEqual(changes, [True, False])

    def test_shutdown(self):
        """It can shut down its write side if the class can; otherwise that is refused."""
        self.far.props.allow_half_open = True
        self.connect_pair()
        self.ours.write(b"bye")
        self.ours.shutdown_write()
        with self.assertRaises(GLib.Error):
            self.ours.write(b"more")
        iterate_until(lambda: self.far.props.bytes_available == 3)
        self.far.write(b"answer")
        iterate_until(lambda: b"answer" in self.events)

        errors = []
        self.far.connect("error-occurred", lambda far, error: errors.append(error))
        self.far.shutdown_write()
        iterate_until(lambda: errors)
        self.assertTrue(errors[0].matches(Qnet.SocketError.quark(),
                                          Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION))
        self.far.write(b"still")
        iterate_until(lambda: b"still" in self.events)


if __name__ == "__main__":
    tap.main()
