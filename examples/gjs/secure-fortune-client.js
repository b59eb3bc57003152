#!/usr/bin/gjs -m
//
// secure-fortune-client.js: asks for a fortune, encrypted
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { authority, words: [host, port],
        toPort } = parse('secure-fortune-client.js [--authority FILE] HOST PORT', {
    options: { authority: null }, min: 2,
});
const number = toPort(port);
const socket = new Qnet.SslSocket();

try {
    if (authority !== null)
        socket.set_database_file(authority);

    // An invalid certificate is an error; nothing was sent then.
    await socket.connect_to_host_encrypted_async(host, number);
    print(new TextDecoder().decode(await socket.read_line_async()).trimEnd());
} catch (error) {
    fail(error.message);
}
