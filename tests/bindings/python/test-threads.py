#!/usr/bin/python3
#
# test-threads.py: GIO's streams, TLS and D-Bus over a socket, and a collector in another thread
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each promise is kept, or broken, in a process of its own, with a time limit: what crashes or
hangs is one failed test. "test-threads.py --here NAME KIND" runs one here, KIND being gio, tcp
or local; --long many rounds instead of a few."""

import concurrent.futures
import ctypes
import gc
import itertools
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import tap
from peers import LOCAL_HOST, GLib, Qnet, iterate_until

from gi.repository import Gio

LONG = "--long" in sys.argv
LIMIT = 1200 if LONG else 60  # seconds
GUID = "0123456789abcdef0123456789abcdef"
INTERFACE = """
  <node>
    <interface name="org.example.Echo">
      <method name="Echo">
        <arg name="text" type="s" direction="in"/><arg name="text" type="s" direction="out"/>
      </method>
    </interface>
  </node>"""


def rounds(few, many):
    return range(many if LONG else few)


# Streams

def make_pair(kind):
    if kind == "local":
        return socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    for end in near, far:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return near, far


def wrap(kind, plain):
    if kind == "gio":
        return Gio.Socket.new_from_fd(plain.detach()).connection_factory_create_connection()
    ours = Qnet.TcpSocket() if kind == "tcp" else Qnet.LocalSocket()
    plain.setblocking(False)
    ours.set_fd(plain.detach(), Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
    return ours


def open_stream(kind):
    near, far = make_pair(kind)
    return wrap(kind, near), far


def wait(begin, *args):
    """Calls an asynchronous function, and gives its source and result."""
    place = []
    context = GLib.MainContext.ref_thread_default()
    begin(*args, lambda source, result: place.append((source, result)))
    while not place:
        context.iteration(True)
    return place[0]


def read_line(lines):
    _, result = wait(lines.read_line_async, GLib.PRIORITY_DEFAULT, None)
    return lines.read_line_finish_utf8(result)[0]


def read_bytes(stream, size):
    read = b""
    while len(read) < size:
        _, result = wait(stream.read_bytes_async, size - len(read), GLib.PRIORITY_DEFAULT, None)
        piece = stream.read_bytes_finish(result).get_data()
        assert piece
        read += piece
    return read


# What is promised

def send_in_pieces(far, data):
    for start in range(0, len(data), 1500):
        far.sendall(data[start:start + 1500])


def send_and_end(far, data):
    send_in_pieces(far, data)
    far.shutdown(socket.SHUT_WR)


def receive_all(far, received):
    with far:
        while piece := far.recv(10000):
            received.append(piece)


def data_input(kind):
    for number in rounds(10, 1000):
        stream, far = open_stream(kind)
        lines = Gio.DataInputStream.new(stream.get_input_stream())
        body = bytes([number % 256]) * 200000
        sender = threading.Thread(target=send_in_pieces, args=(far, b"head\n" + body))
        sender.start()
        assert read_line(lines) == "head"
        assert read_bytes(lines, len(body)) == body
        sender.join()
        far.close()


def buffered_output(kind):
    for number in rounds(10, 1000):
        stream, far = open_stream(kind)
        output = Gio.BufferedOutputStream.new_sized(stream.get_output_stream(), 30000)
        received = []
        receiver = threading.Thread(target=receive_all, args=(far, received))
        receiver.start()
        data = bytes([number % 256]) * 20000
        for _ in range(20):
            output.write_all(data)
            _, result = wait(output.flush_async, GLib.PRIORITY_DEFAULT, None)
            assert output.flush_finish(result)
        _, result = wait(stream.close_async, GLib.PRIORITY_DEFAULT, None)
        assert stream.close_finish(result)
        receiver.join()
        assert b"".join(received) == data * 20


def pushed_context(kind):
    for number in rounds(10, 1000):
        stream, far = open_stream(kind)
        context = GLib.MainContext.new()
        context.push_thread_default()
        try:
            far.sendall(b"bytes")
            assert read_bytes(stream.get_input_stream(), 5) == b"bytes"
            output = stream.get_output_stream()
            output.write_all(b"answer")
            _, result = wait(output.flush_async, GLib.PRIORITY_DEFAULT, None)
            assert output.flush_finish(result)
            assert far.recv(6, socket.MSG_WAITALL) == b"answer"
            _, result = wait(stream.close_async, GLib.PRIORITY_DEFAULT, None)
            assert stream.close_finish(result)
            assert far.recv(1) == b""
        finally:
            context.pop_thread_default()
        far.close()


def begin(function, *args):
    """As wait(), for several at the same time."""
    place = []
    function(*args, lambda source, result: place.append((source, result)))
    return place


def join(*threads):
    """While the loop runs, which sends what is left."""
    timer = GLib.timeout_add(1, lambda: GLib.SOURCE_CONTINUE)
    iterate_until(lambda: not any(thread.is_alive() for thread in threads))
    GLib.source_remove(timer)


def data_output(kind):
    for number in rounds(10, 1000):
        stream, far = open_stream(kind)
        output = Gio.DataOutputStream.new(stream.get_output_stream())
        output.set_byte_order(Gio.DataStreamByteOrder.BIG_ENDIAN)
        output.put_byte(number % 256)
        output.put_int16(-2)
        output.put_uint32(number)
        output.put_int64(-number)
        output.put_string("text")
        _, result = wait(output.flush_async, GLib.PRIORITY_DEFAULT, None)
        assert output.flush_finish(result)
        expected = struct.pack(">BhIq", number % 256, -2, number, -number) + b"text"
        assert far.recv(len(expected), socket.MSG_WAITALL) == expected
        far.close()


def buffered_input(kind):
    for number in rounds(10, 1000):
        stream, far = open_stream(kind)
        buffered = Gio.BufferedInputStream.new_sized(stream.get_input_stream(), 1000)
        data = bytes([number % 256]) * 50000
        sender = threading.Thread(target=send_in_pieces, args=(far, data))
        sender.start()
        read = b""
        while len(read) < len(data):
            _, result = wait(buffered.fill_async, 1000, GLib.PRIORITY_DEFAULT, None)
            assert buffered.fill_finish(result) > 0
            read += buffered.read_bytes(buffered.get_available(), None).get_data()
        assert read == data
        sender.join()
        far.close()


def converters(kind):
    """Of the two ends of a connection, in the two directions of gzip."""
    zipped = Gio.ZlibCompressorFormat.GZIP
    for number in rounds(10, 1000):
        near, far = make_pair(kind)
        ends = [wrap(kind, near), wrap(kind, far)]
        output = Gio.ConverterOutputStream.new(ends[0].get_output_stream(),
                                               Gio.ZlibCompressor.new(zipped, -1))
        unzipped = Gio.ConverterInputStream.new(ends[1].get_input_stream(),
                                                Gio.ZlibDecompressor.new(zipped))
        data = bytes(number % 256 for number in range(number, number + 50000))
        written = begin(output.write_all_async, data, GLib.PRIORITY_DEFAULT, None)
        iterate_until(lambda: written)
        closed = begin(output.close_async, GLib.PRIORITY_DEFAULT, None)
        assert read_bytes(unzipped, len(data)) == data
        iterate_until(lambda: closed)
        assert output.close_finish(closed[0][1])


def splice(kind):
    """Of output streams, and of both directions, with each flag."""
    flags = Gio.OutputStreamSpliceFlags
    both = Gio.IOStreamSpliceFlags
    for number in rounds(10, 1000):
        data = bytes([number % 256]) * 300000
        stream, far = open_stream(kind)
        received = []
        receiver = threading.Thread(target=receive_all, args=(far, received))
        receiver.start()
        source = Gio.MemoryInputStream.new_from_bytes(GLib.Bytes.new(data))
        output = stream.get_output_stream()
        _, result = wait(output.splice_async, source, flags.CLOSE_SOURCE | flags.CLOSE_TARGET,
                         GLib.PRIORITY_DEFAULT, None)
        assert output.splice_finish(result) == len(data)
        stream.close(None)
        join(receiver)
        assert b"".join(received) == data

        one, far_one = open_stream(kind)
        other, far_other = open_stream(kind)
        closing = both.CLOSE_STREAM1 | both.CLOSE_STREAM2
        spliced = begin(one.splice_async, other,
                        closing | both.WAIT_FOR_BOTH if number % 2 else closing,
                        GLib.PRIORITY_DEFAULT, None)
        received = []
        receiver = threading.Thread(target=receive_all, args=(far_other, received))
        receiver.start()
        sender = threading.Thread(target=send_and_end, args=(far_one, data))
        sender.start()
        if number % 2:
            far_other.shutdown(socket.SHUT_WR)
        iterate_until(lambda: spliced)
        assert Gio.IOStream.splice_finish(spliced[0][1])
        join(receiver, sender)
        assert b"".join(received) == data
        far_one.close()


def thread_pool(kind):
    """Blocking calls, each in a thread of a pool, which is the first to ask for the streams."""
    def echo(stream, data):
        stream.get_output_stream().write_all(data, None)
        read = b""
        while len(read) < len(data):
            read += stream.get_input_stream().read_bytes(len(data), None).get_data()
        return read == data

    def echo_back(far):
        with far:
            while piece := far.recv(10000):
                far.sendall(piece)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for number in rounds(10, 1000):
            streams = [open_stream(kind) for _ in range(4)]
            echoes = [threading.Thread(target=echo_back, args=(far,)) for _, far in streams]
            for thread in echoes:
                thread.start()
            calls = [pool.submit(echo, stream, bytes([number % 256]) * 30000)
                     for stream, _ in streams]
            if number % 2:  # else the owner is blocked
                while not all(call.done() for call in calls):
                    GLib.MainContext.default().iteration(False)
            assert all(call.result() for call in calls)
            for stream, _ in streams:
                stream.close(None)
            join(*echoes)


def bus_server(kind):
    """A GDBusServer, whose worker serves clients that are streams of ours."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:path={folder}/bus" if kind == "local" else "tcp:host=127.0.0.1"
        server = Gio.DBusServer.new_sync(
            address, Gio.DBusServerFlags.AUTHENTICATION_ALLOW_ANONYMOUS, GUID, None, None)
        connections = []

        def new_connection_cb(_server, connection):
            register(connection)
            connections.append(connection)
            return True

        server.connect("new-connection", new_connection_cb)
        server.start()
        for number in rounds(10, 1000):
            plain = socket.socket(socket.AF_UNIX if kind == "local" else socket.AF_INET)
            plain.connect(find_address(server))
            client = begin(Gio.DBusConnection.new, wrap(kind, plain), None,
                           Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)
            iterate_until(lambda: client)
            end = Gio.DBusConnection.new_finish(client[0][1])
            _, result = wait(end.call, None, "/echo", "org.example.Echo", "Echo",
                             GLib.Variant("(s)", ("text",)), None, Gio.DBusCallFlags.NONE, -1,
                             None)
            assert end.call_finish(result).unpack() == ("text",)
            end.close_sync(None)
            iterate_until(lambda: len(connections) == number + 1)
            iterate_until(connections[number].is_closed)
        server.stop()


