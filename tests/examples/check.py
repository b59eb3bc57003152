#!/usr/bin/python3
#
# check.py: an example does what a reader expects of it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check.py KIND COMMAND...

KIND is one of the words at the end of this file.

The other side is Python's own sockets, so that each example stands for itself.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

import command
import tap
from command import COMMAND, KIND, PATIENCE, closed_port, run


class Server(command.Case):
    wrong = [["--port"], ["--port", "x"], ["--port", "65536"], ["--port", "-1"], ["--port", "1x"],
             ["extra"]]

    def start(self, *arguments):
        return self.start_program(*arguments).stdout.readline()

    def ask(self, port):
        with socket.create_connection(("127.0.0.1", port),
                                      PATIENCE) as peer, peer.makefile() as lines:
            return lines.read()

    def test_sends_fortunes(self):
        """It prints where it runs, and sends each client one line."""
        words = re.fullmatch(r"The server is running on 127\.0\.0\.1 port (\d+)\n",
                             self.start("--address", "127.0.0.1"))
        self.assertIsNotNone(words)

        for _ in range(20):
            self.assertRegex(self.ask(int(words[1])), r"\A[A-Z].*\n\Z")

    def test_takes_the_port(self):
        """It listens on the given port, which is that of a server that has just ended."""
        with socket.create_server(("127.0.0.1", 0)) as former:
            port = former.getsockname()[1]

        self.assertEqual(self.start("--port", str(port)),
                         f"The server is running on 127.0.0.1 port {port}\n")
        self.assertNotEqual(self.ask(port), "")

    def test_taken_port(self):
        """If another server listens it exits, and prints why."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.assertIn(f"127.0.0.1 port {port}", self.assert_fails("--port", str(port)))

    def test_bad_address(self):
        """An address that is none is refused."""
        self.assertIn("somewhere", self.assert_fails("--address", "somewhere"))


class Client(command.Case):
    wrong = [
        [], ["127.0.0.1"], ["127.0.0.1", "x"], ["127.0.0.1", "0"], ["127.0.0.1",
                                                                    "65536"], ["127.0.0.1", "-1"],
        ["127.0.0.1", "1x"], ["127.0.0.1", "9", "extra"],
    ]

    def serve(self, *pieces):
        """Sends each piece in a segment of its own, to one client, and closes the connection."""
        listener = socket.create_server(("127.0.0.1", 0))

        def answer():
            with listener.accept()[0] as peer:
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for piece in pieces:
                    peer.sendall(piece)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self.addCleanup(listener.close)
        self.addCleanup(thread.join)
        return str(listener.getsockname()[1])

    def test_prints_the_fortune(self):
        """It prints the line that it receives, in whatever pieces, and nothing else, each time."""
        for host in ("127.0.0.1", "localhost") * 5:
            done = run(host, self.serve("All w".encode(), "ill be well, für alle.\n".encode()))
            self.assertEqual((done.stdout, done.stderr, done.returncode),
                             ("All will be well, für alle.\n", "", 0))

    def test_refused(self):
        """If no server listens it exits, and prints why."""
        port = closed_port()
        self.assertIn(f"127.0.0.1 port {port}", self.assert_fails("127.0.0.1", str(port)))

    def test_peer_is_silent(self):
        """A server that closes without data is a failure with a message."""
        self.assert_fails("127.0.0.1", self.serve())

    def test_not_text(self):
        """What is not text is replaced, or a failure with a message."""
        done = run("127.0.0.1", self.serve(b"\xff\xfe\n"))
        self.assertIn(done.returncode, (0, 1))
        self.assertNotEqual(done.stdout if done.returncode == 0 else done.stderr, "")
        self.assert_clean(done.stdout + done.stderr)


class Loopback(command.Case):
    wrong = [["extra"], ["--size"], ["--size", "x"], ["--size", "0"], ["--size", "-1"]]

    def test_all_bytes_come(self):
        """All that was sent comes round."""
        done = run("--size", "3")

        self.assertRegex(done.stdout, r"\A3145728 bytes ")
        self.assertEqual((done.stderr, done.returncode), ("", 0))


class Lookup(command.Case):
    wrong = [[]]

    def test_names_and_addresses(self):
        """Names get their addresses, and addresses their names, all at once."""
        done = run("localhost", "127.0.0.1")

        self.assertRegex(done.stdout, r"(?m)^localhost has address (127\.0\.0\.1|::1)$")
        self.assertRegex(done.stdout, r"(?m)^127\.0\.0\.1 is \S+$")
        self.assertEqual((done.stderr, done.returncode), ("", 0))

    def test_failure(self):
        """A name that cannot be looked up is reported, and the others are still looked up."""
        done = run("", "127.0.0.1")

        self.assertRegex(done.stdout, r"\A127\.0\.0\.1 is \S+\n\Z")
        self.assertIn("empty", done.stderr)
        self.assertEqual(done.returncode, 1)


class Interfaces(command.Case):
    wrong = [["extra"]]

    def test_all_are_there(self):
        """Each interface of the system has its line."""
        done = run()

        self.assertEqual(
            sorted(line.split()[0] for line in done.stdout.splitlines()),
            sorted(name for _, name in socket.if_nameindex())
        )
        self.assertEqual((done.stderr, done.returncode), ("", 0))

    def test_addresses(self):
        """An interface that is up and a loopback has a state and the address of this host."""
        for line in run().stdout.splitlines():
            name, state, *rest = line.split()
            self.assertIn(state, ("UP", "DOWN", "WAITING"))
            if name == "lo" and state == "UP":
                self.assertIn("127.0.0.1/8", rest)


class Query(command.Case):
    wrong = [[], ["host.test", "NONSENSE"], ["host.test", "A", "extra"],
             ["host.test", "--port", "65536"],
             ["host.test", "--port", "x"], ["host.test", "--timeout", "-1"]]

    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen(
            [os.environ["QNET_TEST_NAME_SERVER"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True
        )
        cls.port = cls.server.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.server.communicate()

    def ask(self, *arguments):
        return run("--server", "127.0.0.1", "--port", self.port, *arguments)

    def test_records(self):
        """It prints the records of each type as a zone file would have them."""
        expected = {
            ("host.test",): "host.test. 300 IN A 192.0.2.1\n",
            ("host.test", "aaaa"): "host.test. 300 IN AAAA 2001:db8::1\n",
            ("www.test", "CNAME"): "www.test. 300 IN CNAME host.test.\n",
            ("test", "MX"): "test. 300 IN MX 10 mail.test.\ntest. 300 IN MX 20 backup.test.\n",
            ("test", "NS"): "test. 300 IN NS ns.test.\n",
            ("192.0.2.1", "PTR"): "1.2.0.192.in-addr.arpa. 300 IN PTR host.test.\n",
            ("_http._tcp.test", "SRV"): "_http._tcp.test. 300 IN SRV 1 2 8080 host.test.\n",
            ("test", "TXT"): 'test. 300 IN TXT "hello" "world"\n',
            ("_443._tcp.host.test", "TLSA"): "_443._tcp.host.test. 300 IN TLSA 3 1 1 abcdef\n",
        }
        for arguments, lines in expected.items():
            done = self.ask(*arguments)
            self.assertEqual((done.stdout, done.stderr, done.returncode), (lines, "", 0))

    def test_any(self):
        """Asked for any type it prints all records."""
        self.assertEqual(len(self.ask("test", "ANY").stdout.splitlines()), 4)

    def test_not_found(self):
        """Where there is no such name it ends, and says so."""
        done = self.ask("none.test")

        self.assertEqual((done.stdout, done.returncode), ("", 1))
        self.assertIn("none.test", done.stderr)

    def test_bad_server(self):
        """A server that is none is refused."""
        self.assertIn("nowhere", self.assert_fails("host.test", "--server", "nowhere"))

    def test_no_server(self):
        """Where no server answers it ends, and says so."""
        arguments = "--server", "127.0.0.1", "--port", str(closed_port()), "--timeout", "500"
        self.assertIn("host.test", self.assert_fails("host.test", *arguments))


GROUP = "239.255.43.21"
ALL_OF_LOOPBACK = "127.255.255.255"


class DatagramSender(command.Case):
    """The sockets that listen receive what it sends."""

    wrong = [["extra"], ["--port"], ["--port", "x"], ["--port", "0"], ["--port", "65536"],
             ["--count", "x"],
             ["--count", "-1"]]

    def receive(self, listener, count):
        listener.settimeout(PATIENCE)
        self.addCleanup(listener.close)
        port = listener.getsockname()[1]
        done = run(*self.arguments, "--port", str(port), "--count", str(count))
        texts = [listener.recv(1000).decode() for _ in range(count)]

        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "".join(f"Sent: {text}\n" for text in texts))
        return texts


class BroadcastSender(DatagramSender):
    arguments = ["--address", ALL_OF_LOOPBACK]

    def test_broadcasts(self):
        """All sockets on the port receive its broadcasts."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("0.0.0.0", 0))

        self.assertEqual(self.receive(listener, 2),
                         ["Broadcast datagram 1", "Broadcast datagram 2"])

    def test_bad_address(self):
        """An address that is none is refused."""
        self.assertIn("somewhere", self.assert_fails("--address", "somewhere"))


