// Qnet.js: what makes qnet feel like JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/* exported _init */

const { Gio, GLib, GObject } = imports.gi;

// Defaults: what need not be given

// A parameter that has to be given
const NEEDED = undefined;

// The methods that take a callback, and their own parameters
const PAIRS = {
    IODevice: { close: [], flush: [], read_bytes: [65536], read_line: [0], write_all: [NEEDED] },
    DnsLookup: { lookup: [] },
    NetworkProxyFactory: { query_proxy: [NEEDED] },
    Socket: { disconnect_from_peer: [] },
    AbstractSocket: {
        bind: [NEEDED, 0, 0],
        connect_to_address: [NEEDED, NEEDED], connect_to_connectable: [NEEDED],
        connect_to_host: [NEEDED, NEEDED], connect_to_service: [NEEDED, NEEDED],
        disconnect_from_host: [],
    },
    LocalSocket: {
        connect_to_connectable: [NEEDED], connect_to_server: [NEEDED], disconnect_from_server: [],
    },
    Reconnector: { await_connected: [] },
    Server: { accept: [], stop: [-1] },
    SslSocket: {
        connect_to_connectable_encrypted: [NEEDED],
        connect_to_host_encrypted: [NEEDED, NEEDED],
        connect_to_service_encrypted: [NEEDED, NEEDED], start_client_encryption: [],
        start_server_encryption: [], start_server_encryption_with_input: [NEEDED],
    },
    TcpServer: { listen: [NEEDED, 0] },
    UdpSocket: { receive_datagram: [0], write_datagram: [NEEDED] },
};

// As Qt's: milliseconds
const PATIENCE = 30000;

// Qnet.BindFlags.DEFAULT_FOR_PLATFORM
const BY_DEFAULT = 0;

const METHODS = {
    IODevice: {
        close: [null], read_line: [0], read_line_bytes: [0], read_line_utf8: [0],
        read_until: [NEEDED, 0], wait_for_bytes_written: [PATIENCE],
        wait_for_bytes_written_full: [PATIENCE, null], wait_for_ready_read: [PATIENCE],
        wait_for_ready_read_full: [PATIENCE, null],
    },
    DnsLookup: { wait_for_finished: [PATIENCE], wait_for_finished_full: [PATIENCE, null] },
    Socket: {
        wait_for_connected: [PATIENCE], wait_for_connected_full: [PATIENCE, null],
        wait_for_disconnected: [PATIENCE], wait_for_disconnected_full: [PATIENCE, null],
    },
    AbstractSocket: { bind: [NEEDED, 0, BY_DEFAULT], bind_port: [0, BY_DEFAULT] },
    Server: { wait_for_new_connection: [PATIENCE], wait_for_new_connection_full: [PATIENCE, null] },
    SslSocket: { wait_for_encrypted: [PATIENCE], wait_for_encrypted_full: [PATIENCE, null] },
    TcpServer: { listen: [NEEDED, 0], listen_port: [0] },
    UdpSocket: {
        join_multicast_group: [NEEDED, null], leave_multicast_group: [NEEDED, null],
        join_source_group: [NEEDED, NEEDED, null], leave_source_group: [NEEDED, NEEDED, null],
        read_datagram: [0], receive_datagram: [0], receive_datagrams: [0],
    },
};

const count = n => n === 1 ? '1 argument' : `${n} arguments`;

