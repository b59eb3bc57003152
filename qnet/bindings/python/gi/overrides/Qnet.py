# Qnet.py: what makes qnet feel like Python
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import contextlib
import functools
import math
import numbers
import operator
import os
import signal
import socket as sockets
import threading
import time
import traceback
import types

from gi.repository import Gio, GLib

from ..module import get_introspection_module
from ..overrides import override

try:
    from gi.events import GLibEventLoop
except ImportError:  # PyGObject before 3.50
    GLibEventLoop = ()

Qnet = get_introspection_module("Qnet")

__all__ = ["OVERRIDES"]

# The path of these overrides: it exists only while they are in use.
OVERRIDES = __file__


# Bytes


def as_bytes(data, function):
    """PyGObject converts bytes at once, but anything else number by number. The error of
    memoryview() would not name the function that was called."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, GLib.Bytes):
        return data.get_data()
    if isinstance(data, str):
        raise TypeError(f"{function}() takes bytes, not str: encode() the text")
    try:
        return memoryview(data).tobytes()
    except TypeError:
        text = f"{function}() takes bytes or what is like them, not {type(data).__name__}"
        raise TypeError(text) from None


# Errors

DOMAINS = {
    Qnet.DnsLookupError: Qnet.dns_lookup_error_quark(),
    Qnet.SocketError: Qnet.socket_error_quark(),
}

matches_quark = GLib.Error.matches


def matches(self, domain, code):
    """As in JavaScript, the domain can be an enumeration: matches(Qnet.SocketError, ...)."""
    return matches_quark(self, DOMAINS.get(domain, domain), code)


GLib.Error.matches = matches


# Asynchronous calls. Without a callback they can be awaited, with PyGObject 3.50 or newer, while an
# event loop of gi.events runs.


def pair(base, name, *own, **own_defaults):
    """A method with what its own arguments are by default, and the usual priority."""
    names = (*own, *own_defaults, "io_priority")
    defaults = {**own_defaults, "io_priority": GLib.PRIORITY_DEFAULT}

    def call(self, *arguments, **keywords):
        missing = {name: defaults[name] for name in names[len(arguments):] if name in defaults}
        return getattr(base, name)(self, *arguments, **{**missing, **keywords})

    call.__name__ = name
    return call


def get_loop():
    """The loop that is running, if it is one that lets GLib have its turns."""
    with contextlib.suppress(RuntimeError):
        loop = asyncio.get_running_loop()
        return loop if isinstance(loop, GLibEventLoop) else None


class CallFuture(asyncio.Future):
    """The result of a call; cancelling it cancels the call."""

    def __init__(self, loop, cancellable):
        super().__init__(loop=loop)
        self.cancellable = cancellable or Gio.Cancellable()

    def cancel(self, *arguments, **keywords):
        if not self.done():
            self.cancellable.cancel()
        return super().cancel(*arguments, **keywords)


def call_in_loop(loop, start, finish, cancellable):
    """PyGObject makes methods awaitable, but not functions of a type."""
    future = CallFuture(loop, cancellable)

    def end(_source, result, *_data):
        try:
            outcome, fail = finish(result), None
        except GLib.Error as error:
            outcome, fail = None, error
        if not future.done():
            future.set_exception(fail) if fail else future.set_result(outcome)

    start(future.cancellable, end)
    return future


def function_pair(base, name, own):
    """A pair of functions of a type that takes one argument of its own."""

    def call(*arguments, **keywords):
        keywords = {"what" if key == own else key: value for key, value in keywords.items()}

        return begin(*arguments, **keywords)

    def begin(what, io_priority=GLib.PRIORITY_DEFAULT, cancellable=None, callback=None, *data):
        start, finish = getattr(base, name + "_async"), getattr(base, name + "_finish")
        loop = get_loop() if callback is None else None

        if loop is not None:
            return call_in_loop(loop, lambda *rest: start(what, io_priority, *rest), finish,
                                cancellable)
        return start(what, io_priority, cancellable, callback, *data)

    call.__name__ = name + "_async"
    return staticmethod(call)


# Blocking calls. A signal interrupts a wait, so that its handler can run; unless that raises an
# exception, the wait continues for the rest of the time.


class Interruption:
    """The descriptor that Python writes to when a signal arrives, while the main thread waits."""

    current = None  # that of the wait in whose handler another one waits

    def __init__(self):
        self.reader, self.writer = sockets.socketpair()

    def __enter__(self):
        self.reader.setblocking(False)
        self.writer.setblocking(False)
        self.former = signal.set_wakeup_fd(self.writer.fileno(), warn_on_full_buffer=False)
        Qnet.set_wait_interrupt_fd(self.reader.fileno())
        Interruption.current = self
        return self

    def __exit__(self, *exception):
        Interruption.current = None
        Qnet.set_wait_interrupt_fd(-1)
        signal.set_wakeup_fd(self.former)
        self.take()
        self.reader.close()
        self.writer.close()

    def take(self):
        """Returns the numbers of the signals that have arrived, and passes them on to the
        descriptor that was set before."""
        with contextlib.suppress(BlockingIOError):
            numbers = self.reader.recv(4096)
            if self.former != -1:
                os.write(self.former, numbers)
            return numbers
        return b""


def raise_in_loop(numbers):
    """While GLib.MainLoop.run() runs, PyGObject has a handler for Ctrl+C, which quits the loop and
    raises after that."""
    handler = signal.getsignal(signal.SIGINT)
    if signal.SIGINT in numbers and getattr(handler, "__module__", "") == "gi._ossighelper":
        raise KeyboardInterrupt


def has_happened(outcome):
    """Returns whether the event has happened, even if a signal has arrived as well. Some functions
    have more than one result."""
    return outcome[0] if isinstance(outcome, tuple) else outcome


def wait_with(interruption, wait, until):
    """Until the call has an outcome, or the time is over."""
    while True:
        left = -1 if until is None else max(0, round((until - time.monotonic()) * 1000))
        outcome = wait(left)
        numbers = interruption.take()
        raise_in_loop(numbers)
        if not numbers or has_happened(outcome):
            return outcome


def check_msecs(msecs, function):
    """NaN is less than nothing and more than nothing: it would be for ever."""
    if not isinstance(msecs, numbers.Real):
        raise TypeError(f"{function}() takes a number of milliseconds, not {type(msecs).__name__}")
    if not math.isfinite(msecs):
        raise ValueError(f"{function}() takes a number of milliseconds, or -1 to wait without "
                         f"limit, not {msecs}")
    return msecs


def wait_until(wait, msecs):
    """Calls wait() with the milliseconds that are left; handlers of signals run meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        return wait(msecs)

    until = time.monotonic() + msecs / 1000 if msecs >= 0 else None
    if Interruption.current is not None:
        return wait_with(Interruption.current, wait, until)
    if Qnet.get_wait_interrupt_fd() != -1:  # the program's
        return wait(msecs)
    try:
        interruption = Interruption()
    except OSError:  # out of descriptors
        return wait(msecs)
    with interruption:
        return wait_with(interruption, wait, until)


