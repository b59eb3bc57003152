// test-address.js: QnetHostAddress and QnetHostInfo from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { equal, failureOf, isError, ok, run, test } from './tap.js';

test('addresses compare by value', () => {
    const one = Qnet.HostAddress.from_string('192.0.2.1');

    ok(one.equal(Qnet.HostAddress.new_ipv4(0xC0000201)), 'equal()');
    ok(!one.equal(Qnet.HostAddress.from_string('192.0.2.2')), 'not equal()');
    equal(one.hash(), Qnet.HostAddress.from_string('192.0.2.1').hash());
    ok(one.compare(Qnet.HostAddress.from_string('192.0.2.2')) < 0, 'compare()');
});

test('toString() is the address, so that it is a key of a Map', () => {
    const address = Qnet.HostAddress.from_string('2001:DB8:0::7');

    equal(`${address}`, '2001:db8::7');
    equal(String(Qnet.HostAddress.new_null()), '');
    equal(new Map([[`${address}`, 'here']]).get('2001:db8::7'), 'here');
});

test('what is no address is null', () => {
    for (const nonsense of ['', 'localhost', '1.2.3.256', '::1::'])
        equal(Qnet.HostAddress.from_string(nonsense), null);
});

test('the bytes of an IPv6 address are a Uint8Array, in and out', async () => {
    const data = Uint8Array.from({ length: 16 }, (_, index) => index);

    equal(Qnet.HostAddress.new_ipv6(data).to_ipv6(), data);
    const error = await failureOf(() => Qnet.HostAddress.new_ipv6(data.slice(1)));
    equal(error.domain, Qnet.socket_error_quark());
});

test('the bytes of a struct sockaddr are a Uint8Array', async () => {
    const family = new Uint8Array(Uint16Array.of(2).buffer); // AF_INET
    const native = Uint8Array.of(...family, 0, 80, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);

    equal(`${Qnet.HostAddress.new_from_native(native)}`, '192.0.2.1');
    isError(await failureOf(() => Qnet.HostAddress.new_from_native(native.slice(0, 7))),
        Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
});

test('to_ipv4() gives whether there is a number, and the number', () => {
    equal(Qnet.HostAddress.from_string('192.0.2.1').to_ipv4(), [true, 0xC0000201]);
    equal(Qnet.HostAddress.from_string('::1').to_ipv4()[0], false);
});

test('addresses convert to the types of GIO and back', () => {
    const address = Qnet.HostAddress.from_string('192.0.2.1');

    ok(address.to_inet_address() instanceof Gio.InetAddress, 'a GInetAddress');
    ok(Qnet.HostAddress.new_from_inet_address(address.to_inet_address()).equal(address),
       'and back');
    ok(Qnet.HostAddress.new_from_socket_address(address.to_socket_address(80)).equal(address),
       'with a port');
});

test('parse() throws, and shows the text that is no address', async () => {
    equal(`${Qnet.HostAddress.parse('127.1')}`, '127.0.0.1');
    ok((await failureOf(() => Qnet.HostAddress.parse('127.0.0.l'))).message.includes('127.0.0.l'),
       'the text');
});

test('where an address is wanted it may be given as text; text that is none throws', async () => {
    const server = new Qnet.TcpServer();
    server.listen('127.0.0.1', 0);
    equal(`${server.server_address}`, '127.0.0.1');

    const socket = new Qnet.UdpSocket();
    socket.bind('127.0.0.1', 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM);
    equal(socket.write_datagram_to(new Uint8Array(3), '127.0.0.1', socket.local_port), 3);

    const bound = new Qnet.UdpSocket();
    bound.bind('127.0.0.1');
    ok(bound.local_port > 0, 'port and flags have defaults');

    ok(Qnet.HostAddress.parse('10.1.2.3').is_in_subnet('10.0.0.0', 8), 'in a subnet');
    equal(`${new Qnet.DnsLookup({ nameserver: '192.0.2.53' }).nameserver}`, '192.0.2.53');

    for (const call of [
        () => new Qnet.TcpServer().listen('127.0.0.l', 0),
        () => new Qnet.UdpSocket().bind('', 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM),
        () => new Qnet.TcpSocket().connect_to_address('localhost', 80),
        () => new Qnet.DnsLookup({ nameserver: '192.0.2.5e' }),
    ])
        // eslint-disable-next-line no-await-in-loop
        isError(await failureOf(call), Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
});

test('null, as a mistyped address gives, never means all addresses', async () => {
    const server = new Qnet.TcpServer();
    const NOT_AVAILABLE = Qnet.SocketError.SOCKET_ADDRESS_NOT_AVAILABLE;

    isError(await failureOf(() => server.listen(null, 0)), NOT_AVAILABLE);
    ok(!server.is_listening(), 'it does not listen');
    const flags = Qnet.BindFlags.DEFAULT_FOR_PLATFORM;
    isError(await failureOf(() => new Qnet.UdpSocket().bind(null, 0, flags)), NOT_AVAILABLE);
    server.listen_port(0);
    ok(server.server_port > 0, 'all addresses have a name');

    for (const call of [
        () => new Qnet.TcpSocket().set_proxy(null),
        () => new Qnet.TcpSocket({ proxy: null }),
        () => {
            server.proxy = null;
        },
        () => Qnet.set_application_proxy(null),
        () => Qnet.set_application_proxy_factory(null),
        () => Qnet.DnsLookup.new_with_nameserver(Qnet.DnsRecordType.A, 'a.test', null, 53),
        () => new Qnet.SslSocket().set_database(null),
        () => new Qnet.SslSocket().ignore_ssl_errors_full(Gio.TlsCertificateFlags.EXPIRED, null),
    ])
        // eslint-disable-next-line no-await-in-loop
        ok(/null/.test((await failureOf(call)).message), String(call));
});

test('flags combine, and enums are Qt\'s numbers', () => {
    const mapped = Qnet.HostAddress.from_string('::ffff:192.0.2.1');
    const { V4_MAPPED, LOCAL_HOST, STRICT } = Qnet.AddressConversion;

    ok(mapped.equal_full(Qnet.HostAddress.from_string('192.0.2.1'), V4_MAPPED | LOCAL_HOST),
       'equal_full()');
    ok(!mapped.equal_full(Qnet.HostAddress.from_string('192.0.2.1'), STRICT), 'strictly not');
    equal([Qnet.NetworkLayerProtocol.UNKNOWN, Qnet.NetworkLayerProtocol.IPV6,
           Qnet.SocketState.CLOSING], [-1, 1, 6]);
    equal(Qnet.HostAddress.new_null().get_protocol(), -1);
});

test('the addresses of a name are an array, however often it is asked for', () => {
    const info = Qnet.HostInfo.from_name('127.0.0.1', null);

    for (let i = 0; i < 3; i++)
        equal(info.get_addresses().map(String), ['127.0.0.1']);
});

test('a lookup can be awaited', async () => {
    const info = await Qnet.HostInfo.lookup_host_async('127.0.0.1', GLib.PRIORITY_DEFAULT, null);
    equal(info.get_addresses().map(String), ['127.0.0.1']);

    const error = await failureOf(() => Qnet.HostInfo.lookup_host_async(''));
    isError(error, Qnet.SocketError.HOST_NOT_FOUND);
});

await run();
