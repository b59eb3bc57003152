#
# servers.py: the servers that tls.py compares
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each is started for one workload, and returned with its port: "download", which begins with any
line, and "echo" of lines."""

import re
import shutil
import socket
import subprocess
import time


def reserve_port():
    """A port that the system assigns to no other socket while this one is bound, except with
    SO_REUSEADDR."""
    reservation = socket.socket()
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reservation.bind(("127.0.0.1", 0))
    return reservation


def read_until(server, pattern):
    for line in server.stdout:
        if found := re.search(pattern, line):
            return found
    raise ChildProcessError(f"{server.args[0]} does not listen")


def ours(name):
    def start(what):
        wanted = "-1" if what.workload == "echo" else str(what.size)
        server = subprocess.Popen([f"{what.programs}/{name}", what.certificate, wanted],
                                  stdout=subprocess.PIPE)
        return server, int(read_until(server, rb"port (\d+)")[1])
    return start


def openssl(what):
    """It echoes each line backwards: that of a line of one letter is the same."""
    with open(f"{what.folder}/much", "wb") as file:
        file.truncate(what.size)
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
                               what.certificate, "-rev" if what.workload == "echo" else "-WWW"],
                              cwd=what.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return server, int(read_until(server, rb"ACCEPT .*:(\d+)")[1])


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gnutls(what):
    with reserve_port() as reservation:
        port = reservation.getsockname()[1]
        server = subprocess.Popen(["gnutls-serv", "--echo", "--quiet", "--disable-client-cert",
                                   "--port", str(port),
                                   "--x509certfile", what.certificate, "--x509keyfile",
                                   what.certificate],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not is_listening(port):  # it says so among all that it echoes
            if server.poll() is not None:
                raise ChildProcessError("gnutls-serv does not listen")
            time.sleep(0.01)
    return server, port


START = {"qnet": ours("server-tls-qnet"), "gio": ours("server-tls-gio"), "openssl": openssl,
         "gnutls": gnutls}
MISSING = {name for name, program in (("openssl", "openssl"), ("gnutls", "gnutls-serv"))
           if not shutil.which(program)}


class What:
    """What a server is started for."""

    def __init__(self, workload, size, folder, programs, certificates):
        self.workload = workload
        self.size = size
        self.folder = folder
        self.programs = programs
        self.certificates = certificates
        self.certificate = f"{certificates}/server.pem"


class Server:
    """A server that runs within the block."""

    def __init__(self, name, what):
        self.process, self.port = START[name](what)
        self.clock = ~self.process.pid << 3 | 2  # as clock_getcpuclockid() returns it

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def processor_time(self):
        """In seconds, of all threads, including those that have ended."""
        return time.clock_gettime(self.clock)

    def memory(self):
        """In bytes: what the program has written to."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return 1024 * sum(int(line.split()[1]) for line in file
                              if line.startswith("Anonymous:"))
