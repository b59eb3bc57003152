# Qnet.py: what makes qnet feel like Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

from ..module import get_introspection_module
from ..overrides import override

Qnet = get_introspection_module("Qnet")

__all__ = ["OVERRIDES"]

# Whoever asks for it learns whether these overrides are in use, and from where.
OVERRIDES = __file__


def as_bytes(data):
    """PyGObject takes bytes at once, but anything else number by number; memoryview() refuses str and int."""
    return data if isinstance(data, bytes) else memoryview(data).tobytes()


def equal(kind):
    """== of values of a kind."""
    return lambda self, other: self.equal(other) if isinstance(other, kind) else NotImplemented


def differ(kind):
    """!= of them: the class above each has one of its own, which compares wrappers."""
    return lambda self, other: not self.equal(other) if isinstance(other, kind) else NotImplemented


class HostAddress(Qnet.HostAddress):
    __eq__ = equal(Qnet.HostAddress)
    __ne__ = differ(Qnet.HostAddress)

    def __hash__(self):
        return self.hash()

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return f"<Qnet.HostAddress {self.to_string() or 'null'}>"


HostAddress = override(HostAddress)
__all__.append("HostAddress")


class NetworkInterface(Qnet.NetworkInterface):
    __eq__ = equal(Qnet.NetworkInterface)
    __ne__ = differ(Qnet.NetworkInterface)

    def __hash__(self):
        return hash((self.get_index(), self.get_name()))

    def __repr__(self):
        return f"<Qnet.NetworkInterface {self.get_index()} {self.get_name()}>"


NetworkInterface = override(NetworkInterface)
__all__.append("NetworkInterface")


class NetworkAddressEntry(Qnet.NetworkAddressEntry):
    __eq__ = equal(Qnet.NetworkAddressEntry)
    __ne__ = differ(Qnet.NetworkAddressEntry)

    def __hash__(self):
        return hash((self.get_ip().hash(), self.get_prefix_length()))

    def __str__(self):
        return f"{self.get_ip().to_string()}/{self.get_prefix_length()}"

    def __repr__(self):
        return f"<Qnet.NetworkAddressEntry {self}>"


NetworkAddressEntry = override(NetworkAddressEntry)
__all__.append("NetworkAddressEntry")


class NetworkProxy(Qnet.NetworkProxy):
    __eq__ = equal(Qnet.NetworkProxy)
    __ne__ = differ(Qnet.NetworkProxy)

    def __hash__(self):
        return self.hash()

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return f"<Qnet.NetworkProxy {self}>"


NetworkProxy = override(NetworkProxy)
__all__.append("NetworkProxy")


class NetworkProxyQuery(Qnet.NetworkProxyQuery):
    __eq__ = equal(Qnet.NetworkProxyQuery)
    __ne__ = differ(Qnet.NetworkProxyQuery)

    def __hash__(self):
        return hash((self.get_peer_host_name(), self.get_peer_port(), self.get_local_port()))

    def __repr__(self):
        return f"<Qnet.NetworkProxyQuery {self.to_uri()}>"


NetworkProxyQuery = override(NetworkProxyQuery)
__all__.append("NetworkProxyQuery")


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


class UdpSocket(Qnet.UdpSocket):
    def write_datagram_to(self, data, address, port):
        return super().write_datagram_to(as_bytes(data), address, port)


UdpSocket = override(UdpSocket)
__all__.append("UdpSocket")
