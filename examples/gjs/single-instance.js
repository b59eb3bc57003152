#!/usr/bin/gjs -m
//
// single-instance.js: the first instance keeps running, and others pass their arguments to it
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

import { fail, parse } from './command-line.js';

// Fails if another instance is running.
function becomeFirst(server, name) {
    try {
        // Removes the file of a server that has crashed, but not that of a running server.
        Qnet.LocalServer.remove_server(name);
        return server.listen(name);
    } catch (error) {
        if (error.matches(Qnet.SocketError, Qnet.SocketError.ADDRESS_IN_USE))
            return false;

        return fail(error.message);
    }
}

function handOver(name, words) {
    const socket = new Qnet.LocalSocket();

    socket.connect_to_server(name);
    try {
        socket.wait_for_connected(5000);
    } catch {
        return false;
    }

    for (const word of words)
        socket.write_string(`${word}\n`);

    socket.disconnect_from_server();
    if (socket.get_state() !== Qnet.SocketState.UNCONNECTED)
        socket.wait_for_disconnected(5000);

    return true;
}

function openFiles(connection) {
    for (const line of connection)
        print(`Asked to open: ${new TextDecoder().decode(line).trimEnd()}`);
}

const { words: [name, ...words] } = parse('single-instance.js NAME [ARGUMENT...]',
                                          { min: 1, max: Infinity });
const server = new Qnet.LocalServer();
server.connect('new-connection',
               () => server.next_pending_connection().connect('ready-read', openFiles));

// If both fail, the first instance has exited in the meantime, or does not listen yet.
while (!becomeFirst(server, name)) {
    if (handOver(name, words))
        System.exit(0);
}

print('This is the first one.');
new GLib.MainLoop(null, false).run();
