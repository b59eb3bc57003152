// test-reconnector.js: QnetReconnector, from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { Listener, closedPort, emission, until } from './peers.js';
import { equal, ok, run, test } from './tap.js';

const { ReconnectorState: State, SocketError } = Qnet;

function create(port) {
    const socket = new Qnet.TcpSocket();
    const reconnector = new Qnet.Reconnector({
        socket, network_monitor: null, min_delay: 2, max_delay: 5,
    });

    reconnector.add_host('127.0.0.1', port);
    return reconnector;
}

async function codeOf(promise) {
    try {
        await promise;
    } catch (error) {
        return error.code;
    }

    return null;
}

test('a connection that was lost is established again', async () => {
    const listener = new Listener();
    const reconnector = create(listener.port);
    const log = [];

    for (const name of ['prepare', 'connected', 'disconnected'])
        reconnector.connect(name, () => log.push(name));

    ok(await (reconnector.start(), reconnector.await_connected_async()));
    const lost = emission(reconnector, 'disconnected');
    listener.accept().close();
    await lost;
    equal(reconnector.state, State.WAITING);
    equal(reconnector.error.code, SocketError.REMOTE_HOST_CLOSED);
    ok(await reconnector.await_connected_async());
    equal(log, ['prepare', 'connected', 'disconnected', 'prepare', 'connected']);
    equal(reconnector.n_attempts, 2);
    reconnector.stop();
    equal(reconnector.state, State.IDLE);
    listener.close();
});

test('a login may wait, and be refused', async () => {
    const listener = new Listener();
    const reconnector = create(listener.port);
    const answers = [];

    reconnector.connect('prepare', () => answers.push(reconnector.hold()));
    reconnector.start();
    await until(() => answers.length === 1);
    equal(reconnector.state, State.PREPARING);
    reconnector.fail(answers[0], new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.FAILED, 'no'));
    await until(() => answers.length === 2);
    equal(reconnector.error.message, 'no');
    reconnector.resume(answers[0]);
    reconnector.resume(answers[1]);
    ok(await reconnector.await_connected_async());
    equal(reconnector.error, null);
    reconnector.stop();
    listener.close();
});

test('giving up and stopping reject what is awaited', async () => {
    const reconnector = create(closedPort());

    reconnector.max_attempts = 1;
    const refused = codeOf(reconnector.await_connected_async());
    const given_up = emission(reconnector, 'gave-up');
    reconnector.start();
    equal((await given_up)[0].code, SocketError.CONNECTION_REFUSED);
    equal(await refused, SocketError.CONNECTION_REFUSED);
    equal(reconnector.state, State.FAILED);

    reconnector.stop();
    const stopped = codeOf(reconnector.await_connected_async());
    reconnector.start();
    reconnector.stop();
    equal(await stopped, SocketError.OPERATION);
});

await run();
