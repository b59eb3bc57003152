/* secure-fortune-server.vala: sends a fortune to each client, encrypted
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] FORTUNES = {
    "What is sealed today is read by the right one tomorrow.\n",
    "An old friend will present a valid certificate.\n",
    "An unknown signature proves nothing. Ask for a known one.\n",
};

string? certificate = null;
int port = 0;

const OptionEntry[] OPTIONS = {
    { "certificate", 'c', 0, OptionArg.FILENAME, ref certificate,
      "A PEM file with certificate and key", "FILE" },
    { "port", 'p', 0, OptionArg.INT, ref port, "Listen on this port; 0 takes a free one", "PORT" },
    { null }
};

/* Emitted when a connection is encrypted, and not for those that fail. */
void send_fortune (Qnet.SslServer server) throws Error {
    var connection = server.next_pending_connection ();

    connection.write_string (FORTUNES[Random.int_range (0, FORTUNES.length)]);
    connection.disconnect_from_host ();
}

void start (Qnet.SslServer server) throws Error {
    server.set_certificate_files (certificate, null);
    server.listen (new Qnet.HostAddress.special (Qnet.SpecialAddress.LOCAL_HOST), (uint16) port);
    print ("The server is running on 127.0.0.1 port %u\n", server.server_port);
}

void check_arguments (string[] args) throws OptionError {
    if (args.length > 1) {
        throw new OptionError.FAILED ("There are too many arguments");
    }

    if (certificate == null || port < 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A certificate is needed, and a port from 0 to 65535");
    }
}

int main (string[] args) {
    var options = new OptionContext ("- send fortunes, encrypted");
    var server = new Qnet.SslServer ();

    Intl.setlocale ();

    server.handshake_failed.connect ((socket, error) => printerr ("%s\n", error.message));
    server.new_connection.connect (() => {
        try {
            send_fortune (server);
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
    });

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
        check_arguments (args);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        start (server);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    new MainLoop ().run ();

    return 0;
}
