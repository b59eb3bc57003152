// test-dns.js: QnetDnsLookup from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { LOCAL_HOST, PATIENCE, emission } from './peers.js';
import { equal, failureOf, ok, run, test } from './tap.js';

const server = Gio.Subprocess.new([GLib.getenv('QNET_TEST_NAME_SERVER')],
    Gio.SubprocessFlags.STDIN_PIPE | Gio.SubprocessFlags.STDOUT_PIPE);
const [line] =
  new Gio.DataInputStream({ base_stream: server.get_stdout_pipe() }).read_line_utf8(null);
const port = Number(line);

const Type = Qnet.DnsRecordType;

function lookupOf(type, name) {
    return Qnet.DnsLookup.new_with_nameserver(type, name, LOCAL_HOST, port);
}

async function ask(type, name) {
    const lookup = lookupOf(type, name);

    await lookup.lookup_async(GLib.PRIORITY_DEFAULT, null);
    return lookup;
}

function isDnsError(error, code) {
    ok(error instanceof GLib.Error, `"${error} is a GLib.Error"`);
    equal([error.domain, error.code], [Qnet.dns_lookup_error_quark(), code]);
    ok(error.matches(Qnet.DnsLookupError, code), 'matches()');
    ok(error.message !== '', 'a message');
}

test('the signal is emitted later, when the records are set', async () => {
    const lookup = lookupOf(Type.A, 'host.test');

    lookup.lookup();
    ok(!lookup.finished, 'not yet');
    await emission(lookup, 'finished');
    ok(lookup.finished, 'finished');
    equal(lookup.error, null);
    equal(lookup.get_host_address_records().map(one => `${one.get_value()}`), ['192.0.2.1']);
});

test('a lookup can be awaited, and its failure is an exception with a code', async () => {
    const lookup = await ask(Type.AAAA, 'host.test');

    equal(lookup.get_host_address_records().map(one => `${one.get_value()}`), ['2001:db8::1']);
    isDnsError(await failureOf(() => ask(Type.A, 'none.test')), Qnet.DnsLookupError.NOT_FOUND);
});

test('a cancelled lookup fails with an error of the domain of GIO', async () => {
    const cancellable = new Gio.Cancellable();
    const promise = lookupOf(Type.A, 'host.test').lookup_async(GLib.PRIORITY_DEFAULT, cancellable);

    cancellable.cancel();
    const error = await failureOf(() => promise);
    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'CANCELLED');
});

test('an aborted lookup ends immediately', () => {
    const lookup = lookupOf(Type.A, 'host.test');

    lookup.lookup();
    lookup.abort();
    isDnsError(lookup.error, Qnet.DnsLookupError.OPERATION_CANCELLED);
});

test('a lookup that fails while it is waited for is an exception', async () => {
    const lookup = lookupOf(Type.A, 'none.test');

    lookup.lookup();
    isDnsError(await failureOf(() => lookup.wait_for_finished(PATIENCE)),
               Qnet.DnsLookupError.NOT_FOUND);
});

test('records have their fields, and are sorted where there is an order', async () => {
    const mail = await ask(Type.MX, 'test');
    const [service] = (await ask(Type.SRV, '_http._tcp.test')).get_service_records();
    const [alias] = (await ask(Type.A, 'www.test')).get_canonical_name_records();
    const [pointer] = (await ask(Type.PTR, '192.0.2.1')).get_pointer_records();

    equal(mail.get_mail_exchange_records().map(one => one.get_exchange()),
          ['mail.test', 'backup.test']);
    equal([service.get_target(), service.get_port(), service.get_priority(), service.get_weight()],
        ['host.test', 8080, 1, 2]);
    equal([alias.get_value(), alias.get_time_to_live(), pointer.get_value()],
          ['host.test', 300, 'host.test']);
});

test('texts and certificates are bytes, and outlive their lookup', async () => {
    const [text] = (await ask(Type.TXT, 'test')).get_text_records();
    const [association] =
      (await ask(Type.TLSA, '_443._tcp.host.test')).get_tls_association_records();

    equal(text.get_values().map(one => new TextDecoder().decode(one)), ['hello', 'world']);
    equal(association.get_value(), Uint8Array.of(0xab, 0xcd, 0xef));
});

test('an HTTPS record has its fields, and any type can be looked up by its number', async () => {
    const [binding] = (await ask(Type.HTTPS, 'test')).get_service_binding_records();
    const lookup = lookupOf(Type.A, 'test');

    equal([binding.get_target(), binding.get_port(), binding.get_protocols()], ['.', 8443, ['h2']]);
    equal(binding.get_address_hints().map(one => `${one}`), ['192.0.2.1']);
    equal(binding.get_parameter(Qnet.DnsServiceParameter.PORT), Uint8Array.of(0x20, 0xfb));
    equal([binding.get_record_type(), binding.is_usable()], [Type.HTTPS, true]);

    lookup.type_number = 65280;
    equal(lookup.record_type, Type.UNKNOWN);
    await lookup.lookup_async(GLib.PRIORITY_DEFAULT, null);
    equal(lookup.get_unknown_records()[0].get_value(), Uint8Array.of(0xc0, 0xff, 0xee));
    equal(lookup.authentic_data, false);
});

test('what to look up can be set', () => {
    const lookup =
      new Qnet.DnsLookup({ name: 'one.test', record_type: Type.MX, nameserver: LOCAL_HOST });

    lookup.name = 'two.test';
    lookup.nameserver = null;
    equal([lookup.name, lookup.record_type, lookup.nameserver, lookup.nameserver_port],
        ['two.test', Type.MX, null, Qnet.DNS_PORT]);
});

await run();
