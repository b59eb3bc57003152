#!/usr/bin/gjs -m
//
// fortune-server.js: sends a fortune to each client
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const FORTUNES = [
    'A server that listens learns more than one that talks.\n',
    'Today a packet will find you that was lost long ago.\n',
    'You will soon be connected to an interesting host.\n',
    'Close what you open, and you will never run out.\n',
    'Patience: every buffer drains in the end.\n',
    'The shortest route is rarely the one with the most traffic.\n',
];

const options = parse('fortune-server.js [--address ADDRESS] [--port PORT]', {
    options: { address: '127.0.0.1', port: '0' },
});
const port = options.toNumber(options.port, 'A port', 0, 65535);
const address =
  Qnet.HostAddress.from_string(options.address) ?? fail(`Not an address: ${options.address}`);
const server = new Qnet.TcpServer();

server.connect('new-connection', () => {
    // The server keeps a reference to the connection until it is disconnected.
    const connection = server.next_pending_connection();

    // Written data is sent before the connection is closed.
    connection.write_string(FORTUNES[GLib.random_int_range(0, FORTUNES.length)]);
    connection.disconnect_from_host();
});

try {
    server.listen(address, port);
} catch (error) {
    fail(error.message);
}

print(`The server is running on ${server.server_address} port ${server.server_port}`);
new GLib.MainLoop(null, false).run();
