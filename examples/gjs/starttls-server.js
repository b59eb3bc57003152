#!/usr/bin/gjs -m
//
// starttls-server.js: sends fortunes, once STARTTLS has encrypted the connection
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Qnet from 'gi://Qnet?version=1';

import { fail, parse } from './command-line.js';

const FORTUNES = [
    'What begins in the open will end in confidence.\n',
    'You will change your cipher, and keep your friends.\n',
    'Read everything before you start something new.\n',
];

const USAGE = 'starttls-server.js --certificate FILE [--port PORT]';
const { certificate, port, toNumber } = parse(USAGE, { options: { certificate: null, port: '0' } });
const number = toNumber(port, 'A port', 0, 65535);
let configuration;

// The connections of a QnetSslServer are encrypted from the start; these can be, later.
const FortuneServer = GObject.registerClass(class FortuneServer extends Qnet.TcpServer {
    vfunc_incoming_connection(fd) {
        const connection = new Qnet.SslSocket({ ssl_configuration: configuration });

        connection.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE);
        this.add_pending_connection(connection);
    }
});

function answer(connection, command) {
    if (command === 'STARTTLS' && !connection.encrypted) {
        connection.write_string('OK\n');  // unencrypted; what is written from now on is encrypted
        connection.start_server_encryption();
    } else if (command === 'FORTUNE' && connection.encrypted) {
        connection.write_string(FORTUNES[GLib.random_int_range(0, FORTUNES.length)]);
    } else {
        connection.write_string('NO\n');
    }
}

function readyRead(connection) {
    try {
        while (connection.can_read_line())
            answer(connection, new TextDecoder().decode(connection.read_line()).trimEnd());
    } catch (error) {
        printerr(error.message);  // the connection has been aborted
    }
}

if (certificate === null)
    fail(`A certificate is needed\n\nUsage: ${USAGE}`);

const server = new FortuneServer();

server.connect('new-connection', () =>
    server.next_pending_connection().connect('ready-read', readyRead));

try {
    configuration = new Qnet.SslConfiguration().with_certificate_files(certificate, null);
    server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), number);
} catch (error) {
    fail(error.message);
}

print(`The server is running on ${server.server_address} port ${server.server_port}`);
new GLib.MainLoop(null, false).run();
