#!/usr/bin/python3
#
# test-dns.py: QnetDnsLookup in Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import subprocess
import unittest

import tap
from peers import LOCAL_HOST, PATIENCE, GLib, Qnet, iterate_until

from gi.repository import Gio

A = Qnet.DnsRecordType.A


class Lookup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen(
            [os.environ["QNET_TEST_NAME_SERVER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True
        )
        cls.port = int(cls.server.stdout.readline())

    @classmethod
    def tearDownClass(cls):
        cls.server.communicate()

    def new(self, record_type, name):
        return Qnet.DnsLookup.new_with_nameserver(record_type, name, LOCAL_HOST, self.port)

    def ask(self, record_type, name):
        lookup = self.new(record_type, name)
        lookup.lookup()
        self.assertTrue(lookup.wait_for_finished(PATIENCE))
        return lookup

    def assert_error(self, error, code):
        self.assertEqual((error.domain, error.code), ("qnet-dns-lookup-error-quark", int(code)))
        self.assertTrue(error.matches(Qnet.dns_lookup_error_quark(), code))
        self.assertNotEqual(error.message, "")

    def test_signal(self):
        """The signal is emitted later, when the records and the properties are set."""
        lookup = self.new(A, "host.test")
        received = []
        lookup.connect("finished", lambda lookup: received.append(lookup.props.finished))

        lookup.lookup()
        self.assertEqual(received, [])
        iterate_until(lambda: received)
        self.assertEqual(received, [True])
        self.assertIsNone(lookup.props.error)
        self.assertEqual([str(one.get_value()) for one in lookup.get_host_address_records()],
                         ["192.0.2.1"])

    def test_async(self):
        """The callback receives the result; a failure is an exception with its code."""
        outcomes = []

        def ended(lookup, result):
            try:
                outcomes.append(lookup.lookup_finish(result))
            except GLib.Error as error:
                outcomes.append(error)

        self.new(A, "host.test").lookup_async(GLib.PRIORITY_DEFAULT, None, ended)
        iterate_until(lambda: outcomes)
        self.new(A, "none.test").lookup_async(GLib.PRIORITY_DEFAULT, None, ended)
        iterate_until(lambda: len(outcomes) == 2)

        self.assertEqual(outcomes[0], True)
        self.assert_error(outcomes[1], Qnet.DnsLookupError.NOT_FOUND)

    def test_cancelled(self):
        """A cancelled lookup fails with an error of GIO's domain."""
        outcomes = []
        cancellable = Gio.Cancellable()

        def ended(lookup, result):
            with self.assertRaises(GLib.Error) as caught:
                lookup.lookup_finish(result)
            outcomes.append(caught.exception)

        self.new(A, "host.test").lookup_async(GLib.PRIORITY_DEFAULT, cancellable, ended)
        cancellable.cancel()
        iterate_until(lambda: outcomes)
        self.assertTrue(outcomes[0].matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_abort(self):
        """An aborted lookup ends immediately, and its error says so."""
        lookup = self.new(A, "host.test")

        lookup.lookup()
        lookup.abort()
        self.assertTrue(lookup.is_finished())
        self.assert_error(lookup.get_error(), Qnet.DnsLookupError.OPERATION_CANCELLED)

    def test_wait(self):
        """A lookup that fails while it is waited for is an exception."""
        lookup = self.new(A, "none.test")

        lookup.lookup()
        with self.assertRaises(GLib.Error) as caught:
            lookup.wait_for_finished(PATIENCE)
        self.assert_error(caught.exception, Qnet.DnsLookupError.NOT_FOUND)

    def test_names(self):
        """Records with a name in them: aliases, name servers, and names of addresses."""
        alias = self.ask(A, "www.test")
        lists = [
            alias.get_canonical_name_records(),
            self.ask(Qnet.DnsRecordType.NS, "test").get_name_server_records(),
            self.ask(Qnet.DnsRecordType.PTR, "192.0.2.1").get_pointer_records(),
        ]

        self.assertEqual([one.get_value() for records in lists for one in records],
                         ["host.test", "ns.test", "host.test"])
        self.assertEqual([one.get_name() for one in alias.get_host_address_records()],
                         ["host.test"])
        self.assertEqual(lists[0][0].get_time_to_live(), 300)

    def test_mail(self):
        """Mail is sorted by its preference."""
        records = self.ask(Qnet.DnsRecordType.MX, "test").get_mail_exchange_records()

        self.assertEqual(
            [(one.get_preference(), one.get_exchange()) for one in records], [(10, "mail.test"),
                                                                              (20, "backup.test")]
        )

    def test_service(self):
        """A service has a port, a priority and a weight, and converts to GIO's type."""
        (record,) = self.ask(Qnet.DnsRecordType.SRV, "_http._tcp.test").get_service_records()

        self.assertEqual((record.get_target(), record.get_port()), ("host.test", 8080))
        self.assertEqual((record.get_priority(), record.get_weight()), (1, 2))
        self.assertEqual(record.to_srv_target().get_port(), 8080)

    def test_bytes(self):
        """Texts and certificates are bytes, and outlive their lookup."""
        (text,) = self.ask(Qnet.DnsRecordType.TXT, "test").get_text_records()
        (association,) = self.ask(Qnet.DnsRecordType.TLSA,
                                  "_443._tcp.host.test").get_tls_association_records()

        self.assertEqual(text.get_values(), [b"hello", b"world"])
        self.assertEqual(association.get_value(), b"\xab\xcd\xef")
        self.assertEqual(association.get_usage(), 3)

    def test_newer_types(self):
        """Zones, rules, bindings and authorities have their fields."""
        (zone,) = self.ask(Qnet.DnsRecordType.SOA, "test").get_start_of_authority_records()
        (rule,) = self.ask(Qnet.DnsRecordType.NAPTR, "test").get_naming_authority_records()
        (binding,) = self.ask(Qnet.DnsRecordType.HTTPS, "test").get_service_binding_records()
        (authority,) = \
            self.ask(Qnet.DnsRecordType.CAA, "test").get_certification_authority_records()

        self.assertEqual((zone.get_primary_server(), zone.get_mailbox(), zone.get_minimum()),
                         ("ns.test", "post.test", 11))
        self.assertEqual((rule.get_flags(), rule.get_services(), rule.get_regular_expression()),
                         ("U", "E2U+sip", "!^.*$!sip:a@test!"))
        self.assertEqual((binding.get_priority(), binding.get_target(), binding.get_port()),
                         (1, ".", 8443))
        self.assertEqual(binding.get_protocols(), ["h2"])
        self.assertEqual([str(one) for one in binding.get_address_hints()], ["192.0.2.1"])
        self.assertEqual(binding.get_parameter(Qnet.DnsServiceParameter.PORT), b"\x20\xfb")
        self.assertEqual(
            binding.get_parameter_bytes(Qnet.DnsServiceParameter.PORT).get_data(), b"\x20\xfb"
        )
        self.assertEqual((binding.get_record_type(), binding.is_usable()),
                         (Qnet.DnsRecordType.HTTPS, True))
        self.assertIsNone(binding.get_parameter_bytes(Qnet.DnsServiceParameter.ECH))
        self.assertFalse(binding.get_parameter(Qnet.DnsServiceParameter.ECH))
        self.assertEqual((authority.is_critical(), authority.get_tag(), authority.get_value()),
                         (True, "issue", b"ca.test"))

    def test_type_number(self):
        """Any type can be looked up by its number."""
        lookup = self.new(A, "test")
        lookup.props.type_number = 65280
        self.assertEqual(lookup.props.record_type, Qnet.DnsRecordType.UNKNOWN)

        lookup.lookup()
        lookup.wait_for_finished(PATIENCE)
        (record,) = lookup.get_unknown_records()
        self.assertEqual((record.get_type_number(), record.get_value()), (65280, b"\xc0\xff\xee"))
        self.assertFalse(lookup.props.authentic_data)

    def test_properties(self):
        """What to look up can be set, and is notified when it is another value."""
        lookup = Qnet.DnsLookup(name="one.test", record_type=Qnet.DnsRecordType.MX,
                                nameserver=LOCAL_HOST)
        received = []
        lookup.connect("notify", lambda _, pspec: received.append(pspec.name))

        lookup.props.name = "two.test"
        lookup.props.name = "two.test"
        lookup.props.nameserver = None
        lookup.props.timeout = 5
        self.assertEqual(received, ["name", "nameserver", "timeout"])
        self.assertEqual(lookup.props.nameserver_port, Qnet.DNS_PORT)


if __name__ == "__main__":
    tap.main()
