// test-socket.js: connecting, states, errors and lifetime of a QnetTcpSocket, from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

import { closedPort, connectPair, emission, Listener, LOCAL_HOST, PATIENCE,
         until } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

test('a connection is reported by state, host-found and connected', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();
    const events = [];
    ours.connect('state-changed', (_ours, state) => events.push(state));
    for (const name of ['host-found', 'connected', 'disconnected'])
        ours.connect(name, () => events.push(name));

    ours.connect_to_host('127.0.0.1', listener.port);
    ok(!events.includes('connected'), 'nothing is emitted inside the call');
    await until(() => events.includes('connected'));
    equal(events, [2, 'host-found', 3, 'connected']);

    listener.accept().close();
    events.length = 0;
    await until(() => events.includes('disconnected'));
    equal(events, [6, 0, 'disconnected']);
});

test('each attempt is reported with its address, its state and its error', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();
    const attempts = [];
    ours.connect('attempt', (_ours, address, port, state, error) =>
        attempts.push([`${address}`, port, state, error]));

    ours.connect_to_host('127.0.0.1', listener.port);
    await until(() => attempts.length === 2);
    equal(attempts, [['127.0.0.1', listener.port, Qnet.AttemptState.STARTED, null],
        ['127.0.0.1', listener.port, Qnet.AttemptState.WON, null]]);
    ours.abort();

    attempts.length = 0;
    ours.connect_to_host('127.0.0.1', closedPort());
    await until(() => attempts.length === 2);
    equal(attempts[1][2], Qnet.AttemptState.FAILED);
    isError(attempts[1][3], Qnet.SocketError.CONNECTION_REFUSED);
});

