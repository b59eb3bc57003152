#!/usr/bin/gjs -m
//
// client-certificate-client.js: shows a certificate of its own to a server
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const USAGE = 'client-certificate-client.js [--authority FILE] [--certificate FILE] HOST PORT';
const { authority, certificate, words: [host, port], toPort } = parse(USAGE, {
    options: { authority: null, certificate: null }, min: 2,
});
const number = toPort(port);
const socket = new Qnet.SslSocket();

try {
    if (authority !== null)
        socket.set_database_file(authority);
    if (certificate !== null)
        socket.set_certificate_files(certificate, null);

    await socket.connect_to_host_encrypted_async(host, number);

    // In TLS 1.3 a server refuses the certificate of a client now, after the handshake.
    const line = await socket.read_line_async();
    if (line.length === 0)
        throw new Error(`${host} port ${port} has closed the connection`);

    print(new TextDecoder().decode(line).trimEnd());
} catch (error) {
    fail(error.message);
}
