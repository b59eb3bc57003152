/* host-lookup.vala: prints the addresses of names, and the names of addresses
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

async void look_up (string text) throws Error {
    var address = Qnet.HostAddress.from_string (text);

    if (address != null) {
        var info = yield Qnet.HostInfo.lookup_address_async (address);
        print ("%s is %s\n", address.to_string (), info.get_host_name ());
    } else {
        var info = yield Qnet.HostInfo.lookup_host_async (text);
        foreach (unowned Qnet.HostAddress one in info.get_addresses ()) {
            print ("%s has address %s\n", info.get_host_name (), one.to_string ());
        }
    }
}

int main (string[] args) {
    var options = new OptionContext ("NAME|ADDRESS... - look up names and addresses");
    var loop = new MainLoop ();
    var status = 0;

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length == 1) {
            throw new OptionError.FAILED ("A name or an address is needed");
        }
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    var n_pending = args.length - 1;

    // All at the same time: the answers arrive in the order in which they are found.
    foreach (unowned string text in args[1:args.length]) {
        look_up.begin (text, (source, result) => {
            try {
                look_up.end (result);
            } catch (Error error) {
                printerr ("%s\n", error.message);
                status = 1;
            }
            if (--n_pending == 0) {
                loop.quit ();
            }
        });
    }

    loop.run ();

    return status;
}
