#!/usr/bin/gjs -m
//
// client-certificate-server.js: welcomes clients by the names in their certificates
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const USAGE = 'client-certificate-server.js --certificate FILE --authority FILE [--port PORT]';
const { certificate, authority, port, toNumber } = parse(USAGE, {
    options: { certificate: null, authority: null, port: '0' },
});
const number = toNumber(port, 'A port', 0, 65535);
const server = new Qnet.SslServer();

if (certificate === null || authority === null)
    fail(`A certificate and an authority are needed\n\nUsage: ${USAGE}`);

server.connect('new-connection', () => {
    // Emitted only for clients whose certificate the authority has signed.
    const connection = server.next_pending_connection();

    connection.write_string(`Welcome, ${connection.peer_certificate.subject_name}\n`);
    connection.disconnect_from_host();
});
server.connect('handshake-failed', (_, socket, error) => printerr(error.message));

try {
    server.set_certificate_files(certificate, null);
    server.set_database_file(authority);
    server.peer_verify_mode = Qnet.SslPeerVerifyMode.VERIFY;
    server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), number);
} catch (error) {
    fail(error.message);
}

print(`The server is running on ${server.server_address} port ${server.server_port}`);
new GLib.MainLoop(null, false).run();
