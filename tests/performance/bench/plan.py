# plan.py: what is measured: workloads, peers, and what qnet has to reach
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import dataclasses

# The limit, libraries in C and C++, GIO twice, and qnet; in this order they take turns.
PEERS = {
    "epoll": "raw epoll",
    "libuv": "libuv",
    "libevent": "libevent",
    "gio-streams": "GIO: GSocketService and streams",
    "gio-sockets": "GIO: GSocket sources",
    "qt": "Qt 6",
    "qnet": "qnet",
    "qnet-callbacks": "qnet with callbacks",
}

# Callbacks take the place of the signals of a stream on the server's side; elsewhere qnet is there
# once.
SINGLE_PEERS = tuple(peer for peer in PEERS if peer != "qnet-callbacks")

LANGUAGES = {
    "gio-python": "GIO streams in Python",
    "qnet-python": "qnet in Python",
    "gio-gjs": "GIO streams in JavaScript",
    "qnet-gjs": "qnet in JavaScript",
}

TITLES = {**PEERS, **LANGUAGES}


@dataclasses.dataclass(frozen=True)
class Workload:
    """One thing that is measured. @command is what the programs call it."""

    name: str
    title: str
    command: str = "echo"
    active: int = 100
    idle: int = 0
    touched: bool = False  # each idle connection has made one request
    kind: str = "rate"  # rate, bulk, memory
    side: str = "server"  # which side is measured
    peers: tuple = tuple(PEERS)
    reference: str = "epoll"  # what the others are compared with
    counted: bool = False  # system calls, instructions and allocations are counted, too
    unit: str = "requests"

    @property
    def is_bulk(self):
        return self.kind == "bulk"


# Related ones are adjacent: each peer runs them one directly after the other.
IDLE = 8000
GROUPS = [
    [Workload("echo-1", "64-byte echo, 1 connection", active=1)],
    [Workload("echo-100", "64-byte echo, 100 connections", counted=True)],
    [Workload("echo-1000", "64-byte echo, 1 000 connections", active=1000)],
    [Workload("echo-8000", "64-byte echo, 8 000 connections", active=8000)],
    [
        Workload("idle-none", "64-byte echo, 10 connections and no others", active=10),
        Workload("idle-8000", "64-byte echo, 10 connections among 8 000 idle", "echo", 10, IDLE),
    ],
    [Workload("lines", "80-byte lines, 100 connections", "lines", counted=True)],
    [Workload("pieces", "ten small writes per request, 100 connections", "pieces", counted=True)],
    [
        Workload(
            "accept", "connections: connect, one echo, away", "accept", active=64,
            unit="connections"
        )
    ],
    [Workload("bulk-in", "bulk in, one connection", "bulk-in", active=1, kind="bulk", unit="MiB")],
    [Workload("bulk-out", "bulk out, one connection", "bulk-out", 1, kind="bulk", unit="MiB")],
    [
        Workload(
            "unix",
            "64-byte echo over Unix sockets, 100 connections",
            "unix",
            peers=SINGLE_PEERS,
            counted=True,
        )
    ],
    [Workload("udp", "64-byte UDP echo", "udp", 4, peers=SINGLE_PEERS, counted=True)],
    [
        Workload(
            "udp-batch",
            "64-byte UDP echo, in batches",
            "udp-batch",
            4,
            peers=SINGLE_PEERS,
            counted=True,
        )
    ],
    [
        Workload(
            "client",
            "64-byte echo, 100 connections, the client",
            side="client",
            peers=SINGLE_PEERS,
            counted=True,
        )
    ],
    [
        Workload("memory", "memory of an idle connection", active=1, idle=IDLE, kind="memory"),
        Workload(
            "memory-used",
            "memory of an idle connection that has echoed once",
            active=1,
            idle=IDLE,
            touched=True,
            kind="memory",
        ),
    ],
    [
        Workload(
            "python",
            "64-byte echo in Python, 100 connections",
            peers=("gio-python", "qnet-python"),
            reference="gio-python",
        )
    ],
    [
        Workload(
            "gjs",
            "64-byte echo in JavaScript, 100 connections",
            peers=("gio-gjs", "qnet-gjs"),
            reference="gio-gjs",
        )
    ],
]

