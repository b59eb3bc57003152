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

        self.assertEqual(server.get_server_address(), Qnet.HostAddress.new_special(Qnet.SpecialAddress.ANY))
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
        """A connection is announced, and then taken."""
        server, heard = self.listen(), []
        for name in "pending-connection-available", "new-connection":
            server.connect(name, lambda server, name: heard.append((name, server.has_pending_connections())), name)
        self.call(server)

        iterate_until(lambda: len(heard) == 2)
        self.assertEqual(heard, [("pending-connection-available", True), ("new-connection", True)])
        self.assertIsInstance(server.next_pending_connection(), Qnet.TcpSocket)
        self.assertIsNone(server.next_pending_connection())

    def test_wait(self):
        """The waits need no loop; a time-out is an exception."""
        server = self.listen()
        for wait in server.wait_for_new_connection, server.wait_for_new_connection_full:
            with self.assertRaises(GLib.Error) as caught:
                wait(1)
            self.assert_error(caught.exception, Qnet.SocketError.SOCKET_TIMEOUT)

        self.call(server)
        self.assertEqual(tuple(server.wait_for_new_connection_full(PATIENCE)), (True, False))

    def test_ready_read_after_accept(self):
        """A handler that is connected in the callback of accept_async() hears everything."""
        server, heard = self.listen(), []
        peer = self.call(server)
        peer.sendall(b"sent before anybody listened")

        def accepted(server, result):
            connection = server.accept_finish(result)
            connection.connect("ready-read", lambda connection: heard.append(connection.read_all()))

        server.accept_async(GLib.PRIORITY_DEFAULT, None, accepted)
        iterate_until(lambda: heard)
        self.assertEqual(heard, [b"sent before anybody listened"])

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


class Lifetime(ServerCase):
    def test_iterate_connections(self):
        """All connections can be ended while they are iterated over."""
        server = self.listen()
        taken = [self.accept(server) for _ in range(5)]
        visited = []

        for connection in server.connections:
            visited.append(connection)
            connection.abort()

        self.assertEqual(visited, [ours for ours, _ in taken])
        self.assertEqual(len(server.connections), 0)
        self.assertEqual(list(server.props.connections), [])

    def test_list_connections(self):
        """list_connections() is a snapshot, too."""
        server = self.listen()
        taken = [self.accept(server) for _ in range(3)]
        everybody = server.list_connections()
        for connection in everybody:
            connection.abort()

        self.assertEqual(everybody, [ours for ours, _ in taken])
        self.assertEqual(server.list_connections(), [])

    def test_keeps_connections(self):
        """A connection whose variable has gone lives and answers until it is disconnected."""
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
        """A server that nobody holds stops, and its connections end."""
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
        """An override makes sockets of its own type of the descriptors."""

        class Visitor(Qnet.TcpSocket):
            pass

        class Hotel(Qnet.TcpServer):
            def do_incoming_connection(self, fd):
                visitor = Visitor()
                visitor.set_socket_descriptor(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
                visitor.room = fd
                self.add_pending_connection(visitor)

        ours, peer = self.accept(self.listen(Hotel))
        self.assertIsInstance(ours, Visitor)
        self.assertEqual(ours.room, ours.get_socket_descriptor())
        ours.write(b"welcome")
        ours.flush()
        self.assertEqual(peer.recv(7), b"welcome")

    def test_chain_up(self):
        """An override may leave the work to its parent."""
        descriptors = []

        class Counter(Qnet.TcpServer):
            def do_incoming_connection(self, fd):
                descriptors.append(fd)
                Qnet.TcpServer.do_incoming_connection(self, fd)

        ours, _ = self.accept(self.listen(Counter))
        self.assertEqual(descriptors, [ours.get_socket_descriptor()])

    def test_refuse(self):
        """An override owns the descriptor, and may just close it."""

        class Closed(Qnet.TcpServer):
            def do_incoming_connection(self, fd):
                os.close(fd)

        server = self.listen(Closed)
        peer = self.call(server)
        heard = []
        server.connect("new-connection", lambda server: heard.append(server.next_pending_connection()))
        iterate_until(lambda: heard)

        self.assertEqual(heard, [None])
        self.assertEqual(peer.recv(1), b"")

    def test_refuse_connection(self):
        """An override may turn a client away: it is not announced."""
        announced = []

        class Picky(Qnet.TcpServer):
            refused = 0

            def do_incoming_connection(self, fd):
                self.refused += 1
                self.refuse_connection(fd)

        server = self.listen(Picky)
        server.connect("new-connection", announced.append)
        peer = self.call(server)
        iterate_until(lambda: server.refused)

        self.assertEqual(peer.recv(1), b"")
        self.assertEqual(announced, [])

    def test_other_thread(self):
        """An override may give the descriptor to another thread."""

        def serve(fd):
            ours = Qnet.TcpSocket()
            ours.set_socket_descriptor(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
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
        """A client of a server whose override raises once prepare() has run; the client is turned away, and no descriptor leaks."""

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
        """It is not where a socket of qnet has taken the descriptor."""
        taken = []

        def take(server, fd):
            sock = Qnet.TcpSocket()
            sock.set_socket_descriptor(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
            server.add_pending_connection(sock)
            taken.append(sock)

        _, peer = self.raising(take)
        taken[0].write(b"alive")
        taken[0].flush()
        self.assertEqual(peer.recv(5), b"alive")

    def test_exception_after_chaining_up(self):
        """Nor where the parent has."""
        server, peer = self.raising(Qnet.TcpServer.do_incoming_connection)
        ours = server.next_pending_connection()
        ours.write(b"alive")
        ours.flush()
        self.assertEqual(peer.recv(5), b"alive")

    def test_exception_with_a_python_socket(self):
        """A socket of Python's closes its descriptor as it goes, once."""
        others = []

        def wrap(server, fd):
            return socket.socket(fileno=fd)

        _, peer = self.raising(wrap)
        others.append(os.dup(0))  # would take the number, and be closed by a second close()
        self.addCleanup(os.close, others[0])
        self.assertEqual(peer.recv(1), b"")
        os.fstat(others[0])

    def test_queue(self):
        """The queue of pending connections can be stepped into."""

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
