#!/usr/bin/python3
#
# check-layers.py: includes run only to the own folder and to those above it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import sys

import lint

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def findings(files, generated=()):
    folder_of = {os.path.basename(path): path.split("/")[0] for path in files}
    found = []

    for path, text in files.items():
        own = path.split("/")[0]
        for name in INCLUDE.findall(lint.without_comments(text)):
            base = os.path.basename(name)
            if base in ("config.h", *generated):
                continue
            if base not in folder_of:
                found.append(f"{path}: {name} is no file of qnet/")
                continue

            folder = folder_of[base]
            if lint.LAYERS.index(folder) > lint.LAYERS.index(own):
                found.append(f"{path}: {name} lies below {own}/, in {folder}/")
            if lint.is_public(base) and "/" in name:
                found.append(f"{path}: {name} is public, so it is included flat")
            if not lint.is_public(base) and name != f"{folder}/{base}":
                found.append(f"{path}: {name} is private, so its folder is named")
            if lint.is_public(path) and not lint.is_public(base):
                found.append(f"{path}: {name} is private, and this header is public")
            if own == "client" and folder != "client" and not lint.is_public(base):
                found.append(f"{path}: {name} is private, and client/ stands on the public API")

    return found


SAMPLE = {
    "base/qnet-a.h": '#include "qnet-b.h"\n',
    "socket/qnet-b.h": '#include "socket/qnet-b-private.h"\n/* #include "qnet-lost.h" */\n',
    "socket/qnet-b-private.h": "",
    "server/qnet-c.c": '#include "config.h"\n#include "qnet-b-private.h"\n#include "base/qnet-a.h"\n',
    "client/qnet-d.c": '#include "socket/qnet-b-private.h"\n#include "qnet-b.h"\n#include "qnet-e.h"\n',
}

EXPECTED = [
    "base/qnet-a.h: qnet-b.h lies below base/, in socket/",
    "socket/qnet-b.h: socket/qnet-b-private.h is private, and this header is public",
    "server/qnet-c.c: qnet-b-private.h is private, so its folder is named",
    "server/qnet-c.c: base/qnet-a.h is public, so it is included flat",
    "client/qnet-d.c: socket/qnet-b-private.h is private, and client/ stands on the public API",
    "client/qnet-d.c: qnet-e.h is no file of qnet/",
]


def unnamed_layers(text, files):
    """What CONTRIBUTING.md lists as the layers, against the folders that there are."""

    sentence = re.search(r"before it in this list: ([^.]*)\.", text.replace("\n", " "))
    named = re.findall(r"`(\w+)`", sentence.group(1)) if sentence else []
    there = {path.split("/")[0] for path in files}

    return [f"CONTRIBUTING.md: {name} is named, and not there" for name in named if name not in there] + [
        f"CONTRIBUTING.md: {name} is there, and not named" for name in sorted(there) if name not in named]


tap = lint.Tap()
tap.sample("layers", findings(SAMPLE), EXPECTED)
files = lint.sources(sys.argv[1], ".c", ".h")
tap.sample("contributing", unnamed_layers("... one before it in this list: `base`,\n`client`. And so on.", {"base/a.c": "", "proxy/b.c": ""}),
           ["CONTRIBUTING.md: client is named, and not there", "CONTRIBUTING.md: proxy is there, and not named"])
tap.clean("contributing", unnamed_layers(lint.read(os.path.join(sys.argv[1], "CONTRIBUTING.md")), files))
tap.clean("layers", findings(files, ("qnet-version.h", "qnet-enum-types.h")))
tap.finish()
