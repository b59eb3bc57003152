#!/usr/bin/gjs -m
//
// starttls-client.js: asks for a fortune, once STARTTLS has encrypted the connection
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { authority, words: [host, port],
        toPort } = parse('starttls-client.js [--authority FILE] HOST PORT', {
    options: { authority: null }, min: 2,
});
const number = toPort(port);
const socket = new Qnet.SslSocket();

async function command(text) {
    socket.write_string(`${text}\n`);

    const line = await socket.read_line_async();
    if (line.length === 0)
        throw new Error(`${host} port ${port} has closed the connection`);

    return new TextDecoder().decode(line).trimEnd();
}

try {
    if (authority !== null)
        socket.set_database_file(authority);

    await socket.connect_to_host_async(host, number);

    // An attacker may have changed the answer: without encryption this is the end.
    if (await command('STARTTLS') !== 'OK')
        fail(`${host} port ${port} does not encrypt connections`);

    await socket.start_client_encryption_async();
    print(await command('FORTUNE'));
} catch (error) {
    fail(error.message);
}
