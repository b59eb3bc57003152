#!/usr/bin/gjs -m
//
// host-lookup.js: prints the addresses of names, and the names of addresses
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Qnet from 'gi://Qnet?version=1';
import System from 'system';

import { parse } from './command-line.js';

async function lookUp(text) {
    const address = Qnet.HostAddress.from_string(text);

    if (address !== null) {
        const info = await Qnet.HostInfo.lookup_address_async(address);
        print(`${address} is ${info.get_host_name()}`);
    } else {
        const info = await Qnet.HostInfo.lookup_host_async(text);
        for (const one of info.get_addresses())
            print(`${info.get_host_name()} has address ${one}`);
    }
}

const { words } = parse('host-lookup.js NAME|ADDRESS...', { min: 1, max: Infinity });

// All at the same time: the answers arrive in the order in which they are found.
const outcomes = await Promise.allSettled(words.map(lookUp));
const failures = outcomes.filter(outcome => outcome.status === 'rejected');

for (const failure of failures)
    printerr(failure.reason.message);
System.exit(failures.length > 0 ? 1 : 0);