def waiting(base, name):
    """A method that waits for so many milliseconds, for 30 seconds by default, as in Qt."""

    def call(self, msecs=30000):
        check_msecs(msecs, name)
        return wait_until(lambda left: getattr(base, name)(self, left), msecs)

    call.__name__ = name
    return call


def waiting_full(base, name):
    """Such a method that can be cancelled."""

    def call(self, msecs=30000, cancellable=None):
        check_msecs(msecs, name)
        return wait_until(lambda left: getattr(base, name)(self, left, cancellable), msecs)

    call.__name__ = name
    return call


# Values


def equal(kind):
    """== of values of a kind."""
    return lambda self, other: self.equal(other) if isinstance(other, kind) else NotImplemented


def differ(kind):
    """!= of them: the class above each has one of its own, which compares wrappers."""
    return lambda self, other: not self.equal(other) if isinstance(other, kind) else NotImplemented


def ordered(compare):
    """Such as < of addresses."""

    def compare_addresses(self, other):
        if not isinstance(other, Qnet.HostAddress):
            return NotImplemented
        return compare(self.compare(other), 0)

    return compare_addresses


class HostAddress(Qnet.HostAddress):
    __eq__ = equal(Qnet.HostAddress)
    __ne__ = differ(Qnet.HostAddress)

    # The class above it compares wrappers: sorted() would give any order.
    __lt__ = ordered(operator.lt)
    __le__ = ordered(operator.le)
    __gt__ = ordered(operator.gt)
    __ge__ = ordered(operator.ge)

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
        return hash((self.get_peer_port(), self.get_local_port()))  # a host has several spellings

    def __repr__(self):
        return f"<Qnet.NetworkProxyQuery {self.to_uri()}>"


NetworkProxyQuery = override(NetworkProxyQuery)
__all__.append("NetworkProxyQuery")


