/* starttls-client.vala: asks for a fortune, once STARTTLS has encrypted the connection
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

/* A line may arrive in pieces. */
string read_line (Qnet.SslSocket socket) throws Error {
    while (!socket.can_read_line ()) {
        socket.wait_for_ready_read (PATIENCE);
    }

    return socket.read_line_utf8 (0);
}

string ask (string host, uint16 port) throws Error {
    var socket = new Qnet.SslSocket ();

    if (authority != null) {
        socket.set_database_file (authority);
    }

    socket.connect_to_host (host, port);
    socket.wait_for_connected (PATIENCE);

    // An attacker may have changed the answer: without encryption this is the end.
    socket.write_string ("STARTTLS\n");
    if (read_line (socket) != "OK") {
        throw new IOError.FAILED ("%s port %u does not encrypt connections", host, port);
    }

    socket.start_client_encryption ();
    socket.wait_for_encrypted (PATIENCE);
    socket.write_string ("FORTUNE\n");

    return read_line (socket);
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT - ask for a fortune, after STARTTLS");
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
        print ("%s\n", ask (args[1], port));
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    return 0;
}
