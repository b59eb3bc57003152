/* threaded-fortune-server.vala: sends each fortune from a thread of its own
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

const string[] FORTUNES = {
    "Many threads make a strong rope, and now and then a knot.\n",
    "What you share you must lock; what you hand over you may forget.\n",
    "Another thread is already working on it.\n",
    "You will be scheduled soon.\n",
};

string? address_option = null;
int port_option = 0;

const OptionEntry[] OPTIONS = {
    { "address", 'a', 0, OptionArg.STRING, ref address_option, "Listen on this address",
      "ADDRESS" },
    { "port", 'p', 0, OptionArg.INT, ref port_option, "Listen on this port; 0 takes a free one",
      "PORT" },
    { null }
};

class FortuneServer : Qnet.TcpServer {
    // Only the descriptor moves to another thread.
    public override void incoming_connection (int fd) {
        new Thread<void> ("fortune", () => {
            try {
                send_fortune (fd);
            } catch (Error error) {
                printerr ("%s\n", error.message);
            }
        });
    }

    // This thread has no main loop, so it waits.
    static void send_fortune (int fd) throws Error {
        var connection = new Qnet.TcpSocket ();

        try {
            connection.set_fd (fd, Qnet.SocketState.CONNECTED,
                                              Qnet.OpenMode.READ_WRITE);
        } catch (Error error) {
            Posix.close (fd);
            throw error;
        }

        connection.write_string (FORTUNES[Random.int_range (0, FORTUNES.length)]);
        connection.wait_for_bytes_written (5000);
        connection.disconnect_from_host ();
    }
}

void start (Qnet.TcpServer server) throws Error {
    var address = Qnet.HostAddress.from_string (address_option ?? "127.0.0.1");

    if (address == null) {
        throw new OptionError.BAD_VALUE ("Not an address: %s", address_option);
    }

    server.listen (address, (uint16) port_option);
    print ("The server is running on %s port %u\n", server.server_address.to_string (),
           server.server_port);
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
    var options = new OptionContext ("- send fortunes from threads");
    var server = new FortuneServer ();

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
        start (server);
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }

    new MainLoop ().run ();

    return 0;
}
