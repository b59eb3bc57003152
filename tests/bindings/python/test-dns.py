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
            [os.environ["QNET_TEST_NAME_SERVER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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
        """The signal comes later, when the records are there and the properties say so."""
        lookup = self.new(A, "host.test")
        heard = []
        lookup.connect("finished", lambda lookup: heard.append(lookup.props.is_finished))

        lookup.lookup()
        self.assertEqual(heard, [])
        iterate_until(lambda: heard)
        self.assertEqual(heard, [True])
        self.assertIsNone(lookup.props.error)
        self.assertEqual([str(one.get_value()) for one in lookup.get_host_address_records()], ["192.0.2.1"])

    def test_async(self):
        """The callback has the outcome; a failure is an exception with its code."""
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
        """A look-up that was cancelled says so, in the domain of GIO."""
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
        """An aborted look-up ends at once, and its error says so."""
        lookup = self.new(A, "host.test")

        lookup.lookup()
        lookup.abort()
        self.assertTrue(lookup.get_is_finished())
        self.assert_error(lookup.get_error(), Qnet.DnsLookupError.OPERATION_CANCELLED)

    def test_wait(self):
        """A look-up that fails while it is waited for is an exception."""
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

        self.assertEqual([one.get_value() for records in lists for one in records], ["host.test", "ns.test", "host.test"])
        self.assertEqual([one.get_name() for one in alias.get_host_address_records()], ["host.test"])
        self.assertEqual(lists[0][0].get_time_to_live(), 300)

    def test_mail(self):
        """Mail is sorted by its preference."""
        records = self.ask(Qnet.DnsRecordType.MX, "test").get_mail_exchange_records()

        self.assertEqual(
            [(one.get_preference(), one.get_exchange()) for one in records], [(10, "mail.test"), (20, "backup.test")]
        )

    def test_service(self):
        """A service has a port, a priority and a weight, and goes to GIO's type."""
        (record,) = self.ask(Qnet.DnsRecordType.SRV, "_http._tcp.test").get_service_records()

        self.assertEqual((record.get_target(), record.get_port()), ("host.test", 8080))
        self.assertEqual((record.get_priority(), record.get_weight()), (1, 2))
        self.assertEqual(record.to_srv_target().get_port(), 8080)

    def test_bytes(self):
        """Texts and certificates are bytes, and outlive their look-up."""
        (text,) = self.ask(Qnet.DnsRecordType.TXT, "test").get_text_records()
        (association,) = self.ask(Qnet.DnsRecordType.TLSA, "_443._tcp.host.test").get_tls_association_records()

        self.assertEqual([one.get_data() for one in text.get_values()], [b"hello", b"world"])
        self.assertEqual(association.get_value().get_data(), b"\xab\xcd\xef")
        self.assertEqual(association.get_usage(), 3)

    def test_properties(self):
        """What to look up can be set, and is notified when it is another value."""
        lookup = Qnet.DnsLookup(name="one.test", record_type=Qnet.DnsRecordType.MX, nameserver=LOCAL_HOST)
        heard = []
        lookup.connect("notify", lambda _, pspec: heard.append(pspec.name))

        lookup.props.name = "two.test"
        lookup.props.name = "two.test"
        lookup.props.nameserver = None
        lookup.props.timeout = 5
        self.assertEqual(heard, ["name", "nameserver", "timeout"])
        self.assertEqual(lookup.props.nameserver_port, Qnet.DNS_PORT)


if __name__ == "__main__":
    tap.main()
