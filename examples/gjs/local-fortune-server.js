#!/usr/bin/gjs -m
//
// local-fortune-server.js: tells a fortune to every program of this user that asks
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const FORTUNES = [
    'A server that listens learns more than one that talks.\n',
    'You will soon be connected to somebody interesting.\n',
    'The shortest route is the one nobody else is taking.\n',
];

const { words: [name = 'fortune'] } = parse('local-fortune-server.js [NAME]', { max: 1 });
const server = new Qnet.LocalServer();

server.connect('new-connection', () => {
    // The server keeps the connection until it is disconnected: this variable may go.
    const connection = server.next_pending_connection();

    // What was written is sent before the connection ends.
    connection.write_string(FORTUNES[GLib.random_int_range(0, FORTUNES.length)]);
    connection.disconnect_from_server();
});

try {
    // A server that has crashed leaves its file behind; a live one is spared.
    Qnet.LocalServer.remove_server(name);
    server.listen(name);
} catch (error) {
    fail(error.message);
}

print(`The server is running on ${server.get_full_server_name()}`);
new GLib.MainLoop(null, false).run();
