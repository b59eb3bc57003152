// command-line.js: what the examples are called with
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import System from 'system';

export function fail(message) {
    printerr(message);
    System.exit(1);
}

// The options by name, each of which takes a value and may stand anywhere, and the other words, @min to @max of them.
// Prints the usage for "--help", and fails with it for what is not understood.
export function parse(usage, { options = {}, min = 0, max = min } = {}) {
    const found = { ...options };
    const words = [];
    const refuse = reason => fail(`${reason}\n\nUsage: ${usage}`);

    if (ARGV.includes('--help')) {
        print(`Usage: ${usage}`);
        System.exit(0);
    }

    for (let i = 0; i < ARGV.length; i++) {
        const [, name, value] = ARGV[i].match(/^--([^=]*)(?:=(.*))?$/) ?? [];

        if (name === undefined)
            words.push(ARGV[i]);
        else if (!(name in options))
            refuse(`Unknown option: ${ARGV[i]}`);
        else
            found[name] = value ?? ARGV[++i] ?? refuse(`--${name} needs a value`);
    }

    if (words.length < min || words.length > max)
        refuse(words.length < min ? 'Too few arguments' : `Too many arguments: ${words.slice(max).join(' ')}`);

    const toNumber = (text, what, least, most) =>
        /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
            ? Number(text)
            : refuse(`${what} is a number from ${least} to ${most}, not ${text}`);

    return { ...found, words, toNumber, toPort: text => toNumber(text, 'A port', 1, 65535) };
}
