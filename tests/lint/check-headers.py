#!/usr/bin/python3
#
# check-headers.py: what the private headers declare is used, and is where their headings say
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A private header names the file that defines its functions, where that is not the file of its own
name: in a heading, `/* qnet-foo-bar.c: what it is about */` or `/* What it is about: qnet-foo-bar.c
*/`, which is valid until the next one, or until another comment with an empty line behind it.

A function of a private header is called in another file than that which defines it; otherwise it is
static, or not there at all. A test may be that file, but not the only caller, unless the name ends
in `_for_tests`."""

import os
import re
import sys

import lint

COMMENT = re.compile(r"^/\*.*?\*/(\n\n)?", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"/\* (?:[^:.]*: )?(qnet-[\w-]+\.c)(?::| \*/)")
BODY = re.compile(r"^\{.*?^\}", re.DOTALL | re.MULTILINE)
PROTOTYPE = re.compile(r"^(?!static|typedef|extern)\w[\w* ]*?[ *](qnet_\w+) *\("
                       r"|^ +(qnet_\w+) +\([^;{]*;", re.MULTILINE)


def is_private(path):
    return path.endswith("-private.h")


def prototypes(header):
    """Gives the name and the offset of each function that a header declares."""
    header = BODY.sub(lambda match: " " * len(match[0]), header)
    return [(match[1] or match[2], match.start()) for match in PROTOTYPE.finditer(header)]


def headings(header):
    """Gives a file and the offset where its functions begin; None instead, where they end."""
    for comment in COMMENT.finditer(header):
        heading = HEADING.match(comment[0])
        if heading or comment[1]:
            yield heading and heading[1], comment.start()


def defines(text, name):
    return re.search(rf"^{name} \(", text, re.MULTILINE) is not None


def heading_findings(code):
    """What a heading lists, and its file does not define."""
    found = []
    for path in sorted(filter(is_private, code)):
        folder, marks = os.path.dirname(path), list(headings(code[path]))
        for name, offset in prototypes(code[path]):
            place = next((mark for mark, start in reversed(marks) if start < offset), None)
            if place and not defines(code.get(f"{folder}/{place}", ""), name):
                found.append(f"{path}: {name}() is not in {place}")
    return found


def mentions(code):
    """{name of a function: {file: how often it is there}}"""
    found = {}
    for path, text in code.items():
        for name in re.findall(r"\bqnet_\w+", lint.without_comments(text)):
            files = found.setdefault(name, {})
            files[path] = files.get(path, 0) + 1
    return found


def is_needed(header, files, tests):
    """Whether a function with such mentions belongs into a header."""
    others = [path for path in files if path != header]
    calls = sum(files.values()) - 1 - len(others)  # beyond the declaration and the definition
    return len(others) > 1 or files[header] > 1 or calls > 0 and bool(tests)


def unused_findings(code, tests):
    in_code, in_tests = mentions(code), mentions(tests)
    return [f"{path}: no other file calls {name}()"
            for path in sorted(filter(is_private, code))
            for name, _ in prototypes(lint.without_comments(code[path]))
            if not name.endswith("_for_tests")
            and not is_needed(path, in_code[name], in_tests.get(name))]


SAMPLE = {
    "a/qnet-a-private.h": """/* qnet-a-private.h: a sample
 */

/* qnet-a.c */
void        qnet_a_go    (void);
const char *qnet_a_say   (int         loudness,
                          const char *word);

/* qnet-a-rest.c: all the rest */

QnetHeldA  *qnet_a_rest  (void);
/* Where it rests. */
int         qnet_a_sleep (void);
QnetTypeWithALongName *
            qnet_a_dream (void);

/* Others */

void        qnet_a_free_for_tests (void);

static inline void
qnet_a_shout (void)
{
  qnet_a_say (2, "A");
}

/* Waits: qnet-a-rest.c */

void        qnet_a_wait  (void);
""",
    "a/qnet-a.c": """
void
qnet_a_go (void)
{
  qnet_a_say (1, "a");
  qnet_a_rest ();
}

const char *
qnet_a_say (int loudness, const char *word)
{
}

int
qnet_a_sleep (void)
{
  qnet_a_sleep ();
  qnet_a_dream ();
}

QnetTypeWithALongName *
qnet_a_dream (void)
{
  qnet_a_dream ();
}

void
qnet_a_free_for_tests (void)
{
}
""",
    "a/qnet-a-rest.c": """
QnetHeldA *
qnet_a_rest (void)
{
  /* qnet_a_wait() would be too long. */
}

void
qnet_a_wait (void)
{
}
""",
}
SAMPLE_TESTS = {"test-a.c": "qnet_a_dream (); qnet_a_wait ();"}
EXPECTED_HEADINGS = [
    "a/qnet-a-private.h: qnet_a_sleep() is not in qnet-a-rest.c",
    "a/qnet-a-private.h: qnet_a_dream() is not in qnet-a-rest.c",
]
EXPECTED_UNUSED = [
    "a/qnet-a-private.h: no other file calls qnet_a_go()",
    "a/qnet-a-private.h: no other file calls qnet_a_sleep()",
    "a/qnet-a-private.h: no other file calls qnet_a_wait()",
]


def main(top):
    code = lint.sources(top, ".c", ".h")
    tests = {path: lint.read(os.path.join(top, path)) for path in lint.walk(top)
             if path.startswith("tests/") and path.endswith((".c", ".h"))}

    tap = lint.Tap()
    tap.sample("headings", heading_findings(SAMPLE), EXPECTED_HEADINGS)
    tap.sample("unused functions", unused_findings(SAMPLE, SAMPLE_TESTS), EXPECTED_UNUSED)
    tap.clean("headings", heading_findings(code))
    tap.clean("unused functions", unused_findings(code, tests))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
