#!/usr/bin/python3
#
# test-proxy.py: proxies and their choice, in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import socket
import threading

import tap
from gi.repository import Gio
from peers import GLib, QnetCase, Qnet, iterate_until

SOCKS5 = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "gate", 1080, "user", "sesame")
NONE = Qnet.NetworkProxy.new(Qnet.ProxyType.NONE, None, 0, None, None)


def query(port=80):
    return Qnet.NetworkProxyQuery.new_for_host("example.org", port, "http",
                                               Qnet.ProxyQueryType.TCP_SOCKET)


class Factory(Qnet.NetworkProxyFactory):
    def __init__(self):
        super().__init__()
        self.queries = []

    def do_query_proxy(self, asked):
        self.queries.append(asked)
        if asked.get_peer_port() == 1:
            return []
        if asked.get_peer_port() == 2:
            raise GLib.Error("no idea")
        return [SOCKS5, Qnet.NetworkProxy.new(Qnet.ProxyType.NONE, None, 0, None, None)]


class Proxies(QnetCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(Qnet.set_application_proxy, NONE)

    def test_values(self):
        """Proxies and queries are values."""
        same = SOCKS5.with_host("door", 9).with_host("gate", 1080)

        self.assertEqual(SOCKS5, same)
        self.assertEqual({SOCKS5: 1}[same], 1)
        self.assertNotEqual(SOCKS5, SOCKS5.with_type(Qnet.ProxyType.HTTP))
        self.assertNotEqual(SOCKS5, "gate")
        self.assertEqual(query(), query())
        self.assertEqual(len({query(), query(), query(81)}), 2)

    def test_texts(self):
        """No text for people shows the password; the URI, which is for machines, has it."""
        self.assertEqual(str(SOCKS5), "SOCKS5 proxy gate port 1080")
        self.assertNotIn("sesame", repr(SOCKS5))
        self.assertEqual(Qnet.NetworkProxy.new_from_uri(SOCKS5.to_uri()), SOCKS5)

    def test_bad_uris(self):
        """A URI whose password is not encoded raises, and no message shows a user or a password."""
        for uri in ("socks5://alice:a@sesame@host", "alice:sesame@host:1",
                    "socks5://alice:1/sesame@host"):
            with self.assertRaises(GLib.Error) as caught:
                Qnet.NetworkProxy.new_from_uri(uri)
            self.assertNotIn("alice", caught.exception.message)
            self.assertNotIn("sesame", caught.exception.message)

    def test_application_proxy(self):
        """The application's proxy is the choice."""
        Qnet.set_application_proxy(SOCKS5)

        self.assertEqual(Qnet.get_application_proxy(), SOCKS5)
        self.assertEqual(Qnet.NetworkProxyFactory.proxy_for_query(query()), [SOCKS5])

    def test_factory(self):
        """A class of Python's own chooses, and may keep what it was asked."""
        factory = Factory()
        Qnet.set_application_proxy_factory(factory)

        for port in range(80, 180):
            chosen = Qnet.NetworkProxyFactory.proxy_for_query(query(port))
            self.assertEqual([one.get_proxy_type() for one in chosen],
                             [Qnet.ProxyType.SOCKS5, Qnet.ProxyType.NONE])
        gc.collect()
        self.assertEqual([one.get_peer_port() for one in factory.queries], list(range(80, 180)))

    def test_factory_fails(self):
        """A class that names no proxy, or fails, never means a direct connection."""
        Qnet.set_application_proxy_factory(Factory())

        for port in 1, 2:
            with self.assertRaises(GLib.Error):
                Qnet.NetworkProxyFactory.proxy_for_query(query(port))

    def test_query_proxy_async(self):
        """A factory can be asked asynchronously."""
        factory, answers = Factory(), []
        factory.query_proxy_async(
            query(),
            callback=lambda source, result: answers.append(source.query_proxy_finish(result))
        )
        iterate_until(lambda: answers)
        self.assertEqual(answers[0][0], SOCKS5)

    def test_socket(self):
        """A socket connects through its proxy, and a handler is asked for the password."""
        asked = []

        def answer(socket, proxy, authenticator):
            asked.append(proxy)
            authenticator.set_user("user")

        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        gate = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "127.0.0.1", server.getsockname()[1],
                                     None, None)
        ours = Qnet.TcpSocket(proxy=gate, protocol_tag="fortune")
        ours.connect("proxy-authentication-required", answer)
        ours.connect_to_host("fortune.test", 7)

        iterate_until(lambda: ours.get_state() == Qnet.SocketState.CONNECTING)
        with server.accept()[0] as peer:
            peer.sendall(b"\5\2")
            iterate_until(lambda: asked)
            peer.sendall(b"\1\0" b"\5\0\0\1" + bytes(6))
            iterate_until(lambda: ours.get_state() == Qnet.SocketState.CONNECTED)
        self.assertEqual((asked, ours.props.proxy, ours.props.protocol_tag),
                         ([gate], gate, "fortune"))

    def test_asked_later(self):
        """A handler that holds the authenticator answers later."""
        held = []

        def hold(socket, proxy, authenticator):
            authenticator.hold()
            held.append(authenticator)

        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        gate = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "127.0.0.1", server.getsockname()[1],
                                     None, None)
        ours = Qnet.TcpSocket(proxy=gate)
        ours.connect("proxy-authentication-required", hold)
        ours.connect_to_host("fortune.test", 7)

        iterate_until(lambda: ours.get_state() == Qnet.SocketState.CONNECTING)
        with server.accept()[0] as peer:
            peer.sendall(b"\5\2")
            iterate_until(lambda: held)
            held[0].props.user, held[0].props.password = "user", "sesame"
            held.pop().resume()
            peer.sendall(b"\1\0" b"\5\0\0\1" + bytes(6))
            iterate_until(lambda: ours.get_state() == Qnet.SocketState.CONNECTED)
            self.assertIn(b"\1\4user\6sesame", peer.recv(100))

    def play_proxy(self, reply):
        """A proxy that listens, or relays, at that address; its connections are in the list."""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        peers = []

        def answer():
            peer = server.accept()[0]
            self.addCleanup(peer.close)
            peer.recv(3)
            peer.sendall(b"\5\0")
            peer.recv(10)
            peers.append(peer)
            peer.sendall(reply)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return peers, Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "127.0.0.1",
                                            server.getsockname()[1], None, None)

    def test_server(self):
        """A proxy listens for a server, and its peers are connections of the server."""
        peers, gate = self.play_proxy(b"\5\0\0\1\x0a\0\0\1\x10\xe1")
        server = Qnet.TcpServer(proxy=gate)
        server.listen_port(0)
        self.assertEqual((server.props.server_address.to_string(), server.props.server_port),
                         ("10.0.0.1", 4321))

        iterate_until(lambda: peers)
        peers[0].sendall(b"\5\0\0\1\x0a\0\0\2\0\7")
        iterate_until(server.has_pending_connections)
        visitor = server.next_pending_connection()
        self.assertEqual((visitor.get_peer_address().to_string(), visitor.get_peer_port()),
                         ("10.0.0.2", 7))

    def test_listen_async(self):
        """A server waits for its proxy without blocking, and can give up."""
        _peers, gate = self.play_proxy(b"\5\0\0\1\x0a\0\0\1\x10\xe1")
        server, outcomes = Qnet.TcpServer(proxy=gate), []
        server.listen_async(
            "0.0.0.0", callback=lambda _, result: outcomes.append(server.listen_finish(result)))
        self.assertFalse(server.props.listening or outcomes)
        iterate_until(lambda: outcomes)
        self.assertEqual((outcomes, server.props.server_port), ([True], 4321))

        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        gate = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "127.0.0.1", silent.getsockname()[1],
                                     None, None)
        server, results, cancellable = Qnet.TcpServer(proxy=gate), [], Gio.Cancellable()
        server.listen_async("0.0.0.0", 0, GLib.PRIORITY_DEFAULT, cancellable,
                            lambda _, result: results.append(result))
        cancellable.cancel()
        iterate_until(lambda: results)
        with self.assertRaises(GLib.Error) as caught:
            server.listen_finish(results[0])
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_datagrams(self):
        """A proxy relays datagrams, each with a header that says where to."""
        relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(relay.close)
        relay.bind(("127.0.0.1", 0))
        _peers, gate = self.play_proxy(b"\5\0\0\1\x7f\0\0\1"
                                       + relay.getsockname()[1].to_bytes(2, "big"))
        ours = Qnet.UdpSocket(proxy=gate)
        ours.bind_port(0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)

        ours.write_datagram_to(b"hello", Qnet.HostAddress.from_string("10.0.0.1"), 7)
        datagram, address = relay.recvfrom(100)
        self.assertEqual(datagram, b"\0\0\0\1\x0a\0\0\1\0\7hello")
        relay.sendto(b"\0\0\0\1\x0a\0\0\1\0\7answer", address)
        iterate_until(ours.has_pending_datagrams)
        answer = ours.receive_datagram()
        self.assertEqual((answer.get_data(), answer.get_sender_port()), (b"answer", 7))

    def test_bind_async(self):
        """A socket waits for its relay without blocking, and can give up."""
        _peers, gate = self.play_proxy(b"\5\0\0\1\x7f\0\0\1\x10\xe1")
        ours, outcomes = Qnet.UdpSocket(proxy=gate), []
        ours.bind_async("0.0.0.0",
                        callback=lambda _, result: outcomes.append(ours.bind_finish(result)))
        self.assertEqual((ours.props.state, outcomes), (Qnet.SocketState.UNCONNECTED, []))
        iterate_until(lambda: outcomes)
        self.assertEqual((ours.props.state, outcomes), (Qnet.SocketState.BOUND, [True]))

        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        port = silent.getsockname()[1]
        ours = Qnet.UdpSocket(proxy=Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "127.0.0.1", port,
                                                          None, None))
        results, cancellable = [], Gio.Cancellable()
        ours.bind_async("0.0.0.0", cancellable=cancellable,
                        callback=lambda _, result: results.append(result))
        cancellable.cancel()
        iterate_until(lambda: results)
        with self.assertRaises(GLib.Error) as caught:
            ours.bind_finish(results[0])
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_header(self):
        """A header of the PROXY protocol is bytes both ways, and invalid bytes are an exception."""
        header = Qnet.ProxyHeader.new("192.0.2.1", 4711, Qnet.HostAddress.from_string("192.0.2.2"),
                                      443)
        self.assertEqual(header.to_bytes(1).get_data(),
                         b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n")

        named = header.with_field(Qnet.ProxyHeaderField.AUTHORITY, b"www.example")
        other = Qnet.ProxyHeader.new_from_bytes(named.to_bytes(2).get_data())
        self.assertEqual(other.get_source().to_string(), "192.0.2.1")
        self.assertEqual((other.get_source_port(), other.get_version(), other.is_local()),
                         (4711, 2, False))
        self.assertEqual(other.get_field(Qnet.ProxyHeaderField.AUTHORITY).get_data(),
                         b"www.example")
        self.assertIsNone(other.get_field(0xee))
        self.assertTrue(Qnet.ProxyHeader.new_local().is_local())

        with self.assertRaises(GLib.Error) as caught:
            Qnet.ProxyHeader.new_from_bytes(b"GET / HTTP/1.0\r\n")
        self.assertTrue(caught.exception.matches(Qnet.SocketError.quark(),
                                                 Qnet.SocketError.PROXY_PROTOCOL))

    def test_authenticator(self):
        """An authenticator takes an answer."""
        authenticator = Qnet.Authenticator.new()

        self.assertTrue(authenticator.is_null())
        authenticator.props.user = "user"
        self.assertEqual((authenticator.get_user(), authenticator.get_password()), ("user", None))
        self.assertFalse(authenticator.is_null())


if __name__ == "__main__":
    tap.main()
