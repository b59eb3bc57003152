/* test-dns.vala: QnetDnsLookup from Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

uint16 port;

Qnet.DnsLookup lookup_of (Qnet.DnsRecordType type, string name) {
    return new Qnet.DnsLookup.with_nameserver (type, name, local_host (), port);
}

Qnet.DnsLookup ask (Qnet.DnsRecordType type, string name) throws Error {
    var lookup = lookup_of (type, name);

    lookup.lookup ();
    lookup.wait_for_finished (PATIENCE);
    return lookup;
}

void test_signal () throws Error {
    var lookup = lookup_of (Qnet.DnsRecordType.A, "host.test");
    var n_received = 0;

    lookup.on_finished.connect (() => n_received++);
    lookup.lookup ();
    assert_cmpint (n_received, CompareOperator.EQ, 0);
    iterate_until (() => n_received > 0);
    assert_true (lookup.finished);
    assert_true (lookup.error == null);
    assert_cmpstr (lookup.get_host_address_records ()[0].get_value ().to_string (),
                   CompareOperator.EQ, "192.0.2.1");
}

int end (Qnet.DnsLookup lookup, AsyncResult result) {
    try {
        lookup.lookup_async.end (result);
    } catch (Qnet.DnsLookupError error) {
        return error.code;
    } catch (IOError.CANCELLED error) {
        return -1;
    } catch (Error error) {
        assert_not_reached ();
    }
    return 0;
}

int outcome_of (Qnet.DnsLookup lookup, bool cancel) {
    var cancellable = new Cancellable ();
    var outcome = -2;

    lookup.lookup_async.begin (Priority.DEFAULT, cancellable,
                               (source, result) => outcome = end (lookup, result));
    if (cancel) {
        cancellable.cancel ();
    }
    iterate_until (() => outcome != -2);
    return outcome;
}

void test_async () throws Error {
    assert_cmpint (outcome_of (lookup_of (Qnet.DnsRecordType.A, "host.test"), false),
                   CompareOperator.EQ, 0);
    assert_cmpint (outcome_of (lookup_of (Qnet.DnsRecordType.A, "host.test"), true),
                   CompareOperator.EQ, -1);
    assert_cmpint (outcome_of (lookup_of (Qnet.DnsRecordType.A, "none.test"), false),
                   CompareOperator.EQ,
                   Qnet.DnsLookupError.NOT_FOUND);
}

void test_abort () throws Error {
    var lookup = lookup_of (Qnet.DnsRecordType.A, "host.test");

    lookup.lookup ();
    lookup.abort ();
    assert_true (lookup.error.matches (Qnet.DnsLookupError.quark (),
                                       Qnet.DnsLookupError.OPERATION_CANCELLED));
}

void test_wait () throws Error {
    try {
        ask (Qnet.DnsRecordType.A, "none.test");
        assert_not_reached ();
    } catch (Qnet.DnsLookupError.NOT_FOUND error) {
        assert_true (error.message != "");
    }
}

void test_records () throws Error {
    var alias = ask (Qnet.DnsRecordType.A, "www.test").get_canonical_name_records ()[0];
    var mail = ask (Qnet.DnsRecordType.MX, "test");
    var service = ask (Qnet.DnsRecordType.SRV, "_http._tcp.test").get_service_records ()[0];
    var pointer = ask (Qnet.DnsRecordType.PTR, "192.0.2.1").get_pointer_records ()[0];

    assert_cmpstr (alias.get_value (), CompareOperator.EQ, "host.test");
    assert_cmpuint (alias.get_time_to_live (), CompareOperator.EQ, 300);
    assert_cmpstr (mail.get_mail_exchange_records ()[0].get_exchange (), CompareOperator.EQ,
                   "mail.test");
    assert_cmpuint (service.get_port (), CompareOperator.EQ, 8080);
    assert_cmpstr (pointer.get_value (), CompareOperator.EQ, "host.test");
}

void test_bytes () throws Error {
    var found = ask (Qnet.DnsRecordType.TXT, "test").get_text_records ()[0];
    var association = ask (Qnet.DnsRecordType.TLSA,
                           "_443._tcp.host.test").get_tls_association_records ()[0];

    assert_cmpstr (text (found.get_values ()[1].get_data ()), CompareOperator.EQ, "world");
    assert_cmpuint (association.get_value ().length, CompareOperator.EQ, 3);
}

int main (string[] args) {
    int status;

    Test.init (ref args);

    try {
        var server = new Subprocess (SubprocessFlags.STDIN_PIPE | SubprocessFlags.STDOUT_PIPE,
                                     Environment.get_variable ("QNET_TEST_NAME_SERVER"));
        port = (uint16) int.parse (new DataInputStream (server.get_stdout_pipe ()).read_line ());

        add ("/vala/dns/signal", "The signal is emitted later, when the records are set.",
             test_signal);
        add ("/vala/dns/async", "A lookup can be awaited, and fails or is cancelled with a code.",
             test_async);
        add ("/vala/dns/abort", "An aborted lookup ends immediately.", test_abort);
        add ("/vala/dns/wait", "A lookup that fails while it is waited for is an error.",
             test_wait);
        add ("/vala/dns/records", "Records have their fields, and are sorted.", test_records);
        add ("/vala/dns/bytes", "Texts and certificates are bytes, and outlive their lookup.",
             test_bytes);

        status = Test.run ();
        server.get_stdin_pipe ().close ();
        server.wait ();
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }

    return status;
}
