// test-threads.js: GIO's streams over a socket, and the collector
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Each promise is kept, or broken, in a process of its own, with a time limit: what crashes or
// hangs is one failed test. "gjs -m test-threads.js --here NAME KIND" runs one here, KIND being
// gio, tcp or local; --long many rounds instead of a few.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

import { Listener, LOCAL_HOST, until } from './peers.js';
import { equal, ok, run, test, text } from './tap.js';

Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async', 'read_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'flush_async', 'flush_finish');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'close_async', 'close_finish');
Gio._promisify(Gio.OutputStream.prototype, 'splice_async', 'splice_finish');
Gio._promisify(Gio.BufferedInputStream.prototype, 'fill_async', 'fill_finish');
Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');
Gio._promisify(Gio.Subprocess.prototype, 'communicate_utf8_async', 'communicate_utf8_finish');

const GUID = '0123456789abcdef0123456789abcdef';
const INTERFACE = `
  <node>
    <interface name="org.example.Echo">
      <method name="Echo">
        <arg name="text" type="s" direction="in"/><arg name="text" type="s" direction="out"/>
      </method>
    </interface>
  </node>`;

const LONG = ARGV.includes('--long');
const LIMIT = LONG ? 1200 : 60; // seconds

function rounds(few, many) {
    return Array.from({ length: LONG ? many : few }, (_, index) => index);
}

// Two connected sockets of GIO
function makePair(kind) {
    if (kind === 'local') {
        const service = new Gio.SocketListener();
        const path = `${GLib.dir_make_tmp('qnet-XXXXXX')}/socket`;
        service.add_address(Gio.UnixSocketAddress.new(path), Gio.SocketType.STREAM,
            Gio.SocketProtocol.DEFAULT, null);
        const near = new Gio.SocketClient().connect(Gio.UnixSocketAddress.new(path), null);
        const far = service.accept(null)[0];
        service.close();
        GLib.unlink(path);
        GLib.rmdir(GLib.path_get_dirname(path));
        return [near, far];
    }

    const listener = new Listener();
    const near = new Gio.SocketClient().connect_to_host('127.0.0.1', listener.port, null);
    const far = listener.accept().connection;
    listener.close();
    return [near, far];
}

function wrap(kind, connection) {
    if (kind === 'gio')
        return connection;
    return kind === 'tcp' ? Qnet.TcpSocket.new_from_connection(connection)
                          : Qnet.LocalSocket.new_from_connection(connection);
}

function openStream(kind) {
    const [near, far] = makePair(kind);

    return [wrap(kind, near), far];
}

/* eslint-disable no-await-in-loop */

async function readBytes(stream, size) {
    let read = '';

    while (read.length < size) {
        const bytes = await stream.read_bytes_async(size - read.length, GLib.PRIORITY_DEFAULT,
            null);
        ok(bytes.get_size() > 0, 'more bytes');
        read += text(bytes.toArray());
    }
    return read;
}

// Not write_all_async(): the engine frees the bytes when that returns, before they are written.
async function writeAll(stream, string) {
    let data = new TextEncoder().encode(string);

    while (data.length > 0) {
        const size = await stream.write_bytes_async(new GLib.Bytes(data), GLib.PRIORITY_DEFAULT,
            null);
        data = data.subarray(size);
    }
}

// An asynchronous function of that class: an end of TLS is a Gio.DtlsConnection, too, which has its
// own of the same names.
function callOf(type, name, end) {
    return new Promise((resolve, reject) => {
        type.prototype[`${name}_async`].call(end, GLib.PRIORITY_DEFAULT, null, (_end, result) => {
            try {
                resolve(type.prototype[`${name}_finish`].call(end, result));
            } catch (error) {
                reject(error);
            }
        });
    });
}

// As a blocking call: iterates that context until the callback was called.
function waitIn(context, begin) {
    let result = null;

    begin((_source, given) => {
        result = given;
    });
    while (result === null)
        context.iteration(true);
    return result;
}

