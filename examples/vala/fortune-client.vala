/* fortune-client.vala: asks for a fortune, while the main loop runs
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

async string ask (string host, uint16 port) throws Error {
    var socket = new Qnet.TcpSocket ();

    yield socket.connect_to_host_async (host, port);

    uint8[] fortune = yield socket.read_line_async (0);
    socket.close ();

    if (fortune.length == 0) {
        throw new IOError.FAILED ("The server has no fortune today.");
    }

    // A line becomes text with a terminating NUL.
    fortune += '\0';
    return (string) fortune;
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 1;
    var options = new OptionContext ("HOST PORT - ask for a fortune");
    uint16 port;

    Intl.setlocale ();

    try {
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
            print ("%s", ask.end (result));
            status = 0;
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
        loop.quit ();
    });

    loop.run ();

    return status;
}
