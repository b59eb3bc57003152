#!/usr/bin/python3
#
# check-secure.py: an encrypted example does what a reader expects of it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-secure.py KIND COMMAND...

KIND is one of the words at the end of this file.

The other side is Python's own TLS, so that each example stands for itself.
"""

import contextlib
import os
import re
import socket
import ssl
import threading
import unittest

import command
import tap
from command import KIND, PATIENCE, closed_port, run

CERTIFICATES = os.environ.get("QNET_TEST_CERTIFICATES")


def path(name):
    return f"{CERTIFICATES}/{name}.pem"


def new_context(certificate=None):
    context = ssl.create_default_context(cafile=path("ca"))
    if certificate:
        context.load_cert_chain(path(certificate))
    return context


def encrypt(raw, context):
    return context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False)


def read_all(port, context):
    """What a client receives until the close_notify"""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as raw, \
            encrypt(raw, context) as peer, peer.makefile() as lines:
        return lines.read()


@unittest.skipUnless(CERTIFICATES, "openssl, which makes the certificates, is not installed")
class Server(command.Case):
    arguments = []
    wrong = [[], ["--certificate"], ["--certificate", "x", "--port", "65536"],
             ["--certificate", "x", "--port", "-1"],
             ["--certificate", "x", "--port", "x"], ["--certificate", "x", "extra"], ["--port",
                                                                                      "0"]]

    def start(self):
        server = self.start_program("--port", "0", "--certificate", path("server"), *self.arguments)
        words = re.fullmatch(r"The server is running on 127\.0\.0\.1 port (\d+)\n",
                             server.stdout.readline())
        return int(words[1])

    def test_bad_certificate(self):
        """Without a certificate that it can use it ends, and says why."""
        self.assertIn("/nowhere.pem",
                      self.assert_fails("--certificate", "/nowhere.pem", *self.arguments))


class FortuneServer(Server):
    def test_sends_fortunes(self):
        """It prints where it runs, and sends each client one line, then close_notify."""
        port = self.start()
        for _ in range(5):
            self.assertRegex(read_all(port, new_context()), r"\A[A-Z].*\n\Z")


class StartTlsServer(Server):
    def connect(self, port):
        peer = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.addCleanup(peer.close)
        return peer

    def ask(self, peer, text):
        """One line, which is received byte by byte: what follows is not for this reader."""
        peer.sendall(text)
        answer = b""
        while not answer.endswith(b"\n"):
            answer += peer.recv(1) or self.fail("the server has closed the connection")
        return answer

    def test_encrypts(self):
        """There are no fortunes before the connection is encrypted, and as many as wanted then."""
        raw = self.connect(self.start())
        self.assertEqual(self.ask(raw, b"FORTUNE\n"), b"NO\n")
        self.assertEqual(self.ask(raw, b"NONSENSE\n"), b"NO\n")
        self.assertEqual(self.ask(raw, b"\xff\xfe\n"), b"NO\n")
        self.assertEqual(self.ask(raw, b"STARTTLS\n"), b"OK\n")

        with encrypt(raw, new_context()) as peer:
            for _ in range(3):
                self.assertRegex(self.ask(peer, b"FORTUNE\r\n"), rb"\A[A-Z].*\n\Z")
            self.assertEqual(self.ask(peer, b"STARTTLS\n"), b"NO\n")

    def test_injection(self):
        """What comes unencrypted after the command ends the connection, and is not answered."""
        self.assert_said = lambda text: self.assertIn("Unencrypted bytes have not been read", text)
        port = self.start()
        raw = self.connect(port)
        raw.sendall(b"STARTTLS\nFORTUNE\n")
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while more := raw.recv(1000):
                answer += more
        self.assertIn(answer, (b"", b"OK\n"))
        self.assertEqual(self.ask(self.connect(port), b"STARTTLS\n"), b"OK\n")


class CertificateServer(Server):
    arguments = ["--authority", path("ca")]
    wrong = [[], ["--certificate", "x"], ["--authority", "x"],
             ["--certificate", "x", "--authority", "x", "extra"],
             ["--certificate", "x", "--authority", "x", "--port", "65536"]]

    def test_welcomes(self):
        """It welcomes a client by the name in its certificate."""
        port = self.start()
        self.assertEqual(read_all(port, new_context("client")), "Welcome, CN=client\n")
        self.assertEqual(read_all(port, new_context("for-clients")), "Welcome, CN=for-clients\n")

    def assert_refuses(self, certificate, message):
        self.assert_said = lambda text: self.assertIn(message, text)
        port = self.start()
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            read_all(port, new_context(certificate))
        self.assertEqual(read_all(port, new_context("client")), "Welcome, CN=client\n")

    def test_without_certificate(self):
        """A client without a certificate is refused, and that is printed."""
        self.assert_refuses(None, "presented no certificate")

    def test_other_authority(self):
        """A client with the certificate of another authority is refused, and that is printed."""
        self.assert_refuses("unknown-ca", "unknown authority")

    def test_bad_authority(self):
        """An authority that cannot be read is a failure that names it."""
        self.assertIn("/nowhere.pem", self.assert_fails("--certificate", path("server"),
                                                        "--authority", "/nowhere.pem"))


class Peer:
    """A server that answers clients, one after the other."""

    n_clients = 1

    def __init__(self, certificate, *lines):
        self.lines = lines
        self.received = b""
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(path(certificate))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self.answer, daemon=True)

    def start(self):
        self.thread.start()

    def answer(self):
        try:
            for _ in range(self.n_clients):
                with self.listener.accept()[0] as raw:
                    self.begin(raw)
                    with self.context.wrap_socket(raw, server_side=True) as peer:
                        self.talk(peer)
        except (OSError, ssl.SSLError):
            pass  # the client has refused us, or we have refused it

    def begin(self, raw):
        """What is unencrypted"""

    def talk(self, peer):
        for line in self.lines:
            peer.sendall(line)
        peer.unwrap()

    def end(self):
        self.thread.join(PATIENCE)
        self.listener.close()


class WebServer(Peer):
    def talk(self, peer):
        self.received = peer.recv(1000)
        super().talk(peer)


class StartTlsPeer(Peer):
    answer_to_command = b"OK\n"
    received_after = b""

    def begin(self, raw):
        self.received = raw.recv(1000)
        raw.sendall(self.answer_to_command)
        if self.answer_to_command != b"OK\n":
            self.received_after = raw.recv(1000)
            raise ConnectionAbortedError

    def talk(self, peer):
        self.received_after = peer.recv(1000)
        super().talk(peer)


class CertificatePeer(Peer):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(path("ca"))

    def talk(self, peer):
        self.received = dict(*peer.getpeercert()["subject"])["commonName"].encode()
        super().talk(peer)


class ResumingPeer(Peer):
    n_clients = 2

    def talk(self, peer):
        peer.sendall(b"Welcome back\n")
        peer.unwrap()


@unittest.skipUnless(CERTIFICATES, "openssl, which makes the certificates, is not installed")
class Client(command.Case):
    new_peer = Peer
    rest = []
    own = []
    wrong = [[], ["localhost"], ["localhost", "x"], ["localhost", "0"], ["localhost", "65536"],
             ["localhost", "9", "extra"], ["localhost", "9", "--authority"]]
    expected = "All will be well, für alle.\n"

    def ask(self, peer, *arguments):
        peer.start()
        done = run("localhost", peer.port, *self.rest, *self.own, *arguments)
        peer.end()
        return done

    def assert_prints(self, done, expected):
        self.assertEqual((done.stdout, done.stderr, done.returncode), (expected, "", 0))

    def assert_refused(self, done, message):
        self.assertEqual((done.stdout, done.returncode), ("", 1))
        self.assertIn(message, done.stderr)
        self.assert_clean(done.stderr)

    def serve(self, certificate="server"):
        return self.new_peer(certificate, "All will be well, ".encode(), "für alle.\n".encode())

    def test_prints_the_answer(self):
        """It prints what it receives, encrypted."""
        peer = self.serve()
        self.assert_prints(self.ask(peer, "--authority", path("ca")), self.expected)
        self.check(peer)

    def check(self, peer):
        """What the server has received"""

    def test_refuses(self):
        """It has nothing to do with a server that is not who it should be."""
        for certificate, authority in ("server", ()), ("expired", ("--authority", path("ca"))), \
                ("wrong-name", ("--authority", path("ca"))):
            with self.subTest(certificate=certificate):
                peer = self.serve(certificate)
                self.assert_refused(self.ask(peer, *authority), "localhost")
                self.check_refused(peer)

    def check_refused(self, peer):
        self.assertEqual(peer.received, b"")

    def test_option_in_any_place(self):
        """Its option may come first, last or between."""
        words = ["localhost", "", *self.rest, *self.own]
        for place in (0, 1, 2):
            peer = self.serve()
            peer.start()
            words[1] = peer.port
            done = run(*words[:place], "--authority", path("ca"), *words[place:])
            peer.end()
            self.assert_prints(done, self.expected)

    def test_refused(self):
        """If no server listens it exits, and prints why."""
        port = str(closed_port())
        self.assertIn(port, self.assert_fails("localhost", port, *self.rest))

    def test_bad_authority(self):
        """An authority that cannot be read is a failure that names it."""
        self.assertIn("/nowhere.pem",
                      self.assert_fails("localhost", "9", *self.rest, "--authority",
                                        "/nowhere.pem"))


class Get(Client):
    new_peer = WebServer
    rest = ["/page"]
    wrong = [[], ["localhost"], ["localhost", "9"], ["localhost", "x", "/page"],
             ["localhost", "0", "/page"], ["localhost", "65536", "/page"],
             ["localhost", "9", "/page", "extra"], ["localhost", "9", "/page", "--authority"]]

    def check(self, peer):
        self.assertTrue(peer.received.startswith(b"GET /page HTTP/1.1\r\nHost: localhost\r\n"))


class StartTlsClient(Client):
    new_peer = StartTlsPeer

    def check(self, peer):
        self.assertEqual((peer.received, peer.received_after), (b"STARTTLS\n", b"FORTUNE\n"))

    def check_refused(self, peer):
        self.assertEqual((peer.received, peer.received_after), (b"STARTTLS\n", b""))

    def test_not_encrypted(self):
        """If the answer is another one, or more than that, it sends nothing, and prints why."""
        for answer, message in (b"NO\n", "localhost port "), (b"OK\nAll will\n", "Unencrypted"):
            with self.subTest(answer=answer):
                peer = self.serve()
                peer.answer_to_command = answer
                self.assert_refused(self.ask(peer, "--authority", path("ca")), message)
                self.check_refused(peer)


class CertificateClient(Client):
    new_peer = CertificatePeer
    own = ["--certificate", path("client")]

    def check(self, peer):
        self.assertEqual(peer.received, b"client")

    def test_without_certificate(self):
        """Without a certificate it is refused, and prints the alert of the server."""
        self.own = []
        peer = self.serve()
        self.assert_refused(self.ask(peer, "--authority", path("ca")), "certificate_required")

    def test_other_authority(self):
        """With the certificate of another authority it is refused, and prints the alert."""
        self.own = ["--certificate", path("unknown-ca")]
        peer = self.serve()
        self.assert_refused(self.ask(peer, "--authority", path("ca")), "unknown_ca")

    def test_bad_certificate(self):
        """A certificate that cannot be read is a failure that names it."""
        self.assertIn("/nowhere.pem",
                      self.assert_fails("localhost", "9", "--certificate", "/nowhere.pem"))


class Resumption(Client):
    new_peer = ResumingPeer
    expected = "Connection 1: full handshake\nConnection 2: session reused\n"

    def test_refuses(self):
        """It has nothing to do with a server that is not who it should be."""
        ResumingPeer.n_clients = 1
        self.addCleanup(setattr, ResumingPeer, "n_clients", 2)
        super().test_refuses()

    def test_without_tickets(self):
        """Without a ticket from the server there is nothing to resume."""
        peer = self.serve()
        peer.context.num_tickets = 0
        self.assert_prints(self.ask(peer, "--authority", path("ca")),
                           "Connection 1: full handshake\nConnection 2: full handshake\n")


@unittest.skipUnless(CERTIFICATES, "openssl, which makes the certificates, is not installed")
class Authority(command.Case):
    wrong = [[], ["x"], ["x", "localhost"], ["x", "localhost", "0"], ["x", "localhost", "65536"],
             ["x", "localhost", "9", "extra"]]

    def ask(self, authority, certificate):
        peer = Peer(certificate, b"Welcome\n")
        peer.start()
        done = run(path(authority), "localhost", peer.port)
        peer.end()
        return done

    def test_prints_the_server(self):
        """It prints whose certificate it is, and who has signed it."""
        done = self.ask("ca", "server")
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         ("CN=server, signed by CN=ca\n", "", 0))

    def test_trusts_no_other(self):
        """It trusts no other authority, and no name or time that is wrong."""
        for authority, certificate in ("other-ca", "server"), ("ca", "unknown-ca"), \
                ("ca", "self-signed"), ("ca", "wrong-name"), ("ca", "expired"):
            with self.subTest(authority=authority, certificate=certificate):
                done = self.ask(authority, certificate)
                self.assertEqual((done.stdout, done.returncode), ("", 1))
                self.assertIn("localhost", done.stderr)

    def test_bad_authority(self):
        """An authority that cannot be read is a failure that names it."""
        self.assertIn("/nowhere.pem", self.assert_fails("/nowhere.pem", "localhost", "9"))


KINDS = {
    "certificate-client": CertificateClient,
    "certificate-server": CertificateServer,
    "fortune-client": Client,
    "fortune-server": FortuneServer,
    "https-get": Get,
    "private-authority": Authority,
    "session-resumption": Resumption,
    "starttls-client": StartTlsClient,
    "starttls-server": StartTlsServer,
}

tap.main(KINDS[KIND])
