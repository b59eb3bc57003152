#!/usr/bin/python3
#
# check-authority.py: the commands of a chapter make an authority that the examples can use
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-authority.py CHAPTER.md FOLDER

FOLDER is that of the examples in C. The commands are the blocks of the section "A private
authority".
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tap

CHAPTER, FOLDER = sys.argv[1:]
CERTIFICATES = os.environ.get("QNET_TEST_CERTIFICATES")
PATIENCE = 30  # seconds
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands():
    with open(CHAPTER, encoding="utf-8") as file:
        section = file.read().split("\n## A private authority\n")[1].split("\n## ")[0]
    return "".join(BLOCK.findall(section))


def run(name, *arguments):
    return subprocess.run([f"{FOLDER}/{name}", *arguments], capture_output=True, text=True,
                          timeout=PATIENCE)


@contextlib.contextmanager
def started(name, *arguments):
    """Gives the port."""
    with subprocess.Popen([f"{FOLDER}/{name}", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.kill()


@unittest.skipUnless(shutil.which("certtool"), "certtool is not installed")
class Authority(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        subprocess.run(["sh", "-eu", "-c", commands()], cwd=folder.name, check=True,
                       stderr=subprocess.DEVNULL)
        cls.authority = f"{folder.name}/authority.pem"
        cls.server, cls.client = (cls.join(folder.name, name) for name in ("server", "client"))

    @staticmethod
    def join(folder, name):
        """The examples read a certificate and its key from one file."""
        joined = f"{folder}/{name}-and-key.pem"
        with open(joined, "w", encoding="utf-8") as output:
            for extension in "pem", "key":
                with open(f"{folder}/{name}.{extension}", encoding="utf-8") as file:
                    output.write(file.read())
        return joined

    def test_trusts(self):
        """A client that trusts the authority accepts the server, by its name and address."""
        with started("secure-fortune-server", "--certificate", self.server) as port:
            for host in "localhost", "127.0.0.1":
                done = run("private-authority", self.authority, host, port)
                self.assertEqual((done.stdout, done.stderr),
                                 ("CN=server, signed by CN=Example Authority\n", ""))

    @unittest.skipUnless(CERTIFICATES, "openssl, which makes the certificates, is not installed")
    def test_trusts_no_other(self):
        """A client that trusts another authority refuses the server."""
        with started("secure-fortune-server", "--certificate", self.server) as port:
            done = run("private-authority", f"{CERTIFICATES}/ca.pem", "localhost", port)
            self.assertEqual((done.stdout, done.returncode), ("", 1))
            self.assertIn("unknown authority", done.stderr)

    def test_client(self):
        """A server that requests certificates accepts the client with its own, and no server."""
        with started("client-certificate-server", "--certificate", self.server, "--authority",
                     self.authority) as port:
            done = run("client-certificate-client", "localhost", port, "--authority",
                       self.authority, "--certificate", self.client)
            self.assertEqual((done.stdout, done.stderr), ("Welcome, CN=client\n", ""))
            done = run("client-certificate-client", "localhost", port, "--authority",
                       self.authority, "--certificate", self.server)
            self.assertEqual((done.stdout, done.returncode), ("", 1))


tap.main()
