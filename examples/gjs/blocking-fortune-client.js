#!/usr/bin/gjs -m
//
// blocking-fortune-client.js: asks for a fortune step by step, without a main loop
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';
import System from 'system';

const PATIENCE = 5000; // milliseconds, for each step

function ask(host, port) {
    const socket = new Qnet.TcpSocket();

    socket.connect_to_host(host, port);
    socket.wait_for_connected(PATIENCE);

    // A line may come in pieces.
    while (!socket.can_read_line())
        socket.wait_for_ready_read(PATIENCE);

    const fortune = socket.read_line_utf8(0);
    socket.close();

    return fortune;
}

if (ARGV.length !== 2) {
    printerr('Usage: blocking-fortune-client.js HOST PORT');
    System.exit(1);
}

try {
    print(ask(ARGV[0], Number(ARGV[1])));
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
