#!/usr/bin/python3
#
# check-words.py: the words, the lines and the order of includes of all that people read
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-words.py SOURCE-FOLDER          the lint, over the whole tree, as TAP
          check-words.py --list PATH...        what it finds in some files or folders
          check-words.py --count PATH...       how much it finds, by kind and by word

qnet uses the words of GLib, Qt and POSIX, in their sense. Some words have to be translated by each
reader ("the connection stands", "nobody hears of it"), or are a second name for a thing that has
one ("look-up"). WORDS lists them with what replaces them. A word is found in prose, in messages and
inside identifiers (written_untold,
QnetProxyWish).

ALLOWED lists the places where such a word is right, each with its reason."""

import os
import re
import sys

import lint

# A word (a regular expression, in lower case), and what to write instead
WORDS = {
    "told|untold": "notified, reported, emitted; in names: pending, emitted",
    "tells?|telling": "returns whether, emits, reports, notifies; gives",
    "keepers?": "owner",
    "faces?|facing": "stream",
    "troubles?|troubled|troublesome": "error, failure, problem; fails",
    "hears?|heard|hearing": "receives, is notified of, the handler runs",
    "(?:some|no|every|any)body|someone|no one|everyone|anyone":
        "the peer, the application, the user, none, all",
    "whoever|whomever|whom": "the caller that, the peer that",
    "(?<=by )who|(?<=from )who|(?<=for )who": "the process that, the caller that",
    "anew": "again",
    "wish|wishes|wished": "request, target",
    "guests?": "proxied peer, proxied connection",
    "(?:shakes?|shook|shaken|shaking) hands|hand ?shook": "performs the handshake",
    "good-?bye|good-?byes|farewell": "close_notify, quit",
    "(?:says?|said|saying) (?:hello|yes|no word|its|a word|nothing)": "sends, accepts, reports",
    "last words?": "last bytes, end of stream",
    "stand|stands|stood|standing": "is established, is set, is at",
    r"lets? (?:(?:it|them|him|the \w+) )?go|letting go": "drops, releases, closes",
    r"lets? (?:(?:it|them|him|the \w+) )?in|letting in": "accepts",
    r"hand(?:s|ed|ing)? (?:(?:it|them|the \w+) )?out": "returns, takes (a pending connection)",
    "announc(?:e|es|ed|ing)": "emits, reports, notifies",
    "hung up|hangs? up|hanging up": "closed the connection, reset; end of stream",
    "visits?|visited|visiting": "iteration, dispatch",
    "news": "readable, notify_state",
    "look-ups?": "lookup (noun), look up (verb)",
    "time-outs?": "timeout (noun), time out (verb)",
    "owes?|owed|owing": "is pending, is queued, is scheduled",
    "goes": "is sent, continues, leads, is closed, is disposed",
    "(?:is|are|was|were|has|have|had|be|been|being|not) gone":
        "is closed, is freed, is disposed, no longer exists",
    "stays? until": "waits for, blocks until",
    "ends? (?:its )?sending": "shuts down the write side",
    "strangers?": "an unknown peer, an untrusted peer",
    "for good": "permanently, finally",
    "mends?|mended": "fixes, corrects",
    "deaf": "not listening, not reading",
    "stor(?:y|ies)": "scenario; a test name is a promise",
    "hard[ _-]parts": "a test name is a promise",
    "thereof|hereby|whence|hence(?!forth)|ere": "of it, so",
    "in vain": "without success",
    "once and for all": "permanently",
    "gets? over": "ends, recovers",
    "comes? to (?:stand|nothing|pass)": "is established, fails, happens",
    "as ever": "as before, as always",
}

# A path (a regular expression), a word, and why it is right there
ALLOWED = [
    (r".*", r"stands? (?:in )?for\b", "a name, a number or an object that represents another one"),
    (r".*", r"\btell(?:s|ing)? .*\bapart", "to distinguish"),
    (r".*", r"\btell(?:s|ing)? \S+ (?:\S+ )?from\b", "to distinguish"),
    (r".*", r"[\"'`(]nobody[\"'`)]|\"nobody:|user nobody|^nobody\b", "the account of Unix"),
    (r".*", r"\b221\b.*[Gg]oodbye", "the answer of an FTP server"),
    (r".*", r"\bNEWS\b(?!_)|(?<![A-Z_])NEWS(?![A-Z_])", "the file"),
    (r"CONTRIBUTING\.md", r"^\|.*|.*(?:left_to_tell|written_untold|until somebody|hard-parts).*",
     "examples of what not to write"),
    (r"tests/lint/check-words\.py", r".*", "the list itself, and its bad sample"),
]

NO_TEXT = re.compile(r"^(po/|COPYING$|tests/doc/promises/|tests/fuzz/[^/]*/|doc/.*\.js$)")
KINDS = {
    ".c": "c", ".h": "c", ".cpp": "c", ".py": "py", ".js": "js", ".vala": "vala", ".sh": "sh",
    ".build": "meson", ".md": "md", ".in": "text", ".doap": "text", ".supp": "text",
}
NAMES = {
    "NEWS": "news", "meson_options.txt": "meson", ".ci/run": "sh", "tools/test": "sh",
    "tools/test-on": "sh", "tools/bench": "sh", "tools/demo": "sh", "tools/make-certificates": "sh",
}
COLUMNS = {"c": 100, "py": 100, "js": 100, "vala": 100, "sh": 100, "meson": 100, "md": 120,
           "news": 120}
TWO_BLANKS_ARE_RIGHT = {"py"}

URL = re.compile(r"https?://|\]\([^)]*$")
FENCE = re.compile(r"^\s*```")
INCLUDE = re.compile(r'^#\s*include\s+(["<])([^">]+)[">]')


def pattern_of(word):
    """The word by itself, or in an identifier: told, bytes_told, BYTES_TOLD, bytesTold."""
    return re.compile(
        rf"(?<![A-Za-z])(?:{word})(?![A-Za-z])|(?<=[a-z0-9])(?=[A-Z])(?i:{word})(?![a-z])"
        rf"|(?<![A-Za-z])(?=[A-Z])(?i:{word})(?![a-z])")


# Several words may also be one name: in_vain, IN_VAIN, in-vain.
WORDS = {re.sub(r" (?![^[]*\])", "[ _-]", word): use for word, use in WORDS.items()}
PATTERNS = [(pattern_of(word), use) for word, use in WORDS.items()]
# One pass over a line, before the patterns: a word or a part of an identifier that begins like one
PLAIN_WORDS = [re.sub(r"\(\?[<!=][^)]*\)", "", word) for word in WORDS]
QUICK = re.compile(r"(?:(?<![A-Za-z])|(?<=[a-z0-9])(?=[A-Z]))(?i:" + "|".join(PLAIN_WORDS) + ")")
ALLOWED_PATTERNS = [(re.compile(path), re.compile(text)) for path, text, _ in ALLOWED]


def kind_of(path):
    _, ending = os.path.splitext(path)
    return NAMES.get(path) or KINDS.get(ending)


def is_allowed(path, line, match):
    return any(
        where.fullmatch(path)
        and any(found.start() <= match.start() < found.end() for found in text.finditer(line))
        for where, text in ALLOWED_PATTERNS
    )


def words_in(path, line):
    if not QUICK.search(line):
        return
    for pattern, use in PATTERNS:
        for match in pattern.finditer(line):
            if not is_allowed(path, line, match):
                yield match[0], use


def word_findings(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        for word, use in words_in(path, line):
            yield number, "word", f"{word}: use {use}"


def is_too_long(kind, line, is_code):
    if len(line) <= COLUMNS.get(kind, sys.maxsize):
        return False
    if URL.search(line):
        return False
    return kind != "md" or not (is_code or line.lstrip().startswith("|") or line.startswith("["))


def line_findings(path, text):
    kind = kind_of(path)
    is_code = False
    is_blank_before = False
    for number, line in enumerate(text.split("\n")[:-1] if text.endswith("\n")
                                  else text.split("\n"), 1):
        if kind == "md" and FENCE.match(line):
            is_code = not is_code
        if is_too_long(kind, line, is_code or (kind == "md" and line.startswith("    "))):
            yield number, "columns", f"{len(line)} columns: use {COLUMNS[kind]} at most"
        if line != line.rstrip():
            yield number, "space", "space at the end of the line: use none"
        if not line and is_blank_before and kind not in TWO_BLANKS_ARE_RIGHT and not is_code:
            yield number, "space", "two blank lines: use one"
        is_blank_before = not line
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "space", "no newline at the end of the file: use one"


def rank(path, delimiter, name):
    """config.h, the file's own header, the system, ours."""
    base = os.path.splitext(os.path.basename(path))[0]
    if name == "config.h":
        return 0
    own = re.compile(rf"(?:.*/)?{re.escape(base)}(-private)?\.h")
    if delimiter == '"' and path.endswith(".c") and own.fullmatch(name):
        return 1
    return 2 if delimiter == "<" else 3


