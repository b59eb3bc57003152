#!/usr/bin/python3
#
# check-layers.py: includes run only to the own folder and to those above it; GnuTLS is in tls/
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import re
import sys

import lint

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
GNUTLS = re.compile(r"^\s*#\s*include\s+<(gnutls/[^>]+)>", re.MULTILINE)


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
            if tuple(sorted((folder, own))) in lint.SEPARATE:
                found.append(f"{path}: {own}/ and {folder}/ do not include each other")
            if lint.is_public(base) and "/" in name:
                found.append(f"{path}: {name} is public, so it is included flat")
            if not lint.is_public(base) and name != f"{folder}/{base}":
                found.append(f"{path}: {name} is private, so its folder is named")
            if (own in lint.OUTSIDE and not lint.is_public(base)
                    and folder not in ("base", own)):
                found.append(f"{path}: {name} is private, and {own}/ uses the public API")
            if lint.is_public(path) and not lint.is_public(base):
                found.append(f"{path}: {name} is private, and this header is public")
        if own != "tls":
            found += [f"{path}: {name} is for tls/ alone" for name in GNUTLS.findall(text)]

    return found


SAMPLE = {
    "base/qnet-a.h": '#include "qnet-b.h"\n',
    "socket/qnet-b.h": '#include "socket/qnet-b-private.h"\n/* #include "qnet-lost.h" */\n',
    "socket/qnet-b-private.h": "",
    "server/qnet-c.c":
        '#include "config.h"\n#include "qnet-b-private.h"\n#include "base/qnet-a.h"\n',
    "ssl/qnet-f.h": "#include <gnutls/gnutls.h>\n",
    "tls/qnet-h.c": "#include <gnutls/gnutls.h>\n",
    "local/qnet-g.c": '#include "qnet-f.h"\n',
    "service/qnet-k-private.h": '#include "base/qnet-j-private.h"\n#include "qnet-b.h"\n',
    "service/qnet-k.c":
        '#include "service/qnet-k-private.h"\n#include "socket/qnet-b-private.h"\n',
    "base/qnet-j-private.h": "",
    "udp/qnet-d.c":
        '#include "socket/qnet-b-private.h"\n#include "qnet-b.h"\n#include "qnet-e.h"\n',
}

EXPECTED = [
    "base/qnet-a.h: qnet-b.h lies below base/, in socket/",
    "socket/qnet-b.h: socket/qnet-b-private.h is private, and this header is public",
    "server/qnet-c.c: qnet-b-private.h is private, so its folder is named",
    "server/qnet-c.c: base/qnet-a.h is public, so it is included flat",
    "ssl/qnet-f.h: gnutls/gnutls.h is for tls/ alone",
    "local/qnet-g.c: local/ and ssl/ do not include each other",
    "service/qnet-k.c: socket/qnet-b-private.h is private, and service/ uses the public API",
    "udp/qnet-d.c: qnet-e.h is no file of qnet/",
]


def unnamed_layers(text, files):
    """What CONTRIBUTING.md lists as the layers, against the folders that there are."""

    sentence = re.search(r"before it in this list: ([^.]*)\.", text.replace("\n", " "))
    named = re.findall(r"`(\w+)`", sentence.group(1)) if sentence else []
    there = {path.split("/")[0] for path in files}

    return [f"CONTRIBUTING.md: {name} is named, and not there" for name in named
            if name not in there] + [
        f"CONTRIBUTING.md: {name} is there, and not named"
        for name in sorted(there) if name not in named]


def all_sources(top):
    """The C files below qnet/, in a layer or not."""
    qnet = os.path.join(top, "qnet")
    return {path for path in lint.walk(qnet) if path.endswith((".c", ".h")) and "/" in path}


def unknown_folders(paths, layers):
    """The list of layers against the folders: lint.sources() leaves out what is not in it."""
    folders = {path.split("/")[0] for path in paths}

    return [f"lint.py: {name} is a layer, and no folder" for name in layers
            if name not in folders] + [
        f"lint.py: {name} is a folder, and no layer" for name in sorted(folders)
        if name not in layers]


tap = lint.Tap()
tap.sample("layers", findings(SAMPLE), EXPECTED)
files = lint.sources(sys.argv[1], ".c", ".h")
tap.sample("contributing",
           unnamed_layers("... one before it in this list: `base`,\n`gone`. And so on.",
                          {"base/a.c": "", "proxy/b.c": ""}),
           ["CONTRIBUTING.md: gone is named, and not there",
            "CONTRIBUTING.md: proxy is there, and not named"])
tap.sample("folders", unknown_folders({"base/a.c", "new/b.c"}, ["base", "gone"]),
           ["lint.py: gone is a layer, and no folder", "lint.py: new is a folder, and no layer"])
tap.clean("contributing",
          unnamed_layers(lint.read(os.path.join(sys.argv[1], "CONTRIBUTING.md")), files))
tap.clean("folders", unknown_folders(all_sources(sys.argv[1]), lint.LAYERS))
tap.clean("layers", findings(files, ("qnet-version.h", "qnet-enum-types.h")))
tap.finish()
