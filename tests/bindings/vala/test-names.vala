/* test-names.vala: names of hosts, networks and interfaces in Vala
 *
 * SPDX-FileCopyrightText: 2026 The qnet authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

void test_address_has_name () throws Error {
    Qnet.HostInfo? info = null;

    Qnet.HostInfo.lookup_address_async.begin (local_host (), Priority.DEFAULT, null,
                                              (source, result) => {
        try {
            info = Qnet.HostInfo.lookup_address_async.end (result);
        } catch (Error error) {
            GLib.error ("%s", error.message);
        }
    });
    iterate_until (() => info != null);
    assert_true (info.get_host_name () != "");
    assert_cmpstr (Qnet.HostInfo.from_address (local_host ()).get_host_name (), CompareOperator.EQ,
                   info.get_host_name ());
}

void test_cancelled () throws Error {
    var cancellable = new Cancellable ();

    cancellable.cancel ();
    try {
        Qnet.HostInfo.from_name ("localhost", cancellable);
        assert_not_reached ();
    } catch (IOError.CANCELLED error) {
        assert_true (error.message != "");
    }
}

void test_made_by_hand () throws Error {
    var inet_addresses = new List<InetAddress> ();

    inet_addresses.append (new InetAddress.from_string ("192.0.2.1"));
    var info = new Qnet.HostInfo.from_inet_addresses ("made", inet_addresses);
    assert_cmpstr (info.get_addresses ()[0].to_string (), CompareOperator.EQ, "192.0.2.1");
    assert_cmpstr (info.to_inet_addresses ().data.to_string (), CompareOperator.EQ, "192.0.2.1");
}

void test_cache () throws Error {
    assert_true (Qnet.HostInfo.get_cache_enabled ());
    Qnet.HostInfo.set_cache_enabled (false);
    assert_false (Qnet.HostInfo.get_cache_enabled ());
    Qnet.HostInfo.clear_cache ();
    Qnet.HostInfo.set_cache_enabled (true);
}

void test_local_names () throws Error {
    assert_true (Qnet.HostInfo.local_host_name () != "");
    assert_nonnull (Qnet.HostInfo.local_domain_name ());
}

void test_networks () throws Error {
    Qnet.HostAddress network;
    int prefix_length;

    Qnet.HostAddress.parse_subnet ("192.168.7.0/24", out network, out prefix_length);
    assert_cmpint (prefix_length, CompareOperator.EQ, 24);
    assert_true (Qnet.HostAddress.from_string ("192.168.7.9").is_in_subnet (network,
                                                                            prefix_length));
    assert_false (Qnet.HostAddress.from_string ("192.168.8.9").is_in_subnet (network,
                                                                             prefix_length));
    assert_cmpint (code_of (() => Qnet.HostAddress.parse_subnet ("192.168.7.0/255.0.255.0", null,
                                                                 null)),
                   CompareOperator.EQ, Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
}

Qnet.NetworkInterface? loopback () {
    var interfaces = Qnet.NetworkInterface.list_all ();

    foreach (unowned Qnet.NetworkInterface one in interfaces) {
        if (Qnet.InterfaceFlags.IS_LOOP_BACK in one.get_flags ()) {
            return one;
        }
    }
    return null;
}

void test_interfaces () throws Error {
    var one = loopback ();

    if (one == null) {
        Test.skip ("there is no loopback interface");
        return;
    }

    assert_true (one.get_interface_type () == Qnet.InterfaceType.LOOPBACK);
    assert_true (one.equal (Qnet.NetworkInterface.from_name (one.get_name ())));
    assert_true (one.equal (Qnet.NetworkInterface.from_index (one.get_index ())));
    assert_cmpuint (Qnet.NetworkInterface.interface_index_from_name (one.get_name ()),
                    CompareOperator.EQ,
                    one.get_index ());
    foreach (unowned Qnet.NetworkAddressEntry entry in one.get_address_entries ()) {
        assert_true (entry.get_ip ().is_loopback ());
    }
}

void test_entries () throws Error {
    var entry = new Qnet.NetworkAddressEntry (Qnet.HostAddress.from_string ("192.168.7.9"), 24,
                                              null);

    assert_cmpstr (entry.get_netmask ().to_string (), CompareOperator.EQ, "255.255.255.0");
    assert_cmpint (new Qnet.NetworkAddressEntry.for_netmask (entry.get_ip (), entry.get_netmask (),
                                                             null)
                   .get_prefix_length (), CompareOperator.EQ, 24);
}

int main (string[] args) {
    Test.init (ref args);

    add ("/vala/names/address", "The name of an address is found, waiting or not.",
         test_address_has_name);
    add ("/vala/names/cancelled", "A cancelled lookup fails with GIO's error.", test_cancelled);
    add ("/vala/names/made", "A result can be created without a lookup.", test_made_by_hand);
    add ("/vala/names/cache", "The cache can be turned off and on, and cleared.", test_cache);
    add ("/vala/names/local", "This machine has a name, and a domain that may be empty.",
         test_local_names);
    add ("/vala/names/networks", "Networks are read; what is none is an error.", test_networks);
    add ("/vala/names/interfaces", "The loopback interface is found by each name.",
         test_interfaces);
    add ("/vala/names/entries", "An entry is made of an address and a length.", test_entries);

    return Test.run ();
}