function connectBus(stream, guid, flags) {
    return new Promise((resolve, reject) => {
        Gio.DBusConnection.new(stream, guid, flags, null, null, (_source, result) => {
            try {
                resolve(Gio.DBusConnection.new_finish(result));
            } catch (error) {
                reject(error);
            }
        });
    });
}

function callEcho(connection, argument) {
    return new Promise((resolve, reject) => {
        connection.call(null, '/echo', 'org.example.Echo', 'Echo',
            new GLib.Variant('(s)', [argument]), null, Gio.DBusCallFlags.NONE, -1, null,
            (_source, result) => {
                try {
                    resolve(connection.call_finish(result).deepUnpack()[0]);
                } catch (error) {
                    reject(error);
                }
            });
    });
}

async function callMany(connection, count) {
    for (let i = 0; i < count; i++) {
        const argument = 'text'.repeat(i % 300);

        equal(await callEcho(connection, argument), argument);
    }
}

const promises = {
    pushedContext: async kind => {
        for (const round of rounds(10, 1000)) {
            const [stream, far] = openStream(kind);
            const [input, output] = [stream.get_input_stream(), stream.get_output_stream()];
            const context = GLib.MainContext.new();
            const sent = `bytes of round ${round}`;

            far.get_output_stream().write_all(sent, null);
            context.push_thread_default();
            try {
                const read = input.read_bytes_finish(waitIn(context, done => {
                    input.read_bytes_async(1000, GLib.PRIORITY_DEFAULT, null, done);
                }));
                equal(text(read.toArray()), sent);
                output.write_all('answer', null);
                ok(output.flush_finish(waitIn(context, done => {
                    output.flush_async(GLib.PRIORITY_DEFAULT, null, done);
                })), 'flushed');
                ok(stream.close_finish(waitIn(context, done => {
                    stream.close_async(GLib.PRIORITY_DEFAULT, null, done);
                })), 'closed');
            } finally {
                context.pop_thread_default();
            }
            equal(text(far.get_input_stream().read_bytes(1000, null).toArray()), 'answer');
            equal(far.get_input_stream().read_bytes(1000, null).get_size(), 0);
            far.close(null);
        }
    },

    dbus: async kind => {
        const flags = Gio.DBusConnectionFlags;

        // eslint-disable-next-line no-unused-vars
        for (const round of rounds(3, 20)) {
            const [near, far] = makePair(kind);
            const ends = await Promise.all([
                connectBus(wrap(kind, far), GUID,
                    flags.AUTHENTICATION_SERVER | flags.AUTHENTICATION_ALLOW_ANONYMOUS),
                connectBus(wrap(kind, near), null, flags.AUTHENTICATION_CLIENT),
            ]);
            const objects = ends.map(end => {
                const object = Gio.DBusExportedObject.wrapJSObject(INTERFACE,
                    { Echo: given => given });
                object.export(end, '/echo');
                return object;
            });

            await Promise.all(ends.map(end => callMany(end, LONG ? 1000 : 100)));
            for (const object of objects)
                object.unexport();
            ends[0].close_sync(null);
            await until(() => ends[1].is_closed());
        }
    },

    dataInput: async kind => {
        for (const round of rounds(10, 1000)) {
            const [stream, far] = openStream(kind);
            const lines = Gio.DataInputStream.new(stream.get_input_stream());
            const body = `${round % 10}`.repeat(200000);

            const sent = writeAll(far.get_output_stream(), `head\n${body}`);
            equal((await lines.read_line_async(GLib.PRIORITY_DEFAULT, null))[0], 'head');
            equal(await readBytes(lines, body.length), body);
            await sent;
            far.close(null);
        }
    },

    bufferedOutput: async kind => {
        for (const round of rounds(10, 1000)) {
            const [stream, far] = openStream(kind);
            const output = Gio.BufferedOutputStream.new_sized(stream.get_output_stream(), 30000);

            for (let i = 0; i < 10; i++) {
                const piece = `${(round + i) % 10}`.repeat(20000);
                const received = readBytes(far.get_input_stream(), piece.length);
                output.write_all(piece, null);
                ok(await output.flush_async(GLib.PRIORITY_DEFAULT, null), 'flushed');
                equal(await received, piece);
            }
            far.close(null);
        }
    },

    dataOutput: async kind => {
        for (const round of rounds(10, 1000)) {
            const [stream, far] = openStream(kind);
            const output = Gio.DataOutputStream.new(stream.get_output_stream());
            const received = readBytes(far.get_input_stream(), 13);

            output.put_byte(65, null);
            output.put_int32(0x42434445, null);
            output.put_int32(0x46474849, null);
            output.put_string(`${1000 + round % 1000}`, null);
            ok(await output.flush_async(GLib.PRIORITY_DEFAULT, null), 'flushed');
            equal(await received, `ABCDEFGHI${1000 + round % 1000}`);
            far.close(null);
        }
    },

    bufferedInput: async kind => {
        for (const round of rounds(10, 1000)) {
            const [stream, far] = openStream(kind);
            const input = Gio.BufferedInputStream.new_sized(stream.get_input_stream(), 1000);
            const data = `${round % 10}`.repeat(50000);
            const sent = writeAll(far.get_output_stream(), data);
            let read = '';

            while (read.length < data.length) {
                ok(await input.fill_async(1000, GLib.PRIORITY_DEFAULT, null) > 0, 'more bytes');
                read += text(input.read_bytes(input.get_available(), null).toArray());
            }
            equal(read, data);
            await sent;
            far.close(null);
        }
    },

    converters: async kind => {
        for (const round of rounds(10, 1000)) {
            const [near, far] = makePair(kind);
            const [from, to] = [wrap(kind, near), wrap(kind, far)];
            const output = Gio.ConverterOutputStream.new(from.get_output_stream(),
                Gio.ZlibCompressor.new(Gio.ZlibCompressorFormat.GZIP, -1));
            const input = Gio.ConverterInputStream.new(to.get_input_stream(),
                Gio.ZlibDecompressor.new(Gio.ZlibCompressorFormat.GZIP));
            const data = `text ${round} `.repeat(5000);
            const received = readBytes(input, data.length);

            await writeAll(output, data);
            ok(await output.close_async(GLib.PRIORITY_DEFAULT, null), 'closed');
            equal(await received, data);
        }
    },

    splice: async kind => {
        const { CLOSE_SOURCE, CLOSE_TARGET } = Gio.OutputStreamSpliceFlags;
        const { CLOSE_STREAM1, CLOSE_STREAM2 } = Gio.IOStreamSpliceFlags;

        for (const round of rounds(10, 1000)) {
            const data = `${round % 10}`.repeat(100000);
            const [stream, far] = openStream(kind);
            const [one, farOne] = openStream(kind);
            const [other, farOther] = openStream(kind);
            const source = Gio.MemoryInputStream.new_from_bytes(
                new GLib.Bytes(new TextEncoder().encode(data)));

            const received = readBytes(far.get_input_stream(), data.length);
            equal(await stream.get_output_stream().splice_async(source,
                CLOSE_SOURCE | CLOSE_TARGET, GLib.PRIORITY_DEFAULT, null), data.length);
            equal(await received, data);
            far.close(null);

            const spliced = new Promise(resolve => {
                one.splice_async(other, CLOSE_STREAM1 | CLOSE_STREAM2, GLib.PRIORITY_DEFAULT,
                    null, (_one, result) => resolve(Gio.IOStream.splice_finish(result)));
            });
            const passed = readBytes(farOther.get_input_stream(), data.length);
            await writeAll(farOne.get_output_stream(), data);
            equal(await passed, data);
            farOne.close(null);
            ok(await spliced, 'spliced');
            farOther.close(null);
        }
    },

    tls: async kind => {
        const folder = GLib.getenv('QNET_TEST_CERTIFICATES');
        const certificate = Gio.TlsCertificate.new_from_file(`${folder}/server.pem`);
        const database = Gio.TlsFileDatabase.new(`${folder}/ca.pem`);

        // eslint-disable-next-line no-unused-vars
        for (const round of rounds(10, 1000)) {
            const [near, far] = makePair(kind);
            const client = Gio.TlsClientConnection.new(wrap(kind, near),
                Gio.NetworkAddress.new('localhost', 443));
            client.set_database(database);
            const server = Gio.TlsServerConnection.new(wrap(kind, far), certificate);

            await Promise.all([client, server].map(
                end => callOf(Gio.TlsConnection, 'handshake', end)));
            const written = writeAll(client.get_output_stream(), 'secret'.repeat(1000));
            equal(await readBytes(server.get_input_stream(), 6000), 'secret'.repeat(1000));
            await written;
            await callOf(Gio.IOStream, 'close', client);
        }
    },

    collectedSockets: async kind => {
        for (const round of rounds(200, 10000)) {
            const [stream, far] = openStream(kind);

            if (kind !== 'gio') {
                stream.write('x'.repeat(1000));
                stream.connect('ready-read', () => stream.read_all());
            }
            far.close(null);
            if (round % 50 === 49) {
                System.gc();
                await until(() => true);
            }
        }
    },

    collectedServers: async kind => {
        for (const round of rounds(200, 10000)) {
            if (kind === 'tcp') {
                const server = new Qnet.TcpServer();
                server.listen(LOCAL_HOST, 0);
                server.connect('new-connection', () => server.close());
                new Gio.SocketClient().connect_to_host('127.0.0.1', server.server_port, null)
                    .close(null);
            } else if (kind === 'local') {
                const server = new Qnet.LocalServer();
                server.listen(`qnet-threads-${round % 100}-${GLib.uuid_string_random()}`);
                server.connect('new-connection', () => server.close());
            } else {
                const listener = new Listener();
                new Gio.SocketClient().connect_to_host('127.0.0.1', listener.port, null)
                    .close(null);
                listener.close();
            }
            if (round % 50 === 49) {
                System.gc();
                await until(() => true);
            }
        }
    },
};

