#!/usr/bin/python3
#
# run-programs.py: the programs in a chapter of the manual do what they say
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: run-programs.py CHAPTER.md

To be run within "meson devenv". A fenced block whose first line names a file is a program. By that
name it is

    *-server.*   prints "port N" and answers each line in upper case;
    *-relay.*    the same, by asking the server whose host and port are its arguments;
    *-client.*   sends "hello, world" to the server whose host and port are its arguments, and
                 prints each answer; if no server listens it fails, and prints why.

Each client is tried on each server and relay of its chapter, or on one made here. Any other block
is a piece of a program, and has to compile.
"""

import contextlib
import os
import re
import shlex
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading

BLOCK = re.compile(r"^```(c|python|js|vala)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(?:/\*|#|//) ([\w-]+-(server|relay|client)\.\w+): ")
PATIENCE = 60  # seconds
HERE = "127.0.0.1"


class Failure(Exception):
    pass


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8")
    if done.returncode != 0:
        raise Failure(done.stdout or f"{command[0]} failed")
    return done.stdout


def flags(*kinds):
    return shlex.split(run("pkg-config", *(kinds or ("--cflags", "--libs")), "qnet-1"))


# How the file of a program becomes a command, and how a piece of one is tried


def build_c(path):
    compiler = shlex.split(os.environ.get("CC", "cc"))
    run(*compiler, "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", path, "-o", path
        + ".program", *flags())
    return [path + ".program"]


def try_c(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write("#include <qnet/qnet.h>\n" + text)
    compiler = shlex.split(os.environ.get("CC", "cc"))
    run(*compiler, "-Wall", "-Wextra", "-Wno-unused", "-Wno-unused-parameter", "-Werror",
        "-fsyntax-only", path, *flags("--cflags"))


def try_python(path, text):
    compile(text, path, "exec")


def try_js(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write("async function piece() {\n" + re.sub("^import .*", "", text, flags=re.MULTILINE)
                   + "}\n")
    run("gjs", "-m", path)


def vala(path, *options):
    folder = os.path.dirname(path)
    build = os.environ["MESON_BUILD_ROOT"]
    # valac wants the two side by side, as they are when installed
    shutil.copy(f"{build}/qnet/qnet-1.vapi", folder)
    shutil.copy(f"{build}/meson-private/qnet-1.deps", folder)
    run("valac", f"--vapidir={folder}", f"--girdir={build}/qnet", "--pkg=qnet-1", "-d", folder,
        *options, path)


def build_vala(path):
    vala(path, "-X", "-w", *(option for flag in flags() for option in ("-X", flag)), "-o", path
         + ".program")
    return [path + ".program"]


def try_vala(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    vala(path, "-C")


LANGUAGES = {
    "c": ("cc", build_c, try_c),
    "python": (sys.executable, lambda path: [sys.executable, "-B", path], try_python),
    "js": ("gjs", lambda path: ["gjs", "-m", path], try_js),
    "vala": ("valac", build_vala, try_vala),
}


# Servers


class UpperHandler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


@contextlib.contextmanager
def own_server():
    with socketserver.ThreadingTCPServer((HERE, 0), UpperHandler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextlib.contextmanager
def started(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
        try:
            yield int(server.stdout.readline().removeprefix("port "))
        finally:
            server.kill()


@contextlib.contextmanager
def relayed(command):
    with own_server() as port, started([*command, HERE, str(port)]) as relay:
        yield relay


def closed_port():
    with socket.create_server((HERE, 0)) as server:
        return server.getsockname()[1]


# Clients


def ask(command, port):
    done = subprocess.run(
        [*command, HERE, str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        encoding="utf-8", timeout=PATIENCE
    )
    return done.returncode, done.stdout, done.stderr


def check_answer(command, port):
    code, said, complaint = ask(command, port)
    if code != 0 or set(said.splitlines()) != {"HELLO, WORLD"}:
        raise Failure(f"{code} {said!r} {complaint!r}")


def check_refusal(command):
    code, said, complaint = ask(command, closed_port())
    if code == 0 or said or "refused" not in complaint:
        raise Failure(f"{code} {said!r} {complaint!r}")


def check_half_close(port):
    with socket.create_connection((HERE, port), timeout=PATIENCE) as client:
        client.sendall(b"hello, world\n")
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answers:
            said = answers.read()
    if said != b"HELLO, WORLD\n":
        raise Failure(f"{said!r}")


# The tests, one line of TAP each


class Chapter:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.blocks = BLOCK.findall(file.read())
        self.programs = {"server": {}, "relay": {}, "client": {}}
        self.n = 0
        self.failed = False

    def report(self, name, check, *args):
        self.n += 1
        result = "ok"
        try:
            check(*args)
        except (Failure, OSError, ValueError, SyntaxError, subprocess.TimeoutExpired) as error:
            self.failed = True
            result = "not ok"
            print("\n".join("# " + line for line in str(error).splitlines()))
        print(f"{result} {self.n} {name}", flush=True)

    def skip(self, name, tool):
        self.n += 1
        print(f"ok {self.n} {name} # SKIP {tool} is not installed", flush=True)

    def build(self, folder, language, text):
        name, kind = NAME.match(text).groups()
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.programs[kind][name] = LANGUAGES[language][1](path)

    def build_all(self, folder):
        for number, (language, text) in enumerate(self.blocks, 1):
            tool, _, attempt = LANGUAGES[language]
            match = NAME.match(text)
            name = match[1] if match else f"piece-{number}.{language}"
            if shutil.which(tool) is None:
                self.skip(name, tool)
            elif match:
                self.report(f"{name}: builds", self.build, folder, language, text)
            else:
                self.report(f"{name}: compiles", attempt, os.path.join(folder, name), text)

    def servers(self):
        for name, command in self.programs["server"].items():
            yield name, started(command)
        for name, command in self.programs["relay"].items():
            yield name, relayed(command)
        if not self.programs["server"] and not self.programs["relay"]:
            yield "a server", own_server()

    def ask_all(self):
        for name, server in self.servers():
            with server as port:
                if name in self.programs["relay"]:
                    self.report(f"{name}: hands on that a client has ended its sending",
                                check_half_close, port)
                for client, command in self.programs["client"].items():
                    self.report(f"{client}: asks {name}", check_answer, command, port)
        for client, command in self.programs["client"].items():
            self.report(f"{client}: reports that no server listens", check_refusal, command)


def main(path):
    chapter = Chapter(path)
    with tempfile.TemporaryDirectory() as folder:
        chapter.build_all(folder)
        chapter.ask_all()
    print(f"1..{chapter.n}")
    return 1 if chapter.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
