#!/usr/bin/python3
#
# test-awaiting.py: asynchronous calls that are awaited, with PyGObject 3.50 or newer
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import tempfile
import unittest

import tap
from peers import LOCAL_HOST, GLib, PeerCase, Qnet, closed_port

from gi.repository import Gio

try:
    from gi import events
except ImportError:
    events = None


def run(coroutine):
    """In asyncio's way, by GLib's loop."""
    with contextlib.closing(events.GLibEventLoopPolicy().get_event_loop()) as loop:
        return loop.run_until_complete(coroutine)


@unittest.skipUnless(events, "it needs PyGObject 3.50")
class Awaiting(PeerCase):
    def test_session(self):
        """Every step of a connection can be awaited, and has its result."""

        async def talk():
            ours = Qnet.TcpSocket()
            self.assertTrue(await ours.connect_to_host_async("127.0.0.1", self.port))
            peer = self.accept()
            self.assertTrue(await ours.write_all_async(bytearray(b"out\n")))
            self.assertEqual(peer.recv(4), b"out\n")
            peer.sendall(b"line\nrest")
            self.assertEqual(await ours.read_line_async(), b"line\n")
            self.assertEqual((await ours.read_bytes_async()).get_data(), b"rest")
            self.assertTrue(await ours.flush_async())
            self.assertTrue(await ours.disconnect_from_host_async())
            self.assertTrue(await ours.close_async())

        run(talk())

    def test_failure(self):
        """A failure is an exception."""

        async def fail():
            await Qnet.TcpSocket().connect_to_host_async("127.0.0.1", closed_port())

        with self.assertRaises(GLib.Error) as caught:
            run(fail())
        self.assertTrue(caught.exception.matches(Qnet.SocketError,
                                                 Qnet.SocketError.CONNECTION_REFUSED))

    def test_datagrams(self):
        """Datagrams can be awaited, sent and received."""

        async def exchange():
            ours, other = Qnet.UdpSocket(), Qnet.UdpSocket()
            for end in ours, other:
                end.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
            datagram = Qnet.NetworkDatagram.new(b"hello", LOCAL_HOST, other.props.local_port)
            self.assertEqual(await ours.write_datagram_async(datagram), 5)
            self.assertEqual((await other.receive_datagram_async()).get_data(), b"hello")

        run(exchange())

    def test_local(self):
        """So can local sockets, and a read that is cancelled loses nothing."""

        async def talk():
            with tempfile.TemporaryDirectory() as folder:
                server, client = Qnet.LocalServer(), Qnet.LocalSocket()
                server.listen(folder + "/socket")
                self.assertTrue(await client.connect_to_server_async(folder + "/socket"))
                peer = await server.accept_async()
                reading = asyncio.ensure_future(client.read_line_async())
                peer.write(b"half")
                peer.flush()
                client.wait_for_ready_read()
                reading.cancel()
                with self.assertRaises((asyncio.CancelledError, GLib.Error)):
                    await reading
                self.assertEqual(client.read(), b"half")
                self.assertTrue(await client.disconnect_from_server_async())

        run(talk())

    def test_accept(self):
        """A connection of a server can be awaited."""

        async def serve():
            server, client = Qnet.TcpServer(), Qnet.TcpSocket()
            server.listen(LOCAL_HOST, 0)
            client.connect_to_host("127.0.0.1", server.get_server_port())
            self.assertIsInstance(await server.accept_async(), Qnet.TcpSocket)

        run(serve())

    def test_stop(self):
        """So can the end of a server, which asks each connection to end."""

        async def serve():
            server, client = Qnet.TcpServer(), Qnet.TcpSocket()
            server.listen(LOCAL_HOST, 0)
            client.connect_to_host("127.0.0.1", server.get_server_port())
            ours = await server.accept_async()
            ours.connect("stopping", lambda ours: ours.disconnect_from_peer())
            self.assertEqual(await server.stop_async(), 0)
            self.assertFalse(server.is_listening())

        run(serve())

    def test_stop_by_force(self):
        """What has not ended when the grace is over is aborted and counted."""

        async def serve():
            server, client = Qnet.TcpServer(), Qnet.TcpSocket()
            server.listen(LOCAL_HOST, 0)
            client.connect_to_host("127.0.0.1", server.get_server_port())
            ours = await server.accept_async()
            self.assertEqual(await server.stop_async(grace=0), 1)
            self.assertEqual(ours.get_state(), Qnet.SocketState.UNCONNECTED)

        run(serve())

    def test_names(self):
        """So can names and addresses, which are functions of a type."""

        async def look_up():
            info = await Qnet.HostInfo.lookup_host_async("localhost")
            self.assertNotEqual(info.get_addresses(), [])
            info = await Qnet.HostInfo.lookup_address_async(LOCAL_HOST)
            self.assertNotEqual(info.get_host_name(), "")
            with self.assertRaises(GLib.Error):
                await Qnet.HostInfo.lookup_host_async("")

        run(look_up())

    def test_cancel(self):
        """Cancelling the task cancels the call."""

        async def cancel():
            cancellable = Gio.Cancellable()
            lookup = asyncio.ensure_future(Qnet.HostInfo.lookup_host_async("localhost",
                                                                           cancellable=cancellable))
            lookup.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await lookup
            self.assertTrue(cancellable.is_cancelled())

        run(cancel())

    def test_callback(self):
        """With a callback nothing has to be awaited."""

        async def call():
            done = asyncio.get_running_loop().create_future()
            returned = Qnet.HostInfo.lookup_host_async(
                "localhost", callback=lambda _, result: done.set_result(result))
            self.assertIsNone(returned)
            self.assertNotEqual(Qnet.HostInfo.lookup_host_finish(await done).get_addresses(), [])

        run(call())


if __name__ == "__main__":
    tap.main()