class HostInfo(Qnet.HostInfo):
    lookup_address_async = function_pair(Qnet.HostInfo, "lookup_address", "address")
    lookup_host_async = function_pair(Qnet.HostInfo, "lookup_host", "name")

    @staticmethod
    def new(host_name, addresses=()):
        return Qnet.HostInfo.new(host_name, [to_address(address) for address in addresses or ()])


HostInfo = override(HostInfo)
__all__.append("HostInfo")


class NetworkProxyFactory(Qnet.NetworkProxyFactory):
    query_proxy_async = pair(Qnet.NetworkProxyFactory, "query_proxy_async", "query")


NetworkProxyFactory = override(NetworkProxyFactory)
__all__.append("NetworkProxyFactory")


class DnsLookup(Qnet.DnsLookup):
    lookup_async = pair(Qnet.DnsLookup, "lookup_async")
    wait_for_finished = waiting(Qnet.DnsLookup, "wait_for_finished")
    wait_for_finished_full = waiting_full(Qnet.DnsLookup, "wait_for_finished_full")


DnsLookup = override(DnsLookup)
__all__.append("DnsLookup")


# Devices


def giving_bytes(implementation):
    """do_read_data() of a subclass, which may return bytes or what is like them."""

    @functools.wraps(implementation)
    def do_read_data(self, max_size):
        data = implementation(self, max_size)
        if data is None or isinstance(data, GLib.Bytes):
            return data
        return GLib.Bytes.new(as_bytes(data, "do_read_data"))

    return do_read_data


def taking_bytes(implementation):
    """do_write_data() of a subclass takes no size, and has succeeded unless it raises an exception
    or returns False."""

    @functools.wraps(implementation)
    def do_write_data(self, data, _size):
        return implementation(self, data) is not False

    return do_write_data


class IODevice(Qnet.IODevice):
    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        for name, adapt in ("do_read_data", giving_bytes), ("do_write_data", taking_bytes):
            if isinstance(vars(cls).get(name), types.FunctionType):
                setattr(cls, name, adapt(vars(cls)[name]))

    close_async = pair(Gio.IOStream, "close_async")
    flush_async = pair(Qnet.IODevice, "flush_async")
    read_bytes_async = pair(Qnet.IODevice, "read_bytes_async", size=65536)
    read_line_async = pair(Qnet.IODevice, "read_line_async", max_size=0)

    wait_for_bytes_written = waiting(Qnet.IODevice, "wait_for_bytes_written")
    wait_for_bytes_written_full = waiting_full(Qnet.IODevice, "wait_for_bytes_written_full")
    wait_for_ready_read = waiting(Qnet.IODevice, "wait_for_ready_read")
    wait_for_ready_read_full = waiting_full(Qnet.IODevice, "wait_for_ready_read_full")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __iter__(self):
        """The lines that have arrived. It never blocks: a handler of ready-read can use it."""
        return iter(lambda: self.read_line(0), b"")

    def get_char(self):
        """The next byte as a number, or None where there is none; a tuple would always be true."""
        found, byte = super().get_char()
        return byte if found else None

    def read(self, size=-1):
        return self.read_all() if size < 0 else super().read(size)

    def read_line(self, max_size=0):
        return super().read_line(max_size)

    def read_line_bytes(self, max_size=0):
        return super().read_line_bytes(max_size)

    def read_line_utf8(self, max_size=0):
        return super().read_line_utf8(max_size)

    def read_until(self, delimiter, max_size=0):
        delimiter = as_bytes(delimiter, "read_until")
        if not delimiter:
            raise ValueError("read_until() takes a delimiter that is not empty")
        return super().read_until(delimiter, max_size)

    def write_all_async(self, data, *arguments, **keywords):
        return write_all_async(self, as_bytes(data, "write_all_async"), *arguments, **keywords)


write_all_async = pair(Qnet.IODevice, "write_all_async", "data")

IODevice = override(IODevice)
__all__.append("IODevice")


class Socket(Qnet.Socket):
    disconnect_from_peer_async = pair(Qnet.Socket, "disconnect_from_peer_async")

    wait_for_connected = waiting(Qnet.Socket, "wait_for_connected")
    wait_for_connected_full = waiting_full(Qnet.Socket, "wait_for_connected_full")
    wait_for_disconnected = waiting(Qnet.Socket, "wait_for_disconnected")
    wait_for_disconnected_full = waiting_full(Qnet.Socket, "wait_for_disconnected_full")


Socket = override(Socket)
__all__.append("Socket")


