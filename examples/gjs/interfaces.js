#!/usr/bin/gjs -m
//
// interfaces.js: prints the network interfaces of this machine, one per line
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';

import { parse } from './command-line.js';

const { IS_RUNNING, IS_UP } = Qnet.InterfaceFlags;

function describeState(flags) {
    if (!(flags & IS_UP))
        return 'DOWN';
    return flags & IS_RUNNING ? 'UP' : 'WAITING';
}

parse('interfaces.js');

for (const one of Qnet.NetworkInterface.list_all()) {
    const addresses = one.get_address_entries()
        .map(entry => `${entry.get_ip()}/${entry.get_prefix_length()}`);

    print([
        one.get_name().padEnd(16),
        describeState(one.get_flags()).padEnd(8),
        one.get_hardware_address().padEnd(18),
        ...addresses,
    ].join(' '));
}
