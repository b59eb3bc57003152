#!/usr/bin/python3
#
# graceful-server.py: answers lines; restarts and stops without losing a client
#
#     kill -HUP PID    starts the program again, passes the listening sockets to it, and ends
#     kill -TERM PID   fails the health checks, continues to serve for a while, and ends
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import argparse
import contextlib
import enum
import os
import signal
import socket
import sys

import gi

gi.require_version("Qnet", "1")
from gi.repository import Gio, GLib, Qnet

# The environment variable with the descriptor on which a new process receives the sockets.
TAKE_OVER = "GRACEFUL_SERVER_TAKE_OVER"

State = enum.Enum("State", ["SERVING", "RESTARTING", "DRAINING", "STOPPING"])


# The service manager: sd_notify(3) without its library

def notify_manager(state, fds=()):
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.connect("\0" + path[1:] if path.startswith("@") else path)
        socket.send_fds(manager, [state.encode()], fds)


def store(server, name):
    """A process that is started after a crash gets the socket from the manager, under its name."""
    if "NOTIFY_SOCKET" in os.environ:
        notify_manager(f"FDSTORE=1\nFDNAME={name}", [server.get_fd()])


# Serving

def ready_read(connection):
    while connection.can_read_line():
        line = connection.read_line().decode(errors="replace").rstrip("\n")
        connection.write(f"{os.getpid()}: {line}\n".encode())


def serve(server):
    connection = server.next_pending_connection()
    connection.connect("ready-read", ready_read)

    # The client ends the connection when it has its answer, so that no request is lost.
    connection.connect("stopping", lambda connection: connection.write(b"bye\n"))


def wrap(fd):
    device = Qnet.LocalSocket()
    device.set_fd(fd, Qnet.SocketState.CONNECTED, Qnet.OpenMode.READ_WRITE)
    return device