class AbstractSocket(Qnet.AbstractSocket):
    bind_async = pair(
        Qnet.AbstractSocket, "bind_async", "address", port=0,
        flags=Qnet.BindFlags.DEFAULT_FOR_PLATFORM,
    )
    connect_to_address_async = pair(
        Qnet.AbstractSocket, "connect_to_address_async", "address", "port",
    )
    connect_to_connectable_async = pair(
        Qnet.AbstractSocket, "connect_to_connectable_async", "connectable",
    )
    connect_to_host_async = pair(Qnet.AbstractSocket, "connect_to_host_async", "host", "port")
    connect_to_service_async = pair(
        Qnet.AbstractSocket, "connect_to_service_async", "service", "domain",
    )
    disconnect_from_host_async = pair(Qnet.AbstractSocket, "disconnect_from_host_async")

    def bind(self, address, port=0, flags=Qnet.BindFlags.DEFAULT_FOR_PLATFORM):
        return super().bind(address, port, flags)

    def bind_port(self, port=0, flags=Qnet.BindFlags.DEFAULT_FOR_PLATFORM):
        return super().bind_port(port, flags)

    def get_socket_option(self, option):
        """The value alone: where there is none it raises."""
        return super().get_socket_option(option)[1]


AbstractSocket = override(AbstractSocket)
__all__.append("AbstractSocket")


class DnsTextRecord(Qnet.DnsTextRecord):
    def get_values(self):
        return [value.get_data() for value in super().get_values()]


DnsTextRecord = override(DnsTextRecord)
__all__.append("DnsTextRecord")


class UdpSocket(Qnet.UdpSocket):
    receive_datagram_async = pair(Qnet.UdpSocket, "receive_datagram_async", max_size=0)
    write_datagram_async = pair(Qnet.UdpSocket, "write_datagram_async", "datagram")

    def read_datagram(self, max_size=0):
        return super().read_datagram(max_size)

    def receive_datagram(self, max_size=0):
        return super().receive_datagram(max_size)

    def receive_datagrams(self, max=0):
        return super().receive_datagrams(max)


UdpSocket = override(UdpSocket)
__all__.append("UdpSocket")


def as_protocols(protocols):
    """A text is a sequence, too, of letters."""
    if isinstance(protocols, str):
        raise TypeError("protocols are a list of names, not one name")
    return protocols


class SslConfiguration(Qnet.SslConfiguration):
    __eq__ = equal(Qnet.SslConfiguration)
    __ne__ = differ(Qnet.SslConfiguration)

    def __hash__(self):
        return hash((self.get_peer_verify_mode(), self.get_peer_verify_depth(),
                     self.get_priority(), self.get_session_tickets()))

    def with_advertised_protocols(self, protocols):
        return super().with_advertised_protocols(as_protocols(protocols))


SslConfiguration = override(SslConfiguration)
__all__.append("SslConfiguration")


class SslSocket(Qnet.SslSocket):
    connect_to_connectable_encrypted_async = pair(
        Qnet.SslSocket, "connect_to_connectable_encrypted_async", "connectable",
    )
    connect_to_host_encrypted_async = pair(
        Qnet.SslSocket, "connect_to_host_encrypted_async", "host", "port",
    )
    connect_to_service_encrypted_async = pair(
        Qnet.SslSocket, "connect_to_service_encrypted_async", "service", "domain",
    )
    start_client_encryption_async = pair(Qnet.SslSocket, "start_client_encryption_async")
    start_server_encryption_async = pair(Qnet.SslSocket, "start_server_encryption_async")
    start_server_encryption_with_input_async = pair(
        Qnet.SslSocket, "start_server_encryption_with_input_async", "input",
    )

    wait_for_encrypted = waiting(Qnet.SslSocket, "wait_for_encrypted")
    wait_for_encrypted_full = waiting_full(Qnet.SslSocket, "wait_for_encrypted_full")

    def set_advertised_protocols(self, protocols):
        super().set_advertised_protocols(as_protocols(protocols))


SslSocket = override(SslSocket)
__all__.append("SslSocket")


class LocalSocket(Qnet.LocalSocket):
    connect_to_connectable_async = pair(
        Qnet.LocalSocket, "connect_to_connectable_async", "connectable",
    )
    connect_to_server_async = pair(Qnet.LocalSocket, "connect_to_server_async", "name")
    disconnect_from_server_async = pair(Qnet.LocalSocket, "disconnect_from_server_async")


LocalSocket = override(LocalSocket)
__all__.append("LocalSocket")


