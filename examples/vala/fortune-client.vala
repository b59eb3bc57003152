/* fortune-client.vala: asks for a fortune, and goes on with other things until it comes
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

    // A line becomes text when its end is put to it.
    fortune += '\0';
    return (string) fortune;
}

int main (string[] args) {
    var loop = new MainLoop ();
    int status = 1;
    uint64 port = 0;

    Intl.setlocale ();

    if (args.length != 3 || !uint64.try_parse (args[2], out port) || port > uint16.MAX) {
        printerr ("Usage: fortune-client HOST PORT\n");
        return 1;
    }

    ask.begin (args[1], (uint16) port, (source, result) => {
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
