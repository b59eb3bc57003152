#!/usr/bin/python3
#
# check-symbols.py: the library exports what the headers declare, no more and no less
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-symbols.py LIBRARY NM HEADER..."""

import re
import subprocess
import sys

import lint

MARK = r"QNET_(?:AVAILABLE|DEPRECATED)_IN_\d+_\d+(?:_FOR\s*\([^)]*\))?"
MARKED = re.compile(
    MARK + r"\s+(?P<text>[^;{]*?)\b(?P<name>_?qnet_\w+|G_DECLARE_\w+)\s*\((?P<rest>[^;)]*)")
NAMED = re.compile(r"\b(qnet_\w+)\s*\(")


def declared(text):
    """Gives the marked names of a header, and those it should have marked."""
    text = lint.without_comments(text)
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.MULTILINE)
    names = set()

    for match in MARKED.finditer(text):
        if match["name"].startswith("G_DECLARE_"):
            names.add(match["rest"].split(",")[1].strip() + "_get_type")
        else:
            names.add(match["name"])

    text = re.sub(r"static inline.*?^}", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(MARK, "", text)
    text = re.sub(r"G_DEFINE_AUTOPTR_CLEANUP_FUNC\s*\([^)]*\)", "", text)
    return names, set(NAMED.findall(text)) - names


def findings(headers, exported):
    names = set()
    found = []

    for path, text in headers.items():
        marked, unmarked = declared(text)
        names |= marked
        found += [f"{path}: {name} has no QNET_AVAILABLE_IN" for name in sorted(unmarked)]

    found += [f"{name}: exported, and in no header" for name in sorted(exported - names)]
    found += [f"{name}: in a header, and not exported" for name in sorted(names - exported)]
    return found


def exported_symbols(nm, library):
    lines = subprocess.run(
        [nm, "-D", "--defined-only", library], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout.splitlines()
    return {line.split()[-1].split("@")[0] for line in lines}


SAMPLE = {
    "a.h": """
/* QNET_AVAILABLE_IN_1_0 void qnet_comment (void); */
#define QNET_TYPE_A (qnet_a_get_type ())
QNET_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (QnetA, qnet_a, QNET, A, GObject)

QNET_AVAILABLE_IN_1_2
const char *qnet_a_get_name (QnetA *self) G_GNUC_WARN_UNUSED_RESULT;

QNET_DEPRECATED_IN_1_2_FOR (qnet_a_get_name)
const char *qnet_a_name     (QnetA *self,
                             int    x);

void        qnet_a_forgotten (QnetA *self);
"""
}

tap = lint.Tap()
tap.sample(
    "exported symbols",
    findings(SAMPLE, {"qnet_a_get_type", "qnet_a_get_name", "qnet_leak"}),
    [
        "a.h: qnet_a_forgotten has no QNET_AVAILABLE_IN",
        "qnet_leak: exported, and in no header",
        "qnet_a_name: in a header, and not exported",
    ],
)

library, nm, *headers = sys.argv[1:]
tap.clean("exported symbols",
          findings({path: lint.read(path) for path in headers}, exported_symbols(nm, library)))
tap.finish()
