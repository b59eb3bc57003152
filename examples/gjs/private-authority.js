#!/usr/bin/gjs -m
//
// private-authority.js: connects to a server that an authority of one's own has signed
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { words: [authority, host, port],
        toPort } = parse('private-authority.js AUTHORITY HOST PORT', { min: 3 });
const number = toPort(port);

try {
    // The default of everything that is created from now on
    new Qnet.SslConfiguration().with_database_file(authority).set_default();

    const socket = new Qnet.SslSocket();
    await socket.connect_to_host_encrypted_async(host, number);

    const { subject_name, issuer_name } = socket.peer_certificate;
    print(`${subject_name}, signed by ${issuer_name}`);
} catch (error) {
    fail(error.message);
}
