// test-names.js: names of hosts, networks and interfaces in JavaScript
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';

import { LOCAL_HOST } from './peers.js';
import { equal, failureOf, isError, ok, run, test } from './tap.js';

function loopback() {
    return Qnet.NetworkInterface.list_all()
        .find(one => (one.get_flags() & Qnet.InterfaceFlags.IS_LOOP_BACK) !== 0);
}

test('the name of an address is found, waiting or awaiting', async () => {
    const infos = [
        Qnet.HostInfo.from_address(LOCAL_HOST, null),
        await Qnet.HostInfo.lookup_address_async(LOCAL_HOST, GLib.PRIORITY_DEFAULT, null),
    ];

    for (const info of infos) {
        ok(info.get_host_name() !== '', 'a name');
        equal(info.get_addresses().map(String), ['127.0.0.1']);
    }
});

test('a cancelled lookup fails with an error of the domain of GIO', async () => {
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();

    const error = await failureOf(() => Qnet.HostInfo.lookup_host_async(
        'localhost', GLib.PRIORITY_DEFAULT, cancellable));
    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), 'CANCELLED');
});

test('a result can be created without a lookup', () => {
    const info =
      Qnet.HostInfo.new_from_inet_addresses('made', [Gio.InetAddress.new_from_string('192.0.2.1')]);

    equal(info.get_addresses().map(String), ['192.0.2.1']);
    equal(info.to_inet_addresses().map(address => address.to_string()), ['192.0.2.1']);
});

test('the cache can be turned off and on, and cleared', () => {
    ok(Qnet.HostInfo.get_cache_enabled(), 'on');
    Qnet.HostInfo.set_cache_enabled(false);
    ok(!Qnet.HostInfo.get_cache_enabled(), 'off');
    Qnet.HostInfo.clear_cache();
    Qnet.HostInfo.set_cache_enabled(true);
});

test('this machine has a name, and a domain that may be empty', () => {
    ok(Qnet.HostInfo.local_host_name() !== '', 'a name');
    equal(typeof Qnet.HostInfo.local_domain_name(), 'string');
});

test('networks are read, and know their addresses; what is none is an exception', async () => {
    const [, network, prefixLength] = Qnet.HostAddress.parse_subnet('192.168.7.0/24');

    equal([`${network}`, prefixLength], ['192.168.7.0', 24]);
    ok(Qnet.HostAddress.from_string('192.168.7.9').is_in_subnet(network, prefixLength), 'inside');
    ok(!Qnet.HostAddress.from_string('192.168.8.9').is_in_subnet(network, prefixLength), 'outside');
    const error = await failureOf(() => Qnet.HostAddress.parse_subnet('192.168.7.0/255.0.255.0'));
    isError(error, Qnet.SocketError.UNSUPPORTED_SOCKET_OPERATION);
});

test('the loopback interface is found by its name and its index', () => {
    const interface_ = loopback();
    const [name, index] = [interface_.get_name(), interface_.get_index()];

    equal(interface_.get_interface_type(), Qnet.InterfaceType.LOOPBACK);
    ok(interface_.equal(Qnet.NetworkInterface.from_name(name)), 'by name');
    ok(interface_.equal(Qnet.NetworkInterface.from_index(index)), 'by index');
    equal(Qnet.NetworkInterface.interface_index_from_name(name), index);
    equal(Qnet.NetworkInterface.interface_name_from_index(index), name);
    equal(Qnet.NetworkInterface.from_name('none-such'), null);
});

test('interfaces have addresses, which are among all addresses', () => {
    const everywhere = Qnet.NetworkInterface.list_all_addresses().map(String);

    for (const entry of loopback().get_address_entries()) {
        ok(entry.get_ip().is_loopback(), 'loopback');
        ok(everywhere.includes(String(entry.get_ip())), 'everywhere');
    }
});

test('an entry can be made of an address and the length of its network', () => {
    const entry = Qnet.NetworkAddressEntry.new(Qnet.HostAddress.from_string('192.168.7.9'), 24,
                                               null);

    equal(String(entry.get_netmask()), '255.255.255.0');
    equal(Qnet.NetworkAddressEntry.new_for_netmask(entry.get_ip(), entry.get_netmask(),
                                                   null).get_prefix_length(), 24);
});

await run();
