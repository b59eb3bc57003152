#!/usr/bin/python3
#
# check-gir.py: what the bindings cannot take stays out of the introspection data and the VAPI
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-gir.py Qnet-1.gir TOP-OF-THE-SOURCES [qnet-1.vapi]"""

import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

import tap

CORE = "{http://www.gtk.org/introspection/core/1.0}"
CALLABLES = [CORE + kind for kind in ("constructor", "function", "method", "virtual-method")]

gir = xml.etree.ElementTree.parse(sys.argv[1]).getroot().find(CORE + "namespace")
top = pathlib.Path(sys.argv[2])
vapi = pathlib.Path(sys.argv[3]).read_text() if len(sys.argv) > 3 else ""


def classes():
    return [*gir.iter(CORE + "class"), *gir.iter(CORE + "record")]


def is_introspectable(element):
    return element.get("introspectable") != "0" and "moved-to" not in element.attrib


def callables():
    """Everything that a binding can call, with a name to complain by."""
    for owner in [gir, *classes()]:
        for kind in CALLABLES:
            for function in owner.findall(kind):
                if is_introspectable(function):
                    yield f"{owner.get('name')}.{function.get('name')}", function


def pairs():
    return [name for name, function in callables() if name.endswith("_async")]


def values(function):
    """The parameters, and the result."""
    return [*function.findall(f"{CORE}parameters/{CORE}parameter"),
            function.find(CORE + "return-value")]


def type_of(element):
    """The name of its type; "" for an array."""
    kind = element.find(CORE + "type")
    return "" if kind is None else kind.get("name")


class Introspection(unittest.TestCase):
    def test_constructors(self):
        """No constructor gives nothing without an error: Python makes a TypeError of it."""
        for name, function in callables():
            if function.tag == CORE + "constructor" and not function.get("throws"):
                self.assertIsNone(values(function)[-1].get("nullable"), name)

    def test_error_codes(self):
        """No function takes or gives a QnetSocketError: GJS throws at codes that it does not
        know."""
        for name, function in callables():
            types = [value.find(CORE + "type") for value in values(function)]
            self.assertNotIn("SocketError",
                             [kind.get("name") for kind in types if kind is not None], name)

    def test_numbers(self):
        """A number is an int, and one of bytes or of microseconds an int64; a port cannot be
        negative."""
        for owner in classes():
            for one in owner.findall(CORE + "property"):
                name = f"{owner.get('name')}:{one.get('name')}"
                if type_of(one).startswith(("gu", "glong", "gsize")):
                    self.assertTrue(name.endswith("port"), name)
                if one.get("name").startswith("bytes-"):
                    self.assertEqual(type_of(one), "gint64", name)

    def test_names(self):
        """No property has the name of a method: GJS hides the method, and the VAPI drops it."""
        for owner in classes():
            methods = {function.get("name") for function in owner.findall(CORE + "method")}
            properties = {one.get("name").replace("-", "_") for one in owner.findall(CORE
                                                                                     + "property")}
            self.assertEqual(methods & properties, set(), owner.get("name"))

    def test_pointer_arrays(self):
        """No GPtrArray is handed over with its elements: Python and GJS free them twice."""
        for name, function in callables():
            result = values(function)[-1]
            array = result.find(CORE + "array")
            if array is not None and array.get("name") == "GLib.PtrArray":
                self.assertNotEqual(result.get("transfer-ownership"), "full", name)


class Conventions(unittest.TestCase):
    """What is the same in all classes."""

    def test_booleans(self):
        """A boolean property is an adjective, with is_, or get_ and set_ where it can be set."""
        for owner in classes():
            for one in owner.findall(CORE + "property"):
                name = one.get("name").replace("-", "_")
                if type_of(one) != "gboolean":
                    continue
                self.assertNotRegex(name, "^(is|has|can|get)_", owner.get("name"))
                expected = (f"get_{name}", f"set_{name}") if one.get("writable") else (f"is_{name}",
                                                                                       None)
                self.assertEqual((one.get("getter"), one.get("setter")), expected,
                                 owner.get("name"))

    def test_limits(self):
        """tests/test-limits.c tries each number that can be set; the meaning of 0 is documented."""
        rows = (top / "tests/test-limits.c").read_text()
        for owner in classes():
            for one in owner.findall(CORE + "property"):
                name, kind = one.get("name"), type_of(one)
                if one.get("writable") and kind in ("gint", "guint", "gint64", "guint64"):
                    row = re.search(rf'"{name}",\s+SETTER \((\w+)\), (\d)', rows)
                    self.assertIsNotNone(row, f"{owner.get('name')}:{name}")
                    if row[2] == "0":
                        self.assertRegex(one.find(CORE + "doc").text, r"\b0\b",
                                         f"{owner.get('name')}:{name}")

    def test_times(self):
        """Times are milliseconds in an int."""
        for owner in classes():
            for one in owner.findall(CORE + "property"):
                name = one.get("name")
                if name.endswith(("timeout", "delay")) and name != "low-delay":  # an option
                    self.assertEqual(type_of(one), "gint", name)
        for name, function in callables():
            for value in values(function)[:-1]:
                if value.get("name") == "msecs":
                    self.assertEqual(type_of(value), "gint", name)

    def test_async(self):
        """Each asynchronous call has a priority and a cancellable before its callback."""
        for name, function in callables():
            if name.endswith("_async"):
                last = [value.get("name") for value in values(function)[:-1]][-4:]
                self.assertEqual(last, ["io_priority", "cancellable", "callback", "user_data"],
                                 name)

    def test_waits(self):
        """Each wait has milliseconds, and the last argument of its full form is a cancellable."""
        names = dict(callables())
        for name, function in names.items():
            if ".wait_for_" not in name or name.endswith("_full"):
                continue
            self.assertEqual([value.get("name") for value in values(function)[:-1]], ["msecs"],
                             name)
            self.assertIn(name + "_full", names)
            full = [value.get("name") for value in values(names[name + "_full"])[:-1]]
            self.assertEqual((full[0], full[-1]), ("msecs", "cancellable"), name)

    def test_equality(self):
        """Two values are compared by equal(), or by a name that begins with it."""
        for name, _ in callables():
            if "equal" in name.split(".")[-1]:
                self.assertRegex(name, r"\.equal(_[a-z]+)?$")


class Texts(unittest.TestCase):
    """PyGObject and GJS cut a text at its first NUL, so each function that takes one is wrapped by
    the overrides."""

    def takers(self):
        for owner in classes():
            for name, function in callables():
                if (name.split(".")[0] != owner.get("name")
                        or function.tag == CORE + "virtual-method"):
                    continue
                types = [value.find(CORE + "type") for value in values(function)[:-1]
                         if value.get("direction") != "out"]
                if any(kind is not None
                       and kind.get("name") in ("utf8", "filename",
                                                "HostAddress") for kind in types):
                    if "shadowed-by" not in function.attrib:
                        yield owner.get("name"), name.split(".")[1]

    def test_python(self):
        override = (top / "qnet/bindings/python/gi/overrides/Qnet.py").read_text()
        table = override[override.index("TAKE_TEXTS = ("):].split(")")[0]
        for owner, _ in self.takers():
            self.assertIn(f'"{owner}"', table)

    def test_gjs(self):
        override = (top / "qnet/bindings/gjs/overrides/Qnet.js").read_text()
        table = override[override.index("const TAKE_TEXTS"):override.index("const PROPERTIES")]
        for owner, name in self.takers():
            block = re.search(rf"^    {owner}: {{(.*?)}}", table, re.DOTALL | re.MULTILINE)
            self.assertIsNotNone(block, owner)
            self.assertRegex(block[1], rf"\b{name}: '", owner)


class Numbers(unittest.TestCase):
    """GJS makes 0 of what is no number, which is the more permissive choice of most settings."""

    SAFE = {"gboolean", "utf8", "filename", "gpointer"}

    def is_number(self, name):
        if name in self.SAFE or "." in name:
            return False
        return name[0].islower() or any(
            gir.find(f"{CORE}{kind}[@name='{name}']") is not None for kind in ("enumeration",
                                                                               "bitfield"))

    def test_gjs(self):
        """Each set_ method that takes a number, and each writable property that is one, is
        checked."""
        override = (top / "qnet/bindings/gjs/overrides/Qnet.js").read_text()
        begin, end = override.index("const TAKE_TEXTS"), override.index("function refuseNul")
        tables = override[begin:end].split("const PROPERTIES")
        for owner in gir.findall(CORE + "class"):
            blocks = [re.search(rf"^    {owner.get('name')}: {{(.*?)}}", table,
                                re.DOTALL | re.MULTILINE) for table in tables]
            for method in owner.findall(CORE + "method"):
                types = [value.find(CORE + "type") for value in values(method)[:-1]]
                is_setter = method.get("name").startswith("set_") and len(types) == 1
                if is_setter and types[0] is not None and (
                        self.is_number(types[0].get("name"))):
                    self.assertRegex(blocks[0][1], rf"\b{method.get('name')}: 'd'",
                                     owner.get("name"))
            for one in owner.findall(CORE + "property"):
                kind = one.find(CORE + "type")
                if one.get("writable") and kind is not None and self.is_number(kind.get("name")):
                    self.assertRegex(blocks[1][1], rf"\b{one.get('name').replace('-', '_')}: 'd'",
                                     owner.get("name"))


class Pairs(unittest.TestCase):
    def test_finish(self):
        """Each _async function has its _finish, and a callback that lives as long as the call."""
        names = [name for name, _ in callables()]
        for name, function in callables():
            if name.endswith("_async"):
                scopes = [value.get("scope") for value in values(function)]
                self.assertIn(name.replace("_async", "_finish"), names)
                self.assertEqual(scopes.count("async"), 1, name)

    def test_promisified(self):
        """Each pair can be awaited in JavaScript."""
        override = (top / "qnet/bindings/gjs/overrides/Qnet.js").read_text()
        for name in pairs():
            operation = name.split(".")[1].removesuffix("_async")
            self.assertRegex(override.split("// Texts: ")[0], rf"\b{operation}\b('|: )", name)

    def test_tested(self):
        """Each pair is called by a test in each language."""
        for language in "python", "gjs", "vala":
            texts = [file.read_text()
                     for file in (top / "tests/bindings" / language).glob("test-*")]
            for name in pairs():
                operation = name.split(".")[1].removesuffix("_async")
                self.assertTrue(
                    any(f'"{operation}"' in text or f"{operation}_async" in text for text in texts),
                    f"{name} in {language}",
                )


@unittest.skipUnless(vapi, "there is no VAPI")
class Vapi(unittest.TestCase):
    def test_length_types(self):
        """The length of each array is a gsize, as in C; for results of _finish vapigen forgets
        it."""
        before = ""
        for line in vapi.splitlines():
            if re.search(r"\buint8\[\] \w+ \(", line):
                self.assertIn('array_length_type = "gsize"', before)
            before = line

    def test_defaults(self):
        """Priority and cancellable can be left out of each call."""
        self.assertNotRegex(vapi, r"GLib\.Cancellable\? cancellable(?! = null)")
        self.assertNotRegex(vapi, r"int io_priority(?! = GLib\.Priority\.DEFAULT)")

    def test_forms_for_c(self):
        """The forms that fill a buffer of the caller are not there, and the others have their
        names."""
        for name in "read", "read_line", "peek":
            self.assertEqual(len(re.findall(rf"public .*\b{name} \(", vapi)), 1)
            self.assertNotIn(f" {name}_array (", vapi)


if __name__ == "__main__":
    tap.main()
