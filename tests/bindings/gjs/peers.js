// peers.js: peers for the tests, with GIO's own sockets
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

export const PATIENCE = 30000; // milliseconds; only what is broken needs so many
export const LOCAL_HOST = Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST);

// A promise of the next emission of a signal
export function emission(object, signal) {
    return new Promise(resolve => {
        const id = object.connect(signal, (_object, ...args) => {
            object.disconnect(id);
            resolve(args);
        });
    });
}

export async function until(condition) {
    while (!condition()) {
        // eslint-disable-next-line no-await-in-loop
        await new Promise(resolve => GLib.idle_add(GLib.PRIORITY_LOW, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        }));
    }
}

// The other end of a connection, blocking: the kernel has what it needs already
export class Peer {
    constructor(connection) {
        this.connection = connection;
    }

    get port() {
        return this.connection.get_local_address().port;
    }

    send(data) {
        const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
        this.connection.get_output_stream().write_all(bytes, null);
    }

    // As many bytes, or fewer when our end has ended
    receive(size) {
        return this.connection.get_input_stream().read_bytes(size, null).toArray();
    }

    close() {
        this.connection.close(null);
    }
}

export class Listener {
    constructor() {
        this.listener = new Gio.SocketListener();
        const [, address] = this.listener.add_address(
            Gio.InetSocketAddress.new_from_string('127.0.0.1', 0),
            Gio.SocketType.STREAM, Gio.SocketProtocol.TCP, null);
        this.port = address.port;
    }

    accept() {
        return new Peer(this.listener.accept(null)[0]);
    }

    close() {
        this.listener.close();
    }
}

// A connected socket of ours, and the other end
export function connectPair(Kind = Qnet.TcpSocket) {
    const listener = new Listener();
    const ours = new Kind();

    ours.connect_to_host('127.0.0.1', listener.port);
    ours.wait_for_connected(PATIENCE);
    const peer = listener.accept();
    listener.close();

    return [ours, peer];
}

// A client of GIO
export function call(server) {
    return new Peer(new Gio.SocketClient().connect_to_host('127.0.0.1', server.server_port, null));
}

// Has the peer send, and waits until all of it is in our read buffer
export function receive(ours, peer, data) {
    const expected = ours.get_bytes_available() + data.length;

    peer.send(data);
    while (ours.get_bytes_available() < expected)
        ours.wait_for_ready_read(PATIENCE);
}

// A port on which no program listens
export function closedPort() {
    const listener = new Listener();

    listener.close();
    return listener.port;
}
