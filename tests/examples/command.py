# command.py: runs an example, and tests what all command-line programs have in common
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""For a test whose arguments are KIND COMMAND..."""

import signal
import socket
import subprocess
import sys
import tempfile
import unittest

KIND = sys.argv[1]
COMMAND = sys.argv[2:]
PATIENCE = 30  # seconds; only what is broken needs so many


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, errors="replace",
                          timeout=PATIENCE)


def closed_port():
    """A port on which no program listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


class Case(unittest.TestCase):
    wrong = []  # the arguments of calls that have to be refused

    def start_program(self, *arguments):
        """A program that runs until the test is over, and ends by Ctrl+C then, with nothing on
        stderr; or with what assert_said() accepts.

        The test makes sure that its loop runs: PyGObject forgets a Ctrl+C that comes just before,
        and all after it. It may itself run where Ctrl+C is ignored, as in the background of a
        shell.
        """
        log = tempfile.TemporaryFile("w+")
        program = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=log,
                                   text=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

        def end():
            program.send_signal(signal.SIGINT)
            program.wait(PATIENCE)
            program.stdout.close()
            log.seek(0)
            said = log.read()
            log.close()
            self.assert_said(said)

        self.addCleanup(end)
        return program

    def assert_said(self, text):
        self.assertEqual(text, "")

    def assert_clean(self, text):
        """No program may show its reader what is for its author."""
        for word in "Traceback", "CRITICAL", "WARNING", "JS ERROR", "assertion":
            self.assertNotIn(word, text)

    def assert_fails(self, *arguments):
        """It says why, and nothing else."""
        done = run(*arguments)

        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertNotEqual(done.stderr, "")
        self.assert_clean(done.stderr)
        return done.stderr

    def test_help(self):
        """--help, in any place, prints how it is called, and is no failure."""
        for arguments in ["--help"], ["--help", "more"]:
            done = run(*arguments)
            self.assertEqual((done.stderr, done.returncode), ("", 0))
            self.assertRegex(done.stdout, r"(?i)\Ausage:")

    def test_wrong_arguments(self):
        """Arguments that it does not understand are refused, with the reason and how it is
        called."""
        for arguments in [["--nonsense"], *self.wrong]:
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertIn(done.returncode, (1, 2), done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"(?i)usage:")
                self.assertNotRegex(done.stderr, r"\A\s*(?i:usage:).*\n*\Z",
                                    "the reason is missing")
                self.assert_clean(done.stderr)
