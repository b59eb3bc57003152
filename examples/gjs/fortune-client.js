#!/usr/bin/gjs -m
//
// fortune-client.js: asks for a fortune, while the main loop runs
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

async function ask(host, port) {
    const socket = new Qnet.TcpSocket();

    await socket.connect_to_host_async(host, port);

    const fortune = await socket.read_line_async();
    socket.close();

    if (fortune.length === 0)
        throw new Error('The server has no fortune today.');

    return new TextDecoder().decode(fortune);
}

const { words: [host, port], toPort } = parse('fortune-client.js HOST PORT', { min: 2 });
const number = toPort(port);

try {
    const fortune = await ask(host, number);
    print(fortune.trimEnd());
} catch (error) {
    fail(error.message);
}
