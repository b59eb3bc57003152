#!/usr/bin/python3
#
# check-lengths.py: how long functions, files and folders of qnet/ are
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Long functions are reported only: length is a hint that a second function hides in the first, not
a fault. A file of more than 700 lines states the reason in its head, and a folder has at most 30
files."""

import os
import re
import sys

import lint

LONG_FUNCTION = 60
LONG_FILE = 700
LARGE_FOLDER = 30

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


def size_findings(files):
    found = []
    folders = {}
    for path, text in files.items():
        folder = os.path.dirname(path)
        folders[folder] = folders.get(folder, 0) + 1
        head = text.partition("*/")[0]
        if (lines := text.count("\n")) > LONG_FILE and f"over {LONG_FILE} lines" not in head:
            found.append(
                f"{path}: {lines} lines, and no reason for over {LONG_FILE} lines in its head")
    return found + [f"{folder}/: {count} files, and at most {LARGE_FOLDER} are allowed"
                    for folder, count in folders.items() if count > LARGE_FOLDER]


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
tap.sample(
    "sizes",
    size_findings({
        "a/a.c": "/* a.c */\n" + "\n" * 700,
        "a/b.c": "/* b.c\n * It has over 700 lines because of its table. */\n" + "\n" * 700,
        **{f"b/{number}.h": "" for number in range(31)},
    }),
    ["a/a.c: 701 lines, and no reason for over 700 lines in its head",
     "b/: 31 files, and at most 30 are allowed"],
)

files = lint.sources(sys.argv[1], ".c")
found = sorted(lines for text in files.values() for lines, _, _ in lengths(text))
if found:
    tap.note(f"{len(found)} functions, half of them up to {found[len(found) // 2]} lines, "
             f"the longest {found[-1]}")
for lines, where in long_functions(files):
    tap.note(f"{where} has {lines} lines")
tap.point(True, "function lengths (reported)")
tap.clean("sizes", size_findings(lint.sources(sys.argv[1], ".c", ".h")))
tap.finish()