class Service:
    def __init__(self, arguments):
        self.arguments = arguments
        self.state = State.SERVING
        self.successor = self.handover = None  # the new process, and the connection to it
        self.loop = GLib.MainLoop()

        self.requests, self.health = Qnet.TcpServer(), Qnet.TcpServer()
        self.requests.connect("new-connection", serve)
        self.health.connect("new-connection", self.report_health)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGHUP, self.restart)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, self.terminate)

    def report_health(self, server):
        connection = server.next_pending_connection()
        is_well = self.state in (State.SERVING, State.RESTARTING)
        connection.write(b"ok\n" if is_well else b"draining\n")
        connection.disconnect_from_host()

    # Stopping

    def drain(self):
        """The load balancer sees the health check fail, and sends new clients elsewhere."""
        self.state = State.DRAINING
        notify_manager("STOPPING=1")
        print(f"Process {os.getpid()} serves for {self.arguments.notice} more seconds", flush=True)
        GLib.timeout_add(self.arguments.notice * 1000, self.notice_over)

    def notice_over(self):
        if self.state == State.DRAINING:
            self.stop()
        return GLib.SOURCE_REMOVE

    def stop(self):
        self.state = State.STOPPING
        self.requests.stop_async(self.arguments.grace * 1000, GLib.PRIORITY_DEFAULT, None,
                                 self.requests_stopped)

    def requests_stopped(self, requests, result):
        print(f"Process {os.getpid()} has stopped, and aborted {requests.stop_finish(result)}"
              " connections", flush=True)
        self.health.stop_async(1000, GLib.PRIORITY_DEFAULT, None, lambda *_: self.loop.quit())

    def terminate(self):
        """The first signal drains, the second one stops at once; a third one has its usual
        effect."""
        if self.state == State.RESTARTING:
            self.abandon_successor()

        if self.state == State.SERVING:
            self.drain()
            return GLib.SOURCE_CONTINUE

        if self.state == State.DRAINING:
            self.stop()

        return GLib.SOURCE_REMOVE

    # Restarting: the old process

    def restart(self):
        if self.state == State.SERVING:
            self.state = State.RESTARTING
            try:
                self.start_successor()
            except GLib.Error as error:
                print(error.message, file=sys.stderr)
                self.handover_ended()

        return GLib.SOURCE_CONTINUE

    def start_successor(self):
        ours, theirs = (end.detach() for end in socket.socketpair())
        self.handover = wrap(ours)
        self.handover.props.idle_timeout = 60000
        self.handover.connect("ready-read", self.successor_ready)
        self.handover.connect("disconnected", self.handover_ended)

        launcher = Gio.SubprocessLauncher()
        launcher.take_fd(theirs, 3)
        launcher.setenv(TAKE_OVER, "3", True)
        self.successor = launcher.spawnv(sys.orig_argv)
        launcher.close()

        # The descriptors are sent with the next byte.
        self.handover.send_fds(Gio.UnixFDList.new_from_array(
            [os.dup(server.get_fd()) for server in (self.requests, self.health)]))
        self.handover.write(b"sockets\n")

    def successor_ready(self, handover):
        """The new process accepts clients, and answers the health checks."""
        if self.state == State.RESTARTING and handover.can_read_line():
            notify_manager(f"MAINPID={self.successor.get_identifier()}")
            self.health.close()
            self.stop()

    def handover_ended(self, *_):
        """Before the new process was ready: it has failed, or takes too long."""
        if self.state == State.RESTARTING:
            self.abandon_successor()
            print(f"The new process has not started: process {os.getpid()} continues",
                  file=sys.stderr)

    def abandon_successor(self):
        self.state = State.SERVING
        if self.successor:
            self.successor.force_exit()
        self.successor = self.handover = None

    # Restarting: the new process

    def take_over(self, fd):
        """No client is accepted before the main loop runs, so the old process can still continue
        alone."""
        handover = wrap(fd)
        handover.props.fd_limit = 2
        while not handover.can_read_line():
            handover.wait_for_ready_read(-1)

        handover.read_line()
        requests, health = handover.receive_fds().steal_fds()
        self.requests.set_fd(requests)
        self.health.set_fd(health)

        handover.write(b"ready\n")
        handover.wait_for_bytes_written(-1)

    # Starting

    def start(self):
        if TAKE_OVER in os.environ:
            self.take_over(int(os.environ[TAKE_OVER]))
            return

        self.listen(self.requests, "requests", self.arguments.port)
        self.listen(self.health, "health", self.arguments.health_port)
        notify_manager("READY=1")

    def listen(self, server, name, port):
        """On the socket of the service manager, or on one of its own."""
        try:
            server.listen_activation_fds(name)
        except GLib.Error:
            server.listen(Qnet.HostAddress.new_special(Qnet.SpecialAddress.LOCAL_HOST), port)
        store(server, name)

    def run(self):
        self.start()
        print(f"Process {os.getpid()} is running on port {self.requests.get_server_port()}, with"
              f" health checks on port {self.health.get_server_port()}", flush=True)
        self.loop.run()


def port(text):
    number = int(text)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text}")
    return number


def seconds(text):
    number = int(text)
    if not 0 <= number <= 24 * 60 * 60:
        raise argparse.ArgumentTypeError(f"a time is from 0 to a day, in seconds, not {text}")
    return number


parser = argparse.ArgumentParser(description="Answers lines; restarts and stops without loss.")
parser.add_argument("--port", type=port, default=0, help="answer lines on PORT")
parser.add_argument("--health-port", type=port, default=0, help="answer health checks on PORT")
parser.add_argument("--notice", type=seconds, default=5, metavar="SECONDS",
                    help="serve for so long while the health checks fail")
parser.add_argument("--grace", type=seconds, default=30, metavar="SECONDS",
                    help="abort connections that have not ended after that")
service = Service(parser.parse_args())

try:
    with contextlib.suppress(KeyboardInterrupt):
        service.run()
except GLib.Error as error:
    sys.exit(error.message)
