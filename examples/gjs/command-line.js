// command-line.js: the command line of the examples
//
// SPDX-FileCopyrightText: 2026 The qnet authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import System from 'system';

export function fail(message) {
    printerr(message);
    System.exit(1);
}

// Parses options with a value, which may be anywhere, and @min to @max other words.
// Prints the usage for "--help", and for arguments that are not valid.
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
        refuse(words.length < min ? 'Too few arguments'
                                  : `Too many arguments: ${words.slice(max).join(' ')}`);

    const toNumber = (text, what, least, most) =>
        /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
            ? Number(text)
            : refuse(`${what} is a number from ${least} to ${most}, not ${text}`);

    return { ...found, words, toNumber, toPort: text => toNumber(text, 'A port', 1, 65535) };
}