# Servers


def guard_incoming(incoming):
    """An override that raises cannot have used the descriptor: the connection is closed, not
    leaked."""

    @functools.wraps(incoming)
    def guarded(self, fd):
        try:
            incoming(self, fd)
        except BaseException as exception:
            # A Python socket that was made of the descriptor closes it here.
            traceback.clear_frames(exception.__traceback__)
            self.refuse_connection(fd)
            raise

    return guarded


class ConnectionList(Qnet.ConnectionList):
    def __iter__(self):
        """Those that are alive now: they may be ended meanwhile."""
        return iter([self.get_item(i) for i in range(self.get_n_items())])


ConnectionList = override(ConnectionList)
__all__.append("ConnectionList")


class Server(Qnet.Server):
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        incoming = cls.__dict__.get("do_incoming_connection")
        if isinstance(incoming, types.FunctionType):
            cls.do_incoming_connection = guard_incoming(incoming)

    @property
    def connections(self):
        return self.get_connections()

    accept_async = pair(Qnet.Server, "accept_async")
    stop_async = pair(Qnet.Server, "stop_async", grace=-1)

    wait_for_new_connection = waiting(Qnet.Server, "wait_for_new_connection")
    wait_for_new_connection_full = waiting_full(Qnet.Server, "wait_for_new_connection_full")


Server = override(Server)
__all__.append("Server")


# Before SslServer: PyGObject looks up the parent of a class when the class is first used.
class TcpServer(Qnet.TcpServer):
    listen_async = pair(Qnet.TcpServer, "listen_async", "address", port=0)

    def listen(self, address, port=0):
        return super().listen(address, port)

    def listen_port(self, port=0):
        return super().listen_port(port)


TcpServer = override(TcpServer)
__all__.append("TcpServer")


class SslServer(Qnet.SslServer):
    def set_advertised_protocols(self, protocols):
        super().set_advertised_protocols(as_protocols(protocols))


SslServer = override(SslServer)
__all__.append("SslServer")


class Reconnector(Qnet.Reconnector):
    await_connected_async = pair(Qnet.Reconnector, "await_connected_async")


Reconnector = override(Reconnector)
__all__.append("Reconnector")


# Texts: an address can be given as text. A text that contains a NUL is refused, since C would cut
# it there.

# The classes with methods that take texts or addresses; tests/bindings/check-gir.py reports missing
# ones.
TAKE_TEXTS = (
    "AbstractSocket", "AddressFilter", "Authenticator", "DnsLookup", "Dtls", "DtlsClientVerifier",
    "HostAddress", "HostInfo", "IODevice", "LocalServer", "LocalSocket", "NetworkAddressEntry",
    "NetworkDatagram", "NetworkInterface", "NetworkProxy", "NetworkProxyQuery", "ProxyHeader",
    "Reconnector", "Server", "SslConfiguration", "SslServer", "SslSocket", "TcpServer",
    "UdpSocket",
)

# The classes above all others
HAVE_PROPERTIES = (
    "Authenticator", "DnsLookup", "IODevice", "NetworkProxyFactory", "Reconnector", "Server",
)

# Properties that None would make more permissive than they were meant to be
NEVER_NONE = "address_filter", "database", "proxy", "ssl_configuration"

DIRECTION_OUT = 1


def refuse_nul(value):
    if isinstance(value, str) and "\0" in value:
        raise ValueError("the text contains a NUL character")
    if isinstance(value, (list, tuple)):
        for item in value:
            refuse_nul(item)

    return value


def to_filename(value):
    """Names of files may be what pathlib makes, too."""
    return refuse_nul(os.fspath(value) if isinstance(value, os.PathLike) else value)


def to_address(value):
    return Qnet.HostAddress.parse(value) if isinstance(value, str) else value


def to_property(owner, name, value):
    pspec = owner.find_property(name.replace("_", "-"))

    if value is None and name in NEVER_NONE:
        raise TypeError(f"{name} cannot be None")

    if pspec and pspec.value_type == Qnet.HostAddress.__gtype__:
        return to_address(value)
    return refuse_nul(value)


def get_type(argument):
    """PyGObject 3.52 has renamed it."""
    return argument.get_type_info() if hasattr(argument, "get_type_info") else argument.get_type()


def to_bytes(argument, function):
    """Bytes may be whatever is like them."""
    may_be_null = argument.may_be_null()

    return lambda data: None if data is None and may_be_null else as_bytes(data, function)


