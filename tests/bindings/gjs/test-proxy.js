// test-proxy.js: proxies and their choice, in JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

import { Listener, until } from './peers.js';
import { equal, failureOf, ok, run, test } from './tap.js';

const { PRIORITY_DEFAULT } = GLib;
const SOCKS5 = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, 'gate', 1080, 'user', 'sesame');
const NONE = Qnet.NetworkProxy.new(Qnet.ProxyType.NONE, null, 0, null, null);

function query(port = 80) {
    return Qnet.NetworkProxyQuery.new_for_host('example.org', port, 'http',
                                               Qnet.ProxyQueryType.TCP_SOCKET);
}

const Factory = GObject.registerClass(class Factory extends Qnet.NetworkProxyFactory {
    _init() {
        super._init();
        this.queries = [];
    }

    vfunc_query_proxy(asked) {
        this.queries.push(asked);
        if (asked.get_peer_port() === 1)
            return [];
        if (asked.get_peer_port() === 2)
            throw new Error('no idea');
        return [SOCKS5, NONE];
    }
});

test('proxies are values, and no text for people shows the password', () => {
    ok(SOCKS5.equal(SOCKS5.with_host('door', 9).with_host('gate', 1080)), 'equal');
    equal(`${SOCKS5}`, 'SOCKS5 proxy gate port 1080');
    ok(Qnet.NetworkProxy.new_from_uri(SOCKS5.to_uri()).equal(SOCKS5), 'by its URI');
});

test('the application\'s proxy is the choice', () => {
    Qnet.set_application_proxy(SOCKS5);
    equal(Qnet.NetworkProxyFactory.proxy_for_query(query()).map(String),
          ['SOCKS5 proxy gate port 1080']);
    Qnet.set_application_proxy(NONE);
    equal(Qnet.get_application_proxy().get_proxy_type(), Qnet.ProxyType.NONE);
});

test('a class of JavaScript\'s own chooses, and may keep what it was asked', () => {
    const factory = new Factory();
    Qnet.set_application_proxy_factory(factory);

    for (let port = 80; port < 180; port++)
        equal(Qnet.NetworkProxyFactory.proxy_for_query(query(port)).length, 2);

    System.gc();
    equal(factory.queries.map(one => one.get_peer_port()),
          Array.from({ length: 100 }, (_, i) => 80 + i));
    Qnet.set_application_proxy(NONE);
});

test('a class that names no proxy, or fails, never means a direct connection', async () => {
    Qnet.set_application_proxy_factory(new Factory());

    for (const port of [1, 2])
        ok(await failureOf(() => Qnet.NetworkProxyFactory.proxy_for_query(query(port))),
           `port ${port}`);

    Qnet.set_application_proxy(NONE);
});

test('query_proxy_async() can be awaited', async () => {
    const proxies = await new Factory().query_proxy_async(query(), GLib.PRIORITY_DEFAULT, null);

    ok(proxies[0].equal(SOCKS5), 'the first');
});

test('a socket connects through its proxy, and a handler is asked for the password', async () => {
    const listener = new Listener();
    const proxy = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, '127.0.0.1', listener.port, null,
                                        null);
    const ours = new Qnet.TcpSocket({ proxy, protocol_tag: 'fortune' });
    let asked = null;

    ours.connect('proxy-authentication-required', (_socket, one, authenticator) => {
        asked = one;
        authenticator.hold();
        ours.abort();
    });
    const failure =
      failureOf(() => ours.connect_to_host_async('fortune.test', 7, PRIORITY_DEFAULT, null));
    await until(() => ours.state === Qnet.SocketState.CONNECTING);
    const peer = listener.accept();
    peer.send('\x05\x02');
    ok((await failure) instanceof GLib.Error, 'aborted');
    ok(asked.equal(proxy) && ours.proxy.equal(proxy), 'the proxy');
    equal(ours.protocol_tag, 'fortune');
});

function receive(peer, size) {
    const input = peer.connection.get_input_stream();
    return new Promise(resolve => input.read_bytes_async(size, PRIORITY_DEFAULT, null,
        (stream, result) => resolve(stream.read_bytes_finish(result).toArray())));
}

