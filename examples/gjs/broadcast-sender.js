#!/usr/bin/gjs -m
//
// broadcast-sender.js: broadcasts a datagram on the network once a second
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const options = parse('broadcast-sender.js [--address ADDRESS] [--port PORT] [--count COUNT]', {
    options: { address: '255.255.255.255', port: '45454', count: '0' },
});
const port = options.toPort(options.port);
const count = options.toNumber(options.count, 'The count', 0, 1000000); // 0 is for ever
const address =
  Qnet.HostAddress.from_string(options.address) ?? fail(`Not an address: ${options.address}`);
const socket = new Qnet.UdpSocket();
const loop = new GLib.MainLoop(null, false);
let number = 0;

GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 1, () => {
    const text = `Broadcast datagram ${++number}`;

    try {
        socket.write_datagram_to(new TextEncoder().encode(text), address, port);
        print(`Sent: ${text}`);
    } catch (error) {
        fail(error.message);
    }

    if (number === count)
        loop.quit();

    return GLib.SOURCE_CONTINUE;
});

loop.run();
