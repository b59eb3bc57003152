#!/usr/bin/python3
#
# test-proxy.py: proxies, and who chooses them, in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gc
import socket

import tap
from peers import GLib, QnetCase, Qnet, iterate_until

SOCKS5 = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "gate", 1080, "user", "sesame")


def query(port=80):
    return Qnet.NetworkProxyQuery.new_for_host("example.org", port, "http", Qnet.ProxyQueryType.TCP_SOCKET)


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
        self.addCleanup(Qnet.set_application_proxy, None)

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
            query(), None, lambda source, result: answers.append(source.query_proxy_finish(result))
        )
        iterate_until(lambda: answers)
        self.assertEqual(answers[0][0], SOCKS5)

    def test_socket(self):
        """A socket goes through its proxy, and somebody is asked who we are."""
        asked = []

        def answer(socket, proxy, authenticator):
            asked.append(proxy)
            authenticator.set_user("user")

        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        gate = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, "127.0.0.1", server.getsockname()[1], None, None)
        ours = Qnet.TcpSocket(proxy=gate, protocol_tag="fortune")
        ours.connect("proxy-authentication-required", answer)
        ours.connect_to_host("fortune.test", 7)

        iterate_until(lambda: ours.get_state() == Qnet.SocketState.CONNECTING)
        with server.accept()[0] as peer:
            peer.sendall(b"\5\2")
            iterate_until(lambda: asked)
            peer.sendall(b"\1\0" b"\5\0\0\1" + bytes(6))
            iterate_until(lambda: ours.get_state() == Qnet.SocketState.CONNECTED)
        self.assertEqual((asked, ours.props.proxy, ours.props.protocol_tag), ([gate], gate, "fortune"))

    def test_authenticator(self):
        """An authenticator takes an answer."""
        authenticator = Qnet.Authenticator.new()

        self.assertTrue(authenticator.is_null())
        authenticator.props.user = "user"
        self.assertEqual((authenticator.get_user(), authenticator.get_password()), ("user", None))
        self.assertFalse(authenticator.is_null())


if __name__ == "__main__":
    tap.main()
