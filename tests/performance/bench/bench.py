#!/usr/bin/python3
#
# bench.py: measure qnet beside what one would use instead
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""./tools/bench builds everything and calls this. Nothing is asserted: machines differ. --check,
which the tests use, makes one small run of everything and asks only whether every program answers
rightly."""

import argparse
import dataclasses
import datetime
import os
import socketserver
import sys
import tempfile
import threading
import time

import machine
import plot
import report
from measure import Bench, CpuTime, Failed, Impossible, LeftOut
from plan import GROUPS, PEERS, TITLES, WORKLOADS
from results import KINDS, MIB, Results, value


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def load_average():
    return " ".join(f"{x:.2f}" for x in os.getloadavg())


class Session:
    """All runs of one call, in their order."""

    def __init__(self, options, bench, results, progress):
        self.options = options
        self.bench = bench
        self.results = results
        self.progress = progress
        self.left_out = {}  # (kind, workload, peer): why; asked once

    # What runs

    def groups(self):
        for group in GROUPS:
            if wanted := [w for w in group if w.name in self.options.workloads]:
                yield wanted

    def peers(self, workload):
        chosen = self.options.peers
        return [peer for peer in workload.peers if peer in chosen or peer not in PEERS]

    def scaled(self, workload):
        if not self.options.check:
            return workload
        active, idle = min(workload.active, 20), min(workload.idle, 50)
        return dataclasses.replace(workload, active=active, idle=idle)

    # One run

    def amount(self, workload):
        """The options for the amount of load."""
        if workload.is_bulk:
            return ["-n", "1", "-b", str(self.options.bulk_size * MIB)]
        if self.options.check:
            return ["-n", "100"]
        return ["-w", str(self.options.warm_up), "-s", str(self.options.seconds)]

    def measure(self, kind, workload, peer):
        bench, requests = self.bench, self.options.requests
        if kind == "memory":
            return bench.run_memory(workload, peer)
        if kind == "system-calls":
            return bench.count_system_calls(workload, peer, requests)
        if kind == "allocations":
            return bench.count_allocations(workload, peer, requests)
        if kind == "instructions":
            return bench.count_instructions(workload, peer, max(1, requests // 4))
        result = bench.run(workload, peer, self.amount(workload), CpuTime())
        return {**result, "bulk_size": self.options.bulk_size * MIB} if workload.is_bulk else result

    def run(self, kind, workload, peer, number):
        key = kind, workload.name, peer
        if key in self.left_out:
            return
        run = self.results.begin(kind, workload.name, peer, number)
        try:
            self.check_descriptors(workload)
            self.results.end(run, "ok", **self.measure(kind, self.scaled(workload), peer))
        except LeftOut as reason:
            self.left_out[key] = str(reason)
            impossible = isinstance(reason, Impossible)
            self.results.end(run, "left out", why=str(reason), impossible=impossible)
        except (Failed, OSError) as reason:
            self.results.end(run, "failed", why=str(reason))
        except BaseException:
            self.results.end(run, "failed", why="interrupted")
            raise
        self.progress(run)

    def check_descriptors(self, workload):
        wanted = workload.active + workload.idle + 300
        if not self.options.check and wanted > self.options.descriptors:
            raise LeftOut(f"it needs {wanted} descriptors, and may have {self.options.descriptors}")

    # All of them

    def run_rounds(self):
        """Whatever the machine does meanwhile, it does it to all: the peers take turns."""
        for number in range(1, self.options.rounds + 1):
            for group in self.groups():
                for peer in self.peers(group[0]):
                    for workload in group:
                        kind = "memory" if workload.kind == "memory" else "rate"
                        self.run(kind, workload, peer, number)

    def is_counted(self, workload):
        return workload.name == "echo-100" if self.options.check else workload.counted

    def run_counts(self):
        for kind in KINDS[1:]:
            for group in self.groups():
                for workload in (workload for workload in group if self.is_counted(workload)):
                    for peer in self.peers(workload):
                        self.run(kind, workload, peer, 1)


# Progress


def outcome(run):
    if run["status"] != "ok":
        return f"{run['status']}: {run['why']}"
    unit = WORKLOADS[run["workload"]].unit
    if run["kind"] == "rate":
        rate, cpu = value(run, "rate"), value(run, "cpu") * 1e6
        return f"{report.number(rate)} {unit} per second, {report.number(cpu)} µs of CPU each"
    if run["kind"] == "memory":
        return f"{report.number(value(run, 'memory'))} KiB per connection"
    return f"{report.count(value(run, run['kind']))} {run['kind']} per {unit.removesuffix('s')}"


def print_progress(run):
    where = f"round {run['round']}" if run["kind"] in ("rate", "memory") else run["kind"]
    what = f"{where}, {run['workload']}, {TITLES[run['peer']]}"
    print(f"{run['n']:4}  {what}: {outcome(run)}", file=sys.stderr, flush=True)


class Tap:
    """The same as points of a test."""

    def __init__(self):
        self.n = 0
        self.failed = False

    def point(self, good, name, skip=""):
        self.n += 1
        self.failed |= not good
        directive = f" # SKIP {skip}" if skip else ""
        print(f"{'ok' if good else 'not ok'} {self.n} {name}{directive}", flush=True)

    def run_ended(self, run):
        name = f"{run['kind']}, {run['workload']}, {run['peer']}"
        if run["status"] == "failed":
            print(f"# {run['why']}")
        skip = ""
        if run["status"] == "left out":
            # That a library cannot do something is an answer, and no test that was skipped.
            name, skip = (f"{name}: {run['why']}", "") if run["impossible"] else (name, run["why"])
        self.point(run["status"] != "failed", name, skip)


# Output


def write_output(results, folder):
    plots = plot.write(results, folder)
    if not plot.have_gnuplot():
        print("gnuplot is not here: no pictures.", file=sys.stderr)
    report.write(results, os.path.join(folder, "report.md"), plots)
    return plots


def write_again(options):
    """From the runs of an earlier bench."""
    results = Results.read(os.path.join(options.report, "runs.jsonl"))
    write_output(results, options.report)
    if options.chapter:
        report.write_chapter(results, options.chapter)


def check(options, bench):
    """One small run of each; the report and the pictures are made of them, too."""
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        results = Results(os.path.join(folder, "runs.jsonl"))
        session = Session(options, bench, results, tap.run_ended)
        session.run_rounds()
        session.run_counts()
        again = Results.read(os.path.join(folder, "runs.jsonl"))
        tap.point(again.runs == results.runs, "every run is in the file")
        tap.point(refuses_wrong_answers(bench), "a wrong answer ends the run")
        plots = write_output(results, folder)
        tap.point(os.path.getsize(os.path.join(folder, "report.md")) > 0, "the report is written")
        if plot.have_gnuplot():
            drawn = all(os.path.getsize(os.path.join(folder, name)) > 0 for name in plots.values())
            tap.point(drawn and len(plots) > 0, "pictures are drawn")
        else:
            tap.point(True, "pictures are drawn", "gnuplot is not here")
    print(f"1..{tap.n}")
    return 1 if tap.failed else 0


class WrongAnswers(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(bytes(len(data)))


def refuses_wrong_answers(bench):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), WrongAnswers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            options = ["-a", "1", "-i", "0", "-n", "10"]
            with bench.load(WORKLOADS["echo-1"], str(server.server_address[1]), options) as load:
                load.say("go")
                load.read_line()
        except Failed as reason:
            return "a wrong answer" in str(reason)
        finally:
            server.shutdown()
    return False


def words_of(options):
    return (
        f"{options.rounds} rounds of {options.seconds:g} s, {options.warm_up:g} s to warm up, "
        f"bulk of {options.bulk_size} MiB, {options.requests} requests where they are counted"
    )


def words_of_processors(bench):
    if bench.load_cpu is None:
        return "both sides share the only one: rates are meaningless, CPU time is not"
    return f"{bench.measured_cpu} for what is measured, {bench.load_cpu} for the other side"


def measure(options, bench):
    path = os.path.join(options.output, "runs.jsonl")
    if os.path.exists(path):
        sys.exit(f"{path} is there already: another output folder, please")
    os.makedirs(options.output, exist_ok=True)
    results = Results(path)
    results.state(
        machine=machine.describe(),
        build=machine.build(options.programs),
        options=words_of(options),
        processors=words_of_processors(bench),
        began=now(),
    )
    load_before = load_average()
    session = Session(options, bench, results, print_progress)
    status = 0
    try:
        session.run_rounds()
        if options.counts:
            session.run_counts()
    except KeyboardInterrupt:
        status = 130
    results.state(ended=now(), load=f"{load_before} when it began, {load_average()} when it ended")
    write_output(results, options.output)
    print(os.path.join(options.output, "report.md"))
    return status


# Options


def names(known):
    def parse(text):
        chosen = [name for name in text.split(",") if name]
        if unknown := [name for name in chosen if name not in known]:
            words = f"{', '.join(unknown)}: no such name; there are {', '.join(known)}"
            raise argparse.ArgumentTypeError(words)
        return chosen

    return parse


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it has to be 1 or more")
    return number


def print_list():
    for title, known in (("Workloads", WORKLOADS), ("Peers", PEERS)):
        print(f"{title}:")
        for name, what in known.items():
            print(f"  {name:12} {what.title if known is WORKLOADS else what}")


def parse_options():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    add = parser.add_argument
    add("--workloads", type=names(WORKLOADS), default=list(WORKLOADS), help="only these: NAME,...")
    add("--peers", type=names(PEERS), default=list(PEERS), help="only these: NAME,...")
    add("--rounds", type=positive, default=7, help="how often each takes its turn (7)")
    add("--seconds", type=float, default=2, help="how long a run measures (2)")
    add("--warm-up", type=float, default=0.5, help="how many seconds it warms up first (0.5)")
    add("--bulk-size", type=positive, default=1024, help="MiB of one bulk transfer (1024)")
    add("--requests", type=positive, default=20000, help="how many are made to be counted (20000)")
    add("--no-counts", dest="counts", action="store_false", help="count nothing, measure only")
    add("--output", default=time.strftime("bench-%Y%m%d-%H%M%S"), help="where the results go")
    add("--list", action="store_true", help="name the workloads and the peers")
    add("--report", help="write the report of an earlier bench in this folder again")
    add("--chapter", help="with --report: put the tables into this file, too")
    add("--programs", help="where the programs were built")
    add("--check", action="store_true", help="one small run of each, as a test")
    return parser.parse_args()


def prepare(options):
    options.descriptors = machine.allow_descriptors()
    if options.check:
        options.rounds, options.bulk_size, options.requests = 1, 1, 100
        return Bench(options.programs, None, None, patience=0)
    return Bench(options.programs, *machine.processors())


def main():
    options = parse_options()
    if options.list:
        print_list()
        return 0
    if options.report:
        write_again(options)
        return 0
    if not options.programs:
        sys.exit("--programs is needed; ./tools/bench knows it")
    bench = prepare(options)
    return check(options, bench) if options.check else measure(options, bench)


sys.exit(main())
