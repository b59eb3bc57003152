#!/usr/bin/python3
#
# test-address.py: QnetHostAddress and QnetHostInfo are values in Python, too
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import socket
import struct
import unittest

import tap
from peers import GLib, Qnet, iterate_until

from gi.repository import Gio


class Address(unittest.TestCase):
    def test_equality(self):
        """Addresses compare by value, not by identity."""
        one, same = (Qnet.HostAddress.from_string("192.0.2.1") for _ in range(2))
        other = Qnet.HostAddress.from_string("192.0.2.2")

        self.assertTrue(one == same)
        self.assertFalse(one != same)
        self.assertFalse(one == other)
        self.assertTrue(one != other)

    def test_other_types(self):
        """An address equals nothing of another type."""
        address = Qnet.HostAddress.from_string("192.0.2.1")

        self.assertNotEqual(address, "192.0.2.1")
        self.assertNotEqual(address, None)
        self.assertNotEqual(address, 3221225985)

    def test_hash(self):
        """Addresses are keys of a dict and members of a set."""
        names = {Qnet.HostAddress.from_string("::1"): "loopback"}

        self.assertEqual(names[Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST_IPV6)],
                         "loopback")
        self.assertEqual(len({Qnet.HostAddress.new_ipv4(n % 2) for n in range(6)}), 2)

    def test_str_and_repr(self):
        """str() is the address as text, and repr() says what it is."""
        address = Qnet.HostAddress.from_string("2001:DB8:0::7")

        self.assertEqual(str(address), "2001:db8::7")
        self.assertEqual(f"{address}", "2001:db8::7")
        self.assertEqual(repr(address), "<Qnet.HostAddress 2001:db8::7>")
        self.assertEqual(str(Qnet.HostAddress.new_null()), "")
        self.assertEqual(repr(Qnet.HostAddress.new_null()), "<Qnet.HostAddress null>")

    def test_nonsense(self):
        """What is no address is None."""
        for text in "", "localhost", "1.2.3.256", "::1::":
            self.assertIsNone(Qnet.HostAddress.from_string(text))

    def test_parse(self):
        """parse() raises, and shows the text that is no address."""
        self.assertEqual(str(Qnet.HostAddress.parse("127.1")), "127.0.0.1")
        with self.assertRaisesRegex(GLib.Error, "127.0.0.l"):
            Qnet.HostAddress.parse("127.0.0.l")

    def test_text_is_taken(self):
        """Where an address is wanted it may be given as text; text that is none raises."""
        server = Qnet.TcpServer()
        server.listen("127.0.0.1")
        self.assertEqual(str(server.get_server_address()), "127.0.0.1")

        socket = Qnet.UdpSocket()
        socket.bind(address="127.0.0.1", port=0, flags=Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
        self.assertEqual(socket.write_datagram_to(b"abc", "127.0.0.1", socket.get_local_port()), 3)

        self.assertTrue(Qnet.HostAddress.parse("10.1.2.3").is_in_subnet("10.0.0.0", 8))
        self.assertEqual(str(Qnet.DnsLookup(nameserver="192.0.2.53").props.nameserver),
                         "192.0.2.53")

        bound = Qnet.UdpSocket()
        bound.bind("127.0.0.1")
        self.assertGreater(bound.get_local_port(), 0)

        for call in (
            lambda: Qnet.TcpServer().listen("127.0.0.l", 0),
            lambda: Qnet.UdpSocket().bind("", 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM),
            lambda: Qnet.TcpSocket().connect_to_address("localhost", 80),
            lambda: Qnet.DnsLookup(nameserver="192.0.2.5e"),
        ):
            with self.assertRaises(GLib.Error):
                call()

    def test_none_is_refused(self):
        """None, which is what a mistyped address gives, never means all addresses, nor what else is
        more permissive."""
        server = Qnet.TcpServer()

        for listen in (lambda: server.listen(None, 0), lambda: server.listen(None)):
            with self.assertRaisesRegex(GLib.Error, "No address was given"):
                listen()
        self.assertFalse(server.is_listening())

        with self.assertRaisesRegex(GLib.Error, "No address was given"):
            Qnet.UdpSocket().bind(None, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)

        for call in (
            lambda: Qnet.TcpSocket().set_proxy(None),
            lambda: Qnet.TcpSocket(proxy=None),
            lambda: setattr(Qnet.TcpServer().props, "proxy", None),
            lambda: server.set_proxy(None),
            lambda: Qnet.set_application_proxy(None),
            lambda: Qnet.set_application_proxy_factory(None),
            lambda: Qnet.DnsLookup.new_with_nameserver(Qnet.DnsRecordType.A, "a.test", None, 53),
            lambda: Qnet.SslSocket().set_database(None),
            lambda: Qnet.SslServer(database=None),
            lambda: Qnet.SslSocket().ignore_ssl_errors_full(Gio.TlsCertificateFlags.EXPIRED, None),
        ):
            with self.assertRaises(TypeError):
                call()

    def test_listen_port(self):
        """All addresses are requested by an explicit name."""
        server = Qnet.TcpServer()
        server.listen_port()
        everywhere = Qnet.HostAddress.new_special(Qnet.SpecialAddress.ANY)
        self.assertTrue(server.get_server_address().equal(everywhere)
                        or str(server.get_server_address()) == "0.0.0.0")

    def test_bytes(self):
        """The bytes of an IPv6 address are bytes, in and out; a wrong length is an exception."""
        data = bytes(range(16))

        self.assertEqual(Qnet.HostAddress.new_ipv6(data).to_ipv6(), data)
        with self.assertRaises(GLib.Error) as caught:
            Qnet.HostAddress.new_ipv6(b"short")
        self.assertEqual(caught.exception.domain, "qnet-socket-error-quark")

    def test_native(self):
        """The bytes of a struct sockaddr are bytes, too."""
        native = struct.pack("=H", socket.AF_INET) + b"\0\x50" + bytes([192, 0, 2, 1]) + bytes(8)

        for data in native, bytearray(native), memoryview(native):
            self.assertEqual(str(Qnet.HostAddress.new_from_native(data)), "192.0.2.1")
        for data in native[:7], b"":
            with self.assertRaises(GLib.Error):
                Qnet.HostAddress.new_from_native(data)

    def test_number(self):
        """to_ipv4() gives whether there is a number, and the number."""
        self.assertEqual(tuple(Qnet.HostAddress.new_ipv4(0xC0000201).to_ipv4()), (True, 0xC0000201))
        self.assertFalse(Qnet.HostAddress.from_string("::1").to_ipv4()[0])

    def test_gio(self):
        """Addresses convert to GIO's types and back."""
        address = Qnet.HostAddress.from_string("192.0.2.1")
        inet_address = address.to_inet_address()

        self.assertIsInstance(inet_address, Gio.InetAddress)
        self.assertEqual(Qnet.HostAddress.new_from_inet_address(inet_address), address)
        self.assertEqual(Qnet.HostAddress.new_from_socket_address(address.to_socket_address(80)),
                         address)
        self.assertIsNone(Qnet.HostAddress.new_null().to_inet_address())

    def test_flags(self):
        """Flags combine, and equal_full() overlooks what they say."""
        mapped = Qnet.HostAddress.from_string("::ffff:192.0.2.1")
        plain = Qnet.HostAddress.from_string("192.0.2.1")
        some = Qnet.AddressConversion.V4_MAPPED | Qnet.AddressConversion.LOCAL_HOST

        self.assertTrue(plain.equal_full(mapped, some))
        self.assertFalse(plain.equal_full(mapped, Qnet.AddressConversion.STRICT))

    def test_enums(self):
        """Enums compare as numbers and have names; their numbers are Qt's, -1 included."""
        protocol = Qnet.HostAddress.from_string("::1").get_protocol()

        self.assertEqual(protocol, Qnet.NetworkLayerProtocol.IPV6)
        self.assertEqual(protocol.value_nick, "ipv6")
        self.assertEqual(int(Qnet.HostAddress.new_null().get_protocol()), -1)
        self.assertEqual(int(Qnet.SocketState.CLOSING), 6)


class HostInfo(unittest.TestCase):
    def test_addresses(self):
        """The addresses of a name are a list, however often it is asked for."""
        info = Qnet.HostInfo.from_name("127.0.0.1", None)

        for _ in range(3):
            self.assertEqual([str(address) for address in info.get_addresses()], ["127.0.0.1"])

    def test_lookup_async(self):
        """The callback of a lookup gets its result by the finish function."""
        results = []
        Qnet.HostInfo.lookup_host_async(
            "127.0.0.1", GLib.PRIORITY_DEFAULT, None,
            lambda _, result: results.append(Qnet.HostInfo.lookup_host_finish(result))
        )

        self.assertEqual(results, [])
        iterate_until(lambda: results)
        self.assertEqual(str(results[0].get_addresses()[0]), "127.0.0.1")


if __name__ == "__main__":
    tap.main()