def include_findings(path, text):
    """Blocks between blank lines are each sorted, and in the order of their rank. The order begins
    again after a condition of the preprocessor. A header of ours that is alone in the first block
    is what the file implements."""
    before, highest, is_block = None, 0, False
    lines = lint.without_comments(text).splitlines()
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            if line.strip() and not line.startswith(("#define", "#pragma")):
                highest = 0
            is_block = False
            continue
        if is_block is False:
            before = None
        this = rank(path, *match.groups())
        if this == 3 and highest == 0 and not is_block and "".join(lines[number:number + 1]) == "":
            this = 1
        if this < highest:
            yield number, "includes", f"{match[2]}: use config.h, own header, system, ours"
        elif before is not None and before[0] == this and match[2] < before[1]:
            yield number, "includes", f"{match[2]}: use sorted lines ({before[1]} is before it)"
        elif before is not None and before[0] != this:
            yield number, "includes", f"{match[2]}: use a blank line before it"
        before, highest, is_block = (this, match[2]), max(this, highest), True


def findings(path, text):
    """Gives (line, kind of finding, text)."""
    found = list(word_findings(path, text)) + list(line_findings(path, text))
    if kind_of(path) == "c" and path != "qnet/qnet.h":  # there the order is that of the classes
        found += include_findings(path, text)
    return sorted(found)


