/* broadcast-receiver.vala: prints the datagrams that are broadcast on the network
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

int port_option = 45454;

const OptionEntry[] OPTIONS = {
    { "port", 'p', 0, OptionArg.INT, ref port_option, "The port (45454)", "PORT" },
    { null }
};

void print_datagram (Qnet.UdpSocket socket) throws Error {
    Qnet.HostAddress address;
    uint8[] data = socket.read_datagram (0, out address, null);

    // Bytes become text with a terminating NUL.
    data += '\0';
    print ("%s: %s\n", address.to_string (), ((string) data).make_valid ());
}

void check_arguments (string[] args) throws OptionError {
    if (args.length > 1) {
        throw new OptionError.FAILED ("There are too many arguments");
    }

    if (port_option < 0 || port_option > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 0 to 65535");
    }
}

int main (string[] args) {
    var options = new OptionContext ("- print broadcast datagrams");
    var socket = new Qnet.UdpSocket ();

    Intl.setlocale ();

    // The signal is emitted again when more datagrams are available after a read.
    socket.ready_read.connect (() => {
        try {
            print_datagram (socket);
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
    });

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
        check_arguments (args);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        socket.bind_port ((uint16) port_option, Qnet.BindFlags.SHARE_ADDRESS);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    print ("Listening on port %u\n", socket.local_port);
    new MainLoop ().run ();
    return 0;
}
