# states.py: the state machines of qnet/, as the code has them, and as doc/internals.md draws them
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A state machine is a table of edges in C (see qnet/base/qnet-state-machine-private.h):

    static const QnetEdges edges[] = {
      [QNET_THING_A] = QNET_TO (QNET_THING_B) | TO (C),
      [QNET_THING_B] = 0,
    };

TO() is a macro that prepends the name of the type. In the chapter a machine is a heading with the
name of the enumeration and the file, a picture, and a table with one row for each edge."""

import os
import re

import lint

ENUM = re.compile(r"typedef enum\s*\{(.*?)\}\s*(\w+)\s*;", re.DOTALL)
ENUMERATOR = re.compile(r"^\s*([A-Za-z_]\w*)\s*(?:=[^,]*)?(?:,|$)", re.MULTILINE)
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]*\((\w+)\)[ \t]+QNET_TO \((.*)\)[ \t]*$",
                   re.MULTILINE)
TABLE = re.compile(r"\bconst QnetEdges\s+(\w+)\s*\[\w*\]\s*=\s*\{(.*?)\n\s*\};", re.DOTALL)
DEFINITION = re.compile(r"\bQnetEdges\s+(\w+)\s*\[[^]]*\]\s*=")
ROW = re.compile(r"\[\s*(\w+)\s*\]\s*=(.*?)(?=,\s*\[|,?\s*\Z)", re.DOTALL)
TERM = re.compile(r"(\w+)\s*\(\s*(\w+)\s*\)")

SECTION = re.compile(r"^(?=###? )", re.MULTILINE)
HEADING = re.compile(r"### .+: `(\w+)`, `([\w./-]+\.c)`")
PICTURE = re.compile(r"^!\[[^]]+\]\((\S+)\)$", re.MULTILINE)
HEAD_OF_TABLE = "| From | To | When |"
EDGE = re.compile(r"\| (\w+) \| (\w+) \| (.+) \|")


class Malformed(Exception):
    """A table that this module does not understand."""


class Machine:
    def __init__(self, path, type_name, edges):
        self.path = path    # relative to qnet/
        self.type = type_name
        self.edges = edges  # {(from, to): when}, in order; when is "" in C

    @property
    def picture(self):
        """The name of its picture: that of the type, and of the file if the type has no prefix."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-",
                       self.type.removeprefix("Qnet")).lower()
        if not self.type.startswith("Qnet"):
            stem, _ = os.path.splitext(os.path.basename(self.path))
            words = f"{stem.removeprefix('qnet-')}-{words}"
        return f"states-{words.removesuffix('-state')}.svg"

    def __str__(self):
        return f"{self.path}: {self.type}"


# C

def enums(text):
    """Gives {enumerator: name of the type}."""
    return {value: name for body, name in ENUM.findall(text) for value in ENUMERATOR.findall(body)}


def expand(macros, macro, argument):
    """The enumerator that a term names."""
    if macro == "QNET_TO":
        return argument
    if macro not in macros:
        raise Malformed(f"{macro} is no macro for an edge")
    parameter, body = macros[macro]
    return re.sub(rf"\s*##\s*{parameter}\b|\b{parameter}\s*##\s*|\b{parameter}\b", argument, body)


def parse_row(macros, text):
    """The states that follow: terms with | between them, or 0."""
    if text.strip() == "0":
        return []
    terms = [TERM.fullmatch(term.strip()) for term in text.split("|")]
    if None in terms:
        raise Malformed(f"\"{' '.join(text.split())}\" is no row of edges")
    return [expand(macros, *term.groups()) for term in terms]


def parse_table(text, match):
    # a macro may be defined again for the next table
    macros = {name: (parameter, body)
              for name, parameter, body in MACRO.findall(text[:match.start()])}
    rows = ROW.findall(match[2])
    if not rows:
        raise Malformed(f"{match[1]}[] has no rows")
    edges = {(state, after): "" for state, row in rows for after in parse_row(macros, row)}
    return edges, rows[0][0]


def from_code(files):
    """The machines of {path: text}, relative to qnet/, with their edges."""
    files = {path: lint.without_comments(text) for path, text in files.items()}
    types = {}
    for path, text in files.items():
        if path.endswith(".h"):
            types.update(enums(text))

    machines = []
    for path, text in sorted(files.items()):
        unread = set(DEFINITION.findall(text)) - {name for name, _ in TABLE.findall(text)}
        if unread:
            raise Malformed(f"{path}: {min(unread)}[]: this is no table that can be read")
        for match in TABLE.finditer(text):
            try:
                edges, first = parse_table(text, match)
                machines.append(Machine(path, {**types, **enums(text)}[first], edges))
            except (Malformed, KeyError) as error:
                raise Malformed(f"{path}: {match[1]}[]: {error}") from error
    return machines


# The chapter

def parse_section(text):
    head = text.splitlines()[0]
    heading = HEADING.fullmatch(head)
    if heading is None:
        raise Malformed(f"{head}: this is not \"### Title: `Type`, `folder/file.c`\"")

    rows = text[text.index(HEAD_OF_TABLE):].split("\n\n")[0].splitlines()[2:]
    edges = {}
    for row in rows:
        edge = EDGE.fullmatch(row)
        if edge is None or edge.groups()[:2] in edges:
            raise Malformed(f"{row}: this is no edge, or a second time")
        edges[edge[1], edge[2]] = edge[3]

    machine = Machine(heading[2], heading[1], edges)
    if PICTURE.findall(text) != [machine.picture]:
        raise Malformed(f"{machine}: its picture is {machine.picture}")
    return machine


def from_chapter(text):
    return [parse_section(section) for section in SECTION.split(text) if HEAD_OF_TABLE in section]