function giveDefaults(owner, name, defaults) {
    const original = owner[name];

    owner[name] = function (...values) {
        const callback = typeof values.at(-1) === 'function' ? [values.pop()] : [];
        const missing = defaults.slice(values.length);

        if (missing.includes(NEEDED))
            throw new TypeError(`${name}() needs ${count(defaults.lastIndexOf(NEEDED) + 1)}`);

        return original.call(this, ...values, ...missing, ...callback);
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

    promisify(Qnet.HostInfo, 'lookup_address', [NEEDED, GLib.PRIORITY_DEFAULT, null]);
    promisify(Qnet.HostInfo, 'lookup_host', [NEEDED, GLib.PRIORITY_DEFAULT, null]);
    giveDefaults(Qnet.HostInfo, 'from_address', [NEEDED, null]);
    giveDefaults(Qnet.HostInfo, 'from_name', [NEEDED, null]);

    forEachMethod(METHODS, (name, method, defaults) =>
        giveDefaults(Qnet[name].prototype, method, defaults));
}

// Bytes: GJS takes the elements of an array of any kind, modulo 256, and stops at the NUL of a text

function toBytes(data, taker) {
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
    const isByte = number => Number.isInteger(number) && number >= 0 && number < 256;

    if (Array.isArray(data) && data.every(isByte))
        return Uint8Array.from(data);

    throw new TypeError(`${taker} takes a Uint8Array, or a text to be sent as UTF-8`);
}

function takeBytes(owner, name) {
    const original = owner[name];

    owner[name] = function (data, ...rest) {
        return original.call(this, toBytes(data, `${name}()`), ...rest);
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
    const { get_values } = Qnet.DnsTextRecord.prototype;

    Qnet.DnsTextRecord.prototype.get_values = function () {
        return get_values.call(this).map(value => value.toArray());
    };

    Qnet.IODevice.prototype.get_char = function () {
        const [found, byte] = get_char.call(this);

        return found ? byte : null;
    };

    Qnet.AbstractSocket.prototype.get_socket_option = function (option) {
        return get_socket_option.call(this, option)[1];
    };
}

function toInetAddress(Qnet, address) {
    const parsed = typeof address === 'string' ? Qnet.HostAddress.parse(address) : address;

    return parsed.to_inet_address();
}

// GJS makes nulls of what is in a GPtrArray.
function completeHostInfo(Qnet) {
    const { new_from_inet_addresses } = Qnet.HostInfo;

    function make(name, addresses) {
        const inetAddresses = addresses?.map(address => toInetAddress(Qnet, address)) ?? [];

        return new_from_inet_addresses.call(Qnet.HostInfo, name, inetAddresses);
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

// Texts: an address can be given as text. A text that contains a NUL is refused, since GJS would
// cut it there.

// The kinds of the arguments of methods and functions, in order: "a" an address, "t" a text or a
// list of texts, "d" a number or a constant, "s" a size, "b" bytes or null, "-" anything else. Of
// properties, "n" is one for which null would mean less restriction than intended.
// GJS converts a value that is not a number, such as a constant with a misspelt name, to 0: no
// limit, any port, no restriction. It also crashes at a size that is out of range where an array
// is returned.
// tests/bindings/check-gir.py reports missing entries.
const TAKE_TEXTS = {
    AbstractSocket: {
        bind: 'add', bind_async: 'add', bind_port: 'dd', connect_to_address: 'ad',
        connect_to_address_async: 'ad', connect_to_address_full: 'add', connect_to_host: 'td',
        connect_to_host_async: 'td', connect_to_host_full: 'tddd', connect_to_service: 'tt',
        connect_to_service_async: 'tt',
        set_connection_attempt_delay: 'd', set_keep_alive_count: 'd', set_keep_alive_idle: 'd',
        set_keep_alive_interval: 'd', set_local_address: 'a', set_local_port: 'd',
        set_lookup_timeout: 'd', set_peer_address: 'a', set_peer_name: 't', set_peer_port: 'd',
        set_protocol_tag: 't', set_socket_option: 'dd', set_user_timeout: 'd',
    },
    AddressFilter: { add_allow: 't', add_deny: 't', is_allowed: 'a', remove: 't' },
    Authenticator: { set_password: 't', set_realm: 't', set_user: 't' },
    DnsLookup: {
        new: 'dt', new_with_nameserver: 'dtad', set_name: 't', set_nameserver: 'a',
        set_nameserver_port: 'd', set_record_type: 'd', set_timeout: 'd', set_type_number: 'd',
    },
    DnsServiceBindingRecord: { get_parameter: 'd', get_parameter_bytes: 'd' },
    Dtls: { set_mtu_hint: 'd', set_peer: 'adt', set_peer_verify_mode: 'd' },
    DtlsClientVerifier: { verify_client: '--ad' },
    HostAddress: {
        compare: 'a', equal: 'a', equal_full: 'ad', is_in_subnet: 'ad', with_scope_id: 't',
        from_string: 't', new_from_native: 'b', new_ipv6: 'b', parse: 't', parse_subnet: 't',
    },
    HostInfo: {
        new: 't', new_from_inet_addresses: 't', from_address: 'a', from_name: 't',
        lookup_address_async: 'a', lookup_host_async: 't',
    },
    IODevice: {
        peek: 's', peek_bytes: 's', read: 's', read_bytes: 's', read_bytes_async: 's',
        read_line: 's', read_line_async: 's', read_line_bytes: 's', read_line_utf8: 's',
        read_until: '-s', report_bytes_written: 's', set_open_mode: 'd', set_read_buffer_size: 'd',
        set_unsent_limit: 'd', set_write_buffer_high_water: 'd', set_write_buffer_low_water: 'd',
        skip: 's', write_string: 't',
    },
    LocalServer: {
        remove_server: 't', remove_server_full: 't', listen: 't', set_fd_limit: 'd',
        set_access: 'd',
    },
    LocalSocket: {
        connect_to_server: 't', connect_to_server_async: 't', connect_to_server_full: 'td',
        set_access: 'd', set_fd_limit: 'd', set_server_name: 't',
    },
    NetworkAddressEntry: { new: 'ada', new_for_netmask: 'aaa' },
    NetworkDatagram: {
        new: 'bad', new_from_bytes: '-ad', new_from_message: 'b', new_full: 'badaddd',
        make_reply: 'b', with_data: 'b', with_destination: 'ad', with_sender: 'ad',
    },
    NetworkInterface: { from_name: 't', interface_index_from_name: 't' },
    NetworkProxy: {
        new: 'dtdtt', new_from_uri: 't', get_raw_header: 't', with_capabilities: 'd',
        with_credentials: 'tt', with_host: 'td', with_raw_header: 'tt', with_type: 'd',
    },
    NetworkProxyQuery: { new_for_bind: 'dtd', new_for_host: 'tdtd', new_for_uri: 'td' },
    ProxyHeader: { new: 'adad', with_field: 'd' },
    Reconnector: {
        add_host: 'td', add_server: 't', add_service: 'tt', fail: 'd', resume: 'd',
        set_max_attempts: 'd', set_max_delay: 'd', set_min_delay: 'd', set_stable_time: 'd',
    },
    Server: {
        listen_activation_fds: 't', set_listen_backlog_size: 'd', set_max_connections: 'd',
        set_max_pending_connections: 'd', set_read_buffer_size: 'd', set_fd: 'd',
        set_idle_timeout: 'd', set_ipv4_prefix_length: 'd', set_ipv6_prefix_length: 'd',
        set_max_connections_per_address: 'd', set_unsent_limit: 'd',
        set_write_buffer_high_water: 'd', set_write_buffer_low_water: 'd', stop_async: 'd',
    },
    Socket: {
        set_close_timeout: 'd', set_connect_timeout: 'd', set_fd: 'ddd', set_idle_timeout: 'd',
        set_state: 'd',
    },
    SslConfiguration: {
        with_advertised_protocols: 't', with_certificate_files: 'tt', with_certificate_uris: 'tt',
        with_database_file: 't', with_minimum_version: 'd', with_peer_verify_depth: 'd',
        with_peer_verify_mode: 'd', with_priority: 't',
    },
    SslServer: {
        set_advertised_protocols: 't', set_certificate_files: 'tt', set_certificate_for_name: 't',
        set_certificate_uris: 'tt', set_database_file: 't', set_handshake_timeout: 'd',
        set_max_handshakes: 'd', set_peer_verify_mode: 'd',
    },
    SslSocket: {
        connect_to_host_encrypted: 'td', connect_to_host_encrypted_async: 'td',
        connect_to_host_encrypted_full: 'tdtdd', connect_to_service_encrypted: 'tt',
        connect_to_service_encrypted_async: 'tt', get_channel_binding: 'd',
        ignore_ssl_errors_full: 'd', ignore_ssl_errors_of_any: 'd', set_advertised_protocols: 't',
        set_certificate_files: 'tt', set_certificate_uris: 'tt', set_database_file: 't',
        set_handshake_timeout: 'd', set_key_log_file: 't', set_peer_verify_mode: 'd',
        set_peer_verify_name: 't',
    },
    TcpServer: {
        listen: 'ad', listen_async: 'ad', listen_port: 'd', set_proxy_header_timeout: 'd',
    },
    UdpSocket: {
        join_multicast_group: 'at', join_source_group: 'aat', leave_multicast_group: 'at',
        leave_source_group: 'aat', read_datagram: 's',
        receive_datagram: 's', receive_datagram_async: 's', receive_datagrams: 's',
        set_multicast_interface: 't', write_datagram_bytes_to: '-ad', write_datagram_to: '-ad',
    },
};

const PROPERTIES = {
    AbstractSocket: {
        connection_attempt_delay: 'd', keep_alive_count: 'd', keep_alive_idle: 'd',
        keep_alive_interval: 'd', lookup_timeout: 'd', protocol_tag: 't', proxy: 'n',
        user_timeout: 'd',
    },
    Authenticator: { password: 't', realm: 't', user: 't' },
    DnsLookup: {
        name: 't', nameserver: 'a', nameserver_port: 'd', record_type: 'd', timeout: 'd',
        type_number: 'd',
    },
    Dtls: {
        database: 'n', mode: 'd', mtu_hint: 'd', peer_verify_mode: 'd', ssl_configuration: 'n',
    },
    IODevice: {
        read_buffer_size: 'd', unsent_limit: 'd', write_buffer_high_water: 'd',
        write_buffer_low_water: 'd',
    },
    LocalServer: { access: 'd', fd_limit: 'd' },
    LocalSocket: { access: 'd', fd_limit: 'd', server_name: 't' },
    Reconnector: { max_attempts: 'd', max_delay: 'd', min_delay: 'd', stable_time: 'd' },
    Server: {
        address_filter: 'n', idle_timeout: 'd', ipv4_prefix_length: 'd', ipv6_prefix_length: 'd',
        listen_backlog_size: 'd', max_connections: 'd', max_connections_per_address: 'd',
        max_pending_connections: 'd', read_buffer_size: 'd', unsent_limit: 'd',
        write_buffer_high_water: 'd', write_buffer_low_water: 'd',
    },
    Socket: { close_timeout: 'd', connect_timeout: 'd', idle_timeout: 'd' },
    SslServer: {
        advertised_protocols: 't', database: 'n', handshake_timeout: 'd', max_handshakes: 'd',
        peer_verify_mode: 'd', ssl_configuration: 'n',
    },
    SslSocket: {
        advertised_protocols: 't', database: 'n', handshake_timeout: 'd', peer_verify_mode: 'd',
        peer_verify_name: 't', ssl_configuration: 'n',
    },
    TcpServer: { proxy: 'n', proxy_header_timeout: 'd' },
    UdpSocket: { multicast_interface: 't' },
};

function refuseNul(value) {
    if (typeof value === 'string' && value.includes('\0'))
        throw new TypeError('the text contains a NUL character');
    if (Array.isArray(value))
        value.forEach(refuseNul);

    return value;
}

function checkNumber(value) {
    const number = typeof value === 'bigint' ? Number(value) : value;

    if (typeof number !== 'number' || !(Math.abs(number) <= Number.MAX_SAFE_INTEGER))
        throw new TypeError(`it takes a number, not ${value}`);

    return value;
}

function checkSize(value) {
    if (value !== undefined && checkNumber(value) < 0)
        throw new RangeError(`it takes a size, not ${value}`);

    return value;
}

function checkTexts(Qnet) {
    const { parse } = Qnet.HostAddress;
    const isCallback = (value, i, values) => typeof value === 'function' && i === values.length - 1;
    const convertAll = (kinds, values) => values.map((value, i) =>
        kinds[i] && !isCallback(value, i, values) ? convert(kinds[i], value) : value);

    function convert(kind, value) {
        if (kind === 'b')
            return value === null ? null : toBytes(value, 'it');

        refuseNul(value);

        if (kind === 'd')
            return checkNumber(value);
        if (kind === 's')
            return checkSize(value);
        if (kind === 'n' && value === null)
            throw new TypeError('it cannot be null');

        return kind === 'a' && typeof value === 'string'
            ? parse.call(Qnet.HostAddress, value) : value;
    }

    function wrapFunction(owner, name, kinds) {
        const original = owner[name];

        owner[name] = function (...values) {
            return original.apply(this, convertAll(kinds, values));
        };
    }

    // GJS has a property under three spellings.
    function wrapProperty(prototype, name, kind) {
        const camelCase = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

        for (const spelling of [name, name.replaceAll('_', '-'), camelCase]) {
            const original = Object.getOwnPropertyDescriptor(prototype, spelling);

            if (original?.set) {
                Object.defineProperty(prototype, spelling, {
                    ...original,
                    set(value) {
                        original.set.call(this, convert(kind, value));
                    },
                });
            }
        }
    }

    const kindsOfProperties = Object.assign({}, ...Object.values(PROPERTIES));

    function convertProperty(name, value) {
        const key = name.replaceAll('-', '_')
            .replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

        return convert(kindsOfProperties[key], value);
    }

    function convertProperties(values) {
        const entries = Object.entries(values ?? {})
            .map(([name, value]) => [name, convertProperty(name, value)]);

        return Object.fromEntries(entries);
    }

    function wrapRoot(prototype) {
        const { _init, set, set_property } = prototype;

        prototype._init = function (values, ...rest) {
            return _init.call(this, convertProperties(values), ...rest);
        };
        prototype.set = function (values) {
            return set.call(this, convertProperties(values));
        };
        prototype.set_property = function (name, value) {
            return set_property.call(this, name, convertProperty(name, value));
        };
    }

    const ownerOf = (klass, method) => method in klass.prototype ? klass.prototype : klass;

    for (const [name, functions] of Object.entries(TAKE_TEXTS)) {
        for (const [method, kinds] of Object.entries(functions))
            wrapFunction(ownerOf(Qnet[name], method), method, kinds);
    }

    // "new Qnet.NetworkProxy()" does not call what is in NetworkProxy.new.
    for (const name of ['HostInfo', 'NetworkAddressEntry', 'NetworkDatagram', 'NetworkProxy']) {
        const construct = (target, values) =>
            new target(...convertAll(TAKE_TEXTS[name].new, values));

        Object.defineProperty(Qnet, name, { value: new Proxy(Qnet[name], { construct }) });
    }

    for (const [name, properties] of Object.entries(PROPERTIES)) {
        for (const [property, kind] of Object.entries(properties))
            wrapProperty(Qnet[name].prototype, property, kind);
    }

    const roots = [
        'Authenticator', 'DnsLookup', 'IODevice', 'NetworkProxyFactory', 'Reconnector', 'Server',
    ];

    for (const name of roots)
        wrapRoot(Qnet[name].prototype);
}

// Those that are alive now: they may be ended meanwhile.
function* takeSnapshot() {
    const items = [];
    for (let i = 0; i < this.get_n_items(); i++)
        items.push(this.get_item(i));

    yield* items;
}

// An override that throws cannot have used the descriptor: the connection is closed, not leaked.
function guardIncoming(klass) {
    const { value: incoming } =
        Object.getOwnPropertyDescriptor(klass.prototype, 'vfunc_incoming_connection') ?? {};

    if (typeof incoming !== 'function')
        return;

    klass.prototype.vfunc_incoming_connection = function (fd) {
        try {
            incoming.call(this, fd);
        } catch (error) {
            this.refuse_connection(fd);
            throw error;
        }
    };
}

// The vfuncs of a device in JavaScript: read_data() may return any kind of bytes, and write_data()
// has succeeded unless it throws or returns false.
function adaptDevice(klass) {
    const implementation = name => Object.getOwnPropertyDescriptor(klass.prototype, name)?.value;
    const [read, write] = [implementation('vfunc_read_data'), implementation('vfunc_write_data')];

    if (typeof read === 'function') {
        klass.prototype.vfunc_read_data = function (maxSize) {
            const data = read.call(this, maxSize) ?? null;

            return data === null || data instanceof GLib.Bytes ? data : new GLib.Bytes(data);
        };
    }
    if (typeof write === 'function') {
        klass.prototype.vfunc_write_data = function (data) {
            return write.call(this, data) !== false;
        };
    }
}

function _init() {
    this.OVERRIDES = __file__;
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

    checkTexts(Qnet);

    Qnet.IODevice.prototype[Symbol.iterator] = takeLines;
    Qnet.IODevice.prototype[Symbol.asyncIterator] = awaitLines;

    Qnet.IODevice._classInit = function (klass) {
        adaptDevice(klass);

        return GObject.Object._classInit(klass);
    };

    Qnet.ConnectionList.prototype[Symbol.iterator] = takeSnapshot;

    Qnet.Server._classInit = function (klass) {
        guardIncoming(klass);

        return GObject.Object._classInit(klass);
    };
}
