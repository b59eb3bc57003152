#!/usr/bin/python3
#
# check-graceful.py: a server that restarts and stops loses no client
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: check-graceful.py KIND COMMAND..."""

import collections
import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import command
import tap
from command import COMMAND, closed_port

CLIENTS = 4
RESTARTS = 20
LONG = 24 * 60 * 60  # seconds: a time that never ends by itself

RUNNING = re.compile(r"Process (\d+) is running on port (\d+), with health checks on port (\d+)\n")
STOPPED = re.compile(r"Process (\d+) has stopped, and aborted (\d+) connections\n")

# A service manager of the test's own; and what makes Python write a line and its end apart, so that
# the lines of two processes mix.
LEFT_OUT = {"NOTIFY_SOCKET", "PYTHONUNBUFFERED"}

# What becomes a program with the two descriptors where a service manager puts them; LISTEN_PID is
# known in the process alone.
BECOME = """
import os, sys
for place, fd in enumerate(map(int, sys.argv[1:3]), 3):
    os.dup2(fd, place)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[3], sys.argv[3:])
"""

# As in the chapter, with shorter intervals, but checks that may be slow, and without a second
# attempt to connect, which would hide a refusal.
HAPROXY = """
global
    nbthread 1
    stats socket {folder}/stats
    unix-bind mode 600
defaults
    retries 0
    timeout check 60s
    timeout connect 60s
    timeout client 60s
    timeout server 60s
listen lines
    bind 127.0.0.1:{port}
    mode tcp
    option tcp-check
    tcp-check expect string ok
    server one 127.0.0.1:{one.port} check port {one.health_port} inter 20ms fall 3
    server two 127.0.0.1:{two.port} check port {two.health_port} inter 20ms fall 3
"""
RUNS = "2"  # the operational state of a server in HAProxy


def connect(port):
    return socket.create_connection(("127.0.0.1", port))


def check_health(port):
    with connect(port) as peer, peer.makefile() as lines:
        return lines.read()


class Load:
    """Clients that connect, ask, check the answer, and close the connection, all the time."""

    def __init__(self, port):
        self.port = port
        self.changed = threading.Condition()
        self.ends = False         # the clients end now
        self.may_refuse = False   # the server is about to be stopped: who is refused ends
        self.counts = collections.Counter()
        self.losses = []
        self.answers = collections.Counter()  # by the process that has answered
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        number = 0
        while not self.ends and self.try_one(f"{threading.get_ident()} {number}"):
            number += 1

    def try_one(self, text):
        """Returns whether to continue."""
        self.count("attempts")
        try:
            peer = connect(self.port)
        except OSError as error:
            if not (self.may_refuse and isinstance(error, ConnectionRefusedError)):
                self.lose(f"connect: {error}")
            self.count("refused")
            return False

        self.count("connections")
        try:
            with peer, peer.makefile("rw") as lines:
                self.ask(lines, text)
        except OSError as error:
            self.lose(f"request: {error}")
        return True

    def ask(self, lines, text):
        lines.write(f"{text}\n")
        lines.flush()
        answer = lines.readline()
        if answer == "bye\n":  # the server stops, and waits for the request
            answer = lines.readline()

        process, _, echo = answer.partition(": ")
        if echo != f"{text}\n":
            self.lose(f"answer: {answer!r} to {text!r}")
            return
        with self.changed:
            self.answers[int(process)] += 1
            self.changed.notify_all()

    def count(self, what):
        with self.changed:
            self.counts[what] += 1

    def lose(self, what):
        with self.changed:
            self.losses.append(what)
            self.changed.notify_all()

    def await_answers(self, process, number):
        """Waits for so many more of that process."""
        with self.changed:
            enough = self.answers[process] + number
            self.changed.wait_for(lambda: self.losses or self.answers[process] >= enough)

    def join(self):
        for thread in self.threads:
            thread.join()

    def end(self):
        self.ends = True
        self.join()

    def report(self, title):
        print(f"# {title}: {self.counts['attempts']} attempts to connect, "
              f"{self.counts['refused']} refused, {self.counts['connections']} connections, "
              f"{self.answers.total()} answers by {len(self.answers)} processes, "
              f"{len(self.losses)} lost", flush=True)


class HealthChecks(threading.Thread):
    """A load balancer that checks all the time."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.ends = False
        self.answers = collections.Counter()
        self.start()

    def run(self):
        while not self.ends:
            try:
                self.answers[check_health(self.port)] += 1
            except OSError as error:
                self.answers[str(error)] += 1

    def end(self):
        self.ends = True
        self.join()


