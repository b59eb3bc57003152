#!/usr/bin/python3
#
# check-spdx.py: every source file says whose it is and under which licence
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import sys

import lint

SOURCE = re.compile(
    r"(\.(c|cc|cpp|h|in|py|js|vala|sh|build|toml|po|doap)|/meson_options\.txt|LINGUAS)$")
LICENCE = "SPDX-License-" + "Identifier: LGPL-2.1-or-later"
OWNER = re.compile("SPDX-File" + r"CopyrightText: \d{4}")


def is_source(path, text):
    return bool(SOURCE.search("/" + path)) or text.startswith("#!")


def findings(files):
    found = []
    for path, text in files.items():
        if not is_source(path, text):
            continue
        head = "\n".join(text.splitlines()[:16])
        if LICENCE not in head:
            found.append(f"{path}: no line with its licence")
        if not OWNER.search(head):
            found.append(f"{path}: no line with its owner")
    return found


good = f"/* a.c\n * {LICENCE}\n * SPDX-FileCopyrightText: 2026 The qnet authors */\n"

tap = lint.Tap()
tap.sample(
    "SPDX",
    findings({"a.c": good, "b.c": good.replace("LGPL", "GPL"), "tool": "#!/bin/sh\n"
              + LICENCE, "x.bin": "?"}),
    ["b.c: no line with its licence", "tool: no line with its owner"],
)

top = sys.argv[1]
tap.clean("SPDX", findings({path: lint.read(os.path.join(top, path)) for path in lint.walk(top)}))
tap.finish()