/* eslint-enable no-await-in-loop */

const descriptions = {
    pushedContext: 'operations under a context that was pushed complete in that context',
    dbus: 'a D-Bus connection without a bus, with calls each way',
    dataInput: 'read_line_async(), then read_bytes_async(), of a DataInputStream',
    bufferedOutput: 'flush_async() of a BufferedOutputStream',
    dataOutput: 'methods of a DataOutputStream',
    bufferedInput: 'fill_async() of a BufferedInputStream',
    converters: 'ConverterOutputStream and ConverterInputStream, with gzip',
    splice: 'splice_async() of an output stream, and of two connections',
    tls: 'TlsClientConnection and TlsServerConnection',
    collectedSockets: 'sockets with unsent bytes are collected',
    collectedServers: 'servers that were called are collected',
};

async function runApart(name, kind) {
    const [file] = GLib.filename_from_uri(import.meta.url);
    const launcher = new Gio.SubprocessLauncher({
        flags: Gio.SubprocessFlags.STDERR_PIPE | Gio.SubprocessFlags.STDOUT_SILENCE,
    });
    const folder = GLib.dir_make_tmp('qnet-XXXXXX');
    launcher.setenv('G_DEBUG', 'fatal-criticals', true);
    launcher.setenv('G_DBUS_COOKIE_SHA1_KEYRING_DIR', folder, true);
    const process = launcher.spawnv(['gjs', '-m', file, '--here', name, kind,
        ...LONG ? ['--long'] : []]);
    let isOver = false;
    const timer = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, LIMIT, () => {
        isOver = true;
        process.force_exit();
        return GLib.SOURCE_CONTINUE;
    });

    const [, errors] = await process.communicate_utf8_async(null, null);
    GLib.source_remove(timer);
    new Gio.Subprocess({ argv: ['rm', '-r', folder] }).init(null);
    ok(!isOver, `${name} ${kind}: that the time is not over`);
    ok(process.get_successful(), `${name} ${kind}: success (${errors.slice(-2000)})`);
}

const here = ARGV.indexOf('--here');

if (here >= 0) {
    await promises[ARGV[here + 1]](ARGV[here + 2]);
    System.exit(0);
} else {
    for (const name of Object.keys(promises)) {
        for (const kind of ['gio', 'tcp', 'local'])
            test(`${descriptions[name]}: ${kind}`, () => runApart(name, kind));
    }
    await run();
}