WORKLOADS = {workload.name: workload for group in GROUPS for workload in group}


@dataclasses.dataclass(frozen=True)
class Target:
    """What qnet has to reach.

    @figure is "rate" or "cpu", as a ratio to @peer in the same round, or an amount of its own:
    "memory", "system-calls", "instructions", "allocations". @than: the workload of the other, if it
    is another.
    """

    text: str
    figure: str
    workload: str
    limit: float
    peer: str = ""
    than: str = ""
    who: str = "qnet"

    @property
    def is_ratio(self):
        return self.figure in ("rate", "cpu")

    @property
    def at_most(self):
        return self.figure != "rate"


BUSY = ["echo-100", "echo-1000", "echo-8000"]
ECHOES = ["echo-1", *BUSY]

# The columns: words, figure, workload, limit, in relation to
TARGETS = [
    *(Target("echoes per second, to raw epoll", "rate", name, 0.95, "epoll") for name in BUSY),
    *(Target("CPU time per echo, to raw epoll", "cpu", name, 1.15, "epoll") for name in BUSY),
    *(
        Target(f"{words} with callbacks, to raw epoll", figure, name, limit, "epoll",
               who="qnet-callbacks")
        for words, figure, limit in (("echoes per second", "rate", 0.95),
                                     ("CPU time per echo", "cpu", 1.15))
        for name in BUSY
    ),
    *(Target("echoes per second, to libuv", "rate", name, 1.0, "libuv") for name in ECHOES),
    *(Target("echoes per second, to libevent", "rate", name, 1.0, "libevent") for name in ECHOES),
    Target("10 among idle ones, to the same without", "rate", "idle-8000", 0.95, "qnet",
           "idle-none"),
    Target("10 among idle ones, to GIO's streams", "rate", "idle-8000", 200, "gio-streams"),
    Target("10 among idle ones, to GIO's socket sources", "rate", "idle-8000", 50, "gio-sockets"),
    Target("10 among idle ones, to Qt", "rate", "idle-8000", 40, "qt"),
    Target("bulk in, to raw epoll", "rate", "bulk-in", 0.95, "epoll"),
    Target("bulk out, to raw epoll", "rate", "bulk-out", 0.95, "epoll"),
    Target("connections per second, to raw epoll", "rate", "accept", 0.85, "epoll"),
    Target("connections per second, to Qt", "rate", "accept", 1.2, "qt"),
    Target("connections per second, to GIO's streams", "rate", "accept", 2.0, "gio-streams"),
    Target("KiB of user memory per idle connection", "memory", "memory", 1.5),
    Target("UDP echoes per second, to raw recvfrom and sendto", "rate", "udp", 0.97, "epoll"),
    Target("UDP echoes per second, to libuv", "rate", "udp", 1.0, "libuv"),
    Target("UDP echoes per second, to GIO's sources", "rate", "udp", 1.2, "gio-sockets"),
    Target("UDP echoes per second, to Qt", "rate", "udp", 1.25, "qt"),
    Target("Unix-socket echoes per second, to raw epoll", "rate", "unix", 0.85, "epoll"),
    Target("client side, to raw epoll", "rate", "client", 1.0, "epoll"),
    Target("system calls per echo", "system-calls", "echo-100", 2.1),
    Target("user instructions per echo", "instructions", "echo-100", 1200),
    Target("the same with callbacks", "instructions", "echo-100", 1200, who="qnet-callbacks"),
    Target("allocations per echo", "allocations", "echo-100", 0),
    Target("Python, to GIO's streams", "rate", "python", 2.0, "gio-python", who="qnet-python"),
]
