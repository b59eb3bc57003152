// tap.js: runs test cases, and prints TAP with the expected values
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Qnet from 'gi://Qnet?version=1';
import System from 'system';

const cases = [];

export function test(promise, body) {
    cases.push({ promise, body });
}

// Runs the cases in order; a case may be asynchronous.
export async function run() {
    let failures = 0;

    print(`1..${cases.length}`);
    for (const [index, { promise, body }] of cases.entries()) {
        try {
            // eslint-disable-next-line no-await-in-loop
            await body();
            print(`ok ${index + 1} - ${promise}`);
        } catch (error) {
            failures++;
            print(`not ok ${index + 1} - ${promise}`);
            const stack = (error.stack ?? '').trim().replaceAll('\n', '\n# ');
            printerr(`# ${promise}: ${error}\n# ${stack}`);
        }
    }

    System.exit(failures > 0 ? 1 : 0);
}

// A form in which equal values are equal: bytes as such, everything else as JSON
function show(value) {
    return value instanceof Uint8Array ? `bytes [${value.join()}]`
                                       : JSON.stringify(value) ?? String(value);
}

export function equal(actual, expected) {
    if (show(actual) !== show(expected))
        throw new Error(`expected ${show(expected)}, got ${show(actual)}`);
}

export function ok(claim, what = 'the claim') {
    if (!claim)
        throw new Error(`${what} does not hold`);
}

export function bytes(text) {
    return new TextEncoder().encode(text);
}

export function text(data) {
    return new TextDecoder().decode(data);
}

// The error of a call, or of a promise
export async function failureOf(body) {
    try {
        await body();
    } catch (error) {
        return error;
    }
    throw new Error('it should have failed');
}

// Asserts that an error is in our domain, with that code and a message
export function isError(error, code) {
    ok(error instanceof GLib.Error, `"${error} is a GLib.Error"`);
    equal([error.domain, error.code], [Qnet.socket_error_quark(), code]);
    ok(error.matches(Qnet.SocketError, code), 'matches()');
    ok(error.message !== '', 'a message');
}
