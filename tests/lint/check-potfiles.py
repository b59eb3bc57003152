#!/usr/bin/python3
#
# check-potfiles.py: POTFILES.in names every file with a message, and no other
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import sys

import lint

MESSAGE = re.compile(r"(?<![\w])(?:_|N_|qnet_ngettext) ?\(\s*\"")


def findings(files, potfiles):
    listed = {line.strip() for line in potfiles.splitlines() if line.strip()
              and not line.startswith("#")}
    with_message = {f"qnet/{path}" for path, text in files.items()
                    if MESSAGE.search(lint.without_comments(text))}

    found = [f"{path}: has messages, and is not in POTFILES.in"
             for path in sorted(with_message - listed)]
    found += [f"{path}: is in POTFILES.in, and has no message"
              for path in sorted(listed - with_message)]
    return found


tap = lint.Tap()
tap.sample(
    "POTFILES.in",
    findings(
        {"a.c": 'f (_("x"));', "b.c": 'N_("x")', "c.c": '/* _("x") */', "d.c": 'MY_ ("x")',
         "e.c": '_ ("x")'},
        "# _\nqnet/a.c\nqnet/d.c\n",
    ),
    [
        "qnet/b.c: has messages, and is not in POTFILES.in",
        "qnet/e.c: has messages, and is not in POTFILES.in",
        "qnet/d.c: is in POTFILES.in, and has no message",
    ],
)

top = sys.argv[1]
tap.clean("POTFILES.in",
          findings(lint.sources(top, ".c"), lint.read(os.path.join(top, "po/POTFILES.in"))))
tap.finish()
