#!/usr/bin/python3
#
# check-messages.py: doc/messages.md shows each message of qnet/ in an example
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The table is there to be read: does each message name the operation, the peer, and the reason?

    check-messages.py TOP            checks that the table has each message, where it occurs, and an
                                     example of it
    check-messages.py TOP --update   writes the table: old messages keep their example; a new one
                                     gets a generated example, or "TODO", to be replaced by hand"""

import errno
import os
import re
import sys

import lint

MESSAGE = re.compile(r'(?<!\w)(N?_|qnet_ngettext) ?\(\s*((?:"(?:[^"\\\n]|\\.)*"\s*)+)')
PLACEHOLDER = re.compile(r"%(?:\.\*|[-0-9.])*(?:zu|[dugsc%])")
ROW = re.compile(r"^\| `(.*)` \| (\S.*?) \| (.*) \|$")
ADDS_REASON = re.compile(r"(set_error_from_errno|take_error_from_gerror) \([^;]*$")

HEAD = """Title: Messages
Slug: messages

# Messages

All texts that qnet shows to people, each with an example. Messages are translated, so a program
looks at [the codes](errors.html). A message that is the reason of another one has the whole in its
example.

`tests/lint/check-messages.py . --update` adds a new message to this table.
"""

FOLDERS = {
    "base": "All",
    "address": "Addresses",
    "loop": "Reading and writing",
    "channel": "Reading and writing",
    "dns": "Names",
    "lookup": "Names",
    "auth": "Proxies",
    "proxy": "Proxies",
    "device": "Reading and writing",
    "connection": "Connecting",
    "socket": "Sockets",
    "udp": "Datagrams",
    "server": "Servers",
    "ssl": "Encryption",
    "dtls": "Encrypted datagrams",
    "tls": "Encryption",
    "local": "Local sockets",
}

# What comes before a part of a message, by the file that the part is in
BEFORE = {
    "http-tunnel": "Could not connect to www.example port 80"
        " through the HTTP proxy proxy.example port 8080: ",
    "socks5-client": "Could not connect to www.example port 80"
        " through the SOCKS5 proxy proxy.example port 1080: ",
    "proxy-dialogue": "Could not connect to www.example port 80"
        " through the SOCKS5 proxy proxy.example port 1080: ",
    "tunnel": "Could not connect to www.example port 80"
        " through the SOCKS5 proxy proxy.example port 1080: ",
    "proxy-choice": "Could not connect to www.example port 80"
        " through the proxy proxy.example port 8080: ",
    "network-proxy-factory": "Could not choose a proxy for www.example: ",
    "environment-proxies": "Could not choose a proxy for www.example: ",
    "resolver-factory": "Could not choose a proxy for www.example: ",
    "abstract-socket-descriptor": "Could not take over descriptor 5: ",
    "local-socket-descriptor": "Could not take over descriptor 5: ",
    "ssl-errors": "Could not encrypt the connection to www.example: ",
    "ssl-socket-securing": "Could not encrypt the connection to www.example: ",
    "ssl-socket-handshake": "Could not encrypt the connection to www.example: ",
}

# What the system says, where its reason is added to a message
REASONS = [
    ("look up", "Name or service not known"),
    ("listen", "Address already in use"),
    ("bind", "Address already in use"),
    ("connect to", "Connection refused"),
    ("delivered", "Connection refused"),
    ("accept", "Too many open files"),
    ("encrypt", "Too many open files"),
    ("take the connection", "Too many open files"),
    ("make a socket", "Too many open files"),
    ("take over", "Too many open files"),
    ("descriptor", "Too many open files"),
    ("option", "Permission denied"),
    ("remove", "Permission denied"),
    ("choose a proxy", "The proxy factory returned no proxy"),
    ("interface", "Cannot assign requested address"),
    ("send to", "Network is unreachable"),
    ("", "Connection reset by peer"),
]

# What is added as a reason, and is no message here
FOREIGN = {os.strerror(number) for number in errno.errorcode} | {
    "Name or service not known",
    # addresses, and hosts, with their reasons
    "Could not look up “a.example.org”: Name or service not known; "
    "Could not connect to b.example.org port 143 (192.0.2.1): Connection refused",
    "192.0.2.1: No answer; 192.0.2.2: Connection refused",
    "2001:db8::1: Network is unreachable; 192.0.2.1: Connection refused",
    # GIO and GnuTLS
    "No PEM-encoded certificate found",
    "The request is invalid.",
    "Base64 unexpected header error.",
    "PKCS #11 error.",
    "Decryption has failed.",
    "The specified session has been invalidated for some reason.",
}

# What is no part of a message: the function that returns it
FUNCTION = re.compile(r"^\w+\.\w+\(\): ")

DEFAULTS = {"s": "www.example", "c": "x", "d": "80", "u": "80", "zu": "128", "g": "30", "%": "%"}


def occurrences(files):
    """Gives {message: ([file], whether the system's reason is added)}."""

    found = {}
    for path, text in sorted(files.items(),
                             key=lambda item: (lint.LAYERS.index(item[0].split("/")[0]), item[0])):
        text = lint.without_comments(text)
        for match in MESSAGE.finditer(text):
            message = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', match[2]))
            paths, _ = found.get(message, ([], False))
            before = text[max(0, match.start() - 200) : match.start()]
            adds_reason = ADDS_REASON.search(before) is not None
            found[message] = (paths if path in paths else paths + [path], adds_reason)
    return found


def pattern_of(message):
    """A reason, which may be a message itself, is the last group."""

    pattern = ""
    end = 0
    for match in PLACEHOLDER.finditer(message):
        kind = match[0].rstrip()[-1]
        pattern += re.escape(message[end : match.start()])
        if kind == "s" and match.end() == len(message) and message[: match.start()].endswith(": "):
            pattern += "(?P<reason>.+)"
        else:
            pattern += {"s": "(?:(?!: ).)*", "%": "%", "c": "."}.get(kind, r"-?[\d.]+")
        end = match.end()
    return pattern + re.escape(message[end:])


def fits(message, example):
    """Whether the example has the message in it, with something for each placeholder."""

    return re.search(pattern_of(message), example) is not None


def is_whole(example, patterns):
    """Whether it is a message, or a chain of them that ends with the reason of another library."""

    if example in FOREIGN:
        return True
    for pattern in patterns:
        match = pattern.match(example)
        if match is None:
            continue
        reason = match.groupdict().get("reason")
        rest = example[match.end() :]
        if reason is not None and is_whole(reason, patterns):
            return True
        if reason is None and (rest == "" or rest.startswith(": ")
                               and is_whole(rest[2:], patterns)):
            return True
    return False


def make_example(message, path, adds_reason):
    example = PLACEHOLDER.sub(lambda match: DEFAULTS[re.search(r"zu|.$", match[0])[0]], message)
    before = BEFORE.get(places([path]))
    if before and not message.startswith("Could not"):
        return before + example
    if not message[:1].isupper() and message[:1] != "“":
        return "TODO"
    return example + ": " + next(reason for part, reason in REASONS
                                 if part in message) if adds_reason else example


def read_table(text):
    """Gives {message: (places, example)}."""

    rows = (ROW.match(line) for line in text.splitlines())
    return {row[1].replace("&#124;", "|"): (row[2], row[3]) for row in rows if row}


def write_table(found, table):
    titles = {}
    for message, (paths, adds_reason) in found.items():
        example = table.get(message, (None, None))[1]
        if example is None or not fits(message, example):
            example = make_example(message, paths[0], adds_reason)
        folder = paths[0].split("/")[0]
        titles.setdefault(FOLDERS.get(folder, folder), []).append(
            f"| `{message.replace('|', '&#124;')}` | {places(paths)} | {example} |\n")

    text = HEAD
    for title, rows in titles.items():
        text += f"\n## {title}\n\n| Message | Where | For example |\n| --- | --- | --- |\n"
        text += "".join(rows)
    return text


def places(paths):
    return ", ".join(os.path.basename(path).removeprefix("qnet-").removesuffix(".c")
                     for path in paths)


def findings(files, text):
    found = occurrences(files)
    table = read_table(text)
    patterns = [re.compile(pattern_of(message)) for message in found if message != "%s: %s"]
    results = []
    for message, (paths, _) in found.items():
        if message not in table:
            results.append(f"messages.md: add “{message}” (--update does)")
            continue
        where, example = table[message]
        if where != places(paths):
            results.append(f"messages.md: “{message}” is in {places(paths)} (--update says so)")
        if example.startswith("TODO") or not fits(message, example):
            results.append(f"messages.md: give an example of “{message}”")
        elif not (example[0].isupper() or example[0].isdigit() or example[0] in "“["):
            results.append(f"messages.md: the example of “{message}” is a part of a message")
        elif not is_whole(FUNCTION.sub("", example), patterns):
            results.append(f"messages.md: “{example}” is not made of messages")
    results += [f"messages.md: “{message}” is no message any more (--update removes it)"
                for message in table if message not in found]
    return results


SAMPLE = {
    "base/qnet-a.c": 'f (_("Could not find %s: "\n     "it is closed"));  /* _("comment") */\n'
                     'g (N_("a part"));',
    "proxy/qnet-b.c": 'f (_("new")); h (_("a part")); f (_("100%% of %zu"));',
}

SAMPLE_TABLE = """
| `Could not find %s: it is closed` | a | Could not find it |
| `a part` | a | a part |
| `100%% of %zu` | b | It took 100% of 5 |
| `old` | a | Old |
"""

EXPECTED = [
    "messages.md: give an example of “Could not find %s: it is closed”",
    "messages.md: “a part” is in a, b (--update says so)",
    "messages.md: the example of “a part” is a part of a message",
    "messages.md: add “new” (--update does)",
    "messages.md: “It took 100% of 5” is not made of messages",
    "messages.md: “old” is no message any more (--update removes it)",
]


def main(top, *options):
    path = os.path.join(top, "doc", "messages.md")
    files = lint.sources(top, ".c", ".h")
    text = lint.read(path) if os.path.exists(path) else ""

    if options:
        with open(path, "w", encoding="utf-8") as file:
            file.write(write_table(occurrences(files), read_table(text)))
        return

    tap = lint.Tap()
    tap.sample("messages", findings(SAMPLE, SAMPLE_TABLE), EXPECTED)
    tap.clean("messages", findings(files, text))
    tap.finish()


main(*sys.argv[1:])
