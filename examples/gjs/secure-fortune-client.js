#!/usr/bin/gjs -m
//
// secure-fortune-client.js: asks for a fortune, and nobody listens in
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

const { PRIORITY_DEFAULT } = GLib;
const [host, port, option, authority] = ARGV;

if (!host || !port) {
    printerr('Usage: secure-fortune-client.js HOST PORT [--authority FILE]');
    System.exit(1);
}

const socket = new Qnet.SslSocket();

try {
    if (option === '--authority')
        socket.set_database_file(authority);

    // A certificate that is not as it should be is an error here: nothing was sent then.
    await socket.connect_to_host_encrypted_async(host, Number(port), PRIORITY_DEFAULT, null);
    print(new TextDecoder().decode(await socket.read_line_async(0, PRIORITY_DEFAULT, null)).trimEnd());
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
