#!/usr/bin/python3
#
# test-reconnector.py: QnetReconnector in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import tempfile

import tap
from peers import GLib, PeerCase, Qnet, closed_port, iterate_until

from gi.repository import Gio, GObject

State = Qnet.ReconnectorState


class Reconnector(PeerCase):
    def new(self, socket=None, port=None):
        self.socket = socket or Qnet.TcpSocket()
        reconnector = Qnet.Reconnector(socket=self.socket, network_monitor=None, min_delay=2,
                                       max_delay=5)
        reconnector.add_host("127.0.0.1", port or self.port)
        self.addCleanup(self.socket.abort)
        self.addCleanup(reconnector.stop)
        return reconnector

    def test_again(self):
        """A connection that was lost is established again; by signals and properties."""
        reconnector = self.new()
        log = []
        for name in "prepare", "connected", "disconnected":
            reconnector.connect(name, lambda _, name=name: log.append(name))

        reconnector.start()
        self.assertEqual(reconnector.props.state, State.CONNECTING)
        iterate_until(lambda: reconnector.props.state == State.CONNECTED)
        self.accept().close()
        iterate_until(lambda: reconnector.props.state == State.WAITING)
        self.assert_error(reconnector.props.error, Qnet.SocketError.REMOTE_HOST_CLOSED)
        iterate_until(lambda: reconnector.props.state == State.CONNECTED)
        self.assertEqual(log, ["prepare", "connected", "disconnected", "prepare", "connected"])
        self.assertEqual(reconnector.props.n_attempts, 2)
        self.assertEqual(reconnector.props.time_left, 0)

    def test_login(self):
        """A login is written before the application sees the connection, and may wait."""
        reconnector = self.new()
        holds = []

        def prepare(reconnector):
            holds.append(reconnector.hold())
            self.socket.write(b"login")

        reconnector.connect("prepare", prepare)
        reconnector.start()
        iterate_until(lambda: holds)
        peer = self.accept()
        iterate_until(lambda: self.socket.props.bytes_to_write == 0)
        self.assertEqual(peer.recv(5), b"login")
        self.assertEqual(reconnector.props.state, State.PREPARING)
        reconnector.resume(holds[0])
        iterate_until(lambda: reconnector.props.state == State.CONNECTED)

    def test_login_refused(self):
        """A preparation can fail, with an error of the application."""
        reconnector = self.new()
        reconnector.props.max_attempts = 1
        given_up = []
        no = GLib.Error.new_literal(Gio.io_error_quark(), "no", Gio.IOErrorEnum.PERMISSION_DENIED)
        reconnector.connect("prepare", lambda _: reconnector.fail(reconnector.hold(), no))
        reconnector.connect("gave-up", lambda _, error: given_up.append(error))
        reconnector.start()
        iterate_until(lambda: given_up)
        self.assertTrue(given_up[0].matches(Gio.io_error_quark(),
                                            Gio.IOErrorEnum.PERMISSION_DENIED))

    def await_connected(self, reconnector):
        outcomes = []

        def ended(reconnector, result):
            try:
                outcomes.append(reconnector.await_connected_finish(result))
            except GLib.Error as error:
                outcomes.append(error)

        reconnector.await_connected_async(callback=ended)
        return outcomes

    def test_await(self):
        """The next connection is awaited; giving up and stopping are exceptions."""
        reconnector = self.new()
        outcomes = self.await_connected(reconnector)
        reconnector.start()
        iterate_until(lambda: outcomes)
        self.assertEqual(outcomes, [True])

        reconnector = self.new(port=closed_port())
        reconnector.props.max_attempts = 1
        outcomes = self.await_connected(reconnector)
        reconnector.start()
        iterate_until(lambda: outcomes)
        self.assert_error(outcomes[0], Qnet.SocketError.CONNECTION_REFUSED)

        reconnector = self.new()
        outcomes = self.await_connected(reconnector)
        reconnector.start()
        reconnector.stop()
        iterate_until(lambda: outcomes)
        self.assert_error(outcomes[0], Qnet.SocketError.OPERATION)

    def test_binding(self):
        """The state can be bound."""

        class View(GObject.Object):
            state = GObject.Property(type=State, default=State.IDLE)

        reconnector, view = self.new(), View()
        reconnector.bind_property("state", view, "state", GObject.BindingFlags.SYNC_CREATE)
        reconnector.start()
        iterate_until(lambda: view.state == State.CONNECTED)

    def test_local(self):
        """A local server is found by its name."""
        with tempfile.TemporaryDirectory() as folder:
            server = Qnet.LocalServer()
            server.listen(folder + "/socket")
            reconnector = Qnet.Reconnector.new(Qnet.LocalSocket(), None)
            reconnector.add_server(folder + "/socket")
            reconnector.start()
            iterate_until(lambda: reconnector.props.state == State.CONNECTED)
            reconnector.stop()
            server.close()

    def test_connectable(self):
        """Anything of GIO that stands for a peer is a candidate."""
        reconnector = Qnet.Reconnector.new(Qnet.TcpSocket(),
                                           Gio.NetworkAddress.new("127.0.0.1", closed_port()))
        reconnector.add_connectable(Gio.InetSocketAddress.new_from_string("127.0.0.1", self.port))
        reconnector.props.network_monitor = None
        reconnector.props.min_delay = 1
        reconnector.start()
        iterate_until(lambda: reconnector.props.state == State.CONNECTED)
        self.assertEqual(reconnector.props.n_attempts, 2)
        reconnector.stop()


if __name__ == "__main__":
    tap.main()
