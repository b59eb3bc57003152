#!/usr/bin/gjs -m
//
// fortune-client.js: asks for a fortune, and goes on with other things until it comes
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

async function ask(host, port) {
    const socket = new Qnet.TcpSocket();

    await socket.connect_to_host_async(host, port, GLib.PRIORITY_DEFAULT, null);

    const fortune = await socket.read_line_async(0, GLib.PRIORITY_DEFAULT, null);
    socket.close();

    if (fortune.length === 0)
        throw new Error('The server has no fortune today.');

    return new TextDecoder().decode(fortune);
}

if (ARGV.length !== 2) {
    printerr('Usage: fortune-client.js HOST PORT');
    System.exit(1);
}

try {
    const fortune = await ask(ARGV[0], Number(ARGV[1]));
    print(fortune.trimEnd());
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
