#!/usr/bin/python3
#
# test-names.py: names of hosts, networks and interfaces in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import unittest

import tap
from peers import LOCAL_HOST, GLib, QnetCase, Qnet, iterate_until

from gi.repository import Gio


class Resolver(Gio.Resolver):
    """It resolves every name, with that time to live."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.asked = []

    def do_lookup_by_name(self, name, cancellable):
        address = Gio.InetAddress.new_from_string("192.0.2.1")
        Qnet.HostInfo.set_time_to_live(address, self.seconds)
        self.asked.append(name)
        return [address]


class Names(QnetCase):
    def test_address_has_name(self):
        """Lookups work in both directions, and an address without a name has its text instead."""
        results = []
        Qnet.HostInfo.lookup_address_async(
            LOCAL_HOST, GLib.PRIORITY_DEFAULT, None,
            lambda _, result: results.append(Qnet.HostInfo.lookup_address_finish(result))
        )
        iterate_until(lambda: results)

        for info in results[0], Qnet.HostInfo.from_address(LOCAL_HOST, None):
            self.assertNotEqual(info.get_host_name(), "")
            self.assertEqual(list(info.get_addresses()), [LOCAL_HOST])

    def test_cancelled(self):
        """A cancelled lookup fails with an error of GIO's domain."""
        cancellable = Gio.Cancellable()
        cancellable.cancel()

        with self.assertRaises(GLib.Error) as caught:
            Qnet.HostInfo.from_name("localhost", cancellable)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_made_by_hand(self):
        """A result can be created without a lookup."""
        info = Qnet.HostInfo.new_from_inet_addresses("made",
                                                     [Gio.InetAddress.new_from_string("192.0.2.1")])

        self.assertEqual([str(address) for address in info.get_addresses()], ["192.0.2.1"])
        self.assertEqual([address.to_string() for address in info.to_inet_addresses()],
                         ["192.0.2.1"])

    def test_cache(self):
        """The cache can be turned off and on, and cleared."""
        self.addCleanup(Qnet.HostInfo.set_cache_enabled, True)
        self.assertTrue(Qnet.HostInfo.get_cache_enabled())

        Qnet.HostInfo.set_cache_enabled(False)
        self.assertFalse(Qnet.HostInfo.get_cache_enabled())
        Qnet.HostInfo.clear_cache()

    def test_time_to_live(self):
        """A resolver of the program sets for how long its results are cached."""
        self.addCleanup(Gio.Resolver.set_default, Gio.Resolver.get_default())

        for seconds, asked in (0, 2), (30, 1):
            resolver = Resolver(seconds)
            resolver.set_default()
            for _ in range(2):
                info = Qnet.HostInfo.from_name("kept.test", None)
                self.assertEqual([str(address) for address in info.get_addresses()], ["192.0.2.1"])
            self.assertEqual(resolver.asked, ["kept.test"] * asked)

    def test_local_names(self):
        """This machine has a name, and a domain that may be empty."""
        self.assertNotEqual(Qnet.HostInfo.local_host_name(), "")
        self.assertIsInstance(Qnet.HostInfo.local_domain_name(), str)


class Networks(QnetCase):
    def test_parsed(self):
        """Networks are read, and know their addresses; what is none is an exception."""
        _, network, prefix_length = Qnet.HostAddress.parse_subnet("192.168.7.0/24")

        self.assertEqual((str(network), prefix_length), ("192.168.7.0", 24))
        self.assertTrue(Qnet.HostAddress.from_string("192.168.7.9").is_in_subnet(network,
                                                                                 prefix_length))
        self.assertFalse(Qnet.HostAddress.from_string("192.168.8.9").is_in_subnet(network,
                                                                                  prefix_length))
        with self.assertRaises(GLib.Error) as caught:
            Qnet.HostAddress.parse_subnet("192.168.7.0/255.0.255.0")
        self.assert_error(caught.exception, Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION)


class Interfaces(unittest.TestCase):
    def loopback(self):
        for interface in Qnet.NetworkInterface.list_all():
            if interface.get_flags() & Qnet.InterfaceFlags.IS_LOOP_BACK:
                return interface
        return self.skipTest("there is no loopback interface")

    def test_loopback(self):
        """The loopback interface has its name, index, type and flags, and is found by each of
        them."""
        loopback = self.loopback()
        name, index = loopback.get_name(), loopback.get_index()

        self.assertEqual(loopback.get_interface_type(), Qnet.InterfaceType.LOOPBACK)
        self.assertEqual(loopback, Qnet.NetworkInterface.from_name(name))
        self.assertEqual({loopback: "there"}[Qnet.NetworkInterface.from_index(index)], "there")
        self.assertEqual(repr(loopback), f"<Qnet.NetworkInterface {index} {name}>")
        self.assertEqual(Qnet.NetworkInterface.interface_index_from_name(name), index)
        self.assertEqual(Qnet.NetworkInterface.interface_name_from_index(index), name)
        self.assertIsNone(Qnet.NetworkInterface.from_name("none-such"))

    def test_addresses(self):
        """Interfaces have addresses, which outlive them and are among all addresses."""
        entries = self.loopback().get_address_entries()
        everywhere = {str(address) for address in Qnet.NetworkInterface.list_all_addresses()}

        for entry in entries:
            self.assertTrue(entry.get_ip().is_loopback())
            self.assertGreaterEqual(entry.get_prefix_length(), 0)
            self.assertIn(str(entry.get_ip()), everywhere)

    def test_entries(self):
        """An entry can be made of an address and the length of its network."""
        entry = Qnet.NetworkAddressEntry.new(Qnet.HostAddress.from_string("192.168.7.9"), 24, None)
        same = Qnet.NetworkAddressEntry.new_for_netmask(entry.get_ip(), entry.get_netmask(),
                                                        entry.get_broadcast())

        self.assertEqual(str(entry.get_netmask()), "255.255.255.0")
        self.assertEqual(entry, same)
        self.assertEqual(hash(entry), hash(same))
        self.assertNotEqual(entry, Qnet.NetworkAddressEntry.new(entry.get_ip(), 25, None))
        self.assertNotEqual(entry, "192.168.7.9/24")
        self.assertEqual(repr(entry), "<Qnet.NetworkAddressEntry 192.168.7.9/24>")


if __name__ == "__main__":
    tap.main()
