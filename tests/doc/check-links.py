#!/usr/bin/python3
#
# check-links.py: what the chapters link to is there, is used by a test, and has the name that the
# page for users of Qt says
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-links.py Qnet-1.gir CHAPTER.md..."""

import os
import re
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lint"))
import lint  # noqa: E402

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"

TYPES = {
    "class": [CORE + "class"],
    "struct": [CORE + "record"],
    "enum": [CORE + "enumeration"],
    "error": [CORE + "enumeration"],
    "flags": [CORE + "bitfield"],
}
MEMBERS = {
    "ctor": (CORE + "constructor", "."),
    "func": (CORE + "function", "."),
    "method": (CORE + "method", "."),
    "vfunc": (CORE + "virtual-method", "."),
    "property": (CORE + "property", ":"),
    "signal": (GLIB + "signal", "::"),
}

LINK = re.compile(
    r"\[(class|struct|enum|error|flags|ctor|func|method|vfunc|property|signal)@([\w.:-]+)\]")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
QT_NAME = re.compile(r"`(?:\w+::)?([a-z]\w+)(\([\w.]*\))?`")

# Names of Qt's in whose place there is one of these
OTHERWISE = {
    "abortHostLookup": "cancellable",
    "allAddresses": "list_all_addresses",
    "allInterfaces": "list_all",
    "defaultConfiguration": "get_default",
    "errorString": "error",
    "hasRawHeader": "get_raw_header",
    "interfaceFromIndex": "from_index",
    "interfaceFromName": "from_name",
    "isCachingProxy": "is_caching",
    "isEqual": "equal_full",
    "isTransactionStarted": "transaction_started",
    "isTransparentProxy": "is_transparent",
    "isValid": "is_valid null",
    "setSocketError": "report_error",
    "setSocketState": "set_state",
    "lookupHost": "lookup_host_async lookup_address_async",
    "newSessionTicketReceived": "session_ticket",
    "nextNegotiatedProtocol": "negotiated_protocol",
    "ocspResponses": "ocsp_response",
    "open": "connect_to_server",
    "peerCertificateChain": "peer_certificate",
    "peerVerifyDepth": "with_peer_verify_depth",
    "protocol": "get_protocol session_protocol",
    "qHash": "hash",
    "rawHeaderList": "list_raw_headers",
    "serverError": "error",
    "setAddress": "parse",
    "setAllowedNextProtocols": "advertised_protocols",
    "setData": "with_data",
    "setDefaultConfiguration": "set_default",
    "setDestination": "with_destination",
    "setHopLimit": "with_hop_limit",
    "setInterfaceIndex": "with_interface_index",
    "setLocalCertificate": "certificate",
    "setPeerVerifyDepth": "with_peer_verify_depth",
    "setPrivateKey": "certificate",
    "setProtocol": "with_minimum_version",
    "setScopeId": "with_scope_id",
    "setSender": "with_sender",
    "setSocketDescriptor": "set_fd",
    "socketDescriptor": "get_fd",
    "socketOptions": "access",
    "sslHandshakeErrors": "peer_certificate_errors",
    "toIPv4Address": "to_ipv4",
    "toIPv6Address": "to_ipv6",
    "type": "record_type",
    "url": "to_uri",
    "usesSystemConfiguration": "get_use_system_configuration",
}


def plain(text):
    return text.replace("-", "_")


def things(namespace):
    """Gives what can be linked to, as it is written in a link, and the identifiers of C by that."""
    found = {}
    for kind, tags in TYPES.items():
        for element in namespace:
            if element.tag not in tags:
                continue
            name = element.get("name")
            found[f"{kind}@{name}"] = element.get(C + "type")
            for member in element.findall(CORE + "member"):
                found[f"{kind}@{name}.{member.get('name').upper()}"] = member.get(C + "identifier")
    for kind, (tag, border) in MEMBERS.items():
        for owner in namespace:
            for member in owner.findall(tag):
                name = f"{kind}@{owner.get('name')}{border}{member.get('name')}"
                found[name] = member.get(C + "identifier")
    for function in namespace.findall(CORE + "function"):
        found[f"func@{function.get('name')}"] = function.get(C + "identifier")
    return found


def link_findings(chapter, text, known):
    links = [f"{kind}@{name}" for kind, name in LINK.findall(CODE.sub("", text))
             if not name.startswith(("Gio.", "GLib.", "GObject."))]
    return [f"{chapter}: there is no {link}" for link in links if link not in known]


def is_used(kind, name, identifier, tests):
    """Whether a test calls it, reads it, handles or overrides it."""
    owner, member = re.split(r"[.:]+", name) if re.search("[.:]", name) else ("", name)
    word = plain(member)
    patterns = {
        "ctor": rf"\b{identifier}\b",
        "func": rf"\b{identifier}\b",
        "method": rf"\b{identifier}\b|\.{word}\b",
        "property": rf"\"(notify::)?{member}\"|_(get_|set_|is_)?{word}\b|\.{word}\b",
        "signal": rf"[\"']{member}[\"']|\.{word}\.connect\b",
        "vfunc": rf"\b(do_|vfunc_)?{word}\b",
    }
    return kind not in patterns or re.search(patterns[kind], tests) is not None


def use_findings(chapter, text, known, tests):
    """What a chapter links to is used by a test."""
    links = sorted(set(LINK.findall(CODE.sub("", text))))
    return [f"{chapter}: no test uses {kind}@{name}" for kind, name in links
            if f"{kind}@{name}" in known and not is_used(kind, name, known[f"{kind}@{name}"],
                                                         tests)]


def read_tests():
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    paths = [path for path in lint.walk(top)
             if re.search(r"(^|/)(test-[^/]*|common/[^/]*)\.(c|py|js|vala)$", path)]
    return "\n".join(lint.read(os.path.join(top, path)) for path in paths)


def snake(name):
    """connectToHost: connect_to_host"""
    return re.sub(r"(?<!^)([A-Z]+)", r"_\1", name).lower()


def row_findings(row):
    """Each member of Qt's in the first cell has the second cell's name, but for the manner of
    writing it."""
    cells = [cell.strip() for cell in row.strip("|").split(" | ")]
    here = {plain(re.split(r"[.:]+", name)[-1]).lower() for _, name in LINK.findall(cells[1])}
    here |= {word.lower() for word in re.findall(r"`(\w+)`", cells[1])}
    found = []
    for name, _ in QT_NAME.findall(cells[0]):
        wanted = snake(name)
        choices = {wanted, "get_" + wanted, wanted
                   + "_full", wanted.removeprefix("is_"), wanted.removeprefix("set_")}
        if name in OTHERWISE:
            choices = set(OTHERWISE[name].split())
        if here and not choices & here:
            found.append(f"{name}: here there is only {', '.join(sorted(here))}")
    return found


def naming_findings(known):
    """C has the names that the bindings have, with a prefix; and where there is ..._full there is
    the plain one."""
    found = []
    for name, identifier in known.items():
        kind, _, path = name.partition("@")
        if kind != "method" or identifier is None:
            continue
        owner, _, method = path.partition(".")
        prefix = known.get("class@" + owner) or known.get("struct@" + owner)
        lower = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", prefix).lower()
        if identifier not in (f"{lower}_{method}", f"{lower}_{method}_array",
                              f"{lower}_{method}_full"):
            found.append(f"{identifier} is {path} elsewhere")
        plain = f"method@{owner}.{method.removesuffix('_full')}"
        if method.endswith("_full") and plain not in known:
            found.append(f"{path} has no plain one")
    return found


def virtual_findings(namespace, text):
    """The page for users of Qt names each virtual function."""
    names = [member.get("name") for owner in namespace
             for member in owner.findall(CORE + "virtual-method")]
    return [f"{name} is not named" for name in names if not re.search(rf"(\.|`){name}\b", text)]


def read_members(path):
    """The members of Qt's classes, by class: an indented line continues the one above."""
    lines = [line for line in lint.read(path).splitlines() if line and not line.startswith("#")]
    text = " ".join(line if line.startswith(" ") else "\n" + line for line in lines)
    pairs = [line.split(":", 1) for line in text.strip().splitlines()]
    return {owner: names.split() for owner, names in pairs}


