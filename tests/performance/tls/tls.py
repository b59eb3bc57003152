#!/usr/bin/python3
#
# tls.py: handshakes, and much through TLS, by qnet, GIO, and the programs of OpenSSL and GnuTLS
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: tls.py [--check] --programs FOLDER --certificates FOLDER [--size MIB] [--rounds N]
                 [--only WORKLOAD,...]

The client is Python's ssl, the same for all. "download" is sent by the server, "echo" is sent in
both directions, 16 KiB at a time, as a line of text: gnutls-serv echoes lines, and takes a zero for
their end. "full" and "resumed" are handshakes of TLS 1.3, one after the other, each with the echo
of a line of one letter. What counts is the processor time of the server: the client and the rest of
the machine do not disturb it much.

"stalled" is the time of a good client's handshake beside many clients that have sent their first
message and nothing more, "half-open" the memory of the server for each of these, and "idle" that
for each established connection. Servers take turns, and the median is printed. With --check a
little is done with each, and nothing is timed.
"""

import argparse
import os
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True

import handshakes
import servers
import transfers

parser = argparse.ArgumentParser()
parser.add_argument("--programs", required=True)
parser.add_argument("--certificates", required=True)
parser.add_argument("--size", type=int, default=1024, help="MiB")
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--only", default="")
parser.add_argument("--check", action="store_true")
arguments = parser.parse_args()

ALL = {**transfers.WORKLOADS, **handshakes.WORKLOADS}
WORKLOADS = {name: ALL[name] for name in arguments.only.split(",") if name} or ALL
size = (1 if arguments.check else arguments.size) << 20


def run(workload, name):
    with tempfile.TemporaryDirectory() as folder:
        what = servers.What(workload.serves, size, folder, os.path.abspath(arguments.programs),
                            os.path.abspath(arguments.certificates))
        with servers.Server(name, what) as server:
            return workload.run(server, what, arguments.check)


def check():
    count = 0
    for title, workload in WORKLOADS.items():
        for name in workload.servers:
            count += 1
            if name in servers.MISSING:
                print(f"ok {count} {title}/{name} # SKIP {name} is not here")
            else:
                run(workload, name)
                print(f"ok {count} {title}/{name}", flush=True)
    print(f"1..{count}")


def describe(workload, value, base, name):
    ratio = f"  {value / base:6.3f} of {name}'s" if base else ""
    return f"{value * workload.scale:10.3f} {workload.unit}{ratio}"


def measure():
    for title, workload in WORKLOADS.items():
        found = {name: [] for name in workload.servers if name not in servers.MISSING}
        for _ in range(arguments.rounds):
            for name, results in found.items():
                results.append(run(workload, name))
        print(f"{title}, {workload.describe(size)}, median of {arguments.rounds}")
        medians = {name: [statistics.median(column) for column in zip(*results)]
                   for name, results in found.items()}
        base = next((name for name in ("gio", "openssl", "gnutls") if name in medians), "qnet")
        for name, values in medians.items():
            print(f"  {name:8}" + "".join(describe(workload, value, other, base)
                                          for value, other in zip(values, medians[base])),
                  flush=True)


check() if arguments.check else measure()
