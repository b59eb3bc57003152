#!/usr/bin/python3
#
# test-local.py: local servers and sockets, from Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import tempfile

import tap
from peers import PATIENCE, GLib, QnetCase, Qnet, iterate_until

from gi.repository import Gio


class OwnServer(Qnet.LocalServer):
    """Makes its connections itself."""

    def do_incoming_connection(self, fd):
        self.made = Qnet.LocalSocket()
        self.made.set_fd(fd, Qnet.SocketState.CONNECTED,
                                        Qnet.OpenMode.READ_WRITE)
        self.add_pending_connection(self.made)


class Local(QnetCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name + "/socket"
        self.server = Qnet.LocalServer(fd_limit=3)
        self.addCleanup(self.server.close)

    def accept(self):
        """A client of ours, and the server's end."""
        self.server.listen(self.path)
        client = Qnet.LocalSocket()
        client.connect_to_server(self.path)
        self.assertTrue(client.wait_for_connected(PATIENCE))
        self.assertTrue(self.server.wait_for_new_connection(PATIENCE))
        return client, self.server.next_pending_connection()

    def test_bytes(self):
        """Names are properties, bytes are bytes, and both ends know each other."""
        client, ours = self.accept()
        self.assertEqual((self.server.props.server_name, client.props.full_server_name),
                         (self.path, self.path))
        self.assertEqual(ours.props.peer_credentials.get_unix_pid(), os.getpid())
        client.write(b"hello")
        client.flush()
        self.assertTrue(ours.wait_for_ready_read(PATIENCE))
        self.assertEqual(ours.read_all(), b"hello")

    def test_descriptors(self):
        """Open files pass as a Gio.UnixFDList."""
        client, ours = self.accept()
        end, other = os.pipe()
        client.send_fds(Gio.UnixFDList.new_from_array([other]))
        client.write(b"x")
        client.flush()
        ours.wait_for_ready_read(PATIENCE)
        self.assertEqual(ours.get_fds_available(), 1)
        with os.fdopen(ours.receive_fds().steal_fds()[0], "wb") as file:
            file.write(b"through")
        self.assertEqual(os.read(end, 10), b"through")
        os.close(end)

    def test_pairs(self):
        """Connecting and disconnecting call back."""
        self.server.listen(self.path)
        client, received = Qnet.LocalSocket(), []
        client.connect_to_server_async(
            self.path, GLib.PRIORITY_DEFAULT, None, lambda s,
            result: received.append(s.connect_to_server_finish(result))
        )
        iterate_until(lambda: received)
        client.disconnect_from_server_async(
            GLib.PRIORITY_DEFAULT, None, lambda s,
            result: received.append(s.disconnect_from_server_finish(result))
        )
        iterate_until(lambda: len(received) == 2)
        self.assertEqual(received, [True, True])

    def test_subclass(self):
        """A subclass makes the connections itself, and queues them."""
        self.server = OwnServer()
        client, ours = self.accept()
        self.assertIs(ours, self.server.made)
        ours.write(b"made")
        ours.flush()
        self.assertTrue(client.wait_for_ready_read(PATIENCE))
        self.assertEqual(client.read_all(), b"made")
        self.server.close()

    def test_bad_names(self):
        """A name with a NUL is refused, and not cut; one that is too long names the limit."""
        socket = Qnet.LocalSocket()
        for call in (
            self.server.listen,
            Qnet.LocalServer.remove_server,
            socket.connect_to_server,
            socket.set_server_name,
            lambda name: socket.connect_to_server(name=name),
            lambda name: socket.connect_to_server_full(name, Qnet.OpenMode.READ_WRITE),
            lambda name: socket.connect_to_server_async(name, 0, None, None),
            lambda name: setattr(socket.props, "server_name", name),
            lambda name: socket.set_property("server-name", name),
            lambda name: socket.set_properties(server_name=name),
            lambda name: Qnet.LocalSocket(server_name=name),
            lambda name: Qnet.TcpSocket().connect_to_host(name, 80, Qnet.OpenMode.READ_WRITE, 0),
            lambda name: Qnet.SslSocket(peer_verify_name=name),
            lambda name: Qnet.HostInfo.from_name(name, None),
            lambda name: Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, name, 1080, None, None),
        ):
            with self.assertRaisesRegex(ValueError, "NUL"):
                call("a\0b")
        self.assertIsNone(socket.props.server_name)
        with self.assertRaises(GLib.Error) as caught:
            self.server.listen("x" * 200)
        self.assert_error(caught.exception, Qnet.SocketError.HOST_NOT_FOUND)
        self.assertIn("107", caught.exception.message)

    def test_remove(self):
        """A running server is not removed, and the error has Qt's name, too."""
        self.server.listen(self.path)
        with self.assertRaises(GLib.Error) as caught:
            Qnet.LocalServer.remove_server(self.path)
        self.assert_error(caught.exception, Qnet.SocketError.ADDRESS_IN_USE)
        self.assertTrue(Qnet.LocalServer.remove_server_full(self.path, True))

        client = Qnet.LocalSocket()
        client.connect_to_server(self.path)
        with self.assertRaises(GLib.Error):
            client.wait_for_connected(PATIENCE)
        self.assertEqual(client.get_error_code(), Qnet.SocketError.HOST_NOT_FOUND)


if __name__ == "__main__":
    tap.main()
