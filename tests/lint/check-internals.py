#!/usr/bin/python3
#
# check-internals.py: doc/internals.md names what is there, and draws the state machines as they are
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The chapter has a paragraph for each private header, which begins with the name of the concept,
in bold, and the path in brackets. Each file, function and type that the chapter names is in the
source; `function()` (`folder/file.c`) means that the function is defined in that file. It has the
table of each state machine, with the same edges (see states.py), and doc/meson.build has their
pictures. doc/trust.md names files and functions in the same way."""

import os
import re
import sys

import lint
import states

FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)*\.(?:c|h|py|md|txt))`")
CALL = re.compile(r"`(\w+)\(\)`")
PLACE = re.compile(r"`(\w+)\(\)` \(`([\w./-]+\.[ch])`\)")
TYPE = re.compile(r"`(Qnet[A-Z]\w*)`")
PARAGRAPH = re.compile(r"^\*\*[A-Z][^*]*\*\* \(`([\w./-]+)`\)\.\s[A-Z`]", re.MULTILINE)
PICTURE = re.compile(r"'(states-[\w-]+\.svg)'")


def is_file(name, paths):
    """A path from the top or from qnet/, or the bare name of a file somewhere."""
    return (name in paths or f"qnet/{name}" in paths
            or "/" not in name and any(path.endswith("/" + name) for path in paths))


def defined(text):
    """The functions and macros that a file defines, and the members that are functions."""
    return (set(re.findall(r"^(\w+) \(", text, re.MULTILINE))
            | set(re.findall(r"^#define (\w+)\(", text, re.MULTILINE))
            | set(re.findall(r"\(\*(\w+)\)", text)))


def name_findings(chapter, paths, code):
    """What the chapter names, and is not there."""
    chapter = " ".join(chapter.split())
    all_code = "\n".join(code.values())
    known = set().union(*map(defined, code.values()))
    found = [f"there is no {name}" for name in FILE.findall(chapter) if not is_file(name, paths)]
    for name in CALL.findall(chapter):
        is_ours = name.startswith("qnet_")
        if name not in known and (is_ours or not re.search(rf"\b{name} ?\(", all_code)):
            found.append(f"there is no {name}()")
    for name, path in PLACE.findall(chapter):
        if path in code and name not in defined(code[path]):
            found.append(f"{name}() is not in {path}")
    found += [f"there is no {name}" for name in TYPE.findall(chapter)
              if not re.search(rf"\b_?{name}\b", all_code)]
    return sorted(set(found))


def header_findings(chapter, code):
    explained = set(PARAGRAPH.findall(chapter))
    return [f"{path} has no paragraph" for path in sorted(code)
            if path.endswith("-private.h") and path not in explained]


def edge_findings(here, there):
    """The edges of a machine in the chapter and in the code."""
    found = [f"{here}: there is no edge from {before} to {after}"
             for before, after in here.edges if (before, after) not in there.edges]
    found += [f"{here}: the edge from {before} to {after} is missing"
              for before, after in there.edges if (before, after) not in here.edges]
    return found


def state_findings(chapter, code, build):
    try:
        here = {str(machine): machine for machine in states.from_chapter(chapter)}
        there = {str(machine): machine for machine in states.from_code(code)}
    except states.Malformed as error:
        return [str(error)]

    found = [f"{name}: there is no such state machine" for name in here if name not in there]
    found += [f"{name}: its table is missing" for name in there if name not in here]
    for name in here:
        if name in there:
            found += edge_findings(here[name], there[name])

    drawn = {machine.picture for machine in here.values()}
    built = set(PICTURE.findall(build))
    found += [f"doc/meson.build: {picture} is missing" for picture in sorted(drawn - built)]
    found += [f"doc/meson.build: there is no {picture}" for picture in sorted(built - drawn)]
    return found


SAMPLE_CODE = {
    "a/qnet-a-private.h": """
typedef enum { QNET_A_ONE, QNET_A_TWO = 2, QNET_A_THREE } QnetAState;
struct { void (*ready) (void); };
""",
    "a/qnet-b-private.h": "typedef enum\n{\n  QNET_B_ONE,\n  QNET_B_TWO\n} QnetB;\n",
    "a/qnet-a.c": """
#define TO(state) QNET_TO (QNET_A_##state)