class MulticastSender(DatagramSender):
    arguments = ["--group", GROUP, "--interface", "lo"]

    def test_sends_to_group(self):
        """The sockets that have joined the group receive its datagrams."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("0.0.0.0", 0))
        join_group(listener)

        self.assertEqual(self.receive(listener, 2),
                         ["Multicast datagram 1", "Multicast datagram 2"])

    def test_bad_interface(self):
        """An interface that is none is refused, and so is an address that is none."""
        self.assert_fails("--interface", "nowhere")
        self.assert_fails("--group", "somewhere")


def join_group(listener):
    interface = struct.pack("=4s4si", socket.inet_aton(GROUP), b"\0" * 4,
                            socket.if_nametoindex("lo"))
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, interface)


class DatagramReceiver(command.Case):
    """It prints the datagrams, and their senders."""

    wrong = [["extra"], ["--port"], ["--port", "x"], ["--port", "65536"], ["--port", "-1"]]

    def start(self, *arguments):
        receiver = self.start_program(*arguments, "--port", "0")
        port = re.fullmatch(r"Listening on port (\d+)\n", receiver.stdout.readline())[1]
        return receiver.stdout, int(port)

    def sender(self):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        index = struct.pack("=4s4si", b"\0" * 4, b"\0" * 4, socket.if_nametoindex("lo"))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, index)
        self.addCleanup(sender.close)
        return sender

    def assert_prints(self, address, *arguments):
        output, port = self.start(*arguments)
        sender = self.sender()

        for text in "one", "two", "für alle":
            sender.sendto(text.encode(), (address, port))
        for text in "one", "two", "für alle":
            self.assertRegex(output.readline(), rf"\A[0-9.]+: {text}\n\Z")


class BroadcastReceiver(DatagramReceiver):
    def test_receives_broadcasts(self):
        """It prints each broadcast, and its sender."""
        self.assert_prints(ALL_OF_LOOPBACK)

    def test_taken_port(self):
        """Where another program has the port for itself it ends, and says why."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("0.0.0.0", 0))
            self.assertIn(str(other.getsockname()[1]),
                          self.assert_fails("--port", str(other.getsockname()[1])))