def find_address(server):
    """Of the form that Python's sockets take"""
    parts = dict(part.split("=") for part in
                 server.get_client_address().split(":", 1)[1].split(","))
    return parts["path"] if "path" in parts else (parts["host"], int(parts["port"]))


def tls(kind):
    folder = os.environ["QNET_TEST_CERTIFICATES"]
    certificate = Gio.TlsCertificate.new_from_file(f"{folder}/server.pem")
    database = Gio.TlsFileDatabase.new(f"{folder}/ca.pem")
    for number in rounds(10, 1000):
        near, far = make_pair(kind)
        client = Gio.TlsClientConnection.new(wrap(kind, near),
                                             Gio.NetworkAddress.new("localhost", 443))
        client.set_database(database)
        server = Gio.TlsServerConnection.new(wrap(kind, far), certificate)
        both = [begin(end.handshake_async, GLib.PRIORITY_DEFAULT, None)
                for end in (client, server)]
        iterate_until(lambda: all(both))
        for place in both:
            end, result = place[0]
            assert end.handshake_finish(result)

        written = begin(client.get_output_stream().write_all_async, b"secret" * 1000,
                        GLib.PRIORITY_DEFAULT, None)
        assert read_bytes(server.get_input_stream(), 6000) == b"secret" * 1000
        iterate_until(lambda: written)
        _, result = wait(client.close_async, GLib.PRIORITY_DEFAULT, None)
        assert client.close_finish(result)


