#!/usr/bin/gjs -m
//
// secure-fortune-server.js: sends a fortune to each client, encrypted
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const FORTUNES = [
    'What is sealed today is read by the right one tomorrow.\n',
    'An old friend will present a valid certificate.\n',
    "An unknown signature proves nothing. Ask for a known one.\n",
];

const USAGE = 'secure-fortune-server.js --certificate FILE [--port PORT]';
const { certificate, port, toNumber } = parse(USAGE, { options: { certificate: null, port: '0' } });
const number = toNumber(port, 'A port', 0, 65535);
const server = new Qnet.SslServer();

if (certificate === null)
    fail(`A certificate is needed\n\nUsage: ${USAGE}`);

server.connect('new-connection', () => {
    // Emitted when a connection is encrypted, and not for those that fail.
    const connection = server.next_pending_connection();

    connection.write_string(FORTUNES[GLib.random_int_range(0, FORTUNES.length)]);
    connection.disconnect_from_host();
});
server.connect('handshake-failed', (_, socket, error) => printerr(error.message));

try {
    server.set_certificate_files(certificate, null);
    server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), number);
} catch (error) {
    fail(error.message);
}

print(`The server is running on ${server.server_address} port ${server.server_port}`);
new GLib.MainLoop(null, false).run();
