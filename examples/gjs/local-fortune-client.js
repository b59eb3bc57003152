#!/usr/bin/gjs -m
//
// local-fortune-client.js: asks the fortune server of this user
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

try {
    const socket = new Qnet.LocalSocket();

    await socket.connect_to_server_async(ARGV[0] ?? 'fortune', GLib.PRIORITY_DEFAULT, null);

    const fortune = await socket.read_line_async(0, GLib.PRIORITY_DEFAULT, null);
    if (fortune.length === 0)
        throw new Error('The server has no fortune today.');

    print(new TextDecoder().decode(fortune).trimEnd());
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
