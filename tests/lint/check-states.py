#!/usr/bin/python3
#
# check-states.py: a state has a table of edges, and one function that writes it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The fields of a state machine (see states.py) are those of its type, and those whose comment
begins with its name: `guint8 link;  /* QnetLink */`. Only a function that calls QNET_CHECK_EDGE()
assigns to them. A table is named in one such call. The first state is that of a structure of zeros,
or of an initializer.

An enumeration whose constants are assigned to a field in more than one function is a state, and so
has a table. Flags are none."""

import os
import re
import sys

import lint
import states

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
STRUCTURE = re.compile(r"\bstruct\s*_?(\w*)\s*\{(.*?)^\}\s*(\w*);", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^\s*(\w+)\s+(\w+)\s*(?::\s*\d+)?;"
                   r"[ \t]*(?:/\*\s*(?:\(atomic\)[:;]?\s*)?(\w+))?", re.MULTILINE)
FUNCTION = re.compile(r"^(\w+) (\([^;{]*?\)\n\{.*?^\})", re.DOTALL | re.MULTILINE)
ASSIGNMENT = re.compile(r"(\w+|[)\]])(?:->|\.)(\w+)\s*(?:[|&^+-]?=(?!=)|\+\+|--)\s*([^;]*)")
ATOMIC = re.compile(r"g_atomic_int_(?:set|compare_and_exchange|inc|add|or|and)\s*"
                    r"\(&(\w+)(?:->|\.)(\w+),?\s*([^;]*)")
FLAGS = re.compile(r"typedef enum\s*\{[^}]*1 << 0[^}]*\}\s*(\w+)\s*;")
CHECK = re.compile(r"\bQNET_CHECK_EDGE \((\w+),")


def fields_of(text):
    """(structure, field, its types) of all structures of a file."""
    for tag, body, name in STRUCTURE.findall(text):
        for declared, field, comment in FIELD.findall(body):
            yield name or tag, field, {declared, comment}


def closure(path, code, by_name):
    """A file, and the headers that it includes, directly or not."""
    seen, todo = set(), [path]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            names = map(os.path.basename, INCLUDE.findall(code[path]))
            todo += [by_name[name] for name in names if name in by_name]
    return seen


def writes(text):
    """(function, has a check, structure or None, field, value) for each assignment."""
    for name, body in FUNCTION.findall(text):
        for variable, field, value in ASSIGNMENT.findall(body) + ATOMIC.findall(body):
            declared = re.search(rf"\b(?!return\b)(\w+) +\*?{variable}\b", body) \
                if variable.isidentifier() else None
            yield name, CHECK.search(body) is not None, declared and declared[1], field, value


def states_in_sight(path, code, by_name, types):
    """{field: the structures in which it is a state}, of those that a file knows."""
    found = {}
    for seen in closure(path, code, by_name):
        for structure, field, declared in fields_of(code[seen]):
            if types & declared:
                found.setdefault(field, {None}).add(structure)
    return found


def written_elsewhere(code, machines):
    """Assignments to the fields of machines outside of their writers."""
    by_name = {os.path.basename(path): path for path in code if path.endswith(".h")}
    local = {(machine.path, machine.type) for machine in machines}
    shared = {machine.type for machine in machines if machine.type.startswith("Qnet")}
    found = []
    for path in sorted(code):
        if path.endswith(".c"):
            types = shared | {name for place, name in local if place == path}
            fields = states_in_sight(path, code, by_name, types)
            text = lint.without_comments(code[path])
            found += [f"{path}: {function}() writes {field}"
                      for function, checks, structure, field, _ in writes(text)
                      if not checks and structure in fields.get(field, ())]
    return found


def wrong_tables(code):
    """Tables that no function checks, or more than one."""
    found = []
    for path, text in sorted(code.items()):
        for name in states.DEFINITION.findall(text):
            is_local = re.search(rf"\bstatic const QnetEdges\s+{name}\b", text)
            places = [text] if is_local else code.values()
            count = sum(CHECK.findall(place).count(name) for place in places)
            passed = any(re.search(rf"[(,] ?{name}[,)]", place) for place in places)
            if count > 1 or not passed:
                found.append(f"{path}: {name}[] is checked by {count} functions")
    return found


def states_without_table(code, machines):
    """Enumerations of private files whose constants are assigned by two functions or more."""
    tables = {(machine.path, machine.type) for machine in machines}
    headers = {value: name for path, text in code.items() if path.endswith("-private.h")
               for value, name in states.enums(lint.without_comments(text)).items()}
    writers = {}
    for path, text in sorted(code.items()):
        text = lint.without_comments(text)
        values = {**headers, **states.enums(text)}
        for function, _, _, field, value in writes(text):
            for name in {values[word] for word in re.findall(r"\w+", value) if word in values}:
                place = path if name in states.enums(text).values() else ""
                writers.setdefault((place, name, field), set()).add(f"{path}: {function}")
    types = {name for _, name in tables}
    for text in code.values():
        types.update(FLAGS.findall(lint.without_comments(text)))
    return [f"{place or 'headers'}: {name} is written by {len(functions)} functions, as {field}"
            for (place, name, field), functions in sorted(writers.items())
            if len(functions) > 1 and (place, name) not in tables
            and not (place == "" and name in types)]


def findings(code):
    machines = states.from_code(code)
    return written_elsewhere(code, machines) + wrong_tables(code) + states_without_table(
        code, machines)


SAMPLE = {
    "a/qnet-a-private.h": """
