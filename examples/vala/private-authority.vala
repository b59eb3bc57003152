/* private-authority.vala: connects to a server that an authority of one's own has signed
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const int PATIENCE = 5000;  // milliseconds

void print_server (string host, uint16 port) throws Error {
    var socket = new Qnet.SslSocket ();

    socket.connect_to_host_encrypted (host, port);
    socket.wait_for_encrypted (PATIENCE);
    print ("%s, signed by %s\n", socket.peer_certificate.subject_name,
           socket.peer_certificate.issuer_name);
}

/* The default of everything that is created later */
void trust_only (string authority) throws Error {
    new Qnet.SslConfiguration ().with_database_file (authority).set_default ();
}

uint16 parse_port (string text) throws OptionError {
    uint64 port;

    if (!uint64.try_parse (text, out port) || port == 0 || port > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535, not %s", text);
    }

    return (uint16) port;
}

int main (string[] args) {
    var options = new OptionContext ("AUTHORITY HOST PORT - connect to a server of a private " +
                                     "authority");
    uint16 port;

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length != 4) {
            throw new OptionError.FAILED ("An authority, a host and a port are needed");
        }
        port = parse_port (args[3]);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        trust_only (args[1]);
        print_server (args[2], port);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    return 0;
}
