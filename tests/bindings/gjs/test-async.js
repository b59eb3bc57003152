// test-async.js: the pairs of _async and _finish, awaited
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { call, closedPort, connectPair, Listener, LOCAL_HOST, receive } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

const { PRIORITY_DEFAULT } = GLib;

test('connect_to_host_async() completes when connected', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();

    equal(await ours.connect_to_host_async('localhost', listener.port, PRIORITY_DEFAULT, null),
          true);
    equal([ours.state, ours.peer_name], [Qnet.SocketState.CONNECTED, 'localhost']);
    ours.abort();
});

test('connect_to_address_async() does the same by address', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();

    equal(await ours.connect_to_address_async(LOCAL_HOST, listener.port, PRIORITY_DEFAULT, null),
          true);
    ours.abort();
});

test('a refused connection is a rejection with code 0', async () => {
    const ours = new Qnet.TcpSocket();

    isError(await failureOf(() => ours.connect_to_host_async('127.0.0.1', closedPort(),
                                                             PRIORITY_DEFAULT, null)), 0);
});

test('disconnect_from_host_async() completes when all data is sent', async () => {
    const [ours, peer] = connectPair();
    ours.write(bytes('last'));

    equal(await ours.disconnect_from_host_async(PRIORITY_DEFAULT, null), true);
    equal(ours.state, Qnet.SocketState.UNCONNECTED);
    equal([peer.receive(9), peer.receive(1)].map(text), ['last', '']);

    const [again] = connectPair();
    equal(await again.disconnect_from_peer_async(PRIORITY_DEFAULT, null), true);
});

test('disconnect_from_peer_async() does the same for every kind of socket', async () => {
    const [ours, peer] = connectPair();
    ours.write(bytes('last'));

    equal(await ours.disconnect_from_peer_async(PRIORITY_DEFAULT, null), true);
    equal(ours.state, Qnet.SocketState.UNCONNECTED);
    equal([peer.receive(9), peer.receive(1)].map(text), ['last', '']);
});

test('read_bytes_async() returns available data, and nothing at the end', async () => {
    const [ours, peer] = connectPair();
    const first = ours.read_bytes_async(100, PRIORITY_DEFAULT, null);
    peer.send('\0\x01\x02');
    equal((await first).toArray(), Uint8Array.of(0, 1, 2));

    peer.close();
    equal((await ours.read_bytes_async(100, PRIORITY_DEFAULT, null)).get_size(), 0);
});

test('read_line_async() gives a whole line as Uint8Array', async () => {
    const [ours, peer] = connectPair();
    const line = ours.read_line_async(0, PRIORITY_DEFAULT, null);
    peer.send('a li');
    peer.send('ne\nmore');

    equal(await line, bytes('a line\n'));
    ours.abort();
});

test('write_all_async() completes when the kernel has the data', async () => {
    const [ours, peer] = connectPair();

    equal(await ours.write_all_async(bytes('written'), PRIORITY_DEFAULT, null), true);
    equal(ours.get_bytes_to_write(), 0);
    equal(peer.receive(7), bytes('written'));
    ours.abort();
});

test('flush_async() completes when nothing is left to send', async () => {
    const [ours, peer] = connectPair();
    ours.write(bytes('flushed'));

    equal(await ours.flush_async(PRIORITY_DEFAULT, null), true);
    equal(peer.receive(7), bytes('flushed'));
    ours.abort();
});

test('close_async(), which is GIOStream\'s, ends when closed', async () => {
    const [ours, peer] = connectPair();
    ours.write(bytes('closed'));

    equal(await ours.close_async(PRIORITY_DEFAULT, null), true);
    ok(ours.is_closed(), 'is_closed()');
    equal([peer.receive(9), peer.receive(1)].map(text), ['closed', '']);
});

test('accept_async() gives connection after connection', async () => {
    const server = new Qnet.TcpServer();
    server.listen(LOCAL_HOST, 0);

    for (let i = 0; i < 3; i++) {
        const next = server.accept_async(PRIORITY_DEFAULT, null);
        call(server);
        // eslint-disable-next-line no-await-in-loop
        ok(await next instanceof Qnet.TcpSocket, 'a socket');
    }
    server.close();
});

test('stop_async() waits for the connections, and counts those that it aborts', async () => {
    const server = new Qnet.TcpServer();
    server.listen(LOCAL_HOST, 0);
    const next = server.accept_async();
    call(server);
    const first = await next;
    first.connect('stopping', socket => socket.disconnect_from_peer());

    equal(await server.stop_async(), 0);
    ok(!server.listening, 'it does not listen');

    server.listen(LOCAL_HOST, 0);
    const other = server.accept_async();
    call(server);
    await other;
    equal(await server.stop_async(0), 1);
});

test('a callback is called as usual', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();
    const connected = await new Promise(resolve => {
        ours.connect_to_host_async('127.0.0.1', listener.port, PRIORITY_DEFAULT, null,
            (socket, result) => resolve(socket.connect_to_host_finish(result)));
    });

    equal(connected, true);
    ours.abort();
});

test('a cancelled read fails, and loses no byte', async () => {
    const [ours, peer] = connectPair();
    const cancellable = new Gio.Cancellable();
    const line = failureOf(() => ours.read_line_async(0, PRIORITY_DEFAULT, cancellable));
    receive(ours, peer, 'half a line');
    cancellable.cancel();

    ok((await line).matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'CANCELLED');
    equal(ours.read_all(), bytes('half a line'));
    ours.abort();
});

test('a second read of a kind is refused while one is under way', async () => {
    const [ours, peer] = connectPair();
    const first = ours.read_bytes_async(1, PRIORITY_DEFAULT, null);
    const error = await failureOf(() => ours.read_bytes_async(1, PRIORITY_DEFAULT, null));

    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.PENDING), 'PENDING');
    peer.send('x');
    equal((await first).toArray(), bytes('x'));
    ours.abort();
});

await run();