def register(connection):
    def call_cb(_connection, _sender, _path, _interface, _method, arguments, invocation):
        invocation.return_value(arguments)

    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    connection.register_object("/echo", interface, call_cb, None, None)


def dbus(kind):
    flags = Gio.DBusConnectionFlags
    for number in rounds(3, 20):
        near, far = make_pair(kind)
        server = begin(Gio.DBusConnection.new, wrap(kind, far), GUID,
                       flags.AUTHENTICATION_SERVER | flags.AUTHENTICATION_ALLOW_ANONYMOUS, None,
                       None)
        client = begin(Gio.DBusConnection.new, wrap(kind, near), None,
                       flags.AUTHENTICATION_CLIENT, None, None)
        iterate_until(lambda: server and client)
        ends = [Gio.DBusConnection.new_finish(place[0][1]) for place in (client, server)]
        for end in ends:
            register(end)
        for call in rounds(100, 1000):
            for end in ends:
                text = "text" * (call % 300)
                _, result = wait(end.call, None, "/echo", "org.example.Echo", "Echo",
                                 GLib.Variant("(s)", (text,)), None, Gio.DBusCallFlags.NONE, -1,
                                 None)
                assert end.call_finish(result).unpack() == (text,)
        ends[0].close_sync(None)
        iterate_until(ends[1].is_closed)


