/* fortune-server.vala: sends a fortune to each client
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] FORTUNES = {
    "A server that listens learns more than one that talks.\n",
    "Today a packet will find you that was lost long ago.\n",
    "You will soon be connected to an interesting host.\n",
    "Close what you open, and you will never run out.\n",
    "Patience: every buffer drains in the end.\n",
    "The shortest route is rarely the one with the most traffic.\n",
};

string? address_option = null;
int port_option = 0;

const OptionEntry[] OPTIONS = {
    { "address", 'a', 0, OptionArg.STRING, ref address_option, "Listen on this address",
      "ADDRESS" },
    { "port", 'p', 0, OptionArg.INT, ref port_option, "Listen on this port; 0 takes a free one",
      "PORT" },
    { null }
};

void send_fortune (Qnet.TcpServer server) throws Error {
    // The server keeps a reference to the connection until it is disconnected.
    var connection = server.next_pending_connection ();

    // Written data is sent before the connection is closed.
    connection.write_string (FORTUNES[Random.int_range (0, FORTUNES.length)]);
    connection.disconnect_from_host ();
}

void start (Qnet.TcpServer server) throws Error {
    var address = Qnet.HostAddress.from_string (address_option ?? "127.0.0.1");

    if (address == null) {
        throw new OptionError.BAD_VALUE ("Not an address: %s", address_option);
    }

    server.listen (address, (uint16) port_option);
    print ("The server is running on %s port %u\n", server.server_address.to_string (),
           server.server_port);
}

void check_arguments (string[] args) throws OptionError {
    if (args.length > 1) {
        throw new OptionError.FAILED ("There are too many arguments");
    }

    if (port_option < 0 || port_option > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 0 to 65535");
    }
}

int main (string[] args) {
    var options = new OptionContext ("- send fortunes");
    var server = new Qnet.TcpServer ();

    Intl.setlocale ();

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
