// test-server.js: listening, accepting and subclassing of a QnetTcpServer, from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

import { call, emission, LOCAL_HOST, PATIENCE, until } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

function listen(Kind = Qnet.TcpServer) {
    const server = new Kind();

    server.listen(LOCAL_HOST, 0);
    return server;
}

// A client of GIO's, and the connection of ours
function accept(server) {
    const peer = call(server);

    server.wait_for_new_connection(PATIENCE);
    return [server.next_pending_connection(), peer];
}

test('a server knows its address and port while it listens', () => {
    const server = listen();

    ok(server.listening && server.server_port > 0, 'it listens');
    ok(server.server_address.equal(LOCAL_HOST), 'server-address');
    server.close();
    equal([server.listening, server.server_port, `${server.server_address}`], [false, 0, '']);
});

test('a port alone is every address of this machine', () => {
    const server = new Qnet.TcpServer();

    server.listen_port(0);
    ok(server.server_address.equal_special(Qnet.SpecialAddress.ANY), 'Any');
    server.close();
});

test('a filter takes networks as text, and refuses peers by their address', async () => {
    const server = listen();
    const filter = new Qnet.AddressFilter({ default_allowed: false });

    filter.add_allow('10.0.0.0/8');
    ok(filter.is_allowed('10.1.2.3') && !filter.is_allowed('::1'), 'is_allowed()');
    server.address_filter = filter;
    const refused = emission(server, 'connection-refused');
    call(server);
    const [address, error] = await refused;
    equal(`${address}`, '127.0.0.1');
    isError(error, Qnet.SocketError.SOCKET_ACCESS);
    equal(server.refused_connections, 1);

    filter.add_allow('127.0.0.1');
    server.max_connections_per_address = 1;
    const [ours] = accept(server);
    call(server);
    await until(() => server.refused_connections === 2);
    ours.abort();
    server.close();
});

test('the port binds to a property of another object', () => {
    const Label = GObject.registerClass({
        Properties: { port: GObject.ParamSpec.uint('port', null, null, GObject.ParamFlags.READWRITE,
                                                   0, 65535, 0) },
    }, class Label extends GObject.Object {});
    const server = new Qnet.TcpServer();
    const label = new Label();

    server.bind_property('server-port', label, 'port', GObject.BindingFlags.DEFAULT);
    server.listen(LOCAL_HOST, 0);
    equal(label.port, server.server_port);
    server.close();
    equal(label.port, 0);
});

test('a taken port is an exception with its code, and stays in the property', async () => {
    const other = listen();
    const server = new Qnet.TcpServer();

    isError(await failureOf(() => server.listen(LOCAL_HOST, other.server_port)),
            Qnet.SocketError.ADDRESS_IN_USE);
    isError(server.error, Qnet.SocketError.ADDRESS_IN_USE);
    equal(server.get_error_code(), 8);
    other.close();
});

test('the handler of accept-error receives the error', async () => {
    const server = listen();
    const signal = emission(server, 'accept-error');
    server.emit('accept-error',
                GLib.Error.new_literal(Qnet.socket_error_quark(), Qnet.SocketError.SOCKET_RESOURCE,
                                       '?'));

    isError((await signal)[0], Qnet.SocketError.SOCKET_RESOURCE);
    server.close();
});

test('new-connection is emitted, and then the connection is taken', async () => {
    const server = listen();
    const events = [];
    for (const name of ['pending-connection-available', 'new-connection'])
        server.connect(name, () => events.push([name, server.has_pending_connections()]));
    call(server);
    await until(() => events.length === 2);

    equal(events, [['pending-connection-available', true], ['new-connection', true]]);
    ok(server.next_pending_connection() instanceof Qnet.TcpSocket, 'a socket');
    equal(server.next_pending_connection(), null);
    server.close();
});

test('the waits need no loop, and a timeout is an exception', async () => {
    const server = listen();

    for (const wait of ['wait_for_new_connection', 'wait_for_new_connection_full']) {
        // eslint-disable-next-line no-await-in-loop
        isError(await failureOf(() => server[wait](1)), Qnet.SocketError.SOCKET_TIMEOUT);
    }
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    const failure = await failureOf(() => server.wait_for_new_connection_full(-1, cancellable));
    ok(failure.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'cancelled');

    call(server);
    equal(server.wait_for_new_connection_full(PATIENCE), [true, false]);
    server.close();
});

test('a ready-read handler that is connected after "await accept_async()" is called for all data',
     async () => {
    const server = listen();
    const peer = call(server);
    peer.send('sent before the handler exists');

    const ours = await server.accept_async(GLib.PRIORITY_DEFAULT, null);
    await emission(ours, 'ready-read');
    equal(ours.read_all(), bytes('sent before the handler exists'));
    server.close();
});

test('the connections are a GListModel, whose items are the sockets themselves', () => {
    const server = listen();
    const { connections } = server;
    const changes = [];
    ok(connections instanceof Gio.ListModel, 'a GListModel');
    connections.connect('items-changed', (_model, ...change) => changes.push(change));
    const [ours] = accept(server);

    equal(connections.get_n_items(), 1);
    ok(connections.get_item(0) === ours, 'the same object');
    ours.abort();
    equal(connections.get_n_items(), 0);
    equal(changes, [[0, 0, 1], [0, 1, 0]]);
    server.close();
});