# A library of C whose functions keep the lock of Python, as Python does itself where it frees
python_locked = ctypes.PyDLL(None)


def free_context(kind):
    """A thread frees its main context, with a source of a stream, and keeps Python's lock; the
    owner drops what Python holds, for which it waits for that lock."""
    sys.setswitchinterval(1000)  # seconds: no thread gives the lock away
    for _ in rounds(10, 1000):
        stream, far = open_stream(kind)
        held = stream.get_socket()
        held.attribute = "toggled"
        freed = []

        def free_in_thread():
            context = GLib.MainContext.new()
            source = stream.get_input_stream().create_source(None)
            source.set_callback(lambda *_: GLib.SOURCE_CONTINUE)
            source.attach(context)
            context.iteration(False)
            time.sleep(0.001)  # the owner waits in its loop ...
            python_locked.shutdown(far.fileno(), socket.SHUT_RDWR)
            python_locked.usleep(5000)  # ... and at the end of the connection for Python
            del source, context
            freed.append(True)

        thread = threading.Thread(target=free_in_thread)
        thread.start()
        if kind == "gio":
            stream.get_input_stream().read_bytes(1, None)
        else:
            iterate_until(lambda: stream.get_state() == Qnet.SocketState.UNCONNECTED)
        thread.join()
        assert freed
        far.close()


class Holder:
    """Refers to itself, so that only the collector frees what it has."""

    def __init__(self, *things):
        self.things = things
        self.me = self


def drain(far):
    with far:
        try:
            while far.recv(1 << 20):
                pass
        except ConnectionResetError:
            pass


def hold_socket(kind):
    stream, far = open_stream(kind)
    if kind != "gio":
        stream.write(b"x" * 5000000)
        stream.connect("ready-read", lambda *_: None)
    threading.Thread(target=drain, args=(far,)).start()
    return stream


numbers = itertools.count()


def hold_server(kind):
    if kind == "gio":
        service = Gio.SocketListener()
        port = service.add_any_inet_port(None)
    elif kind == "tcp":
        service = Qnet.TcpServer()
        service.listen(LOCAL_HOST, 0)
        port = service.props.server_port
    else:
        service = Qnet.LocalServer()
        service.listen(f"qnet-threads-{os.getpid()}-{next(numbers)}")
        return service
    socket.create_connection(("127.0.0.1", port)).close()
    return service


def hold_connecting(kind):
    if kind == "gio":
        return Gio.SocketClient()
    if kind == "tcp":
        connecting = Qnet.TcpSocket()
        connecting.connect_to_host("localhost", 9)
    else:
        connecting = Qnet.LocalSocket()
        connecting.connect_to_server("qnet-no-such-server")
    return connecting


silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 0))


def hold_lookup(kind):
    if kind == "gio":
        return Gio.Resolver.get_default()
    lookup = Qnet.DnsLookup.new_with_nameserver(Qnet.DnsRecordType.A, "example.org", LOCAL_HOST,
                                                silent.getsockname()[1])
    lookup.lookup()
    return lookup


def hold_udp(kind):
    if kind == "gio":
        return Gio.Socket.new(Gio.SocketFamily.IPV4, Gio.SocketType.DATAGRAM,
                              Gio.SocketProtocol.UDP)
    udp = Qnet.UdpSocket()
    udp.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
    return udp


