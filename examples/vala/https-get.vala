/* https-get.vala: fetches a page
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string? authority = null;

const OptionEntry[] OPTIONS = {
    { "authority", 'a', 0, OptionArg.FILENAME, ref authority, "Trust this PEM file, not the system", "FILE" },
    { null }
};

async void fetch (string host, uint16 port, string path) throws Error {
    var socket = new Qnet.SslSocket ();
    Bytes bytes;

    if (authority != null) {
        socket.set_database_file (authority);
    }

    yield socket.connect_to_host_encrypted_async (host, port);
    socket.write_string (@"GET $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n");

    while ((bytes = yield socket.read_bytes_async (65536)).length > 0) {
        stdout.write (bytes.get_data ());
    }
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT PATH - fetch a page");
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

    if (args.length != 4) {
        printerr ("%s", options.get_help (true, null));
        return 1;
    }

    fetch.begin (args[1], (uint16) int.parse (args[2]), args[3], (source, result) => {
        try {
            fetch.end (result);
            status = 0;
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
        loop.quit ();
    });
    loop.run ();

    return status;
}
