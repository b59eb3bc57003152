#!/usr/bin/python3
#
# test-server.py: listening, accepting and subclassing of a QnetTcpServer, from Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import os
import socket
import sys
import threading
import weakref

import tap
from peers import LOCAL_HOST, PATIENCE, GLib, QnetCase, Qnet, iterate_until

from gi.repository import Gio, GObject


class ServerCase(QnetCase):
    def listen(self, kind=Qnet.TcpServer):
        server = kind()
        self.assertTrue(server.listen(LOCAL_HOST, 0))
        self.addCleanup(server.close)
        return server

    def call(self, server):
        peer = socket.create_connection(("127.0.0.1", server.get_server_port()), PATIENCE / 1000)
        self.addCleanup(peer.close)
        return peer

    def accept(self, server):
        """A client of Python's, and the connection of ours."""
        peer = self.call(server)
        self.assertTrue(server.wait_for_new_connection(PATIENCE))
        return server.next_pending_connection(), peer


class Listening(ServerCase):
    def test_properties(self):
        """A server knows its address and port while it listens."""
        server = self.listen()
        self.assertTrue(server.props.listening)
        self.assertGreater(server.props.server_port, 0)
        self.assertEqual(server.props.server_address, LOCAL_HOST)

        server.close()
        self.assertEqual((server.props.listening, server.props.server_port), (False, 0))
        self.assertTrue(server.props.server_address.is_null())

    def test_any(self):
        """A port alone is every address of this machine."""
        server = Qnet.TcpServer()
        server.listen_port(0)
        self.addCleanup(server.close)

        self.assertEqual(server.get_server_address(),
                         Qnet.HostAddress.new_special(Qnet.SpecialAddress.ANY))
        self.call(server)

    def test_bind_property(self):
        """Its properties bind."""

        class Label(GObject.Object):
            port = GObject.Property(type=GObject.TYPE_UINT)

        server, label = Qnet.TcpServer(), Label()
        server.bind_property("server-port", label, "port", GObject.BindingFlags.DEFAULT)
        server.listen(LOCAL_HOST, 0)
        self.assertEqual(label.port, server.get_server_port())
        server.close()
        self.assertEqual(label.port, 0)

    def test_taken(self):
        """A taken port is an exception with its code, and stays in the property."""
        server = Qnet.TcpServer()
        with self.assertRaises(GLib.Error) as caught:
            server.listen(LOCAL_HOST, self.listen().get_server_port())

        self.assert_error(caught.exception, Qnet.SocketError.ADDRESS_IN_USE)
        self.assert_error(server.props.error, Qnet.SocketError.ADDRESS_IN_USE)
        self.assertEqual(server.get_error_code(), 8)


class Accepting(ServerCase):
    def test_signals(self):
        """new-connection is emitted, and then the connection is taken."""
        server, received = self.listen(), []
        for name in "pending-connection-available", "new-connection":
            server.connect(name, lambda server,
                           name: received.append((name, server.has_pending_connections())), name)
        self.call(server)

        iterate_until(lambda: len(received) == 2)
        self.assertEqual(received,
                         [("pending-connection-available", True), ("new-connection", True)])
        self.assertIsInstance(server.next_pending_connection(), Qnet.TcpSocket)
        self.assertIsNone(server.next_pending_connection())

    def test_wait(self):
        """The waits need no loop; a timeout is an exception."""
        server = self.listen()
        for wait in server.wait_for_new_connection, server.wait_for_new_connection_full:
            with self.assertRaises(GLib.Error) as caught:
                wait(1)
            self.assert_error(caught.exception, Qnet.SocketError.SOCKET_TIMEOUT)

        self.call(server)
        self.assertEqual(tuple(server.wait_for_new_connection_full(PATIENCE)), (True, False))

    def test_ready_read_after_accept(self):
        """A handler that is connected in the callback of accept_async() is called for all data."""
        server, received = self.listen(), []
        peer = self.call(server)
        peer.sendall(b"sent before the handler exists")

        def accepted(server, result):
            connection = server.accept_finish(result)
            connection.connect("ready-read",
                               lambda connection: received.append(connection.read_all()))

        server.accept_async(GLib.PRIORITY_DEFAULT, None, accepted)
        iterate_until(lambda: received)
        self.assertEqual(received, [b"sent before the handler exists"])

    def test_connections(self):
        """The connections are a GListModel, whose items are the sockets themselves."""
        server, changes = self.listen(), []
        connections = server.props.connections
        self.assertIsInstance(connections, Gio.ListModel)
        connections.connect("items-changed", lambda model, *change: changes.append(change))
        ours, _ = self.accept(server)

        self.assertEqual(len(connections), 1)
        self.assertIs(connections[0], ours)
        ours.abort()
        self.assertEqual(len(connections), 0)
        self.assertEqual(changes, [(0, 0, 1), (0, 1, 0)])


