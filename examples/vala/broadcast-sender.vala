/* broadcast-sender.vala: broadcasts a datagram on the network once a second
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string? address_option = null;
int port_option = 45454;
int count_option = 0;

const OptionEntry[] OPTIONS = {
    { "address", 'a', 0, OptionArg.STRING, ref address_option,
      "Send to this address (255.255.255.255)", "ADDRESS" },
    { "port", 'p', 0, OptionArg.INT, ref port_option, "The port (45454)", "PORT" },
    { "count", 'c', 0, OptionArg.INT, ref count_option, "How many to send (for ever)", "COUNT" },
    { null }
};

class Sender {
    Qnet.UdpSocket socket = new Qnet.UdpSocket ();
    Qnet.HostAddress address;
    int n_sent = 0;

    public Sender (string to) throws Error {
        var parsed = Qnet.HostAddress.from_string (to);

        if (parsed == null) {
            throw new OptionError.BAD_VALUE ("Not an address: %s", to);
        }
        address = parsed;
    }

    /* Returns whether that was the last one. */
    public bool send () throws Error {
        string text = @"Broadcast datagram $(++n_sent)";

        socket.write_datagram_to (text.data, address, (uint16) port_option);
        print ("Sent: %s\n", text);
        return n_sent == count_option;
    }
}

void check_arguments (string[] args) throws OptionError {
    if (args.length > 1) {
        throw new OptionError.FAILED ("There are too many arguments");
    }

    if (port_option < 1 || port_option > uint16.MAX) {
        throw new OptionError.BAD_VALUE ("A port is a number from 1 to 65535");
    }

    if (count_option < 0) {
        throw new OptionError.BAD_VALUE ("A count is not negative");
    }
}

int main (string[] args) {
    var options = new OptionContext ("- broadcast datagrams");
    var loop = new MainLoop ();
    int status = 0;

    Intl.setlocale ();

    try {
        options.add_main_entries (OPTIONS, null);
        options.parse (ref args);
        check_arguments (args);
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    try {
        var sender = new Sender (address_option ?? "255.255.255.255");
        Timeout.add_seconds (1, () => {
            try {
                if (sender.send ()) {
                    loop.quit ();
                }
            } catch (Error error) {
                printerr ("%s\n", error.message);
                status = 1;
                loop.quit ();
            }
            return Source.CONTINUE;
        });
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    loop.run ();
    return status;
}
