#!/usr/bin/python3
#
# check-umbrella.py: qnet.h has every public header, and the lists of meson have every file
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import sys

import lint

GENERATED = {"qnet-version.h", "qnet-enum-types.h"}
GUARD = "#if !defined (__QNET_H_INSIDE__) && !defined (QNET_COMPILATION)"


def umbrella_findings(files, umbrella, generated):
    public = {os.path.basename(path) for path in files if lint.is_public(path)} | generated
    included = re.findall(r'^#include "([^"]+)"', umbrella, re.MULTILINE)

    found = [f"qnet.h: {name} is missing" for name in sorted(public - set(included))]
    found += [f"qnet.h: {name} is no public header" for name in sorted(set(included) - public)]
    found += [f"qnet.h: {name} is there twice" for name in sorted(public)
              if included.count(name) > 1]
    found += [
        f"{path}: no guard against being included alone"
        for path, text in files.items()
        if lint.is_public(path) and GUARD not in text
    ]
    return found


def list_findings(files, lists):
    """lists: {folder: text of its meson.build}"""
    return [
        f"{path}: not in {os.path.dirname(path)}/meson.build"
        for path in files
        if not path.endswith("-private.h")
        and f"'{os.path.basename(path)}'" not in lists.get(os.path.dirname(path), "")
    ]


def main(top):
    tap = lint.Tap()

    bad = {"base/qnet-a.h": GUARD, "base/qnet-b.h": "", "base/qnet-b-private.h": "",
           "base/qnet-b.c": ""}
    tap.sample(
        "umbrella header",
        umbrella_findings(bad, '#include "qnet-b.h"\n#include "qnet-b.h"\n#include "qnet-c.h"\n',
                          set()),
        [
            "qnet.h: qnet-a.h is missing",
            "qnet.h: qnet-c.h is no public header",
            "qnet.h: qnet-b.h is there twice",
            "base/qnet-b.h: no guard against being included alone",
        ],
    )
    tap.sample(
        "lists of meson",
        list_findings(bad, {"base": "'qnet-a.h', 'qnet-b.h'"}),
        ["base/qnet-b.c: not in base/meson.build"],
    )

    files = lint.sources(top, ".c", ".h")
    tap.clean("umbrella header",
              umbrella_findings(files, lint.read(os.path.join(top, "qnet/qnet.h")), GENERATED))

    folders = {os.path.dirname(path) for path in files}
    lists = {folder: lint.read(os.path.join(top, "qnet", folder,
                                            "meson.build")) for folder in folders}
    tap.clean("lists of meson", list_findings(files, lists))

    tests = lint.read(os.path.join(top, "tests/meson.build"))
    names = [name for name in os.listdir(os.path.join(top, "tests"))
             if re.match(r"test-.*\.c$", name)]
    tap.clean(
        "tests in tests/meson.build",
        [f"tests/{name}: is never run" for name in sorted(names) if f"'{name[5:-2]}'" not in tests],
    )
    tap.finish()


main(sys.argv[1])
