// test-surface.js: pitfalls in JavaScript: defaults, bytes, values in arrays
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { connectPair, Listener, LOCAL_HOST, receive } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

test('an asynchronous call needs neither priority nor cancellable', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();

    equal(await ours.connect_to_host_async('127.0.0.1', listener.port), true);
    const peer = listener.accept();
    equal(await ours.write_all_async(bytes('out')), true);
    equal(peer.receive(3), bytes('out'));
    peer.send('line\nrest');
    equal(await ours.read_line_async(), bytes('line\n'));
    equal((await ours.read_bytes_async()).toArray(), bytes('rest'));
    equal(await ours.flush_async(), true);
    equal(await ours.disconnect_from_host_async(), true);
    equal(await ours.close_async(), true);
});

test('a callback may follow omitted arguments', async () => {
    const [ours, peer] = connectPair();

    peer.send('line\n');
    const result =
      await new Promise(resolve => ours.read_line_async((_ours, outcome) => resolve(outcome)));
    equal(ours.read_line_finish(result), bytes('line\n'));
    ours.abort();
});

test('servers, names and lookups need no more', async () => {
    const server = new Qnet.TcpServer();
    const client = new Qnet.TcpSocket();

    server.listen(LOCAL_HOST, 0);
    client.connect_to_host('127.0.0.1', server.server_port);
    ok(await server.accept_async() instanceof Qnet.TcpSocket, 'accept_async()');
    ok((await Qnet.HostInfo.lookup_host_async('localhost')).get_addresses().length > 0,
       'lookup_host_async()');
    ok((await Qnet.HostInfo.lookup_address_async(LOCAL_HOST)).get_host_name() !== '',
       'lookup_address_async()');
    server.close();
});

test('a missing argument of its own is named', async () => {
    const error = await failureOf(() => new Qnet.TcpSocket().connect_to_host_async());

    ok(/host/.test(error.message), error.message);
});

test('a missing argument is no port 0', async () => {
    for (const name of ['connect_to_host_async', 'connect_to_address_async']) {
        const error = await failureOf(() => new Qnet.TcpSocket()[name]('127.0.0.1'));

        equal(error.message, `${name}() needs 2 arguments`);
    }

    equal(errorOf(() => new Qnet.TcpServer().listen()).message, 'listen() needs 1 argument');
});

test('sizes and times have defaults', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'one\ntwo\nthree;four\nrest');

    equal(ours.read_line(), bytes('one\n'));
    equal(ours.read_line_utf8(), 'two');
    equal(ours.read_until(';'), bytes('three;'));
    equal(ours.read_line_bytes().toArray(), bytes('four\n'));
    equal(ours.read(), bytes('rest'));
    peer.send('x');
    equal(ours.wait_for_ready_read(), true);
    ours.abort();
});

test('neither a cancellable nor an interface has to be given', () => {
    const udp = new Qnet.UdpSocket();

    ok(Qnet.HostInfo.from_name('localhost').get_addresses().length > 0, 'from_name()');
    ok(Qnet.HostInfo.from_address(LOCAL_HOST).get_host_name() !== '', 'from_address()');
    udp.bind('127.0.0.1');
    ok(/multicast/.test(errorOf(() => udp.join_multicast_group('127.0.0.1')).message),
       'join_multicast_group()');
    ok(/multicast/.test(errorOf(() => udp.leave_multicast_group('127.0.0.1')).message),
       'leave_multicast_group()');
});

test('bytes of every kind are sent as they are in memory, and text as UTF-8, a NUL included',
     () => {
    const [ours, peer] = connectPair();
    const words = Uint16Array.of(300, 1);

    equal(ours.write(words), 4);
    equal(ours.write(new DataView(words.buffer, 0, 1)), 1);
    equal(ours.write(words.buffer), 4);
    equal(ours.write([1, 2]), 2);
    equal(ours.write(new GLib.Bytes(bytes('g'))), 1);
    equal(ours.write('ü\0'), 3);
    ours.flush();
    equal(peer.receive(15), Uint8Array.of(44, 1, 1, 0, 44, 44, 1, 1, 0, 1, 2, 103, 195, 188, 0));
    ours.abort();
});

test('a value that is not bytes-like is refused with the name of the function', async () => {
    const [ours] = connectPair();
    const udp = new Qnet.UdpSocket();

    for (const data of [5, null, undefined, {}, [300], [1.5], ['a']]) {
        for (const [name, call] of [
            ['write', () => ours.write(data)], ['write_all_async',
                                                () => ours.write_all_async(data)],
            ['read_until',
             () => ours.read_until(data)], ['write_datagram_to',
                                            () => udp.write_datagram_to(data, LOCAL_HOST, 9)],
        ]) {
            // eslint-disable-next-line no-await-in-loop
            const error = await failureOf(call);
            ok(error instanceof TypeError &&
               error.message.startsWith(`${name}() takes`), error.message);
        }
    }
    equal(ours.get_bytes_to_write(), 0);
    ours.abort();
});

test('a character is a number, and a delimiter not empty', async () => {
    const [ours] = connectPair();

    for (const byte of ['a', -1, 256, 0.5])
        ok(await failureOf(() => ours.put_char(byte)) instanceof TypeError,
           'put_char()'); // eslint-disable-line no-await-in-loop
    ok(await failureOf(() => ours.unget_char('a')) instanceof TypeError, 'unget_char()');
    ok(await failureOf(() => ours.read_until('')) instanceof RangeError, 'read_until()');
    ours.abort();
});

