#!/usr/bin/python3
#
# check-secure.py: an encrypted example does what a reader expects of it
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-secure.py server|client|get COMMAND...

The other side is Python's own TLS, so that each example stands for itself.
"""

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


@unittest.skipUnless(CERTIFICATES, "openssl is not here, which makes the certificates")
class Server(command.Case):
    wrong = [[], ["--certificate"], ["--certificate", "x", "--port", "65536"], ["--certificate", "x", "--port", "-1"],
             ["--certificate", "x", "--port", "x"], ["--certificate", "x", "extra"], ["--port", "0"]]

    def test_tells_fortunes(self):
        """It says where it runs, and tells each client one line, then goodbye."""
        server = self.start_program("--port", "0", "--certificate", path("server"))
        words = re.fullmatch(r"The server is running on 127\.0\.0\.1 port (\d+)\n", server.stdout.readline())
        context = ssl.create_default_context(cafile=path("ca"))

        for _ in range(5):
            with socket.create_connection(("127.0.0.1", int(words[1])), PATIENCE) as raw, \
                    context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False) as peer, \
                    peer.makefile() as lines:
                self.assertRegex(lines.read(), r"\A[A-Z].*\n\Z")

    def test_bad_certificate(self):
        """Without a certificate that it can use it ends, and says why."""
        self.assertIn("/nowhere.pem", self.assert_fails("--certificate", "/nowhere.pem"))


class Peer:
    """A server that answers one client."""

    def __init__(self, certificate, *lines):
        self.lines = lines
        self.heard = b""
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(path(certificate))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self.answer, daemon=True)
        self.thread.start()

    def answer(self):
        try:
            with self.listener.accept()[0] as raw, self.context.wrap_socket(raw, server_side=True) as peer:
                if KIND == "get":
                    self.heard = peer.recv(1000)
                for line in self.lines:
                    peer.sendall(line)
                peer.unwrap()
        except (OSError, ssl.SSLError):
            pass  # the client has refused us

    def end(self):
        self.thread.join(PATIENCE)
        self.listener.close()


@unittest.skipUnless(CERTIFICATES, "openssl is not here, which makes the certificates")
class Client(command.Case):
    rest = ["/page"] if KIND == "get" else []
    wrong = [[], ["localhost"], ["localhost", "x", *rest], ["localhost", "0", *rest], ["localhost", "65536", *rest],
             ["localhost", "9", *rest, "extra"], ["localhost", "9", *rest, "--authority"]]

    def ask(self, peer, *arguments):
        done = run("localhost", peer.port, *self.rest, *arguments)
        peer.end()
        return done

    def test_prints_the_answer(self):
        """It prints what it is told, encrypted."""
        peer = Peer("server", "All will be well, ".encode(), "für alle.\n".encode())
        done = self.ask(peer, "--authority", path("ca"))
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("All will be well, für alle.\n", "", 0))
        if KIND == "get":
            self.assertTrue(peer.heard.startswith(b"GET /page HTTP/1.1\r\nHost: localhost\r\n"))

    def test_refuses(self):
        """It has nothing to do with a server that is not who it should be."""
        for certificate, authority in ("server", ()), ("expired", ("--authority", path("ca"))), \
                ("wrong-name", ("--authority", path("ca"))):
            with self.subTest(certificate=certificate):
                peer = Peer(certificate, b"do not print this\n")
                done = self.ask(peer, *authority)
                self.assertEqual((done.stdout, done.returncode, peer.heard), ("", 1, b""))
                self.assertIn("localhost", done.stderr)

    def test_option_in_any_place(self):
        """Its option may come first, last or between."""
        words = ["localhost", "", *self.rest]
        for place in range(len(words) + 1):
            peer = Peer("server", "All will be well.\n".encode())
            words[1] = peer.port
            done = run(*words[:place], "--authority", path("ca"), *words[place:])
            peer.end()
            self.assertEqual((done.stdout, done.stderr, done.returncode), ("All will be well.\n", "", 0))

    def test_refused(self):
        """Where nobody listens it ends, and says why."""
        port = str(closed_port())
        self.assertIn(port, self.assert_fails("localhost", port, *self.rest))

    def test_bad_authority(self):
        """An authority that cannot be read is a failure that names it."""
        self.assertIn("/nowhere.pem", self.assert_fails("localhost", "9", *self.rest, "--authority", "/nowhere.pem"))


tap.main({"server": Server, "client": Client, "get": Client}[KIND])
