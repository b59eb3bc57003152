/* client-certificate-server.vala: welcomes clients by the names in their certificates
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string? certificate = null;
string? authority = null;
int port = 0;

const OptionEntry[] OPTIONS = {
    { "certificate", 'c', 0, OptionArg.FILENAME, ref certificate,
      "A PEM file with certificate and key", "FILE" },
    { "authority", 'a', 0, OptionArg.FILENAME, ref authority, "Accept the clients of this PEM file",
      "FILE" },
    { "port", 'p', 0, OptionArg.INT, ref port, "Listen on this port; 0 takes a free one", "PORT" },
    { null }
};

/* Emitted only for clients whose certificate the authority has signed. */
void welcome (Qnet.SslServer server) throws Error {
    var connection = server.next_pending_connection ();

    connection.write_string (@"Welcome, $(connection.peer_certificate.subject_name)\n");
    connection.disconnect_from_host ();
}

void start (Qnet.SslServer server) throws Error {
    server.set_certificate_files (certificate, null);
    server.set_database_file (authority);
    server.peer_verify_mode = Qnet.SslPeerVerifyMode.VERIFY;
    server.listen (new Qnet.HostAddress.special (Qnet.SpecialAddress.LOCAL_HOST), (uint16) port);
    print ("The server is running on 127.0.0.1 port %u\n", server.server_port);
}

void check_arguments (string[] args) throws OptionError {
    if (args.length > 1) {
        throw new OptionError.FAILED ("There are too many arguments");
    }

    if (certificate == null || authority == null || port < 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A certificate and an authority are needed, and a port " +
                                         "from 0 to 65535");
    }
}

int main (string[] args) {
    var options = new OptionContext ("- welcome clients by their certificates");
    var server = new Qnet.SslServer ();

    Intl.setlocale ();

    server.handshake_failed.connect ((socket, error) => printerr ("%s\n", error.message));
    server.new_connection.connect (() => {
        try {
            welcome (server);
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
