#!/usr/bin/gjs -m
//
// https-get.js: fetches a page
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { authority, words: [host, port, path],
        toPort } = parse('https-get.js [--authority FILE] HOST PORT PATH', {
    options: { authority: null }, min: 3,
});
const number = toPort(port);
const socket = new Qnet.SslSocket();

try {
    if (authority !== null)
        socket.set_database_file(authority);

    await socket.connect_to_host_encrypted_async(host, number);
    socket.write_string(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

    for await (const line of socket)
        print(new TextDecoder().decode(line).trimEnd());
} catch (error) {
    fail(error.message);
}
