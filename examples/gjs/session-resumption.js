#!/usr/bin/gjs -m
//
// session-resumption.js: connects twice, and resumes the session of the first connection
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { authority, words: [host, port],
        toPort } = parse('session-resumption.js [--authority FILE] HOST PORT', {
    options: { authority: null }, min: 2,
});
const number = toPort(port);

async function connect() {
    const socket = new Qnet.SslSocket();

    if (authority !== null)
        socket.set_database_file(authority);

    // In TLS 1.3 the ticket for the next connection comes in front of the server's data.
    await socket.connect_to_host_encrypted_async(host, number);
    const line = await socket.read_line_async();
    if (line.length === 0)
        throw new Error(`${host} port ${port} has closed the connection`);

    return socket.session_reused;
}

try {
    for (const i of [1, 2])
        print(`Connection ${i}: ${await connect() ? 'session reused' : 'full handshake'}`);
} catch (error) {
    fail(error.message);
}