typedef enum /*< skip >*/
{
  QNET_A_ONE,
  QNET_A_TWO
} QnetAState;

typedef enum /*< skip >*/
{
  QNET_B_ONE,
  QNET_B_TWO
} QnetB;

typedef struct
{
  guint       state : 2;  /* QnetAState */
  gint        other;      /* (atomic): QnetAState */
  QnetB       b;
  QnetAState  step;
} QnetA;

struct _QnetOther
{
  QnetA       a;
  int         step;
};
""",
    "a/qnet-a.c": """
#include "a/qnet-a-private.h"

static const QnetEdges edges[] = {
  [QNET_A_ONE] = QNET_TO (QNET_A_TWO),
  [QNET_A_TWO] = 0,
};

static void
set_state (QnetA      *self,
           QnetAState  state)
{
  QNET_CHECK_EDGE (edges, self->state, state);

  self->state = state;
}

void
qnet_a_go (QnetA *self)
{
  /* self->state = QNET_A_TWO */
  if (self->state == QNET_A_ONE)
    set_state (self, QNET_A_TWO);
  self->b = QNET_B_TWO;
}

void
qnet_a_stop (QnetA *self)
{
  self->state = QNET_A_ONE;
  g_atomic_int_set (&self->other, QNET_A_ONE);
  self->b = QNET_B_ONE;
}

void
qnet_other_stop (QnetOther *self)
{
  self->step = 1;
  self->a.step = QNET_A_ONE;
}
""",
    "a/qnet-b.c": """
#include "a/qnet-a-private.h"

const QnetEdges unused_edges[] = {
  [QNET_A_ONE] = QNET_TO (QNET_A_TWO),
};

const QnetEdges twice_edges[] = {
  [QNET_A_ONE] = QNET_TO (QNET_A_TWO),
};

static void
set_one (QnetA *self)
{
  QNET_CHECK_EDGE (twice_edges, self->step, QNET_A_ONE);
  self->step = QNET_A_ONE;
}

static void
set_two (QnetA *self)
{
  QNET_CHECK_EDGE (twice_edges, self->step, QNET_A_TWO);
  self->step = QNET_A_TWO;
}
""",
    "a/qnet-c.c": """
typedef struct
{
  int state;
} C;

static void
go (C *self)
{
  self->state = 1;
}
""",
}
EXPECTED = [
    "a/qnet-a.c: qnet_a_stop() writes state",
    "a/qnet-a.c: qnet_a_stop() writes other",
    "a/qnet-a.c: qnet_other_stop() writes step",
    "a/qnet-b.c: unused_edges[] is checked by 0 functions",
    "a/qnet-b.c: twice_edges[] is checked by 2 functions",
    "headers: QnetB is written by 2 functions, as b",
]


def main(top):
    tap = lint.Tap()
    tap.sample("states", findings(SAMPLE), EXPECTED)
    tap.clean("states", findings(lint.sources(top, ".c", ".h")))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
