#!/usr/bin/python3
#
# test-wrong-thread.py: each public method of an object that belongs to a thread, called in another
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The list of methods is that of the GIR, so that a new one is in it. Each is called with a new
object that its thread uses. A method is refused by one critical that names its function, and by
the error that it returns, if it has one; after that the owner still uses the object. Without the
overrides, which have methods of their own."""

import os
import socket
import ssl
import sys
import tempfile
import threading
import unittest
import xml.etree.ElementTree

os.environ.pop("G_DEBUG", None)  # criticals are what is tested

import gi
import tap

gi.require_version("Qnet", "1")
from gi.module import get_introspection_module
from gi.repository import Gio, GLib

Qnet = get_introspection_module("Qnet")
GIR = sys.argv[1]
CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
LOCAL_HOST = Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST)
CERTIFICATES = os.environ["QNET_TEST_CERTIFICATES"]
PATIENCE = 10

# What is not called here, and why

OTHER_CLASSES = {
    "AddressFilter": "any thread may call it, see its documentation",
    "Dtls": "a session without a main context, used by one thread at a time",
    "DtlsClientVerifier": "has no main context, used by one thread at a time",
    "NetworkProxyFactory": "any thread may call it, see its documentation",
}

OF_C_ONLY = {
    "qnet_io_device_peek", "qnet_io_device_read", "qnet_io_device_read_line",
    "qnet_io_device_set_callbacks", "qnet_udp_socket_read_datagram",
    "qnet_udp_socket_read_datagram_full", "qnet_udp_socket_write_datagrams",
}  # in /foreign-calls

def iterate_until(condition):
    while not condition():
        GLib.MainContext.default().iteration(True)


# Objects in use, and how the owner uses them afterwards

class Connected:
    def __init__(self, kind, far=None):
        near, self.far = far or socket.socketpair()
        self.far.settimeout(PATIENCE)
        near.setblocking(False)
        self.object = kind()
        self.object.set_fd(near.detach(), Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
        self.far.sendall(b"before")
        iterate_until(lambda: self.object.get_bytes_available() == 6)

    def use(self):
        assert self.object.get_state() == Qnet.SocketState.CONNECTED
        assert self.object.read_bytes(100).get_data() == b"before"
        assert self.object.write_bytes(GLib.Bytes.new(b"after")) == 5
        assert self.object.flush()
        assert self.far.recv(100) == b"after"
        self.far.sendall(b"answer")
        iterate_until(lambda: self.object.get_bytes_available() == 6)
        self.object.abort()
        self.far.close()


def tcp_pair():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]


class Tcp(Connected):
    def __init__(self):
        super().__init__(Qnet.TcpSocket, tcp_pair())


class Ssl(Connected):
    def __init__(self):
        super().__init__(Qnet.SslSocket, tcp_pair())


class Local(Connected):
    def __init__(self):
        super().__init__(Qnet.LocalSocket)


class Transport(Qnet.AbstractSocket):
    """Of a subclass, which moves the bytes itself."""

    def do_read_data(self, _max_size):
        return GLib.Bytes.new(b"")

    def do_write_data(self, _data):
        return True


class OwnTransport:
    def __init__(self):
        self.object = Transport()
        self.object.set_state(Qnet.SocketState.CONNECTING)
        self.object.set_open_mode(Qnet.OpenMode.READ_WRITE)
        self.object.set_state(Qnet.SocketState.CONNECTED)

    def use(self):
        assert self.object.get_state() == Qnet.SocketState.CONNECTED
        assert self.object.get_error() is None
        self.object.set_state(Qnet.SocketState.UNCONNECTED)


class Udp:
    def __init__(self):
        self.object = Qnet.UdpSocket()
        assert self.object.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.far.sendto(b"before", ("127.0.0.1", self.object.get_local_port()))

    def use(self):
        assert self.object.get_state() == Qnet.SocketState.BOUND
        iterate_until(self.object.has_pending_datagrams)
        assert self.object.receive_datagram(100).get_data() == b"before"
        self.object.abort()
        self.far.close()


class Listening:
    def __init__(self, server):
        self.object = server
        assert server.listen(LOCAL_HOST, 0)
        self.client = socket.create_connection(("127.0.0.1", server.get_server_port()))
        iterate_until(self.is_ready)

    def is_ready(self):
        return self.object.has_pending_connections()

    def use(self):
        assert self.object.is_listening()
        assert self.is_ready()
        self.object.close()
        self.client.close()


class TcpServer(Listening):
    def __init__(self, server=None):
        super().__init__(server or Qnet.TcpServer())

    def use(self):
        assert self.object.next_pending_connection() is not None
        assert not self.is_ready()
        self.object.close()
        self.client.close()


class SslServer(TcpServer):
    """Its client performs the handshake in a thread, and the owner the other side of it."""

    def __init__(self):
        server = Qnet.SslServer()
        server.set_certificate_files(f"{CERTIFICATES}/server.pem", None)
        super().__init__(server)

    def is_ready(self):
        if not isinstance(self.client, ssl.SSLSocket):
            context = ssl.create_default_context(cafile=f"{CERTIFICATES}/ca.pem")
            self.client = context.wrap_socket(self.client, server_hostname="localhost",
                                              do_handshake_on_connect=False)
            self.handshake = threading.Thread(target=self.client.do_handshake)
            self.handshake.start()
        return super().is_ready()

    def use(self):
        self.handshake.join()
        super().use()


class LocalServer:
    def __init__(self):
        self.object = Qnet.LocalServer()
        assert self.object.listen(f"qnet-wrong-thread-{os.getpid()}")
        self.client = socket.socket(socket.AF_UNIX)
        self.client.connect(self.object.get_full_server_name())
        iterate_until(self.object.has_pending_connections)

    def use(self):
        assert self.object.is_listening()
        assert self.object.next_pending_connection() is not None
        self.object.close()
        self.client.close()


class Connections:
    def __init__(self):
        self.server = TcpServer()
        self.object = self.server.object.get_connections()

    def use(self):
        assert self.object.get_n_items() == 1
        self.server.use()


class Lookup:
    def __init__(self):
        self.silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.silent.bind(("127.0.0.1", 0))
        self.object = Qnet.DnsLookup.new_with_nameserver(
            Qnet.DnsRecordType.A, "example.org", LOCAL_HOST, self.silent.getsockname()[1])
        self.object.lookup()
        GLib.MainContext.default().iteration(False)

    def use(self):
        assert not self.object.is_finished()
        self.object.abort()
        iterate_until(self.object.is_finished)
        self.silent.close()


class Held:
    """A request for credentials that is held by the application."""

    def __init__(self):
        self.proxy = socket.create_server(("127.0.0.1", 0))
        self.socket = Qnet.TcpSocket()
        self.object = None
        self.socket.connect("proxy-authentication-required", self.required_cb)
        self.socket.set_proxy(Qnet.NetworkProxy.new(
            Qnet.ProxyType.HTTP, "127.0.0.1", self.proxy.getsockname()[1], None, None))
        self.socket.connect_to_host("example.org", 80)
        answer = threading.Thread(target=self.answer)
        answer.start()
        iterate_until(lambda: self.object is not None)
        answer.join()

    def answer(self):
        self.connection, _ = self.proxy.accept()
        while b"\r\n\r\n" not in self.connection.recv(1000, socket.MSG_PEEK):
            continue
        self.connection.sendall(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n"
                                b"Proxy-Authenticate: Basic realm=\"here\"\r\n\r\n")

    def required_cb(self, _socket, _proxy, authenticator):
        self.object = authenticator
        authenticator.hold()

    def use(self):
        assert self.object.get_realm() == "here"
        self.object.set_user("user")
        assert self.object.get_user() == "user"
        self.socket.abort()
        self.connection.close()
        self.proxy.close()


class Reconnecting:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.socket = Qnet.TcpSocket()
        self.object = Qnet.Reconnector.new(self.socket, None)
        self.object.add_host("127.0.0.1", self.listener.getsockname()[1])
        self.object.set_network_monitor(None)
        self.object.start()

    def use(self):
        iterate_until(lambda: self.object.get_state() == Qnet.ReconnectorState.CONNECTED)
        assert self.object.get_n_attempts() == 1
        self.object.stop()
        assert self.object.get_state() == Qnet.ReconnectorState.IDLE
        self.socket.abort()
        self.listener.close()


SCENES = {
    "Authenticator": Held,
    "IODevice": Tcp, "Socket": Tcp, "AbstractSocket": Tcp, "SslSocket": Ssl, "LocalSocket": Local,
    "UdpSocket": Udp, "Server": TcpServer, "TcpServer": TcpServer, "SslServer": SslServer,
    "LocalServer": LocalServer, "DnsLookup": Lookup, "ConnectionList": Connections,
    "Reconnector": Reconnecting,
}


# Arguments that nothing else refuses

def make_value(kind):
    plain = {
        "guint16": 1, "gint": 1, "guint": 1, "gint64": 1, "gsize": 1, "guint8": 1,
        "gboolean": True, "utf8": "name", "filename": "name", "array of guint8": b"x",
        "array of utf8": ["name"],
        "HostAddress": LOCAL_HOST, "Gio.Cancellable": None, "GLib.Bytes": GLib.Bytes.new(b"x"),
        "Gio.SocketConnectable": Gio.NetworkAddress.new("name", 1), "Gio.TlsInteraction": None,
        "NetworkProxy": Qnet.NetworkProxy.new(Qnet.ProxyType.NONE, None, 0, None, None),
    }
    if kind in plain:
        return plain[kind]
    if kind == "AddressFilter":
        return Qnet.AddressFilter.new()
    if kind == "NetworkDatagram":
        return Qnet.NetworkDatagram.new(GLib.Bytes.new(b"x"), LOCAL_HOST, 9)
    if kind == "Gio.TlsCertificate":
        return Gio.TlsCertificate.new_from_file(f"{CERTIFICATES}/server.pem")
    if kind == "Gio.TlsDatabase":
        return Gio.TlsFileDatabase.new(f"{CERTIFICATES}/ca.pem")
    if kind == "GLib.List":
        return [make_value("NetworkDatagram")]
    if kind == "SslConfiguration":
        return Qnet.SslConfiguration.new()
    if kind == "GLib.Error":
        return GLib.Error.new_literal(Qnet.socket_error_quark(), "text", 1)
    if kind == "Gio.NetworkMonitor":
        return Gio.NetworkMonitor.get_default()
    if kind == "Gio.UnixFDList":
        return Gio.UnixFDList.new()
    if kind == "Gio.Socket":
        return Gio.Socket.new(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM,
                              Gio.SocketProtocol.TCP)
    if kind in ("Socket", "TcpSocket"):
        return Qnet.TcpSocket()
    if kind == "LocalSocket":
        return Qnet.LocalSocket()
    if kind == "OpenMode":
        return Qnet.OpenMode.READ_WRITE
    return getattr(Qnet if "." not in kind else Gio, kind.split(".")[-1])(1)


ARGUMENTS = {"qnet_socket_set_state": [Qnet.SocketState.CLOSING]}

# What only a subclass calls
OF_SUBCLASSES = ("qnet_io_device_report_", "qnet_socket_set_state")


class Method:
    def __init__(self, of_class, element):
        self.of_class = of_class
        self.element = element
        self.name = element.get("shadows") or element.get("name")
        self.name_in_c = element.get("name")
        self.function = element.get(C + "identifier")
        self.throws = element.get("throws") == "1"

    def parameters(self):
        """The kinds of those that are passed in Python."""
        all_of_them = self.element.findall(f"{CORE}parameters/{CORE}parameter")
        hidden = set()
        for parameter in all_of_them:
            array = parameter.find(CORE + "array")
            if array is not None and array.get("length"):
                hidden.add(int(array.get("length")))
            for link in "closure", "destroy":
                if parameter.get(link):
                    hidden.add(int(parameter.get(link)))
        return [self.kind_of(parameter) for index, parameter in enumerate(all_of_them)
                if index not in hidden and parameter.get("direction") != "out"]

    @staticmethod
    def kind_of(parameter):
        array = parameter.find(CORE + "array")
        if array is None:
            return parameter.find(CORE + "type").get("name")
        return "array of " + array.find(CORE + "type").get("name")

    def is_async(self):
        return "Gio.AsyncReadyCallback" in self.parameters()


def is_callable(element):
    """Another one of the same name may be for other languages than C instead."""
    return element.get("introspectable") != "0" and element.get("shadowed-by") is None


class ListMethod:
    """One of Gio.ListModel, whose functions are not in the GIR of qnet."""

    throws = False

    def __init__(self, name):
        self.name = self.name_in_c = name
        self.function = f"qnet_connection_list_{name}"

    def parameters(self):
        return ["guint"] if self.name == "get_item" else []

    def is_async(self):
        return False


def read_namespace():
    return xml.etree.ElementTree.parse(GIR).getroot().find(CORE + "namespace")


def methods():
    for of_class in read_namespace().findall(CORE + "class"):
        for element in of_class.findall(CORE + "method"):
            method = Method(of_class.get("name"), element)
            if is_callable(element) and not method.name.endswith("_finish"):
                yield method


# A call

class Log:
    """What GLib prints meanwhile."""

    def __enter__(self):
        self.file = tempfile.TemporaryFile()
        self.kept = os.dup(2)
        os.dup2(self.file.fileno(), 2)
        return self

    def __exit__(self, *_):
        os.dup2(self.kept, 2)
        os.close(self.kept)

    def criticals(self):
        self.file.seek(0)
        return [line for line in self.file.read().decode().splitlines() if "-CRITICAL" in line]


class Call:
    """One of a method, in a thread that does not own the object."""

    def __init__(self, method, on):
        self.method = method
        self.on = on
        self.criticals = []
        self.error = None
        self.results = []
        self.surprise = None

    def arguments(self):
        if self.method.function in ARGUMENTS:
            return ARGUMENTS[self.method.function]
        return [self.results_cb if kind == "Gio.AsyncReadyCallback" else make_value(kind)
                for kind in self.method.parameters()]

    def results_cb(self, source, result):
        self.results.append(result)

    def finish(self, context):
        while not self.results:
            context.iteration(True)
        name = self.method.name.removesuffix("_async") + "_finish"
        getattr(self.on, name)(self.results[0])

    def call(self):
        context = GLib.MainContext.new()
        context.push_thread_default()
        try:
            getattr(self.on, self.method.name)(*self.given)
            if self.method.is_async():
                self.finish(context)
        except GLib.Error as error:
            self.error = error
        except Exception as surprise:
            self.surprise = surprise
        finally:
            context.pop_thread_default()

    def run(self):
        self.given = self.arguments()
        thread = threading.Thread(target=self.call)
        with Log() as log:
            thread.start()
            thread.join()
        self.criticals = log.criticals()


class WrongThread(unittest.TestCase):
    def check(self, method, make):
        scene = make()
        call = Call(method, scene.object)
        call.run()
        self.assertIsNone(call.surprise)
        self.assertEqual(len(call.criticals), 1, call.criticals)
        self.assertRegex(call.criticals[0], rf"\bqnet_\w+_{method.name_in_c}\(\).*another thread")
        if method.throws or method.is_async():
            self.assertIsNotNone(call.error)
            self.assertTrue(call.error.matches(Qnet.socket_error_quark(),
                                               Qnet.SocketError.OPERATION), call.error)
        scene.use()


class Lists(unittest.TestCase):
    def test_other_classes(self):
        """What is not called is listed, with the reason."""
        namespace = read_namespace()
        classes = {of_class.get("name") for of_class in namespace.findall(CORE + "class")}
        have_methods = {method.of_class for method in methods()}
        self.assertEqual(have_methods - SCENES.keys(), OTHER_CLASSES.keys())
        self.assertLessEqual(SCENES.keys(), classes)
        self.assertEqual(all_of_c(namespace), OF_C_ONLY)


def all_of_c(namespace):
    """The methods of classes that other languages do not have."""
    return {element.get(C + "identifier") for of_class in namespace.findall(CORE + "class")
            for element in of_class.findall(CORE + "method") if not is_callable(element)}


def choose_scene(method):
    return OwnTransport if method.function.startswith(OF_SUBCLASSES) else SCENES[method.of_class]


def add_test(method, make):
    def test(self):
        self.check(method, make)

    test.__doc__ = f"{method.function}() is refused."
    setattr(WrongThread, f"test_{method.function}", test)


if __name__ == "__main__":
    for each in methods():
        if each.of_class in SCENES:
            add_test(each, choose_scene(each))
    for name in "get_n_items", "get_item":
        add_test(ListMethod(name), Connections)
    tap.main()
