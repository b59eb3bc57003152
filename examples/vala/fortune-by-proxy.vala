/* fortune-by-proxy.vala: asks for a fortune through a proxy
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const int PATIENCE = 5000;  // milliseconds, for each step

string ask (Qnet.NetworkProxy proxy, string host, uint16 port) throws Error {
    var socket = new Qnet.TcpSocket ();

    socket.proxy_authentication_required.connect ((proxy, authenticator) => {
        // A program with windows would hold the authenticator, show a dialog, and then resume.
        authenticator.user = Environment.get_variable ("PROXY_USER");
        authenticator.password = Environment.get_variable ("PROXY_PASSWORD");
    });
    socket.proxy = proxy;
    socket.connect_to_host (host, port);
    socket.wait_for_connected (PATIENCE);

    while (!socket.can_read_line ()) {
        socket.wait_for_ready_read (PATIENCE);
    }

    return socket.read_line_utf8 (0);
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("PROXY-URI HOST PORT - ask for a fortune by a proxy");
    uint16 port;

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length != 4) {
            throw new OptionError.FAILED ("A proxy, a host and a port are needed");
        }
        port = parse_port (args[3]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        print ("%s\n", ask (new Qnet.NetworkProxy.from_uri (args[1]), args[2], port));
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    return 0;
}
