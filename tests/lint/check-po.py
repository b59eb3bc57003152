#!/usr/bin/python3
#
# check-po.py: every message is translated into every language of po/LINGUAS
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The messages are extracted from the sources again, so that a catalogue that is merely old is
found, too. The arguments are the top of the source tree and those that xgettext wants."""

import os
import re
import subprocess
import sys
import tempfile

import lint

MSGID = re.compile(r'^msgid "(.+)"$', re.MULTILINE)

# Where a message was cut off: "%" PRIu64 and its like are not seen by xgettext.
CUT_OFF = re.compile(r'%"$')


def run(command, text=None):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="")
    return subprocess.run(command, input=text, env=environment, capture_output=True,
                          encoding="utf-8")


def checked(command, text=None):
    result = run(command, text)
    if result.returncode != 0:
        sys.exit(f"Bail out! {' '.join(command)}: {result.stderr}")
    return result.stdout


def merge(catalogue, template):
    with tempfile.TemporaryDirectory() as folder:
        old, new = os.path.join(folder, "old.po"), os.path.join(folder, "new.pot")
        for path, text in ((old, catalogue), (new, template)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return checked(["msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap",
                        "--output-file=-", old, new])


def message_ids(catalogue, choice):
    return MSGID.findall(checked(["msgattrib", choice, "--no-obsolete", "--no-wrap", "-"],
                                 catalogue))


def findings(template, catalogues):
    found = [f"{line}: cut off at the %" for line in template.splitlines() if CUT_OFF.search(line)]

    for language, catalogue in catalogues.items():
        merged = merge(catalogue, template)
        found += [f"{language}: not translated: {message}"
                  for message in message_ids(merged, "--untranslated")]
        found += [f"{language}: fuzzy: {message}" for message in message_ids(merged,
                                                                             "--only-fuzzy")]
        if run(["msgfmt", "--check", "--output-file=/dev/null", "-"], merged).returncode != 0:
            found.append(f"{language}: msgfmt --check is not content")

    return found


SAMPLE_HEADER = (
    'msgid ""\nmsgstr ""\n"Project-Id-Version: x\\n"\n'
    '"PO-Revision-Date: 2026-11-21 11:00+0000\\n"\n'
    '"Last-Translator: x\\n"\n"Language-Team: x\\n"\n"Language: de\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
)
SAMPLE_TEMPLATE = SAMPLE_HEADER + "".join(
    f'\n{flag}msgid "{message}"\nmsgstr ""\n'
    for flag, message in (("", "good"), ("", "new"), ("", "unsure"), ("#, c-format\n", "%s bad"),
                          ("", "cut %"))
)
SAMPLE_CATALOGUE = SAMPLE_HEADER + (
    '\nmsgid "good"\nmsgstr "gut"\n\n#, fuzzy\nmsgid "unsure"\nmsgstr "?"\n'
    '\n#, c-format\nmsgid "%s bad"\nmsgstr "%d"\n\nmsgid "cut %"\nmsgstr "x"\n'
    '\nmsgid "gone"\nmsgstr ""\n'
)

tap = lint.Tap()
tap.sample(
    "catalogues",
    findings(SAMPLE_TEMPLATE, {"de": SAMPLE_CATALOGUE}),
    [
        'msgid "cut %": cut off at the %',
        "de: not translated: new",
        "de: fuzzy: unsure",
        "de: msgfmt --check is not content",
    ],
)

top, *xgettext_args = sys.argv[1:]
po = os.path.join(top, "po")
languages = [line for line in lint.read(os.path.join(po, "LINGUAS")).split("\n") if line
             and line[0] != "#"]
template = checked(
    ["xgettext", f"--directory={top}", f"--files-from={os.path.join(po, 'POTFILES.in')}",
     "--output=-", *xgettext_args]
)
tap.clean("catalogues",
          findings(template,
                   {name: lint.read(os.path.join(po, f"{name}.po")) for name in languages}))
tap.finish()
