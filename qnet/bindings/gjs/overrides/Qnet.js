// Qnet.js: what makes qnet feel like JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported _init */

const { Gio, GLib } = imports.gi;

// "await" on every pair that takes a callback

const PAIRS = {
    IODevice: ['close', 'flush', 'read_bytes', 'read_line', 'write_all'],
    DnsLookup: ['lookup'],
    NetworkProxyFactory: ['query_proxy'],
    AbstractSocket: ['connect_to_address', 'connect_to_host', 'disconnect_from_host'],
    LocalSocket: ['connect_to_server', 'disconnect_from_server'],
    Server: ['accept'],
    SslSocket: ['connect_to_host_encrypted', 'start_client_encryption', 'start_server_encryption'],
    UdpSocket: ['receive_datagram', 'write_datagram'],
};

function promisify(Qnet) {
    for (const [name, operations] of Object.entries(PAIRS)) {
        for (const operation of operations)
            Gio._promisify(Qnet[name].prototype, `${operation}_async`, `${operation}_finish`);
    }

    for (const operation of ['lookup_address', 'lookup_host'])
        Gio._promisify(Qnet.HostInfo, `${operation}_async`, `${operation}_finish`);
}

// The lines that have arrived; it never waits.
function* takeLines() {
    for (let line = this.read_line(0); line.length > 0; line = this.read_line(0))
        yield line;
}

// Every line until the peer ends.
async function* awaitLines() {
    for (;;) {
        const line = await this.read_line_async(0, GLib.PRIORITY_DEFAULT, null);

        if (line.length === 0)
            return;

        yield line;
    }
}

function refuseNul(owner, method) {
    const original = owner[method];

    owner[method] = function (name, ...rest) {
        if (name?.includes('\0'))
            throw new TypeError('invalid name: it contains a NUL');

        return original.call(this, name, ...rest);
    };
}

function _init() {
    const Qnet = this;

    promisify(Qnet);

    Qnet.HostAddress.prototype.toString = function () {
        return this.to_string();
    };

    Qnet.NetworkProxy.prototype.toString = function () {
        return this.to_string();
    };

    // GJS would cut a name at its first NUL, and so speak of another one.
    for (const [owner, method] of [
        [Qnet.LocalServer.prototype, 'listen'], [Qnet.LocalServer, 'remove_server'],
        [Qnet.LocalServer, 'remove_server_full'], [Qnet.LocalSocket.prototype, 'connect_to_server'],
        [Qnet.LocalSocket.prototype, 'connect_to_server_full'], [Qnet.LocalSocket.prototype, 'connect_to_server_async'],
        [Qnet.LocalSocket.prototype, 'set_server_name'],
    ])
        refuseNul(owner, method);

    Qnet.IODevice.prototype.close = function (cancellable = null) {
        return Gio.IOStream.prototype.close.call(this, cancellable);
    };

    Qnet.IODevice.prototype[Symbol.iterator] = takeLines;
    Qnet.IODevice.prototype[Symbol.asyncIterator] = awaitLines;
}
