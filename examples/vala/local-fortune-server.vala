/* local-fortune-server.vala: tells a fortune to every program of this user that asks
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] FORTUNES = {
    "A server that listens learns more than one that talks.\n",
    "You will soon be connected to somebody interesting.\n",
    "The shortest route is the one nobody else is taking.\n",
};

void tell_fortune (Qnet.LocalServer server) throws Error {
    // The server keeps the connection until it is disconnected: this variable may go.
    var connection = server.next_pending_connection ();

    // What was written is sent before the connection ends.
    connection.write_string (FORTUNES[Random.int_range (0, FORTUNES.length)]);
    connection.disconnect_from_server ();
}

int main (string[] args) {
    var options = new OptionContext ("[NAME] - tell fortunes to programs of this user");
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
            tell_fortune (server);
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
    });

    try {
        // A server that has crashed leaves its file behind; a live one is spared.
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
