/* ticker.vala: prints what a server reports, line by line, and comes back when the connection is
 * lost
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

class Ticker {
    public string user = "reader";
    public int lines = 0;
    public Error? error = null;
    public MainLoop loop = new MainLoop ();

    Qnet.TcpSocket socket = new Qnet.TcpSocket ();
    Qnet.Reconnector reconnector;
    int hold = 0;  // while the answer to the login is awaited

    public Ticker (string host, uint16 port, int attempts) {
        // A server that accepts connections and sends nothing is lost, too.
        socket.idle_timeout = 60000;
        socket.ready_read.connect (read_lines);

        reconnector = new Qnet.Reconnector (socket, null) { max_attempts = attempts };
        reconnector.add_host (host, port);
        reconnector.prepare.connect (log_in);
        reconnector.disconnected.connect (() => printerr ("%s\n", reconnector.error.message));
        reconnector.gave_up.connect ((error) => {
            this.error = error;
            loop.quit ();
        });
    }

    public void run () {
        reconnector.start ();
        loop.run ();
    }

    // Called for each new connection, before it counts as one.
    void log_in () {
        try {
            socket.write_string ("LOGIN " + user + "\n");
            hold = reconnector.hold ();
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
    }

    void read_lines () {
        while (socket.can_read_line ()) {
            try {
                handle (socket.read_line_utf8 (0));
            } catch (Error error) {
                printerr ("%s\n", error.message);
            }
        }
    }

    void handle (string line) {
        if (hold != 0) {
            handle_answer (line);
            return;
        }

        print ("%s\n", line);
        if (--lines == 0) {
            loop.quit ();
        }
    }

    void handle_answer (string answer) {
        var current = hold;

        hold = 0;
        if (answer == "OK") {
            reconnector.resume (current);
        } else {
            reconnector.fail (current,
                              new IOError.PERMISSION_DENIED ("The login was refused: %s", answer));
        }
    }
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

string? user = null;
int lines = 0;
int attempts = 0;

const OptionEntry[] ENTRIES = {
    { "user", 0, 0, OptionArg.STRING, ref user, "log in as USER", "USER" },
    { "lines", 0, 0, OptionArg.INT, ref lines, "end after N lines", "N" },
    { "attempts", 0, 0, OptionArg.INT, ref attempts, "give up after N attempts", "N" },
    { null }
};

int main (string[] args) {
    var options = new OptionContext ("HOST PORT - print what a server reports");
    uint16 port;

    Intl.setlocale ();
    options.add_main_entries (ENTRIES, null);

    try {
        options.parse (ref args);
        if (args.length != 3 || lines < 0 || attempts < 0) {
            throw new OptionError.FAILED ("A host and a port are needed, and no negative number");
        }
        port = parse_port (args[2]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    var ticker = new Ticker (args[1], port, attempts);

    if (user != null) {
        ticker.user = user;
    }
    ticker.lines = lines;
    ticker.run ();

    if (ticker.error != null) {
        printerr ("%s\n", ticker.error.message);
        return 1;
    }

    return 0;
}