class Balancer:
    """HAProxy, between the clients and two servers."""

    def __init__(self, case, program, **servers):
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.path = f"{folder.name}/stats"
        self.port = closed_port()
        with open(f"{folder.name}/config", "w", encoding="utf-8") as config:
            config.write(HAPROXY.format(folder=folder.name, port=self.port, **servers))
        self.process = subprocess.Popen([program, "-db", "-f", config.name],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        case.addCleanup(self.process.wait)
        case.addCleanup(self.process.kill)

    def list_states(self):
        """Gives the operational state of each server, by its name."""
        with socket.socket(socket.AF_UNIX) as peer, peer.makefile("rw") as lines:
            peer.connect(self.path)
            lines.write("show servers state\n")
            lines.flush()
            rows = [line.split() for line in lines]
        return {row[3]: row[5] for row in rows if row[1:2] == ["lines"]}

    def await_states(self, **states):
        while self.process.poll() is None:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                if self.list_states() == states:
                    return
            time.sleep(0.02)
        raise AssertionError("haproxy has ended")


Place = collections.namedtuple("Place", ["port", "health_port"])


class Graceful(command.Case):
    wrong = [["extra"], ["--port", "x"], ["--port", "65536"], ["--health-port", "-1"],
             ["--notice", "-1"], ["--grace", "x"], ["--grace", "100000"]]

    def setUp(self):
        self.running = set()  # processes that have not stopped
        self.log = tempfile.TemporaryFile("w+")
        self.addCleanup(self.log.close)

    def start(self, *arguments, program=None, environment=None, passed=()):
        """Returns the identifier of the process."""
        inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        self.first = subprocess.Popen([*(program or COMMAND), *arguments], stdout=subprocess.PIPE,
                                      stderr=self.log, text=True, pass_fds=passed,
                                      env={**inherited, **(environment or {})})
        self.addCleanup(self.first.stdout.close)
        self.addCleanup(self.first.wait)
        self.addCleanup(self.kill)
        self.running.add(self.first.pid)
        return self.read_start()

    def kill(self):
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def read_start(self, line=None):
        line = line or self.first.stdout.readline()
        self.assertRegex(line, RUNNING)
        process, self.port, self.health_port = map(int, RUNNING.fullmatch(line).groups())
        self.running.add(process)
        return process

    def read_stop(self, process, n_aborted=0, line=None):
        line = line or self.first.stdout.readline()
        self.assertRegex(line, STOPPED)
        self.assertEqual(tuple(map(int, STOPPED.fullmatch(line).groups())), (process, n_aborted))
        self.running.remove(process)

    def restart(self, process):
        """Both processes write to the same pipe, in any order."""
        os.kill(process, signal.SIGHUP)
        lines = sorted(self.first.stdout.readline() for _ in range(2))
        if RUNNING.fullmatch(lines[1]):
            lines.reverse()
        successor = self.read_start(lines[0])
        self.read_stop(process, line=lines[1])
        self.assertNotEqual(successor, process)
        return successor

    def drain(self, process):
        os.kill(process, signal.SIGTERM)
        self.assertEqual(self.first.stdout.readline(),
                         f"Process {process} serves for {LONG} more seconds\n")

    def stop(self, process):
        """One that drains already."""
        os.kill(process, signal.SIGTERM)

    def assert_ended(self):
        """All processes have closed their output, the first one with success."""
        self.assertEqual(self.first.stdout.read(), "")
        self.assertEqual(self.first.wait(), 0)
        self.assertEqual(self.running, set())
        self.assertEqual(self.said(), "")

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def check_health(self):
        return check_health(self.health_port)

    def ask(self, lines, text):
        lines.write(f"{text}\n")
        lines.flush()
        return lines.readline()

    def test_answers(self):
        """It answers each line, and health checks, on the given ports."""
        ports = str(closed_port()), str(closed_port())
        process = self.start("--port", ports[0], "--health-port", ports[1], "--notice", "0")

        self.assertEqual((str(self.port), str(self.health_port)), ports)
        self.assertEqual(self.check_health(), "ok\n")
        with connect(self.port) as peer, peer.makefile("rw") as lines:
            for text in "one", "two", "für alle":
                self.assertEqual(self.ask(lines, text), f"{process}: {text}\n")

        os.kill(process, signal.SIGTERM)
        self.assertEqual(self.first.stdout.readline(),
                         f"Process {process} serves for 0 more seconds\n")
        self.read_stop(process)
        self.assert_ended()

    def test_restarts_under_load(self):
        """It is started again many times while clients connect, and none of them notices."""
        process = self.start("--notice", "0")
        load = Load(self.port)
        self.addCleanup(load.end)
        checks = HealthChecks(self.health_port)
        self.addCleanup(checks.end)
        processes = [process]

        for _ in range(RESTARTS):
            load.await_answers(process, CLIENTS)
            process = self.restart(process)
            processes.append(process)
        load.await_answers(process, CLIENTS)
        load.end()
        checks.end()

        load.report(f"{RESTARTS} restarts")
        print(f"# {checks.answers.total()} health checks", flush=True)
        self.assertEqual(list(checks.answers), ["ok\n"])
        self.assertEqual(load.losses, [])
        self.assertEqual(load.counts["attempts"], load.counts["connections"])
        self.assertEqual(load.counts["attempts"], load.answers.total())
        self.assertEqual(set(load.answers), set(processes))

        os.kill(process, signal.SIGTERM)
        self.first.stdout.readline()
        self.read_stop(process)
        self.assert_ended()

    def test_stops_under_load(self):
        """While it drains its health checks fail, and each client is served; then clients are
        refused, and each that was connected has its answer."""
        process = self.start("--notice", str(LONG))
        load = Load(self.port)
        self.addCleanup(load.end)

        load.await_answers(process, 100)
        self.assertEqual(self.check_health(), "ok\n")
        self.drain(process)
        self.assertEqual(self.check_health(), "draining\n")
        load.await_answers(process, 100)
        self.assertEqual(self.check_health(), "draining\n")

        load.may_refuse = True
        self.stop(process)
        load.join()
        self.read_stop(process)

        load.report("stopped")
        self.assertEqual(load.losses, [])
        self.assertEqual(load.counts["connections"], load.answers.total())
        self.assertEqual(load.counts["refused"], CLIENTS)
        self.assert_ended()
        for port in self.port, self.health_port:
            with self.assertRaises(ConnectionRefusedError):
                connect(port)

    def test_drains_behind_haproxy(self):
        """HAProxy sends its clients to another server while one drains, and no client notices that
        it stops."""
        haproxy = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        if haproxy is None:
            self.skipTest("haproxy is not installed")
        other = self.start()
        two = Place(self.port, self.health_port)
        process = self.start("--notice", str(LONG))
        balancer = Balancer(self, haproxy, one=Place(self.port, self.health_port), two=two)
        balancer.await_states(one=RUNS, two=RUNS)
        load = Load(balancer.port)
        self.addCleanup(load.end)

        load.await_answers(process, 20)
        load.await_answers(other, 20)
        self.drain(process)
        balancer.await_states(one="0", two=RUNS)
        self.stop(process)
        self.read_stop(process)
        load.await_answers(other, 100)
        load.end()

        load.report("behind HAProxy")
        self.assertEqual(load.losses, [])
        self.assertEqual(load.counts["attempts"], load.answers.total())
        self.assertEqual(self.first.wait(), 0)

    def test_connection_stays(self):
        """A connection that does not end is asked to; after the grace it is aborted, and
        counted."""
        process = self.start("--notice", str(LONG), "--grace", "0")

        with connect(self.port) as peer, peer.makefile("rw") as lines:
            self.ask(lines, "hello")
            self.drain(process)
            self.assertEqual(self.ask(lines, "again"), f"{process}: again\n")
            self.stop(process)
            self.read_stop(process, 1)
        self.assert_ended()

    def test_old_connection(self):
        """A connection of the old process is served until it ends, while the new one accepts
        clients."""
        old = self.start("--notice", "0", "--grace", str(LONG))

        with connect(self.port) as peer, peer.makefile("rw") as lines:
            self.ask(lines, "hello")
            os.kill(old, signal.SIGHUP)
            new = self.read_start()
            self.assertEqual(lines.readline(), "bye\n")
            self.assertEqual(self.ask(lines, "again"), f"{old}: again\n")
            with connect(self.port) as other, other.makefile("rw") as others_lines:
                self.assertEqual(self.ask(others_lines, "hello"), f"{new}: hello\n")
        self.read_stop(old)

        os.kill(new, signal.SIGTERM)
        self.first.stdout.readline()
        self.read_stop(new)
        self.assert_ended()

    def test_new_one_fails(self):
        """If the new process cannot be started, or ends before it is ready, the old one continues,
        and can be restarted later."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = f"{folder.name}/program"
        os.symlink(os.path.abspath(COMMAND[-1]), program)
        process = self.start("--notice", "0", program=[*COMMAND[:-1], program])

        for n_failures, wrong in enumerate(("/nowhere", "/dev/null", "/bin/false"), 1):
            os.unlink(program)
            os.symlink(wrong, program)
            os.kill(process, signal.SIGHUP)
            while self.said().count("has not started") < n_failures:
                self.check_health()
            self.assertEqual(self.check_health(), "ok\n")
            with connect(self.port) as peer, peer.makefile("rw") as lines:
                self.assertEqual(self.ask(lines, "hello"), f"{process}: hello\n")

        os.unlink(program)
        os.symlink(os.path.abspath(COMMAND[-1]), program)
        process = self.restart(process)
        os.kill(process, signal.SIGTERM)
        self.first.stdout.readline()
        self.read_stop(process)
        self.assertEqual(self.first.stdout.read(), "")

    def test_taken_port(self):
        """If another server listens it exits, and prints why."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            for option in "--port", "--health-port":
                self.assertIn(f"127.0.0.1 port {port}", self.assert_fails(option, str(port)))

    def test_service_manager(self):
        """It listens on the sockets of a service manager, by their names; it reports that it is
        ready, which process is the main one, and that it stops; and has its sockets stored."""
        manager = Manager(self)
        sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in ("health", "requests")}
        process = manager.start(self, sockets)

        self.assertEqual(manager.receive_fd("requests").getsockname(), ("127.0.0.1", self.port))
        self.assertEqual(manager.receive_fd("health").getsockname(),
                         ("127.0.0.1", self.health_port))
        self.assertEqual(manager.receive(), "READY=1")
        self.assertEqual({name: one.getsockname()[1] for name, one in sockets.items()},
                         {"requests": self.port, "health": self.health_port})

        process = self.restart(process)
        self.assertEqual(manager.receive(), f"MAINPID={process}")

        os.kill(process, signal.SIGTERM)
        self.assertEqual(manager.receive(), "STOPPING=1")
        self.first.stdout.readline()
        self.read_stop(process)
        self.assert_ended()

    def test_crash(self):
        """A client that comes after a crash waits for the next process, which has the stored
        sockets."""
        manager = Manager(self)
        process = self.start(environment=manager.environment)
        stored = {name: manager.receive_fd(name) for name in ("requests", "health")}
        port = self.port

        os.kill(process, signal.SIGKILL)
        self.first.wait()
        self.first.stdout.close()
        self.running.clear()
        with connect(port) as peer, peer.makefile("rw") as lines:
            process = manager.start(self, stored)
            self.assertEqual(self.ask(lines, "hello"), f"{process}: hello\n")
        os.kill(process, signal.SIGTERM)
        self.first.stdout.readline()
        self.read_stop(process)


class Manager:
    """What systemd is for a service: it receives messages, and passes sockets."""

    def __init__(self, case):
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.socket.bind(f"{folder.name}/notify")
        self.environment = {"NOTIFY_SOCKET": f"{folder.name}/notify"}

    def start(self, case, sockets):
        high = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 10) for one in sockets.values()]
        program = [sys.executable, "-c", BECOME, *map(str, high), os.path.abspath(COMMAND[0])]
        process = case.start("--notice", "0", program=program + COMMAND[1:], passed=high,
                             environment={**self.environment, "LISTEN_FDS": "2",
                                          "LISTEN_FDNAMES": ":".join(sockets)})
        for one in sockets.values():
            case.addCleanup(one.close)
        for fd in high:
            os.close(fd)
        return process

    def receive(self):
        return self.socket.recv(1000).decode()

    def receive_fd(self, name):
        text, fds, _, _ = socket.recv_fds(self.socket, 1000, 10)
        if text.decode() != f"FDSTORE=1\nFDNAME={name}":
            raise AssertionError(text)
        return socket.socket(fileno=fds[0])


tap.main(Graceful)
