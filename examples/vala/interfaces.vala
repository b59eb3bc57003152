/* interfaces.vala: prints the network interfaces of this machine, one per line
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

string describe_state (Qnet.InterfaceFlags flags) {
    if (!(Qnet.InterfaceFlags.IS_UP in flags)) {
        return "DOWN";
    }
    return Qnet.InterfaceFlags.IS_RUNNING in flags ? "UP" : "WAITING";
}

int main (string[] args) {
    var options = new OptionContext ("- print the network interfaces of this machine");
    var interfaces = Qnet.NetworkInterface.list_all ();

    Intl.setlocale ();

    try {
        options.parse (ref args);
        if (args.length > 1) {
            throw new OptionError.FAILED ("No arguments are needed");
        }
    } catch (Error error) {
        printerr ("%s\n\n%s", error.message, options.get_help (true, null));
        return 1;
    }

    foreach (unowned Qnet.NetworkInterface one in interfaces) {
        print ("%-16s %-8s %-18s", one.get_name (), describe_state (one.get_flags ()),
               one.get_hardware_address ());
        foreach (unowned Qnet.NetworkAddressEntry entry in one.get_address_entries ()) {
            print (" %s/%d", entry.get_ip ().to_string (), entry.get_prefix_length ());
        }
        print ("\n");
    }

    return 0;
}
