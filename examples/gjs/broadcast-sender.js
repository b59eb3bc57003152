#!/usr/bin/gjs -m
//
// broadcast-sender.js: tells everybody on the network something, once a second
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

function fail(message) {
    printerr(message);
    System.exit(1);
}

// The words behind "--address", "--port" and "--count"
function parse(words) {
    const options = { address: '255.255.255.255', port: '45454', count: 'Infinity' };

    for (let i = 0; i < words.length; i += 2) {
        const name = words[i].replace(/^--/, '');

        if (!(name in options) || words[i + 1] === undefined)
            fail('Usage: broadcast-sender.js [--address ADDRESS] [--port PORT] [--count COUNT]');

        options[name] = words[i + 1];
    }

    return options;
}

const options = parse(ARGV);
const address = Qnet.HostAddress.from_string(options.address) ?? fail(`That is no address: ${options.address}`);
const socket = new Qnet.UdpSocket();
const loop = new GLib.MainLoop(null, false);
let number = 0;

GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 1, () => {
    const text = `Broadcast datagram ${++number}`;

    try {
        socket.write_datagram_to(new TextEncoder().encode(text), address, Number(options.port));
        print(`Sent: ${text}`);
    } catch (error) {
        fail(error.message);
    }

    if (number >= Number(options.count))
        loop.quit();

    return GLib.SOURCE_CONTINUE;
});

loop.run();
