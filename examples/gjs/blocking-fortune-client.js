#!/usr/bin/gjs -m
//
// blocking-fortune-client.js: asks for a fortune step by step, without a main loop
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const PATIENCE = 5000; // milliseconds, for each step

function ask(host, port) {
    const socket = new Qnet.TcpSocket();

    socket.connect_to_host(host, port);
    socket.wait_for_connected(PATIENCE);

    // A line may arrive in pieces.
    while (!socket.can_read_line())
        socket.wait_for_ready_read(PATIENCE);

    const fortune = socket.read_line_utf8();
    socket.close();

    return fortune;
}

const { words: [host, port], toPort } = parse('blocking-fortune-client.js HOST PORT', { min: 2 });
const number = toPort(port);

try {
    print(ask(host, number));
} catch (error) {
    fail(error.message);
}
