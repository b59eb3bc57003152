#!/usr/bin/python3
#
# compile-reference.py: the examples in the reference compile
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: compile-reference.py SOURCE-FOLDER

To be run within "meson devenv". The blocks of C in the comments of qnet/ are functions, or pieces
of one: these get a function around them. What ends in _cb is a handler, and "error" is a GError.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lint"))
import lint  # noqa: E402

BLOCK = re.compile(r"^ \* ```c\n(.*?)^ \* ```$", re.MULTILINE | re.DOTALL)
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused", "-Wno-unused-parameter"]

SAMPLE = "/**\n * ```c\n * g_no_such_function (1);\n * ```\n */\n"


def blocks(text):
    return [re.sub(r"^ \* ?", "", block, flags=re.MULTILINE) for block in BLOCK.findall(text)]


def program(block):
    handlers = sorted(set(re.findall(r"\b(\w+_cb)\b(?! \(Qnet)",
                                     block)) - set(re.findall(r"^(\w+_cb) \(", block,
                                                              re.MULTILINE)))
    lines = ["#include <qnet/qnet.h>", *(f"static void {name} (void) {{}}" for name in handlers)]
    if block.startswith("static "):
        return "\n".join([*lines, block])
    return "\n".join([*lines, "gboolean example (GError **error_out);",
                      "gboolean example (GError **error_out) {",
                      "GError *error = NULL;", block, "return error == NULL; }"])


def complaints(block, flags):
    compiler = shlex.split(os.environ.get("CC", "cc"))
    with tempfile.NamedTemporaryFile("w", suffix=".c", encoding="utf-8") as file:
        file.write(program(block))
        file.flush()
        done = subprocess.run([*compiler, "-fsyntax-only", *WARNINGS, file.name, *flags],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    return done.stdout.splitlines() if done.returncode != 0 else []


def main(top):
    flags = shlex.split(subprocess.run(["pkg-config", "--cflags", "qnet-1"], stdout=subprocess.PIPE,
                                       encoding="utf-8",
                                       check=True).stdout)
    tap = lint.Tap()
    tap.point(complaints(blocks(SAMPLE)[0], flags) != [],
              "a function that is not there (bad sample)")
    for path, text in lint.sources(top, ".c", ".h").items():
        for number, block in enumerate(blocks(text), 1):
            tap.clean(f"{path}, example {number}", complaints(block, flags))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
