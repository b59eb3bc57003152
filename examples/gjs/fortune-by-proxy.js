#!/usr/bin/gjs -m
//
// fortune-by-proxy.js: asks for a fortune through a proxy
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const PATIENCE = 5000; // milliseconds, for each step

function authenticate(socket, proxy, authenticator) {
    // A program with windows would hold the authenticator, show a dialog, and then resume.
    authenticator.user = GLib.getenv('PROXY_USER');
    authenticator.password = GLib.getenv('PROXY_PASSWORD');
}

function ask(proxy, host, port) {
    const socket = new Qnet.TcpSocket({ proxy });

    socket.connect('proxy-authentication-required', authenticate);
    socket.connect_to_host(host, port);
    socket.wait_for_connected(PATIENCE);

    while (!socket.can_read_line())
        socket.wait_for_ready_read(PATIENCE);

    const fortune = socket.read_line_utf8();
    socket.close();

    return fortune;
}

const { words: [uri, host, port], toPort } = parse('fortune-by-proxy.js PROXY-URI HOST PORT',
                                                   { min: 3 });
const number = toPort(port);

try {
    print(ask(Qnet.NetworkProxy.new_from_uri(uri), host, number));
} catch (error) {
    fail(error.message);
}
