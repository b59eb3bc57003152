#!/usr/bin/gjs -m
//
// local-fortune-server.js: sends a fortune to each client of the same user
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const FORTUNES = [
    'A server that listens learns more than one that talks.\n',
    'You will soon be connected to an interesting host.\n',
    'The shortest route is rarely the one with the most traffic.\n',
];

const { words: [name = 'fortune'] } = parse('local-fortune-server.js [NAME]', { max: 1 });
const server = new Qnet.LocalServer();

server.connect('new-connection', () => {
    // The server keeps a reference to the connection until it is disconnected.
    const connection = server.next_pending_connection();

    // Written data is sent before the connection is closed.
    connection.write_string(FORTUNES[GLib.random_int_range(0, FORTUNES.length)]);
    connection.disconnect_from_server();
});

try {
    // Removes the file of a server that has crashed, but not that of a running server.
    Qnet.LocalServer.remove_server(name);
    server.listen(name);
} catch (error) {
    fail(error.message);
}

print(`The server is running on ${server.get_full_server_name()}`);
new GLib.MainLoop(null, false).run();