SAMPLE = """\
#include "sample.h"
#include <string.h>

#include <stdio.h>
#include "config.h"

/* Nobody hears of it, but NEWS and "nobody" and what stands for a thing are right. */
gboolean bytes_untold, hung_up;\x20


QnetProxyWish *wish; guint interface;
""" + "/* " + "x" * 100 + " */\n"
EXPECTED = [
    "2 includes", "5 includes", "7 word", "7 word", "8 space", "8 word", "8 word", "10 space",
    "11 word", "11 word", "12 columns",
]


def tree(top):
    for path in lint.walk(top):
        if not NO_TEXT.match(path) and kind_of(path):
            yield path


def top_of(path):
    """The source folder that a path belongs to, so that its name is that of the tree."""
    folder = os.path.abspath(path)
    while folder != "/" and not os.path.exists(os.path.join(folder, "meson_options.txt")):
        folder = os.path.dirname(folder)
    return folder


def below(paths):
    """Gives (the path to print, the path in the tree)."""
    for path in paths:
        top = top_of(path)
        files = [os.path.join(path, file)
                 for file in lint.walk(path)] if os.path.isdir(path) else [path]
        for file in sorted(files):
            name = os.path.relpath(os.path.abspath(file), top)
            if not NO_TEXT.match(name) and kind_of(name):
                yield file, name


def print_list(paths):
    count = 0
    for path, name in below(paths):
        for number, _, text in findings(name, lint.read(path)):
            print(f"{path}:{number}: {text}")
            count += 1
    sys.exit(1 if count else 0)


def print_count(paths):
    kinds, words, files = {}, {}, {}
    for path, name in below(paths):
        for _, kind, text in findings(name, lint.read(path)):
            kinds[kind] = kinds.get(kind, 0) + 1
            folder = os.path.dirname(name) or "."
            files.setdefault(folder, {}).setdefault(kind, 0)
            files[folder][kind] += 1
            if kind == "word":
                word = text.split(": use")[0].lower()
                words[word] = words.get(word, 0) + 1
    for kind in ("word", "columns", "includes", "space"):
        print(f"{kinds.get(kind, 0):6} {kind}")
    print("\nBy folder (words, columns, includes, space):")
    for folder, found in sorted(files.items()):
        print("".join(f"{found.get(kind, 0):6}"
                      for kind in ("word", "columns", "includes", "space")), folder)
    print("\nBy word:")
    for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:6} {word}")


def main(arguments):
    if arguments[0] == "--list":
        print_list(arguments[1:])
    elif arguments[0] == "--count":
        print_count(arguments[1:])
        return

    top = arguments[0]
    tap = lint.Tap()
    tap.sample("words", [f"{number} {kind}" for number, kind, _ in findings("sample.c", SAMPLE)],
               EXPECTED)
    found = {path: findings(path, lint.read(os.path.join(top, path))) for path in tree(top)}
    for kind in ("word", "columns", "includes", "space"):
        tap.clean(f"words: {kind}", [
            f"{path}:{number}: {text}"
            for path, lines in found.items()
            for number, this, text in lines
            if this == kind
        ])
    tap.finish()


main(sys.argv[1:])