class Admission(ServerCase):
    def test_filter(self):
        """A filter takes networks as text, and refuses peers by their address."""
        server, refusals = self.listen(), []
        server.connect("connection-refused", lambda *arguments: refusals.append(arguments))
        server.props.address_filter = Qnet.AddressFilter(default_allowed=False)
        server.props.address_filter.add_allow("10.0.0.0/8")
        self.assertTrue(server.props.address_filter.is_allowed("10.1.2.3"))
        peer = self.call(server)
        iterate_until(lambda: refusals)
        _server, address, error = refusals[0]
        self.assertEqual(address.to_string(), "127.0.0.1")
        self.assertTrue(error.matches(Qnet.socket_error_quark(), Qnet.SocketError.SOCKET_ACCESS))
        self.assertEqual(server.props.refused_connections, 1)
        with self.assertRaises(ConnectionError):
            peer.recv(1)

        server.props.address_filter.add_allow("127.0.0.1")
        self.accept(server)

    def test_filter_mistakes(self):
        """What is no network is an error, and no filter is not one that allows all."""
        address_filter, server = Qnet.AddressFilter(), Qnet.TcpServer()
        for network in "", "10.0.0.0/33", "name.example":
            with self.subTest(network), self.assertRaises(GLib.Error):
                address_filter.add_deny(network)
        with self.assertRaises(TypeError):
            server.props.address_filter = None

    def test_limit(self):
        """One address has as many connections as it may have."""
        server = self.listen()
        server.props.max_connections_per_address = 1
        _ours, _peer = self.accept(server)
        self.call(server)
        iterate_until(lambda: server.props.refused_connections == 1)


class Lifetime(ServerCase):
    def test_iterate_connections(self):
        """All connections can be ended while they are iterated over."""
        server = self.listen()
        taken = [self.accept(server) for _ in range(5)]
        seen = []

        for connection in server.connections:
            seen.append(connection)
            connection.abort()

        self.assertEqual(seen, [ours for ours, _ in taken])
        self.assertEqual(len(server.connections), 0)
        self.assertEqual(list(server.props.connections), [])

    def test_list_connections(self):
        """list_connections() is a snapshot, too."""
        server = self.listen()
        taken = [self.accept(server) for _ in range(3)]
        snapshot = server.list_connections()
        for connection in snapshot:
            connection.abort()

        self.assertEqual(snapshot, [ours for ours, _ in taken])
        self.assertEqual(server.list_connections(), [])

    def test_keeps_connections(self):
        """A connection whose variable is dropped lives and answers until it is disconnected."""
        server = self.listen()
        ours, peer = self.accept(server)
        ours.connect("ready-read", lambda ours: ours.write(ours.read_all().upper()))
        ours.remembered = "what Python put there"
        gone = weakref.ref(ours)
        del ours
        gc.collect()

        peer.sendall(b"still there?")
        peer.setblocking(False)
        iterate_until(lambda: server.props.connections[0].get_bytes_sent() == 12)
        self.assertEqual(peer.recv(100), b"STILL THERE?")
        self.assertEqual(server.props.connections[0].remembered, "what Python put there")

        peer.close()
        iterate_until(lambda: len(server.props.connections) == 0)
        gc.collect()
        self.assertIsNone(gone())

    def test_server_dropped(self):
        """A server without references stops, and its connections end."""
        server = Qnet.TcpServer()
        server.listen(LOCAL_HOST, 0)
        peer = self.accept(server)[1]
        gone = weakref.ref(server)
        del server
        gc.collect()

        self.assertIsNone(gone())
        self.assertEqual(peer.recv(1), b"")


