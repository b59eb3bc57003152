# Qnet.py: what makes qnet feel like Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

from ..module import get_introspection_module
from ..overrides import override

Qnet = get_introspection_module("Qnet")

__all__ = []


def as_bytes(data):
    """PyGObject takes bytes at once, but anything else number by number; memoryview() refuses str and int."""
    return data if isinstance(data, bytes) else memoryview(data).tobytes()


class HostAddress(Qnet.HostAddress):
    def __eq__(self, other):
        if not isinstance(other, Qnet.HostAddress):
            return NotImplemented
        return self.equal(other)

    def __ne__(self, other):
        # The class above has one of its own, which compares wrappers.
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self):
        return self.hash()

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return f"<Qnet.HostAddress {self.to_string() or 'null'}>"


HostAddress = override(HostAddress)
__all__.append("HostAddress")


class IODevice(Qnet.IODevice):
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __iter__(self):
        """The lines that have arrived. It never waits, so that a handler of ready-read can use it."""
        return iter(lambda: self.read_line(0), b"")

    def write(self, data):
        return super().write(as_bytes(data))

    def write_all_async(self, data, *args):
        super().write_all_async(as_bytes(data), *args)

    def read_until(self, delimiter, max_size):
        return super().read_until(as_bytes(delimiter), max_size)


IODevice = override(IODevice)
__all__.append("IODevice")