// Plays a SOCKS5 proxy that accepts the request
async function playProxy(listener, reply) {
    const peer = listener.accept();

    await receive(peer, 3);
    peer.send(Uint8Array.of(5, 0));
    await receive(peer, 10);
    peer.send(Uint8Array.from(reply));

    return peer;
}

test('listen_async() waits for a proxy without blocking, and can be cancelled', async () => {
    const listener = new Listener();
    const proxy = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, '127.0.0.1', listener.port, null,
                                        null);
    const server = new Qnet.TcpServer({ proxy });
    const listening = server.listen_async('0.0.0.0');
    ok(!server.listening, 'not yet');
    await playProxy(listener, [5, 0, 0, 1, 10, 0, 0, 1, 0x10, 0xe1]);
    equal([await listening, server.listening, server.server_port], [true, true, 4321]);
    server.close();

    const cancellable = new Gio.Cancellable();
    const failure =
      failureOf(() => server.listen_async('0.0.0.0', 0, PRIORITY_DEFAULT, cancellable));
    cancellable.cancel();
    ok((await failure).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'cancelled');
});

test('bind_async() waits for a relay without blocking, and can be cancelled', async () => {
    const listener = new Listener();
    const proxy = Qnet.NetworkProxy.new(Qnet.ProxyType.SOCKS5, '127.0.0.1', listener.port, null,
                                        null);
    const ours = new Qnet.UdpSocket({ proxy });
    const binding = ours.bind_async('0.0.0.0');
    equal(ours.state, Qnet.SocketState.UNCONNECTED);
    await playProxy(listener, [5, 0, 0, 1, 127, 0, 0, 1, 0x10, 0xe1]);
    equal([await binding, ours.state], [true, Qnet.SocketState.BOUND]);
    ours.abort();

    const cancellable = new Gio.Cancellable();
    const failure =
      failureOf(() => ours.bind_async('0.0.0.0', 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM,
        PRIORITY_DEFAULT, cancellable));
    cancellable.cancel();
    ok((await failure).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'cancelled');
});

test('an HTTP proxy neither listens nor relays, and it is not bypassed', async () => {
    const proxy = Qnet.NetworkProxy.new(Qnet.ProxyType.HTTP, '127.0.0.1', 1, null, null);
    const server = new Qnet.TcpServer({ proxy });
    const datagrams = new Qnet.UdpSocket({ proxy });
    const code = Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION;

    ok(server.proxy.equal(proxy), 'the proxy');
    equal((await failureOf(() => server.listen_port(0))).code, code);
    equal((await failureOf(() => datagrams.bind_port(0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM))).code,
          code);
});

test('a header of the PROXY protocol is bytes both ways', async () => {
    const [from, to] = ['192.0.2.1', '192.0.2.2'].map(text => Qnet.HostAddress.from_string(text));
    const header = Qnet.ProxyHeader.new(from, 4711, to, 443);
    const text = new TextDecoder().decode(header.to_bytes(1).get_data());
    const named = header.with_field(Qnet.ProxyHeaderField.AUTHORITY,
                                    new GLib.Bytes(new TextEncoder().encode('www.example')));
    const other = Qnet.ProxyHeader.new_from_bytes(named.to_bytes(2));

    equal(text, 'PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n');
    equal([other.get_source().to_string(), other.get_source_port(), other.get_version()],
          ['192.0.2.1', 4711, 2]);
    equal(new TextDecoder().decode(other.get_field(Qnet.ProxyHeaderField.AUTHORITY).get_data()),
          'www.example');
    equal((await failureOf(() => Qnet.ProxyHeader.new_from_bytes(new GLib.Bytes([71])))).code,
          Qnet.SocketError.PROXY_PROTOCOL);
});

test('an authenticator takes an answer', () => {
    const authenticator = Qnet.Authenticator.new();

    ok(authenticator.is_null(), 'null');
    authenticator.user = 'user';
    equal([authenticator.get_user(), authenticator.password], ['user', null]);
});

await run();