test('an answer of names keeps its addresses, whichever way it is made', () => {
    for (const info of [Qnet.HostInfo.new('host.test', [LOCAL_HOST]),
                        new Qnet.HostInfo('host.test', [LOCAL_HOST])])
        equal(info.get_addresses().map(String), ['127.0.0.1']);

    equal(Qnet.HostInfo.new('host.test', null).get_addresses(), []);
});

test('the value of a socket option is a number', () => {
    const [ours] = connectPair();

    equal(ours.get_socket_option(Qnet.SocketOption.KEEP_ALIVE), 0);
    ours.abort();
});

// The exception that a call throws, or null
function errorOf(call) {
    try {
        call();
    } catch (error) {
        return error;
    }

    return null;
}

test('what is no number, such as a constant with a misspelt name, does not become 0', () => {
    const server = new Qnet.TcpServer();
    const sslServer = new Qnet.SslServer();
    const localServer = new Qnet.LocalServer();
    const calls = {
        listen: value => server.listen('127.0.0.1', value),
        listen_port: value => server.listen_port(value),
        bind: value => new Qnet.UdpSocket().bind('127.0.0.1', value),
        connect_to_host: value => new Qnet.TcpSocket().connect_to_host('127.0.0.1', value),
        set_max_connections: value => server.set_max_connections(value),
        max_connections: value => (server.max_connections = value),
        set_read_buffer_size: value => server.set_read_buffer_size(value),
        set_peer_verify_mode: value => sslServer.set_peer_verify_mode(value),
        peerVerifyMode: value => (sslServer.peerVerifyMode = value),
        set_access: value => localServer.set_access(value),
        access: value => (localServer.access = value),
        set: value => localServer.set({ access: value }),
        set_idle_timeout: value => new Qnet.TcpSocket().set_idle_timeout(value),
        NetworkProxy: value => new Qnet.NetworkProxy(value, 'host.test', 80, null, null),
        is_in_subnet: value => Qnet.HostAddress.parse('127.0.0.1').is_in_subnet('10.0.0.0', value),
    };

    for (const [name, call] of Object.entries(calls)) {
        for (const value of [undefined, null, NaN, '', {}])
            ok(errorOf(() => call(value)) instanceof TypeError, `${name} ${value}`);
    }

    ok(!server.is_listening(), 'it does not listen');
    equal(server.max_connections, 0);
    ok(server.read_buffer_size > 0, 'the limit stays');
});

test('a size that is out of range is an exception, and not the end of the process', () => {
    const [ours] = connectPair();
    const udp = new Qnet.UdpSocket();

    for (const name of ['read', 'peek', 'skip', 'read_line', 'read_bytes', 'read_line_bytes',
                        'read_line_utf8', 'peek_bytes']) {
        for (const size of [-1, NaN, Infinity, 2 ** 64])
            ok(errorOf(() => ours[name](size)) !== null, `${name} ${size}`);
    }

    ok(errorOf(() => ours.read(-1n)) !== null, 'read -1n');
    equal(ours.read(10n), bytes(''));
    ok(errorOf(() => ours.read_until('\n', -1)) !== null, 'read_until');
    ok(errorOf(() => udp.read_datagram(2 ** 64)) !== null, 'read_datagram');
    ours.abort();
});

test('null is refused for a proxy and a database by every way to set a property', () => {
    for (const [kind, name] of [['TcpSocket', 'proxy'], ['TcpServer', 'proxy'],
                                ['SslSocket', 'database'], ['SslServer', 'database'],
                                ['SslSocket', 'ssl_configuration'],
                                ['SslServer', 'ssl_configuration']]) {
        const object = new Qnet[kind]();

        ok(errorOf(() => new Qnet[kind]({ [name]: null })) !== null, `${kind} constructor`);
        ok(errorOf(() => (object[name] = null)) !== null, `${kind} assignment`);
        ok(errorOf(() => object.set({ [name]: null })) !== null, `${kind} set()`);
        ok(errorOf(() => object.set_property(name, null)) !== null, `${kind} set_property()`);
    }
});

test('no text in a list is cut at a NUL, and an address in a list may be text', () => {
    ok(errorOf(() => new Qnet.SslSocket().set_advertised_protocols(['h2', 'a\0b'])) !== null,
       'method');
    ok(errorOf(() => new Qnet.SslServer({ advertised_protocols: ['a\0b'] })) !== null,
       'constructor');
    equal(new Qnet.HostInfo('host.test', ['127.0.0.1']).get_addresses().map(String), ['127.0.0.1']);
});

test('"for await" reads lines without more', async () => {
    const [ours, peer] = connectPair();
    const lines = [];
    peer.send('a\nb');
    peer.close();

    for await (const line of ours)
        lines.push(text(line));
    equal(lines, ['a\n', 'b']);
});

test('every asynchronous call can do without its priority', () => {
    const kinds = Object.values(Qnet).filter(kind => typeof kind === 'function');
    const missing = kinds.flatMap(kind => [kind, kind.prototype ?? {}])
        .flatMap(owner => Object.getOwnPropertyNames(owner)
            .filter(name => name.endsWith('_async') && !name.startsWith('_original'))
            .filter(name => owner[name].toString().includes('native')));

    ok(Qnet.IODevice.prototype._original_flush_async.toString().includes('native'),
       'how a function of C is known');
    equal(missing, []);
});

await run();
