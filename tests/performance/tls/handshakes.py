#
# handshakes.py: handshakes of TLS, and connections that do nothing
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import socket
import ssl
import statistics
import time

N_HANDSHAKES = 200
N_WARM = 10
TIMEOUT = 30  # seconds
N_IDLE = 500
N_GOOD = 21
STALLED = (0, 100, 1000)
ALL = ["qnet", "gio", "openssl", "gnutls"]
RESUMING = ["qnet", "openssl", "gnutls"]  # GIO does not as a server


def new_context(what):
    """TLS 1.3, P-256"""
    context = ssl.create_default_context(cafile=f"{what.certificates}/ca.pem")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_ecdh_curve("prime256v1")
    return context


def connect(server, context, session=None):
    raw = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_hostname="localhost", session=session)


def exchange(peer):
    """The tickets come with the answer."""
    peer.sendall(b"x\n")
    answer = b""
    while len(answer) < 2:
        if not (more := peer.recv(2 - len(answer))):
            raise EOFError("the server has closed the connection")
        answer += more
    if answer != b"x\n":
        raise ValueError("the server has answered something else")


class Handshakes:
    serves = "echo"
    unit = "ms of processor each"
    scale = 1000

    def __init__(self, resumes):
        self.resumes = resumes
        self.servers = RESUMING if resumes else ALL

    def describe(self, size):
        return f"{N_HANDSHAKES} handshakes"

    def perform(self, server, context, n):
        session = None
        for _ in range(n):
            with connect(server, context, session) as peer:
                exchange(peer)
                if peer.session_reused != (session is not None):
                    raise ValueError("the session was not resumed")
                session = peer.session if self.resumes else None

    def run(self, server, what, is_check):
        context = new_context(what)
        n = 3 if is_check else N_HANDSHAKES
        self.perform(server, context, 2 if is_check else N_WARM)
        before = server.processor_time()
        self.perform(server, context, n)
        time.sleep(0.02)  # the server notices the end of the last connection
        return [(server.processor_time() - before) / n]


def first_message(context):
    """What a client sends first"""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def time_handshake(server, context):
    begin = time.monotonic()
    with connect(server, context) as peer:
        exchange(peer)
        return time.monotonic() - begin


class Stalled:
    serves = "echo"
    servers = ["qnet"]  # the others wait for a stalled client
    unit = "ms"
    scale = 1000

    def describe(self, size):
        return "a good client beside " + ", ".join(str(n) for n in STALLED) + " stalled ones"

    def stall(self, server, context, n):
        """The answer has to be there: the server has begun the handshake, and waits."""
        peers = []
        for _ in range(n):
            peer = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
            peer.sendall(first_message(context))
            peers.append(peer)
        for peer in peers:
            peer.recv(1)
        return peers

    def run(self, server, what, is_check):
        context = new_context(what)
        results = []
        for n in (0, 2) if is_check else STALLED:
            peers = self.stall(server, context, n)
            time_handshake(server, context)
            results.append(statistics.median(time_handshake(server, context)
                                             for _ in range(1 if is_check else N_GOOD)))
            for peer in peers:
                peer.close()
        return results


class Idle:
    serves = "echo"
    servers = ["qnet", "gio"]
    unit = "KiB each"
    scale = 1 / 1024

    def describe(self, size):
        return f"memory of {N_IDLE} connections that were used once"

    def run(self, server, what, is_check):
        context = new_context(what)
        n = 3 if is_check else N_IDLE
        with connect(server, context) as peer:
            exchange(peer)
        before = server.memory()
        peers = [connect(server, context) for _ in range(n)]
        for peer in peers:
            exchange(peer)
        return [(server.memory() - before) / n]


class HalfOpen(Idle):
    servers = ["qnet"]

    def describe(self, size):
        return f"memory of {N_IDLE} stalled clients"

    def run(self, server, what, is_check):
        context = new_context(what)
        n = 3 if is_check else N_IDLE
        time_handshake(server, context)
        before = server.memory()
        peers = Stalled().stall(server, context, n)
        return [(server.memory() - before) / len(peers)]


WORKLOADS = {"full": Handshakes(False), "resumed": Handshakes(True), "stalled": Stalled(),
             "half-open": HalfOpen(), "idle": Idle()}
