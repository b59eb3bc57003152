// test-device.js: bytes in and out of a QnetIODevice, from JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Qnet from 'gi://Qnet?version=1';

import { connectPair, PATIENCE, receive, until } from './peers.js';
import { bytes, equal, failureOf, isError, ok, run, test, text } from './tap.js';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

test('read(), peek() and read_all() give Uint8Array', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'abcdef');

    equal(ours.peek(2), bytes('ab'));
    equal(ours.read(3), bytes('abc'));
    equal(ours.read_all(), bytes('def'));
    ours.abort();
});

test('where there is nothing the array is empty', () => {
    const [ours] = connectPair();

    for (const nothing of [ours.read(9), ours.read_all(), ours.read_line(0), ours.peek(9)])
        equal(nothing, new Uint8Array());
    equal(ours.read_finished, false);
    ours.abort();
});

test('read_line() gives whole lines, or pieces of the size asked for', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'one\ntwo\nthr');

    equal(ours.read_line(0), bytes('one\n'));
    equal(ours.read_line_utf8(0), 'two');
    equal(ours.can_read_line(), false);
    equal(ours.read_line(0), new Uint8Array());
    equal(ours.read_line(2), bytes('th'));
    ours.abort();
});

test('a loop over lines of text ends: one that is not text is an exception, and is taken', () => {
    const [ours, peer] = connectPair();
    const texts = [];
    receive(ours, peer, Uint8Array.of(...bytes('one\n'), 255, ...bytes('\nthree\n')));

    while (ours.can_read_line()) {
        ok(texts.length < 3, 'progress');
        try {
            texts.push(ours.read_line_utf8());
        } catch (error) {
            isError(error, Qnet.SocketError.OPERATION);
            texts.push('not text');
        }
    }
    equal(texts, ['one', 'not text', 'three']);
    ours.abort();
});

test('"for" gives the lines that have arrived, and leaves the piece', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'one\ntwo\nthr');

    equal([...ours].map(text), ['one\n', 'two\n']);
    equal(ours.read_all(), bytes('thr'));
    ours.abort();
});

test('"for await" gives every line until the peer ends', async () => {
    const [ours, peer] = connectPair();
    const lines = [];
    peer.send('one\ntwo\nend');
    peer.close();

    for await (const line of ours)
        lines.push(text(line));
    equal(lines, ['one\n', 'two\n', 'end']);
});

test('read_until() finds a delimiter of bytes', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'a\0\0b');

    equal(ours.read_until(new Uint8Array(2), 0), bytes('a\0\0'));
    equal(ours.read_until(new Uint8Array(2), 0), new Uint8Array());
    ours.abort();
});

test('the _bytes() forms give GBytes', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'abc\nde');

    equal(ours.peek_bytes(2).toArray(), bytes('ab'));
    equal(ours.read_bytes(1).toArray(), bytes('a'));
    equal(ours.read_line_bytes(0).toArray(), bytes('bc\n'));
    ok(ours.peek_bytes(9) instanceof GLib.Bytes, 'GBytes');
    equal(ours.read_all_bytes().toArray(), bytes('de'));
    ours.abort();
});

test('single characters are numbers, and can be put back; where there is none it is null', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'a\0b');

    equal(ours.get_char(), 97);
    ours.unget_char(120);
    equal(ours.skip(1), 1);
    equal(ours.get_char(), 0);
    equal(ours.read(), bytes('b'));
    equal(ours.get_char(), null);
    ours.abort();
});

test('a transaction that is rolled back gives the bytes once more', () => {
    const [ours, peer] = connectPair();
    receive(ours, peer, 'abc');

    ours.start_transaction();
    equal([ours.transaction_started, text(ours.read(2))], [true, 'ab']);
    ours.rollback_transaction();
    equal(ours.read(3), bytes('abc'));
    ours.abort();
});

test('every byte can be written, and text, GBytes and characters, too', () => {
    const [ours, peer] = connectPair();

    equal(ours.write(ALL_BYTES), 256);
    equal(ours.write_string('für'), 4);
    equal(ours.write_bytes(new GLib.Bytes(Uint8Array.of(0, 1))), 2);
    ok(ours.put_char(255), 'put_char()');
    equal(ours.write(new Uint8Array()), 0);
    ours.flush();
    equal(peer.receive(512), Uint8Array.of(...ALL_BYTES, ...bytes('für'), 0, 1, 255));
    ours.abort();
});

test('bytes-written has the number of bytes, and is not emitted inside write()', () => {
    const [ours] = connectPair();
    const numbers = [];
    ours.connect('bytes-written', (_ours, number) => numbers.push(number));
    ours.write(new Uint8Array(1000));

    equal(numbers, []);
    ours.wait_for_bytes_written(PATIENCE);
    equal(numbers, [1000]);
    ours.abort();
});

test('close() needs no argument: what was written arrives, then the end', async () => {
    const [ours, peer] = connectPair();
    ours.write(bytes('last bytes'));

    equal(ours.close(), true);
    equal([ours.is_closed(), ours.is_open()], [true, false]);
    await until(() => ours.state === Qnet.SocketState.UNCONNECTED);
    equal([peer.receive(100), peer.receive(1)].map(text), ['last bytes', '']);
});

