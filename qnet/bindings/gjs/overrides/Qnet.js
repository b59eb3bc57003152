// Qnet.js: what makes qnet feel like JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported _init */

const { Gio, GLib } = imports.gi;

// Defaults: what need not be given

// A parameter that has to be given
const NEEDED = undefined;

// The methods that take a callback, and their own parameters
const PAIRS = {
    IODevice: { close: [], flush: [], read_bytes: [65536], read_line: [0], write_all: [NEEDED] },
    DnsLookup: { lookup: [] },
    AbstractSocket: { connect_to_address: [NEEDED, NEEDED], connect_to_host: [NEEDED, NEEDED], disconnect_from_host: [] },
    LocalSocket: { connect_to_server: [NEEDED], disconnect_from_server: [] },
    Server: { accept: [] },
    SslSocket: {
        connect_to_host_encrypted: [NEEDED, NEEDED], start_client_encryption: [], start_server_encryption: [],
    },
    UdpSocket: { receive_datagram: [-1], write_datagram: [NEEDED] },
};

// As Qt's: milliseconds
const PATIENCE = 30000;

const METHODS = {
    IODevice: {
        close: [null], read_line: [0], read_line_bytes: [0], read_line_utf8: [0], read_until: [NEEDED, 0],
        wait_for_bytes_written: [PATIENCE], wait_for_ready_read: [PATIENCE],
    },
    DnsLookup: { wait_for_finished: [PATIENCE] },
    AbstractSocket: { wait_for_connected: [PATIENCE], wait_for_disconnected: [PATIENCE] },
    LocalSocket: { wait_for_connected: [PATIENCE], wait_for_disconnected: [PATIENCE] },
    Server: { wait_for_new_connection: [PATIENCE], wait_for_new_connection_full: [PATIENCE] },
    SslSocket: { wait_for_encrypted: [PATIENCE] },
    UdpSocket: { read_datagram: [-1], receive_datagram: [-1] },
};

function giveDefaults(owner, name, defaults) {
    const original = owner[name];

    owner[name] = function (...values) {
        const callback = typeof values.at(-1) === 'function' ? [values.pop()] : [];

        return original.call(this, ...values, ...defaults.slice(values.length), ...callback);
    };
}

// "await" on every pair
function promisify(owner, name, defaults) {
    Gio._promisify(owner, `${name}_async`, `${name}_finish`);
    giveDefaults(owner, `${name}_async`, defaults);
}

function forEachMethod(table, callback) {
    for (const [name, methods] of Object.entries(table)) {
        for (const [method, value] of Object.entries(methods))
            callback(name, method, value);
    }
}

function completeCalls(Qnet) {
    forEachMethod(PAIRS, (name, method, own) =>
        promisify(Qnet[name].prototype, method, [...own, GLib.PRIORITY_DEFAULT, null]));

    promisify(Qnet.NetworkProxyFactory.prototype, 'query_proxy', [NEEDED, null]);
    promisify(Qnet.HostInfo, 'lookup_address', [NEEDED, null]);
    promisify(Qnet.HostInfo, 'lookup_host', [NEEDED, null]);

    forEachMethod(METHODS, (name, method, defaults) => giveDefaults(Qnet[name].prototype, method, defaults));
}

// Bytes: GJS takes the elements of an array of any kind, modulo 256, and stops at the NUL of a text

function toBytes(data, name) {
    if (data instanceof Uint8Array)
        return data;
    if (typeof data === 'string')
        return new TextEncoder().encode(data);
    if (data instanceof GLib.Bytes)
        return data.toArray();
    if (data instanceof ArrayBuffer)
        return new Uint8Array(data);
    if (ArrayBuffer.isView(data))
        return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (Array.isArray(data) && data.every(number => Number.isInteger(number) && number >= 0 && number < 256))
        return Uint8Array.from(data);

    throw new TypeError(`${name}() takes a Uint8Array, or a text to be sent as UTF-8`);
}

function takeBytes(owner, name) {
    const original = owner[name];

    owner[name] = function (data, ...rest) {
        return original.call(this, toBytes(data, name), ...rest);
    };
}

// GJS makes 0 of a text that is no number.
function takeByte(owner, name) {
    const original = owner[name];

    owner[name] = function (byte) {
        if (!Number.isInteger(byte) || byte < 0 || byte > 255)
            throw new TypeError(`${name}() takes a number from 0 to 255`);

        return original.call(this, byte);
    };
}

function completeBytes(Qnet) {
    const { read, read_all, read_until } = Qnet.IODevice.prototype;

    Qnet.IODevice.prototype.read = function (size) {
        return size === undefined ? read_all.call(this) : read.call(this, size);
    };

    Qnet.IODevice.prototype.read_until = function (delimiter, ...rest) {
        if (delimiter.length === 0)
            throw new RangeError('read_until() takes a delimiter that is not empty');

        return read_until.call(this, delimiter, ...rest);
    };

    for (const name of ['read_until', 'write', 'write_all_async'])
        takeBytes(Qnet.IODevice.prototype, name);
    takeBytes(Qnet.UdpSocket.prototype, 'write_datagram_to');
    for (const name of ['put_char', 'unget_char'])
        takeByte(Qnet.IODevice.prototype, name);
}

// Values that come as [true, value]: an array is true, whatever is in it

function completeValues(Qnet) {
    const { get_char } = Qnet.IODevice.prototype;
    const { get_socket_option } = Qnet.AbstractSocket.prototype;

    Qnet.IODevice.prototype.get_char = function () {
        const [found, byte] = get_char.call(this);

        return found ? byte : null;
    };

    Qnet.AbstractSocket.prototype.get_socket_option = function (option) {
        return get_socket_option.call(this, option)[1];
    };
}

// GJS makes nulls of what is in a GPtrArray.
function completeHostInfo(Qnet) {
    const { new: create, new_from_inet_addresses } = Qnet.HostInfo;

    function make(name, addresses, error = null) {
        if (error !== null)
            return create.call(Qnet.HostInfo, name, null, error);

        return new_from_inet_addresses.call(Qnet.HostInfo, name, addresses?.map(address => address.to_inet_address()) ?? []);
    }

    const construct = (_target, values) => make(...values);

    Qnet.HostInfo.new = make;
    Object.defineProperty(Qnet, 'HostInfo', { value: new Proxy(Qnet.HostInfo, { construct }) });
}

// Lines

// The lines that have arrived; it never waits.
function* takeLines() {
    for (let line = this.read_line(); line.length > 0; line = this.read_line())
        yield line;
}

// Every line until the peer ends.
async function* awaitLines() {
    for (;;) {
        const line = await this.read_line_async();

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

    completeCalls(Qnet);
    completeBytes(Qnet);
    completeValues(Qnet);
    completeHostInfo(Qnet);

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

    Qnet.IODevice.prototype[Symbol.iterator] = takeLines;
    Qnet.IODevice.prototype[Symbol.asyncIterator] = awaitLines;
}
