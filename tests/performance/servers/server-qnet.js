#!/usr/bin/gjs -m
//
// server-qnet.js: an echo server in JavaScript on qnet
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

if (ARGV[0] !== 'echo') {
    print('left out: in JavaScript there is only the echo');
    System.exit(77);
}

const server = new Qnet.TcpServer();

server.connect('new-connection', () => {
    const connection = server.next_pending_connection();
    connection.connect('ready-read', () => connection.write(connection.read_all()));
});
server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), 0);
print(server.server_port);
new GLib.MainLoop(null, false).run();
