/* local-fortune-server.vala: sends a fortune to each client of the same user
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] FORTUNES = {
    "A server that listens learns more than one that talks.\n",
    "You will soon be connected to an interesting host.\n",
    "The shortest route is rarely the one with the most traffic.\n",
};

void send_fortune (Qnet.LocalServer server) throws Error {
    // The server keeps a reference to the connection until it is disconnected.
    var connection = server.next_pending_connection ();

    // Written data is sent before the connection is closed.
    connection.write_string (FORTUNES[Random.int_range (0, FORTUNES.length)]);
    connection.disconnect_from_server ();
}

int main (string[] args) {
    var options = new OptionContext ("[NAME] - send fortunes to programs of this user");
    var server = new Qnet.LocalServer ();

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length > 2) {
            throw new OptionError.FAILED ("One name is enough");
        }
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    var name = args.length > 1 ? args[1] : "fortune";

    server.new_connection.connect (() => {
        try {
            send_fortune (server);
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
    });

    try {
        // Removes the file of a server that has crashed, but not that of a running server.
        Qnet.LocalServer.remove_server (name);
        server.listen (name);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    print ("The server is running on %s\n", server.full_server_name);
    new MainLoop ().run ();

    return 0;
}