def to_glib_bytes(argument, function):
    """The same where C takes a GBytes, which may be NULL, too."""
    convert = to_bytes(argument, function)

    def make(data):
        return data if isinstance(data, (GLib.Bytes, type(None))) else GLib.Bytes.new(convert(data))

    return make


def choose_converter(argument, function):
    kind = get_type(argument)
    tag = kind.get_tag_as_string()
    item = kind.get_param_type(0).get_tag_as_string() if tag == "array" else ""

    if tag == "filename":
        return to_filename

    if "utf8" in (tag, item):
        return refuse_nul

    if item in ("guint8", "uint8"):  # GIRepository 2 and 3
        return to_bytes(argument, function)

    if tag != "interface":
        return None

    if kind.get_interface().get_name() == "HostAddress":
        return to_address

    return to_glib_bytes(argument, function) if kind.get_interface().get_name() == "Bytes" else None


def get_converters(function):
    """By name, in the order in which Python has the arguments: the length of an array is none."""
    arguments = list(function.get_arguments())
    lengths = [get_type(argument).get_array_length() for argument in arguments
               if get_type(argument).get_tag_as_string() == "array"]

    return {argument.get_name(): choose_converter(argument, function.get_name())
            for i, argument in enumerate(arguments)
            if i not in lengths and int(argument.get_direction()) != DIRECTION_OUT}


def convert(converter, value):
    return value if converter is None else converter(value)


def take_texts(owner, name, function):
    converters = get_converters(function)
    in_order = list(converters.values())

    if not any(in_order):
        return None

    def wrapper(*args, **kwargs):
        own, rest = args[:n_own], args[n_own:]
        texts = [convert(converter, value) for converter, value in zip(in_order, rest)]
        named = {key: convert(converters.get(key), value) for key, value in kwargs.items()}

        return function(*own, *texts, *rest[len(in_order):], **named)

    n_own = 1 if function.is_method() or function.is_constructor() else 0
    wrapper.__name__ = name
    wrapper.__doc__ = function.__doc__

    if owner is None:
        return wrapper

    if function.is_constructor():
        wrapper = classmethod(wrapper)
    elif not function.is_method():
        wrapper = staticmethod(wrapper)

    setattr(owner, name, wrapper)

    # Qnet.NetworkProxy(...), which calls what new() was before
    if name == "new" and "__new__" in vars(owner):
        owner.__new__ = staticmethod(lambda cls, *args, **kwargs: cls.new(*args, **kwargs))

    return wrapper


class CheckedProps:
    """obj.props"""

    def __init__(self, owner, props):
        self.__dict__.update(owner=owner, props=props)

    def __getattr__(self, name):
        return getattr(self.props, name)

    def __setattr__(self, name, value):
        setattr(self.props, name, to_property(self.owner, name, value))

    def __dir__(self):
        return dir(self.props)

    def __iter__(self):
        return iter(self.props)

    def __len__(self):
        return len(self.props)


class CheckedPropsDescriptor:
    def __init__(self, original):
        self.original = original

    def __get__(self, instance, owner):
        props = self.original.__get__(instance, owner)

        return props if instance is None else CheckedProps(owner, props)


def check_properties(owner):
    above = owner.__mro__[1]

    def convert_all(self, values):
        return {name: to_property(type(self), name, value) for name, value in values.items()}

    def __init__(self, *args, **kwargs):
        above.__init__(self, *args, **convert_all(self, kwargs))

    def set_property(self, name, value):
        above.set_property(self, name, to_property(type(self), name, value))

    def set_properties(self, **kwargs):
        above.set_properties(self, **convert_all(self, kwargs))

    owner.__init__ = __init__
    owner.set_property = set_property
    owner.set_properties = set_properties
    owner.props = CheckedPropsDescriptor(
        next(vars(cls)["props"] for cls in owner.__mro__ if "props" in vars(cls)))


for owner in (getattr(Qnet, name) for name in TAKE_TEXTS):
    for name, function in list(vars(owner).items()):
        if type(function).__name__ == "FunctionInfo":
            take_texts(owner, name, function)

for owner in (getattr(Qnet, name) for name in HAVE_PROPERTIES):
    check_properties(owner)

# The functions of a type are functions of the module, too: Qnet.host_address_parse().
for name in dir(Qnet):
    function = getattr(Qnet, name)
    is_function = type(function).__name__ == "FunctionInfo"
    wrapper = take_texts(None, name, function) if is_function else None
    if wrapper is not None:
        globals()[name] = wrapper
        __all__.append(name)
