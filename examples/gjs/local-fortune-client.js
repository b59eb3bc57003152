#!/usr/bin/gjs -m
//
// local-fortune-client.js: asks the fortune server of this user
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const { words: [name = 'fortune'] } = parse('local-fortune-client.js [NAME]', { max: 1 });

try {
    const socket = new Qnet.LocalSocket();

    await socket.connect_to_server_async(name);

    const fortune = await socket.read_line_async();
    if (fortune.length === 0)
        throw new Error('The server has no fortune today.');

    print(new TextDecoder().decode(fortune).trimEnd());
} catch (error) {
    fail(error.message);
}