test('writing to a device that is not open is an exception', async () => {
    isError(await failureOf(() => new Qnet.TcpSocket().write(bytes('x'))),
            Qnet.SocketError.OPERATION);
});

test('a subclass can look at what is written, and chain up', () => {
    const seen = [];
    const Watched = GObject.registerClass(class Watched extends Qnet.TcpSocket {
        vfunc_write_data(data) {
            seen.push(text(data));
            return super.vfunc_write_data(data);
        }
    });
    const [ours, peer] = connectPair(Watched);

    equal(ours.write(bytes('quiet')), 5);
    ours.flush();
    equal([seen[0], text(peer.receive(5))], ['quiet', 'quiet']);
    ours.abort();
});

// A device of one's own: what one end writes the other one reads.
const Queue = GObject.registerClass(class Queue extends Qnet.IODevice {
    _init() {
        super._init();
        this.arrived = [];
        this.set_open_mode(Qnet.OpenMode.READ_WRITE);
    }

    vfunc_read_data(maxSize) {
        return Uint8Array.from(this.arrived.splice(0, maxSize));
    }

    vfunc_write_data(data) {
        if (text(data) === 'bad')
            throw new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.NO_SPACE, 'bad bytes');
        this.peer.arrived.push(...data);
        this.peer.report_ready_read();
        this.report_bytes_written(data.length);
    }

    vfunc_close_device() {
        this.isReleased = true;
        this.peer.report_read_finished();
        return true;
    }
});

function makeQueues() {
    const [ours, far] = [new Queue(), new Queue()];
    [ours.peer, far.peer] = [far, ours];

    return [ours, far];
}

test('a device over a pair of queues reads and writes bytes, and emits the signals', async () => {
    const [ours, far] = makeQueues();
    const events = [];
    far.connect('ready-read', () => events.push(text(far.read())));
    ours.connect('bytes-written', (_ours, size) => events.push(size));

    equal(ours.write(bytes('hello')), 5);
    equal(events, []);
    await until(() => events.length === 2);
    equal(events.sort(), [5, 'hello']);
});

test('lines, peeking and transactions work on its bytes', () => {
    const [ours, far] = makeQueues();
    ours.write(bytes('one\ntwo\nrest'));

    equal(far.peek(3), bytes('one'));
    far.start_transaction();
    equal([...far].map(text), ['one\n', 'two\n']);
    far.rollback_transaction();
    equal(far.read_line_utf8(), 'one');
});

test('closing one end of it finishes the other one', async () => {
    const [ours, far] = makeQueues();
    ours.write(bytes('last'));
    ours.close();
    equal(text((await far.read_bytes_async()).toArray()), 'last');
    await until(() => far.read_finished);
    ok(ours.isReleased, 'released');
});

test('what it throws is thrown by write(), and a failure that is reported by all', async () => {
    const [ours] = makeQueues();
    const isGioError = (error, code) => error.matches(Gio.io_error_quark(), code);

    const thrown = await failureOf(() => ours.write(bytes('bad')));
    ok(isGioError(thrown, Gio.IOErrorEnum.NO_SPACE), 'thrown');
    ours.report_error(new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.BROKEN_PIPE, 'gone'));
    const failure = await failureOf(() => ours.wait_for_ready_read(PATIENCE));
    ok(isGioError(failure, Gio.IOErrorEnum.BROKEN_PIPE), 'reported');
});

test('the streams work on it, too', () => {
    const [ours, far] = makeQueues();
    ours.get_output_stream().write_all(bytes('stream'), null);

    equal(far.get_input_stream().read_bytes(9, null).toArray(), bytes('stream'));
});

test('a GDataInputStream over the socket reads lines', async () => {
    const [ours, peer] = connectPair();
    const lines = Gio.DataInputStream.new(ours.get_input_stream());
    peer.send('one\ntwo\n');
    peer.close();

    equal(lines.read_line_utf8(null)[0], 'one');
    const second = new Promise((resolve, reject) => {
        lines.read_line_async(GLib.PRIORITY_DEFAULT, null, (_lines, result) => {
            try {
                resolve(lines.read_line_finish_utf8(result)[0]);
            } catch (error) {
                reject(error);
            }
        });
    });
    equal(await second, 'two');
    equal(lines.read_line_utf8(null)[0], null);
});

test('what is spliced into the output stream arrives', async () => {
    const [ours, peer] = connectPair();
    const size = await new Promise(resolve => {
        ours.get_output_stream().splice_async(
            Gio.MemoryInputStream.new_from_bytes(new GLib.Bytes(ALL_BYTES)),
            Gio.OutputStreamSpliceFlags.CLOSE_SOURCE, GLib.PRIORITY_DEFAULT, null,
            (stream, result) => resolve(stream.splice_finish(result)));
    });

    equal(size, 256);
    equal(peer.receive(256), ALL_BYTES);
    ours.abort();
});

await run();