def member_findings(members, text):
    """The page for users of Qt mentions each member, or its getter or setter."""
    found = []
    for owner, names in members.items():
        for name in names:
            capital = name[0].upper() + name[1:]
            is_setter = re.match("set[A-Z]", name)
            other = name[3].lower() + name[4:] if is_setter else "set" + capital
            is_other = "is" + capital
            if not any(re.search(rf"\b{word}\b", text) for word in (name, other, is_other)):
                found.append(f"{owner}: {name} is not mentioned")
    return found


def absent_findings(text, known):
    """What the page calls absent is: no method, property or signal has the name."""
    members = {plain(re.split(r"[.:]+", name)[-1]) for name in known}
    section = text.split("## What does not exist")[1].split("## ")[0]
    cells = [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| ")]
    names = {snake(name) for cell in cells for name, _ in QT_NAME.findall(cell)}
    return sorted(f"{name} exists" for name in names - EXIST_ELSEWHERE
                  if {name, "get_" + name, "set_" + name, "is_" + name} & members)


# Names that other classes have: of addresses and filters, of GIO's types, of the devices
EXIST_ELSEWHERE = {"clear", "protocol", "resume", "set_error", "size", "set_name"}


def value_findings(namespace):
    """What is a value has no function that changes it; a default is a value of the program."""
    return [f"{owner.get('name')}.{method.get('name')}" for owner in namespace.findall(CORE
                                                                                       + "record")
            if owner.get(GLIB + "get-type") for method in owner.findall(CORE + "method")
            if method.get("name").startswith(("set_", "clear"))
            and method.get("name") != "set_default"]


SAMPLE = "[class@Gone], [method@Thing.go], [property@Gio.Socket:fd]\n"
KNOWN = {
    "class@Thing": "QnetThing",
    "method@Thing.go": "qnet_thing_go",
    "method@Thing.do_full": "qnet_something_do_full",
}
SAMPLE_ROW = "| `goAway()`, `isSo()` | [method@Thing.go], [property@Thing:so] |"


def main(gir, *chapters):
    namespace = xml.etree.ElementTree.parse(gir).getroot().find(CORE + "namespace")
    known, tests = things(namespace), read_tests()
    tap = lint.Tap()
    tap.sample("links", link_findings("a", SAMPLE, KNOWN), ["a: there is no class@Gone"])
    tap.sample("uses", use_findings("a", SAMPLE, KNOWN, "qnet_thing_going ()"),
               ["a: no test uses method@Thing.go"])
    tap.sample("rows", row_findings(SAMPLE_ROW), ["goAway: here there is only go, so"])
    tap.sample("members",
               member_findings({"QThing": ["goAway", "setFar", "stay"]}, "`goAway()`, `far()`"),
               ["QThing: stay is not mentioned"])
    tap.sample("absent",
               absent_findings("## What does not exist\n| `goAway()`, `go()` | no |",
                               KNOWN), ["go exists"])
    tap.sample("naming", naming_findings(KNOWN),
               ["qnet_something_do_full is Thing.do_full elsewhere",
                "Thing.do_full has no plain one"])
    tap.clean("the names of C are those of the other languages", naming_findings(known))
    tap.clean("values do not change", value_findings(namespace))
    for path in chapters:
        chapter = os.path.basename(path)
        text = lint.read(path)
        tap.clean(f"links of {chapter}", link_findings(chapter, text, known))
        tap.clean(f"{chapter}: each is used by a test", use_findings(chapter, text, known, tests))
        if chapter == "coming-from-qt.md":
            members = read_members(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                "qt-members.txt"))
            tables = text.split("## QIODevice")[1].split("## What has another name")[0]
            rows = [row for row in tables.splitlines() if row.startswith("| `")]
            tap.clean("members of Qt", member_findings(members, text))
            tap.clean("absent members", absent_findings(text, known))
            tap.clean("virtual functions", virtual_findings(namespace, text))
            tap.clean("rows of "
                      + chapter, [finding for row in rows for finding in row_findings(row)])
    tap.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
