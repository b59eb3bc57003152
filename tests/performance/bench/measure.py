# measure.py: run one server, or client, and say what it has cost
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVERS = os.path.join(os.path.dirname(HERE), "servers")

PATIENCE = 180  # seconds for any line of any program

SCRIPTS = {
    "gio-python": (["/usr/bin/python3", "-B"], "server-gio.py"),
    "qnet-python": (["/usr/bin/python3", "-B"], "server-qnet.py"),
    "gio-gjs": (["gjs", "-m"], "server-gio.js"),
    "qnet-gjs": (["gjs", "-m"], "server-qnet.js"),
}


class LeftOut(Exception):
    """This peer has nothing to be measured here, and says why."""


class Impossible(LeftOut):
    """So says the program itself: its library has no such thing, on any machine."""


class Failed(Exception):
    """This run has no result, and says why."""


# Programs


class Program:
    """A process on a processor of its own."""

    def __init__(self, command, cpu, env=None):
        self.command = command
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            bufsize=0,
            env={**os.environ, **(env or {})},
            preexec_fn=None if cpu is None else lambda: os.sched_setaffinity(0, {cpu}),
        )
        self.pid = self.process.pid
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.stderr.close()

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")

    def read_line(self):
        """The next line it prints; Failed with its last output if there is none."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self.unread:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise Failed(f"{self.name()} printed nothing for {PATIENCE} seconds")
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                raise Failed(f"{self.name()} ended: {self.describe_end()}")
            self.unread += piece
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode().strip()

    def name(self):
        names = [os.path.basename(word) for word in self.command]
        return next(name for name in names if re.match(r"load$|server-|client-", name))

    def describe_end(self):
        status = self.process.wait(timeout=10)
        self.stderr.seek(0)
        words = self.stderr.read().decode(errors="replace").strip().splitlines()
        return words[-1] if words else f"exit status {status}"

    def ask_to_end(self):
        """Ends it by a signal that it may notice, as programs under valgrind have to."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)


# What the process has used


def cpu_clock(pid):
    """Seconds of all threads that are or were: what /proc/PID/stat has, but to the nanosecond."""
    return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of the process


def cpu_ticks(pid):
    """(user, system) of /proc/PID/stat, in seconds."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    tick = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / tick, int(fields[12]) / tick


def private_memory(pid):
    """Bytes of anonymous memory: what the process has allocated and touched."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int(re.search(r"^RssAnon:\s+(\d+) kB$", file.read(), re.M)[1]) * 1024


def settle(pid, patience):
    """Waits until the process has done what there was to do: no more CPU time for a while."""
    end = time.monotonic() + patience
    before = -1
    while (now := cpu_clock(pid)) != before and time.monotonic() < end:
        before = now
        time.sleep(0.03)


class CpuTime:
    """Of the process while the requests were made."""

    def before(self, pid):
        self.clock, self.ticks = cpu_clock(pid), cpu_ticks(pid)

    def after(self, pid):
        user, system = (b - a for a, b in zip(self.ticks, cpu_ticks(pid)))
        return {"cpu": cpu_clock(pid) - self.clock, "user": user, "system": system}


class SystemCalls:
    """By strace, attached while the requests are made."""

    def before(self, pid):
        self.log = tempfile.NamedTemporaryFile("r")
        self.tracer = subprocess.Popen(
            ["strace", "-f", "-c", "-o", self.log.name, "-p", str(pid)], stderr=subprocess.PIPE
        )
        while not self.is_traced(pid):
            if self.tracer.poll() is not None:
                words = self.tracer.stderr.read().decode().strip()
                raise LeftOut(f"strace may not attach: {words}")
            time.sleep(0.01)

    def is_traced(self, pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            return not re.search(r"^TracerPid:\s+0$", status.read(), re.M)

    def after(self, pid):
        self.tracer.send_signal(signal.SIGINT)
        self.tracer.wait()
        self.tracer.stderr.close()
        calls = {}
        for line in self.log.read().splitlines():
            # "% time  seconds  usecs/call  calls  [errors]  name"
            if match := re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line):
                calls[match[2]] = int(match[1])
        self.log.close()
        calls.pop("total", None)
        return {"calls": calls}


class Allocations:
    """By a library that is loaded before the others and counts in a mapped file."""

    def __init__(self, path):
        self.path = path

    def count(self):
        with open(self.path, "rb") as file:
            return int.from_bytes(file.read(8), sys.byteorder)

    def before(self, pid):
        self.first = self.count()

    def after(self, pid):
        return {"allocations": self.count() - self.first}


# Runs


