# lint.py: what the lints share
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A lint is a function that takes the text of some files and gives findings, as strings. It is run
on a bad sample first, where it must find exactly what is expected: a lint that cannot fail proves
nothing."""

import os
import re
import sys

# qnet/ from the top of the house down: a file includes only from its own folder or one before it
LAYERS = [
    "base", "address", "loop", "channel", "tls", "dns", "lookup", "auth", "proxy",
    "balancer", "device", "connection", "socket", "udp", "server", "ssl", "records", "dtls",
    "local", "service",
]

# Folders that do not include each other, in either direction
SEPARATE = {("local", "tls"), ("local", "ssl"), ("dtls", "local")}

# Folders that are built on the public API: they include private headers only of base/ and their own
OUTSIDE = {"service"}

LEFT_OUT = re.compile(r"^(\.git|_build.*|subprojects|__pycache__)$")


class Tap:
    """Prints TAP; finish() ends the program."""

    def __init__(self):
        self.count = 0
        self.failed = False

    def point(self, good, name):
        self.count += 1
        self.failed |= not good
        print(f"{'ok' if good else 'not ok'} {self.count} {name}")

    def sample(self, name, found, expected):
        """The self-test: the lint finds in a bad sample what it should."""
        if found != expected:
            self.note(f"expected: {expected}")
            self.note(f"found:    {found}")
        self.point(found == expected, f"{name} (bad sample)")

    def clean(self, name, findings):
        for finding in findings:
            self.note(finding)
        self.point(not findings, name)

    def note(self, text):
        print(f"# {text}")

    def finish(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def walk(top):
    """Gives the path of every file, relative to top."""
    for folder, folders, files in os.walk(top):
        if "meson-private" in folders:  # a build folder, whatever its name
            folders[:] = []
            continue
        folders[:] = sorted(name for name in folders if not LEFT_OUT.match(name))
        for name in sorted(files):
            yield os.path.relpath(os.path.join(folder, name), top)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def sources(top, *endings):
    """Gives {path: text} for the C files of the layers of qnet/, paths relative to qnet/."""
    qnet = os.path.join(top, "qnet")
    return {
        path: read(os.path.join(qnet, path))
        for path in walk(qnet)
        if path.split(os.sep)[0] in LAYERS and path.endswith(endings)
    }


def is_public(path):
    return path.endswith(".h") and not path.endswith("-private.h")


def without_comments(text):
    """Blanks C comments out and leaves the line numbers as they are."""
    return re.sub(
        r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*',
        lambda match: match[0] if match[0][0] == '"' else "\n" * match[0].count("\n"),
        text,
        flags=re.DOTALL,
    )
