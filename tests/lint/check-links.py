#!/usr/bin/python3
#
# check-links.py: a link to the value of an enumeration shows the value's name, in every version of
# gi-docgen
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""gi-docgen 2023.1 takes [error@SocketError.TIMEOUT] for a type of a namespace "SocketError" and
writes bare text; newer versions warn of it. [QNET_SOCKET_ERROR_TIMEOUT][error@SocketError] is a
link for both."""

import os
import re
import sys

import lint

LINK = re.compile(r"(?<!\])\[(?:enum|error|flags)@(?:\w+\.)?\w+\.[A-Z][A-Z0-9_]*\]")


def findings(files):
    found = []
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{path}:{number}: {link}: name the value, and link to its type"
                      for link in LINK.findall(line)]
    return found


SAMPLE = {
    "a.md": "[error@SocketError.TIMEOUT], [QNET_SOCKET_ERROR_TIMEOUT][error@SocketError] and "
            "[enum@SocketState]\n",
    "b.c": " * [enum@Gio.IOErrorEnum.PENDING]\n",
}
EXPECTED = [
    "a.md:1: [error@SocketError.TIMEOUT]: name the value, and link to its type",
    "b.c:1: [enum@Gio.IOErrorEnum.PENDING]: name the value, and link to its type",
]


def main(top):
    files = {path: text for path, text in lint.sources(top, ".c", ".h", ".in").items()}
    for path in lint.walk(os.path.join(top, "doc")):
        if path.endswith(".md"):
            files[path] = lint.read(os.path.join(top, "doc", path))

    tap = lint.Tap()
    tap.sample("links to values", findings(SAMPLE), EXPECTED)
    tap.clean("links to values", findings(files))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
