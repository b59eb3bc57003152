/* threaded-fortune-client.vala: asks for a fortune in a thread, while the main loop runs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const int PATIENCE = 5000;  // milliseconds, for each step

/* In the thread: the socket is created, used and freed here, and driven by its waits. */
string ask (string host, uint16 port) throws Error {
    var socket = new Qnet.TcpSocket ();

    socket.connect_to_host (host, port);
    socket.wait_for_connected (PATIENCE);

    // A line may arrive in pieces.
    while (!socket.can_read_line ()) {
        socket.wait_for_ready_read (PATIENCE);
    }

    return socket.read_line_utf8 (0);
}

/* In the main loop, before and after the thread. */
async string ask_in_thread (string host, uint16 port) throws Error {
    SourceFunc resume = ask_in_thread.callback;
    string? fortune = null;
    Error? failure = null;

    var thread = new Thread<void> ("fortune", () => {
        try {
            fortune = ask (host, port);
        } catch (Error error) {
            failure = error;
        }
        Idle.add ((owned) resume);
    });

    yield;
    thread.join ();

    if (failure != null) {
        throw failure;
    }

    return fortune;
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT - ask for a fortune in a thread");
    var loop = new MainLoop ();
    int status = 1;
    uint16 port;

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length != 3) {
            throw new OptionError.FAILED ("A host and a port are needed");
        }
        port = parse_port (args[2]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    ask_in_thread.begin (args[1], port, (source, result) => {
        try {
            print ("%s\n", ask_in_thread.end (result));
            status = 0;
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
        loop.quit ();
    });

    loop.run ();

    return status;
}
