#!/usr/bin/gjs -m
//
// https-get.js: fetches a page
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

const { PRIORITY_DEFAULT } = GLib;
const [host, port, path, option, authority] = ARGV;

if (!path) {
    printerr('Usage: https-get.js HOST PORT PATH [--authority FILE]');
    System.exit(1);
}

const socket = new Qnet.SslSocket();

try {
    if (option === '--authority')
        socket.set_database_file(authority);

    await socket.connect_to_host_encrypted_async(host, Number(port), PRIORITY_DEFAULT, null);
    socket.write_string(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

    for await (const line of socket)
        print(new TextDecoder().decode(line).trimEnd());
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