test('a connection whose variable is dropped lives and answers', async () => {
    const server = listen();
    const peer = (() => {
        const [ours, client] = accept(server);
        ours.connect('ready-read',
                     socket => socket.write(bytes(text(socket.read_all()).toUpperCase())));
        return client;
    })();
    System.gc();
    await until(() => true);
    System.gc();

    peer.send('still there?');
    await until(() => server.connections.get_item(0).get_bytes_sent() === 12);
    equal(peer.receive(100), bytes('STILL THERE?'));

    peer.close();
    await until(() => server.connections.get_n_items() === 0);
    server.close();
});

test('an override creates sockets of its own type from the descriptors', () => {
    const Visitor = GObject.registerClass(class Visitor extends Qnet.TcpSocket {});
    const Hotel = GObject.registerClass(class Hotel extends Qnet.TcpServer {
        vfunc_incoming_connection(fd) {
            const visitor = new Visitor();
            visitor.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE);
            visitor.room = fd;
            this.add_pending_connection(visitor);
        }
    });
    const server = listen(Hotel);
    const [ours, peer] = accept(server);

    ok(ours instanceof Visitor, 'a Visitor');
    equal(ours.room, ours.get_fd());
    ours.write(bytes('welcome'));
    ours.flush();
    equal(peer.receive(7), bytes('welcome'));
    server.close();
});

test('an override may chain up', () => {
    const descriptors = [];
    const Counter = GObject.registerClass(class Counter extends Qnet.TcpServer {
        vfunc_incoming_connection(fd) {
            descriptors.push(fd);
            super.vfunc_incoming_connection(fd);
        }
    });
    const server = listen(Counter);
    const [ours] = accept(server);

    equal(descriptors, [ours.get_fd()]);
    server.close();
});

test('an override may refuse a client, for which new-connection is not emitted', async () => {
    let calls = 0;
    const emissions = [];
    const Picky = GObject.registerClass(class Picky extends Qnet.TcpServer {
        vfunc_incoming_connection(fd) {
            calls++;
            this.refuse_connection(fd);
        }
    });
    const server = listen(Picky);
    server.connect('new-connection', () => emissions.push(server));
    const peer = call(server);
    await until(() => calls === 1);

    equal(peer.receive(1), bytes(''));
    equal(emissions.length, 0);
    server.close();
});

test('the connection of an override that throws is closed, and new-connection is not emitted',
     async () => {
    let calls = 0;
    const emitted = [];
    const Clumsy = GObject.registerClass(class Clumsy extends Qnet.TcpServer {
        vfunc_incoming_connection() {
            calls++;
            throw new Error('clumsy');
        }
    });
    const server = listen(Clumsy);
    server.connect('new-connection', () => emitted.push(server));
    GLib.test_expect_message('Gjs', GLib.LogLevelFlags.LEVEL_CRITICAL, '*clumsy*');
    const peer = call(server);
    await until(() => calls === 1);

    equal(peer.receive(1), bytes(''));
    equal(emitted.length, 0);
    server.close();
});

test('it is not closed if a socket has taken the descriptor', async () => {
    let calls = 0;
    const Clumsy = GObject.registerClass(class Clumsy2 extends Qnet.TcpServer {
        vfunc_incoming_connection(fd) {
            super.vfunc_incoming_connection(fd);
            calls++;
            throw new Error('clumsy');
        }
    });
    const server = listen(Clumsy);
    GLib.test_expect_message('Gjs', GLib.LogLevelFlags.LEVEL_CRITICAL, '*clumsy*');
    const peer = call(server);
    await until(() => calls === 1);
    const ours = server.next_pending_connection();
    ours.write(bytes('alive'));
    ours.flush();

    equal(peer.receive(5), bytes('alive'));
    server.close();
});

test('connections can be iterated over, and ended meanwhile', () => {
    const server = listen();
    const taken = [accept(server)[0], accept(server)[0], accept(server)[0]];
    const seen = [];
    for (const connection of server.connections) {
        seen.push(connection);
        connection.abort();
    }

    ok(seen.every((connection, i) => connection === taken[i]), 'all of them');
    equal([...server.connections].length, 0);
    equal(server.list_connections().length, 0);
    server.close();
});

test('the queue of pending connections can be overridden', () => {
    let open = false;
    const Shy = GObject.registerClass(class Shy extends Qnet.TcpServer {
        vfunc_has_pending_connections() {
            return open && super.vfunc_has_pending_connections();
        }

        vfunc_next_pending_connection() {
            return open ? super.vfunc_next_pending_connection() : null;
        }
    });
    const server = listen(Shy);
    call(server);
    server.wait_for_new_connection(PATIENCE);
    equal([server.has_pending_connections(), server.next_pending_connection()], [false, null]);

    open = true;
    ok(server.has_pending_connections(), 'pending');
    ok(server.next_pending_connection() instanceof Qnet.TcpSocket, 'a socket');
    server.close();
});

await run();
