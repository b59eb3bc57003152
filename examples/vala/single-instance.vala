/* single-instance.vala: the first instance keeps running, and others pass their arguments to it
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

void open_files (Qnet.IODevice connection) {
    try {
        while (connection.can_read_line ()) {
            print ("Asked to open: %s\n", connection.read_line_utf8 (0).chomp ());
        }
    } catch (Error error) {
        printerr ("%s\n", error.message);
    }
}

/* Fails if another instance is running. */
bool become_first (Qnet.LocalServer server, string name) throws Error {
    try {
        // Removes the file of a server that has crashed, but not that of a running server.
        Qnet.LocalServer.remove_server (name);
        return server.listen (name);
    } catch (Error error) {
        if (error is Qnet.SocketError.ADDRESS_IN_USE) {
            return false;
        }

        throw error;
    }
}

bool hand_over (string name, string[] words) throws Error {
    var socket = new Qnet.LocalSocket ();

    socket.connect_to_server (name);
    try {
        socket.wait_for_connected (5000);
    } catch (Error error) {
        return false;
    }

    foreach (var word in words) {
        socket.write_string (word + "\n");
    }

    socket.disconnect_from_server ();
    if (socket.state != Qnet.SocketState.UNCONNECTED) {
        socket.wait_for_disconnected (5000);
    }

    return true;
}

int main (string[] args) {
    var options = new OptionContext ("NAME [ARGUMENT...] - pass arguments to the first instance");
    var server = new Qnet.LocalServer ();

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length < 2) {
            throw new OptionError.FAILED ("A name is needed");
        }
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        server.new_connection.connect (() => {
            server.next_pending_connection ().ready_read.connect (open_files);
        });

        // If both fail, the first instance has exited in the meantime, or does not listen yet.
        while (!become_first (server, args[1])) {
            if (hand_over (args[1], args[2:args.length])) {
                return 0;
            }
        }
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    print ("This is the first one.\n");
    new MainLoop ().run ();

    return 0;
}
