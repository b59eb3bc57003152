#!/usr/bin/python3
#
# test-surface.py: pitfalls in Python: exceptions, defaults, Unix signals
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import types

import tap
from peers import LOCAL_HOST, PATIENCE, GLib, PeerCase, Qnet, QnetCase, iterate_until

from gi.repository import Gio, GObject

SOON = 0.02  # seconds

CERTIFICATES = os.environ.get("QNET_TEST_CERTIFICATES")
HAS_TLS = bool(CERTIFICATES) and Qnet.SslSocket.supports_ssl()


class Mistakes(PeerCase):
    def setUp(self):
        super().setUp()
        self.ours, self.peer = self.connect()

    def test_text_for_bytes(self):
        """Where bytes are wanted, text is refused by the name of the function, with a remedy."""
        udp = Qnet.UdpSocket()
        calls = {
            "write": lambda text: self.ours.write(text),
            "write_all_async": lambda text: self.ours.write_all_async(text),
            "read_until": lambda text: self.ours.read_until(text),
            "write_datagram_to": lambda text: udp.write_datagram_to(text, LOCAL_HOST, 9),
        }
        for name, call in calls.items():
            pattern = rf"^{name}\(\) takes bytes, not str: encode"
            with self.subTest(name), self.assertRaisesRegex(TypeError, pattern):
                call("text")
            pattern = rf"^{name}\(\) takes bytes .*, not int"
            with self.subTest(name), self.assertRaisesRegex(TypeError, pattern):
                call(5)

    def test_gbytes(self):
        """GBytes are like bytes."""
        self.assertEqual(self.ours.write(GLib.Bytes.new(b"abc")), 3)

    def test_empty_delimiter(self):
        """A delimiter without a byte is a ValueError."""
        with self.assertRaisesRegex(ValueError, "delimiter"):
            self.ours.read_until(b"")

    def test_protocols(self):
        """One protocol for a list of them is refused, and not taken for a list of letters."""
        for kind in Qnet.SslSocket, Qnet.SslServer:
            with self.assertRaisesRegex(TypeError, "list"):
                kind().set_advertised_protocols("h2")

    def test_host_info(self):
        """An answer keeps its addresses, scopes included, and may have none."""
        scoped = Qnet.HostAddress.parse("fe80::1%lo")
        info = Qnet.HostInfo.new("host.test", [LOCAL_HOST, scoped])
        self.assertEqual(info.get_addresses(), [LOCAL_HOST, scoped])
        self.assertEqual(Qnet.HostInfo.new("host.test", None).get_addresses(), [])

    def test_paths(self):
        """Names of files may be paths."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "socket")
            server = Qnet.LocalServer()
            server.listen(path)
            client = Qnet.LocalSocket()
            client.connect_to_server(path)
            self.assertTrue(client.wait_for_connected(PATIENCE))
            server.close()
            with self.assertRaises(GLib.Error) as caught:
                Qnet.SslSocket().set_certificate_files(path, None)
            self.assertIn(str(path), caught.exception.message)

    def test_option(self):
        """The value of a socket option is a number, not a tuple that is always true."""
        self.assertEqual(self.ours.get_socket_option(Qnet.SocketOption.KEEP_ALIVE), 0)


    def test_path_of_each_call(self):
        """Every function that takes a file name takes a path, also functions of a type and
        asynchronous calls."""
        path = pathlib.Path("/nowhere/socket")
        self.assertTrue(Qnet.LocalServer.remove_server(path))
        self.assertTrue(Qnet.LocalServer.remove_server_full(path, False))
        Qnet.LocalSocket().connect_to_server_full(path, Qnet.OpenMode.READ_WRITE)
        results = []
        client = Qnet.LocalSocket()
        client.connect_to_server_async(path, callback=lambda _, result: results.append(result))
        iterate_until(lambda: results)
        with self.assertRaisesRegex(GLib.Error, "/nowhere/socket"):
            client.connect_to_server_finish(results[0])

    def test_name_of_file_not_utf8(self):
        """An error about a file whose name is no text can be raised, and is a GLib.Error."""
        name = os.fsdecode(b"/nowhere/caf\xe9")
        for call in (lambda: Qnet.SslSocket().set_database_file(name),
                     lambda: Qnet.SslSocket().set_certificate_files(name, None),
                     lambda: Qnet.LocalServer().listen(name)):
            with self.assertRaisesRegex(GLib.Error, "/nowhere/caf"):
                call()

    def test_no_number(self):
        """What is no number of milliseconds does not make a wait endless."""
        for wait in (self.ours.wait_for_ready_read, self.ours.wait_for_bytes_written,
                     self.ours.wait_for_disconnected):
            for value in (float("nan"), float("inf"), -float("inf")):
                with (self.subTest(f"{wait.__name__} {value}"),
                      self.assertRaisesRegex(ValueError, "milliseconds")):
                    wait(value)
            with self.subTest(wait.__name__), self.assertRaisesRegex(TypeError, "milliseconds"):
                wait(None)

    def test_size_no_number(self):
        """NaN is not the size of everything."""
        self.peer.sendall(b"x")
        iterate_until(lambda: self.ours.props.bytes_available == 1)
        with self.assertRaises(TypeError):
            self.ours.read(float("nan"))
        self.assertEqual(self.ours.read(), b"x")

    def test_constructors(self):
        """Calling a type is as calling its new(), with addresses as text and defaults."""
        self.assertEqual(Qnet.NetworkDatagram(b"x", "127.0.0.1", 9).get_destination_address(),
                         LOCAL_HOST)
        self.assertEqual(Qnet.NetworkAddressEntry("127.0.0.1", 8, None).get_ip(), LOCAL_HOST)
        self.assertEqual(Qnet.HostInfo("host.test", ["127.0.0.1"]).get_addresses(), [LOCAL_HOST])
        with self.assertRaisesRegex(ValueError, "NUL"):
            Qnet.NetworkProxy(Qnet.ProxyType.HTTP, "host.test\0.example", 80, None, None)

    def test_functions_of_the_module(self):
        """The functions of the module refuse what those of the types refuse."""
        for function in (Qnet.host_address_parse, Qnet.network_interface_from_name,
                         Qnet.HostAddress.parse):
            with self.assertRaisesRegex(ValueError, "NUL"):
                function("127.0.0.1\0.example")

    def test_protocols_with_nul(self):
        """No text in a list is cut at a NUL, by a method or by a property."""
        for kind in Qnet.SslSocket, Qnet.SslServer:
            with self.assertRaisesRegex(ValueError, "NUL"):
                kind().set_advertised_protocols(["h2", "a\0b"])
            with self.assertRaisesRegex(ValueError, "NUL"):
                kind(advertised_protocols=["h2", "a\0b"])

    def test_order(self):
        """Addresses are sorted by value."""
        texts = ["10.0.0.2", "::2", "10.0.0.1", "::1", "9.0.0.1"]
        addresses = sorted(Qnet.HostAddress.parse(text) for text in texts)
        self.assertEqual([str(address) for address in addresses],
                         ["9.0.0.1", "10.0.0.1", "10.0.0.2", "::1", "::2"])
        self.assertEqual(max(addresses), Qnet.HostAddress.parse("::2"))
        with self.assertRaises(TypeError):
            addresses[0] < "10.0.0.1"


class Peers(PeerCase):
    def test_realm(self):
        """What a proxy sends that is not UTF-8 does not raise where it is read."""
        realms = []

        def answer():
            peer, _ = self.listener.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b'HTTP/1.1 407 \xff\r\nProxy-Authenticate: Basic realm="r\xff"\r\n'
                             b"Content-Length: 0\r\n\r\n")
                peer.recv(1000)

        thread = threading.Thread(target=answer)
        thread.start()
        ours = Qnet.TcpSocket()
        ours.connect("proxy-authentication-required", lambda _, proxy,
                     asked: realms.append(asked.get_realm()))
        ours.set_proxy(Qnet.NetworkProxy.new(Qnet.ProxyType.HTTP, "127.0.0.1", self.port, None,
                                             None))
        ours.connect_to_host("host.test", 80)
        with self.assertRaises(GLib.Error):
            ours.wait_for_connected(PATIENCE)
        thread.join()
        self.assertEqual(realms, ["r\ufffd"])


class Complete(QnetCase):
    """A new function fails here until it has what it needs in the overrides."""

    def find(self, wanted):
        """The methods of that kind, each where it is defined."""
        for name in dir(Qnet):
            kind = getattr(Qnet, name)
            if isinstance(kind, type):
                for method in dir(kind):
                    if wanted(method) and any(method in vars(base)
                                              and base.__module__.endswith("Qnet")
                                              for base in kind.__mro__):
                        yield name, method, getattr(kind, method)

    def test_asynchronous_calls(self):
        """Every asynchronous call with a priority has a default for it."""
        found = [(name, method) for name, method,
                 function in self.find(lambda method: method.endswith("_async"))
                 if type(function).__name__ == "FunctionInfo"
                 and "io_priority" in [argument.get_name()
                                       for argument in function.get_arguments()]]
        self.assertEqual(found, [])

    def test_classes(self):
        """Each class derives from the one above it as it is here, with its defaults, and not from
        the one without them."""
        kinds = [kind for kind in map(lambda name: getattr(Qnet, name), dir(Qnet))
                 if isinstance(kind, type) and issubclass(kind, GObject.Object)]
        self.assertGreater(len(kinds), 12)
        for kind in kinds:
            for above in kinds:
                if GObject.type_is_a(kind.__gtype__, above.__gtype__):
                    self.assertTrue(issubclass(kind, above), f"{kind} {above}")

    def test_waits(self):
        """Every wait can be interrupted, and takes 30 seconds at most without a time."""
        found = list(self.find(lambda method: method.startswith("wait_for_")))
        self.assertGreater(len(found), 10)
        self.assertEqual([found for found in found if not isinstance(found[2], types.FunctionType)],
                         [])
        self.assertEqual({function.__defaults__[0] for _, _, function in found}, {30000})


class Matches(QnetCase):
    def failure(self):
        with self.assertRaises(GLib.Error) as caught:
            Qnet.TcpSocket().write(b"x")
        return caught.exception

    def test_enumeration(self):
        """matches() takes the enumeration for its domain."""
        error = self.failure()

        self.assertTrue(error.matches(Qnet.SocketError, Qnet.SocketError.OPERATION))
        self.assertFalse(error.matches(Qnet.SocketError, Qnet.SocketError.TEMPORARY))
        self.assertFalse(error.matches(Qnet.DnsLookupError, int(Qnet.SocketError.OPERATION)))

    def test_dns(self):
        """So does an error of a DNS lookup."""
        with self.assertRaises(GLib.Error) as caught:
            Qnet.DnsLookup.new(Qnet.DnsRecordType.A, "x").wait_for_finished(0)
        self.assertTrue(caught.exception.matches(Qnet.DnsLookupError,
                                                 Qnet.DnsLookupError.INVALID_REQUEST))

    def test_others(self):
        """What matched before still does, errors of others included."""
        self.assertTrue(self.failure().matches(Qnet.socket_error_quark(),
                                               Qnet.SocketError.OPERATION))
        error = GLib.Error.new_literal(Gio.io_error_quark(), "x", int(Gio.IOErrorEnum.CANCELLED))
        self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.assertFalse(error.matches(Qnet.SocketError, Gio.IOErrorEnum.CANCELLED))


class Defaults(PeerCase):
    def test_callback_alone(self):
        """The callback of an asynchronous call can be given by its name, and everything else is as
        usual."""
        ours, peer = self.connect()
        results = []

        ours.read_line_async(callback=lambda _ours,
                             result: results.append(ours.read_line_finish(result)))
        ours.write_all_async(b"out", callback=lambda _ours,
                             result: results.append(ours.write_all_finish(result)))
        peer.sendall(b"in\n")
        iterate_until(lambda: len(results) == 2)
        self.assertCountEqual(results, [b"in\n", True])
        self.assertEqual(peer.recv(3), b"out")

    def test_sizes(self):
        """Without a size a read takes the line, the message or all."""
        ours, peer = self.connect()
        self.receive(ours, peer, b"one\ntwo\nthree;four\nrest")

        self.assertEqual(ours.read_line(), b"one\n")
        self.assertEqual(ours.read_line_utf8(), "two")
        self.assertEqual(ours.read_until(b";"), b"three;")
        self.assertEqual(ours.read_line_bytes().get_data(), b"four\n")
        self.assertEqual(ours.read(), b"rest")

    def test_waits(self):
        """Without a time a wait takes 30 seconds at most."""
        ours, peer = self.connect()
        peer.sendall(b"x")
        self.assertTrue(ours.wait_for_ready_read())

    def test_functions_of_a_type(self):
        """A lookup needs its callback alone."""
        results = []
        Qnet.HostInfo.lookup_host_async("localhost",
                                        callback=lambda _, result: results.append(result))
        iterate_until(lambda: results)
        self.assertNotEqual(Qnet.HostInfo.lookup_host_finish(results[0]).get_addresses(), [])

        Qnet.HostInfo.lookup_host_async(name="localhost",
                                        callback=lambda _, result: results.append(result))
        Qnet.HostInfo.lookup_address_async(address="127.0.0.1",
                                           callback=lambda _, result: results.append(result))
        iterate_until(lambda: len(results) == 3)

    def test_listen(self):
        """Each server has the defaults of listen()."""
        for kind in Qnet.TcpServer, Qnet.SslServer:
            with self.subTest(kind.__name__):
                server = kind()
                if kind is Qnet.SslServer:
                    if not HAS_TLS:
                        continue  # it would not listen
                    server.set_certificate_files(f"{CERTIFICATES}/server.pem", None)
                self.assertTrue(server.listen("127.0.0.1"))
                server.close()
                self.assertTrue(server.listen_port())
                server.close()


class Alarm(Exception):
    pass


def raise_alarm(_number, _frame):
    raise Alarm


class Signals(PeerCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, raise_alarm))
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)

    def make_waits(self):
        """One wait of each kind, none of which ends by itself."""
        connected, _ = self.connect()
        connecting = Qnet.SslSocket()
        if Qnet.SslSocket.supports_ssl():
            connecting.connect_to_host_encrypted("127.0.0.1", self.port)
        server, ssl_server = Qnet.TcpServer(), Qnet.SslServer()
        server.listen(LOCAL_HOST, 0)
        if HAS_TLS:
            ssl_server.set_certificate_files(f"{CERTIFICATES}/server.pem", None)
            ssl_server.listen(LOCAL_HOST, 0)
        lookup = Qnet.DnsLookup(name="host.test", nameserver=LOCAL_HOST,
                                nameserver_port=self.silent_port())
        lookup.lookup()

        return [
            connected.wait_for_ready_read, connected.wait_for_disconnected,
            *([connecting.wait_for_encrypted] if Qnet.SslSocket.supports_ssl() else []),
            server.wait_for_new_connection, server.wait_for_new_connection_full,
            *([ssl_server.wait_for_new_connection] if ssl_server.is_listening() else []),
            lookup.wait_for_finished,
        ]

    def test_every_wait_is_cancelled(self):
        """Each wait that takes a GCancellable ends with it, cancelled in another thread."""
        for wait in self.make_waits():
            full = getattr(wait.__self__, wait.__name__.removesuffix("_full") + "_full", None)
            if full is None:
                continue
            cancellable = Gio.Cancellable()
            thread = threading.Thread(target=cancellable.cancel)
            with self.subTest(full), self.assertRaises(GLib.Error) as caught:
                thread.start()
                full(-1, cancellable)
            self.assertTrue(caught.exception.matches(Gio.io_error_quark(),
                                                     Gio.IOErrorEnum.CANCELLED))
            thread.join()

    def silent_port(self):
        """A port of UDP on which queries are not answered."""
        self.silent = Qnet.UdpSocket()
        self.silent.bind(LOCAL_HOST, 0, Qnet.BindFlags.DEFAULT_FOR_PLATFORM)
        return self.silent.props.local_port

    def test_every_wait(self):
        """What a handler of a signal raises comes out of every wait, at once."""
        for wait in self.make_waits():
            with self.subTest(wait), self.assertRaises(Alarm):
                signal.setitimer(signal.ITIMER_REAL, SOON)
                wait(-1)

    def test_handler_that_returns(self):
        """A handler that raises nothing runs, and the wait continues."""
        ours, peer = self.connect()
        calls = []

        def answer(_number, _frame):
            calls.append(ours.props.error)
            peer.sendall(b"x")

        signal.signal(signal.SIGALRM, answer)
        signal.setitimer(signal.ITIMER_REAL, SOON)
        self.assertTrue(ours.wait_for_ready_read(PATIENCE))
        self.assertEqual(calls, [None])

    def test_time(self):
        """Signals do not make a wait longer: it fails when it times out."""
        ours, _ = self.connect()
        signal.signal(signal.SIGALRM, lambda _number, _frame: None)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)

        with self.assertRaises(GLib.Error) as caught:
            ours.wait_for_ready_read(100)
        self.assert_error(caught.exception, Qnet.SocketError.SOCKET_TIMEOUT)

    def test_wait_in_a_handler(self):
        """A signal does not end a wait in the handler of another one, and no result is lost."""
        ours, peer = self.connect()
        others, other_peer = self.connect()
        outcomes = []

        def wait_for_other(_ours):
            signal.setitimer(signal.ITIMER_REAL, SOON)
            outcomes.append(others.wait_for_ready_read(PATIENCE))

        signal.signal(signal.SIGALRM, lambda _number, _frame: other_peer.sendall(b"x"))
        ours.connect("ready-read", wait_for_other)
        peer.sendall(b"x")
        self.assertTrue(ours.wait_for_ready_read(PATIENCE))
        self.assertEqual(outcomes, [True])

    def test_signal_and_success(self):
        """A wait that has succeeded is not repeated because a signal came as well."""
        ours, peer = self.connect()
        signal.signal(signal.SIGALRM, lambda _number, _frame: None)
        ours.connect("ready-read", lambda _ours: signal.raise_signal(signal.SIGALRM))
        peer.sendall(b"x")
        self.assertTrue(ours.wait_for_ready_read(200))

    def test_former_descriptor(self):
        """A wakeup descriptor that was set before still receives the signals."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        self.addCleanup(signal.set_wakeup_fd, signal.set_wakeup_fd(writer))
        ours, _ = self.connect()

        with self.assertRaises(Alarm):
            signal.setitimer(signal.ITIMER_REAL, SOON)
            ours.wait_for_ready_read(-1)
        self.assertEqual(os.read(reader, 10), bytes([signal.SIGALRM]))
        self.assertEqual(signal.set_wakeup_fd(writer), writer)

    def test_other_thread(self):
        """In another thread a wait is as it was."""
        outcomes = []

        def work():
            client = Qnet.TcpSocket()
            client.connect_to_host("127.0.0.1", self.port)
            outcomes.append(client.wait_for_connected(PATIENCE))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        self.assertEqual(outcomes, [True])

    def press_control_c(self, program):
        """In a program that has a listening server, when it has printed "waiting"; gives what it
        prints after that."""
        program = textwrap.dedent("""
            import gi
            gi.require_version("Qnet", "1")
            from gi.repository import GLib, Qnet
            server = Qnet.TcpServer()
            server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), 0)
        """) + textwrap.dedent(program)
        with subprocess.Popen([sys.executable, "-B", "-c", program], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              text=True) as child:
            self.assertEqual(child.stdout.readline(), "waiting\n")
            for _ in range(PATIENCE // 1000):
                child.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):  # before the wait had begun
                    child.wait(1)
                    break
            output, errors = child.communicate(timeout=PATIENCE / 1000)
        self.assertEqual((errors, child.returncode), ("", 0))
        return output

    def test_control_c(self):
        """Ctrl+C in a wait raises KeyboardInterrupt, and nothing else is printed."""
        output = self.press_control_c("""
            try:
                print("waiting", flush=True)
                server.wait_for_new_connection(-1)
            except KeyboardInterrupt:
                print("interrupted")
        """)
        self.assertEqual(output, "interrupted\n")

    def test_control_c_in_a_loop(self):
        """In a wait of a handler, Ctrl+C ends the wait and the loop."""
        output = self.press_control_c("""
            def handler():
                try:
                    print("waiting", flush=True)
                    server.wait_for_new_connection(-1)
                except KeyboardInterrupt:
                    print("interrupted")
                return GLib.SOURCE_REMOVE

            GLib.idle_add(handler)
            try:
                GLib.MainLoop().run()
            except KeyboardInterrupt:
                print("ended")
        """)
        self.assertEqual(output, "interrupted\nended\n")


if __name__ == "__main__":
    tap.main()
