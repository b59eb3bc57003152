#!/usr/bin/python3
#
# test-results.py: what the runs say together
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

import machine
import report
import tap
from plan import Target
from results import Results, Summary, verdict


def ended(results, peer, number, rate, cpu=1.0, workload="echo-100"):
    run = results.begin("rate", workload, peer, number)
    results.end(run, "ok", done=rate, seconds=1.0, total=rate, cpu=cpu, user=0.5, system=0.5,
                other_cpu=1.0)


class Ratios(unittest.TestCase):
    def test_same_round(self):
        """A ratio is between runs of the same round."""
        results = Results()
        ended(results, "epoll", 1, 100)
        ended(results, "epoll", 2, 200)
        ended(results, "qnet", 1, 90)
        ended(results, "qnet", 2, 220)
        self.assertEqual(results.ratios("rate", "echo-100", "qnet", "epoll"), [0.9, 1.1])

    def test_failed_run(self):
        """A run that failed has no ratio, stays in the account, and is named in the report."""
        results = Results()
        ended(results, "epoll", 1, 100)
        results.end(results.begin("rate", "echo-100", "qnet", 1), "failed", why="it fell over")
        self.assertEqual(results.ratios("rate", "echo-100", "qnet", "epoll"), [])
        words = "\n".join(report.account(results))
        self.assertIn("2 runs were begun: 1 gave a figure, 0 were left out, 1 failed", words)
        self.assertIn("- 2: rate, echo-100, qnet, round 1: it fell over", words)

    def test_other_workload(self):
        """A target may compare a peer with itself in another workload."""
        results = Results()
        ended(results, "qnet", 1, 100, workload="idle-none")
        ended(results, "qnet", 1, 98, workload="idle-8000")
        target = Target("", "rate", "idle-8000", 0.95, "qnet", "idle-none")
        self.assertEqual(results.target_values(target), [0.98])


class Ranges(unittest.TestCase):
    def test_range(self):
        """A figure is the median of the rounds, and their range."""
        self.assertEqual(report.with_range(Summary([3, 1, 2])), "2.00 (1.00 to 3.00)")


class Programs(unittest.TestCase):
    def test_no_delay(self):
        """All set TCP_NODELAY but raw epoll, which sends an answer by one call."""
        for path in pathlib.Path(machine.TOP, "tests/performance").glob("[cs]*/*-*.*"):
            if ("qnet" not in path.name and path.name != "server-epoll.c"
                    and path.parent.name in ("clients", "servers")):
                self.assertRegex(path.read_text(), r"TCP_NODELAY|uv_tcp_nodelay|LowDelayOption",
                                 path.name)

    def test_commands_of_the_chapter(self):
        """What doc/performance.md calls ./tools/bench with are options."""
        text = pathlib.Path(machine.TOP, "doc/performance.md").read_text()
        commands = re.findall(r"^    ./tools/bench (.*)", text, re.M)
        self.assertGreater(len(commands), 1)
        for command in commands:
            done = subprocess.run([sys.executable, "-B",
                                   os.path.join(machine.TOP, "tests/performance/bench/bench.py"),
                                   "--list", *shlex.split(command)], stdout=subprocess.PIPE,
                                   encoding="utf-8", check=True)
            self.assertIn("idle-8000", done.stdout)


class Verdicts(unittest.TestCase):
    def check(self, target, values, expected):
        self.assertEqual(verdict(target, Summary(values)), expected)

    def test_at_least(self):
        """A rate is missed for certain only when the whole range is below."""
        target = Target("", "rate", "echo-100", 0.95, "epoll")
        self.check(target, [0.94, 0.96, 0.97], (True, False))
        self.check(target, [0.90, 0.94, 0.95], (False, False))
        self.check(target, [0.90, 0.92, 0.94], (False, True))

    def test_at_most(self):
        """A cost is missed for certain only when the whole range is above."""
        target = Target("", "cpu", "echo-100", 1.15, "epoll")
        self.check(target, [1.10, 1.15, 1.30], (True, False))
        self.check(target, [1.14, 1.16, 1.30], (False, False))
        self.check(target, [1.16, 1.20, 1.30], (False, True))

    def test_none_measured(self):
        """Without a figure there is no verdict."""
        self.check(Target("", "memory", "memory", 1.5), [], None)

    def test_no_allocations(self):
        """No allocations: one in many thousand requests is none, one in a hundred is some."""
        target = Target("", "allocations", "echo-100", 0)
        self.check(target, [0.00005], (True, False))
        self.check(target, [0.01], (False, True))


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def test_unfinished(self):
        """A run that was begun is in the file before it has ended."""
        results = Results(self.path("runs.jsonl"))
        self.addCleanup(results.file.close)
        results.begin("rate", "echo-100", "qnet", 1)
        again = Results.read(self.path("runs.jsonl"))
        self.assertEqual([run["status"] for run in again.runs], ["begun"])
        self.assertIn("1 failed", "\n".join(report.account(again)))

    def test_chapter(self):
        """The tables are between the marks of a chapter, and replace those that were there."""
        results = Results()
        ended(results, "epoll", 1, 100)
        with open(self.path("chapter.md"), "w", encoding="utf-8") as file:
            file.write(f"before\n{report.MARKS[0]}\nold\n{report.MARKS[1]}\nafter\n")
        report.write_chapter(results, self.path("chapter.md"))
        report.write_chapter(results, self.path("chapter.md"))
        with open(self.path("chapter.md"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("before\n") and text.endswith("\nafter\n"))
        self.assertEqual(text.count("### What qnet has to reach"), 1)
        self.assertNotIn("old", text)


tap.main()