class Subclassing(ServerCase):
    def test_incoming_connection(self):
        """An override creates sockets of its own type from the descriptors."""

        class Visitor(Qnet.TcpSocket):
            pass

        class Hotel(Qnet.TcpServer):
            def do_incoming_connection(self, fd):
                visitor = Visitor()
                visitor.set_fd(fd, Qnet.SocketState.CONNECTED,
                                              Qnet.OpenMode.READ_WRITE)
                visitor.room = fd
                self.add_pending_connection(visitor)

        ours, peer = self.accept(self.listen(Hotel))
        self.assertIsInstance(ours, Visitor)
        self.assertEqual(ours.room, ours.get_fd())
        ours.write(b"welcome")
        ours.flush()
        self.assertEqual(peer.recv(7), b"welcome")

    def test_chain_up(self):
        """An override may chain up."""
        descriptors = []

        class Counter(Qnet.TcpServer):
            def do_incoming_connection(self, fd):
                descriptors.append(fd)
                Qnet.TcpServer.do_incoming_connection(self, fd)

        ours, _ = self.accept(self.listen(Counter))
        self.assertEqual(descriptors, [ours.get_fd()])

    def test_refuse(self):
        """An override owns the descriptor, and may just close it."""

        class Closed(Qnet.TcpServer):
            def do_incoming_connection(self, fd):
                os.close(fd)

        server = self.listen(Closed)
        peer = self.call(server)
        received = []
        server.connect("new-connection",
                       lambda server: received.append(server.next_pending_connection()))
        iterate_until(lambda: received)

        self.assertEqual(received, [None])
        self.assertEqual(peer.recv(1), b"")

    def test_refuse_connection(self):
        """An override may refuse a client: new-connection is not emitted."""
        emitted = []

        class Picky(Qnet.TcpServer):
            refused = 0

            def do_incoming_connection(self, fd):
                self.refused += 1
                self.refuse_connection(fd)

        server = self.listen(Picky)
        server.connect("new-connection", emitted.append)
        peer = self.call(server)
        iterate_until(lambda: server.refused)

        self.assertEqual(peer.recv(1), b"")
        self.assertEqual(emitted, [])

    def test_other_type(self):
        """A connection of another type than that of the server is not queued."""
        for server, other in ((Qnet.TcpServer(), Qnet.LocalSocket()),
                              (Qnet.SslServer(), Qnet.TcpSocket()),
                              (Qnet.LocalServer(), Qnet.TcpSocket())):
            GLib.test_expect_message("Qnet", GLib.LogLevelFlags.LEVEL_CRITICAL,
                                     "*has_connection_type*")
            Qnet.Server.add_pending_connection(server, other)
            GLib.test_assert_expected_messages_internal("Qnet", __file__, 0, self.id())

            self.assertIsNone(server.next_pending_connection())

    def test_other_thread(self):
        """An override may give the descriptor to another thread."""

        def serve(fd):
            ours = Qnet.TcpSocket()
            ours.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
            ours.write(b"welcome")
            ours.disconnect_from_host()

        class Threaded(Qnet.TcpServer):
            thread = None

            def do_incoming_connection(self, fd):
                self.thread = threading.Thread(target=serve, args=[fd])
                self.thread.start()

        server = self.listen(Threaded)
        peer = self.call(server)
        iterate_until(lambda: server.thread)
        server.thread.join()

        self.assertEqual(peer.recv(8, socket.MSG_WAITALL), b"welcome")

    def raising(self, prepare):
        """A client of a server whose override raises once prepare() has run; the client is turned
        away, and no descriptor leaks."""

        class Clumsy(Qnet.TcpServer):
            calls = 0

            def do_incoming_connection(self, fd):
                self.calls += 1
                prepared = prepare(self, fd)
                raise RuntimeError(prepared)

        server = self.listen(Clumsy)
        errors = []
        hook, sys.excepthook = sys.excepthook, lambda kind, error, trace: errors.append(kind)
        self.addCleanup(setattr, sys, "excepthook", hook)
        peer = self.call(server)
        iterate_until(lambda: server.calls)
        self.assertEqual(errors, [RuntimeError])

        return server, peer

    def test_exception(self):
        """The connection of an override that raises is closed."""
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            server, peer = self.raising(lambda server, fd: None)
            self.assertEqual(peer.recv(1), b"")
            self.assertFalse(server.has_pending_connections())
            peer.close()
            server.close()

        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_exception_after_taking(self):
        """It is not closed if a socket of qnet has taken the descriptor."""
        taken = []

        def take(server, fd):
            sock = Qnet.TcpSocket()
            sock.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
            server.add_pending_connection(sock)
            taken.append(sock)

        _, peer = self.raising(take)
        taken[0].write(b"alive")
        taken[0].flush()
        self.assertEqual(peer.recv(5), b"alive")

    def test_exception_after_chaining_up(self):
        """Nor if the parent class has taken it."""
        server, peer = self.raising(Qnet.TcpServer.do_incoming_connection)
        ours = server.next_pending_connection()
        ours.write(b"alive")
        ours.flush()
        self.assertEqual(peer.recv(5), b"alive")

    def test_exception_with_a_python_socket(self):
        """A socket of Python's closes its descriptor when it is freed, once."""
        others = []

        def wrap(server, fd):
            return socket.socket(fileno=fd)

        _, peer = self.raising(wrap)
        others.append(os.dup(0))  # would take the number, and be closed by a second close()
        self.addCleanup(os.close, others[0])
        self.assertEqual(peer.recv(1), b"")
        os.fstat(others[0])

    def test_queue(self):
        """The queue of pending connections can be overridden."""

        class Shy(Qnet.TcpServer):
            open = False

            def do_has_pending_connections(self):
                return self.open and Qnet.TcpServer.do_has_pending_connections(self)

            def do_next_pending_connection(self):
                return Qnet.TcpServer.do_next_pending_connection(self) if self.open else None

        server = self.listen(Shy)
        self.call(server)
        server.wait_for_new_connection(PATIENCE)
        self.assertFalse(server.has_pending_connections())
        self.assertIsNone(server.next_pending_connection())

        server.open = True
        self.assertTrue(server.has_pending_connections())
        self.assertIsInstance(server.next_pending_connection(), Qnet.TcpSocket)


if __name__ == "__main__":
    tap.main()
