/* session-resumption.vala: connects twice, and resumes the session of the first connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const int PATIENCE = 5000;  // milliseconds, for each step

string? authority = null;

const OptionEntry[] OPTIONS = {
    { "authority", 'a', 0, OptionArg.FILENAME, ref authority, "Trust this PEM file, not the system",
      "FILE" },
    { null }
};

bool connect_once (string host, uint16 port) throws Error {
    var socket = new Qnet.SslSocket ();

    if (authority != null) {
        socket.set_database_file (authority);
    }

    socket.connect_to_host_encrypted (host, port);
    socket.wait_for_encrypted (PATIENCE);

    // In TLS 1.3 the ticket for the next connection comes in front of the server's data.
    while (!socket.can_read_line ()) {
        socket.wait_for_ready_read (PATIENCE);
    }

    return socket.session_reused;
}

void connect_twice (string host, uint16 port) throws Error {
    for (int number = 1; number <= 2; number++) {
        bool reused = connect_once (host, port);

        print ("Connection %d: %s\n", number, reused ? "session reused" : "full handshake");
    }
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT - connect twice, and resume the session");
    uint16 port;

    Intl.setlocale ();

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
        if (args.length != 3) {
            throw new OptionError.FAILED ("A host and a port are needed");
        }
        port = parse_port (args[2]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        connect_twice (args[1], port);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    return 0;
}
