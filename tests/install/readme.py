#!/usr/bin/python3
#
# readme.py: the programs in README.md work
#
# SPDX-FileCopyrightText: 2026 The qnet authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Usage: readme.py README.md

To be run within "meson devenv". Each fenced program is an echo server: it is built, started, and
has to echo.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

MESSAGE = b"Hello, qnet!\n" * 1000


def compile_c(folder, path):
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs",
         "qnet-1"], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout
    program = os.path.join(folder, "c-program")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", path, "-o",
                    program,
                    *shlex.split(flags)], check=True)
    return [program]


def compile_vala(folder, path):
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs",
         "qnet-1"], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout
    program = os.path.join(folder, "vala-program")
    options = [option for flag in shlex.split(flags) for option in ("-X", flag)]
    build = os.environ["MESON_BUILD_ROOT"]
    # valac wants the two side by side, as they are when installed
    shutil.copy(f"{build}/qnet/qnet-1.vapi", folder)
    shutil.copy(f"{build}/meson-private/qnet-1.deps", folder)
    subprocess.run(["valac", f"--vapidir={folder}", f"--girdir={build}/qnet", "--pkg=qnet-1", "-X",
                    "-w", *options,
                    path, "-o", program], check=True)
    return [program]


# language in README.md: ending, tool, how a file becomes a command
LANGUAGES = {
    "c": (".c", "cc", compile_c),
    "python": (".py", sys.executable, lambda folder, path: [sys.executable, "-B", path]),
    "js": (".js", "gjs", lambda folder, path: ["gjs", "-m", path]),
    "vala": (".vala", "valac", compile_vala),
}


def echoes(command, **how):
    server = subprocess.Popen(command, stdout=subprocess.PIPE, **how)
    try:
        line = server.stdout.readline().decode()
        port = int(line.removeprefix("port "))
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(MESSAGE)
            client.shutdown(socket.SHUT_WR)
            got = b""
            while len(got) < len(MESSAGE) and (more := client.recv(65536)):
                got += more
        return got == MESSAGE
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def main(readme):
    with open(readme, encoding="utf-8") as file:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    blocks = [(language, text) for language, text in blocks
              if language != "sh"]  # new-user.py runs these

    # a program that is not run is not tested
    unknown = [language for language, _ in blocks if language not in LANGUAGES]
    missing = [language for language in LANGUAGES if language not in dict(blocks)]
    failed = bool(unknown or missing)
    print(f"1..{len(blocks) + 1}")
    print(f"{'not ok' if failed else 'ok'} 1 languages {' '.join(unknown + missing)}".rstrip())

    with tempfile.TemporaryDirectory() as folder:
        for number, (language, text) in enumerate(blocks, 2):
            ending, tool, command = LANGUAGES[language]
            if shutil.which(tool) is None:
                print(f"ok {number} {language} # SKIP {tool} is not installed")
                continue

            path = os.path.join(folder, "echo" + ending)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            try:
                good = echoes(command(folder, path))
            except (subprocess.CalledProcessError, OSError, ValueError) as error:
                print(f"# {error}")
                good = False
            failed |= not good
            print(f"{'ok' if good else 'not ok'} {number} {language}", flush=True)

    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
