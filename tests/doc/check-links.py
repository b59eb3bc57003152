#!/usr/bin/python3
#
# check-links.py: what the chapters link to is there, is used by a test, and has the name that the page for users of Qt says
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

LINK = re.compile(r"\[(class|struct|enum|error|flags|ctor|func|method|vfunc|property|signal)@([\w.:-]+)\]")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
QT_NAME = re.compile(r"`(?:\w+::)?([a-z]\w+)(\([\w.]*\))?`")

# Names of Qt's in whose place there is one of these
OTHERWISE = {
    "allAddresses": "list_all_addresses",
    "allInterfaces": "list_all",
    "errorString": "error",
    "interfaceFromIndex": "from_index",
    "interfaceFromName": "from_name",
    "isEqual": "is_equal",
    "isTransactionStarted": "transaction_started",
    "isValid": "is_valid null",
    "lookupHost": "lookup_host lookup_address_async",
    "nextNegotiatedProtocol": "negotiated_protocol",
    "open": "connect_to_server",
    "peerCertificateChain": "peer_certificate",
    "qHash": "hash",
    "serverError": "error",
    "setAddress": "parse",
    "setAllowedNextProtocols": "advertised_protocols",
    "setData": "with_data",
    "setDestination": "with_destination",
    "setHopLimit": "with_hop_limit",
    "setInterfaceIndex": "with_interface_index",
    "setLocalCertificate": "certificate",
    "setPrivateKey": "certificate",
    "setScopeId": "with_scope_id",
    "setSender": "with_sender",
    "sslHandshakeErrors": "peer_certificate_errors",
    "toIPv4Address": "to_ipv4",
    "toIPv6Address": "to_ipv6",
    "type": "record_type",
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
                found[f"{kind}@{owner.get('name')}{border}{member.get('name')}"] = member.get(C + "identifier")
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
            if f"{kind}@{name}" in known and not is_used(kind, name, known[f"{kind}@{name}"], tests)]


def read_tests():
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    paths = [path for path in lint.walk(top) if re.search(r"(^|/)(test-[^/]*|common/[^/]*)\.(c|py|js|vala)$", path)]
    return "\n".join(lint.read(os.path.join(top, path)) for path in paths)


def snake(name):
    """connectToHost: connect_to_host"""
    return re.sub(r"(?<!^)([A-Z]+)", r"_\1", name).lower()


def row_findings(row):
    """Each member of Qt's in the first cell has the second cell's name, but for the manner of writing it."""
    cells = [cell.strip() for cell in row.strip("|").split(" | ")]
    here = {plain(re.split(r"[.:]+", name)[-1]).lower() for _, name in LINK.findall(cells[1])}
    here |= {word.lower() for word in re.findall(r"`(\w+)`", cells[1])}
    found = []
    for name, _ in QT_NAME.findall(cells[0]):
        wanted = snake(name)
        choices = {wanted, "get_" + wanted, wanted + "_full", wanted.removeprefix("is_"), wanted.removeprefix("set_")}
        if name in OTHERWISE:
            choices = set(OTHERWISE[name].split())
        if here and not choices & here:
            found.append(f"{name}: here there is only {', '.join(sorted(here))}")
    return found


def naming_findings(known):
    """C has the names that the bindings have, with a prefix; and where there is ..._full there is the plain one."""
    found = []
    for name, identifier in known.items():
        kind, _, path = name.partition("@")
        if kind != "method" or identifier is None:
            continue
        owner, _, method = path.partition(".")
        prefix = known.get("class@" + owner) or known.get("struct@" + owner)
        lower = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", prefix).lower()
        if identifier not in (f"{lower}_{method}", f"{lower}_{method}_array", f"{lower}_{method}_full"):
            found.append(f"{identifier} is {path} elsewhere")
        if method.endswith("_full") and f"method@{owner}.{method.removesuffix('_full')}" not in known:
            found.append(f"{path} has no plain one")
    return found


def virtual_findings(namespace, text):
    """The page for users of Qt names each virtual function."""
    names = [member.get("name") for owner in namespace for member in owner.findall(CORE + "virtual-method")]
    return [f"{name} is not named" for name in names if not re.search(rf"(\.|`){name}\b", text)]


def value_findings(namespace):
    """What is a value has no function that changes it."""
    return [f"{owner.get('name')}.{method.get('name')}" for owner in namespace.findall(CORE + "record")
            if owner.get(GLIB + "get-type") for method in owner.findall(CORE + "method")
            if method.get("name").startswith(("set_", "clear"))]


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
    tap.sample("uses", use_findings("a", SAMPLE, KNOWN, "qnet_thing_going ()"), ["a: no test uses method@Thing.go"])
    tap.sample("rows", row_findings(SAMPLE_ROW), ["goAway: here there is only go, so"])
    tap.sample("naming", naming_findings(KNOWN),
               ["qnet_something_do_full is Thing.do_full elsewhere", "Thing.do_full has no plain one"])
    tap.clean("the names of C are those of the other languages", naming_findings(known))
    tap.clean("values do not change", value_findings(namespace))
    for path in chapters:
        chapter = os.path.basename(path)
        text = lint.read(path)
        tap.clean(f"links of {chapter}", link_findings(chapter, text, known))
        tap.clean(f"{chapter}: each is used by a test", use_findings(chapter, text, known, tests))
        if chapter == "coming-from-qt.md":
            rows = [row for row in text.split("## QIODevice")[1].splitlines() if row.startswith("| `")]
            tap.clean("virtual functions", virtual_findings(namespace, text))
            tap.clean("rows of " + chapter, [finding for row in rows for finding in row_findings(row)])
    tap.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
