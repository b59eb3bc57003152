/* secure-fortune-client.vala: asks for a fortune, and nobody listens in
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string? authority = null;

const OptionEntry[] OPTIONS = {
    { "authority", 'a', 0, OptionArg.FILENAME, ref authority, "Trust this PEM file, not the system", "FILE" },
    { null }
};

async void ask (string host, uint16 port) throws Error {
    var socket = new Qnet.SslSocket ();

    if (authority != null) {
        socket.set_database_file (authority);
    }

    // A certificate that is not as it should be is thrown: nothing was sent then.
    yield socket.connect_to_host_encrypted_async (host, port);
    stdout.write (yield socket.read_line_async (0));
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT - ask for a fortune, encrypted");
    var loop = new MainLoop ();
    int status = 1;

    Intl.setlocale ();

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    if (args.length != 3) {
        printerr ("%s", options.get_help (true, null));
        return 1;
    }

    ask.begin (args[1], (uint16) int.parse (args[2]), (source, result) => {
        try {
            ask.end (result);
            status = 0;
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
        loop.quit ();
    });
    loop.run ();

    return status;
}
