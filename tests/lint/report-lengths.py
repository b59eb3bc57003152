#!/usr/bin/python3
#
# report-lengths.py: how long the functions and the files of qnet/ are
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A report and no verdict: length is a hint that a second function hides in the first, not a fault."""

import re
import sys

import lint

LONG_FUNCTION = 60
LONG_FILE = 900

NAME = re.compile(r"^(\w+) \(")


def lengths(text):
    """Gives (lines, name, number of the first line) for each function in GNU style."""
    found = []
    name = None
    start = None

    for number, line in enumerate(lint.without_comments(text).splitlines(), 1):
        if match := NAME.match(line):
            name = match[1]
        elif line.startswith("{") and name is not None:
            start = number
        elif line.startswith("}") and start is not None:
            found.append((number - start - 1, name, start))
            name = start = None
    return found


def long_functions(files, limit=LONG_FUNCTION):
    return sorted(
        (
            (lines, f"{path}:{start}: {name}()")
            for path, text in files.items()
            for lines, name, start in lengths(text)
            if lines > limit
        ),
        reverse=True,
    )


SAMPLE = """
static int table[] = {
  1,
};

static void
short_one (void)
{
  if (a)
    {
      b ();
    }
}

int
long_one (int x,
          int y)
{
  a ();
  a ();
  a ();
  a ();
  a ();
}
"""

tap = lint.Tap()
tap.sample("function lengths", long_functions({"a.c": SAMPLE}, 4), [(5, "a.c:18: long_one()")])

files = lint.sources(sys.argv[1], ".c")
found = sorted(lines for text in files.values() for lines, _, _ in lengths(text))
if found:
    tap.note(f"{len(found)} functions, half of them up to {found[len(found) // 2]} lines, the longest {found[-1]}")
for lines, where in long_functions(files):
    tap.note(f"{where} has {lines} lines")
for path, text in files.items():
    if (lines := text.count("\n")) > LONG_FILE:
        tap.note(f"{path} has {lines} lines")
tap.point(True, "function lengths (reported)")
tap.finish()
