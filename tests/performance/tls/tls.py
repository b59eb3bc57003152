#!/usr/bin/python3
#
# tls.py: much through TLS, by qnet, by GIO, and by the programs of OpenSSL and GnuTLS
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: tls.py [--check] --programs FOLDER --certificates FOLDER [--size MIB] [--rounds N]

The client is Python's ssl, the same for all. "download" is sent by the server, "echo" goes both ways, 16 KiB at a time,
as a line of text: gnutls-serv echoes lines, and takes a zero for their end. What counts is the processor time of the
server: the client and the rest of the machine do not disturb it much. Servers take turns, and the median is printed.
With --check one MiB goes through each, and nothing is timed.
"""

import argparse
import os
import re
import resource
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

LINE = b"x" * 16383 + b"\n"

parser = argparse.ArgumentParser()
parser.add_argument("--programs", required=True)
parser.add_argument("--certificates", required=True)
parser.add_argument("--size", type=int, default=1024, help="MiB")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--check", action="store_true")
arguments = parser.parse_args()

size = (1 if arguments.check else arguments.size) << 20
certificate = os.path.abspath(f"{arguments.certificates}/server.pem")


def reserve_port():
    """A port that nobody is given as long as the socket is bound, except who asks for it to be reused."""
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    return keeper


def hear(server, pattern):
    for line in server.stdout:
        if found := re.search(pattern, line):
            return found
    raise ChildProcessError(f"{server.args[0]} does not listen")


def ours(name):
    def start(workload, folder):
        wanted = "-1" if workload == "echo" else str(size)
        server = subprocess.Popen([f"{arguments.programs}/{name}", certificate, wanted], stdout=subprocess.PIPE)
        return server, int(hear(server, rb"port (\d+)")[1])
    return start


def openssl(workload, folder):
    with open(f"{folder}/much", "wb") as file:
        file.truncate(size)
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-WWW"],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return server, int(hear(server, rb"ACCEPT .*:(\d+)")[1])


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gnutls(workload, folder):
    with reserve_port() as keeper:
        port = keeper.getsockname()[1]
        server = subprocess.Popen(["gnutls-serv", "--echo", "--quiet", "--disable-client-cert", "--port", str(port),
                                   "--x509certfile", certificate, "--x509keyfile", certificate],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not is_listening(port):  # it says so among all that it echoes
            if server.poll() is not None:
                raise ChildProcessError("gnutls-serv does not listen")
            time.sleep(0.01)
    return server, port


SERVERS = {"qnet": ours("server-tls-qnet"), "gio": ours("server-tls-gio"), "openssl": openssl, "gnutls": gnutls}
WORKLOADS = {"download": ["qnet", "gio", "openssl"], "echo": ["qnet", "gio", "gnutls"]}
MISSING = {name for name, program in (("openssl", "openssl"), ("gnutls", "gnutls-serv")) if not shutil.which(program)}


def connect(port):
    context = ssl.create_default_context(cafile=f"{arguments.certificates}/ca.pem")
    raw = socket.create_connection(("127.0.0.1", port))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_hostname="localhost")


def receive(peer, view):
    n = peer.recv_into(view)
    if n == 0:
        raise EOFError("the server has closed the connection")
    return n


def download(peer):
    buffer = bytearray(len(LINE))
    peer.sendall(b"GET /much HTTP/1.0\r\n\r\n")
    total = 0
    while total < size:
        total += receive(peer, buffer)


def echo(peer):
    buffer = bytearray(len(LINE))
    for _ in range(size // len(LINE)):
        peer.sendall(LINE)
        rest = memoryview(buffer)
        while rest:
            rest = rest[receive(peer, rest):]
        if buffer != LINE:
            raise ValueError("the server has answered something else")


def run(workload, name):
    """The processor time of the server, the time of all, and the cipher."""
    with tempfile.TemporaryDirectory() as folder:
        server, port = SERVERS[name](workload, folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            with connect(port) as peer:
                begin = time.monotonic()
                {"download": download, "echo": echo}[workload](peer)
                elapsed = time.monotonic() - begin
                cipher = peer.cipher()[0]
        finally:
            server.kill()
            server.communicate()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, elapsed, cipher


def check():
    count = 0
    for workload, names in WORKLOADS.items():
        for name in names:
            count += 1
            if name in MISSING:
                print(f"ok {count} {workload}/{name} # SKIP {name} is not here")
            else:
                run(workload, name)
                print(f"ok {count} {workload}/{name}", flush=True)
    print(f"1..{count}")


def measure():
    for workload, names in WORKLOADS.items():
        found = {name: [] for name in names if name not in MISSING}
        for _ in range(arguments.rounds):
            for name, results in found.items():
                results.append(run(workload, name))
        print(f"{workload}, {size >> 20} MiB, median of {arguments.rounds}")
        base = statistics.median(result[0] for result in found["gio"])
        for name, results in found.items():
            processor = statistics.median(result[0] for result in results)
            elapsed = statistics.median(result[1] for result in results)
            print(f"  {name:8} {processor:6.2f} s of processor  {processor / base:5.2f} of gio's "
                  f"{size / elapsed / 2**20:7.0f} MiB/s  {results[0][2]}", flush=True)


check() if arguments.check else measure()
