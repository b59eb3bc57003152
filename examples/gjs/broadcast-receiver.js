#!/usr/bin/gjs -m
//
// broadcast-receiver.js: prints what is told to everybody on the network
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

if (ARGV.length !== 0 && (ARGV.length !== 2 || ARGV[0] !== '--port')) {
    printerr('Usage: broadcast-receiver.js [--port PORT]');
    System.exit(1);
}

const socket = new Qnet.UdpSocket();

socket.connect('ready-read', () => {
    // It comes again when more datagrams come after a read.
    const [data, address] = socket.read_datagram(-1);

    print(`${address}: ${new TextDecoder().decode(data)}`);
});

try {
    socket.bind_port(Number(ARGV[1] ?? 45454), Qnet.BindFlags.SHARE_ADDRESS);
} catch (error) {
    printerr(error.message);
    System.exit(1);
}

print(`Listening on port ${socket.local_port}`);
new GLib.MainLoop(null, false).run();
