#!/usr/bin/gjs -m
//
// server-gio.js: an echo server in JavaScript on GIO's streams
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async', 'read_bytes_finish');
Gio._promisify(Gio.OutputStream.prototype, 'write_bytes_async', 'write_bytes_finish');

async function echo(stream) {
    const input = stream.get_input_stream();
    const output = stream.get_output_stream();

    for (;;) {
        let bytes = await input.read_bytes_async(4096, GLib.PRIORITY_DEFAULT, null);

        if (bytes.get_size() === 0)
            break;

        while (bytes.get_size() > 0) {
            const n = await output.write_bytes_async(bytes, GLib.PRIORITY_DEFAULT, null);
            bytes = bytes.new_from_bytes(n, bytes.get_size() - n);
        }
    }

    stream.close(null);
}

if (ARGV[0] !== 'echo') {
    print('left out: in JavaScript there is only the echo');
    System.exit(77);
}

const service = new Gio.SocketService();
const streams = new Set();

service.set_backlog(4096);
service.connect('incoming', (_service, stream) => {
    stream.get_socket().set_option(6, 1, 1);  // IPPROTO_TCP, TCP_NODELAY
    streams.add(stream);
    echo(stream).catch(() => {}).then(() => streams.delete(stream));

    return true;
});

const loopback = Gio.InetSocketAddress.new_from_string('127.0.0.1', 0);
const [, address] = service.add_address(
    loopback, Gio.SocketType.STREAM, Gio.SocketProtocol.DEFAULT, null);

print(address.get_port());
new GLib.MainLoop(null, false).run();
