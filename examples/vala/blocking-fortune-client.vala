/* blocking-fortune-client.vala: asks for a fortune step by step, without a main loop
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const int PATIENCE = 5000;  // milliseconds, for each step

string ask (string host, uint16 port) throws Error {
    var socket = new Qnet.TcpSocket ();

    socket.connect_to_host (host, port);
    socket.wait_for_connected (PATIENCE);

    // A line may come in pieces.
    while (!socket.can_read_line ()) {
        socket.wait_for_ready_read (PATIENCE);
    }

    return socket.read_line_utf8 (0);
}

int main (string[] args) {
    uint64 port = 0;

    Intl.setlocale ();

    if (args.length != 3 || !uint64.try_parse (args[2], out port) || port > uint16.MAX) {
        printerr ("Usage: blocking-fortune-client HOST PORT\n");
        return 1;
    }

    try {
        print ("%s\n", ask (args[1], (uint16) port));
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    return 0;
}
