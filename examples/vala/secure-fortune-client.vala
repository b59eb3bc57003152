/* secure-fortune-client.vala: asks for a fortune, encrypted
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

async void ask (string host, uint16 port) throws Error {
    var socket = new Qnet.SslSocket ();

    if (authority != null) {
        socket.set_database_file (authority);
    }

    // An invalid certificate is an error; nothing was sent then.
    yield socket.connect_to_host_encrypted_async (host, port);
    stdout.write (yield socket.read_line_async (0));
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("HOST PORT - ask for a fortune, encrypted");
    var loop = new MainLoop ();
    int status = 1;
    uint16 port;

    Intl.setlocale ();

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
        if (args.length != 3) {
            throw new OptionError.FAILED ("A host and a port are needed");
        }
        port = parse_port (args[2]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    ask.begin (args[1], port, (source, result) => {
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
