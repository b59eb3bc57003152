#!/usr/bin/gjs -m
//
// broadcast-receiver.js: prints the datagrams that are broadcast on the network
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { port, toNumber } = parse('broadcast-receiver.js [--port PORT]',
                                 { options: { port: '45454' } });
const number = toNumber(port, 'A port', 0, 65535);
const socket = new Qnet.UdpSocket();

socket.connect('ready-read', () => {
    // The signal is emitted again when more datagrams are available after a read.
    const [data, address] = socket.read_datagram();

    print(`${address}: ${new TextDecoder().decode(data)}`);
});

try {
    socket.bind_port(number, Qnet.BindFlags.SHARE_ADDRESS);
} catch (error) {
    fail(error.message);
}

print(`Listening on port ${socket.local_port}`);
new GLib.MainLoop(null, false).run();