class MulticastReceiver(DatagramReceiver):
    def test_receives_from_group(self):
        """It prints the datagrams of the group, and their senders."""
        self.assert_prints(GROUP, "--group", GROUP, "--interface", "lo")

    def test_not_a_group(self):
        """What is no group cannot be joined."""
        self.assertIn("127.0.0.1", self.assert_fails("--group", "127.0.0.1"))
        self.assertIn("somewhere", self.assert_fails("--group", "somewhere"))


def receive(peer, size):
    data = b""
    while len(data) < size:
        data += peer.recv(size - len(data)) or sys.exit("the example has closed the connection")
    return data


class Proxy(command.Case):
    """A SOCKS5 proxy that knows one user, and one host, which is itself."""

    wrong = [[], ["socks5://127.0.0.1:9"], ["socks5://127.0.0.1:9", "fortune.test"],
             ["socks5://127.0.0.1:9", "fortune.test", "x"], ["socks5://127.0.0.1:9", "fortune.test",
                                                             "65536"],
             ["socks5://127.0.0.1:9", "fortune.test", "0"], ["socks5://127.0.0.1:9", "fortune.test",
                                                             "9", "extra"]]

    def serve(self):
        listener = socket.create_server(("127.0.0.1", 0))

        def answer():
            with listener.accept()[0] as peer:
                receive(peer, 4)
                peer.sendall(b"\5\2")
                user = receive(peer, receive(peer, 2)[1])
                password = receive(peer, receive(peer, 1)[0])
                if (user, password) != (b"user", b"sesame"):
                    peer.sendall(b"\1\1")
                    return
                peer.sendall(b"\1\0")
                self.request = receive(peer, 4 + 1 + len("fortune.test") + 2)
                peer.sendall(b"\5\0\0\1" + bytes(6) + b"All will be well.\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self.addCleanup(listener.close)
        self.addCleanup(thread.join)
        return f"socks5://127.0.0.1:{listener.getsockname()[1]}"

    def ask(self, password):
        environment = {**os.environ, "PROXY_USER": "user", "PROXY_PASSWORD": password}
        command = [*COMMAND, self.serve(), "fortune.test", "7"]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE,
                              env=environment)

    def test_connects_through(self):
        """It authenticates, passes the name of the host to the proxy, and prints the answer."""
        done = self.ask("sesame")

        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         ("All will be well.\n", "", 0))
        self.assertEqual(self.request, b"\5\1\0\3\x0cfortune.test\0\7")

    def test_wrong_password(self):
        """A wrong password is a failure with a message that does not show it."""
        done = self.ask("open sesame")

        self.assertEqual((done.stdout, done.returncode), ("", 1))
        self.assertIn("fortune.test port 7", done.stderr)
        self.assertNotIn("sesame", done.stderr)

    def test_bad_proxy(self):
        """A proxy that is none is refused."""
        self.assertIn("socks4", self.assert_fails("socks4://127.0.0.1", "fortune.test", "7"))

    def test_no_proxy(self):
        """A proxy that is not there is a failure that names it."""
        port = closed_port()
        self.assertIn(str(port),
                      self.assert_fails(f"socks5://127.0.0.1:{port}", "fortune.test", "7"))


