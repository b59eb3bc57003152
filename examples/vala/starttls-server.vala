/* starttls-server.vala: sends fortunes, once STARTTLS has encrypted the connection
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] FORTUNES = {
    "What begins in the open will end in confidence.\n",
    "You will change your cipher, and keep your friends.\n",
    "Read everything before you start something new.\n",
};

string? certificate = null;
int port = 0;

const OptionEntry[] OPTIONS = {
    { "certificate", 'c', 0, OptionArg.FILENAME, ref certificate,
      "A PEM file with certificate and key", "FILE" },
    { "port", 'p', 0, OptionArg.INT, ref port, "Listen on this port; 0 takes a free one", "PORT" },
    { null }
};

/* The connections of a Qnet.SslServer are encrypted from the start; these can be, later. */
class FortuneServer : Qnet.TcpServer {
    public Qnet.SslConfiguration configuration;

    public override void incoming_connection (int fd) {
        var connection = new Qnet.SslSocket () { ssl_configuration = configuration };

        try {
            connection.set_fd (fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE);
            add_pending_connection (connection);
        } catch (Error error) {
            refuse_connection (fd);
        }
    }
}

void answer (Qnet.SslSocket connection, string command) throws Error {
    if (command == "STARTTLS" && !connection.encrypted) {
        connection.write_string ("OK\n");  // unencrypted; what follows is encrypted
        connection.start_server_encryption ();
    } else if (command == "FORTUNE" && connection.encrypted) {
        connection.write_string (FORTUNES[Random.int_range (0, FORTUNES.length)]);
    } else {
        connection.write_string ("NO\n");
    }
}

string read_command (Qnet.IODevice connection) {
    try {
        return connection.read_line_utf8 (0);
    } catch (Error error) {
        return "not UTF-8";
    }
}

void ready_read (Qnet.IODevice connection) {
    try {
        while (connection.can_read_line ()) {
            answer ((Qnet.SslSocket) connection, read_command (connection));
        }
    } catch (Error error) {
        printerr ("%s\n", error.message);  // the connection has been aborted
    }
}

void start (FortuneServer server) throws Error {
    server.configuration = new Qnet.SslConfiguration ().with_certificate_files (certificate, null);
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
    var options = new OptionContext ("- send fortunes, after STARTTLS");
    var server = new FortuneServer ();

    Intl.setlocale ();

    server.new_connection.connect (() => {
        server.next_pending_connection ().ready_read.connect (ready_read);
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
