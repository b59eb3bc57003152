/* https-get.vala: fetches a page
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string? authority = null;

const OptionEntry[] OPTIONS = {
    { "authority", 'a', 0, OptionArg.FILENAME, ref authority, "Trust this PEM file, not the system",
      "FILE" },
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

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT PATH - fetch a page");
    var loop = new MainLoop ();
    int status = 1;
    uint16 port;

    Intl.setlocale ();

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
        if (args.length != 4) {
            throw new OptionError.FAILED ("A host, a port and a path are needed");
        }
        port = parse_port (args[2]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    fetch.begin (args[1], port, args[3], (source, result) => {
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