class Local(command.Case):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = self.folder.name + "/socket"


class LocalServer(Local):
    wrong = [["name", "extra"]]

    def ask(self):
        with socket.socket(socket.AF_UNIX) as peer, peer.makefile() as lines:
            peer.connect(self.path)
            return lines.read()

    def test_sends_fortunes(self):
        """It prints where it runs, and sends each client one line, also after one that was
        killed."""
        for _ in range(2):
            server = self.start_program(self.path)
            self.assertEqual(server.stdout.readline(), f"The server is running on {self.path}\n")
            for _ in range(5):
                self.assertRegex(self.ask(), r"\A[A-Z].*\n\Z")
            server.kill()
            server.wait()

    def test_second(self):
        """A second server leaves the first one running, and reports why it ends."""
        self.start_program(self.path).stdout.readline()
        self.assertIn(self.path, self.assert_fails(self.path))
        self.assertNotEqual(self.ask(), "")


class LocalClient(Local):
    wrong = [["name", "extra"]]

    def serve(self, *pieces):
        """Sends each piece to one client, and closes the connection."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen()

        def answer():
            with listener, listener.accept()[0] as peer:
                for piece in pieces:
                    peer.sendall(piece)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self.addCleanup(thread.join)

    def test_prints_the_fortune(self):
        """It prints the line that it receives, in whatever pieces, and nothing else, each time."""
        for _ in range(10):
            self.serve("All will be w".encode(), "ell, für alle.\n".encode())
            done = run(self.path)
            self.assertEqual((done.stdout, done.stderr, done.returncode),
                             ("All will be well, für alle.\n", "", 0))
            os.unlink(self.path)

    def test_peer_is_silent(self):
        """A server that closes without data is a failure with a message."""
        self.serve()
        self.assert_fails(self.path)

    def test_not_text(self):
        """What is not text is replaced, or a failure with a message."""
        self.serve(b"\xff\xfe\n")
        done = run(self.path)
        self.assertIn(done.returncode, (0, 1))
        self.assertNotEqual(done.stdout if done.returncode == 0 else done.stderr, "")
        self.assert_clean(done.stdout + done.stderr)

    def test_unused(self):
        """If no server listens it exits, and prints why."""
        self.assertIn(self.path, self.assert_fails(self.path))


class Instance(Local):
    wrong = [[]]

    def test_hands_over(self):
        """The second start hands its arguments to the first, also after one that was killed."""
        for _ in range(2):
            first = self.start_program(self.path)
            self.assertEqual(first.stdout.readline(), "This is the first one.\n")
            second = run(self.path, "a file", "another")
            self.assertEqual((second.stdout, second.stderr, second.returncode), ("", "", 0))
            self.assertEqual([first.stdout.readline() for _ in range(2)],
                             ["Asked to open: a file\n", "Asked to open: another\n"])
            first.kill()
            first.wait()

    def test_at_once(self):
        """Of four that start at once one is the first, and receives the arguments of the others."""
        reader, writer = os.pipe()
        programs = [subprocess.Popen([*COMMAND, self.path, f"file {i}"],
                                     stdout=writer) for i in range(4)]
        os.close(writer)
        for program in programs:
            self.addCleanup(program.wait)
            self.addCleanup(program.kill)

        with open(reader, encoding="utf-8") as lines:
            said = {lines.readline() for _ in range(4)}
        self.assertIn("This is the first one.\n", said)
        self.assertEqual(len(said & {f"Asked to open: file {i}\n" for i in range(4)}), 3)

        ended = [os.waitpid(-1, 0)[1] for _ in range(3)]
        self.assertEqual(ended, [0, 0, 0])

    def test_not_a_socket(self):
        """Where something else is in the place of the socket it ends, and says why."""
        os.mkdir(self.path)
        self.assertIn(self.path, self.assert_fails(self.path))


class Descriptors(Local):
    wrong = [[], ["file", "extra"]]

    def test_no_file(self):
        """A file that is not there is a failure that names it."""
        self.assertIn(self.path, self.assert_fails(self.path))

    def test_prints_the_file(self):
        """The file that one process has opened is printed by the other."""
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("read by another process\n")
        done = run(self.path)
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         ("read by another process\n", "", 0))


class Ticker(command.Case):
    wrong = [
        [], ["127.0.0.1"], ["127.0.0.1", "0"], ["127.0.0.1", "65536"], ["127.0.0.1", "x"],
        ["127.0.0.1", "9", "extra"], ["127.0.0.1", "9", "--lines", "-1"],
        ["127.0.0.1", "9", "--attempts", "x"],
    ]

    def serve(self, *answers):
        """Answers the login of one client after another, and closes each connection."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.logins = []

        def answer():
            for text in answers:
                with listener.accept()[0] as peer, peer.makefile() as lines:
                    self.logins.append(lines.readline())
                    peer.sendall(text)
            listener.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return str(listener.getsockname()[1])

    def test_comes_back(self):
        """It logs in to each connection, and prints what is reported, in order."""
        port = self.serve(b"OK\none\ntwo\n", b"OK\n", b"OK\nthree\n")
        done = run("127.0.0.1", port, "--user", "jo", "--lines", "3")

        self.assertEqual((done.stdout, done.returncode), ("one\ntwo\nthree\n", 0))
        self.assertEqual(self.logins, ["LOGIN jo\n"] * 3)
        self.assert_clean(done.stderr)

    def test_refused_login(self):
        """A login that is refused is tried again, until it gives up."""
        port = self.serve(b"NO\n", b"NO\n")
        self.assertIn("NO", self.assert_fails("127.0.0.1", port, "--attempts", "2"))
        self.assertEqual(self.logins, ["LOGIN reader\n"] * 2)

    def test_no_server(self):
        """Without a server it gives up after so many attempts, and prints why."""
        port = str(closed_port())
        self.assertIn(port, self.assert_fails("127.0.0.1", port, "--attempts", "2"))


KINDS = {
    "broadcast-receiver": BroadcastReceiver,
    "broadcast-sender": BroadcastSender,
    "client": Client,
    "descriptors": Descriptors,
    "instance": Instance,
    "interfaces": Interfaces,
    "local-client": LocalClient,
    "local-server": LocalServer,
    "lookup": Lookup,
    "loopback": Loopback,
    "multicast-receiver": MulticastReceiver,
    "multicast-sender": MulticastSender,
    "proxy": Proxy,
    "query": Query,
    "server": Server,
    "ticker": Ticker,
}

tap.main(KINDS[KIND])