test('the objects of GIO that stand for a peer can be connected to', async () => {
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();

    await ours.connect_to_connectable_async(
        Gio.NetworkAddress.new('127.0.0.1', listener.port));
    equal(ours.peer_name, '127.0.0.1');
    ours.abort();

    ours.connect_to_connectable(Gio.NetworkAddress.new('127.0.0.1', listener.port));
    ours.wait_for_connected(PATIENCE);
    ours.abort();

    const error = await failureOf(() => ours.connect_to_service_async('imap', 'none..invalid'));
    isError(error, Qnet.SocketError.HOST_NOT_FOUND);
    ours.connect_to_service('imap', 'none..invalid');
    isError(await failureOf(() => ours.wait_for_connected(PATIENCE)),
        Qnet.SocketError.HOST_NOT_FOUND);

    const local = new Qnet.LocalSocket();
    const address = Gio.NetworkAddress.new('127.0.0.1', listener.port);
    isError(await failureOf(() => local.connect_to_connectable_async(address)),
        Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
    local.connect_to_connectable(address);
    isError(await failureOf(() => local.wait_for_connected(PATIENCE)),
        Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
});

test('ready-read is emitted for each arrival', async () => {
    const [ours, peer] = connectPair();
    let got = '';
    ours.connect('ready-read', () => (got += text(ours.read_all())));

    peer.send('one');
    await until(() => got === 'one');
    peer.send('two');
    await until(() => got === 'onetwo');
    ours.abort();
});

test('the state binds to a property of another object', async () => {
    const Lamp = GObject.registerClass({
        Properties: {
            state: GObject.ParamSpec.enum('state', null, null, GObject.ParamFlags.READWRITE,
                Qnet.SocketState.$gtype, Qnet.SocketState.UNCONNECTED),
        },
    }, class Lamp extends GObject.Object {});
    const listener = new Listener();
    const ours = new Qnet.TcpSocket();
    const lamp = new Lamp();
    const states = [];
    ours.connect('notify::state', () => states.push(ours.state));
    ours.bind_property('state', lamp, 'state', GObject.BindingFlags.SYNC_CREATE);

    ours.connect_to_host('127.0.0.1', listener.port);
    await until(() => lamp.state === Qnet.SocketState.CONNECTED);
    ours.abort();
    equal(lamp.state, Qnet.SocketState.UNCONNECTED);
    equal(states, [2, 3, 0]);
});

test('properties can be given to the constructor and set', () => {
    const ours = new Qnet.TcpSocket({ read_buffer_size: 10, idleTimeout: 500 });

    equal([ours.read_buffer_size, ours.idle_timeout], [10, 500]);
    ours.readBufferSize = 20;
    equal(ours.get_read_buffer_size(), 20);
});

test('addresses, ports, name and open mode are known while connected', () => {
    const [ours, peer] = connectPair();

    ok(ours.peer_address.equal(LOCAL_HOST), 'peer-address');
    equal([ours.peer_port, ours.peer_name], [peer.port, '127.0.0.1']);
    equal(ours.open_mode, Qnet.OpenMode.READ_ONLY | Qnet.OpenMode.WRITE_ONLY);
    equal(new Qnet.TcpSocket().peer_name, null);
    ours.abort();
});

test('a socket binds, and its options are read back', () => {
    const ours = new Qnet.TcpSocket();

    ok(ours.bind(LOCAL_HOST, 0, Qnet.BindFlags.SHARE_ADDRESS | Qnet.BindFlags.REUSE_ADDRESS_HINT),
       'bind()');
    equal(ours.state, Qnet.SocketState.BOUND);
    ours.set_socket_option(Qnet.SocketOption.KEEP_ALIVE, 1);
    equal(ours.get_socket_option(Qnet.SocketOption.KEEP_ALIVE), 1);
    ours.abort();
});

test('a refused connection, whose code is 0, comes as exception, signal and property', async () => {
    const ours = new Qnet.TcpSocket();
    const errors = [];
    equal([ours.error, ours.get_error(), ours.get_error_code()], [null, null, -1]);
    ours.connect('error-occurred', (_ours, error) => errors.push(error));
    ours.connect_to_host('127.0.0.1', closedPort());

    errors.push(await failureOf(() => ours.wait_for_connected(PATIENCE)), ours.error,
                ours.get_error());
    equal(errors.length, 4);
    for (const error of errors)
        isError(error, 0);
    equal(ours.get_error_code(), 0);
});

test('the code -1 passes through a signal unchanged', async () => {
    const ours = new Qnet.TcpSocket();
    const signal = emission(ours, 'error-occurred');
    ours.emit('error-occurred',
              GLib.Error.new_literal(Qnet.socket_error_quark(), Qnet.SocketError.UNKNOWN, '?'));

    isError((await signal)[0], -1);
});

test('what cannot be done in this state is an exception', async () => {
    isError(await failureOf(() => new Qnet.TcpSocket().wait_for_disconnected(0)),
            Qnet.SocketError.OPERATION);
});

test('the end of the peer is an error with a code of its own', () => {
    const [ours, peer] = connectPair();
    peer.close();
    ours.wait_for_disconnected(PATIENCE);

    isError(ours.error, Qnet.SocketError.REMOTE_HOST_CLOSED);
});

test('waits need no main loop, and do not run other sources', () => {
    let others = 0;
    const idle = GLib.idle_add(GLib.PRIORITY_HIGH, () => {
        others++;
        return GLib.SOURCE_CONTINUE;
    });
    const [ours, peer] = connectPair();
    ours.write(bytes('ping'));
    ours.wait_for_bytes_written(PATIENCE);
    equal(peer.receive(4), bytes('ping'));
    peer.send('pong');
    ours.wait_for_ready_read(PATIENCE);
    equal(ours.read_all(), bytes('pong'));
    peer.close();
    ok(ours.wait_for_disconnected(PATIENCE), 'wait_for_disconnected()');
    equal(others, 0);
    GLib.source_remove(idle);
});

test('a wait that takes too long is an exception, and the connection remains established',
     async () => {
    const [ours] = connectPair();

    isError(await failureOf(() => ours.wait_for_ready_read(1)), Qnet.SocketError.SOCKET_TIMEOUT);
    equal(ours.state, Qnet.SocketState.CONNECTED);
    ours.abort();
});

test('a cancellable ends a wait, and the connection remains established', async () => {
    const [ours] = connectPair();
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();

    for (const wait of ['wait_for_ready_read_full', 'wait_for_disconnected_full']) {
        // eslint-disable-next-line no-await-in-loop
        const failure = await failureOf(() => ours[wait](PATIENCE, cancellable));
        ok(failure.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), wait);
    }
    ok(ours.wait_for_connected_full(PATIENCE, cancellable), 'wait_for_connected_full()');
    ours.abort();
});

test('a referenced socket receives data after garbage collection', async () => {
    const [ours, peer] = connectPair();
    const signal = emission(ours, 'ready-read');
    System.gc();
    peer.send('still there?');
    System.gc();
    await signal;

    equal(ours.read_all(), bytes('still there?'));
    ours.abort();
});

test('written data arrives after the last reference is dropped', async () => {
    const listener = new Listener();
    (() => {
        const ours = new Qnet.TcpSocket();
        ours.connect_to_host('127.0.0.1', listener.port);
        ours.wait_for_connected(PATIENCE);
        ours.write(bytes('last one'));
    })();
    const peer = listener.accept();
    await until(() => true);
    System.gc();

    equal(peer.receive(8), bytes('last one'));
});

await run();