class Bench:
    """Knows where the programs are and which processors they get."""

    def __init__(self, programs, measured_cpu, load_cpu, patience=10):
        self.programs = programs
        self.patience = patience
        self.measured_cpu = measured_cpu
        self.load_cpu = load_cpu
        self.scratch = tempfile.TemporaryDirectory(prefix="qnet-bench-")
        self.n_paths = 0

    def program(self, name):
        path = os.path.join(self.programs, name)
        if not os.path.exists(path):
            raise LeftOut(f"{name} was not built")
        return path

    def server_command(self, peer):
        if peer not in SCRIPTS:
            return [self.program(f"server-{peer}")]
        interpreter, script = SCRIPTS[peer]
        if shutil.which(interpreter[0]) is None:
            raise LeftOut(f"{interpreter[0]} is not here")
        return [*interpreter, os.path.join(SERVERS, script)]

    def new_path(self):
        self.n_paths += 1
        return os.path.join(self.scratch.name, str(self.n_paths))

    @contextlib.contextmanager
    def server(self, peer, command, bulk_size=0, cpu=None, wrapper=(), env=None):
        """Gives the program, and where it listens."""
        words = ["echo" if command == "accept" else command]
        if bulk_size:
            words.append(str(bulk_size))
        if command == "unix":
            words.append(self.new_path())
        with Program([*wrapper, *self.server_command(peer), *words], cpu, env) as server:
            address = server.read_line()
            if address.startswith("left out: "):
                raise Impossible(address.removeprefix("left out: "))
            yield server, address

    @contextlib.contextmanager
    def load(self, workload, address, options, name="load", cpu=None, wrapper=(), env=None):
        command_line = [*wrapper, self.program(name), *options, workload.command, address]
        with Program(command_line, cpu, env) as load:
            if load.read_line() != "ready":
                raise Failed(f"{name} is not ready")
            yield load

    def run(self, workload, peer, amount, probe, wrapper=(), env=None, at_end=None):
        """One run: gives what the load reports and what @probe saw of the measured process.

        @amount is a list of options for the load; @wrapper and @env are for the measured process.
        """
        measured = {"cpu": self.measured_cpu, "wrapper": wrapper, "env": env}
        other = {"cpu": self.load_cpu}
        options = ["-a", str(workload.active), "-i", str(workload.idle), *amount]
        bulk_size = int(amount[amount.index("-b") + 1]) if workload.is_bulk else 0
        is_client = workload.side == "client"

        with contextlib.ExitStack() as stack:
            if is_client:
                serving = self.server("epoll", workload.command, **other)
                server, address = stack.enter_context(serving)
                loading = self.load(workload, address, options, f"client-{peer}", **measured)
            else:
                serving = self.server(peer, workload.command, bulk_size, **measured)
                server, address = stack.enter_context(serving)
                loading = self.load(workload, address, options, **other)
            load = stack.enter_context(loading)
            subject, helper = (load, server) if is_client else (server, load)
            result = self.take_result(load, subject, helper, probe)
            if at_end is not None:
                subject.ask_to_end()
                result.update(at_end())
            return result

    def take_result(self, load, subject, helper, probe):
        settle(subject.pid, self.patience)
        helper_before = cpu_clock(helper.pid)
        probe.before(subject.pid)
        load.say("go")
        done, usec, total, lost = map(int, load.read_line().split())
        settle(subject.pid, self.patience)
        used = probe.after(subject.pid)
        return {
            "done": done,
            "seconds": usec / 1e6,
            "total": total,
            "lost": lost,
            "other_cpu": cpu_clock(helper.pid) - helper_before,
            **used,
        }

    def run_memory(self, workload, peer):
        """Bytes per idle connection. The first ones do not count: they bring what is there once."""
        touch = ["-t"] if workload.touched else []
        with contextlib.ExitStack() as stack:
            serving = self.server(peer, workload.command, cpu=self.measured_cpu)
            server, address = stack.enter_context(serving)
            memory = []
            for idle in (200, workload.idle):
                options = ["-a", "1", "-n", "1", "-i", str(idle), *touch]
                stack.enter_context(self.load(workload, address, options, cpu=self.load_cpu))
                settle(server.pid, self.patience)
                memory.append(private_memory(server.pid))
        connections = workload.idle + 1
        return {"done": connections, "memory": (memory[1] - memory[0]) / connections}

    # In runs of their own

    def count_system_calls(self, workload, peer, requests):
        if shutil.which("strace") is None:
            raise LeftOut("strace is not here")
        return self.run(workload, peer, ["-n", str(requests)], SystemCalls())

    def count_allocations(self, workload, peer, requests):
        path = self.new_path()
        env = {
            "LD_PRELOAD": self.program("libcount-allocations.so"),
            "COUNT_ALLOCATIONS": path,
            "G_SLICE": "always-malloc",
        }
        return self.run(workload, peer, ["-n", str(requests)], Allocations(path), env=env)

    def count_instructions(self, workload, peer, requests):
        """The difference of two runs, so that what is done once falls out.

        Each makes its requests twice: it warms up, too.
        """
        if shutil.which("valgrind") is None:
            raise LeftOut("valgrind is not here")
        short = self.instructions_of(workload, peer, requests)
        long = self.instructions_of(workload, peer, 3 * requests)
        return {"total": 4 * requests, "instructions": long - short}

    def instructions_of(self, workload, peer, requests):
        path = self.new_path()
        wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={path}"]

        def read():
            with open(path, encoding="utf-8", errors="replace") as file:
                return {"instructions": int(re.search(r"^totals: (\d+)", file.read(), re.M)[1])}

        result = self.run(workload, peer, ["-n", str(requests)], CpuTime(), wrapper, at_end=read)
        return result["instructions"]
