#!/usr/bin/python3
#
# check-promises.py: each sentence of a chapter has a test, or a reason why there is none
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-promises.py [--list CHAPTER.md] SOURCE-FOLDER TEST-PROGRAM...

The sentences of doc/CHAPTER.md, and the rows of its tables, are in
tests/doc/promises/CHAPTER.txt, in the same order:

    - What was written is sent, then the connection ends.
        /endings/slow-peer/close
        python/test-device.py: test_with_sends_all
    - Connect to the signal and ask again.
        advice

Below each are the tests that would fail if it were not so. That is a path that a test program
lists, a file below tests/ or examples/ with a text that it contains, or a word that says why there
is no test: "advice" to the reader, "definition" of a word, "pointer" to another page, "others" for
what other projects do, "history" for why it is so,
"measured" for a figure that doc/performance.md gives.

--list prints a chapter in that form, as far as it is filled in, to update a changed chapter.
"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lint"))
import lint  # noqa: E402

NO_TEST = {"advice", "definition", "pointer", "others", "history", "measured"}
# A table of examples, which lint-messages keeps up to date; and a description of the code, which
# promises nothing to users, and which lint-internals compares with the code
EXEMPT = {"messages.md", "internals.md"}
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
END_OF_SENTENCE = re.compile(
    r"(?<=[.!?])(?:(?<=\.\*\*)|(?<=[.!?]))\s+(?=[A-Z`\[*\"“(])|(?<=[.!?]\*\*)\s+")
SEPARATOR = re.compile(r"^\|[\s|:-]+\|$")
BORDER = re.compile(r"\n\s*\n|\n(?=- )")  # between paragraphs, and before each item of a list


def rows(lines):
    """The rows of a table, without its head."""
    separators = [number for number, line in enumerate(lines) if SEPARATOR.match(line)]
    return [" ".join(line.split()) for line in lines[separators[0] + 1:]] if separators else []


def sentences(text):
    found = []
    for paragraph in BORDER.split(CODE.sub("", text)):
        paragraph = paragraph.strip().removeprefix("- ")
        if not paragraph or paragraph.startswith(("#", "Title:", "<!--")):
            continue
        if paragraph.startswith("|"):
            found += rows(paragraph.splitlines())
        else:
            found += [sentence.strip()
                      for sentence in END_OF_SENTENCE.split(" ".join(paragraph.split()))]
    return [sentence for sentence in found if sentence]


def read_promises(text):
    """Returns a list of pairs, the sentence and the lines below it."""
    promises = []
    for line in text.splitlines():
        if line.startswith("- "):
            promises.append((line[2:], []))
        elif line.startswith("    "):
            promises[-1][1].append(line.strip())
    return promises


def is_in_file(reference, files):
    path, _, text = reference.partition(": ")
    return path in files and text != "" and text in files[path]


def findings(chapter, text, promises, paths, files):
    wanted, listed = sentences(text), [sentence for sentence, _ in promises]
    found = [f"{chapter}: not listed: {sentence}" for sentence in wanted if sentence not in listed]
    found += [f"{chapter}: not in the chapter: {sentence}"
              for sentence in listed if sentence not in wanted]
    for sentence, references in promises:
        if not references:
            found.append(f"{chapter}: no test: {sentence}")
        found += [f"{chapter}: there is no {reference}" for reference in references
                  if reference not in NO_TEST and reference not in paths
                  and not is_in_file(reference, files)]
    return found


SAMPLE = ("# Title\n\nA is so. B is\nso, too.\n\n```c\nno.\n```\n\n"
          "| head |\n| --- |\n| row | one |\n\n"
          "- Item one\n  is long.\n- Item two.\n")
SAMPLE_LIST = ("- A is so.\n    /a\n    /gone\n- Old.\n    advice\n- | row | one |\n"
               "- Item one is long.\n    /a\n")
EXPECTED = [
    "a: not listed: B is so, too.",
    "a: not listed: Item two.",
    "a: not in the chapter: Old.",
    "a: there is no /gone",
    "a: no test: | row | one |",
]


def list_paths(programs):
    paths = set()
    for program in programs:
        done = subprocess.run([program, "-l"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              encoding="utf-8")
        # newer GLib lists them as comments of TAP
        lines = [line.removeprefix("# ") for line in done.stdout.splitlines()]
        paths.update(line for line in lines if line.startswith("/"))
    return paths


def read_tree(top):
    """Gives {path below the folder of its kind: text}: tests/bindings/ is left out of a path."""
    files = {}
    for folder in ("tests", "examples"):
        for path in lint.walk(os.path.join(top, folder)):
            name = os.path.join(folder, path)
            for prefix in ("tests/bindings/", "tests/"):
                if name.startswith(prefix):
                    name = name[len(prefix):]
            files[name] = lint.read(os.path.join(top, folder, path))
    return files


def read_list(top, chapter):
    path = os.path.join(top, "tests", "doc", "promises", chapter + ".txt")
    return read_promises(lint.read(path)) if os.path.exists(path) else []


def print_list(top, chapter):
    known = dict(read_list(top, chapter))
    for sentence in sentences(lint.read(os.path.join(top, "doc", chapter + ".md"))):
        print(f"- {sentence}")
        for reference in known.get(sentence, []):
            print(f"    {reference}")


def main(arguments):
    if arguments[0] == "--list":
        print_list(arguments[2], arguments[1].removesuffix(".md"))
        return

    top, *programs = arguments
    paths, files = list_paths(programs), read_tree(top)
    tap = lint.Tap()
    tap.sample("promises", findings("a", SAMPLE, read_promises(SAMPLE_LIST), {"/a"}, {}), EXPECTED)
    for name in sorted(os.listdir(os.path.join(top, "doc"))):
        if name.endswith(".md") and name not in EXEMPT:
            chapter = name.removesuffix(".md")
            text = lint.read(os.path.join(top, "doc", name))
            tap.clean(chapter, findings(chapter, text, read_list(top, chapter), paths, files))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