def flood(kind, is_over):
    """Keeps the loop in C most of the time, where the collector's thread can run beside it."""
    source, far_source = open_stream(kind)
    target, far_target = open_stream(kind)

    def send():
        with far_source:
            while not is_over.is_set():
                far_source.sendall(bytes(50000))

    threading.Thread(target=send).start()
    threading.Thread(target=drain, args=(far_target,)).start()
    spliced = begin(source.splice_async, target, Gio.IOStreamSpliceFlags.CLOSE_STREAM1
                    | Gio.IOStreamSpliceFlags.CLOSE_STREAM2, GLib.PRIORITY_DEFAULT, None)
    return spliced, source


def collect(kind, make):
    """The collector runs in a thread while the loop of the objects' owner runs."""
    gc.disable()
    is_over = threading.Event()

    def collect_in_thread():
        while not is_over.wait(0.001):
            gc.collect()

    collector = threading.Thread(target=collect_in_thread)
    collector.start()
    spliced, source = flood(kind, is_over)
    timer = GLib.timeout_add(1, lambda: GLib.SOURCE_CONTINUE)
    try:
        for number in rounds(200, 10000):
            Holder(make(kind))
            for _ in range(3):
                GLib.MainContext.default().iteration(False)
    finally:
        is_over.set()
        collector.join()
    iterate_until(lambda: spliced)
    del source
    gc.collect()

    # What is taken down in the loop is taken down: the other ends notice, and no descriptor for
    # each object is left.
    iterate_until(lambda: threading.active_count() == 1
                  and len(os.listdir("/proc/self/fd")) < 40)
    GLib.source_remove(timer)


def collect_sockets(kind):
    collect(kind, hold_socket)


def collect_servers(kind):
    collect(kind, hold_server)


def collect_connecting(kind):
    collect(kind, hold_connecting)


def collect_lookups(kind):
    collect(kind, hold_lookup)


def collect_udp(kind):
    collect(kind, hold_udp)


# Each in a process of its own

PROMISES = {
    data_input: "read_line_async(), then read_bytes_async(), of a DataInputStream",
    buffered_output: "flush_async() of a BufferedOutputStream",
    data_output: "each method of a DataOutputStream",
    buffered_input: "fill_async() of a BufferedInputStream",
    converters: "ConverterOutputStream and ConverterInputStream, with gzip",
    splice: "splice_async() of an output stream, and of two connections",
    thread_pool: "blocking calls in a thread pool",
    bus_server: "clients of a GDBusServer",
    free_context: "a thread with Python's lock frees its main context",
    pushed_context: "operations under a context that was pushed complete in that context",
    tls: "TlsClientConnection and TlsServerConnection",
    dbus: "a D-Bus connection without a bus, with calls each way",
    collect_sockets: "sockets with unsent bytes are collected in a thread",
    collect_servers: "servers that were called are collected in a thread",
    collect_connecting: "sockets that are connecting are collected in a thread",
    collect_lookups: "lookups are collected in a thread",
    collect_udp: "UDP sockets are collected in a thread",
}


class Threads(unittest.TestCase):
    def run_apart(self, name, kind):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, G_DEBUG="fatal-criticals", PYTHONFAULTHANDLER="1",
                               G_DBUS_COOKIE_SHA1_KEYRING_DIR=folder)
            command = [sys.executable, "-B", __file__, "--here", name, kind]
            try:
                done = subprocess.run(command + ["--long"] * LONG, env=environment, timeout=LIMIT,
                                      capture_output=True, text=True)
            except subprocess.TimeoutExpired:
                self.fail(f"{name} {kind}: the time is over")
        self.assertEqual(done.returncode, 0, f"{name} {kind}: {done.stderr[-2000:]}")


def add_test(function, promise, kind):
    def test(self):
        self.run_apart(function.__name__, kind)

    test.__doc__ = f"{promise}: {kind}."
    setattr(Threads, f"test_{function.__name__}_{kind}", test)


for each, of_it in PROMISES.items():
    for of_kind in "gio", "tcp", "local":
        add_test(each, of_it, of_kind)


if __name__ == "__main__":
    if "--here" in sys.argv:
        start = sys.argv.index("--here")
        globals()[sys.argv[start + 1]](sys.argv[start + 2])
    else:
        tap.main()
