#!/usr/bin/python3
#
# tls.py: much through TLS, by qnet, by GIO, and by the programs of OpenSSL and GnuTLS
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: tls.py [--check] --programs FOLDER --certificates FOLDER [--size MIB] [--rounds N]

The client is Python's ssl, the same for all. "download" is sent by the server, "echo" goes both ways, 64 KiB at a time.
What counts is the processor time of the server: the client and the rest of the machine do not disturb it much. Servers
take turns, and the median is printed. With --check one MiB goes through each, and nothing is timed.
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

PIECE = 65536

parser = argparse.ArgumentParser()
parser.add_argument("--programs", required=True)
parser.add_argument("--certificates", required=True)
parser.add_argument("--size", type=int, default=1024, help="MiB")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--check", action="store_true")
arguments = parser.parse_args()

size = (1 if arguments.check else arguments.size) << 20
certificate = f"{arguments.certificates}/server.pem"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def ours(name):
    def start(workload, folder):
        wanted = "-1" if workload == "echo" else str(size)
        server = subprocess.Popen([f"{arguments.programs}/{name}", certificate, wanted], stdout=subprocess.PIPE)
        return server, int(server.stdout.readline().split()[1])
    return start


def openssl(workload, folder):
    if workload == "echo":
        return None
    with open(f"{folder}/much", "wb") as file:
        file.truncate(size)
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-WWW"],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in server.stdout:
        if found := re.search(rb"ACCEPT .*:(\d+)", line):
            return server, int(found[1])


def gnutls(workload, folder):
    if workload == "download":
        return None
    port = free_port()
    server = subprocess.Popen(["gnutls-serv", "--echo", "--quiet", "--disable-client-cert", "--port", str(port),
                               "--x509certfile", certificate, "--x509keyfile", certificate],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server, port


SERVERS = {"qnet": ours("server-tls-qnet"), "gio": ours("server-tls-gio"), "openssl": openssl, "gnutls": gnutls}
MISSING = {name for name, program in (("openssl", "openssl"), ("gnutls", "gnutls-serv")) if not shutil.which(program)}


def connect(port):
    context = ssl.create_default_context(cafile=f"{arguments.certificates}/ca.pem")
    for _ in range(1000):
        try:
            raw = socket.create_connection(("127.0.0.1", port))
            return context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=True)
        except ConnectionRefusedError:
            time.sleep(0.01)  # a program that does not say when it listens
    raise TimeoutError


def download(peer, buffer):
    peer.sendall(b"GET /much HTTP/1.0\r\n\r\n")
    total = 0
    while total < size:
        n = peer.recv_into(buffer)
        if n == 0:
            raise EOFError
        total += n


def echo(peer, buffer):
    for _ in range(size // PIECE):
        peer.sendall(buffer)
        rest = memoryview(buffer)
        while rest:
            n = peer.recv_into(rest)
            if n == 0:
                raise EOFError
            rest = rest[n:]


def run(workload, name):
    """The processor time of the server, the time of all, and the cipher; or None where it cannot do that."""
    with tempfile.TemporaryDirectory() as folder:
        started = SERVERS[name](workload, folder)
        if started is None:
            return None
        server, port = started
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with connect(port) as peer:
            begin = time.monotonic()
            {"download": download, "echo": echo}[workload](peer, bytearray(PIECE))
            elapsed = time.monotonic() - begin
            cipher = peer.cipher()[0]
        server.terminate()
        server.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, elapsed, cipher


def check():
    count = 0
    for workload in "download", "echo":
        for name in SERVERS:
            count += 1
            if name in MISSING:
                print(f"ok {count} {workload}/{name} # SKIP {name} is not here")
            else:
                run(workload, name)
                print(f"ok {count} {workload}/{name}")
    print(f"1..{count}")


def measure():
    for workload in "download", "echo":
        found = {name: [] for name in SERVERS if name not in MISSING}
        for _ in range(arguments.rounds):
            for name, results in found.items():
                result = run(workload, name)
                if result:
                    results.append(result)
        print(f"{workload}, {size >> 20} MiB, median of {arguments.rounds}")
        for name, results in found.items():
            if results:
                processor = statistics.median(result[0] for result in results)
                elapsed = statistics.median(result[1] for result in results)
                print(f"  {name:8} {processor:6.2f} s of processor  {size / elapsed / 2**20:7.0f} MiB/s  {results[0][2]}",
                      flush=True)


check() if arguments.check else measure()