const QnetEdges qnet_a_edges[] = {
  [QNET_A_ONE]   = TO (TWO)  /* when, and */
                   | QNET_TO (QNET_A_THREE),
  [QNET_A_TWO]   = 0,
  [QNET_A_THREE] = TO (ONE),
};

#undef TO
#define TO(state) QNET_TO (QNET_B_##state)
static const QnetEdges edges[] = { [QNET_B_ONE] = TO (TWO) | TO (ONE),
};

void
qnet_a_go (void)
{
  recv ();
}
""",
}
SAMPLE_CHAPTER = """
**The A** (`a/qnet-a-private.h`). It has states.

**b** `a/qnet-b-private.h`, and nothing more.

The `QnetAState` of `a/qnet-a-private.h`, the `QnetC` of `qnet-c.c`. `qnet_a_go()` (`a/qnet-a.c`)
calls `recv()`, `ready()` and `send()`, `qnet_a_stop()`, and `qnet_a_go()`
(`a/qnet-b-private.h`). See `tests/a.py`, `tests/b.py`.

### A: `QnetAState`, `a/qnet-a.c`

![A](states-a.svg)

| From | To | When |
| --- | --- | --- |
| QNET_A_ONE | QNET_A_TWO | it is so |
| QNET_A_TWO | QNET_A_ONE | never |
| QNET_A_THREE | QNET_A_ONE | it is so |

### C: `QnetC`, `a/qnet-c.c`

![C](states-c.svg)

| From | To | When |
| --- | --- | --- |
| QNET_C_ONE | QNET_C_TWO | it is so |
"""
SAMPLE_PATHS = ["qnet/a/qnet-a.c", "qnet/a/qnet-a-private.h", "qnet/a/qnet-b-private.h",
                "tests/a.py"]
EXPECTED_NAMES = [
    "qnet_a_go() is not in a/qnet-b-private.h",
    "there is no QnetC",
    "there is no a/qnet-c.c",
    "there is no qnet-c.c",
    "there is no qnet_a_stop()",
    "there is no send()",
    "there is no tests/b.py",
]
EXPECTED_STATES = [
    "a/qnet-c.c: QnetC: there is no such state machine",
    "a/qnet-a.c: QnetB: its table is missing",
    "a/qnet-a.c: QnetAState: there is no edge from QNET_A_TWO to QNET_A_ONE",
    "a/qnet-a.c: QnetAState: the edge from QNET_A_ONE to QNET_A_THREE is missing",
    "doc/meson.build: states-c.svg is missing",
    "doc/meson.build: there is no states-old.svg",
]
BAD_CODE = {"a/a.c": "enum { A }; const QnetEdges edges[] = {\n  [A] = A_TO (B),\n};\n"}
BAD_PICTURE = SAMPLE_CHAPTER.replace("states-a.svg", "states-b.svg")
BAD_ROW = SAMPLE_CHAPTER.replace("| never |", "|  |")


def main(top):
    chapter = lint.read(os.path.join(top, "doc", "internals.md"))
    trust = lint.read(os.path.join(top, "doc", "trust.md"))
    build = lint.read(os.path.join(top, "doc", "meson.build"))
    code = lint.sources(top, ".c", ".h")
    paths = set(lint.walk(top))

    tap = lint.Tap()
    tap.sample("names", name_findings(SAMPLE_CHAPTER, SAMPLE_PATHS, SAMPLE_CODE), EXPECTED_NAMES)
    tap.sample("headers", header_findings(SAMPLE_CHAPTER, SAMPLE_CODE),
               ["a/qnet-b-private.h has no paragraph"])
    tap.sample("states", state_findings(SAMPLE_CHAPTER, SAMPLE_CODE,
                                        "'states-a.svg', 'states-old.svg'"), EXPECTED_STATES)
    tap.sample("unknown macro", state_findings("", BAD_CODE, ""),
               ["a/a.c: edges[]: A_TO is no macro for an edge"])
    tap.sample("wrong picture", state_findings(BAD_PICTURE, {}, ""),
               ["a/qnet-a.c: QnetAState: its picture is states-a.svg"])
    tap.sample("row without a reason", state_findings(BAD_ROW, {}, ""),
               ["| QNET_A_TWO | QNET_A_ONE |  |: this is no edge, or a second time"])
    tap.clean("names", name_findings(chapter, paths, code))
    tap.clean("names of trust.md", name_findings(trust, paths, code))
    tap.clean("headers", header_findings(chapter, code))
    tap.clean("states", state_findings(chapter, code, build))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
