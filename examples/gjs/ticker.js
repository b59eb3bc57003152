#!/usr/bin/gjs -m
//
// ticker.js: prints what a server reports, line by line, and comes back when the connection is lost
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const usage = 'ticker.js HOST PORT [--user USER] [--lines N] [--attempts N]';
const { words: [host, port], user, toPort, toNumber, ...numbers } = parse(usage, {
    options: { user: 'reader', lines: '0', attempts: '0' }, min: 2,
});

// A server that accepts connections and sends nothing is lost, too.
const socket = new Qnet.TcpSocket({ idle_timeout: 60000 });
const reconnector = new Qnet.Reconnector({
    socket, max_attempts: toNumber(numbers.attempts, 'A number of attempts', 0, 1e9),
});
const loop = new GLib.MainLoop(null, false);
let lines = toNumber(numbers.lines, 'A number of lines', 0, 1e9);
let hold = 0; // while the answer to the login is awaited
let failure = null;

function handleAnswer(answer) {
    const current = hold;

    hold = 0;
    if (answer === 'OK') {
        reconnector.resume(current);
    } else {
        reconnector.fail(current, new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.PERMISSION_DENIED,
            `The login was refused: ${answer}`));
    }
}

function handleLine(line) {
    print(line);
    lines--;
    if (lines === 0)
        loop.quit();
}

socket.connect('ready-read', () => {
    while (socket.can_read_line()) {
        const line = new TextDecoder().decode(socket.read_line()).replace(/\n$/, '');

        if (hold)
            handleAnswer(line);
        else
            handleLine(line);
    }
});

// Emitted for each new connection, before it counts as one
reconnector.connect('prepare', () => {
    socket.write(`LOGIN ${user}\n`);
    hold = reconnector.hold();
});
reconnector.connect('disconnected', () => printerr(reconnector.error.message));
reconnector.connect('gave-up', (_reconnector, error) => {
    failure = error;
    loop.quit();
});

reconnector.add_host(host, toPort(port));
reconnector.start();
loop.run();

if (failure)
    fail(failure.message);
